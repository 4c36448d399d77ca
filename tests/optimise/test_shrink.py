"""Shrinking a program loses nothing: the same optimum, or the same impossibility, as of the whole."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from siting.optimise.options import SolverOptions
from siting.optimise.program import Program
from siting.optimise.shrink import shrink
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
    assert sum(small is not None and 0 < len(small.kept) < count for count, small in sizes) >= 100
    assert sum(small is not None and not len(small.kept) for _, small in sizes) >= 10
