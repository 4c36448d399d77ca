"""Questions about a plan that has been found: sites one by one, clauses one by one, and plans nearly as good.

Money is what answers are in: with other goals, the cost of a plan that keeps what they reached.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from siting.model.problem import State
from siting.model.reasons import Alternative, ClausePrice, Reasons, SiteReason
from siting.model.rows import Covered
from siting.model.sites import Action
from siting.optimise.answer import answer, decided
from siting.optimise.certify import certificate
from siting.optimise.part import cheapest_part
from siting.optimise.question import Kept, Posed, Question
from siting.optimise.search import point_at, search
from siting.optimise.solver import solve_lp
from siting.optimise.values import of_block, of_terms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from siting.model.arrays import BoolArray, FloatArray
    from siting.model.problem import Problem
    from siting.model.rows import Block, Subject
    from siting.optimise.layout import Asked, Layout
    from siting.optimise.options import ReasonsOptions, SolverOptions
    from siting.optimise.program import Program

    Tell = Callable[[str], None]

_SHORT = 1e-9
"""What is missing by less than this part of a requirement is lost in a sum."""
_CLAUSES_GET, _SITES_GET = 0.4, 0.8
"""Parts of the time: clauses get the first, sites up to the second, alternatives what is left."""
_NEAR_M = 3_000.0
"""What stands in for a site is looked for this near first, the rest of the plan staying as it is."""
_LEAST_S, _EACH_S = 0.5, 10.0
"""Seconds that a question gets at least, and that one about a site gets at most."""
_CLOSE = 0.02
"""How near the best (a part of the cost) a plan must be known to be before it tells a price."""
_LEANED = 1e-6
"""A clause whose rows carry less of the bound than this part of the cost carries nothing of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """A plan, what was asked of it, and what is proven of its cost.

    Attributes
    ----------
    question : Question
        Its aim is money.
    state : State
    cost, bound : float
        In the aim's unit.
    """

    question: Question
    state: State
    cost: float
    bound: float

    @property
    def problem(self) -> Problem:
        """What the plan is of."""
        return self.question.problem

    @property
    def phases(self) -> tuple[int, ...]:
        """Phases of one program: all where they must be one, else the last."""
        return tuple(range(self.question.last + 1)) if self.question.whole else (self.question.last,)

    def changed(self, state: State) -> BoolArray:
        """Return the options by which something is done in the last phase: bool[option]."""
        kept = np.array([action is Action.KEEP for action in self.problem.options.action], dtype=np.bool_)
        return np.asarray(state.open[-1] & ~kept)


def reasons(planned: Planned, asked: ReasonsOptions, options: SolverOptions, tell: Tell) -> Reasons:
    """Ask about a plan, for as long as the study allows.

    Parameters
    ----------
    planned : Planned
    asked : ReasonsOptions
    options : SolverOptions
        Gap, threads and seed of each question.
    tell : callable
    """
    began = time.monotonic()
    prices: tuple[ClausePrice, ...] = ()
    if asked.clauses:
        tell("what every clause costs")
        prices = _clauses(planned, options, began + _CLAUSES_GET * asked.time_limit_s)
    sites: tuple[SiteReason, ...] = ()
    if asked.sites:
        tell("what every site is needed for")
        sites = _sites(planned, options, began + _SITES_GET * asked.time_limit_s)
    tell("plans that cost nearly the same")
    others = _alternatives(planned, asked, options, began + asked.time_limit_s)
    return Reasons(sites, prices, others)


def _sites(planned: Planned, options: SolverOptions, deadline: float) -> tuple[SiteReason, ...]:
    """Ask about every site that something is done to: what is lost first, then what stands in for it."""
    program, layout, _ = planned.question.posed(planned.phases)
    losses = _Losses(planned)
    found = [losses.without(int(option)) for option in np.flatnonzero(planned.changed(planned.state))]
    for ask in (_nearby, _anywhere):
        for number, reason in enumerate(found):
            left = deadline - time.monotonic()
            if left > 0 and reason.without == "unknown":
                found[number] = ask(planned, (program, layout), reason, _within(options, min(left, _EACH_S)))
    return tuple(found)


