"""GCJ-02 and BD-09: the shifted longitudes and latitudes of Chinese web maps, to WGS 84 and back.

The state never published GCJ-02. The formula below is the one that was recovered from shifted maps and stands in every
open implementation ("EvilTransform", 2010; the projects eviltransform, PRCoords and coordtransform; the article
"Restrictions on geographic data in China" of Wikipedia); BD-09 is what Baidu's maps add to it. Two of these
implementations are asked in the tests. CGCS2000 needs none of this: it differs from WGS 84 by centimetres, and its
geographic and Gauss-Krüger systems (EPSG:4490, EPSG:4513 … 4554) have codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from siting.model.arrays import BoolArray, FloatArray

    Pair = tuple[FloatArray, FloatArray]

SHIFTED = ("GCJ-02", "BD-09")
"""The systems by the names that a study writes."""

WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
"""Degrees; outside this box the maps are not shifted."""

AXIS_M, ECCENTRICITY_2 = 6_378_245.0, 0.00669342162296594323
"""Half axis and squared eccentricity of Krassovsky's ellipsoid."""

BD_LON, BD_LAT = 0.0065, 0.006
BD_WAVES = np.pi * 3000 / 180

CLOSE_DEGREES = 1e-10
"""A hundredth of a millimetre; the inverse stops there."""

ROUNDS = 30
"""The inverse gains two digits and more with each round; five or six do."""


def within(lon: FloatArray, lat: FloatArray) -> BoolArray:
    """Say which points (degrees of WGS 84) the maps shift."""
    inside: BoolArray = (lon >= WEST) & (lon <= EAST) & (lat >= SOUTH) & (lat <= NORTH)
    return inside


def shift(lon: FloatArray, lat: FloatArray, system: str) -> Pair:
    """Bring WGS 84 to GCJ-02 or BD-09.

    Parameters
    ----------
    lon, lat : float64[point]
        Degrees.
    system : str
        One of `SHIFTED`.

    Returns
    -------
    float64[point], float64[point]
        Degrees; points outside China as they were.
    """
    moved_lon, moved_lat = FORWARD[system](lon, lat)
    inside = within(lon, lat)
    return np.where(inside, moved_lon, lon), np.where(inside, moved_lat, lat)


def unshift(lon: FloatArray, lat: FloatArray, system: str) -> Pair:
    """Bring GCJ-02 or BD-09 back to WGS 84, to a hundredth of a millimetre.

    The shift hardly changes over its own length, so that ``p ← p + (target − shift(p))`` closes in on the origin.

    Parameters
    ----------
    lon, lat : float64[point]
        Degrees; values that are not finite stay as they are.
    system : str
        One of `SHIFTED`.

    Returns
    -------
    float64[point], float64[point]
        Degrees; points whose origin lies outside China as they were.
    """
    forward = FORWARD[system]
    from_lon, from_lat = np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)
    live = np.isfinite(from_lon) & np.isfinite(from_lat) & within(from_lon, from_lat)
    goal_lon, goal_lat = from_lon[live], from_lat[live]
    at_lon, at_lat = goal_lon.copy(), goal_lat.copy()
    for _ in range(ROUNDS):
        made_lon, made_lat = forward(at_lon, at_lat)
        off_lon, off_lat = goal_lon - made_lon, goal_lat - made_lat
        at_lon, at_lat = at_lon + off_lon, at_lat + off_lat
        if max(np.abs(off_lon).max(initial=0), np.abs(off_lat).max(initial=0)) < CLOSE_DEGREES:
            break
    inside = within(at_lon, at_lat)
    from_lon[live], from_lat[live] = np.where(inside, at_lon, goal_lon), np.where(inside, at_lat, goal_lat)
    return from_lon, from_lat


def _gcj(lon: FloatArray, lat: FloatArray) -> Pair:
    """Shift WGS 84 to GCJ-02, wherever the points lie."""
    x, y = lon - 105.0, lat - 35.0
    waves = (20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + waves
    north += (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)) * 2 / 3
    north += (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + waves
    east += (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)) * 2 / 3
    east += (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)) * 2 / 3
    latitude = np.radians(lat)
    bulge = 1 - ECCENTRICITY_2 * np.sin(latitude) ** 2
    along_meridian = AXIS_M * (1 - ECCENTRICITY_2) / bulge**1.5
    along_parallel = AXIS_M / np.sqrt(bulge) * np.cos(latitude)
    return lon + np.degrees(east / along_parallel), lat + np.degrees(north / along_meridian)


def _bd(lon: FloatArray, lat: FloatArray) -> Pair:
    """Shift WGS 84 to BD-09, wherever the points lie."""
    x, y = _gcj(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * BD_WAVES)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * BD_WAVES)
    return radius * np.cos(angle) + BD_LON, radius * np.sin(angle) + BD_LAT


FORWARD: dict[str, Callable[[FloatArray, FloatArray], Pair]] = {"GCJ-02": _gcj, "BD-09": _bd}
