"""From population cells to demand points: years, districts, density; and nobody is lost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from shapely import MultiPolygon, Polygon, box

from siting.demand import DensityOptions, estimate, locate, moving_density, place
from siting.model.places import OUTSIDE, Cells, Districts, Grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn

CIRCLE_KM2 = math.pi * 0.25
"""Area of a circle of 500 m."""


def cells(
    places: Sequence[tuple[int, int]],
    persons: object = None,
    *,
    years: tuple[int, ...] = (2020,),
    ages: tuple[int, ...] = (60,),
    step_m: float = 100.0,
) -> Cells:
    """Cells at (row, column) of a lattice whose rows go down."""
    row, column = np.array(places, dtype=int).reshape(-1, 2).T
    people = np.ones((len(places), len(ages), len(years))) if persons is None else np.array(persons, dtype=float)
    return Cells(
        Grid("EPSG:32650", 0.0, 0.0, step_m, step_m, 1000, 1000),
        row,
        column,
        1000.0 + column * step_m,
        -2000.0 - row * step_m,
        years,
        ages,
        people,
    )


def districts(*shapes: Polygon | MultiPolygon) -> Districts:
    ids = tuple(f"D{number}" for number in range(len(shapes)))
    return Districts(ids, ids, ids, shapes, ids)


EVERYWHERE = districts(box(-1e6, -1e6, 1e6, 1e6))


# years


def test_persons_between_two_years_of_data_are_interpolated_class_by_class() -> None:
    """100 → 200 and 50 → 0 from 2020 to 2025; in 2023 three fifths of the way: 160 and 20."""
    made = cells([(0, 0)], [[[100, 200], [50, 0]]], years=(2020, 2025), ages=(60, 80))
    zones, warnings = estimate(place(made, EVERYWHERE), EVERYWHERE, (2020, 2023, 2025), DensityOptions())
    assert zones.persons[0].tolist() == [pytest.approx([100, 160, 200]), pytest.approx([50, 20, 0])]
    assert warnings == ()
    assert zones.phases == (2020, 2023, 2025)
    assert zones.density_per_km2[0] == pytest.approx([150 / CIRCLE_KM2, 180 / CIRCLE_KM2, 200 / CIRCLE_KM2])


def test_three_years_of_data_bend_at_the_middle_one() -> None:
    made = cells([(0, 0)], [[[10, 30, 30]]], years=(2010, 2020, 2030))
    zones, _ = estimate(place(made, EVERYWHERE), EVERYWHERE, (2015, 2020, 2029), DensityOptions())
    assert zones.persons[0, 0].tolist() == pytest.approx([20, 30, 30])


def test_beyond_the_data_the_nearest_year_stands_and_a_warning_says_so() -> None:
    made = cells([(0, 0)], [[[100, 200]]], years=(2020, 2025))
    zones, (warning,) = estimate(place(made, EVERYWHERE), EVERYWHERE, (2018, 2022, 2027, 2030), DensityOptions())
    assert zones.persons[0, 0].tolist() == pytest.approx([100, 140, 200, 200])
    assert warning.source == "population"
    assert (
        warning.en
        == "Population data are of 2020–2025; 2018, 2027, 2030 uses the nearest year's counts, without a forecast."
    )
    assert "2018, 2027, 2030年" in warning.zh


def test_one_year_of_data_serves_every_phase() -> None:
    made = cells([(0, 0)], [[[7]]])
    zones, (warning,) = estimate(place(made, EVERYWHERE), EVERYWHERE, (2020, 2025), DensityOptions())
    assert zones.persons[0, 0].tolist() == [7, 7]
    assert "of 2020; 2025 uses" in warning.en


def test_data_of_no_stated_year_warn() -> None:
    zones, (warning,) = estimate(
        place(cells([(0, 0)], [[[7]]], years=(0,)), EVERYWHERE), EVERYWHERE, (2025,), DensityOptions()
    )
    assert zones.persons[0, 0].tolist() == [7]
    assert "not stated" in warning.en


# districts


def test_points_inside_on_borders_and_outside() -> None:
    """Two squares share x = 10: the first listed has the border; corners and outer edges are inside."""
    two = districts(box(0, 0, 10, 10), box(10, 0, 20, 10))
    x = np.array([5.0, 10.0, 10.0, 15.0, 0.0, 20.0, 20.001, 5.0])
    y = np.array([5.0, 5.0, 10.0, 5.0, 0.0, 10.0, 5.0, -0.001])
    assert locate(x, y, two).tolist() == [0, 0, 0, 1, 0, 1, OUTSIDE, OUTSIDE]
    swapped = districts(*reversed(two.geometry))
    assert locate(x, y, swapped).tolist() == [1, 0, 0, 0, 1, 0, OUTSIDE, OUTSIDE]


def test_holes_belong_to_nobody_and_parts_to_their_district() -> None:
    ring = Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (6, 3), (6, 6), (3, 6)]])
    islands = MultiPolygon([box(20, 0, 21, 1), box(30, 0, 31, 1)])
    where = locate(
        np.array([1.0, 4.5, 20.5, 30.5, 25.0]), np.array([1.0, 4.5, 0.5, 0.5, 0.5]), districts(ring, islands)
    )
    assert where.tolist() == [0, OUTSIDE, 1, 1, OUTSIDE]


def test_no_points_are_in_no_district() -> None:
    assert locate(np.zeros(0), np.zeros(0), EVERYWHERE).tolist() == []


def test_a_cell_outside_every_district_stays_a_zone() -> None:
    made = cells([(0, 0), (0, 5)], [[[3]], [[4]]])
    zones, _ = estimate(
        place(made, districts(box(950, -2050, 1050, -1950))),
        districts(box(950, -2050, 1050, -1950)),
        (2020,),
        DensityOptions(),
    )
    assert zones.district.tolist() == [0, OUTSIDE]
    assert zones.persons.sum() == 7


# density


def test_density_counts_the_circle_with_its_edge() -> None:
    """Cells every 100 m in a row, 10 persons each: 500 m either way, both ends included, are 11 cells."""
    made = cells([(0, column) for column in range(30)])
    density = moving_density(made, np.full((30, 1), 10.0), 500.0)
    assert density[15, 0] == pytest.approx(110 / CIRCLE_KM2)
    assert density[0, 0] == pytest.approx(60 / CIRCLE_KM2)
    assert moving_density(made, np.full((30, 1), 10.0), 499.999)[15, 0] == pytest.approx(90 / CIRCLE_KM2, rel=1e-4)


def test_density_is_a_circle_not_a_square() -> None:
    """Of the cells up to one step away, the diagonal ones are 141 m off: five lie within 100 m, nine within 142 m."""
    made = cells([(row, column) for row in range(3) for column in range(3)])
    assert moving_density(made, np.ones((9, 1)), 100.0)[4, 0] == pytest.approx(5 / (math.pi * 0.01))
    assert moving_density(made, np.ones((9, 1)), 142.0)[4, 0] == pytest.approx(9 / (math.pi * 0.142**2))


def test_density_of_no_cells_and_of_one() -> None:
    assert moving_density(cells([]), np.zeros((0, 2)), 500.0).shape == (0, 2)
    assert moving_density(cells([(7, 7)]), np.array([[5.0]]), 500.0) == pytest.approx(5 / CIRCLE_KM2)


def test_a_single_row_far_up_the_lattice_is_no_trap() -> None:
    """The row's number and its northing must not be taken for a step of the lattice."""
    made = cells([(4_000, column) for column in range(4)], step_m=1e-2)
    assert moving_density(made, np.ones((4, 1)), 500.0)[:, 0] == pytest.approx([4 / CIRCLE_KM2] * 4)


