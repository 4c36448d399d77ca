"""Greedy, annealing and polishing of covering programs, against branch-and-bound on the whole."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from towns import problem, rule, sites

from siting.optimise import anneal, search, whole
from siting.optimise import covering as covering_search
from siting.optimise import found as found_ways
from siting.optimise.aims import Cost
from siting.optimise.greedy import greedy
from siting.optimise.options import SolverOptions
from siting.optimise.polish import polish
from siting.optimise.program import Program
from siting.optimise.question import Question, asked_of
from siting.optimise.regions import regional_bound, regions
from siting.optimise.shrink import needless
from siting.optimise.solver import solve_lp, solve_mip
from siting.optimise.web import Web, dominated, is_all
from siting.optimise.whole import point_at
from siting.optimise.windows import windowed

OPTIONS = SolverOptions(gap=0.0, threads=1)


def covering(seed: int, count: int, points: int) -> Program:
    """Stations among `points` homes in the plane; a share of all reachable in the area, and some in each district."""
    r = np.random.default_rng(seed)
    home, at = r.random((points, 2)), r.random((count, 2))
    far = np.hypot(*(home[:, None] - at[None]).transpose(2, 0, 1))
    zone, site = np.nonzero(far < 0.45 / np.sqrt(count) * 2)
    district = r.integers(0, 2, points).tolist()
    places = sites(
        [(False, "", ("day_care",), str(r.choice(["idle", "bought"])), int(r.integers(2)), (0, 0, 0)) for _ in at],
        floor_area_m2=r.uniform(20, 90, count),
    )
    town = problem(
        r.integers(1, 60, (points, 1)),
        district,
        [(z, s, float(far[z, s])) for z, s in zip(zone, site, strict=True)],
        places,
    )
    rules = [
        rule("coverage", kinds=["day_care"], metres=0.9 / np.sqrt(count), share=0.8, of="reachable"),
        rule("presence", "T-02", require=[{"kinds": ["day_care"], "at_least": 1, "per": "district"}]),
    ]
    program, _, _ = Question(town, asked_of(town, rules), Cost()).posed([0])
    # Costs that differ, so that one choice is best: money by premises, in steps that no sum of others equals.
    return program.aiming(np.where(program.cost > 0, program.cost + r.integers(1, 40, len(program.cost)), 0.0))


def satisfies(program: Program, point: np.ndarray) -> bool:
    rows = program.matrix @ point
    held = (rows >= program.row_lower - 1e-6).all() and (rows <= program.row_upper + 1e-6).all()
    return bool(held and (point >= program.lower - 1e-9).all() and (point <= program.upper + 1e-9).all())


def test_greedy_meets_every_clause_and_annealing_nearly_always_finds_the_optimum() -> None:
    worse = [annealed_over_best(seed) for seed in range(20)]
    assert min(worse) >= 1 - 1e-9
    assert max(worse) < 1.05
    assert sum(one < 1 + 1e-6 for one in worse) >= 17


def annealed_over_best(seed: int) -> float:
    program = covering(seed, 14, 60)
    assert is_all(program)
    best = solve_mip(program, OPTIONS, seconds=60, gap=0.0)
    relaxation = solve_lp(program, OPTIONS, seconds=60)
    assert relaxation.row_duals is not None
    web = Web.of(program)
    first = greedy(web, anneal.prices(web, np.maximum(relaxation.row_duals[web.rows], 0.0)))
    point = point_at(program, web.options, first.astype(float), OPTIONS)
    assert point is not None
    assert satisfies(program, point)
    found = anneal.annealed(program, relaxation.row_duals, OPTIONS, (time.monotonic() + 60, 0.0))
    assert found is not None
    point = point_at(program, *found, OPTIONS)
    assert point is not None
    assert satisfies(program, point)
    assert best.objective is not None
    return float(program.cost @ point / best.objective)


def test_polishing_only_ever_betters_a_plan() -> None:
    better = 0
    for seed in range(3):
        program = covering(100 + seed, 90, 300)
        relaxation = solve_lp(program, OPTIONS, seconds=60)
        assert relaxation.row_duals is not None
        web = Web.of(program)
        first = greedy(web, anneal.prices(web, np.maximum(relaxation.row_duals[web.rows], 0.0)))
        start = point_at(program, web.options, first.astype(float), OPTIONS)
        assert start is not None
        limits = (time.monotonic() + 60, 0.0)
        end = polish(program, start, relaxation.row_duals, OPTIONS, limits, lambda _: None)
        assert satisfies(program, end)
        assert relaxation.bound - 1e-6 <= program.cost @ end <= program.cost @ start
        better += program.cost @ end < program.cost @ start
    assert better >= 2


@pytest.mark.parametrize("batch", range(20))
def test_what_is_proven_is_never_better_than_the_truth(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "TINY", 0)
    monkeypatch.setattr(covering_search, "REGIONS", (12, 25))
    for seed in range(batch * 15, batch * 15 + 15):
        program = covering(1_000 + seed, 40, 160)
        best = solve_mip(program, OPTIONS, seconds=60, gap=0.0)
        found = search.search(program, replace_gap(0.02), lambda _: None)
        assert found.verdict == "plan"
        assert found.values is not None
        assert found.how in {found_ways.RELAXATION, found_ways.BRANCHING, found_ways.REGIONAL}
        assert satisfies(program, found.values)
        cost = program.cost @ found.values
        assert found.bound - 1e-6 * cost <= best.objective <= cost + 1e-6, seed
        assert cost * (1 - 0.02) <= found.bound + 1e-6, seed
        regions_prove(program, best.objective, (12,))


def regions_prove(program: Program, truth: float, sizes: tuple[int, ...] = (10, 100)) -> bool:
    """Hold bounds of regions of several sizes to what is true, and say whether they prove more than the relaxation."""
    relaxation = solve_lp(program, OPTIONS, seconds=60)
    assert relaxation.row_duals is not None
    until = time.monotonic() + 60
    bounds = [regional_bound(program, relaxation.row_duals, size, OPTIONS, until) for size in sizes]
    assert relaxation.bound - 1e-6 <= min(bounds)
    assert max(bounds) <= truth * (1 + 1e-6)
    return max(bounds) > relaxation.bound * (1 + 1e-6)


def test_regions_prove_more_than_the_relaxation() -> None:
    lifted = 0
    for seed, count, points in ((0, 60, 600), (1, 60, 600), (2, 150, 1500)):
        program = covering(seed, count, points)
        best = solve_mip(program, OPTIONS, seconds=60, gap=0.0)
        lifted += regions_prove(program, best.objective)
    assert lifted == 2  # the relaxation of the second is whole by itself


def test_any_duals_prove_something_true_by_regions() -> None:
    r = np.random.default_rng(0)
    for seed in range(10):
        program = covering(3_000 + seed, 30, 90)
        best = solve_mip(program, OPTIONS, seconds=60, gap=0.0)
        duals = r.normal(0, np.abs(program.cost).max() / 5, len(program.row_names))
        bound = regional_bound(program, duals, 12, OPTIONS, time.monotonic() + 60)
        assert program.proven_bound(duals) - 1e-6 <= bound
        assert bound <= best.objective * (1 + 1e-6)


def test_every_local_row_and_option_falls_into_one_region() -> None:
    program = covering(4, 60, 200)
    of_row, of_column = regions(program, 20)
    policy = {item.row for item in program.policy}
    assert {row for row in range(len(of_row)) if of_row[row] < 0} == policy
    decides = np.array([name.startswith("open_") for name in program.names]) & (program.upper > program.lower)
    assert (of_column[decides] >= 0).all()
    assert np.bincount(of_column[decides]).max() <= 20


def test_windows_never_make_a_plan_worth_less() -> None:
    better = 0
    for seed in range(3):
        program = covering(200 + seed, 90, 300)
        relaxation = solve_lp(program, OPTIONS, seconds=60)
        assert relaxation.row_duals is not None
        web = Web.of(program)
        price = np.maximum(relaxation.row_duals[web.rows], 0.0)
        start = greedy(web, anneal.prices(web, price))
        end = windowed(program, web, start, relaxation.row_duals, OPTIONS, time.monotonic() + 60)
        before, after = (worth(web, on, price) for on in (start, end))
        assert after <= before + 1e-6
        better += after < before - 1e-6
    assert better >= 2


def worth(web: Web, on: np.ndarray, price: np.ndarray) -> float:
    """Cost of a choice less what its cover and it itself give to clauses, recounted option by option."""
    covered = np.asarray(web.covers[np.flatnonzero(on)].sum(axis=0)).ravel() > 0
    gives = web.worth.toarray()[covered].sum(axis=0) + web.own.toarray()[on].sum(axis=0)
    return float(web.cost[on].sum() - price @ gives)


def test_what_the_relaxation_proves_is_kept_where_branch_and_bound_proves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def silent(*given: object, **more: object) -> object:
        return replace(solve_mip(*given, **more), bound=-np.inf)  # type: ignore[arg-type]

    monkeypatch.setattr(whole, "solve_mip", silent)
    monkeypatch.setattr(search, "is_all", lambda _: False)
    monkeypatch.setattr(search, "TINY", 0)
    program = covering(1, 40, 160)
    relaxation = solve_lp(program, OPTIONS, seconds=60)
    found = search.search(program, replace_gap(0.02), lambda _: None)
    assert found.values is not None
    assert np.isfinite(found.bound)
    assert relaxation.bound - 1e-6 <= found.bound <= program.cost @ found.values


def replace_gap(gap: float) -> SolverOptions:
    return OPTIONS.model_copy(update={"gap": gap, "time_limit_s": 60.0})


def test_programs_that_decide_more_are_not_annealed() -> None:
    program = covering(1, 8, 20)
    assert is_all(program)
    assert not is_all(replace(program, names=(*program.names[:-1], "extra_0_1_general")))
    assert not is_all(program.aiming(-program.cost))
    forbids = program.row_upper.copy()
    forbids[program.policy[0].row] = 5.0
    assert not is_all(replace(program, row_upper=forbids))


def three_places(cost: tuple[float, float, float], *, shared: bool = False, presence: bool = False) -> Program:
    """The first covers two groups, the second one of them, the third the other; `shared`: two at one site."""
    one_site = [[1.0, 1.0, 0.0, 0.0, 0.0]] if shared else []
    both = [[1.0, 1.0, 0.0, 0.0, 0.0]] if presence else []
    rows = [[-1.0, -1.0, 0.0, 1.0, 0.0], [-1.0, 0.0, -1.0, 0.0, 1.0], *one_site, [0.0, 0.0, 0.0, 3.0, 4.0], *both]
    names = ["covered_0_0_0", "covered_0_0_1", *(["site_0_0"] if shared else []), "clause_X_0_0"]
    first = len(names) - 1
    known = covering(1, 8, 20).policy[0]
    clauses = tuple(replace(known, row=first + number) for number in range(2 if presence else 1))
    return Program(
        names=("open_0_0", "open_0_1", "open_0_2", "cover_0_0_0", "cover_0_0_1"),
        cost=np.array([*cost, 0.0, 0.0]),
        lower=np.zeros(5),
        upper=np.ones(5),
        integer=np.array([True, True, True, False, False]),
        matrix=sparse.csr_array(np.array(rows)),
        row_names=(*names, *(["clause_Y_0_0"] if presence else [])),
        row_lower=np.array([-np.inf] * first + [5.0] + ([2.0] if presence else [])),
        row_upper=np.array([0.0, 0.0] + ([1.0] if shared else []) + [np.inf] * len(clauses)),
        policy=clauses,
    )


@pytest.mark.parametrize(
    ("program", "gone"),
    [
        (three_places((5.0, 5.0, 6.0)), [False, True, True]),
        (three_places((5.0, 4.0, 6.0)), [False, False, True]),  # the second is cheaper
        (
            three_places((5.0, 6.0, 6.0), shared=True),
            [False, False, False],
        ),  # the second may stand where the first would
        (three_places((5.0, 6.0, 6.0), presence=True), [False, False, True]),  # a clause counts the second
    ],
)
def test_who_covers_less_for_more_is_dominated(program: Program, gone: list[bool]) -> None:
    assert is_all(program)
    assert dominated(program)[:3].tolist() == gone


def one_clause(seed: int) -> Program:
    """A covering program without presence, each site with its cheapest option."""
    program = covering(5_000 + seed, 60, 120)
    loose = frozenset(policy.row for policy in program.policy if policy.clause != "T-01")
    return program.without(needless(program)).relaxed(loose)


@pytest.mark.parametrize("seed", range(10))
def test_without_the_dominated_the_optimum_is_the_same(seed: int) -> None:
    program = one_clause(seed)
    left = program.without(dominated(program))
    best, same = (solve_mip(one, OPTIONS, seconds=60, gap=0.0) for one in (program, left))
    assert best.objective == pytest.approx(same.objective)


def test_some_are_dominated_and_of_equals_the_first_stays() -> None:
    assert sum(int(dominated(one_clause(seed)).sum()) for seed in range(10)) >= 20
    equal = three_places((5.0, 5.0, 5.0))
    matrix = equal.matrix.toarray()
    matrix[:, 1] = matrix[:, 0]
    twins = replace(equal, matrix=sparse.csr_array(matrix))
    assert dominated(twins)[:3].tolist() == [False, True, True]


def test_equal_seeds_give_equal_plans() -> None:
    program = covering(7, 60, 300)
    relaxation = solve_lp(program, OPTIONS, seconds=60)
    assert relaxation.row_duals is not None
    limits = (time.monotonic() + 60, 0.0)
    one, two = (anneal.annealed(program, relaxation.row_duals, OPTIONS, limits) for _ in range(2))
    assert one is not None
    assert two is not None
    assert (one[1] == two[1]).all()
