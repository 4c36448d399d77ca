"""Goals that are distances: the mean way to the nearest facility, and the longest."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from siting.model.access import INCLUSIVE_M
from siting.model.rows import AREA, Covered, Rows
from siting.optimise.aims import view_of
from siting.optimise.build import certain
from siting.optimise.layout import Asked
from siting.optimise.question import Posed, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.problem import Csr, Problem, Reach, State
    from siting.optimise.layout import Layout
    from siting.optimise.program import Program


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Whose ways are meant, how far they are told apart, and how they are rounded.

    Attributes
    ----------
    rule : Rule
        A coverage clause: whom it concerns, and what covers them.
    up_to_m : float or None
        Whoever is farther counts at this distance; None: as far as was measured.
    step_m : float
        Distances are rounded up to its multiples; 0: not rounded.
    """

    rule: Rule
    up_to_m: float | None = None
    step_m: float = 0.0

    def groups(self, problem: Problem) -> Iterator[tuple[Reach, FloatArray, float, Csr[Any, tuple[int, int]]]]:
        """Yield reach, persons concerned in each zone, farthest distance and ways (zones × sites); last phase."""
        view = view_of(problem, self.rule)
        for reach, persons in view.groups:
            limit = min(self.up_to_m or np.inf, problem.cutoff_m(reach))
            metres = problem.metres(reach)
            steps = np.ceil((metres.data - INCLUSIVE_M) / self.step_m) * self.step_m if self.step_m else metres.data
            rounded = np.minimum(np.maximum(steps, 0.0), limit)
            table = sparse.csr_array((rounded, metres.indices, metres.indptr), shape=metres.shape)
            yield reach, np.where(view.concerned, persons, 0.0), limit, table


def nearest_m(metres: Csr[Any, tuple[int, int]], among: BoolArray, limit: float) -> FloatArray:
    """Return each zone's distance to the nearest site among some; `limit` where none is nearer: float64[zone]."""
    row = np.repeat(np.arange(metres.shape[0]), np.diff(metres.indptr))
    there = among[metres.indices]
    nearest = np.full(metres.shape[0], limit)
    np.minimum.at(nearest, row[there], metres.data[there])
    return nearest


def serving(problem: Problem, state: State, reach: Reach) -> BoolArray:
    """Return the sites with a facility of a reach in the last phase: bool[site]."""
    found = np.zeros(len(problem.sites), dtype=np.bool_)
    found[problem.options.site[state.open[-1] & problem.working(reach)]] = True
    return found


