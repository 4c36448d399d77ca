"""The independent judge: networkx on a graph in which every point is a node of its own. Slow, simple, exact."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from siting.model.access import INCLUSIVE_M
from siting.model.roads import Mode

if TYPE_CHECKING:
    from siting.model.access import Snap
    from siting.model.arrays import FloatArray
    from siting.model.roads import RoadGraph


def with_points(
    graph: RoadGraph, mode: Mode, origins: Snap | None = None, targets: Snap | None = None
) -> nx.MultiDiGraph:
    """Draw every edge as a chain through the places on it; a point is tied to its place by its connector.

    Places within a micrometre are one place, and a place at the very end of an edge is at the node.
    """
    drawn = nx.MultiDiGraph()
    drawn.add_nodes_from(range(graph.node_count))
    places: dict[int, set[float]] = {}
    for name, snap in (("origin", origins), ("target", targets)):
        for i in np.flatnonzero(snap.edge >= 0).tolist() if snap is not None else []:
            edge, offset, connector = int(snap.edge[i]), float(snap.offset_m[i]), float(snap.connector_m[i])
            place = next((p for p in places.setdefault(edge, set()) if abs(p - offset) <= INCLUSIVE_M), offset)
            places[edge].add(place)
            ties: list[object] = [(edge, place)]
            ties += [int(graph.u[edge])] * (offset <= INCLUSIVE_M)
            ties += [int(graph.v[edge])] * (float(graph.length_m[edge]) - offset <= INCLUSIVE_M)
            for tie in ties:
                drawn.add_edge(*(((name, i), tie) if name == "origin" else (tie, (name, i))), m=connector)
    for e in range(graph.edge_count):
        length = float(graph.length_m[e])
        between = [(offset, (e, offset)) for offset in sorted(places.get(e, ()))]
        stops = [(0.0, int(graph.u[e])), *between, (length, int(graph.v[e]))]
        forward, backward = bool(graph.forward[e] & mode), bool(graph.backward[e] & mode)
        if mode is Mode.WALK:
            forward = backward = forward or backward
        for (a_m, a), (b_m, b) in pairwise(stops):
            if forward:
                drawn.add_edge(a, b, m=max(b_m - a_m, 0.0))
            if backward:
                drawn.add_edge(b, a, m=max(b_m - a_m, 0.0))
    return drawn


def all_metres(graph: RoadGraph, origins: Snap, targets: Snap, mode: Mode = Mode.WALK) -> FloatArray:
    """Metres from every origin to every target, infinite where there is no way: dense float64[origin, target]."""
    drawn = with_points(graph, mode, origins, targets)
    metres = np.full((len(origins), len(targets)), np.inf)
    backwards = drawn.reverse(copy=False)  # from the targets, which are the fewer
    for j in np.flatnonzero(targets.edge >= 0).tolist():
        far = nx.single_source_dijkstra_path_length(backwards, ("target", j), weight="m")
        for i in range(len(origins)):
            metres[i, j] = far.get(("origin", i), np.inf)
    return metres
