"""Compiled loops of the textbook models: the Lagrangean dual and interchange search on sparse pairs.

Everything here works on plain arrays. `near` is a CSR of demand rows whose pairs ascend by cost, `by_site` its
transpose. Results depend on nothing but the arguments.
"""
# ruff: noqa: C901, PLR0912, PLR0913, PLR0917 - splitting an inner loop costs calls that are not always inlined

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from siting.model.compiled import compiled

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray, IntArray

CLOSED, FREE, OPEN = -1, 0, 1
"""What is settled about a site."""
LEAST_PACE = 1e-3
"""When steps have become so small, the bound is as good as it gets."""


class Rows(NamedTuple):
    """Pairs in compressed rows: int64[row + 1], int64[pair], float64[pair]."""

    indptr: IntArray
    other: IntArray
    cost: FloatArray


class Choice(NamedTuple):
    """What may be chosen: cost of each site, what is settled about it, and how many may be open in all."""

    fixed: FloatArray
    state: IntArray
    least: int
    most: int


class Room(NamedTuple):
    """How much each demand takes up and each site holds; no sites where there is no limit.

    `whole` is 1 where a demand may not be split and all sizes are whole numbers: then knapsacks are 0–1.
    """

    demand: FloatArray
    capacity: FloatArray
    whole: int


class Steps(NamedTuple):
    """How long the bound is worked on.

    The bound that is enough; what the best answer costs, inf without one; steps at most, and without a better bound.
    """

    enough: float
    target: float
    most: int
    patience: int


@compiled
def _fill_parts(by_site: Rows, j: int, price: FloatArray, room: Room, x: FloatArray) -> float:
    """Fill a site with parts of demands, best profit per place first; return what it earns (≤ 0)."""
    begin, end = by_site.indptr[j], by_site.indptr[j + 1]
    need = 0.0
    earned = 0.0
    for k in range(begin, end):
        x[k] = 0.0
        profit = price[by_site.other[k]] - by_site.cost[k]
        if profit > 0.0:
            need += room.demand[by_site.other[k]]
            earned -= profit
            x[k] = 1.0
    if need <= room.capacity[j]:
        return earned
    ratio = np.full(end - begin, np.inf)
    for k in range(begin, end):
        size = room.demand[by_site.other[k]]
        if x[k] > 0.0:
            ratio[k - begin] = -(price[by_site.other[k]] - by_site.cost[k]) / size if size > 0.0 else -np.inf
            x[k] = 0.0
    left = room.capacity[j]
    earned = 0.0
    for number in np.argsort(ratio):
        if ratio[number] == np.inf or left <= 0.0:
            break
        k = begin + number
        size = room.demand[by_site.other[k]]
        x[k] = 1.0 if size <= left else left / size
        left -= x[k] * size
        earned -= x[k] * (price[by_site.other[k]] - by_site.cost[k])
    return earned


@compiled
def _fill_whole(by_site: Rows, j: int, price: FloatArray, room: Room, x: FloatArray) -> float:
    """Fill a site with whole demands by dynamic programming over its places; return what it earns (≤ 0)."""
    begin, end = by_site.indptr[j], by_site.indptr[j + 1]
    places = int(room.capacity[j])
    best = np.zeros(places + 1)
    took = np.zeros((end - begin, places + 1), np.uint8)
    for k in range(begin, end):
        x[k] = 0.0
        profit = price[by_site.other[k]] - by_site.cost[k]
        size = int(room.demand[by_site.other[k]])
        if profit <= 0.0:
            continue
        for full in range(places, size - 1, -1):
            if best[full - size] + profit > best[full]:
                best[full] = best[full - size] + profit
                took[k - begin, full] = 1
    full = places
    for k in range(end - 1, begin - 1, -1):
        if took[k - begin, full]:
            x[k] = 1.0
            full -= int(room.demand[by_site.other[k]])
    return float(-best[places])


@compiled
def worth(near: Rows, by_site: Rows, choice: Choice, room: Room, price: FloatArray, x: FloatArray) -> FloatArray:
    """Return what opening each site costs less what it earns at these prices: float64[site].

    ``f_j + Σ_i min(0, c_ij − λ_i)`` without capacities; with them, f_j less the best knapsack of the profits λ_i − c_ij
    (and `x` is filled with its parts).
    """
    rho = choice.fixed.copy()
    if len(room.capacity):
        for j in range(len(rho)):
            if choice.state[j] != CLOSED:
                if room.whole:
                    rho[j] += _fill_whole(by_site, j, price, room, x)
                else:
                    rho[j] += _fill_parts(by_site, j, price, room, x)
        return rho
    for i in range(len(price)):
        for k in range(near.indptr[i], near.indptr[i + 1]):
            if near.cost[k] >= price[i]:
                break
            rho[near.other[k]] += near.cost[k] - price[i]
    return rho


