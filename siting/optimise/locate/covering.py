"""Cheapest sites that reach everybody, after dropping rows and columns that cannot matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from siting.optimise.locate.kernels import CLOSED, FREE, OPEN, Choice, Rows, greedy_cover
from siting.optimise.locate.plant import solve_plant
from siting.optimise.locate.problem import Limits, Plant, transposed

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.optimise.locate.inputs import Pairs
    from siting.optimise.locate.result import Run

_DENSE = 4_000_000
"""Up to so many cells, rows and columns are compared with one another."""


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """Sites that reach everybody.

    Attributes
    ----------
    taken : int64[site] or None
        None when none was found.
    bound : float
        No cover costs less; inf when there is none (that costs as little as was asked).
    proven : bool
        Whether the cover is proven to be the cheapest.
    """

    taken: IntArray | None
    bound: float
    proven: bool


def least_cover(pairs: Pairs, cost: FloatArray, kept: IntArray, run: Run, most: int | None = None) -> Cover:
    """Find the cheapest sites such that every demand has a pair with one.

    ``min Σ_j c_j y_j,  Σ_{j reaches i} y_j ≥ 1`` (Toregas, Swain, ReVelle and Bergman, Operations Research 19, 1971).
    Dominance: a demand whose sites include all of another's is served with it; a site that reaches nothing beyond what
    a cheaper one reaches is not needed.

    Parameters
    ----------
    pairs : Pairs
        Who reaches whom; costs of pairs are not looked at. Everybody must have one.
    cost : float64[site]
    kept : int64[kept]
        Open in any case.
    run : Run
    most : int, optional
        Any cover of at most so many sites will do, and no other: the search ends with one, or with the proof that
        there is none.
    """
    state = np.full(pairs.sites, FREE, dtype=np.int64)
    state[kept] = OPEN
    near, state = _reduced(pairs, cost, state)
    whole = bool((cost == np.round(cost)).all())
    ceiling = float(cost.sum()) + 1.0
    choice = Choice(cost, state, max(1, len(kept)), pairs.sites if most is None else most)
    missing = np.full(len(near.indptr) - 1, ceiling)
    by_site = transposed(near, pairs.sites)
    plant = Plant(near, by_site, choice, missing, whole, cover=True)
    begin = np.zeros(pairs.sites, dtype=np.int64)
    greedy_cover(near, by_site, choice, cost, begin)
    begin[kept] = 1
    enough = -np.inf if most is None else float(most)
    limits = Limits(run.deadline, run.options, enough=enough, nodes=0)
    top = ceiling if most is None else most + 1.0
    answer = solve_plant(plant, limits, ceiling=top, starts=[begin])
    if answer.taken is None:
        return Cover(None, np.inf if answer.bound >= top else answer.bound, proven=False)
    return Cover(answer.taken, answer.bound, proven=answer.value <= answer.bound + 1e-6 * max(1.0, answer.value))


def _reduced(pairs: Pairs, cost: FloatArray, state: IntArray) -> tuple[Rows, IntArray]:
    """Drop demand and sites that dominance makes needless, over and over; return the rows left and what is settled."""
    rows = np.arange(pairs.demand)
    reach = sparse.csr_array(
        (np.ones(len(pairs.near.other), dtype=np.float32), pairs.near.other, pairs.near.indptr),
        shape=(pairs.demand, pairs.sites),
    )
    if pairs.demand * pairs.sites <= _DENSE:
        dense = reach.toarray()
        while True:
            usable = np.flatnonzero(state != CLOSED)
            part = dense[np.ix_(rows, usable)]
            stays = ~_contains_another(part)
            part = part[stays]
            gone = _within_another(part, cost[usable], state[usable])
            rows, before = rows[stays], len(rows)
            state[usable[gone]] = CLOSED
            if not gone.any() and len(rows) == before:
                break
        reach = reach[rows]
    return _plain_rows(reach, state), state


def _plain_rows(reach: sparse.csr_array[np.float32, tuple[int, int]], state: IntArray) -> Rows:
    """Return rows at no cost, without closed sites."""
    coo = reach.tocoo()
    row, site = coo.coords
    there = state[site] != CLOSED
    csr = sparse.csr_array((np.ones(there.sum()), (row[there], site[there])), shape=reach.shape)
    return Rows(csr.indptr.astype(np.int64), csr.indices.astype(np.int64), np.zeros(csr.nnz))


def _contains_another(part: Any) -> BoolArray:  # noqa: ANN401 - float32[row, site]
    """Say which rows hold all of another row, of equal ones all but the first: bool[row]."""
    size = part.sum(axis=1)
    common = part @ part.T
    inside = common >= size[None, :]  # [i, k]: all of k is in i
    number = np.arange(len(size))
    earlier = (size[None, :] < size[:, None]) | (number[None, :] < number[:, None])
    return np.asarray((inside & earlier).any(axis=1))


def _within_another(part: Any, cost: FloatArray, state: IntArray) -> BoolArray:  # noqa: ANN401 - as above
    """Say which free sites reach nothing beyond what one no dearer reaches, of equal ones all but the first."""
    size = part.sum(axis=0)
    common = part.T @ part
    inside = common >= size[:, None]  # [j, k]: all of j is in k
    number = np.arange(len(size))
    worth = np.where(state == OPEN, -1.0, cost)
    equal = inside & inside.T & (worth[None, :] == worth[:, None])
    better = inside & (worth[None, :] <= worth[:, None]) & (~equal | (number[None, :] < number[:, None]))
    return np.asarray(better.any(axis=1) & (state == FREE))
