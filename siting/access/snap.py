"""Where points meet the network: positions on edges, never on nodes, with islands passed over and every case told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siting.access.feet import Found, Search
from siting.access.graph import components
from siting.model.access import INCLUSIVE_M, RoadState, Snap
from siting.model.arrays import frozen
from siting.model.roads import Mode, RoadGraph

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from siting.model.arrays import BoolArray, FloatArray, IntArray

ISLAND_LENGTH_M = 500.0
"""A piece of network shorter than this is an island: usually a drawing error or a private yard."""


@dataclass(frozen=True, slots=True, eq=False)
class Resnapped:
    """Points that were moved from an island to the network proper; one record each, by ascending point.

    Attributes
    ----------
    point : int64[record]
        Index of the point.
    island_edge, edge : int64[record]
        The nearest edge, which was passed over, and the one taken instead.
    island_connector_m, connector_m : float64[record]
        How far each is from the point.
    island_length_m : float64[record]
        Metres of usable edges on the island.
    """

    point: IntArray
    island_edge: IntArray
    edge: IntArray
    island_connector_m: FloatArray
    connector_m: FloatArray
    island_length_m: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they belong together."""
        count = len(np.asarray(self.point))
        for name in ("point", "island_edge", "edge"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.int64, (count,)))
        for name in ("island_connector_m", "connector_m", "island_length_m"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.float64, (count,)))

    def __len__(self) -> int:
        return len(self.point)


