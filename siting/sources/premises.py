"""What tables say of premises besides place and kind: surroundings, tags, age, housing's share, commitments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.errors import Problem
from siting.model.sites import CONTEXTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from siting.model.arrays import DayArray, FloatArray, IntArray
    from siting.model.catalogue import Catalogue
    from siting.sources.desk import Desk
    from siting.sources.manifest import Intake
    from siting.sources.options import CandidatesFile, FacilitiesFile

BY_BUILT = "by_built"
"""Written for a context: told by the day that a policy pack gives."""

_DAY = re.compile(r"^(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?|年)?$")
_MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0+)?)?$")


@dataclass(frozen=True, slots=True, eq=False)
class Age:
    """When the buildings of a table were finished, as exactly as it says.

    Attributes
    ----------
    first, last : datetime64[D][row]
        The earliest and the latest day it can have been; NaT where nothing is said.
    """

    first: DayArray
    last: DayArray


def words_of(cell: str) -> list[str]:
    """Split a cell that holds several words at its semicolons."""
    return [one.strip() for one in cell.replace("；", ";").split(";") if one.strip()]


def age_of(desk: Desk, options: FacilitiesFile | CandidatesFile) -> Age:
    """Read the building dates: ``2017-09-19``, ``2017-09`` or ``2017``, also ``2017年9月19日``."""
    cells = desk.column("built", options.built, "built") or [""] * len(desk.table)
    first, last = np.full((2, len(cells)), "NaT", dtype="datetime64[D]")
    for index, text in enumerate(cells):
        match = _DAY.match(_MIDNIGHT.sub("", text))
        try:
            if text:
                first[index], last[index] = _span(*(match.groups() if match else (text, None, None)))
        except ValueError:
            what = f"built {text!r} is no date"
            desk.problems.append(Problem(desk.table.where[index], what, "write 2017-09-19, 2017-09 or 2017"))
    return Age(first, last)


def _span(year: str, month: str | None, day: str | None) -> tuple[np.datetime64, np.datetime64]:
    """Return the first and the last day of a year, a month or a day."""
    if day is not None:
        exact = np.datetime64(f"{year}-{int(month or 0):02d}-{int(day):02d}", "D")
        return exact, exact
    whole = np.datetime64(year, "Y") if month is None else np.datetime64(f"{year}-{int(month):02d}", "M")
    return whole.astype("datetime64[D]"), (whole + 1).astype("datetime64[D]") - np.timedelta64(1, "D")


def tags_of(desk: Desk, options: FacilitiesFile | CandidatesFile) -> tuple[tuple[str, ...], ...]:
    """Read the tags of every row: a column of words separated by semicolons, or the same ones for all."""
    if isinstance(options.tags, tuple):
        return (tuple(sorted(set(options.tags))),) * len(desk.table)
    cells = desk.column("tags", options.tags, "tags") or [""] * len(desk.table)
    return tuple(tuple(sorted(set(words_of(cell)))) for cell in cells)


def context_of(desk: Desk, options: FacilitiesFile | CandidatesFile, age: Age, catalogue: Catalogue) -> tuple[str, ...]:
    """Return every row's surroundings: a column (empty cells allowed), one for all, or told by the building date."""
    said = options.context or ("context" if "context" in desk.table.columns else "")
    if said == BY_BUILT:
        return _by_built(desk, age, catalogue)
    if not said:
        return ("",) * len(desk.table)
    if said not in desk.table.columns:
        return tuple(desk.choice("context", said, (*CONTEXTS, BY_BUILT)))
    cells = desk.table.column(said)
    for value, where in zip(cells, desk.table.where, strict=True):
        if value and value not in CONTEXTS:
            what = f"context {value!r} (column {said!r}) is unknown"
            desk.problems.append(Problem(where, what, f"write one of {', '.join(CONTEXTS)}, or leave it empty"))
    return tuple(value if value in CONTEXTS else "" for value in cells)


def _by_built(desk: Desk, age: Age, catalogue: Catalogue) -> tuple[str, ...]:
    """Tell old residential areas from those that hand premises over; a date that does not decide is a problem."""
    since = catalogue.premises.by_built
    if since is None:
        what = "`context: by_built` needs a day, and no policy pack of the study gives one"
        mend = "use a pack with `premises: {by_built: …}`, or write the context of each row"
        desk.problems.append(Problem(desk.table.head, what, mend))
        return ("",) * len(desk.table)
    day = np.datetime64(since.day, "D")
    for index in np.flatnonzero(~((age.first >= day) | (age.last < day))).tolist():
        vague = "empty" if np.isnat(age.first[index]) else "too coarse"
        what = f"the building date is {vague} to tell whether it is before {since.day} ({since.clause})"
        desk.problems.append(Problem(desk.table.where[index], what, "write the day, e.g. 2017-09-19"))
    return tuple("new_residential" if new else "old_built_up" for new in age.first >= day)


