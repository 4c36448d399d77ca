"""Lines and rings in few bytes: whole Web-Mercator pixels, differences, variable-length integers, base64.

The page decodes the same in ``assets/map/shapes.js``. Wuhan's 92,667 road edges take about a megabyte this way, and
the page draws them crisply at every zoom without projecting anything.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

CODE_ZOOM = 18
"""Coordinates are pixels of the 256-pixel world at this zoom: 0.6 m at the equator, 0.5 m in the Yangtze valley."""
_WORLD_PX = 256 * 2**CODE_ZOOM
_GEOGRAPHIC = "EPSG:4326"
_VARINT_BYTES = 5


def world_pixels(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return whole pixels of the Web-Mercator world, x eastward and y southward.

    Parameters
    ----------
    lon, lat : float64[point]
        Degrees (WGS 84).

    Returns
    -------
    int64[point, 2]
    """
    x = (lon + 180.0) / 360.0
    y = 0.5 - np.arcsinh(np.tan(np.radians(lat))) / (2.0 * np.pi)
    pixels: NDArray[np.int64] = np.rint(np.column_stack((x, y)) * _WORLD_PX).astype(np.int64)
    return pixels


def encode(parts: NDArray[Any]) -> str:
    """Write simple lines (or rings) as text.

    Parameters
    ----------
    parts : object[part]
        LineStrings or LinearRings in degrees (WGS 84).

    Returns
    -------
    str
        Base64 of: the number of parts, the points of each, then x and y of every point, each as the difference from
        the point before (the first from nought), zigzag and in bytes of seven bits.
    """
    points = shapely.get_coordinates(parts)
    pixels = world_pixels(points[:, 0], points[:, 1])
    steps = np.diff(pixels, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel()
    zigzag = (steps << 1) ^ (steps >> 63)
    head = np.concatenate(([len(parts)], shapely.get_num_coordinates(parts)))
    return base64.b64encode(_varints(np.concatenate((head, zigzag)).astype(np.uint64))).decode("ascii")


def _varints(values: NDArray[np.uint64]) -> bytes:
    """Write unsigned integers below 2³⁵ in groups of seven bits, lowest first, the high bit saying "more follows"."""
    lengths = np.ones(len(values), dtype=np.int64)
    for count in range(1, _VARINT_BYTES):
        lengths += values >= np.uint64(1 << (7 * count))
    starts = np.cumsum(lengths) - lengths
    out = np.zeros(int(lengths.sum()), dtype=np.uint8)
    for place in range(_VARINT_BYTES):
        here = lengths > place
        seven = (values[here] >> np.uint64(7 * place)) & np.uint64(127)
        more = np.where(lengths[here] > place + 1, 128, 0).astype(np.uint64)
        out[starts[here] + place] = (seven | more).astype(np.uint8)
    return out.tobytes()


def line_parts(table: gpd.GeoDataFrame, tolerance_m: float) -> NDArray[Any]:
    """Return a table's lines as few simple LineStrings in degrees, joined where they meet and simplified.

    Parameters
    ----------
    table : GeoDataFrame
        Lines on a projected plane.
    tolerance_m : float
        The drawn line strays no farther than this from the true one.
    """
    if table.empty:
        return np.array([], dtype=object)
    simple = shapely.get_parts(np.asarray(table.geometry.array))
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(simple)))
    return _degrees(shapely.simplify(merged, tolerance_m), table.crs)


def ring_parts(shape: Any, crs: Any, tolerance_m: float) -> NDArray[Any]:  # noqa: ANN401 - any geometry, any CRS
    """Return the rings of a (multi-)polygon in degrees, simplified; together they fill by the even-odd rule.

    Rings that shrink to nothing at this tolerance are left out.
    """
    if shape is None or shape.is_empty:
        return np.array([], dtype=object)
    polygons = shapely.get_parts(shapely.simplify(shape, tolerance_m))
    rings = shapely.get_rings(polygons[shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON])
    return _degrees(rings[shapely.length(rings) > 4 * tolerance_m], crs)


def encode_rings(table: gpd.GeoDataFrame, tolerance_m: float, budget_bytes: int) -> tuple[list[str], float]:
    """Encode each row's polygons, doubling the tolerance until all together fit the budget.

    Returns
    -------
    texts : list[str]
        One per row.
    tolerance_m : float
        What it came to.
    """
    while True:
        texts = [encode(ring_parts(shape, table.crs, tolerance_m)) for shape in table.geometry]
        if sum(map(len, texts)) <= budget_bytes:
            return texts, tolerance_m
        tolerance_m *= 2


def _degrees(parts: NDArray[Any], crs: Any) -> NDArray[Any]:  # noqa: ANN401 - any CRS
    import geopandas as gpd  # noqa: PLC0415 - heavy, and only needed here

    if len(parts) == 0:
        return parts
    return np.asarray(gpd.GeoSeries(parts, crs=crs).to_crs(_GEOGRAPHIC).array, dtype=object)
