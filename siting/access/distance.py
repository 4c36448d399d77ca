"""Exact network distances: nodes to nodes, homes to facilities, and each home's nearest few facilities."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csc_array, csr_array

from siting.access.graph import Network, network
from siting.access.layout import Output, Room, Starts, output, room
from siting.access.positions import doors_of, exits_of, starts_of
from siting.access.snap import ISLAND_LENGTH_M, snap
from siting.access.threads import Spare, in_chunks
from siting.model.access import INCLUSIVE_M, Access, RoadState, Snap
from siting.model.arrays import FloatArray, IntArray, frozen
from siting.model.roads import Mode, RoadGraph

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from siting.model.arrays import BoolArray
    from siting.model.roads import Int32Array

NO_SITE = -1
"""In `Nearest.site`: no further site within the cutoff."""


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """The nearest sites of every zone, nearest first.

    Attributes
    ----------
    site : int64[zone, k]
        Site indices; `NO_SITE` where there is none within the cutoff. Ties go to the lowest index.
    metres : float64[zone, k]
        Connector + along edges + connector; NaN where there is none.
    """

    site: IntArray
    metres: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they belong together."""
        shape = np.asarray(self.site).shape
        object.__setattr__(self, "site", frozen(self.site, np.int64, (shape[0], shape[1])))
        object.__setattr__(self, "metres", frozen(self.metres, np.float64, (shape[0], shape[1])))


def reach(
    graph: RoadGraph, source_nodes: ArrayLike, cutoff_m: float, *, mode: Mode = Mode.WALK, reverse: bool = False
) -> csr_array[Any, tuple[int, int]]:
    """Network metres from nodes to all nodes within a cutoff.

    Parameters
    ----------
    graph : RoadGraph
    source_nodes : int[source]
        Node indices; repeats are allowed and give equal rows.
    cutoff_m : float
        Inclusive, by `INCLUSIVE_M`; infinity reaches everything that is connected.
    mode : Mode
        Walking ignores one-way signs, the other modes do not.
    reverse : bool
        Metres *to* the sources instead; no difference for walking.

    Returns
    -------
    csr_array float64 (sources × nodes)
        Columns sorted within each row; a stored 0.0 is a distance of nought (the source itself, at least); an absent
        entry is farther than the cutoff or not connected.

    Raises
    ------
    ValueError
        When a source is not a node, or the cutoff is negative or not a number.
    """
    sources = np.asarray(source_nodes, dtype=np.int64).reshape(-1)
    if sources.size and (sources.min() < 0 or sources.max() >= graph.node_count):
        message = f"sources must be node indices from 0 to {graph.node_count - 1}"
        raise ValueError(message)
    net = network(graph, mode, reverse=reverse)
    seed_node = np.column_stack([net.rank[sources], np.full(len(sources), -1, dtype=np.int32)])
    nought = np.zeros(len(sources))
    starts = Starts(
        np.ascontiguousarray(seed_node, dtype=np.int32),
        np.zeros((len(sources), 2)),
        np.full(len(sources), -1, dtype=np.int32),
        nought,
        nought,
        net.ahead,
        net.back,
    )
    return reach_starts(net, starts, cutoff_m)


def reach_starts(net: Network, starts: Starts, cutoff_m: float) -> csr_array[Any, tuple[int, int]]:
    """Metres from positions to all nodes within the cutoff: csr (starts × nodes)."""
    from siting.access import kernel  # noqa: PLC0415 - numba is imported when first needed

    limit, arcs = _limit(cutoff_m), net.queue(starts.metres.max(initial=0.0))

    def space() -> tuple[Room, tuple[IntArray, IntArray]]:
        nodes = len(net.order)
        return room(arcs), (np.zeros((nodes >> 6) + 1, dtype=np.int64), np.zeros((nodes >> 12) + 1, dtype=np.int64))

    def rows(which: IntArray, counts: IntArray) -> Output:
        with spaces.borrowed() as (work, bits):
            return kernel.reach_rows(arcs, (net.order, net.rank), starts, which, limit, work, bits, output(), counts)

    spaces = Spare(space)

    indptr, index, value = _gathered(rows, starts)
    return csr_array((value, index, indptr), shape=(len(starts.edge), len(net.order)))


