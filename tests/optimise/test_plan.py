"""Plans of hand-made towns: what stands is kept, the same every time, and spent as late as may be."""

from __future__ import annotations

import numpy as np
import pytest
from made_rules import AtMost, CoveredLess
from towns import problem, rule, sites

from siting.errors import SolverError
from siting.model.sites import Action
from siting.optimise import GoalOptions, SolverOptions, solve
from siting.optimise.certify import certificate as _certificate
from siting.optimise.found import Found
from siting.rules import audit

OPTIONS = SolverOptions(gap=0.0, time_limit_s=20)
HOME = (True, "institution", (), "", 0, (4, 0, 0))
PLOT = (False, "", ("institution", "day_care"), "idle", 0, (0, 0, 0))


def test_an_upper_limit_that_is_broken_today_does_not_forbid_every_plan() -> None:
    """At most one home, and two stand. The plan needs a station besides: it is found, and adds no home."""
    town = problem([100], [0], [], sites([HOME, HOME, PLOT]))
    rules = [AtMost.of("institution", 1), rule("presence", "P", require=[{"kinds": ["day_care"], "per": "area"}])]
    plan = solve(town, rules, GoalOptions(), OPTIONS)
    assert plan.certificate.status == "optimal"
    assert plan.certificate.objective == 10.0
    after = audit(rules, town, plan.state, town.existing_state())
    assert [(finding.measured, finding.status) for finding in after.findings] == [(2.0, "grandfathered"), (1.0, "met")]


def test_an_upper_limit_that_holds_today_binds() -> None:
    """At most two homes, and two stand; a third would be needed: no plan."""
    town = problem([100], [0], [], sites([HOME, HOME, PLOT]))
    three = rule("presence", "P", require=[{"kinds": ["institution"], "at_least": 3, "per": "area"}])
    plan = solve(town, [AtMost.of("institution", 2), three], GoalOptions(), OPTIONS)
    assert plan.certificate.status == "infeasible"
    assert {conflict.clause for conflict in plan.conflicts} == {"X-01", "P"}
    assert {conflict.clause: conflict.best for conflict in plan.conflicts} == {"X-01": 2.0, "P": 3.0}


def test_an_upper_limit_on_the_uncovered_counts_who_is_covered_today() -> None:
    """−(covered persons) ≤ −150 is missed today by 50; what stands is enough for the optimiser."""
    town = problem([100, 100], [0, 0], [(0, 0, 100.0)], sites([(True, "day_care", (), "", 0, (0, 0, 0))]))
    plan = solve(town, [CoveredLess.of("day_care", 150)], GoalOptions(), OPTIONS)
    assert plan.certificate.objective == 0.0


def mixed_town() -> tuple[object, list[object]]:
    town = problem(
        np.array([[300, 320], [200, 210], [150, 150], [80, 90]]),
        [0, 0, 1, 1],
        [(z, s, 150.0 * abs(z - s)) for z in range(4) for s in range(5)],
        sites([HOME, PLOT, PLOT, (*PLOT[:4], 1, (0, 0, 0)), (*PLOT[:4], 1, (0, 0, 0))]),
        phases=(2023, 2025),
    )
    rules = [
        rule("coverage", "C", kinds=["day_care"], metres=300, share=0.7),
        rule("bed_ratio", "B", 2025, kinds=["institution"], beds=70, per="area"),
        rule("bed_share", "S", 2025, kinds=["institution"], classes=["nursing"], share=0.5),
    ]
    return town, rules


@pytest.mark.parametrize("exact_below", [0, 10_000])
def test_the_same_question_has_the_same_answer(exact_below: int) -> None:
    town, rules = mixed_town()
    options = SolverOptions(gap=0.0, time_limit_s=20, exact_below=exact_below, seed=3)
    one, two = (solve(town, rules, GoalOptions(), options) for _ in range(2))
    assert np.array_equal(one.state.open, two.state.open)
    assert np.array_equal(one.state.beds, two.state.beds)
    assert one.cost_by_phase == two.cost_by_phase
    assert (one.certificate.objective, one.certificate.bound) == (two.certificate.objective, two.certificate.bound)
    assert one.certificate.seed == 3


