"""Goals, budgets and curves of a study: whether what they name is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.config.problems import place, suggest
from siting.errors import Problem
from siting.rules.budget import BudgetGiven

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from siting.config.problems import Key
    from siting.config.study import StudyFile
    from siting.optimise import GoalOptions
    from siting.rules import Rule
    from siting.sources.documents import Document


def budget_of(study: StudyFile) -> BudgetGiven | None:
    """Return the study's budget; what a goal may cost in all is part of it."""
    most = [goal.budget for goal in study.goals if goal.budget is not None]
    if study.budget is not None and study.budget.total is not None:
        most.append(study.budget.total)
    if not most:
        return study.budget
    given = study.budget.model_dump() if study.budget is not None else {}
    return BudgetGiven.model_validate(given | {"total": min(most)})


def misplaced(study: StudyFile, rules: Sequence[Rule], document: Document) -> Iterator[Problem]:
    """Yield what is wrong with goals, budget, prices and curve."""
    several = not isinstance(document.data.get("goal"), dict)
    coverage = [rule.clause.id for rule in rules if rule.reach(1.0) is not None and rule.clause.role == "opt"]
    for number, goal in enumerate(study.goals):
        yield from _goal(goal, ("goal", number) if several else ("goal",), coverage, document)
    names = [(goal.name, goal.of) for goal in study.goals]
    for number, name in enumerate(names):
        if name in names[:number]:
            where = place(document, ("goal", number))
            yield Problem(where, f"{name[0]} is a goal already", "leave one of the two out")
    if study.curve is not None and study.curve.of not in coverage:
        where = place(document, ("curve", "of"))
        yield Problem(where, f"no coverage clause {study.curve.of!r} is in use", suggest(study.curve.of, coverage))
    for year in study.budget.by_year if study.budget is not None else ():
        if year > study.phases[-1]:
            where = place(document, ("budget", "by_year", year))
            mend = "leave it out, or plan that far"
            yield Problem(where, f"{year} lies after the last phase, {study.phases[-1]}", mend)
    if study.money.until is not None and study.money.until < study.phases[-1]:
        where = place(document, ("money", "until"))
        yield Problem(where, f"{study.money.until} lies before the last phase", f"write {study.phases[-1]} or later")
    for rule in rules:
        if rule.clause.price is not None and rule.clause.enforced:
            where = place(document, ("rules", rule.clause.id, "price"))
            mend = "write `force: should` beside it, or leave the price out"
            yield Problem(where, f"{rule.clause.id} binds: a plan cannot buy itself out", mend)


def _goal(goal: GoalOptions, at: Key, coverage: Sequence[str], document: Document) -> Iterator[Problem]:
    """Yield what is wrong with one goal."""
    if goal.name in {"cost", "present_value"}:
        return
    where = place(document, (*at, "of"))
    if not coverage:
        yield Problem(
            where, f"{goal.name} is measured by a coverage clause, and none is in use", "use a policy with one"
        )
    elif goal.of is not None and goal.of not in coverage:
        yield Problem(where, f"no coverage clause {goal.of!r} is in use", suggest(goal.of, coverage))
    elif goal.of is None and goal.name != "covered" and len(coverage) > 1:
        mend = f"write `of:` and one of {', '.join(coverage)}"
        yield Problem(where, f"{goal.name} does not say by which coverage clause", mend)
