"""The demo county, made and planned once by the command of the README; then everything that it promises."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from map_page import DESK, PHONE, Page, find, use_everything

from siting.cli import DONE, main
from siting.config import load_config
from siting.verify import verify

if TYPE_CHECKING:
    from pathlib import Path

    from selenium.webdriver.remote.webdriver import WebDriver

NOTICE = "虚构数据,并非真实"
PARTS = ["covered", "uncovered", "other_component", "no_road", "not_concerned", "outside_districts"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo and its data were written."""
    folder = tmp_path_factory.mktemp("demo")
    assert main(["demo", "-o", str(folder), "-q"]) == DONE
    return folder


@pytest.fixture(scope="module")
def folder(home: Path) -> Path:
    return home / "run"


@pytest.fixture(scope="module")
def run(folder: Path) -> Any:  # noqa: ANN401 - JSON
    return json.loads(folder.joinpath("run.json").read_text(encoding="utf-8"))


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", encoding="utf-8-sig")


def test_the_demo_brings_its_own_study_and_data(home: Path, run: Any) -> None:  # noqa: ANN401
    studies = home / "configs" / "studies"
    assert load_config(studies / "demo.yaml").options.study == "demo"
    assert load_config(studies / "demo-five-years.yaml").options.reasons is not None
    assert studies.joinpath("demo-drawn.csv").exists()
    assert len(run["inputs"]) >= 24
    # Some housing hands over too little; the made county has no surroundings; and some homes stand behind walls.
    rooms, edge, walls = run["warnings"]
    assert "have a wall or water between them and their nearest street" in walls["en"]
    assert "smaller than HN-13 has them handed over" in rooms["en"]
    assert edge["source"] == "roads"
    assert "who live within one service radius of the data's edge" in edge["en"]


def test_the_run_agrees_with_itself_and_with_its_inputs(folder: Path) -> None:
    tallies = verify(folder)
    assert [(tally.name.en, tally.differences) for tally in tallies if tally.differences] == []
    assert not tallies[0].aside
    assert sum(tally.compared for tally in tallies) > 10_000


def test_every_must_clause_that_is_due_is_met(folder: Path, run: Any) -> None:  # noqa: ANN401
    findings = table(folder, "findings")
    enforced = {
        clause["id"]: clause["deadline_year"]
        for clause in run["clauses"]
        if clause["force"] == "must" and clause["role"] == "opt"
    }
    assert len(enforced) >= 18
    due = findings[[f.rule in enforced and f.phase >= (enforced[f.rule] or 0) for f in findings.itertuples()]]
    assert set(due["rule"]) == set(enforced)
    assert set(due["status"]) <= {"met", "not_applicable", "grandfathered", "not_yet_due"}
    assert (due["status_before"] == "short").any()
    met = due[due["status"] == "met"]
    assert set(met["rule"]) == set(enforced)
    assert (met["margin"] >= -1e-6).all()


def test_every_clause_is_measured(folder: Path, run: Any) -> None:  # noqa: ANN401
    """The county states all that the clauses ask for, and each has a sentence in both languages."""
    findings = table(folder, "findings")
    assert set(findings["rule"]) == {clause["id"] for clause in run["clauses"]}
    assert "no_data" not in set(findings["status"]) | set(findings["status_before"])
    assert findings["sentence_zh"].str.endswith("。").all()
    assert findings["sentence_en"].str.endswith(".").all()


def test_the_persons_add_up(folder: Path, run: Any) -> None:  # noqa: ANN401
    ledger = table(folder, "ledger")
    np.testing.assert_allclose(ledger[PARTS].sum(axis=1), ledger["raster_total"], atol=0.001)
    np.testing.assert_allclose(
        ledger[PARTS[:4]].sum(axis=1) + ledger["not_concerned"], ledger["raster_total"] - ledger["outside_districts"]
    )
    last = ledger[ledger["phase"] == 2025]
    assert last["demand"].add(last["not_concerned"]).to_numpy() == pytest.approx(239_000, abs=0.5)
    assert last["raster_total"].to_numpy() == pytest.approx(239_120, abs=0.5)
    assert run["totals"]["persons"]["2025"] == pytest.approx(239_000, abs=0.5)
    assert table(folder, "districts")["persons_2025"].sum() == pytest.approx(239_000, abs=0.5)


