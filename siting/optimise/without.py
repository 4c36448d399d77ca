"""What a plan would come to without one of its sites: what is lost, what stands in for it, and what that costs.

Cheap questions come first and are asked of every site, so that none waits for the hard cases of others: whether nothing
at all can stand in (bounds, then the linear relaxation, whose bound also says what doing without costs at the least),
whether something near does, whether something does where the relaxation sees it otherwise than the plan (Danna,
Rothberg and Le Pape, Mathematical Programming 102, 2005), and at last a search of the whole.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from siting.model.problem import State
from siting.model.reasons import SiteReason
from siting.model.rows import Covered
from siting.model.sites import Action
from siting.optimise.part import cheapest_part
from siting.optimise.search import search
from siting.optimise.shrink import shrink
from siting.optimise.solver import solve_lp
from siting.optimise.values import of_block, of_terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from siting.model.arrays import BoolArray, FloatArray
    from siting.model.rows import Block, Subject
    from siting.optimise.layout import Asked, Layout
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import Program
    from siting.optimise.reasons import Planned

_SHORT = 1e-9
"""What is missing by less than this part of a requirement is lost in a sum."""
_NEAR_M, _FAR_M = 1_000.0, 3_000.0
"""What stands in for a site is looked for this near first, then this far, the rest of the plan staying as it is."""
_QUICK_S, _BOUND_S, _LOCAL_S, _WHOLE_S = 0.3, 3.0, 1.5, 10.0
"""Seconds that a question about one site gets at most, by how much of the plan it may change; the last is asked anew,
with so many times the seconds, as long as there is time."""
_LONGER = 3.0
_LEAST_S = 0.2
_CLOSE = 0.02
"""How near the best (a part of the cost) a plan must be known to be before it tells a price."""
_WHOLE = 1e-6


def site_reasons(planned: Planned, options: SolverOptions, deadline: float) -> tuple[SiteReason, ...]:
    """Ask about every site that something is done to: what is lost without it, then what stands in for it.

    Parameters
    ----------
    planned : Planned
    options : SolverOptions
        Gap, threads and seed of each question.
    deadline : float
        By the monotonic clock. Dear sites are asked about first; of those it leaves no time for, what is lost is known
        all the same.
    """
    losses = _Losses(planned)
    found = [losses.without(int(option)) for option in np.flatnonzero(planned.changed(planned.state))]
    asker = _Asker.of(planned, options, deadline)
    cost = planned.problem.options.fixed_cost
    order = sorted(range(len(found)), key=lambda number: -cost[found[number].option])
    for seconds, ask in asker.questions():
        open_ones = [number for number in order if found[number].without == "unknown"]
        if not open_ones or time.monotonic() > deadline:
            break
        for number in open_ones:
            left = deadline - time.monotonic()
            if left > 0:
                found[number] = ask(found[number], max(_LEAST_S, min(left, seconds)))
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class _Asker:
    """A plan's program, and where its relaxation sees things otherwise.

    Attributes
    ----------
    planned : Planned
    options : SolverOptions
    program : Program
    layout : Layout
    constant : float
        What the goal is worth besides the program's objective.
    apart : bool[option]
        Options that a vertex of the relaxation has in force in another part than the plan.
    """

    planned: Planned
    options: SolverOptions
    program: Program
    layout: Layout
    constant: float
    apart: BoolArray

    @classmethod
    def of(cls, planned: Planned, options: SolverOptions, deadline: float) -> _Asker:
        """Build the program and relax it once."""
        program, layout, constant = planned.question.posed(planned.phases)
        last = planned.question.last
        apart = np.zeros(len(planned.problem.options), dtype=np.bool_)
        seconds = max(_LEAST_S, (deadline - time.monotonic()) / 4)
        corner = solve_lp(program, options, seconds=seconds, vertex=True)
        if corner.values is not None:
            there = np.flatnonzero(layout.open[last] >= 0)
            in_force = corner.values[layout.open[last, there]]
            apart[there] = np.abs(in_force - planned.state.open[last, there]) > _WHOLE
        return cls(planned, options, program, layout, constant, apart)

    def questions(self) -> Iterator[tuple[float, Callable[[SiteReason, float], SiteReason]]]:
        """Yield what is asked of every site that nothing is known of yet, cheap questions first, with its seconds.

        There is no end of it: the hardest are asked again and longer.
        """
        yield _QUICK_S, self._irreplaceable
        yield _QUICK_S, self._near
        yield _BOUND_S, self._bounded
        yield _LOCAL_S, self._apart
        seconds = _WHOLE_S
        while True:
            yield seconds, self._anywhere
            seconds *= _LONGER

    def _irreplaceable(self, reason: SiteReason, seconds: float) -> SiteReason:  # noqa: ARG002 - takes next to none
        """Say that nothing can stand in for a site, where bounds of columns alone prove it."""
        return replace(reason, without="impossible") if shrink(self._without(reason)) is None else reason

    def _near(self, reason: SiteReason, seconds: float) -> SiteReason:
        """Find the cheapest plan without a site that changes nothing but what is near it, and beds."""
        return self._locally(reason, self._without(reason), self._around(reason, _NEAR_M), seconds)

    def _bounded(self, reason: SiteReason, seconds: float) -> SiteReason:
        """Say what a plan without a site costs more at the least, or that there is none."""
        relaxed = solve_lp(self._without(reason), self.options, seconds=seconds)
        if relaxed.verdict == "infeasible":
            return replace(reason, without="impossible")
        return replace(reason, at_least=max(0.0, self.constant + relaxed.bound - self.planned.cost))

    def _apart(self, reason: SiteReason, seconds: float) -> SiteReason:
        """Find a plan without a site that differs near it, and where the relaxation differs from the plan."""
        free = self._around(reason, _FAR_M) | self.apart
        return self._locally(reason, self._without(reason), free, seconds)

    def _anywhere(self, reason: SiteReason, seconds: float) -> SiteReason:
        """Find a plan without a site, whatever else changes, or the proof that there is none.

        A plan that is not known to be near the best says nothing of a price.
        """
        without = self._without(reason)
        found = search(without, self._within(seconds), lambda _: None)
        if found.values is None:
            return replace(reason, without="impossible") if found.verdict == "infeasible" else reason
        cost = float(without.cost @ found.values)
        close = cost - found.bound <= max(_CLOSE, 2 * self.options.gap) * max(1.0, cost)
        return self._replaced(reason, found.values) if close else reason

    def _within(self, seconds: float) -> SolverOptions:
        return self.options.model_copy(update={"time_limit_s": seconds})

    def _without(self, reason: SiteReason) -> Program:
        """Return the program in which a site stays as it is today, or empty."""
        o = self.planned.problem.options
        site = o.site[reason.option]
        existing = self.planned.problem.sites.existing[site]
        gone = np.array([reason.option]) if existing else np.flatnonzero(o.site == site)
        columns = np.concatenate([self.layout.open[phase, gone] for phase in self.planned.phases])
        upper = self.program.upper.copy()
        upper[columns[columns >= 0]] = 0.0
        return self.program.bounded(self.program.lower, upper)

    def _around(self, reason: SiteReason, metres: float) -> BoolArray:
        """Return the options at sites around a site: bool[option]."""
        o, sites = self.planned.problem.options, self.planned.problem.sites
        site = o.site[reason.option]
        near = np.hypot(sites.x_m - sites.x_m[site], sites.y_m - sites.y_m[site]) <= metres
        return np.asarray(near[o.site])

    def _locally(self, reason: SiteReason, without: Program, free: BoolArray, seconds: float) -> SiteReason:
        """Search with all options but the free ones as in the plan, in the last phase."""
        last = self.planned.question.last
        held = without.lower.copy(), without.upper.copy()
        as_planned = np.flatnonzero((self.layout.open[last] >= 0) & ~free)
        for bound in held:
            bound[self.layout.open[last, as_planned]] = self.planned.state.open[last, as_planned]
        values = cheapest_part(without.bounded(*held), self._within(seconds), seconds)
        return reason if values is None else self._replaced(reason, values)

    def _replaced(self, reason: SiteReason, values: FloatArray) -> SiteReason:
        """Say what a plan without a site costs more, and which sites change in its stead."""
        problem, last = self.planned.problem, self.planned.question.last
        o, there = problem.options, self.layout.open[last] >= 0
        is_open = np.zeros(len(o), dtype=np.bool_)
        is_open[there] = values[self.layout.open[last, there]] > 0.5  # noqa: PLR2004 - nought or one
        kept = np.array([action is Action.KEEP for action in o.action], dtype=np.bool_)
        instead = np.flatnonzero(is_open & ~kept & ~self.planned.changed(self.planned.state))
        return replace(
            reason,
            without="found",
            price=self.constant + float(self.program.cost @ values) - self.planned.cost,
            instead=tuple(dict.fromkeys(problem.sites.id[o.site[option]] for option in instead)),
        )


class _Losses:
    """What the last phase would be short of without one of its sites."""

    def __init__(self, planned: Planned) -> None:
        problem, last = planned.problem, planned.question.last
        self.problem, self.state, self.last = problem, planned.state, last
        asked = [item for item in planned.question.asked if item.phase == last]
        self.asked = [(item, item.rows.terms, item.rows.rhs if item.rhs is None else item.rhs) for item in asked]
        self._covered: dict[Covered, FloatArray] = {}

    def without(self, option: int) -> SiteReason:
        """Take a site's change away: a facility of today stands as it does, a new one is not there."""
        o, last = self.problem.options, self.last
        is_open, beds = self.state.open.copy(), self.state.beds.copy()
        lost = int(beds[last, option].sum())
        is_open[:, option], beds[:, option] = False, 0
        site = int(o.site[option])
        if self.problem.sites.existing[site]:
            keep = next(i for i in np.flatnonzero(o.site == site) if o.action[i] is Action.KEEP)
            is_open[:, keep], beds[:, keep] = True, o.base_beds[keep]
            lost -= int(o.base_beds[keep].sum())
        state = State(is_open, beds, self.state.hired)
        persons: dict[str, float] = {}
        needed: list[tuple[str, Subject]] = []
        known: dict[Block, FloatArray] = {}
        for item, terms, rhs in self.asked:
            short = item.rows.sign * (of_terms(self.problem, state, last, (terms, len(rhs)), known) - rhs)
            missing = np.flatnonzero(short < -_SHORT * np.maximum(1.0, np.abs(rhs)))
            needed += [(item.clause, item.rows.subject[index]) for index in missing]
            covering = [block for block in item.rows.numerator if isinstance(block, Covered)]
            if covering:
                persons[item.clause] = sum(self._uncovered(item, block, known[block]) for block in covering)
        return SiteReason(self.problem.sites.id[site], option, persons, lost, tuple(needed))

    def _uncovered(self, item: Asked, block: Covered, now: FloatArray) -> float:
        """Return the weight (persons) of zones that are covered on the plan and not now."""
        if block not in self._covered:
            self._covered[block] = of_block(self.problem, self.state, self.last, block)
        weight = np.asarray(item.rows.numerator[block].sum(axis=0)).ravel()
        return float(weight @ (self._covered[block] - now))
