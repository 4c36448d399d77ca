"""Contiguous circles of like numbers of persons, against trying every partition out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from siting.optimise.districting import partition
from siting.optimise.options import SolverOptions

EXACT = SolverOptions(gap=0.0, time_limit_s=60)


def row_of(count: int) -> np.ndarray:
    """Districts in a row, each beside the next."""
    number = np.arange(count)
    return np.abs(number[:, None] - number[None, :]) <= 1


def in_one_piece(members: list[int], beside: np.ndarray) -> bool:
    found, edge = {members[0]}, [members[0]]
    while edge:
        here = edge.pop()
        fresh = [one for one in members if beside[here, one] and one not in found]
        found.update(fresh)
        edge += fresh
    return len(found) == len(members)


def best(persons: np.ndarray, beside: np.ndarray, count: int) -> float | None:
    """The least largest deviation over all partitions into contiguous circles."""
    mean, least = persons.sum() / count, None
    for circle in itertools.product(range(count), repeat=len(persons)):
        groups = [[i for i, c in enumerate(circle) if c == number] for number in range(count)]
        if all(groups) and all(in_one_piece(group, beside) for group in groups):
            worst = max(abs(persons[group].sum() - mean) for group in groups)
            least = worst if least is None else min(least, worst)
    return least


def test_a_row_is_cut_where_the_sums_are_nearest() -> None:
    """40, 10, 30, 20, 50: the mean of two is 75; 80 and 70 are five away from it."""
    made = partition(np.array([40.0, 10, 30, 20, 50]), row_of(5), 2, EXACT)
    assert made.circle is not None
    assert made.circle.tolist() == [0, 0, 0, 1, 1]
    assert made.certificate.status == "optimal"
    assert made.certificate.objective == pytest.approx(5.0)
    assert made.certificate.unit == "persons"


def test_districts_that_do_not_touch_are_never_put_together() -> None:
    """Alike in numbers would be the two ends; they have no border in common."""
    made = partition(np.array([10.0, 20, 10]), row_of(3), 2, EXACT)
    assert made.circle is not None
    assert made.circle.tolist() in ([0, 0, 1], [0, 1, 1])
    assert made.certificate.objective == pytest.approx(10.0)


def test_islands_make_too_few_circles_impossible() -> None:
    made = partition(np.array([10.0, 20, 30]), np.eye(3, dtype=bool), 2, EXACT)
    assert made.circle is None
    assert made.certificate.status == "infeasible"


def test_as_many_circles_as_districts_leaves_each_alone() -> None:
    made = partition(np.array([10.0, 20, 30]), np.eye(3, dtype=bool), 3, EXACT)
    assert made.circle is not None
    assert sorted(made.circle.tolist()) == [0, 1, 2]


@pytest.mark.parametrize("count", [0, 4])
def test_an_impossible_number_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="circles of 3 districts"):
        partition(np.ones(3), row_of(3), count, EXACT)


@pytest.mark.parametrize("seed", range(24))
def test_partitions_and_trying_everything_agree(seed: int) -> None:
    r = np.random.default_rng(seed)
    places, count = int(r.integers(3, 8)), int(r.integers(2, 4))
    beside = np.triu(r.random((places, places)) < 0.4, 1)
    beside = beside | beside.T | np.eye(places, dtype=bool)
    persons = r.integers(1, 60, size=places).astype(float)
    truth, made = best(persons, beside, count), partition(persons, beside, count, EXACT)
    if truth is None:
        assert made.certificate.status == "infeasible"
        return
    assert made.circle is not None
    assert made.certificate.objective == pytest.approx(truth)
    groups = [np.flatnonzero(made.circle == number).tolist() for number in range(count)]
    assert all(groups)
    assert all(in_one_piece(group, beside) for group in groups)
