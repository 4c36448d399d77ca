"""One goal after the other: each is pursued as far as those before it allow."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from siting.model.plan import Reached, Shortfall
from siting.optimise.aims import Cost, CoveredPersons, PresentValue, Priced, WorstShare
from siting.optimise.answer import answer
from siting.optimise.certify import certificate
from siting.optimise.distances import MeanDistance, Ways, WorstDistance
from siting.optimise.found import Found
from siting.optimise.layout import Asked
from siting.optimise.options import DISTANCES, GoalOptions
from siting.optimise.question import Kept, Posed, Question, grandfathered
from siting.optimise.stopping import now

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from siting.model.problem import Problem, State
    from siting.optimise.answer import Made
    from siting.optimise.layout import Layout
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import Program
    from siting.optimise.question import Aim, Rule

    Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Nothing:
    """No goal at all: any plan will do."""

    name: str = "any"
    unit: str = ""
    more: bool = False
    whole: bool = False

    def asked(self, problem: Problem) -> tuple[Asked, ...]:  # noqa: ARG002 - nothing has to be measured
        """Ask for nothing."""
        return ()

    def pose(self, problem: Problem, program: Program, layout: Layout, phases: Sequence[int]) -> Posed:  # noqa: ARG002
        """Return nought."""
        return Posed(program, np.zeros(len(program.names)), 0.0)

    def value(self, problem: Problem, state: State) -> float:  # noqa: ARG002 - every plan is as good
        """Return nought."""
        return 0.0


def coverage_rules(rules: Sequence[Rule], problem: Problem) -> tuple[Rule, ...]:
    """Return the coverage clauses that a plan is held to and that can be measured."""
    last = len(problem.phases) - 1
    return tuple(
        rule
        for rule in rules
        if rule.clause.role == "opt" and not rule.missing(problem) and rule.coverage(problem, last) is not None
    )


def meant(goal: GoalOptions, rules: Sequence[Rule], problem: Problem) -> tuple[Rule, ...]:
    """Return the clauses that a goal is about; none for money.

    Raises
    ------
    ValueError
        When it names no coverage clause that can be measured, or must name one of several.
    """
    if goal.name in {"cost", "present_value"}:
        return ()
    found = coverage_rules(rules, problem)
    if goal.of is not None:
        found = tuple(rule for rule in found if rule.clause.id == goal.of)
    if not found:
        message = f"goal {goal.name}: {goal.of or 'the study'} has no coverage clause that can be measured"
        raise ValueError(message)
    if len(found) > 1 and goal.name != "covered":
        message = f"goal {goal.name}: say by which clause (of: {found[0].clause.id})"
        raise ValueError(message)
    return found


def priced(rules: Sequence[Rule], problem: Problem) -> tuple[Priced, ...]:
    """Return the indicative clauses with a price that are due in the last phase and can be measured."""
    last = len(problem.phases) - 1
    due = [
        rule
        for rule in rules
        if rule.clause.price and not rule.clause.enforced and rule.clause.role == "opt"
        and rule.clause.binds(problem.phases[last]) and not rule.missing(problem)
    ]  # fmt: skip
    return tuple(
        Priced(grandfathered(Asked(rule.clause.id, last, rule.rows(problem, last)), problem), rule.clause.price or 0.0)
        for rule in due
    )


def shortfalls(problem: Problem, state: State, among: Sequence[Priced]) -> tuple[Shortfall, ...]:
    """Return what a plan is short of under clauses that have a price."""
    return tuple(
        Shortfall(item.asked.clause, subject, float(short), item.price, float(short) * item.price)
        for item in among
        for subject, short in zip(item.asked.rows.subject, item.short(problem, state), strict=True)
        if short > 0
    )


def aim_of(goal: GoalOptions, rules: Sequence[Rule], problem: Problem) -> Aim | WorstDistance:
    """Return what a goal is measured by."""
    about = meant(goal, rules, problem)
    if goal.name in DISTANCES:
        ways = Ways(about[0], goal.up_to_m, goal.step_m)
        return MeanDistance(ways) if goal.name == "mean_distance" else WorstDistance(ways)
    if goal.name == "worst_share":
        given = getattr(about[0], "parameters", None)
        return WorstShare(about[0], of_reachable=getattr(given, "of", "all") == "reachable")
    if goal.name == "covered":
        return CoveredPersons(about)
    return (PresentValue if goal.name == "present_value" else Cost)(priced(rules, problem))


@dataclass(slots=True)
class Pursuit:
    """Goals pursued so far, and the best plan in hand.

    Attributes
    ----------
    question : Question
        What is asked besides, with what earlier goals must keep.
    options : SolverOptions
    tell : callable
    state : State or None
    made : Made or None
        How the last goal was solved.
    """

    question: Question
    options: SolverOptions
    tell: Tell
    state: State | None = None
    made: Made | None = None
    _proofs: list[tuple[Aim | WorstDistance, Found, Made | None, float, float | None]] = field(default_factory=list)

    def go(self, aim: Aim | WorstDistance, worsening: float | None, seconds: float) -> bool:
        """Pursue a goal; say whether there is a plan. `worsening`: what later goals may give up; None for the last."""
        began = time.monotonic()
        options = self.options.model_copy(update={"time_limit_s": max(1.0, seconds)})
        if isinstance(aim, WorstDistance):
            self.made, found = _nearest_worst(self.question, aim, options, self.tell, self.state)
        else:
            self.made = answer(replace(self.question, aim=aim), options, self.tell, self.state)
            found = self.made.found
        self.state = self.made.state if self.made.state is not None else self.state
        limit = None
        if self.state is not None and worsening is not None:
            reached = aim.value(self.question.problem, self.state)
            limit = reached * (1 - worsening if aim.more else 1 + worsening)
            self.question = keeping(self.question, aim, limit)
        self._proofs.append((aim, found, self.made, time.monotonic() - began, limit))
        return self.state is not None

    def reached(self) -> tuple[Reached, ...]:
        """Return how far each goal got, measured on the plan that is handed over."""
        problem, told = self.question.problem, []
        for aim, found, made, seconds, limit in self._proofs:
            value = None if self.state is None else aim.value(problem, self.state)
            constant = 0.0 if made is None or isinstance(aim, WorstDistance) else made.constant
            proof = certificate(found, value, self.options, time.monotonic() - seconds, (aim.unit, aim.more, constant))
            told.append(Reached(aim.name, _clauses(aim), proof, limit))
        return tuple(told)


def _clauses(aim: Aim | WorstDistance) -> tuple[str, ...]:
    """Return the clauses that a goal is measured by."""
    if isinstance(aim, CoveredPersons):
        return tuple(rule.clause.id for rule in aim.rules)
    if isinstance(aim, (MeanDistance, WorstDistance)):
        return (aim.ways.rule.clause.id,)
    return (aim.rule.clause.id,) if isinstance(aim, WorstShare) else ()


def keeping(question: Question, aim: Aim | WorstDistance, limit: float) -> Question:
    """Return the question with a goal held to a value."""
    if isinstance(aim, WorstDistance):
        return replace(question, asked=(*question.asked, aim.within(question.problem, limit)))
    return replace(question, kept=(*question.kept, Kept(aim, limit)))


def _nearest_worst(
    question: Question, aim: WorstDistance, options: SolverOptions, tell: Tell, start: State | None
) -> tuple[Made, Found]:
    """Find the least longest way: bisection over the values it can take, each asked by itself.

    Any plan will do at a value; that none exists at a smaller one is the proof.
    """
    problem, levels = question.problem, aim.levels(question.problem)
    deadline = now() + options.time_limit_s
    low, high, proven = 0, len(levels) - 1, float(levels[0])
    best: Made | None = None
    while low <= high:
        middle = high if best is None and start is None else (low + high) // 2
        asked = keeping(replace(question, aim=Nothing()), aim, float(levels[middle]))
        left = options.model_copy(update={"time_limit_s": max(1.0, deadline - now())})
        made = answer(asked, left, tell, None)
        tell(f"everybody within {levels[middle]:g} m: {made.found.verdict}")
        if made.state is not None:
            best, start = made, made.state
            high = int(np.searchsorted(levels, aim.value(problem, made.state) - _SAME_M)) - 1
            continue
        if made.found.verdict != "infeasible":
            return best or made, Found("plan" if best else "nothing", None, proven, "bisection")
        if middle == len(levels) - 1 and best is None and start is None:
            return made, made.found
        low = middle + 1
        proven = float(levels[low]) if low < len(levels) else proven
    assert best is not None or start is not None  # noqa: S101 - one of both ended the loop
    return best or made, Found("plan", None, proven, "bisection")


_SAME_M = 1e-6
