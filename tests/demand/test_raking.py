"""Cells raked to a census: equal to it, spread as the cells were, and refused where it contradicts itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.demand import rake
from siting.errors import DataError
from siting.model.census import EVERY, Controls

AGES = (60, 65, 80)
CLASSES = {"60+": (1, 1, 1), "65+": (0, 1, 1), "80+": (0, 0, 1), "60-64": (1, 0, 0), "65-79": (0, 1, 0)}
NAMES = ("甲镇", "乙镇")
SUMS = np.array([[100.0, 50.0, 10.0], [200.0, 80.0, 20.0]])


def controls(*rows: tuple[int, str, float]) -> Controls:
    return Controls(
        np.array([row[0] for row in rows]),
        tuple(row[1] for row in rows),
        np.array([CLASSES[row[1]] for row in rows], dtype=bool),
        np.array([row[2] for row in rows]),
        tuple(f"c.csv:{number}" for number in range(2, len(rows) + 2)),
    )


def test_one_number_multiplies_its_classes() -> None:
    raking = rake(SUMS, controls((0, "60+", 320.0)), NAMES)
    assert raking.factor.tolist() == [[2, 2, 2], [1, 1, 1]]
    (line,) = raking.lines
    assert (line.before, line.control, line.after, line.factor) == (160, 320, 320, 2)


def test_overlapping_groups_are_both_met() -> None:
    raking = rake(SUMS, controls((0, "60+", 200.0), (0, "80+", 40.0)), NAMES)
    fitted = SUMS * raking.factor
    assert fitted[0].sum() == pytest.approx(200, rel=1e-9)
    assert fitted[0, 2] == pytest.approx(40, rel=1e-9)
    assert fitted[0, 0] / fitted[0, 1] == pytest.approx(2)  # as the cells had it


def test_the_textbook_table() -> None:
    """Rows and columns of a table by iterative proportional fitting, against the fit by odds ratios done by hand.

    [[1, 2], [3, 4]] to rows (30, 70) and columns (40, 60): the odds ratio 1·4 / (2·3) = 2/3 is kept, so the corner x
    solves x (x + 0) (…): x·(60 - (30 - x)) / ((30 - x)·(40 - x)) = 2/3.
    """
    members = np.array([[1, 0], [0, 1]], dtype=bool)
    both = np.ones((2, 2), dtype=bool)
    made = Controls(
        np.array([0, 1, EVERY, EVERY]),
        ("60+", "60+", "60-79", "80+"),
        np.vstack([both, members]),
        np.array([30.0, 70.0, 40.0, 60.0]),
        ("",) * 4,
    )
    fitted = np.array([[1.0, 2.0], [3.0, 4.0]])
    fitted = fitted * rake(fitted, made, NAMES).factor
    x = fitted[0, 0]
    assert fitted.sum(axis=1) == pytest.approx([30, 70])
    assert fitted.sum(axis=0) == pytest.approx([40, 60])
    assert x * (30 + x) / ((30 - x) * (40 - x)) == pytest.approx(2 / 3)


def test_nothing_stands_for_nobody() -> None:
    raking = rake(SUMS, controls((1, "80+", 0.0)), NAMES)
    assert raking.factor[1].tolist() == [1, 1, 0]


def test_a_district_without_persons_cannot_be_raked_to_some() -> None:
    sums = SUMS.copy()
    sums[1] = 0
    with pytest.raises(DataError, match=r"c\.csv:2: 乙镇 60\+: the census counts 5, the cells nobody"):
        rake(sums, controls((1, "60+", 5.0)), NAMES)


@pytest.mark.parametrize(
    "rows",
    [
        ((0, "60+", 100.0), (0, "80+", 120.0)),
        ((0, "60+", 100.0), (1, "60+", 100.0), (EVERY, "60+", 300.0)),
        ((0, "60+", 100.0), (0, "60-64", 50.0), (0, "65+", 60.0)),
    ],
)
def test_numbers_that_contradict_each_other_are_refused(rows: tuple[tuple[int, str, float], ...]) -> None:
    with pytest.raises(DataError, match="cannot be met together with the other numbers") as caught:
        rake(SUMS, controls(*rows), NAMES)
    assert "parts do not exceed their wholes" in str(caught.value)


def test_extreme_factors_are_named() -> None:
    quiet = rake(SUMS, controls((0, "60+", 320.0)), NAMES).warnings
    assert [warning.en for warning in quiet] == ["Cells were raked to 1 census numbers; factors 2.000 to 2.000."]
    loud = rake(SUMS, controls((0, "60+", 480.0), (1, "80+", 2.0)), NAMES).warnings
    assert "2 raking factors lie outside 0.5 to 2.0" in loud[1].en
    assert loud[1].en.endswith("乙镇 80+ × 0.10, 甲镇 60+ × 3.00.")


@given(
    st.integers(1, 6).flatmap(
        lambda count: st.tuples(
            st.lists(st.lists(st.floats(0.1, 1e4), min_size=3, max_size=3), min_size=count, max_size=count),
            st.lists(st.lists(st.floats(1.0, 1e4), min_size=3, max_size=3), min_size=count, max_size=count),
        )
    )
)
@settings(deadline=None)
def test_any_census_that_is_one_is_met_to_a_millionth(made: tuple[list[list[float]], list[list[float]]]) -> None:
    """Controls taken from a table of true numbers, district by district and over all, whatever the cells say."""
    sums, true = (np.array(values) for values in made)
    rows = [(d, group, float(true[d] @ CLASSES[group])) for d in range(len(true)) for group in ("60+", "80+")]
    rows += [(EVERY, "65+", float((true @ CLASSES["65+"]).sum()))]
    raking = rake(sums, controls(*rows), ["x"] * len(true))
    fitted = sums * raking.factor
    for district, group, goal in rows:
        counted = fitted if district == EVERY else fitted[district]
        assert (counted @ CLASSES[group]).sum() == pytest.approx(goal, rel=1e-6)
    assert (fitted >= 0).all()
