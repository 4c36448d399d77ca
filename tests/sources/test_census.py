"""Population from census grids and tables by community: totals kept, secret values found, cells left where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box
from small_inputs import catalogue, write_layer, write_study

from siting.demand import DensityOptions, estimate, moving_density, place
from siting.errors import DataError
from siting.sources import SourceOptions, load
from siting.sources.census import read_census
from siting.sources.crs import Plane
from siting.sources.manifest import Intake
from siting.sources.options import PopulationTable
from siting.sources.positions import Surroundings

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.places import Cells

PLANE = Plane(32651)
SQUARES = [box(x, y, x + 250, y + 250) for y in (3_377_500, 3_377_250) for x in (280_000, 280_250, 280_750)]
HELSINKI = {"file": "helsinki/Vaestotietoruudukko_2015.shp", "crs": "EPSG:3879", "year": 2015}
OLD = {60: "IKA60_69", 70: "IKA70_79", 80: "IKA_YLI80"}


def read(folder: Path, intake: Intake | None = None, plane: Plane = PLANE, **keys: object) -> Cells:
    options = PopulationTable.model_validate({"columns": {60: "a", 80: "b"}, **keys})
    return read_census(options, Surroundings(plane), intake or Intake(folder))


def refused(folder: Path, **keys: object) -> str:
    with pytest.raises(DataError) as caught:
        read(folder, **keys)
    assert all(problem.where and problem.what and problem.mend for problem in caught.value.problems)
    return str(caught.value)


def write_grid(folder: Path, **columns: object) -> None:
    values: dict[str, Any] = {"a": [1, 2, 3, 4, 5, 6], "b": [0, 1, 0, 1, 0, 0.5], **columns}
    write_layer(folder / "grid.gpkg", SQUARES, crs="EPSG:32651", **values)


def write_points(folder: Path, rows: str) -> None:
    (folder / "p.csv").write_text("lon,lat,a,b\n" + rows, encoding="utf-8")


def test_squares_of_a_census_grid_stay_cells(tmp_path: Path) -> None:
    write_grid(tmp_path)
    cells = read(tmp_path, file="grid.gpkg", year=2020)
    assert (cells.row.tolist(), cells.column.tolist()) == ([0, 0, 0, 1, 1, 1], [0, 1, 3, 0, 1, 3])
    assert (cells.grid.cell_width, cells.grid.width, cells.grid.height) == (250, 4, 2)
    assert cells.persons[:, :, 0].tolist() == [[1, 0], [2, 1], [3, 0], [4, 1], [5, 0], [6, 0.5]]
    np.testing.assert_allclose(cells.x_m, [280_125, 280_375, 280_875] * 2)
    assert (cells.ages, cells.years, cells.grid.crs) == ((60, 80), (2020,), "EPSG:32651")


def test_points_and_polygons_that_are_no_lattice_keep_their_places_and_persons(tmp_path: Path) -> None:
    write_points(tmp_path, "120.70,30.50,10,1\n120.72,30.51,5,0\n120.71,30.52,0,0\n")
    cells = read(tmp_path, file="p.csv")
    assert cells.persons.sum(axis=0).ravel().tolist() == [15, 1]
    x_m, y_m = PLANE.project([120.72, 120.70], [30.51, 30.50], Plane(4326).crs)
    np.testing.assert_allclose((cells.x_m, cells.y_m), (x_m, y_m))
    write_layer(tmp_path / "c.gpkg", [box(0, 0, 300, 200), box(300, 0, 900, 500)], crs="EPSG:32651", a=[1, 2], b=[3, 4])
    areas = read(tmp_path, file="c.gpkg")
    assert sorted(areas.x_m.tolist()) == pytest.approx([150, 600])
    assert areas.persons.sum() == 10


def test_rows_in_one_place_are_added_up(tmp_path: Path) -> None:
    write_points(tmp_path, "120.70,30.50,10,1\n120.70,30.50,5,0\n120.72,30.51,1,0\n")
    cells = read(tmp_path, file="p.csv")
    assert len(cells.row) == 2
    assert cells.persons.sum() == 17


def test_columns_of_one_class_are_added(tmp_path: Path) -> None:
    write_grid(tmp_path)
    cells = read(tmp_path, file="grid.gpkg", columns={60: ["a", "b"]})
    assert cells.persons.ravel().tolist() == [1, 3, 3, 5, 5, 6.5]


def test_densities_become_persons_by_the_polygons_area(tmp_path: Path) -> None:
    """A square of 250 m on the plane is 0.0625 km², to the plane's own scale."""
    write_grid(tmp_path)
    cells = read(tmp_path, file="grid.gpkg", kind="density_per_km2")
    assert cells.persons[:, 0, 0] == pytest.approx(np.arange(1, 7) * 0.0625, rel=2e-3)


