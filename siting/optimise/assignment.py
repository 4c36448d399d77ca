"""Persons in need to facilities with room, under three suppositions of how they choose.

``nearest``
    Everybody turns to the nearest facility and to no other. One that is overrun serves the same part of all who come.
``preference``
    Everybody takes the nearest facility that still has room; whoever has the shorter way comes first. Of all
    assignments it is the stable one when facilities, too, prefer those who live nearest (D. Gale and L. S. Shapley,
    *College admissions and the stability of marriage*, American Mathematical Monthly 69, 1962).
``optimal``
    As many as can be are served and, among all ways to do that, on the shortest ways in sum: a transport problem
    (F. L. Hitchcock, Journal of Mathematics and Physics 20, 1941), ``min Σ (metres_zs / limit − W)·x_zs`` with
    ``Σ_s x_zs ≤ need_z``, ``Σ_z x_zs ≤ room_s``. W exceeds what any chain of exchanges can save, so that nobody is left
    out for the sake of shorter ways.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from siting.errors import SolverError
from siting.model.serving import Assignment
from siting.optimise.program import Assembly
from siting.optimise.solver import solve_lp

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.problem import Csr
    from siting.model.serving import Choice
    from siting.optimise.options import SolverOptions

_WHOLE = 100_000
"""Pairs of a transport problem that is solved as it is; larger ones leave out the zones that are in no doubt."""
_LIKELY = 4
"""Facilities of a zone that a large transport problem looks at to begin with."""
_TOO_DEAR = 1e-7
"""Costs (in units of the limit) that differ by no more are equal."""


def assign(
    need: FloatArray,
    room: FloatArray,
    metres: Csr[Any, tuple[int, int]],
    how: tuple[Choice, int | None],
    options: SolverOptions,
) -> Assignment:
    """Send persons to facilities.

    Parameters
    ----------
    need : float64[zone]
        Persons.
    room : float64[site]
        Persons whom a facility can serve.
    metres : csr (zones × sites)
        Only pairs within reach, only sites with room.
    how : tuple
        How people choose, and of how many facilities they think under ``preference`` (None: of all).
    options : SolverOptions
        For the transport problem.

    Raises
    ------
    SolverError
        When the transport problem is not solved in the time the options allow.
    """
    choice, choices = how
    metres = _wanted(need, metres)
    if choice == "nearest":
        sent = _to_nearest(need, room, metres)
    elif choice == "preference":
        sent = _first_come(need, room, _nearest(metres, choices) if choices else metres)
    else:
        sent = _transported(need, room, metres, options)
    table = sparse.csr_array(sent, shape=metres.shape)
    reached = np.diff(metres.indptr) > 0
    served = np.asarray(table.sum(axis=1))
    ways = np.asarray((table * metres).sum(axis=1))
    return Assignment(choice, table, np.where(reached, np.maximum(need - served, 0.0), 0.0), ways)


Sent = tuple[Any, tuple["IntArray", "IntArray"]]
"""Persons, and the zones and sites that they go from and to."""


def _wanted(need: FloatArray, metres: Csr[Any, tuple[int, int]]) -> Csr[Any, tuple[int, int]]:
    """Leave out the ways of zones where nobody is in need."""
    row = np.repeat(np.arange(len(need)), np.diff(metres.indptr))
    used = need[row] > 0
    indptr = np.concatenate([[0], np.cumsum(used)])[metres.indptr]
    return sparse.csr_array((metres.data[used], metres.indices[used], indptr), shape=metres.shape)


def _nearest(metres: Csr[Any, tuple[int, int]], count: int) -> Csr[Any, tuple[int, int]]:
    """Keep every zone's nearest facilities; ties go to the lower number."""
    ordered = metres.sorted_indices()
    zone = np.repeat(np.arange(metres.shape[0]), np.diff(ordered.indptr))
    kept = _cheapest(zone, ordered.data, count)
    indptr = np.concatenate([[0], np.cumsum(kept)])[ordered.indptr]
    return sparse.csr_array((ordered.data[kept], ordered.indices[kept], indptr), shape=metres.shape)


def _cheapest(zone: IntArray, cost: FloatArray, count: int) -> BoolArray:
    """Return the pairs that are among the cheapest of their zone; of equals the first ones: bool[pair]."""
    order = np.lexsort((cost, zone))
    began = np.flatnonzero(np.diff(zone[order], prepend=-1))
    rank = np.arange(len(order)) - np.repeat(began, np.diff(np.append(began, len(order))))
    best = np.zeros(len(order), dtype=np.bool_)
    best[order[rank < count]] = True
    return best