@dataclass(frozen=True, slots=True, eq=False)
class MeanDistance:
    """Mean way of those whom a coverage clause concerns to the nearest facility, in metres; last phase.

    What is saved against the nearest facility that is there whatever is decided: a column ``serve_r_g_s ≤ open`` for
    each group of zones and each nearer site, of which one serves it at most (the p-median's strong formulation).
    """

    ways: Ways
    name: str = "mean_distance"
    unit: str = "m"
    more: bool = False
    whole: bool = False

    def asked(self, problem: Problem) -> tuple[Asked, ...]:  # noqa: ARG002 - nothing has to be measured
        """Ask for nothing."""
        return ()

    def pose(self, problem: Problem, program: Program, layout: Layout, phases: Sequence[int]) -> Posed:
        """Add who is served from where."""
        parts = list(self.ways.groups(problem))
        everybody = max(sum(persons.sum() for _, persons, _, _ in parts), 1e-9)
        saving, constant = np.zeros(len(program.names)), 0.0
        for number, (reach, persons, limit, metres) in enumerate(parts):
            matching = problem.working(reach) & (layout.open[phases[-1]] >= 0)
            sure = certain(problem, layout, phases[-1], matching)
            base = nearest_m(metres, sure, limit)
            constant += float(persons @ base) / everybody
            usable = np.zeros(len(problem.sites), dtype=np.bool_)
            usable[problem.options.site[matching]] = True
            pairs = _nearer(metres, persons, base, usable & ~sure)
            column = len(program.names)
            program = _serve(program, number, pairs, _openers(problem, layout, phases[-1], matching))
            saving = np.concatenate([saving, pairs.worth / everybody])
            assert len(program.names) == column + len(pairs.worth)  # noqa: S101 - a column for each pair
        return Posed(program, -saving, constant)

    def value(self, problem: Problem, state: State) -> float:
        """Measure the plan's ways."""
        total = everybody = 0.0
        for reach, persons, limit, metres in self.ways.groups(problem):
            total += float(persons @ nearest_m(metres, serving(problem, state, reach), limit))
            everybody += float(persons.sum())
        return total / everybody if everybody else 0.0


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Groups of zones with equal ways to the sites that are nearer than what is there anyhow, pair by pair."""

    group: IntArray
    site: IntArray
    worth: FloatArray


def _nearer(metres: Csr[Any, tuple[int, int]], persons: FloatArray, base: FloatArray, usable: BoolArray) -> _Pairs:
    """Find the pairs, and what serving each would save in person-metres."""
    row = np.repeat(np.arange(metres.shape[0]), np.diff(metres.indptr))
    kept = usable[metres.indices] & (persons[row] > 0) & (metres.data < base[row])
    zone, site, saved = row[kept], metres.indices[kept].astype(np.int64), base[row[kept]] - metres.data[kept]
    first = np.flatnonzero(np.diff(zone, prepend=-1))
    number: dict[bytes, int] = {}
    group, keep = np.zeros(len(zone), dtype=np.int64), np.zeros(len(zone), dtype=np.bool_)
    weight: list[float] = []
    for begin, end in itertools.pairwise([*first.tolist(), len(zone)]):
        key = site[begin:end].tobytes() + saved[begin:end].tobytes()
        if key not in number:
            number[key] = len(weight)
            weight.append(0.0)
            keep[begin:end] = True
        group[begin:end] = number[key]
        weight[number[key]] += float(persons[zone[begin]])
    return _Pairs(group[keep], site[keep], saved[keep] * np.array(weight)[group[keep]] if weight else saved[keep])


def _openers(problem: Problem, layout: Layout, phase: int, matching: BoolArray) -> Csr[Any, tuple[int, int]]:
    """Return the columns by which each site holds a facility that is meant: csr of ones (sites × columns)."""
    chosen = np.flatnonzero(matching)
    columns = layout.open[phase, chosen]
    return sparse.csr_array(
        (np.ones(len(chosen)), (problem.options.site[chosen], columns)),
        shape=(len(problem.sites), int(columns.max(initial=-1)) + 1),
    )


def _serve(program: Program, number: int, pairs: _Pairs, openers: Csr[Any, tuple[int, int]]) -> Program:
    """Add the columns of pairs, ``serve ≤ Σ open`` for each, and ``Σ serve ≤ 1`` for each group of several."""
    count, before = len(pairs.group), len(program.names)
    names = [f"{number}_{g}_{s}" for g, s in zip(pairs.group, pairs.site, strict=True)]
    program = program.grown([f"serve_{name}" for name in names], np.ones(count))
    width, own = len(program.names), sparse.coo_array(openers[pairs.site])
    row = np.concatenate([np.arange(count), own.coords[0]])
    column = np.concatenate([before + np.arange(count), own.coords[1]])
    value = np.concatenate([np.ones(count), -own.data])
    only_open = sparse.csr_array((value, (row, column)), shape=(count, width))
    program = program.asking([f"from_{name}" for name in names], only_open, np.full(count, -np.inf), np.zeros(count))
    groups, member, many = np.unique(pairs.group, return_inverse=True, return_counts=True)
    several = np.flatnonzero(many > 1)
    place = np.full(len(groups), -1)
    place[several] = np.arange(len(several))
    inside = place[member] >= 0
    once = sparse.csr_array(
        (np.ones(inside.sum()), (place[member[inside]], before + np.flatnonzero(inside))), shape=(len(several), width)
    )
    return program.asking(
        [f"once_{number}_{groups[g]}" for g in several], once, np.full(len(several), -np.inf), np.ones(len(several))
    )


@dataclass(frozen=True, slots=True, eq=False)
class WorstDistance:
    """The longest way of those whom a coverage clause concerns and some option can reach, in metres; last phase.

    No linear form: `levels` are the values it can take, and `within` the rows that hold it to one of them.
    """

    ways: Ways
    name: str = "worst_distance"
    unit: str = "m"
    more: bool = False

    def levels(self, problem: Problem) -> FloatArray:
        """Return the values it can take, ascending: float64[level]; none below what all options together give."""
        found, least = [np.zeros(1)], 0.0
        last = len(problem.phases) - 1
        for reach, persons, limit, metres in self.ways.groups(problem):
            usable = np.zeros(len(problem.sites), dtype=np.bool_)
            usable[problem.options.site[problem.working(reach) & problem.available(last)]] = True
            row = np.repeat(np.arange(metres.shape[0]), np.diff(metres.indptr))
            kept = (
                usable[metres.indices] & (persons[row] > 0) & problem.reachable(replace(reach, metres=limit), last)[row]
            )
            found.append(metres.data[kept])
            who = np.unique(row[kept])
            least = max(least, float(nearest_m(metres, usable, limit)[who].max(initial=0.0)))
        levels = np.unique(np.concatenate(found))
        return np.asarray(levels[levels >= least])

    def within(self, problem: Problem, metres: float) -> Asked:
        """Return the row that wants everybody whom some option reaches within so many metres."""
        last = len(problem.phases) - 1
        numerator: dict[Any, Any] = {}
        count = 0
        for reach, persons, limit, _ in self.ways.groups(problem):
            zone = np.flatnonzero((persons > 0) & problem.reachable(replace(reach, metres=limit), last))
            count += len(zone)
            row = np.zeros(len(zone), dtype=np.int64)
            numerator[Covered(replace(reach, metres=metres))] = sparse.csr_array(
                (np.ones(len(zone)), (row, zone)), shape=(1, len(problem.zones))
            )
        rows = Rows(
            subject=(AREA,),
            numerator=numerator,
            denominator={},
            denominator_constant=np.ones(1),
            required=np.array([float(count)]),
            sense=">=",
            unit="zones",
            persons=np.zeros(1),
        )
        return Asked(f"within {metres:g} m", last, rows)

    def value(self, problem: Problem, state: State) -> float:
        """Return the longest way on a plan."""
        last, worst = len(problem.phases) - 1, 0.0
        for reach, persons, limit, metres in self.ways.groups(problem):
            zone = (persons > 0) & problem.reachable(replace(reach, metres=limit), last)
            worst = max(worst, float(nearest_m(metres, serving(problem, state, reach), limit)[zone].max(initial=0.0)))
        return worst
