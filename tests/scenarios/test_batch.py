"""Many counties: what serves across a border and counts nowhere, and a province that is planned and gathered."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import shapely
from crews import files_of
from halves import write_halves, write_thirds
from pyproj import Transformer
from town_files import TOTAL

from siting.borders import widened
from siting.cache import NO_CACHE
from siting.cli import BAD_INPUT, DONE, main
from siting.config import load_config
from siting.groundwork import Clock, prepare, read, silent
from siting.model.sites import ACROSS
from siting.rules import audit
from siting.scenarios.batch import studies_of
from siting.sources.made.province import COUNTIES, county_specs

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.findings import Audit
    from siting.sources.made.spec import CountySpec


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_halves(tmp_path_factory.mktemp("province"))


def covered(found: Audit, clause: str) -> float:
    return next(line.covered for line in found.ledger if line.clause == clause)


def test_a_centre_across_the_border_serves_but_counts_nowhere(halves: tuple[Path, Path]) -> None:
    west, east = (load_config(path) for path in halves)
    alone, beside = prepare(west), prepare(replace(west, neighbours=(east,)))
    sites, options = beside.problem.sites, beside.problem.options
    guest = sites.id.index("east/E1")
    assert ACROSS in sites.tags[guest]
    assert sites.district[guest] == -1
    assert [str(options.action[o]) for o in np.flatnonzero(options.site == guest)] == ["keep"]
    assert len(sites) == len(alone.problem.sites) + 1
    before, after = (audit(west.rules, known.problem, known.problem.existing_state()) for known in (alone, beside))
    assert covered(after, "PY-01") > covered(before, "PY-01")
    cover = {line.clause for line in before.ledger}  # who is covered may change: there are more streets
    for one, other in zip(before.findings, after.findings, strict=True):
        if one.clause not in cover and not np.isnan(one.measured):
            assert other.measured == one.measured, f"{one.clause} counts what is not the county's"
    assert any("east (" in warning.en for warning in beside.warnings)
    assert any(item.path == "east: facilities.csv" for item in beside.raw.provenance)


def test_three_counties_share_facilities_and_each_bed_and_person_counts_once(tmp_path: Path) -> None:
    studies = write_thirds(tmp_path)
    run = [
        "batch",
        str(tmp_path),
        "-o",
        str(tmp_path / "out"),
        "--workers",
        "1",
        "-q",
        "--cache",
        str(tmp_path / "kept"),
    ]
    assert main(run) == DONE
    table = pd.read_csv(tmp_path / "out" / "province.csv", encoding="utf-8-sig").set_index("county")
    assert table["neighbours"].to_dict() == {"west": "east; middle", "middle": "east; west", "east": "middle; west"}
    # The home of 20 beds stands in the middle; its neighbours walk to it, and count none of its beds.
    assert table["beds_before"].to_dict() == {"west": 0, "middle": 20, "east": 0}
    assert table["persons"].sum() == pytest.approx(TOTAL, abs=0.01)
    gains = {}
    for study in studies:
        config, name = load_config(study), study.parent.name
        alone = prepare(config)
        today = audit(config.rules, alone.problem, alone.problem.existing_state())
        ledger = pd.read_csv(tmp_path / "out" / "counties" / name / "ledger.csv", encoding="utf-8-sig")
        beside = ledger[(ledger["rule"] == "PY-01") & (ledger["phase"] == 2025) & (ledger["moment"] == "before")]
        before = sum(line.covered for line in today.ledger if line.clause == "PY-01" and line.phase == 2025)
        gains[name] = [round(before), round(beside["covered"].item())]
    # One cell of 700 within reach of the centre in the middle is in the west; the middle itself needs nobody.
    assert gains == {"west": [300, 1000], "middle": [1820, 1820], "east": [300, 300]}


def test_a_made_province_has_counties_of_all_sizes_side_by_side() -> None:
    province = county_specs()
    assert len(province) == COUNTIES == 122
    assert county_specs(5) == province[:5], "the same ones first, however many are asked for"
    persons = np.array([spec.persons_2025 for spec in province])
    assert (persons.min(), persons.max()) == (60_000, 400_000)
    assert 15_000_000 < persons.sum() < 20_000_000
    assert len({spec.seed for spec in province}) == 122
    frames = [frame_of(spec) for spec in province]
    tree = shapely.STRtree(frames)
    assert len(tree.query(frames, predicate="intersects")[0]) == len(frames), "no two of them overlap"
    near = tree.query([shapely.buffer(frame, 800) for frame in frames], predicate="intersects")[0]
    alone = 11 * 11  # it begins the last row, and is all of it
    assert np.flatnonzero(np.bincount(near) < 2).tolist() == [alone], "the others have neighbours within a walk"


def frame_of(spec: CountySpec) -> shapely.Geometry:
    """A county's frame on one plane for all."""
    east, north = Transformer.from_crs(4326, 32651, always_xy=True).transform(spec.lon, spec.lat)
    half = np.array([spec.width_m, spec.height_m]) / 2
    return shapely.box(east - half[0], north - half[1], east + half[0], north + half[1])


