"""Coordinate systems: the study's plane, and the way onto it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyproj
from pyproj.exceptions import CRSError, ProjError

from siting.errors import DataError, Problem
from siting.sources import china

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from siting.model.arrays import FloatArray
    from siting.sources.manifest import Intake

Bounds = tuple[float, float, float, float]
"""West, south, east, north (or least x, least y, greatest x, greatest y)."""

LONLAT = pyproj.CRS.from_epsg(4326)
SUPPORTED = (
    "EPSG:<code> (e.g. EPSG:4326, EPSG:4490, EPSG:4547, EPSG:32650), ESRI:<code> (e.g. ESRI:54009), GCJ-02 or BD-09"
)
LON_MAX, LAT_MAX = 180.0, 90.0
UTM_SOUTH, UTM_NORTH = -80.0, 84.0
SCALE_ERROR_MAX = 0.01
"""A plane on which a metre is wrong by more than 1 % is no plane to measure walks on."""

UNNAMED = ("unknown", "undefined", "unnamed")

_AUTHORITY = re.compile(r"^\s*(EPSG|ESRI)\s*:\s*(\d{3,6})\s*$", re.IGNORECASE)
_GCJ_OR_BD = re.compile(r"^\s*(GCJ|BD)[-_ ]?0([29])\s*$", re.IGNORECASE)
_NICKNAMES = re.compile(r"gcj|bd.?09|mars|amap|gaode|baidu|tencent|火星|高德|百度|腾讯", re.IGNORECASE)
_FRAME = (
    'GEOGCRS["{name}",DATUM["{name}",ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1]]],'
    'CS[ellipsoidal,2],AXIS["longitude",east,ORDER[1]],AXIS["latitude",north,ORDER[2]],ANGLEUNIT["degree",0.0174532925199433]]'
)
"""How a shifted system is told apart from WGS 84: by its name, which no authority has."""


@lru_cache(maxsize=32)
def _way(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    """Return the way from one system to another, x or longitude first; it takes milliseconds to find."""
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


@dataclass(frozen=True, slots=True)
class Plane:
    """The projected plane that every distance of a study is measured on.

    Attributes
    ----------
    epsg : int
    """

    epsg: int

    @property
    def name(self) -> str:
        """Its name as a study writes it, e.g. ``EPSG:32650``."""
        return f"EPSG:{self.epsg}"

    @property
    def crs(self) -> pyproj.CRS:
        """The coordinate system."""
        return pyproj.CRS.from_epsg(self.epsg)

    def project(self, x: ArrayLike, y: ArrayLike, source: pyproj.CRS) -> tuple[FloatArray, FloatArray]:
        """Bring coordinates (x or longitude first) of `source` onto the plane; inf where that is impossible."""
        if source == self.crs:
            return np.array(x, dtype=np.float64), np.array(y, dtype=np.float64)
        if is_shifted(source):
            x, y = china.unshift(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64), source.name)
            source = LONLAT
        try:
            east, north = _way(source, self.crs).transform(x, y)
        except ProjError:  # no way from one to the other, say from the moon's
            return np.full(np.shape(x), np.inf), np.full(np.shape(y), np.inf)
        return np.asarray(east, dtype=np.float64), np.asarray(north, dtype=np.float64)

    def lonlat(self, x_m: FloatArray, y_m: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Bring points of the plane back to WGS 84 longitude and latitude."""
        return lonlat(x_m, y_m, self.crs)

    def lonlat_bounds(self, bounds: Bounds) -> Bounds:
        """Bring a box of the plane back to a box of longitudes and latitudes that holds it."""
        return lonlat_bounds(bounds, self.crs)


