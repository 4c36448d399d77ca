"""Shrinking a program loses nothing: the same optimum, or the same impossibility, as of the whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from test_covering import covering

from siting.optimise.options import SolverOptions
from siting.optimise.program import Program
from siting.optimise.shrink import needless, shrink
from siting.optimise.solver import solve_mip

OPTIONS = SolverOptions(gap=0.0, exact_below=10_000)


def random_program(seed: int) -> Program:
    r = np.random.default_rng(seed)
    columns, rows = int(r.integers(3, 12)), int(r.integers(2, 10))
    matrix = np.where(r.random((rows, columns)) < 0.4, r.integers(-3, 4, (rows, columns)), 0).astype(float)
    upper = r.integers(1, 4, columns).astype(float)
    lower = np.where(r.random(columns) < 0.25, upper, 0.0)
    point = np.round(lower + r.random(columns) * (upper - lower))
    sense = r.integers(0, 3, rows)
    level = matrix @ point + r.integers(-1, 2, rows)
    return Program(
        names=tuple(f"x{i}" for i in range(columns)),
        cost=r.integers(-1, 5, columns).astype(float),
        lower=lower,
        upper=upper,
        integer=r.random(columns) < 0.7,
        matrix=sparse.csr_array(matrix),
        row_names=tuple(f"r{i}" for i in range(rows)),
        row_lower=np.where(sense == 1, -np.inf, level),
        row_upper=np.where(sense == 0, np.inf, level),
        policy=(),
    )


@pytest.mark.parametrize("batch", range(10))
def test_the_rest_has_the_optimum_of_the_whole(batch: int) -> None:
    for seed in range(batch * 30, batch * 30 + 30):
        program = random_program(seed)
        whole = solve_mip(program, OPTIONS, seconds=10, gap=0.0)
        small = shrink(program)
        if small is None:
            assert whole.verdict == "infeasible", seed
            continue
        if not len(small.kept):
            point = small.base
        else:
            rest = solve_mip(small.program, OPTIONS, seconds=10, gap=0.0)
            assert (rest.values is None) == (whole.values is None), seed
            if rest.values is None:
                continue
            point = small.whole(rest.values)
        assert program.cost @ point == pytest.approx(whole.objective, abs=1e-6), seed
        assert (program.matrix @ point >= program.row_lower - 1e-6).all(), seed
        assert (program.matrix @ point <= program.row_upper + 1e-6).all(), seed
        assert (point >= program.lower - 1e-9).all(), seed
        assert (point <= program.upper + 1e-9).all(), seed


def test_something_is_left_and_something_goes() -> None:
    sizes = [(len(random_program(s).names), shrink(random_program(s))) for s in range(300)]
    assert sum(small is None for _, small in sizes) >= 5
    assert sum(small is not None and 0 < len(small.kept) < count for count, small in sizes) >= 80
    assert sum(small is not None and not len(small.kept) for _, small in sizes) >= 10


def test_the_beds_of_an_option_that_may_not_be_in_force_are_nought() -> None:
    """``least ≤ beds ≤ 9 · open`` with `open` at nought: a row that holds at one point only decides the rest."""

    def home(lower: float, upper: float) -> Program:
        return Program(
            names=("open_0_0", "extra_0_0_general", "extra_0_0_nursing"),
            cost=np.array([5.0, -1.0, -2.0]),
            lower=np.array([lower, 0.0, 0.0]),
            upper=np.array([upper, 9.0, 9.0]),
            integer=np.ones(3, dtype=np.bool_),
            matrix=sparse.csr_array(np.array([[-9.0, 1.0, 1.0], [9.0, -1.0, -1.0]])),
            row_names=("most_0_0", "least_0_0"),
            row_lower=np.full(2, -np.inf),
            row_upper=np.zeros(2),
            policy=(),
        )

    closed = shrink(home(0.0, 0.0))
    assert closed is not None
    assert not len(closed.kept)
    assert closed.base.tolist() == [0.0, 0.0, 0.0]
    full = shrink(home(1.0, 1.0))  # all nine, and which of them nursing is still open
    assert full is not None
    assert full.kept.tolist() == [1, 2]


def two_at_a_site(second: float, costs: tuple[float, float], lower: float) -> Program:
    """Two options of one site: the first gives 2 to a clause, the second so much."""
    return Program(
        names=("open_0_0", "open_0_1"),
        cost=np.array(costs),
        lower=np.array([0.0, lower]),
        upper=np.ones(2),
        integer=np.ones(2, dtype=np.bool_),
        matrix=sparse.csr_array(np.array([[1.0, 1.0], [2.0, second]])),
        row_names=("site_0_0", "clause_X_0_0"),
        row_lower=np.array([-np.inf, 1.0]),
        row_upper=np.array([1.0, np.inf]),
        policy=(),
    )


@pytest.mark.parametrize(
    ("second", "costs", "lower", "dropped"),
    [
        (2.0, (3.0, 5.0), 0.0, [False, True]),
        (2.0, (5.0, 3.0), 0.0, [True, False]),
        (2.0, (3.0, 3.0), 0.0, [False, True]),  # of equals the first stays
        (1.0, (3.0, 5.0), 0.0, [False, False]),  # it does something else
        (2.0, (3.0, 5.0), 1.0, [False, False]),  # it is there in any case
    ],
)
def test_of_options_alike_the_cheapest_stays(
    second: float, costs: tuple[float, float], lower: float, dropped: list[bool]
) -> None:
    assert needless(two_at_a_site(second, costs, lower)).tolist() == dropped


def doubled(program: Program, seed: int) -> Program:
    """Give every site its option once more, at another cost."""
    options = np.flatnonzero([name.startswith("open_") for name in program.names])
    wide = program.grown([f"open_0_{1_000 + number}" for number in range(len(options))], np.ones(1), integer=True)
    matrix = sparse.csr_array(sparse.hstack([program.matrix, sparse.csc_array(program.matrix)[:, options]]))
    cost = wide.cost.copy()
    cost[-len(options) :] = np.random.default_rng(seed).integers(1, 60, len(options))
    return replace(wide, matrix=matrix, cost=cost)


def test_without_needless_options_the_optimum_is_the_same() -> None:
    for seed in range(20):
        program = doubled(covering(500 + seed, 12, 40), seed)
        spare = needless(program)
        assert spare.sum() == 12
        best = [solve_mip(one, OPTIONS, seconds=60, gap=0.0).objective for one in (program, program.without(spare))]
        assert best[0] == pytest.approx(best[1], rel=1e-9)
