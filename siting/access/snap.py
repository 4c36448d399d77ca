"""Where points meet the network: positions on edges, never on nodes, with islands passed over and every case told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from siting.access.course import ruler
from siting.access.curve import hilbert
from siting.access.graph import components, usable_edges
from siting.access.layout import FANOUT, Segments
from siting.access.threads import in_chunks
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
class Snapping:
    """A `Snap` with the record of what was passed over to make it."""

    snap: Snap
    resnapped: Resnapped


@dataclass(frozen=True, slots=True, eq=False)
class _Index:
    """Segments of some edges in a packed R-tree, with the way back to edges and offsets."""

    tree: Segments
    edge: IntArray
    before_m: FloatArray
    length_m: FloatArray


_INDEXES: WeakKeyDictionary[RoadGraph, dict[tuple[Mode, float], _Index]] = WeakKeyDictionary()


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
    """Do what `snap` does and also return every point that was moved from an island to the network proper."""
    x, y = _coordinates(x_m, y_m)
    everything = _index(graph, mode, 0.0)
    edge, offset, distance, foot_x, foot_y = _nearest(everything, x, y)
    component, length = components(graph, mode)
    least = min(island_length_m, length.max(initial=0.0))
    own_length = np.full(len(x), np.inf)
    own_length[edge >= 0] = length[component[graph.u[edge[edge >= 0]]]]
    moved = np.flatnonzero((own_length < least) & (distance <= max_connector_m + INCLUSIVE_M))
    if moved.size:
        other = _nearest(_index(graph, mode, least), x[moved], y[moved])
        near = other[2] <= max_connector_m + INCLUSIVE_M
        moved = moved[near]
        was, was_m = edge[moved], distance[moved]
        edge[moved], offset[moved], distance[moved], foot_x[moved], foot_y[moved] = (column[near] for column in other)
    else:
        was, was_m = edge[moved], distance[moved]
    resnapped = Resnapped(moved, was, edge[moved], was_m, distance[moved], own_length[moved])
    lost = ~(distance <= max_connector_m + INCLUSIVE_M)
    state = np.where(lost, RoadState.NO_ROAD, RoadState.ON_ROAD)
    edge[lost], offset[lost], foot_x[lost], foot_y[lost] = -1, 0.0, x[lost], y[lost]
    return Snapping(Snap(edge, offset, distance, foot_x, foot_y, state), resnapped)


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


def _nearest(
    index: _Index, x: FloatArray, y: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return edge, offset_m, distance_m, foot x and y of every point; edge −1 and NaN when there is no edge at all."""
    if not len(index.edge):
        nothing = np.full(len(x), np.nan)
        return np.full(len(x), -1), np.zeros(len(x)), nothing, x.copy(), y.copy()
    from siting.access import kernel_segments  # noqa: PLC0415 - numba is imported when first needed

    segment, along, square = np.empty(len(x), np.int64), np.empty(len(x)), np.empty(len(x))
    order = np.argsort(hilbert(x, y), kind="stable")

    def search(part: IntArray) -> None:
        found = np.empty(len(part), np.int64), np.empty(len(part)), np.empty(len(part))
        kernel_segments.nearest_segments(index.tree, x[part], y[part], *found)
        segment[part], along[part], square[part] = found

    in_chunks(search, order)
    offset = index.before_m[segment] + along * index.length_m[segment]
    ax, ay, bx, by = index.tree.ends[segment].T
    foot_x = np.where(along == 1, bx, ax + along * (bx - ax))
    foot_y = np.where(along == 1, by, ay + along * (by - ay))
    return index.edge[segment], offset, np.sqrt(square), foot_x, foot_y


def _index(graph: RoadGraph, mode: Mode, least_component_m: float) -> _Index:
    """Return the tree over usable edges in components of at least `least_component_m`; made once for a graph."""
    made = _INDEXES.setdefault(graph, {})
    if (mode, least_component_m) not in made:
        forward, backward = usable_edges(graph, mode)
        chosen = forward | backward
        if least_component_m > 0:
            component, length = components(graph, mode)
            chosen = chosen & (length[component[graph.u]] >= least_component_m)
        made[mode, least_component_m] = _build_index(graph, chosen)
    return made[mode, least_component_m]


def _build_index(graph: RoadGraph, chosen: BoolArray) -> _Index:
    start = graph.course_start
    last = np.zeros(len(graph.course_xy_m), dtype=np.bool_)
    last[start[1:] - 1] = True
    edge_of = np.repeat(np.arange(graph.edge_count), np.diff(start))
    a = np.flatnonzero(~last & chosen[edge_of]) if graph.edge_count else np.zeros(0, dtype=np.int64)
    marks = ruler(graph)
    ends = np.hstack([graph.course_xy_m[a], graph.course_xy_m[a + 1]]) if len(a) else np.zeros((0, 4))
    order = np.argsort(hilbert(ends[:, 0] + ends[:, 2], ends[:, 1] + ends[:, 3]), kind="stable")
    a, ends = a[order], np.ascontiguousarray(ends[order])
    box = np.hstack([np.minimum(ends[:, :2], ends[:, 2:]), np.maximum(ends[:, :2], ends[:, 2:])])
    boxes, level_start = _levels(box)
    tree = Segments(ends, a, boxes, level_start)
    return _Index(tree, edge_of[a], marks.before_m[a], marks.step_m[a])


def _levels(box: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return the boxes of all levels of a packed tree, leaves' boxes first, and where each level starts."""
    levels = []
    while True:
        groups = np.arange(0, len(box), FANOUT)
        if not len(groups):
            break
        low, high = np.minimum.reduceat(box[:, :2], groups), np.maximum.reduceat(box[:, 2:], groups)
        box = np.hstack([low, high])
        levels.append(box)
        if len(box) <= FANOUT:
            break
    sizes = [len(level) for level in levels]
    return (np.vstack(levels) if levels else np.zeros((0, 4))), np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
