"""Changes to a study: scenarios, ``--set``, and overrides of clauses that the report prints."""

from __future__ import annotations

import copy
import datetime as dt
from typing import TYPE_CHECKING

import pytest
from small_studies import FILES, write

from siting.config import Override, load_config
from siting.config.load import _changed, _patched
from siting.errors import ConfigError
from siting.sources import read_yaml, shipped

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path)


def told(path: Path, **arguments: object) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(path, **arguments)
    return str(caught.value)


def with_rules(folder: Path, rules: str) -> Path:
    return write(folder, study=FILES["study.yaml"].replace("study: small", f"study: small\nrules: {rules}"))


def test_a_scenario_patches_nested_keys(path: Path) -> None:
    plain, slow = load_config(path), load_config(path, scenario="slow")
    assert (plain.options.walk.speed_m_per_s, slow.options.walk.speed_m_per_s) == (0.9, 0.7)
    assert slow.options.walk.max_connector_m == plain.options.walk.max_connector_m
    assert [rule.parameters.share for rule in slow.rules if rule.clause.id == "T-01"] == [0.5]
    assert slow.overrides == (Override("T-01", "share", 0.9, 0.5),)


def test_single_changes_come_after_the_scenario(path: Path) -> None:
    config = load_config(
        path, scenario="slow", changes=["walk.speed_m_per_s=0.5", "phases=[2023, 2025]", "goal.minimise = cost"]
    )
    assert config.options.walk.speed_m_per_s == 0.5
    assert config.options.phases == (2023, 2025)
    assert config.overrides == (Override("T-01", "share", 0.9, 0.5),)


def test_values_of_changes_are_written_as_in_yaml(path: Path) -> None:
    config = load_config(path, changes=["title={zh: 甲=乙, en: a=b}", "language=en", "water=null"])
    assert config.options.title.zh == "甲=乙"
    assert config.options.language == "en"
    assert config.options.water is None


def test_items_of_lists_are_changed_by_number(path: Path) -> None:
    config = load_config(path, changes=["candidates.0.spacing_m=250", "phases.0=2024"])
    assert config.options.candidates[0].spacing_m == 250
    assert config.options.candidates[0].kinds == ("home",)
    assert config.options.phases == (2024,)


def test_a_list_has_only_the_items_it_has(path: Path) -> None:
    for key in ("candidates.1.spacing_m", "candidates.all.spacing_m"):
        message = told(path, changes=[f"{key}=250"])
        assert message == (
            f"change of {key}: the list has no item {key.split('.')[1]!r} → "
            "name one of its 1 items by number, from 0, or give the whole list"
        )


def test_patches_do_not_touch_the_document(path: Path) -> None:
    document = read_yaml(path)
    before, lines = copy.deepcopy(document.data), dict(document.lines)
    patched = _patched(document, "slow", ["candidates.0.spacing_m=1", "solver.gap=0.5"])
    assert document.data == before
    assert document.lines == lines
    assert patched.data["solver"] == {"gap": 0.5}
    assert patched.data["candidates"][0]["spacing_m"] == 1


def test_what_a_patch_does_not_name_is_left_alone() -> None:
    data = {"a": {"b": {"c": 1, "d": 2}, "e": 3}, "f": [{"g": 4}, 5]}
    assert _changed(data, "a.b.c", 9) == {"a": {"b": {"c": 9, "d": 2}, "e": 3}, "f": [{"g": 4}, 5]}
    assert _changed(data, "a.new.key", 9)["a"] == {"b": {"c": 1, "d": 2}, "e": 3, "new": {"key": 9}}
    assert _changed(data, "f.0.g", 9)["f"] == [{"g": 9}, 5]
    assert data == {"a": {"b": {"c": 1, "d": 2}, "e": 3}, "f": [{"g": 4}, 5]}


def test_a_mistake_of_a_scenario_has_the_scenarios_line(tmp_path: Path) -> None:
    path = write(tmp_path, study=FILES["study.yaml"].replace("0.7", "-0.7"))
    assert told(path, scenario="slow").startswith(f"{path}:12 walk.speed_m_per_s: ")


def test_an_unknown_scenario_is_told(path: Path) -> None:
    assert told(path, scenario="slwo") == (
        f"{path}:11 scenarios: there is no scenario 'slwo' → did you mean 'slow'? (known: base, slow)"
    )


