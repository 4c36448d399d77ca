"""Problem and rules in, plan and certificate out."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siting.model.plan import Plan
from siting.model.reasons import Reasons
from siting.optimise.aims import Cost, PresentValue
from siting.optimise.conflicts import conflicts, relaxations
from siting.optimise.goals import Pursuit, aim_of, keeping, meant, priced, shortfalls
from siting.optimise.options import GoalOptions
from siting.optimise.question import Question, asked_of
from siting.optimise.reasons import Planned, reasons
from siting.optimise.stopping import now, under_way

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from siting.model.problem import Problem
    from siting.optimise.options import ReasonsOptions, SolverOptions
    from siting.optimise.question import Aim, Rule


def solve(
    problem: Problem,
    rules: Sequence[Rule],
    goal: GoalOptions | Sequence[GoalOptions],
    options: SolverOptions,
    progress: Callable[[str], None] = lambda _: None,
) -> Plan:
    """Find the best plan that meets every binding `must` clause.

    The cost of the whole plan is that of its last phase, undiscounted, pay of those hired included; among plans of that
    cost, the one that spends latest is taken. Where no goal is money, the cheapest of the best plans is taken.

    Parameters
    ----------
    problem : Problem
    rules : Sequence[Rule]
        A clause binds from the first phase that ends on or after its deadline. Clauses that are not enforced
        (`Clause.enforced`), or whose data the study does not give, do not bind.
    goal : GoalOptions, or several
        Each is pursued as far as those before it allow.
    options : SolverOptions
    progress : callable, optional

    Returns
    -------
    Plan
        Without a state, and with conflicts, when no plan can exist; without either when none was found in time.

    Raises
    ------
    ValueError
        When a goal names no clause that it could be measured by.
    """
    began = time.monotonic()
    goals = (goal,) if isinstance(goal, GoalOptions) else tuple(goal)
    aims = [aim_of(item, rules, problem) for item in goals]
    released = () if goals[0].binding else tuple(rule.clause.id for rule in meant(goals[0], rules, problem))
    asked = tuple(item for item in asked_of(problem, rules) if item.clause not in released)
    steps = list(zip(aims, [item.worsening for item in goals], strict=True))
    if all(aim.unit != "yuan" for aim in aims):
        steps.append((Cost(priced(rules, problem)), 0.0))  # the cheapest of those that reach the goal
    pursuit = Pursuit(Question(problem, asked, Cost()), options, progress)
    for number, (aim, worsening) in enumerate(steps):
        left = options.time_limit_s - (now() - began)
        with under_way():
            there = pursuit.go(aim, worsening if number < len(steps) - 1 else None, left / (len(steps) - number))
        if not there:
            break
    return _plan(problem, pursuit, rules, released)


def explain(
    problem: Problem,
    rules: Sequence[Rule],
    goal: GoalOptions | Sequence[GoalOptions],
    plan: Plan,
    how: tuple[ReasonsOptions, SolverOptions],
    progress: Callable[[str], None] = lambda _: None,
) -> Reasons:
    """Ask what a plan's sites and clauses are for and cost, and which plans would do nearly as well.

    Parameters
    ----------
    problem, rules, goal
        As `solve` was given them.
    plan : Plan
        What it returned; without a state there is nothing to ask.
    how : (ReasonsOptions, SolverOptions)
    progress : callable, optional
    """
    if plan.state is None:
        return Reasons()
    goals = (goal,) if isinstance(goal, GoalOptions) else tuple(goal)
    aims = [aim_of(item, rules, problem) for item in goals]
    money: Aim = Cost(priced(rules, problem))
    asked = tuple(item for item in asked_of(problem, rules) if item.clause not in plan.released)
    question = Question(problem, asked, money)
    for aim in aims:
        if isinstance(aim, (Cost, PresentValue)):
            money = aim
        else:
            question = keeping(question, aim, aim.value(problem, plan.state))
    question = replace(question, aim=money)
    proof = next(reached.certificate for reached in plan.goals if reached.goal == money.name)
    planned = Planned(question, plan.state, money.value(problem, plan.state), proof.bound or 0.0)
    return reasons(planned, how[0], how[1], progress)


def _plan(problem: Problem, pursuit: Pursuit, rules: Sequence[Rule], released: tuple[str, ...]) -> Plan:
    """Put together what the goals came to."""
    reached, made, state = pursuit.reached(), pursuit.made, pursuit.state
    proof = reached[0].certificate
    if state is None:
        clash = made is not None and proof.status == "infeasible"
        if made is None or not clash:
            return Plan(None, proof, (), (), reached, released)
        named = conflicts(made.program, problem.phases, pursuit.options)
        eased = relaxations(made.program, problem.phases, pursuit.options)
        return Plan(None, proof, (), named, reached, released, relaxations=eased)
    spent = tuple(np.diff(problem.cost(state), prepend=0.0).tolist())
    short = shortfalls(problem, state, priced(rules, problem))
    return Plan(state, proof, spent, (), reached, released, short)
