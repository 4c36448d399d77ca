"""Population rasters: persons per cell by age class and year. Cells stay cells; nothing is resampled."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import rasterio
from rasterio.errors import RasterioError
from rasterio.windows import Window

from siting.errors import DataError, Problem
from siting.model.places import Cells, Grid
from siting.sources import crs as systems
from siting.sources.options import AGE, SEX, YEAR

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from siting.model.arrays import FloatArray, IntArray
    from siting.sources.crs import Bounds, Plane
    from siting.sources.manifest import Intake
    from siting.sources.options import PopulationFiles

STRIP_BYTES = 64_000_000
"""Rasters are read in strips of rows, so that a country fits in memory as well as a town."""

SMALLEST_CELL = 1e-9
"""In degrees or metres; a header that says less is broken."""

AS_DENSITY = "`population: {kind: density_per_km2}`"
DENSE_PER_KM2 = 300_000.0
"""More persons per km² than anywhere on earth: such cells hold densities, or the cell size is wrong."""

FEW_PERSONS_PER_KM2 = 0.5
"""Fewer persons per km² of populated cells than in a desert: such cells hold counts."""

EQUAL_AREA = systems.Plane(6933)


@dataclass(frozen=True, slots=True)
class _Class:
    """One file: the class and year it counts (indices), and its path as the study's pattern gives it."""

    kind: int
    year: int
    file: str


def read_population(options: PopulationFiles, plane: Plane, intake: Intake, *, apart: bool = False) -> Cells:
    """Read all files of a pattern into populated cells.

    Persons of the sexes are added up, unless they are to be kept `apart`: an age is then a class for each sex. Cells
    without a person in any class and year are left out, so that the sum over cells is the sum over the rasters. Nodata
    is what each file declares, and NaN.

    Raises
    ------
    DataError
        When files are missing or broken, lie on different grids, lack a coordinate system, or hold negative or
        infinite values that are not nodata.
    """
    kinds = kinds_of(options, apart=apart)
    classes = expand(options, kinds)
    paths = _find(classes, intake)
    with ExitStack() as stack:
        rasters = _open(stack, paths, intake)
        crs = _one_grid(rasters, options, intake)
        row, column, persons = _read(rasters, classes, options, len(kinds))
        grid = _grid(next(iter(rasters.values())), crs)
        areas = cells_km2(grid, row, column)
        if options.kind == "density_per_km2":
            persons *= areas[:, None, None]
        _suspect(rasters, persons, areas, options, intake)
    for file in rasters:
        intake.record("population", file, systems.name_of(crs), options.licence)
    x, y = grid.west + (column + 0.5) * grid.cell_width, grid.north - (row + 0.5) * grid.cell_height
    x_m, y_m = plane.project(x, y, crs)
    if not (np.isfinite(x_m).all() and np.isfinite(y_m).all()):
        what = f"populated cells cannot be brought from {grid.crs} to {plane.name}"
        raise DataError([Problem(options.files, what, "check `population.crs`, and cut the raster to the study area")])
    return Cells(
        grid=grid,
        row=row,
        column=column,
        x_m=x_m,
        y_m=y_m,
        years=tuple(sorted(years_of(options))),
        ages=tuple(age for age, _ in kinds),
        persons=persons[:, :, np.argsort(years_of(options), kind="stable")],
    )


def years_of(options: PopulationFiles) -> tuple[int, ...]:
    """Return the years of the data; 0 when the study does not say."""
    return options.years or (options.year or 0,)


def kinds_of(options: PopulationFiles, *, apart: bool) -> list[tuple[int, str]]:
    """Return the classes of the cells, ascending: lower bound of the age, and sex ("" where sexes are together)."""
    return sorted((age, sex) for age in options.ages for sex in (options.sexes if apart else ("",)))


def expand(options: PopulationFiles, kinds: list[tuple[int, str]]) -> tuple[_Class, ...]:
    """Return every file of the pattern with the class it counts."""
    number = {kind: index for index, kind in enumerate(kinds)}
    classes = []
    for year_index, year in enumerate(years_of(options)):
        for age in options.ages:
            for sex in options.sexes if SEX in options.files else ("",):
                name = options.files.replace(AGE, str(age)).replace(SEX, sex).replace(YEAR, str(year))
                kind = number[age, sex] if (age, sex) in number else number[age, ""]
                classes.append(_Class(kind, year_index, name))
    return tuple(classes)


def _find(classes: tuple[_Class, ...], intake: Intake) -> dict[str, str]:
    paths: dict[str, str] = {}
    problems: list[Problem] = []
    for one in classes:
        try:
            paths[one.file] = str(intake.find(one.file, "population.files"))
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    return paths


