"""Programs that decide on stations and on homes with beds: parts, rounding and neighbourhoods, against the whole."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import sparse
from test_covering import OPTIONS, covering, satisfies
from towns import problem, rule, sites

from siting.model.plan import AND
from siting.optimise import independent as parts
from siting.optimise import search
from siting.optimise.aims import Cost
from siting.optimise.anneal import prices
from siting.optimise.found import BRANCHING, REGIONAL, RELAXATION, Found
from siting.optimise.greedy import greedy
from siting.optimise.polish import polish
from siting.optimise.program import PolicyRow, Program
from siting.optimise.question import Question, asked_of
from siting.optimise.regions import regions
from siting.optimise.solver import solve_lp, solve_mip
from siting.optimise.web import Web
from siting.optimise.whole import beds_in_parts, point_at

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray
    from siting.optimise.found import How


def mixed(seed: int, homes: int = 12, stations: int = 14, points: int = 60, *, apart: bool = True) -> Program:
    """Homes with beds and stations; `apart`: no premises could hold either, and no clause speaks of both."""
    r = np.random.default_rng(seed)
    count = homes + stations
    home, at = r.random((points, 2)), r.random((count, 2))
    far = np.hypot(*(home[:, None] - at[None]).transpose(2, 0, 1))
    zone, site = np.nonzero(far < 0.9 / np.sqrt(homes))
    kinds = [("institution",)] * homes + [("day_care",) if apart else ("day_care", "institution")] * stations
    places = sites(
        [(False, "", kind, str(r.choice(["idle", "bought"])), int(r.integers(2)), (0, 0, 0)) for kind in kinds]
    )
    town = problem(
        r.integers(1, 60, (points, 1)),
        r.integers(0, 2, points).tolist(),
        [(z, s, float(far[z, s])) for z, s in zip(zone, site, strict=True)],
        places,
    )
    rules = [
        rule("coverage", kinds=["day_care"], metres=0.9 / np.sqrt(stations), share=0.8, of="reachable"),
        rule("coverage", "T-02", kinds=["institution"], metres=0.9 / np.sqrt(homes), share=0.7, of="reachable"),
        rule("bed_ratio", "T-03", kinds=["institution"], beds=80.0, per="district"),
        rule("bed_share", "T-04", kinds=["institution"], classes=["nursing"], share=0.65),
    ]
    program, _, _ = Question(town, asked_of(town, rules), Cost()).posed([0])
    return program.aiming(np.where(program.cost > 0, program.cost * r.uniform(1, 1.2, len(program.cost)), 0.0))


@pytest.mark.parametrize("seed", range(6))
def test_parts_hold_every_open_column_once_and_share_no_row(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_LEAST", 5)
    program = mixed(seed)
    found = parts.independent(program)
    assert len(found) == 2
    columns = np.concatenate([piece.columns for piece in found])
    assert sorted(columns.tolist()) == np.flatnonzero(program.upper > program.lower).tolist()
    names = [name for piece in found for name in piece.program.row_names]
    assert sorted(names) == sorted(program.row_names)
    together = mixed(seed, apart=False)
    assert [piece.columns.tolist() for piece in parts.independent(together)] == [
        np.flatnonzero(together.upper > together.lower).tolist()
    ]


@pytest.mark.parametrize("seed", range(8))
def test_parts_searched_apart_have_the_optimum_of_the_whole(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_LEAST", 5)
    monkeypatch.setattr(search, "TINY", 0)
    program = mixed(seed)
    best = solve_mip(program, OPTIONS, seconds=60, gap=0.0)
    told: list[str] = []
    for exact_below in (0, 6_000):
        options = OPTIONS.model_copy(update={"exact_below": exact_below, "gap": 0.01, "time_limit_s": 30.0})
        found = search.search(program, options, told.append)
        assert found.verdict == "plan"
        assert found.values is not None
        assert satisfies(program, found.values)
        assert np.allclose(found.values[program.integer], np.round(found.values[program.integer]))
        cost = float(program.cost @ found.values)
        assert found.bound - 1e-6 * cost <= best.objective <= cost * (1 + 1e-9)
        assert cost <= best.objective * 1.15
        # Where parts are too large for branch-and-bound as they are, the relaxation's gap stays.
        assert not exact_below or cost * (1 - 0.01) <= found.bound * (1 + 1e-9)
        assert set(found.how.split(AND)) <= {RELAXATION, BRANCHING, REGIONAL}
    assert any(line.startswith("part 2 of 2") for line in told)


def test_a_part_that_cannot_be_met_is_the_whole_that_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_LEAST", 5)
    program = mixed(1)
    asked = program.row_lower.copy()
    asked[[policy.row for policy in program.policy if policy.clause == "T-03"]] += 10_000
    assert search.search(replace(program, row_lower=asked), OPTIONS, lambda _: None).verdict == "infeasible"
    shut = replace(program, upper=np.zeros(len(program.upper)))  # nothing may be done, and clauses are short
    assert parts.independent(shut) == []
    assert search.search(shut, OPTIONS, lambda _: None).verdict == "infeasible"


def test_that_one_part_cannot_be_met_is_told_though_another_ended_with_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parts, "_LEAST", 5)
    searched, seen = search._searched, []  # noqa: SLF001 - what is wrapped

    def late(program: Program, how: How, start: FloatArray | None) -> Found:
        seen.append(program)
        return Found("nothing", None, 7.0, RELAXATION) if len(seen) == 1 else searched(program, how, start)

    monkeypatch.setattr(search, "_searched", late)
    program = mixed(1)
    nothing = search.search(program, OPTIONS, lambda _: None)
    best = solve_mip(seen[1], OPTIONS, seconds=60, gap=0.0)
    assert (nothing.verdict, nothing.values) == ("nothing", None)
    assert nothing.bound == pytest.approx(7.0 + best.bound)
    seen.clear()
    last = {row.clause for row in parts.independent(program)[1].program.policy}
    asked = program.row_lower.copy()
    asked[[policy.row for policy in program.policy if policy.clause in last]] += 10_000
    assert search.search(replace(program, row_lower=asked), OPTIONS, lambda _: None).verdict == "infeasible"


def test_rows_of_which_nothing_is_open_are_looked_at_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_LEAST", 5)
    program = mixed(2)
    row = next(policy.row for policy in program.policy if policy.clause == "T-03")
    gone = np.zeros(len(program.names), dtype=np.bool_)
    gone[program.matrix[[row]].indices] = True
    assert search.search(program.without(gone), OPTIONS, lambda _: None).verdict == "infeasible"


@pytest.mark.parametrize("seed", range(6))
def test_rounding_the_relaxation_and_greed_find_room_for_all_beds(seed: int) -> None:
    program = beds_in_parts(mixed(seed, homes=40, stations=30, points=200))
    relaxed = solve_lp(program, OPTIONS, seconds=60)
    point, duals = rounded(program)
    assert satisfies(program, point)
    assert relaxed.bound - 1e-6 <= program.cost @ point <= 1.5 * relaxed.bound
    limits = (time.monotonic() + 20, 0.0)
    options = OPTIONS.model_copy(update={"threads": 2})
    end = polish(program, point, duals, options, limits, lambda _: None)
    assert satisfies(program, end)
    assert relaxed.bound - 1e-6 <= program.cost @ end <= program.cost @ point


def rounded(program: Program) -> tuple[FloatArray, FloatArray]:
    relaxed = solve_lp(program, OPTIONS, seconds=60)
    assert relaxed.row_duals is not None
    assert relaxed.values is not None
    web = Web.of(program)
    price = prices(web, np.maximum(relaxed.row_duals[web.rows], 0.0))
    point = point_at(program, web.options, greedy(web, price, relaxed.values[web.options] > 0.5).astype(float), OPTIONS)
    assert point is not None
    return point, relaxed.row_duals


def homes_of_two_sizes(beds: float) -> Program:
    """One place for a home of up to 3 or up to 9 beds beyond its first 2; so many beds are asked for."""
    return Program(
        names=("open_0_0", "open_0_1", "extra_0_0_general", "extra_0_1_general", "extra_0_1_nursing"),
        cost=np.array([5.0, 12.0, 1.0, 1.0, 2.0]),
        lower=np.zeros(5),
        upper=np.array([1.0, 1.0, 3.0, 9.0, 9.0]),
        integer=np.ones(5, dtype=np.bool_),
        matrix=sparse.csr_array(
            np.array(
                [
                    [1.0, 1.0, 0.0, 0.0, 0.0],
                    [-3.0, 0.0, 1.0, 0.0, 0.0],
                    [0.0, -9.0, 0.0, 1.0, 1.0],
                    [2.0, 2.0, 1.0, 1.0, 2.0],
                ]
            )
        ),
        row_names=("site_0_0", "most_0_0", "most_0_1", "clause_X_0_0"),
        row_lower=np.array([-np.inf, -np.inf, -np.inf, beds]),
        row_upper=np.array([1.0, 0.0, 0.0, np.inf]),
        policy=(policy_row(3, beds),),
    )


def policy_row(row: int, beds: float) -> PolicyRow:
    return replace(mixed(0).policy[0], row=row, clause="X", required=beds)


def test_an_option_gives_a_clause_as_much_as_its_beds_can() -> None:
    web = Web.of(homes_of_two_sizes(4.0))
    assert web.own.toarray().tolist() == [[2.0 + 3.0], [2.0 + 2.0 * 9.0]]


@pytest.mark.parametrize(("beds", "chosen"), [(4.0, [True, False]), (5.0, [True, False]), (6.0, [False, True])])
def test_a_larger_home_takes_the_place_of_a_smaller_one_where_no_site_is_left(beds: float, chosen: list[bool]) -> None:
    web = Web.of(homes_of_two_sizes(beds))
    assert greedy(web, np.ones(1), np.array([True, False])).tolist() == chosen


def two_towns() -> tuple[Program, Program, Program]:
    """Two towns that have nothing to do with each other, and both as one program."""
    one, other = covering(3, 20, 80), covering(4, 22, 80)
    both = Program(
        names=(*one.names, *(f"{name}_b" for name in other.names)),
        cost=np.concatenate([one.cost, other.cost]),
        lower=np.concatenate([one.lower, other.lower]),
        upper=np.concatenate([one.upper, other.upper]),
        integer=np.concatenate([one.integer, other.integer]),
        matrix=sparse.csr_array(sparse.block_diag([one.matrix, other.matrix])),
        row_names=(*one.row_names, *(f"{name}_b" for name in other.row_names)),
        row_lower=np.concatenate([one.row_lower, other.row_lower]),
        row_upper=np.concatenate([one.row_upper, other.row_upper]),
        policy=(*one.policy, *(replace(row, row=row.row + len(one.row_names)) for row in other.policy)),
    )
    return one, other, both


def test_two_towns_that_have_nothing_to_do_with_each_other_are_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_LEAST", 1)
    one, other, both = two_towns()
    found = search.search(both, OPTIONS, lambda _: None)
    best = [solve_mip(program, OPTIONS, seconds=60, gap=0.0).objective for program in (one, other)]
    assert found.values is not None
    assert both.cost @ found.values == pytest.approx(sum(best))
    assert found.bound == pytest.approx(sum(best))


def test_regions_are_cut_where_towns_end() -> None:
    one, _, both = two_towns()
    decides = np.array([name.startswith("open_") for name in both.names])
    here = np.arange(len(both.names)) < len(one.names)
    _, of_column = regions(both, int(decides.sum()) - 1)
    assert of_column.max() == 1
    assert len(np.unique(of_column[decides & here])) == 1
    assert len(np.unique(of_column[decides & ~here])) == 1
