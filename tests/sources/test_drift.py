"""Coordinates that are not what they are declared to be are found, and honest ones are left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from small_inputs import catalogue, write_layer, write_raster

from siting.errors import DataError
from siting.model.places import Districts
from siting.model.roads import RoadGraph
from siting.sources import SourceOptions, china, load
from siting.sources import crs as systems
from siting.sources.drift import Nearest, Placed, boundary_points, drift_problem, drifted
from siting.sources.listed import Register
from siting.sources.manifest import Intake
from siting.sources.options import FacilitiesFile, RoadsFile
from siting.sources.positions import Surroundings
from siting.sources.roads import read_roads

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

Points = tuple["NDArray[np.float64]", "NDArray[np.float64]"]
PLANE = systems.Plane(32650)
SETS = 200
WUHAN_LONLAT = (113.70, 29.97, 115.08, 31.36)


def street_points(graph: RoadGraph, count: int, seed: int, off_m: float = 60.0) -> Points:
    """Points on roads, each then moved any way by up to `off_m`: on the plane."""
    chance = np.random.default_rng(seed)
    edge = chance.choice(graph.edge_count, count, p=graph.length_m / graph.length_m.sum())
    lines = [shapely.LineString(graph.course_xy_m[graph.course_start[e] : graph.course_start[e + 1]]) for e in edge]
    on = shapely.line_interpolate_point(lines, chance.uniform(0, 1, count), normalized=True)
    angle, away = chance.uniform(0, 2 * np.pi, count), chance.uniform(0, off_m, count)
    return shapely.get_x(on) + away * np.cos(angle), shapely.get_y(on) + away * np.sin(angle)


def declared(lonlat: Points, name: str) -> Placed:
    """Points whose degrees are declared to be in a system."""
    crs = systems.parse(name, "facilities")
    return Placed("facilities", "f.csv", crs, *PLANE.project(*lonlat, crs))


def drawn_in(xy_m: Points, system: str) -> Points:
    """Degrees of points as a map in that system gives them."""
    lonlat = PLANE.lonlat(*xy_m)
    return china.shift(*lonlat, system) if system in china.SHIFTED else lonlat


def winding() -> RoadGraph:
    """A street plan about Wuhan of uneven blocks, 300 to 1,300 m wide, so that no shift maps it onto itself."""
    chance = np.random.default_rng(7)
    xs, ys = (np.cumsum(chance.uniform(300, 1_300, 12)) for _ in range(2))
    x, y = (values.ravel() for values in np.meshgrid(240_000 + xs, 3_380_000 + ys))
    node = np.arange(144).reshape(12, 12)
    u = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    v = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    return RoadGraph.from_edges(x, y, u, v)


@pytest.mark.parametrize("name", ["EPSG:4326", *china.SHIFTED])
@pytest.mark.parametrize("truth", ["EPSG:4326", *china.SHIFTED])
def test_the_system_that_fits_the_roads_is_named(name: str, truth: str) -> None:
    graph = winding()
    found = drifted(declared(drawn_in(street_points(graph, 60, 1), truth), name), Nearest(graph), PLANE)
    if name == truth:
        assert found is None
        return
    assert found is not None
    assert (found.system, found.count, found.sure) == (truth, 60, True)
    assert found.system_m < 35 < found.declared_m


def test_the_evidence_and_the_line_to_write_are_told() -> None:
    graph = winding()
    placed = declared(drawn_in(street_points(graph, 60, 1), "GCJ-02"), "EPSG:4326")
    drift = drifted(placed, Nearest(graph), PLANE)
    assert drift is not None
    told = str(drift_problem(placed, drift))
    assert "60 points fit the roads as GCJ-02, not as EPSG:4326" in told
    assert f"nearest road is {drift.declared_m:.0f} m, as GCJ-02 it is {drift.system_m:.0f} m" in told
    assert "write `facilities: {crs: GCJ-02}`" in told
    assert "`{crs_checked: true}`" in told


def test_projected_points_are_sent_back_to_their_degrees() -> None:
    graph = winding()
    lonlat = drawn_in(street_points(graph, 60, 1), "GCJ-02")
    placed = Placed("facilities", "f.gpkg", systems.parse("EPSG:32650", "x"), *PLANE.project(*lonlat, systems.LONLAT))
    drift = drifted(placed, Nearest(graph), PLANE)
    assert drift is not None
    assert "before they were projected" in drift_problem(placed, drift).mend


def test_a_handful_of_points_is_no_evidence() -> None:
    graph = winding()
    lonlat = drawn_in(street_points(graph, 7, 1), "GCJ-02")
    assert drifted(declared(lonlat, "EPSG:4326"), Nearest(graph), PLANE) is None
    many = tuple(np.tile(values, 20) for values in lonlat)
    assert drifted(declared((many[0], many[1]), "EPSG:4326"), Nearest(graph), PLANE) is None


def test_abroad_there_is_no_shift_to_look_for() -> None:
    graph = winding()
    x, y = street_points(graph, 60, 1)
    abroad = Placed("facilities", "f.csv", systems.LONLAT, x + 6_000_000, y)
    assert drifted(abroad, Nearest(graph), PLANE) is None


def test_a_slip_of_the_pen_hides_nothing() -> None:
    graph = winding()
    lon, lat = drawn_in(street_points(graph, 60, 1), "GCJ-02")
    lon[0] = 14.3
    found = drifted(declared((lon, lat), "EPSG:4326"), Nearest(graph), PLANE)
    assert found is not None
    assert (found.system, found.count) == ("GCJ-02", 59)


@pytest.mark.parametrize("truth", china.SHIFTED)
def test_boundaries_along_roads_are_tested_too(truth: str) -> None:
    graph = winding()
    courses = [graph.course_xy_m[a:b] for a, b in zip(graph.course_start[:-1], graph.course_start[1:], strict=True)]
    blocks = shapely.get_parts(shapely.polygonize([shapely.LineString(course) for course in courses]))
    for crs in ("EPSG:4326", truth):
        moved = shapely.transform(blocks, lambda xy, name=crs: np.column_stack(drawn_in((xy[:, 0], xy[:, 1]), name)))
        plane = shapely.transform(moved, lambda xy: np.column_stack(PLANE.project(*xy.T, systems.LONLAT)))
        names = tuple(str(number) for number in range(len(blocks)))
        districts = Districts(names, names, names, tuple(plane), names)
        placed = boundary_points(districts, "districts", "d.geojson", systems.LONLAT)
        found = drifted(placed, Nearest(graph), PLANE)
        assert (None if found is None else found.system) == (None if crs == "EPSG:4326" else truth)


def write_shifted(folder: Path) -> dict[str, Any]:
    """The winding streets as a study, its facilities drawn on Amap but declared as nothing in particular."""
    graph = winding()
    lines = [
        shapely.LineString(graph.course_xy_m[a:b])
        for a, b in zip(graph.course_start[:-1], graph.course_start[1:], strict=True)
    ]
    write_layer(folder / "roads.gpkg", lines, crs="EPSG:32650")
    area = shapely.box(*shapely.total_bounds(lines))
    write_layer(folder / "districts.gpkg", [area.buffer(3_000)], crs="EPSG:32650", id=["a"], name=["甲"])
    west, south, east, north = PLANE.lonlat_bounds(area.bounds)
    step = max(east - west, north - south) / 10
    write_raster(folder / "pop.tif", np.ones((10, 10)), transform=(step, 0, west, 0, -step, north))
    lon, lat = drawn_in(street_points(graph, 40, 3), "GCJ-02")
    rows = [f"{n},day_care,{x:.6f},{y:.6f}" for n, (x, y) in enumerate(zip(lon, lat, strict=True), 1)]
    (folder / "f.csv").write_text("id,kind,lon,lat\n" + "\n".join(rows), encoding="utf-8")
    return {
        "districts": {"file": "districts.gpkg"},
        "roads": {"file": "roads.gpkg"},
        "population": {"files": "pop.tif"},
        "facilities": {"file": "f.csv"},
    }


def read(folder: Path, study: dict[str, Any]) -> NDArray[np.float64]:
    raw = load(SourceOptions.model_validate(study), root=None, base=folder, catalogue=catalogue())
    return np.column_stack([raw.facilities.x_m, raw.facilities.y_m])


def test_a_run_stops_until_the_study_says_what_is_true(tmp_path: Path) -> None:
    study = write_shifted(tmp_path)
    with pytest.raises(DataError, match=r"f\.csv: 40 points fit the roads as GCJ-02, not as EPSG:4326"):
        read(tmp_path, study)
    study["facilities"]["crs"] = "GCJ-02"
    np.testing.assert_allclose(read(tmp_path, study), np.column_stack(street_points(winding(), 40, 3)), atol=0.15)


def test_a_planner_who_knows_better_may_insist(tmp_path: Path) -> None:
    study = write_shifted(tmp_path)
    study["facilities"]["crs_checked"] = True
    away = read(tmp_path, study) - np.column_stack(street_points(winding(), 40, 3))
    assert np.hypot(*away.mean(axis=0)) > 400


# Wuhan: every set of 10 to 200 points within 60 m of a road.


@pytest.fixture(scope="module")
def wuhan(shared: Path) -> RoadGraph:
    return read_roads(RoadsFile(file="wuhan/roads.parquet", crs="EPSG:32650"), PLANE, Intake(shared))


def sizes() -> list[int]:
    return np.random.default_rng(11).integers(10, 201, SETS).tolist()


@pytest.mark.real_data
def test_shifted_points_of_wuhan_are_found_and_honest_ones_are_not(wuhan: RoadGraph) -> None:
    nearest = Nearest(wuhan)
    found = {"EPSG:4326": 0, "GCJ-02": 0, "BD-09": 0}
    for seed, count in enumerate(sizes()):
        points = street_points(wuhan, count, seed)
        for truth in found:
            drift = drifted(declared(drawn_in(points, truth), "EPSG:4326"), nearest, PLANE)
            found[truth] += drift is not None and (truth == "EPSG:4326" or (drift.sure and drift.system == truth))
    assert found["EPSG:4326"] <= 0.01 * SETS
    assert found["GCJ-02"] >= 0.95 * SETS
    assert found["BD-09"] >= 0.95 * SETS


def reads(folder: Path, lon: NDArray[np.float64], lat: NDArray[np.float64], **keys: str) -> str:
    """Read a table of points in Wuhan's box; return what is wrong with it."""
    rows = [f"{number},{x!r},{y!r}" for number, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True))]
    (folder / "f.csv").write_text("id,lon,lat\n" + "\n".join(rows), encoding="utf-8")
    west, south, east, north = WUHAN_LONLAT
    x, y = PLANE.project(np.array([west, east]), np.array([south, north]), systems.LONLAT)
    around = Surroundings(PLANE, WUHAN_LONLAT, (float(x[0]), float(y[0]), float(x[1]), float(y[1])))
    options = FacilitiesFile.model_validate({"file": "f.csv", "kind": "day_care", **keys})
    try:
        Register(around, catalogue(), Intake(folder)).facilities((options,))
    except DataError as error:
        return str(error)
    return ""


