"""Towns, communities and planning units: they grow from their seats over the mesh and meet along the waters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.cluster.vq import kmeans2
from shapely import MultiPoint

from siting.sources.made import steady
from siting.sources.made.mesh import Mesh
from siting.sources.made.people import houses
from siting.sources.made.shapes import FloatArray, IntArray, largest
from siting.sources.made.water import roughness

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from siting.sources.made.names import Name, Namer
    from siting.sources.made.network import Network
    from siting.sources.made.plan import Layout
    from siting.sources.made.spec import CountySpec
    from siting.sources.made.water import Ground

_UNIT_NUMBERS = "一二三四五六七八九十"
_RIVER_FACTOR, _BROOK_FACTOR = 14.0, 2.2
_SMOOTH_M = 130.0
_COUNTRY_QUARTERS = 2


@dataclass(frozen=True, slots=True)
class Town:
    """One town (镇) or sub-district (街道) with its planning unit."""

    id: str
    name: Name
    unit: str
    urban: bool
    seat: FloatArray
    polygon: BaseGeometry


@dataclass(frozen=True, slots=True)
class Community:
    """One community (社区) or village (村) of a town."""

    id: str
    name: Name
    town: int
    kind: str
    seat: FloatArray
    polygon: BaseGeometry


@dataclass(frozen=True, slots=True)
class Districts:
    """Towns and the communities nested in them."""

    towns: tuple[Town, ...]
    communities: tuple[Community, ...]

    def town_of(self, xy: FloatArray) -> IntArray:
        """Town of each point; -1 outside all of them."""
        return _locate([town.polygon for town in self.towns], xy)

    def community_of(self, xy: FloatArray) -> IntArray:
        """Community of each point; -1 outside all of them."""
        return _locate([community.polygon for community in self.communities], xy)


def _locate(polygons: list[BaseGeometry], xy: FloatArray) -> IntArray:
    point, polygon = shapely.STRtree(polygons).query(shapely.points(xy), predicate="intersects")
    where = np.full(len(xy), -1, dtype=np.int64)
    where[point[::-1]] = polygon[::-1]
    return where


def _ground_costs(mesh: Mesh, ground: Ground, rng: np.random.Generator) -> Mesh:
    """Mesh on which waters are dear to cross, so that districts meet there."""
    lines = mesh.lines()
    middle = (mesh.xy[mesh.edges[:, 0]] + mesh.xy[mesh.edges[:, 1]]) / 2.0
    cost = mesh.length_m * steady.exp(0.5 * roughness(rng)(middle))
    brooks = shapely.union_all([water.polygon for water in ground.waters if water.kind in {"stream", "canal"}])
    big = shapely.union_all([ground.river.polygon, ground.lake])
    shapely.prepare([brooks, big])
    cost[shapely.intersects(brooks, lines)] *= _BROOK_FACTOR
    cost[shapely.intersects(big, lines)] *= _RIVER_FACTOR
    return Mesh(mesh.xy, mesh.edges, mesh.length_m, cost)


def _quarters(
    spec: CountySpec, layout: Layout, network: Network, town: IntArray, mesh: Mesh, villages: int
) -> list[tuple[int, FloatArray]]:
    """Seats of the urban communities: town and place, more where more people live."""
    rng = spec.rng(8)
    xy, place, weight = houses(network)
    zone = np.array([settlement.zone for settlement in layout.settlements])[place]
    built = np.isin(zone, ["old", "ring", "new", "town"])
    crowd = {"old": 2.6, "ring": 1.6, "new": 0.8, "town": 1.0}
    weight = weight * np.array([crowd.get(str(kind), 0.0) for kind in zone])
    home = town[mesh.nearest(xy)]
    count = np.full(spec.towns, _COUNTRY_QUARTERS)
    heads = np.array([weight[built & (home == at)].sum() for at in range(spec.streets)])
    rest = spec.communities - villages - _COUNTRY_QUARTERS * (spec.towns - spec.streets)
    count[: spec.streets] = np.maximum(1, np.floor(rest * heads / heads.sum()))
    count[int(np.argmax(heads))] += rest - count[: spec.streets].sum()
    seats: list[tuple[int, FloatArray]] = []
    for at in range(spec.towns):
        here = np.flatnonzero(built & (home == at))
        picked = xy[rng.choice(here, 3_000, p=weight[here] / weight[here].sum())]
        middles, label = kmeans2(picked, int(count[at]), iter=30, minit="++", rng=rng)
        for number in range(int(count[at])):
            own = picked[label == number]
            seats.append((at, own[int(np.argmin(np.hypot(*(own - middles[number]).T)))]))
    return seats


def _cells_of(mesh: Mesh, label: IntArray, count: int, county: BaseGeometry) -> list[BaseGeometry]:
    """Polygons of the labels: Voronoi cells of the nodes joined, straightened, cut at the border."""
    cells = shapely.get_parts(
        shapely.voronoi_polygons(MultiPoint(mesh.xy), extend_to=county.buffer(500.0), ordered=True)
    )
    bodies = [shapely.coverage_union_all(cells[label == at]) for at in range(count)]
    smooth = shapely.coverage_simplify(np.array(bodies), _SMOOTH_M)
    return [shapely.intersection(body, county) for body in smooth]


def _units(spec: CountySpec, layout: Layout) -> list[str]:
    """Planning unit of every town: the city's streets by halves, the country towns by direction."""
    names = [f"规划单元{_UNIT_NUMBERS[number]}" for number in range(spec.units)]
    city = min(2, spec.units - 1)
    half = max(1, spec.streets // 2)
    units = [names[min(at // half, city - 1)] for at in range(spec.streets)]
    away = layout.towns[spec.streets :] - layout.city
    order = np.argsort(steady.heading(away))
    rank = np.argsort(order)
    return units + [names[city + int(at) * (spec.units - city) // len(order)] for at in rank]


def make_districts(
    spec: CountySpec, ground: Ground, layout: Layout, network: Network, mesh: Mesh, namer: Namer
) -> Districts:
    """Grow towns and, inside each, its communities."""
    land = _ground_costs(mesh, ground, spec.rng(13))
    town = land.grow(land.nearest(layout.towns))
    mains = [at for at in layout.of("village") if layout.settlements[at].parent < 0]
    at_node = land.nearest(np.array([layout.settlements[at].centre for at in mains]))
    seats = [(home, seat, "社区") for home, seat in _quarters(spec, layout, network, town, land, len(mains))]
    seats += [(int(town[node]), layout.settlements[at].centre, "村") for at, node in zip(mains, at_node, strict=True)]
    seats.sort(key=lambda seat: (seat[0], seat[2] == "村"))
    same = np.flatnonzero(town[land.edges[:, 0]] == town[land.edges[:, 1]])
    own = [np.flatnonzero(town == home) for home in range(spec.towns)]
    starts = [own[home][int(np.argmin(np.hypot(*(land.xy[own[home]] - seat).T)))] for home, seat, _ in seats]
    label = land.grow(np.array(starts), same)
    polygons = _cells_of(land, label, len(seats), ground.county)
    communities = _name_communities(seats, polygons, namer)
    units = _units(spec, layout)
    towns = []
    for at in range(spec.towns):
        urban = at < spec.streets
        words = ("街道", "Subdistrict") if urban else ("镇", "Town")
        body = shapely.union_all([community.polygon for community in communities if community.town == at])
        towns.append(Town(f"D{at + 1:02d}", namer.place().plus(*words), units[at], urban, layout.towns[at], body))
    return Districts(tuple(towns), tuple(communities))


def _name_communities(
    seats: list[tuple[int, FloatArray, str]], polygons: list[BaseGeometry], namer: Namer
) -> list[Community]:
    communities = []
    number: dict[int, int] = {}
    for (home, seat, kind), polygon in zip(seats, polygons, strict=True):
        number[home] = number.get(home, 0) + 1
        name = namer.village().plus("村", "Village") if kind == "村" else namer.place().plus("社区", "Community")
        body = polygon if polygon.geom_type == "Polygon" else largest(polygon)
        communities.append(Community(f"D{home + 1:02d}-{number[home]:02d}", name, home, kind, seat, body))
    return communities
