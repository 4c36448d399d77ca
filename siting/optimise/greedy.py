"""A first plan by greedy choice: covering clauses priced by the relaxation, then whatever is not needed goes again.

Chvátal's greedy (Mathematics of Operations Research 4, 1979) opens what gains most for its cost. Here a gain is what
the relaxation's duals pay for it, so that clauses are weighed against each other in yuan; a clause that is met pays
nothing more. Reverse delete takes options away again, least worth for their cost first.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.optimise.web import Web

_EPSILON = 1e-9


class _Books:
    """What a set of options meets, kept up to date: how often each group is covered, and each clause's shortfall."""

    def __init__(self, web: Web, price: FloatArray) -> None:
        self.web, self.price = web, price
        self.short = web.asked.copy()
        self.times = np.zeros(web.covers.shape[1], dtype=np.int64)

    def adds(self, option: int, times: int = 0) -> FloatArray:
        """Return what an option adds to each clause where its groups are covered so often: float64[clause]."""
        web, added = self.web, np.zeros(len(self.short))
        begin, end = web.covers.indptr[option : option + 2]
        groups = web.covers.indices[begin:end]
        fresh = groups[self.times[groups] == times]
        first, count = web.worth.indptr[fresh], np.diff(web.worth.indptr)[fresh]
        at = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
        np.add.at(added, web.worth.indices[at], web.worth.data[at])
        begin, end = web.own.indptr[option : option + 2]
        added[web.own.indices[begin:end]] += web.own.data[begin:end]
        return added

    def gain(self, option: int) -> float:
        """Return what an option is worth: its part in every shortfall, at the clauses' prices."""
        return float(self.price @ np.clip(self.adds(option), 0.0, np.maximum(self.short, 0.0)))

    def gains(self) -> FloatArray:
        """Return what each option is worth as things stand: float64[option]."""
        web, short = self.web, np.maximum(self.short, 0.0)
        fresh = sparse.diags_array((self.times == 0).astype(np.float64))
        added = sparse.coo_array(web.covers @ (fresh @ web.worth) + web.own)
        option, clause = added.coords
        worth = self.price[clause] * np.clip(added.data, 0.0, short[clause])
        return np.bincount(option, worth, len(web.cost)).astype(np.float64)

    def betters(self, option: int, holder: int) -> float:
        """Return what it is worth to have an option in another's place: how much less every shortfall costs."""
        before = self._priced()
        self.leave(holder)
        self.take(option)
        after = self._priced()
        self.leave(option)
        self.take(holder)
        return before - after

    def exchanges(self, options: IntArray, holders: IntArray) -> FloatArray:
        """Return what `betters` does of many pairs whose two cover the same groups, and inf for all others."""
        web = self.web
        given = sparse.coo_array(web.own[options] - web.own[holders])
        pair, clause = given.coords
        less = np.maximum(self.short[clause], 0.0) - np.maximum(self.short[clause] - given.data, 0.0)
        worth = np.bincount(pair, self.price[clause] * less, len(options)).astype(np.float64)
        apart = sparse.csr_array(web.covers[options] - web.covers[holders])
        apart.eliminate_zeros()
        return np.where(np.diff(apart.indptr) == 0, worth, np.inf)

    def _priced(self) -> float:
        return float(self.price @ np.maximum(self.short, 0.0))

    def take(self, option: int) -> None:
        """Put an option in force."""
        self.short -= self.adds(option)
        self._count(option, 1)

    def leave(self, option: int) -> None:
        """Take an option away."""
        self.short += self.adds(option, 1)
        self._count(option, -1)

    def _count(self, option: int, by: int) -> None:
        begin, end = self.web.covers.indptr[option : option + 2]
        self.times[self.web.covers.indices[begin:end]] += by

    @property
    def met(self) -> bool:
        """Say whether every clause is met."""
        return bool((self.short <= _EPSILON * np.maximum(1.0, np.abs(self.web.asked))).all())