@pytest.mark.real_data
def test_swapped_and_scaled_points_of_wuhan_are_found_and_honest_ones_are_not(wuhan: RoadGraph, tmp_path: Path) -> None:
    for seed, count in enumerate(sizes()):
        x_m, y_m = street_points(wuhan, count, seed)
        lon, lat = PLANE.lonlat(x_m, y_m)
        assert reads(tmp_path, lon, lat) == ""
        assert f"exchanged, all {count} points lie in the districts" in reads(tmp_path, lat, lon)
        by = (1e7, 1e6, 1e5, 1e4, 3600.0, 60.0, 0.1)[seed % 7]
        says = f"divide lon and lat by {by:.0f}" if by > 1 else "lie more than 20 km from the districts"
        assert says in reads(tmp_path, lon * by, lat * by)


@pytest.mark.real_data
@pytest.mark.parametrize("seed", range(5))
def test_metres_and_degrees_of_wuhan_are_told_apart(wuhan: RoadGraph, tmp_path: Path, seed: int) -> None:
    x_m, y_m = street_points(wuhan, sizes()[seed], seed)
    assert "metres of EPSG:32650" in reads(tmp_path, x_m, y_m)
    for code in (4547, 4526, 3857):
        x, y = systems.Plane(code).project(*PLANE.lonlat(x_m, y_m), systems.LONLAT)
        assert f"EPSG:{code}" in reads(tmp_path, x, y)
    assert "look like degrees" in reads(tmp_path, *PLANE.lonlat(x_m, y_m), crs="EPSG:32650")


