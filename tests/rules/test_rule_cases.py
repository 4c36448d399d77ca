"""The cases of ``cases/<kind>.yaml``: small towns as facts, and what each shipped clause must find in them."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from lp_text import to_text
from ruamel.yaml import YAML
from small_studies import shipped_config
from towns import SAME, problem, sites

from siting.model.access import RoadState
from siting.model.attributes import Period
from siting.model.groups import Group
from siting.model.problem import State
from siting.model.sites import BED_CLASSES, Action
from siting.model.text import Text
from siting.optimise import GoalOptions, SolverOptions, solve
from siting.optimise.build import build
from siting.optimise.layout import Asked
from siting.optimise.question import grandfathered
from siting.rules import KINDS, audit

if TYPE_CHECKING:
    from siting.model.attributes import Value
    from siting.model.catalogue import Catalogue
    from siting.model.findings import Finding
    from siting.model.problem import Problem
    from siting.model.sites import Sites

FOLDER = Path(__file__).parent / "cases"
PROGRAMS = Path(__file__).parents[1] / "optimise" / "golden" / "clauses"
ROADS = {"here": RoadState.ON_ROAD, "none": RoadState.NO_ROAD, "island": RoadState.OTHER_COMPONENT}
DISTRICTS = {"A": 0, "B": 1, "C": 2, "none": -1}
RULES = {rule.clause.id: rule for rule in shipped_config().rules}
CASES: dict[str, list[dict[str, Any]]] = {
    path.stem: YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    for path in sorted(FOLDER.glob("*.yaml"))
}
EVERY = [(kind, case) for kind, found in CASES.items() for case in found]


def town(case: dict[str, Any]) -> Problem:
    """Build the town that a case describes."""
    homes, seats = case.get("homes", [{"persons": 0}]), case.get("communities", {})
    table = places(case)
    index = {name: number for number, name in enumerate(table.id)}
    points = [*homes, *seats.values()]

    def ways(key: str) -> list[tuple[int, int, float]]:
        return [(at, index[to], far) for at, point in enumerate(points) for to, far in point.get(key, {}).items()]

    made = problem(
        np.array([home["persons"] for home in homes]),
        [DISTRICTS[home.get("district", "A")] for home in homes],
        ways("to"),
        table,
        density=np.array([[float(home.get("density", 0))] for home in homes]).reshape(len(homes), 1),
        phases=(case.get("year", 2025),),
        states=[ROADS[home.get("road", "here")] for home in homes],
        offered=catalogue(case.get("floors", {})),
        speed=shipped_config().options.walk.speed_m_per_s,
        drive_minutes=ways("drive"),
        between={
            mode: [(index[a], index[b], far) for a, to in pairs.items() for b, far in to.items()]
            for mode, pairs in case.get("between", {}).items()
        },
        communities=[DISTRICTS[seat.get("district", "A")] for seat in seats.values()],
        friendly=[at for at, seat in enumerate(seats.values()) if seat.get("friendly")],
        circles=case.get("circles", ()),
        urban=case.get("urban", ()),
        facts=case.get("facts", {}),
    )
    groups = tuple(
        Group(name, SAME, 60, np.full((len(made.districts) + 1, 1), share), 2.0, SAME)
        for name, share in case.get("groups", {}).items()
    )
    return replace(made, zones=replace(made.zones, groups=groups))


def built(case: dict[str, Any], made: Problem) -> State:
    """Return the facilities of today, and what the case says is built, with the least beds of its size."""
    state, options = made.existing_state(), made.options
    opened, beds = np.array(state.open), np.array(state.beds)
    for name, what in case.get("builds", {}).items():
        kind, *size = what.split()
        at = made.sites.id.index(name)
        option = next(
            o
            for o in np.flatnonzero(options.site == at)
            if options.kind[o] == kind and options.module[o] in (size or [options.module[o]])
        )
        opened[:, option] = True
        beds[:, option, 0] = options.total_min[option]
    return State(opened, beds)


def catalogue(floors: dict[str, float]) -> Catalogue:
    """Return the shipped catalogue, with other floor areas of some sizes of day-care stations."""
    known = shipped_config().catalogue
    station = known.kinds["day_care"]
    modules = tuple(
        replace(module, floor_area_m2=floors.get(module.id, module.floor_area_m2)) for module in station.modules
    )
    return replace(known, kinds={**known.kinds, "day_care": replace(station, modules=modules)})


def places(case: dict[str, Any]) -> Sites:
    """Return facilities, and after them candidates; keys that are no column of sites are facts."""
    standing, plots = case.get("facilities", {}), case.get("candidates", {})
    rows = [*((True, one) for one in standing.values()), *((False, one) for one in plots.values())]
    told = [one for _, one in rows]
    made = sites(
        [
            (
                exists,
                one["kind"] if exists else "",
                () if exists else tuple(one["kinds"]),
                one.get("tenure", "" if exists else "idle_state_owned"),
                DISTRICTS[one.get("district", "A")],
                tuple(one.get("beds", {}).get(name, 0) if exists else 0 for name in BED_CLASSES),
            )
            for exists, one in rows
        ],
        operator=[one.get("operator", "public") for one in told],
        floor_area_m2=[float(one.get("floor", np.nan)) for one in told],
    )
    known = {"kind", "kinds", "district", "beds", "operator", "floor", "tenure", "context", "tags", "opens"}
    return replace(
        made,
        id=(*standing, *plots),
        name=(*standing, *plots),
        context=tuple(one.get("context", "") for one in told),
        tags=tuple(tuple(one.get("tags", ())) for one in told),
        opens=np.array([one.get("opens", 0) for one in told]),
        beds_planned=np.array([one.get("beds", 0) if not exists else 0 for exists, one in rows]),
        attributes={
            name: tuple(_fact(one.get(name)) for one in told) for name in {key for one in told for key in one} - known
        },
    )


def _fact(told: Any) -> Value:  # noqa: ANN401 - whatever YAML has
    """Return a fact as tables give it: whole numbers are numbers, a day is a period, lists do not change."""
    if isinstance(told, dt.date):
        return Period(told, told)
    if isinstance(told, list):
        return tuple(told)
    return float(told) if isinstance(told, int) and not isinstance(told, bool) else told


def facts(finding: Finding) -> dict[str, Any]:
    """Say a finding in the words of a case."""
    names = {"D0": "A", "D1": "B", "D2": "C"}
    name = names.get(finding.subject.id, finding.subject.id)
    return {
        **({"in": name} if name else {}),
        **({"part": finding.subject.part} if finding.subject.part else {}),
        "measured": "none" if np.isnan(finding.measured) else round(finding.measured, 9),
        "required": "none" if np.isnan(finding.required) else finding.required,
        "status": finding.status,
        "persons": finding.persons,
        "short": round(finding.persons_short, 6),
    }


@pytest.mark.parametrize(
    ("kind", "case"), EVERY, ids=[f"{c['clause']}-{c['case']}-{n}".replace(" ", "_") for n, (_, c) in enumerate(EVERY)]
)
def test_a_clause_finds_what_the_case_says(kind: str, case: dict[str, Any]) -> None:
    rule = RULES[case["clause"]]
    assert rule.clause.kind == kind
    made = town(case)
    found = audit([rule], made, built(case, made)).findings
    told = case["finds"] if isinstance(case["finds"], list) else [case["finds"]]
    assert [facts(finding) for finding in found] == told, case["tells"]
    for finding in found:
        if finding.status == "no_data":
            assert finding.note is not None
            continue
        sentence = rule.sentence(finding, Text("此地", "This place"))
        assert sentence.zh.startswith("此地:")
        assert sentence.en.startswith("This place: ")
        assert "nan" not in sentence.zh + sentence.en
        assert ("不适用" in sentence.zh) == (finding.status == "not_applicable")


PLANNED = [(kind, case) for kind, case in EVERY if "plan" in case]


@pytest.mark.parametrize(
    ("kind", "case"), PLANNED, ids=[f"{case['clause']}-{n}" for n, (_, case) in enumerate(PLANNED)]
)
def test_a_plan_does_what_the_case_says_and_nothing_without_the_clause(kind: str, case: dict[str, Any]) -> None:  # noqa: ARG001
    """The least-cost plan under the clause meets it; left out of the model it would be short: it is not idle there."""
    rule, made = RULES[case["clause"]], town(case)
    beside = [RULES[other] for other in case.get("beside", ())]
    plan = solve(made, [rule, *beside], GoalOptions(), SolverOptions(gap=0.0))
    assert plan.state is not None, plan.conflicts
    today = made.existing_state()
    assert not audit([rule], made, plan.state, today).short()
    assert changes(made, plan.state) == case["plan"], case["tells"]
    idle = solve(made, beside, GoalOptions(), SolverOptions(gap=0.0))
    assert changes(made, idle.state) != case["plan"]
    assert audit([rule], made, idle.state, today).short()


CLASHING = [(kind, case) for kind, case in EVERY if "clash" in case]


@pytest.mark.parametrize(
    ("kind", "case"), CLASHING, ids=[f"{case['clause']}-{n}" for n, (_, case) in enumerate(CLASHING)]
)
def test_a_clause_that_no_plan_can_meet_beside_others_is_named(kind: str, case: dict[str, Any]) -> None:  # noqa: ARG001
    """Without the clause there is a plan: it is the clause that makes it impossible."""
    rule, made = RULES[case["clause"]], town(case)
    beside = [RULES[other] for other in case["beside"]]
    plan = solve(made, [rule, *beside], GoalOptions(), SolverOptions(gap=0.0))
    assert plan.certificate.status == "infeasible"
    named = {conflict.clause: conflict for conflict in plan.conflicts}
    told = named[case["clause"]]
    assert {"required": told.required, "best": told.best} == case["clash"], case["tells"]
    assert solve(made, beside, GoalOptions(), SolverOptions(gap=0.0)).state is not None


OPTIMISED = {name for name, rule in RULES.items() if rule.clause.role == "opt"}
SHORT = [(kind, case) for kind, case in EVERY if case["case"] == "short" and case["clause"] in OPTIMISED]
POSED = {case["clause"]: case for _, case in (*SHORT, *CLASHING, *PLANNED)}


@pytest.mark.parametrize("clause", sorted(POSED))
def test_the_program_of_a_clause_is_the_reviewed_one(clause: str) -> None:
    """Row by row, for the town of its plan or one short of it; ``SITING_GOLDEN=write`` writes it: read the diff."""
    rule, made = RULES[clause], town(POSED[clause])
    asked = grandfathered(Asked(clause, 0, rule.rows(made, 0).only_due()), made)
    text, path = to_text(build(made, [asked], [0])[0]), PROGRAMS / f"{clause}.lp"
    assert f"  clause_{clause.replace('-', '_')}_0_" in text
    if os.environ.get("SITING_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_clause_that_is_optimised_has_its_program_and_no_other_one_is_kept() -> None:
    assert {path.stem for path in PROGRAMS.glob("*.lp")} == OPTIMISED == set(POSED)


def changes(made: Problem, state: State) -> dict[str, str]:
    """Say what a plan does, site by site: the action, and what is there afterwards."""
    options, beds = made.options, state.beds[-1]
    done = {}
    for option in np.flatnonzero(state.open[-1]):
        action = options.action[option]
        if action is not Action.KEEP:
            what = " ".join(part for part in (action.value, options.kind[option], options.module[option]) if part)
            classes = "+".join(str(count) for count in beds[option])
            done[made.sites.id[options.site[option]]] = f"{what} {classes}" if beds[option].any() else what
    return done | {f"hire {role}": str(count[-1]) for role, count in state.hired.items() if count[-1]}


def test_every_enforced_clause_has_a_plan() -> None:
    enforced = {name for name, rule in RULES.items() if rule.clause.enforced}
    assert enforced - {case["clause"] for _, case in (*PLANNED, *CLASHING)} == set()


@pytest.mark.parametrize("clause", sorted(RULES))
def test_every_shipped_clause_has_its_cases_and_its_citation(clause: str) -> None:
    rule = RULES[clause]
    have = {case["case"] for case in CASES[rule.clause.kind] if case["clause"] == clause}
    assert {"met", "short", "edge"} <= have
    cited = rule.clause.citation
    assert cited.number
    assert cited.section
    for text in (rule.clause.title, cited.document, cited.paraphrase):
        assert text.zh
        assert text.en


def test_every_kind_of_rule_has_a_file_of_cases() -> None:
    assert set(CASES) == {rule.clause.kind for rule in RULES.values()} == set(KINDS)


def test_no_case_is_of_a_clause_that_does_not_exist() -> None:
    assert {case["clause"] for _, case in EVERY} <= set(RULES)
