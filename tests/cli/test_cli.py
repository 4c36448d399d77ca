"""The command line, from a town in files to its run folder: what is written, what is said, and what scripts read."""

from __future__ import annotations

import csv
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
import shapely
from town_files import NORTH, SIDE, STEP, STUDY, TOTAL, WEST, place, write_town

from siting.cli import BAD_INPUT, DONE, INFEASIBLE, SHORT, UNHEARD, main
from siting.cli.talk import Progress
from siting.config import load_config
from siting.optimise import stopped

if TYPE_CHECKING:
    from pathlib import Path

RUN_FOLDER = {
    "run.json", "findings.csv", "ledger.csv", "districts.csv", "plan.csv", "plan.gpkg", "map.html", "report.docx",
    "report.html", "report.pdf", "tables.xlsx", "figures", "cells.parquet", "snaps.csv", "by_district.csv",
}  # fmt: skip


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def run_json(folder: Path) -> dict[str, Any]:
    """The description of a run without the key that may differ between equal runs."""
    read: dict[str, Any] = json.loads(folder.joinpath("run.json").read_text(encoding="utf-8"))
    del read["timings"]
    return read


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return write_town(tmp_path)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town whose files nobody changes."""
    return write_town(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="module")
def planned(town: Path) -> Path:
    """The run folder of the town's plan, which nobody changes."""
    folder = town.parent / "run"
    assert main(["plan", str(town), "-o", str(folder), "--strict", "-q"]) == DONE
    return folder


@pytest.fixture
def copied(planned: Path, tmp_path: Path) -> Path:
    """The run folder alone, far from the study and its inputs."""
    return shutil.copytree(planned, tmp_path / "elsewhere")


def test_a_plan_writes_its_whole_folder(planned: Path) -> None:
    assert {path.name for path in planned.iterdir()} == RUN_FOLDER
    assert list(planned.joinpath("figures").glob("*.png"))
    assert [path.name for path in planned.parent.glob(".*")] == []


def test_every_clause_holds_after_the_plan(planned: Path) -> None:
    findings = rows(planned / "findings.csv")
    assert {finding["status"] for finding in findings} == {"met", "not_yet_due", "no_data", "not_applicable"}
    assert "short" in {finding["status_before"] for finding in findings}
    assert {finding["phase"] for finding in findings if finding["status"] == "not_yet_due"} == {"2023"}


def test_nobody_is_lost(planned: Path) -> None:
    parts = ("covered", "uncovered", "other_component", "no_road", "not_concerned", "outside_districts")
    for line in rows(planned / "ledger.csv"):
        assert sum(float(line[part]) for part in parts) == pytest.approx(TOTAL, abs=0.01)
        assert float(line["raster_total"]) == pytest.approx(TOTAL, abs=0.01)
        assert float(line["demand"]) == pytest.approx(TOTAL - float(line["not_concerned"]), abs=0.01)


def test_what_is_proven_is_what_is_paid(planned: Path) -> None:
    run, plan = run_json(planned), rows(planned / "plan.csv")
    proof = run["certificate"]
    assert proof["status"] == "optimal"
    assert proof["gap"] <= 1e-6
    assert sum(float(site["cost"]) for site in plan) == pytest.approx(proof["objective"])
    assert sum(run["totals"]["cost_by_phase"]) == pytest.approx(proof["objective"])