def test_money_is_spent_as_late_as_the_clauses_allow() -> None:
    """A station is due at once (10 yuan); the home of two nursing beds only in 2025 (50 + 2 · 9)."""
    town = problem([[100, 100]], [0], [(0, 0, 1.0), (0, 1, 1.0)], sites([PLOT, PLOT]), phases=(2023, 2025))
    rules = [
        rule("coverage", "C", kinds=["day_care"], metres=300),
        rule("bed_ratio", "B", 2025, kinds=["institution"], classes=["nursing"], beds=200, per="area"),
    ]
    plan = solve(town, rules, GoalOptions(), OPTIONS)
    assert plan.cost_by_phase == (10.0, 68.0)
    assert plan.certificate.objective == 78.0


def test_a_conversion_of_nothing_is_a_facility_that_is_kept() -> None:
    town = problem([100], [0], [], sites([HOME]))
    plan = solve(town, [rule("presence", require=[{"kinds": ["institution"], "per": "area"}])], GoalOptions(), OPTIONS)
    actions = [town.options.action[option] for option in np.flatnonzero(plan.state.open[0])]
    assert actions == [Action.KEEP]
    assert plan.state.beds[0, 0].tolist() == [4, 0, 0]
    assert plan.certificate.objective == 0.0


def test_who_must_be_converted_has_a_bed_converted() -> None:
    """A home that stays as it is under the name of a conversion would meet the clause for nothing."""
    town = problem([100], [0], [], sites([HOME]))
    asked = rule("consolidation", kinds=["institution"], regional={"kinds": ["institution"], "actions": ["convert"]})
    plan = solve(town, [asked], GoalOptions(), OPTIONS)
    assert plan.certificate.objective == pytest.approx(4.0)  # one bed at 4 yuan
    assert plan.state is not None
    done = np.flatnonzero(plan.state.open[0])
    assert [(str(town.options.action[one]), plan.state.beds[0, one].tolist()) for one in done] == [
        ("convert", [3, 1, 0])
    ]
    assert not audit([asked], town, plan.state, town.existing_state()).short()


def test_converting_is_cheaper_than_building() -> None:
    """Half of the beds must be nursing beds: two of four general beds are converted at 4 yuan each."""
    town = problem([100], [0], [], sites([HOME, PLOT]))
    rules = [rule("bed_share", kinds=["institution"], classes=["nursing"], share=0.5)]
    plan = solve(town, rules, GoalOptions(), OPTIONS)
    assert plan.certificate.objective == 8.0
    assert plan.state.beds[0].sum(axis=0).tolist() == [2, 2, 0]


def test_nothing_asked_is_nothing_done() -> None:
    town = problem([100], [0], [], sites([HOME, PLOT]))
    told: list[str] = []
    plan = solve(town, [], GoalOptions(), OPTIONS, told.append)
    assert plan.certificate.status == "optimal"
    assert (plan.certificate.objective, plan.certificate.gap) == (0.0, 0.0)
    assert plan.cost_by_phase == (0.0,)
    assert told[0].endswith("coefficients")


def test_a_plan_without_any_bound_claims_no_more_than_that_nothing_is_free() -> None:
    proof = _certificate(Found("plan", np.zeros(1), -np.inf, "branch-and-bound"), 200.0, SolverOptions(), 0.0)
    assert (proof.status, proof.bound, proof.gap) == ("gap", 0.0, 1.0)


def test_a_bound_above_the_plan_is_a_contradiction_and_not_optimal() -> None:
    with pytest.raises(SolverError, match="proved that no plan costs less than 210"):
        _certificate(Found("plan", np.zeros(1), 210.0, "branch-and-bound"), 200.0, SolverOptions(), 0.0)
