"""From a question to a plan: the last phase and earlier ones inside it, or all phases together."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from siting.model.problem import State
from siting.model.sites import BED_CLASSES, Action
from siting.optimise.blocks import phase_cost
from siting.optimise.found import Found, bounded
from siting.optimise.search import search
from siting.optimise.solver import solve_mip
from siting.optimise.stopping import now
from siting.optimise.whole import point_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.problem import Problem
    from siting.optimise.layout import Layout
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import Program
    from siting.optimise.question import Question

    _Row = tuple[BoolArray, IntArray, Mapping[str, int]]


_LEAST_PART = 0.25
"""All phases together get at least this part of the time, whatever was used up on the last phase alone."""


_LAST_PART = 0.7
"""How much of the time is granted to the last phase, which alone counts, where earlier ones follow."""
_LEAST_S = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What a way of solving came to.

    Attributes
    ----------
    found : Found
    program : Program
        In which it was found, and its bound proven.
    layout : Layout
    phases : tuple[int, ...]
        Of the program: the last alone, or all.
    constant : float
        What the goal is worth besides the program's objective.
    state : State or None
        None where no plan was found.
    """

    found: Found
    program: Program
    layout: Layout
    phases: tuple[int, ...]
    constant: float
    state: State | None


def answer(
    question: Question, options: SolverOptions, progress: Callable[[str], None], start: State | None = None
) -> Made:
    """Solve a question: the last phase and earlier ones inside it, or all phases together where that does not do.

    Parameters
    ----------
    question : Question
    options : SolverOptions
    progress : callable
    start : State, optional
        A plan that satisfies everything asked: the answer is none that is worse.
    """
    if question.whole:
        return _together(question, options, progress, start)
    began = time.monotonic()
    made = _backwards(question, options, progress, start)
    if made.found.verdict == "plan" and made.state is None:
        progress("an earlier phase does not fit into the cheapest last one: all phases together")
        left = max(options.time_limit_s - (time.monotonic() - began), _LEAST_PART * options.time_limit_s)
        # What is proven of the last phase alone: no plan of all phases is better.
        proven, how = made.found.bound + made.constant, made.found.how
        made = _together(question, options.model_copy(update={"time_limit_s": left}), progress, start)
        made = replace(made, found=bounded(made.found, proven - made.constant, how))
    return made


def _backwards(
    question: Question, options: SolverOptions, progress: Callable[[str], None], start: State | None
) -> Made:
    """Solve the last phase alone, then each earlier one inside the later.

    Only the last phase counts for the goal (see `solve`), so its own optimum bounds the whole; and if every earlier
    phase fits inside it, it is the whole's optimum. Each program has the size of one phase.
    """
    last, began = question.last, now()
    program, layout, constant = question.posed([last])
    progress(_size(program))
    own = options.time_limit_s * (_LAST_PART if last else 1.0)
    found = search(program, _within(options, own), progress, _started(program, layout, start, options))
    state = None
    if found.values is not None:
        left = max(_LEAST_S, (options.time_limit_s - (now() - began)) / max(last, 1))
        end = _row(question.problem, layout, found.values, last)
        state = inside(question, end, _within(options, left), progress)
    return Made(found, program, layout, (last,), constant, state)


def _within(options: SolverOptions, seconds: float) -> SolverOptions:
    return options.model_copy(update={"time_limit_s": seconds})


