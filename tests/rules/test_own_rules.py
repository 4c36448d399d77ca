"""The examples of docs/own-rules.md are run as they stand there, and the packs of configs/examples plan the demo."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from ruamel.yaml import YAML
from small_studies import STUDY
from towns import problem, sites

from siting import load_config, run
from siting.config import schemas
from siting.errors import ConfigError
from siting.model.text import Text
from siting.optimise import GoalOptions, SolverOptions, solve
from siting.rules import KINDS, audit

if TYPE_CHECKING:
    from siting.config import Config
    from siting.model.problem import Problem
    from siting.rules import Rule

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "own-rules.md").read_text(encoding="utf-8")
BLOCKS = [
    (found[1], found[2])
    for found in re.finditer(r"^```(yaml|yml|python|text)\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
]
(PACK,) = (text for form, text in BLOCKS if form == "yaml")
(CASES,) = (text for form, text in BLOCKS if form == "yml")
(CODE,) = (text for form, text in BLOCKS if form == "python")
(ENTRY,) = (text for form, text in BLOCKS if form == "text")


def own_kind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> type[Rule]:
    """Write the document's file, import it, and return what its entry names."""
    path = folder / "at_most.py"
    path.write_text(CODE, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("own_at_most", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "own_at_most", module)
    spec.loader.exec_module(module)
    name, made = ENTRY.strip().rstrip(",").split(": ")
    assert name == '"at_most"'
    found: type[Rule] = getattr(module, made)
    return found


def study(folder: Path) -> Path:
    (folder / "our-county.yaml").write_text(PACK, encoding="utf-8")
    path = folder / "study.yaml"
    text = STUDY.replace("[pack.yaml]", "[haining-2021, our-county.yaml]").replace("catalogue: catalogue.yaml\n", "")
    path.write_text(
        text.replace("kinds: [home], tenure: idle", "kinds: [institution], tenure: leased"), encoding="utf-8"
    )
    return path


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setitem(KINDS, "at_most", own_kind(tmp_path, monkeypatch))  # type: ignore[misc]
    return load_config(study(tmp_path))


def town(case: dict[str, Any], config: Config, plots: int = 0) -> Problem:
    facilities = case["facilities"]
    rows = [
        (True, one["kind"], (), "", -1 if one.get("district") == "none" else 0, (0, 0, 0))
        for one in facilities.values()
    ]
    rows += [(False, "", ("institution",), "leased", 0, (0, 0, 0))] * plots
    return problem(np.array([100]), [0], [], sites(rows), offered=config.catalogue)


def test_a_clause_of_a_kind_that_exists_is_yaml_only(config: Config) -> None:
    rules = {rule.clause.id: rule for rule in config.rules}
    assert rules["OC-01"].clause.kind == "coverage"
    assert rules["OC-01"].clause.citation.number == "县政办〔2025〕1号"
    assert "HN-03" in rules


def test_without_the_file_the_new_kind_is_told_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no kind of rule 'at_most'"):
        load_config(study(tmp_path))


def test_the_new_kind_finds_what_its_cases_say(config: Config) -> None:
    (rule,) = (rule for rule in config.rules if rule.clause.id == "OC-02")
    cases = YAML(typ="safe", pure=True).load(CASES)
    assert {case["case"] for case in cases} == {"met", "short", "edge"}
    for case in cases:
        made = town(case, config)
        (found,) = audit([rule], made, made.existing_state()).findings
        assert {"measured": found.measured, "status": found.status} == case["finds"], case["tells"]
        assert rule.sentence(found, Text("此地", "Here")).zh == f"此地:有{found.measured:.0f}处(不超过3处)。"


def test_the_new_kind_binds_a_plan_and_tolerates_what_stands(config: Config) -> None:
    """Ten homes in a town are asked for by another clause, three are allowed: no plan; a breach of today stays."""
    (rule,) = (rule for rule in config.rules if rule.clause.id == "OC-02")
    made = town({"facilities": {"a": {"kind": "institution"}}}, config, plots=4)
    (many,) = (one for one in config.rules if one.clause.id == "HN-04")  # two in each planning unit
    plan = solve(made, [rule, many], GoalOptions(), SolverOptions(gap=0.0))
    assert plan.state is not None
    assert plan.state.open[-1].sum() == 2
    crowded = town({"facilities": {name: {"kind": "institution"} for name in "abcd"}}, config, plots=1)
    kept = solve(crowded, [rule], GoalOptions(), SolverOptions(gap=0.0))
    assert kept.state is not None
    (found,) = audit([rule], crowded, kept.state, crowded.existing_state()).findings
    assert found.status == "grandfathered"


@pytest.mark.parametrize("name", ["neighbour-study", "health-study"])
def test_the_examples_plan_the_demo(name: str) -> None:
    """A tighter standard, and another sort of facility, whose catalogue has no eldercare in it."""
    config = load_config(ROOT / "configs" / "examples" / f"{name}.yaml")
    study = run(config)
    assert study.plan is not None
    assert study.after is not None
    must = {rule.clause.id for rule in config.rules if rule.clause.enforced}
    assert not {finding.clause for finding in study.after.short()} & must
    assert study.plan.certificate.objective > 0
    assert not any(note.status == "no_data" for note in study.after.findings), [
        note.clause for note in study.after.findings if note.status == "no_data"
    ]


def test_the_catalogue_of_health_has_no_eldercare() -> None:
    config = load_config(ROOT / "configs" / "examples" / "health-study.yaml")
    assert set(config.catalogue.kinds) == {"hospital", "health_centre", "health_station"}
    assert {kind for rule in config.rules for kind in rule.kinds()} <= set(config.catalogue.kinds)


def test_the_document_names_what_there_is() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", DOCUMENT):
        assert (ROOT / "docs" / target).resolve().exists(), target
    assert set(schemas()) >= {"policy"}