def test_findings_say_what_the_ledger_says(folder: Path) -> None:
    findings = table(folder, "findings").set_index(["rule", "phase"])
    for line in table(folder, "ledger").itertuples():
        found = findings.loc[(line.rule, line.phase)]
        assert line.covered / line.demand == pytest.approx(found[line.moment], abs=2e-6)
        assert line.demand == pytest.approx(found["persons"], abs=0.01)


def test_beds_agree_wherever_they_are_told(folder: Path, run: Any) -> None:  # noqa: ANN401
    plan, districts, totals = table(folder, "plan"), table(folder, "districts"), run["totals"]
    classes = ["general", "nursing", "dementia"]
    for moment, total in (("before", totals["beds_before"]), ("after", totals["beds_after"])):
        assert plan[f"beds_{moment}"].sum() == districts[f"beds_{moment}"].sum() == total
        assert (plan[[f"{name}_{moment}" for name in classes]].sum(axis=1) == plan[f"beds_{moment}"]).all()
        by_district = plan.groupby("district")[f"beds_{moment}"].sum()
        assert (districts.set_index("id")[f"beds_{moment}"] == by_district).all()
    findings = table(folder, "findings").set_index(["rule", "phase"])
    homes = plan[plan["kind"] == "institution"]
    nursing = homes["nursing_after"].sum() + homes["dementia_after"].sum()
    assert findings.loc[("HN-07", 2025), "after"] == pytest.approx(nursing / homes["beds_after"].sum(), abs=1e-6)
    dementia = homes["dementia_after"].sum() / 239_000 * 10_000
    assert findings.loc[("HN-11", 2025), "after"] == pytest.approx(dementia, abs=1e-5)


def test_costs_agree_wherever_they_are_told(folder: Path, run: Any) -> None:  # noqa: ANN401
    plan, districts, totals, proof = (
        table(folder, "plan"),
        table(folder, "districts"),
        run["totals"],
        run["certificate"],
    )
    assert totals["cost"] == pytest.approx(proof["objective"], abs=1)
    assert sum(totals["cost_by_phase"]) == pytest.approx(proof["objective"], abs=1)
    paid = sum(one["cost"] for one in totals["hired"])
    assert totals["payroll"] == pytest.approx(paid, abs=1)
    assert paid > 0
    assert plan["cost"].sum() + paid == pytest.approx(proof["objective"], abs=1)
    assert districts["cost"].sum() + paid == pytest.approx(proof["objective"], abs=1)
    assert (plan.loc[plan["action"] == "keep", "cost"] == 0).all()
    for action, count in (("open", "sites_new"), ("expand", "sites_expanded"), ("convert", "sites_converted")):
        assert (plan["action"] == action).sum() == totals[count]


def test_the_gap_is_within_what_the_study_asks(home: Path, run: Any) -> None:  # noqa: ANN401
    proof = run["certificate"]
    asked = load_config(home / "configs" / "studies" / "demo.yaml").options.solver.gap
    assert proof["status"] in {"optimal", "gap"}
    assert proof["bound"] <= proof["objective"]
    assert proof["gap"] == pytest.approx((proof["objective"] - proof["bound"]) / proof["objective"], abs=1e-12)
    assert proof["gap"] <= asked


def test_hospitals_are_paired_with_but_are_no_facilities_of_the_plan(folder: Path, run: Any) -> None:  # noqa: ANN401
    plan, districts = table(folder, "plan"), table(folder, "districts")
    partners = {kind for kind, told in run["kinds"].items() if told["partner"]}
    assert partners == {"hospital", "health_centre", "health_station"}
    own = plan[~plan["kind"].isin(partners) & plan["district"].isin(districts["id"])]
    assert 0 < own["existing"].sum() < plan["existing"].sum()
    assert districts["facilities_before"].sum() == own["existing"].sum()
    assert districts["facilities_after"].sum() == (own["action"] != "close").sum()
    # Homes of today that the plan turns into others are told by what they are today.
    turned = own[own["existing"] & (own["kind"] != own["kind_before"])]
    assert len(turned)
    report = folder.joinpath("report.html").read_text(encoding="utf-8")
    today = report[report.index("现有养老服务设施一览") :].split("</table>")[0]
    for kind, count in own[own["existing"]].groupby("kind_before").size().items():
        title = run["kinds"][kind]["title"]["zh"]
        line = next(row for row in today.split("<tr") if title in row)
        assert f">{count}<" in line, title


