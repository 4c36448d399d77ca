"""Whatever bytes a file holds, reading it ends in a study or in a `DataError`: never in a traceback."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString
from small_inputs import NODES, WAYS, catalogue, write_layer, write_osm, write_study

from siting.errors import DataError, Problem
from siting.sources import SourceOptions, load

if TYPE_CHECKING:
    from pathlib import Path

TRIES = 25


def other_formats(folder: Path, study: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Write the same inputs in other formats; return the keys that name them, by file."""
    frame = gpd.read_file(folder / "districts.geojson")
    frame.to_file(folder / "d.gpkg")
    frame.to_file(folder / "d.shp")
    frame.to_parquet(folder / "d.parquet")
    lines = [LineString([NODES[1], NODES[2]]), LineString([NODES[2], NODES[4]])]
    write_layer(folder / "r.geojson", lines, u=[1, 2], v=[2, 4], highway=["residential", None])
    write_osm(folder / "r.osm", NODES, WAYS)
    pd.read_csv(folder / "facilities.csv").to_excel(folder / "f.xlsx", index=False)
    shape = {"districts": {**study["districts"], "file": "d.shp"}}
    return {
        **{name: {} for name in ("districts.geojson", "roads.osm.pbf", "pop_60_f.tif", "facilities.csv", "idle.csv")},
        **{name: shape for name in ("d.shp", "d.shx", "d.dbf", "d.prj")},  # noqa: C420 - nobody changes it
        "d.gpkg": {"districts": {**study["districts"], "file": "d.gpkg"}},
        "d.parquet": {"districts": {**study["districts"], "file": "d.parquet"}},
        "r.geojson": {"roads": {"file": "r.geojson"}},
        "r.osm": {"roads": {"file": "r.osm"}},
        "f.xlsx": {"facilities": {"file": "f.xlsx", "operator": "operator"}},
    }


def broken(whole: bytes, dice: random.Random) -> bytes:
    """Cut the file short, change bytes, drop some, or repeat some."""
    at = dice.randrange(len(whole))
    piece = whole[at : at + dice.randrange(1, 40)]
    changed = bytearray(whole)
    for _ in range(dice.choice([1, 1, 3, 20])):
        changed[dice.randrange(len(whole))] = dice.randrange(256)
    return dice.choice(
        [whole[:at], bytes(changed), whole[:at] + whole[at + len(piece) :], whole[:at] + piece + whole[at:]]
    )


@pytest.mark.parametrize(
    "name",
    [
        *(
            "districts.geojson",
            "roads.osm.pbf",
            "pop_60_f.tif",
            "facilities.csv",
            "idle.csv",
            "d.shp",
            "d.shx",
            "d.dbf",
        ),
        *("d.prj", "d.gpkg", "d.parquet", "r.geojson", "r.osm", "f.xlsx"),
    ],
)
def test_broken_bytes_never_end_in_a_traceback(tmp_path: Path, name: str) -> None:
    study = write_study(tmp_path)
    study |= other_formats(tmp_path, study)[name]
    options = SourceOptions.model_validate(study)
    load(options, root=None, base=tmp_path, catalogue=catalogue())
    dice = random.Random(name)  # noqa: S311 - the same accidents in every run
    whole = (tmp_path / name).read_bytes()
    told: list[Problem] = []
    for _ in range(TRIES):
        (tmp_path / name).write_bytes(broken(whole, dice))
        try:
            load(options, root=None, base=tmp_path, catalogue=catalogue())
        except DataError as error:
            told += error.problems
    assert told, "no accident was noticed"
    assert all(problem.where and problem.what and problem.mend for problem in told)
