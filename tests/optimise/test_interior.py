"""The relaxation by interior point, against HiGHS: the same value, honest duals, and nothing where there is nothing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from test_covering import OPTIONS, covering
from test_mixed import mixed
from test_shrink import random_program

from siting.optimise import interior as within
from siting.optimise import solver, stopping
from siting.optimise.interior import interior
from siting.optimise.solver import solve_lp

if TYPE_CHECKING:
    from siting.optimise.program import Program


@pytest.mark.parametrize("batch", range(4))
def test_any_program_has_the_value_that_the_simplex_method_finds(batch: int) -> None:
    solved = left = 0
    for seed in range(batch * 50, batch * 50 + 50):
        program = random_program(seed)
        corner = solve_lp(program, OPTIONS, seconds=10, method="simplex")
        found = interior(program, 10)
        if corner.values is None:
            assert found is None, seed
            assert solve_lp(program, OPTIONS, seconds=10).verdict == "infeasible", seed  # HiGHS says so
            continue
        solved += 1
        if found is None:  # HiGHS takes over
            left += 1
            continue
        point, duals = found
        scale = max(1.0, abs(corner.objective))
        assert abs(program.cost @ point - corner.objective) < 1e-5 * scale, seed
        assert program.proven_bound(duals) == pytest.approx(corner.objective, abs=1e-5 * scale), seed
        rows = program.matrix @ point
        assert (rows >= program.row_lower - 1e-5).all(), seed
        assert (rows <= program.row_upper + 1e-5).all(), seed
        fixed = program.lower == program.upper
        assert (point[fixed] == program.lower[fixed]).all(), seed
    assert solved >= 10
    assert left == 0


@pytest.mark.parametrize("program", [covering(1, 40, 300), mixed(2)], ids=["stations", "homes"])
def test_a_city_s_program_has_a_bound_that_no_plan_beats_and_is_the_solver_s_own(program: Program) -> None:
    best = solver.solve_mip(program, OPTIONS, seconds=60, gap=0.0)
    ours = solve_lp(program, OPTIONS, seconds=60)
    theirs = solve_lp(program, OPTIONS, seconds=60, vertex=True)
    assert ours.bound == pytest.approx(theirs.bound, rel=1e-6)
    assert ours.bound <= best.objective * (1 + 1e-9)
    again = solve_lp(program, OPTIONS, seconds=60)
    assert again.values.tolist() == ours.values.tolist()


def test_highs_takes_over_where_no_solution_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    program = covering(3, 30, 200)
    ours = solve_lp(program, OPTIONS, seconds=60)
    monkeypatch.setattr(solver, "interior", lambda *_: None)
    theirs = solve_lp(program, OPTIONS, seconds=60)
    assert theirs.bound == pytest.approx(ours.bound, rel=1e-6)
    assert not np.array_equal(theirs.values, ours.values)


def test_a_program_of_which_everything_is_fixed_is_left_to_highs() -> None:
    program = covering(3, 5, 20)
    shut = program.bounded(program.lower, program.lower)
    assert interior(shut, 10.0) is None
    assert solve_lp(shut, OPTIONS, seconds=10).verdict == "infeasible"


def test_it_ends_in_time_and_when_somebody_asks_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    program = covering(4, 400, 20_000)
    began = time.monotonic()
    assert interior(program, 0.0) is None
    assert time.monotonic() - began < 5.0
    assert interior(program, 60.0) is not None
    asked = iter([False])  # nobody has when it begins, and somebody has afterwards
    monkeypatch.setattr(within, "heeded", lambda: True)
    monkeypatch.setattr(within, "stopped", lambda: next(asked, True))
    assert interior(program, 60.0) is None
    assert not stopping.stopped()
