"""The cases of ``cases/<kind>.yaml``: small towns as facts, and what each shipped clause must find in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from ruamel.yaml import YAML
from small_studies import shipped_config
from towns import problem, sites

from siting.model.access import RoadState
from siting.model.sites import BED_CLASSES
from siting.model.text import Text
from siting.rules import KINDS, audit

if TYPE_CHECKING:
    from siting.model.findings import Finding
    from siting.model.problem import Problem

FOLDER = Path(__file__).parent / "cases"
ROADS = {"here": RoadState.ON_ROAD, "none": RoadState.NO_ROAD, "island": RoadState.OTHER_COMPONENT}
DISTRICTS = {"A": 0, "B": 1, "none": -1}
RULES = {rule.clause.id: rule for rule in shipped_config().rules}
CASES: dict[str, list[dict[str, Any]]] = {
    path.stem: YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    for path in sorted(FOLDER.glob("*.yaml"))
}
EVERY = [(kind, case) for kind, found in CASES.items() for case in found]


def town(case: dict[str, Any]) -> Problem:
    """Build the town that a case describes."""
    homes, facilities = case["homes"], case["facilities"]
    names = list(facilities)
    return problem(
        np.array([home["persons"] for home in homes]),
        [DISTRICTS[home.get("district", "A")] for home in homes],
        [
            (number, names.index(to), metres)
            for number, home in enumerate(homes)
            for to, metres in home.get("to", {}).items()
        ],
        sites(
            [
                (
                    True,
                    facility["kind"],
                    (),
                    "",
                    DISTRICTS[facility.get("district", "A")],
                    tuple(facility.get("beds", {}).get(name, 0) for name in BED_CLASSES),
                )
                for facility in facilities.values()
            ],
            operator=[facility.get("operator", "public") for facility in facilities.values()],
        ),
        density=np.array([[float(home.get("density", 0))] for home in homes]),
        phases=(case.get("year", 2025),),
        states=[ROADS[home.get("road", "here")] for home in homes],
        offered=shipped_config().catalogue,
        speed=shipped_config().options.walk.speed_m_per_s,
    )


def facts(finding: Finding) -> dict[str, Any]:
    """Say a finding in the words of a case."""
    places = {"D0": {"in": "A"}, "D1": {"in": "B"}, "": {}}
    return {
        **places[finding.subject.id],
        **({"part": finding.subject.part} if finding.subject.part else {}),
        "measured": "none" if np.isnan(finding.measured) else round(finding.measured, 9),
        "required": finding.required,
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
    found = audit([rule], made, made.existing_state()).findings
    told = case["finds"] if isinstance(case["finds"], list) else [case["finds"]]
    assert [facts(finding) for finding in found] == told, case["tells"]
    for finding in found:
        sentence = rule.sentence(finding, Text("此地", "This place"))
        assert sentence.zh.startswith("此地:")
        assert sentence.en.startswith("This place: ")
        assert "nan" not in sentence.zh + sentence.en
        assert ("不适用" in sentence.zh) == (finding.status == "not_applicable")


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
    assert set(CASES) == set(KINDS)


def test_no_case_is_of_a_clause_that_does_not_exist() -> None:
    assert {case["clause"] for _, case in EVERY} <= set(RULES)