def _open(stack: ExitStack, paths: dict[str, str], intake: Intake) -> dict[str, rasterio.DatasetReader]:
    rasters: dict[str, rasterio.DatasetReader] = {}
    problems: list[Problem] = []
    for file, path in paths.items():
        try:
            with intake.listening(file):
                raster = rasters[file] = stack.enter_context(rasterio.open(path))
        except RasterioError as error:
            what = f"cannot be read as a raster ({str(error).rsplit(':', 1)[-1].strip()})"
            problems.append(Problem(file, what, "download or export the file again"))
            continue
        if not np.isfinite([*raster.bounds, *raster.transform]).all() or abs(raster.transform.a) < SMALLEST_CELL:
            problems.append(Problem(file, "the grid has no finite place and cell size", "export the file again"))
        if raster.count != 1:
            what = f"has {raster.count} bands"
            problems.append(Problem(file, what, "write one file for each class, with one band"))
        if raster.scales[0] != 1 or raster.offsets[0] != 0:
            what = f"values are scaled ({raster.scales[0]:g} × value + {raster.offsets[0]:g})"
            problems.append(Problem(file, what, "write the file with unscaled persons per cell"))
    if problems:
        raise DataError(problems)
    return rasters


def _one_grid(rasters: dict[str, rasterio.DatasetReader], options: PopulationFiles, intake: Intake) -> pyproj.CRS:
    """Check that all files share one upright grid, and return its coordinate system."""
    signatures = {file: _signature(raster) for file, raster in rasters.items()}
    listed = list(signatures.values())
    usual = max(listed, key=listed.count)
    problems = [
        Problem(file, f"lies on another grid ({_described(rasters[file])}) than the other files", "cut all files alike")
        for file, signature in signatures.items()
        if signature != usual
    ]
    file = next(name for name, signature in signatures.items() if signature == usual)
    raster = rasters[file]
    if raster.transform.b or raster.transform.d or raster.transform.a <= 0 or raster.transform.e >= 0:
        what = "the grid is rotated or upside down"
        problems.append(Problem(file, what, "write the file with north at the top"))
    if problems:
        raise DataError(problems)
    own = None if raster.crs is None else pyproj.CRS.from_wkt(raster.crs.to_wkt())
    crs = systems.settle(own, options.crs, file, "population", intake)
    if systems.is_shifted(crs):
        what = f"a raster cannot be in {crs.name}: the shift bends its lattice"
        raise DataError([Problem(file, what, "write the system in which its cells are a lattice, e.g. EPSG:4326")])
    systems.check_fit(tuple(raster.bounds), crs, file, "population")
    return crs


def _signature(raster: rasterio.DatasetReader) -> tuple[object, ...]:
    """Return what two files on one grid agree in; corners to a thousandth of a cell."""
    step = (abs(raster.transform.a) or 1) / 1000
    corners = tuple(round(value / step) for value in raster.bounds)
    return None if raster.crs is None else raster.crs.to_wkt(), raster.shape, corners


def _described(raster: rasterio.DatasetReader) -> str:
    crs = "no CRS" if raster.crs is None else raster.crs.to_string()
    corner = f"{raster.bounds.left:.6g}, {raster.bounds.top:.6g}"
    return f"{raster.width} × {raster.height} cells of {raster.transform.a:.6g} from {corner}, {crs}"


