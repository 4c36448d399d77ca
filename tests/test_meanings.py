"""The audit under every reading that a study and its packs declare: which verdicts depend on the reading."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from town_files import STUDY, write_town

from siting import load_config, run
from siting.cli import main
from siting.errors import ConfigError
from siting.present.collect import collect
from siting.present.report import report_blocks

if TYPE_CHECKING:
    from pathlib import Path

READ = """\
meanings:
  slower: {title: {zh: 步行更慢, en: a slower walk}, walk.speed_m_per_s: 0.3}
  half: {rules.PY-01.share: 0.01, rules.PY-01.of: all}
  as_it_is: {density.radius_m: 500}
"""


def town(folder: Path, text: str) -> Path:
    path = write_town(folder)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    folder = tmp_path_factory.mktemp("read")
    path = town(folder, STUDY + READ)
    assert main(["audit", str(path), "--meanings", "-o", str(folder / "run"), "--lang", "zh", "-q"]) == 0
    return json.loads((folder / "run" / "run.json").read_text(encoding="utf-8")), folder / "run"


def test_every_reading_is_compared_clause_by_clause(told: tuple[dict[str, Any], Path]) -> None:
    found, _ = told
    assert [reading["name"] for reading in found["readings"]] == ["slower", "half", "as_it_is"]
    assert found["readings"][0]["changes"] == [{"key": "walk.speed_m_per_s", "value": 0.3}]
    assert [one["title"]["zh"] for one in found["readings"]] == ["步行更慢", "half", "as_it_is"]
    for reading in found["readings"]:
        assert [one["clause"] for one in reading["clauses"]] == [clause["id"] for clause in found["clauses"]]
        for one in reading["clauses"]:
            assert one["changes"] == (one["asked"]["verdict"] != one["read"]["verdict"])


def test_what_is_asked_is_what_the_audit_of_the_study_found(told: tuple[dict[str, Any], Path]) -> None:
    import pandas as pd  # noqa: PLC0415

    found, folder = told
    table = pd.read_csv(folder / "findings.csv", dtype={"subject": str})
    last = table[table["phase"] == 2025]
    for one in found["readings"][0]["clauses"]:
        mine = last[last["rule"] == one["clause"]]
        assert one["asked"]["subjects"] == len(mine)
        assert one["asked"]["short"] == (mine["status_before"] == "short").sum()


def test_a_verdict_changes_with_the_reading_that_it_hangs_on_and_no_other(told: tuple[dict[str, Any], Path]) -> None:
    """Of all persons 90 % of those within reach are asked for, and fewer are; one in a hundred are near the centre."""
    found, _ = told
    changed = {
        reading["name"]: {one["clause"] for one in reading["clauses"] if one["changes"]}
        for reading in found["readings"]
    }
    assert changed == {"slower": set(), "half": {"PY-01"}, "as_it_is": set()}
    slower, half, same = (
        next(one for one in reading["clauses"] if one["clause"] == "PY-01") for reading in found["readings"]
    )
    assert (half["asked"]["verdict"], half["read"]["verdict"]) == ("short", "met")
    assert slower["read"]["measured"] < slower["asked"]["measured"]
    assert same["read"] == same["asked"]


def test_the_report_says_which_verdicts_depend_on_the_reading(told: tuple[dict[str, Any], Path]) -> None:
    found, folder = told
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "口径敏感性" in page
    assert "half（rules.PY-01.share = 0.01, rules.PY-01.of = all）" in page
    assert "步行更慢（walk.speed_m_per_s = 0.3）" in page
    assert f"{len(found['clauses'])}项条款中，1项的结论随口径改变" in page
    assert "half：达标" in page


def test_nothing_is_compared_unless_asked_for(tmp_path: Path) -> None:
    results = collect(run(load_config(town(tmp_path, STUDY + READ)), plan=False))
    assert results.run["readings"] == []
    assert not any("口径敏感性" in str(block) for block in report_blocks(results, "zh"))


def test_readings_of_a_pack_begin_at_its_clauses(tmp_path: Path) -> None:
    path = town(tmp_path, STUDY.replace("[haining-2021, puyang-demo-zone-2023]", "[dongguan-2020]").split("rules:")[0])
    found = load_config(path).meanings
    told = dict(found["dongguan-2020.meals_in_15_minutes"])
    assert told.pop("title") == {"zh": "配餐车程15分钟", "en": "meals within 15 minutes"}
    assert told == {"rules.DG-01b.drive_minutes": 15}
    for changes in found.values():
        load_config(path, patch={key: value for key, value in changes.items() if key != "title"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "neither the study nor its packs declare readings"),
        (
            "meanings: {odd: {title: {zh: 无英文}, rules.PY-01.share: 1}, off: {walk.speed_m_per_s: 99}}\n",
            "meanings.odd.title",
        ),
        ("meanings: {odd: {rules.PY-01.shar: 1}, off: {walk.speed_m_per_s: 99}}\n", "meanings.odd"),
    ],
)
def test_a_reading_that_cannot_be_read_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    path = town(tmp_path, STUDY + text)
    assert main(["audit", str(path), "--meanings", "-o", str(tmp_path / "run"), "-q"]) == 2
    told = capsys.readouterr().err
    assert words in told
    assert ("meanings.off" in told) == bool(text)
    assert not (tmp_path / "run").exists()


def test_every_reading_of_every_shipped_pack_is_valid(tmp_path: Path) -> None:
    for pack in ("dongguan-2020", "hunan-2024", "yizhou-2021"):
        path = town(tmp_path, STUDY.replace("[haining-2021, puyang-demo-zone-2023]", f"[{pack}]").split("rules:")[0])
        config = load_config(path)
        assert config.meanings, pack
        for name, changes in config.meanings.items():
            assert set(changes["title"]) == {"zh", "en"}, name
            try:
                load_config(path, patch={key: value for key, value in changes.items() if key != "title"})
            except ConfigError as error:
                pytest.fail(f"{name}: {error}")
