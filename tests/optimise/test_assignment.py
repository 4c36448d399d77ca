"""Persons in need to facilities: hand-drawn rows of houses, conservation, stability, and the whole linear program."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from siting.model.serving import CHOICES, Assignment, Choice
from siting.optimise import SolverOptions, assign, assignment

OPTIONS = SolverOptions()
FAR = np.inf


def sent(
    need: list[float], room: list[float], metres: list[list[float]], choice: Choice, choices: int | None = None
) -> Assignment:
    return assign(np.array(need), np.array(room), ways(metres), (choice, choices), OPTIONS)


def ways(metres: list[list[float]]) -> sparse.csr_array:
    """Keep the finite entries of a table, noughts among them."""
    table = np.array(metres)
    zone, site = np.nonzero(np.isfinite(table))
    return sparse.csr_array(sparse.coo_array((table[zone, site], (zone, site)), shape=table.shape))


def test_everybody_turns_to_the_nearest_and_an_overrun_one_serves_the_same_part_of_all() -> None:
    """Ten and thirty persons come to twenty beds; the second home, a little farther, stays empty."""
    found = sent([10, 30], [20, 100], [[100, 200], [50, 60]], "nearest")
    np.testing.assert_allclose(found.sent.toarray(), [[5, 0], [15, 0]])
    np.testing.assert_allclose(found.waiting, [5, 15])
    np.testing.assert_allclose(found.metres, [500, 750])


def test_by_preference_the_shorter_way_comes_first_and_the_rest_goes_on() -> None:
    found = sent([10, 30], [20, 100], [[100, 200], [50, 60]], "preference")
    np.testing.assert_allclose(found.sent.toarray(), [[0, 10], [20, 10]])
    np.testing.assert_allclose(found.waiting, [0, 0])


def test_who_thinks_of_one_facility_only_waits_for_it() -> None:
    found = sent([10, 30], [20, 100], [[100, 200], [50, 60]], "preference", choices=1)
    np.testing.assert_allclose(found.sent.toarray(), [[0, 0], [20, 0]])
    np.testing.assert_allclose(found.waiting, [10, 10])


def test_the_optimal_assignment_moves_those_who_lose_least_by_it() -> None:
    """Twenty must go to the second home: 10 m farther for the second house, 100 m for the first."""
    found = sent([10, 30], [20, 100], [[100, 200], [50, 60]], "optimal")
    np.testing.assert_allclose(found.sent.toarray(), [[10, 0], [10, 20]], atol=1e-6)


def test_the_optimal_assignment_serves_one_more_however_long_the_chain_of_exchanges() -> None:
    """Only if each house moves on to the next home does the first house find room: nobody prefers that."""
    metres = [[0, FAR, FAR, FAR], [0, 1000, FAR, FAR], [FAR, 0, 1000, FAR], [FAR, FAR, 0, 1000]]
    need, room = [1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]
    best = sent(need, room, metres, "optimal")
    np.testing.assert_allclose(best.served, 1, atol=1e-6)
    assert sent(need, room, metres, "nearest").served.sum() < 4


def test_nobody_in_need_and_nowhere_to_go_are_no_trouble() -> None:
    for choice in CHOICES:
        found = sent([0, 5], [3, 0], [[1, FAR], [FAR, FAR]], choice)
        assert found.served.sum() == 0
        assert found.waiting.sum() == 0  # no facility within reach: that is no waiting list


towns = st.integers(1, 6).flatmap(
    lambda zones: st.integers(1, 5).flatmap(
        lambda sites: st.tuples(
            st.lists(st.integers(0, 9), min_size=zones, max_size=zones),
            st.lists(st.integers(1, 9), min_size=sites, max_size=sites),
            st.lists(
                st.lists(st.one_of(st.just(FAR), st.integers(0, 50)), min_size=sites, max_size=sites),
                min_size=zones,
                max_size=zones,
            ),
        )
    )
)


@settings(max_examples=50, deadline=None)
@given(towns)
def test_persons_are_kept_rooms_are_not_overrun_and_more_is_never_served_than_optimally(
    town: tuple[list[int], list[int], list[list[float]]],
) -> None:
    need, room, metres = (np.array(part, dtype=np.float64) for part in town)
    found = {choice: sent(need, room, metres, choice) for choice in CHOICES}
    reached = np.isfinite(metres).any(axis=1)
    for one in found.values():
        assert (one.taken <= room + 1e-6).all()
        np.testing.assert_allclose(one.served + one.waiting, np.where(reached, need, 0.0), atol=1e-6)
        assert np.isfinite(metres[one.sent.toarray() > 0]).all()
    most, least = _whole_program(need, room, metres)
    best = found["optimal"]
    assert best.served.sum() == pytest.approx(most, abs=1e-6)
    assert best.metres.sum() == pytest.approx(least, abs=1e-4)
    assert all(one.served.sum() <= most + 1e-6 for one in found.values())
    assert _stable(found["preference"], need, room, metres)


def _whole_program(need: np.ndarray, room: np.ndarray, metres: np.ndarray) -> tuple[float, float]:
    """Return the most persons that can be served, and their least sum of ways, by two plain linear programs."""
    zone, site = np.nonzero(np.isfinite(metres))
    if not len(zone):
        return 0.0, 0.0
    rows = np.vstack([zone == z for z in range(len(need))] + [site == s for s in range(len(room))]).astype(float)
    limits = np.concatenate([need, room])
    most = -linprog(-np.ones(len(zone)), A_ub=rows, b_ub=limits).fun
    cost = metres[zone, site]
    least = linprog(cost, A_ub=np.vstack([rows, -np.ones(len(zone))]), b_ub=np.append(limits, -most + 1e-9)).fun
    return most, least


def _stable(found: Assignment, need: np.ndarray, room: np.ndarray, metres: np.ndarray) -> bool:
    """Say whether no zone and facility would both rather have each other than what they have."""
    table = found.sent.toarray()
    left, free = need - table.sum(axis=1), room - table.sum(axis=0)
    for z, s in zip(*np.nonzero(np.isfinite(metres)), strict=True):
        way = metres[z, s]
        would_come = left[z] > 1e-6 or (table[z] * (metres[z] > way)).sum() > 1e-6
        would_take = free[s] > 1e-6 or (table[:, s] * (metres[:, s] > way)).sum() > 1e-6
        if would_come and would_take:
            return False
    return True


@pytest.mark.parametrize("pairs", [1, 40, 400])
def test_leaving_out_zones_that_are_in_no_doubt_changes_nothing(monkeypatch: pytest.MonkeyPatch, pairs: int) -> None:
    """However few pairs are looked at to begin with, as many are served on ways as short."""
    rng = np.random.default_rng(5)
    for short_of_room in (0.5, 0.9, 1.2):
        homes, places = rng.random((60, 2)), rng.random((9, 2))
        metres = np.hypot(*(homes[:, None] - places).T).T
        metres[metres > 0.7] = FAR
        need = rng.random(60)
        room = rng.random(9)
        room *= short_of_room * need.sum() / room.sum()
        monkeypatch.setattr(assignment, "_WHOLE", pairs)
        best = sent(list(need), list(room), metres.tolist(), "optimal")
        most, least = _whole_program(need, room, metres)
        assert best.served.sum() == pytest.approx(most, abs=1e-6)
        assert best.metres.sum() == pytest.approx(least, abs=1e-4)
        assert (best.taken <= room + 1e-6).all()
