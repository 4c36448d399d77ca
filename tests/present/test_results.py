"""The run folder: what is written is read back, and its tables hold text, never formulas."""

from __future__ import annotations

import csv
import dataclasses
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from made_facts import FORMULA_NAME, PHASES

from siting.model.text import LANGUAGES
from siting.present.map_facts import facts
from siting.present.report import report_blocks
from siting.present.results import Results, as_read, harmless
from siting.present.summary import summary
from siting.verify.tables import read

if TYPE_CHECKING:
    from pathlib import Path

NASTY = (
    "=cmd()",
    "+1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "'=1",
    "''=1",
    "'quoted'",
    "plain",
    "",
    "—",
    "≥ 3",
    ">=",
    "a=b",
)


def test_no_table_holds_a_formula(results: Results, tmp_path: Path) -> None:
    named = results.findings.assign(subject_name="=1+1", sentence_zh="@SUM(A1)", sentence_en="-1+1")
    dataclasses.replace(results, findings=named).write(tmp_path)
    seen = set()
    for path in tmp_path.glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = csv.reader(file)
        for row in rows:
            for title, cell in zip(header, row, strict=True):
                try:
                    float(cell)
                except ValueError:
                    assert not cell.startswith(("=", "+", "-", "@", "\t", "\n")), (path.name, title, cell)
                seen.add(cell)
    assert f"'{FORMULA_NAME}" in seen
    assert {"'=1+1", "'@SUM(A1)", "'-1+1"} <= seen


def test_findings_are_read_back_as_they_were(results: Results, tmp_path: Path) -> None:
    named = results.findings.assign(subject_name=[NASTY[i % len(NASTY)] for i in range(len(results.findings))])
    dataclasses.replace(results, findings=named).write(tmp_path)
    wanted = [name.replace("\r", "\n") for name in named["subject_name"]]
    assert list(Results.read(tmp_path).findings["subject_name"]) == wanted


@pytest.mark.parametrize("text", [text for text in NASTY if "\r" not in text])
def test_an_apostrophe_is_taken_away_again(text: str) -> None:
    table = pd.DataFrame({"name": [text], "number": [-1.5]})
    written = harmless(table)
    assert not written["name"].iloc[0].startswith(("=", "+", "-", "@", "\t", "\n"))
    pd.testing.assert_frame_equal(as_read(written), table)


def test_the_terminal_shows_todays_worst_place_beside_the_plans(results: Results) -> None:
    """North is worst off today (50 beds) and best served by the plan; the south is the plan's worst (290)."""
    findings = results.findings.copy()
    last = results.run["phases"][-1]
    rows = findings.index[(findings["rule"] == "HN-03") & (findings["phase"] == last)]
    assert list(findings.loc[rows, "subject"]) == ["北部", "南部"]
    findings.loc[rows, "required"] = 300.0
    findings.loc[rows, "before"] = [50.0, 120.0]
    findings.loc[rows, "after"] = [400.0, 290.0]
    told = summary(dataclasses.replace(results, findings=findings), "en")
    (row,) = (row for row in told.rows if row[0].startswith("HN-03"))
    assert row[1].startswith("≥ 300")
    assert row[2].startswith("50")
    assert row[3].startswith("290")
    findings.loc[rows, "required"] = [60.0, 300.0]
    told = summary(dataclasses.replace(results, findings=findings), "en")
    (row,) = (row for row in told.rows if row[0].startswith("HN-03"))
    assert row[1:4] == ("≥ 300", "120", "290"), "the south is worst before and after, by what is asked of it"
    findings.loc[rows, "before"] = [20.0, 120.0]
    told = summary(dataclasses.replace(results, findings=findings), "en")
    (row,) = (row for row in told.rows if row[0].startswith("HN-03"))
    assert row[1:4] == ("≥ 300", "20 (≥ 60)", "290"), "the north is asked for less"


def test_a_folder_of_an_earlier_version_is_mapped_reported_and_verified(results: Results, tmp_path: Path) -> None:
    """It told no kind of today, no services, no partners, and of a hand-drawn plan's lacks not which ones bind."""
    before = dataclasses.replace(results, sites=results.sites.drop(columns="kind_before"), serving=None, occupancy=None)
    lack = {
        "clause": "PY-01",
        "subject": "",
        "subject_name": "全域",
        "phase": PHASES[-1],
        "measured": 0.5,
        "required": 0.9,
    }
    mine = {"file": "drawn.csv", "cost": 1.0, "cost_by_phase": [1.0], "short": [{**lack, "unit": "share"}]}
    told = {key: value for key, value in before.run.items() if key != "serving"}
    told |= {"drawn": {**mine, "optimum": None, "repair": None, "changes": []}}
    told |= {"kinds": {name: {k: v for k, v in one.items() if k != "partner"} for name, one in told["kinds"].items()}}
    dataclasses.replace(before, run=told).write(tmp_path)
    again = Results.read(tmp_path)
    assert list(again.sites["kind_before"]) == list(again.sites["kind"])
    for language in LANGUAGES:
        assert any("drawn.csv" in getattr(block, "text", "") for block in report_blocks(again, language))
    assert facts(again)["services"] == []
    assert list(read(tmp_path).plan["kind_before"]) == list(again.sites["kind"])
