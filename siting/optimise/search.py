"""Finding a plan and proving how good it is.

Small programs go to branch-and-bound as they are. Larger ones take three steps, each exact in what it claims:

1. the linear relaxation by interior point, whose duals prove the bound (`Program.proven_bound`);
2. branch-and-bound over the options that the relaxation uses: any plan found is a plan of the whole, and the search
   stops as soon as it is close enough to the bound;
3. with the options settled, whole beds (`settle`).

The gap is between the cost of the rounded plan and the bound, never the solver's own word.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from siting.errors import SolverError
from siting.optimise.solver import Outcome, solve_lp, solve_mip

if TYPE_CHECKING:
    from collections.abc import Callable

    from siting.model.arrays import BoolArray, FloatArray
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import Program

_USED = 1e-6
_SETTLE_S = 60.0
"""Least time granted to settle beds once options are found: a plan without whole beds is no plan."""
_SETTLE_GAP = 1e-7


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The best plan found.

    Attributes
    ----------
    verdict : "plan", "infeasible" or "nothing"
    values : float64[column] or None
        Whole where they must be.
    bound : float
    how : str
    """

    verdict: str
    values: FloatArray | None
    bound: float
    how: str


def search(program: Program, options: SolverOptions, progress: Callable[[str], None]) -> Found:
    """Minimise the program's cost within the options' gap and time.

    Parameters
    ----------
    program : Program
    options : SolverOptions
    progress : callable
        Told in a sentence what is known so far.
    """
    deadline = time.monotonic() + options.time_limit_s
    if int(program.integer.sum()) < options.exact_below:
        return _exact(program, options, deadline)
    return _restricted(program, options, deadline, progress)


def _exact(program: Program, options: SolverOptions, deadline: float) -> Found:
    """Branch-and-bound over the whole program."""
    outcome = solve_mip(program, options, seconds=deadline - time.monotonic(), gap=options.gap)
    if outcome.verdict == "infeasible":
        return Found("infeasible", None, np.inf, "branch-and-bound")
    if outcome.values is None:
        return Found("nothing", None, outcome.bound, "branch-and-bound")
    values = settle(program, outcome.values, options, deadline)
    return Found("plan", values, outcome.bound, "branch-and-bound")


def _restricted(program: Program, options: SolverOptions, deadline: float, progress: Callable[[str], None]) -> Found:
    """Relax, restrict to the columns that matter, search, settle."""
    relaxation = solve_lp(program, options, seconds=deadline - time.monotonic())
    if relaxation.verdict == "infeasible":
        return Found("infeasible", None, np.inf, "linear relaxation")
    if relaxation.values is None or relaxation.row_duals is None:
        return Found("nothing", None, -np.inf, "linear relaxation")
    progress(f"bound {relaxation.bound:,.0f}")
    out = _out_of_the_running(program, relaxation)
    decide = _is_open(program)
    progress(f"{int((decide & ~out).sum()):,} of {int(decide.sum()):,} options in the running")
    outcome = solve_mip(
        _beds_in_parts(program.without(out)),
        options,
        seconds=deadline - time.monotonic(),
        gap=options.gap / 2,
        target=relaxation.bound / (1.0 - options.gap),
    )
    if outcome.values is None:
        # Too tight a choice, or too little time: let branch-and-bound see everything for what is left.
        found = _exact(program, options, max(deadline, time.monotonic() + _SETTLE_S))
        return replace(found, bound=max(found.bound, relaxation.bound))
    progress(f"cost {outcome.objective:,.0f}")
    values = settle(program, outcome.values, options, deadline)
    return Found("plan", values, relaxation.bound, "linear relaxation")


def _out_of_the_running(program: Program, relaxation: Outcome) -> BoolArray:
    """Return the options that the relaxation does not use and that would cost more than they save: bool[column]."""
    values, duals = relaxation.values, relaxation.row_duals
    if values is None or duals is None:  # pragma: no cover - the caller has looked
        return np.zeros(len(program.cost), dtype=np.bool_)
    reduced = program.reduced_costs(duals)
    return program.integer & (values < _USED) & (reduced > 0) & _is_open(program)


def _is_open(program: Program) -> BoolArray:
    """Return the columns that decide on an option: bool[column]."""
    return np.array([name.startswith("open_") for name in program.names], dtype=np.bool_)


def _beds_in_parts(program: Program) -> Program:
    """Let beds be fractions while options are searched; `settle` makes them whole."""
    return replace(program, integer=program.integer & _is_open(program))


def settle(program: Program, values: FloatArray, options: SolverOptions, deadline: float) -> FloatArray:
    """Fix the options as found and make the beds whole at least cost.

    With the options at exactly nought and one, a row that only held by the solver's tolerance shows itself: then the
    fractions that helped it are taken away and the search goes on around them.

    Raises
    ------
    SolverError
        When whole beds cannot be found for these options.
    """
    decide = _is_open(program)
    fixed = np.round(values)
    lower = np.where(decide, fixed, program.lower)
    upper = np.where(decide, fixed, program.upper)
    seconds = max(_SETTLE_S, deadline - time.monotonic())
    outcome = solve_mip(program.bounded(lower, upper), options, seconds=seconds, gap=_SETTLE_GAP)
    if outcome.values is None:
        outcome = solve_mip(_firmer(program), options, seconds=seconds, gap=options.gap)
        if outcome.values is None:
            message = "the options found could not be given whole beds; give the solver more time (solver.time_limit_s)"
            raise SolverError(message)
    return np.where(program.integer, np.round(outcome.values), outcome.values)


def _firmer(program: Program) -> Program:
    """Ask a little more of every clause, so that what holds by tolerance holds in truth."""
    rows = np.array([policy.row for policy in program.policy], dtype=np.int64)
    size = np.zeros(len(program.row_names))
    size[rows] = np.asarray(abs(program.matrix[rows]).sum(axis=1)).ravel()
    return replace(program, row_lower=program.row_lower + 1e-6 * size, row_upper=program.row_upper - 1e-6 * size)
