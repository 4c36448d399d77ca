"""What lies within reach of a facility: exact partial edges, and polygons drawn from them for the eye."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.access.bands import bands, clipped, filled, gathered, nested
from siting.access.course import cut
from siting.access.distance import nearest_nodes, reach_starts
from siting.access.graph import Network, incidence, network
from siting.access.positions import starts_of
from siting.access.snap import snap
from siting.model.arrays import FloatArray, IntArray, frozen
from siting.model.roads import Mode, RoadGraph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray
    from shapely import Geometry

    from siting.model.access import Snap

EVERY_FACILITY = -1
"""In `Isochrones.facility`: the row is what any facility reaches."""

_SHORTEST_M = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Reached:
    """Pieces of edges within reach; pieces of one row and edge neither overlap nor touch.

    Attributes
    ----------
    row : int64[piece]
        Facility number × number of cutoffs + number of the cutoff; ascending.
    edge : int64[piece]
    low_m, high_m : float64[piece]
        Offsets in the edge's own `length_m`, low < high.
    """

    row: IntArray
    edge: IntArray
    low_m: FloatArray
    high_m: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they belong together."""
        count = len(np.asarray(self.row))
        for name, dtype in (("row", np.int64), ("edge", np.int64), ("low_m", np.float64), ("high_m", np.float64)):
            object.__setattr__(self, name, frozen(getattr(self, name), dtype, (count,)))

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True, slots=True, eq=False)
class Isochrones:
    """Reached streets and their outlines; one row for each facility and cutoff, cutoffs ascending within a facility.

    Attributes
    ----------
    facility : int64[row]
        Index of the facility, or `EVERY_FACILITY`.
    cutoff_m : float64[row]
    lines : MultiLineString[row]
        The reached streets, exact; empty where the facility has no road or its connector uses the cutoff up.
    polygons : Polygon | MultiPolygon[row]
        Everything within `width_m` of the lines. For the eye: coverage is decided by distances.
    snap : Snap
        Where the facilities meet the network.
    width_m : float
    crs_epsg : int
    """

    facility: IntArray
    cutoff_m: FloatArray
    lines: NDArray[Any]
    polygons: NDArray[Any]
    snap: Snap
    width_m: float
    crs_epsg: int

    def __len__(self) -> int:
        return len(self.facility)


def isochrones(  # noqa: PLR0913 - where from, how far, how, and how it is drawn: each by its name
    graph: RoadGraph,
    x_m: ArrayLike,
    y_m: ArrayLike,
    cutoffs_m: Sequence[float],
    *,
    max_connector_m: float = 500.0,
    mode: Mode = Mode.WALK,
    from_sites: bool = False,
    merged: bool = False,
    width_m: float = 30.0,
    fill_holes_m2: float = 0.0,
    barriers: Geometry | None = None,
) -> Isochrones:
    """Draw what can be reached from (or reaches) facilities within some network distances.

    Parameters
    ----------
    graph : RoadGraph
    x_m, y_m : float[facility]
        On the graph's plane.
    cutoffs_m : sequence of float
        Network metres, the facility's connector included; sorted, repeats removed. Minutes are the caller's:
        minutes × 60 × speed.
    max_connector_m : float
        See `siting.access.snap`.
    mode : Mode
    from_sites : bool
        Draw where one gets to *from* a facility rather than where one comes from; no difference for walking.
    merged : bool
        One row per cutoff for all facilities together, by one search and one union, however many they are.
    width_m : float
        Half the width of the band drawn around reached streets.
    fill_holes_m2 : float
        Courtyards smaller than this are painted over. With the default 0 every painted spot is within `width_m` of a
        reached street; with a filled hole it is at least surrounded by reached streets.

    barriers : shapely geometry, optional
        Water (polygons) and walls (lines) on the graph's plane, which outlines do not run over: see
        `siting.access.bands.clipped`. Lines and distances know nothing of them; a street that crosses is a bridge or a
        gate.

    Returns
    -------
    Isochrones

    Raises
    ------
    ValueError
        When there is no cutoff, or one is negative or not finite, or `width_m` is not positive.

    Notes
    -----
    Lines are exact and strictly monotone: more time, more roads or more facilities never remove a metre. Polygons of
    longer cutoffs contain those of shorter ones. Otherwise, arcs being drawn as inscribed chords (32 to the circle),
    polygons are monotone to within `width_m` × (1 − cos(π/32)), 0.5 % of the width.
    """
    cutoffs = _cutoffs(cutoffs_m, width_m)
    positions = snap(graph, x_m, y_m, max_connector_m, mode)
    pieces = reached(graph, positions, cutoffs.tolist(), mode=mode, from_sites=from_sites, merged=merged)
    facilities = np.array([EVERY_FACILITY]) if merged else np.arange(len(positions))
    rows = len(facilities) * len(cutoffs)
    xy, start = cut(graph, pieces.edge, pieces.low_m, pieces.high_m)
    polygons = bands(graph, pieces, (xy, start), rows, width_m)
    if fill_holes_m2 > 0:
        polygons = np.array([filled(polygon, fill_holes_m2) for polygon in polygons], dtype=object)
    gathered_lines = gathered((xy, start), pieces.row, rows)
    if barriers is not None:
        polygons = clipped(polygons, gathered_lines, barriers)
    return Isochrones(
        np.repeat(facilities, len(cutoffs)),
        np.tile(cutoffs, len(facilities)),
        gathered_lines,
        nested(polygons, len(cutoffs)),
        positions,
        width_m,
        graph.crs_epsg,
    )


