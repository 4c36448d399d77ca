"""From options to whole plans: beds and persons hired are whole, and every row holds in truth."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siting.errors import SolverError
from siting.optimise.found import BRANCHING, NEGLIGIBLE, TINY, Found, aim_of
from siting.optimise.part import is_open, part
from siting.optimise.shrink import shrink
from siting.optimise.solver import solve_lp, solve_mip
from siting.optimise.stopping import now

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray, IntArray
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import Program

_SETTLE_S = 60.0
"""Least time granted to settle beds once options are found: a plan without whole beds is no plan."""
_SETTLE_GAP = 1e-7
"""Beds are settled to this part of their cost; in large programs to what is negligible of the gap asked for."""
_CLOSELY = 0.1
"""What is left open at a corner is searched to this part of the gap granted."""
_USED = 1e-6


def whole(program: Program, values: FloatArray, options: SolverOptions, deadline: float) -> FloatArray | None:
    """Make beds whole, as closely as the gap asks for; None where the options have room for them only in fractions."""
    try:
        return settle(program, values, options, deadline, max(_SETTLE_GAP, NEGLIGIBLE * options.gap))
    except SolverError:
        return None


def settle(
    program: Program, values: FloatArray, options: SolverOptions, deadline: float, gap: float = _SETTLE_GAP
) -> FloatArray:
    """Fix the options as found and make the beds whole at least cost.

    With the options at exactly nought and one, a row that only held by the solver's tolerance shows itself: then the
    fractions that helped it are taken away and the search goes on around them.

    Raises
    ------
    SolverError
        When whole beds cannot be found for these options.
    """
    decide = is_open(program)
    fixed = np.round(values)
    lower = np.where(decide, fixed, program.lower)
    upper = np.where(decide, fixed, program.upper)
    limits = (max(now() + _SETTLE_S, deadline), -np.inf)
    closely = options.model_copy(update={"gap": gap})
    settled = _around_corner(program.bounded(lower, upper), closely, limits[0]) if gap > _SETTLE_GAP else None
    if settled is None:
        settled = part(program.bounded(lower, upper), closely, limits)
    if settled is None:
        settled = part(_firmer(program), options, limits)
    if settled is None:
        message = "the options found could not be given whole beds; give the solver more time (solver.time_limit_s)"
        raise SolverError(message)
    return np.where(program.integer, np.round(settled), settled)


def _around_corner(program: Program, options: SolverOptions, deadline: float) -> FloatArray | None:
    """Make whole what a corner of the relaxation has in parts; None where that is not close enough, or needless.

    At a corner most beds are whole: only what some row holds exactly can be in parts.
    """
    small = shrink(program)
    if small is None or int(small.program.integer.sum()) < TINY:
        return None
    corner = solve_lp(small.program, options, seconds=deadline - now(), vertex=True)
    if corner.values is None:
        return None
    near = np.round(corner.values)
    there = small.program.integer & (np.abs(corner.values - near) < _USED)
    narrow = small.program.bounded(
        np.where(there, near, small.program.lower), np.where(there, near, small.program.upper)
    )
    found = part(narrow, options.model_copy(update={"gap": _CLOSELY * options.gap}), (deadline, -np.inf))
    if found is None:
        return None
    fixed, point = float(program.cost @ small.base), small.whole(found)
    return point if program.cost @ point <= aim_of(fixed + corner.bound, options.gap) else None


def point_at(program: Program, columns: IntArray, values: FloatArray, options: SolverOptions) -> FloatArray | None:
    """Return a point of the program at which these columns have these values, the others being best; None if none is.

    Whole columns among the others are made whole.
    """
    lower, upper = program.lower.copy(), program.upper.copy()
    if ((values < lower[columns] - _USED) | (values > upper[columns] + _USED)).any():
        return None
    lower[columns] = upper[columns] = values
    return part(
        program.bounded(lower, upper), options.model_copy(update={"gap": _SETTLE_GAP}), (now() + _SETTLE_S, -np.inf)
    )


def exactly(program: Program, options: SolverOptions, deadline: float, start: FloatArray | None = None) -> Found:
    """Branch-and-bound over the whole program, from a plan where there is one."""
    outcome = solve_mip(program, options, seconds=deadline - now(), gap=options.gap, start=start)
    if outcome.verdict == "infeasible":
        return Found("infeasible", None, np.inf, BRANCHING)
    if outcome.values is None:
        verdict = "nothing" if start is None else "plan"
        return Found(verdict, start, outcome.bound, BRANCHING)
    values = settle(program, outcome.values, options, deadline)
    return Found("plan", values, outcome.bound, BRANCHING)


def beds_in_parts(program: Program) -> Program:
    """Let beds and persons hired be fractions while options are searched; `settle` makes them whole."""
    parts = np.array([name.startswith(("extra_", "hire_")) for name in program.names], dtype=np.bool_)
    return replace(program, integer=program.integer & ~parts)


def _firmer(program: Program) -> Program:
    """Ask a little more of every clause, so that what holds by tolerance holds in truth."""
    rows = np.array([policy.row for policy in program.policy], dtype=np.int64)
    size = np.zeros(len(program.row_names))
    size[rows] = np.asarray(abs(program.matrix[rows]).sum(axis=1)).ravel()
    return replace(program, row_lower=program.row_lower + 1e-6 * size, row_upper=program.row_upper - 1e-6 * size)