def _read(
    rasters: dict[str, rasterio.DatasetReader], classes: tuple[_Class, ...], options: PopulationFiles, kinds: int
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return row, column and persons[cell, class, year] of the populated cells."""
    shape = kinds, len(years_of(options))
    rows, columns, persons = [], [], []
    wrong: dict[str, list[FloatArray]] = {}
    for window in _strips(next(iter(rasters.values())), shape):
        block = np.zeros((window.height, window.width, *shape))
        for one in classes:
            values, bad = _values(rasters[one.file], window, options.nodata)
            block[:, :, one.kind, one.year] += values
            if bad.size:
                wrong.setdefault(one.file, []).append(bad)
        row, column = np.nonzero((block > 0).any(axis=(2, 3)))
        rows.append(row + window.row_off)
        columns.append(column)
        persons.append(block[row, column])
    if wrong:
        raise DataError([_wrong_values(file, np.concatenate(bad)) for file, bad in wrong.items()])
    found = np.concatenate(persons)
    if not len(found):
        raise DataError([Problem(classes[0].file, "no cell of any class holds a person", "check the files' nodata")])
    return np.concatenate(rows), np.concatenate(columns), found


def _strips(raster: rasterio.DatasetReader, shape: tuple[int, int]) -> Iterator[Window]:
    height = max(1, STRIP_BYTES // (8 * raster.width * shape[0] * shape[1]))
    for top in range(0, raster.height, height):
        yield Window(0, top, raster.width, min(height, raster.height - top))


def _values(raster: rasterio.DatasetReader, window: Window, nodata: Sequence[float]) -> tuple[FloatArray, FloatArray]:
    """Read a strip as persons, nodata as nought; also return the values that no count can have."""
    read = raster.read(1, window=window, masked=True)
    values: FloatArray = np.where(np.ma.getmaskarray(read), 0.0, read.data.astype(np.float64))
    values[np.isnan(values)] = 0.0
    for value in nodata:
        values[np.isclose(values, value, rtol=1e-6, atol=0.0)] = 0.0  # as near as single precision has it
    return values, values[(values < 0) | np.isinf(values)]


def _wrong_values(file: str, bad: FloatArray) -> Problem:
    values, count = np.unique(bad, return_counts=True)
    usual = values[count.argmax()]
    kind = "infinite" if np.isinf(usual) else "negative"
    what = f"{len(bad)} cells hold {kind} values that the file does not declare as nodata (most often {usual:g})"
    return Problem(file, what, f"write `population: {{nodata: {usual:g}}}`, or set the file's own nodata value")


def _grid(raster: rasterio.DatasetReader, crs: pyproj.CRS) -> Grid:
    transform = raster.transform
    return Grid(
        crs=systems.name_of(crs),
        west=transform.c,
        north=transform.f,
        cell_width=transform.a,
        cell_height=-transform.e,
        width=raster.width,
        height=raster.height,
    )


def _suspect(
    rasters: dict[str, rasterio.DatasetReader],
    persons: FloatArray,
    areas_km2: FloatArray,
    options: PopulationFiles,
    intake: Intake,
) -> None:
    """Warn of rasters that look like densities rather than counts, or the reverse."""
    for file, raster in rasters.items():
        said = " ".join(
            [file.rsplit("/", 1)[-1], str(raster.units[0]), str(raster.descriptions[0]), str(raster.tags())]
        )
        named = any(word in said.lower() for word in ("density", "per_km", "per km", "/km", "km-2", "km^-2"))
        if named and options.kind == "counts":
            zh = "文件自称为密度，却按每格人数使用；密度会使人数失真。"
            en = "the file calls itself a density; it is used as persons per cell, which would be wrong."
            intake.warn(file, zh, en, (f"写 {AS_DENSITY}", f"write {AS_DENSITY}"))
            return
    everyone = persons.sum(axis=1).max(axis=1)
    dense = float(np.quantile(everyone / areas_km2, 0.99))
    if dense > DENSE_PER_KM2:
        file = next(iter(rasters))
        zh = f"1% 的格网超过每平方公里 {dense:,.0f} 人，可能是密度而非人数。"
        intake.warn(
            file,
            zh,
            f"one cell in a hundred has more than {dense:,.0f} persons per km²: a density, not a count?",
            (f"若为密度，写 {AS_DENSITY}", f"if it is one, write {AS_DENSITY}"),
        )
    if options.kind == "density_per_km2" and persons.sum() < FEW_PERSONS_PER_KM2 * areas_km2.sum():
        file = next(iter(rasters))
        zh = f"按密度计，全部 {areas_km2.sum():,.0f} 平方公里仅 {persons.sum():,.0f} 人，可能是人数而非密度。"
        en = f"as densities the {areas_km2.sum():,.0f} km² hold {persons.sum():,.0f} persons only"
        mend = "若为人数，删去 `population.kind`", "if they are counts, leave `population.kind` out"
        intake.warn(file, zh, f"{en}: counts, not densities?", mend)


def cells_km2(grid: Grid, row: IntArray, column: IntArray) -> FloatArray:
    """Return the area of cells of a grid: float64[cell].

    The corners are brought to an equal-area plane (EPSG:6933, Brodzik et al. 2012), on which meridians and parallels
    are straight, so that cells of a lattice in degrees are exact; others to the curvature of their edges.
    """
    east, north = EQUAL_AREA.project(*grid.corners(row, column), pyproj.CRS.from_user_input(grid.crs))
    shoelace = east * np.roll(north, -1, axis=1) - np.roll(east, -1, axis=1) * north
    area: FloatArray = np.abs(shoelace.sum(axis=1)) / 2e6
    return area


def bounds_of(cells: Cells) -> Bounds:
    """Return the box of the populated cells' centres, on the plane."""
    return float(cells.x_m.min()), float(cells.y_m.min()), float(cells.x_m.max()), float(cells.y_m.max())
