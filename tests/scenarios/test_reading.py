"""What many plans under many scenarios come to, against tables worked out by hand (`by_hand`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from by_hand import COST, SHORT, by_hand, drawn
from openpyxl import load_workbook

from siting.present.compared import TABLES
from siting.present.comparison import lines, write_comparison
from siting.scenarios.reading import comparison

if TYPE_CHECKING:
    from pathlib import Path

    from siting.present.compared import Comparison


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    return comparison(by_hand(tmp_path_factory.mktemp("hand")))


def test_one_table_says_what_became_of_every_scenario(read: Comparison) -> None:
    table = read.scenarios.set_index("scenario")
    assert table["status"].to_dict() == {
        "base": "gap", "slow": "gap", "fast": "gap", "dear": "gap", "tight": "infeasible", "broken": "failed",
    }  # fmt: skip
    assert table["cost"].dropna().to_dict() == {"base": 100, "slow": 130, "fast": 80, "dear": 126}
    assert table.loc["slow", ["bound", "gap", "persons", "beds_after"]].tolist() == [0.99 * 130, 0.01, 10_000, 60]
    assert table.loc["slow", ["sites_new", "sites_expanded", "sites_closed"]].tolist() == [3, 0, 1]
    # S1, S2, S3 are in common with the nominal plan; either touches four sites, or three.
    assert table["sites_in_common"].dropna().to_dict() == {"base": 3, "slow": 3, "fast": 2, "dear": 3}
    assert table["share_in_common"].dropna().round(9).to_dict() == {
        "base": 1.0, "slow": 0.75, "fast": round(2 / 3, 9), "dear": 1.0,
    }  # fmt: skip
    assert table["persons_short"].dropna().to_dict() == {"base": 0, "slow": 300, "fast": 0, "dear": 160}
    assert table["clauses_short"].dropna().to_dict() == {"base": 0, "slow": 2, "fast": 0, "dear": 2}
    assert table.loc["broken", "reason"].endswith("7 is more than 1")
    assert table.loc["broken", "changes"] == "rules.PY-01.share=7"
    assert table["group"].tolist() == ["", "speed", "speed", "", "", ""]


def test_every_plan_is_worth_something_in_every_scenario(read: Comparison) -> None:
    table = read.worth.pivot_table(index="plan", columns="scenario", values="persons_short")
    assert {plan: table.loc[plan].to_dict() for plan in table.index} == SHORT
    regret = read.worth.pivot_table(index="plan", columns="scenario", values="regret")
    assert regret.loc["base"].to_dict() == {"base": 0, "slow": 100, "fast": 0, "dear": 10, "tight": 0}
    assert regret.loc["fast"].to_dict() == {"base": 200, "slow": 200, "fast": 0, "dear": 0, "tight": 0}
    lost = read.worth[read.worth["lost"] > 0]
    assert lost[["plan", "scenario", "lost"]].to_numpy().tolist() == [["base", "tight", 1]]


def test_worst_case_regret_and_the_price_of_robustness(read: Comparison) -> None:
    table = read.robust.set_index("plan")
    assert table["cost"].to_dict() == COST, "at the study's own prices, whatever the scenario's"
    assert table["price_of_robustness"].round(9).to_dict() == {"base": 0.0, "slow": 0.3, "fast": -0.2, "dear": 0.1}
    assert table["worst_scenario"].to_dict() == dict.fromkeys(COST, "slow")
    assert table["worst_persons_short"].to_dict() == {"base": 400, "slow": 300, "fast": 500, "dear": 300}
    assert table["worst_regret"].to_dict() == {"base": 100, "slow": 150, "fast": 200, "dear": 160}
    assert table["mean_persons_short"].to_dict() == {"base": 92, "slow": 130, "fast": 150, "dear": 122}
    assert table["always_met"].to_dict() == {"base": 2, "slow": 1, "fast": 2, "dear": 1}
    assert table.index[table["best_in_worst"]].tolist() == ["slow"], "of equal ones the second worst decides"
    assert table.index[table["least_regret"]].tolist() == ["base"]
    told = read.summary
    assert (told["best_in_worst"], told["least_regret"]) == ("slow", "base")
    assert (told["worst_persons_short"], told["nominal_worst_persons_short"]) == (300, 400)
    assert told["price_of_robustness"] == pytest.approx(0.3)


def test_of_plans_that_are_equally_bad_everywhere_the_cheapest_is_best(tmp_path: Path) -> None:
    found = by_hand(tmp_path)
    for plans in found.audits.values():
        for told in plans:
            told["clauses"] = [clause | {"persons_short": 0.0, "short": 0} for clause in told["clauses"]]
    table = comparison(found).robust.set_index("plan")
    assert table.index[table["best_in_worst"]].tolist() == ["fast"]
    assert table.index[table["least_regret"]].tolist() == ["fast"]


def test_how_often_sites_are_chosen_and_which_steps_no_plan_regrets(read: Comparison) -> None:
    table = read.sites.set_index("site")
    assert table["plans"].to_dict() == {"S1": 4, "S3": 4, "S2": 3, "S4": 1}, "and S9 is kept, which is no choice"
    assert table["share"].to_dict() == {"S1": 1.0, "S3": 1.0, "S2": 0.75, "S4": 0.25}
    assert table.loc["S3", ["actions", "kinds"]].tolist() == ["close;expand", "institution"]
    assert table.loc["S3", "name"] == "=北街养老院", "as it is called, not as it is written for spreadsheets"
    assert read.summary["no_regret"] == ["S1"], "S3 is touched by every plan, but closed by one and expanded by others"


def test_cost_against_coverage(read: Comparison) -> None:
    table = read.frontier.set_index("plan")
    # (900 + 2700) ÷ (1000 + 3000) and so on; HN-13 does not bind.
    assert table["coverage"].to_dict() == {"base": 0.9, "slow": 0.95, "fast": 0.7, "dear": 0.9}
    assert table["PY-01"].to_dict() == {"base": 0.9, "slow": 0.95, "fast": 0.7, "dear": 0.9}
    assert "HN-13" not in table
    assert table["efficient"].to_dict() == {"base": True, "slow": True, "fast": True, "dear": False}


def test_which_parameter_moves_which_clause(read: Comparison) -> None:
    table = read.sensitivity.set_index(["parameter", "clause"])
    speed = table.loc[("walk.speed_m_per_s", "PY-01")]
    assert speed[["low_scenario", "low", "high_scenario", "high", "required"]].tolist() == [
        "slow", 0.6, "fast", 0.96, 0.9,
    ]  # fmt: skip
    assert speed["move"] == pytest.approx(0.36 / 0.9)
    cost = table.loc[("walk.speed_m_per_s", "cost")]
    assert (cost["low"], cost["high"]) == (80, 130)
    assert cost["move"] == pytest.approx(50 / 80)
    assert table.loc[("what_if.costs", "cost"), "high"] == 136, "the plan of its own at prices of its own"
    assert ("walk.speed_m_per_s", "HN-05") not in table.index, "what does not move is left out"
    assert ("what_if.costs", "PY-01") not in table.index
    clauses = read.clauses.set_index(["scenario", "clause"])
    assert clauses.loc[("slow", "PY-01"), "measured"] == 0.6
    assert np.isnan(clauses.loc[("slow", "HN-22"), "measured"])


def test_draws_are_read_by_rank(tmp_path: Path) -> None:
    table = comparison(drawn(tmp_path)).sensitivity.set_index(["parameter", "clause"])["correlation"]
    # Ranks 1 2 3 4 5 against 1 3 2 4 5: 1 − 6 · 2 ÷ (5 · 24) (Spearman 1904).
    assert table["walk.speed_m_per_s", "PY-01"] == pytest.approx(0.9)
    assert table["persons", "PY-01"] == pytest.approx(-0.9)


def test_without_any_plan_there_are_tables_all_the_same(tmp_path: Path) -> None:
    found = by_hand(tmp_path)
    for plans in found.audits.values():
        plans.clear()
    told = comparison(found)
    assert told.robust.empty
    assert told.summary["best_in_worst"] is None
    assert told.summary["no_regret"] == []
    assert write_comparison(told, tmp_path, "zh")[0].exists()


def test_files_hold_the_same_figures(read: Comparison, tmp_path: Path) -> None:
    write_comparison(read, tmp_path, "zh")
    for name, file in TABLES.items():
        told = getattr(read, name)
        table = pd.read_csv(tmp_path / f"{file}.csv", encoding="utf-8-sig")
        assert list(table.columns) == list(told.columns)
        for column in told.columns:
            if told[column].dtype.kind in "fi":
                np.testing.assert_allclose(table[column], told[column], rtol=1e-12)
            else:
                kept = [str(value).removeprefix("'") for value in table[column].fillna("")]
                assert kept == ["" if pd.isna(value) else str(value) for value in told[column]]
    book = load_workbook(tmp_path / "compare.xlsx")
    assert len(book.sheetnames) == len(TABLES)
    cells = {cell.value for row in book["稳健性"].iter_rows() for cell in row}
    assert {"稳健性代价", "最坏情景缺口(人次)", "slow", 300, 130, "手算样例"} <= {
        value.replace("（", "(").replace("）", ")") if isinstance(value, str) else value for value in cells
    }


def test_the_answer_in_a_few_lines(read: Comparison) -> None:
    said = lines(read, "en")
    assert said[1] == "6 scenarios, 4 plans, 1 failed."
    assert (
        said[2] == "best in its worst case: slow, 300 persons short in its worst scenario slow, cost 130 yuan (+30.0%)"
    )
    assert said[4] == "nominal plan: base, 400 persons short in its worst scenario slow, cost 100 yuan (+0.0%)"
    assert said[5] == "no-regret first steps, shared by every plan (1): S1"
    zh = lines(read, "zh")
    assert zh[2] == "最坏情景最优方案:slow,最坏情景 slow 缺口 300 人次,投资 130 元(+30.0%)"
    assert json.dumps(read.summary, allow_nan=False)
