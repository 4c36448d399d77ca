"""The audit: deadlines, what stands today, and a ledger that adds up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_rules import AtMost
from towns import problem, rule, sites

from siting.model.access import RoadState
from siting.model.findings import Standing
from siting.model.problem import State
from siting.rules import audit

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

    from siting.model.problem import Problem
    from siting.rules import Rule

STATION = (True, "day_care", (), "", 0, (0, 0, 0))
HOME = (True, "institution", (), "", 0, (4, 1, 0))
PLOT = (False, "", ("institution", "day_care"), "idle", 0, (0, 0, 0))


def circle(**parameters: object) -> Rule:
    return rule("coverage", kinds=["day_care"], **({"metres": 500} | parameters))


def only(rules: list[Rule], town: Problem, state: State | None = None, today: State | None = None) -> object:
    (found,) = audit(rules, town, state or town.existing_state(), today).findings
    return found


# deadlines


@pytest.mark.parametrize(("deadline", "due"), [(None, True), (2023, True), (2025, True), (2026, False)])
def test_a_clause_binds_from_the_first_phase_on_or_after_its_deadline(deadline: int | None, due: bool) -> None:  # noqa: FBT001
    assert rule("coverage", deadline=deadline, kinds=["day_care"], minutes=15).clause.binds(2025) is due


def test_what_is_missing_before_the_deadline_is_not_short_yet() -> None:
    town = problem([[100, 100, 100]], [0], [(0, 0, 900.0)], sites([STATION]), phases=(2022, 2023, 2024))
    clause = rule("coverage", deadline=2023, kinds=["day_care"], metres=500)
    result = audit([clause], town, town.existing_state())
    assert [(f.phase, f.status) for f in result.findings] == [
        (2022, "not_yet_due"),
        (2023, "short"),
        (2024, "short"),
    ]
    assert [f.phase for f in result.short()] == [2023, 2024]


def test_what_is_met_before_the_deadline_is_met() -> None:
    town = problem([100], [0], [(0, 0, 100.0)], sites([STATION]))
    assert only([rule("coverage", deadline=2030, kinds=["day_care"], metres=500)], town).status == "met"


# what stands today


def two_homes_and_a_plot() -> Problem:
    return problem([100], [0], [], sites([HOME, HOME, PLOT]))


def state_with(town: Problem, *opened: int) -> State:
    """Today, and some options opened with their least beds."""
    today = town.existing_state()
    is_open, beds = today.open.copy(), today.beds.copy()
    is_open[:, list(opened)] = True
    for option in opened:
        beds[:, option, 0] = town.options.total_min[option]
    return State(is_open, beds)


def test_a_breach_of_an_upper_limit_that_stands_today_is_grandfathered() -> None:
    """At most one home: two stand today. Before, that is short; a plan that adds none is not blamed, a third is."""
    town, clause = two_homes_and_a_plot(), AtMost.of("institution", 1)
    today = town.existing_state()
    opened = next(o for o, kind in enumerate(town.options.kind) if kind == "institution" and town.options.site[o] == 2)
    before = only([clause], town, today)
    kept = only([clause], town, today, today)
    worse = only([clause], town, state_with(town, opened), today)
    assert (before.measured, before.required, before.sense, before.status) == (2.0, 1.0, "<=", "short")
    assert (kept.measured, kept.status) == (2.0, "grandfathered")
    assert (worse.measured, worse.status) == (3.0, "short")


def test_a_lower_limit_is_never_grandfathered() -> None:
    town = problem([100], [0], [(0, 0, 900.0)], sites([STATION]))
    today = town.existing_state()
    assert only([circle()], town, today, today).status == "short"


def test_an_upper_limit_that_holds_is_met() -> None:
    town = two_homes_and_a_plot()
    today = town.existing_state()
    assert only([AtMost.of("institution", 2)], town, today, today).status == "met"


# measures by district


def test_districts_are_measured_for_the_map_without_being_verdicts() -> None:
    """400 of 500 persons are covered: 80 % meets the clause; D1 alone has 0 of 100."""
    town = problem([400, 100], [0, 1], [(0, 0, 100.0), (1, 0, 900.0)], sites([STATION]))
    result = audit([circle(share=0.8)], town, town.existing_state())
    assert [(f.subject.kind, f.measured, f.status) for f in result.findings] == [("area", 0.8, "met")]
    assert [(f.subject.id, f.measured, f.status, f.persons_short) for f in result.by_district] == [
        ("D0", 1.0, "met", 0.0),
        ("D1", 0.0, "short", 80.0),
    ]


def test_a_share_missing_persons_is_rounded_to_nothing() -> None:
    """1/3 three times over is all of it, whatever the last digit says."""
    town = problem([0.1, 0.2, 0.3], [0, 0, 0], [(z, 0, 1.0) for z in range(3)], sites([STATION]))
    assert only([circle()], town).status == "met"


# who can be reached


def test_of_reachable_asks_for_the_share_of_those_whom_sites_could_reach() -> None:
    """Of 200 persons sites can reach 160, and 90 % of those are 144: 72 % of all are required."""
    town = problem([100, 60, 40], [0, 0, 0], [(0, 0, 100.0), (1, 1, 100.0), (2, 1, 900.0)], sites([STATION, PLOT]))
    found = only([circle(share=0.9, of="reachable")], town)
    assert found.required == pytest.approx(0.72)
    assert found.measured == 0.5
    assert found.persons == 200
    assert found.persons_short == pytest.approx(44)


def test_of_reachable_asks_for_nothing_where_nobody_can_be_reached() -> None:
    town = problem([100], [0], [(0, 0, 900.0)], sites([STATION]))
    found = only([circle(of="reachable")], town)
    assert (found.measured, found.required, found.status) == (0.0, 0.0, "met")


def test_of_reachable_counts_what_may_open_in_the_phase() -> None:
    town = problem([[100, 100]], [0], [(0, 0, 1.0)], sites([PLOT]), phases=(2023, 2025), first_year=2025)
    result = audit([circle(of="reachable")], town, town.existing_state())
    assert [(f.required, f.status) for f in result.findings] == [(0.0, "met"), (1.0, "short")]


# the ledger


def test_every_person_stands_on_one_line() -> None:
    states = [
        RoadState.ON_ROAD,
        RoadState.ON_ROAD,
        RoadState.OTHER_COMPONENT,
        RoadState.NO_ROAD,
        *[RoadState.ON_ROAD] * 2,
    ]
    town = problem(
        [1, 2, 4, 8, 16, 32],
        [0, 0, 0, 0, 0, -1],
        [(0, 0, 100.0), (1, 0, 900.0), (4, 0, 100.0), (5, 0, 100.0)],
        sites([STATION]),
        density=np.array([[2000.0]] * 4 + [[500.0], [2000.0]]),
        states=states,
    )
    result = audit([circle(density_from=1000)], town, town.existing_state())
    (line,) = result.ledger
    assert (line.covered, line.uncovered, line.other_component, line.no_road) == (1, 2, 4, 8)
    assert (line.not_concerned, line.outside_districts, line.raster_total) == (16, 32, 63)
    assert line.demand == 15
    assert line.reachable == 1
    assert result.standing["T-01", 0].tolist() == [
        Standing.COVERED,
        Standing.UNCOVERED,
        Standing.OTHER_COMPONENT,
        Standing.NO_ROAD,
        Standing.NOT_CONCERNED,
        Standing.NOT_CONCERNED,
    ]


# walking at several speeds


def town_of_two_ages(**changes: object) -> Problem:
    """A station 500 m from Z0 and 700 m from Z1; the old walk 600 m in ten minutes and the rest 900 m."""
    return problem(
        [[100, 10], [200, 20], [400, 0]],
        [0, 0, 0],
        [(0, 0, 500.0), (1, 0, 700.0), (2, 0, 800.0)],
        sites([STATION]),
        speed=1.5,
        **({"ages": (60, 80), "speed_by_age": {80: 1.0}} | changes),
    )


def test_persons_are_split_by_speed_and_a_zone_is_covered_when_all_of_it_is() -> None:
    """Of 730 persons the 20 old ones of Z1 are left out; Z2 has no old persons, so that it is covered all the same."""
    town = town_of_two_ages()
    result = audit([rule("coverage", kinds=["day_care"], minutes=10, share=0.95)], town, town.existing_state())
    (found,), (line,) = result.findings, result.ledger
    assert (found.measured, found.persons, found.status) == (pytest.approx(710 / 730), 730, "met")
    assert (line.covered, line.uncovered, line.demand, line.raster_total, line.reachable) == (710, 20, 730, 730, 710)
    assert [reach.speed_m_per_s for reach in line.reaches] == [1.5, 1.0]
    assert result.standing["T-01", 0].tolist() == [Standing.COVERED, Standing.UNCOVERED, Standing.COVERED]


def test_a_clause_in_metres_knows_no_speeds() -> None:
    town = town_of_two_ages(effort={1.5: [(0, 0, 5000.0)], 1.0: []})
    (line,) = audit([circle(metres=700)], town, town.existing_state()).ledger
    assert (line.covered, line.uncovered, [reach.speed_m_per_s for reach in line.reaches]) == (330, 400, [None])


def test_a_clause_for_the_old_alone_uses_their_speed_alone() -> None:
    town = town_of_two_ages()
    (line,) = audit([rule("coverage", kinds=["day_care"], minutes=10, age=80)], town, town.existing_state()).ledger
    assert (line.covered, line.uncovered, line.demand) == (10, 20, 30)


def test_minutes_are_measured_on_what_ways_cost_at_each_speed() -> None:
    """Steps on the way from Z0: worth 901 m at the faster speed, 600 m (just in time) at the slower one."""
    town = town_of_two_ages(effort={1.5: [(0, 0, 901.0), (1, 0, 900.0)], 1.0: [(0, 0, 600.0), (1, 0, 700.0)]})
    (line,) = audit([rule("coverage", kinds=["day_care"], minutes=10)], town, town.existing_state()).ledger
    assert (line.covered, line.uncovered) == (10 + 200, 100 + 20 + 400)


def test_a_speed_nobody_measured_is_an_error_and_no_silent_metres() -> None:
    town = town_of_two_ages(effort={1.5: []})
    with pytest.raises(KeyError):
        audit([rule("coverage", kinds=["day_care"], minutes=10)], town, town.existing_state())


def test_clauses_that_cover_nobody_have_no_ledger() -> None:
    town = two_homes_and_a_plot()
    clause = rule("presence", require=[{"kinds": ["institution"], "per": "area"}])
    assert audit([clause], town, town.existing_state()).ledger == ()


@dataclass(frozen=True)
class Made:
    town: Problem
    state: State
    more: State
    rule: Rule


@st.composite
def towns(draw: DrawFn) -> Made:
    """Any small town, any of its plots opened, and one more of them."""
    zones, plots = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    states = draw(st.lists(st.sampled_from([0, 0, 0, 1, 2]), min_size=zones, max_size=zones))
    town = problem(
        draw(st.lists(st.floats(0, 1e4), min_size=zones, max_size=zones)),
        draw(st.lists(st.integers(-1, 2), min_size=zones, max_size=zones)),
        [
            (zone, site, metres)
            for zone in range(zones)
            for site in range(plots + 1)
            if states[zone] == RoadState.ON_ROAD
            for metres in draw(st.lists(st.sampled_from([0.0, 400.0, 500.0, 500.001, 900.0]), max_size=1))
        ],
        sites([STATION, *[PLOT] * plots]),
        density=np.array(
            draw(st.lists(st.sampled_from([0.0, 999.999, 1000.0, 3000.0, 3000.001]), min_size=zones, max_size=zones))
        ).reshape(zones, 1),
        states=states,
    )
    stations = [o for o, kind in enumerate(town.options.kind) if kind == "day_care" and town.options.site[o] > 0]
    chosen = draw(st.lists(st.sampled_from(stations), unique=True, max_size=len(stations) - 1))
    extra = draw(st.sampled_from([o for o in stations if o not in chosen]))
    clause = circle(**draw(st.sampled_from([{}, {"density_above": 3000}, {"density_from": 1000, "density_to": 3000}])))
    return Made(town, state_with_stations(town, chosen), state_with_stations(town, [*chosen, extra]), clause)


def state_with_stations(town: Problem, opened: list[int]) -> State:
    today = town.existing_state()
    is_open = today.open.copy()
    is_open[:, opened] = True
    return State(is_open, today.beds)


@given(towns())
@settings(deadline=None, max_examples=150)
def test_the_ledger_adds_up_and_more_facilities_never_cover_fewer(made: Made) -> None:
    less, more = (audit([made.rule], made.town, state) for state in (made.state, made.more))
    everybody = float(made.town.zones.persons.sum())
    for result in (less, more):
        (line,) = result.ledger
        assert line.demand == pytest.approx(
            line.covered + line.uncovered + line.other_component + line.no_road, abs=1e-6
        )
        assert line.demand + line.not_concerned + line.outside_districts == pytest.approx(everybody, abs=1e-6)
        assert line.raster_total == pytest.approx(everybody, abs=1e-6)
        assert line.covered <= line.reachable + 1e-6
        (finding,) = result.findings
        assert finding.persons == pytest.approx(line.demand, abs=1e-6)
        if line.demand > 0:
            assert finding.measured == pytest.approx(line.covered / line.demand, abs=1e-9)
        parts = result.ledger_by_district
        assert [part.district for part in parts] == list(made.town.districts.id)
        for name in ("covered", "uncovered", "other_component", "no_road", "demand", "not_concerned", "reachable"):
            assert sum(getattr(part, name) for part in parts) == pytest.approx(getattr(line, name), abs=1e-6), name
        for part in parts:
            assert part.raster_total == pytest.approx(part.demand + part.not_concerned, abs=1e-6)
    assert more.ledger[0].covered >= less.ledger[0].covered - 1e-9
    assert more.ledger[0].demand == pytest.approx(less.ledger[0].demand, abs=1e-6)  # added up in another order


def test_a_district_has_a_ledger_of_its_own() -> None:
    town = problem(
        [[300], [100], [7]],
        [0, 1, -1],
        [(0, 0, 100.0)],
        sites([STATION]),
    )
    result = audit([circle()], town, town.existing_state())
    one, two = result.ledger_by_district
    assert (one.district, one.covered, one.demand, one.reachable, one.raster_total) == ("D0", 300, 300, 300, 300)
    assert (two.district, two.uncovered, two.demand, two.reachable, two.outside_districts) == ("D1", 100, 100, 0, 0)
    assert result.ledger[0].outside_districts == 7


def test_a_district_nobody_can_reach_does_not_pass_for_one_that_is_served() -> None:
    """District 1 has 100 persons and no site in reach; the area's 0.8 of the 300 reachable is 0.6 of all 400."""
    town = problem([[300], [100]], [0, 1], [(0, 0, 100.0)], sites([(True, "day_care", (), "", 0, (0, 0, 0))]))
    wanted = rule("coverage", kinds=["day_care"], metres=500, share=0.8, of="reachable")
    result = audit([wanted], town, town.existing_state())
    assert [(f.measured, f.required, f.status) for f in result.by_district] == [
        (1.0, pytest.approx(0.6), "met"),
        (0.0, pytest.approx(0.6), "short"),
    ]
