"""Between `RoadGraph` and the graphs of networkx and OSMnx; reached through `RoadGraph`'s own methods."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import shapely

from siting.errors import DataError, Problem
from siting.model.roads import Mode, RoadGraph

if TYPE_CHECKING:
    from collections.abc import Hashable

EVERY_MODE = int(Mode.WALK | Mode.CYCLE | Mode.DRIVE)
_LENGTH_DIGITS = 3
"""Two directions are one street when their lengths agree to the millimetre and their courses mirror each other."""

_Course = tuple[tuple[float, float], ...]
_Record = tuple[int, int, float, _Course, str, list[int]]


def from_networkx(graph: nx.Graph[Any]) -> RoadGraph:
    """Turn a graph of networkx or OSMnx into a `RoadGraph`; see `RoadGraph.from_networkx`."""
    epsg = _epsg(graph)
    flaws = [
        Problem(f"node {node!r}", "has no x and y", "give every node its place on the projected plane")
        for node, data in graph.nodes(data=True)
        if "x" not in data or "y" not in data
    ]
    if flaws:
        raise DataError(flaws)
    number = {node: index for index, node in enumerate(graph.nodes)}
    xy = np.array([(data["x"], data["y"]) for _, data in graph.nodes(data=True)], dtype=np.float64).reshape(-1, 2)
    records = _records(graph, number, xy)
    classes = sorted({record[4] for record in records}) or ["road"]
    course = [record[3] for record in records]
    return RoadGraph(
        x_m=xy[:, 0],
        y_m=xy[:, 1],
        u=np.array([record[0] for record in records], dtype=np.int32),
        v=np.array([record[1] for record in records], dtype=np.int32),
        length_m=np.array([record[2] for record in records], dtype=np.float64),
        forward=np.array([record[5][0] for record in records], dtype=np.uint8),
        backward=np.array([record[5][1] for record in records], dtype=np.uint8),
        course_xy_m=np.array([vertex for one in course for vertex in one], dtype=np.float64).reshape(-1, 2),
        course_start=np.concatenate([[0], np.cumsum([len(one) for one in course])]).astype(np.int64),
        road_class=np.array([classes.index(record[4]) for record in records], dtype=np.int16),
        road_classes=tuple(classes),
        crs_epsg=epsg,
    )


def _records(graph: nx.Graph[Any], number: dict[Hashable, int], xy: np.ndarray[Any, Any]) -> list[_Record]:
    """Merge directed edges into undirected records; the first of two directions is *forward*."""
    directed = graph.is_directed()
    records: list[_Record] = []
    waiting: dict[tuple[int, int, float, _Course], list[_Record]] = {}
    for tail, head, data in graph.edges(data=True):
        u, v = number[tail], number[head]
        course = _course(data.get("geometry"), xy[u], xy[v])
        if not directed and course[0] != tuple(xy[u]) and course[-1] == tuple(xy[u]):
            course = course[::-1]  # an undirected graph does not keep which end an edge was drawn from
        length = float(data["length"]) if "length" in data else float(shapely.length(shapely.LineString(course)))
        modes = int(data.get("modes", EVERY_MODE))
        twins = waiting.get((v, u, round(length, _LENGTH_DIGITS), course[::-1]))
        if directed and twins:
            twins.pop()[5][1] = modes
            continue
        record = (u, v, length, course, _class(data.get("highway")), [modes, 0 if directed else modes])
        records.append(record)
        waiting.setdefault((u, v, round(length, _LENGTH_DIGITS), course), []).append(record)
    return records


def _epsg(graph: nx.Graph[Any]) -> int:
    """Return the EPSG code of a projected graph."""
    crs = graph.graph.get("crs")
    if crs is None:
        raise DataError([Problem("graph", "has no crs", "set graph.graph['crs'], e.g. 'epsg:32650'")])
    text = str(crs.to_epsg() or "") if hasattr(crs, "to_epsg") else str(crs)
    code = re.fullmatch(r"(?:epsg:)?(\d+)", text.strip(), re.IGNORECASE)
    if code is None:
        raise DataError(
            [Problem("graph", f"crs {crs} has no EPSG code", "project the graph to one that has, e.g. its UTM zone")]
        )
    from pyproj import CRS  # noqa: PLC0415 - only to tell degrees from metres

    if not CRS.from_epsg(int(code[1])).is_projected:
        what = f"crs {crs} is in degrees, and distances need metres"
        raise DataError([Problem("graph", what, "project it first: osmnx.project_graph(graph)")])
    return int(code[1])


def _course(geometry: object, tail: np.ndarray[Any, Any], head: np.ndarray[Any, Any]) -> _Course:
    if isinstance(geometry, shapely.LineString):
        return tuple((x, y) for x, y in shapely.get_coordinates(geometry).tolist())
    return (float(tail[0]), float(tail[1])), (float(head[0]), float(head[1]))


def _class(highway: object) -> str:
    """Return one class for an edge; simplification may have joined several, of which the first in order is taken."""
    if isinstance(highway, list | tuple | set):
        return min(str(one) for one in highway)
    return "road" if highway is None else str(highway)


def to_networkx(graph: RoadGraph) -> nx.MultiDiGraph[Any]:
    """Turn a `RoadGraph` into a graph like OSMnx's; see `RoadGraph.to_networkx`."""
    out: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs=f"epsg:{graph.crs_epsg}")
    out.add_nodes_from(
        (node, {"x": x, "y": y}) for node, (x, y) in enumerate(zip(graph.x_m.tolist(), graph.y_m.tolist(), strict=True))
    )
    index = np.repeat(np.arange(graph.edge_count), np.diff(graph.course_start))
    lines = np.asarray(shapely.linestrings(graph.course_xy_m, indices=index)) if graph.edge_count else np.zeros(0)
    for edge, line in enumerate(lines.tolist()):
        u, v = int(graph.u[edge]), int(graph.v[edge])
        data = {"length": float(graph.length_m[edge]), "highway": graph.road_classes[graph.road_class[edge]]}
        forward, backward = int(graph.forward[edge]), int(graph.backward[edge])
        data["oneway"] = not (forward and backward)
        if forward:
            out.add_edge(u, v, **data, geometry=line, modes=forward, reversed=False)
        if backward:
            out.add_edge(v, u, **data, geometry=line.reverse(), modes=backward, reversed=True)
    return out
