"""Cohort ageing against numbers worked by hand; and with survival 1 nobody is lost, everybody moves up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from siting.demand import DensityOptions, estimate, place
from siting.demand.cohorts import aged, aged_beyond
from siting.errors import DataError
from siting.model.census import Census, Cohorts
from siting.model.places import Cells, Districts, Grid, Placed, Zones
from siting.model.text import Text

SOURCE = Text("示例", "an example")
AGES = (55, 60, 65)
PERSONS = (100.0, 80.0, 50.0)
SURVIVAL = (0.9, 0.8, 0.5)
TOWNS = Districts(("a", "b"), ("a", "b"), ("a", "b"), (box(0, 0, 100, 100), box(100, 0, 200, 100)), ("a", "b"))


def cells(persons: object, ages: tuple[int, ...] = AGES, years: tuple[int, ...] = (2020,)) -> Cells:
    """Cells of 100 m side by side: a, b, and whatever comes after them outside."""
    people = np.array(persons, dtype=float)
    count = len(people)
    grid = Grid("EPSG:32650", 0.0, 100.0, 100.0, 100.0, count, 1)
    x_m = np.arange(count) * 100.0 + 50.0
    return Cells(grid, np.zeros(count), np.arange(count), x_m, np.full(count, 50.0), years, ages, people)


def one_cell() -> Cells:
    return cells(np.array(PERSONS)[None, :, None])


def census(survival: object = SURVIVAL, migration: object = (0.0, 0.0), from_age: int = 60) -> Census:
    cohorts = Cohorts(np.array(survival, float), np.array(migration, float), from_age, SOURCE)
    return Census(None, None, None, {}, cohorts=cohorts)


def zones(made: Cells, phases: tuple[int, ...], known: Census) -> Zones:
    return estimate(place(made, TOWNS), TOWNS, phases, DensityOptions(), known)[0]


def test_five_years_by_hand() -> None:
    """55–59: 100 · 0.9 = 90 become 60–64; 80 · 0.8 = 64 join the 50 · 0.5 = 25 who stay above 65: 89."""
    assert aged(np.array([PERSONS]), np.array(SURVIVAL), 1).tolist() == [[0, 90, 89]]


def test_between_two_steps_classes_lie_on_a_line() -> None:
    """Two years on: 80 + 0.4 · (90 − 80) = 84 and 50 + 0.4 · (89 − 50) = 65.6; the class of 55 is no demand."""
    made = zones(one_cell(), (2020, 2022, 2025), census())
    assert made.ages == (60, 65)
    assert made.persons[0].T.tolist() == [[80, 50], pytest.approx([84, 65.6]), pytest.approx([90, 89])]


def test_two_steps_need_one_class_more() -> None:
    """50: 200 → 55: 190 → 60: 171; 55: 100 → 60: 90 → 65+: 72, beside 89 · 0.5 = 44.5."""
    made = cells(np.array((200.0, *PERSONS))[None, :, None], (50, *AGES))
    persons = zones(made, (2025, 2030), census((0.95, *SURVIVAL))).persons[0]
    assert persons[:, 1].tolist() == pytest.approx([171, 72 + 44.5])
    assert persons[:, 0].tolist() == pytest.approx([90, 89])


def test_women_and_men_survive_at_their_own_shares() -> None:
    """Women 60, 40, 30 at 1, 0.9, 0.6; men 40, 40, 20 at 0.8, 0.7, 0.4: 60 + 32 and 36 + 18 + 28 + 8."""
    made = cells(np.array([60, 40, 40, 40, 30, 20.0])[None, :, None], (55, 55, 60, 60, 65, 65))
    found = zones(made, (2020, 2025), census((1, 0.8, 0.9, 0.7, 0.6, 0.4)))
    assert found.ages == (60, 65)
    assert found.persons[0].T.tolist() == [[80, 50], pytest.approx([92, 90])]


def test_migration_is_by_district_and_yearly() -> None:
    """2 % a year more in a, none in b; the cell outside moves as both together, whose persons are alike."""
    made = cells(np.array([PERSONS] * 3)[:, :, None])
    persons = zones(made, (2025,), census(migration=(0.02, 0.0))).persons[:, :, 0]
    assert persons[0].tolist() == pytest.approx([90 * 1.02**5, 89 * 1.02**5])
    assert persons[1].tolist() == pytest.approx([90, 89])
    assert persons[2].tolist() == pytest.approx([90 * (1.02**5 + 1) / 2, 89 * (1.02**5 + 1) / 2])


def test_within_the_years_of_the_data_nothing_is_aged() -> None:
    people = np.stack([PERSONS, np.array(PERSONS) * 2], axis=-1)[None]
    made = cells(people, years=(2020, 2025))
    found, told = estimate(place(made, TOWNS), TOWNS, (2018, 2023, 2025), DensityOptions(), census())
    assert found.persons[0, 0].tolist() == pytest.approx([80, 128, 160])
    (warning,) = told  # 2018 lies before the data: its counts are those of 2020
    assert "2018" in warning.en
    assert "cohorts" not in warning.en


def test_a_run_says_which_phases_are_aged_and_by_whose_survival() -> None:
    _, (warning,) = estimate(place(one_cell(), TOWNS), TOWNS, (2020, 2024), DensityOptions(), census())
    assert "2024 follows from ageing five-year cohorts (survival: an example)" in warning.en
    assert "2024年按五岁组队列推算（存活率：示例）" in warning.zh


def test_entrants_whom_nobody_counted_are_refused() -> None:
    """In 2026 people of 60 to 64 were partly 54 and younger in 2020: the youngest class is 55."""
    with pytest.raises(DataError) as told:
        zones(one_cell(), (2026,), census())
    (problem,) = told.value.problems
    assert "begins at 55" in str(problem)
    assert "add population.ages from 50 on, or end the phases by 2025" in str(problem)


def test_data_of_no_year_cannot_age() -> None:
    with pytest.raises(DataError, match=r"population: \{year"):
        zones(cells(np.array(PERSONS)[None, :, None], years=(0,)), (2025,), census())


@given(
    st.lists(st.lists(st.floats(0, 1e4), min_size=8, max_size=8), min_size=1, max_size=4),
    st.integers(1, 2),
    st.integers(2020, 2045),
)
@settings(deadline=None, max_examples=60)
def test_with_survival_one_everybody_moves_up_and_nobody_is_lost(
    persons: list[list[float]], sexes: int, year: int
) -> None:
    ages = tuple(age for age in range(80 - 5 * (8 // sexes - 1), 81, 5) for _ in range(sexes))
    made = cells(np.array(persons)[:, :, None], ages)
    known = Cohorts(np.ones(8), np.zeros(2), 80, SOURCE)
    if ages[0] > 80 - 5 * -(-(year - 2020) // 5):
        year = 2020 + 80 - ages[0]
    district = np.zeros(len(persons), dtype=int)
    found, _ = aged_beyond(made.persons[:, :, [0, 0]], Placed(made, district), (2020, year), known)
    np.testing.assert_allclose(found.sum(axis=1), made.persons.sum(axis=1).repeat(2, axis=1))
    younger = np.cumsum(found, axis=1)
    assert (younger[:, :, 1] <= younger[:, :, 0] + 1e-6).all()  # nobody grows younger