@compiled
def choose(choice: Choice, rho: FloatArray, taken: IntArray) -> float:
    """Take the sites that the Lagrangean opens (1 in `taken`), and return the sum of their `rho`.

    All that are settled as open; then the cheapest, as long as too few are open or one more earns something.
    """
    total = 0.0
    count = 0
    for j in range(len(rho)):
        taken[j] = 0
        if choice.state[j] == OPEN:
            taken[j] = 1
            total += rho[j]
            count += 1
    for j in np.argsort(rho):
        if choice.state[j] != FREE:
            continue
        if count < choice.least or (count < choice.most and rho[j] < 0.0):
            taken[j] = 1
            total += rho[j]
            count += 1
        else:
            break
    return total


@compiled
def _served(near: Rows, by_site: Rows, room: Room, price: FloatArray, taken: IntArray, x: FloatArray) -> FloatArray:
    """Return how often the Lagrangean's answer serves each demand: float64[demand]."""
    served = np.zeros(len(price))
    if len(room.capacity):
        for j in range(len(taken)):
            if taken[j]:
                for k in range(by_site.indptr[j], by_site.indptr[j + 1]):
                    served[by_site.other[k]] += x[k]
        return served
    for i in range(len(price)):
        for k in range(near.indptr[i], near.indptr[i + 1]):
            if near.cost[k] >= price[i]:
                break
            served[i] += taken[near.other[k]]
    return served


@compiled
def ascend(
    near: Rows, by_site: Rows, choice: Choice, room: Room, missing: FloatArray, price: FloatArray, steps: Steps
) -> tuple[float, FloatArray, FloatArray, FloatArray]:
    """Raise the Lagrangean bound by deflected subgradient steps; return the best bound, its prices and `rho`, and y.

    ``L(λ) = Σ_i λ_i + min_y Σ_j ρ_j(λ) y_j`` with λ_i ≤ `missing`: the relaxation of ``Σ_j x_ij + z_i = 1``, where z_i
    leaves demand i out at the cost `missing`. Any λ proves a bound. Steps are Polyak's, ``π (target − L) / ‖d‖²``, π
    halved after a while without a better bound; the direction is the subgradient ``1 − served`` deflected as by
    Camerini, Fratta and Maffioli (Mathematical Programming Study 3, 1975). y is how much each site was open along the
    way, later steps weighing more: an estimate of the linear relaxation.
    """
    demand, sites = len(price), len(choice.fixed)
    taken = np.zeros(sites, np.int64)
    x = np.zeros(len(by_site.other) if len(room.capacity) else 0)
    best, best_price, best_rho = -np.inf, price.copy(), np.zeros(sites)
    current, direction, mean = price.copy(), np.zeros(demand), np.zeros(sites)
    pace, idle = 1.5, 0
    for _ in range(steps.most):
        rho = worth(near, by_site, choice, room, current, x)
        value = current.sum() + choose(choice, rho, taken)
        for j in range(sites):
            mean[j] = 0.95 * mean[j] + 0.05 * taken[j]
        idle = 0 if value > best + 1e-6 * abs(best) or best == -np.inf else idle + 1
        if value > best:
            best = value
            best_price[:] = current
            best_rho[:] = rho
        if best >= steps.enough:
            break
        if idle >= steps.patience:
            pace *= 0.5
            idle = 0
            if pace < LEAST_PACE:
                break
            current[:] = best_price
            direction[:] = 0.0
            rho = worth(near, by_site, choice, room, current, x)
            value = best
            choose(choice, rho, taken)
        sub = 1.0 - _served(near, by_site, room, current, taken, x)
        inner = 0.0
        norm = 0.0
        for i in range(demand):
            if current[i] >= missing[i] and sub[i] > 0.0:
                sub[i] = 0.0
            inner += sub[i] * direction[i]
            norm += direction[i] * direction[i]
        share = -1.5 * inner / norm if inner < 0.0 and norm > 0.0 else 0.0
        size = 0.0
        for i in range(demand):
            direction[i] = sub[i] + share * direction[i]
            size += direction[i] * direction[i]
        if size == 0.0:
            break
        target = steps.target if steps.target < np.inf else best + 0.1 * abs(best) + 1e-9
        step = pace * (1.05 * target - 0.05 * best - value) / size
        for i in range(demand):
            current[i] = min(missing[i], current[i] + step * direction[i])
    return best, best_price, best_rho, mean


@compiled
def serve(near: Rows, taken: IntArray, missing: FloatArray, first: FloatArray, second: FloatArray) -> IntArray:
    """Find what the nearest and the second nearest open site of every demand cost, and return the nearest.

    Where no open site is nearer than being left out, it costs `missing` and the site is −1.
    """
    server = np.full(len(first), -1, np.int64)
    for i in range(len(first)):
        first[i] = second[i] = missing[i]
        for k in range(near.indptr[i], near.indptr[i + 1]):
            if near.cost[k] >= missing[i]:
                break
            if taken[near.other[k]]:
                if server[i] >= 0:
                    second[i] = near.cost[k]
                    break
                server[i] = near.other[k]
                first[i] = near.cost[k]
    return server


