"""What lies beyond the boundary counts, how far data reach is said, and odd positions are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from shapely import LineString
from small_inputs import write_layer
from town_files import FACILITIES, SIDE, place, streets, write_town

from siting import load_config, run
from siting.present.collect import collect
from siting.present.results import Results

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.plan import Study


def study_of(folder: Path, extra: list[LineString], facility: tuple[float, float] | None = None) -> Study:
    """Run the audit of the town with further streets and, perhaps, a station at a place."""
    path = write_town(folder)
    lines = [*streets(), *extra]
    write_layer(folder / "roads.geojson", lines, highway=["residential"] * len(lines))
    if facility is not None:
        lon, lat = facility
        table = (folder / "facilities.csv").read_text(encoding="utf-8")
        assert table.startswith(FACILITIES.splitlines()[0])
        row = f"F3,界外照料中心,day_care,public,{lon},{lat},0,0,0,500\n"
        (folder / "facilities.csv").write_text(table + row, encoding="utf-8")
    return run(load_config(path), plan=False)


def covered(study: Study) -> dict[str, float]:
    return {line.clause: line.covered for line in study.before.ledger if line.phase == 2025}


def test_roads_and_facilities_beyond_the_boundary_count(tmp_path: Path) -> None:
    """A station half a cell east of the county, on a street that only the data beyond the boundary have."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    road = LineString([place(SIDE - 1, 2), place(SIDE + 0.2, 2)])
    alone = study_of(tmp_path / "one", [road])
    served = study_of(tmp_path / "two", [road], place(SIDE, 2))
    station = served.problem.sites.id.index("F3")
    assert served.problem.sites.district[station] < 0
    before, after = covered(alone), covered(served)
    assert any(after[clause] > before[clause] + 100 for clause in after)


def test_the_run_says_how_far_the_roads_reach_and_who_lives_near_their_end(tmp_path: Path) -> None:
    study = study_of(tmp_path, [])
    assert study.margin is not None
    assert set(study.margin.beyond_m) == {"west", "south", "east", "north"}
    assert all(-150 < metres < 0 for metres in study.margin.beyond_m.values())  # streets end half a cell inside
    (told,) = [warning for warning in study.warnings if "reach beyond the districts' box" in warning.en]
    assert all(clause in told.en for clause, persons in study.margin.near_edge.items() if persons > 0)
    row = next(row for row in collect(study).run["parameters"] if row["key"] == "roads.beyond")
    assert row["unit"] == "m"


def test_people_moved_off_an_island_are_told_and_the_worst_ways_listed(tmp_path: Path) -> None:
    """A lane of 30 m, joined to nothing, beside the middle of a cell."""
    (x, y) = place(3.3, 3.3)
    study = study_of(tmp_path, [LineString([(x, y), (x + 0.0003, y)])], place(3.32, 3.29))
    (told,) = [warning for warning in study.warnings if "isolated piece of street" in warning.en]
    assert "F3" in told.en
    results = collect(study)
    table = results.snaps
    assert table is not None
    assert 10 < len(table) <= 50
    assert table.loc[table["state"] == "on_road", "connector_m"].is_monotonic_decreasing
    assert set(table["what"]) == {"cell", "site"}
    (tmp_path / "run").mkdir()
    results.write(tmp_path / "run")
    pd.testing.assert_frame_equal(Results.read(tmp_path / "run").snaps, table)
    (tmp_path / "run" / "snaps.csv").unlink()
    assert Results.read(tmp_path / "run").snaps is None


def test_nobody_is_moved_where_there_is_no_island(tmp_path: Path) -> None:
    assert not any("isolated" in warning.en for warning in study_of(tmp_path, []).warnings)