def reached(
    graph: RoadGraph,
    facilities: Snap,
    cutoffs_m: Sequence[float],
    *,
    mode: Mode = Mode.WALK,
    from_sites: bool = False,
    merged: bool = False,
) -> Reached:
    """Find the exact pieces of edges within each cutoff of each facility (or of any, when `merged`).

    A street is reached from its ends, as far as the distance left at the end carries, and, on the facility's own edge,
    from the facility. One-way edges are reached only the way they run (against it when walking to the facility is not
    what is asked). Pieces shorter than a micrometre are left out.
    """
    cutoffs = np.asarray(cutoffs_m, dtype=np.float64)
    net = network(graph, mode, reverse=not from_sites)
    farthest = float(cutoffs.max())
    if merged:
        nodes, metres = nearest_nodes(graph, net, facilities, farthest)
        owner = np.zeros(len(nodes), dtype=np.int64)
    else:
        rows = reach_starts(net, starts_of(graph, net, facilities), farthest)
        nodes, metres = rows.indices.astype(np.int64), rows.data
        owner = np.repeat(np.arange(len(facilities)), np.diff(rows.indptr))
    from_ends = _from_ends(graph, net, owner, nodes, cutoffs - metres[:, None])
    own = _from_positions(graph, net, facilities, cutoffs, merged=merged)
    owner, number, edge, low, high = (np.concatenate(pair) for pair in zip(from_ends, own, strict=True))
    return _joined(owner * len(cutoffs) + number, edge, low, high)


_Pieces = tuple["IntArray", "IntArray", "IntArray", "FloatArray", "FloatArray"]


def _from_ends(graph: RoadGraph, net: Network, owner: IntArray, nodes: IntArray, left_m: FloatArray) -> _Pieces:
    """Return pieces (owner, cutoff number, edge, low, high) reached by nodes, with `left_m` [node, cutoff] left."""
    start, edge_end = incidence(graph, net)
    count = np.diff(start)[nodes]
    which = np.repeat(np.arange(len(nodes)), count)
    place = start[nodes][which] + np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    edge, at_v = edge_end[place] >> 1, (edge_end[place] & 1) == 1
    length = graph.length_m[edge]
    out = []
    for number in range(left_m.shape[1]):
        reach = np.minimum(left_m[which, number], length)
        some = np.flatnonzero(reach > 0)
        low = np.where(at_v[some], length[some] - reach[some], 0.0)
        high = np.where(at_v[some], length[some], reach[some])
        out.append((owner[which[some]], np.full(len(some), number), edge[some], low, high))
    return tuple(np.concatenate(column) for column in zip(*out, strict=True))  # type: ignore[return-value]


def _from_positions(graph: RoadGraph, net: Network, facilities: Snap, cutoffs: FloatArray, *, merged: bool) -> _Pieces:
    """Return pieces of the facilities' own edges, straight from where the facilities meet them."""
    on_road = np.flatnonzero(facilities.edge >= 0)
    which, number = (grid.reshape(-1) for grid in np.meshgrid(on_road, np.arange(len(cutoffs)), indexing="ij"))
    left = cutoffs[number] - facilities.connector_m[which]
    which, number, left = which[left > 0], number[left > 0], left[left > 0]
    edge, offset = facilities.edge[which], facilities.offset_m[which]
    low = np.where(net.back[edge], np.maximum(offset - left, 0.0), offset)
    high = np.where(net.ahead[edge], np.minimum(offset + left, graph.length_m[edge]), offset)
    return np.zeros_like(which) if merged else which, number, edge, low, high


def _joined(row: IntArray, edge: IntArray, low: FloatArray, high: FloatArray) -> Reached:
    """Unite pieces of one row and edge that overlap or touch."""
    order = np.lexsort((low, edge, row))
    row, edge, low, high = row[order], edge[order], low[order], high[order]
    new_edge = np.ones(len(row), dtype=np.bool_)
    new_edge[1:] = (row[1:] != row[:-1]) | (edge[1:] != edge[:-1])
    # The farthest end so far within (row, edge): a running maximum over ranks, exact where one over sums would round.
    group = np.cumsum(new_edge)
    by_end = np.lexsort((high, group))
    rank = np.empty(len(row), dtype=np.int64)
    rank[by_end] = np.arange(len(row))
    farthest = high[by_end[np.maximum.accumulate(rank)]] if len(row) else high
    begins = new_edge.copy()
    begins[1:] |= low[1:] > farthest[:-1] + _SHORTEST_M
    first = np.flatnonzero(begins)
    end = farthest[np.append(first[1:], len(row)) - 1] if len(first) else high
    keep = end - low[first] > _SHORTEST_M
    return Reached(row[first][keep], edge[first][keep], low[first][keep], end[keep])


def _cutoffs(cutoffs_m: Sequence[float], width_m: float) -> FloatArray:
    cutoffs = np.unique(np.asarray(cutoffs_m, dtype=np.float64))
    if not (len(cutoffs) and np.isfinite(cutoffs).all() and cutoffs[0] >= 0):
        message = f"isochrones need at least one cutoff, finite and 0 m or more, not {list(cutoffs_m)}"
        raise ValueError(message)
    if not width_m > 0:
        message = f"the band around streets needs a width above 0 m, not {width_m}"
        raise ValueError(message)
    return cutoffs
