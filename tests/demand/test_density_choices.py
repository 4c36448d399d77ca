"""Density by district and unit, and how many persons hang on the radius and on the thresholds."""

from __future__ import annotations

import numpy as np
import pytest
from shapely import box

from siting.demand import DensityOptions, Edge, estimate, place, sensitivity
from siting.model.places import OUTSIDE, Cells, Districts, Grid, Zones

# Six cells of 100 m in a row, 10 persons each but the last with 40; districts of two cells each, the last two outside.
PEOPLE = [10.0, 10.0, 10.0, 30.0, 10.0, 40.0]


def cells() -> Cells:
    grid = Grid("EPSG:32650", 0.0, 100.0, 100.0, 100.0, 6, 1)
    x_m = np.arange(6) * 100.0 + 50.0
    persons = np.array(PEOPLE)[:, None, None]
    return Cells(grid, np.zeros(6), np.arange(6), x_m, np.full(6, 50.0), (2020,), (60,), persons)


def districts() -> Districts:
    names = ("a", "b")
    return Districts(names, names, names, (box(0, 0, 200, 100), box(200, 0, 400, 200)), ("x", "x"))


def zones(**options: object) -> Zones:
    return estimate(place(cells(), districts()), districts(), (2020,), DensityOptions.model_validate(options))[0]


def test_density_by_district() -> None:
    density = zones(by="district").density_per_km2[:, 0]
    assert density[:4] == pytest.approx([20 / 0.02] * 2 + [40 / 0.04] * 2)


def test_density_by_planning_unit() -> None:
    assert zones(by="unit").density_per_km2[:4, 0] == pytest.approx([60 / 0.06] * 4)


def test_outside_the_districts_the_circle_measures() -> None:
    made, circle = zones(by="unit", radius_m=50), zones(radius_m=50)
    outside = made.district == OUTSIDE
    assert outside.tolist() == [False] * 4 + [True] * 2
    assert made.density_per_km2[outside].tolist() == circle.density_per_km2[outside].tolist()


def test_edges_are_inclusive_on_the_side_that_clauses_say() -> None:
    made = zones(by="unit")
    low, high = made.density_per_km2[0, 0], 0
    for upper, up, down in ((True, 0.0, 60.0), (False, 60.0, 0.0)):
        less, more = sensitivity(made, [Edge(low, upper)], DensityOptions(by="unit"))
        assert (less.persons_up, less.persons_down) == (up, high)
        assert (more.persons_up, more.persons_down) == (high, down)
        assert (less.what, less.by, more.by, less.persons) == ("threshold", 0.8, 1.2, 60.0)


def test_who_changes_class_with_the_radius() -> None:
    """At 100 m a cell sees its neighbours; at 80 m only itself; at 120 m its neighbours over a wider area."""
    made = zones(radius_m=100)
    seen = np.array([20, 30, 50, 50]) / (np.pi * 0.01)
    assert made.density_per_km2[:4, 0] == pytest.approx(seen)
    shifts = sensitivity(made, [Edge(1_200.0, upper=True)], DensityOptions(radius_m=100))
    assert [(shift.what, shift.by) for shift in shifts] == [
        ("threshold", 0.8), ("threshold", 1.2), ("radius", 0.8), ("radius", 1.2)
    ]  # fmt: skip
    # at 100 m the third and fourth cell (1,592) lie above 1,200; at 80 m only the fourth (30 / 0.0201 = 1,492) does
    assert (shifts[2].persons_up, shifts[2].persons_down) == (0.0, 10.0)
    # at 120 m the two see 50 / 0.0452 = 1,105: both fall below
    assert (shifts[3].persons_up, shifts[3].persons_down) == (0.0, 40.0)
    # at 960 the cells of 955 and less stay below; at 1,440 those of 1,592 stay above
    assert [(shift.persons_up, shift.persons_down) for shift in shifts[:2]] == [(0.0, 0.0), (0.0, 0.0)]


def test_without_classes_nothing_changes() -> None:
    assert sensitivity(zones(), [], DensityOptions()) == ()
