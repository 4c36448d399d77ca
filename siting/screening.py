"""Laying candidates on ground: which of them may not stand where they are, and how well the ground suits them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely

from siting.model.ground import Areas, Ground, Surface, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shapely import Geometry

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.ground import Group
    from siting.model.sites import Sites

NO_PARCELS: Mapping[str, Geometry] = {}


def screened(
    sites: Sites, ground: Sequence[Ground], plane: str, group: Group, parcels: Mapping[str, Geometry] = NO_PARCELS
) -> tuple[BoolArray, FloatArray, tuple[Tally, ...]]:
    """Lay sites on every layer of ground.

    A site is judged by its point; one with a parcel, on polygons, by the share of the parcel that lies in them. Where a
    layer says nothing (nodata, beyond its edge, a polygon without a number) nothing is forbidden, and the site counts
    as silent. A point on a polygon's edge lies in it.

    Parameters
    ----------
    sites : Sites
    ground : Sequence[Ground]
    plane : str
        The study's plane, e.g. ``EPSG:32650``.
    group : Group
        Which sites they are; committed and existing ones are looked at on every layer.
    parcels : Mapping[str, Polygon]
        Outlines on the plane, by site id.

    Returns
    -------
    bool[site]
        Which may stand where they are.
    float64[site]
        How well the ground suits them: the product over the layers that rank of ``value ÷ best``, from 0 to 1; 1 where
        a layer says nothing.
    tuple[Tally, ...]
        One for each layer that is asked.
    """
    free, suits = np.ones(len(sites), dtype=np.bool_), np.ones(len(sites))
    tallies: list[Tally] = []
    for number, layer in enumerate(ground):
        if not len(sites) or (group in {"listed", "generated"} and group not in layer.of):
            continue
        value, known = _value(layer, sites, plane)
        on = _forbidden(layer, sites, value, known, parcels)
        if layer.best is not None:
            share = np.clip(np.asarray(value, dtype=np.float64) / layer.best, 0, 1)
            suits *= np.where(known, share, 1.0)
        named = () if group == "generated" else tuple(sites.id[index] for index in np.flatnonzero(on))
        silent = 0 if layer.excludes == "inside" else int((~known).sum())
        tallies.append(Tally(number, group, len(sites), int(on.sum()), silent, named))
        free &= ~on
    return free, suits, tuple(tallies)


def _value(layer: Ground, sites: Sites, plane: str) -> tuple[FloatArray, BoolArray]:
    """Return the layer's number where every site lies, in the file's own type, and whether it has one there."""
    if isinstance(layer.shape, Surface):
        return _cell(layer.shape, sites, plane)
    value = np.full(len(sites), np.nan)
    for site, area in _inside(layer.shape, sites, 0.0):  # where polygons overlap the last one listed counts
        value[site] = layer.shape.value[area]
    return value, np.isfinite(value)


def _cell(surface: Surface, sites: Sites, plane: str) -> tuple[FloatArray, BoolArray]:
    x, y = pyproj.Transformer.from_crs(plane, surface.crs, always_xy=True).transform(sites.x_m, sites.y_m)
    a, b, c, d, e, f = surface.to_cell
    column, row = np.floor(a * x + b * y + c), np.floor(d * x + e * y + f)
    height, width = surface.values.shape
    within = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    place = np.where(within, row, 0).astype(np.int64), np.where(within, column, 0).astype(np.int64)
    return surface.values[place], within & surface.known[place]


def _inside(areas: Areas, sites: Sites, within_m: float) -> Iterator[tuple[int, int]]:
    """List the pairs of site and polygon that hold each other, by polygon; edges and `within_m` are inclusive."""
    points: Any = shapely.points(sites.x_m, sites.y_m)
    tree = shapely.STRtree(points)
    found = tree.query(np.array(areas.geometry, dtype=object), predicate="dwithin", distance=within_m)
    yield from zip(found[1].tolist(), found[0].tolist(), strict=True)


def _forbidden(
    layer: Ground, sites: Sites, value: FloatArray, known: BoolArray, parcels: Mapping[str, Geometry]
) -> BoolArray:
    if layer.excludes is None:
        return np.zeros(len(sites), dtype=np.bool_)
    if isinstance(layer.shape, Surface):  # a raster has no inside
        return np.asarray(known & layer.excludes.forbid(value)) if layer.excludes != "inside" else ~known
    bad = layer.shape
    if layer.excludes != "inside":
        kept = np.flatnonzero(layer.excludes.forbid(bad.value))
        bad = Areas(tuple(bad.geometry[index] for index in kept), bad.value[kept])
    on = np.zeros(len(sites), dtype=np.bool_)
    on[[site for site, _ in _inside(bad, sites, layer.within_m)]] = True
    for site in [index for index, name in enumerate(sites.id) if name in parcels]:
        on[site] = _share(parcels[sites.id[site]], bad, layer.within_m) > layer.parcel_share
    return on


def _share(parcel: Geometry, areas: Areas, within_m: float) -> float:
    """Return the share of a parcel that lies within polygons and as far around them."""
    around = np.array(areas.geometry, dtype=object)
    near: IntArray = np.flatnonzero(shapely.dwithin(around, parcel, within_m)) if len(around) else np.zeros(0, int)
    if not len(near):
        return 0.0
    covered = shapely.union_all(shapely.buffer(around[near], within_m) if within_m else around[near])
    return float(shapely.area(shapely.intersection(parcel, covered)) / shapely.area(parcel))
