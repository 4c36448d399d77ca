"""Lagrangean branch-and-bound for choosing sites: p-median, fixed charge, maximal covering, and the p-center's test.

All of them are one problem: open between `least` and `most` sites at the cost f_j each and serve every demand from one
of them at c_ij, or leave it out at `missing_i`::

    min Σ_j f_j y_j + Σ_ij c_ij x_ij + Σ_i missing_i z_i
    Σ_j x_ij + z_i = 1,  x_ij ≤ y_j,  least ≤ Σ_j y_j ≤ most,  [Σ_i d_i x_ij ≤ Q_j y_j],  y whole

The bound relaxes the first row (Cornuéjols, Fisher and Nemhauser, Management Science 23, 1977; with capacities the rest
are knapsacks: Beasley, European Journal of Operational Research 33, 1988). Sites whose reduced cost exceeds what
is left between bound and best answer are settled (as in Beasley, EJOR 21, 1985); what stays open is branched on,
best bound first. Every prune compares a bound valid for any prices with the cost of an answer in hand, so the end is a
proof.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from siting.optimise.locate.kernels import (
    CLOSED,
    FREE,
    OPEN,
    Steps,
    ascend,
    choose,
    greedy_cover,
    interchange,
    price_of,
)
from siting.optimise.locate.problem import Answer, Limits, Plant, first_price
from siting.optimise.locate.radius import by_radius, reaches, size_by_radius

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from siting.model.arrays import FloatArray, IntArray

    Leaf = Callable[["Plant", IntArray, float, bool], tuple[float, float]]
    Queue = list[tuple[float, int, "_Node"]]

_SAME = 1e-9
"""Costs that differ by less than this part are equal."""
_WHOLE = 1e-6
"""How far a bound on whole-number costs may be from a whole number by rounding."""
_ROUNDS, _STALE = 12, 0.01
"""Work at the root ends after so many rounds, or when one closes less than this part of what is left."""
_AT_ROOT, _AT_NODE = (300, 15), (60, 8)
"""Steps at most, and steps without a better bound."""
_IMPROVE_EVERY = 10
_ENDLESS = 10**9
_PROGRAM_PAIRS = 100_000
"""The largest program worth trying."""


class _Search:
    """A branch-and-bound run: the best answer so far, and how far a bound must come to be of no use."""

    def __init__(self, plant: Plant, limits: Limits, ceiling: float, leaf: Leaf | None) -> None:
        self.plant, self.deadline, self.leaf = plant, limits.deadline, leaf
        self.enough = limits.enough
        self.slack = max(limits.options.gap, _SAME)
        self.keep = np.arange(len(plant.choice.fixed))
        self.best: IntArray | None = None
        self.value = ceiling
        self.seen: set[bytes] = set()
        self.nodes = 0

    @property
    def cut(self) -> float:
        """A bound from here on proves that nothing better is left, or wanted."""
        if self.value <= self.enough:
            return -np.inf
        near = self.value - self.slack * max(1.0 if self.slack == _SAME else 0.0, abs(self.value))
        return min(near, float(np.ceil(self.value - _WHOLE)) - 1.0 + _WHOLE) if self.plant.whole else near

    @property
    def proven(self) -> float:
        """What is proven once nothing below the cut is left: the best answer, unless less was asked for."""
        return self.value if self.slack == _SAME and self.value > self.enough else self.cut

    @property
    def late(self) -> bool:
        """Whether time is up."""
        return time.monotonic() > self.deadline

    def narrow(self, stays: IntArray) -> None:
        """Leave all other sites out for good."""
        self.plant, self.keep, self.seen = self.plant.narrowed(stays), self.keep[stays], set()

    def offer(self, taken: IntArray, *, final: bool = False) -> float:
        """Price a choice and keep it if it is the best; return what is proven of it (inf where nothing is left).

        Only a `final` one, which nothing else will settle, may take as long as it needs.
        """
        key = taken.astype(np.int8).tobytes()
        if key in self.seen or not self.plant.choice.least <= taken.sum() <= self.plant.choice.most:
            return np.inf
        self.seen.add(key)
        if self.leaf is None:
            value = float(price_of(self.plant.near, self.plant.choice, taken, self.plant.missing))
            bound = np.inf
        else:
            value, bound = self.leaf(self.plant, taken, self.cut, final)
            if value > bound:  # stopped before it was settled: somebody may ask again
                self.seen.discard(key)
        if value < self.value:
            self.best, self.value = self.keep[taken == 1], value
        return bound

    def bounded(self, state: IntArray, price: FloatArray, limits: tuple[int, int]) -> _Node:
        """Work on the bound with some sites settled, then settle more."""
        plant = self.plant
        choice = plant.choice._replace(state=state)
        steps = Steps(self.cut, self.value if self.best is not None else np.inf, *limits)
        bound, price, rho, y = ascend(plant.near, plant.by_site, choice, plant.room, plant.missing, price, steps)
        taken = np.zeros(len(state), dtype=np.int64)
        choose(choice, rho, taken)
        return _Node(float(bound), state, price, rho, y, taken)

    def settled(self, node: _Node) -> IntArray:
        """Settle the sites whose other choice would cost more than is left (reduced-cost fixing): int64[site].

        A site that must enter pushes the dearest out where no more may be open, or where one was only taken to make up
        the number; one that must leave lets the cheapest in.
        """
        choice, rho, taken = self.plant.choice, node.rho, node.taken
        free = node.state == FREE
        ins, outs = free & (taken == 1), free & (taken == 0)
        count = int(taken.sum())
        dearest = rho[ins].max() if ins.any() else -np.inf
        cheapest = rho[outs].min() if outs.any() else np.inf
        enter = rho - (dearest if count >= choice.most else max(dearest, 0.0))
        leave = (cheapest if count <= choice.least else min(cheapest, 0.0)) - rho
        state = node.state.copy()
        state[outs & (node.bound + enter >= self.cut)] = CLOSED
        state[ins & (node.bound + leave >= self.cut)] = OPEN
        return self.completed(state)

    def completed(self, state: IntArray) -> IntArray:
        """Settle what the number of open sites leaves no choice about."""
        free, is_open = state == FREE, int((state == OPEN).sum())
        if is_open >= self.plant.choice.most:
            state = np.where(free, CLOSED, state)
        elif is_open + int(free.sum()) <= self.plant.choice.least:
            state = np.where(free, OPEN, state)
        return state

    def possible(self, state: IntArray) -> bool:
        """Say whether enough and not too many sites, and enough room, are left."""
        is_open, usable = int((state == OPEN).sum()), state != CLOSED
        choice, room = self.plant.choice, self.plant.room
        if is_open > choice.most or int(usable.sum()) < choice.least:
            return False
        return not len(room.capacity) or self.most_room(state) >= room.demand.sum() * (1.0 - _SAME)

    def most_room(self, state: IntArray) -> float:
        """Return what the open sites and the largest of the free ones hold together."""
        capacity = self.plant.room.capacity
        free = np.sort(capacity[state == FREE])[::-1]
        left = self.plant.choice.most - int((state == OPEN).sum())
        return float(capacity[state == OPEN].sum() + free[:left].sum())


@dataclass(frozen=True, slots=True, eq=False)
class _Node:
    """What is settled, and the bound that goes with it."""

    bound: float
    state: IntArray
    price: FloatArray
    rho: FloatArray
    y: FloatArray
    taken: IntArray


def solve_plant(
    plant: Plant, limits: Limits, *, ceiling: float, leaf: Leaf | None = None, starts: Iterable[IntArray] = ()
) -> Answer:
    """Solve to proven optimality, or stop at the deadline with the best answer and a bound.

    Parameters
    ----------
    plant : Plant
    limits : Limits
    ceiling : float
        More than any answer worth having costs. When the search ends without an answer, none costs less than this.
    leaf : callable, optional
        With capacities: from the problem, sites taken, a cost that is too much, and whether it may take its time, to
        the least cost of serving all from them (inf where impossible or too much) and a bound on what remains unknown
        (inf where nothing does).
    starts : iterable of int64[site]
        Choices to begin with.
    """
    search = _Search(plant, limits, ceiling, leaf)
    for start in starts:
        search.offer(start)
    root = _root(search)
    bound, queue = _branch(search, [(root.bound, 0, root)], limits.nodes if leaf is None else _ENDLESS)
    if bound < search.cut and not search.late:
        bound = _rest(search, root, queue, limits)
    bound = min(max(bound, root.bound), search.value)
    if plant.whole and np.isfinite(bound):
        bound = float(np.ceil(bound - _WHOLE))
    if search.best is None:
        return Answer(None, np.inf, bound, search.nodes)
    taken = np.zeros(len(plant.choice.fixed), dtype=np.int64)
    taken[search.best] = 1
    return Answer(taken, search.value, bound, search.nodes)


def _rest(search: _Search, root: _Node, queue: Queue, limits: Limits) -> float:
    """Finish what branching on prices alone was too slow for: by a program, if it is small enough to hope for."""
    plant, state = search.plant, search.settled(root)
    leave = np.where(root.taken == 1, np.maximum(_others(root, plant) - root.rho, 0.0), 0.0)
    last = reaches(plant.near, plant.missing, state, leave, search.cut - root.bound)
    bound = root.bound
    if size_by_radius(plant, last) < _PROGRAM_PAIRS:
        seconds = search.deadline - time.monotonic()
        bound, taken = by_radius(plant, state, last, limits, seconds)
        if taken is not None:
            search.offer(taken)
        if bound >= search.cut or search.late:
            return max(bound, root.bound)
    return max(bound, _branch(search, queue, _ENDLESS)[0])


def _others(node: _Node, plant: Plant) -> float:
    """Return what the cheapest site costs that the relaxation leaves out; nought where none has to be taken instead."""
    outs = (node.state == FREE) & (node.taken == 0)
    cheapest = float(node.rho[outs].min()) if outs.any() else np.inf
    return cheapest if node.taken.sum() <= plant.choice.least else min(cheapest, 0.0)


def _begun(search: _Search, state: IntArray) -> IntArray:
    """Return a choice to take prices from: the best so far, or one that looks good without capacities."""
    plant = search.plant
    taken: IntArray = (state == OPEN).astype(np.int64)
    if search.best is not None:
        taken[search.best] = 1
        return taken
    free = np.flatnonzero(state == FREE)
    taken[free[: max(plant.choice.least - int(taken.sum()), 0)]] = 1
    interchange(plant.near, plant.by_site, plant.choice._replace(state=state), taken, plant.missing)
    return taken


def _root(search: _Search) -> _Node:
    """Work on the bound before any branching, improve answers on the way, and drop the sites that are out."""
    state = search.completed(search.plant.choice.state)
    node = search.bounded(state, first_price(search.plant, _begun(search, state)), _AT_ROOT)
    for _ in range(_ROUNDS):
        before = node.bound, search.value
        _improve(search, node)
        state = search.settled(node)
        if node.bound >= search.cut or not (state == FREE).any() or search.late:
            break
        if (stays := state != CLOSED).sum() < 0.8 * len(state):
            search.narrow(np.flatnonzero(stays))
            state = state[stays]
        again = search.bounded(state, node.price, _AT_ROOT)
        node = again if again.bound >= node.bound else replace(again, bound=node.bound)
        if search.value == before[1] and node.bound - before[0] < _STALE * (search.value - node.bound):
            break
    return replace(node, state=search.settled(node))


def _improve(search: _Search, node: _Node) -> None:
    """Offer what the relaxation takes, improved by interchange where nothing limits sites."""
    if search.leaf is None:
        plant = search.plant
        taken = node.taken.copy()
        interchange(plant.near, plant.by_site, plant.choice._replace(state=node.state), taken, plant.missing)
        search.offer(taken)
        if plant.cover:
            for price in (plant.choice.fixed, np.maximum(node.rho, _SAME)):
                covering = np.zeros(len(price), dtype=np.int64)
                greedy_cover(plant.near, plant.by_site, plant.choice._replace(state=node.state), price, covering)
                search.offer(covering)
    search.offer(node.taken)


def _branch(search: _Search, queue: Queue, most: int) -> tuple[float, Queue]:
    """Branch, best bound first; return the bound that is proven when all is done or time or nodes are up, and the rest.

    Every so often what the relaxation takes is improved by interchange: better answers prune more than better bounds.
    """
    unknown, began = np.inf, search.nodes
    while queue and queue[0][0] < search.cut:
        if search.late or search.nodes - began >= most:
            return min(unknown, queue[0][0]), queue
        node = heapq.heappop(queue)[2]
        free = np.flatnonzero(node.state == FREE)
        if not len(free):
            unknown = min(unknown, max(node.bound, search.offer((node.state == OPEN).astype(np.int64), final=True)))
            continue
        search.nodes += 1
        if search.nodes % _IMPROVE_EVERY == 1:
            _improve(search, node)
        site = free[np.argmin(np.abs(node.y[free] - 0.5))]
        for way in (OPEN, CLOSED):
            child = _child(search, node, site, way)
            if child is not None:
                heapq.heappush(queue, (child.bound, search.nodes * 4 + way, child))
    return min(unknown, search.proven), []


def _child(search: _Search, node: _Node, site: int, way: int) -> _Node | None:
    """Settle one site of a node one way; None where nothing better can come of it."""
    state = node.state.copy()
    state[site] = way
    state = search.completed(state)
    if not search.possible(state):
        return None
    child = search.bounded(state, node.price, _AT_NODE)
    if child.bound >= search.cut:
        return None
    if search.leaf is None:
        search.offer(child.taken)
    state = search.settled(child)
    return replace(child, bound=max(child.bound, node.bound), state=state) if search.possible(state) else None
