from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
from shapely import LineString, MultiPolygon, Polygon, box
from small_inputs import write_districts, write_layer

from siting.sources.crs import Plane
from siting.sources.districts import lonlat_extent, on_plane, read_district_layer, read_water
from siting.sources.manifest import Intake
from siting.sources.options import DistrictsFile, WaterFile

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.places import Districts

PLANE = Plane(32651)


def read(
    folder: Path,
    name: str = "d.geojson",
    intake: Intake | None = None,
    options: dict[str, str] | None = None,
    **changes: object,
) -> Districts:
    named = {"file": name, "id": "gid", "name": "label", **(options or {})}
    keys = DistrictsFile.model_validate(named)
    write_districts(folder / name, **changes)
    intake = intake or Intake(folder)
    return on_plane(read_district_layer(keys, intake), keys, PLANE, intake)


@pytest.mark.parametrize("name", ["d.geojson", "d.gpkg", "d.shp", "d.parquet"])
def test_districts_of_every_format(tmp_path: Path, name: str) -> None:
    districts = read(tmp_path, name)
    assert districts.id == ("a", "b")
    assert districts.name == ("甲镇", "乙镇")
    assert districts.name_en == districts.name
    assert districts.unit == ("a", "b")
    # 0.02° × 0.02° at 30.5° N: 1,919 m × 2,217 m
    assert [shape.area for shape in districts.geometry] == pytest.approx([4.256e6] * 2, rel=2e-3)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_shapefiles_that_do_not_say_their_encoding(tmp_path: Path, encoding: str) -> None:
    squares = [box(120.70, 30.50, 120.72, 30.52), box(120.72, 30.50, 120.74, 30.52)]
    frame = gpd.GeoDataFrame({"gid": ["a", "b"], "label": ["甲镇街道", "乙镇"]}, geometry=squares, crs="EPSG:4490")
    frame.to_file(tmp_path / "d.shp", encoding=encoding)
    (tmp_path / "d.cpg").unlink()
    options = DistrictsFile(file="d.shp", id="gid", name="label")
    assert read_district_layer(options, Intake(tmp_path)).texts("label") == ["甲镇街道", "乙镇"]


def test_units_and_english_names(tmp_path: Path) -> None:
    options = {"unit": "part", "name_en": "english"}
    districts = read(tmp_path, options=options, part=["west", "west"], english=["Jia", None])
    assert districts.units == ("west",)
    assert districts.name_en == ("Jia", "乙镇")


def test_numbers_serve_as_ids(tmp_path: Path) -> None:
    assert read(tmp_path, "d.gpkg", gid=[420106.0, 420107.0]).id == ("420106", "420107")


def test_a_self_crossing_outline_is_repaired_with_a_warning(tmp_path: Path) -> None:
    bowtie = Polygon([(120.70, 30.50), (120.72, 30.52), (120.72, 30.50), (120.70, 30.52)])
    intake = Intake(tmp_path)
    districts = read(tmp_path, intake=intake, geometry=[bowtie, box(120.72, 30.50, 120.74, 30.52)])
    assert isinstance(districts.geometry[0], MultiPolygon)
    assert districts.geometry[0].area == pytest.approx(4.256e6 / 2, rel=2e-3)
    (warning,) = intake.warnings
    assert warning.source == "d.geojson record 1"
    assert "was repaired" in warning.en


def test_overlaps_above_a_sliver_are_pointed_out(tmp_path: Path) -> None:
    intake = Intake(tmp_path)
    read(tmp_path, intake=intake, geometry=[box(120.70, 30.50, 120.721, 30.52), box(120.72, 30.50, 120.74, 30.52)])
    (warning,) = intake.warnings
    assert "1 pairs of districts overlap, 0.213 km² in all; the largest is 甲镇 and 乙镇" in warning.en


def test_slivers_are_not(tmp_path: Path) -> None:
    intake = Intake(tmp_path)
    read(tmp_path, intake=intake, geometry=[box(120.70, 30.50, 120.72004, 30.52), box(120.72, 30.50, 120.74, 30.52)])
    assert intake.warnings == []


def test_the_extent_is_in_degrees_whatever_the_file_is_in(tmp_path: Path) -> None:
    write_districts(tmp_path / "d.gpkg", geometry=[box(280000, 3377000, 282000, 3379000)] * 2, crs="EPSG:32651")
    layer = read_district_layer(DistrictsFile(file="d.gpkg", id="gid", name="label"), Intake(tmp_path))
    west, south, east, north = lonlat_extent(layer)
    assert 120.6 < west < east < 120.8
    assert 30.4 < south < north < 30.6


def test_water_keeps_its_areas(tmp_path: Path) -> None:
    line = LineString([(120.7, 30.5), (120.8, 30.5)])
    write_layer(tmp_path / "w.geojson", [box(120.70, 30.50, 120.71, 30.51), line])
    intake = Intake(tmp_path)
    (lake,) = read_water(WaterFile(file="w.geojson"), PLANE, intake)
    assert lake.area == pytest.approx(1.064e6, rel=2e-3)
    assert "1 records that are no polygons" in intake.warnings[0].en
