"""Search a program of which much is fixed, or told to be nought."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siting.optimise.shrink import shrink
from siting.optimise.solver import solve_mip
from siting.optimise.stopping import now

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import Program


def part(
    program: Program,
    options: SolverOptions,
    limits: tuple[float, float],
    start: FloatArray | None = None,
    *,
    local: bool = False,
) -> FloatArray | None:
    """Search a program of which much is fixed; return a point of the whole, or None; `local` as in `solve_mip`."""
    deadline, target = limits
    small = shrink(program)
    if small is None or not len(small.kept):
        return None if small is None else small.base
    outcome = solve_mip(
        small.program,
        options,
        seconds=deadline - now(),
        gap=options.gap / 2,
        target=target - float(program.cost @ small.base),
        start=None if start is None else start[small.kept],
        local=local,
    )
    return None if outcome.values is None else small.whole(outcome.values)


def cheapest_part(program: Program, options: SolverOptions, seconds: float) -> FloatArray | None:
    """Search a program of which nearly everything is fixed; return a point of the whole with whole beds, or None."""
    return part(program, options, (now() + seconds, -np.inf))


def is_open(program: Program) -> BoolArray:
    """Return the columns that decide on an option: bool[column]."""
    return np.array([name.startswith("open_") for name in program.names], dtype=np.bool_)
