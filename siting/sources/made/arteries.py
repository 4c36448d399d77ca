"""Roads between places: they look for the cheapest way over the mesh and share what is already built."""

# ruff: noqa: PLR2004 - the sizes and chances of a made place say what they are where they stand

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import Delaunay
from shapely import LineString, Point, Polygon

from siting.sources.made import steady
from siting.sources.made.mesh import Mesh, path, search
from siting.sources.made.shapes import FloatArray, IntArray, smooth
from siting.sources.made.water import roughness

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from siting.sources.made.names import Name, Namer
    from siting.sources.made.plan import Layout
    from siting.sources.made.spec import CountySpec
    from siting.sources.made.water import Ground

CLASSES = ("", "unclassified", "tertiary", "secondary", "primary")
_SPEED = {"primary": "80", "secondary": "60", "tertiary": "40"}
_REUSE = 0.42
_WATER_TOLL_M = 420.0
_BESIDE_M = 24.0


@dataclass(frozen=True, slots=True)
class Street:
    """One way before it is tied into the network.

    Attributes
    ----------
    xy
        Vertices (n, 2).
    tags
        OpenStreetMap tags; `highway` or `barrier` is always among them.
    place
        Settlement whose houses stand along it; -1 for none.
    weight
        Persons per metre compared with other streets of the same settlement.
    rank
        Where two run side by side within a few metres the higher rank goes; 0 crosses water on bridges.
    """

    xy: FloatArray
    tags: dict[str, str]
    place: int = -1
    weight: float = 1.0
    rank: int = 0


@dataclass(slots=True)
class RoadMaker:
    """Lays roads one after another; `level` and `name` are kept for every edge of the mesh."""

    mesh: Mesh
    graph: csr_array = field(init=False)
    slots: IntArray = field(init=False)
    level: FloatArray = field(init=False)
    name: list[Name | None] = field(init=False)
    index: dict[tuple[int, int], int] = field(init=False)

    def __post_init__(self) -> None:
        self.graph, self.slots = self.mesh.indexed()
        self.level = np.zeros(len(self.mesh.edges))
        self.name = [None] * len(self.mesh.edges)
        self.index = {(int(a), int(b)): at for at, (a, b) in enumerate(self.mesh.edges)}

    def lay(self, start: int, ends: list[int], level: int, name: Name | None, limit_m: float = np.inf) -> bool:
        """Lay a road from `start` to the cheapest of `ends`; False when none can be reached."""
        distance, before = search(self.graph, start, limit_m)
        end = min(ends, key=lambda node: float(distance[node]))
        if not np.isfinite(distance[end]):
            return False
        nodes = path(before, start, end)
        for pair in pairwise(nodes):
            edge = self.index[min(pair), max(pair)]
            if not self.level[edge]:
                self.graph.data[self.slots[edge]] *= _REUSE
                self.name[edge] = name
            self.level[edge] = max(self.level[edge], level)
        return True

    def chains(self, fixed: set[int]) -> list[tuple[list[int], int, Name | None]]:
        """List the runs of edges of one class and one name between junctions: nodes, level, name."""
        around: dict[int, list[int]] = {}
        for edge in np.flatnonzero(self.level):
            for node in self.mesh.edges[edge]:
                around.setdefault(int(node), []).append(int(edge))
        kind = {edge: (int(self.level[edge]), self.name[edge]) for edges in around.values() for edge in edges}
        stops = {node for node, edges in around.items() if len(edges) != 2 or len({kind[e] for e in edges}) > 1}
        stops |= fixed & around.keys()
        done: set[int] = set()
        runs = []
        for stop in sorted(stops):
            for first in (edge for edge in around[stop] if edge not in done):
                run = self._run(stop, first, stops, around, done)
                runs.append((run, *kind[first]))
        return runs

    def _run(self, node: int, edge: int, stops: set[int], around: dict[int, list[int]], done: set[int]) -> list[int]:
        nodes = [node]
        while True:
            done.add(edge)
            one, two = (int(end) for end in self.mesh.edges[edge])
            node = two if node == one else one
            nodes.append(node)
            if node in stops:
                return nodes
            edge = next(other for other in around[node] if other != edge)


