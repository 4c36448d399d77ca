"""From a rule's blocks to columns: what is chosen, what follows from it, what is spent, and who is hired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from siting.model.rows import Beds, Covered, Has, Open, Sized, Spent, Staff
from siting.model.sites import BED_CLASSES
from siting.optimise.layout import CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from siting.model.arrays import FloatArray, IntArray
    from siting.model.problem import Csr, Problem
    from siting.model.rows import Block, Rows
    from siting.optimise.layout import Asked, Layout
    from siting.optimise.program import Assembly


def plain(name: str) -> str:
    """Return a name as columns can bear it: letters, digits and underscores."""
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def of_block(
    problem: Problem, assembly: Assembly, layout: Layout, phase: int, part: tuple[Block, Csr[Any, tuple[int, int]], int]
) -> list[Any]:
    """Translate coefficients of decisions (not of covering) into triplets of row, column and value.

    `part` is a block, its coefficients, and the number of their first row.
    """
    block, matrix, start = part
    entries = sparse.coo_array(matrix)
    match block:
        case Open():
            return _of_options(layout.open[phase], entries, start)
        case Sized() | Has():
            return _of_options(_derived(problem, assembly, layout, phase, block), entries, start)
        case Beds():
            return _of_beds(problem, layout, phase, entries, start)
        case Spent():
            return _of_capital(_spent(problem, layout, phase, block, assembly.column_count), entries, start)
        case Staff(role):
            column = np.full(len(entries.data), layout.hire[phase, role])
            return [(entries.coords[0] + start, column, entries.data)]
        case Covered():
            return []


def _of_options(columns: IntArray, entries: Any, start: int) -> list[Any]:  # noqa: ANN401 - coo_array
    """Translate coefficients of options by a column for each; −1 is nought."""
    column = columns[entries.coords[1]]
    there = column >= 0
    return [(entries.coords[0][there] + start, column[there], entries.data[there])]


def _of_capital(cost: FloatArray, entries: Any, start: int) -> list[Any]:  # noqa: ANN401 - coo_array
    """Translate coefficients of what is spent: every column at its cost."""
    column = np.flatnonzero(cost)
    row = np.repeat(entries.coords[0] + start, len(column))
    return [(row, np.tile(column, len(entries.data)), np.outer(entries.data, cost[column]).ravel())]


def _spent(problem: Problem, layout: Layout, phase: int, block: Spent, count: int) -> FloatArray:
    """Return what is spent up to a phase, or in it: float64[column], yuan.

    What is spent within a phase is unknown in a program without the phase before: there nothing is asked.
    """
    price = phase_cost if block.pay else capital
    if not block.within or phase == 0:
        return price(problem, layout, phase, count)
    if (layout.open[phase - 1] < 0).all():
        return np.zeros(count)
    return price(problem, layout, phase, count) - price(problem, layout, phase - 1, count)


def _of_beds(problem: Problem, layout: Layout, phase: int, entries: Any, start: int) -> list[Any]:  # noqa: ANN401
    """Translate coefficients of beds: the option's least beds ride on its being in force."""
    option, bed_class = np.divmod(entries.coords[1], CLASSES)
    row = entries.coords[0] + start
    there = layout.open[phase, option] >= 0
    least = problem.options.beds_min[option, bed_class] * entries.data
    extra = layout.extra[phase, option, bed_class]
    variable = extra >= 0
    return [
        (row[there], layout.open[phase, option[there]], least[there]),
        (row[variable], extra[variable], entries.data[variable]),
    ]


def _derived(problem: Problem, assembly: Assembly, layout: Layout, phase: int, block: Sized | Has) -> IntArray:
    """Return the columns of a block that follows from beds: int64[option], −1 where it is nought in any case.

    Where an option's range of beds settles it, being in force is all there is to it; only the others get a column.
    """
    if (phase, block) not in layout.derived:
        least, most = _range(problem, block)
        is_open = layout.open[phase]
        column = np.where(least >= block.beds, is_open, -1)
        unsettled = np.flatnonzero((is_open >= 0) & (least < block.beds) & (most >= block.beds))
        if len(unsettled):
            add = _big if isinstance(block, Sized) else _has
            column[unsettled] = add(problem, assembly, layout, phase, block, unsettled)
        layout.derived[phase, block] = column
    return layout.derived[phase, block]


def _range(problem: Problem, block: Sized | Has) -> tuple[IntArray, IntArray]:
    """Return the least and the most beds that a block looks at: two int64[option]."""
    options = problem.options
    sure = options.beds_min.sum(axis=1)
    if isinstance(block, Sized):
        return np.maximum(options.total_min, sure), np.minimum(options.total_max, options.beds_max.sum(axis=1))
    least = options.beds_min[:, BED_CLASSES.index(block.bed_class)]
    most = options.beds_max[:, BED_CLASSES.index(block.bed_class)]
    return least, np.minimum(most, least + options.total_max - sure)


