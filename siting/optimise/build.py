"""From a problem and its rules to a program: what a facility is, and what the clauses ask.

Columns
    ``open_p_o``    option o is in force in phase p (0 or 1)
    ``extra_p_o_c`` beds of class c beyond the option's least (whole)
    ``near_p_k_s``  site s holds a working facility of the kinds k (where several options would do)
    ``cover_p_r_g`` group g is covered under reach r (0 to 1, bounded from above by what is open)
    ``big_p_t_o``   option o has t beds or more (0 or 1, bounded from below by its beds)
    ``has_p_c_b_o`` option o has b beds of class c or more (0 or 1, bounded from above by its beds)
    ``hire_p_r``    persons of role r employed beyond those of today (whole)

Formulas with symbols and units: docs/formulation.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from siting.model.rows import Covered
from siting.model.sites import BED_CLASSES, Action
from siting.optimise.blocks import of_block, phase_cost, plain, staff_columns
from siting.optimise.layout import CLASSES, Asked, Layout
from siting.optimise.program import Assembly, PolicyRow, Program
from siting.optimise.reduce import group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.problem import Csr, Problem, Reach

_RELATIVE = 5e-10
"""Half the audit's relative tolerance: a share of everything reachable must not fail on the last digit of a sum."""


def build(problem: Problem, asked: Sequence[Asked], phases: Sequence[int]) -> tuple[Program, Layout]:
    """Assemble a program of some phases.

    Parameters
    ----------
    problem : Problem
    asked : Sequence[Asked]
        Only clauses that bind in their phase.
    phases : Sequence[int]
        Numbers of consecutive phases, ascending; all of them for the whole.

    Returns
    -------
    Program, Layout
        The objective is the cost of the last of the phases, which contains all earlier ones: capital, and the pay of
        those hired over the plan period.
    """
    assembly = Assembly()
    layout = _columns(problem, assembly, phases)
    staff_columns(problem, assembly, layout, asked, phases)
    for phase in phases:
        _one_option_a_site(problem, assembly, layout, phase)
        _bed_ranges(problem, assembly, layout, phase)
    for phase in phases[:-1]:
        _later_contains_earlier(problem, assembly, layout, phase)
    policy: list[PolicyRow] = []
    for phase in phases:
        here = [item for item in asked if item.phase == phase]
        if here:
            policy += _clauses(problem, assembly, layout, phase, here)
    cost = phase_cost(problem, layout, phases[-1], assembly.column_count)
    return assembly.program(cost, policy), layout


def _columns(problem: Problem, assembly: Assembly, among: Sequence[int]) -> Layout:
    """Add the columns of options and of their beds."""
    options, phases = problem.options, len(problem.phases)
    spare = np.minimum(options.beds_max - options.beds_min, (options.total_max - options.beds_min.sum(axis=1))[:, None])
    layout = Layout(
        np.full((phases, len(options)), -1, dtype=np.int64),
        np.full((phases, len(options), CLASSES), -1, dtype=np.int64),
        options.beds_min,
    )
    for phase in among:
        there = np.flatnonzero(problem.available(phase))
        layout.open[phase, there] = assembly.columns(
            [f"open_{phase}_{option}" for option in there], np.ones(len(there)), integer=True
        )
        option, bed_class = np.nonzero((spare > 0) & problem.available(phase)[:, None])
        names = [f"extra_{phase}_{o}_{BED_CLASSES[c]}" for o, c in zip(option, bed_class, strict=True)]
        layout.extra[phase, option, bed_class] = assembly.columns(names, spare[option, bed_class], integer=True)
    return layout


def _one_option_a_site(problem: Problem, assembly: Assembly, layout: Layout, phase: int) -> None:
    """``Σ_o open = 1`` at an existing facility and at a project committed by then, ``≤ 1`` at any other candidate."""
    there = np.flatnonzero(layout.open[phase] >= 0)
    sites, row = np.unique(problem.options.site[there], return_inverse=True)
    if not len(sites):
        return
    must = problem.held(phase)[sites].astype(np.float64)
    assembly.rows(
        [f"site_{phase}_{site}" for site in sites],
        [(row, layout.open[phase, there], 1.0)],
        np.where(must > 0, must, -np.inf),
        np.ones(len(sites)),
    )