def parse(text: str, where: str) -> pyproj.CRS:
    """Return the coordinate system that a study names.

    Raises
    ------
    DataError
        When the name is not one of ours; the message lists what is supported.
    """
    system = _shifted(text)
    if system is not None:
        return system
    match = _AUTHORITY.match(text)
    if match is None:
        mend = f"write one of {SUPPORTED}"
        if _NICKNAMES.search(text):
            mend = "write `crs: GCJ-02` (Amap, Tencent) or `crs: BD-09` (Baidu), for degrees of these maps"
        raise DataError([Problem(where, f"unknown coordinate system {text!r}", mend)])
    name = f"{match[1].upper()}:{match[2]}"
    try:
        crs = pyproj.CRS.from_user_input(name)
    except CRSError as error:
        raise DataError([Problem(where, f"there is no coordinate system {name}", "check the code")]) from error
    if not _flat(crs):
        what = f"{name} ({crs.name}) has no longitude and latitude, nor x and y"
        raise DataError([Problem(where, what, f"write one of {SUPPORTED}")])
    return crs


def _shifted(text: str) -> pyproj.CRS | None:
    match = _GCJ_OR_BD.match(text)
    name = "" if match is None else f"{match[1].upper()}-0{match[2]}"
    return pyproj.CRS.from_wkt(_FRAME.format(name=name)) if name in china.SHIFTED else None


def is_shifted(crs: pyproj.CRS) -> bool:
    """Say whether the system is GCJ-02 or BD-09."""
    return crs.name in china.SHIFTED


def _flat(crs: pyproj.CRS) -> bool:
    """Say whether the system places points on the globe or a projected plane: not in space, height or a local frame."""
    return bool(crs.is_geographic or crs.is_projected)


def name_of(crs: pyproj.CRS) -> str:
    """Return ``EPSG:<code>`` or ``ESRI:<code>`` where there is one, else the system's own name."""
    if is_shifted(crs):
        return crs.name
    authority = crs.to_authority()
    return ":".join(authority) if authority else crs.name