@pytest.mark.parametrize(
    ("scenarios", "where", "what"),
    [
        ("scenarios: {slow: 5}", "scenarios.slow", "the scenario is no table of changes"),
        ("scenarios: [slow]", "scenarios", "there is no scenario 'slow'"),
        ("scenarios:", "scenarios", "there is no scenario 'slow'"),
        ("", "scenarios", "there is no scenario 'slow'"),
    ],
)
def test_scenarios_that_are_none_are_told(tmp_path: Path, scenarios: str, where: str, what: str) -> None:
    path = write(tmp_path, study=FILES["study.yaml"].split("scenarios:")[0] + scenarios)
    message = told(path, scenario="slow")
    assert f" {where}: {what}" in message


@pytest.mark.parametrize("change", ["walk.speed_m_per_s", "=0.7", " = 1", "phases=[2023", "a=b: c: d"])
def test_changes_that_are_none_are_told(path: Path, change: str) -> None:
    message = told(path, changes=[change, "walk.speed_m_per_s=0.8"])
    assert (
        message == f"--set {change}: is no change of a key → write --set key=value, e.g. --set walk.speed_m_per_s=0.7"
    )


def test_a_bad_value_of_a_change_is_told(path: Path) -> None:
    message = told(path, changes=["walk.speed_m_per_s=-1"])
    assert "walk.speed_m_per_s: Input should be greater than 0, not -1" in message


def test_an_unknown_key_of_a_change_is_told(path: Path) -> None:
    assert "unknown key 'speeed' → use one of: bridge_s, crossing_classes" in told(path, changes=["walk.speeed=1"])


def test_overrides_say_what_the_pack_says_and_what_the_study_says(tmp_path: Path) -> None:
    path = with_rules(
        tmp_path, "{T-01: {share: 0.8, of: reachable, force: should, deadline: 2024-12-31}, T-02: {beds: 300}}"
    )
    config = load_config(path)
    assert config.overrides == (
        Override("T-01", "share", 0.9, 0.8),
        Override("T-01", "of", None, "reachable"),
        Override("T-01", "force", "must", "should"),
        Override("T-01", "deadline", None, dt.date(2024, 12, 31)),
    )
    clause = config.rules[0].clause
    assert (clause.force, clause.deadline_year) == ("should", 2024)
    assert config.rules[0].parameters.minutes == 15


def test_a_clause_may_be_left_out(tmp_path: Path) -> None:
    config = load_config(with_rules(tmp_path, "{T-01: {use: false}}"))
    assert [rule.clause.id for rule in config.rules] == ["T-02"]
    assert config.overrides == (Override("T-01", "use", True, False),)  # noqa: FBT003


def test_minutes_may_give_way_to_metres(tmp_path: Path) -> None:
    config = load_config(with_rules(tmp_path, "{T-01: {minutes: null, metres: 500}}"))
    assert config.rules[0].reach(0.9).metres == 500


def test_clauses_carry_their_citation(path: Path) -> None:
    clause = load_config(path).rules[1].clause
    assert (clause.title.zh, clause.citation.section, clause.citation.number) == ("二", "2", "made 1")
    assert clause.citation.issued == dt.date(2022, 2, 21)
    assert clause.citation.document.en == "plan"


def test_shipped_studies_are_sound() -> None:
    for study in sorted(shipped("configs/studies").glob("*.yaml")):
        assert load_config(study).rules


PREMISES = """
premises:
  handover: {clause: T-09, section: "1", paraphrase: {zh: 一, en: one}, share_of_floor: 0.002, least_m2: 100}
"""


def test_what_a_pack_says_of_premises_goes_with_the_catalogue(tmp_path: Path) -> None:
    made = load_config(write(tmp_path, pack=FILES["pack.yaml"] + PREMISES)).catalogue.premises
    assert (made.handover.clause, made.handover.share_of_floor, made.handover.least_m2) == ("T-09", 0.002, 100.0)
    assert made.by_built is None


def test_two_packs_that_say_it_differently_are_a_problem(tmp_path: Path) -> None:
    other = (FILES["pack.yaml"] + PREMISES).replace("T-0", "U-0").replace("0.002", "0.003").replace("made", "other")
    (tmp_path / "other.yaml").write_text(other, encoding="utf-8")
    study = FILES["study.yaml"].replace("[pack.yaml]", "[pack.yaml, other.yaml]")
    assert "U-09 says of premises what T-09 of another pack says too" in told(
        write(tmp_path, study=study, pack=FILES["pack.yaml"] + PREMISES)
    )
