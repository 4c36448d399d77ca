# ruff: noqa: ANN401, PLR0913, PLR0917, C901 - arrays that numba compiles for, handed over one by one: bundles cost it twice the time
"""The compiled part of annealing. Importing this imports numba, so it happens when the first search needs it."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from siting.model.compiled import compiled


class Shape(NamedTuple):
    """A covering problem in arrays; rows are clauses, each to be brought to no shortfall.

    As csr: `cover_*` options × groups, `near_*` options × options that share a group, `own_*` options × clauses, what
    an option gives besides covering. A group counts for one clause, `worth_row`, in which it is worth `worth`.
    """

    cost: Any
    price: Any
    site: Any
    held: Any
    fixed: Any
    cover_ptr: Any
    cover: Any
    near_ptr: Any
    near: Any
    worth_row: Any
    worth: Any
    own_ptr: Any
    own_row: Any
    own: Any


class Standing(NamedTuple):
    """Where a search stands.

    Options in force, the option of each site (−1: none), how often each group is covered, each clause's shortfall; and
    the best choice that met every clause, with its cost as the only element of `best`.
    """

    on: Any
    holder: Any
    times: Any
    short: Any
    best_on: Any
    best: Any


@compiled
def _enter(option: int, ptr: Any, cover: Any, times: Any, row: Any, worth: Any, delta: Any) -> None:
    """Count an option's groups in; add to `delta` what those that were not covered are worth."""
    for at in range(ptr[option], ptr[option + 1]):
        group = cover[at]
        if times[group] == 0:
            delta[row[group]] += worth[group]
        times[group] += 1


@compiled
def _leave(option: int, ptr: Any, cover: Any, times: Any, row: Any, worth: Any, delta: Any) -> None:
    """Count an option's groups out; take from `delta` what those that nothing else covers are worth."""
    for at in range(ptr[option], ptr[option + 1]):
        group = cover[at]
        times[group] -= 1
        if times[group] == 0:
            delta[row[group]] -= worth[group]


@compiled
def _count(option: int, ptr: Any, cover: Any, times: Any, step: int) -> None:
    """Count an option's groups in or out, whatever they are worth."""
    for at in range(ptr[option], ptr[option + 1]):
        times[cover[at]] += step


@compiled
def _propose(
    option: int, on: Any, holder: Any, site: Any, held: Any, fixed: Any, ptr: Any, near: Any, flips: Any
) -> int:
    """Write down which options change together, those that leave first; return how many, nought where none may."""
    other = -1
    if ptr[option + 1] > ptr[option] and np.random.random() < 0.7:  # noqa: NPY002, PLR2004 - numba has this one only
        other = near[np.random.randint(ptr[option], ptr[option + 1])]  # noqa: NPY002
        if on[other] == on[option] or fixed[other] or site[other] == site[option]:
            other = -1
    if on[option]:
        if held[site[option]]:
            return 0
        flips[0], flips[1] = option, other
        return 2 if other >= 0 and holder[site[other]] < 0 else 1
    count, before = 0, holder[site[option]]
    if before >= 0:
        if fixed[before]:
            return 0
        flips[0], count = before, 1
    if other >= 0 and not held[site[other]]:
        flips[count], count = other, count + 1
    flips[count] = option
    return count + 1


@compiled
def anneal(shape: Shape, now: Standing, seed: int, moves: int, heat: Any) -> None:
    """Make random changes; take those that lower cost and priced shortfall, and others by Metropolis's rule.

    A change puts an option in force or takes it away, with or without the contrary at an option that shares groups.

    Parameters
    ----------
    shape : Shape
    now : Standing
        Changed in place.
    seed, moves : int
    heat : float64[2]
        Temperature in yuan before the first and after the last move; falls by the same factor at every move.
    """
    np.random.seed(seed)  # noqa: NPY002
    cost_of, price, site, held, fixed, ptr, cover, near_ptr, near, row_of, worth, own_ptr, own_row, own = shape
    on, holder, times, short, best_on, best = now
    delta, flips = np.zeros(len(short)), np.zeros(3, dtype=np.int64)
    total, temperature, cooling = (cost_of * on).sum(), heat[0], (heat[1] / heat[0]) ** (1.0 / moves)
    for _ in range(moves):
        temperature *= cooling
        option = np.random.randint(len(on))  # noqa: NPY002
        changed = 0 if fixed[option] else _propose(option, on, holder, site, held, fixed, near_ptr, near, flips)
        delta[:] = 0.0
        worse = 0.0
        for at in range(changed):
            one = flips[at]
            sign = -1.0 if on[one] else 1.0
            worse += sign * cost_of[one]
            if on[one]:
                _leave(one, ptr, cover, times, row_of, worth, delta)
            else:
                _enter(one, ptr, cover, times, row_of, worth, delta)
            for of in range(own_ptr[one], own_ptr[one + 1]):
                delta[own_row[of]] += sign * own[of]
        change, met = worse, True
        for row in range(len(short)):
            after = max(short[row] - delta[row], 0.0)
            worse += price[row] * (after - max(short[row], 0.0))
            met = met and after <= 0.0
        if worse > 0.0 and np.random.random() >= math.exp(-worse / temperature):  # noqa: NPY002
            for at in range(changed):
                _count(flips[at], ptr, cover, times, 1 if on[flips[at]] else -1)
            continue
        total += change
        for row in range(len(short)):
            short[row] -= delta[row]
        for at in range(changed):
            one = flips[at]
            on[one] = not on[one]
            holder[site[one]] = one if on[one] else -1
        if met and changed and total < best[0]:
            best[0] = total
            best_on[:] = on
