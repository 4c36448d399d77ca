"""The radius form of choosing sites as a mixed-integer program, for what Lagrangean branch-and-bound leaves open.

With the distinct costs D_i0 < D_i1 < … of a demand i in ascending order and z_ik = 1 where no open site costs at most
D_ik (Cornuéjols, Nemhauser and Wolsey, SIAM Journal on Algebraic and Discrete Methods 1, 1980; sparse chain of Church,
Networks and Spatial Economics 3, 2003, and García, Labbé and Marín, INFORMS Journal on Computing 23, 2011)::

    min Σ_j f_j y_j + Σ_i D_i0 + Σ_ik (D_i,k+1 − D_ik) z_ik
    z_i0 + Σ_{c_ij ≤ D_i0} y_j ≥ 1,   z_ik + Σ_{c_ij = D_ik} y_j ≥ z_i,k−1,   least ≤ Σ_j y_j ≤ most

Levels that could only be reached by an answer worse than the one in hand are left out (`reaches`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siting.model.compiled import compiled
from siting.optimise.locate.kernels import CLOSED, OPEN
from siting.optimise.program import Assembly
from siting.optimise.solver import solve_mip

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.optimise.locate.kernels import Rows
    from siting.optimise.locate.problem import Limits, Plant


@compiled
def reaches(near: Rows, missing: FloatArray, state: IntArray, leave: FloatArray, spare: float) -> IntArray:
    """Return the pair after the last one that can matter to each demand: int64[demand].

    `leave` is by how much the bound rises at least when a site that the relaxation takes must stay closed (0 for the
    others), `spare` how much is left between bound and best answer. A demand is never served from beyond the first
    place where closing everything nearer would cost more than that.
    """
    last = np.empty(len(near.indptr) - 1, np.int64)
    for i in range(len(last)):
        lost = 0.0
        k = near.indptr[i]
        while k < near.indptr[i + 1] and near.cost[k] < missing[i]:
            cost = near.cost[k]
            while k < near.indptr[i + 1] and near.cost[k] == cost:
                lost += np.inf if state[near.other[k]] == OPEN else leave[near.other[k]]
                k += 1
            if lost >= spare:
                break
        last[i] = k
    return last


@dataclass(frozen=True, slots=True, eq=False)
class _Levels:
    """The distinct costs of each demand, as far as they matter; all but `pair_*` are parallel arrays of levels."""

    row: IntArray
    cost: FloatArray
    following: FloatArray
    first: BoolArray
    beyond: BoolArray
    pair_level: IntArray
    pair_site: IntArray


def _levels(plant: Plant, last: IntArray) -> _Levels:
    """Group pairs that cost the same; `beyond` says whether a demand may go unserved at a level."""
    near = plant.near
    row = np.repeat(np.arange(len(last)), np.diff(near.indptr))
    counts = np.arange(len(near.other)) < last[row]
    row, cost, site = row[counts], near.cost[counts], near.other[counts]
    starts = np.ones(len(row), dtype=np.bool_)
    starts[1:] = (row[1:] != row[:-1]) | (cost[1:] != cost[:-1])
    of_row, of_cost = row[starts], cost[starts]
    first = np.ones(len(of_row), dtype=np.bool_)
    first[1:] = of_row[1:] != of_row[:-1]
    final = np.append(first[1:], True)[: len(first)]
    whole_row = (last == near.indptr[1:]) | ~(near.cost[np.minimum(last, len(near.cost) - 1)] < plant.missing)
    following = np.where(final, plant.missing[of_row], np.append(of_cost[1:], 0.0)[: len(first)])
    beyond = ~final | (plant.optional & whole_row[of_row])
    return _Levels(of_row, of_cost, following, first, beyond, np.cumsum(starts) - 1, site)


def size_by_radius(plant: Plant, last: IntArray) -> int:
    """Return how many pairs the program would hold."""
    return int((last - plant.near.indptr[:-1]).sum())


def by_radius(
    plant: Plant, state: IntArray, last: IntArray, limits: Limits, seconds: float
) -> tuple[float, IntArray | None]:
    """Solve what is open of a problem; return the bound that is proven and the sites taken: int64[site].

    Parameters
    ----------
    plant : Plant
    state : int64[site]
        What is settled.
    last : int64[demand]
        As `reaches` returns it.
    limits : Limits
    seconds : float
    """
    levels, assembly, sites = _levels(plant, last), Assembly(), len(state)
    is_open = assembly.columns([f"open_{j}" for j in range(sites)], np.ones(sites), integer=True)
    numbers = np.flatnonzero(levels.beyond)
    beyond = np.full(len(levels.row), -1)
    beyond[numbers] = assembly.columns([f"beyond_{k}" for k in numbers], np.ones(len(numbers)), integer=False)
    before = np.flatnonzero(~levels.first)
    assembly.rows(
        [f"level_{k}" for k in range(len(levels.row))],
        [
            (levels.pair_level, is_open[levels.pair_site], 1.0),
            (numbers, beyond[numbers], 1.0),
            (before, beyond[before - 1], -1.0),
        ],
        levels.first.astype(np.float64),
        np.inf,
    )
    for name, least, most in (("least", plant.choice.least, np.inf), ("most", -np.inf, plant.choice.most)):
        assembly.rows([name], [(np.zeros(sites, dtype=np.int64), is_open, 1.0)], least, most)
    program = assembly.program(np.concatenate([plant.choice.fixed, (levels.following - levels.cost)[numbers]]), [])
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[is_open[state == OPEN]], upper[is_open[state == CLOSED]] = 1.0, 0.0
    served = np.zeros(len(last), dtype=np.bool_)
    served[levels.row] = True
    constant = float(levels.cost[levels.first].sum() + plant.missing[~served].sum())
    target = None if limits.enough == -np.inf else limits.enough - constant
    gap = limits.options.gap
    outcome = solve_mip(program.bounded(lower, upper), limits.options, seconds=seconds, gap=gap, target=target)
    taken = None if outcome.values is None else np.round(outcome.values[is_open]).astype(np.int64)
    return outcome.bound + constant, taken
