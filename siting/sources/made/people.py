"""Persons aged 60 and over on a three-second grid: they live where the houses are, along the streets."""

# ruff: noqa: PLR2004 - the sizes and chances of a made place say what they are where they stand

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree
from shapely import LineString, Point

from siting.sources.made import steady
from siting.sources.made.network import Network, walkable
from siting.sources.made.shapes import Field, FloatArray, IntArray, sample_along

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from siting.sources.made.plan import Layout
    from siting.sources.made.spec import CountySpec, Frame
    from siting.sources.made.water import Ground

YEARS = (2020, 2025)
AGES = (60, 65, 70, 75, 80)
SEXES = ("f", "m")
STEP = 1.0 / 1200.0
NODATA = -99_999.0
_QUANTUM = 1.0 / 64.0
_LEAST = 2.0
_HOUSE_M = 14.0
_REMOTE_M = 720.0
_ROADS = {"primary": 0.35, "secondary": 0.6, "tertiary": 0.8}
_GROWTH = {"old": 0.99, "ring": 1.1, "new": 1.85, "town": 1.24, "village": 1.14, "islet": 0.95, "remote": 0.92}
_YOUNG = {"old": -0.05, "ring": -0.02, "new": 0.07, "town": 0.0, "village": -0.03, "islet": -0.08, "remote": -0.1}
_CLASSES = {2020: (0.29, 0.275, 0.19, 0.122, 0.123), 2025: (0.265, 0.25, 0.215, 0.14, 0.13)}
_FEMALE = (0.503, 0.508, 0.517, 0.535, 0.585)


@dataclass(frozen=True, slots=True)
class Grid:
    """Raster of the persons: west and north edge in degrees, shape, and the local metres of every cell centre."""

    west: float
    north: float
    shape: tuple[int, int]
    xy: FloatArray

    @classmethod
    def over(cls, frame: Frame, area: BaseGeometry) -> Grid:
        """Grid of whole steps that covers an area with a margin."""
        lonlat = frame.to_lonlat(shapely.get_coordinates(area.buffer(900.0)))
        west, south = (np.floor(lonlat.min(axis=0) / STEP)).astype(int)
        east, north = (np.ceil(lonlat.max(axis=0) / STEP)).astype(int)
        lon = (west + 0.5 + np.arange(east - west)) * STEP
        lat = (north - 0.5 - np.arange(north - south)) * STEP
        centres = np.column_stack([part.ravel() for part in np.meshgrid(lon, lat)])
        return cls(west * STEP, north * STEP, (int(north - south), int(east - west)), frame.to_local(centres))


@dataclass(frozen=True, slots=True)
class People:
    """Persons of the populated cells.

    Attributes
    ----------
    grid
        The raster; `cell` counts its cells by rows.
    cell
        Populated cells.
    xy
        Their centres in local metres.
    persons
        Persons (cell, year, age, sex).
    inside, land
        Which populated cells lie in the county; which cells of the whole grid are dry land of the county.
    """

    grid: Grid
    cell: IntArray
    xy: FloatArray
    persons: FloatArray
    inside: np.ndarray[tuple[int], np.dtype[np.bool_]]
    land: np.ndarray[tuple[int], np.dtype[np.bool_]]

    def total(self, year: int) -> FloatArray:
        """Persons 60 and over of each populated cell in one year."""
        return np.asarray(self.persons[:, YEARS.index(year)].sum(axis=(1, 2)))


def houses(network: Network) -> tuple[FloatArray, IntArray, FloatArray]:
    """Points along every street that has houses, the settlement of each and its weight."""
    spots, places, weights = [], [], []
    for street, way in zip(network.streets, network.ways, strict=True):
        if street.place < 0 or street.weight <= 0.0 or not walkable(street.tags):
            continue
        points = sample_along(LineString(network.xy[way]), _HOUSE_M)
        spots.append(points)
        places.append(np.full(len(points), street.place))
        share = street.weight * _ROADS.get(street.tags["highway"], 1.0)
        weights.append(np.full(len(points), share * _HOUSE_M))
    return np.vstack(spots), np.concatenate(places), np.concatenate(weights)


