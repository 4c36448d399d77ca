"""From the lines of a hand-drawn plan to a state of the problem's options."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siting.errors import DataError, Problem
from siting.model.drawn import Change
from siting.model.places import OUTSIDE
from siting.model.problem import State
from siting.model.sites import BED_CLASSES, Action, Sites

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.model.catalogue import Catalogue
    from siting.model.drawn import DrawnLine
    from siting.model.problem import Problem as Planning
    from siting.model.raw import Raw
    from siting.model.sites import Options

SAME_PLACE_M = 50.0
"""A place this near to a facility or candidate is that site, where it can become what the line says."""
_CLASSES = len(BED_CLASSES)
_MOST_NAMED = 12


def with_places(raw: Raw, lines: Sequence[DrawnLine], catalogue: Catalogue) -> tuple[Raw, tuple[DrawnLine, ...]]:
    """Give every line a site: the one at its place, or a new candidate there.

    Raises
    ------
    DataError
        When a new place does not say what is opened there and how its premises are had.
    """
    there = Sites.joined([raw.facilities, raw.candidates])
    named: list[DrawnLine] = []
    fresh: list[DrawnLine] = []
    problems: list[Problem] = []
    for line in lines:
        if line.site:
            named.append(line)
            continue
        known = _at(there, line)
        if known is not None:
            named.append(replace(line, site=known))
            continue
        problems += _unfit(line, catalogue)
        identity = f"P{len(fresh) + 1:03d}"
        while identity in there.id:
            identity = f"P{identity}"
        named.append(replace(line, site=identity))
        fresh.append(named[-1])
    if problems:
        raise DataError(problems)
    return replace(raw, candidates=Sites.joined([raw.candidates, _candidates(fresh)])) if fresh else raw, tuple(named)


def _at(there: Sites, line: DrawnLine) -> str | None:
    """Return the nearest site at a line's place that can become what the line says."""
    away = np.hypot(there.x_m - line.x_m, there.y_m - line.y_m)
    for index in np.argsort(away, kind="stable"):
        if not away[index] <= SAME_PLACE_M:
            return None
        if not line.kind or line.kind in there.kinds_allowed[index] or line.kind == there.kind[index]:
            return str(there.id[index])
    return None


def _unfit(line: DrawnLine, catalogue: Catalogue) -> list[Problem]:
    """Say what a line for a new place lacks."""
    told = []
    if not line.kind:
        mend = f"write one of {', '.join(catalogue.kinds)}"
        told.append(Problem(line.where, "opens a new place and says no kind", mend))
    elif not catalogue.kinds[line.kind].modules:
        told.append(Problem(line.where, f"{line.kind} comes in no size: it cannot be opened", "name another kind"))
    if not line.tenure:
        mend = f"write tenure: one of {', '.join(catalogue.tenures)}"
        told.append(Problem(line.where, "opens a new place and does not say how its premises are had", mend))
    return told


def _candidates(lines: Sequence[DrawnLine]) -> Sites:
    """Make candidates of new places; their floor area is not known, so that any size fits."""
    count = len(lines)
    return Sites(
        id=tuple(line.site for line in lines),
        name=tuple(line.name or line.site for line in lines),
        x_m=np.array([line.x_m for line in lines]),
        y_m=np.array([line.y_m for line in lines]),
        existing=np.zeros(count, dtype=np.bool_),
        kind=("",) * count,
        kinds_allowed=tuple((line.kind,) for line in lines),
        tenure=tuple(line.tenure for line in lines),
        operator=tuple(line.operator or "public" for line in lines),
        district=np.full(count, OUTSIDE),
        beds=np.zeros((count, _CLASSES), dtype=np.int64),
        floor_area_m2=np.full(count, np.nan),
        origin=tuple(line.where for line in lines),
    )


