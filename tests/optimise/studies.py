"""Random small studies, and their best plans by trying everything out: phases, budgets, closing, running costs.

Nothing here knows of rows or programs; clauses are evaluated by their words (`test_brute_force.holds`).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from made_rules import StaffFollowsBeds
from test_brute_force import choices, cost_of, follows, holds, persons_needed, random_town

from siting.model.money import Money
from siting.rules.budget import BudgetGiven, budgets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from siting.model.problem import Problem
    from siting.model.sites import Options
    from siting.rules import Rule

YEARS = {1: (2025,), 2: (2023, 2025), 3: (2022, 2023, 2025)}
Combination = tuple
"""What each site holds: None, or an option with beds by class."""


@dataclass(frozen=True)
class Study:
    """A town, its clauses, and what may be spent."""

    town: Problem
    rules: list[Rule]
    budget: BudgetGiven | None

    @property
    def every(self) -> list[Rule]:
        return [*self.rules, *budgets(self.budget)]


def random_study(seed: int) -> Study:
    """One to three phases, most with money that is short, running costs, and discounting."""
    r = np.random.default_rng(seed)
    town, rules = random_town(seed, derived=r.random() < 0.7)
    town = in_phases(town, YEARS[int(r.integers(1, 4))])
    town = replace(
        town,
        options=running(town, r),
        money=Money(float(r.choice([0.0, 0.05, 0.2])), None, int(r.choice([2025, 2030]))),
    )
    rules = [rules[i] for i in sorted(r.permutation(len(rules))[:3])]
    budget = None
    if r.random() < 0.6:
        by_year = {year: float(r.integers(10, 120)) for year in town.phases if r.random() < 0.6}
        total = float(r.integers(30, 260)) if not by_year or r.random() < 0.4 else None
        budget = BudgetGiven(total=total, by_year=by_year, carry_over=bool(r.random() < 0.6))
    return Study(town, rules, budget)


def running(town: Problem, r: np.random.Generator) -> Options:
    """Running costs by site, kind and size: beds that change class do not change what the house costs to run."""
    o = town.options
    keys = list(zip(o.site.tolist(), o.kind, o.module, strict=True))
    fixed = {key: float(r.integers(0, 6)) for key in dict.fromkeys(keys)}
    per_bed = {key: r.integers(0, 3, size=3).astype(float) for key in dict.fromkeys(keys)}
    return replace(
        o,
        running_cost=np.array([fixed[key] for key in keys]) * o.is_open,
        running_cost_per_bed=np.array([per_bed[key] for key in keys]),
    )


def in_phases(town: Problem, phases: tuple[int, ...]) -> Problem:
    """The same town over other years; its persons are those of its last phase, a few fewer the earlier."""
    last, fewer = town.zones.persons[:, :, -1:], np.linspace(0.8, 1.0, len(phases)) if len(phases) > 1 else np.ones(1)
    zones = replace(
        town.zones,
        phases=phases,
        persons=np.floor(last * fewer),
        density_per_km2=np.repeat(town.zones.density_per_km2[:, -1:], len(phases), axis=1),
    )
    first = np.where(town.options.first_year > town.phases[0], town.options.first_year, phases[0])
    return replace(town, zones=zones, phases=phases, options=replace(town.options, first_year=first))


def everything(town: Problem) -> list[Combination]:
    return list(itertools.product(*(choices(town, site) for site in range(len(town.sites)))))


def capital_of(town: Problem, combination: Combination) -> float:
    return sum(cost_of(town, pick) for pick in combination)


def running_of(town: Problem, combination: Combination) -> float:
    o = town.options
    return float(
        sum(
            o.running_cost[option] + sum(o.running_cost_per_bed[option] * beds)
            for option, beds in filter(None, combination)
        )
    )


def affordable(study: Study, phase: int, spent: float, before: float) -> bool:
    """Say whether there is money for what is spent up to a phase, `before` of it by the end of the one before."""
    given, years = study.budget, study.town.phases
    if given is None:
        return True
    if given.total is not None and spent > given.total + 1e-9:
        return False
    if not given.by_year:
        return True
    since = years[phase - 1] if phase else 0
    if given.carry_over:
        return spent <= sum(money for year, money in given.by_year.items() if year <= years[phase]) + 1e-9
    return spent - before <= sum(money for year, money in given.by_year.items() if since < year <= years[phase]) + 1e-9


def discounted(town: Problem, phase: int, capital: float, running: float) -> float:
    """The present value of what is spent in a phase, and of what runs until the next."""
    money, years = town.money, town.phases
    rate, base = 1 + money.discount_rate, years[0] if money.base_year is None else money.base_year
    end = years[phase + 1] if phase + 1 < len(years) else max(years[-1], money.until or years[-1]) + 1
    return capital * rate ** (base - years[phase]) + sum(running * rate ** (base - y) for y in range(years[phase], end))


def allowed(town: Problem, phase: int, combination: Combination) -> bool:
    """Say whether everything may be there in a phase, and every committed project is."""
    year = town.phases[phase]
    held = {site for site, pick in enumerate(combination) if pick is not None}
    late = any(pick is not None and town.options.first_year[pick[0]] > year for pick in combination)
    return not late and set(np.flatnonzero(town.sites.committed(year)).tolist()) <= held


def fitting(town: Problem, rules: list[Rule], phase: int) -> list[Combination]:
    """What may be there in a phase under the clauses that are due."""
    due = [
        item for item in rules if item.clause.deadline_year is None or town.phases[phase] >= item.clause.deadline_year
    ]
    return [
        one
        for one in everything(town)
        if allowed(town, phase, one)
        and all(holds(town, item, phase, {s: pick for s, pick in enumerate(one) if pick}) for item in due)
    ]


def best(study: Study, value: Callable[[int, Combination, int, float], float]) -> float | None:
    """Try every nested sequence: the least sum over phases of what `value` says of a phase.

    `value` is told the phase, what is there, the persons hired, and the capital that was spent before.
    """
    ends = sequences(study, value, lambda phase: fitting(study.town, study.rules, phase))
    return min((worth for _, worth in ends), default=None)


def sequences(
    study: Study,
    value: Callable[[int, Combination, int, float], float],
    there: Callable[[int], list[Combination]],
    rules: list[Rule] | None = None,
) -> Iterator[tuple[tuple[Combination, int], float]]:
    """Yield the ends of nested sequences with the least sum of values that leads to each."""
    town, rules = study.town, study.rules if rules is None else rules
    pay = town.catalogue.roles["social_worker"].cost
    table: dict[tuple[Combination, int], float] = {((), 0): 0.0}
    for phase in range(len(town.phases)):
        following: dict[tuple[Combination, int], float] = {}
        for one in there(phase):
            need = persons_needed(town, rules, phase, {s: pick for s, pick in enumerate(one) if pick})
            capital = capital_of(town, one)
            for (before, hired), worth in table.items():
                if phase and not follows(town, before, one):
                    continue
                now, earlier = max(need, hired), capital_of(town, before)
                if not affordable(study, phase, capital + pay * now, earlier + pay * hired):
                    continue
                total = worth + value(phase, one, now, earlier)
                key = (one, now)
                following[key] = min(following.get(key, np.inf), total)
        table = following
    yield from table.items()


def by_cost(study: Study) -> Callable[[int, Combination, int, float], float]:
    """Capital and pay of the last phase."""
    town, last = study.town, len(study.town.phases) - 1
    pay = town.catalogue.roles["social_worker"].cost
    return lambda phase, one, hired, _: capital_of(town, one) + pay * hired if phase == last else 0.0


def by_present_value(study: Study) -> Callable[[int, Combination, int, float], float]:
    """Capital and running costs, discounted."""
    town = study.town
    yearly = town.catalogue.roles["social_worker"].yearly_cost
    return lambda phase, one, hired, before: discounted(
        town, phase, capital_of(town, one) - before, running_of(town, one) + yearly * hired
    )


def hires(study: Study) -> bool:
    return any(isinstance(item, StaffFollowsBeds) for item in study.rules)