@compiled
def price_of(near: Rows, choice: Choice, taken: IntArray, missing: FloatArray) -> float:
    """Return what a choice costs with everybody at the nearest open site."""
    first, second = np.empty(len(missing)), np.empty(len(missing))
    serve(near, taken, missing, first, second)
    return float(first.sum() + (choice.fixed * taken).sum())


@compiled
def interchange(near: Rows, by_site: Rows, choice: Choice, taken: IntArray, missing: FloatArray) -> float:
    """Improve a choice by opening, closing and swapping sites until none helps; return its cost.

    Best improvement with the update rules of Resende and Werneck (Annals of Operations Research 150, 2007): inserting j
    and removing r saves gain(j) − loss(r) + extra(j, r).
    """
    demand, sites = len(missing), len(choice.fixed)
    first, second = np.empty(demand), np.empty(demand)
    server = serve(near, taken, missing, first, second)
    total = first.sum() + (choice.fixed * taken).sum()
    count = taken.sum()
    loss, extra = np.empty(sites), np.empty(sites)
    while True:
        loss[:] = 0.0
        for i in range(demand):
            if server[i] >= 0:
                loss[server[i]] += second[i] - first[i]
        best, inserted, removed = 1e-9 * max(1.0, abs(total)), -1, -1
        for r in range(sites):
            if taken[r] and choice.state[r] == FREE and count > choice.least and choice.fixed[r] - loss[r] > best:
                best, inserted, removed = choice.fixed[r] - loss[r], -1, r
        for j in range(sites):
            if taken[j] or choice.state[j] != FREE:
                continue
            gain = -choice.fixed[j]
            extra[:] = 0.0
            for k in range(by_site.indptr[j], by_site.indptr[j + 1]):
                i = by_site.other[k]
                cost = by_site.cost[k]
                if cost < first[i]:
                    gain += first[i] - cost
                    if server[i] >= 0:
                        extra[server[i]] += second[i] - first[i]
                elif cost < second[i]:
                    extra[server[i]] += second[i] - cost
            if count < choice.most and gain > best:
                best, inserted, removed = gain, j, -1
            for r in range(sites):
                if taken[r] and choice.state[r] == FREE:
                    profit = gain - loss[r] + extra[r] + choice.fixed[r]
                    if profit > best:
                        best, inserted, removed = profit, j, r
        if inserted < 0 and removed < 0:
            return float(total)
        if inserted >= 0:
            taken[inserted] = 1
        if removed >= 0:
            taken[removed] = 0
        count = taken.sum()
        server = serve(near, taken, missing, first, second)
        after = first.sum() + (choice.fixed * taken).sum()
        if after >= total:  # what seemed to help was rounding: take it back
            if inserted >= 0:
                taken[inserted] = 0
            if removed >= 0:
                taken[removed] = 1
            return float(total)
        total = after


@compiled
def greedy_cover(near: Rows, by_site: Rows, choice: Choice, price: FloatArray, taken: IntArray) -> None:
    """Take sites until every demand has one, cheapest per newly covered demand first; then drop what is not needed.

    `price` stands for the sites' cost: the cost itself (Chvátal, Mathematics of Operations Research 4, 1979), or what
    the Lagrangean leaves of it. Sites settled as open stay, sites settled as closed are not taken.
    """
    demand, sites = len(near.indptr) - 1, len(price)
    covered = np.zeros(demand, np.int64)
    fresh = np.diff(by_site.indptr)
    left = demand
    while left > 0:
        best, pick = np.inf, -1
        for j in range(sites):
            if taken[j] == 0 and choice.state[j] == OPEN:
                pick = j
                break
            if taken[j] == 0 and choice.state[j] == FREE and fresh[j] > 0 and price[j] / fresh[j] < best:
                best, pick = price[j] / fresh[j], j
        if pick < 0:
            return
        taken[pick] = 1
        for k in range(by_site.indptr[pick], by_site.indptr[pick + 1]):
            i = by_site.other[k]
            covered[i] += 1
            if covered[i] == 1:
                left -= 1
                for other in range(near.indptr[i], near.indptr[i + 1]):
                    fresh[near.other[other]] -= 1
    for j in np.argsort(-choice.fixed):
        if taken[j] and choice.state[j] == FREE:
            needed = False
            for k in range(by_site.indptr[j], by_site.indptr[j + 1]):
                needed = needed or covered[by_site.other[k]] == 1
            if not needed:
                taken[j] = 0
                for k in range(by_site.indptr[j], by_site.indptr[j + 1]):
                    covered[by_site.other[k]] -= 1
