"""What a run makes of the people: cells cut by boundaries are shared, add up, and are drawn once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shapely import box
from small_inputs import write_layer
from town_files import NORTH, PERSONS, SIDE, STEP, TOTAL, WEST, write_town

from siting import load_config, run
from siting.present.collect import collect

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.plan import Study


def cut_town(folder: Path, *changes: str) -> Study:
    """Audit the town with its districts moved west across the cells."""
    path = write_town(folder)
    south = NORTH - SIDE * STEP
    edges = [WEST - 0.2 * STEP, WEST + (SIDE / 2 - 0.6) * STEP, WEST + (SIDE - 0.7) * STEP]
    halves = [box(west, south, east, NORTH) for west, east in zip(edges, edges[1:])]  # noqa: B905 RUF007 - pairs
    names = {"id": ["W", "E"], "name": ["西街道", "东镇"], "name_en": ["West", "East"], "unit": ["一", "二"]}
    write_layer(folder / "districts.geojson", halves, **names)
    return run(load_config(path, changes=changes), plan=False)


def test_cut_cells_are_shared_between_districts_and_with_what_lies_outside(tmp_path: Path) -> None:
    """Column 2 is cut at 0.4 of its width, column 5 at 0.3: hand sums of the columns' persons."""
    columns = [sum(row[column] for row in PERSONS) for column in range(SIDE)]
    results = collect(cut_town(tmp_path))
    held = results.districts.set_index("id")["persons_2025"]
    assert held["W"] == pytest.approx(columns[0] + columns[1] + 0.4 * columns[2], abs=0.1)
    assert held["E"] == pytest.approx(0.6 * columns[2] + columns[3] + columns[4] + 0.3 * columns[5], abs=0.1)
    ledger = results.ledger
    assert ledger["outside_districts"].to_numpy() == pytest.approx(0.7 * columns[5], abs=0.1)
    assert (ledger["demand"] + ledger["not_concerned"]).to_numpy() == pytest.approx(held.sum())
    assert ledger["raster_total"].to_numpy() == pytest.approx(TOTAL)


def test_a_cut_cell_is_drawn_once_with_all_its_persons(tmp_path: Path) -> None:
    cells = collect(cut_town(tmp_path)).cells
    assert not cells.duplicated(["row", "column"]).any()
    drawn = {(cell.row, cell.column): cell for cell in cells.itertuples()}
    assert {place: cell.persons for place, cell in drawn.items()} == {
        (row, column): pytest.approx(PERSONS[row][column])
        for row in range(SIDE)
        for column in range(SIDE)
        if PERSONS[row][column]
    }
    assert [drawn[2, column].district for column in range(SIDE)] == [0, 0, 1, 1, 1, 1]


def test_by_centre_cells_stay_whole_and_the_report_says_which(tmp_path: Path) -> None:
    study = cut_town(tmp_path, "population.cut_cells=centre")
    assert len(study.problem.zones) == sum(persons > 0 for row in PERSONS for persons in row)
    chosen = {entry["key"]: entry["value"] for entry in collect(study).run["parameters"]}
    assert chosen["population.cut_cells"] == "centre"


def test_a_raster_that_was_cut_to_the_districts_is_suspected(tmp_path: Path) -> None:
    """No cell is centred outside, but a tenth of the last column would be put there."""
    (tmp_path / "cut").mkdir()
    path = write_town(tmp_path / "cut")
    south, middle, east = NORTH - SIDE * STEP, WEST + SIDE / 2 * STEP, WEST + (SIDE - 0.1) * STEP
    write_layer(
        tmp_path / "cut" / "districts.geojson",
        [box(WEST, south, middle, NORTH), box(middle, south, east, NORTH)],
        id=["W", "E"],
        name=["西街道", "东镇"],
        name_en=["West", "East"],
        unit=["一", "二"],
    )
    (told,) = [w for w in run(load_config(path), plan=False).warnings if "outside the districts" in w.en]
    assert "puts 30 persons outside" in told.en
    assert "cut_cells: centre" in told.mend[0]
    assert not [w for w in cut_town(tmp_path).warnings if "outside the districts" in w.en]