def state_of(problem: Planning, lines: Sequence[DrawnLine]) -> State:
    """Turn lines into options and beds, phase by phase.

    A line is in force from the first phase that ends in its year or later (the first without a year). Facilities that
    no line names stay as they are; committed projects that no line names open in their smallest way.

    Raises
    ------
    DataError
        With every line that names no site, or wants what its site cannot be.
    """
    problems: list[Problem] = []
    index = {identity: number for number, identity in enumerate(problem.sites.id)}
    state = problem.existing_state()
    is_open, beds = state.open.copy(), state.beds.copy()
    for line in sorted(lines, key=lambda one: one.year):
        if line.site not in index and not np.isnan(line.x_m):
            what = "lies where the study's ground keeps candidates off"
            problems.append(Problem(line.where, what, "move it, or change the study's `ground`"))
            continue
        if line.site not in index:
            mend = f"name one of the study's sites ({', '.join(problem.sites.id[:_MOST_NAMED])}…), or write lon and lat"
            problems.append(Problem(line.where, f"there is no site {line.site!r}", mend))
            continue
        problems += _put(problem, line, index[line.site], is_open, beds)
    _committed(problem, is_open, beds)
    problems += _taken_back(problem, lines, is_open, beds)
    if problems:
        raise DataError(problems)
    return State(is_open, beds)


def _put(problem: Planning, line: DrawnLine, site: int, is_open: np.ndarray, beds: np.ndarray) -> list[Problem]:
    """Put one line into force; return what is wrong with it."""
    o = problem.options
    here = np.flatnonzero(o.site == site)
    kept = bool(problem.sites.existing[site])
    wanted = [
        int(option)
        for option in here
        if (not line.kind or o.kind[option] == line.kind)
        and (not line.action or str(o.action[option]) == line.action)
        and (not line.module or o.module[option] == line.module)
    ]
    fitting = [(option, count) for option in wanted if (count := _count(problem, line, option)) is not None]
    if not fitting:
        return [_misfit(problem, line, here)]
    option, count = min(fitting, key=lambda pair: (o.action[pair[0]] is not Action.KEEP, _cost(o, *pair)))
    begin = int(np.searchsorted(problem.phases, max(line.year, problem.phases[0])))
    if begin == len(problem.phases):
        what = f"{line.year} lies after the last phase, {problem.phases[-1]}"
        return [Problem(line.where, what, "name an earlier year, or plan that far")]
    if kept and o.action[option] is Action.KEEP:
        begin = 0
    if o.first_year[option] > problem.phases[begin]:
        what = f"it cannot be in force before {o.first_year[option]}"
        return [Problem(line.where, what, f"write year: {o.first_year[option]}")]
    is_open[begin:, here], beds[begin:, here] = False, 0
    is_open[begin:, option], beds[begin:, option] = True, count
    return []


def _count(problem: Planning, line: DrawnLine, option: int) -> np.ndarray | None:
    """Return the beds of a line under an option, by class; None where they do not fit."""
    o = problem.options
    if line.beds is not None:
        count = np.array(line.beds)
    else:
        count = o.beds_min[option].copy()
        more = int(o.total_min[option] if line.total is None else line.total) - int(count.sum())
        if line.total is None and o.total_min[option] != o.total_max[option]:
            return None  # a size with a range of beds must say how many
        for place in range(_CLASSES):
            step = int(np.clip(more, 0, o.beds_max[option, place] - count[place]))
            count[place] += step
            more -= step
        if more:
            return None
    fits = (o.beds_min[option] <= count).all() and (count <= o.beds_max[option]).all()
    return count if fits and o.total_min[option] <= count.sum() <= o.total_max[option] else None


def _cost(o: Options, option: int, count: np.ndarray) -> float:
    return float(o.fixed_cost[option] + ((count - o.base_beds[option]) * o.cost_per_bed[option]).sum())


