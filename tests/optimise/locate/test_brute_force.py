"""Every textbook model against all choices of sites, on small random matrices: dense, sparse, with existing sites."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from siting.optimise import locate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from siting.optimise.locate import Location

SEEDS = range(12)


class Small:
    """A random matrix with everything that goes with it; sparse in two cases of three, whole numbers in one of two."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.n, self.m = int(rng.integers(3, 9)), int(rng.integers(3, 7))
        spread = rng.uniform(0.0, 20.0, (self.n, self.m))
        self.cost = np.round(spread) if seed % 2 else spread
        if seed % 3:
            self.cost[rng.random(self.cost.shape) < 0.25] = np.inf
        self.weights = rng.integers(0, 9, self.n).astype(float)
        self.fixed = rng.integers(0, 30, self.m).astype(float)
        self.demand = rng.integers(1, 6, self.n).astype(float)
        self.capacity = rng.integers(4, 16, self.m).astype(float)
        self.p = int(rng.integers(1, self.m))
        self.kept = [int(rng.integers(self.m))] if seed % 4 == 0 else []
        self.radius = float(rng.uniform(3.0, 15.0))
        self.share = float(rng.uniform(0.3, 1.0))

    def choices(self, p: int | None = None) -> Iterable[tuple[int, ...]]:
        for size in range(1, self.m + 1) if p is None else [p]:
            for chosen in itertools.combinations(range(self.m), size):
                if set(self.kept) <= set(chosen):
                    yield chosen


def best(choices: Iterable[tuple[int, ...]], value: Callable[[tuple[int, ...]], float]) -> float:
    return min((value(chosen) for chosen in choices), default=np.inf)


def serving(small: Small, chosen: tuple[int, ...], unit: np.ndarray, *, single: bool) -> float:
    """The least cost of serving all within capacities, by another solver's door and a formula of its own."""
    n, k = small.n, len(chosen)
    reach = np.isfinite(small.cost[:, chosen]).ravel()
    cost = np.where(reach, small.cost[:, chosen].ravel(), 0.0) * np.repeat(unit, k)
    each = np.kron(np.eye(n), np.ones(k))
    load = np.kron(small.demand, np.eye(k))
    rules = [LinearConstraint(each, 1, 1), LinearConstraint(load, -np.inf, small.capacity[list(chosen)])]
    found = milp(cost, constraints=rules, bounds=Bounds(0, reach.astype(float)), integrality=int(single))
    return float(found.fun) if found.success else np.inf


def both(small: Small, ask: Callable[[Any], Location]) -> Location:
    """Ask of the dense and of the sparse matrix; they must agree."""
    there = np.isfinite(small.cost)
    thin = sparse.coo_array((small.cost[there], np.nonzero(there)), shape=small.cost.shape)
    dense, thinly = ask(small.cost), ask(thin)
    assert dense.certificate.status == thinly.certificate.status
    assert dense.objective == pytest.approx(thinly.objective)
    return dense


