"""Why there is no plan: named, at its best, and nobody named who could be spared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from towns import problem, rule, sites

from siting.optimise import GoalOptions, SolverOptions, solve

if TYPE_CHECKING:
    from siting.model.plan import Plan
    from siting.model.problem import Problem
    from siting.rules import Rule

OPTIONS = SolverOptions(gap=0.0, time_limit_s=20)
STATION = (True, "day_care", (), "", 0, (0, 0, 0))
HOME = (True, "institution", (), "", 0, (4, 0, 0))
PLOT = (False, "", ("institution", "day_care"), "idle", 0, (0, 0, 0))
PLOT_OF_D1 = (False, "", ("institution", "day_care"), "idle", 1, (0, 0, 0))


def plan(town: Problem, *rules: Rule) -> Plan:
    return solve(town, rules, GoalOptions(), OPTIONS)


def named(found: Plan) -> list[tuple[str, str, int]]:
    return [(conflict.clause, conflict.subject.id, conflict.phase) for conflict in found.conflicts]


def circle(identity: str = "C", **parameters: object) -> Rule:
    return rule("coverage", identity, **({"kinds": ["day_care"], "metres": 500} | parameters))


def one_of(kind: str, identity: str, at_least: int = 1) -> Rule:
    return rule("presence", identity, require=[{"kinds": [kind], "at_least": at_least, "per": "area"}])


def test_nobody_is_named_where_there_is_a_plan() -> None:
    town = problem([100], [0], [(0, 0, 100.0)], sites([PLOT]))
    found = plan(town, circle())
    assert found.certificate.status == "optimal"
    assert found.conflicts == ()


def test_persons_whom_nothing_reaches_are_named_with_the_best_share() -> None:
    """60 of 100 persons can be covered."""
    town = problem([60, 40], [0, 0], [(0, 0, 100.0), (1, 0, 900.0)], sites([PLOT]))
    found = plan(town, circle(share=0.9))
    assert found.state is None
    (conflict,) = found.conflicts
    assert (conflict.clause, conflict.subject.kind, conflict.phase, conflict.unit) == ("C", "area", 2025, "share")
    assert conflict.required == 0.9
    assert conflict.best == pytest.approx(0.6)


def test_the_best_counts_whom_a_standing_facility_covers() -> None:
    """50 stand covered, 20 more can be: 70 of 100."""
    town = problem([50, 20, 30], [0, 0, 0], [(0, 0, 100.0), (1, 1, 100.0)], sites([STATION, PLOT]))
    (conflict,) = plan(town, circle(share=0.9)).conflicts
    assert conflict.best == pytest.approx(0.7)


def test_the_best_of_a_ratio_is_in_beds_per_ten_thousand() -> None:
    """A home of four beds can grow by two: 6 for 100 persons are 600 per 10,000. The plot can hold four: 400."""
    town = problem([100, 100], [0, 1], [], sites([HOME, PLOT_OF_D1]))
    found = plan(town, rule("bed_ratio", "B", kinds=["institution"], beds=700, per="district"))
    assert [(c.subject.id, c.required, pytest.approx(c.best)) for c in found.conflicts] == [
        ("D0", 700.0, 600.0),
        ("D1", 700.0, 400.0),
    ]


def test_the_best_of_a_share_is_a_share() -> None:
    """Two general and two dementia beds: both general ones converted are 2 nursing of 4, two added are 2 of 6.

    Dementia beds are neither added nor converted: among general beds alone their share stays nought.
    """
    home = (True, "institution", (), "", 0, (2, 0, 2))
    nursing = rule("bed_share", "S", kinds=["institution"], classes=["nursing"], share=0.9)
    (conflict,) = plan(problem([100], [0], [], sites([home])), nursing).conflicts
    assert conflict.best == pytest.approx(0.5)
    dementia = rule("bed_share", "S", kinds=["institution"], classes=["dementia"], share=0.9)
    (conflict,) = plan(problem([100], [0], [], sites([HOME])), dementia).conflicts
    assert conflict.best == pytest.approx(0.0, abs=1e-9)


def test_a_share_that_clashes_may_still_be_met_alone() -> None:
    """Half nursing beds are possible (two converted), 300 general beds per 10,000 are; both together are not.

    A best above the requirement says so: four of four can be nursing beds, and four general beds for 100 are 400,
    six with two added 600.
    """
    town = problem([100], [0], [], sites([HOME]))
    share = rule("bed_share", "S", kinds=["institution"], classes=["nursing"], share=0.6)
    general = rule("bed_ratio", "G", kinds=["institution"], classes=["general"], beds=300, per="area")
    found = plan(town, share, general)
    assert [(c.clause, pytest.approx(c.best)) for c in found.conflicts] == [("S", 1.0), ("G", 600.0)]


def test_a_clause_that_could_hold_by_concerning_nothing_has_its_requirement_as_best() -> None:
    """Without any home the share holds of no beds; the one bed class on offer is not the one wanted."""
    town = problem([100], [0], [], sites([PLOT]))
    share = rule("bed_share", "S", kinds=["institution"], classes=["dementia"], share=0.5)
    found = plan(town, share, one_of("institution", "P"))
    assert [(c.clause, c.best) for c in found.conflicts] == [("S", 0.5), ("P", 1.0)]


def test_a_facility_that_no_site_can_hold_is_named_by_place() -> None:
    town = problem([100, 100], [0, 1], [], sites([STATION, PLOT_OF_D1]))
    found = plan(town, rule("presence", "P", require=[{"kinds": ["institution"], "per": "district"}]))
    assert named(found) == [("P", "D0", 2025)]
    assert found.conflicts[0].best == 0.0


def test_two_clauses_that_want_the_same_plot_clash() -> None:
    """Each alone could have it; a third clause that asks little is not named."""
    town = problem([100], [0], [(0, 0, 100.0)], sites([PLOT]))
    rules = [one_of("institution", "A"), one_of("day_care", "B"), circle("C", kinds=["institution"], share=0.1)]
    for item in rules:
        assert plan(town, item).state is not None
    found = plan(town, *rules)
    assert len(named(found)) == 2
    assert ("B", "", 2025) in named(found)
    for spared in found.conflicts:
        left = [item for item in rules if item.clause.id in {c.clause for c in found.conflicts if c is not spared}]
        assert plan(town, *left).state is not None
    assert [c.best for c in found.conflicts] == [1.0, 1.0]


def test_a_clash_of_places_names_only_those_places() -> None:
    """Three districts; only in D1 do a home and a station want the one plot."""
    town = problem(
        [100, 100, 100],
        [0, 1, 2],
        [],
        sites([(*PLOT[:4], district, (0, 0, 0)) for district in (0, 0, 1, 2, 2)]),
    )
    homes = rule("presence", "A", require=[{"kinds": ["institution"], "per": "district"}])
    stations = rule("presence", "B", require=[{"kinds": ["day_care"], "per": "district"}])
    assert named(plan(town, homes, stations)) == [("A", "D1", 2025), ("B", "D1", 2025)]


def test_a_clause_that_the_others_imply_is_not_named() -> None:
    """Homes within reach of both quarters take both plots, a station has none left; a few beds are no part of it."""
    town = problem([50, 50], [0, 0], [(0, 0, 100.0), (1, 1, 100.0)], sites([PLOT, PLOT]))
    rules = [
        circle("A", kinds=["institution"], share=1.0),
        one_of("day_care", "B"),
        rule("bed_ratio", "D", kinds=["institution"], beds=100, per="area"),
    ]
    found = plan(town, *rules)
    assert {c.clause for c in found.conflicts} == {"A", "B"}


def test_a_clash_in_a_later_phase_names_the_phase() -> None:
    town = problem([[100, 100]], [0], [], sites([PLOT]), phases=(2023, 2025))
    late = rule("presence", "B", 2025, require=[{"kinds": ["day_care"], "per": "area"}])
    found = plan(town, one_of("institution", "A"), late)
    assert {c.clause for c in found.conflicts} == {"A", "B"}
    assert ("B", "", 2025) in named(found)


def test_clauses_that_do_not_bind_are_no_reason() -> None:
    town = problem([100], [0], [], sites([STATION]))
    impossible = {"require": [{"kinds": ["institution"], "per": "area"}]}
    assert plan(town, rule("presence", force="should", **impossible)).state is not None
    assert plan(town, rule("presence", deadline=2030, **impossible)).state is not None
    assert plan(town, rule("presence", deadline=2025, **impossible)).state is None


def test_the_certificate_of_no_plan_claims_no_cost() -> None:
    town = problem(np.array([100]), [0], [], sites([STATION]))
    found = plan(town, one_of("institution", "A"))
    certificate = found.certificate
    assert (certificate.status, certificate.objective, certificate.bound, certificate.gap) == (
        "infeasible",
        None,
        None,
        None,
    )
    assert found.cost_by_phase == ()
