"""The demo county year by year: budgets, reasons, and a plan drawn by hand that is judged and mended; planned once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from siting import load_config, run
from siting.present.blocks import Heading, Paragraph, Table
from siting.present.collect import collect
from siting.present.report import report_blocks
from siting.rules import audit

if TYPE_CHECKING:
    from siting.model.plan import Plan, Study
    from siting.present.results import Results

HOME = Path(__file__).parents[2]
STUDY = HOME / "configs" / "studies" / "demo-five-years.yaml"


@pytest.fixture(scope="module")
def study() -> Study:
    config = load_config(STUDY, changes=["solver.time_limit_s=60", "reasons.time_limit_s=15", "reasons.alternatives=1"])
    return run(config, draw=False, drawn=HOME / "configs" / "studies" / "demo-drawn.csv")


@pytest.fixture(scope="module")
def results(study: Study) -> Results:
    return collect(study)


def enforced(study: Study) -> set[str]:
    return {rule.clause.id for rule in study.config.rules if rule.clause.enforced}


def holds(study: Study, plan: Plan | None) -> bool:
    """Say whether every clause that a plan is held to holds in every year, by the audit."""
    assert plan is not None
    assert plan.state is not None
    found = audit(study.config.rules, study.problem, plan.state, study.problem.existing_state())
    return not {finding.clause for finding in found.short()} & enforced(study)


def test_the_plan_of_five_years_is_within_a_hundredth_of_the_best_and_within_its_money(study: Study) -> None:
    assert study.drawn is not None
    best = study.drawn.optimum
    assert holds(study, best)
    assert best.certificate.gap <= 0.01
    money = study.config.options.budget.by_year
    spent, there = np.cumsum(best.cost_by_phase), np.cumsum([money[year] for year in study.problem.phases])
    assert (spent <= there + 1e-6).all()
    assert spent[2] > 0.9 * there[2], "the money of the third year is nearly all used"
    actions = {str(study.problem.options.action[one]) for one in np.flatnonzero(best.state.open[-1])}
    assert {"open", "convert"} <= actions


def test_the_drawn_plan_is_short_where_it_was_drawn_short_and_the_mended_one_is_not(study: Study) -> None:
    mine = study.drawn
    missed = {finding.clause for finding in mine.audit.short()} & enforced(study)
    assert missed == {"HN-03", "HN-05", "HN-06", "HN-24", "BUDGET-YEARS"}
    assert holds(study, mine.repair)
    assert mine.fewest.bound - 1e-6 <= mine.fewest.objective == len(mine.changes) < 20
    assert "close" in {str(study.problem.options.action[one]) for one in np.flatnonzero(mine.state.open[-1])}


def test_prices_bracket_the_truth_and_alternatives_cost_nearly_the_same(study: Study) -> None:
    best = sum(study.drawn.optimum.cost_by_phase)
    prices = {price.clause: price for price in study.reasons.clauses}
    assert enforced(study) & {"HN-03", "HN-05", "HN-06", "HN-24"} <= set(prices)
    assert all(0 <= price.at_least <= price.at_most <= best for price in prices.values())
    assert prices["HN-06"].at_most > prices["HN-20"].at_most, "homes near everybody are dear, consortia are there"
    assert all(other.cost <= 1.01 * best + 1e-6 for other in study.reasons.alternatives)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ("方案依据", "条款的代价", "手工方案评估", "手工方案的缺口", "最少改动清单", "分年预算")),
        (
            "en",
            ("Why this plan", "What the clauses cost", "The hand-drawn plan", "The fewest changes", "budgets by year"),
        ),
    ],
)
def test_the_report_has_the_chapters_of_reasons_and_of_the_drawn_plan(
    results: Results, language: str, words: tuple[str, ...]
) -> None:
    said = []
    for block in report_blocks(results, language):
        if isinstance(block, (Heading, Paragraph)):
            said.append(block.text)
        elif isinstance(block, Table):
            said += [block.caption, *(cell.text for row in block.rows for cell in row)]
    text = "\n".join(said)
    assert [word for word in words if word.lower() not in text.lower()] == []
