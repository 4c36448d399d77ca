"""Population from tables: census grids as polygons or points, and persons by community.

Nothing is spread or resampled.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError

from siting.errors import DataError, Problem
from siting.model.places import Cells, Grid
from siting.sources import crs as systems
from siting.sources.desk import Desk
from siting.sources.layers import brought, column_problem
from siting.sources.positions import Surroundings, positions
from siting.sources.rasters import EQUAL_AREA
from siting.sources.tables import Table, read_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.sources.crs import Plane
    from siting.sources.manifest import Intake
    from siting.sources.options import PopulationTable

SECRET_ROWS, SECRET_SHARE, SECRET_TIMES, SECRET_NEIGHBOURS = 20, 0.05, 10, 3
"""One value may stand for secret numbers when at least so many rows, and so great a share of them, have it, so many
times as often as any of the three next smaller and the three next greater values that occur."""

ALIKE = 0.02
"""Polygons are a lattice when sides and places agree to two hundredths of a cell."""

FINE_M, MOST_SQUARES = 20.0, 4e6
"""Rows that lie on no lattice are put on a fine one of this side; coarser where that would be more squares."""


def read_census(options: PopulationTable, around: Surroundings, intake: Intake) -> Cells:
    """Read a table of persons into populated cells.

    Squares that form a lattice stay its cells. Other polygons and points become cells of a fine lattice on the study's
    plane, at their own places: a polygon's centroid, or a point inside where the centroid is not. Rows without a person
    are left out; what is missing or kept secret is named with its number of rows.

    Raises
    ------
    DataError
        With every problem of the table: missing columns, values that are no numbers or negative, a value that looks as
        if it stood for secret numbers and is not declared, places that are neither polygons nor points.
    """
    table, areas_km2, boxes = _opened(options, intake)
    desk = Desk(table, "population")
    persons = np.column_stack([_persons(desk, options, age, intake) for age in options.ages])
    x_m, y_m = positions(desk, options, around, intake)
    if options.kind == "density_per_km2" and areas_km2 is None:
        desk.problems.append(Problem(table.head, "points have no area for densities", "give persons, or polygons"))
    if desk.problems:
        raise DataError(desk.told())
    if areas_km2 is not None and options.kind == "density_per_km2":
        persons *= areas_km2[:, None]
    used = np.flatnonzero(persons.sum(axis=1) > 0)
    if not len(used):
        raise DataError([Problem(table.head, "no row holds a person", "check `population.columns`")])
    regular = None if boxes is None else _lattice(boxes[used], table.crs)
    if regular is None:
        return _on_fine_lattice(options, around.plane, (x_m[used], y_m[used]), persons[used])
    grid, row, column = regular
    return _cells(options, grid, (row, column), (x_m[used], y_m[used]), persons[used])


def _opened(options: PopulationTable, intake: Intake) -> tuple[Table, FloatArray | None, FloatArray | None]:
    """Return the table with a place for each row; areas (km²) and boxes too where the rows are polygons."""
    table = read_table(options, "population", intake)
    if not table.outline:
        return table, None, None
    bad = [row for row, outline in enumerate(table.outline) if outline is None]
    if bad:
        what = f"{len(bad)} of {len(table)} records are no polygons (this one: Point)"
        raise DataError([Problem(table.where[bad[0]], what, "draw each area, or make a layer of points")])
    outlines = [outline for outline in table.outline if outline is not None]
    drawn = shapely.make_valid(np.asarray(outlines, dtype=np.object_))
    centre = shapely.centroid(drawn)
    centre = np.where(shapely.intersects(drawn, centre), centre, shapely.point_on_surface(drawn))
    areas: FloatArray = shapely.area(brought(outlines, table.crs, EQUAL_AREA, table.file, "population")) / 1e6
    xy = np.asarray(shapely.get_coordinates(centre), dtype=np.float64)
    return replace(table, xy=xy), areas, shapely.bounds(drawn)


def _persons(desk: Desk, options: PopulationTable, age: int, intake: Intake) -> FloatArray:
    """Add up the columns of an age class; secret and missing values count nobody, and are named."""
    named = options.columns[age]
    total = np.zeros(len(desk.table))
    for name in (named,) if isinstance(named, str) else named:
        if name not in desk.table.columns:
            key = f"population.columns.{age}"
            desk.problems.append(column_problem(desk.table.head, key, name, desk.table.columns))
            continue
        texts = desk.table.column(name)
        secret = _is_one_of(texts, options.suppressed)
        values = desk.numbers(name, ["" if hidden else text for text, hidden in zip(texts, secret, strict=True)])
        _tell_missing(desk, name, int(secret.sum()), sum(not text for text in texts), intake)
        if "suppressed" not in options.model_fields_set:
            _suspect_secret(desk, name, values)
        total += np.nan_to_num(values)
    return total


def _is_one_of(texts: Sequence[str], values: Sequence[float]) -> BoolArray:
    wanted = set(values)

    def matches(text: str) -> bool:
        try:
            return float(text) in wanted
        except ValueError:
            return False

    return np.array([matches(text) for text in texts], dtype=np.bool_)


def _tell_missing(desk: Desk, name: str, secret: int, empty: int, intake: Intake) -> None:
    rows = len(desk.table)
    if secret:
        zh = f"{rows:,} 行中有 {secret:,} 行的 {name} 保密，按无人计。"
        intake.warn(desk.table.file, zh, f"{secret:,} of {rows:,} rows keep {name} secret: they count nobody.")
    if empty:
        zh = f"{rows:,} 行中有 {empty:,} 行的 {name} 为空，按无人计。"
        mend = "补填人数；无人填 0", "fill them in; 0 where nobody lives"
        intake.warn(desk.table.file, zh, f"{empty:,} of {rows:,} rows have no {name}: they count nobody.", mend)


def _suspect_secret(desk: Desk, name: str, values: FloatArray) -> None:
    """Stop at a value that occurs far more often than the values next to it: it may stand for secret numbers."""
    found, count = np.unique(values[values > 0], return_counts=True)
    for index in np.flatnonzero(count >= max(SECRET_ROWS, SECRET_SHARE * len(values))).tolist():
        near = np.r_[count[max(index - SECRET_NEIGHBOURS, 0) : index], count[index + 1 : index + 1 + SECRET_NEIGHBOURS]]
        if len(near) and count[index] >= SECRET_TIMES * near.max():
            value = f"{found[index]:g}"
            what = (
                f"{name} is {value} in {count[index]:,} of {len(values):,} rows, but no value next to it is in more "
                f"than {near.max():,}: does {value} mean that the number is kept secret?"
            )
            mend = f"write `population: {{suppressed: {value}}}`, or `suppressed: []` if these are persons"
            desk.problems.append(Problem(desk.table.head, what, mend))


def _lattice(boxes: FloatArray, crs: pyproj.CRS) -> tuple[Grid, IntArray, IntArray] | None:
    """Return the grid, row and column of polygons that are its cells; None when they form no lattice."""
    sides = boxes[:, 2:] - boxes[:, :2]
    side = np.median(sides, axis=0)
    west, north = boxes[:, 0].min(), boxes[:, 3].max()
    steps = np.column_stack([(boxes[:, 0] - west) / side[0], (north - boxes[:, 3]) / side[1]])
    place = np.rint(steps).astype(np.int64)
    if np.abs(sides / side - 1).max() > ALIKE or np.abs(steps - place).max() > ALIKE:
        return None
    if len(np.unique(place, axis=0)) < len(place):
        return None
    try:
        pyproj.CRS.from_user_input(systems.name_of(crs))
    except CRSError:
        return None  # a system that only its file can name: the grid's is a name
    width, height = (int(value) + 1 for value in place.max(axis=0))
    grid = Grid(systems.name_of(crs), float(west), float(north), float(side[0]), float(side[1]), width, height)
    return grid, place[:, 1], place[:, 0]


def _on_fine_lattice(
    options: PopulationTable, plane: Plane, xy_m: tuple[FloatArray, FloatArray], persons: FloatArray
) -> Cells:
    """Put rows on a fine lattice; those in one square become one cell at their centre of persons."""
    x_m, y_m = xy_m
    west, north = x_m.min(), y_m.max()
    side = max(FINE_M, float(np.sqrt((np.ptp(x_m) + FINE_M) * (np.ptp(y_m) + FINE_M) / MOST_SQUARES)))
    square = np.column_stack([np.floor((north - y_m) / side), np.floor((x_m - west) / side)]).astype(np.int64)
    places, member = np.unique(square, axis=0, return_inverse=True)
    weight = persons.sum(axis=1)
    total = np.bincount(member, weight)
    height, width = (int(value) + 1 for value in places.max(axis=0))
    grid = Grid(plane.name, float(west), float(north), side, side, width, height)
    together = np.column_stack([np.bincount(member, column) for column in persons.T]).astype(np.float64)
    centre = np.bincount(member, weight * x_m) / total, np.bincount(member, weight * y_m) / total
    return replace(_cells(options, grid, (places[:, 0], places[:, 1]), centre, together), squares=False)


def _cells(
    options: PopulationTable,
    grid: Grid,
    place: tuple[IntArray, IntArray],
    xy_m: tuple[FloatArray, FloatArray],
    persons: FloatArray,
) -> Cells:
    return Cells(
        grid=grid,
        row=place[0],
        column=place[1],
        x_m=xy_m[0],
        y_m=xy_m[1],
        years=(options.year or 0,),
        ages=options.ages,
        persons=persons[:, :, None],
    )