def _bed_ranges(problem: Problem, assembly: Assembly, layout: Layout, phase: int) -> None:
    """``total_min·open ≤ Σ_c beds ≤ total_max·open`` and ``beds_c ≤ beds_max_c·open``, in beds beyond the least."""
    options, extra, is_open = problem.options, layout.extra[phase], layout.open[phase]
    least = options.beds_min.sum(axis=1)
    sized = np.flatnonzero((extra >= 0).any(axis=1))
    for name, bound, sense in (("most", options.total_max - least, 1), ("least", options.total_min - least, -1)):
        rows = sized if sense > 0 else sized[bound[sized] > 0]
        if not len(rows):
            continue
        row, bed_class = np.nonzero(extra[rows] >= 0)
        assembly.rows(
            [f"{name}_{phase}_{option}" for option in rows],
            [
                (row, extra[rows][row, bed_class], float(sense)),
                (np.arange(len(rows)), is_open[rows], -sense * bound[rows].astype(np.float64)),
            ],
            -np.inf,
            0.0,
        )
    room = (options.beds_max - options.beds_min).astype(np.float64)
    tight = (extra >= 0) & (room < (options.total_max - least)[:, None])
    option, bed_class = np.nonzero(tight)
    if len(option):
        number = np.arange(len(option))
        assembly.rows(
            [f"class_{phase}_{o}_{BED_CLASSES[c]}" for o, c in zip(option, bed_class, strict=True)],
            [(number, extra[option, bed_class], 1.0), (number, is_open[option], -room[option, bed_class])],
            -np.inf,
            0.0,
        )


def _later_contains_earlier(problem: Problem, assembly: Assembly, layout: Layout, phase: int) -> None:
    """Keep what is built, and beds that were paid for."""
    built = np.array([action is not Action.KEEP for action in problem.options.action], dtype=np.bool_)
    option = np.flatnonzero(built & (layout.open[phase] >= 0))
    if len(option):
        number = np.arange(len(option))
        assembly.rows(
            [f"stays_{phase}_{o}" for o in option],
            [(number, layout.open[phase, option], 1.0), (number, layout.open[phase + 1, option], -1.0)],
            -np.inf,
            0.0,
        )
    paid = built[:, None] & (problem.options.cost_per_bed > 0) & (layout.extra[phase] >= 0)
    option, bed_class = np.nonzero(paid)
    if len(option):
        number = np.arange(len(option))
        earlier, later = layout.extra[phase, option, bed_class], layout.extra[phase + 1, option, bed_class]
        assembly.rows(
            [f"beds_stay_{phase}_{o}_{BED_CLASSES[c]}" for o, c in zip(option, bed_class, strict=True)],
            [(number, earlier, 1.0), (number, later, -1.0)],
            -np.inf,
            0.0,
        )
    for (when, role), column in layout.hire.items():
        if when == phase:
            kept = [([0], [column], 1.0), ([0], [layout.hire[phase + 1, role]], -1.0)]
            assembly.rows([f"hired_stay_{phase}_{plain(role)}"], kept, -np.inf, 0.0)


def _clauses(
    problem: Problem, assembly: Assembly, layout: Layout, phase: int, asked: Sequence[Asked]
) -> list[PolicyRow]:
    """Add the clauses' rows of one phase, and the covering columns they need."""
    starts = np.cumsum([0, *(len(item.rows.subject) for item in asked)])
    total = int(starts[-1])
    constant = np.zeros(total)
    triplets: list[Any] = []
    coverage: dict[Reach, list[Any]] = {}
    divisors: list[Any] = []
    for item, start in zip(asked, starts, strict=False):
        for block, matrix in item.rows.terms.items():
            entries = sparse.coo_array(matrix)
            if isinstance(block, Covered):
                coverage.setdefault(block.reach, []).append(
                    (entries.coords[0] + start, entries.coords[1], entries.data)
                )
            else:
                triplets += of_block(problem, assembly, layout, phase, (block, matrix, int(start)))
        for block, matrix in item.rows.denominator.items():
            divisors += of_block(problem, assembly, layout, phase, (block, matrix, int(start)))
    for number, (reach, parts) in enumerate(coverage.items()):
        row, zone, value = (np.concatenate(column) for column in zip(*parts, strict=True))
        coefficients = sparse.csr_array((value, (row, zone)), shape=(total, len(problem.zones)))
        added, sure = _cover(problem, assembly, layout, phase, (number, reach), coefficients)
        triplets.append(added)
        constant += sure
    return _policy_rows(assembly, phase, asked, (triplets, divisors), constant)


