"""Bounds proven from duals, programs derived from programs, and the one door to the solver."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from siting.errors import SolverError
from siting.model.rows import AREA
from siting.optimise import SolverOptions
from siting.optimise.program import Assembly, PolicyRow, Program
from siting.optimise.search import search
from siting.optimise.solver import solve_lp, solve_mip
from siting.optimise.whole import settle

OPTIONS = SolverOptions(gap=0.0, time_limit_s=20)


def program(seed: int) -> Program:
    """A random bounded program that x = 1 satisfies, with rows of every sort."""
    r = np.random.default_rng(seed)
    columns, rows = int(r.integers(1, 7)), int(r.integers(1, 6))
    matrix = r.integers(-4, 5, size=(rows, columns)) * (r.random((rows, columns)) < 0.7)
    at_one = matrix.sum(axis=1).astype(float)
    sort = r.integers(0, 4, size=rows)
    return Program(
        names=tuple(f"open_{i}" for i in range(columns)),
        cost=r.integers(-5, 10, size=columns).astype(float),
        lower=-r.integers(0, 3, size=columns).astype(float),
        upper=r.integers(1, 5, size=columns).astype(float),
        integer=np.ones(columns, dtype=bool),
        matrix=sparse.csr_array(matrix.astype(float)),
        row_names=tuple(f"row_{i}" for i in range(rows)),
        row_lower=np.where(sort == 0, -np.inf, at_one - (sort == 1)),
        row_upper=np.where(sort == 1, np.inf, at_one + (sort == 0)),
        policy=(),
    )


def optimum(made: Program, *, whole: bool = False) -> tuple[float, np.ndarray]:
    """Return the optimum and the duals of our rows, by scipy."""
    upper, lower = np.isfinite(made.row_upper), np.isfinite(made.row_lower)
    dense = made.matrix.toarray()
    found = linprog(
        made.cost,
        A_ub=np.vstack([dense[upper], -dense[lower]]),
        b_ub=np.concatenate([made.row_upper[upper], -made.row_lower[lower]]),
        bounds=list(zip(made.lower, made.upper, strict=True)),
        integrality=np.full(len(made.cost), int(whole)),
    )
    assert found.success
    duals = np.zeros(len(made.row_names))
    if not whole:
        marginals = found.ineqlin.marginals
        duals[upper] += marginals[: upper.sum()]
        duals[lower] -= marginals[upper.sum() :]
    return float(found.fun), duals


@given(st.integers(0, 10_000), st.data())
@settings(deadline=None, max_examples=150)
def test_no_duals_prove_more_than_the_truth(seed: int, data: st.DataObject) -> None:
    made = program(seed)
    truth, _ = optimum(made)
    count = len(made.row_names)
    duals = np.array(data.draw(st.lists(st.floats(-20, 20), min_size=count, max_size=count)))
    assert made.proven_bound(duals) <= truth + 1e-6


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=60)
def test_the_best_duals_prove_the_truth(seed: int) -> None:
    made = program(seed)
    truth, duals = optimum(made)
    assert made.proven_bound(duals) == pytest.approx(truth, abs=1e-6)


def test_the_bound_by_hand() -> None:
    """min 3x + 2y, x + y ≥ 4, x ≤ 1, y ≤ 5: 8 at (0, 4). Dual 2 proves 8, dual 1 proves 4, dual −1 proves nothing."""
    made = small(4.0)
    assert made.proven_bound(np.array([2.0])) == 8.0
    assert made.proven_bound(np.array([1.0])) == 4.0
    assert made.proven_bound(np.array([3.0])) == 12 - 5
    assert made.proven_bound(np.array([-1.0])) == 0.0


def small(wanted: float) -> Program:
    return Program(
        names=("open_x", "extra_y"),
        cost=np.array([3.0, 2.0]),
        lower=np.zeros(2),
        upper=np.array([1.0, 5.0]),
        integer=np.array([True, True]),
        matrix=sparse.csr_array(np.array([[1.0, 1.0]])),
        row_names=("wanted",),
        row_lower=np.array([wanted]),
        row_upper=np.array([np.inf]),
        policy=(PolicyRow(0, "C", AREA, 0, 0.0, wanted, 1.0, "sites"),),
    )


def test_programs_are_derived_and_never_changed() -> None:
    made = small(4.0)
    assert made.without(np.array([True, False])).upper.tolist() == [0.0, 5.0]
    assert made.relaxed(frozenset({0})).row_lower.tolist() == [-np.inf]
    assert made.relaxed(frozenset()).row_lower.tolist() == [4.0]
    assert made.aiming(np.zeros(2)).cost.tolist() == [0.0, 0.0]
    assert made.reduced_costs(np.array([2.0])).tolist() == [1.0, 0.0]
    assert (made.upper.tolist(), made.row_lower.tolist(), made.cost.tolist()) == ([1.0, 5.0], [4.0], [3.0, 2.0])


def test_an_elastic_program_falls_short_by_as_little_as_it_must() -> None:
    """x + y reach 6 of 6.5 wanted: half a unit short, at 1 per 6.5; of 2 wanted nothing is missing."""
    options = SolverOptions(gap=0.0, time_limit_s=20)
    rows, size = np.array([0]), np.array([6.5])
    assert solve_mip(small(6.5).elastic(rows, size), options, seconds=10, gap=0.0).objective == pytest.approx(0.5 / 6.5)
    assert solve_mip(small(2.0).elastic(rows, size), options, seconds=10, gap=0.0).objective == pytest.approx(0.0)
    upper = replace(small(0.0), row_lower=np.array([-np.inf]), row_upper=np.array([-1.0]))
    assert solve_mip(upper.elastic(rows, np.ones(1)), options, seconds=10, gap=0.0).objective == pytest.approx(1.0)


def test_an_assembly_numbers_columns_and_rows_in_order() -> None:
    assembly = Assembly()
    x = assembly.columns(["x", "y"], np.array([1.0, 2.0]), integer=True)
    assembly.rows(["first"], [([0, 0], x, 2.0)], 1.0, np.inf)
    z = assembly.columns(["z"], np.array([3.0]), integer=False)
    assembly.rows(["second", "third"], [([0, 1], [x[0], z[0]], [1.0, -1.0]), ([1], z, 5.0)], -np.inf, [4.0, 6.0])
    made = assembly.program(np.zeros(3), [])
    assert made.names == ("x", "y", "z")
    assert made.matrix.toarray().tolist() == [[2.0, 2.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 4.0]]
    assert made.row_upper.tolist() == [np.inf, 4.0, 6.0]
    assert made.integer.tolist() == [True, True, False]
    assert (assembly.row_count, assembly.column_count) == (3, 3)


def test_an_empty_assembly_is_an_empty_program() -> None:
    made = Assembly().program(np.zeros(0), [])
    assert made.matrix.shape == (0, 0)
    assert made.proven_bound(np.zeros(0)) == 0.0


def test_the_solver_finds_what_scipy_finds() -> None:
    for seed in range(12):
        made = program(seed)
        truth, _ = optimum(made, whole=True)
        found = solve_mip(made, OPTIONS, seconds=10, gap=0.0)
        assert found.objective == pytest.approx(truth), seed
        assert found.bound == pytest.approx(truth), seed
        assert found.verdict == "optimal"
        relaxed = solve_lp(made, OPTIONS, seconds=10)
        assert relaxed.bound <= optimum(made)[0] + 1e-6, seed
        assert relaxed.bound == pytest.approx(optimum(made)[0], abs=1e-3), seed


def test_values_come_back_in_our_order_of_columns() -> None:
    """PuLP sorts columns by name: ten of them, of which only the third pays."""
    assembly = Assembly()
    columns = assembly.columns([f"open_{i}" for i in range(12)], np.ones(12), integer=True)
    assembly.rows(["one"], [(np.zeros(12, int), columns, 1.0)], 1.0, 1.0)
    cost = np.full(12, 5.0)
    cost[2] = 1.0
    found = solve_mip(assembly.program(cost, []), OPTIONS, seconds=10, gap=0.0, start=np.eye(12)[7])
    assert np.flatnonzero(found.values > 0.5).tolist() == [2]


@pytest.mark.parametrize("exact_below", [0, 1000])
def test_searching_a_program_by_either_way(exact_below: int) -> None:
    """x + y ≥ 4.5 in whole numbers: y = 5 costs 10, x + 4y costs 11."""
    options = SolverOptions(gap=0.0, time_limit_s=20, exact_below=exact_below)
    told: list[str] = []
    found = search(small(4.5), options, told.append)
    assert found.verdict == "plan"
    assert found.values.tolist() == [0.0, 5.0]
    assert found.bound == pytest.approx(10.0, abs=1e-4)
    assert bool(told) is (exact_below == 0)
    nothing = search(small(6.5), options, told.append)
    assert (nothing.verdict, nothing.values) == ("infeasible", None)


def test_settling_makes_beds_whole() -> None:
    assert settle(small(4.5), np.array([1.0, 3.5]), OPTIONS, 0.0).tolist() == [1.0, 4.0]


def test_options_that_cannot_have_whole_beds_are_told() -> None:
    with pytest.raises(SolverError, match="could not be given whole beds"):
        settle(small(6.0), np.array([0.0, 5.0]), OPTIONS, 0.0)
