from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from made_facts import FORMULA_NAME, LONG_NAME, NASTY_NAMES, SCRIPT_NAME
from openpyxl import load_workbook

from siting.present.plain import clean
from siting.present.tables import write_tables

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from siting.model.text import Language
    from siting.present.results import Results

HEAD = 3


@pytest.fixture(scope="module", params=["zh", "en"])
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, results: Results) -> Workbook:
    path = tmp_path_factory.mktemp("tables") / "tables.xlsx"
    assert write_tables(results, path, request.param) == path
    return load_workbook(path)


@pytest.fixture(scope="module")
def zh(tmp_path_factory: pytest.TempPathFactory, results: Results) -> Workbook:
    return load_workbook(write_tables(results, tmp_path_factory.mktemp("tables") / "tables.xlsx", "zh"))


def rows(sheet: Worksheet) -> list[dict[str, Any]]:
    heads = [cell.value for cell in sheet[HEAD]]
    return [dict(zip(heads, values, strict=True)) for values in sheet.iter_rows(min_row=HEAD + 1, values_only=True)]


def test_sheets_are_those_that_planners_need(book: Workbook) -> None:
    chinese = ["设施", "镇街", "镇街达标", "条款核查", "条款出处", "分期与投资", "人口账", "参数", "数据来源"]
    english = ["Facilities", "Districts", "Districts by clause", "Findings", "Clauses", "Phases and budget", "Ledger",
               "Parameters", "Sources"]  # fmt: skip
    assert book.sheetnames in (chinese, english)


def test_headers_stay_in_view_and_filter(book: Workbook) -> None:
    for sheet in book:
        assert re.fullmatch(r"[B-C]4", sheet.freeze_panes)
        assert sheet.auto_filter.ref.startswith("A3:")
        assert sheet.print_title_rows == "$3:$3"
        assert all(cell.value for cell in sheet[HEAD])
        widths = [dimension.width for dimension in sheet.column_dimensions.values()]
        assert len(widths) == sheet.max_column
        assert all(7 <= width <= 75 for width in widths)
        assert ("虚构数据" in sheet["A2"].value) or ("made, not real" in sheet["A2"].value)


def test_no_cell_is_a_formula(book: Workbook) -> None:
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert all(cell.data_type in {"s", "n"} for cell in cells)
    texts = [cell for cell in cells if cell.data_type == "s" and cell.value]
    assert all(cell.quotePrefix for cell in texts if cell.value[0] in "=+-@")
    assert FORMULA_NAME in {cell.value for cell in texts}


def test_names_are_whole(zh: Workbook) -> None:
    names = {row["名称"] for row in rows(zh["设施"])}
    assert {clean(name) for name in NASTY_NAMES} <= names
    assert {SCRIPT_NAME, LONG_NAME} <= names


def test_facilities_equal_the_plan(zh: Workbook, results: Results) -> None:
    printed = rows(zh["设施"])
    assert len(printed) == len(results.sites)
    for row, site in zip(printed, results.sites.to_dict("records"), strict=True):
        assert row["编号"] == site["site"]
        for moment, word in (("before", "现状"), ("after", "规划后")):
            for name, title in (("general", "普通床位"), ("nursing", "护理型床位"), ("dementia", "认知障碍照护床位"),
                                ("beds", "床位合计")):  # fmt: skip
                assert row[f"{word} {title}（张）"] == site[f"{name}_{moment}"]
        assert row["投资（元）"] == pytest.approx(site["cost"])
        assert row["就近服务老年人（人）"] == pytest.approx(site["persons_nearest"])
        assert row["经度（°）"] == pytest.approx(site["lon"])


def test_findings_keep_full_precision_with_shares_in_per_cent(zh: Workbook, results: Results) -> None:
    printed = rows(zh["条款核查"])
    assert len(printed) == len(results.findings)
    for row, finding in zip(printed, results.findings.to_dict("records"), strict=True):
        factor = 100 if finding["unit"] == "share" else 1
        for title, name in (("现状", "before"), ("规划后", "after"), ("要求", "required")):
            if np.isnan(finding[name]):
                assert row[title] is None
            else:
                assert row[title] == pytest.approx(finding[name] * factor)
        assert row["涉及人口（人）"] == pytest.approx(finding["persons"])


def test_ledger_adds_up(zh: Workbook, results: Results) -> None:
    printed = rows(zh["人口账"])
    assert len(printed) == len(results.ledger)
    for row in printed:
        numbers = list(row.values())[3:]
        assert sum(numbers[:4]) == pytest.approx(numbers[4])
        assert sum(numbers[4:7]) == pytest.approx(numbers[7])


def test_phases_add_up_to_the_totals_of_the_run(zh: Workbook, results: Results) -> None:
    *phases, total = rows(zh["分期与投资"])
    assert total["投资（元）"] == results.run["totals"]["cost"]
    assert sum(row["投资（元）"] for row in phases) == pytest.approx(total["投资（元）"])
    assert sum(row["新建（处）"] for row in phases) == total["新建（处）"] == results.run["totals"]["sites_new"]
    assert "示例造价" in zh["分期与投资"]["A2"].value


def test_numbers_carry_formats(zh: Workbook) -> None:
    sheet = zh["设施"]
    heads = {cell.value: cell.column for cell in sheet[HEAD]}
    assert sheet.cell(4, heads["投资（元）"]).number_format == "#,##0.00"
    assert sheet.cell(4, heads["现状 床位合计（张）"]).number_format == "#,##0"
    assert zh["人口账"].cell(4, 4).number_format == "#,##0.0"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_runs_without_a_plan(
    tmp_path: Path, audit_results: Results, infeasible_results: Results, language: Language
) -> None:
    for results in (audit_results, infeasible_results):
        sheet = load_workbook(write_tables(results, tmp_path / "tables.xlsx", language)).worksheets[5]
        assert sheet.cell(4, sheet.max_column).value is None


def test_equal_runs_give_equal_files(tmp_path: Path, results: Results) -> None:
    one = write_tables(results, tmp_path / "one.xlsx", "zh").read_bytes()
    assert one == write_tables(results, tmp_path / "two.xlsx", "zh").read_bytes()
