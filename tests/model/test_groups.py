"""Groups are shares laid over the age classes: they overlap, weigh, and never change how many people there are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siting.model.groups import CARES, Group, Need, need_in
from siting.model.places import OUTSIDE, Grid, Zones
from siting.model.text import Text

NOTHING = Text("", "")
AGES = (60, 80)
PERSONS = np.array([[100.0, 20.0], [50.0, 10.0], [40.0, 4.0]])[:, :, None]
"""A zone in each of two districts, and one outside."""

OLDEST = Group("oldest", NOTHING, 80, np.array([[0, 1.0]] * 3), 2.0, NOTHING)
ALONE = Group("alone", NOTHING, 60, np.array([[0.1, 0.5], [0.2, 0.5], [0.15, 0.5]]), 1.5, NOTHING)
NEED = Need(0.90, 0.07, 0.03, "", None, 1.25, 0.5, NOTHING)


def zones(**changes: object) -> Zones:
    grid = Grid("EPSG:32650", 0.0, 0.0, 1.0, 1.0, 3, 1)
    made = Zones(
        grid, np.zeros(3), np.arange(3), np.zeros(3), np.zeros(3), AGES, (2025,), PERSONS, [0, 1, OUTSIDE],
        np.zeros((3, 1)), (OLDEST, ALONE), (NEED,),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def test_persons_of_a_group_by_district() -> None:
    """Alone: 10 + 10, 10 + 5, and outside 6 + 2."""
    assert zones().persons_of("alone", 0).tolist() == [20, 15, 8]
    assert zones().persons_of("oldest", 0).tolist() == [20, 10, 4]
    assert zones().persons_of("", 0).tolist() == [120, 60, 44]
    with pytest.raises(KeyError):
        zones().persons_of("disabled", 0)


def test_weights_add_to_everybody_for_each_group() -> None:
    """120 persons + 1 · 20 of 80 and over + 0.5 · 20 who live alone = 150: who is both weighs 2.5."""
    assert zones().weighted(0).tolist() == [150, 60 + 10 + 7.5, 44 + 4 + 4]
    assert zones(groups=()).weighted(0).tolist() == [120, 60, 44]


def test_needs_part_everybody() -> None:
    parts = [zones().in_need(care, 0) for care in CARES]
    assert np.sum(parts, axis=0) == pytest.approx([120, 60, 44])
    assert parts[2] == pytest.approx([3.6, 1.8, 1.32])
    of_group = zones(needs=(replace(NEED, of="alone"),))
    assert of_group.in_need("institution", 0) == pytest.approx([0.6, 0.45, 0.24])


def test_beds_and_places_for_a_person() -> None:
    assert [NEED.per_person(care) for care in CARES] == [0, 0.5, 1.25]


def test_the_entry_in_force_is_the_last_that_has_begun() -> None:
    later = replace(NEED, home=0.90, community=0.06, institution=0.04, from_year=2025)
    assert need_in((), 2025) is None
    assert need_in((later, NEED), 2024) is NEED
    assert need_in((later, NEED), 2025) is later
    assert need_in((later,), 2020) is later


def test_groups_must_fit_their_zones() -> None:
    with pytest.raises(ValueError, match="age classes"):
        zones(groups=(replace(OLDEST, share=np.ones((3, 3))),))
    with pytest.raises(ValueError, match="between 0 and 1"):
        replace(OLDEST, share=np.full((3, 2), 1.5))
