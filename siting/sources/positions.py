"""Where the rows of a table lie: longitudes and latitudes checked, swapped ones recognised, brought to the plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siting.errors import Problem
from siting.sources import crs as systems
from siting.sources import guesses
from siting.sources.crs import LAT_MAX, LON_MAX
from siting.sources.desk import number_in

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray
    from siting.sources.crs import Bounds, Plane
    from siting.sources.desk import Desk
    from siting.sources.fields import PlacesTable
    from siting.sources.manifest import Intake

FAR_M = 20_000.0
"""A point farther than this from the districts' bounding box is pointed out."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What points are checked against.

    Attributes
    ----------
    plane : Plane
    lonlat : Bounds or None
        Box of the districts in WGS 84 degrees; None when they could not be read.
    box_m : Bounds or None
        The same on the plane.
    """

    plane: Plane
    lonlat: Bounds | None = None
    box_m: Bounds | None = None


def positions(desk: Desk, options: PlacesTable, around: Surroundings, intake: Intake) -> tuple[FloatArray, FloatArray]:
    """Return the rows' places on the plane; what is wrong with them is noted at the desk."""
    table = desk.table
    if table.xy is None:
        names = _columns(desk, options)
        x, y = (_coordinates(desk, name) for name in names)
        if table.crs.is_geographic:
            _check_degrees(desk, names, (x, y), around)
        elif np.isfinite(x).any() and _in_degrees(x, y).all():
            mend = f"write `{desk.key}: {{crs: EPSG:4326}}`"
            what = f"{names[0]!r} and {names[1]!r} look like degrees, but crs is {options.crs}"
            desk.problems.append(Problem(table.head, what, mend))
    else:
        x, y = table.xy.T
    if desk.problems:
        return x, y  # not brought to the plane: the run stops anyway
    x_m, y_m = around.plane.project(x, y, table.crs)
    for index in np.flatnonzero(~(np.isfinite(x_m) & np.isfinite(y_m))).tolist():
        what = f"({x[index]:g}, {y[index]:g}) cannot be brought to {around.plane.name}"
        desk.problems.append(Problem(table.where[index], what, "check the coordinates and `crs`"))
    _point_out_far(desk, (x_m, y_m), around, intake, checked=options.crs_checked)
    return x_m, y_m


def _columns(desk: Desk, options: PlacesTable) -> tuple[str, str]:
    """Return the names of the two columns: those the study names, else those that bear a usual header."""
    names = []
    for key, named in (("lon", options.lon), ("lat", options.lat)):
        found = desk.find(key) if key not in options.model_fields_set else None
        names.append(found or desk.named(key, named) or named)
    return names[0], names[1]


def _coordinates(desk: Desk, name: str) -> FloatArray:
    """Read one column; NaN where there is none or it holds no number."""
    values = np.full(len(desk.table), np.nan)
    for index, text in enumerate(desk.table.column(name) if name in desk.table.columns else ()):
        number = number_in(text)
        values[index] = np.nan if number is None else number
        if not text or number is None:
            found = f"{name} {text!r} is not a number" if text else f"{name} is empty"
            desk.problems.append(Problem(desk.table.where[index], found, "write decimal degrees, e.g. 120.6812"))
    return values


def _in_degrees(x: FloatArray, y: FloatArray) -> BoolArray:
    """Say which places could be longitude and latitude; unread ones count as if they were."""
    return ~((np.abs(x) > LON_MAX) | (np.abs(y) > LAT_MAX))