def greedy(web: Web, price: FloatArray, begin: BoolArray | None = None) -> BoolArray:
    """Choose options until every clause is met or nothing helps any more, then drop what is not needed.

    Parameters
    ----------
    web : Web
    price : float64[clause]
        What one unit of each clause is worth, in yuan.
    begin : bool[option], optional
        Chosen to begin with, one a site at most; what is not needed of them goes again too.

    Returns
    -------
    bool[option]
        One option a site at most; at a site that must hold one, the first is taken where none was chosen.
    """
    books = _Books(web, price)
    held = np.flatnonzero(web.fixed if begin is None else web.fixed | begin).tolist()
    for option in held:
        books.take(option)
    chosen = _opened(books, held)
    for site in np.setdiff1d(web.site[web.held[web.site]], web.site[chosen]):
        chosen.append(int(np.flatnonzero(web.site == site)[0]))
        books.take(chosen[-1])
    if not books.met:
        _exchanged(books, chosen)
    stays = set(np.flatnonzero(web.fixed).tolist()) | {option for option in chosen if web.held[web.site[option]]}
    if books.met:
        _reverse_delete(books, chosen, stays)
    on = np.zeros(len(web.cost), dtype=np.bool_)
    on[chosen] = True
    return on


def _opened(books: _Books, held: list[int]) -> list[int]:
    """Take options by gain for their cost; gains only fall, so one that was reckoned before is an upper bound."""
    web = books.web
    cost = np.maximum(web.cost, 1.0)
    chosen, taken = list(held), set(web.site[held].tolist())
    ratios = np.where(web.fixed, 0.0, -books.gains() / cost)
    heap = [(float(ratios[option]), option) for option in np.flatnonzero(ratios < 0).tolist()]
    heapq.heapify(heap)
    while heap and not books.met:
        _, option = heapq.heappop(heap)
        ratio = -books.gain(option) / cost[option]
        if web.site[option] in taken or ratio >= 0:
            continue
        if heap and ratio > heap[0][0]:
            heapq.heappush(heap, (ratio, option))
            continue
        books.take(option)
        chosen.append(option)
        taken.add(int(web.site[option]))
    return chosen


def _exchanged(books: _Books, chosen: list[int]) -> None:
    """Put larger options in the place of smaller ones where no site is left and a clause is still short."""
    web = books.web
    holder = {int(web.site[one]): one for one in chosen if not web.fixed[one]}
    heap: list[tuple[float, int]] = []

    def worth(option: int) -> float:
        other = holder[int(web.site[option])]
        return float(-books.betters(option, other) / max(web.cost[option] - web.cost[other], 1.0))

    options = np.setdiff1d(np.flatnonzero(np.isin(web.site, list(holder))), list(holder.values()))
    at_most = books.exchanges(options, np.array([holder[site] for site in web.site[options].tolist()], dtype=np.int64))
    for option in options[at_most > 0].tolist():
        if (ratio := worth(option)) < 0:
            heapq.heappush(heap, (ratio, option))
    while heap and not books.met:
        _, option = heapq.heappop(heap)
        if option == holder[int(web.site[option])] or (ratio := worth(option)) >= 0:
            continue
        if heap and ratio > heap[0][0]:
            heapq.heappush(heap, (ratio, option))
            continue
        other = holder[int(web.site[option])]
        books.leave(other)
        books.take(option)
        chosen[chosen.index(other)] = option
        holder[int(web.site[option])] = option


def _reverse_delete(books: _Books, chosen: list[int], stays: set[int]) -> None:
    """Drop what every clause can do without, least worth for its cost first."""
    worth = {one: float(books.price @ books.adds(one, 1)) / max(books.web.cost[one], 1.0) for one in chosen}
    for option in sorted(chosen, key=lambda one: worth[one]):
        if option not in stays:
            books.leave(option)
            if books.met:
                chosen.remove(option)
            else:
                books.take(option)
