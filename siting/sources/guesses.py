"""What coordinates may be when they cannot be the degrees that they are declared to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.sources import crs as systems

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray
    from siting.sources.crs import Bounds

FACTORS = {1e7: "10⁷", 1e6: "10⁶", 1e5: "10⁵", 1e4: "10⁴", 3600.0: "3600 (seconds of arc)", 60.0: "60 (minutes of arc)"}
"""Degrees are exported multiplied by these."""

MOSTLY = 0.9
CHINA_LON = (73.5, 136.5)
"""Longitudes that the zones of CGCS2000 reach."""


def inside(lon: FloatArray, lat: FloatArray, box: Bounds) -> BoolArray:
    """Say which points lie in a box."""
    found: BoolArray = (lon >= box[0]) & (lon <= box[2]) & (lat >= box[1]) & (lat <= box[3])
    return found


def factor(x: FloatArray, y: FloatArray, box: Bounds) -> float | None:
    """Return by what degrees were multiplied, if most points then lie in the districts' box; else None."""
    return next((by for by in FACTORS if inside(x / by, y / by, box).mean() >= MOSTLY), None)


def projected(x: FloatArray, y: FloatArray, box: Bounds) -> tuple[str, ...]:
    """Return the usual projected systems in which most points lie in the districts' box.

    Web Mercator, the UTM zones and, in China, the Gauss-Krüger zones of CGCS2000 (of 3° and 6°, with and without the
    zone's number before the easting: EPSG:4491 … 4554).
    """
    lon, lat = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    zone = int((lon + 180) // 6) + 1
    codes = [3857, *((32600 if lat >= 0 else 32700) + near for near in (zone, zone - 1, zone + 1) if 1 <= near <= 60)]  # noqa: PLR2004 - UTM has sixty zones
    if CHINA_LON[0] <= lon <= CHINA_LON[1]:
        three, six = round(lon / 3) - 25, int(lon // 6) + 1 - 13
        codes += [4534 + three, 4513 + three, 4502 + six, 4491 + six]
    found = []
    for code in codes:
        crs = systems.parse(f"EPSG:{code}", "crs")
        at = systems.lonlat(x, y, crs)
        if inside(*at, box).mean() >= MOSTLY:
            found.append(f"EPSG:{code}")
    return tuple(found)
