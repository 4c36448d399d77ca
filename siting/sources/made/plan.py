"""Where people settled: old town by the river, new town, country towns, villages strung along the waters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree
from shapely import LineString, Point

from siting.sources.made import steady
from siting.sources.made.shapes import FloatArray, blob, largest, sample_along

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from siting.sources.made.spec import CountySpec
    from siting.sources.made.water import Ground

ZONES = ("old", "ring", "new", "town", "village")
_TOWN_GAP_M = 450.0
_MOTORWAY_GAP_M = 260.0
_HAMLET_GAP_M = 500.0


@dataclass(frozen=True, slots=True)
class Settlement:
    """One built-up place: its zone (one of `ZONES`), middle, land and the direction (radians) its main lane takes."""

    zone: str
    centre: FloatArray
    land: BaseGeometry
    angle: float = 0.0
    parent: int = -1


@dataclass(frozen=True, slots=True)
class Layout:
    """All places of a county.

    Attributes
    ----------
    city
        Middle of the old town.
    towns
        Seats of the towns (towns, 2); the streets of the city come first.
    settlements
        Every built-up place; villages hang on their main hamlet by `parent`.
    motorway
        Centre line of the motorway.
    """

    city: FloatArray
    towns: FloatArray
    settlements: tuple[Settlement, ...]
    motorway: LineString

    def of(self, *zones: str) -> list[int]:
        """Give the indices of the settlements of some zones."""
        return [index for index, place in enumerate(self.settlements) if place.zone in zones]


def _axes(ground: Ground) -> tuple[FloatArray, FloatArray, float]:
    """Point of the river nearest the middle of the county, the river's direction there, and where along it lies."""
    line = ground.river.line or LineString()
    at = line.project(Point(0.0, 0.0))
    here, there = (shapely.get_coordinates(line.interpolate(at + step))[0] for step in (-300.0, 300.0))
    along = (there - here) / np.hypot(*(there - here))
    return (here + there) / 2.0, along, at


def _city(
    spec: CountySpec, ground: Ground, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, list[Settlement]]:
    """Middle of the old town, seats of the city's streets, and its settlements: old town, ring, new town by halves."""
    anchor, along, _ = _axes(ground)
    across = np.array([-along[1], along[0]])
    old_m, ring_m = (np.sqrt(spec.area_m2(0) / np.pi), np.sqrt((spec.area_m2(0) + spec.area_m2(1)) / np.pi))
    new_m = np.sqrt(spec.area_m2(2) / 2.0 / np.pi)
    city = anchor + across * (90.0 + 0.9 * old_m)
    east = city + along * (ring_m + 0.75 * new_m) + across * 0.35 * new_m
    south = anchor + along * 0.9 * new_m - across * (1.05 * new_m + 100.0)
    taken = shapely.union_all([ground.river.polygon.buffer(18.0), ground.lake.buffer(40.0)])
    old = blob(rng, city, old_m, 0.1).difference(taken)
    ring = blob(rng, city - across * 0.15 * ring_m, ring_m, 0.12).difference(taken).difference(old)
    places = [Settlement("old", city, largest(old)), Settlement("ring", city, ring)]
    for centre in (east, south):
        body = blob(rng, centre, new_m, 0.12).difference(taken)
        places.append(Settlement("new", centre, body.difference(shapely.union_all([old, ring]))))
    seats = [city - along * 0.45 * old_m, city + along * 0.45 * old_m, east, south]
    while len(seats) < spec.streets:
        seats.append(seats[len(seats) % 4] + rng.uniform(-1.0, 1.0, 2) * new_m)
    return city, np.array(seats[: spec.streets]), places


def _country_towns(spec: CountySpec, ground: Ground, rng: np.random.Generator) -> list[Settlement]:
    count = spec.towns - spec.streets
    radius = np.sqrt(spec.area_m2(3) / count / np.pi)
    turns = 2.0 * np.pi * (np.arange(count) + rng.uniform(-0.22, 0.22, count) + rng.uniform()) / count
    dry = ground.county.buffer(-1_300.0).difference(
        shapely.union_all([ground.river.polygon.buffer(0.5 * radius), ground.lake.buffer(350.0)])
    )
    dry = dry.difference(ground.hills.buffer(0.5 * radius))
    places = []
    for turn in turns:
        wish = rng.uniform(0.62, 0.78) * 0.5 * np.array([spec.width_m, spec.height_m]) * steady.turned(turn)
        nearest = shapely.shortest_line(Point(wish), dry)
        centre = shapely.get_coordinates(nearest)[-1]
        size = radius * rng.uniform(0.8, 1.2)
        land = (
            blob(rng, centre, size, 0.16).difference(ground.wet.buffer(12.0)).intersection(ground.county.buffer(-100.0))
        )
        places.append(Settlement("town", centre, land))
    return places