def test_shifted_points_are_brought_back(tmp_path: Path) -> None:
    write_points(tmp_path, "120.7045,30.4976,10,1\n")
    straight, shifted = (read(tmp_path, file="p.csv", crs=crs) for crs in ("EPSG:4326", "GCJ-02"))
    assert 300 < np.hypot(straight.x_m - shifted.x_m, straight.y_m - shifted.y_m)[0] < 700


def test_missing_and_secret_values_are_named(tmp_path: Path) -> None:
    write_grid(tmp_path, a=[1, None, 3, 99, 99, 6])
    intake = Intake(tmp_path)
    cells = read(tmp_path, intake, file="grid.gpkg", suppressed=99)
    assert cells.persons[:, 0].sum() == 10
    assert [warning.en for warning in intake.warnings] == [
        "2 of 6 rows keep a secret: they count nobody.",
        "1 of 6 rows have no a: they count nobody.",
    ]


def many(folder: Path, values: list[float]) -> None:
    write_points(folder, "".join(f"{120.7 + n / 1e4:.4f},30.5,{value:g},0\n" for n, value in enumerate(values)))


def test_a_value_far_more_frequent_than_its_neighbours_stops_the_run(tmp_path: Path) -> None:
    many(tmp_path, [*range(1, 161), *[99] * 40])
    told = refused(tmp_path, file="p.csv")
    assert "p.csv:1: a is 99 in 41 of 200 rows" in told
    assert "write `population: {suppressed: 99}`, or `suppressed: []` if these are persons" in told
    assert read(tmp_path, file="p.csv", suppressed=[]).persons.sum() == sum(range(1, 161)) + 40 * 99
    assert read(tmp_path, file="p.csv", suppressed=99).persons.sum() == sum(range(1, 161)) - 99


@pytest.mark.parametrize("step", [1, 5, 100], ids=["counts", "rounded to 5", "rounded to 100"])
def test_honest_counts_are_not_suspected(tmp_path: Path, step: int) -> None:
    chance = np.random.default_rng(2)
    many(tmp_path, (np.round(chance.gamma(1.0, 4.0, 800)) * step).tolist())
    assert read(tmp_path, file="p.csv").persons.sum() > 0


def test_bad_tables_are_told_with_place_and_mend(tmp_path: Path) -> None:
    write_grid(tmp_path)
    assert "grid.gpkg: has no column 'c'" in refused(tmp_path, file="grid.gpkg", columns={60: "c"})
    write_points(tmp_path, "120.70,30.50,-10,1\n120.72,north,x,0\n")
    told = refused(tmp_path, file="p.csv")
    for words in ("p.csv:2: a is -10", "p.csv:3: a 'x' is not a number", "p.csv:3: lat 'north' is not a number"):
        assert words in told
    write_points(tmp_path, "120.70,30.50,0,0\n")
    assert "p.csv:1: no row holds a person" in refused(tmp_path, file="p.csv")
    write_points(tmp_path, "120.70,30.50,1,0\n")
    assert "points have no area for densities" in refused(tmp_path, file="p.csv", kind="density_per_km2")
    write_layer(
        tmp_path / "l.gpkg",
        [SQUARES[0], LineString([(280_000, 3_377_000), (281_000, 3_377_000)])],
        crs="EPSG:32651",
        a=[1, 2],
    )
    told = refused(tmp_path, file="l.gpkg", columns={60: "a"})
    assert "l.gpkg record 2: the place is LineString, not a point or a polygon" in told
    write_layer(tmp_path / "l.gpkg", [SQUARES[0], SQUARES[1].centroid], crs="EPSG:32651", a=[1, 2])
    told = refused(tmp_path, file="l.gpkg", columns={60: "a"})
    assert "l.gpkg record 2: 1 of 2 records are no polygons (this one: Point)" in told
    assert "p.txt: there is no such file" in refused(tmp_path, file="p.txt")


