"""The compiled inner loops: truncated shortest paths, k nearest, nearest segment. Imported on first use only.

Everything here works on plain arrays and knows nothing of graphs, zones or sites; `siting.access.distance` and
`siting.access.snap` prepare the arrays. Every kernel releases the interpreter lock, so that chunks of work run on
threads, and every loop is deterministic, so that the number of threads never shows in a result.

Some kernels are longer than this house's forty lines and nest deeper: splitting an inner loop costs calls that the
compiler does not always inline, and these loops are what the project's speed stands on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numba
import numpy as np
from numba.core import types
from numba.extending import intrinsic

from siting.model.access import INCLUSIVE_M

if TYPE_CHECKING:
    from collections.abc import Callable

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.roads import Int32Array

F = TypeVar("F", bound="Callable[..., Any]")

FANOUT = 8
"""Children of one box of the segment tree."""

SAME_M = INCLUSIVE_M
"""Positions no farther apart are one place, whichever way the traffic runs between them."""

_POOL = 8192
_OUTPUT = 1024
_STACK = 256


class Arcs(NamedTuple):
    """Directed arcs by tail node, and the bucket queue's measures that suit them.

    `indptr` int32[node + 1], `head` int32[arc], `metres` float64[arc]; `buckets` is a power of two and wide enough for
    the longest arc and the longest seed at `per_m` buckets per metre.
    """

    indptr: Int32Array
    head: Int32Array
    metres: FloatArray
    per_m: float
    buckets: int


class Room(NamedTuple):
    """What one thread's searches work in; made by `room`, as found again after every search.

    `dist` float64[node], all infinite; `touched` int32[node]; `first` int32[bucket], all −1; `following`, `entry_node`,
    `entry_m`: the queue's pool of entries.
    """

    dist: FloatArray
    touched: Int32Array
    first: Int32Array
    following: Int32Array
    entry_node: Int32Array
    entry_m: FloatArray


class Output(NamedTuple):
    """Buffers for a chunk's results, replaced by longer ones as they fill."""

    index: Int32Array
    value: FloatArray


class Exits(NamedTuple):
    """Points as seen from the nodes that lead to them, and from the edges they lie on.

    `node_start` int32[node + 1] into `point`, `extra_m` (metres from the node to the point, connector included, ascending
    within a node); `edge_start` int32[edge + 1] into `on_edge`; `offset_m`, `connector_m` float64[point].
    """

    node_start: Int32Array
    point: Int32Array
    extra_m: FloatArray
    edge_start: Int32Array
    on_edge: Int32Array
    offset_m: FloatArray
    connector_m: FloatArray


class Starts(NamedTuple):
    """Positions a search starts from: up to two seed nodes each, and the edge they lie on.

    `node` int32[start, 2] (−1 = none), `metres` float64[start, 2], `edge` int32[start] (−1 = a node, or no road),
    `offset_m`, `connector_m` float64[start]; `ahead`, `back` bool[edge] tell which way one may leave along an edge.
    """

    node: Int32Array
    metres: FloatArray
    edge: Int32Array
    offset_m: FloatArray
    connector_m: FloatArray
    ahead: BoolArray
    back: BoolArray


class Segments(NamedTuple):
    """A packed R-tree over straight segments in curve order.

    `ends` float64[segment, 4] (ax, ay, bx, by), `rank` int64[segment] breaks ties (lower wins), `box` float64[box, 4]
    (west, south, east, north), levels from the leaves up, `level_start` int64[level + 1]; a box of the lowest level
    holds `FANOUT` segments, a box above it `FANOUT` boxes.
    """

    ends: FloatArray
    rank: IntArray
    box: FloatArray
    level_start: IntArray


def compiled(function: F) -> F:
    """Compile for numba without the interpreter lock; keep the machine code on disk where that is possible."""
    try:
        return numba.njit(cache=True, nogil=True)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # numba finds no folder that it may write its cache to
        return numba.njit(nogil=True)(function)  # type: ignore[no-any-return]


def room(arcs: Arcs) -> Room:
    """Make the workspace of one thread: O(nodes), whatever the number of searches."""
    nodes = len(arcs.indptr) - 1
    return Room(
        np.full(nodes, np.inf),
        np.empty(nodes, np.int32),
        np.full(arcs.buckets, -1, np.int32),
        np.empty(_POOL, np.int32),
        np.empty(_POOL, np.int32),
        np.empty(_POOL),
    )


def output() -> Output:
    """Make a chunk's first, short buffers."""
    return Output(np.empty(_OUTPUT, np.int32), np.empty(_OUTPUT))


