"""What a study supposes to be otherwise: more or fewer persons, dearer kinds, premises that fall through.

A draw names distributions and a seed, not numbers: each district, kind and candidate has a stream of its own, made of
the seed and its id, so that the number drawn for it depends neither on the others nor on their order.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Self

import numpy as np
from pydantic import BeforeValidator, Field, model_validator
from scipy.special import ndtr, ndtri

from siting.config.files import Strict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siting.model.arrays import BoolArray, FloatArray
    from siting.model.catalogue import Catalogue, Kind

EVERY = "*"
"""Stands for all that are not named."""
_SPREADS = 3.0
"""Normal distributions are cut off at so many standard deviations."""

Share = Annotated[float, Field(ge=0, le=1)]
Times = Annotated[float, Field(gt=0, le=100)]


def _by_name(value: object) -> object:
    """Read one number as that of all, and ids that look like numbers as text."""
    if isinstance(value, dict):
        return {str(key): item for key, item in value.items()}
    return value if value is None else {EVERY: value}


Factors = Annotated[dict[str, Times], BeforeValidator(_by_name, json_schema_input_type=float | dict[str, float])]
Odds = Annotated[dict[str, Share], BeforeValidator(_by_name, json_schema_input_type=float | dict[str, float])]


class Distribution(Strict):
    """How an uncertain number is distributed: exactly one of these."""

    uniform: tuple[float, float] | None = Field(None, description="[least, most]")
    triangular: tuple[float, float, float] | None = Field(None, description="[least, most likely, most]")
    normal: tuple[float, float] | None = Field(
        None, description="[mean, standard deviation], cut off at three of the latter"
    )
    choice: tuple[Any, ...] | None = Field(None, min_length=1, description="values, each as likely as the others")

    @model_validator(mode="after")
    def _one_that_makes_sense(self) -> Self:
        told = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(told) != 1:
            message = f"give exactly one of uniform, triangular, normal and choice, not {', '.join(told) or 'none'}"
            raise ValueError(message)
        limits = self.uniform or self.triangular or ()
        if list(limits) != sorted(limits) or (self.normal is not None and self.normal[1] < 0):
            message = f"{told[0]}: {list(getattr(self, told[0]))} is out of order; write the least first"
            raise ValueError(message)
        return self

    def at(self, share: float) -> Any:  # noqa: ANN401 - a choice may hold anything
        """Return the value below which the distribution has a share: the inverse of its distribution function.

        Parameters
        ----------
        share : float
            0 ≤ share < 1.
        """
        if self.choice is not None:
            return self.choice[int(share * len(self.choice))]
        if self.uniform is not None:
            least, most = self.uniform
            return least + share * (most - least)
        if self.triangular is not None:
            return _triangular(share, *self.triangular)
        mean, spread = self.normal or (0.0, 0.0)
        low, high = ndtr(-_SPREADS), ndtr(_SPREADS)
        return float(mean + spread * ndtri(low + share * (high - low)))

    @property
    def least(self) -> float:
        """The least number that can be drawn."""
        if self.normal is not None:
            return self.normal[0] - _SPREADS * self.normal[1]
        return float(min(self.uniform or self.triangular or self.choice or (0.0,)))


class Factor(Distribution):
    """How something that numbers are multiplied by is distributed."""

    @model_validator(mode="after")
    def _above_nought(self) -> Self:
        if self.choice is not None and not all(isinstance(value, int | float) for value in self.choice):
            message = f"choice: {list(self.choice)} are no numbers"
            raise ValueError(message)
        if not self.least > 0:
            message = f"it could be {self.least:g}, and persons or prices are multiplied by it; keep it above 0"
            raise ValueError(message)
        return self


class Draw(Strict):
    """What is drawn, and by which seed."""

    seed: str
    persons: Factor | None = None
    costs: Factor | None = None
    fails: Odds = Field(default_factory=dict)


class WhatIf(Strict):
    """What is supposed to be otherwise than the inputs say; printed with every run."""

    persons: Factors = Field(
        default_factory=dict, description="Older persons × so much, by district id; `*` for those not named."
    )
    costs: Factors = Field(
        default_factory=dict, description="Prices × so much, by kind of facility; `*` for those not named."
    )
    unavailable: tuple[str, ...] = Field((), description="Ids of candidates that cannot be had after all.")
    draw: Draw | None = Field(None, description="Written by `uncertainty`: what is drawn, and by which seed.")

    def persons_by(self, districts: Sequence[str]) -> FloatArray | None:
        """Return what the persons of every district are multiplied by: float64[district]; None where it is 1."""
        drawn = None if self.draw is None else self.draw.persons
        return _factors(self.persons, drawn, self._seed("persons"), districts)

    def lost(self, candidates: Sequence[str], tenures: Sequence[str]) -> BoolArray:
        """Return which candidates cannot be had, by their ids and how they are held: bool[candidate]."""
        named = set(self.unavailable)
        gone = np.array([one in named for one in candidates], dtype=np.bool_)
        if self.draw is None or not self.draw.fails:
            return gone
        odds, seed = self.draw.fails, self._seed("fails")
        chance = [odds.get(tenure, odds.get(EVERY, 0.0)) for tenure in tenures]
        return gone | np.array([share_of(seed, one) < p for one, p in zip(candidates, chance, strict=True)], np.bool_)

    def priced(self, catalogue: Catalogue) -> Catalogue:
        """Return the catalogue at other prices."""
        drawn = None if self.draw is None else self.draw.costs
        factors = _factors(self.costs, drawn, self._seed("costs"), list(catalogue.kinds))
        if factors is None:
            return catalogue
        pairs = zip(catalogue.kinds.items(), factors.tolist(), strict=True)
        return replace(catalogue, kinds={name: _dearer(kind, times) for (name, kind), times in pairs})

    def _seed(self, what: str) -> str:
        return f"{what}:{self.draw.seed}" if self.draw is not None else what


def _dearer(kind: Kind, times: float) -> Kind:
    """Return a kind at other prices: fitting out, beds, extensions, conversions and closing; premises stay."""
    return replace(
        kind,
        modules=tuple(replace(module, fit_out_cost=module.fit_out_cost * times) for module in kind.modules),
        bed_cost={name: cost * times for name, cost in kind.bed_cost.items()},
        expand_fixed_cost=kind.expand_fixed_cost * times,
        convert_bed_cost={name: cost * times for name, cost in kind.convert_bed_cost.items()},
        close_cost=None if kind.close_cost is None else kind.close_cost * times,
        convert_to=tuple(replace(to, cost=to.cost * times) for to in kind.convert_to),
    )


def _factors(told: Mapping[str, float], drawn: Factor | None, seed: str, names: Sequence[str]) -> FloatArray | None:
    """Return the factor of every name, drawn ones times told ones; None where all are 1."""
    if not told and drawn is None:
        return None
    found = np.array([told.get(name, told.get(EVERY, 1.0)) for name in names], dtype=np.float64)
    if drawn is not None:
        found *= [float(drawn.at(share_of(seed, name))) for name in names]
    return found


def share_of(seed: str, name: str) -> float:
    """Return a number from 0 up to 1 that a seed gives a name, the same on every machine."""
    told = hashlib.sha256(f"{seed}\0{name}".encode()).digest()
    return int.from_bytes(told[:7], "big") / 2**56


def _triangular(share: float, least: float, mode: float, most: float) -> float:
    """Invert the triangular distribution function."""
    if most == least:
        return least
    turn = (mode - least) / (most - least)
    if share < turn:
        return float(least + np.sqrt(share * (most - least) * (mode - least)))
    return float(most - np.sqrt((1 - share) * (most - least) * (most - mode)))
