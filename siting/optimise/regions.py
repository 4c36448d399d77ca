"""A tighter bound than the relaxation's: the same duals, and branch-and-bound region by region.

Rows that reach across the whole area (what clauses ask for) are priced by their duals; all other rows are local and
fall into regions. A column that stands in rows of several regions is copied into each, its cost being split among the
copies by those rows' duals. The regions are then independent programs, and their optima with whole numbers add up to a
lower bound (Lagrangean decomposition: Guignard and Kim, Mathematical Programming 39, 1987). With the relaxation's duals
no region proves less than its part of the relaxation's bound; that options are whole lifts it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from siting.optimise.program import local_rows
from siting.optimise.solver import solve_mip
from siting.optimise.stopping import now

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray, IntArray
    from siting.model.problem import Csr
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import Program

_NOWHERE = -1
_PASSES = 4
_GAP = 1e-4
_UNEVEN, _MIDDLE = 0.1, 0.3
"""How far from its middle a set may be cut, and how near to it a place is that is as far from both ends."""


def regional_bound(program: Program, duals: FloatArray, size: int, options: SolverOptions, deadline: float) -> float:
    """Return a lower bound on the objective; never below what the duals prove by themselves.

    Parameters
    ----------
    program : Program
    duals : float64[row]
        Any; those of the relaxation are best.
    size : int
        Options in a region, at most. Larger regions prove more and take longer.
    options : SolverOptions
        As many regions are searched at once as it has threads.
    deadline : float
        When to stop by the monotonic clock; regions not looked at count with what the duals prove of them.
    """
    duals = program.cleaned(duals)
    of_row, of_column = regions(program, size)
    one = options.model_copy(update={"threads": 1})

    def lifted(region: int) -> float:
        if now() > deadline:
            return 0.0
        piece = _piece(program, duals, of_row == region, of_column == region)
        outcome = solve_mip(piece, one, seconds=deadline - now(), gap=_GAP, local=True)
        return max(0.0, outcome.bound - _share(program, duals, of_row == region, of_column == region))

    with ThreadPoolExecutor(options.threads) as pool:
        return program.proven_bound(duals) + sum(pool.map(lifted, range(int(of_column.max(initial=_NOWHERE)) + 1)))


def regions(program: Program, size: int) -> tuple[IntArray, IntArray]:
    """Divide local rows and all columns among regions that touch each other as little as may be.

    Returns
    -------
    int64[row], int64[column]
        Numbers of regions; −1 for rows that are not local and columns that stand in no local row.
    """
    local = local_rows(program)
    matrix = sparse.csr_array(abs(sparse.diags_array(local.astype(np.float64)) @ program.matrix))
    matrix.eliminate_zeros()
    matrix.data[:] = 1.0
    opened = np.array([name.startswith("open_") for name in program.names], dtype=np.bool_)
    opened &= program.upper > program.lower
    of_column = np.full(len(program.names), _NOWHERE, dtype=np.int64)
    links = _links(matrix, opened)
    for number, part in enumerate(_halved(links, np.arange(links.shape[0]), size)):
        of_column[np.flatnonzero(opened)[part]] = number
    return _spread(matrix, of_column)


def _links(matrix: Csr[Any, tuple[int, int]], opened: Any) -> Csr[Any, tuple[int, int]]:  # noqa: ANN401 - bool[column]
    """Return in how many rows two options stand together, directly or by what sums up options: csr."""
    options = sparse.csc_array(matrix)[:, np.flatnonzero(opened)]
    others = sparse.csc_array(matrix)[:, np.flatnonzero(~opened)]
    through = sparse.csr_array(others @ (others.T @ options))  # a row of groups names sums, whose rows name options
    reach = sparse.csc_array(options + through)
    reach.data[:] = 1.0
    return sparse.csr_array(reach.T @ reach)


def _halved(links: Csr[Any, tuple[int, int]], among: IntArray, size: int) -> list[IntArray]:
    """Divide a set of options in two, where few links are lost, until no part is larger than `size`."""
    if len(among) <= size:
        return [among] if len(among) else []
    near = links[among][:, among]
    order, count = min((_cut(near, order) for order in _orders(near)), key=lambda found: found[0])[1:]
    return [
        *_halved(links, np.sort(among[order[:count]]), size),
        *_halved(links, np.sort(among[order[count:]]), size),
    ]


def _orders(near: Csr[Any, tuple[int, int]]) -> list[IntArray]:
    """Order options from one end of a set to the other, along its longest way and across it.

    By how much farther they are from one end than from the other, so that a cut is the line in the middle of two
    places. The more rows two options share, the shorter the way between them.
    """
    ways: Any = sparse.csr_array((1.0 / near.data, near.indices, near.indptr), shape=near.shape)

    def far(start: int) -> FloatArray:
        away: FloatArray = dijkstra(ways, directed=False, indices=np.array([start]))[0]
        there = np.isfinite(away)
        return np.asarray(np.where(there, away, 2 * away[there].max() + 1))

    one = far(int(far(0).argmax()))
    other = far(int(one.argmax()))
    middle = np.abs(one - other) <= _MIDDLE * one.max()
    side = far(int(np.where(middle, np.minimum(one, other), -1.0).argmax()))
    across = far(int(np.where(middle, side, -1.0).argmax()))
    return [np.argsort(one - other, kind="stable"), np.argsort(side - across, kind="stable")]


def _cut(near: Csr[Any, tuple[int, int]], order: IntArray) -> tuple[float, IntArray, int]:
    """Cut an order near its middle where few links are lost; return how many, the order, and how many go first."""
    count = len(order)
    place = np.empty(count, dtype=np.int64)
    place[order] = np.arange(count)
    entries = sparse.coo_array(near)
    first, last = place[entries.coords[0]], place[entries.coords[1]]
    lost = np.bincount(first + 1, entries.data * (first < last), count + 1)
    lost -= np.bincount(last + 1, entries.data * (first < last), count + 1)
    lost = lost.cumsum()
    at = np.arange(max(1, int(count * (0.5 - _UNEVEN))), min(count - 1, int(count * (0.5 + _UNEVEN))) + 1)
    best = int(at[lost[at].argmin()])
    return float(lost[best]), order, best


def _spread(matrix: Csr[Any, tuple[int, int]], of_column: IntArray) -> tuple[IntArray, IntArray]:
    """Give rows the region of most of their columns, and other columns that of most of their rows."""
    of_row, of_column = np.full(matrix.shape[0], _NOWHERE, dtype=np.int64), of_column.copy()
    columns = sparse.csr_array(matrix.T)
    for _ in range(_PASSES):
        _vote(matrix, of_column, of_row)
        _vote(columns, of_row, of_column)
    return of_row, of_column


def _vote(matrix: Csr[Any, tuple[int, int]], of_voter: IntArray, regions: IntArray) -> None:
    """Write down the region of most voters, for those that have none yet and for whom somebody votes."""
    votes = np.flatnonzero(of_voter >= 0)
    member = sparse.csr_array(
        (np.ones(len(votes)), (votes, of_voter[votes])), shape=(len(of_voter), int(of_voter.max(initial=0)) + 1)
    )
    counted = sparse.csr_array(matrix @ member)
    fresh = np.flatnonzero((regions < 0) & (np.diff(counted.indptr) > 0))
    if len(fresh):
        regions[fresh] = counted[fresh].argmax(axis=1)


def _piece(program: Program, duals: FloatArray, rows: Any, home: Any) -> Program:  # noqa: ANN401 - bool arrays
    """Cut a region out: its rows, the columns in them and those at home there, costs split by duals."""
    inside = program.matrix[np.flatnonzero(rows)]
    cost = inside.T @ duals[rows] + np.where(home, program.reduced_costs(duals), 0.0)
    there = home.copy()
    there[inside.indices] = True
    return replace(program.aiming(cost), policy=()).cut(
        np.flatnonzero(rows), np.flatnonzero(there), np.zeros(len(cost))
    )


def _share(program: Program, duals: FloatArray, rows: Any, home: Any) -> float:  # noqa: ANN401 - bool arrays
    """Return a region's part of what the duals prove."""
    reduced = np.where(home, program.reduced_costs(duals), 0.0)
    up, down = np.where(rows & (duals > 0), duals, 0.0), np.where(rows & (duals < 0), duals, 0.0)
    columns = np.where(reduced > 0, reduced * program.lower, reduced * program.upper)
    floor, ceiling = np.where(up > 0, program.row_lower, 0.0), np.where(down < 0, program.row_upper, 0.0)
    return float(up @ floor + down @ ceiling + columns.sum())