@pytest.mark.real_data
def test_the_places_of_wuhan_are_suspected(wuhan: RoadGraph, shared: Path) -> None:
    """Nobody says what system the 430 places are in. Many stand far from roads, so this is worth a warning only."""
    rows = (shared / "wuhan" / "places.csv").read_text(encoding="utf-8").splitlines()[1:]
    lonlat = np.array([[float(cell) for cell in row.rsplit(",", 5)[1:3]] for row in rows])
    found = drifted(declared((lonlat[:, 0], lonlat[:, 1]), "EPSG:4326"), Nearest(wuhan), PLANE)
    assert found is not None
    assert (found.system, found.sure) == ("GCJ-02", False)
    assert found.system_m + 10 < found.declared_m


@pytest.mark.real_data
def test_the_boundaries_of_wuhan_give_no_cause(shared: Path, wuhan: RoadGraph) -> None:
    """Simplified outlines do not follow roads, shifted or not: they are let pass, never accused."""
    study = {
        "crs": "EPSG:32650",
        "districts": {"file": "wuhan/districts.geojson", "id": "gb", "name": "name"},
        "roads": {"file": "wuhan/roads.parquet", "crs": "EPSG:32650"},
        "population": {"files": "wuhan/pop_80_f_wuhan.tif", "ages": [80]},
    }
    raw = load(SourceOptions.model_validate(study), root=shared, base=shared, catalogue=catalogue())
    placed = boundary_points(raw.districts, "districts", "d", systems.parse("EPSG:4490", "x"))
    assert drifted(placed, Nearest(wuhan), PLANE) is None
