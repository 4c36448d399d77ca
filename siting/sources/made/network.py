"""Tying streets into one network: no two side by side, none through water but on bridges, nodes where they meet."""

# ruff: noqa: PLR2004 - the sizes and chances of a made place say what they are where they stand

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely import LineString, Point

from siting.sources.made.arteries import Street
from siting.sources.made.shapes import FloatArray, IntArray, parts

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from siting.sources.made.water import Ground

_SIDE_M = {1: 15.0, 2: 13.0, 3: 9.0}
_SNAP_M = 17.0
_MERGE_M = 0.9
_BRIDGED = {1: 0.5, 2: 0.25}
_BANK_M = 7.0
_NO_WALK = {"motorway", "motorway_link", "construction"}


def walkable(tags: dict[str, str]) -> bool:
    """Whether one may walk along a way with these tags."""
    return "highway" in tags and tags["highway"] not in _NO_WALK and tags.get("access") != "private"


@dataclass(frozen=True, slots=True)
class Network:
    """Streets tied together: nodes (n, 2) and, for every way, the street it is and its nodes."""

    xy: FloatArray
    streets: tuple[Street, ...]
    ways: tuple[IntArray, ...]
    gates: frozenset[int]

    def edges(self, ways: list[int]) -> tuple[IntArray, FloatArray, IntArray]:
        """Edges (m, 2) of some ways, their lengths in metres and the way each belongs to."""
        pairs = np.vstack([np.column_stack([self.ways[at][:-1], self.ways[at][1:]]) for at in ways])
        owner = np.repeat(ways, [len(self.ways[at]) - 1 for at in ways])
        return pairs, np.hypot(*(self.xy[pairs[:, 0]] - self.xy[pairs[:, 1]]).T), owner

    def walking(self) -> list[int]:
        """Ways one may walk along."""
        return [at for at, street in enumerate(self.streets) if walkable(street.tags)]


def _is_free(street: Street) -> bool:
    """Whether a street is drawn as it stands: motorway, walls, ferries do not join what they cross."""
    return street.rank < 0


def _thin(streets: list[Street]) -> list[Street]:
    """Drop the parts of streets that run beside a street of a better rank."""
    kept = [street for street in streets if street.rank <= 0]
    for rank, side in _SIDE_M.items():
        better = [LineString(street.xy).buffer(side) for street in kept if not _is_free(street)]
        tree = shapely.STRtree(better)
        new = []
        for street in (street for street in streets if street.rank == rank):
            line = LineString(street.xy)
            near = [better[at] for at in sorted(tree.query(line, predicate="intersects"))]
            beside = [
                part for body in near for part in parts(line.intersection(body), LineString) if part.length > 3.4 * side
            ]
            rest = line.difference(shapely.union_all(beside).buffer(0.05)) if beside else line
            new += [
                replace(street, xy=shapely.get_coordinates(part))
                for part in parts(rest, LineString)
                if part.length > 1.2 * side
            ]
        kept += new
    return kept


def _cross(street: Street, banks: BaseGeometry, *, bridgeable: bool) -> list[Street]:
    """Parts of a street on land, and its bridges where it may have any."""
    line = LineString(street.xy)
    if not banks.intersects(line):
        return [street]
    dry = [
        replace(street, xy=shapely.get_coordinates(part))
        for part in parts(line.difference(banks), LineString)
        if part.length > 12.0
    ]
    if not bridgeable:
        return dry
    dry = [replace(street, xy=shapely.get_coordinates(part)) for part in parts(line.difference(banks), LineString)]
    over = [part for part in parts(line.intersection(banks), LineString) if part.length > 0.5]
    return dry + [
        replace(street, xy=shapely.get_coordinates(part), tags=street.tags | {"bridge": "yes", "layer": "1"}, place=-1)
        for part in over
    ]


def _has_bridge(street: Street, banks: BaseGeometry, rng: np.random.Generator) -> bool:
    """Whether a street crosses brooks: roads always, and some lanes that do it squarely."""
    lucky = bool(rng.uniform() < _BRIDGED.get(street.rank, 0.0))
    return street.rank == 0 or (lucky and LineString(street.xy).intersection(banks).length < 75.0)