def _sizes(spec: CountySpec, layout: Layout, rng: np.random.Generator) -> FloatArray:
    """Persons of 2025 in every settlement."""
    size = np.zeros(len(layout.settlements))
    rest = spec.persons_2025 * (1.0 - sum(spec.shares))
    groups = [
        (spec.persons_2025 * share, layout.of(zone))
        for share, zone in zip(spec.shares, ("old", "ring", "new", "town"), strict=True)
    ]
    for total, members in [*groups, (rest, layout.of("village"))]:
        bulk = steady.exp(0.22 * rng.normal(size=len(members)))
        bulk *= [
            1.2 if layout.settlements[at].zone == "village" and layout.settlements[at].parent < 0 else 1.0
            for at in members
        ]
        size[members] = total * bulk / bulk.sum()
    size[layout.of("islet")] = 140.0
    return size


def _remote(ground: Ground, network: Network, land: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Middles of hamlets that no road reaches: the cells farthest from every way, well apart."""
    roads = [LineString(network.xy[way]) for way in network.ways]
    tree = shapely.STRtree(roads)
    order = rng.permutation(len(land))
    found: list[FloatArray] = []
    for spot in land[order]:
        if len(found) == 9:
            break
        if all(np.hypot(*(spot - other)) > 1_500.0 for other in found):
            near = tree.query(Point(spot), predicate="dwithin", distance=_REMOTE_M)
            if not len(near) and ground.county.exterior.distance(Point(spot)) > 300.0:
                found.append(spot)
    return np.array(found).reshape(-1, 2)


def _cells(grid: Grid, frame: Frame, xy: FloatArray, land: IntArray) -> IntArray:
    """Cell of each point; the nearest land cell where its own is no land of the county; -1 beyond 150 m."""
    lon, lat = frame.to_lonlat(xy).T
    row, col = np.floor((grid.north - lat) / STEP).astype(int), np.floor((lon - grid.west) / STEP).astype(int)
    own = row * grid.shape[1] + col
    dry = np.isin(own, land)
    far, near = cKDTree(grid.xy[land]).query(xy)
    return np.asarray(np.where(dry, own, np.where(far < 150.0, land[near], -1)), dtype=np.int64)


def _settled(
    spec: CountySpec, layout: Layout, network: Network, rng: np.random.Generator
) -> tuple[FloatArray, list[str], FloatArray]:
    """House points, their zones and the persons of 2025 at each."""
    xy, place, weight = houses(network)
    uneven = steady.exp(0.45 * Field.random(rng, 700.0)(xy))
    weight = weight * uneven
    total = np.bincount(place, weight, len(layout.settlements))
    persons = _sizes(spec, layout, rng)[place] * weight / total[place]
    return xy, [layout.settlements[at].zone for at in place], persons


def make_people(spec: CountySpec, frame: Frame, ground: Ground, layout: Layout, network: Network) -> People:
    """Put the persons into cells, by age and sex, with the totals of the spec."""
    rng = spec.rng(7)
    grid = Grid.over(frame, ground.county)
    dry = ground.county.difference(ground.wet)
    shapely.prepare(dry)
    land = np.asarray(shapely.contains_xy(dry, grid.xy))
    xy, zones, persons = _settled(spec, layout, network, rng)
    far = _remote(ground, network, grid.xy[land], rng)
    heads = spec.persons_2025 * 0.006 / max(1, len(far))
    spread = np.repeat(far, 12, axis=0) + rng.normal(0.0, 55.0, (12 * len(far), 2))
    cell = _cells(grid, frame, np.vstack([xy, spread]), np.flatnonzero(land))
    zone = np.array([*zones, *["remote"] * len(spread)])
    persons = np.concatenate([persons, np.full(len(spread), heads / 12.0)])
    kinds = list(_GROWTH)
    table = np.zeros((grid.xy.shape[0], len(kinds)))
    for at, kind in enumerate(kinds):
        here = (zone == kind) & (cell >= 0)
        table[:, at] = np.bincount(cell[here], persons[here], len(table))
    table *= steady.exp(0.25 * rng.normal(size=(len(table), 1)))
    table[table.sum(axis=1) < _LEAST] = 0.0
    used = np.flatnonzero(table.sum(axis=1))
    figures = _by_class(spec, kinds, table[used], rng)
    border = _border_cells(ground, grid, rng)
    outside = _outside(spec, len(border))
    cells = np.concatenate([used, border])
    inside = np.arange(len(cells)) < len(used)
    return People(grid, cells, grid.xy[cells], np.concatenate([figures, outside]), inside, land)


def _by_class(spec: CountySpec, kinds: list[str], table: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Persons (cell, year, age, sex) of a table (cell, zone), each year with its exact total."""
    growth = np.array([_GROWTH[kind] for kind in kinds])
    young = np.array([_YOUNG[kind] for kind in kinds])
    figures = np.empty((len(table), len(YEARS), len(AGES), len(SEXES)))
    for at, (year, total) in enumerate(((2020, spec.persons_2020), (2025, spec.persons_2025))):
        persons = table / growth if year == YEARS[0] else table
        shares = np.array(_CLASSES[year]) * steady.exp(-young[:, None] * np.linspace(-1.0, 1.0, len(AGES)) * 3.0)
        shares /= shares.sum(axis=1, keepdims=True)
        ages = ((persons / persons.sum() * total)[:, :, None] * shares).sum(axis=1)
        ages *= steady.exp(0.08 * rng.normal(size=ages.shape))
        both = np.stack([ages * np.array(_FEMALE), ages * (1.0 - np.array(_FEMALE))], axis=2)
        figures[:, at] = _exact(both * total / both.sum(), float(total))
    return figures


def _exact(figures: FloatArray, total: float) -> FloatArray:
    """Figures rounded to 1/64, none between zero and 1/16, whose sum is the total; the fullest cells take the rest."""
    rounded = np.maximum(np.round(figures / _QUANTUM), 4.0) * _QUANTUM
    rest = round((total - float(rounded.sum())) / _QUANTUM)
    fullest = np.argsort(-rounded, axis=None, kind="stable")[:2_000]
    share, left = divmod(abs(rest), len(fullest))
    change = np.full(len(fullest), share) + (np.arange(len(fullest)) < left)
    rounded.flat[fullest] += np.sign(rest) * change * _QUANTUM
    return np.asarray(rounded)


def _border_cells(ground: Ground, grid: Grid, rng: np.random.Generator) -> IntArray:
    """Five cells just over the border."""
    strip = (
        ground.county.buffer(190.0)
        .difference(ground.county.buffer(60.0))
        .difference(ground.river.polygon.buffer(200.0))
    )
    near = np.flatnonzero(shapely.contains_xy(strip, grid.xy))
    return np.sort(rng.choice(near, 5, replace=False))


def _outside(spec: CountySpec, count: int) -> FloatArray:
    """Persons of the cells over the border (count, year, age, sex): the same in both years but for growth."""
    figures = np.empty((count, len(YEARS), len(AGES), len(SEXES)))
    for at, scale in enumerate((0.85, 1.0)):
        total = np.array(_CLASSES[YEARS[at]])[:, None] * spec.persons_outside * scale / count
        figures[:, at] = _exact(
            np.broadcast_to(total * np.array([0.52, 0.48]), (count, len(AGES), 2)), spec.persons_outside * scale
        )
    return figures


def densities(xy: FloatArray, persons: FloatArray, radius_m: float = 500.0) -> FloatArray:
    """Persons per square kilometre within a circle round each cell centre, the cell itself included."""
    tree = cKDTree(xy)
    near = tree.sparse_distance_matrix(tree, radius_m, output_type="coo_matrix")
    counted = np.bincount(near.row, persons[near.col], len(xy))
    own = np.zeros(len(xy), dtype=bool)
    own[near.row[near.row == near.col]] = True
    return np.asarray((counted + np.where(own, 0.0, persons)) / (np.pi * radius_m**2) * 1e6)
