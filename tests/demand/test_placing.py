"""Cells in districts: whole by their centre, or shared by covered area; and nobody is lost or counted twice."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box
from shapely.affinity import rotate

from siting.demand import DensityOptions, estimate, moving_density, place
from siting.model.places import OUTSIDE, Cells, Districts, Grid, Placed
from siting.sources.crs import LONLAT, Plane
from siting.sources.manifest import Intake
from siting.sources.options import PopulationFiles
from siting.sources.rasters import read_population

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.arrays import FloatArray

PLANE = "EPSG:32650"


def row_of(*persons: float) -> Cells:
    """Cells of 100 m side by side from the origin eastwards, their bottom edge at 0."""
    count = len(persons)
    grid = Grid(PLANE, 0.0, 100.0, 100.0, 100.0, count, 1)
    people = np.array(persons, dtype=float)[:, None, None]
    centres = np.arange(count) * 100.0 + 50.0
    return Cells(grid, np.zeros(count), np.arange(count), centres, np.full(count, 50.0), (2020,), (60,), people)


def districts(*shapes: Polygon | MultiPolygon) -> Districts:
    ids = tuple(f"D{number}" for number in range(len(shapes)))
    return Districts(ids, ids, ids, shapes, ids)


def parts(placed: Placed) -> list[tuple[int, int, float]]:
    """Column, district and persons of every part."""
    persons = placed.cells.persons[:, 0, 0].tolist()
    return list(zip(placed.cells.column.tolist(), placed.district.tolist(), persons, strict=True))


def test_a_cell_of_two_districts_becomes_two_at_one_centre() -> None:
    """The border at x = 130 leaves three tenths of the second cell to the west: 30 and 70 of its 100 persons."""
    placed = place(row_of(10, 100, 10), districts(box(-50, -50, 130, 150), box(130, -50, 400, 150)), PLANE)
    assert parts(placed) == [(0, 0, 10), (1, 1, pytest.approx(70)), (1, 0, pytest.approx(30)), (2, 1, 10)]
    assert placed.cells.x_m.tolist() == [50, 150, 150, 250]


def test_by_centre_the_same_cell_is_whole() -> None:
    cut = districts(box(-50, -50, 130, 150), box(130, -50, 400, 150))
    assert parts(place(row_of(10, 100, 10), cut)) == [(0, 0, 10), (1, 1, 100), (2, 1, 10)]


def test_what_the_outer_boundary_cuts_off_lies_outside() -> None:
    """A quarter of the only cell is inside: its centre is not."""
    placed = place(row_of(80), districts(box(-50, -50, 50, 50)), PLANE)
    assert parts(placed) == [(0, OUTSIDE, pytest.approx(60)), (0, 0, pytest.approx(20))]


def test_borders_along_edges_of_cells_cut_nothing_and_noise_is_no_part() -> None:
    for border in (100.0, 100.0 + 1e-5, 100.0 - 1e-5):
        placed = place(row_of(10, 20), districts(box(-50, -50, border, 150), box(border, -50, 400, 150)), PLANE)
        assert parts(placed) == [(0, 0, 10), (1, 1, 20)]


def test_where_districts_overlap_a_cut_cell_is_still_counted_once() -> None:
    """One district covers all of the cell, another three quarters of it: four and three parts of seven."""
    placed = place(row_of(70), districts(box(-50, -50, 150, 150), box(-50, -50, 75, 150)), PLANE)
    assert parts(placed) == [(0, 0, pytest.approx(40)), (0, 1, pytest.approx(30))]


def test_an_islet_smaller_than_a_cell_gets_its_share() -> None:
    ring = Polygon([(-50, -50), (150, -50), (150, 150), (-50, 150)], [[(10, 10), (20, 10), (20, 20), (10, 20)]])
    placed = place(row_of(100), districts(ring, MultiPolygon([box(10, 10, 20, 20), box(900, 0, 910, 9)])), PLANE)
    assert parts(placed) == [(0, 0, pytest.approx(99)), (0, 1, pytest.approx(1))]


def test_rows_of_a_table_lie_at_their_point() -> None:
    cells = row_of(10, 100)
    at_points = Cells(*(getattr(cells, name) for name in cells.__slots__[:-1]), squares=False)
    assert parts(place(at_points, districts(box(-50, -50, 130, 150)), PLANE)) == [(0, 0, 10), (1, OUTSIDE, 100)]


def test_no_cells_are_in_no_district() -> None:
    assert len(place(row_of(), districts(box(0, 0, 1, 1)), PLANE).district) == 0


def test_parts_have_the_density_of_their_cell() -> None:
    """Eleven cells of 10 persons within 500 m of the sixth, however they are cut."""
    cells, cut = row_of(*[10] * 11), districts(box(0, 0, 333, 100), box(333, 0, 1100, 40))
    zones, _ = estimate(place(cells, cut, PLANE), cut, (2020,), DensityOptions())
    whole = moving_density(cells, cells.persons[:, :, 0], 500.0)[:, 0]
    assert len(zones) > len(whole)
    assert zones.density_per_km2[:, 0] == pytest.approx(whole[zones.column])
    assert whole[5] == pytest.approx(110 / (math.pi * 0.25))


@given(st.integers(0, 2**31), st.floats(0, 90), st.integers(1, 4))
@settings(deadline=None, max_examples=40)
def test_shares_are_the_areas_cell_by_cell(seed: int, turn: float, count: int) -> None:
    """Against every cell cut with every district apart; strips of a turned square, on a lattice in degrees."""
    chance = np.random.default_rng(seed)
    side, step = 8, 1 / 1200
    grid = Grid("EPSG:4326", 117.0, 30.0, step, step, side, side)
    row, column = np.divmod(np.arange(side * side), side)
    plane = Plane(32650)
    x, y = plane.project(117.0 + (column + 0.5) * step, 30.0 - (row + 0.5) * step, LONLAT)
    persons = chance.uniform(0, 9, (side * side, 2, 1))
    cells = Cells(grid, row, column, x, y, (2020,), (60, 80), persons)
    middle, edges = (x.mean(), y.mean()), np.linspace(-250, 300, count + 1)
    strips = [box(middle[0] + a, middle[1] - 280, middle[0] + b, middle[1] + 260) for a, b in zip(edges, edges[1:])]  # noqa: B905 RUF007
    made = districts(*(rotate(strip, turn, origin=middle) for strip in strips))
    placed = place(cells, made, PLANE)
    for cell in range(side * side):
        corners = plane.project(
            *(values[0] for values in grid.corners(row[cell : cell + 1], column[cell : cell + 1])), LONLAT
        )
        square = Polygon(np.column_stack(corners))
        covered = [strip.intersection(square).area / square.area for strip in made.geometry]
        here = (placed.cells.row == row[cell]) & (placed.cells.column == column[cell])
        assert placed.cells.persons[here].sum(axis=0) == pytest.approx(persons[cell])
        for index, share in enumerate([*covered, 1 - sum(covered)]):
            district = index if index < count else OUTSIDE
            held = placed.cells.persons[here & (placed.district == district)].sum(axis=0)
            assert held == pytest.approx(share * persons[cell], abs=1e-4)


def quantiles(places_m: FloatArray, cells: Cells) -> list[float]:
    """Where a tenth, half and nine tenths of all persons are passed."""
    order = np.argsort(places_m)
    held = np.cumsum(cells.persons.sum(axis=(1, 2))[order])
    return [float(places_m[order[np.searchsorted(held, share * held[-1])]]) for share in (0.1, 0.5, 0.9)]


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "declared", "epsg", "total"),
    [
        ("aruba/abw_ppp_2020_UNadj_constrained.tif", {}, 32619, 106_766),
        ("touggourt/GHS_POP_E2015_GLOBE_R2019A_54009_1K_V1_0.tif", {}, 32631, 225_709),
        ("tashkent/tashkent_ghsl2015_pop_250m.tif", {"nodata": 0}, 32642, 2_370_381),
    ],
)
def test_districts_and_outside_add_up_to_the_raster(
    shared: Path, file: str, declared: dict[str, object], epsg: int, total: int
) -> None:
    """Two halves of a turned box about most of the people, cutting cells all round; nobody is lost either way."""
    options = PopulationFiles.model_validate({"files": file, **declared})
    plane = Plane(epsg)
    cells = read_population(options, plane, Intake(shared, shared))
    west, middle, east = quantiles(cells.x_m, cells)
    south, _, north = quantiles(cells.y_m, cells)
    halves = [rotate(box(a, south, b, north), 20, origin=(middle, south)) for a, b in ((west, middle), (middle, east))]
    for shared_on in (None, plane.name):
        placed = place(cells, districts(*halves), shared_on)
        held = [placed.cells.persons[placed.district == code].sum() for code in (0, 1, OUTSIDE)]
        assert min(held) > 0
        assert sum(held) == pytest.approx(total, abs=1)
        assert (len(placed.district) > len(cells.row) + 10) == (shared_on is not None)
