"""Circles proposed for a study: written beside its districts, read back, and found to be what the clause asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
from town_files import STUDY, TOTAL, write_town

from siting import load_config, run
from siting.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_proposed_serves_as_districts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two halves of the town, which touch: each a circle, or both one; all the town's persons are in them."""
    path, drawn = write_town(tmp_path), tmp_path / "circles.geojson"
    assert main(["circles", str(path), "--counts", "1,2", "-o", str(drawn), "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert "1 circles" in told
    assert told.count("proven to be the least") == 2
    layer = gpd.read_file(drawn)
    assert layer["id"].tolist() == ["W", "E"]
    assert layer["circle_of_1"].tolist() == ["1-1", "1-1"]
    assert sorted(layer["circle_of_2"]) == ["2-1", "2-2"]
    assert layer["circle"].tolist() == ["1-1", "1-1"]
    assert layer["persons"].sum() == pytest.approx(TOTAL, abs=1)
    text = STUDY.replace("{file: districts.geojson,", "{file: circles.geojson, circle: circle_of_2,")
    path.write_text(text, encoding="utf-8")
    study = run(load_config(path), plan=False)
    assert sorted(study.problem.districts.circles) == ["2-1", "2-2"]
    drawn_well = {
        finding.subject.part: finding.status
        for finding in study.before.findings
        if finding.clause == "HN-02b" and finding.phase == 2025
    }
    assert drawn_well[""] == "met"
    assert drawn_well["pieces"] == "met"


@pytest.mark.parametrize(
    ("counts", "words"), [("3", "2 districts cannot form 3 circles"), ("few", "is no list of numbers of circles")]
)
def test_what_cannot_be_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], counts: str, words: str) -> None:
    path, drawn = write_town(tmp_path), tmp_path / "circles.geojson"
    assert main(["circles", str(path), "--counts", counts, "-o", str(drawn)]) == 2
    assert words in capsys.readouterr().err
    assert not drawn.exists()