def measure(  # noqa: PLR0913 - who, where to, how far, how: each by its name
    graph: RoadGraph,
    zones_xy: ArrayLike,
    sites_xy: ArrayLike,
    *,
    cutoff_m: float,
    max_connector_m: float,
    mode: Mode = Mode.WALK,
    from_sites: bool = False,
    island_length_m: float = ISLAND_LENGTH_M,
) -> Access:
    """Snap zones and sites to the network and measure the way from every zone to every site within the cutoff.

    Parameters
    ----------
    graph : RoadGraph
    zones_xy, sites_xy : float[point, 2]
        On the graph's plane.
    cutoff_m : float
        Inclusive, by `INCLUSIVE_M`, of the whole way with both connectors.
    max_connector_m, island_length_m : float
        See `snap`.
    mode : Mode
    from_sites : bool
        Measure from sites to zones (meals on wheels) instead of from zones to sites; no difference for walking.

    Returns
    -------
    Access
        Zones × sites.
    """
    zones, sites = (
        snap(graph, *_columns(xy), max_connector_m, mode, island_length_m=island_length_m)
        for xy in (zones_xy, sites_xy)
    )
    return measure_snapped(graph, zones, sites, cutoff_m, mode, from_sites=from_sites)


def measure_snapped(
    graph: RoadGraph, zones: Snap, sites: Snap, cutoff_m: float, mode: Mode = Mode.WALK, *, from_sites: bool = False
) -> Access:
    """Measure the way from every zone to every site within the cutoff, from positions already found.

    The way is connector + along edges + connector, by whichever ends of the two edges is shortest, or straight along
    the edge when both lie on one. A position at the very end of an edge is at the node itself, also against a one-way
    sign. One truncated search per site; memory grows with the pairs found, never with zones × sites.

    Returns
    -------
    Access
        `zones` and `sites` carry the state ``OTHER_COMPONENT`` where no site (no zone) can be reached at any distance.
    """
    from siting.access import kernel  # noqa: PLC0415 - numba is imported when first needed

    net = network(graph, mode, reverse=not from_sites)
    limit = _limit(cutoff_m)
    starts, exits = starts_of(graph, net, sites), exits_of(graph, net, zones)
    arcs = net.queue(starts.metres.max(initial=0.0))

    def space() -> tuple[Room, tuple[FloatArray, Int32Array]]:
        return room(arcs), (np.full(len(zones), np.inf), np.empty(len(zones), dtype=np.int32))

    def columns(which: IntArray, counts: IntArray) -> Output:
        with spaces.borrowed() as (work, seen):
            return kernel.measure_columns(arcs, exits, starts, which, limit, work, seen, output(), counts)

    spaces = Spare(space)

    indptr, index, value = _gathered(columns, starts)
    metres = csc_array((value, index, indptr), shape=(len(zones), len(sites))).tocsr()
    return Access(metres, cutoff_m, *_with_components(graph, net, zones, sites))


def nearest(  # noqa: PLR0913 - who, where to, how many, how far, how: each by its name
    graph: RoadGraph,
    zones: Snap,
    sites: Snap,
    *,
    k: int = 1,
    cutoff_m: float = np.inf,
    mode: Mode = Mode.WALK,
    from_sites: bool = False,
) -> Nearest:
    """Find the `k` nearest sites of every zone by one search from all sites together.

    Parameters
    ----------
    graph : RoadGraph
    zones, sites : Snap
        Positions on the graph's edges.
    k : int
        At least 1. Time and memory grow with it, and do not grow with the number of sites.
    cutoff_m : float
        Inclusive; infinity (the default) looks as far as the network goes.
    mode, from_sites
        See `measure`.

    Returns
    -------
    Nearest
        With ``k=1`` the catchments: every zone's nearest site.

    Raises
    ------
    ValueError
        When `k` is less than 1, or the cutoff is negative or not a number.
    """
    if k < 1:
        message = f"k must be at least 1, not {k}"
        raise ValueError(message)
    net = network(graph, mode, reverse=not from_sites)
    site, metres = _nearest(graph, net, zones, sites, (k, _limit(cutoff_m)))
    return Nearest(site.astype(np.int64), np.where(site >= 0, metres, np.nan))


def _nearest(
    graph: RoadGraph, net: Network, zones: Snap, sites: Snap, within: tuple[int, float]
) -> tuple[Int32Array, FloatArray]:
    """Return site (−1 = none) and metres (infinite = none) of the nearest `within[0]` sites up to `within[1]` m."""
    from siting.access import kernel_nearest  # noqa: PLC0415 - numba is imported when first needed

    k, limit = within
    labels, found = _labels(net, starts_of(graph, net, sites), k, limit), _blank(len(zones), k)
    places, ways = (zones.edge, zones.offset_m, zones.connector_m), (net.ahead, net.back)
    doors, here = doors_of(graph, net, zones), exits_of(graph, net, sites)
    kernel_nearest.nearest_points(labels, doors, places, here, ways, limit, *found)
    return found


