"""Finding a plan and proving how good it is.

A program falls into parts that have nothing to do with each other (`siting.optimise.independent`), in which options of
a site share their beds' columns (`siting.optimise.aggregate`). Small parts go to branch-and-bound, from a plan that is
at hand or found by steps 1 and 3 cut short, unless step 1 proves it as good as best. Larger ones take these steps, each
exact in what it claims:

1. the linear relaxation by interior point, whose duals prove the bound (`Program.proven_bound`);
2. a plan by rounding: what the relaxation has more in force than not, and greedily what is still short. One is at hand
   from here on;
3. branch-and-bound over what a vertex of the relaxation leaves open, what it decided being fixed: nearly all of its
   options are nought or one;
4. a plan still too dear is bettered neighbourhood by neighbourhood (`siting.optimise.polish`), and by branch-and-bound
   over all options that the relaxation uses, and last over all that a better plan could hold.

With the options found, beds are made whole (`siting.optimise.whole`). The search stops as soon as a plan is close
enough to the bound. Programs in which options and what they cover are all there is to decide are annealed instead
(`siting.optimise.covering`).

The gap is between the cost of the rounded plan and the bound, never the solver's own word.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siting.model.plan import AND
from siting.optimise.aggregate import aggregated
from siting.optimise.anneal import prices
from siting.optimise.covering import REGIONS, closed, covering, tightened
from siting.optimise.found import (
    NEGLIGIBLE,
    RELAXATION,
    TINY,
    Found,
    How,
    Relaxed,
    aim_of,
    bounded,
    cheaper,
    cheapest,
    standing,
)
from siting.optimise.greedy import greedy
from siting.optimise.independent import independent
from siting.optimise.memory import recalled
from siting.optimise.part import is_open, part
from siting.optimise.polish import polish
from siting.optimise.shrink import needless, shrink
from siting.optimise.solver import solve_lp
from siting.optimise.stopping import now, stopped
from siting.optimise.web import Web, dominated, is_all
from siting.optimise.whole import beds_in_parts, exactly, point_at, whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from siting.model.arrays import BoolArray, FloatArray
    from siting.optimise.independent import Part
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import Program

    Tell = Callable[[str], None]

_USED = 1e-6
_SPREAD = 1e-3
"""An interior point uses an option when it is at least this much in force."""
_EVERYTHING_S = 60.0
"""Granted to branch-and-bound over everything where nothing else found a plan."""
_CLOSING_S = 30.0
"""Granted to each earlier phase, and to each part, after a stop was asked for: without it there is no plan."""
_LIKELY = 0.5


def search(program: Program, options: SolverOptions, progress: Tell, start: FloatArray | None = None) -> Found:
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
    useless = needless(program)
    lean = program.without(useless)
    known = start if start is None or not start[useless].any() else None
    parts = independent(lean)
    seconds = min(options.time_limit_s, _CLOSING_S) if stopped() else options.time_limit_s
    how = How(options, now() + seconds, progress)
    found = _each(lean, parts, how, known) if len(parts) > 1 else _part(lean, how, known)
    return cheaper(program, found, start)


def _each(program: Program, parts: list[Part], how: How, start: FloatArray | None) -> Found:
    """Search the parts of a program one after the other; what they cost and what is proven of them adds up.

    Each is within the gap of its own bound, so that the whole is of its. Where one ends with nothing the others are
    searched all the same: that one of them cannot be met is an answer. Those that come after somebody asked to stop
    get what is needed to hand over a plan.
    """
    free = program.upper > program.lower
    values = np.where(free, 0.0, program.lower)
    bound, ways, left = float(program.cost @ values), set[str](), sum(piece.program.matrix.nnz for piece in parts)
    verdict = "plan"
    for number, piece in enumerate(parts):
        until = now() + _CLOSING_S if stopped() else how.until(piece.program.matrix.nnz / max(left, 1))
        left -= piece.program.matrix.nnz
        within = How(how.options, until, _told(how.tell, f"part {number + 1} of {len(parts)}"))
        found = _part(piece.program, within, None if start is None else start[piece.columns])
        if found.verdict == "infeasible":
            return found
        bound += found.bound
        ways.add(found.how)
        if found.values is None:
            verdict = found.verdict
        else:
            values[piece.columns] = found.values
    if verdict != "plan":
        return Found(verdict, None, bound, AND.join(sorted(ways)))
    how.tell(standing(float(program.cost @ values), bound))
    return Found(verdict, values, bound, AND.join(sorted(ways)))


def _part(program: Program, how: How, start: FloatArray | None) -> Found:
    """Search a program that does not fall into parts, with the beds of a site's options in one column."""
    smaller = aggregated(program)
    known = None if start is None else smaller.folded(start)
    found = recalled(smaller.program, how, known, lambda: _searched(smaller.program, how, known))
    if found.values is not None:
        found = replace(found, values=smaller.unfolded(found.values))
    return cheaper(program, found, start)


def _told(tell: Tell, who: str) -> Tell:
    return lambda told: tell(f"{who}: {told}")


