"""The compiled searches: truncated shortest paths from many starts. Imported on first use only, as it needs numba.

Everything here works on plain arrays and knows nothing of graphs, zones or sites; `siting.access.distance` prepares the
arrays. Kernels release the interpreter lock, so that chunks of work run on threads, and are deterministic, so that the
number of threads never shows in a result.

Some kernels are longer than this house's forty lines, nest deeper and take more parameters: splitting an inner loop
costs calls that the compiler does not always inline, and these loops are what the project's speed stands on.
"""
# ruff: noqa: C901, PLR0913, PLR0917 - as said above

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siting.access.compiled import compiled, lowest_bit
from siting.access.layout import Arcs, Exits, Output, Room, Starts
from siting.model.access import INCLUSIVE_M

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray, IntArray
    from siting.model.roads import Int32Array

SAME_M = INCLUSIVE_M
"""Positions no farther apart are one place, whichever way the traffic runs between them."""


@compiled
def _queue_again(arcs: Arcs, work: Room, count: int) -> None:
    """Empty a pool that is full of outdated entries, and queue every node reached so far once.

    Looking again at nodes that were done costs time and changes nothing: distances only ever fall.
    """
    for slot in range(arcs.buckets):
        work.first[slot] = -1
    for i in range(count):
        node = work.touched[i]
        slot = int(work.dist[node] * arcs.per_m) & (arcs.buckets - 1)
        work.entry_node[i], work.entry_m[i], work.following[i] = node, work.dist[node], work.first[slot]
        work.first[slot] = i


@compiled
def settle(arcs: Arcs, limit_m: float, seed_node: Int32Array, seed_m: FloatArray, work: Room) -> int:
    """Shortest paths from a few seeds up to `limit_m`; returns how many nodes were reached, listed in `work.touched`.

    `work.dist` holds the distances of the touched nodes on return; the caller sets them back to infinity. The queue is
    Dial's: a ring of buckets of half a mean arc's width, each a linked list in a recycled pool. Within a bucket nodes
    may be corrected (arcs shorter than the bucket), so distances are exact, as with a heap, at half its time
    (Denardo & Fox, Operations Research 27(1), 1979; Meyer & Sanders' delta-stepping on one thread).
    """
    dist, touched, first = work.dist, work.touched, work.first
    following, entry_node, entry_m = work.following, work.entry_node, work.entry_m
    mask, per_m, capacity = arcs.buckets - 1, arcs.per_m, len(work.following)
    top = live = count = bucket = 0
    free = -1
    for i in range(len(seed_node)):
        n, d = seed_node[i], seed_m[i]
        if n >= 0 and d <= limit_m and d < dist[n]:
            if dist[n] == np.inf:
                touched[count] = n
                count += 1
            dist[n] = d
            slot = int(d * per_m) & mask
            entry_node[top], entry_m[top], following[top] = n, d, first[slot]
            first[slot] = top
            top += 1
            live += 1
    while live > 0:
        entry = first[bucket & mask]
        if entry < 0:
            bucket += 1
            continue
        first[bucket & mask] = following[entry]
        following[entry] = free
        free = entry
        live -= 1
        n, d = entry_node[entry], entry_m[entry]
        if d > dist[n]:
            continue  # a better way was found since this entry was made
        for arc in range(arcs.indptr[n], arcs.indptr[n + 1]):
            m, t = arcs.head[arc], d + arcs.metres[arc]
            if t < dist[m] and t <= limit_m:
                if dist[m] == np.inf:
                    touched[count] = m
                    count += 1
                dist[m] = t
                if free >= 0:
                    entry = free
                    free = following[entry]
                elif top < capacity:
                    entry = top
                    top += 1
                else:
                    _queue_again(arcs, work, count)
                    top, live, free, bucket = count, count, -1, 0
                    continue
                slot = int(t * per_m) & mask
                entry_node[entry], entry_m[entry], following[entry] = m, t, first[slot]
                first[slot] = entry
                live += 1
    return count


