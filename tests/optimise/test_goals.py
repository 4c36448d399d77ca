"""Goals other than least cost, against trying everything out; and what goals and prices do to a hand-made town."""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from made_rules import NoneSmall
from studies import by_cost, by_present_value, fitting, random_study, sequences
from test_brute_force import EXACT, near, pace, size
from towns import catalogue, problem, rule, sites

from siting.model.money import Money
from siting.optimise import GoalOptions, solve
from siting.rules import audit
from siting.rules.budget import BudgetGiven, budgets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from studies import Study

    from siting.model.problem import Problem
    from siting.rules import Rule

PLOT = (False, "", ("institution", "day_care"), "idle", 0, (0, 0, 0))
HOME = (True, "institution", (), "", 0, (4, 0, 0))


@functools.cache
def studies() -> tuple[tuple[int, Study, Rule], ...]:
    """Studies with a coverage clause, small enough to try everything out."""
    found = []
    for seed in range(3_000, 3_400):
        study = random_study(seed)
        clauses = [item for item in study.rules if item.clause.kind == "coverage"]
        if clauses and size(study.town) <= (120 if len(study.town.phases) > 1 else 500):
            found.append((seed, study, clauses[0]))
    return tuple(found[:24])


def whom(town: Problem, item: Rule) -> Iterator[tuple[int, float, float, float | None]]:
    """Zones that a coverage clause concerns in the last phase: zone, persons, limit, speed."""
    given, zones = item.parameters, town.zones
    for zone in range(len(zones)):
        density = zones.density_per_km2[zone, -1]
        fits = (
            zones.district[zone] >= 0
            and (given.density_above is None or density > given.density_above)
            and (given.density_from is None or density >= given.density_from)
            and (given.density_to is None or density <= given.density_to)
        )
        for number, age in enumerate(zones.ages):
            speed = None if given.metres else pace(town, age)
            persons = float(zones.persons[zone, number, -1])
            if fits and age >= given.age and persons:
                yield zone, persons, given.metres or given.minutes * 60 * speed, speed


def working(town: Problem, item: Rule, one: tuple) -> list[int]:
    return [
        site
        for site, pick in enumerate(one)
        if pick and town.options.kind[pick[0]] in item.parameters.kinds and town.options.is_open[pick[0]]
    ]


def could(town: Problem, item: Rule) -> list[int]:
    o = town.options
    fits = (k in item.parameters.kinds and a for k, a in zip(o.kind, o.is_open, strict=True))
    return [int(o.site[i]) for i, fit in enumerate(fits) if fit and o.first_year[i] <= town.phases[-1]]


def covered(town: Problem, item: Rule, one: tuple) -> float:
    open_sites = working(town, item, one)
    return sum(persons for zone, persons, *how in whom(town, item) if near(town, zone, open_sites, *how))


def worst_share(town: Problem, item: Rule, one: tuple) -> float:
    open_sites, usable = working(town, item, one), could(town, item)
    shares = []
    for district in range(len(town.districts)):
        who = [told for told in whom(town, item) if town.zones.district[told[0]] == district]
        within = [told for told in who if near(town, told[0], usable, *told[2:])]
        base = within if item.parameters.of == "reachable" else who
        if within:
            served = sum(told[1] for told in who if near(town, told[0], open_sites, *told[2:]))
            shares.append(served / sum(told[1] for told in base))
    return min(shares, default=1.0)


def way(town: Problem, zone: int, among: list[int], speed: float | None) -> float:
    table = (town.access if speed is None or not town.effort else town.effort[speed]).metres.tocoo()
    found = [m for z, s, m in zip(*table.coords, table.data, strict=True) if z == zone and s in among]
    return min(found, default=math.inf)


def mean_distance(town: Problem, item: Rule, one: tuple) -> float:
    open_sites, far = working(town, item, one), town.access.cutoff_m
    who = list(whom(town, item))
    total = sum(persons * min(far, way(town, zone, open_sites, speed)) for zone, persons, _, speed in who)
    return total / sum(persons for _, persons, *_ in who) if who else 0.0


