"""Reasons, curves and repairs of random small studies, against trying everything out."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from studies import by_cost, everything, fitting, random_study, sequences
from test_brute_force import EXACT, size
from test_conflicts_brute import state_of
from test_goals import covered
from towns import problem, rule, sites

from siting.optimise import CurveOptions, GoalOptions, ReasonsOptions, curve, explain, repair, solve, staffed
from siting.rules import audit

if TYPE_CHECKING:
    from collections.abc import Callable

    from studies import Study

    from siting.model.plan import Plan
    from siting.rules import Rule

ALL = ReasonsOptions(time_limit_s=300, alternatives=2, within=0.2)


@functools.cache
def planned() -> tuple[tuple[int, Study, Plan], ...]:
    """Studies of one phase with a plan that does something."""
    found = []
    for seed in range(5_000, 5_600):
        study = random_study(seed)
        if len(study.town.phases) == 1 and size(study.town) <= 400:
            plan = solve(study.town, study.every, GoalOptions(), EXACT)
            if plan.state is not None and plan.certificate.objective:
                found.append((seed, study, plan))
    return tuple(found[:14])


def least(study: Study, rules: list[Rule], may: Callable[[tuple], bool] = lambda _: True) -> float | None:
    """The least cost of any plan of one phase under some clauses."""
    there = [one for one in fitting(study.town, rules, 0) if may(one)]
    return min((cost for _, cost in sequences(study, by_cost(study), lambda _: there, rules)), default=None)


def test_the_price_of_a_clause_is_what_is_saved_without_it() -> None:
    tried = 0
    for seed, study, plan in planned():
        told = explain(study.town, study.every, GoalOptions(), plan, (ALL, EXACT)).clauses
        by_id = {one.clause: one for one in told}
        assert set(by_id) == {item.clause.id for item in study.every if item.clause.binds(2025)}, seed
        for item in study.every:
            without = [other for other in study.rules if other is not item]
            lean = study if item in study.rules else replace(study, budget=None)
            truth = plan.certificate.objective - least(lean, without)
            one = by_id[item.clause.id]
            assert one.at_least - 1e-5 <= truth <= one.at_most + 1e-5, (seed, item.clause.id, truth, one)
            assert one.saved <= truth + 1e-5, (seed, item.clause.id)
            tried += truth > 0
    assert tried >= 8


def test_what_a_site_is_for() -> None:
    """Persons and clauses by the audit without it; the price is that of the best plan without it."""
    kinds = set()
    for seed, study, plan in planned():
        town = study.town
        for one in explain(town, study.every, GoalOptions(), plan, (ALL, EXACT)).sites:
            site, option = town.sites.id.index(one.site), one.option
            lost, is_open = plan.state.beds.copy(), plan.state.open.copy()
            is_open[:, option], lost[:, option] = False, 0
            if town.sites.existing[site]:
                keep = int(np.flatnonzero(town.options.site == site)[0])
                is_open[:, keep], lost[:, keep] = True, town.options.base_beds[keep]
            bare = replace(plan.state, open=is_open, beds=lost)
            short = {(f.clause, f.subject) for f in audit(study.every, town, bare, town.existing_state()).short()}
            assert set(one.needed_by) == short, (seed, one)

            def may(combination: tuple, site: int = site, option: int = option) -> bool:
                pick = combination[site]
                return pick is None or (bool(town.sites.existing[site]) and pick[0] != option)  # noqa: B023

            truth = least(study, study.rules, may)
            kinds.add(one.without)
            if truth is None:
                assert one.without == "impossible", (seed, one)
            else:
                assert one.price == pytest.approx(truth - plan.certificate.objective, abs=1e-5), (seed, one)
    assert kinds == {"found", "impossible"}


def test_alternatives_cost_nearly_the_same_and_differ_most() -> None:
    found = 0
    for seed, study, plan in planned():
        town = study.town
        chosen = plan.state.open[0] & np.array([str(action) != "keep" for action in town.options.action])
        ends = sequences(study, by_cost(study), lambda _, study=study: fitting(study.town, study.rules, 0))
        most = plan.certificate.objective * 1.2
        near = [key[0] for key, cost in ends if cost <= most + 1e-6]
        differs = [sum(chosen) - sum(bool(chosen[pick[0]]) for pick in one if pick) for one in near]
        told = explain(town, study.every, GoalOptions(), plan, (ALL, EXACT)).alternatives
        if max(differs) == 0:
            assert told == (), seed
            continue
        found += 1
        assert told[0].certificate.objective == max(differs), seed
        assert told[0].certificate.status == "optimal", seed
        for one in told:
            assert one.cost <= most + 1e-5, seed
            assert not audit(study.every, town, one.state, town.existing_state()).short(), seed
    assert found >= 2


def test_alternatives_of_several_phases_leave_alone_what_is_built_before() -> None:
    """Four plots alike: one station by 2023, two by 2025. The first stays, each of the others could be the second."""
    plot = (False, "", ("day_care",), "idle", 0, (0, 0, 0))
    town = problem(np.array([[100, 100]]), [0], [], sites([plot] * 4), phases=(2023, 2025))
    asked = [rule("counts", deadline=2023, require=[{"kinds": ["day_care"], "by": {2023: 1, 2025: 2}}])]
    plan = solve(town, asked, GoalOptions(), EXACT)
    assert [int(row.sum()) for row in plan.state.open] == [1, 2]
    told = explain(town, asked, GoalOptions(), plan, (ALL, EXACT)).alternatives
    assert len(told) == 2
    for one in told:
        assert (one.state.open[0] == plan.state.open[0]).all()
        assert not audit(asked, town, one.state, town.existing_state()).short()
        assert one.cost == pytest.approx(plan.certificate.objective)
        assert len(one.dropped) == len(one.added) == 1
    assert told[0].added != told[1].added
    dear = replace(town, options=replace(town.options, fixed_cost=np.array([10.0, 11.0, 12.0, 90.0])))
    plan = solve(dear, asked, GoalOptions(), EXACT)
    costs = [one.cost for one in explain(dear, asked, GoalOptions(), plan, (ALL, EXACT)).alternatives]
    assert costs
    assert all(cost <= 21 * 1.2 + 1e-6 for cost in costs), "the fourth is too dear"


def test_every_point_of_the_curve_is_the_least_cost_of_its_coverage() -> None:
    tried = 0
    for seed, study, _ in planned():
        clauses = [item for item in study.rules if item.clause.kind == "coverage"]
        if not clauses:
            continue
        tried += 1
        rules = [item for item in study.rules if item is not clauses[0]]
        ends = list(sequences(study, by_cost(study), lambda _, r=rules, s=study: fitting(s.town, r, 0), rules))
        worth = [(covered(study.town, clauses[0], key[0]), cost) for key, cost in ends]
        drawn = curve(study.town, study.every, CurveOptions(of=clauses[0].clause.id, points=3), EXACT)
        assert drawn.points[-1].asked == pytest.approx(max(persons for persons, _ in worth)), seed
        for point in drawn.points:
            truth = min(cost for persons, cost in worth if persons >= point.asked - 1e-6)
            assert point.certificate.objective == pytest.approx(truth, abs=1e-5), seed
            assert point.certificate.status == "optimal", seed
            assert point.persons >= point.asked - 1e-6, seed
        costs = [point.certificate.objective for point in drawn.points]
        assert costs == sorted(costs), seed
    assert tried >= 2


def test_a_repair_changes_as_few_sites_as_can_be_and_then_costs_least() -> None:
    moved = set()
    for seed, study, _ in planned():
        town, r = study.town, np.random.default_rng(seed)
        ends = list(sequences(study, by_cost(study), lambda _, s=study: fitting(s.town, s.rules, 0)))
        combinations = everything(town)
        for _ in range(3):
            mine = combinations[int(r.integers(len(combinations)))]
            drawn = staffed(town, study.every, state_of(town, mine))
            mended = repair(town, study.every, drawn, EXACT)

            def apart(one: tuple, mine: tuple = mine) -> int:
                return sum(a != b for a, b in zip(one, mine, strict=True))

            fewest = min(apart(key[0]) for key, _ in ends)
            cheapest = min(cost for key, cost in ends if apart(key[0]) == fewest)
            moved.add(fewest)
            changes, cost = (reached.certificate for reached in mended.goals)
            assert changes.objective == fewest, (seed, mine)
            assert changes.bound == pytest.approx(changes.objective), seed
            assert not audit(study.every, town, mended.state, town.existing_state()).short(), seed
            assert cost.objective == pytest.approx(cheapest, abs=1e-5), seed
    assert len(moved) >= 3


def test_what_is_eased_makes_a_plan_possible() -> None:
    """Each requirement at what it is eased to, the others as they are: a plan exists."""
    eased = 0
    for seed in range(7_000, 7_200):
        study = random_study(seed)
        if len(study.town.phases) > 1 or size(study.town) > 300:
            continue
        plan = solve(study.town, study.every, GoalOptions(), EXACT)
        if plan.state is not None:
            continue
        assert plan.relaxations, seed
        combinations = [one for one in everything(study.town) if all(
            study.town.options.first_year[pick[0]] <= 2025 for pick in one if pick)]  # fmt: skip
        levels = {(ease.clause, ease.subject): ease.to for ease in plan.relaxations}
        for ease in plan.relaxations:
            assert ease.share == pytest.approx(abs(ease.to - ease.required) / abs(ease.required), rel=1e-6), seed
        assert any(
            all(
                (f.status != "short" or _reaches(f, levels.get((f.clause, f.subject))))
                for f in audit(study.every, study.town, staffed(study.town, study.every, state_of(study.town, one)),
                               study.town.existing_state()).findings
            )
            for one in combinations
        ), (seed, plan.relaxations)  # fmt: skip
        eased += 1
        if eased == 12:
            break
    assert eased == 12


def _reaches(finding: object, level: float | None) -> bool:
    if level is None:
        return False
    return finding.measured >= level - 1e-6 if finding.sense == ">=" else finding.measured <= level + 1e-6