def afterwards(question: Question, options: SolverOptions, plan: State) -> Made:
    """Solve the last phase with the earlier ones as they are in a plan, whose last phase the search begins with.

    What the plan has built before, and whom it has hired, stays.
    """
    last, o = question.last, question.problem.options
    program, layout, constant = question.posed([last])
    lower = program.lower.copy()
    built = np.array([action is not Action.KEEP for action in o.action], dtype=np.bool_)
    stays = np.flatnonzero(built & plan.open[last - 1] & (layout.open[last] >= 0))
    lower[layout.open[last, stays]] = 1.0
    paid = np.zeros(layout.extra[last].shape, dtype=np.bool_)
    paid[stays] = (o.cost_per_bed[stays] > 0) & (layout.extra[last, stays] >= 0)
    option, bed_class = np.nonzero(paid)
    beds = np.maximum(plan.beds[last - 1, option, bed_class] - layout.least[option, bed_class], 0)
    lower[layout.extra[last, option, bed_class]] = beds
    for (when, role), column in layout.hire.items():
        if when == last:
            lower[column] = plan.hired.get(role, (0,) * (last + 1))[last - 1]
    program = program.bounded(lower, program.upper)
    found = search(program, options, lambda _: None, _started(program, layout, plan, options))
    state = None
    if found.values is not None:
        early = [
            (plan.open[phase], plan.beds[phase], {role: row[phase] for role, row in plan.hired.items()})
            for phase in range(last)
        ]
        state = _state([*early, _row(question.problem, layout, found.values, last)])
    return Made(found, program, layout, (last,), constant, state)


def inside(
    question: Question, end: _Row, options: SolverOptions, progress: Callable[[str], None] = lambda _: None
) -> State | None:
    """Fit each earlier phase, as cheap as its clauses allow, inside a last one; None where one does not fit.

    Often everything must be there from the beginning: that is what the search begins with.
    """
    rows = [end]
    for phase in reversed(range(question.last)):
        program, layout, _ = question.posed([phase])
        within = _inside(question.problem, program, layout, phase, rows[0])
        everything = point_at(within, *decided(layout, _state([rows[0]] * (phase + 1))), options)
        earlier = search(within, options, progress, everything)
        if earlier.values is None:
            return None
        rows.insert(0, _row(question.problem, layout, earlier.values, phase))
    return _state(rows)


def _started(program: Program, layout: Layout, start: State | None, options: SolverOptions) -> FloatArray | None:
    """Return a plan as a point of a program; None without a plan, or where the program does not admit it."""
    return None if start is None else point_at(program, *decided(layout, start), options)


def decided(layout: Layout, state: State) -> tuple[IntArray, FloatArray]:
    """Return the columns of options and beds, and their values at a state: int64[n], float64[n]."""
    phase, option = np.nonzero(layout.open >= 0)
    sized = np.nonzero(layout.extra >= 0)
    extra = np.maximum(state.beds[sized] - layout.least[sized[1], sized[2]], 0)
    columns = np.concatenate([layout.open[phase, option], layout.extra[sized]])
    return columns, np.concatenate([state.open[phase, option], np.where(state.open[sized[:2]], extra, 0)]).astype(float)


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


def _together(question: Question, options: SolverOptions, progress: Callable[[str], None], start: State | None) -> Made:
    """Solve all phases as one program."""
    problem = question.problem
    phases = tuple(range(len(problem.phases)))
    program, layout, constant = question.posed(phases)
    progress(_size(program))
    found = search(program, options, progress, _started(program, layout, start, options))
    state = None
    if found.values is not None:
        values = found.values
        if not question.whole:
            values = _spent_latest(problem, program, layout, values, options)
        state = _state([_row(problem, layout, values, phase) for phase in phases])
    return Made(found, program, layout, phases, constant, state)


def _size(program: Program) -> str:
    """Say how large a program is."""
    return (
        f"{len(program.names):,} columns ({int(program.integer.sum()):,} whole), {len(program.row_names):,} rows, "
        f"{program.matrix.nnz:,} coefficients"
    )


def _spent_latest(
    problem: Problem, program: Program, layout: Layout, values: FloatArray, options: SolverOptions
) -> FloatArray:
    """Keep the last phase and make the earlier ones as cheap as the clauses allow."""
    last = len(problem.phases) - 1
    if last == 0:
        return values
    hired = np.array([column for (phase, _), column in layout.hire.items() if phase == last], dtype=np.int64)
    settled = [layout.open[last][layout.open[last] >= 0], layout.extra[last][layout.extra[last] >= 0], hired]
    fixed = np.concatenate(settled)
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


def _state(rows: Sequence[_Row]) -> State:
    """Put phases together."""
    is_open, beds = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    roles = {role for row in rows for role in row[2]}
    return State(is_open, beds, {role: tuple(row[2].get(role, 0) for row in rows) for role in sorted(roles)})