def agrees(location: Location, small: Small, expected: float, *, more: bool = False) -> None:
    """The objective is the best of all choices, proven; or there is none, and the reason is told."""
    if not np.isfinite(expected):
        assert location.certificate.status == "infeasible"
        assert location.objective is None
        assert not len(location.open)
        assert location.why is not None
        assert location.why.message
        return
    assert location.certificate.status == "optimal"
    assert location.objective == pytest.approx(expected)
    assert location.certificate.objective == location.objective
    bound = location.certificate.bound
    assert bound is not None
    assert (bound >= expected - 1e-6) if more else (bound <= expected + 1e-6)
    assert set(small.kept) <= set(location.open.tolist())
    shares = location.shares.toarray()
    served = shares.sum(axis=1) > 0
    assert np.allclose(shares[served].sum(axis=1), 1.0)
    assert not shares[:, np.setdiff1d(np.arange(small.m), location.open)].any()
    assert (location.assignment[~served] == -1).all()
    rows = np.arange(small.n)[served]
    assert (shares[rows, location.assignment[served]] == shares[rows].max(axis=1)).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_lscp_opens_the_fewest(seed: int) -> None:
    small = Small(seed)
    near = small.cost <= small.radius
    found = both(small, lambda cost: locate.lscp(cost, small.radius, predefined=small.kept))
    agrees(found, small, best(small.choices(), lambda s: len(s) if near[:, s].any(axis=1).all() else np.inf))
    if found.why is not None:
        assert list(found.why.demand) == np.flatnonzero(~near.any(axis=1)).tolist()
        if "radius" in found.why.smallest:
            again = locate.lscp(small.cost, found.why.smallest["radius"])
            assert again.certificate.status == "optimal"
            less = locate.lscp(small.cost, np.nextafter(found.why.smallest["radius"], 0) * (1 - 1e-6))
            assert less.certificate.status == "infeasible"
        else:
            assert not np.isfinite(small.cost).any(axis=1).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_backup_is_the_most_that_the_fewest_can_give(seed: int) -> None:
    small = Small(seed)
    near = small.cost <= small.radius
    ask = {"backup": True, "weights": small.weights, "predefined": small.kept}
    found = both(small, lambda cost: locate.lscp(cost, small.radius, **ask))
    covers = [s for s in small.choices() if near[:, s].any(axis=1).all()]
    fewest = min((len(s) for s in covers), default=np.inf)
    agrees(found, small, fewest)
    if covers:
        most = max(small.weights[near[:, s].sum(axis=1) > 1].sum() for s in covers if len(s) == fewest)
        assert found.figures["backed_up"] == pytest.approx(most)


@pytest.mark.parametrize("seed", SEEDS)
def test_set_cover_is_the_cheapest(seed: int) -> None:
    small = Small(seed)
    near = small.cost <= small.radius
    expected = best(small.choices(), lambda s: small.fixed[list(s)].sum() if near[:, s].any(axis=1).all() else np.inf)
    found = locate.set_cover(near, small.fixed, predefined=small.kept)
    agrees(found, small, expected)
    thin = locate.set_cover(sparse.csr_array(near), small.fixed, predefined=small.kept)
    assert thin.objective == found.objective


@pytest.mark.parametrize("seed", SEEDS)
def test_mclp_covers_the_most(seed: int) -> None:
    small = Small(seed)
    near = small.cost <= small.radius
    found = both(small, lambda c: locate.mclp(c, small.weights, small.radius, small.p, predefined=small.kept))
    most = -best(small.choices(small.p), lambda s: -small.weights[near[:, s].any(axis=1)].sum())
    agrees(found, small, most, more=True)
    assert len(found.open) == small.p
    assert found.figures["share"] == pytest.approx(most / small.weights.sum())


@pytest.mark.parametrize("seed", SEEDS)
def test_partial_cover_is_the_cheapest_that_covers_the_share(seed: int) -> None:
    small = Small(seed)
    near = small.cost <= small.radius
    need = small.share * small.weights.sum() - 1e-9
    found = locate.partial_cover(near, small.weights, small.fixed, small.share, predefined=small.kept)
    choices = [(), *small.choices()] if not small.kept else small.choices()
    expected = best(
        choices,
        lambda s: small.fixed[list(s)].sum() if small.weights[near[:, s].any(axis=1)].sum() >= need else np.inf,
    )
    agrees(found, small, expected)
    if found.why is not None:
        again = locate.partial_cover(near, small.weights, small.fixed, found.why.smallest["share"])
        assert again.certificate.status == "optimal"