def _over_water(streets: list[Street], ground: Ground, motorway: LineString, rng: np.random.Generator) -> list[Street]:
    river = shapely.union_all([ground.river.polygon, ground.lake]).buffer(_BANK_M)
    small = (
        shapely.union_all([water.polygon for water in ground.waters if water.kind in {"stream", "canal"}])
        .buffer(_BANK_M)
        .difference(river)
    )
    strip = motorway.buffer(24.0)
    inside = ground.county.buffer(-8.0)
    shapely.prepare([river, small, strip, inside])
    out = []
    for street in streets:
        if street.rank < 0:
            out += (
                _cross(street, river.union(small), bridgeable=True)
                if street.tags.get("highway") == "motorway"
                else [street]
            )
            continue
        pieces = [street]
        if street.rank > 0:
            line = LineString(street.xy).difference(strip).intersection(inside)
            pieces = [replace(street, xy=shapely.get_coordinates(part)) for part in parts(line, LineString)]
        for piece in pieces:
            for part in _cross(piece, river, bridgeable=street.rank == 0):
                out += (
                    [part] if "bridge" in part.tags else _cross(part, small, bridgeable=_has_bridge(part, small, rng))
                )
    return out


def _meetings(lines: list[LineString], joins: list[int]) -> list[list[FloatArray]]:
    """Points to put into each line: where lines cross, and where the end of one lies near another."""
    points: list[list[FloatArray]] = [[] for _ in lines]
    tree = shapely.STRtree([lines[at] for at in joins])
    one, two = tree.query([lines[at] for at in joins], predicate="intersects")
    for i, j in sorted({(int(a), int(b)) for a, b in zip(one, two, strict=True) if a < b}):
        for xy in shapely.get_coordinates(lines[joins[i]].intersection(lines[joins[j]])):
            points[joins[i]].append(xy)
            points[joins[j]].append(xy)
    return points


def _snapped(streets: list[Street], ground: Ground) -> list[Street]:
    """Streets whose loose ends are drawn on to the nearest other street within reach on the same bank."""
    shapely.prepare(ground.wet)
    lines = [LineString(street.xy) for street in streets]
    joins = [at for at, street in enumerate(streets) if not _is_free(street)]
    tree = shapely.STRtree([lines[at] for at in joins])
    out = list(streets)
    for at in joins:
        if "bridge" in streets[at].tags:
            continue
        xy = out[at].xy
        for end in (0, -1):
            spot = Point(xy[end])
            near = [
                joins[index]
                for index in tree.query(spot.buffer(_SNAP_M))
                if joins[index] != at and streets[joins[index]].rank <= streets[at].rank
            ]
            reach = [(lines[other].distance(spot), other) for other in near]
            reach = [pair for pair in reach if pair[0] < _SNAP_M]
            if reach and min(reach)[0] > 0.01:
                link = shapely.shortest_line(spot, lines[min(reach)[1]])
                if ground.wet.intersects(link):
                    continue
                foot = shapely.get_coordinates(link)[1]
                xy = np.vstack([foot[None], xy]) if end == 0 else np.vstack([xy, foot[None]])
        out[at] = replace(out[at], xy=xy)
    return out


def _noded(streets: list[Street]) -> tuple[FloatArray, list[IntArray]]:
    """Nodes and the nodes of each street; vertices within `_MERGE_M` become one node."""
    lines = [LineString(street.xy) for street in streets]
    joins = [at for at, street in enumerate(streets) if not _is_free(street)]
    ends_tree = shapely.STRtree([lines[at] for at in joins])
    points = _meetings(lines, joins)
    for at in joins:
        for end in (streets[at].xy[0], streets[at].xy[-1]):
            for index in sorted(ends_tree.query(Point(end), predicate="dwithin", distance=0.5)):
                if joins[index] != at:
                    points[joins[index]].append(end)
    full = []
    for line, street, extra in zip(lines, streets, points, strict=True):
        xy = sample_along_vertices(street.xy, 60.0)
        if extra:
            where = shapely.line_locate_point(line, shapely.points(np.array(extra)))
            own = (
                shapely.line_locate_point(line, shapely.points(xy))
                if not line.is_ring
                else np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
            )
            order = np.argsort(np.concatenate([own, where]), kind="stable")
            xy = np.vstack([xy, np.array(extra)])[order]
        full.append(xy)
    return _merged(full)