def _to_nearest(need: FloatArray, room: FloatArray, metres: Csr[Any, tuple[int, int]]) -> Sent:
    """Everybody to the nearest; an overrun facility serves the same part of all who come."""
    first = _nearest(metres, 1)
    zone = np.flatnonzero(np.diff(first.indptr))
    site = first.indices.astype(np.int64)
    come = np.bincount(site, need[zone], minlength=len(room))
    part = np.minimum(1.0, np.divide(room, come, out=np.ones(len(room)), where=come > 0))
    return need[zone] * part[site], (zone, site)


def _first_come(need: FloatArray, room: FloatArray, metres: Csr[Any, tuple[int, int]]) -> Sent:
    """Fill the shortest ways first; ties go to the lower zone, then the lower site."""
    zone = np.repeat(np.arange(len(need)), np.diff(metres.indptr))
    order = np.lexsort((metres.indices, zone, metres.data))
    left, free = need.tolist(), room.tolist()
    sent, used = [], []
    for pair, z, s in zip(order.tolist(), zone[order].tolist(), metres.indices[order].tolist(), strict=True):
        persons = min(left[z], free[s])
        if persons > 0:
            left[z] -= persons
            free[s] -= persons
            sent.append(persons)
            used.append(pair)
    chosen = np.array(used, dtype=np.int64)
    return np.array(sent, dtype=np.float64), (zone[chosen], metres.indices[chosen].astype(np.int64))


def _transported(need: FloatArray, room: FloatArray, metres: Csr[Any, tuple[int, int]], options: SolverOptions) -> Sent:
    """Serve as many as can be on the shortest ways: nearest where nothing is overrun, else the transport problem.

    Zones and facilities that hang together through ways, and among which nobody's nearest is overrun, need no
    program: nearest is the best for each.
    """
    first = _nearest(metres, 1)
    nearest_zone = np.flatnonzero(np.diff(first.indptr))
    come = np.bincount(first.indices, need[nearest_zone], minlength=len(room))
    shape = metres.shape
    zone = np.repeat(np.arange(shape[0]), np.diff(metres.indptr))
    both = sum(shape)
    ways = sparse.coo_array((np.ones(len(zone)), (zone, metres.indices + shape[0])), shape=(both, both))
    _, group = connected_components(ways, directed=False)
    busy = np.zeros(both, dtype=np.bool_)
    busy[group[shape[0] :][come > room]] = True
    calm = ~busy[group[nearest_zone]]
    contested = busy[group[zone]]
    persons, (hard_zone, hard_site) = _program(
        need, room, (zone[contested], metres.indices[contested].astype(np.int64), metres.data[contested]), options
    )
    return (
        np.concatenate([need[nearest_zone[calm]], persons]),
        (np.concatenate([nearest_zone[calm], hard_zone]), np.concatenate([first.indices[calm], hard_site])),
    )


