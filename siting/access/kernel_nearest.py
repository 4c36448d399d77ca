"""The compiled search for the k nearest starts of every node, then of every point. Needs numba; see `kernel`."""
# ruff: noqa: PLR0913, PLR0917 - kernels take the arrays they work in

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siting.access.compiled import compiled
from siting.access.kernel import SAME_M

if TYPE_CHECKING:
    from siting.access.layout import Arcs, Exits, Starts
    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.roads import Int32Array


@compiled
def _before(a_m: float, a: int | np.int32, b_m: float, b: int | np.int32) -> bool | np.bool_:
    return a_m < b_m or (a_m == b_m and a < b)


@compiled
def _push(
    heap: tuple[FloatArray, Int32Array, Int32Array], size: int, m: float, start: int | np.int32, node: int
) -> None:
    """Put an entry on a binary heap of `size` entries, ordered by (metres, start)."""
    key, owner, where = heap
    hole = size
    while hole > 0:
        parent = (hole - 1) >> 1
        if not _before(m, start, key[parent], owner[parent]):
            break
        key[hole], owner[hole], where[hole] = key[parent], owner[parent], where[parent]
        hole = parent
    key[hole], owner[hole], where[hole] = m, start, node


@compiled
def _drop_first(heap: tuple[FloatArray, Int32Array, Int32Array], size: int) -> None:
    """Take the first entry off a heap of which `size` entries stay."""
    key, owner, where = heap
    m, start, node = key[size], owner[size], where[size]
    hole, child = 0, 1
    while child < size:
        if child + 1 < size and _before(key[child + 1], owner[child + 1], key[child], owner[child]):
            child += 1
        if not _before(key[child], owner[child], m, start):
            break
        key[hole], owner[hole], where[hole] = key[child], owner[child], where[child]
        hole = child
        child = 2 * hole + 1
    key[hole], owner[hole], where[hole] = m, start, node


@compiled
def nearest_labels(
    arcs: Arcs,
    starts: Starts,
    limit_m: float,
    heap: tuple[FloatArray, Int32Array, Int32Array],
    label: Int32Array,
    metres: FloatArray,
) -> None:
    """Fill in the k nearest starts of every node and how far they are: int32 and float64 [node, k].

    They come filled with −1 and infinity, which stay where there is none. One search from all starts together; entries
    leave the heap by (metres, start), so ties go to the lowest start. The heap's arrays hold as many entries as there
    are seeds and k times the arcs.
    """
    k = label.shape[1]
    size = 0
    for start in range(len(starts.node)):
        for end in range(2):
            if starts.node[start, end] >= 0 and starts.metres[start, end] <= limit_m:
                _push(heap, size, starts.metres[start, end], np.int32(start), starts.node[start, end])
                size += 1
    while size > 0:
        d, start, node = heap[0][0], heap[1][0], heap[2][0]
        size -= 1
        _drop_first(heap, size)
        place = 0
        while place < k and label[node, place] >= 0 and label[node, place] != start:
            place += 1
        if place == k or label[node, place] == start:
            continue
        label[node, place], metres[node, place] = start, d
        for arc in range(arcs.indptr[node], arcs.indptr[node + 1]):
            t = d + arcs.metres[arc]
            head = arcs.head[arc]
            if t <= limit_m and label[head, k - 1] < 0:
                _push(heap, size, t, start, head)
                size += 1


@compiled
def _offer(label: Int32Array, metres: FloatArray, start: int, m: float) -> None:
    """Enter a start into one point's short list, which is kept sorted by (metres, start) and without repeats."""
    k = len(label)
    stop = 0
    while stop < k - 1 and label[stop] != start:
        stop += 1
    if not _before(m, start, metres[stop], label[stop]):  # an empty place is infinitely far
        return
    while stop > 0 and _before(m, start, metres[stop - 1], label[stop - 1]):
        label[stop], metres[stop] = label[stop - 1], metres[stop - 1]
        stop -= 1
    label[stop], metres[stop] = start, m


@compiled
def nearest_points(
    labels: tuple[Int32Array, FloatArray],
    doors: tuple[Int32Array, FloatArray],
    points: tuple[IntArray, FloatArray, FloatArray],
    sites: Exits,
    ways: tuple[BoolArray, BoolArray],
    limit_m: float,
    label: Int32Array,
    metres: FloatArray,
) -> None:
    """Fill in the k nearest starts of every point, from those of its edge's end nodes and those on the same edge.

    `doors` are int32 and float64 [point, 2]: the nodes that lead to a point (−1 = none) and how far they are from it;
    `points` its edge, offset and connector; `sites` the starts by edge; `ways` which way one may leave along an edge;
    `label` and `metres` are as in `nearest_labels`, by point.
    """
    k = labels[0].shape[1]
    for point in range(len(label)):
        edge = points[0][point]
        if edge < 0:
            continue
        for i in range(sites.edge_start[edge], sites.edge_start[edge + 1]):
            start = sites.on_edge[i]
            along = points[1][point] - sites.offset_m[start]
            t = sites.connector_m[start] + abs(along) + points[2][point]
            if t <= limit_m and ((along >= -SAME_M and ways[0][edge]) or (along <= SAME_M and ways[1][edge])):
                _offer(label[point], metres[point], start, t)
        for end in range(2):
            node = doors[0][point, end]
            if node < 0:
                continue
            for place in range(k):
                t = labels[1][node, place] + doors[1][point, end]
                if labels[0][node, place] < 0 or t > limit_m:
                    break
                _offer(label[point], metres[point], labels[0][node, place], t)
