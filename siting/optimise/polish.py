"""Better a plan by freeing one neighbourhood, or two, at a time: large-neighbourhood search by branch-and-bound.

Shaw (CP 1998). A neighbourhood grows over options that cover the same people, so that it is a quarter of a town and not
a random handful. Two that lie apart let one give up cover that the other gains, which a clause on the whole area needs.
All rules hold in every step, as each is a search of the program itself with the rest of the plan held as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from siting.optimise.part import part
from siting.optimise.stopping import now
from siting.optimise.web import Web

if TYPE_CHECKING:
    from collections.abc import Callable

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.problem import Csr
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import Program

_SIZES = (40, 70, 110)
"""Options in a neighbourhood; it grows when a round brings nothing."""
_ROUND = 24
_STEP_S = 6.0
_STEP_GAP = 2e-4
_WHOLE = 0.5
_LOOK = 0.3


def polish(
    program: Program,
    values: FloatArray,
    duals: FloatArray,
    options: SolverOptions,
    limits: tuple[float, float],
    progress: Callable[[str], None],
) -> FloatArray:
    """Better a point of a program until it is cheap enough, time is up, or the largest neighbourhoods bring nothing.

    Parameters
    ----------
    program : Program
    values : float64[column]
        Satisfies the program.
    duals : float64[row]
        Of its relaxation: options that it finds far too dear are only taken where they are in the plan.
    options : SolverOptions
    limits : (float, float)
        When to stop by the monotonic clock, and a cost low enough to stop at.
    progress : callable

    Returns
    -------
    float64[column]
        Satisfies the program, and costs no more.
    """
    web = Web.of(program)
    if not web.covers.nnz:
        return values
    beside = web.beside()
    tempting = program.reduced_costs(duals)[web.options] < _LOOK * np.maximum(web.cost, 1.0)
    generator = np.random.default_rng(options.seed)
    step = options.model_copy(update={"gap": 2 * _STEP_GAP, "threads": 1})
    deadline, target = limits
    for size in _SIZES:
        if size >= (tempting | (values[web.options] > _WHOLE)).sum():
            break  # everything at once is a search of the whole
        better = True
        while better:
            better = False
            for _ in range(_ROUND):
                if now() > deadline or program.cost @ values <= target:
                    return values
                on = values[web.options] > _WHOLE
                free = _freed(beside, tempting | on, np.flatnonzero(on), size, generator)
                trial = _step(program, web, values, free, (step, min(deadline, now() + _STEP_S)))
                if trial is not None and program.cost @ trial < program.cost @ values - 1e-6 * abs(
                    program.cost @ values
                ):
                    values, better = trial, True
            progress(f"cost {program.cost @ values:,.0f}")
    return values


def _freed(
    beside: Csr[Any, tuple[int, int]], wanted: BoolArray, on: IntArray, size: int, generator: np.random.Generator
) -> BoolArray:
    """Draw one neighbourhood, or two of half the size: bool[option]."""
    free = np.zeros(len(wanted), dtype=np.bool_)
    count = 1 + int(generator.integers(2))
    for start in generator.choice(on, min(count, len(on)), replace=False):
        free[around(beside, wanted, int(start), size // count)] = True
    return free


def around(beside: Csr[Any, tuple[int, int]], wanted: BoolArray, start: int, size: int) -> list[int]:
    """Return options around one, nearest first by how many links apart they are."""
    seen, ring = {start}, [start]
    found: list[int] = []
    while ring and len(found) < size:
        found += [option for option in ring if wanted[option]]
        links = np.concatenate([beside.indices[beside.indptr[one] : beside.indptr[one + 1]] for one in ring])
        ring = [option for option in np.unique(links).tolist() if option not in seen]
        seen.update(ring)
    return found[:size]


def _step(
    program: Program, web: Web, values: FloatArray, free: BoolArray, how: tuple[SolverOptions, float]
) -> FloatArray | None:
    """Search with all other options as they are; None where nothing was found in time."""
    options, deadline = how
    lower, upper = program.lower.copy(), program.upper.copy()
    on = (values[web.options] > _WHOLE).astype(np.float64)
    lower[web.options] = np.where(free, lower[web.options], on)
    upper[web.options] = np.where(free, upper[web.options], on)
    return part(program.bounded(lower, upper), options, (deadline, -np.inf))
