"""Reads the road network, whatever its format, into one RoadGraph on the study's plane."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from siting.errors import DataError, Problem
from siting.model.roads import Obstacles, RoadGraph
from siting.sources.profiles import EVERY_MODE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from siting.model.arrays import FloatArray, IntArray
    from siting.sources.crs import Plane
    from siting.sources.manifest import Intake
    from siting.sources.options import RoadsFile

OSM_SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")


def read_roads(options: RoadsFile, plane: Plane, intake: Intake) -> RoadGraph:
    """Read roads in the format that the file's suffix says.

    Raises
    ------
    DataError
        When the file cannot be used; see the reader of each format.
    """
    # The readers' libraries are heavy, and a run needs one of the three.
    name = options.file.lower()
    if name.endswith(OSM_SUFFIXES):
        from siting.sources.osm import read_osm  # noqa: PLC0415

        return read_osm(options, plane, intake)
    if name.endswith(".graphml"):
        from siting.sources.graphml import read_graphml  # noqa: PLC0415

        return read_graphml(options, plane, intake)
    from siting.sources.lines import read_lines  # noqa: PLC0415

    return read_lines(options, plane, intake)


def on_shores(graph: RoadGraph, water: Sequence[shapely.Geometry]) -> RoadGraph:
    """Return the roads with the shores of water among their obstacles.

    Overlapping and touching polygons are one body: no shore runs through the middle of a river drawn in pieces.
    """
    whole = shapely.union_all(list(water))
    bodies = np.array([part for part in shapely.get_parts(whole) if part.geom_type == "Polygon"], dtype=object)
    if not len(bodies):
        return graph
    rings, body = shapely.get_rings(bodies, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    along = np.flatnonzero(ring[:-1] == ring[1:])
    known = graph.obstacles
    shores = Obstacles(
        np.vstack([known.ends_m, np.hstack([xy[along], xy[along + 1]])]),
        np.concatenate([known.stops, np.full(len(along), EVERY_MODE, dtype=np.uint8)]),
        np.concatenate([known.body, body[ring[along]]]),
    )
    return replace(graph, obstacles=shores)


def always_lonlat(options: RoadsFile) -> None:
    """Refuse a declared coordinate system on a format that is longitude and latitude by definition."""
    if options.crs is not None and options.crs.upper().replace(" ", "") != "EPSG:4326":
        what = f"crs is {options.crs}, but OpenStreetMap files are EPSG:4326 by definition"
        raise DataError([Problem(options.file, what, "leave `roads.crs` out")])


def course_lengths(xy: FloatArray, start: IntArray) -> FloatArray:
    """Return the length of each polyline.

    Parameters
    ----------
    xy : float64[vertex, 2]
    start : int64[line + 1]
        Where each line's vertices begin; two at least.
    """
    step = np.hypot(*np.diff(xy, axis=0).T)
    step[start[1:-1] - 1] = 0.0  # from the end of a line to the beginning of the next
    return np.add.reduceat(step, start[:-1]) if len(start) > 1 else np.empty(0)


def classified(values: Sequence[str]) -> tuple[NDArray[np.int16], tuple[str, ...]]:
    """Give numbers to road classes in alphabetical order: int16[edge] and their names."""
    names, index = np.unique(np.asarray(values, dtype=np.str_), return_inverse=True)
    return index.astype(np.int16), tuple(str(name) for name in names) or ("road",)