@dataclass(frozen=True, slots=True, eq=False)
class Barred:
    """Points whose nearest street lies behind a wall or across water; one record each, by ascending point.

    Attributes
    ----------
    point : int64[record]
        Index of the point.
    barred_edge, edge : int64[record]
        The nearest edge, and the one taken instead; −1 where none is seen within the longest connector (``NO_ROAD``).
    barred_connector_m, connector_m : float64[record]
        How far each is from the point; the second is that of the barred edge where there is none.
    """

    point: IntArray
    barred_edge: IntArray
    edge: IntArray
    barred_connector_m: FloatArray
    connector_m: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they belong together."""
        count = len(np.asarray(self.point))
        for name in ("point", "barred_edge", "edge"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.int64, (count,)))
        for name in ("barred_connector_m", "connector_m"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.float64, (count,)))

    def __len__(self) -> int:
        return len(self.point)


@dataclass(frozen=True, slots=True, eq=False)
class Snapping:
    """A `Snap` with the record of what was passed over to make it."""

    snap: Snap
    resnapped: Resnapped
    barred: Barred


def snap(
    graph: RoadGraph,
    x_m: ArrayLike,
    y_m: ArrayLike,
    max_connector_m: float,
    mode: Mode = Mode.WALK,
    *,
    island_length_m: float = ISLAND_LENGTH_M,
) -> Snap:
    """Find the nearest point of the nearest edge that `mode` may use, for every point.

    The straight way there crosses no obstacle of the graph that stops `mode`: of all places on all edges the nearest
    that a point sees is taken, and a point that sees none within `max_connector_m` has ``NO_ROAD``. Whoever stands in
    water is taken to live on its shore: that body of water does not stop them.

    Parameters
    ----------
    graph : RoadGraph
    x_m, y_m : float[point]
        On the graph's plane.
    max_connector_m : float
        Inclusive (`INCLUSIVE_M`); points farther off are ``NO_ROAD``.
    mode : Mode
    island_length_m : float
        Components with fewer metres of usable edges are islands (the longest component never is); an island's edge is
        taken only where nothing else lies within `max_connector_m`. 0 turns this off.

    Returns
    -------
    Snap
        Offsets are in the edge's own `length_m`: the share of the course that lies before the foot × `length_m`; on an
        edge whose course has no length the offset is 0. Of edges exactly equally near the lowest index is taken, and on
        one edge the lowest offset.

    Raises
    ------
    ValueError
        When the coordinates are not two equally long rows of finite numbers.
    """
    return snap_with_report(graph, x_m, y_m, max_connector_m, mode, island_length_m=island_length_m).snap


def snap_with_report(
    graph: RoadGraph,
    x_m: ArrayLike,
    y_m: ArrayLike,
    max_connector_m: float,
    mode: Mode = Mode.WALK,
    *,
    island_length_m: float = ISLAND_LENGTH_M,
) -> Snapping:
    """Do what `snap` does and also return every point that was moved, from an island or from behind an obstacle."""
    x, y = _coordinates(x_m, y_m)
    search = Search(graph, mode, x, y, max_connector_m + INCLUSIVE_M)
    everybody = np.arange(len(x))
    found = search.nearest(everybody)
    direct_m = found.distance.copy()
    behind = search.unseen(everybody, found)
    hidden_by = found.taken(behind)
    found.put(behind, search.seen(behind))
    moved, island_length = _islanders(graph, mode, found, search.longest_m, island_length_m)
    was = found.taken(moved)
    if len(moved):
        least = min(island_length_m, components(graph, mode)[1].max(initial=0.0))
        other = search.nearest(moved, least)
        hidden = search.unseen(moved, other)
        other.put(hidden, search.seen(moved[hidden], least))
        near = other.distance <= search.longest_m
        found.put(moved[near], other.taken(near))
        moved, was, island_length = moved[near], was.taken(near), island_length[near]
    resnapped = Resnapped(moved, was.edge, found.edge[moved], was.distance, found.distance[moved], island_length)
    lost = np.flatnonzero(~(found.distance <= search.longest_m))
    found.put(lost, Found(np.array(-1), np.array(0.0), direct_m[lost], x[lost], y[lost]))
    state = np.full(len(x), RoadState.ON_ROAD, dtype=np.uint8)
    state[lost] = RoadState.NO_ROAD
    told = Barred(behind, hidden_by.edge, found.edge[behind], hidden_by.distance, found.distance[behind])
    return Snapping(Snap(*found, state), resnapped, told)


def _islanders(
    graph: RoadGraph, mode: Mode, found: Found, longest_m: float, island_length_m: float
) -> tuple[IntArray, FloatArray]:
    """Return the points that stand on islands, and how long those are; the longest component is none."""
    component, length = components(graph, mode)
    island = length < min(island_length_m, length.max(initial=0.0))
    on_island = np.append(island[component[graph.u]], False)  # the last is for no edge, number −1
    moved = np.flatnonzero(on_island[found.edge] & (found.distance <= longest_m))
    return moved, length[component[graph.u[found.edge[moved]]]]


def worst_snaps(points: Snap, count: int = 20, among: BoolArray | None = None) -> IntArray:
    """Return the points with the longest connectors, worst first: those on the network, then those without a road.

    Parameters
    ----------
    points : Snap
    count : int
        At most so many of each of the two kinds; a table of them is ``points.connector_m[result]`` and so on.
    among : bool[point], optional
        Only these points.
    """
    far_first = np.lexsort((np.arange(len(points)), -points.connector_m))
    if among is not None:
        far_first = far_first[among[far_first]]
    on_road = points.state[far_first] != RoadState.NO_ROAD
    return np.concatenate([far_first[on_road][:count], far_first[~on_road][:count]])


def joined(one: Snap, other: Snap) -> Snap:
    """Return positions of two tables as one, the second's after the first's."""
    names = ("edge", "offset_m", "connector_m", "x_m", "y_m", "state")
    return Snap(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in names))


def _coordinates(x_m: ArrayLike, y_m: ArrayLike) -> tuple[FloatArray, FloatArray]:
    x, y = np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape or not (np.isfinite(x).all() and np.isfinite(y).all()):
        message = f"points need two equally long rows of finite metres, got shapes {x.shape} and {y.shape}"
        raise ValueError(message)
    return x, y
