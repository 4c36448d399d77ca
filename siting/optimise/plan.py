"""Problem and rules in, plan and certificate out."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from siting.errors import SolverError
from siting.model.plan import Certificate, Plan
from siting.model.problem import State
from siting.model.rows import Beds, Covered, Has, Open, Sized, Spent, Staff
from siting.model.sites import BED_CLASSES, Action
from siting.optimise.blocks import phase_cost, state_cost
from siting.optimise.build import build
from siting.optimise.conflicts import conflicts
from siting.optimise.layout import Asked, Layout
from siting.optimise.search import Found, search
from siting.optimise.solver import solve_mip, solver_version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.problem import Problem
    from siting.model.rows import Block, Clause, Rows
    from siting.model.text import Text
    from siting.optimise.options import GoalOptions, SolverOptions
    from siting.optimise.program import Program

    _Row = tuple[BoolArray, IntArray, Mapping[str, int]]

_OPTIMAL = 1e-6
"""A relative gap of a millionth is called optimal: the solver's own arithmetic is no finer."""
_CONTRADICTION = 1e-5
"""A bound above a plan's cost by more than this part of it is no rounding: then nothing is signed."""


class Rule(Protocol):
    """All that the optimiser knows of a rule."""

    @property
    def clause(self) -> Clause:
        """Return the clause as data."""

    def rows(self, problem: Problem, phase: int) -> Rows:
        """Return the clause as linear rows."""

    def missing(self, problem: Problem) -> Text | None:
        """Say which data the clause needs and the study does not give; None when nothing is missing."""


def solve(
    problem: Problem,
    rules: Sequence[Rule],
    goal: GoalOptions,
    options: SolverOptions,
    progress: Callable[[str], None] = lambda _: None,
) -> Plan:
    """Find the least-cost plan that meets every binding `must` clause.

    Costs are undiscounted, so the cost of the whole plan is that of its last phase, pay of those hired included; among
    plans of that cost, the one that spends latest is taken.

    Parameters
    ----------
    problem : Problem
    rules : Sequence[Rule]
        A clause binds from the first phase that ends on or after its deadline. Clauses that are not enforced
        (`Clause.enforced`), or whose data the study does not give, do not bind.
    goal : GoalOptions
    options : SolverOptions
    progress : callable, optional

    Returns
    -------
    Plan
        Without a state, and with conflicts, when no plan can exist; without either when none was found in time.
    """
    del goal  # one goal so far: least cost
    began = time.monotonic()
    asked = [
        _grandfathered(Asked(rule.clause.id, phase, rule.rows(problem, phase)), problem)
        for phase in range(len(problem.phases))
        for rule in rules
        if rule.clause.enforced and rule.clause.binds(problem.phases[phase]) and rule.missing(problem) is None
    ]
    made = _backwards(problem, asked, options, progress)
    if made.found.verdict == "plan" and made.state is None:
        progress("an earlier phase does not fit into the cheapest last one: all phases together")
        made = _together(problem, asked, options, progress)
    if made.found.verdict == "infeasible":
        named = conflicts(made.program, problem.phases, options)
        return Plan(None, _certificate(made.found, None, options, began), (), named)
    if made.state is None:
        return Plan(None, _certificate(made.found, None, options, began), (), ())
    cost = state_cost(problem, made.state)
    spent = np.diff(cost, prepend=0.0)
    return Plan(made.state, _certificate(made.found, float(cost[-1]), options, began), tuple(spent.tolist()), ())


@dataclass(frozen=True, slots=True, eq=False)
class _Made:
    """What a way of solving came to; `state` is None where it found none."""

    found: Found
    program: Program
    state: State | None


def _backwards(
    problem: Problem, asked: Sequence[Asked], options: SolverOptions, progress: Callable[[str], None]
) -> _Made:
    """Solve the last phase alone, then each earlier one inside the later.

    Only the last phase costs anything (see `solve`), so its own optimum bounds the whole; and if every earlier phase
    fits inside it, it is the whole's optimum. Each program has the size of one phase.
    """
    last = len(problem.phases) - 1
    program, layout = build(problem, [item for item in asked if item.phase == last], [last])
    progress(_size(program))
    found = search(program, options, progress)
    if found.values is None:
        return _Made(found, program, None)
    rows = [_row(problem, layout, found.values, last)]
    for phase in reversed(range(last)):
        inner, inside = build(problem, [item for item in asked if item.phase == phase], [phase])
        earlier = search(_inside(problem, inner, inside, phase, rows[0]), options, progress)
        if earlier.values is None:
            return _Made(found, program, None)
        rows.insert(0, _row(problem, inside, earlier.values, phase))
    return _Made(found, program, _state(problem, rows))


def _inside(problem: Problem, program: Program, layout: Layout, phase: int, later: _Row) -> Program:
    """Bound a phase by the later one: nothing may be built, and no bed paid for, that is not there later."""
    upper = program.upper.copy()
    built = np.array([action is not Action.KEEP for action in problem.options.action], dtype=np.bool_)
    option = np.flatnonzero(built & (layout.open[phase] >= 0))
    upper[layout.open[phase, option]] = later[0][option]
    paid = built[:, None] & (problem.options.cost_per_bed > 0) & (layout.extra[phase] >= 0)
    option, bed_class = np.nonzero(paid)
    spare = np.maximum(later[1][option, bed_class] - problem.options.beds_min[option, bed_class], 0)
    upper[layout.extra[phase, option, bed_class]] = spare
    for (when, role), column in layout.hire.items():
        if when == phase:
            upper[column] = later[2].get(role, 0)
    return program.bounded(program.lower, upper)


