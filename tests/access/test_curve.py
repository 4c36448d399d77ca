"""The order in which searches go through points and nodes, and lists of things by place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.access.curve import along_curve, hilbert
from siting.access.layout import listed


@pytest.mark.parametrize("side", [2, 8, 64, 256])
def test_the_curve_goes_from_cell_to_neighbouring_cell_through_all_of_them(side: int) -> None:
    cell = np.random.default_rng(1).permutation(side * side)
    x, y = cell % side, cell // side
    order = along_curve(x.astype(float), y.astype(float))
    assert sorted(order.tolist()) == list(range(side * side))
    steps = np.abs(np.diff(x[order])) + np.abs(np.diff(y[order]))
    assert set(steps.tolist()) == {1}


def test_the_order_is_that_of_the_positions_and_equal_ones_stay_as_they_came() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.integers(0, 300, 20_000) * 1.0, rng.integers(0, 300, 20_000) * 1.0
    assert np.array_equal(along_curve(x, y), np.argsort(hilbert(x, y), kind="stable"))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_points_at_one_place_stay_as_they_came(count: int) -> None:
    assert along_curve(np.full(count, 7.5), np.full(count, -2.0)).tolist() == list(range(count))


@given(st.lists(st.integers(0, 6), max_size=30))
@settings(deadline=None)
def test_things_are_listed_by_place_in_their_order(place: list[int]) -> None:
    start, thing = listed(np.array(place, dtype=np.int64), 7)
    found = [thing[start[p] : start[p + 1]].tolist() for p in range(7)]
    assert found == [[number for number, at in enumerate(place) if at == p] for p in range(7)]
