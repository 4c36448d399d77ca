"""What tables of candidates say of premises: surroundings, tenure, what housing hands over, commitments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from siting.errors import Problem
from siting.model.attributes import Period

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siting.model.arrays import FloatArray, IntArray
    from siting.model.attributes import Value
    from siting.model.catalogue import Catalogue
    from siting.sources.desk import Desk
    from siting.sources.manifest import Intake
    from siting.sources.options import CandidatesFile

    Facts = Mapping[str, tuple[Value, ...]]

_SHOWN = 5
_YEARS = range(1950, 2201)
"""The years that a study may name."""


def with_surroundings(
    desk: Desk, options: CandidatesFile, facts: Facts, catalogue: Catalogue
) -> dict[str, tuple[Value, ...]]:
    """Return a table's facts with the context and the tags that the study gives to all of its rows."""
    told = dict(facts)
    if options.context == "by_built":
        told["context"] = _by_built(desk, facts, catalogue)
    elif options.context is not None:
        told["context"] = (options.context,) * len(desk.table)
    if options.tags:
        own = facts.get("tags", (None,) * len(desk.table))
        told["tags"] = tuple(tuple(dict.fromkeys((*_words(row), *options.tags))) for row in own)
    return told


def _words(value: Value) -> tuple[str, ...]:
    """Return a list of words, empty where none is stated."""
    return value if isinstance(value, tuple) else ()


def _by_built(desk: Desk, facts: Facts, catalogue: Catalogue) -> tuple[Value, ...]:
    """Tell old residential areas from those that hand premises over; a date that does not decide is a problem."""
    since = catalogue.premises.by_built
    nobody: tuple[Value, ...] = (None,) * len(desk.table)
    if since is None:
        what = "`context: by_built` needs a day, and no policy pack of the study gives one"
        mend = "use a pack with `premises: {by_built: …}`, or write the context of each row"
        desk.problems.append(Problem(desk.table.head, what, mend))
        return nobody
    contexts: list[Value] = []
    for built, where in zip(facts.get("built", nobody), desk.table.where, strict=True):
        decided = isinstance(built, Period) and (built.first >= since.day or built.last < since.day)
        if not decided:
            vague = "too coarse" if isinstance(built, Period) else "missing"
            what = f"the building date is {vague} to tell whether it is before {since.day} ({since.clause})"
            desk.problems.append(Problem(where, what, "write the day, e.g. 2017-09-19"))
        later = isinstance(built, Period) and built.first >= since.day
        contexts.append("new_residential" if later else "old_built_up")
    return tuple(contexts)


def columns_of(facts: Facts, count: int) -> dict[str, Any]:
    """Return the columns of `Sites` that hold facts: context and tags have their own."""
    return {
        "context": tuple(str(value or "") for value in facts.get("context", (None,) * count)),
        "tags": tuple(_words(value) for value in facts.get("tags", (None,) * count)),
        "attributes": {name: values for name, values in facts.items() if name not in {"context", "tags"}},
    }


def tenure_by_context(desk: Desk, options: CandidatesFile, facts: Facts, catalogue: Catalogue) -> list[str]:
    """Return how each row's premises are had where the study gives one tenure for each context, else nothing."""
    if isinstance(options.tenure, str):
        return []
    tenures = {str(context): tenure for context, tenure in options.tenure.items()}
    known = ", ".join(catalogue.tenures)
    for value in tenures.values():
        if value not in catalogue.tenures:
            what = f"the catalogue has no tenure {value!r}"
            desk.problems.append(Problem(desk.table.head, what, f"write `candidates.tenure` with one of {known}"))
    contexts = [str(value or "") for value in facts.get("context", ("",) * len(desk.table))]
    for value, where in zip(contexts, desk.table.where, strict=True):
        if value not in tenures:
            what = f"no tenure is given for the context {value!r}"
            desk.problems.append(Problem(where, what, "mend the row's context, or add it to `candidates.tenure`"))
    return [tenures.get(value, "") for value in contexts]


