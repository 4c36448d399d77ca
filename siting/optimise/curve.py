"""The trade-off between cost and coverage: the least cost of each level, every point with its proof."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siting.model.reasons import Curve, CurvePoint
from siting.optimise.aims import Cost, CoveredPersons, view_of
from siting.optimise.answer import answer
from siting.optimise.certify import certificate
from siting.optimise.goals import coverage_rules, priced
from siting.optimise.question import Kept, Question, asked_of
from siting.optimise.solver import solve_lp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from siting.model.problem import Problem, State
    from siting.optimise.answer import Made
    from siting.optimise.options import CurveOptions, SolverOptions
    from siting.optimise.question import Rule


def curve(
    problem: Problem,
    rules: Sequence[Rule],
    asked: CurveOptions,
    options: SolverOptions,
    tell: Callable[[str], None] = lambda _: None,
) -> Curve | None:
    """Vary how many persons a coverage clause covers, all other clauses holding.

    From the most that any plan covers down to what the cheapest plan covers anyhow; each plan is where the search for
    the next lower level begins.

    Returns
    -------
    Curve or None
        None where the other clauses cannot hold even without this one, or nothing was found in time.
    """
    (rule,) = [rule for rule in coverage_rules(rules, problem) if rule.clause.id == asked.of]
    items = tuple(item for item in asked_of(problem, rules) if item.clause != asked.of)
    money, many = Cost(priced(rules, problem)), CoveredPersons((rule,))
    base = Question(problem, items, money)
    deadline = time.monotonic() + asked.time_limit_s
    slot = asked.time_limit_s / (asked.points + 1)
    allowed = options.model_copy(update={"time_limit_s": slot})
    view = view_of(problem, rule)
    concerned = float(sum(persons[view.concerned].sum() for _, persons in view.groups))

    def told(level: float, made: Made, state: State, began: float) -> CurvePoint:
        measure = (money.unit, money.more, made.constant)
        found = made.found
        if not np.isfinite(found.bound):  # stopped before it proved anything: the relaxation does
            relaxed = solve_lp(made.program, options, seconds=slot)
            found = replace(found, bound=relaxed.bound)
        proof = certificate(found, money.value(problem, state), options, began, measure)
        persons = many.value(problem, state)
        return CurvePoint(level, persons, persons / concerned if concerned else 0.0, proof)

    tell(f"cost against coverage of {asked.of}: its ends")
    began = time.monotonic()
    cheapest = answer(base, allowed, lambda _: None)
    if cheapest.state is None:
        return None
    end = told(many.value(problem, cheapest.state), cheapest, cheapest.state, began)
    most = answer(replace(base, aim=many), allowed, lambda _: None, cheapest.state)
    state = most.state or cheapest.state
    found = [end]
    for level in np.linspace(many.value(problem, state), end.asked, asked.points)[:-1]:
        tell(f"cost against coverage of {asked.of}: {level:,.0f} persons")
        began = time.monotonic()
        left = options.model_copy(update={"time_limit_s": max(1.0, min(slot, deadline - began))})
        made = answer(replace(base, kept=(Kept(many, float(level)),)), left, lambda _: None, state)
        state = made.state or state
        found.insert(1, told(float(level), made, state, began))
    return Curve(asked.of, concerned, tuple(found))
