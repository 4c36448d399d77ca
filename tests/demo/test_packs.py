"""Each of the five packs on the demo county: every clause measured, and planned or proven to clash."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from siting import load_config, run

if TYPE_CHECKING:
    from siting.model.plan import Study

DEMO = Path(__file__).parents[2] / "configs" / "studies" / "demo.yaml"
PACKS = ("puyang-demo-zone-2023", "dongguan-2020", "haining-2021", "hunan-2024", "yizhou-2021")
CLAUSES = 12 + 10 + 25 + 8 + 10
"""Of the list; those measured in two ways are two rules."""
QUICK = ["meanings={}", "solver.gap=0.05", "solver.time_limit_s=120"]
STAND_INS = "PY-02: {names: [棠塘街道综合养老服务中心]}, PY-03: {names: [杏洲街道居家养老服务中心]}"
NEAR = "{share: 0.9, of: reachable}"


def planned(*packs: str, plan: bool = True, rules: str = "") -> Study:
    changes = [f"policies=[{', '.join(packs)}]", *QUICK, f"rules={{{rules}}}"]
    return run(load_config(DEMO, changes=changes), plan=plan, draw=False)


@pytest.fixture(scope="module")
def audited() -> Study:
    return planned(*PACKS, plan=False, rules=STAND_INS)


def test_every_clause_of_the_five_packs_has_a_verdict(audited: Study) -> None:
    asked = {rule.clause.id for rule in audited.config.rules}
    assert len({name.rstrip("bcdefg") for name in asked}) == CLAUSES
    for year in audited.problem.phases:
        found = {finding.clause: finding for finding in audited.before.findings if finding.phase == year}
        assert set(found) == asked
        assert [clause for clause, finding in found.items() if finding.status == "no_data"] == []


def test_the_verdicts_are_of_several_sorts(audited: Study) -> None:
    """A county in which everything is met, or nothing, would show no clause at work."""
    status = {finding.status for finding in audited.before.findings}
    assert {"met", "short"} <= status


def test_what_a_plan_names_and_the_county_has_not_is_missing_data_and_not_short() -> None:
    found = {finding.clause: finding for finding in planned("puyang-demo-zone-2023", plan=False).before.findings}
    for clause, name in (("PY-02", "渭都"), ("PY-03", "开州")):
        assert found[clause].status == "no_data"
        assert name in found[clause].note.zh


@pytest.mark.parametrize(
    ("pack", "rules"),
    [
        ("hunan-2024", ""),
        ("puyang-demo-zone-2023", f"PY-01: {NEAR}"),
        ("dongguan-2020", f"DG-03: {{share: 0.9}}, DG-04: {NEAR}"),
        ("haining-2021", f"HN-05: {NEAR}, HN-06: {NEAR}"),
        ("yizhou-2021", f"YZ-03: {NEAR}"),
    ],
)
def test_a_plan_meets_every_clause_that_the_county_can_meet(pack: str, rules: str) -> None:
    """Hunan's as it is; of the others, nine in ten of those whom premises that exist can reach."""
    study = planned(pack, rules=rules)
    assert study.plan is not None
    assert study.after is not None, study.plan.conflicts
    must = {rule.clause.id for rule in study.config.rules if rule.clause.enforced}
    assert {finding.clause for finding in study.before.short()} & must, "there is something to do"
    assert not {finding.clause for finding in study.after.short()} & must
    assert study.plan.certificate.gap <= 0.05


@pytest.mark.parametrize(
    ("pack", "clauses"),
    [
        ("puyang-demo-zone-2023", {"PY-01"}),
        ("dongguan-2020", {"DG-04"}),
        ("haining-2021", {"HN-05", "HN-06"}),
        ("yizhou-2021", {"YZ-03"}),
    ],
)
def test_what_clashes_is_what_the_data_make_impossible(audited: Study, pack: str, clauses: set[str]) -> None:
    """Everybody within reach: some homes lie beyond the reach of every candidate, as the ledger counts."""
    study = planned(pack)
    assert study.plan is not None
    assert study.plan.certificate.status == "infeasible"
    last = {conflict.clause: conflict for conflict in study.plan.conflicts if conflict.phase == 2025}
    assert set(last) == clauses
    for clause, conflict in last.items():
        (line,) = (one for one in audited.before.ledger if one.clause == clause and one.phase == 2025)
        assert line.reachable < line.demand
        assert conflict.best == pytest.approx(line.reachable / line.demand)
