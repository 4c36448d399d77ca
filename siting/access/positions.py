"""Positions on edges, as searches want them: the nodes by which one leaves or enters, and how far those are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siting.access.layout import Exits, Starts, listed
from siting.model.access import INCLUSIVE_M, Snap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siting.access.graph import Network
    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.roads import Int32Array, RoadGraph


def starts_of(graph: RoadGraph, net: Network, points: Snap) -> Starts:
    """Return positions as seeds of a search: the ends of their edges that one may leave by, and how far those are."""
    edge = points.edge
    along = graph.length_m[edge] - points.offset_m if graph.edge_count else np.zeros(len(edge))
    node, metres = _ends(net, edge, points.connector_m, (points.offset_m, along), (net.back, net.ahead))
    return Starts(node, metres, edge.astype(np.int32), points.offset_m, points.connector_m, net.ahead, net.back)


def doors_of(graph: RoadGraph, net: Network, points: Snap) -> tuple[Int32Array, FloatArray]:
    """Return the ends by which a search enters each point's edge, and how far the point is from them."""
    edge = points.edge
    along = graph.length_m[edge] - points.offset_m if graph.edge_count else np.zeros(len(edge))
    return _ends(net, edge, points.connector_m, (points.offset_m, along), (net.ahead, net.back))


def _ends(
    net: Network,
    edge: IntArray,
    connector_m: FloatArray,
    along_m: tuple[FloatArray, FloatArray],
    open_way: tuple[BoolArray, BoolArray],
) -> tuple[Int32Array, FloatArray]:
    """Return nodes and metres of the ends one may pass; a position at the very end of an edge is at the node itself."""
    node = np.full((len(edge), 2), -1, dtype=np.int32)
    metres = np.zeros((len(edge), 2))
    on_road = np.flatnonzero(edge >= 0)
    for end, ends in enumerate((net.u, net.v)):
        use = on_road[open_way[end][edge[on_road]] | (along_m[end][on_road] <= INCLUSIVE_M)]
        node[use, end] = ends[edge[use]]
        metres[use, end] = connector_m[use] + np.maximum(along_m[end][use], 0.0)
    return node, metres


def exits_of(graph: RoadGraph, net: Network, points: Snap) -> Exits:
    """List points by the nodes that lead to them and by edge."""
    node, metres = doors_of(graph, net, points)
    door_start, door = _where(node.reshape(-1), len(net.order))
    edge_start, on_edge = _where(points.edge, graph.edge_count)
    extra_m = metres.reshape(-1)[door]
    return Exits(door_start, door >> 1, extra_m, edge_start, on_edge, points.offset_m, points.connector_m)


def _where(place: NDArray[np.integer], count: int) -> tuple[Int32Array, Int32Array]:
    """List by place the things that have one; −1 is none."""
    some = np.flatnonzero(place >= 0).astype(np.int32)
    start, order = listed(place[some], count)
    return start, some[order]