def _big(
    problem: Problem, assembly: Assembly, layout: Layout, phase: int, block: Sized | Has, unsettled: IntArray
) -> IntArray:
    """Add ``Σ_c beds ≤ (t − 1)·open + (most − t + 1)·big``: whoever has t beds must say so."""
    number = np.arange(len(unsettled))
    names = [f"{phase}_{block.beds}_{option}" for option in unsettled]
    added = assembly.columns([f"big_{name}" for name in names], np.ones(len(unsettled)), integer=True)
    under = block.beds - 1
    sure = problem.options.beds_min[unsettled].sum(axis=1)
    row, bed_class = np.nonzero(layout.extra[phase, unsettled] >= 0)
    _, most = _range(problem, block)
    assembly.rows(
        [f"big_if_{name}" for name in names],
        [
            (row, layout.extra[phase, unsettled][row, bed_class], 1.0),
            (number, layout.open[phase, unsettled], (sure - under).astype(np.float64)),
            (number, added, (under - most[unsettled]).astype(np.float64)),
        ],
        -np.inf,
        0.0,
    )
    return np.asarray(added)


def _has(
    problem: Problem, assembly: Assembly, layout: Layout, phase: int, block: Sized | Has, unsettled: IntArray
) -> IntArray:
    """Add ``beds·has ≤ beds of the class``: whoever says so must have them."""
    assert isinstance(block, Has)  # noqa: S101 - for the type checker
    of_class, number = BED_CLASSES.index(block.bed_class), np.arange(len(unsettled))
    names = [f"{phase}_{block.bed_class}_{block.beds}_{option}" for option in unsettled]
    added = assembly.columns([f"has_{name}" for name in names], np.ones(len(unsettled)), integer=True)
    assembly.rows(
        [f"has_if_{name}" for name in names],
        [
            (number, added, float(block.beds)),
            (number, layout.extra[phase, unsettled, of_class], -1.0),
            (number, layout.open[phase, unsettled], -problem.options.beds_min[unsettled, of_class].astype(np.float64)),
        ],
        -np.inf,
        0.0,
    )
    return np.asarray(added)


def staff_columns(
    problem: Problem, assembly: Assembly, layout: Layout, asked: Sequence[Asked], phases: Sequence[int]
) -> None:
    """Add who may be hired, for every role that some clause counts, in every phase."""
    most: dict[str, float] = {}
    for item in asked:
        for role, persons in _most_hired(problem, item.rows, item.rows.rhs if item.rhs is None else item.rhs):
            most[role] = max(most.get(role, 0.0), persons)
    for phase in phases:
        for role, persons in most.items():
            (column,) = assembly.columns([f"hire_{phase}_{plain(role)}"], np.array([persons]), integer=True)
            layout.hire[phase, role] = int(column)


def _most_hired(problem: Problem, rows: Rows, rhs: FloatArray) -> Iterator[tuple[str, float]]:
    """Return how many persons of each role its rows could need at the very most, everything else at its worst."""
    need = rows.sign * rhs
    for block, matrix in rows.terms.items():
        if not isinstance(block, Staff):
            need = need - (rows.sign * matrix).minimum(0) @ _most(problem, block, matrix.shape[1])
    for block, matrix in rows.terms.items():
        if isinstance(block, Staff):
            by_person = rows.sign * matrix.toarray()[:, 0]
            helps = by_person > 0
            yield block.role, float(np.ceil(need[helps] / by_person[helps]).max(initial=0.0)) + 1.0


def _most(problem: Problem, block: Block, count: int) -> FloatArray:
    """Return the largest value of each of a block's columns."""
    options = problem.options
    match block:
        case Beds():
            return np.minimum(options.beds_max, options.total_max[:, None]).astype(np.float64).ravel()
        case Spent():
            dearest = options.fixed_cost + (
                np.minimum(options.beds_max, options.total_max[:, None]) * options.cost_per_bed
            ).sum(axis=1)
            return np.array([dearest.sum()])
        case _:
            return np.ones(count)


def capital(problem: Problem, layout: Layout, phase: int, count: int) -> FloatArray:
    """Return the capital cost of everything in force in a phase: float64[column], yuan."""
    options = problem.options
    cost = np.zeros(count)
    there = np.flatnonzero(layout.open[phase] >= 0)
    least = ((options.beds_min - options.base_beds) * options.cost_per_bed).sum(axis=1)
    cost[layout.open[phase, there]] = (options.fixed_cost + least)[there]
    option, bed_class = np.nonzero(layout.extra[phase] >= 0)
    cost[layout.extra[phase, option, bed_class]] = options.cost_per_bed[option, bed_class]
    return cost


def phase_cost(problem: Problem, layout: Layout, phase: int, count: int) -> FloatArray:
    """Return the cost of everything in force in a phase: capital, and pay of those hired: float64[column], yuan."""
    cost = capital(problem, layout, phase, count)
    for (when, role), column in layout.hire.items():
        if when == phase:
            cost[column] = problem.catalogue.roles[role].cost
    return cost


def running_cost(problem: Problem, layout: Layout, phase: int, count: int) -> FloatArray:
    """Return what everything in force in a phase costs to run, those hired included: float64[column], yuan a year."""
    options = problem.options
    cost = np.zeros(count)
    there = np.flatnonzero(layout.open[phase] >= 0)
    least = (options.beds_min * options.running_cost_per_bed).sum(axis=1)
    cost[layout.open[phase, there]] = (options.running_cost + least)[there]
    option, bed_class = np.nonzero(layout.extra[phase] >= 0)
    cost[layout.extra[phase, option, bed_class]] = options.running_cost_per_bed[option, bed_class]
    for (when, role), column in layout.hire.items():
        if when == phase:
            cost[column] = problem.catalogue.roles[role].yearly_cost
    return cost