@pytest.mark.parametrize("radius", [0.0, -1.0, 5_001.0])
def test_a_radius_has_a_sensible_size(radius: float) -> None:
    with pytest.raises(ValidationError, match="radius_m"):
        DensityOptions(radius_m=radius)


@st.composite
def lattices(draw: DrawFn) -> Cells:
    """Cells of a lattice in degrees as it lies on the plane: stretched, turned and slightly bent."""
    places = sorted(draw(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=30)))
    row, column = np.array(places).T
    turn, right, down = draw(st.floats(-0.05, 0.05)), draw(st.floats(40, 120)), draw(st.floats(40, 120))
    bend = draw(st.floats(-1e-4, 1e-4))
    x, y = column * right, -row * down * (1 + bend * column)
    years = draw(st.integers(1, 2))
    persons = draw(
        st.lists(st.floats(0, 100), min_size=len(places) * years, max_size=len(places) * years).map(np.array)
    )
    return Cells(
        Grid("EPSG:4326", 0.0, 0.0, 1.0, 1.0, 50, 50),
        row + draw(st.integers(0, 5000)),
        column + draw(st.integers(0, 5000)),
        5e5 + x * math.cos(turn) - y * math.sin(turn),
        3e6 + x * math.sin(turn) + y * math.cos(turn),
        tuple(range(2020, 2020 + years)),
        (60,),
        persons.reshape(len(places), 1, years),
    )


@given(lattices(), st.sampled_from([50.0, 100.0, 250.0, 500.0]))
@settings(deadline=None, max_examples=80)
def test_density_is_what_counting_every_pair_gives(made: Cells, radius_m: float) -> None:
    persons = made.persons.sum(axis=1)
    apart = np.hypot(made.x_m[:, None] - made.x_m[None, :], made.y_m[:, None] - made.y_m[None, :])
    edge = np.abs(apart - radius_m) < 1e-5
    truth = (apart <= radius_m).astype(float) @ persons / (math.pi * (radius_m / 1000) ** 2)
    if not edge.any():
        assert moving_density(made, persons, radius_m) == pytest.approx(truth)


@given(lattices(), st.integers(2018, 2024))
@settings(deadline=None, max_examples=60)
def test_nobody_is_lost_on_the_way(made: Cells, year: int) -> None:
    """Inside and outside together are the cells' own total of the year, interpolated as a total."""
    zones, _ = estimate(
        place(made, districts(box(5e5, 2.9e6, 5.003e5, 3.1e6))),
        districts(box(5e5, 2.9e6, 5.003e5, 3.1e6)),
        (year,),
        DensityOptions(),
    )
    totals = made.persons.sum(axis=(0, 1))
    last = min(max(year, 2020), made.years[-1])
    expected = totals[0] if last == 2020 else totals[-1]
    inside, outside = (zones.persons[zones.district == code].sum() for code in (0, OUTSIDE))
    assert inside + outside == pytest.approx(expected)
    assert len(zones) == len(made.row)