def test_equal_runs_are_equal_byte_for_byte(
    town: Path, planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again = tmp_path / "again"
    assert main(["plan", str(town), "-o", str(again), "-q"]) == DONE
    assert capsys.readouterr() == ("", ""), "quiet is quiet"
    for name in ("findings.csv", "ledger.csv", "plan.csv", "districts.csv"):
        assert again.joinpath(name).read_bytes() == planned.joinpath(name).read_bytes(), name
    assert json.dumps(run_json(again)) == json.dumps(run_json(planned))


def test_the_run_says_what_it_read(town: Path, planned: Path) -> None:
    run = run_json(planned)
    read = {item["path"].rpartition("/")[2] for item in run["inputs"]}
    assert {"districts.geojson", "roads.geojson", "pop.tif", "facilities.csv", "idle.csv"} <= read
    assert all(len(item["sha256"]) == 64 for item in run["inputs"])
    unused = {"PY-02", "PY-03", "PY-04", "PY-09", "PY-10", "HN-19", "HN-22"}
    assert {item["clause"] for item in run["overrides"]} == {"PY-01", "HN-05", "HN-06"} | unused
    assert run["configuration"]["study"] == load_config(town).options.study


def test_the_folder_is_replaced_as_a_whole(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    folder.joinpath("left-over.txt").write_text("of an earlier run", encoding="utf-8")
    assert main(["audit", str(study), "-o", str(folder), "-q", "--json"]) == DONE
    assert {path.name for path in folder.iterdir()} == RUN_FOLDER
    told = json.loads(capsys.readouterr().out)
    assert told["certificate"] is None
    assert told["totals"]["cost"] is None
    assert told["folder"] == str(folder)
    assert {finding["status"] for finding in rows(folder / "findings.csv")} == {""}


def test_strict_tells_scripts_that_a_clause_is_short(study: Path, tmp_path: Path) -> None:
    assert main(["audit", str(study), "-o", str(tmp_path / "run"), "-q", "--strict"]) == SHORT


def test_the_summary_names_clauses_cost_and_files(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    assert main(["plan", str(study), "-o", str(folder), "--lang", "en", "--scenario", "slow_walkers"]) == DONE
    told = capsys.readouterr()
    for clause in ("HN-01", "HN-03", "HN-04", "HN-05", "HN-06", "HN-07", "HN-08", "HN-11", "PY-01"):
        assert clause in told.out
    assert "drawn town" in told.out
    assert "proven optimal" in told.out
    assert "bound" in told.out
    for name in ("map.html", "report.docx", "report.html", "report.pdf", "tables.xlsx"):
        assert str(folder / name) in told.out
    stages = [line.split(" s  ")[1].partition(":")[0] for line in told.err.splitlines()]
    assert list(dict.fromkeys(stages)) == ["read", "demand", "access", "audit", "plan", "isochrones", "write"]
    assert "\033" not in told.err
    assert run_json(folder)["configuration"]["walk"]["speed_m_per_s"] == 0.7


def test_what_clashes_is_named_with_the_best_it_could_reach(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    change = ["--set", "rules.HN-03.beds=5000"]
    assert main(["plan", str(study), "-o", str(folder), "-q", "--lang", "en", *change]) == INFEASIBLE
    told = capsys.readouterr().out
    conflicts = run_json(folder)["conflicts"]
    assert {(item["clause"], item["subject"]) for item in conflicts} == {("HN-03", "一"), ("HN-03", "二")}
    for item in conflicts:
        assert item["required"] == 5000
        assert 300 < item["best"] < 5000
        line = next(line for line in told.splitlines() if item["subject_name"] in line and "HN-03" in line)
        assert "5,000" in line
        assert f"{item['best']:,.2f}" in line
    assert run_json(folder)["certificate"]["status"] == "infeasible"
    assert {path.name for path in folder.iterdir()} == RUN_FOLDER
    assert "HN-03" in folder.joinpath("report.html").read_text(encoding="utf-8")


def told_bad(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must fail for its input; return what it says."""
    assert main(list(arguments)) == BAD_INPUT
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    return told.err


def test_every_problem_of_the_study_is_told_at_once(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        STUDY.replace("gap: 0.001", "gap: 2")
        .replace("puyang-demo", "puyang-dome")
        .replace("[2023, 2025]", "[2025, 2023]")
    )
    study.write_text(text.replace("language: zh", "langauge: zh"), encoding="utf-8")
    before = sorted(study.parent.iterdir())
    told = told_bad(capsys, "plan", str(study), "-o", str(study.parent / "run"))
    assert told.startswith("4 problems found; nothing was written.")
    for words in (
        "solver.gap",
        "did you mean 'puyang-demo-zone-2023'?",
        "phases must ascend",
        "did you mean 'language'?",
    ):
        assert words in told
    assert sorted(study.parent.iterdir()) == before


def test_every_problem_of_the_inputs_is_told_at_once(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = study.parent
    folder.joinpath("roads.geojson").unlink()
    facilities = folder.joinpath("facilities.csv")
    facilities.write_text(facilities.read_text(encoding="utf-8").replace("15,5,0", "-15,5.5,0"), encoding="utf-8")
    idle = folder.joinpath("idle.csv")
    idle.write_text(idle.read_text(encoding="utf-8").replace("county_hub", "county_pub"), encoding="utf-8")
    for command in ("check", "plan"):
        told = told_bad(capsys, command, str(study), "-q", *(["-o", str(folder / "run")] if command == "plan" else []))
        assert told.startswith("4 problems found; nothing was written.")
        for words in ("roads.geojson", "-15", "5.5", "county_pub", "facilities.csv:2", "idle.csv:7"):
            assert words in told
    assert not folder.joinpath("run").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("plan", "nowhere.yaml"), "nowhere.yaml"),
        (("audit", "{study}", "--scenario", "fast"), "slow_walkers"),
        (("plan", "{study}", "--set", "walk.speed_m_per_s"), "--set key=value"),
        (("plan", "{study}", "--gap", "7"), "solver.gap"),
        (("map", "{folder}"), "no finished run"),
        (("report", "{folder}"), "no finished run"),
        (("rules", "--policy", "hainan"), "haining-2021"),
        (("new", "{folder}/new", "--policy", "hainan"), "haining-2021"),
        (
            ("isochrone", "{study}", "--lon", "120.7", "--lat", "30.5", "--minutes", "5,x", "-o", "{folder}/i.gpkg"),
            "minutes",
        ),
        (
            ("isochrone", "{study}", "--lon", "30.5", "--lat", "30.5", "--minutes", "5", "-o", "{folder}/i.gpkg"),
            "--lon",
        ),
        (("isochrone", "{study}", "--lon", "120.7", "--minutes", "5", "-o", "{folder}/i.gpkg"), "no whole place"),
        (
            (
                "isochrone",
                "{study}",
                "--lon",
                "1",
                "--lat",
                "2",
                "--facilities",
                "--minutes",
                "5",
                "-o",
                "{folder}/i.gpkg",
            ),
            "a place and --facilities",
        ),
    ],
    ids=lambda part: " ".join(part[:2]) if isinstance(part, tuple) else "",
)
def test_bad_arguments_are_told_with_what_to_write(
    study: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    before = sorted(study.parent.iterdir())
    filled = [part.format(study=study, folder=study.parent) for part in arguments]
    told = told_bad(capsys, *filled)
    assert words in told
    assert "→" in told
    assert sorted(study.parent.iterdir()) == before


def test_map_and_report_come_from_the_folder_alone(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = {name: copied.joinpath(name).read_bytes() for name in ("run.json", "findings.csv", "plan.gpkg")}
    written = ("map.html", "report.html", "report.docx", "report.pdf", "tables.xlsx")
    chinese = {name: copied.joinpath(name).read_bytes() for name in written}
    assert main(["map", str(copied)]) == DONE
    assert main(["report", str(copied)]) == DONE
    told = capsys.readouterr().out
    for name in written:
        assert str(copied / name) in told
        assert copied.joinpath(name).read_bytes() == chinese[name], f"{name} is not what the run itself wrote"
    assert main(["map", str(copied), "--lang", "en"]) == DONE
    assert main(["report", str(copied), "--lang", "en"]) == DONE
    assert "drawn town" in copied.joinpath("map.html").read_text(encoding="utf-8")
    assert "drawn town" in copied.joinpath("report.html").read_text(encoding="utf-8")
    assert kept == {name: copied.joinpath(name).read_bytes() for name in kept}


def test_check_reads_everything_and_writes_nothing(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(study.parent.iterdir())
    assert main(["check", str(study), "-q"]) == DONE
    assert "no problem found" in capsys.readouterr().out
    assert sorted(study.parent.iterdir()) == before


def found_by_check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["check", *arguments, "-q", "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_check_tells_severity_place_and_mending_for_machines(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = study.parent
    code, told = found_by_check(capsys, str(study), "--lang", "en")
    assert (code, told["errors"]) == (DONE, 0)
    assert told["warnings"] + told["notes"] == len(told["found"])
    assert all(one["severity"] == "note" or one["mend"] for one in told["found"])
    idle = folder / "idle.csv"
    kept = idle.read_text(encoding="utf-8")
    idle.write_text(kept.replace("120.7", "121.9", 2), encoding="utf-8")
    code, told = found_by_check(capsys, str(study), "--lang", "en")
    assert code == DONE
    (far,) = [one for one in told["found"] if "more than 20 km" in one["what"]]
    assert (far["severity"], far["where"], far["mend"]) == (
        "warning", "idle.csv", "check their coordinates, or leave them out"
    )  # fmt: skip
    assert main(["check", str(study), "-q", "--strict"]) == SHORT
    assert "warning: idle.csv" in capsys.readouterr().out


def test_check_tells_warnings_beside_errors(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = study.parent
    idle = folder / "idle.csv"
    idle.write_text(idle.read_text(encoding="utf-8").replace("120.7", "121.9", 2), encoding="utf-8")
    facilities = folder / "facilities.csv"
    facilities.write_text(facilities.read_text(encoding="utf-8").replace("15,5,0", "-15,5,0"), encoding="utf-8")
    code, told = found_by_check(capsys, str(study))
    assert code == BAD_INPUT
    assert (told["found"][0]["severity"], told["found"][0]["where"]) == ("error", "facilities.csv:2")
    assert told["warnings"] >= 1
    code, told = found_by_check(capsys, str(study), "--set", "walk.speed=fast")
    assert (code, told["errors"]) == (BAD_INPUT, 1)
    assert told["found"][0]["mend"]


@pytest.mark.parametrize("policy", ["haining-2021", "puyang-demo-zone-2023"])
def test_a_new_study_passes_the_check_once_its_files_are_there(
    study: Path, capsys: pytest.CaptureFixture[str], policy: str
) -> None:
    folder = study.parent / "new"
    assert main(["new", str(folder), "--policy", policy]) == DONE
    fresh = folder / "study.yaml"
    assert capsys.readouterr().out.strip() == str(fresh)
    assert load_config(fresh).rules
    text = fresh.read_text(encoding="utf-8")
    for told, here in (("roads.osm.pbf", "roads.geojson"), ("pop_{age}_{sex}.tif", "pop.tif")):
        assert told in text
        text = text.replace(told, here)
    fresh.write_text(
        text.replace("[60, 65, 70, 75, 80]", "[60]").replace("beds: beds}", "beds: beds_general}"), "utf-8"
    )
    assert main(["check", str(fresh), "-q", "--data-root", str(study.parent)]) == DONE
    assert main(["new", str(folder)]) == BAD_INPUT
    assert "stands there already" in capsys.readouterr().err


def test_relative_paths_start_at_the_data_root(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = study.parent / "data"
    root.mkdir()
    for path in study.parent.glob("*.*"):
        if path != study:
            path.rename(root / path.name)
    assert main(["check", str(study), "-q"]) == BAD_INPUT
    assert main(["check", str(study), "-q", "--data-root", str(root)]) == DONE
    monkeypatch.setenv("SITING_DATA", str(root))
    assert main(["check", str(study), "-q"]) == DONE


def test_the_clauses_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--format", "json"]) == DONE
    told = json.loads(capsys.readouterr().out)
    assert {"HN-05", "PY-01"} <= {row["clause"] for row in told}
    assert main(["rules", "--format", "csv", "--policy", "haining-2021"]) == DONE
    table = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [row for row in told if row["policy"] == "haining-2021"] == table


def test_the_schemas_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == DONE
    told, decoder, count = capsys.readouterr().out, json.JSONDecoder(), 0
    while told.strip():
        schema, end = decoder.raw_decode(told.lstrip())
        told, count = told.lstrip()[end:], count + 1
        assert schema["properties"]
    assert count == 3


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", ["rules --format json", "schema", "check STUDY --json -q"])
def test_a_reader_who_leaves_ends_any_command_quietly(study: Path, words: str, unbuffered: str) -> None:
    left_alone(words.replace("STUDY", str(study)).split(), unbuffered)


def test_a_reader_of_a_summary_may_leave_too(study: Path) -> None:
    said = left_alone(["audit", str(study), "-o", str(study.parent / "run"), "-v"], progress=True)
    assert all("s  " in line for line in said.decode().splitlines()), "nothing but progress"


def left_alone(words: list[str], unbuffered: str = "", *, progress: bool = False) -> bytes:
    """Run a command as `siting … | head`: it has the code of a program that a closed pipe ended, and no traceback."""
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "siting.cli", *words],
        stdout=writer,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        check=False,
    )
    os.close(writer)
    assert ended.returncode == UNHEARD
    assert progress or ended.stderr == b""
    return ended.stderr


def test_a_pipe_that_broke_elsewhere_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(*_: object) -> str:
        raise BrokenPipeError

    monkeypatch.setattr("siting.config.listing.clauses_as", broken)
    with (tmp_path / "out").open("w") as out, monkeypatch.context() as heard:
        heard.setattr("sys.stdout", out)
        heard.setattr("sys.stderr", out)
        with pytest.raises(BrokenPipeError):
            main(["rules"])


def test_isochrones_lie_inside_each_other(study: Path) -> None:
    out = study.parent / "there" / "walk.geojson"
    lon, lat = place(2.5, 3)
    told = ["--lon", str(lon), "--lat", str(lat), "--minutes", "4,8,12", "--mode", "walk", "-o", str(out)]
    assert main(["isochrone", str(study), *told]) == DONE
    features = json.loads(out.read_text(encoding="utf-8"))["features"]
    assert [feature["properties"]["minutes"] for feature in features] == [4, 8, 12]
    assert [feature["properties"]["metres"] for feature in features] == [216, 432, 648]
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in features]
    for inner, outer in itertools.pairwise(shapes):
        assert inner.area < outer.area
        assert inner.difference(outer).area < 1e-4 * inner.area
    assert shapes[0].covers(shapely.Point(lon, lat))
    whole = shapely.box(WEST, NORTH - SIDE * STEP, WEST + SIDE * STEP, NORTH)
    assert shapely.intersects(shapes[-1], whole)


def isochrones(study: Path, *words: str) -> gpd.GeoDataFrame:
    out = study.parent / "areas.gpkg"
    out.unlink(missing_ok=True)
    assert main(["isochrone", str(study), *words, "-o", str(out)]) == DONE
    return gpd.read_file(out, layer="isochrones")


def test_isochrones_of_every_facility_apart_and_together(study: Path) -> None:
    each = isochrones(study, "--facilities", "--each", "--minutes", "5,10")
    together = isochrones(study, "--facilities", "--merged", "--minutes", "5,10")
    assert each["facility"].tolist() == ["F1", "F1", "F2", "F2"]
    assert each["name"].tolist()[::2] == ["老街养老院", "镇养老服务中心"]
    assert each["minutes"].tolist() == [5, 10, 5, 10]
    assert together["minutes"].tolist() == [5, 10]
    assert "facility" not in together
    assert isochrones(study, "--facilities", "--minutes", "5,10").equals(each)  # apart unless told otherwise
    assert each.crs == together.crs == "EPSG:32651"
    for number in range(2):
        united = each.geometry[each["minutes"] == together["minutes"][number]].union_all()
        assert together.geometry[number].symmetric_difference(united).area < 50


def test_rings_do_not_overlap_and_add_up(study: Path) -> None:
    whole = isochrones(study, "--facilities", "--merged", "--minutes", "5,10,15")
    rings = isochrones(study, "--facilities", "--merged", "--rings", "--minutes", "5,10,15")
    assert rings.geometry.area.sum() == pytest.approx(whole.geometry.area.iloc[-1], rel=1e-6)
    assert rings.geometry[0].intersection(rings.geometry[1]).area < 1e-3
    assert rings.explode().area.min() > 1


def test_isochrones_in_degrees_are_polygons_that_hold(study: Path) -> None:
    """Rings share sides, so that what almost touches on the plane may cross in degrees."""
    out = study.parent / "rings.geojson"
    asked = ["--facilities", "--rings", "--minutes", "5,10,15", "-o", str(out)]
    assert main(["isochrone", str(study), *asked]) == DONE
    rings = gpd.read_file(out)
    assert rings.crs == "EPSG:4326"
    assert list(rings.columns) == ["mode", "minutes", "metres", "facility", "name", "geometry"]
    assert set(rings.geom_type) <= {"Polygon", "MultiPolygon"}
    assert rings.is_valid.all()
    whole = isochrones(study, "--facilities", "--minutes", "15")
    assert rings.to_crs(whole.crs).area.sum() == pytest.approx(whole.area.sum(), rel=1e-5)


def test_isochrones_are_written_as_what_their_name_says(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = study.parent / "areas.shp"
    told = told_bad(capsys, "isochrone", str(study), "--facilities", "--minutes", "5", "-o", str(out))
    assert ".shp is not a layer that is written" in told
    assert "name a file that ends in one of .geojson, .json, .gpkg" in told
    assert not out.exists()


def test_wheels_reach_farther_than_feet(study: Path) -> None:
    lon, lat = place(2.5, 3)
    where = ("--lon", str(lon), "--lat", str(lat), "--minutes", "2")
    by = {mode: isochrones(study, *where, "--mode", mode) for mode in ("walk", "cycle", "drive")}
    assert [by[mode]["mode"].tolist() for mode in by] == [["walk"], ["cycle"], ["drive"]]
    feet, bicycle, car = (by[mode].geometry.area.iloc[0] for mode in by)
    assert feet < bicycle < car
    assert by["drive"]["metres"].tolist() == [1000]  # worth, at 30 km/h; streets of this class are driven at 20


def test_a_study_without_facilities_has_no_isochrones_of_them(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = study.read_text(encoding="utf-8")
    begin, end = text.index("facilities:"), text.index("candidates:")
    study.write_text(text[:begin] + text[end:], encoding="utf-8")
    out = str(study.parent / "areas.gpkg")
    assert "no facilities" in told_bad(capsys, "isochrone", str(study), "--facilities", "--minutes", "5", "-o", out)


def test_an_interrupt_leaves_nothing_half_written(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("siting.present.folder.write_map", interrupt)
    before = sorted(study.parent.iterdir())
    assert main(["audit", str(study), "-q", "-o", str(study.parent / "run")]) == 130
    assert "interrupted" in capsys.readouterr().err
    assert sorted(study.parent.iterdir()) == before


def test_an_interrupted_search_keeps_its_best_plan(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def pressed(_: Progress, stage: str, detail: str = "") -> None:
        if stage == "plan" and detail and not stopped():
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Progress, "__call__", pressed)
    folder = study.parent / "run"
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored where tests run in the background
    try:
        assert main(["plan", str(study), "-q", "-o", str(folder)]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert "best plan found so far" in capsys.readouterr().err
    run = run_json(folder)
    proof = run["certificate"]
    assert proof["status"] in {"gap", "optimal"}
    assert proof["bound"] <= proof["objective"]
    assert any("interrupted" in warning["en"] for warning in run["warnings"])
    assert not stopped()