def _searched(program: Program, how: How, start: FloatArray | None) -> Found:
    """Search a program without needless options by the way that its size and kind ask for."""
    count = _decisions(program)
    covers = count > TINY and is_all(program)
    small = count < how.options.exact_below
    if covers:
        program = program.without(dominated(program))
    if covers or not small:
        relaxed = _relaxed(program, how.options, how.left)
        if isinstance(relaxed, Found):
            return cheaper(program, relaxed, start)
        how.tell(f"bound {relaxed.bound:,.0f}")
        found = covering(program, relaxed, how, close=small) if covers else None
        return cheaper(program, found or _restricted(program, relaxed, how), start)
    return _exact(program, how, start, count)


def _exact(program: Program, how: How, start: FloatArray | None, count: int) -> Found:
    """Branch and bound over a small program, unless the relaxation proves a plan that is at hand as good as best."""
    relaxed = _relaxed(program, how.options, how.left / 4) if count > TINY else None
    bound = relaxed.bound if isinstance(relaxed, Relaxed) else -np.inf
    if isinstance(relaxed, Relaxed) and not _within(program, start, how.aim(bound)):
        near = _near(program, relaxed, how)
        start = near if start is None else cheapest(program, start, near)
    if start is not None and _within(program, start, aim_of(bound, NEGLIGIBLE * how.options.gap)):
        return Found("plan", np.where(program.integer, np.round(start), start), bound, RELAXATION)
    found = cheaper(program, exactly(program, how.options, how.deadline, start), start)
    return bounded(found, bound, RELAXATION)  # HiGHS may stop by a plan it was given, and prove nothing


def _within(program: Program, point: FloatArray | None, cost: float) -> bool:
    return point is not None and bool(program.cost @ point <= cost)


def _decisions(program: Program) -> int:
    """Return how many whole numbers are still open."""
    return int((program.integer & (program.upper > program.lower)).sum())


def _relaxed(program: Program, options: SolverOptions, seconds: float) -> Relaxed | Found:
    """Solve the linear relaxation; where it has no solution, or none in time, that is all there is to be found."""
    outcome = solve_lp(program, options, seconds=seconds)
    if outcome.verdict == "infeasible":
        return Found("infeasible", None, np.inf, RELAXATION)
    if outcome.values is None or outcome.row_duals is None:
        return Found("nothing", None, -np.inf, RELAXATION)
    return Relaxed(outcome.values, outcome.row_duals, outcome.bound, outcome.bound)


def _near(program: Program, relaxed: Relaxed, how: How) -> FloatArray | None:
    """Find a plan quickly, so that one is at hand whatever branch-and-bound comes to; None when it takes too long."""
    used = beds_in_parts(program.without(_unused(program, relaxed)))
    limits = (how.until(0.25), how.aim(relaxed.bound))
    best = _around_vertex(used, relaxed.values, how.options, limits, how.tell)
    return None if best is None else whole(program, best, how.options, how.deadline)


def _restricted(program: Program, relaxed: Relaxed, how: How) -> Found:
    """Round, restrict to the columns that matter, search there, settle."""
    parts = beds_in_parts(program)
    used = parts.without(_unused(program, relaxed))
    best = _first(parts, used, relaxed, how)
    plan = None if best is None else whole(program, best, how.options, how.deadline)
    if best is None or plan is None:
        # Too tight a choice, or too little time: let branch-and-bound see everything for what is left.
        found = exactly(program, how.options, max(how.deadline, now() + _EVERYTHING_S))
        return bounded(found, relaxed.bound, relaxed.how)
    how.tell(standing(float(program.cost @ plan), relaxed.bound))
    relaxed = tightened(program, relaxed, REGIONS[0], plan, how)
    target = how.aim(relaxed.bound)

    def nearer(best: FloatArray) -> FloatArray:
        return polish(parts, best, relaxed.duals, how.options, (how.until(0.3), target), how.tell)

    def wider(best: FloatArray) -> FloatArray:
        found = part(used, how.options, (how.until(0.5), target), start=best)
        return cheapest(program, best, found)

    for step in (nearer, wider):
        if program.cost @ plan <= target or how.left <= 0:
            break
        best = step(best)
        plan = cheapest(program, plan, whole(program, best, how.options, how.deadline))
    if program.cost @ plan <= target or how.left <= 0:
        return Found("plan", plan, relaxed.bound, relaxed.how)
    return closed(program, relaxed, plan, how)


def _first(parts: Program, used: Program, relaxed: Relaxed, how: How) -> FloatArray | None:
    """Find a plan with beds in parts: by rounding, around a vertex, or among all options that the relaxation uses."""
    target = how.aim(relaxed.bound)
    best = _rounded(parts, relaxed, how.options)
    if best is None or parts.cost @ best > target:
        vertex = _around_vertex(used, relaxed.values, how.options, (how.until(0.5), target), how.tell)
        best = vertex if best is None else cheapest(parts, best, vertex)
    return part(used, how.options, (how.deadline, target)) if best is None else best


def _rounded(program: Program, relaxed: Relaxed, options: SolverOptions) -> FloatArray | None:
    """Take what the relaxation has more in force than not, and greedily what is still short; None where that fails."""
    web = Web.of(program)
    if not len(web.options):
        return None
    price = prices(web, np.maximum(relaxed.duals[web.rows], 0.0))
    chosen = greedy(web, price, relaxed.values[web.options] > _LIKELY)
    return point_at(program, web.options, chosen.astype(np.float64), options)


def _unused(program: Program, relaxed: Relaxed) -> BoolArray:
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
