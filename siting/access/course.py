"""The drawn course of edges: cutting pieces out of it, and which edges go straight on into which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray, IntArray
    from siting.model.roads import RoadGraph

_EXACT_M = 1e-9
"""A piece that ends this near an edge's end ends at the node, to the last bit of its coordinates."""

_BEND_COS = -np.cos(np.radians(135))
"""Two edges are one stroke where the way from one into the other bends by no more than 135°."""


@dataclass(frozen=True, slots=True, eq=False)
class Ruler:
    """Metres along all courses, in the edges' own lengths.

    Attributes
    ----------
    before_m, step_m : float64[vertex]
        Metres from the edge's start and to the edge's next vertex: drawn metres × length ÷ drawn length, 0 where the
        course has no length. The last vertex of an edge steps 0 m.
    origin_m : float64[edge]
        Where each edge begins on one ruler for all courses, end to end.
    """

    before_m: FloatArray
    step_m: FloatArray
    origin_m: FloatArray


_RULERS: WeakKeyDictionary[RoadGraph, Ruler] = WeakKeyDictionary()
_STROKES: WeakKeyDictionary[RoadGraph, IntArray] = WeakKeyDictionary()


def ruler(graph: RoadGraph) -> Ruler:
    """Return the graph's ruler; made once for a graph."""
    if graph not in _RULERS:
        _RULERS[graph] = _ruler(graph)
    return _RULERS[graph]


def _ruler(graph: RoadGraph) -> Ruler:
    xy, start = graph.course_xy_m, graph.course_start
    if not len(xy):
        return Ruler(np.zeros(0), np.zeros(0), np.zeros(0))
    step = np.zeros(len(xy))
    np.hypot(np.diff(xy[:, 0]), np.diff(xy[:, 1]), out=step[:-1])
    step[start[1:] - 1] = 0.0
    drawn = np.add.reduceat(step, start[:-1])
    scale = np.divide(graph.length_m, drawn, out=np.zeros_like(drawn), where=drawn > 0)
    step *= np.repeat(scale, np.diff(start))
    total = np.concatenate([[0.0], np.cumsum(step)])
    return Ruler(total[:-1] - np.repeat(total[start[:-1]], np.diff(start)), step, total[start[:-1]])


def cut(graph: RoadGraph, edge: IntArray, low_m: FloatArray, high_m: FloatArray) -> tuple[FloatArray, IntArray]:
    """Cut pieces out of edges.

    Parameters
    ----------
    graph : RoadGraph
    edge : int64[piece]
    low_m, high_m : float64[piece]
        Offsets in the edge's own `length_m`, 0 ≤ low ≤ high ≤ length.

    Returns
    -------
    xy_m : float64[vertex, 2]
        From low to high along the course, with every vertex of the course between them, piece after piece. A piece of
        no length, and any piece of a course that has no length, runs between two equal points.
    start : int64[piece + 1]
        Where each piece's vertices begin.
    """
    if not len(edge):
        return np.zeros((0, 2)), np.zeros(1, dtype=np.int64)
    marks = ruler(graph)
    along = marks.before_m + np.repeat(marks.origin_m, np.diff(graph.course_start))
    first, last = graph.course_start[edge], graph.course_start[edge + 1] - 1
    origin = marks.origin_m[edge]
    after_low = np.clip(np.searchsorted(along, origin + low_m, side="right"), first + 1, last)
    to_high = np.clip(np.searchsorted(along, origin + high_m, side="left"), after_low, last)
    head, tail = _place(graph, marks, after_low - 1, low_m), _place(graph, marks, to_high - 1, high_m)
    at_start, at_end = low_m <= _EXACT_M, high_m >= graph.length_m[edge] - _EXACT_M
    head[at_start], tail[at_end] = graph.course_xy_m[first[at_start]], graph.course_xy_m[last[at_end]]
    inner = to_high - after_low
    start = np.concatenate([[0], np.cumsum(inner + 2)])
    piece = np.repeat(np.arange(len(edge)), inner + 2)
    place = np.arange(start[-1]) - start[piece]
    middle = (place > 0) & (place <= inner[piece])
    xy = np.empty((start[-1], 2))
    xy[middle] = graph.course_xy_m[(after_low[piece] + place - 1)[middle]]
    xy[start[:-1]], xy[start[1:] - 1] = head, tail
    return xy, start


def _place(graph: RoadGraph, marks: Ruler, vertex: IntArray, offset_m: FloatArray) -> FloatArray:
    """Return the places `offset_m` along edges, which lie between `vertex` and the next one."""
    a, b, step = graph.course_xy_m[vertex], graph.course_xy_m[vertex + 1], marks.step_m[vertex]
    share = np.divide(offset_m - marks.before_m[vertex], step, out=np.zeros(len(vertex)), where=step > 0)
    place: FloatArray = a + np.clip(share, 0.0, 1.0)[:, None] * (b - a)
    return place


def strokes(graph: RoadGraph) -> IntArray:
    """Return which stroke every edge belongs to; made once for a graph.

    A stroke is a run of edges that go straight on into each other, as a pen would draw them. Buffers of few long lines
    are drawn several times faster than those of many short ones, and are the same area.

    Returns
    -------
    int64[edge]
    """
    if graph not in _STROKES:
        _STROKES[graph] = _strokes(graph)
    return _STROKES[graph]


def _strokes(graph: RoadGraph) -> IntArray:
    """Pair edge ends at each node where each is the other's straightest continuation, and join the pairs."""
    count = graph.edge_count
    node = np.concatenate([graph.u, graph.v])
    way = np.vstack([_leaving(graph, at_end=False), _leaving(graph, at_end=True)])
    order = np.argsort(node, kind="stable")
    degree = np.bincount(node, minlength=graph.node_count)[node[order]]
    group = np.searchsorted(node[order], node[order], side="left")
    a = np.repeat(np.arange(2 * count), degree)
    b = group[a] + np.arange(len(a)) - np.repeat(np.cumsum(degree) - degree, degree)
    a, b = order[a], order[b]
    cosine = (way[a] * way[b]).sum(axis=1)
    fit = (a != b) & (cosine <= _BEND_COS)
    a, b, cosine = a[fit], b[fit], cosine[fit]
    best = np.lexsort((b, cosine, a))
    a, b = a[best], b[best]
    first = np.ones(len(a), dtype=np.bool_)
    first[1:] = a[1:] != a[:-1]
    partner = np.full(2 * count, -1)
    partner[a[first]] = b[first]
    mutual = np.flatnonzero((partner >= 0) & (partner[partner] == np.arange(2 * count)))
    links = coo_array((np.ones(len(mutual)), (mutual % count, partner[mutual] % count)), shape=(count, count))
    stroke: IntArray = connected_components(links, directed=False)[1].astype(np.int64)
    return stroke


def _leaving(graph: RoadGraph, *, at_end: bool) -> FloatArray:
    """Return the unit direction in which each edge leaves its node u (or v, at its end): float64[edge, 2]."""
    at = graph.course_start[1:] - 1 if at_end else graph.course_start[:-1]
    way = graph.course_xy_m[at - 1 if at_end else at + 1] - graph.course_xy_m[at]
    size = np.hypot(way[:, 0], way[:, 1])[:, None]
    unit: FloatArray = np.divide(way, size, out=np.zeros_like(way), where=size > 0)
    return unit
