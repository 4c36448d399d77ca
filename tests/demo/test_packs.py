"""Dongguan's, Hunan's and Yizhou's packs on the demo county: every clause measured, and planned or proven to clash."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from siting import load_config, run

if TYPE_CHECKING:
    from siting.model.plan import Study

DEMO = Path(__file__).parents[2] / "configs" / "studies" / "demo.yaml"
PACKS = ("dongguan-2020", "hunan-2024", "yizhou-2021")
ALONE = ["rules={}", "meanings={}", "solver.gap=0.05", "solver.time_limit_s=120"]


def planned(*packs: str, plan: bool = True, rules: str = "{}") -> Study:
    changes = [f"policies=[{', '.join(packs)}]", *ALONE, f"rules={rules}"]
    return run(load_config(DEMO, changes=changes), plan=plan)


@pytest.fixture(scope="module")
def audited() -> Study:
    return planned(*PACKS, plan=False)


def test_every_clause_of_the_three_packs_has_a_verdict(audited: Study) -> None:
    asked = {rule.clause.id for rule in audited.config.rules}
    assert len(asked) >= 10 + 8 + 10
    for year in audited.problem.phases:
        found = {finding.clause: finding for finding in audited.before.findings if finding.phase == year}
        assert set(found) == asked
        assert [clause for clause, finding in found.items() if finding.status == "no_data"] == []


def test_the_verdicts_are_of_several_sorts(audited: Study) -> None:
    """A county in which everything is met, or nothing, would show no clause at work."""
    status = {finding.status for finding in audited.before.findings}
    assert {"met", "short"} <= status


def test_a_plan_meets_every_clause_of_hunan() -> None:
    study = planned("hunan-2024")
    assert study.after is not None
    must = {rule.clause.id for rule in study.config.rules if rule.clause.enforced}
    assert not {finding.clause for finding in study.after.short()} & must


@pytest.mark.parametrize(("pack", "clause"), [("dongguan-2020", "DG-04"), ("yizhou-2021", "YZ-03")])
def test_what_clashes_is_what_the_data_make_impossible(audited: Study, pack: str, clause: str) -> None:
    """A quarter of an hour for everybody: some homes lie beyond the reach of every candidate, as the ledger counts."""
    study = planned(pack)
    assert study.plan is not None
    assert study.plan.certificate.status == "infeasible"
    assert {conflict.clause for conflict in study.plan.conflicts} == {clause}
    (line,) = (one for one in audited.before.ledger if one.clause == clause and one.phase == 2025)
    (conflict,) = (one for one in study.plan.conflicts if one.phase == 2025)
    assert line.reachable < line.demand
    assert conflict.best == pytest.approx(line.reachable / line.demand)
