"""Simulated annealing over options: the fastest way known here to a very good plan where covering decides.

Kirkpatrick, Gelatt and Vecchi (Science 220, 1983); moves open, close and swap options that share groups, as vertex
substitution does (Teitz and Bart, Operations Research 16, 1968). Clauses may be short on the way: a shortfall costs
what the relaxation's dual says and a little more, so that at the end it pays to meet them.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from siting.optimise.greedy import greedy
from siting.optimise.stopping import now as clock
from siting.optimise.web import Web

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import Program

_SLICES = 40
WARM, COOL, BRIEF = (0.12, 0.01, 2_000), (0.02, 0.005, 2_000), (0.02, 0.005, 500)
"""First and last temperature, as a part of the mean cost of an option, and moves for every option worth a look."""
_LEAST_MOVES = 400_000
"""Small programs are searched thoroughly: it takes no time."""
_DEARER = 1.02
_LOOK = 0.3
"""An option is worth a look when its reduced cost is below this part of its cost, or when it was chosen before."""


def annealed(
    program: Program,
    duals: FloatArray,
    options: SolverOptions,
    limits: tuple[float, float],
    *,
    start: BoolArray | None = None,
    heat: tuple[float, float, int] = WARM,
) -> tuple[IntArray, FloatArray] | None:
    """Search a program that decides on options alone (`siting.optimise.web.is_all`).

    Parameters
    ----------
    program : Program
    duals : float64[row]
        Of its relaxation.
    options : SolverOptions
        As many searches run as it has threads, from seeds that follow its own; the best counts.
    limits : (float, float)
        When to stop by the monotonic clock, and a cost low enough to stop at.
    start : bool[option], optional
        A choice to begin with, completed greedily where clauses are short. Otherwise a greedy choice is the start.
    heat : (float, float, int)
        `COOL` or `BRIEF` look only for what is around a start that is nearly as good as can be.

    Returns
    -------
    int64[option], float64[option]
        Columns of options, and nought or one for each; None where no choice was found that meets every clause.
    """
    web = Web.of(program)
    price = prices(web, np.maximum(duals[web.rows], 0.0))
    first = greedy(web, price, start)
    reduced = program.reduced_costs(duals)[web.options]
    look = np.flatnonzero(first | (reduced < _LOOK * web.cost) | web.held[web.site] | web.fixed)
    seeds = [options.seed + number for number in range(options.threads)]
    with ThreadPoolExecutor(len(seeds)) as pool:
        runs = pool.map(lambda seed: _one(_part(web, look), (price, first[look], heat), seed, limits), seeds)
        cost, on = min(runs, key=lambda found: found[0])
    if not np.isfinite(cost):
        return None
    values = np.zeros(len(web.options))
    values[look[on]] = 1.0
    return web.options, values


def prices(web: Web, duals: FloatArray) -> FloatArray:
    """Return what a shortfall of each clause costs, a little more than its dual and never nothing: float64[clause]."""
    adds = web.covers @ web.worth + web.own
    most: FloatArray = np.asarray(adds.max(axis=0).todense(), dtype=np.float64).ravel()
    least = 0.1 * float(web.cost.mean()) / np.maximum(most, 1e-12)
    return np.asarray(np.maximum(_DEARER * duals, least), dtype=np.float64)


def _part(web: Web, look: Any) -> dict[str, Any]:  # noqa: ANN401 - int64[kept]
    """Return the web of some options, in the arrays that the kernel takes."""
    covers, own = web.covers[look], web.own[look]
    near = sparse.csr_array(covers @ covers.T)
    counts = sparse.coo_array(web.worth)  # a group that counts for several clauses becomes several groups
    split = sparse.csr_array(
        (np.ones(counts.nnz), (counts.coords[0], np.arange(counts.nnz))), shape=(web.worth.shape[0], counts.nnz)
    )
    covers = sparse.csr_array(covers @ split)
    return {
        "cost": web.cost[look],
        "site": web.site[look],
        "held": web.held,
        "fixed": web.fixed[look],
        "cover_ptr": covers.indptr,
        "cover": covers.indices,
        "near_ptr": near.indptr,
        "near": near.indices,
        "worth_row": counts.coords[1],
        "worth": counts.data,
        "own_ptr": own.indptr,
        "own_row": own.indices,
        "own": own.data,
        "asked": web.asked,
        "groups": counts.nnz,
    }


def _one(
    part: dict[str, Any],
    begin: tuple[FloatArray, BoolArray, tuple[float, float, int]],
    seed: int,
    limits: tuple[float, float],
) -> tuple[float, BoolArray]:
    """Run one search from prices, a start and how warm.

    Returns the least cost that met every clause (inf: none did) and its options.
    """
    from siting.optimise import anneal_kernel as kernel  # noqa: PLC0415 - numba is loaded when it is needed

    price, start, (hot, cold, patience) = begin
    asked, groups = part.pop("asked"), part.pop("groups")
    shape = kernel.Shape(price=price, **part)
    covers = sparse.csr_array((np.ones(len(shape.cover)), shape.cover, shape.cover_ptr), shape=(len(start), groups))
    own = sparse.csr_array((shape.own, shape.own_row, shape.own_ptr), shape=(len(start), len(asked)))
    times = (start.astype(np.float64) @ covers).astype(np.int32)
    short = asked - start.astype(np.float64) @ own - np.bincount(shape.worth_row, shape.worth * (times > 0), len(asked))
    holder = np.full(len(shape.held), -1, dtype=np.int64)
    holder[shape.site[start]] = np.flatnonzero(start)
    cost = float(shape.cost @ start) if (short <= 0).all() else np.inf
    now = kernel.Standing(start.copy(), holder, times, short, start.copy(), np.array([cost]))
    deadline, target = limits
    heats = float(shape.cost.mean()) * np.geomspace(hot, cold, _SLICES + 1)
    moves = max(_LEAST_MOVES, patience * len(start)) // _SLICES
    for number in range(_SLICES):
        kernel.anneal(shape, now, seed * _SLICES + number, moves, heats[number : number + 2])
        if clock() > deadline or now.best[0] <= target:
            break
    return float(now.best[0]), now.best_on