def _cover(
    problem: Problem,
    assembly: Assembly,
    layout: Layout,
    phase: int,
    numbered: tuple[int, Reach],
    coefficients: Csr[Any, tuple[int, int]],
) -> tuple[Any, FloatArray]:
    """Add ``cover ≤ Σ near`` for every group under one reach; return the policy rows' triplets and constants."""
    number, reach = numbered
    matching = problem.working(reach) & (layout.open[phase] >= 0)
    usable = np.zeros(len(problem.sites), dtype=np.bool_)
    usable[problem.options.site[matching]] = True
    groups = group(problem, reach, coefficients, usable, certain(problem, layout, phase, matching))
    count = groups.sites.shape[0]
    columns = assembly.columns([f"cover_{phase}_{number}_{g}" for g in range(count)], np.ones(count), integer=False)
    if count:
        concerned = np.zeros(len(problem.sites), dtype=np.bool_)
        concerned[groups.sites.indices] = True
        near = _near(problem, assembly, layout, phase, (reach.who, matching), concerned)
        row = np.repeat(np.arange(count), np.diff(groups.sites.indptr))
        assembly.rows(
            [f"covered_{phase}_{number}_{g}" for g in range(count)],
            [(np.arange(count), columns, 1.0), (row, near[groups.sites.indices], -1.0)],
            -np.inf,
            0.0,
        )
    weight = sparse.coo_array(groups.weight)
    return (weight.coords[0], columns[weight.coords[1]], weight.data), groups.constant


def certain(problem: Problem, layout: Layout, phase: int, matching: BoolArray) -> BoolArray:
    """Return the facilities and committed projects that work for the reach whatever is decided: bool[site]."""
    there = layout.open[phase] >= 0
    site, count = problem.options.site, len(problem.sites)
    ways, good = np.bincount(site[there], minlength=count), np.bincount(site[matching], minlength=count)
    return np.asarray(problem.held(phase) & (ways > 0) & (ways == good))


def _near(
    problem: Problem,
    assembly: Assembly,
    layout: Layout,
    phase: int,
    who_matching: tuple[str, BoolArray],
    concerned: BoolArray,
) -> IntArray:
    """Return the columns that say which sites concerned hold one of the facilities meant: int64[site], −1 elsewhere.

    A site with one matching option needs no column of its own.
    """
    label, matching = who_matching
    column = np.full(len(problem.sites), -1, dtype=np.int64)
    chosen = np.flatnonzero(matching & concerned[problem.options.site])
    site = problem.options.site[chosen]
    ways = np.bincount(site, minlength=len(problem.sites))
    single = ways[site] == 1
    column[site[single]] = layout.open[phase, chosen[single]]
    several = np.unique(site[~single])
    known = [layout.near.get((phase, label, int(s)), -1) for s in several]
    column[several] = known
    fresh = several[column[several] < 0]
    if len(fresh):
        column[fresh] = assembly.columns(
            [f"near_{phase}_{label}_{s}" for s in fresh], np.ones(len(fresh)), integer=False
        )
        layout.near.update({(phase, label, int(s)): int(column[s]) for s in fresh})
        member = ~single & np.isin(site, fresh)
        row = np.searchsorted(fresh, site[member])
        assembly.rows(
            [f"one_of_{phase}_{label}_{s}" for s in fresh],
            [(np.arange(len(fresh)), column[fresh], 1.0), (row, layout.open[phase, chosen[member]], -1.0)],
            0.0,
            0.0,
        )
    return column


def _policy_rows(
    assembly: Assembly,
    phase: int,
    asked: Sequence[Asked],
    parts: tuple[list[Any], list[Any]],
    constant: FloatArray,
) -> list[PolicyRow]:
    """Add the rows that the clauses ask for, less what is met whatever is decided."""
    triplets, divisors = parts
    rhs = np.concatenate([item.rows.rhs if item.rhs is None else item.rhs for item in asked])
    room = _RELATIVE * np.maximum(1.0, np.abs(np.where(np.isfinite(rhs), rhs, 0.0)))
    at_least = np.concatenate([np.full(len(item.rows.subject), item.rows.sense == ">=") for item in asked])
    labels = [(item, index) for item in asked for index in range(len(item.rows.subject))]
    divided: dict[int, list[tuple[int, float]]] = {}
    for rows, columns, values in divisors:
        for row, column, value in zip(rows.tolist(), columns.tolist(), values.tolist(), strict=True):
            divided.setdefault(row, []).append((column, value))
    first = assembly.row_count
    assembly.rows(
        [f"clause_{plain(item.clause)}_{phase}_{index}" for item, index in labels],
        triplets or [(np.zeros(0), np.zeros(0), 0.0)],
        np.where(at_least, rhs - constant - room, -np.inf),
        np.where(at_least, np.inf, rhs - constant + room),
    )
    return [
        PolicyRow(
            row=first + number,
            clause=item.clause,
            subject=item.rows.subject[index],
            phase=phase,
            constant=float(constant[number] + item.rows.numerator_constant[index]),
            required=float(item.rows.required[index]),
            scale=float(item.rows.denominator_constant[index]),
            unit=item.rows.unit,
            divisor=tuple(divided.get(number, ())),
        )
        for number, (item, index) in enumerate(labels)
    ]
