from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError
from small_inputs import catalogue, write_study

from siting.sources import SourceOptions, check, load
from siting.sources.options import Generated, schema

if TYPE_CHECKING:
    from pathlib import Path

MINIMAL = {"districts": {"file": "d"}, "roads": {"file": "r"}, "population": {"files": "p"}}


def test_a_study_is_read_onto_one_plane(tmp_path: Path) -> None:
    options = SourceOptions.model_validate(write_study(tmp_path))
    raw = load(options, root=None, base=tmp_path, catalogue=catalogue())
    assert raw.crs == "EPSG:32651"
    assert raw.roads.crs_epsg == 32651
    assert (raw.roads.edge_count, len(raw.districts), len(raw.facilities), len(raw.candidates)) == (3, 2, 3, 2)
    assert raw.cells.persons.sum() == 31.5
    assert raw.water == ()
    assert raw.warnings == ()


def test_every_file_is_recorded_with_its_digest(tmp_path: Path) -> None:
    options = SourceOptions.model_validate(write_study(tmp_path))
    raw = load(options, root=None, base=tmp_path, catalogue=catalogue())
    assert [(entry.role, entry.path) for entry in raw.provenance] == [
        ("districts", "districts.geojson"),
        ("roads", "roads.osm.pbf"),
        *(("population", f"pop_{name}.tif") for name in ("60_f", "60_m", "80_f", "80_m")),
        ("facilities", "facilities.csv"),
        ("candidates", "idle.csv"),
    ]
    for entry in raw.provenance:
        content = (tmp_path / entry.path).read_bytes()
        assert entry.sha256 == hashlib.sha256(content).hexdigest()
        assert entry.size_bytes == len(content)


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    options = SourceOptions.model_validate(write_study(tmp_path))
    one, two = (load(options, root=None, base=tmp_path, catalogue=catalogue()) for _ in range(2))
    assert one.provenance == two.provenance
    assert one.roads.course_xy_m.tobytes() == two.roads.course_xy_m.tobytes()
    assert one.cells.persons.tobytes() == two.cells.persons.tobytes()


def test_the_data_root_wins_over_the_study_folder(tmp_path: Path) -> None:
    options = SourceOptions.model_validate(write_study(tmp_path))
    raw = load(options, root=tmp_path, base=tmp_path / "elsewhere", catalogue=catalogue())
    assert raw.provenance[0].path == "districts.geojson"


def test_facilities_and_candidates_may_be_left_out(tmp_path: Path) -> None:
    study = {**write_study(tmp_path), "facilities": None, "candidates": []}
    raw = load(SourceOptions.model_validate(study), root=None, base=tmp_path, catalogue=catalogue())
    assert (len(raw.facilities), len(raw.candidates)) == (0, 0)


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    options = SourceOptions.model_validate(write_study(tmp_path))
    load(options, root=None, base=tmp_path, catalogue=catalogue(), progress=lambda *step: told.append(step))
    assert [step[1] for step in told] == list(range(11))
    assert {step[2] for step in told} == {11}


def test_check_returns_what_load_would_raise(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    good = check(SourceOptions.model_validate(study), root=None, base=tmp_path, catalogue=catalogue())
    assert good.raw is not None
    assert good.problems == ()
    study["roads"]["file"] = "nowhere.osm"
    bad = check(SourceOptions.model_validate(study), root=None, base=tmp_path, catalogue=catalogue())
    assert bad.raw is None
    assert [problem.where for problem in bad.problems] == ["nowhere.osm"]


def test_one_table_or_several() -> None:
    table = {"file": "a.csv"}
    one = SourceOptions.model_validate({**MINIMAL, "facilities": table})
    two = SourceOptions.model_validate({**MINIMAL, "facilities": [table, table]})
    assert (len(one.facilities), len(two.facilities)) == (1, 2)
    assert SourceOptions.model_validate(MINIMAL).candidates == ()


def test_generated_candidates_are_left_to_a_later_stage() -> None:
    grid = {"generate": "grid", "spacing_m": 400, "kinds": ["home"]}
    options = SourceOptions.model_validate({**MINIMAL, "candidates": [{"file": "a.csv"}, grid]})
    assert isinstance(options.candidates[1], Generated)
    assert [table.file for table in options.listed_candidates()] == ["a.csv"]


@pytest.mark.parametrize(
    ("change", "place", "says"),
    [
        ({"population": {"files": "p_{year}.tif"}}, "population", "no years are given"),
        ({"population": {"files": "p.tif", "years": [2020]}}, "population", "no {year}"),
        ({"population": {"files": "p.tif", "ages": [60, 65]}}, "population", "no {age}"),
        ({"population": {"files": "p_{age}.tif", "ages": [60, 60]}}, "population", "ages repeat"),
        ({"population": {"files": "p.tif", "kind": "density"}}, "kind", "counts"),
        ({"facilities": {"file": "f.csv", "beds": "a", "beds_general": "b"}}, "facilities", "keep one"),
        ({"facilities": {"file": "f.csv", "bed": "a"}}, "bed", "Extra inputs"),
        ({"candidates": [{"generate": "grid", "spacing_m": 0, "kinds": ["home"]}]}, "spacing_m", "greater than 0"),
        ({"candidates": [{"generate": "hexagons", "spacing_m": 9, "kinds": ["home"]}]}, "generate", "'grid'"),
        ({"roads": {"file": ""}}, "file", "at least 1 character"),
        ({"roads": {}}, "file", "required"),
    ],
)
def test_options_that_cannot_be(change: dict[str, object], place: str, says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        SourceOptions.model_validate({**MINIMAL, **change})
    (error,) = caught.value.errors()
    assert place in error["loc"]
    assert says in error["msg"]


def test_every_option_is_described() -> None:
    definitions = schema()
    for definition in [definitions, *definitions["$defs"].values()]:
        assert definition["description"]
        for name, option in definition["properties"].items():
            assert option.get("description"), f"{definition['title']}.{name}"


def test_options_do_not_import_the_readers() -> None:
    heavy = "{'geopandas', 'rasterio', 'osmium', 'osmnx', 'pandas', 'numpy', 'shapely', 'pyproj'}"
    code = f"import sys; from siting.sources import SourceOptions, read_yaml; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own line
    assert done.stdout.strip() == "set()"