def worst_distance(town: Problem, item: Rule, one: tuple) -> float:
    """Infinite where somebody whom something could reach is reached by nothing."""
    open_sites, usable = working(town, item, one), could(town, item)
    who = [told for told in whom(town, item) if way(town, told[0], usable, told[3]) < math.inf]
    return max((way(town, zone, open_sites, speed) for zone, _, _, speed in who), default=0.0)


VALUES: dict[str, tuple[Callable[[Problem, Rule, tuple], float], bool]] = {
    "covered": (covered, True),
    "worst_share": (worst_share, True),
    "mean_distance": (mean_distance, False),
    "worst_distance": (worst_distance, False),
}


def ends(study: Study, released: Rule | None) -> list[tuple[tuple, float]]:
    """Every last phase that can be come to, with its cost; without one of the clauses."""
    rules = [item for item in study.rules if item is not released]
    there = functools.cache(lambda phase: fitting(study.town, rules, phase))
    return [(key[0], cost) for key, cost in sequences(study, by_cost(study), there, rules)]


@pytest.mark.parametrize("name", VALUES)
def test_a_goal_is_reached_as_far_as_it_can_be_and_then_most_cheaply(name: str) -> None:
    value, more = VALUES[name]
    goal = GoalOptions.model_validate({"maximise" if more else "minimise": name})
    tried = 0
    for seed, study, item in studies():
        town = study.town
        found = [(value(town, item, one), cost) for one, cost in ends(study, item)]
        found = [(worth, cost) for worth, cost in found if math.isfinite(worth)]
        plan = solve(town, study.every, goal.model_copy(update={"of": item.clause.id}), EXACT)
        if not found:
            assert plan.certificate.status == "infeasible", seed
            continue
        tried += 1
        best = (max if more else min)(worth for worth, _ in found)
        assert plan.certificate.status == "optimal", (seed, plan.certificate)
        assert plan.certificate.objective == pytest.approx(best, rel=1e-7, abs=1e-6), seed
        cheapest = min(cost for worth, cost in found if worth == pytest.approx(best, rel=1e-9))
        assert [reached.goal for reached in plan.goals] == [name, "cost"]
        assert plan.goals[1].certificate.objective == pytest.approx(cheapest, abs=1e-4), seed
        assert plan.released == (item.clause.id,)
        kept = [rule for rule in study.every if rule is not item]
        assert not audit(kept, town, plan.state).short(), seed
    assert tried >= 7


def test_what_earlier_goals_reached_is_kept_but_for_what_may_be_given_up() -> None:
    goals = [
        GoalOptions(worsening=0.25),
        GoalOptions(maximise="covered"),
        GoalOptions(minimise="mean_distance", of="X"),
    ]
    tried = 0
    for seed, study, item in studies():
        town = study.town
        found = [(cost, covered(town, item, one), mean_distance(town, item, one)) for one, cost in ends(study, None)]
        asked = [*goals[:1], *(g.model_copy(update={"of": item.clause.id}) for g in goals[1:])]
        plan = solve(town, study.every, asked, EXACT)
        if not found:
            assert plan.certificate.status == "infeasible", seed
            continue
        tried += 1
        least = min(cost for cost, *_ in found)
        affordable_ends = [one for one in found if one[0] <= least * 1.25 + 1e-6]
        most = max(one[1] for one in affordable_ends)
        mean = min(one[2] for one in affordable_ends if one[1] >= most - 1e-6)
        assert plan.goals[0].certificate.bound == pytest.approx(least, abs=1e-5), seed
        assert plan.goals[0].limit == pytest.approx(1.25 * least), seed
        assert plan.goals[0].certificate.objective <= 1.25 * least + 1e-4, seed
        assert plan.goals[1].certificate.objective == pytest.approx(most, rel=1e-7), seed
        assert plan.goals[2].certificate.objective == pytest.approx(mean, rel=1e-7, abs=1e-6), seed
        assert plan.released == ()
    assert tried >= 6