def _check_degrees(
    desk: Desk, names: tuple[str, str], lonlat: tuple[FloatArray, FloatArray], around: Surroundings
) -> None:
    lon, lat = lonlat
    swapped = _swapped(lon, lat, around.lonlat)
    read = np.isfinite(lon) & np.isfinite(lat)
    off = ~_in_degrees(lon, lat) & ~swapped
    table = desk.table
    if swapped.any() and (swapped | ~read).all():
        what = f"lon and lat are swapped: exchanged, all {int(swapped.sum())} points lie in the districts"
        mend = f"write `{desk.key}: {{lon: {names[1]}, lat: {names[0]}}}`"
        desk.problems.append(Problem(table.head, what, mend))
        return
    if off.any() and (off | ~read).all():
        what, mend = _not_degrees(desk.key, names, (lon[off], lat[off]), around)
        desk.problems.append(Problem(table.head, what, mend))
        return
    for index in np.flatnonzero(swapped).tolist():
        what = f"lon {lon[index]:g} and lat {lat[index]:g} are swapped: exchanged, the point lies in the districts"
        mend = f"write {names[0]} {lat[index]:g} and {names[1]} {lon[index]:g}"
        desk.problems.append(Problem(table.where[index], what, mend))
    for index in np.flatnonzero(off).tolist():
        wrong = f"lon {lon[index]:g}" if abs(lon[index]) > LON_MAX else f"lat {lat[index]:g}"
        mend = "write degrees: lon within ±180, lat within ±90"
        desk.problems.append(Problem(table.where[index], f"{wrong} is out of range", mend))


def _not_degrees(
    key: str, names: tuple[str, str], xy: tuple[FloatArray, FloatArray], around: Surroundings
) -> tuple[str, str]:
    """Say what numbers may be that are too large for degrees, and how to write it."""
    what = f"{names[0]!r} and {names[1]!r} are not degrees ({xy[0][0]:g}, {xy[1][0]:g})"
    by = None if around.lonlat is None else guesses.factor(*xy, around.lonlat)
    if by is not None:
        what += f": divided by {guesses.FACTORS[by]}, the {len(xy[0])} points lie in the districts"
        return what, f"divide {names[0]} and {names[1]} by {by:.0f}"
    likely = () if around.lonlat is None else guesses.projected(*xy, around.lonlat)
    if likely:
        what += f": metres of {' or '.join(likely)}, in which the {len(xy[0])} points lie in the districts?"
        return what, f"write `{key}: {{crs: {likely[0]}}}`, or what they are in"
    return f"{what}: metres?", f"write `{key}: {{crs: EPSG:<code>}}` with the projected system they are in"


def _swapped(lon: FloatArray, lat: FloatArray, box: Bounds | None) -> BoolArray:
    """Say which points lie outside the districts' box, but inside when longitude and latitude change places."""
    if box is None:
        return np.zeros(len(lon), dtype=np.bool_)

    return ~guesses.inside(lon, lat, box) & guesses.inside(lat, lon, box)


def _point_out_far(
    desk: Desk, xy_m: tuple[FloatArray, FloatArray], around: Surroundings, intake: Intake, *, checked: bool
) -> None:
    """Warn of points far from the districts; a table that lies there altogether is wrong."""
    if around.box_m is None:
        return
    x_m, y_m = xy_m
    west, south, east, north = around.box_m
    away_m = np.hypot(
        np.maximum(np.maximum(west - x_m, x_m - east), 0), np.maximum(np.maximum(south - y_m, y_m - north), 0)
    )
    far = np.flatnonzero(np.isfinite(away_m) & (away_m > FAR_M))
    if not len(far):
        return
    first, table = desk.table.where[far[0]], desk.table
    if len(far) >= guesses.MOSTLY * len(table) and not checked:
        what = (
            f"{len(far)} of {len(table)} points lie more than {FAR_M / 1000:.0f} km from the districts "
            f"(the nearest {away_m.min() / 1000:,.0f} km)"
        )
        mend = (
            f"check the columns and `{desk.key}.crs` ({systems.name_of(table.crs)}); if they are right, "
            f"`{desk.key}: {{crs_checked: true}}`"
        )
        desk.problems.append(Problem(table.head, what, mend))
        return
    zh = (
        f"{len(far)} 处地点距行政区范围超过 {FAR_M / 1000:.0f} 公里（首处 {first}，{away_m[far[0]] / 1000:.0f} 公里）。"
    )
    en = f"{len(far)} places lie more than {FAR_M / 1000:.0f} km from the districts"
    en += f" (the first is {first}, {away_m[far[0]] / 1000:.0f} km away)."
    intake.warn(table.file, zh, en, ("核对这些点的坐标，或删去", "check their coordinates, or leave them out"))
