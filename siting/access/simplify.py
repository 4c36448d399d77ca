"""Fewer nodes, the same streets: merging edges at nodes where nothing meets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.roads import RoadGraph

_PASSING = 2


def merge_degree_two(graph: RoadGraph) -> RoadGraph:
    """Merge edges at nodes where exactly two edge ends meet and nothing changes.

    Parameters
    ----------
    graph : RoadGraph

    Returns
    -------
    RoadGraph
        Lengths are sums, courses are joined, no metre is gained or lost. A node stays when it is a junction or an end,
        when the modes allowed differ between its two edges in either direction of travel, when their road class, their
        features or their speeds for cars differ, or when it holds both ends of one loop. A ring without such a node
        becomes a loop at node u of its lowest edge. Nodes without edges stay. Nodes and edges keep their order; a
        merged edge stands where its lowest part stood and runs as that part did. Its slope is its whole rise over its
        whole length.
    """
    partner = _partners(graph)
    if not (partner >= 0).any():
        return graph
    chain, position, backwards = _chains(graph, partner)
    order = np.lexsort((position, chain))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = chain[order][1:] != chain[order][:-1]
    return _assembled(graph, order, first, backwards[order])


def _partners(graph: RoadGraph) -> IntArray:
    """Return, for each edge end, the end it continues into, or −1. End e is edge e at u, end e + edges is it at v."""
    count = graph.edge_count
    node = np.concatenate([graph.u, graph.v]).astype(np.int64)
    order = np.argsort(node, kind="stable")
    degree = np.bincount(node, minlength=graph.node_count)
    start = np.concatenate([[0], np.cumsum(degree)])[:-1]
    passing = np.flatnonzero(degree == _PASSING)
    a, b = order[start[passing]], order[start[passing] + 1]
    inward, outward = np.concatenate([graph.backward, graph.forward]), np.concatenate([graph.forward, graph.backward])
    road_class = np.concatenate([graph.road_class, graph.road_class])
    alike = (inward[a] == outward[b]) & (outward[a] == inward[b]) & (road_class[a] == road_class[b])
    for same in (graph.features, graph.drive_km_per_h):
        one, other = np.concatenate([same, same])[a], np.concatenate([same, same])[b]
        alike &= (one == other) | ((one != one) & (other != other))  # noqa: PLR0124 - two unknown speeds are alike
    alike &= a % max(count, 1) != b % max(count, 1)
    partner = np.full(2 * count, -1)
    partner[a[alike]], partner[b[alike]] = b[alike], a[alike]
    return partner


def _chains(graph: RoadGraph, partner: IntArray) -> tuple[IntArray, IntArray, BoolArray]:
    """Return each edge's chain (its lowest edge), place in the chain, and whether it runs against it."""
    count = graph.edge_count
    chain, position = np.arange(count), np.zeros(count, dtype=np.int64)
    backwards = np.zeros(count, dtype=np.bool_)
    seen = (partner[:count] < 0) & (partner[count:] < 0)
    onward = partner.tolist()
    for lead in np.flatnonzero(~seen).tolist():
        if seen[lead]:
            continue
        path = _walk(onward, lead, count)
        for place, end in enumerate(path):
            edge = end % count
            chain[edge], position[edge], backwards[edge] = lead, place, end >= count
            seen[edge] = True
    return chain, position, backwards


def _walk(onward: list[int], lead: int, count: int) -> list[int]:
    """Return the ends by which a walk along the whole chain enters its edges, running as edge `lead` does."""

    def run(end: int) -> list[int]:
        path = []
        while end >= 0 and end % count != lead:
            path.append(end)
            end = onward[(end + count) % (2 * count)]  # leave by the edge's other end
        return path if end < 0 else [*path, -1]

    ahead = run(onward[lead + count])
    if ahead and ahead[-1] < 0:  # back where it began: a ring
        return [lead, *ahead[:-1]]
    behind = run(onward[lead])
    return [*((end + count) % (2 * count) for end in reversed(behind)), lead, *ahead]


def _assembled(graph: RoadGraph, order: IntArray, first: BoolArray, backwards: BoolArray) -> RoadGraph:
    """Join edges, given chain after chain in the order walked, into one edge per chain."""
    heads = np.flatnonzero(first)
    tails = np.append(heads[1:], len(order)) - 1
    tail = np.where(backwards, graph.v[order], graph.u[order])[heads]
    head = np.where(backwards, graph.u[order], graph.v[order])[tails]
    course, start = _joined_courses(graph, order, first, backwards)
    dropped = np.zeros(graph.node_count, dtype=np.bool_)
    dropped[graph.u], dropped[graph.v] = True, True
    dropped[tail], dropped[head] = False, False
    number = np.cumsum(~dropped) - 1
    lead, turned = order[heads], backwards[heads]
    return replace(
        graph,
        x_m=graph.x_m[~dropped],
        y_m=graph.y_m[~dropped],
        u=number[tail],
        v=number[head],
        length_m=np.add.reduceat(graph.length_m[order], heads),
        forward=np.where(turned, graph.backward[lead], graph.forward[lead]),
        backward=np.where(turned, graph.forward[lead], graph.backward[lead]),
        course_xy_m=course,
        course_start=start,
        road_class=graph.road_class[lead],
        features=graph.features[lead],
        drive_km_per_h=graph.drive_km_per_h[lead],
        slope=_joined_slopes(graph, order, heads, backwards),
    )


def _joined_slopes(graph: RoadGraph, order: IntArray, heads: IntArray, backwards: BoolArray) -> FloatArray:
    """Return rise over length of each chain."""
    rise = np.where(backwards, -1.0, 1.0) * (graph.slope * graph.length_m)[order]
    length = np.add.reduceat(graph.length_m[order], heads)
    return np.divide(np.add.reduceat(rise, heads), length, out=np.zeros(len(heads)), where=length > 0)


def _joined_courses(
    graph: RoadGraph, order: IntArray, first: BoolArray, backwards: BoolArray
) -> tuple[FloatArray, IntArray]:
    """Join courses, turned where they run against the chain, shared vertices once."""
    size = np.diff(graph.course_start)[order]
    piece = np.repeat(np.arange(len(order)), size)
    place = np.arange(len(piece)) - np.repeat(np.cumsum(size) - size, size)
    begin = graph.course_start[order][piece]
    vertex = np.where(backwards[piece], begin + size[piece] - 1 - place, begin + place)
    kept = (place > 0) | first[piece]
    per_chain = np.bincount((np.cumsum(first) - 1)[piece[kept]])
    return graph.course_xy_m[vertex[kept]], np.concatenate([[0], np.cumsum(per_chain)])