def _together(
    problem: Problem, asked: Sequence[Asked], options: SolverOptions, progress: Callable[[str], None]
) -> _Made:
    """Solve all phases as one program."""
    phases = range(len(problem.phases))
    program, layout = build(problem, asked, phases)
    progress(_size(program))
    found = search(program, options, progress)
    if found.values is None:
        return _Made(found, program, None)
    values = _spent_latest(problem, program, layout, found.values, options)
    return _Made(found, program, _state(problem, [_row(problem, layout, values, phase) for phase in phases]))


def _size(program: Program) -> str:
    """Say how large a program is."""
    return (
        f"{len(program.names):,} columns ({int(program.integer.sum()):,} whole), {len(program.row_names):,} rows, "
        f"{program.matrix.nnz:,} coefficients"
    )


def _grandfathered(asked: Asked, problem: Problem) -> Asked:
    """Never ask an upper limit to be better than what stands today: the breach is shown by the audit."""
    rows = asked.rows
    if rows.sense == ">=" or not rows.grandfathers:
        return asked
    stands = sum((matrix @ _today(block, problem, asked.phase) for block, matrix in rows.terms.items()), 0.0)
    return replace(asked, rhs=np.maximum(rows.rhs, stands))


def _today(block: Block, problem: Problem, phase: int) -> FloatArray:
    """Return the values of a block's columns as things stand today: nothing spent, nobody hired."""
    today = problem.existing_state()
    values: Any
    match block:
        case Open():
            values = today.open[phase]
        case Beds():
            values = today.beds[phase].ravel()
        case Covered(reach):
            values = problem.covers(reach) @ today.open[phase].astype(np.float64) > 0
        case Sized(beds):
            values = today.sized(beds, phase)
        case Has(bed_class, beds):
            values = today.has(bed_class, beds, phase)
        case Spent() | Staff():
            values = [0.0]
    return np.asarray(values, dtype=np.float64)


def _spent_latest(
    problem: Problem, program: Program, layout: Layout, values: FloatArray, options: SolverOptions
) -> FloatArray:
    """Keep the last phase and make the earlier ones as cheap as the clauses allow."""
    last = len(problem.phases) - 1
    if last == 0:
        return values
    hired = np.array([column for (phase, _), column in layout.hire.items() if phase == last], dtype=np.int64)
    decided = [layout.open[last][layout.open[last] >= 0], layout.extra[last][layout.extra[last] >= 0], hired]
    fixed = np.concatenate(decided)
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[fixed] = upper[fixed] = values[fixed]
    early = sum(phase_cost(problem, layout, phase, len(values)) for phase in range(last))
    trial = program.bounded(lower, upper).aiming(np.asarray(early))
    outcome = solve_mip(trial, options, seconds=max(10.0, options.time_limit_s / 3), gap=1e-4, start=values)
    if outcome.values is None:
        return values
    return np.where(program.integer, np.round(outcome.values), outcome.values)


def _row(problem: Problem, layout: Layout, values: FloatArray, phase: int) -> _Row:
    """Read one phase off the columns: options bool[option], beds int64[option, class], persons hired by role."""
    options = problem.options
    is_open = np.zeros(len(options), dtype=np.bool_)
    there = layout.open[phase] >= 0
    is_open[there] = values[layout.open[phase, there]] > 0.5  # noqa: PLR2004 - nought or one
    extra = np.zeros((len(options), len(BED_CLASSES)), dtype=np.int64)
    sized = layout.extra[phase] >= 0
    extra[sized] = np.round(values[layout.extra[phase][sized]]).astype(np.int64)
    hired = {role: round(values[column]) for (when, role), column in layout.hire.items() if when == phase}
    return is_open, np.where(is_open[:, None], options.beds_min + extra, 0), hired


def _state(problem: Problem, rows: Sequence[_Row]) -> State:
    """Put phases together; a conversion of beds that converts none is a facility that is kept."""
    options = problem.options
    is_open, beds = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    keep_of_site = {int(options.site[o]): o for o, action in enumerate(options.action) if action is Action.KEEP}
    for phase, option in zip(*np.nonzero(is_open), strict=True):
        of_beds = options.action[option] is Action.CONVERT and not options.module[option]
        if of_beds and (beds[phase, option] == options.base_beds[option]).all():
            keep = keep_of_site[int(options.site[option])]
            is_open[phase, keep], is_open[phase, option] = True, False
            beds[phase, keep], beds[phase, option] = beds[phase, option], 0
    roles = {role for row in rows for role in row[2]}
    return State(is_open, beds, {role: tuple(row[2].get(role, 0) for row in rows) for role in sorted(roles)})


def _certificate(found: Found, cost: float | None, options: SolverOptions, began: float) -> Certificate:
    """Say what is proven, no more."""
    settings: dict[str, Any] = {
        "seconds": time.monotonic() - began,
        "solver": "HiGHS",
        "version": solver_version(),
        "seed": options.seed,
        "how": found.how,
    }
    if found.verdict == "infeasible":
        return Certificate("infeasible", None, None, None, **settings)
    if cost is None:
        known = found.bound if np.isfinite(found.bound) else None
        return Certificate("stopped", None, known, None, **settings)
    bound = max(0.0, found.bound)  # no plan earns money: nought bounds every plan, whatever else was proven
    if bound > cost + _CONTRADICTION * max(1.0, cost):
        message = f"the solver proved that no plan costs less than {bound:,.2f}, and found one at {cost:,.2f}"
        raise SolverError(message)
    bound = min(bound, cost)
    gap = 0.0 if cost <= 0 else (cost - bound) / cost
    return Certificate("optimal" if gap <= _OPTIMAL else "gap", cost, bound, gap, **settings)