def _nearby(planned: Planned, posed: tuple[Program, Layout], reason: SiteReason, options: SolverOptions) -> SiteReason:
    """Find the cheapest plan without a site that changes nothing but what is near it, and beds."""
    program, layout = posed
    last, o, sites = planned.question.last, planned.problem.options, planned.problem.sites
    site = o.site[reason.option]
    near = np.hypot(sites.x_m - sites.x_m[site], sites.y_m - sites.y_m[site]) <= _NEAR_M
    without = _without(planned, posed, reason)
    held = without.lower.copy(), without.upper.copy()
    as_planned = np.flatnonzero((layout.open[last] >= 0) & ~near[o.site])
    for bound in held:
        bound[layout.open[last, as_planned]] = planned.state.open[last, as_planned]
    values = cheapest_part(program.bounded(*held), options, options.time_limit_s)
    return reason if values is None else _replaced(planned, posed, reason, values)


def _anywhere(
    planned: Planned, posed: tuple[Program, Layout], reason: SiteReason, options: SolverOptions
) -> SiteReason:
    """Find a plan without a site, whatever else changes, or the proof that there is none.

    A plan that is not known to be near the best says nothing of a price.
    """
    without = _without(planned, posed, reason)
    found = search(without, options, lambda _: None)
    if found.values is None:
        return replace(reason, without="impossible") if found.verdict == "infeasible" else reason
    cost = float(without.cost @ found.values)
    close = cost - found.bound <= max(_CLOSE, 2 * options.gap) * max(1.0, cost)
    return _replaced(planned, posed, reason, found.values) if close else reason


def _without(planned: Planned, posed: tuple[Program, Layout], reason: SiteReason) -> Program:
    """Return the program in which a site stays as it is today, or empty."""
    program, layout = posed
    o = planned.problem.options
    site = o.site[reason.option]
    gone = np.array([reason.option]) if planned.problem.sites.existing[site] else np.flatnonzero(o.site == site)
    upper = program.upper.copy()
    upper[_columns(layout, gone, planned.phases)] = 0.0
    return program.bounded(program.lower, upper)


def _replaced(planned: Planned, posed: tuple[Program, Layout], reason: SiteReason, values: FloatArray) -> SiteReason:
    """Say what a plan without a site costs more, and which sites change in its stead."""
    program, layout = posed
    last, o, sites = planned.question.last, planned.problem.options, planned.problem.sites
    there = layout.open[last] >= 0
    is_open = np.zeros(len(o), dtype=np.bool_)
    is_open[there] = values[layout.open[last, there]] > 0.5  # noqa: PLR2004 - nought or one
    kept = np.array([action is Action.KEEP for action in o.action], dtype=np.bool_)
    instead = np.flatnonzero(is_open & ~kept & ~planned.changed(planned.state))
    return replace(
        reason,
        without="found",
        price=float(program.cost @ values) - planned.cost,
        instead=tuple(dict.fromkeys(sites.id[o.site[option]] for option in instead)),
    )


def _columns(layout: Layout, options: np.ndarray, phases: Sequence[int]) -> np.ndarray:
    """Return the columns of some options: int64[n]."""
    columns = np.concatenate([layout.open[phase, options] for phase in phases])
    return np.asarray(columns[columns >= 0])


def _within(options: SolverOptions, seconds: float) -> SolverOptions:
    return options.model_copy(update={"time_limit_s": max(_LEAST_S, seconds)})


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


def _clauses(planned: Planned, options: SolverOptions, deadline: float) -> tuple[ClausePrice, ...]:
    """Ask what the plan would cost without each clause.

    The relaxation without a clause bounds what it can cost: first that, for every clause, then plans, those first that
    may save most. A clause whose rows the bound does not lean on (duals of nought) needs no relaxation of its own.
    """
    program, _, constant = planned.question.posed(planned.phases)
    relaxed = solve_lp(program, options, seconds=max(_LEAST_S, deadline - time.monotonic()))
    names = list(dict.fromkeys(item.clause for item in planned.question.asked))
    leaned = set(names)
    if relaxed.row_duals is not None:
        leaned = _leaned_on(program, relaxed.row_duals, _LEANED * max(1.0, planned.cost))
    bounds = {}
    for name in names:
        left = deadline - time.monotonic()
        if name not in leaned:
            bounds[name] = constant + relaxed.bound
        elif left > 0:
            less, _, rest = planned.question.without(name).posed(planned.phases)
            bounds[name] = rest + solve_lp(less, options, seconds=max(_LEAST_S, left)).bound
        else:
            bounds[name] = 0.0
    found = {name: ClausePrice(name, 0.0, 0.0, planned.cost - max(0.0, bounds[name])) for name in names}
    promising = sorted((name for name in names if name in leaned), key=lambda name: -found[name].at_most)
    for number, name in enumerate(promising):
        left = (deadline - time.monotonic()) / (len(promising) - number)
        if left > 0:
            found[name] = _price(planned, found[name], options, max(_LEAST_S, left))
    return tuple(found.values())


