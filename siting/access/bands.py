"""Outlines for the eye: bands drawn around reached streets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from siting.access.course import strokes
from siting.access.curve import hilbert
from siting.access.outline import outlined
from siting.access.threads import in_chunks

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely import Geometry

    from siting.access.isochrone import Reached
    from siting.model.arrays import FloatArray, IntArray
    from siting.model.roads import RoadGraph

QUAD_SEGMENTS = 8
"""Chords to a quarter circle, as many as the compiled outline has."""

LINES_AT_ONCE = 128
"""Lines drawn as one: a band's time grows faster than its lines, and uniting neighbouring bands costs little."""

CROSSING_M = 8.0
"""Width of the strip kept where a reached street crosses water or a wall."""

WALL_M = 0.25
"""Half the thickness given to a wall that is drawn as a line."""

WHOLE_UP_TO = 1000
"""Rows of no more lines are drawn in one go: there, uniting costs more than it saves."""


Courses = tuple["FloatArray", "IntArray"]
"""Polylines end to end: their vertices, and where each begins; see `siting.access.course.cut`."""


def gathered(courses: Courses, row: IntArray, rows: int) -> NDArray[Any]:
    """Gather lines into one MultiLineString per row, empty where a row has none; `row` must ascend."""
    out = np.full(rows, shapely.MultiLineString(), dtype=object)
    present, first = np.unique(row, return_index=True)
    if len(present):
        offsets = courses[1], np.append(first, len(row))
        out[present] = shapely.from_ragged_array(shapely.GeometryType.MULTILINESTRING, courses[0], offsets)
    return out


def bands(graph: RoadGraph, pieces: Reached, courses: Courses, rows: int, width_m: float) -> NDArray[Any]:
    """Draw everything within `width_m` of each row's lines, on all threads.

    Parameters
    ----------
    graph : RoadGraph
    pieces : Reached
    courses : (float64[vertex, 2], int64[piece + 1])
    rows : int
    width_m : float

    Returns
    -------
    Polygon | MultiPolygon[row]
        Empty where a row has no line.
    """
    out = np.full(rows, shapely.Polygon(), dtype=object)
    present, first = np.unique(pieces.row, return_index=True)
    out[present] = outlined(courses, np.append(first, len(pieces)), width_m)
    left = np.flatnonzero([shape is None for shape in out])
    if len(left):
        some = np.flatnonzero(np.isin(pieces.row, left))
        lines = np.asarray(shapely.from_ragged_array(shapely.GeometryType.LINESTRING, courses[0], (courses[1],)))
        drawn = _in_strokes(lines[some], pieces.row[some], strokes(graph)[pieces.edge[some]])
        out[left] = _buffered(*drawn, rows, width_m)[left]
    return out


def _buffered(drawn: NDArray[Any], row: IntArray, rows: int, width_m: float) -> NDArray[Any]:
    """Draw bands by GEOS, which takes lines that lie upon each other too, at several times the time."""
    out = np.full(rows, shapely.Polygon(), dtype=object)
    if not len(drawn):
        return out
    order, parcel, owner = _parcels(drawn, row)
    strips = np.asarray(shapely.multilinestrings(drawn[order], indices=parcel))

    def draw(which: IntArray) -> NDArray[Any]:
        return np.asarray(shapely.buffer(strips[which], width_m, quad_segs=QUAD_SEGMENTS))

    drawn_bands = np.concatenate([part for _, part in in_chunks(draw, np.arange(len(strips)))])
    single = np.bincount(owner, minlength=rows)[owner] == 1
    out[owner[single]] = drawn_bands[single]
    for several in np.unique(owner[~single]):
        out[several] = shapely.union_all(drawn_bands[owner == several])
    return out


def _in_strokes(lines: NDArray[Any], row: IntArray, stroke: IntArray) -> tuple[NDArray[Any], IntArray]:
    """Join the lines of one row that a pen would draw without lifting; returns lines and their rows, ascending."""
    order = np.lexsort((stroke, row))
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (np.diff(row[order]) != 0) | (np.diff(stroke[order]) != 0)
    pieces = np.asarray(shapely.multilinestrings(lines[order], indices=np.cumsum(new) - 1))
    chunks = in_chunks(lambda which: np.asarray(shapely.line_merge(pieces[which])), np.arange(len(pieces)))
    drawn, part = shapely.get_parts(np.concatenate([merged for _, merged in chunks]), return_index=True)
    return drawn, row[order][new][part]


def _parcels(drawn: NDArray[Any], row: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Split rows of many lines into parcels of neighbours; returns an order, its parcels, and each parcel's row."""
    size = np.bincount(row)[row]
    centre = shapely.get_coordinates(shapely.get_point(drawn, 0))
    order = np.lexsort((np.where(size > WHOLE_UP_TO, hilbert(centre[:, 0], centre[:, 1]), 0), row))
    place = np.arange(len(row)) - np.searchsorted(row, row)
    begins = (place == 0) | ((size > WHOLE_UP_TO) & (place % LINES_AT_ONCE == 0))
    return order, np.cumsum(begins) - 1, row[begins]


def clipped(polygons: NDArray[Any], lines: NDArray[Any], barriers: Geometry) -> NDArray[Any]:
    """Cut bands at water and walls, and drop what that leaves without a reached street.

    A bank's street would otherwise paint the water, and a street along a wall the yard behind it. Streets that cross a
    barrier (bridges, gates) keep a strip of `CROSSING_M`. Larger reach still only adds.
    """
    shapely.prepare(barriers)
    out = polygons.copy()
    for row in np.flatnonzero(shapely.intersects(polygons, barriers)):
        near = shapely.clip_by_rect(barriers, *shapely.bounds(polygons[row]).tolist())
        # A wall is a line and takes no area away: half a metre of it makes two parts of what lies on its two sides.
        wet = shapely.buffer(near, WALL_M)
        crossing = shapely.buffer(shapely.intersection(lines[row], shapely.buffer(near, 2 * WALL_M)), CROSSING_M / 2)
        parts = shapely.get_parts(shapely.difference(polygons[row], shapely.difference(wet, crossing)))
        streets = shapely.STRtree(shapely.get_parts(lines[row]))
        kept = np.unique(streets.query(parts, predicate="intersects")[0])
        out[row] = shapely.multipolygons(parts[kept]) if len(kept) != 1 else parts[kept[0]]
    return out


def nested(polygons: NDArray[Any], cutoffs: int) -> NDArray[Any]:
    """Make each polygon contain that of the next shorter cutoff, to the last chord."""
    out = polygons.copy()
    for number in range(1, cutoffs):
        united = shapely.union(out[number - 1 :: cutoffs], out[number::cutoffs])
        out[number::cutoffs] = [areal(shape) for shape in united]
    return out


def areal(shape: Geometry, least_m2: float = 0.0) -> Geometry:
    """Return the polygons of a shape that have some area; unions and differences may leave lines of no length too."""
    pieces = shapely.get_parts(shapely.get_parts(shape))  # a collection may hold multipolygons
    parts = [part for part in pieces if part.geom_type == "Polygon" and part.area > least_m2]
    whole: Geometry = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return whole


def filled(polygon: Any, least_m2: float) -> Any:  # noqa: ANN401 - a Polygon or a MultiPolygon, and the same back
    """Paint over a polygon's holes of less than `least_m2`."""
    kept = [
        shapely.Polygon(part.exterior, [ring for ring in part.interiors if shapely.Polygon(ring).area >= least_m2])
        for part in shapely.get_parts(polygon)
    ]
    return kept[0] if len(kept) == 1 else shapely.union_all(kept)
