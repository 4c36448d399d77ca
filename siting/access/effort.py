"""Walking as it costs time: steps, slopes, crossings and bridges in equivalent metres.

An edge's effort is the seconds it takes × the walker's speed on level ground, so that minutes × 60 × speed is a limit
on it as it is on metres, and every search, snap and isochrone works on it unchanged. With nothing set it is the edge's
length. The reasons stand in docs/adr/010-time.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siting.access.distance import measure_snapped
from siting.access.graph import usable_edges
from siting.model.roads import Feature, Mode, RoadGraph

if TYPE_CHECKING:
    from siting.access.options import WalkOptions
    from siting.model.access import Access, Snap
    from siting.model.arrays import BoolArray, FloatArray

FOOTPATHS = frozenset({"footway", "path", "pedestrian", "steps", "corridor", "platform", "bridleway", "cycleway"})
"""Road classes without carriageways; what meets here is no street crossing unless its tags say so."""

_JUNCTION = 3
"""Carriageway ends that make a junction."""

_TOBLER = 3.5
_TOBLER_BEST = 0.05


def with_effort(graph: RoadGraph, options: WalkOptions, speed_m_per_s: float) -> RoadGraph:
    """Return the graph with each edge's `length_m` in equivalent metres for walkers of a speed.

    Parameters
    ----------
    graph : RoadGraph
    options : WalkOptions
    speed_m_per_s : float
        Of the walkers on level ground.

    Returns
    -------
    RoadGraph
        The same object where the options cost nothing. No edge is ever worth less than its length; what is paid at an
        edge's ends is spread over the edge, for positions on it.
    """
    if not options.costs_time:
        return graph
    metres = graph.length_m / np.where(_of_class(graph, frozenset({"steps"})), options.steps_speed_factor, 1.0)
    if options.slope == "tobler":
        metres = metres * tobler(graph.slope)
    seconds = options.bridge_s * _passages(graph, _marked(graph, Feature.BRIDGE))
    seconds += options.crossing_s * _crossings(graph, frozenset(options.crossing_classes))
    return replace(graph, length_m=metres + seconds * speed_m_per_s)


def tobler(slope: FloatArray) -> FloatArray:
    """Return how many times as long a slope takes as level ground, on the average of both directions.

    Tobler's hiking function gives ``v(s) = 6 exp(−3.5 |s + 0.05|)`` km/h at a slope ``s`` (rise over run): the fastest
    is slightly downhill. Whoever goes to a facility also comes home, and walking has no one-way streets here, so both
    directions cost the mean of the two: ``(v(0)/v(s) + v(0)/v(−s)) / 2``, which is 1 on the level and never less.

    References
    ----------
    W. Tobler, Three Presentations on Geographical Analysis and Modeling, NCGIA Technical Report 93-1, 1993.
    """
    level = np.exp(_TOBLER * _TOBLER_BEST)
    there, back = (np.exp(_TOBLER * np.abs(way * slope + _TOBLER_BEST)) for way in (1.0, -1.0))
    return np.asarray((there + back) / (2 * level), dtype=np.float64)


def measure_effort(graph: RoadGraph, effort: RoadGraph, plain: Access, cutoff_m: float) -> Access:
    """Measure, in equivalent metres, the ways between zones and sites that were found on the plain graph.

    Connectors count as level ground: nothing is known of them but their length.

    Parameters
    ----------
    graph, effort : RoadGraph
        As it is, and as `with_effort` returns it.
    plain : Access
        Whose positions are used, so that nobody stands elsewhere, or on another piece of network, for being slow.
    cutoff_m : float
        Equivalent metres, inclusive.
    """
    zones, sites = (_stretched(graph, effort, points) for points in (plain.zones, plain.sites))
    return measure_snapped(effort, zones, sites, cutoff_m)


def _stretched(graph: RoadGraph, effort: RoadGraph, points: Snap) -> Snap:
    """Return positions with their offsets in the effort graph's lengths."""
    on_road = np.flatnonzero(points.edge >= 0)
    edge, offset = points.edge[on_road], np.zeros(len(points))
    length = graph.length_m[edge]
    share = np.divide(points.offset_m[on_road], length, out=np.zeros(len(edge)), where=length > 0)
    offset[on_road] = np.minimum(share, 1.0) * effort.length_m[edge]
    return replace(points, offset_m=offset)


def _of_class(graph: RoadGraph, classes: frozenset[str]) -> BoolArray:
    """Return which edges are of some road classes, links of a class included: bool[edge]."""
    known = np.array([name.removesuffix("_link") in classes for name in graph.road_classes], dtype=np.bool_)
    return known[graph.road_class] if len(known) else np.zeros(graph.edge_count, dtype=np.bool_)


def _marked(graph: RoadGraph, feature: Feature) -> BoolArray:
    return np.asarray((graph.features & feature) != 0, dtype=np.bool_)


def _passages(graph: RoadGraph, special: BoolArray) -> FloatArray:
    """Return what part of a passage each edge is: half at each end where one steps onto special edges from others.

    However many edges a bridge is drawn as, walking over it is one passage.
    """
    walked = np.logical_or(*usable_edges(graph, Mode.WALK))
    other = np.zeros(graph.node_count, dtype=np.bool_)
    plain = walked & ~special
    other[graph.u[plain]] = other[graph.v[plain]] = True
    return np.where(special, other[graph.u] * 0.5 + other[graph.v] * 0.5, 0.0)


def _crossings(graph: RoadGraph, classes: frozenset[str]) -> FloatArray:
    """Return how many crossings each edge is worth: tagged ones, and halves at the junctions of main roads."""
    walked = np.logical_or(*usable_edges(graph, Mode.WALK))
    carriageway = walked & ~_of_class(graph, FOOTPATHS)
    ends = np.concatenate([graph.u[carriageway], graph.v[carriageway]])
    junction = np.bincount(ends, minlength=graph.node_count) >= _JUNCTION
    main = np.zeros(graph.node_count, dtype=np.bool_)
    chosen = carriageway & _of_class(graph, classes)
    main[graph.u[chosen]] = main[graph.v[chosen]] = True
    paid = junction & main
    halves = np.where(carriageway, paid[graph.u] * 0.5 + paid[graph.v] * 0.5, 0.0)
    return halves + _passages(graph, _marked(graph, Feature.CROSSING))