@compiled
def _longer(index: Int32Array, value: FloatArray, used: int, more: int) -> tuple[Int32Array, FloatArray]:
    """Return output buffers that hold `more` entries beyond the `used` ones."""
    length = max(2 * len(index), used + more)
    wider_index, wider_value = np.empty(length, np.int32), np.empty(length)
    for i in range(used):
        wider_index[i], wider_value[i] = index[i], value[i]
    return wider_index, wider_value


@compiled
def reach_rows(
    arcs: Arcs,
    places: tuple[Int32Array, Int32Array],
    starts: Starts,
    which: IntArray,
    limit_m: float,
    work: Room,
    bits: tuple[IntArray, IntArray],
    out: Output,
    counts: IntArray,
) -> Output:
    """Nodes within `limit_m` of each start of `which`: nodes (ascending within a row) and metres; fills `counts`.

    `places` are a network's `order` and `rank`. Rows come out sorted without sorting: reached nodes set bits in the
    two-level bit set `bits` (int64[nodes / 64 + 1] and [nodes / 4096 + 1], all 0), which is then read in order.
    """
    order, rank = places
    words, tops = bits
    dist, touched = work.dist, work.touched
    index, value = out.column, out.value
    used, one = 0, np.int64(1)
    for row in range(len(which)):
        start = which[row]
        count = settle(arcs, limit_m, starts.node[start], starts.metres[start], work)
        counts[row] = count
        if used + count > len(index):
            index, value = _longer(index, value, used, count)
        low, high = len(tops), -1
        for i in range(count):
            node = np.int64(order[touched[i]])
            words[node >> 6] |= one << (node & 63)
            top = node >> 12
            tops[top] |= one << ((node >> 6) & 63)
            low = min(low, int(top))
            high = max(high, int(top))
        for block in range(low, high + 1):
            while tops[block] != 0:
                word = (block << 6) + lowest_bit(tops[block])
                tops[block] &= tops[block] - one
                while words[word] != 0:
                    column = (word << 6) + lowest_bit(words[word])
                    words[word] &= words[word] - one
                    index[used] = column
                    value[used] = dist[rank[column]]
                    dist[rank[column]] = np.inf
                    used += 1
    return Output(index, value)


@compiled
def measure_columns(
    arcs: Arcs,
    exits: Exits,
    starts: Starts,
    which: IntArray,
    limit_m: float,
    work: Room,
    seen: tuple[FloatArray, Int32Array],
    out: Output,
    counts: IntArray,
) -> Output:
    """Points within `limit_m` of each start of `which`: points (in no order within a start) and metres; fills `counts`.

    `seen` is float64[point], all infinite, and int32[point].
    """
    best, found = seen
    dist, touched = work.dist, work.touched
    index, value = out.column, out.value
    used = 0
    for row in range(len(which)):
        start = which[row]
        reached = 0
        edge = starts.edge[start]
        if edge >= 0:  # straight along the edge that both lie on
            for i in range(exits.edge_start[edge], exits.edge_start[edge + 1]):
                point = exits.on_edge[i]
                along = exits.offset_m[point] - starts.offset_m[start]
                t = starts.connector_m[start] + abs(along) + exits.connector_m[point]
                open_way = (along >= -SAME_M and starts.ahead[edge]) or (along <= SAME_M and starts.back[edge])
                if open_way and t <= limit_m:
                    best[point] = t
                    found[reached] = point
                    reached += 1
        count = settle(arcs, limit_m, starts.node[start], starts.metres[start], work)
        for i in range(count):
            d = dist[touched[i]]
            dist[touched[i]] = np.inf
            for j in range(exits.node_start[touched[i]], exits.node_start[touched[i] + 1]):
                t = d + exits.extra_m[j]
                point = exits.point[j]
                if t <= limit_m and t < best[point]:
                    if best[point] == np.inf:
                        found[reached] = point
                        reached += 1
                    best[point] = t
        if used + reached > len(index):
            index, value = _longer(index, value, used, reached)
        for i in range(reached):
            index[used] = found[i]
            value[used] = best[found[i]]
            best[found[i]] = np.inf
            used += 1
        counts[row] = reached
    return Output(index, value)