def _misfit(problem: Planning, line: DrawnLine, here: np.ndarray) -> Problem:
    """Say what a site can become, where a line wants something else."""
    o = problem.options
    asked = " ".join(part for part in (line.kind, line.action, line.module) if part) or "what stands there"
    beds = line.total if line.beds is None else sum(line.beds)
    what = f"{line.site} cannot be {asked}" + ("" if beds is None else f" with {beds} beds")
    ways = [
        f"{o.action[option]} {o.kind[option]}{' ' + o.module[option] if o.module[option] else ''}"
        + (f" ({o.total_min[option]}–{o.total_max[option]} beds)" if o.total_max[option] else "")
        for option in here
    ]
    return Problem(line.where, what, f"it can be: {'; '.join(ways) or 'nothing'}")


def _committed(problem: Planning, is_open: np.ndarray, beds: np.ndarray) -> None:
    """Open committed projects that no line names, in their cheapest way."""
    o = problem.options
    for phase, year in enumerate(problem.phases):
        for site in np.flatnonzero(problem.sites.committed(year)):
            here = np.flatnonzero(o.site == site)
            if is_open[phase, here].any():
                continue
            counts = {int(option): _least(o, int(option)) for option in here}
            option = min(counts, key=lambda one: _cost(o, one, counts[one]))
            is_open[phase, option], beds[phase, option] = True, counts[option]


def _least(o: Options, option: int) -> np.ndarray:
    """Return the fewest beds of an option, the missing ones in its cheapest classes."""
    count = o.beds_min[option].copy()
    more = int(o.total_min[option] - count.sum())
    for place in np.argsort(o.cost_per_bed[option], kind="stable"):
        step = int(np.clip(more, 0, o.beds_max[option, place] - count[place]))
        count[place] += step
        more -= step
    return np.asarray(count)


def _taken_back(problem: Planning, lines: Sequence[DrawnLine], is_open: np.ndarray, beds: np.ndarray) -> list[Problem]:
    """Say where a later phase undoes what an earlier one built."""
    o = problem.options
    where = {line.site: line.where for line in lines}
    told = []
    for phase in range(len(problem.phases) - 1):
        built = is_open[phase] & np.array([action is not Action.KEEP for action in o.action])
        paid = o.cost_per_bed > 0
        gone = built & ~is_open[phase + 1]
        fewer = built & ((beds[phase] > beds[phase + 1]) & paid).any(axis=1)
        for option in np.flatnonzero(gone | fewer):
            site = problem.sites.id[o.site[option]]
            year = problem.phases[phase + 1]
            what = f"{site}: what is built by {problem.phases[phase]} is something else in {year}"
            told.append(
                Problem(where.get(site, site), what, "a later phase contains the earlier one: give it one size")
            )
    return told


def changed(problem: Planning, drawn: State, repaired: State) -> tuple[Change, ...]:
    """List the sites at which two plans differ in any phase, as they are in the last."""
    differs = (drawn.open != repaired.open).any(axis=0) | (drawn.beds != repaired.beds).any(axis=(0, 2))
    sites = dict.fromkeys(problem.options.site[np.flatnonzero(differs)].tolist())
    told = []
    for site in sites:
        before, after = _said(problem, drawn, site), _said(problem, repaired, site)
        told.append(Change(problem.sites.id[site], before[0], after[0], before[1], after[1], before[2], after[2]))
    return tuple(told)


def _said(problem: Planning, state: State, site: int) -> tuple[str, int, int]:
    """Say what a site is in the last phase: words, beds, and since when something was done to it."""
    o = problem.options
    here = np.flatnonzero((o.site == site) & state.open[-1])
    if not len(here):
        return "", 0, 0
    option = int(here[0])
    since = 0
    if o.action[option] is not Action.KEEP:
        since = problem.phases[int(np.argmax(state.open[:, option]))]
    words = " ".join(filter(None, (o.kind[option], str(o.action[option]), o.module[option])))
    return words, int(state.beds[-1, option].sum()), since