def crossing_stations(line: LineString, ats: FloatArray, reach_m: FloatArray) -> FloatArray:
    """Both ends (2n, 2) of straight crossings of a line at distances `ats` along it, `reach_m` to either side."""
    ends = []
    for at, reach in zip(ats, reach_m, strict=True):
        here, there = (shapely.get_coordinates(line.interpolate(at + step))[0] for step in (-25.0, 25.0))
        along = (there - here) / np.hypot(*(there - here))
        normal = np.array([-along[1], along[0]])
        ends += [(here + there) / 2.0 + normal * reach, (here + there) / 2.0 - normal * reach]
    return np.array(ends)


def _bridges(ground: Ground, layout: Layout) -> FloatArray:
    """Find the ends of the river's road bridges: two in the city, the others spread along the river."""
    line = ground.river.line or LineString()
    at_city = line.project(Point(layout.city))
    inside = line.intersection(ground.county.buffer(-1_200.0))
    ats = [at_city - 420.0, at_city + 1_900.0, at_city - 5_200.0, at_city + 7_600.0, at_city - 11_500.0]
    ats = [at for at in ats if line.interpolate(at).distance(inside) < 1.0]
    reach = []
    for at in ats:
        cut = crossing_stations(line, np.array([at]), np.array([600.0]))
        wet = LineString(cut).intersection(ground.river.polygon)
        reach.append(wet.length / 2.0 + 75.0)
    return crossing_stations(line, np.array(ats), np.array(reach))


def _passes(ground: Ground, motorway: LineString) -> FloatArray:
    """Find the ends of the places where roads pass under the motorway, clear of the waters."""
    ats = [
        at
        for at in np.arange(900.0, motorway.length - 500.0, 300.0)
        if motorway.interpolate(at).distance(ground.wet) > 160.0
    ]
    chosen: list[float] = []
    for at in ats:
        if not chosen or at - chosen[-1] > 2_100.0:
            chosen.append(float(at))
    return crossing_stations(motorway, np.array(chosen), np.full(len(chosen), 70.0))


def survey(spec: CountySpec, ground: Ground, layout: Layout) -> tuple[Mesh, int]:
    """Mesh with its costs, and how many of its first nodes are ends of bridges and passes (two each, in turn)."""
    rng = spec.rng(3)
    crossings = np.vstack([_bridges(ground, layout), _passes(ground, layout.motorway)])
    urban = shapely.union_all([layout.settlements[at].land for at in layout.of("old", "ring", "new")]).buffer(200.0)
    mesh = Mesh.over(rng, ground.county, urban, crossings)
    lines = mesh.lines()
    middle = (mesh.xy[mesh.edges[:, 0]] + mesh.xy[mesh.edges[:, 1]]) / 2.0
    mesh.cost = mesh.length_m * (1.0 + 0.55 * np.abs(roughness(rng)(middle)))
    big = shapely.union_all([ground.river.polygon.buffer(48.0), Polygon(ground.lake.exterior).buffer(45.0)])
    never = shapely.union_all([big, layout.motorway.buffer(45.0), ground.county.exterior.buffer(30.0)])
    small = shapely.union_all([water.polygon for water in ground.waters if water.kind in {"stream", "canal"}])
    beside = small.buffer(_BESIDE_M)
    shapely.prepare([ground.hills, small, beside, never])
    mesh.cost[shapely.intersects(beside, lines)] *= 1.7
    mesh.cost[shapely.intersects(ground.hills, lines)] *= 2.5
    mesh.cost[shapely.intersects(small, lines)] += _WATER_TOLL_M
    mesh.cost[shapely.intersects(never, lines)] = np.inf
    pairs = np.arange(len(crossings)).reshape(-1, 2)
    index = {(int(a), int(b)): at for at, (a, b) in enumerate(mesh.edges)}
    for a, b in pairs:
        if (at := index.get((int(a), int(b)))) is not None:
            mesh.cost[at] = mesh.length_m[at]
        else:
            mesh.edges = np.vstack([mesh.edges, [[a, b]]])
            mesh.length_m = np.append(mesh.length_m, np.hypot(*(mesh.xy[a] - mesh.xy[b])))
            mesh.cost = np.append(mesh.cost, mesh.length_m[-1])
    return mesh, len(crossings)


