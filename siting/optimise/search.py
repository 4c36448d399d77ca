"""Finding a plan and proving how good it is.

Small programs go to branch-and-bound as they are, from a plan found by steps 1 to 4 cut short. Larger ones take four
steps, each exact in what it claims:

1. the linear relaxation by interior point, whose duals prove the bound (`Program.proven_bound`);
2. a vertex of the relaxation over the options it uses: nearly all of its options are nought or one;
3. branch-and-bound over what the vertex leaves open, what it decided being fixed; if that does not come close enough to
   the bound, over all options that the relaxation uses. Any plan found is a plan of the whole program, and the search
   stops as soon as one is close enough;
4. with the options settled, whole beds (`settle`); a plan still too dear is bettered neighbourhood by neighbourhood
   (`siting.optimise.polish`).

Programs in which options and what they cover are all there is to decide are annealed (`siting.optimise.anneal`) instead
of steps 2 and 3, then polished; small ones go to branch-and-bound from there.

The gap is between the cost of the rounded plan and the bound, never the solver's own word.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from siting.errors import SolverError
from siting.optimise.anneal import annealed
from siting.optimise.part import is_open, part
from siting.optimise.polish import polish
from siting.optimise.regions import regional_bound
from siting.optimise.shrink import needless, shrink
from siting.optimise.solver import solve_lp, solve_mip
from siting.optimise.stopping import now, stopped
from siting.optimise.web import Web, is_all
from siting.optimise.windows import windowed

if TYPE_CHECKING:
    from collections.abc import Callable

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import Program

RELAXATION, BRANCHING, REGIONAL = "linear relaxation", "branch-and-bound", "regional decomposition"
"""Ways in which bounds are had, as certificates tell them."""
_USED = 1e-6
_SPREAD = 1e-3
"""An interior point uses an option when it is at least this much in force."""
_TINY = 100
"""With fewer whole-number columns branch-and-bound needs no help."""
_SETTLE_S = 60.0
"""Least time granted to settle beds once options are found: a plan without whole beds is no plan."""
_SETTLE_GAP = 1e-7
_CLOSING_S = 30.0
"""Granted to each earlier phase after a stop was asked for: without it there is no plan."""
_REGIONS = (150, 300)
"""Options in a region of the regional bound: larger ones are looked at where smaller ones prove too little."""
_WORTHWHILE = 1e-4
"""Another round of windows is made while one betters a plan by this part of its cost."""


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
class _Relaxed:
    """What the linear relaxation came to: a point, its duals, what these prove; the best bound known, and its way."""

    values: FloatArray
    duals: FloatArray
    proven: float
    bound: float
    how: str = RELAXATION


_Proven = TypeVar("_Proven", Found, _Relaxed)


@dataclass(frozen=True, slots=True, eq=False)
class _How:
    """How a search goes on: its options, when to stop by the monotonic clock, and whom to tell."""

    options: SolverOptions
    deadline: float
    tell: Callable[[str], None]

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.deadline - now()


def search(
    program: Program, options: SolverOptions, progress: Callable[[str], None], start: FloatArray | None = None
) -> Found:
    """Minimise the program's cost within the options' gap and time.

    Parameters
    ----------
    program : Program
    options : SolverOptions
    progress : callable
        Told in a sentence what is known so far.
    start : float64[column], optional
        A point that satisfies the program: the answer is none that costs more.
    """
    known = start if start is None or not start[needless(program)].any() else None
    found = _searched(program.without(needless(program)), options, progress, known)
    return _cheaper(program, found, start)


def _searched(
    program: Program, options: SolverOptions, progress: Callable[[str], None], start: FloatArray | None
) -> Found:
    """Search a program without needless options by the way that its size and kind ask for."""
    deadline = now() + (min(options.time_limit_s, _CLOSING_S) if stopped() else options.time_limit_s)
    count = _decisions(program)
    way = _covering if count > _TINY and is_all(program) else _restricted
    if way is _covering or count >= options.exact_below:
        relaxed = _relaxed(program, options, deadline - now())
        if isinstance(relaxed, Found):
            return _cheaper(program, relaxed, start)
        progress(f"bound {relaxed.bound:,.0f}")
        return _cheaper(program, way(program, relaxed, options, deadline, progress), start)
    near, bound = _near_relaxation(program, options, deadline, progress) if count > _TINY else (None, -np.inf)
    if near is not None and (start is None or program.cost @ near < program.cost @ start):
        start = near
    found = _cheaper(program, _exact(program, options, deadline, start), start)
    return bounded(found, bound, RELAXATION)  # HiGHS may stop by a plan it was given, and prove nothing


def bounded(found: _Proven, bound: float, how: str) -> _Proven:
    """Return what is known with another bound, where that proves more."""
    return replace(found, bound=bound, how=how) if bound > found.bound else found


def _decisions(program: Program) -> int:
    """Return how many whole numbers are still open."""
    return int((program.integer & (program.upper > program.lower)).sum())


def _relaxed(program: Program, options: SolverOptions, seconds: float) -> _Relaxed | Found:
    """Solve the linear relaxation; where it has no solution, or none in time, that is all there is to be found."""
    outcome = solve_lp(program, options, seconds=seconds)
    if outcome.verdict == "infeasible":
        return Found("infeasible", None, np.inf, RELAXATION)
    if outcome.values is None or outcome.row_duals is None:
        return Found("nothing", None, -np.inf, RELAXATION)
    return _Relaxed(outcome.values, outcome.row_duals, outcome.bound, outcome.bound)


def _covering(
    program: Program, relaxed: _Relaxed, options: SolverOptions, deadline: float, progress: Callable[[str], None]
) -> Found:
    """Search a program that decides on options alone: anneal, prove more, better window by window, close the rest."""
    how, left = _How(options, deadline, progress), deadline - now()
    target = aim_of(relaxed.bound, options.gap)
    made = annealed(program, relaxed.duals, options, (now() + left / 2, target))
    best = None if made is None else point_at(program, *made, options)
    if best is None:
        return _restricted(program, relaxed, options, deadline, progress)
    for size in _REGIONS:
        relaxed = _tightened(program, relaxed, size, best, how)
        best = _closer(program, relaxed, best, how)
    target = aim_of(relaxed.bound, options.gap)
    if program.cost @ best > target and _decisions(program) < options.exact_below:
        until = now() + (deadline - now()) / 4
        polished = polish(program, best, relaxed.duals, options, (until, target), progress)
        settled = _whole(program, polished, options, deadline)
        best = best if settled is None else settled  # what was polished may hold by the solver's tolerance only
    if program.cost @ best <= target or now() > deadline:
        return Found("plan", np.where(program.integer, np.round(best), best), relaxed.bound, relaxed.how)
    too_dear = program.reduced_costs(relaxed.duals) > program.cost @ best - relaxed.proven
    narrow = program.without(too_dear & is_open(program))
    found = _cheaper(program, _exact(narrow, options, deadline, best), best)
    found = replace(found, bound=min(found.bound, float(program.cost @ best)))  # what is left out costs more
    return bounded(found, relaxed.bound, relaxed.how)


def _tightened(program: Program, relaxed: _Relaxed, size: int, best: FloatArray, how: _How) -> _Relaxed:
    """Prove more than the relaxation does, region by region, where a plan is not close enough to it."""
    left, cost = how.left, float(program.cost @ best)
    if cost <= aim_of(relaxed.bound, how.options.gap) or left <= 0:
        return relaxed
    bound = regional_bound(_beds_in_parts(program), relaxed.duals, size, how.options, now() + left / 2)
    relaxed = bounded(relaxed, bound, REGIONAL)
    how.tell(_standing(cost, relaxed.bound))
    return relaxed


def _closer(program: Program, relaxed: _Relaxed, best: FloatArray, how: _How) -> FloatArray:
    """Better a covering plan window by window and anneal it coldly, until it is close enough or that brings nothing."""
    web, target, better = Web.of(program), aim_of(relaxed.bound, how.options.gap), True
    on = best[web.options] > 0.5  # noqa: PLR2004 - nought or one
    while better and program.cost @ best > target and how.left > 0:
        on = windowed(program, web, on, relaxed.duals, how.options, how.deadline)
        made = annealed(program, relaxed.duals, how.options, (how.deadline, target), on)
        trial = None if made is None else point_at(program, *made, how.options)
        better = trial is not None and bool(program.cost @ trial < program.cost @ best * (1 - _WORTHWHILE))
        best = trial if trial is not None and program.cost @ trial < program.cost @ best else best
        how.tell(_standing(float(program.cost @ best), relaxed.bound))
    return best


def _standing(cost: float, bound: float) -> str:
    """Say where a search stands."""
    gap = "" if cost <= 0 else f", gap {1 - bound / cost:.2%}"
    return f"cost {cost:,.0f}, bound {bound:,.0f}{gap}"


def _cheaper(program: Program, found: Found, start: FloatArray | None) -> Found:
    """Fall back on the point that was known before, where the search found nothing cheaper."""
    if start is None or (found.values is not None and program.cost @ found.values <= program.cost @ start):
        return found
    if found.verdict == "infeasible":
        message = "the solver proved that nothing satisfies a program of which a solution was at hand"
        raise SolverError(message)
    return replace(found, verdict="plan", values=start)


def aim_of(bound: float, gap: float) -> float:
    """Return the cost at which the gap to a bound is closed; costs may be negative (what is maximised)."""
    return bound / (1.0 - gap) if bound > 0 else bound * (1.0 - gap)


def point_at(program: Program, columns: IntArray, values: FloatArray, options: SolverOptions) -> FloatArray | None:
    """Return a point of the program at which these columns have these values, the others being best; None if none is.

    Whole columns among the others are made whole.
    """
    lower, upper = program.lower.copy(), program.upper.copy()
    if ((values < lower[columns] - _USED) | (values > upper[columns] + _USED)).any():
        return None
    lower[columns] = upper[columns] = values
    limits = (now() + _SETTLE_S, -np.inf)
    return part(program.bounded(lower, upper), options.model_copy(update={"gap": _SETTLE_GAP}), limits)


def _exact(program: Program, options: SolverOptions, deadline: float, start: FloatArray | None = None) -> Found:
    """Branch-and-bound over the whole program, from a plan where there is one."""
    outcome = solve_mip(program, options, seconds=deadline - now(), gap=options.gap, start=start)
    if outcome.verdict == "infeasible":
        return Found("infeasible", None, np.inf, BRANCHING)
    if outcome.values is None:
        verdict = "nothing" if start is None else "plan"
        return Found(verdict, start, outcome.bound, BRANCHING)
    values = settle(program, outcome.values, options, deadline)
    return Found("plan", values, outcome.bound, BRANCHING)


def _near_relaxation(
    program: Program, options: SolverOptions, deadline: float, progress: Callable[[str], None]
) -> tuple[FloatArray | None, float]:
    """Find a plan quickly, so that one is at hand whatever branch-and-bound comes to; and what the relaxation proves.

    The plan is None when it takes too long, the bound −inf when nothing is proven.
    """
    relaxed = _relaxed(program, options, (deadline - now()) / 4)
    if isinstance(relaxed, Found):
        return None, -np.inf
    used = _beds_in_parts(program.without(_unused(program, relaxed)))
    limits = (now() + (deadline - now()) / 4, aim_of(relaxed.bound, options.gap))
    best = _around_vertex(used, relaxed.values, options, limits, progress)
    return None if best is None else _whole(program, best, options, deadline), relaxed.bound


def _restricted(
    program: Program, relaxed: _Relaxed, options: SolverOptions, deadline: float, progress: Callable[[str], None]
) -> Found:
    """Restrict to the columns that matter, search, settle."""
    used = _beds_in_parts(program.without(_unused(program, relaxed)))
    target = aim_of(relaxed.bound, options.gap)
    best = _around_vertex(used, relaxed.values, options, (deadline, target), progress)
    if best is None or program.cost @ best > target:
        wider = part(used, options, (deadline, target), start=best)
        best = wider if best is None or (wider is not None and program.cost @ wider < program.cost @ best) else best
    plan = None if best is None else _whole(program, best, options, deadline)
    if best is None or plan is None:
        # Too tight a choice, or too little time: let branch-and-bound see everything for what is left.
        found = _exact(program, options, max(deadline, now() + _SETTLE_S))
        return bounded(found, relaxed.bound, relaxed.how)
    progress(_standing(float(program.cost @ plan), relaxed.bound))
    relaxed = _tightened(program, relaxed, _REGIONS[0], plan, _How(options, deadline, progress))
    target = aim_of(relaxed.bound, options.gap)
    if program.cost @ plan > target and now() < deadline:
        parts = _beds_in_parts(program)
        better = polish(parts, best, relaxed.duals, options, (deadline, target), progress)
        trial = _whole(program, better, options, deadline) if program.cost @ better < program.cost @ plan else None
        plan = trial if trial is not None and program.cost @ trial < program.cost @ plan else plan
    return Found("plan", plan, relaxed.bound, relaxed.how)


def _whole(program: Program, values: FloatArray, options: SolverOptions, deadline: float) -> FloatArray | None:
    """Make beds whole; None where the options chosen have room for them only in fractions."""
    try:
        return settle(program, values, options, deadline)
    except SolverError:
        return None


def _unused(program: Program, relaxed: _Relaxed) -> BoolArray:
    """Return the options that the relaxation does not use and that would cost more than they save: bool[column]."""
    return is_open(program) & (relaxed.values < _USED) & (program.reduced_costs(relaxed.duals) > 0)


def _around_vertex(
    used: Program,
    interior: FloatArray,
    options: SolverOptions,
    limits: tuple[float, float],
    progress: Callable[[str], None],
) -> FloatArray | None:
    """Search what a vertex of the relaxation leaves open; None when that holds no plan or none was found in time.

    Options at one stay. Options at nought go, unless the interior point, which spreads over all optimal choices, uses
    them too.
    """
    deadline, target = limits
    left = deadline - now()
    small = shrink(used)
    if small is None:
        return None
    corner = solve_lp(small.program, options, seconds=left / 2, vertex=True)
    if corner.values is None:
        return None
    vertex = small.whole(corner.values)
    decide = is_open(used)
    chosen = decide & (vertex > 1 - _USED)
    gone = decide & (vertex < _USED) & (interior < _SPREAD)
    progress(f"{int(chosen.sum()):,} options chosen, {int((decide & (used.upper > 0) & ~chosen & ~gone).sum()):,} open")
    narrow = used.bounded(np.where(chosen, 1.0, used.lower), np.where(gone, 0.0, used.upper))
    return part(narrow, options, (now() + (deadline - now()) / 2, target))


def _beds_in_parts(program: Program) -> Program:
    """Let beds and persons hired be fractions while options are searched; `settle` makes them whole."""
    parts = np.array([name.startswith(("extra_", "hire_")) for name in program.names], dtype=np.bool_)
    return replace(program, integer=program.integer & ~parts)


def settle(program: Program, values: FloatArray, options: SolverOptions, deadline: float) -> FloatArray:
    """Fix the options as found and make the beds whole at least cost.

    With the options at exactly nought and one, a row that only held by the solver's tolerance shows itself: then the
    fractions that helped it are taken away and the search goes on around them.

    Raises
    ------
    SolverError
        When whole beds cannot be found for these options.
    """
    decide = is_open(program)
    fixed = np.round(values)
    lower = np.where(decide, fixed, program.lower)
    upper = np.where(decide, fixed, program.upper)
    limits = (max(now() + _SETTLE_S, deadline), -np.inf)
    settled = part(program.bounded(lower, upper), options.model_copy(update={"gap": _SETTLE_GAP}), limits)
    if settled is None:
        settled = part(_firmer(program), options, limits)
    if settled is None:
        message = "the options found could not be given whole beds; give the solver more time (solver.time_limit_s)"
        raise SolverError(message)
    return np.where(program.integer, np.round(settled), settled)


def _firmer(program: Program) -> Program:
    """Ask a little more of every clause, so that what holds by tolerance holds in truth."""
    rows = np.array([policy.row for policy in program.policy], dtype=np.int64)
    size = np.zeros(len(program.row_names))
    size[rows] = np.asarray(abs(program.matrix[rows]).sum(axis=1)).ravel()
    return replace(program, row_lower=program.row_lower + 1e-6 * size, row_upper=program.row_upper - 1e-6 * size)