def plane(declared: str | None, bounds: Bounds | None) -> Plane:
    """Choose the study's plane: the declared one, else the UTM zone of the districts' centre.

    Parameters
    ----------
    declared : str or None
        As the study's `crs` says.
    bounds : Bounds or None
        Longitudes and latitudes of the districts; None when they could not be read.

    Raises
    ------
    DataError
        When the declared system is geographic, not in metres, without an EPSG code, or distorts lengths at the
        districts by more than `SCALE_ERROR_MAX`.
    """
    centre = None if bounds is None else ((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    if declared is None:
        return _utm(centre)
    crs = parse(declared, "crs")
    what = _not_metric(crs, declared) or _distorted(crs, declared, centre)
    if what is not None:
        mend = "leave `crs` out" if centre is None else f"write `crs: {_utm(centre).name}` or leave `crs` out"
        raise DataError([Problem("crs", what, mend)])
    return Plane(int(crs.to_epsg() or 0))


def _utm(centre: tuple[float, float] | None) -> Plane:
    if centre is None:
        raise DataError([Problem("crs", "the districts that would choose the plane cannot be read", "mend them first")])
    lon, lat = centre
    if not UTM_SOUTH <= lat <= UTM_NORTH:
        what = f"no UTM zone covers longitude {lon:.2f}, latitude {lat:.2f}"
        raise DataError([Problem("crs", what, "write `crs:` with a projected system in metres")])
    zone = min(int((lon + LON_MAX) // 6), 59) + 1
    return Plane((32600 if lat >= 0 else 32700) + zone)


def _not_metric(crs: pyproj.CRS, declared: str) -> str | None:
    if not crs.is_projected:
        return f"{declared} is geographic: its units are degrees, and distances need metres"
    if any(axis.unit_conversion_factor != 1 for axis in crs.axis_info):
        return f"{declared} is not in metres but in {crs.axis_info[0].unit_name}"
    return None if crs.to_epsg() else f"{declared} has no EPSG code"


def _distorted(crs: pyproj.CRS, declared: str, centre: tuple[float, float] | None) -> str | None:
    if centre is None:
        return None
    lon, lat = centre
    try:
        scales = pyproj.Proj(crs).get_factors(lon, lat, errcheck=True)
    except ProjError:
        return f"{declared} does not reach longitude {lon:.2f}, latitude {lat:.2f}, where the districts lie"
    worst = max(abs(scales.meridional_scale - 1), abs(scales.parallel_scale - 1))
    if worst <= SCALE_ERROR_MAX:
        return None
    return f"{declared} distorts lengths by {worst:.0%} where the districts lie ({lon:.2f}, {lat:.2f})"


def settle(own: pyproj.CRS | None, declared: str | None, file: str, key: str, intake: Intake) -> pyproj.CRS:
    """Choose between the system that the study declares and the one that the file carries.

    Parameters
    ----------
    own : pyproj.CRS or None
        Carried by the file.
    declared : str or None
        Under ``<key>.crs`` of the study; it wins, with a warning where the two differ.
    file, key : str
    intake : Intake

    Raises
    ------
    DataError
        When neither names a system. One whose name is "unknown" counts as none, whatever its parameters.
    """
    named = own is not None and _flat(own) and not own.name.lower().startswith(UNNAMED) and bool(own.name)
    if declared is None:
        if own is not None and named:
            return own
        likely = None if own is None else own.to_epsg()
        code = f"EPSG:{likely}" if likely else "EPSG:<code>"
        found = "carries no coordinate system" if own is None else f"carries a coordinate system named {own.name!r}"
        why = f" (its parameters are those of {code})" if likely else ""
        raise DataError([Problem(file, found + why, f"write `{key}: {{crs: {code}}}`")])
    crs = parse(declared, f"{key}.crs")
    if own is not None and named and not crs.equals(own, ignore_axis_order=True):
        intake.warn(
            file,
            f"文件自带坐标系为 {name_of(own)}，按方案声明的 {declared} 使用。",
            f"the file says {name_of(own)}; it is used as {declared}, as the study declares.",
            (f"文件正确时删去 `{key}.crs`", f"leave `{key}.crs` out if the file is right"),
        )
    return crs


def lonlat(x: ArrayLike, y: ArrayLike, crs: pyproj.CRS) -> tuple[FloatArray, FloatArray]:
    """Bring points of `crs` to WGS 84 longitude and latitude; inf where that is impossible."""
    lon, lat = _way(crs, LONLAT).transform(x, y)
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def lonlat_bounds(bounds: Bounds, crs: pyproj.CRS) -> Bounds:
    """Bring a box of `crs` to a box of WGS 84 longitudes and latitudes that holds it; inf where that is impossible."""
    if is_shifted(crs):
        x, y = china.unshift(np.array(bounds[::2]), np.array(bounds[1::2]), crs.name)
        return float(x[0]), float(y[0]), float(x[1]), float(y[1])
    try:
        west, south, east, north = _way(crs, LONLAT).transform_bounds(*bounds)
    except ProjError:
        return np.inf, np.inf, np.inf, np.inf
    return float(west), float(south), float(east), float(north)


def check_fit(bounds: Bounds, crs: pyproj.CRS, file: str, key: str) -> None:
    """Refuse coordinates that contradict their system: metres taken for degrees, the reverse, or swapped axes.

    Parameters
    ----------
    bounds : Bounds
        Box of the coordinates, in units of `crs`.
    crs : pyproj.CRS
    file, key : str
        Named in the message: the file, and the key of the study that declares its system.

    Raises
    ------
    DataError
    """
    west, south, east, north = bounds
    in_degrees = max(abs(west), abs(east)) <= LON_MAX and max(abs(south), abs(north)) <= LAT_MAX
    if in_degrees == crs.is_geographic:
        return
    box, name = f"x {west:.6g} … {east:.6g}, y {south:.6g} … {north:.6g}", name_of(crs)
    if in_degrees:
        what = f"coordinates ({box}) cannot be metres of {name}: they look like degrees"
        mend = f"write `{key}: {{crs: EPSG:4326}}`, or what they are in"
    elif max(abs(west), abs(east)) <= LAT_MAX and max(abs(south), abs(north)) <= LON_MAX:
        what = f"coordinates ({box}) cannot be longitude and latitude of {name}: they look swapped"
        mend = "write the file again with x = longitude and y = latitude"
    else:
        what = f"coordinates ({box}) cannot be degrees of {name}: they look like metres"
        mend = f"write `{key}: {{crs: EPSG:<code>}}` with the projected system they are in"
    raise DataError([Problem(file, what, mend)])