def test_what_lies_farther_than_anybody_walks_is_left_where_it_is(halves: tuple[Path, Path]) -> None:
    west, east = (read(load_config(path), Clock(silent), NO_CACHE, merged=False) for path in halves)
    near, far = (widened(west, [("east", east)], metres) for metres in (20.0, 30.0))
    assert len(near.facilities) == len(west.facilities)
    assert len(far.facilities) == len(west.facilities) + 1, "it stands some 24 m beyond the border"
    again = widened(far, [("east", east)], 30.0)
    assert len(again.facilities) == len(far.facilities), "what is listed already comes no second time"


def test_streets_of_two_files_join_at_their_common_junction(halves: tuple[Path, Path]) -> None:
    west, east = (load_config(path) for path in halves)
    known = prepare(replace(west, neighbours=(east,)))
    guest = known.problem.sites.id.index("east/E1")
    metres = known.problem.access.metres.tocsc()[:, [guest]]
    assert metres.nnz > 0
    far = known.problem.zones.x_m[metres.indices]
    assert (far < known.problem.sites.x_m[guest]).any(), "homes in the west reach it along the streets"


def test_a_batch_is_planned_gathered_and_not_done_twice(
    halves: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = halves[0].parents[1]
    out = folder / "out"
    run = ["batch", str(folder), "-o", str(out), "--workers", "1", "-q", "--json", "--cache", str(folder / "kept")]
    assert main(run) == DONE
    assert json.loads(capsys.readouterr().out)["counties"] == ["east", "west"]
    table = pd.read_csv(out / "province.csv", encoding="utf-8-sig")
    assert table["county"].tolist() == ["east", "west"]
    assert table["neighbours"].tolist() == ["west", "east"]
    for name, persons in zip(table["county"], table["persons"], strict=True):
        told = json.loads(out.joinpath("counties", name, "run.json").read_text(encoding="utf-8"))
        assert persons == told["totals"]["persons"]["2025"]
        assert any(item["path"].startswith({"east": "west", "west": "east"}[name]) for item in told["inputs"])
        line, county = table.set_index("county").loc[name], out / "counties" / name
        assert line["met_before"] == pytest.approx(met_share(county, told, "status_before")), "what a plan is held to"
        planned = told["totals"]["cost"] is not None
        assert (
            line["met_after"] == pytest.approx(met_share(county, told, "status"))
            if planned
            else line.isna()["met_after"]
        )
    first = files_of(out)
    stamps = {path: path.stat().st_mtime_ns for path in out.rglob("run.json")}
    assert main(run) == DONE
    assert files_of(out) == first
    assert {path: path.stat().st_mtime_ns for path in out.rglob("run.json")} == stamps
    page = out.joinpath("province.html").read_text(encoding="utf-8")
    assert "手绘小镇" in page
    assert "default-src 'none'" in page, "the page may ask nobody for anything"
    assert "<script src" not in page


def met_share(folder: Path, told: dict[str, Any], column: str) -> float:
    """Count what a plan is held to in the last phase: clauses that are only audited, or indicative, are not."""
    held = {clause["id"] for clause in told["clauses"] if (clause["force"], clause["role"]) == ("must", "opt")}
    findings = pd.read_csv(folder / "findings.csv", encoding="utf-8-sig")
    due = findings[findings["rule"].isin(held) & (findings["phase"] == 2025)]
    assert set(findings["rule"]) - held, "some clause is no plan's to meet"
    counted = due[~due[column].isin(["not_applicable", "no_data", "not_yet_due"])][column]
    assert counted.any(), "something is met or missed"
    return float((counted != "short").mean())


def test_a_county_that_cannot_be_read_is_told_and_the_others_are_planned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    west, east = write_halves(tmp_path)
    east.parent.joinpath("pop.tif").unlink()
    broken = tmp_path / "north" / "study.yaml"
    broken.parent.mkdir()
    broken.write_text("study: north\n", encoding="utf-8")
    run = ["batch", str(tmp_path), "-o", str(tmp_path / "out"), "--workers", "1", "-q", "--no-cache"]
    assert main(run) == BAD_INPUT
    told = capsys.readouterr().err
    assert "pop.tif" in told
    assert "districts" in told
    table = pd.read_csv(tmp_path / "out" / "province.csv", encoding="utf-8-sig").set_index("county")
    assert table["status"].tolist().count("failed") == 2
    assert table.loc["west", "status"] != "failed"
    assert west.exists()


def test_what_is_no_study_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    west, _ = write_halves(tmp_path)
    twin = tmp_path / "twin.yaml"
    twin.write_text(west.read_text(encoding="utf-8"), encoding="utf-8")
    assert studies_of([tmp_path])[-1] == west
    assert main(["batch", str(tmp_path / "nowhere"), "-q"]) == BAD_INPUT
    assert "no such file or folder" in capsys.readouterr().err
    assert main(["batch", str(tmp_path), "--data-root", str(west.parent), "-q", "-o", str(tmp_path / "o")]) == BAD_INPUT
    assert "is the name of another study too" in capsys.readouterr().err
