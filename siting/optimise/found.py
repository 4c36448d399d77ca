"""What a search knows: the best plan so far, what is proven, and how much time is left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from siting.errors import SolverError
from siting.optimise.stopping import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from siting.model.arrays import FloatArray
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import Program

RELAXATION, BRANCHING, REGIONAL = "linear relaxation", "branch-and-bound", "regional decomposition"
"""Ways in which bounds are had, as certificates tell them."""
NEGLIGIBLE = 0.1
"""What is this near, as a part of the gap asked for, is not bettered any more."""
TINY = 100
"""With fewer whole-number columns branch-and-bound needs no help."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The best plan found.

    Attributes
    ----------
    verdict : "plan", "infeasible" or "nothing"
    values : float64[column] or None
        Whole where they must be.
    bound : float
    how : str
    """

    verdict: str
    values: FloatArray | None
    bound: float
    how: str


@dataclass(frozen=True, slots=True, eq=False)
class Relaxed:
    """What the linear relaxation came to: a point, its duals, what these prove; the best bound known, and its way."""

    values: FloatArray
    duals: FloatArray
    proven: float
    bound: float
    how: str = RELAXATION


_Proven = TypeVar("_Proven", Found, Relaxed)


@dataclass(frozen=True, slots=True, eq=False)
class How:
    """How a search goes on: its options, when to stop by the monotonic clock, and whom to tell."""

    options: SolverOptions
    deadline: float
    tell: Callable[[str], None]

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.deadline - now()

    def until(self, part: float) -> float:
        """Return when a part of the time that is left will be over, by the monotonic clock."""
        return now() + self.left * part

    def aim(self, bound: float) -> float:
        """Return the cost that is close enough to a bound."""
        return aim_of(bound, self.options.gap)


def aim_of(bound: float, gap: float) -> float:
    """Return the cost at which the gap to a bound is closed; costs may be negative (what is maximised)."""
    return bound / (1.0 - gap) if bound > 0 else bound * (1.0 - gap)


def bounded(found: _Proven, bound: float, how: str) -> _Proven:
    """Return what is known with another bound, where that proves more."""
    return replace(found, bound=bound, how=how) if bound > found.bound else found


def cheaper(program: Program, found: Found, start: FloatArray | None) -> Found:
    """Fall back on the point that was known before, where the search found nothing cheaper."""
    if start is None or (found.values is not None and program.cost @ found.values <= program.cost @ start):
        return found
    if found.verdict == "infeasible":
        message = "the solver proved that nothing satisfies a program of which a solution was at hand"
        raise SolverError(message)
    return replace(found, verdict="plan", values=start)


def cheapest(program: Program, known: FloatArray, other: FloatArray | None) -> FloatArray:
    """Return another point where it is cheaper than the one that is known."""
    return known if other is None or program.cost @ other >= program.cost @ known else other


def standing(cost: float, bound: float) -> str:
    """Say where a search stands."""
    gap = "" if cost <= 0 else f", gap {1 - bound / cost:.2%}"
    return f"cost {cost:,.0f}, bound {bound:,.0f}{gap}"
