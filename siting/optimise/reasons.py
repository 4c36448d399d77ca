"""Questions about a plan that has been found: sites one by one, clauses one by one, and plans nearly as good.

Money is what answers are in: with other goals, the cost of a plan that keeps what they reached.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from siting.model.reasons import Alternative, ClausePrice, Reasons, SiteReason
from siting.model.sites import Action
from siting.optimise.answer import afterwards, answer, decided
from siting.optimise.certify import certificate
from siting.optimise.part import is_open, part
from siting.optimise.question import Kept, Posed, Question
from siting.optimise.search import search
from siting.optimise.solver import solve_lp
from siting.optimise.whole import point_at
from siting.optimise.without import site_reasons

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from siting.model.arrays import BoolArray, FloatArray
    from siting.model.problem import Problem, State
    from siting.optimise.answer import Made
    from siting.optimise.layout import Asked, Layout
    from siting.optimise.options import ReasonsOptions, SolverOptions
    from siting.optimise.program import Program
    from siting.optimise.solver import Outcome

    Tell = Callable[[str], None]

_CLAUSES_GET, _SITES_GET = 0.25, 0.85
"""Parts of the time: clauses get the first, sites up to the second, alternatives what is left."""
_LEAST_S = 0.5
_NEAR_S, _WHOLE_S = 2.0, 30.0
"""Seconds that a question gets at least; that one about a clause gets at most, near the plan and in the whole."""
_SAME = 1e-6
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
        sites = site_reasons(planned, options, began + _SITES_GET * asked.time_limit_s)
    tell("plans that cost nearly the same")
    others = _alternatives(planned, asked, options, began + asked.time_limit_s)
    return Reasons(sites, prices, others)


def _clauses(planned: Planned, options: SolverOptions, deadline: float) -> tuple[ClausePrice, ...]:
    """Ask what the plan would cost without each clause.

    The duals of the relaxation, without the clause's own, bound that at once; the relaxation without it bounds it
    better. Then plans are searched for, those first that may save most. A clause whose rows the bound does not lean on
    (duals of nought) needs neither.
    """
    program, layout, constant = planned.question.posed(planned.phases)
    relaxed = solve_lp(program, options, seconds=max(_LEAST_S, deadline - time.monotonic()))
    rows: dict[str, list[int]] = {item.clause: [] for item in planned.question.asked}
    for policy in program.policy:
        rows[policy.clause].append(policy.row)
    bounds = {name: _bound_without(program, relaxed, rows[name]) for name in rows}
    leaned = set(rows)
    if relaxed.row_duals is not None:
        leaned = _leaned_on(program, relaxed.row_duals, _LEANED * max(1.0, planned.cost))
    corners: dict[str, FloatArray | None] = dict.fromkeys(rows)
    for name in leaned:
        left = deadline - time.monotonic()
        if left > 0:
            less = program.relaxed(frozenset(rows[name]))
            outcome = solve_lp(less, options, seconds=max(_LEAST_S, left), vertex=True)
            bounds[name], corners[name] = max(bounds[name], outcome.bound), outcome.values
    found = {name: ClausePrice(name, 0.0, 0.0, planned.cost - max(0.0, constant + bounds[name])) for name in rows}
    promising = sorted((name for name in rows if name in leaned), key=lambda name: -found[name].at_most)
    start = point_at(program, *decided(layout, planned.state), options)
    begun: dict[str, FloatArray | None] = {}
    for ask, least, most in ((_towards, 0.0, _NEAR_S), (_anew, _NEAR_S, _WHOLE_S)):
        for number, name in enumerate(promising):
            left = (deadline - time.monotonic()) / (len(promising) - number)
            if left > least:
                less = program.relaxed(frozenset(rows[name]))
                known = begun.get(name, start), corners[name]
                values, bound = ask(less, known, _within(options, min(left, most)))
                begun[name] = values
                found[name] = _priced(planned, found[name], (less, constant), values, bound)
    return tuple(found.values())


def _bound_without(program: Program, relaxed: Outcome, rows: Sequence[int]) -> float:
    """Return the bound that the relaxation's duals prove where some rows ask for nothing; −inf without duals."""
    if relaxed.row_duals is None:
        return -np.inf
    duals = relaxed.row_duals.copy()
    duals[list(rows)] = 0.0
    return program.proven_bound(duals)


def _leaned_on(program: Program, duals: FloatArray, least: float) -> set[str]:
    """Return the clauses whose rows carry something of the bound."""
    bound = np.where(np.isfinite(program.row_lower), program.row_lower, program.row_upper)
    carried = np.abs(duals) * np.maximum(1.0, np.abs(bound))
    return {policy.clause for policy in program.policy if carried[policy.row] > least}


def _towards(
    program: Program, known: tuple[FloatArray | None, FloatArray | None], options: SolverOptions
) -> tuple[FloatArray | None, float]:
    """Better a plan where a corner of the relaxation has its options otherwise, all others staying as they are."""
    start, corner = known
    if start is None or corner is None:
        return start, -np.inf
    same = is_open(program) & (np.abs(corner - start) <= _SAME)
    held = program.bounded(np.where(same, start, program.lower), np.where(same, start, program.upper))
    better = part(held, options, (time.monotonic() + options.time_limit_s, -np.inf), start)
    return (better if better is not None and program.cost @ better < program.cost @ start else start), -np.inf


def _anew(
    program: Program, known: tuple[FloatArray | None, FloatArray | None], options: SolverOptions
) -> tuple[FloatArray | None, float]:
    """Search the whole program, from the best plan known; return what is found and the bound that is proven."""
    found = search(program, options, lambda _: None, known[0])
    return found.values, found.bound


def _priced(
    planned: Planned, known: ClausePrice, posed: tuple[Program, float], values: FloatArray | None, bound: float
) -> ClausePrice:
    """Say what a clause costs, from the cheapest plan without it and what is proven of such plans."""
    program, constant = posed
    cost = planned.cost - known.saved
    if values is not None:
        cost = min(cost, constant + float(program.cost @ values))
    saved = planned.cost - cost
    most = min(known.at_most, planned.cost - max(0.0, constant + bound))
    return ClausePrice(known.clause, saved, max(0.0, planned.bound - cost), max(saved, most))


def _within(options: SolverOptions, seconds: float) -> SolverOptions:
    return options.model_copy(update={"time_limit_s": max(_LEAST_S, seconds)})


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
        made = _otherwise(planned, question, _within(options, left))
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


def _otherwise(planned: Planned, question: Question, options: SolverOptions) -> Made:
    """Answer how else things may be: in the last phase alone, what is built before as planned; if nothing, in all."""
    began = time.monotonic()
    if question.last > 0 and not question.whole:
        made = afterwards(
            question, options.model_copy(update={"time_limit_s": options.time_limit_s / 2}), planned.state
        )
        value = question.aim.value
        if made.state is not None and value(planned.problem, made.state) > value(planned.problem, planned.state):
            return made
    left = options.time_limit_s - (time.monotonic() - began)
    return answer(question, _within(options, left), lambda _: None, planned.state)