def nearest_nodes(graph: RoadGraph, net: Network, sites: Snap, cutoff_m: float) -> tuple[IntArray, FloatArray]:
    """Return the graph nodes within the cutoff of any site, and how far the nearest one is; one search for all."""
    label, metres = _labels(net, starts_of(graph, net, sites), 1, _limit(cutoff_m))
    places = np.flatnonzero(label[:, 0] >= 0)
    return net.order[places].astype(np.int64), metres[places, 0]


def _labels(net: Network, starts: Starts, k: int, limit_m: float) -> tuple[Int32Array, FloatArray]:
    """Return the k nearest starts of every node by place on the curve, and how far they are."""
    from siting.access import kernel_nearest  # noqa: PLC0415 - numba is imported when first needed

    most = starts.node.size + k * len(net.arcs.head)
    heap = (np.empty(most), np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int32))
    labels = _blank(len(net.order), k)
    kernel_nearest.nearest_labels(net.arcs, starts, limit_m, heap, *labels)
    return labels


def _blank(count: int, k: int) -> tuple[Int32Array, FloatArray]:
    return np.full((count, k), -1, dtype=np.int32), np.full((count, k), np.inf)


def _limit(cutoff_m: float) -> float:
    if not cutoff_m >= 0:
        message = f"a cutoff is 0 m or more, not {cutoff_m}"
        raise ValueError(message)
    return cutoff_m + INCLUSIVE_M


def _columns(xy: ArrayLike) -> tuple[FloatArray, FloatArray]:
    points = np.asarray(xy, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2:  # noqa: PLR2004 - x and y
        message = f"points are an array of shape (n, 2), not {points.shape}"
        raise ValueError(message)
    return points[:, 0], points[:, 1]


def _gathered(work: Callable[[IntArray, IntArray], Output], starts: Starts) -> tuple[IntArray, Int32Array, FloatArray]:
    """Run searches chunk by chunk in curve order and put their results together in the order of the starts.

    Neighbouring starts touch the same memory, so curve order keeps caches warm. Each chunk's result is let go as soon
    as it is copied.
    """
    near = np.argsort(starts.node.max(axis=1, initial=-1), kind="stable")
    counts = np.zeros(len(near), dtype=np.int64)

    def chunk_of(which: IntArray) -> Output:
        found = np.zeros(len(which), dtype=np.int64)
        out = work(which, found)
        counts[which] = found
        return out

    parts = in_chunks(chunk_of, near)
    indptr = np.concatenate([[0], np.cumsum(counts)])
    index, value = np.empty(indptr[-1], dtype=np.int32), np.empty(indptr[-1])
    while parts:
        chunk, part = parts.pop()
        stop = np.cumsum(counts[chunk])
        for row, high in zip(chunk.tolist(), stop.tolist(), strict=True):
            low, to = indptr[row], indptr[row + 1]
            index[low:to] = part.column[high - (to - low) : high]
            value[low:to] = part.value[high - (to - low) : high]
    return (indptr.astype(np.int32) if indptr[-1] < np.iinfo(np.int32).max else indptr), index, value


def _with_components(graph: RoadGraph, net: Network, zones: Snap, sites: Snap) -> tuple[Snap, Snap]:
    """Return both sides with `OTHER_COMPONENT` set where nothing on the other side can be reached at any distance."""
    if net.mode is Mode.WALK:
        cut_off = (_apart(graph, net, zones, sites), _apart(graph, net, sites, zones))
    else:
        turned = network(graph, net.mode, reverse=not net.reverse)
        cut_off = (_unreached(graph, net, sites, zones), _unreached(graph, turned, zones, sites))
    return _marked(zones, cut_off[0]), _marked(sites, cut_off[1])


def _apart(graph: RoadGraph, net: Network, points: Snap, others: Snap) -> BoolArray:
    """Return which points lie on components without any of the others."""
    apart = points.edge >= 0
    theirs = net.component[graph.u[others.edge[others.edge >= 0]]]
    apart[apart] = ~np.isin(net.component[graph.u[points.edge[apart]]], theirs)
    return apart


def _unreached(graph: RoadGraph, net: Network, sources: Snap, targets: Snap) -> BoolArray:
    site, _ = _nearest(graph, net, targets, sources, (1, np.inf))
    unreached: BoolArray = (targets.edge >= 0) & (site[:, 0] < 0)
    return unreached


def _marked(points: Snap, cut_off: BoolArray) -> Snap:
    on_road = np.where(cut_off, RoadState.OTHER_COMPONENT, RoadState.ON_ROAD)
    return replace(points, state=np.where(points.edge < 0, RoadState.NO_ROAD, on_road))