def sample_along_vertices(xy: FloatArray, longest_m: float) -> FloatArray:
    """Line with points put in so that no segment is longer than `longest_m`."""
    return np.asarray(shapely.get_coordinates(shapely.segmentize(LineString(xy), longest_m)))


def _merged(full: list[FloatArray]) -> tuple[FloatArray, list[IntArray]]:
    every = np.vstack(full)
    pairs = cKDTree(every).query_pairs(_MERGE_M, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(every), len(every)))
    _, label = connected_components(graph, directed=False)
    _, first, node = np.unique(label, return_index=True, return_inverse=True)
    ways, at = [], 0
    for xy in full:
        way = node[at : at + len(xy)]
        at += len(xy)
        ways.append(way[np.concatenate([[True], way[1:] != way[:-1]])].astype(np.int64))
    return every[first], ways


def _main_component(count: int, ways: list[IntArray]) -> IntArray:
    """Component of each node over some ways."""
    pairs = np.vstack([np.column_stack([way[:-1], way[1:]]) for way in ways])
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _links(streets: list[Street], xy: FloatArray, ways: list[IntArray], ground: Ground) -> list[Street]:
    """Streets with cut-off bits tied on by a short link where that stays dry, else dropped; the islet stays."""
    walk = [at for at, street in enumerate(streets) if walkable(street.tags) and len(ways[at]) > 1]
    label = _main_component(len(xy), [ways[at] for at in walk])
    main = Counter(int(label[ways[at][0]]) for at in walk).most_common(1)[0][0]
    trunk = shapely.union_all([LineString(xy[ways[at]]) for at in walk if label[ways[at][0]] == main])
    shapely.prepare(trunk)
    loose: dict[int, list[int]] = {}
    for at in walk:
        if label[ways[at][0]] != main:
            loose.setdefault(int(label[ways[at][0]]), []).append(at)
    drop: set[int] = {at for at, way in enumerate(ways) if len(way) < 2}
    links = []
    for group in loose.values():
        body = shapely.union_all([LineString(xy[ways[at]]) for at in group])
        if ground.islet.contains(body):
            continue
        link = shapely.shortest_line(body, trunk)
        if body.length > 120.0 and link.length < 160.0 and not link.intersects(ground.wet.buffer(1.0)):
            links.append(Street(shapely.get_coordinates(link), {"highway": "footway"}, -1, 0.0, 3))
        else:
            drop.update(group)
    return [street for at, street in enumerate(streets) if at not in drop] + links


def make_network(streets: list[Street], gates: list[FloatArray], ground: Ground, rng: np.random.Generator) -> Network:
    """Tie streets into a network."""
    motorway = next(LineString(street.xy) for street in streets if street.tags.get("highway") == "motorway")
    tied = _snapped(_over_water(_thin(streets), ground, motorway, rng), ground)
    for _ in range(2):
        xy, ways = _noded(tied)
        tied = _links(tied, xy, ways, ground)
    xy, ways = _noded(tied)
    keep = _worth_keeping(tied, ways, xy, gates)
    used = np.unique(np.concatenate([ways[at] for at in keep]))
    ways = [np.asarray(np.searchsorted(used, ways[at]), dtype=np.int64) for at in keep]
    streets = [tied[at] for at in keep]
    on_foot = np.unique(
        np.concatenate([way for way, street in zip(ways, streets, strict=True) if walkable(street.tags)])
    )
    tagged = frozenset(np.intersect1d(_nearest(xy[used], gates), on_foot).tolist())
    return Network(xy[used], tuple(streets), tuple(ways), tagged)


def _nearest(xy: FloatArray, spots: list[FloatArray]) -> IntArray:
    """Node nearest to each spot."""
    return np.asarray(cKDTree(xy).query(np.array(spots).reshape(-1, 2))[1], dtype=np.int64)


def _worth_keeping(streets: list[Street], ways: list[IntArray], xy: FloatArray, gates: list[FloatArray]) -> list[int]:
    """Ways that are lines, without the walls of compounds that lost their streets."""
    lines = [at for at, way in enumerate(ways) if len(way) > 1]
    on_foot = np.concatenate([ways[at] for at in lines if walkable(streets[at].tags)])
    open_gates = np.intersect1d(_nearest(xy, gates), on_foot)
    return [at for at in lines if "barrier" not in streets[at].tags or np.isin(ways[at], open_gates).any()]