def _neighbours(xy: FloatArray) -> list[tuple[int, int]]:
    """Gabriel graph: pairs with no third point in the circle over them, shortest first."""
    corners = Delaunay(xy).simplices
    pairs = {
        (int(min(a, b)), int(max(a, b)))
        for tri in corners
        for a, b in ((tri[0], tri[1]), (tri[1], tri[2]), (tri[0], tri[2]))
    }
    kept = []
    for a, b in sorted(pairs, key=lambda pair: float(np.hypot(*(xy[pair[0]] - xy[pair[1]])))):
        middle, radius = (xy[a] + xy[b]) / 2.0, np.hypot(*(xy[a] - xy[b])) / 2.0
        if all(np.hypot(*(xy[c] - middle)) >= radius * 0.9 for c in range(len(xy)) if c not in (a, b)):
            kept.append((a, b))
    return kept


def make_arteries(spec: CountySpec, layout: Layout, mesh: Mesh, crossings: int, namer: Namer) -> list[Street]:
    """Roads between towns, to the border, to villages and between hamlets, as smooth lines of rank 0."""
    rng = spec.rng(4)
    maker = RoadMaker(mesh)
    seats = np.vstack([layout.city, layout.towns[2:]])
    nodes = [int(node) for node in mesh.nearest(seats)]
    for order, (a, b) in enumerate(_neighbours(seats)):
        main = a == 0 or b == 0 or order % 3 == 0
        maker.lay(nodes[a], [nodes[b]], 4 if main else 3, namer.place().plus("公路", "Highway"))
    by_distance = np.argsort(np.hypot(*(seats[3:] - layout.city).T)) + 3
    for near in by_distance[:5]:
        maker.lay(nodes[int(near)], [nodes[0]], 3, namer.place().plus("公路", "Highway"))
    over = max((0, 1), key=lambda end: float(np.hypot(*(mesh.xy[end] - layout.city))))
    maker.lay(nodes[0], [over], 3, namer.street())
    maker.lay(over, nodes[1:], 3, namer.street())
    turn = rng.uniform(0.0, 6.28)
    for exit_turn in turn + np.arange(5) * 1.2566 + rng.uniform(-0.3, 0.3, 5):
        way = 0.6 * np.array([spec.width_m, spec.height_m]) * steady.turned(exit_turn)
        maker.lay(int(mesh.nearest(way[None])[0]), nodes, 3, namer.place().plus("线", "Line"))
    places = layout.settlements
    mains = [at for at in layout.of("village") if places[at].parent < 0]
    hamlets = layout.of("village")
    nearest = mesh.nearest(np.array([places[at].centre for at in hamlets]))
    home = {at: int(node) for at, node in zip(hamlets, nearest, strict=True)}
    far = {at: float(np.hypot(*(seats - places[at].centre).T).min()) for at in mains}
    for at in sorted(mains, key=lambda main: far[main]):
        maker.lay(home[at], nodes, 2, None)
    for at in layout.of("village"):
        if places[at].parent >= 0:
            maker.lay(home[at], [home[places[at].parent]], 1, None, 6_000.0)
    for a, b in _neighbours(np.array([places[at].centre for at in hamlets])):
        if rng.uniform() < 0.34:
            maker.lay(home[hamlets[a]], [home[hamlets[b]]], 1, None, 3_500.0)
    fixed = set(range(crossings)) | set(nodes)
    return [_road(mesh.xy[run], level, name) for run, level, name in maker.chains(fixed)]


def _road(xy: FloatArray, level: int, name: Name | None) -> Street:
    tags = {"highway": CLASSES[level]}
    if name is not None:
        tags |= {"name": name.zh, "name:en": name.en}
    if tags["highway"] in _SPEED:
        tags["maxspeed"] = _SPEED[tags["highway"]]
    return Street(smooth(xy), tags)