def test_a_study_reads_its_people_from_a_table(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    places = [Point(120.7 + 0.005 * n, 30.51) for n in range(1, 8)]
    write_layer(tmp_path / "people.geojson", places, sixty=[10] * 7, eighty=[1] * 7)
    study["population"] = {"file": "people.geojson", "columns": {60: "sixty", 80: "eighty"}, "year": 2020}
    raw = load(SourceOptions.model_validate(study), root=None, base=tmp_path, catalogue=catalogue())
    assert raw.cells.persons.sum(axis=0).ravel().tolist() == [70, 7]
    zones, warnings = estimate(place(raw.cells, raw.districts), raw.districts, (2020,), DensityOptions())
    assert warnings == ()
    assert np.bincount(zones.district).tolist() == [4, 3]  # the point on the common border is the first district's
    apart = np.hypot(zones.x_m[:, None] - zones.x_m, zones.y_m[:, None] - zones.y_m)
    np.testing.assert_allclose(zones.density_per_km2[:, 0], (apart <= 500).sum(axis=1) * 11 / (np.pi * 0.25))


@pytest.mark.real_data
def test_helsinki_is_suspected_until_declared(shared: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(shared, plane=Plane(3879), columns=OLD, **HELSINKI)
    told = str(caught.value)
    for name, rows in (("IKA60_69", "2,744"), ("IKA70_79", "2,745"), ("IKA_YLI80", "2,744")):
        assert f"{name} is 99 in {rows} of 5,784 rows" in told
    assert told.count("\n") == 2


@pytest.mark.real_data
def test_helsinki_declared_counts_what_is_not_secret(shared: Path) -> None:
    intake = Intake(shared)
    cells = read(shared, intake, plane=Plane(3879), columns=OLD, suppressed=99, **HELSINKI)
    frame = gpd.read_file(shared / HELSINKI["file"])
    for index, column in enumerate(OLD.values()):
        values = frame[column].to_numpy()
        assert cells.persons[:, index].sum() == values[values != 99].sum()
    assert (cells.grid.crs, round(cells.grid.cell_width)) == ("EPSG:3879", 250)
    assert any("2,744 of 5,784 rows keep IKA60_69 secret" in warning.en for warning in intake.warnings)


@pytest.mark.parametrize("count", [30, 400])
def test_density_about_scattered_communities_is_what_counting_every_pair_gives(tmp_path: Path, count: int) -> None:
    chance = np.random.default_rng(5)
    lon, lat = 120.70 + chance.uniform(0, 0.04, count), 30.50 + chance.uniform(0, 0.04, count)
    rows = "".join(f"{x:.7f},{y:.7f},{n % 7 + 1},1\n" for n, (x, y) in enumerate(zip(lon, lat, strict=True)))
    write_points(tmp_path, rows)
    cells = read(tmp_path, file="p.csv")
    people = cells.persons.sum(axis=1)
    apart = np.hypot(cells.x_m[:, None] - cells.x_m, cells.y_m[:, None] - cells.y_m)
    for radius in (50.0, 500.0):
        truth = (apart <= radius) @ people / (np.pi * (radius / 1000) ** 2)
        np.testing.assert_allclose(moving_density(cells, people, radius), truth)