def test_present_values_and_costs_of_studies_with_phases_and_budgets() -> None:
    """A first slice of the random studies; `test_studies.py` has the rest."""
    assert any(study.budget is not None and len(study.town.phases) > 1 for _, study, _ in studies())
    for seed, study, _ in studies():
        there = functools.cache(lambda phase, study=study: fitting(study.town, study.rules, phase))
        for name, by in (("cost", by_cost), ("present_value", by_present_value)):
            truth = min((worth for _, worth in sequences(study, by(study), there)), default=None)
            plan = solve(study.town, study.every, GoalOptions(minimise=name), EXACT)
            assert plan.certificate.objective == (None if truth is None else pytest.approx(truth, abs=1e-5)), seed


def two_quarters(**budget: object) -> tuple[Problem, list[Rule]]:
    """100 and 60 persons, a plot near each, a station costs 10; 40 persons whom nothing reaches."""
    town = problem(
        [100, 60, 40],
        [0, 1, 1],
        [(0, 0, 100.0), (1, 1, 300.0)],
        sites([PLOT, (*PLOT[:4], 1, (0, 0, 0))]),
    )
    rules = [rule("coverage", "C", kinds=["day_care"], metres=500, share=1.0)]
    return town, [*rules, *budgets(BudgetGiven.model_validate(budget) if budget else None)]


def test_most_persons_within_a_budget() -> None:
    """Ten yuan are one station: the one of the 100."""
    town, rules = two_quarters(total=10)
    plan = solve(town, rules, GoalOptions(maximise="covered"), EXACT)
    assert (plan.certificate.objective, plan.certificate.unit, plan.certificate.sense) == (100.0, "persons", "max")
    assert plan.cost_by_phase == (10.0,)
    assert [finding.status for finding in audit(rules, town, plan.state).findings] == ["short", "met"]


def test_a_clause_that_binds_all_the_same_may_make_the_goal_impossible() -> None:
    town, rules = two_quarters(total=10)
    plan = solve(town, rules, GoalOptions(maximise="covered", binding=True), EXACT)
    assert plan.certificate.status == "infeasible"
    assert {conflict.clause for conflict in plan.conflicts} == {"C"}


def test_a_budget_that_is_too_small_is_named_with_what_would_do() -> None:
    town, rules = two_quarters(total=15)
    rules[0] = rule("coverage", "C", kinds=["day_care"], metres=500, share=0.8)
    plan = solve(town, rules, GoalOptions(), EXACT)
    assert {(conflict.clause, conflict.unit) for conflict in plan.conflicts} == {("C", "share"), ("BUDGET", "10k_yuan")}


def test_the_worst_served_district_comes_first() -> None:
    """D1 can have 60 of 100 at most; once it has them D0 need not do better, but for the goal that follows."""
    town, rules = two_quarters(total=20)
    plan = solve(town, rules, [GoalOptions(maximise="worst_share", of="C"), GoalOptions(maximise="covered")], EXACT)
    assert [reached.certificate.objective for reached in plan.goals] == [pytest.approx(0.6), 160.0, 20.0]


def test_distances_of_those_whom_nothing_reaches_count_as_far_as_was_measured() -> None:
    """(100·100 + 100·300) ÷ 200: the 60 at 300 m, the 40 whom nothing reaches at the 300 m that were measured."""
    town, rules = two_quarters(total=20)
    mean = solve(town, rules, GoalOptions(minimise="mean_distance"), EXACT)
    assert (mean.certificate.objective, mean.certificate.unit) == (pytest.approx(200.0), "m")
    worst = solve(town, rules, GoalOptions(minimise="worst_distance"), EXACT)
    assert (worst.certificate.objective, worst.certificate.bound) == (300.0, 300.0)
    rounded = solve(town, rules, GoalOptions(minimise="worst_distance", step_m=250), EXACT)
    assert rounded.certificate.objective == 300.0  # rounded up to 500, counted at the 300 that were measured


