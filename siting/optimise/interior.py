"""The linear relaxation by interior point: Clarabel, whose sparse factors suit programs in which little meets.

Goulart and Chen, "Clarabel: An interior-point solver for conic programs with quadratic objectives" (2024). On the
programs of a city it takes a third of the time of HiGHS's own interior point (docs/benchmarks.md). What it says is not
taken at its word: bounds are computed from its duals (`Program.proven_bound`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import clarabel
import numpy as np
from scipy import sparse

from siting.optimise.stopping import heeded, stopped

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray
    from siting.optimise.program import Program


_EPSILON = 1e-9


def interior(program: Program, seconds: float) -> tuple[FloatArray, FloatArray] | None:
    """Solve a program's linear relaxation.

    Returns
    -------
    (float64[column], float64[row]) or None
        A point in the middle of the optimal face, and duals, positive where the lower side of a row is priced. None
        where no solution was found, in time or at all, where every column is fixed or what is fixed breaks a row.
    """
    free = np.flatnonzero(program.upper > program.lower)
    if not len(free):
        return None
    point, duals = program.lower.copy(), np.zeros(len(program.row_names))
    matrix = sparse.csr_array(program.matrix[:, free])
    matrix.eliminate_zeros()
    point[free] = 0.0
    done = program.matrix @ point
    used = np.diff(matrix.indptr) > 0
    slack = _EPSILON * np.maximum(1.0, np.abs(done))
    if (~used & ((done < program.row_lower - slack) | (done > program.row_upper + slack))).any():
        return None
    even = used & (program.row_lower == program.row_upper)
    most, least = (used & ~even & np.isfinite(side) for side in (program.row_upper, program.row_lower))
    solution = _solved(
        program.cost[free] / _scale(program),
        # s = b − Ax is nought for the first block and not below nought for the others
        (matrix[even], matrix[most], -matrix[least], sparse.eye_array(len(free)), -sparse.eye_array(len(free))),
        (
            (program.row_upper - done)[even],
            (program.row_upper - done)[most],
            -(program.row_lower - done)[least],
            program.upper[free],
            -program.lower[free],
        ),
        seconds,
    )
    if solution is None:
        return None
    point[free], (duals[even], of_most, of_least, *_) = solution
    duals[even] *= -1.0
    duals[most] -= of_most
    duals[least] += of_least
    return point, duals * _scale(program)


def _scale(program: Program) -> float:
    """Return the largest cost: the solver is given costs of at most one."""
    return float(np.abs(program.cost).max(initial=0.0)) or 1.0


def _solved(
    cost: FloatArray, blocks: tuple[Any, ...], sides: tuple[FloatArray, ...], seconds: float
) -> tuple[FloatArray, list[FloatArray]] | None:
    """Solve ``min cost·x``, the first block's rows being equal to their sides and all others' at most theirs.

    Returns the point and each block's duals; None where it was not solved.
    """
    count = len(cost)
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.time_limit = max(seconds, 0.0)
    settings.direct_solve_method = "qdldl"  # one thread: the same figures on every run
    settings.max_threads = 1
    rest = sum(len(side) for side in sides[1:])
    cones = [clarabel.ZeroConeT(len(sides[0])), clarabel.NonnegativeConeT(rest)]
    nothing = sparse.csc_matrix((count, count))
    matrix = sparse.csc_matrix(sparse.vstack(blocks, format="csc"))
    solver = clarabel.DefaultSolver(nothing, cost, matrix, np.concatenate(sides), cones, settings)
    if heeded():
        before = stopped()
        solver.set_termination_callback(lambda _: stopped() and not before)
    solution = solver.solve()
    if solution.status != clarabel.SolverStatus.Solved:
        return None
    ends = np.cumsum([len(side) for side in sides])[:-1]
    return np.array(solution.x), np.split(np.array(solution.z), ends)
