"""Layers of ground, polygons or rasters, brought to where candidates can be laid on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyproj
import rasterio
import shapely
from rasterio.errors import RasterioError
from rasterio.windows import Window

from siting.errors import DataError, Problem
from siting.model.ground import Areas, Ground, Limits, Surface
from siting.sources import crs as systems
from siting.sources.desk import number_in
from siting.sources.districts import POLYGONS
from siting.sources.layers import LayerSource, column_problem, read_layer
from siting.sources.positions import FAR_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.model.arrays import FloatArray
    from siting.sources.crs import Bounds
    from siting.sources.ground_options import GroundFile
    from siting.sources.layers import Layer
    from siting.sources.manifest import Intake
    from siting.sources.positions import Surroundings

RASTERS = (".tif", ".tiff", ".vrt", ".img")


def read_ground(layers: Sequence[GroundFile], around: Surroundings, intake: Intake) -> tuple[Ground, ...]:
    """Read every layer of ground.

    Raises
    ------
    DataError
        With the problems of all layers.
    """
    read: list[Ground] = []
    problems: list[Problem] = []
    for options in layers:
        try:
            read.append(_ground(options, around, intake))
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    return tuple(read)


def _ground(options: GroundFile, around: Surroundings, intake: Intake) -> Ground:
    raster = options.file.lower().endswith(RASTERS)
    shape = _surface(options, around, intake) if raster else _areas(options, around, intake)
    said = options.limits
    return Ground(
        title=options.title.text(),
        file=options.file,
        licence=options.licence,
        shape=shape,
        excludes=said if said is None or isinstance(said, str) else Limits(said.above, said.below, said.values),
        within_m=options.within_m,
        parcel_share=options.parcel_share,
        best=options.best,
        of=options.of,
    )


def _areas(options: GroundFile, around: Surroundings, intake: Intake) -> Areas:
    """Read polygons with their numbers; records that are no polygons are left out with a warning."""
    layer = read_layer(LayerSource("ground", options.file, options.layer, options.crs, options.licence), intake)
    if options.limits != "inside" and options.column is None:
        own = layer.frame.columns.drop(layer.frame.geometry.name)
        what = "polygons hold no number that `excludes` or `best` could speak of"
        mend = f"write `ground: {{column: …}}` with one of {', '.join(map(str, own)) or '(it has no column)'}"
        raise DataError([Problem(options.file, what, mend)])
    value = _numbers(layer, options)
    areas = np.isin(layer.frame.geometry.geom_type.to_numpy(), POLYGONS)
    if not areas.all():
        count = int((~areas).sum())
        intake.warn(
            options.file,
            f"{count} 条非面状记录被略去。",
            f"{count} records that are no polygons were left out.",
            ("需要时改画为面", "draw them as areas if they matter"),
        )
    shapes = shapely.make_valid(layer.onto(around.plane)[areas])
    _meet(options, tuple(shapely.total_bounds(shapes).tolist()), around, intake)
    return Areas(tuple(shapes), value[areas])


def _numbers(layer: Layer, options: GroundFile) -> FloatArray:
    """Return the polygons' numbers, NaN where none is stated."""
    if options.column is None:
        return np.full(len(layer.frame), np.nan)
    if options.column not in layer.frame.columns:
        own = layer.frame.columns.drop(layer.frame.geometry.name)
        raise DataError([column_problem(options.file, "ground.column", options.column, own)])
    read = [number_in(text) for text in layer.texts(options.column)]
    problems = [
        Problem(layer.at(record), f"{options.column} {text!r} is not a number", "write digits only")
        for record, (text, number) in enumerate(zip(layer.texts(options.column), read, strict=True))
        if number is None
    ]
    if problems:
        raise DataError(problems)
    return np.array(read, dtype=np.float64)


def _surface(options: GroundFile, around: Surroundings, intake: Intake) -> Surface:
    """Read the part of a raster that lies about the districts."""
    if options.limits == "inside":
        what = "a raster has no inside"
        raise DataError([Problem(options.file, what, "write `excludes: {above: …}`, below or values")])
    path = intake.find(options.file, "ground.file")
    try:
        with intake.listening(options.file), rasterio.open(path) as raster:
            if raster.count != 1:
                what = f"has {raster.count} bands"
                raise DataError([Problem(options.file, what, "write one band: one number for each cell")])
            own = None if raster.crs is None else pyproj.CRS.from_wkt(raster.crs.to_wkt())
            crs = systems.settle(own, options.crs, options.file, "ground", intake)
            systems.check_fit(tuple(raster.bounds), crs, options.file, "ground")
            window = _window(raster, crs, options, around)
            values = raster.read(1, window=window, masked=True)
            a, b, c, d, e, f = _to_cell(raster)
    except RasterioError as error:
        what = f"cannot be read as a raster ({str(error).rsplit(':', 1)[-1].strip()})"
        raise DataError([Problem(options.file, what, "download or export the file again")]) from error
    intake.record("ground", options.file, systems.name_of(crs), options.licence)
    known = ~np.ma.getmaskarray(np.ma.masked_invalid(values))
    to_cell = a, b, c - window.col_off, d, e, f - window.row_off
    return Surface(crs.to_wkt(), to_cell, np.asarray(values.data), known)


def _window(raster: rasterio.DatasetReader, crs: pyproj.CRS, options: GroundFile, around: Surroundings) -> Window:
    """Return the cells about the districts, as far as a candidate may lie from them; all without districts."""
    if around.box_m is None:
        return Window(0, 0, raster.width, raster.height)
    to_file = pyproj.Transformer.from_crs(around.plane.crs, crs, always_xy=True)
    west, south, east, north = to_file.transform_bounds(*around.box_m)
    own = raster.bounds
    if west > own.right or east < own.left or south > own.top or north < own.bottom:
        what = "the raster does not reach the districts"
        raise DataError([Problem(options.file, what, "check the file's extent, and `ground.crs`")])
    left_m, low_m, right_m, high_m = around.box_m
    wide = left_m - FAR_M, low_m - FAR_M, right_m + FAR_M, high_m + FAR_M
    west, south, east, north = to_file.transform_bounds(*wide)
    a, b, c, d, e, f = _to_cell(raster)
    x, y = np.array([west, east, east, west]), np.array([south, south, north, north])
    column, row = a * x + b * y + c, d * x + e * y + f
    left, top = max(0, int(column.min())), max(0, int(row.min()))
    right, bottom = min(raster.width, int(np.ceil(column.max()))), min(raster.height, int(np.ceil(row.max())))
    return Window(left, top, right - left, bottom - top)


def _to_cell(raster: rasterio.DatasetReader) -> tuple[float, float, float, float, float, float]:
    """Return what turns x and y of a raster into its column and row."""
    inverse = ~raster.transform
    return inverse.a, inverse.b, inverse.c, inverse.d, inverse.e, inverse.f


def _meet(options: GroundFile, box: Bounds, around: Surroundings, intake: Intake) -> None:
    """Warn of polygons none of which lies near the districts: a red line of another county keeps nobody off."""
    if around.box_m is None:
        return
    west, south, east, north = around.box_m
    if box[0] > east or box[2] < west or box[1] > north or box[3] < south:
        zh = "与行政区没有任何交叠，对候选点不起作用。"
        en = "does not reach the districts: it keeps no candidate off anywhere."
        intake.warn(options.file, zh, en, ("核对文件范围与 `ground.crs`", "check the file's extent, and `ground.crs`"))