def _leaned_on(program: Program, duals: FloatArray, least: float) -> set[str]:
    """Return the clauses whose rows carry something of the bound."""
    bound = np.where(np.isfinite(program.row_lower), program.row_lower, program.row_upper)
    carried = np.abs(duals) * np.maximum(1.0, np.abs(bound))
    return {policy.clause for policy in program.policy if carried[policy.row] > least}


def _price(planned: Planned, known: ClausePrice, options: SolverOptions, seconds: float) -> ClausePrice:
    """Search for a cheaper plan without one clause, from the plan with it."""
    program, layout, constant = planned.question.without(known.clause).posed(planned.phases)
    start = point_at(program, *decided(layout, planned.state), options)
    found = search(program, _within(options, seconds), lambda _: None, start)
    cost = planned.cost
    if found.values is not None:
        cost = min(cost, constant + float(program.cost @ found.values))
    saved = planned.cost - cost
    most = min(known.at_most, planned.cost - max(0.0, constant + found.bound))
    return ClausePrice(known.clause, saved, max(0.0, planned.bound - cost), max(saved, most))


@dataclass(frozen=True, slots=True, eq=False)
class Differing:
    """How many of the sites that some plans change are left alone; last phase."""

    plans: tuple[BoolArray, ...]
    name: str = "differing"
    unit: str = "sites"
    more: bool = True
    whole: bool = False

    def asked(self, problem: Problem) -> tuple[Asked, ...]:  # noqa: ARG002 - nothing has to be measured
        """Ask for nothing."""
        return ()

    def pose(self, problem: Problem, program: Program, layout: Layout, phases: Sequence[int]) -> Posed:  # noqa: ARG002
        """Count the options of the plans that are not in force."""
        coefficient = np.zeros(len(program.names))
        for plan in self.plans:
            columns = layout.open[phases[-1], np.flatnonzero(plan)]
            coefficient[columns[columns >= 0]] -= 1.0
        return Posed(program, coefficient, float(sum(plan.sum() for plan in self.plans)))

    def value(self, problem: Problem, state: State) -> float:  # noqa: ARG002 - all are given
        """Count on a plan."""
        return float(sum((plan & ~state.open[-1]).sum() for plan in self.plans))


def _alternatives(
    planned: Planned, asked: ReasonsOptions, options: SolverOptions, deadline: float
) -> tuple[Alternative, ...]:
    """Look for plans within a little of the cost that differ most from the plan and from each other."""
    within = Kept(planned.question.aim, planned.cost * (1.0 + asked.within))
    seen = [planned.changed(planned.state)]
    found: list[Alternative] = []
    sites, o = planned.problem.sites, planned.problem.options

    def named(chosen: BoolArray) -> tuple[str, ...]:
        return tuple(dict.fromkeys(sites.id[o.site[option]] for option in np.flatnonzero(chosen)))

    for number in range(asked.alternatives):
        began = time.monotonic()
        left = (deadline - began) / (asked.alternatives - number)
        if left <= 0:
            break
        aim = Differing(tuple(seen))
        question = replace(planned.question, aim=aim, kept=(*planned.question.kept, within))
        made = answer(question, _within(options, left), lambda _: None, planned.state)
        if made.state is None or aim.value(planned.problem, made.state) <= aim.value(planned.problem, planned.state):
            break
        here = planned.changed(made.state)
        if any((here == before).all() for before in seen):
            break
        proof = certificate(
            made.found, aim.value(planned.problem, made.state), options, began, (aim.unit, aim.more, made.constant)
        )
        cost = planned.question.aim.value(planned.problem, made.state)
        found.append(Alternative(made.state, cost, named(seen[0] & ~here), named(here & ~seen[0]), proof))
        seen.append(here)
    return tuple(found)
