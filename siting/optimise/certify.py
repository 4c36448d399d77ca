"""What is proven about an answer, and no more."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.errors import SolverError
from siting.model.plan import Certificate
from siting.optimise.solver import solver_version

if TYPE_CHECKING:
    from siting.optimise.found import Found
    from siting.optimise.options import SolverOptions

_OPTIMAL = 1e-6
"""A relative gap of a millionth is called optimal: the solver's own arithmetic is no finer."""
_CONTRADICTION = 1e-5
"""A bound above a plan's value by more than this part of it is no rounding: then nothing is signed."""


def certificate(
    found: Found,
    value: float | None,
    options: SolverOptions,
    began: float,
    measure: tuple[str, bool, float] = ("yuan", False, 0.0),
) -> Certificate:
    """Say what is proven.

    Parameters
    ----------
    found : Found
        With a bound on what the program minimised.
    value : float or None
        Of the rounded plan, recounted, in the goal's unit; None where there is no plan.
    options : SolverOptions
    began : float
        When work on it began, by the monotonic clock.
    measure : (str, bool, float)
        The goal's unit, whether more of it is better, and the part of it that the program left out as it is there
        whatever is decided.
    """
    unit, more, constant = measure
    settings: dict[str, Any] = {
        "seconds": time.monotonic() - began,
        "solver": "HiGHS",
        "version": solver_version(),
        "seed": options.seed,
        "how": found.how,
        "unit": unit,
        "sense": "max" if more else "min",
    }
    if found.verdict == "infeasible":
        return Certificate("infeasible", None, None, None, **settings)
    bound = constant - found.bound if more else constant + found.bound
    if value is None:
        return Certificate("stopped", None, bound if np.isfinite(bound) else None, None, **settings)
    if not more:
        bound = max(0.0, bound)  # nothing that is minimised can be negative, whatever else was proven
    if not np.isfinite(bound):
        return Certificate("gap", value, None, None, **settings)
    better = bound - value if more else value - bound
    largest = max(1.0, abs(value))
    if better < -_CONTRADICTION * largest:
        word = "reaches more" if more else "costs less"
        message = f"the solver proved that no plan {word} than {bound:,.2f}, and found one at {value:,.2f}"
        raise SolverError(message)
    bound = max(bound, value) if more else min(bound, value)
    base = abs(bound) if more else abs(value)
    gap = 0.0 if base <= 0 else abs(bound - value) / base
    return Certificate("optimal" if gap <= _OPTIMAL else "gap", value, bound, gap, **settings)
