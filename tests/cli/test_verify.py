"""`siting verify`: a run as it was written agrees with itself; whatever is altered afterwards is found and named."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from docx import Document
from town_files import SERVING, write_town

from siting.cli import BAD_INPUT, DONE, SHORT, main
from siting.errors import DataError
from siting.verify import verify
from siting.verify.clauses import measures, verdicts
from siting.verify.inputs import inputs
from siting.verify.papers import printed, told
from siting.verify.serving import serving
from siting.verify.sums import beds, layers, money, persons
from siting.verify.tables import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = write_town(tmp_path_factory.mktemp("town"))
    # Whole cells, so that persons can be counted again by cell.
    text = study.read_text(encoding="utf-8").replace("year: 2025}", "year: 2025, cut_cells: centre}")
    study.write_text(text + SERVING, encoding="utf-8")
    folder = study.parent / "run"
    assert main(["plan", str(study), "-o", str(folder), "-q"]) == DONE
    return folder


@pytest.fixture
def run(planned: Path, tmp_path: Path) -> Path:
    """A copy of the run beside its inputs, to be altered."""
    town = tmp_path / "town"
    shutil.copytree(planned.parent, town)
    return town / planned.name


def csv(name: str, column: str, change: Callable[[str], str], where: str = "") -> Callable[[Path], None]:
    """Alter the first cell of a column that holds a number other than 0, in a row whose text holds `where`."""

    def alter(run: Path) -> None:
        path = run / name
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        fit = table.apply(lambda row: where in ",".join(row), axis=1) & table[column].str.contains("[1-9a-z]")
        row = table.index[fit][0]
        table.loc[row, column] = change(table.loc[row, column])
        table.to_csv(path, index=False, encoding="utf-8-sig")

    return alter


def more(text: str) -> str:
    return str(float(text) * 1.01 + 1)


def word(old: str, new: str) -> Callable[[Path], None]:
    """Alter a figure in the Word file: `old` is a pattern of a whole run of text."""

    def alter(run: Path) -> None:
        path = run / "report.docx"
        document = Document(str(path))
        texts = document.element.body.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t")
        text = next(node for node in texts if re.search(old, node.text or ""))
        text.text = re.sub(old, new, text.text, count=1)
        document.save(str(path))

    return alter


def cells(run: Path) -> None:
    path = run / "cells.parquet"
    table = pd.read_parquet(path)
    column = next(name for name in table if name.startswith("after_"))
    place = table.index[(table[column] == 1) & (table["district"] >= 0)][0]
    table.loc[place, column] = 2
    table.to_parquet(path)


def an_input(run: Path) -> None:
    path = next(path for path in sorted(run.parent.rglob("*.csv")) if run not in path.parents)
    path.write_bytes(path.read_bytes() + b"\n")


def total(run: Path) -> None:
    path = run / "run.json"
    facts = json.loads(path.read_text(encoding="utf-8"))
    facts["totals"]["cost_by_phase"][0] += 1000.0
    path.write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")


def proof(run: Path) -> None:
    path = run / "run.json"
    facts = json.loads(path.read_text(encoding="utf-8"))
    facts["certificate"]["bound"] *= 0.9
    path.write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")


def test_a_run_agrees_with_itself(planned: Path) -> None:
    tallies = verify(planned)
    assert [(tally.name.en, tally.differences) for tally in tallies if tally.differences] == []
    assert all(tally.compared for tally in tallies)
    assert not tallies[0].aside, "every input is found"
    assert sum(tally.compared for tally in tallies) > 500


ALTERED = {
    "an input": (an_input, lambda tables: inputs(tables, None)),
    "beds of a facility": (csv("plan.csv", "beds_after", more), layers),
    "a class of beds": (csv("plan.csv", "general_after", more), beds),
    "the cost of a facility": (csv("plan.csv", "cost", more), money),
    "persons covered": (csv("ledger.csv", "covered", more), persons),
    "persons of a district": (csv("districts.csv", "cost", more), beds),
    "a cell": (cells, persons),
    "a measure": (csv("findings.csv", "after", more), measures),
    "a verdict": (csv("findings.csv", "status", lambda _: "short", "met"), verdicts),
    "persons served": (csv("serving.csv", "served", more), serving),
    "who waits at a facility": (csv("occupancy.csv", "waiting_nearest", more), serving),
    "beds there are": (csv("occupancy.csv", "room", more), serving),
    "a budget": (total, money),
    "the bound": (proof, money),
    "a figure in a sentence": (word(r"床位\d+张", "床位999张"), told),
    "a printed cost": (word(r"^[\d,]+\.\d\d$", "7.77"), told),
}


@pytest.mark.parametrize("what", ALTERED)
def test_what_is_altered_is_found(run: Path, what: str) -> None:
    alter, compare = ALTERED[what]
    alter(run)
    assert compare(read(run)).differences


@pytest.mark.parametrize(("table", "column"), [("findings", "persons"), ("ledger", "uncovered"), ("plan", "cost")])
def test_printed_figures_are_held_against_the_tables(run: Path, table: str, column: str) -> None:
    assert not printed(read(run)).differences
    csv(f"{table}.csv", column, more, "202" if table == "plan" else "")(run)
    assert printed(read(run)).differences


def test_the_command_says_every_difference_and_its_code(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(run)]) == DONE
    assert "人口账: 核对" in capsys.readouterr().out
    csv("plan.csv", "cost", more)(run)
    assert main(["verify", str(run), "--lang", "en"]) == SHORT
    assert "≠ run.json totals.cost: written " in capsys.readouterr().out
    assert main(["verify", str(run), "--json"]) == SHORT
    parts = json.loads(capsys.readouterr().out)
    assert any(part["differences"] for part in parts)
    assert {"subject", "compared", "differences", "not_compared"} == set(parts[0])


def test_inputs_that_are_elsewhere_are_named(run: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "a" / "b" / "c" / "run"
    shutil.copytree(run, moved)
    shutil.rmtree(run.parent)
    assert verify(moved)[0].aside
    assert not verify(moved)[0].compared


def test_a_folder_that_is_no_run_is_said_to_be_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tmp_path)]) == BAD_INPUT
    assert "findings.csv" in capsys.readouterr().err
    tmp_path.joinpath("run.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="cannot be read"):
        verify(tmp_path)


def test_an_audit_is_verified_without_a_plan(tmp_path: Path) -> None:
    study = write_town(tmp_path)
    folder = tmp_path / "audit"
    assert main(["audit", str(study), "-o", str(folder), "-q"]) == DONE
    assert [(tally.name.en, tally.differences) for tally in verify(folder) if tally.differences] == []
