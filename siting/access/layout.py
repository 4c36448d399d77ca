"""The plain arrays that compiled kernels work on, in named bundles; nothing here needs numba."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.roads import Int32Array

FANOUT = 8
"""Children of one box of the segment tree."""

_SEEDS = 16
_OUTPUT = 65_536


class Arcs(NamedTuple):
    """Directed arcs by tail node, and the bucket queue's measures that suit them.

    `indptr` int32[node + 1], `head` int32[arc], `metres` float64[arc]; `buckets` is a power of two, enough for the
    longest arc and the longest seed at `per_m` buckets per metre.
    """

    indptr: Int32Array
    head: Int32Array
    metres: FloatArray
    per_m: float
    buckets: int


class Room(NamedTuple):
    """What one thread's searches work in; made by `room`, as found again after every search.

    `dist` float64[node], all infinite; `touched` int32[node]; `first` int32[bucket], all −1; `following`, `entry_node`,
    `entry_m`: the queue's pool of entries, more of them than nodes.
    """

    dist: FloatArray
    touched: Int32Array
    first: Int32Array
    following: Int32Array
    entry_node: Int32Array
    entry_m: FloatArray


class Output(NamedTuple):
    """Buffers for a chunk's results, replaced by longer ones as they fill."""

    column: Int32Array
    value: FloatArray


class Exits(NamedTuple):
    """Points as seen from the nodes that lead to them, and from the edges they lie on.

    `node_start` int32[node + 1] into `point` and `extra_m` (metres from the node to the point, connector included);
    `edge_start` int32[edge + 1] into `on_edge`; `offset_m`, `connector_m` float64[point].
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
    holds `FANOUT` segments, a box above it `FANOUT` boxes. Segments of a rank below nought are not there for searches.
    """

    ends: FloatArray
    rank: IntArray
    box: FloatArray
    level_start: IntArray


def listed(place: NDArray[np.integer], count: int) -> tuple[Int32Array, Int32Array]:
    """List things by the places they belong to, in linear time: sparse columns of one entry each, turned into rows.

    Parameters
    ----------
    place : int[thing]
        From 0 to `count` − 1.
    count : int

    Returns
    -------
    start : int32[place + 1]
    thing : int32[thing]
        Those of place p stand from ``start[p]`` to ``start[p + 1]``, ascending.
    """
    each = np.arange(len(place) + 1, dtype=np.int32)
    there = np.ones(len(place), dtype=np.bool_)
    rows = sparse.csc_array((there, place.astype(np.int32, copy=False), each), shape=(count, len(place))).tocsr()
    return rows.indptr, rows.indices


def room(arcs: Arcs) -> Room:
    """Make the workspace of one thread: O(nodes), whatever the number of searches."""
    nodes = len(arcs.indptr) - 1
    pool = 2 * nodes + _SEEDS  # more than nodes, or it could not be queued again; memory is taken only as it is used
    return Room(
        np.full(nodes, np.inf),
        np.empty(nodes, np.int32),
        np.full(arcs.buckets, -1, np.int32),
        np.empty(pool, np.int32),
        np.empty(pool, np.int32),
        np.empty(pool),
    )


def output() -> Output:
    """Make a chunk's first, short buffers."""
    return Output(np.empty(_OUTPUT, np.int32), np.empty(_OUTPUT))