def floor_of(desk: Desk, options: CandidatesFile, facts: Facts, catalogue: Catalogue, intake: Intake) -> FloatArray:
    """Return the floor area of every row's premises, m²: as stated, else what may be built or must be handed over.

    On a plot with a plot ratio it is the plot's area × the ratio. Of housing projects only areas that hand premises
    over follow from their project's floor (the fact `project_floor_area_m2`): rows of another context stay unknown.
    Premises stated smaller than what is due are kept as stated, with a warning.
    """
    stated = desk.numbers("floor area", desk.column("floor_area_m2", options.floor_area_m2), unit="area")
    built = _numbers(facts, "plot_area_m2", stated) * _numbers(facts, "plot_ratio", stated)
    stated = np.where(np.isnan(stated), built, stated)
    if "project_floor_area_m2" not in facts:
        return stated
    rule = catalogue.premises.handover
    if rule is None:
        zh = "未引用规定住宅项目移交比例的政策,项目建筑面积未据以推算用房面积。"
        en = (
            "no policy of the study says what share housing hands over: no floor follows from the projects' floor area."
        )
        mend = (
            "引用规定移交比例的政策，或填写用房面积",
            "use a pack that says so, or write the floor area",
        )
        intake.warn(desk.table.file, zh, en, mend)
        return stated
    nobody = (None,) * len(desk.table)
    new = np.array([value in (None, "new_residential") for value in facts.get("context", nobody)])
    due = np.where(new, rule.floor_area_m2(_numbers(facts, "project_floor_area_m2", stated)), np.nan)
    short = np.flatnonzero(stated < due)
    if len(short):
        rows = ", ".join(desk.table.where[index] for index in short[:_SHOWN]) + (" …" if len(short) > _SHOWN else "")
        intake.warn(
            desk.table.file,
            f"{len(short)}处配建用房小于{rule.clause}应移交的面积({rows}),按填报面积使用。",
            f"{len(short)} premises are smaller than {rule.clause} has them handed over ({rows}); used as stated.",
            ("核对用房与项目面积", "check both floor areas"),
        )
    return np.where(np.isnan(stated), due, stated)


def _numbers(facts: Facts, name: str, like: FloatArray) -> FloatArray:
    """Return a fact as numbers, NaN where it is not stated."""
    values: Any = [np.nan if value is None else value for value in facts.get(name, (None,) * len(like))]
    return np.array(values, dtype=np.float64)


def commitments(
    desk: Desk, options: CandidatesFile, kinds: Sequence[tuple[str, ...]], floor_m2: FloatArray, catalogue: Catalogue
) -> tuple[IntArray, IntArray]:
    """Return the years from which committed projects are open, and their beds; what cannot be built is a problem.

    Beds of rows that are not committed are not read: a table of premises may say how many there once were.
    """
    column = desk.column("opens", options.opens)
    opens, beds = np.zeros((2, len(desk.table)), dtype=np.int64)
    if column is None:
        return opens, beds
    opens[:] = np.nan_to_num(desk.numbers("opening year", [cell.removesuffix("年") for cell in column], whole=True))
    told = desk.numbers("beds", desk.column("beds", options.beds), whole=True, unit="beds")
    beds[:] = np.where(opens > 0, np.nan_to_num(told), 0)
    for index in np.flatnonzero(opens).tolist():
        if opens[index] in _YEARS:
            what, mend = _unbuildable(kinds[index], int(beds[index]), float(floor_m2[index]), catalogue)
        else:
            what, mend = f"the opening year is {opens[index]}", "write a year, e.g. 2024"
        if what:
            desk.problems.append(Problem(desk.table.where[index], what, mend))
    return opens, beds


def _unbuildable(kinds: tuple[str, ...], beds: int, floor_m2: float, catalogue: Catalogue) -> tuple[str, str]:
    """Say what keeps a committed project from being opened; empty when nothing does."""
    if len(kinds) != 1:
        return f"a committed project of {len(kinds)} kinds", "write the one kind that it opens as"
    kind = catalogue.kinds.get(kinds[0])
    if kind is None or kind.sizes(floor_m2, beds):
        return "", ""
    sizes = "; ".join(f"{m.id}: {m.beds_min}–{m.beds_max} beds, {m.floor_area_m2:g} m²" for m in kind.modules)
    floor = "premises of unstated size" if np.isnan(floor_m2) else f"{floor_m2:g} m²"
    return (
        f"no size of {kinds[0]!r} holds {beds} beds on {floor}",
        f"mend beds or floor area, or the catalogue ({sizes})",
    )