@pytest.mark.parametrize("seed", SEEDS)
def test_p_median_serves_everybody_at_least_cost(seed: int) -> None:
    small = Small(seed)
    found = both(small, lambda cost: locate.p_median(cost, small.weights, small.p, predefined=small.kept))

    def value(chosen: tuple[int, ...]) -> float:
        nearest = small.cost[:, chosen].min(axis=1)
        return float(small.weights @ nearest) if np.isfinite(nearest).all() else np.inf

    agrees(found, small, best(small.choices(small.p), value))
    agrees(locate.k_nearest_p_median(small.cost, small.weights, small.p, 1, predefined=small.kept), small,
           best(small.choices(small.p), value))  # fmt: skip
    if found.why is not None and "p" in found.why.smallest:
        p = int(found.why.smallest["p"])
        assert locate.p_median(small.cost, small.weights, p, predefined=small.kept).certificate.status == "optimal"
        less = locate.p_median(small.cost, small.weights, p - 1, predefined=small.kept)
        assert less.certificate.status == "infeasible"


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_p_median_keeps_to_capacities(seed: int, *, single: bool) -> None:
    small = Small(seed)
    ask = {"demand": small.demand, "predefined": small.kept}
    found = both(small, lambda c: locate.p_median(c, small.weights, small.p, small.capacity, single, **ask))
    choices = small.choices(small.p)
    agrees(found, small, best(choices, lambda s: serving(small, s, small.weights, single=single)))
    if found.objective is not None:
        load = found.shares.T @ small.demand
        assert (load <= small.capacity + 1e-6).all()
        assert not single or found.shares.nnz == small.n


@pytest.mark.parametrize("seed", range(12))
def test_whole_demands_of_fractions_are_packed_into_what_just_holds_them(seed: int) -> None:
    """Capacities are the very sums of an assignment that is not told: it is found, or a cheaper one, never missed."""
    rng = np.random.default_rng(seed)
    small = Small(seed)
    p = int(rng.integers(1, small.m + 1))
    small.demand = rng.choice([np.round(rng.uniform(0.1, 9, small.n), 2), rng.integers(1, 5, small.n) / 3])
    small.cost = np.round(rng.uniform(1, 100, (small.n, small.m)), 2)
    hidden = rng.integers(0, p, small.n)
    sums = np.array([small.demand[hidden == site].sum() for site in range(small.m)])
    small.capacity = np.where(np.arange(small.m) < p, sums, small.demand.sum() / p)
    found = locate.p_median(small.cost, 1.0, p, small.capacity, single_source=True, demand=small.demand)
    choices = itertools.combinations(range(small.m), p)
    truth = best(choices, lambda s: serving(small, s, np.ones(small.n), single=True))
    assert found.certificate.status == "optimal"
    assert found.objective == pytest.approx(truth)


@pytest.mark.parametrize("capacity", ["none", "split", "single"])
@pytest.mark.parametrize("seed", SEEDS)
def test_fixed_charge_weighs_opening_against_serving(seed: int, capacity: str) -> None:
    small = Small(seed)
    one = np.ones(small.n)
    holds = None if capacity == "none" else small.capacity
    ask = {"predefined": small.kept}
    found = both(small, lambda c: locate.fixed_charge(c, small.fixed, small.demand, holds, capacity == "single", **ask))

    def value(chosen: tuple[int, ...]) -> float:
        if holds is not None:
            served = serving(small, chosen, one, single=capacity == "single")
        else:
            served = float(small.cost[:, chosen].min(axis=1).sum())
        return float(small.fixed[list(chosen)].sum()) + served

    agrees(found, small, best(small.choices(), value))
    if found.objective is not None:
        assert found.figures["fixed"] + found.figures["serving"] == pytest.approx(found.objective)


@pytest.mark.parametrize("seed", SEEDS)
def test_p_center_serves_the_worst_off_best(seed: int) -> None:
    small = Small(seed)
    found = both(small, lambda cost: locate.p_center(cost, small.p, predefined=small.kept))
    agrees(found, small, best(small.choices(small.p), lambda s: float(small.cost[:, s].min(axis=1).max())))
    if found.objective is not None:
        assert len(found.open) == small.p
        assert (small.cost[np.arange(small.n), found.assignment] == small.cost[:, found.open].min(axis=1)).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_p_dispersion_keeps_sites_apart(seed: int) -> None:
    small, rng = Small(seed), np.random.default_rng(seed)
    points = rng.uniform(0, 100, (small.m, 2))
    gaps = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    p = max(2, small.p)
    found = locate.p_dispersion(gaps, p, predefined=small.kept)
    expected = max(min(gaps[j, k] for j, k in itertools.combinations(s, 2)) for s in small.choices(p))
    assert found.objective == pytest.approx(expected)
    assert found.certificate.status == "optimal"
    assert found.certificate.bound == pytest.approx(expected)
    assert len(found.open) == p
    assert set(small.kept) <= set(found.open.tolist())
