"""Roads from OpenStreetMap files: ways cut at junctions, modes decided by tags."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import osmium

from siting.errors import DataError, Problem
from siting.model.roads import Obstacles, RoadGraph
from siting.sources import crs as systems
from siting.sources.profiles import EVERY_MODE, profiles
from siting.sources.roads import always_lonlat, classified, course_lengths

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.arrays import BoolArray, IntArray
    from siting.model.roads import UInt8Array
    from siting.sources.crs import Plane
    from siting.sources.manifest import Intake
    from siting.sources.options import RoadsFile


@dataclass(slots=True)
class _Ways:
    """Ways as they come from the file: vertices end to end, tags' outcome by way."""

    ref: list[int] = field(default_factory=list)
    lon: list[float] = field(default_factory=list)
    lat: list[float] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    forward: list[int] = field(default_factory=list)
    backward: list[int] = field(default_factory=list)
    highway: list[str] = field(default_factory=list)
    feature: list[int] = field(default_factory=list)
    drive_km_per_h: list[float] = field(default_factory=list)
    barrier: dict[int, int] = field(default_factory=dict)
    """Modes that pass, by node."""
    walls: list[tuple[int, list[tuple[float, float]]]] = field(default_factory=list)
    """Ways that stop somebody: the modes, and longitude and latitude of their vertices."""


@dataclass(slots=True)
class _Edges:
    """Ways cut into edges: vertex ranges, end nodes by number, and the way each came from."""

    vertex: IntArray
    start: IntArray
    u: IntArray
    v: IntArray
    way: IntArray
    node_ref: IntArray
    node_vertex: IntArray


def read_osm(options: RoadsFile, plane: Plane, intake: Intake) -> RoadGraph:
    """Read the ways of an `.osm.pbf` or `.osm` file that some mode may use.

    Ways are cut where two of them (or one with itself) meet, at their ends and at barriers; pieces outside a clipped
    extract, whose nodes the file lacks, are left out. A barrier that stops some modes divides its node: the ends that
    meet there are joined by edges of no length that only the other modes may use. Ways with the key barrier that stop
    some mode are the graph's obstacles.

    Raises
    ------
    DataError
        When the file is missing, broken, or has no such way.
    """
    always_lonlat(options)
    path = intake.find(options.file, "roads.file")
    ways = _scan(path, options.file)
    intake.record("roads", options.file, "EPSG:4326", options.licence)
    edges = _cut(ways)
    if not len(edges.u):
        what = f"{len(ways.size)} roads, none of them with two nodes in the file" if ways.size else "has no roads"
        raise DataError([Problem(options.file, what, "export the ways with key highway together with their nodes")])
    return _assemble(ways, edges, plane)


def _scan(path: Path, written: str) -> _Ways:
    ways, table = _Ways(), profiles()
    wanted = osmium.filter.KeyFilter("highway", "barrier")
    try:
        for item in osmium.FileProcessor(str(path)).with_locations().with_filter(wanted):
            tags = {tag.k: tag.v for tag in item.tags if tag.k in table.keys or tag.k == "barrier"}
            if isinstance(item, osmium.osm.Node) and "barrier" in tags:
                passing = table.barrier(tags)
                if passing != EVERY_MODE:
                    ways.barrier[item.id] = passing
            elif isinstance(item, osmium.osm.Way) and "highway" in tags:
                forward, backward = table.way(tags)
                if forward | backward:
                    _add(ways, item, forward, backward)
                    ways.highway.append(tags["highway"])
                    ways.feature.append(table.feature(tags))
                    ways.drive_km_per_h.append(table.drive_speed(tags["highway"], tags.get("maxspeed")))
            elif isinstance(item, osmium.osm.Way) and table.barrier(tags) != EVERY_MODE:
                known = [(node.lon, node.lat) for node in item.nodes if node.location.valid()]
                ways.walls.append((EVERY_MODE & ~table.barrier(tags), known))
        _locate(path, ways)
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        what = f"is not a whole OpenStreetMap file ({str(error).splitlines()[0]})"
        raise DataError([Problem(written, what, "export or download the file again")]) from error
    return ways


def _add(ways: _Ways, item: osmium.osm.Way, forward: int, backward: int) -> None:
    for node in item.nodes:
        here = node.location.valid()
        ways.ref.append(node.ref)
        ways.lon.append(node.lon if here else np.nan)
        ways.lat.append(node.lat if here else np.nan)
    ways.size.append(len(item.nodes))
    ways.forward.append(forward)
    ways.backward.append(backward)


def _locate(path: Path, ways: _Ways) -> None:
    """Find nodes that stand after their ways, or have negative ids: editors write such files before an upload."""
    missing = {ref for ref, lon in zip(ways.ref, ways.lon, strict=True) if np.isnan(lon)}
    if not missing:
        return
    nodes = osmium.FileProcessor(str(path), osmium.osm.NODE)
    if min(missing) > 0:
        nodes = nodes.with_filter(osmium.filter.IdFilter(missing))
    found = {
        node.id: (node.location.lon, node.location.lat)
        for node in nodes
        if isinstance(node, osmium.osm.Node) and node.id in missing and node.location.valid()
    }
    for index, ref in enumerate(ways.ref):
        if ref in found and np.isnan(ways.lon[index]):
            ways.lon[index], ways.lat[index] = found[ref]


