"""Gathering zones into groups loses nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from towns import problem, sites

from siting.model.problem import Reach
from siting.optimise import reduce
from siting.optimise.reduce import _row_sums, _same_rows, group

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

REACH = Reach(frozenset({"day_care"}), 500.0)
PLOT = (False, "", ("day_care",), "idle", 0, (0, 0, 0))


def town(zones: int, plots: int, near: list[tuple[int, int, float]]) -> object:
    return problem(np.ones(zones), [0] * zones, near, sites([PLOT] * plots))


def mask(count: int, *chosen: int) -> np.ndarray:
    made = np.zeros(count, dtype=bool)
    made[list(chosen)] = True
    return made


def test_zones_of_the_same_sites_are_one_group() -> None:
    """Zones 0 and 1 see site 0; zone 2 sees both; zone 3 sees nothing; zone 4 is too far; zone 5 is sure by site 1."""
    made = town(
        6, 3, [(0, 0, 10.0), (1, 0, 500.0), (2, 0, 10.0), (2, 2, 10.0), (4, 0, 500.001), (5, 0, 10.0), (5, 1, 0.0)]
    )
    worth = sparse.csr_array(np.array([[1.0, 2, 4, 8, 16, 32], [0, 0, 1, 1, 1, 1]]))
    groups = group(made, REACH, worth, np.ones(3, dtype=bool), mask(3, 1))
    found = {
        tuple(np.flatnonzero(sites_).tolist()): weight
        for sites_, weight in zip(groups.sites.toarray(), groups.weight.toarray().T.tolist(), strict=True)
    }
    assert found == {(0,): [3.0, 0.0], (0, 2): [4.0, 1.0]}
    assert groups.constant.tolist() == [32.0, 1.0]


def test_sites_that_cannot_serve_do_not_tell_zones_apart() -> None:
    made = town(2, 2, [(0, 0, 10.0), (1, 0, 10.0), (1, 1, 10.0)])
    groups = group(made, REACH, sparse.csr_array(np.ones((1, 2))), mask(2, 0), mask(2))
    assert groups.sites.toarray().tolist() == [[1.0, 0.0]]
    assert groups.weight.toarray().tolist() == [[2.0]]


@pytest.mark.parametrize("certain", [True, False])
def test_nothing_left_to_decide_is_no_group(certain: bool) -> None:  # noqa: FBT001
    made = town(2, 1, [(0, 0, 10.0), (1, 0, 10.0)] if certain else [])
    groups = group(made, REACH, sparse.csr_array(np.ones((1, 2))), mask(1, 0), mask(1, 0))
    assert groups.sites.shape[0] == 0
    assert groups.constant.tolist() == [2.0 if certain else 0.0]


def test_equal_rows_are_found_whatever_their_order() -> None:
    matrix = sparse.csr_array(np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1], [0, 0, 1], [0, 1, 0]], dtype=float))
    first, member = _same_rows(matrix)
    assert len(first) == 3
    assert (member[0], member[1]) == (member[2], member[4])
    assert matrix[first[member]].toarray().tolist() == matrix.toarray().tolist()


def distinct(matrix: sparse.csr_array) -> int:
    return len({row.tobytes() for row in matrix.toarray()})


@pytest.mark.parametrize("share", [0.02, 0.2, 0.6])
def test_classes_of_many_rows_are_those_of_brute_force(share: float) -> None:
    """Every row has its representative's pattern, no two classes have one pattern, and the first row represents."""
    matrix = sparse.csr_array((np.random.default_rng(3).random((3000, 9)) < share).astype(float))
    first, member = _same_rows(matrix)
    assert (matrix[first[member]] != matrix).nnz == 0
    assert len(first) == distinct(matrix)
    assert first.tolist() == [np.flatnonzero(member == number)[0] for number in range(len(first))]


@pytest.mark.parametrize("blind", [0, 1])
def test_rows_are_told_apart_by_either_key(blind: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if all rows had the same sum of one key."""
    calls = iter(range(2))
    monkeypatch.setattr(
        reduce, "_row_sums", lambda matrix, key: _row_sums(matrix, key * np.uint64(next(calls) != blind))
    )
    matrix = sparse.csr_array((np.random.default_rng(4).random((200, 6)) < 0.5).astype(float))
    first, member = _same_rows(matrix)
    assert (matrix[first[member]] != matrix).nnz == 0
    assert len(first) == distinct(matrix)


@st.composite
def instances(draw: DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    zones, plots, rows = draw(st.integers(1, 8)), draw(st.integers(1, 5)), draw(st.integers(1, 3))
    pair = st.sampled_from([0.0, 499.0, 500.0, 501.0, np.nan])
    metres = np.array(draw(st.lists(pair, min_size=zones * plots, max_size=zones * plots))).reshape(zones, plots)
    worth = np.array(draw(st.lists(st.integers(0, 9), min_size=rows * zones, max_size=rows * zones)), dtype=float)
    usable, certain, open_ = (
        np.array(draw(st.lists(st.booleans(), min_size=plots, max_size=plots)), dtype=bool) for _ in range(3)
    )
    certain &= usable
    return metres, worth.reshape(rows, zones), usable, certain, (open_ & usable) | certain


@given(instances())
@settings(deadline=None, max_examples=200)
def test_groups_cover_what_zones_cover(case: tuple[np.ndarray, ...]) -> None:
    metres, worth, usable, certain, is_open = case
    zones, plots = metres.shape
    near = [(z, s, metres[z, s]) for z in range(zones) for s in range(plots) if not np.isnan(metres[z, s])]
    groups = group(town(zones, plots, near), REACH, sparse.csr_array(worth), usable, certain)
    covered = [any(is_open[s] and metres[z, s] <= 500 for s in range(plots)) for z in range(zones)]
    assert (
        groups.constant + groups.weight @ (groups.sites @ is_open.astype(float) > 0).astype(float)
    ).tolist() == pytest.approx([sum(row[z] for z in range(zones) if covered[z]) for row in worth.tolist()])
    patterns = [tuple(row) for row in groups.sites.toarray().tolist()]
    assert len(set(patterns)) == len(patterns)
