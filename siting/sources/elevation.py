"""Heights from an elevation raster, for the slopes of streets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import rasterio
from rasterio.errors import RasterioError
from scipy.ndimage import map_coordinates

from siting.errors import DataError, Problem
from siting.sources import crs as systems

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray
    from siting.model.roads import RoadGraph
    from siting.sources.crs import Plane
    from siting.sources.manifest import Intake
    from siting.sources.options import ElevationFile

STEEPEST = 0.6
"""Steeper streets than this are errors of the heights; they count as this steep."""


def with_slopes(graph: RoadGraph, options: ElevationFile, plane: Plane, intake: Intake) -> RoadGraph:
    """Return the roads with the slope of each edge: the rise between its ends over its length.

    Heights are interpolated bilinearly between cell centres. What lies between an edge's ends is not looked at (a
    bridge is level, and so is its approach where the raster shows the valley below). Where an end lies outside the
    raster or on nodata the edge counts as level; more than a few such edges give a warning.

    Raises
    ------
    DataError
        When the file is missing, broken, has several bands, or no coordinate system.
    """
    height = _heights(graph, options, plane, intake)
    rise = height[graph.v] - height[graph.u]
    slope = np.divide(rise, graph.length_m, out=np.zeros(graph.edge_count), where=graph.length_m > 0)
    unknown = int(np.isnan(rise).sum())
    if unknown:
        intake.warn(
            options.file,
            f"{unknown} 条道路没有高程,按平路计。",
            f"{unknown} road edges have no height at one of their ends and count as level.",
            ("换用覆盖全部道路的高程", "use heights that cover all roads"),
        )
    return replace(graph, slope=np.clip(np.nan_to_num(slope), -STEEPEST, STEEPEST))


def _heights(graph: RoadGraph, options: ElevationFile, plane: Plane, intake: Intake) -> FloatArray:
    """Return the height of every node, metres; NaN where the raster has none."""
    path = intake.find(options.file, "elevation.file")
    try:
        with intake.listening(options.file), rasterio.open(path) as raster:
            if raster.count != 1:
                what = f"has {raster.count} bands"
                raise DataError([Problem(options.file, what, "write heights in metres as one band")])
            own = None if raster.crs is None else pyproj.CRS.from_wkt(raster.crs.to_wkt())
            crs = systems.settle(own, options.crs, options.file, "elevation", intake)
            band = raster.read(1, masked=True)
            to_cell = ~raster.transform
    except RasterioError as error:
        what = f"cannot be read as a raster ({str(error).rsplit(':', 1)[-1].strip()})"
        raise DataError([Problem(options.file, what, "download or export the file again")]) from error
    intake.record("elevation", options.file, systems.name_of(crs), options.licence)
    to_file = pyproj.Transformer.from_crs(plane.name, crs, always_xy=True)
    x, y = to_file.transform(graph.x_m, graph.y_m)
    column, row = to_cell.a * x + to_cell.b * y + to_cell.c, to_cell.d * x + to_cell.e * y + to_cell.f
    heights = np.where(np.ma.getmaskarray(band), np.nan, band.data.astype(np.float64))
    sampled = map_coordinates(heights, [row - 0.5, column - 0.5], order=1, cval=np.nan)
    return np.asarray(sampled, dtype=np.float64)