def test_indicative_clauses_are_met_where_that_is_cheaper_than_their_price() -> None:
    """Covering 60 persons costs 10. At 0.1 yuan a person they stay uncovered, at 1 yuan they are covered."""
    for price, cost, short in ((0.1, 10.0, 60.0), (1.0, 20.0, 0.0)):
        town, _ = two_quarters()
        clause = rule("coverage", "S", force="should", kinds=["day_care"], metres=500, share=0.8)
        clause = replace(clause, clause=replace(clause.clause, price=price))
        must = rule("coverage", "C", kinds=["day_care"], metres=500, share=0.5)
        plan = solve(town, [must, clause], GoalOptions(), EXACT)
        assert plan.cost_by_phase == (cost,)
        assert plan.certificate.objective == pytest.approx(cost + price * short)
        assert [(s.clause, s.short, s.cost) for s in plan.shortfalls] == (
            [("S", 60.0, pytest.approx(6.0))] if short else []
        )


def test_a_price_of_nothing_asked_changes_nothing() -> None:
    town, _ = two_quarters()
    idle = rule("coverage", "S", force="should", kinds=["day_care"], metres=500)
    easy = rule("coverage", "C", kinds=["day_care"], metres=500, share=0.5)
    assert solve(town, [easy, idle], GoalOptions(), EXACT).certificate.objective == 10.0


@pytest.mark.parametrize(("rate", "spent", "worth"), [(0.0, (5.0, 0.0), 5.0), (0.5, (0.0, 5.0), 35 / 9)])
def test_discounting_decides_when_something_is_done(rate: float, spent: tuple[float, float], worth: float) -> None:
    """A home must be closed by 2025, for 5 yuan, and runs for 1 yuan a year (6 in the first case).

    Closed at once 5, or later 2·6 + 5. At 50 % a year: 5 at once, or later 1 + 1/1.5 + 5/2.25 = 35/9.
    """
    home = replace(catalogue().kinds["institution"], close_cost=5.0)
    offered = replace(catalogue(), kinds={**catalogue().kinds, "institution": home})
    town = problem([[100, 100]], [0], [], sites([HOME]), phases=(2023, 2025), offered=offered)
    yearly = np.where(town.options.is_open, 1.0 if rate else 6.0, 0.0)
    town = replace(town, options=replace(town.options, running_cost=yearly), money=Money(rate, None, 2025))
    rules = [NoneSmall.of("Z", 2025, beds=20, kinds=["institution"])]
    plan = solve(town, rules, GoalOptions(minimise="present_value"), EXACT)
    assert plan.cost_by_phase == spent
    assert plan.certificate.objective == pytest.approx(worth)


def test_running_costs_count_from_a_phase_to_the_next_and_to_the_last_year() -> None:
    """7 yuan a year: 2023 and 2024 at the first phase's worth, then 2025 to 2027."""
    town = problem([[100, 100]], [0], [], sites([HOME]), phases=(2023, 2025))
    running = np.where([a.value == "keep" for a in town.options.action], 7.0, 9.0)
    town = replace(town, options=replace(town.options, running_cost=running), money=Money(0.1, 2023, 2027))
    state = town.existing_state()
    assert town.running(state).tolist() == [7.0, 7.0]
    assert town.present_value(state) == pytest.approx(sum(7.0 / 1.1**n for n in range(5)))


def test_budgets_by_year_carry_over_or_not() -> None:
    """30 yuan are due in 2025. 20 and 10 do when they are kept; nothing kept, each year must spend its own."""
    plots = [PLOT, PLOT, PLOT]
    town = problem([[100, 100]], [0], [], sites(plots), phases=(2023, 2025))
    three = rule("presence", "P", 2025, require=[{"kinds": ["day_care"], "at_least": 3, "per": "area"}])
    for carry_over, spent in ((True, (0.0, 30.0)), (False, (20.0, 10.0))):
        given = BudgetGiven(by_year={2023: 20, 2024: 5, 2025: 5}, carry_over=carry_over)
        rules = [three, *budgets(given)]
        plan = solve(town, rules, GoalOptions(), EXACT)
        assert plan.cost_by_phase == spent
        assert not audit(rules, town, plan.state).short()
    short = [three, *budgets(BudgetGiven(by_year={2023: 20, 2025: 5}, carry_over=True))]
    assert solve(town, short, GoalOptions(), EXACT).certificate.status == "infeasible"
