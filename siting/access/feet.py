"""Feet of points on streets: the nearest places, with and without a look at what stands between."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from siting.access.course import ruler
from siting.access.curve import along_curve
from siting.access.graph import components, usable_edges
from siting.access.sight import barred, nearest_seen
from siting.access.threads import in_chunks
from siting.access.tree import over

if TYPE_CHECKING:
    from siting.access.layout import Segments
    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.roads import Mode, RoadGraph


class Found(NamedTuple):
    """Places on streets, by point.

    `edge` −1 where there is none; `offset` metres along the edge; `distance` metres from the point, not finite where
    there is none; `foot_x`, `foot_y` the place, the point itself where there is none.
    """

    edge: IntArray
    offset: FloatArray
    distance: FloatArray
    foot_x: FloatArray
    foot_y: FloatArray

    def put(self, which: IntArray, others: Found) -> None:
        """Put others' places into some points' (in place)."""
        for column, other in zip(self, others, strict=True):
            column[which] = other

    def taken(self, which: BoolArray | IntArray) -> Found:
        """Return the places of some points."""
        edge, offset, distance, x, y = self
        return Found(edge[which], offset[which], distance[which], x[which], y[which])


@dataclass(frozen=True, slots=True, eq=False)
class _Index:
    """Segments of some edges in a packed R-tree, with the way back to edges and offsets."""

    tree: Segments
    edge: IntArray
    before_m: FloatArray
    length_m: FloatArray


_INDEXES: WeakKeyDictionary[RoadGraph, dict[tuple[Mode, float], _Index]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """Points that look for streets of a mode."""

    graph: RoadGraph
    mode: Mode
    x: FloatArray
    y: FloatArray
    longest_m: float

    def nearest(self, which: IntArray, least_component_m: float = 0.0) -> Found:
        """Return the nearest places of some points, whatever stands between."""
        return _nearest(_index(self.graph, self.mode, least_component_m), self.x[which], self.y[which])

    def unseen(self, which: IntArray, found: Found) -> IntArray:
        """Return the places in `which` of points that are near enough to their feet and do not see them."""
        if not len(self.graph.obstacles):
            return np.zeros(0, dtype=np.int64)
        near = np.flatnonzero(found.distance <= self.longest_m)
        ways = self.x[which[near]], self.y[which[near]], found.foot_x[near], found.foot_y[near]
        return near[barred(self.graph, self.mode, *ways)]

    def seen(self, which: IntArray, least_component_m: float = 0.0) -> Found:
        """Return the nearest places that some points see within the longest connector."""
        index = _index(self.graph, self.mode, least_component_m)
        x, y = self.x[which], self.y[which]
        out = Found(np.full(len(x), -1), np.zeros(len(x)), np.full(len(x), np.inf), x.copy(), y.copy())
        if len(x) and len(index.edge):
            segment, along, square = nearest_seen(self.graph, self.mode, index.tree, (x, y), self.longest_m)
            some = np.flatnonzero(segment >= 0)
            out.put(some, _placed(index, segment[some], along[some], square[some]))
        return out


def _nearest(index: _Index, x: FloatArray, y: FloatArray) -> Found:
    if not len(index.edge):
        return Found(np.full(len(x), -1), np.zeros(len(x)), np.full(len(x), np.nan), x.copy(), y.copy())
    from siting.access import kernel_segments  # noqa: PLC0415 - numba is imported when first needed

    out = Found(np.empty(len(x), np.int64), *(np.empty(len(x)) for _ in range(4)))

    def search(part: IntArray) -> None:
        found = np.empty(len(part), np.int64), np.empty(len(part)), np.empty(len(part))
        kernel_segments.nearest_segments(index.tree, x[part], y[part], *found)
        out.put(part, _placed(index, *found))

    in_chunks(search, along_curve(x, y))
    return out


def _placed(index: _Index, segment: IntArray, along: FloatArray, square: FloatArray) -> Found:
    """Return places on segments as places on edges."""
    offset = index.before_m[segment] + along * index.length_m[segment]
    ax, ay, bx, by = index.tree.ends[segment].T
    foot_x = np.where(along == 1, bx, ax + along * (bx - ax))
    foot_y = np.where(along == 1, by, ay + along * (by - ay))
    return Found(index.edge[segment], offset, np.sqrt(square), foot_x, foot_y)


def _index(graph: RoadGraph, mode: Mode, least_component_m: float) -> _Index:
    """Return the tree over usable edges in components of at least `least_component_m`; made once for a graph."""
    made = _INDEXES.setdefault(graph, {})
    if (mode, least_component_m) not in made:
        if least_component_m > 0:
            component, length = components(graph, mode)
            every = _index(graph, mode, 0.0)
            kept = length[component[graph.u[every.edge]]] >= least_component_m
            built = every if kept.all() else _thinned(every, kept)
        else:
            forward, backward = usable_edges(graph, mode)
            built = _build_index(graph, forward | backward)
        made[mode, least_component_m] = built
    return made[mode, least_component_m]


def _thinned(index: _Index, kept: BoolArray) -> _Index:
    """Return the tree in which searches find some of the segments only; nothing is built or copied but their ranks."""
    if not kept.any():
        nothing = np.zeros(0)
        return _Index(over(np.zeros((0, 4)), index.edge[:0]), index.edge[:0], nothing, nothing)
    return replace(index, tree=index.tree._replace(rank=np.where(kept, index.tree.rank, -1)))


def _build_index(graph: RoadGraph, chosen: BoolArray) -> _Index:
    start = graph.course_start
    last = np.zeros(len(graph.course_xy_m), dtype=np.bool_)
    last[start[1:] - 1] = True
    edge_of = np.repeat(np.arange(graph.edge_count), np.diff(start))
    a = np.flatnonzero(~last & chosen[edge_of]) if graph.edge_count else np.zeros(0, dtype=np.int64)
    marks = ruler(graph)
    middle = graph.course_xy_m[:-1] + graph.course_xy_m[1:]  # twice the middle of every step of a course
    a = a[along_curve(middle[a, 0], middle[a, 1])]
    ends = np.empty((len(a), 4))
    ends[:, :2], ends[:, 2:] = graph.course_xy_m[a], graph.course_xy_m[a + 1]
    return _Index(over(ends, a), edge_of[a], marks.before_m[a], marks.step_m[a])
