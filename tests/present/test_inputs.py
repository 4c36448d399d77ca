"""What a run tells of its inputs, and the report and workbook after it, on a town whose figures are known by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from openpyxl import load_workbook
from rasterio.transform import Affine
from shapely import Point
from small_inputs import write_layer, write_raster
from town_files import NORTH, STEP, WEST, place, write_town

import siting
from siting.present.blocks import Heading, Table
from siting.present.collect import collect
from siting.present.report import report_blocks
from siting.present.results import Results
from siting.present.tables import write_tables
from siting.sources import read_yaml

if TYPE_CHECKING:
    from pathlib import Path

DEMAND = {
    "controls": {"file": "census.csv"},
    "totals": {2023: 4_000, 2025: 4_600},
    "groups": {
        "disabled": {"title": {"zh": "失能", "en": "disabled"}, "share": 0.05, "weight": 3, "source": "抽样调查"},
        "all": {"title": "全部", "age": 60},
    },
    "needs": [
        {"home": 0.9, "community": 0.07, "institution": 0.03, "source": "9073"},
        {
            "home": 0.9,
            "community": 0.06,
            "institution": 0.04,
            "from_year": 2025,
            "beds_per_person": 1.1,
            "source": "9064",
        },
    ],
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("town")
    path = write_town(folder)
    (folder / "census.csv").write_text("id,60+\nW,7000\nE,900\n", encoding="utf-8")
    write_layer(folder / "red.gpkg", [Point(place(1.1, 1.2)).buffer(STEP / 5)])
    rows = np.tile(np.where(np.arange(6) == 0, -99999.0, 10.0), (6, 1))
    write_raster(folder / "slope.tif", rows, transform=Affine(STEP, 0, WEST, 0, -STEP, NORTH))
    document: dict[str, Any] = read_yaml(path).data | {
        "demand": DEMAND,
        "walk": {"max_connector_m": 40},
        "ground": [
            {"title": {"zh": "生态保护红线", "en": "red line"}, "file": "red.gpkg", "licence": "测试", "as_of": 2022},
            {"title": "坡度", "file": "slope.tif", "excludes": {"above": 25}},
        ],
    }
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return collect(siting.run(siting.load_config(path), plan=False))


def test_groups_and_needs_are_shares_of_the_phases_persons(results: Results) -> None:
    told = results.run["demand"]
    disabled, everybody = told["groups"]
    assert disabled["persons"] == {"2023": pytest.approx(200), "2025": pytest.approx(230)}
    assert everybody["persons"]["2025"] == pytest.approx(4_600)
    assert told["weighted"]["2025"] == pytest.approx(4_600 + 2 * 230)
    first, last = told["needs"]
    assert first["persons"] == {
        "home": pytest.approx(3_600), "community": pytest.approx(280), "institution": pytest.approx(120)
    }  # fmt: skip
    assert (first["beds"], first["places"]) == (pytest.approx(120), pytest.approx(280))
    assert (last["phase"], last["beds"]) == (2025, pytest.approx(4_600 * 0.04 * 1.1))


def test_everybody_is_in_one_class_of_connectors_or_without_a_road(results: Results) -> None:
    """Streets run through the middles of cells; sites stand up to half a cell off, and 40 m are allowed."""
    for kind, told in results.run["quality"].items():
        assert sum(band["count"] for band in told["bands"]) + told["no_road"] == pytest.approx(told["count"]), kind
    persons = results.run["quality"]["persons"]
    assert persons["bands"][0]["count"] == pytest.approx(results.run["totals"]["persons"]["2025"])
    assert (persons["median_m"], persons["no_road"]) == (pytest.approx(0, abs=1e-3), 0)
    assert results.run["quality"]["candidates"]["no_road"] >= 1


def test_warnings_come_first_with_their_mending_and_notes_have_none(results: Results) -> None:
    told = results.run["warnings"]
    order = [entry["severity"] for entry in told]
    assert order == sorted(order, reverse=True)
    assert {"warning", "note"} == set(order)
    assert all(bool(entry["mend"]["en"]) == (entry["severity"] == "warning") for entry in told)
    assert any("no road within 40 m" in entry["en"] for entry in told)


def test_inputs_say_how_old_they_are(results: Results) -> None:
    told = {entry["path"]: (entry["as_of"], entry["retrieved"]) for entry in results.run["inputs"]}
    assert told["red.gpkg"] == ("2022", "")
    assert told["pop.tif"] == ("2025", "")
    assert told["roads.geojson"] == ("", "")


def table(results: Results, caption: str) -> Table:
    return next(b for b in report_blocks(results, "zh") if isinstance(b, Table) and b.caption == caption)


def texts(found: Table) -> list[list[str]]:
    return [[cell.text for cell in line] for line in found.rows]


def test_the_report_prints_factors_classes_ground_and_needs(results: Results) -> None:
    west, east = texts(table(results, "平差系数"))
    assert west == ["西街道", "60+", "3,580", "7,000", "7,000", "1.955"]
    assert east[0] == "东镇"
    shifts = texts(table(results, "半径与分界变动时改变密度级的老年人"))
    assert [line[0] for line in shifts] == ["密度分界 × 0.8", "密度分界 × 1.2", "圆半径 × 0.8", "圆半径 × 1.2"]
    for line, shift in zip(shifts, results.run["density_sensitivity"], strict=True):
        assert line[1:3] == [f"{shift['persons_up']:,.0f}", f"{shift['persons_down']:,.0f}"]
    ground = texts(table(results, "候选点的用地筛查"))
    assert ["生态保护红线", "范围内", "列出的候选点", "9", "1", "0", "red.gpkg（测试）"] in ground
    assert any(line[0] == "坡度" and line[2] == "列出的候选点" and line[5] == "2" for line in ground)
    needs = texts(table(results, "各期照护需求"))
    assert needs[2] == ["2023", "机构养老", "3.00%", "120", "120", "—"]
    assert texts(table(results, "床位需求与供给")) == [["2023", "120", "20", "−100"], ["2025", "202", "20", "−182"]]
    assert texts(table(results, "接驳距离分布"))[-1][0] == "合计"
    assert len(texts(table(results, "运行中的警告与提示"))) == len(results.run["warnings"])


def test_the_workbook_has_the_same_figures(results: Results, tmp_path: Path) -> None:
    book = load_workbook(write_tables(results, tmp_path / "t.xlsx", "zh"))
    assert {"重点群体", "照护需求", "平差系数", "密度敏感性", "接驳距离", "用地筛查"} < set(book.sheetnames)
    rows = list(book["平差系数"].iter_rows(min_row=4, values_only=True))
    assert [row[5] for row in rows] == [line["factor"] for line in results.run["raking"]]
    needs = list(book["照护需求"].iter_rows(min_row=4, values_only=True))
    assert [row[3] for row in needs[:3]] == pytest.approx([3_600, 280, 120])


def test_what_a_study_does_not_use_has_no_place_in_its_report(results: Results) -> None:
    bare = {key: value for key, value in results.run.items() if key not in {"demand", "ground", "quality", "raking"}}
    older = Results(**{name: getattr(results, name) for name in Results.__slots__} | {"run": bare})
    headings = [block.text for block in report_blocks(older, "zh") if isinstance(block, Heading)]
    assert "养老服务需求" not in headings
    assert "用地限制与适宜性" not in headings
    assert "警告与提示" in headings