def _cut(ways: _Ways) -> _Edges:
    """Cut ways into edges, all at once: every vertex is an element of the arrays here."""
    ref = np.array(ways.ref, dtype=np.int64)
    way = np.repeat(np.arange(len(ways.size)), ways.size)
    place = np.flatnonzero(_kept(ref, way, np.isfinite(np.array(ways.lon, dtype=np.float64))))
    ref, way = ref[place], way[place]
    # A run is a stretch of one way without a missing node: its neighbours in the file are its neighbours here.
    missing = np.cumsum(~np.isfinite(np.array(ways.lon, dtype=np.float64)))[place]
    begins = np.ones(len(ref), dtype=np.bool_)
    begins[1:] = (way[1:] != way[:-1]) | (missing[1:] != missing[:-1])
    run = np.cumsum(begins)
    ends = np.ones(len(ref), dtype=np.bool_)
    ends[:-1] = begins[1:]
    _, number, count = np.unique(ref, return_inverse=True, return_counts=True)
    junction = (count >= 2)[number] | np.isin(ref, list(ways.barrier))  # noqa: PLR2004 - two ways, or one twice
    cut = np.flatnonzero(begins | ends | junction)
    same = run[cut[1:]] == run[cut[:-1]]
    first, last = cut[:-1][same], cut[1:][same]
    size = last - first + 1
    start = np.concatenate([[0], np.cumsum(size)])
    within = np.arange(start[-1]) - np.repeat(start[:-1], size)
    node_ref, seen, node = np.unique(ref[np.concatenate([first, last])], return_index=True, return_inverse=True)
    return _Edges(
        vertex=place[np.repeat(first, size) + within],
        start=start,
        u=node[: len(first)],
        v=node[len(first) :],
        way=way[first],
        node_ref=node_ref,
        node_vertex=place[np.concatenate([first, last])[seen]],
    )


def _kept(ref: IntArray, way: IntArray, located: BoolArray) -> BoolArray:
    """Drop vertices without a place, and repetitions of the vertex before."""
    fresh = np.ones(len(ref), dtype=np.bool_)
    fresh[1:] = (ref[1:] != ref[:-1]) | (way[1:] != way[:-1])
    return located & fresh


def _assemble(ways: _Ways, edges: _Edges, plane: Plane) -> RoadGraph:
    x, y = plane.project(np.array(ways.lon), np.array(ways.lat), systems.LONLAT)
    forward = np.array(ways.forward, dtype=np.uint8)[edges.way]
    backward = np.array(ways.backward, dtype=np.uint8)[edges.way]
    links = _divide(edges, ways.barrier, forward | backward)
    node_vertex = np.concatenate([edges.node_vertex, edges.node_vertex[links.copied]])
    course = np.column_stack([x, y])[np.concatenate([edges.vertex, np.repeat(node_vertex[links.u], 2)])]
    start = np.concatenate([edges.start, edges.start[-1] + 2 * np.arange(1, len(links.u) + 1)])
    way = np.concatenate([edges.way, edges.way[links.edge]])
    names = np.array(ways.highway, dtype=np.str_)[way]
    road_class, road_classes = classified(names.tolist())
    return RoadGraph(
        x_m=x[node_vertex],
        y_m=y[node_vertex],
        u=np.concatenate([edges.u, links.u]).astype(np.int32),
        v=np.concatenate([edges.v, links.v]).astype(np.int32),
        length_m=course_lengths(course, start),
        forward=np.concatenate([forward, links.modes]),
        backward=np.concatenate([backward, links.modes]),
        course_xy_m=course,
        course_start=start,
        road_class=road_class,
        road_classes=road_classes,
        crs_epsg=plane.epsg,
        features=np.array(ways.feature, dtype=np.uint8)[way],
        drive_km_per_h=np.array(ways.drive_km_per_h)[way],
        obstacles=_obstacles(ways, plane),
    )


def _obstacles(ways: _Ways, plane: Plane) -> Obstacles:
    """Return walls and fences as straight pieces on the plane."""
    pieces = [(stops, *pair) for stops, vertices in ways.walls for pair in pairwise(vertices) if pair[0] != pair[1]]
    if not pieces:
        return Obstacles()
    ends = np.array([[*one, *other] for _, one, other in pieces])
    ax, ay = plane.project(ends[:, 0], ends[:, 1], systems.LONLAT)
    bx, by = plane.project(ends[:, 2], ends[:, 3], systems.LONLAT)
    stops = np.array([stops for stops, _, _ in pieces], dtype=np.uint8)
    return Obstacles(np.column_stack([ax, ay, bx, by]), stops, np.full(len(pieces), -1))


@dataclass(slots=True)
class _Links:
    """Edges of no length across barriers, and the nodes that were copied for them."""

    u: IntArray
    v: IntArray
    modes: IntArray
    edge: IntArray
    copied: IntArray


def _divide(edges: _Edges, barrier: dict[int, int], modes: UInt8Array) -> _Links:
    """Give each edge that ends at a barrier its own copy of the node (in place), and link the copies."""
    rows: list[tuple[int, int, int, int]] = []
    copied: list[int] = []
    blocked = np.flatnonzero(np.isin(edges.node_ref, list(barrier)))
    for node in blocked.tolist():
        ends = [(edges.u, edge) for edge in np.flatnonzero(edges.u == node).tolist()]
        ends += [(edges.v, edge) for edge in np.flatnonzero(edges.v == node).tolist()]
        passing = barrier[int(edges.node_ref[node])]
        here = int(np.bitwise_or.reduce([modes[edge] for _, edge in ends]))
        if not here & ~passing:
            continue
        for side, edge in ends[1:]:
            side[edge] = copy = len(edges.node_ref) + len(copied)
            copied.append(node)
            if here & passing:
                rows.append((node, copy, here & passing, edge))
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return _Links(table[:, 0], table[:, 1], table[:, 2], table[:, 3], np.array(copied, dtype=np.int64))
