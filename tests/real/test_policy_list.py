"""The shipped packs against the list of the five plans' clauses: none missing, none invented, numbers equal."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from siting.config.files import ClauseFile, PolicyFile
from siting.rules import KINDS
from siting.sources import read_yaml, shipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.real_data

PACKS = ("puyang-demo-zone-2023", "dongguan-2020", "haining-2021", "hunan-2024", "yizhou-2021")
ROLES = {"opt", "audit", "input", "out"}
NOT_A_PARAMETER = {
    ("HN-01", 12.0): "the towns and streets that the study's districts are",
    ("HN-15", 1.0): "one person for each: the kind says so",
    ("YZ-02", 1.0): "one more makes five: steps are cumulative",
}
"""Numbers of the list that stand in no parameter, and why."""
DATED_BY_THE_TEXT = set(
    "PY-04b DG-06 DG-09 HN-08 HN-12 HN-15 HN-16 HN-16b HN-20 HN-21 HN-24 YZ-03 YZ-05 YZ-05b YZ-06 "  # noqa: SIM905
    "YZ-08 YZ-08b YZ-10b YZ-10c".split()
)
"""Rules that have a deadline which the list leaves out and the plan's text, or its term, has."""


@dataclass(frozen=True)
class Listed:
    """One row of the list."""

    id: str
    section: str
    roles: set[str]
    numbers: set[float]
    dates: set[dt.date] = field(default_factory=set)


def listed(shared: Path) -> dict[str, dict[str, Listed]]:
    """Read the list: by plan and clause."""
    text = (shared.parent / "policy" / "clauses.md").read_text(encoding="utf-8")
    plans: dict[str, dict[str, Listed]] = {}
    for chapter in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        name = chapter.split(":")[0].strip()
        rows = re.findall(r"^\| ([A-Z]{2}-\d\d) \| (.*?) \| .*? \| (.*?) \| (.*?) \|$", chapter, flags=re.MULTILINE)
        if rows:
            plans[name] = {row[0]: _listed(*row) for row in rows}
    return plans


def _listed(identity: str, section: str, kind: str, numbers: str) -> Listed:
    days = re.findall(r"\d{4}-\d\d-\d\d", numbers)
    rest = re.sub(r"\d{4}-\d\d-\d\d", "", numbers).replace(",", "")
    scale = {"%": 100.0, "‰": 1000.0, "": 1.0}
    found = {float(number) / scale[sign] for number, sign in re.findall(r"(\d+(?:\.\d+)?)\s*([%‰]?)", rest)}
    words = set(re.findall(r"[a-z]+", re.split("[(:]", kind, maxsplit=1)[0]))
    return Listed(identity, section, words & ROLES, found, {dt.date.fromisoformat(day) for day in days})


@pytest.fixture(scope="module")
def plans(shared: Path) -> dict[str, dict[str, Listed]]:
    return listed(shared)


def pack(name: str) -> PolicyFile:
    return PolicyFile.model_validate(read_yaml(shipped("configs/policies") / f"{name}.yaml").data)


def base(identity: str) -> str:
    """Return the clause that a rule is (a part of): HN-16b is of HN-16."""
    return identity.rstrip("bcdefg")


def rules_of(found: PolicyFile, clause: str) -> list[ClauseFile]:
    return [rule for rule in found.clauses if base(rule.id) == clause]


def premises_of(found: PolicyFile, clause: str) -> list[Any]:
    said = (found.premises.handover, found.premises.by_built)
    return [item for item in said if item is not None and item.clause == clause]


def values(told: object) -> Iterator[float]:
    """Yield every number that parameters hold: also years by which, and numbers of nested selections."""
    if isinstance(told, dict):
        for key, value in told.items():
            yield from values(key)
            yield from values(value)
    elif isinstance(told, list | tuple):
        for value in told:
            yield from values(value)
    elif isinstance(told, int | float) and not isinstance(told, bool):
        yield float(told)


def test_the_list_has_sixty_five_clauses_and_three_outside(plans: dict[str, dict[str, Listed]]) -> None:
    assert set(plans) == set(PACKS)
    rows = [row for plan in plans.values() for row in plan.values()]
    assert sum("out" in row.roles for row in rows) == 3
    assert sum("out" not in row.roles for row in rows) == 65


@pytest.mark.parametrize("name", PACKS)
def test_no_clause_is_missing_and_none_is_invented(name: str, plans: dict[str, dict[str, Listed]]) -> None:
    found, rows = pack(name), plans[name]
    inside = {row.id for row in rows.values() if "out" not in row.roles}
    assert {base(rule.id) for rule in found.clauses} == inside
    assert {item.id for item in found.out} == set(rows) - inside
    for item in found.out:
        assert item.reason.zh
        assert item.reason.en


@pytest.mark.parametrize("name", PACKS)
def test_sections_and_roles_are_those_of_the_list(name: str, plans: dict[str, dict[str, Listed]]) -> None:
    found = pack(name)
    for row in plans[name].values():
        rules = rules_of(found, row.id)
        for item in [item for item in found.out if item.id == row.id]:
            assert item.section == row.section, row.id
        if not rules:
            continue
        assert same(rules[0].section) == same(row.section), row.id
        roles = {rule.role for rule in rules} | ({"input"} if premises_of(found, row.id) else set())
        assert rules[0].role in row.roles, row.id
        assert row.roles <= roles, row.id
        assert all(rule.kind in KINDS for rule in rules), row.id


def same(section: str) -> str:
    """Return a section without what is written in two ways: box 4 is 专栏4."""
    return section.replace("box ", "专栏")


@pytest.mark.parametrize("name", PACKS)
def test_numbers_and_deadlines_are_those_of_the_list(name: str, plans: dict[str, dict[str, Listed]]) -> None:
    found = pack(name)
    for row in plans[name].values():
        rules, facts = rules_of(found, row.id), premises_of(found, row.id)
        if not rules:
            continue
        have = {value for rule in rules for value in values(rule.parameters)}
        have |= {value for item in facts for value in values(item.model_dump())}
        missing = {number for number in row.numbers if not any(abs(number - one) < 1e-12 for one in have)}
        assert {number for number in missing if (row.id, number) not in NOT_A_PARAMETER} == set(), row.id
        told = {rule.deadline for rule in rules if rule.deadline}
        told |= {item.day for item in facts if hasattr(item, "day")}
        steps = {year for year in have if year.is_integer()}
        assert all(day in told or day.year in steps for day in row.dates), row.id
        undated = {rule.id for rule in rules if rule.deadline and rule.deadline not in row.dates}
        assert {rule for rule in undated if not _stepped(rules, rule)} <= DATED_BY_THE_TEXT, row.id


def _stepped(rules: list[ClauseFile], identity: str) -> bool:
    """Say whether a rule's deadline is its first step of years, so that the steps say it already."""
    (rule,) = [rule for rule in rules if rule.id == identity]
    assert rule.deadline is not None
    return float(rule.deadline.year) in set(values(rule.parameters))
