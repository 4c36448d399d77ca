"""From scenarios, sweeps and uncertainties of a study to named changes of it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from siting.config.files import Strict
from siting.config.what_if import Distribution, Draw, Factor, Odds, share_of

if TYPE_CHECKING:
    from collections.abc import Mapping

BASE = "base"
"""Name of the study as it stands."""
DRAWS = "draw"
"""Name of all draws together, and what each one's name begins with."""
_MOST = 10_000
"""Scenarios of one sweep; more are a slip."""

Name = Annotated[str, Field(pattern=r"^[\w.+-]+$", max_length=60)]
Patch = dict[str, Any]
"""Dotted keys and their values."""
Sweeps = dict[Name, dict[str, Annotated[tuple[Any, ...], Field(min_length=1)]]]


class Uncertainty(Strict):
    """What is not known for sure, and how many times it is drawn."""

    draws: int = Field(ge=1, le=_MOST, description="How many scenarios are drawn.")
    seed: int = Field(0, ge=0, description="Another seed draws others.")
    values: dict[str, Distribution] = Field(
        default_factory=dict,
        description="Keys of the study, dotted: {walk.speed_m_per_s: {triangular: [0.7, 0.9, 1]}}.",
    )
    persons: Factor | None = Field(
        None, description="What the persons of a district are multiplied by; drawn for each district by itself."
    )
    costs: Factor | None = Field(
        None, description="What the prices of a kind are multiplied by; drawn for each kind by itself."
    )
    fails: Odds = Field(
        default_factory=dict,
        description="How likely a candidate falls through, by tenure (`*`: the others); drawn for each by itself.",
    )


def patches(data: Mapping[str, Any]) -> dict[str, Patch]:
    """Return every scenario of a study by name: the study as it stands, those named, sweeps, draws, in this order.

    Parameters
    ----------
    data : Mapping
        The study as written. What is not valid in it is left out here; the study's own validation tells it.
    """
    told: dict[str, Patch] = {BASE: {}}
    named = data.get("scenarios")
    if isinstance(named, dict):
        told |= {str(name): patch for name, patch in named.items() if isinstance(patch, dict)}
    for name, lists in (_valid(Sweeps, data.get("sweeps")) or {}).items():
        told |= _grid(name, lists)
    uncertain = _valid(Uncertainty, data.get("uncertainty"))
    if uncertain is not None:
        told |= _draws(uncertain)
    return told


def groups(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the scenarios of every sweep, and of all draws, by the group's name."""
    found = {name: list(_grid(name, lists)) for name, lists in (_valid(Sweeps, data.get("sweeps")) or {}).items()}
    uncertain = _valid(Uncertainty, data.get("uncertainty"))
    return found if uncertain is None else found | {DRAWS: list(_draws(uncertain))}


def _valid(kind: Any, value: object) -> Any:  # noqa: ANN401 - a type, and a value of it
    """Return a value of a type; None where there is none."""
    try:
        return None if value is None else TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return None


def _grid(name: str, lists: Mapping[str, tuple[Any, ...]]) -> dict[str, Patch]:
    """Return every combination of some keys' values; names carry the values, or numbers where they are no words."""
    found = {}
    for numbers in itertools.islice(itertools.product(*(range(len(values)) for values in lists.values())), _MOST):
        patch = {key: values[number] for (key, values), number in zip(lists.items(), numbers, strict=True)}
        parts = [_shown(value, number) for value, number in zip(patch.values(), numbers, strict=True)]
        found["-".join([name, *parts])] = patch
    return found


def _shown(value: object, number: int) -> str:
    """Return a value as a part of a name."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}"
    if isinstance(value, str) and value.replace("_", "").isalnum():
        return value
    return f"n{number + 1}"


def _draws(uncertain: Uncertainty) -> dict[str, Patch]:
    """Return all draws; the same seed draws the same, and more draws begin with the fewer."""
    digits = len(str(uncertain.draws))
    found: dict[str, Patch] = {}
    for number in range(1, uncertain.draws + 1):
        seed = f"{uncertain.seed}/{number}"
        patch: Patch = {key: spread.at(share_of(seed, key)) for key, spread in uncertain.values.items()}
        if uncertain.persons or uncertain.costs or uncertain.fails:
            drawn = Draw(seed=seed, persons=uncertain.persons, costs=uncertain.costs, fails=uncertain.fails)
            patch["what_if.draw"] = drawn.model_dump(exclude_none=True, exclude_defaults=True) | {"seed": seed}
        found[f"{DRAWS}-{number:0{max(digits, 2)}d}"] = patch
    return found