def _motorway(spec: CountySpec, places: list[Settlement], ground: Ground, rng: np.random.Generator) -> LineString:
    """Smooth line across the county that keeps farthest from the places and crosses the river least."""
    built = shapely.union_all([*[place.land for place in places], ground.lake, ground.islet])
    best, best_score = LineString(), -np.inf
    for _ in range(160):
        turn = rng.uniform(0.0, np.pi)
        side = steady.turned(turn + np.pi / 2.0) * rng.uniform(-0.3, 0.3) * spec.width_m
        reach = steady.turned(turn) * spec.width_m
        knots = np.array([side - reach, 1.1 * side - reach * 0.3, side + reach * 0.3, 0.8 * side + reach])
        knots[1:3] += rng.normal(0.0, 5_500.0, (2, 2))
        t = np.linspace(0.0, 1.0, 300)[:, None]
        curve = (
            steady.power(1 - t, 3) * knots[0]
            + 3 * t * (1 - t) ** 2 * knots[1]
            + 3 * t**2 * (1 - t) * knots[2]
            + steady.power(t, 3) * knots[3]
        )
        line = largest_line(LineString(curve).intersection(ground.county))
        if line.length < 0.5 * spec.width_m:
            continue
        wet = line.intersection(ground.river.polygon)
        crossings = len(shapely.get_parts(wet))
        score = (
            min(built.distance(line), 500.0)
            - 500.0 * max(0, crossings - 1)
            + 0.02 * line.length
            - 0.3 * max(0.0, line.distance(Point(0.0, 0.0)) - 0.24 * spec.width_m)
            - 2.0 * wet.length
            - 25_000.0 * max(0.0, 0.02 - _bend(line))
        )
        if score > best_score:
            best, best_score = line, score
    return best


def _bend(line: LineString) -> float:
    """How much longer a line is than the straight way between its ends, as a share."""
    ends = shapely.get_coordinates(line)[[0, -1]]
    return line.length / max(1.0, float(np.hypot(*(ends[1] - ends[0])))) - 1.0


def largest_line(shape: BaseGeometry) -> LineString:
    """Longest line of a shape."""
    lines = [part for part in shapely.get_parts(shape) if isinstance(part, LineString)]
    return max(lines, key=lambda line: line.length, default=LineString())


def _hamlet_spots(ground: Ground, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Candidate hamlets, along every water and here and there in the fields, and the way their main lane runs."""
    spots, angles = [], []
    for water in ground.waters:
        if water.line is None:
            continue
        xy = sample_along(water.line, 60.0)
        along = np.gradient(xy, axis=0)
        heading = steady.heading(along)
        half = 110.0 if water.kind == "river" else 22.0
        for side in (-1.0, 1.0):
            off = side * (half + rng.uniform(45.0, 110.0, len(xy)))
            spots.append(xy + off[:, None] * steady.turned(heading + np.pi / 2.0))
            angles.append(heading)
    low, high = np.array(ground.county.bounds[:2]), np.array(ground.county.bounds[2:])
    spots.append(rng.uniform(low, high, (1_400, 2)))
    angles.append(rng.uniform(0.0, np.pi, 1_400))
    order = rng.permutation(sum(map(len, spots)))
    return np.vstack(spots)[order], np.concatenate(angles)[order]


def _spread(xy: FloatArray, count: int, gap_m: float) -> list[int]:
    """First `count` points in the given order that keep a gap, the gap shrinking until there are enough."""
    tree = cKDTree(xy)
    while True:
        free = np.ones(len(xy), dtype=bool)
        chosen = []
        for index in range(len(xy)):
            if free[index]:
                chosen.append(index)
                free[tree.query_ball_point(xy[index], gap_m)] = False
        if len(chosen) >= min(count, len(xy)):
            return chosen[:count]
        gap_m *= 0.94


def _villages(
    count: int, ground: Ground, built: BaseGeometry, rng: np.random.Generator
) -> list[tuple[FloatArray, float, int]]:
    """Middle, direction and main hamlet (-1 for a main hamlet itself) of every hamlet."""
    xy, angle = _hamlet_spots(ground, rng)
    room = ground.county.buffer(-350.0).difference(shapely.union_all([built, ground.hills, ground.wet.buffer(30.0)]))
    shapely.prepare(room)
    dry = shapely.contains_xy(room, xy)
    xy, angle = xy[dry], angle[dry]
    mains = _spread(xy, count, 2_400.0)
    hamlets = [(xy[index], float(angle[index]), -1) for index in mains]
    taken = [xy[index] for index in mains]
    tree = cKDTree(xy)
    for main, index in enumerate(mains):
        near = [other for other in sorted(tree.query_ball_point(xy[index], 780.0)) if other != index]
        wanted = int(rng.integers(1, 4))
        for other in near:
            if wanted and min(np.hypot(*(np.array(taken) - xy[other]).T)) > _HAMLET_GAP_M:
                taken.append(xy[other])
                hamlets.append((xy[other], float(angle[other]), main))
                wanted -= 1
    return hamlets


def make_layout(spec: CountySpec, ground: Ground, village_count: int) -> Layout:
    """Settle a county; `village_count` villages, each with one to four hamlets."""
    rng = spec.rng(2)
    city, seats, places = _city(spec, ground, rng)
    taken = shapely.union_all([place.land for place in places])
    country = _country_towns(spec, ground, rng)
    country = [place for place in country if place.land.distance(taken) > 0.0] or country
    places += country
    motorway = _motorway(spec, places, ground, rng)
    built = shapely.union_all([place.land for place in places]).buffer(_TOWN_GAP_M)
    keep_off = shapely.union_all([built, motorway.buffer(_MOTORWAY_GAP_M), ground.islet.buffer(200.0)])
    first = len(places)
    for centre, angle, parent in _villages(village_count, ground, keep_off, rng):
        land = Point(centre).buffer(230.0).difference(ground.wet.buffer(10.0))
        places.append(Settlement("village", centre, land, angle, parent if parent < 0 else parent + first))
    isle = np.array(ground.islet.centroid.coords[0])
    places.append(Settlement("islet", isle, ground.islet.buffer(-25.0), 0.4))
    return Layout(city, np.vstack([seats, [place.centre for place in country]]), tuple(places), motorway)