def tenure_of(desk: Desk, options: CandidatesFile, context: Sequence[str], catalogue: Catalogue) -> list[str]:
    """Return how each row's premises are had: a column, one tenure for all, or one for each context."""
    if isinstance(options.tenure, str):
        return desk.choice("tenure", options.tenure, catalogue.tenures)
    known, tenures = ", ".join(catalogue.tenures), {str(key): value for key, value in options.tenure.items()}
    for value in tenures.values():
        if value not in catalogue.tenures:
            what = f"the catalogue has no tenure {value!r}"
            desk.problems.append(Problem(desk.table.head, what, f"write `candidates.tenure` with one of {known}"))
    for value, where in zip(context, desk.table.where, strict=True):
        if value not in tenures:
            what = f"no tenure is given for the context {value!r}"
            desk.problems.append(Problem(where, what, "mend the row's context, or add it to `candidates.tenure`"))
    return [tenures.get(value, "") for value in context]


def floor_of(
    desk: Desk, options: CandidatesFile, context: Sequence[str], catalogue: Catalogue, intake: Intake
) -> FloatArray:
    """Return the floor area of every row's premises, m²: as stated, else what a housing project must hand over.

    Only areas that hand premises over follow from their project's floor; rows of another context stay unknown. Premises
    that are stated smaller than what is due are kept as stated, with a warning.
    """
    stated = desk.numbers("floor area", desk.column("floor_area_m2", options.floor_area_m2, "floor_area_m2"))
    column = desk.column("project_area_m2", options.project_area_m2, "project_area_m2")
    if column is None:
        return stated
    rule = catalogue.premises.handover
    if rule is None:
        what = "the floor that housing projects hand over follows from no policy pack of the study"
        mend = "use a pack with `premises: {handover: …}`, or write `floor_area_m2`"
        desk.problems.append(Problem(desk.table.head, what, mend))
        return stated
    due = rule.floor_area_m2(desk.numbers("project floor area", column))
    due[[value not in ("", "new_residential") for value in context]] = np.nan
    short = np.flatnonzero(stated < due)
    if len(short):
        rows = _some(desk.table.where[index] for index in short)
        intake.warn(
            desk.table.file,
            f"{len(short)}处配建用房小于{rule.clause}应移交的面积({rows}),按填报面积使用。",
            f"{len(short)} premises are smaller than {rule.clause} has them handed over ({rows}); used as stated.",
        )
    return np.where(np.isnan(stated), due, stated)


def _some(places: Iterable[str], shown: int = 5) -> str:
    """Name some places, and hint at the others."""
    named = list(places)
    return ", ".join(named[:shown]) + (" …" if len(named) > shown else "")


def commitments(
    desk: Desk, options: CandidatesFile, kinds: Sequence[tuple[str, ...]], floor_m2: FloatArray, catalogue: Catalogue
) -> dict[str, IntArray]:
    """Read the years from which committed projects are open, and their beds; what cannot be built is a problem."""
    column = desk.column("opens", options.opens, "opens")
    opens, beds = np.zeros((2, len(desk.table)), dtype=np.int64)
    if column is None:
        return {"opens": opens, "beds_planned": beds}
    opens[:] = np.nan_to_num(desk.numbers("opening year", [_year(cell) for cell in column], whole=True))
    told = desk.column("beds", options.beds, "beds")
    beds[:] = np.nan_to_num(desk.numbers("beds", told, whole=True))
    for index in np.flatnonzero(opens).tolist():
        if not 1950 <= opens[index] <= 2200:  # noqa: PLR2004 - the years that a study may name
            what, mend = f"the opening year is {opens[index]}", "write a year, e.g. 2024"
        else:
            what, mend = _unbuildable(kinds[index], int(beds[index]), float(floor_m2[index]), catalogue)
        if what:
            desk.problems.append(Problem(desk.table.where[index], what, mend))
    for index in np.flatnonzero((beds > 0) & (opens == 0)).tolist():
        what = f"{beds[index]} beds, but no year in which it opens"
        desk.problems.append(Problem(desk.table.where[index], what, "write `opens`, or leave the beds empty"))
    return {"opens": opens, "beds_planned": beds}


def _year(cell: str) -> str:
    """Return the year of a date, else the cell."""
    match = _DAY.match(_MIDNIGHT.sub("", cell))
    return match[1] if match else cell


def _unbuildable(kinds: tuple[str, ...], beds: int, floor_m2: float, catalogue: Catalogue) -> tuple[str, str]:
    """Say what keeps a committed project from being one option; empty when nothing does."""
    if len(kinds) != 1:
        return f"a committed project of {len(kinds)} kinds", "write the one kind that it opens as"
    kind: Any = catalogue.kinds.get(kinds[0])
    if kind is None or kind.sizes(floor_m2, beds):
        return "", ""
    sizes = "; ".join(f"{m.id}: {m.beds_min}–{m.beds_max} beds, {m.floor_area_m2:g} m²" for m in kind.modules)
    what = f"no size of {kinds[0]!r} holds {beds} beds on {floor_m2:g} m²".replace("nan", "unstated")
    return what, f"mend beds or floor area, or the catalogue ({sizes})"
