"""Wuhan at reduced size: two districts, few candidates, little time, and the whole line from files to report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
from map_page import DESK, PHONE, Page, find, use_everything

from siting.cli import DONE, main
from siting.sources import shipped

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from selenium.webdriver.remote.webdriver import WebDriver

DISTRICTS = ["江汉区", "武昌区"]
PARTS = ["covered", "uncovered", "other_component", "no_road", "not_concerned", "outside_districts"]

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def folder(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder; one district lies on each bank of the river."""
    home = tmp_path_factory.mktemp("wuhan")
    whole = gpd.read_file(shared / "wuhan" / "districts.geojson")
    whole[whole["name"].isin(DISTRICTS)].to_file(home / "two.geojson")
    changes = [
        f"districts.file={home / 'two.geojson'}",
        "candidates.0.limit=150",
        "candidates.1.limit=150",
        "solver.time_limit_s=60",
        "solver.gap=0.02",
    ]
    study = shipped("configs/studies/wuhan.yaml")
    told = [part for change in changes for part in ("--set", change)]
    assert main(["plan", str(study), "--data-root", str(shared), "-o", str(home / "run"), "-q", *told]) == DONE
    return home / "run"


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", encoding="utf-8-sig")


@pytest.fixture(scope="module")
def run(folder: Path) -> Any:  # noqa: ANN401 - JSON
    return json.loads(folder.joinpath("run.json").read_text(encoding="utf-8"))


def test_nobody_of_wuhan_is_lost(folder: Path) -> None:
    ledger = table(folder, "ledger")
    assert ledger["raster_total"].to_numpy() == pytest.approx(1_942_653, abs=1)
    assert ledger[PARTS].sum(axis=1).to_numpy() == pytest.approx(1_942_653, abs=1)
    assert (ledger["outside_districts"] > 1_000_000).all()
    people = ledger["rule"].isin(["PY-01", "HN-05", "HN-06"]) & (ledger["moment"] == "after")
    assert people.sum() == 3
    assert (ledger.loc[people, "covered"] > 10_000).all()


def test_every_clause_is_met_of_those_whom_candidates_reach(folder: Path) -> None:
    findings, ledger = table(folder, "findings"), table(folder, "ledger")
    on_siting = ["HN-01", "HN-03", "HN-04", "HN-05", "HN-06", "HN-07", "HN-08", "HN-11", "PY-01"]
    asked = findings[findings["rule"].isin(on_siting)]
    assert set(asked["rule"]) == set(on_siting)
    assert set(asked["status"]) <= {"met", "not_applicable"}
    after = ledger[ledger["moment"] == "after"].set_index("rule")
    for rule in ("PY-01", "HN-05", "HN-06"):
        line, found = after.loc[rule], findings[findings["rule"] == rule].iloc[0]
        assert line["covered"] >= 0.95 * line["reachable"] - 0.01
        assert found["required"] == pytest.approx(0.95 * line["reachable"] / line["demand"], abs=1e-5)
        assert found["after"] == pytest.approx(line["covered"] / line["demand"], abs=2e-6)


def test_the_proof_is_within_what_was_asked(run: Any, folder: Path) -> None:  # noqa: ANN401
    assert run["certificate"]["gap"] <= 0.02
    built = table(folder, "plan")["cost"].sum()
    assert built + run["totals"]["payroll"] == pytest.approx(run["certificate"]["objective"], abs=1)


def test_both_districts_are_in_every_paper(folder: Path) -> None:
    assert sorted(table(folder, "districts")["name"]) == sorted(DISTRICTS)
    for name in ("map.html", "report.html"):
        page = folder.joinpath(name).read_text(encoding="utf-8")
        assert "仅供方法演示" in page
    assert "江汉区" in folder.joinpath("report.html").read_text(encoding="utf-8")
    assert folder.joinpath("report.docx").stat().st_size > 100_000


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_map_works_without_a_network(chromium: WebDriver, folder: Path, size: tuple[int, int]) -> None:
    assert folder.joinpath("map.html").stat().st_size < 15e6
    page = Page(chromium, folder / "map.html", size)
    use_everything(page)
    for district in DISTRICTS:
        assert find(page, district)
    assert page.complaints() == []
    assert page.outside() == []