def _program(
    need: FloatArray, room: FloatArray, pairs: tuple[IntArray, IntArray, FloatArray], options: SolverOptions
) -> Sent:
    """Solve the transport problem, in large ones over the zones that are in doubt and their likely facilities.

    Prices of rooms, guessed from a sample, tell which zones clearly go to one facility or stay away: they are settled
    so and left out of the program. Whatever its own prices contradict is taken in, and it is solved again, so that in
    the end prices and persons prove each other (complementary slackness).
    """
    zone, site, metres = pairs
    posed = _Posed(zone, site, metres / max(float(metres.max(initial=0.0)), 1.0) - 1.0 - len(np.unique(site)))
    doubted = np.ones(len(need), dtype=np.bool_)
    likely, choice = np.ones(len(zone), dtype=np.bool_), np.full(len(need), -1, dtype=np.int64)
    if len(zone) > _WHOLE:
        sample = np.unique(zone)[:: -(-2 * len(zone) // _WHOLE)]
        standing = np.zeros(len(need))
        standing[sample] = need[sample] * (need[np.unique(zone)].sum() / need[sample].sum())
        guessed = _solved(standing, room, np.isin(zone, sample), posed, options)[1]
        choice, lead = posed.preferred(guessed, len(need))
        likely = _cheapest(zone, guessed, _LIKELY)
        fewest = np.argsort(lead, kind="stable")
        doubted[fewest] = np.cumsum(np.bincount(zone[likely], minlength=len(need))[fewest]) <= _WHOLE // 2
    while True:
        doubted[_overrun(need, room, (choice, site), doubted)] = True
        sure = np.flatnonzero(~doubted & (choice >= 0))
        left = room - np.bincount(site[choice[sure]], need[sure], minlength=len(room))
        used = likely & doubted[zone]
        persons, priced = _solved(need, left, used, posed, options)
        doubt, pairs_missed = posed.contradicted(priced, choice, doubted, used)
        if not (doubt.any() or pairs_missed.any()):
            chosen = np.concatenate([choice[sure], np.flatnonzero(used)[persons > 0]])
            return np.concatenate([need[sure], persons[persons > 0]]), (zone[chosen], site[chosen])
        doubted |= doubt
        likely |= pairs_missed


def _overrun(need: FloatArray, room: FloatArray, settled: tuple[IntArray, IntArray], doubted: BoolArray) -> IntArray:
    """Return the settled zones that overrun a facility among them."""
    choice, site = settled
    sure = np.flatnonzero(~doubted & (choice >= 0))
    come = np.bincount(site[choice[sure]], need[sure], minlength=len(room))
    over: IntArray = sure[(come > room)[site[choice[sure]]]]
    return over


@dataclass(frozen=True, slots=True, eq=False)
class _Posed:
    """Pairs of zones and facilities with their costs, all below nought: staying away costs nothing."""

    zone: IntArray
    site: IntArray
    cost: FloatArray

    def preferred(self, priced: FloatArray, zones: int) -> tuple[IntArray, FloatArray]:
        """Return each zone's cheapest pair (−1: staying away is cheaper), and its lead over the next best choice."""
        order = np.lexsort((priced, self.zone))
        own, first = np.unique(self.zone[order], return_index=True)
        second = np.full(len(own), np.inf)
        follows = np.append(first[1:], len(order)) - first > 1
        second[follows] = priced[order[first[follows] + 1]]
        best = priced[order[first]]
        choice, lead = np.full(zones, -1, dtype=np.int64), np.full(zones, np.inf)
        choice[own] = np.where(best < 0, order[first], -1)
        lead[own] = np.where(best < 0, np.minimum(second, 0.0) - best, best)
        return choice, lead

    def contradicted(
        self, priced: FloatArray, choice: IntArray, doubted: BoolArray, used: BoolArray
    ) -> tuple[BoolArray, BoolArray]:
        """Return the settled zones whose choice these prices contradict, and the cheapest pairs that were left out."""
        least, had = np.zeros(len(choice)), np.zeros(len(choice))
        np.minimum.at(least, self.zone, priced)
        np.minimum.at(had, self.zone[used], priced[used])
        settled = ~doubted & (choice >= 0)
        had[settled] = priced[choice[settled]]
        dearer = had > least + _TOO_DEAR
        missed = dearer[self.zone] & doubted[self.zone] & (priced <= least[self.zone])
        return dearer & ~doubted, missed


def _solved(
    need: FloatArray, room: FloatArray, used: BoolArray, posed: _Posed, options: SolverOptions
) -> tuple[FloatArray, FloatArray]:
    """Solve over the pairs in use; return their persons, and what every pair costs once rooms have their price."""
    if not used.any():
        return np.zeros(0), posed.cost
    zone, site, cost = posed.zone[used], posed.site[used], posed.cost[used]
    zones, row = np.unique(zone, return_inverse=True)
    sites, column = np.unique(site, return_inverse=True)
    number, ones = np.arange(len(row)), np.ones(len(row))
    assembly = Assembly()
    loose = need[zone] + 1.0  # never reached, so that the rows have all of the price
    assembly.columns([f"go_{z}_{s}" for z, s in zip(zone, site, strict=True)], loose, integer=False)
    assembly.rows([f"need_{z}" for z in zones], [(row, number, ones)], -np.inf, need[zones])
    assembly.rows([f"room_{s}" for s in sites], [(column, number, ones)], -np.inf, np.maximum(room[sites], 0.0))
    outcome = solve_lp(assembly.program(cost, []), options, seconds=options.time_limit_s, method="simplex")
    near = 1e-6 * abs(outcome.bound)
    if outcome.values is None or outcome.row_duals is None or (outcome.objective or 0.0) - outcome.bound > near:
        message = "who goes where was not settled in the time allowed; raise solver.time_limit_s"
        raise SolverError(message)
    of_site = np.zeros(len(room))
    of_site[sites] = outcome.row_duals[len(zones) :]
    return np.maximum(outcome.values, 0.0), posed.cost - of_site[posed.site]