@intrinsic  # type: ignore[untyped-decorator]
def _lowest_bit(typingctx: Any, word: Any) -> Any:  # noqa: ANN401, ARG001 - numba's protocol, numba ships no types
    """Return the position of the lowest bit set in an int64 that is not nought."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401, ARG001 - as above
        return builder.cttz(arguments[0], context.get_constant(types.boolean, False))  # noqa: FBT003 - as above

    return types.int64(types.int64), emit


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
    mask = arcs.buckets - 1
    top = live = count = bucket = 0
    free = -1
    for i in range(len(seed_node)):
        n, d = seed_node[i], seed_m[i]
        if n >= 0 and d <= limit_m and d < dist[n]:
            if dist[n] == np.inf:
                touched[count] = n
                count += 1
            dist[n] = d
            slot = int(d * arcs.per_m) & mask
            if top == len(following):
                following, entry_node, entry_m = _wider(following, entry_node, entry_m)
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
                else:
                    if top == len(following):
                        following, entry_node, entry_m = _wider(following, entry_node, entry_m)
                    entry = top
                    top += 1
                slot = int(t * arcs.per_m) & mask
                entry_node[entry], entry_m[entry], following[entry] = m, t, first[slot]
                first[slot] = entry
                live += 1
    return count


@compiled
def _wider(
    following: Int32Array, entry_node: Int32Array, entry_m: FloatArray
) -> tuple[Int32Array, Int32Array, FloatArray]:
    """Return the pool's three arrays at twice their length."""
    old = len(following)
    wider_following, wider_node = np.empty(2 * old, np.int32), np.empty(2 * old, np.int32)
    wider_m = np.empty(2 * old)
    for i in range(old):  # not a slice: that alone would take two seconds to compile
        wider_following[i], wider_node[i], wider_m[i] = following[i], entry_node[i], entry_m[i]
    return wider_following, wider_node, wider_m


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
    index, value = out.index, out.value
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
            low, high = min(low, top), max(high, top)
        for top in range(low, high + 1):
            while tops[top] != 0:
                word = (top << 6) + _lowest_bit(tops[top])
                tops[top] &= tops[top] - one
                while words[word] != 0:
                    node = (word << 6) + _lowest_bit(words[word])
                    words[word] &= words[word] - one
                    index[used] = node
                    value[used] = dist[rank[node]]
                    dist[rank[node]] = np.inf
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
    index, value = out.index, out.value
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
                if t > limit_m:
                    break  # the node's other points are farther still
                point = exits.point[j]
                if t < best[point]:
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


@compiled
def _before(a_m: float, a: int, b_m: float, b: int) -> bool:
    return a_m < b_m or (a_m == b_m and a < b)


@compiled
def _push(heap: tuple[FloatArray, Int32Array, Int32Array], size: int, m: float, start: int, node: int) -> None:
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
                _push(heap, size, starts.metres[start, end], start, starts.node[start, end])
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
    """Fill in the k nearest starts of every point, from those of the nodes at its edge's ends and those on the same edge.

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


@compiled
def nearest_segments(
    tree: Segments, x: FloatArray, y: FloatArray, segment: IntArray, along: FloatArray, square: FloatArray
) -> None:
    """Fill in the nearest segment of every point, where along it (0 … 1), and the squared distance.

    Points should come in curve order: each search begins with the last point's segment as the one to beat. Among
    segments at exactly the same distance the lowest `rank` wins.
    """
    levels = len(tree.level_start) - 1
    stack, stack_level = np.empty(_STACK, np.int64), np.empty(_STACK, np.int64)
    guess = np.int64(0)
    for i in range(len(x)):
        px, py = x[i], y[i]
        best = guess
        best_t, best_d = _to_segment(tree.ends, best, px, py)
        size = 0
        for box in range(tree.level_start[levels - 1], tree.level_start[levels]):
            stack[size], stack_level[size] = box, levels - 1
            size += 1
        while size > 0:
            size -= 1
            box, level = stack[size], stack_level[size]
            west, south, east, north = tree.box[box, 0], tree.box[box, 1], tree.box[box, 2], tree.box[box, 3]
            dx, dy = max(west - px, 0.0, px - east), max(south - py, 0.0, py - north)
            if dx * dx + dy * dy > best_d * (1 + 1e-9) + 1e-9:  # slack for rounding at coordinates of millions
                continue
            child = (box - tree.level_start[level]) * FANOUT
            if level > 0:
                child += tree.level_start[level - 1]
                for other in range(child, min(child + FANOUT, tree.level_start[level])):
                    stack[size], stack_level[size] = other, level - 1
                    size += 1
                continue
            for other in range(child, min(child + FANOUT, len(tree.rank))):
                t, d = _to_segment(tree.ends, other, px, py)
                if d < best_d or (d == best_d and tree.rank[other] < tree.rank[best]):
                    best, best_t, best_d = np.int64(other), t, d
        segment[i], along[i], square[i] = best, best_t, best_d
        guess = best


@compiled
def _to_segment(ends: FloatArray, i: int, px: float, py: float) -> tuple[float, float]:
    """Where along a segment (0 … 1) a point's foot lies, and the squared distance to it; exact at the segment's ends."""
    ax, ay, bx, by = ends[i, 0], ends[i, 1], ends[i, 2], ends[i, 3]
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    t = ((px - ax) * dx + (py - ay) * dy) / square if square > 0 else 0.0
    if t <= 0:
        return 0.0, (px - ax) ** 2 + (py - ay) ** 2
    if t >= 1:
        return 1.0, (px - bx) ** 2 + (py - by) ** 2
    return t, (px - ax - t * dx) ** 2 + (py - ay - t * dy) ** 2