def test_the_layers_hold_what_the_tables_say(folder: Path) -> None:
    plan = table(folder, "plan")
    sites = gpd.read_file(folder / "plan.gpkg", layer="sites")
    assert sites["site"].tolist() == plan["site"].tolist()
    assert sites["beds_after"].sum() == plan["beds_after"].sum()
    districts = gpd.read_file(folder / "plan.gpkg", layer="districts")
    assert len(districts) == 12
    assert sites.sjoin(districts[["id", "geometry"]]).groupby("site")["id"].nunique().eq(1).all()
    isochrones = gpd.read_file(folder / "plan.gpkg", layer="isochrones")
    assert set(isochrones["rule"]) == {"HN-05", "HN-06", "HN-24", "PY-01"}
    for layer in ("catchments", "roads", "water"):
        assert len(gpd.read_file(folder / "plan.gpkg", layer=layer))


@pytest.mark.parametrize("name", ["map.html", "report.html"])
def test_pages_say_that_nothing_is_real_and_ask_nobody(folder: Path, name: str) -> None:
    page = folder.joinpath(name).read_text(encoding="utf-8")
    assert NOTICE in page
    assert not re.findall(r"""<(?:script|img|link|iframe)[^>]+(?:src|href)\s*=\s*["']?https?:""", page)


def test_the_word_report_says_that_nothing_is_real(folder: Path) -> None:
    with zipfile.ZipFile(folder / "report.docx") as report:
        assert report.testzip() is None
        words = {name: report.read(name).decode("utf-8") for name in report.namelist() if name.endswith(".xml")}
    text = {name: re.sub(r"<[^>]+>", "", xml) for name, xml in words.items()}
    assert NOTICE in text["word/document.xml"]
    assert "239,000" in text["word/document.xml"]


@pytest.mark.office
def test_the_word_report_lays_out_as_pages(folder: Path, tmp_path: Path) -> None:
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    where = ["--outdir", str(tmp_path), str(folder / "report.docx")]
    subprocess.run(  # noqa: S603 - our own command
        ["soffice", profile, "--headless", "--convert-to", "pdf", *where],  # noqa: S607 - wherever it is installed
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    told = subprocess.run(  # noqa: S603
        ["pdftotext", "-layout", str(tmp_path / "report.pdf"), "-"],  # noqa: S607
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    pages = told.stdout.split("\f")[:-1]
    assert 10 <= len(pages) <= 240
    assert all(page.strip() for page in pages)
    assert NOTICE in pages[0].replace(" ", "")
    assert "一刻钟" in told.stdout


def test_there_are_figures_of_every_clause(folder: Path, run: Any) -> None:  # noqa: ANN401
    figures = {path.stem for path in folder.joinpath("figures").glob("*.png")}
    divided = table(folder, "by_district")["rule"].unique()
    wanted = {f"district_{rule}" for rule in divided}
    assert len(divided) >= 10
    wanted |= {f"coverage_{clause['id']}" for clause in run["clauses"] if clause["coverage"]}
    assert figures >= wanted | {"layout", "present", "density"}
    assert all(path.stat().st_size > 10_000 for path in folder.joinpath("figures").glob("*.png"))


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_map_works_without_a_network(chromium: WebDriver, folder: Path, size: tuple[int, int]) -> None:
    page = Page(chromium, folder / "map.html", size)
    assert NOTICE in page.text("#siting-stamp")
    use_everything(page)
    plan, districts = table(folder, "plan"), table(folder, "districts")
    for name in (plan["name"].iloc[0], plan.loc[plan["action"] == "open", "name"].iloc[0], districts["name"].iloc[-1]):
        assert find(page, name)
    assert page.script("return document.documentElement.scrollWidth") <= size[0]
    assert page.complaints() == []
    assert page.outside() == []
