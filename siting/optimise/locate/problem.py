"""The one problem behind most textbook models, as arrays: `plant` searches it, `radius` writes it as a program."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from siting.optimise.locate.kernels import Choice, Room, Rows, serve

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray, IntArray
    from siting.optimise.options import SolverOptions

_TINY = 1e-9
NO_ROOM = Room(np.zeros(0), np.zeros(0), 0)


@dataclass(frozen=True, slots=True, eq=False)
class Plant:
    """One problem of the family.

    Attributes
    ----------
    near, by_site : Rows
        Pairs by demand, ascending in cost, and by site.
    choice : Choice
    missing : float64[demand]
        Cost of leaving a demand out; where that is not allowed, more than any answer costs.
    whole : bool
        Whether every answer costs a whole number.
    optional : bool
        Whether demands may be left out.
    cover : bool
        Whether serving costs nothing, so that only who is reached matters.
    room : Room
        Capacities, where there are any.
    """

    near: Rows
    by_site: Rows
    choice: Choice
    missing: FloatArray
    whole: bool
    optional: bool = False
    cover: bool = False
    room: Room = NO_ROOM

    def narrowed(self, keep: IntArray) -> Plant:
        """Return the problem of some of its sites."""
        sites = len(self.choice.fixed)
        place = np.full(sites, -1, dtype=np.int64)
        place[keep] = np.arange(len(keep))
        stays = place[self.near.other] >= 0
        count = np.concatenate([[0], np.cumsum(stays)])
        near = Rows(count[self.near.indptr], place[self.near.other[stays]], self.near.cost[stays])
        choice = self.choice._replace(fixed=self.choice.fixed[keep], state=self.choice.state[keep])
        room = self.room if not len(self.room.capacity) else self.room._replace(capacity=self.room.capacity[keep])
        return replace(self, near=near, by_site=transposed(near, len(keep)), choice=choice, room=room)


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop, by the monotonic clock, and what programs are solved with.

    `enough` is a cost that will do; after `nodes` nodes the rest is tried as a program.
    """

    deadline: float
    options: SolverOptions
    enough: float = -np.inf
    nodes: int = 500


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The best choice found and what is proven.

    Attributes
    ----------
    taken : int64[site] or None
        1 for open sites.
    value : float
        Its cost; inf without one.
    bound : float
        No choice costs less.
    nodes : int
        Branched on.
    """

    taken: IntArray | None
    value: float
    bound: float
    nodes: int


def transposed(rows: Rows, columns: int) -> Rows:
    """Return pairs by column; within one they ascend by row."""
    order = np.argsort(rows.other, kind="stable")
    row = np.repeat(np.arange(len(rows.indptr) - 1), np.diff(rows.indptr))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows.other, minlength=columns))])
    return Rows(indptr.astype(np.int64), row[order], rows.cost[order])


def first_price(plant: Plant, taken: IntArray) -> FloatArray:
    """Return prices to begin with: float64[demand].

    What the second nearest open site would cost, but at most twice the nearest; where sites cost something and hold
    only so much, ``min_j c_ij + f_j d_i / Q_j``, which solves the relaxation without ``x_ij ≤ y_j``.
    """
    first, second = np.empty(len(plant.missing)), np.empty(len(plant.missing))
    if len(plant.room.capacity) and plant.choice.fixed.any():
        per_place = plant.choice.fixed / np.maximum(plant.room.capacity, _TINY)
        row = np.repeat(np.arange(len(plant.missing)), np.diff(plant.near.indptr))
        whole = plant.near.cost + per_place[plant.near.other] * plant.room.demand[row]
        first[:] = np.inf
        np.minimum.at(first, row, whole)
        return np.minimum(first, plant.missing)
    serve(plant.near, taken, plant.missing, first, second)
    return np.asarray(np.minimum(np.minimum(second, 2.0 * first + 1.0), plant.missing))
