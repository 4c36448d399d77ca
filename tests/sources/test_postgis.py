"""One table of facilities, seven ways to keep it: every way gives the same run.

Parcels and census areas give the same from a database as from a GeoPackage. And databases that cannot be read.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pandas.api.types import is_numeric_dtype
from private_postgres import USER, address, empty_database, postgis_port
from shapely import MultiPolygon, Point, Polygon, box
from small_inputs import catalogue, write_layer
from small_registers import register
from town_files import write_town

import siting
from siting.errors import DataError
from siting.present.collect import collect
from siting.sources.census import read_census
from siting.sources.crs import Plane
from siting.sources.listed import Register
from siting.sources.manifest import Intake
from siting.sources.options import CandidatesFile, FacilitiesFile, PopulationTable
from siting.sources.positions import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pg8000.native import Connection

FILE = "{file: facilities.csv}"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    yield from postgis_port()


@pytest.fixture
def database(port: int) -> Iterator[Connection]:
    yield from empty_database(port)


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "facilities.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def fill(database: Connection, rows: list[dict[str, str]]) -> None:
    """Put the facilities into PostGIS, last first: a table has no order of its own."""
    database.run(
        "CREATE TABLE plan.facilities (id text PRIMARY KEY, name text, kind text, operator text, beds_general integer, "
        "beds_nursing integer, beds_dementia integer, floor_area_m2 numeric, place geometry(Point, 4326))"
    )
    for row in reversed(rows):
        database.run(
            "INSERT INTO plan.facilities VALUES (:id, :name, :kind, :operator, cast(:beds_general as integer), "
            "cast(:beds_nursing as integer), cast(:beds_dementia as integer), cast(:floor_area_m2 as numeric), "
            "ST_SetSRID(ST_MakePoint(cast(:lon as float8), cast(:lat as float8)), 4326))",
            **row,
        )


def findings(study: Path, source: str) -> bytes:
    """Run the town with its facilities kept in another way, to the bytes of its findings."""
    text = study.read_text(encoding="utf-8").replace("  file: facilities.csv\n", source)
    other = study.with_name("other.yaml")
    other.write_text(text, encoding="utf-8")
    results = collect(siting.run(siting.load_config(other)))
    return results.findings.to_csv(index=False, lineterminator="\n").encode()


@pytest.mark.postgis
def test_the_same_table_kept_in_seven_ways_gives_the_same_run(tmp_path: Path, database: Connection, port: int) -> None:
    study = write_town(tmp_path)
    rows = rows_of(tmp_path)
    text = (tmp_path / "facilities.csv").read_text(encoding="utf-8")
    (tmp_path / "gb.csv").write_text(text, encoding="gb18030")
    frame = pd.DataFrame(rows).astype(dict.fromkeys(("lon", "lat", "floor_area_m2"), float))
    frame = frame.astype(dict.fromkeys(("beds_general", "beds_nursing", "beds_dementia"), int))
    frame.to_excel(tmp_path / "f.xlsx", index=False)
    points = [Point(row["lon"], row["lat"]) for row in frame.to_dict("records")]
    layer = gpd.GeoDataFrame(frame.drop(columns=["lon", "lat"]), geometry=points, crs=4326)
    layer.to_file(tmp_path / "f.gpkg")
    layer.to_file(tmp_path / "f.geojson", driver="GeoJSON")
    layer.to_parquet(tmp_path / "f.parquet")
    fill(database, rows)
    kept = ("gb.csv", "f.xlsx", "f.gpkg", "f.geojson", "f.parquet")
    sources = [*(f"  file: {name}\n" for name in kept), f"  file: {address(port)}\n  layer: plan.facilities\n"]
    expected = findings(study, "  file: facilities.csv\n")
    assert len(expected) > 1_000
    for source in sources:
        assert findings(study, source) == expected, source


def store(database: Connection, name: str, path: Path) -> None:
    """Put a layer's ids, columns and geometry into PostGIS, last first."""
    frame = gpd.read_file(path)
    columns = [column for column in frame.columns if column != "geometry"]
    kinds = {column: "float8" if is_numeric_dtype(frame[column]) else "text" for column in columns}
    told = ", ".join(f"{column} {kind}" for column, kind in kinds.items())
    database.run(f"CREATE TABLE plan.{name} ({told}, g geometry)")
    values = ", ".join(f"cast(:{column} as {kind})" for column, kind in kinds.items())
    for row in reversed(frame.to_dict("records")):
        shape = row.pop("geometry")
        place = f"ST_GeomFromWKB(:shape, {frame.crs.to_epsg()})"
        database.run(f"INSERT INTO plan.{name} VALUES ({values}, {place})", **row, shape=shape.wkb)  # noqa: S608


@pytest.mark.postgis
def test_parcels_are_the_same_from_a_database_as_from_a_geopackage(
    tmp_path: Path, database: Connection, port: int
) -> None:
    square, hole = box(120.71, 30.51, 120.711, 30.511), box(120.7102, 30.5102, 120.7104, 30.5104)
    bow = Polygon([(120.71, 30.51), (120.712, 30.512), (120.712, 30.51), (120.71, 30.512)])
    high = shapely.force_3d(box(120.73, 30.51, 120.731, 30.511), 12.5)
    drawn = [square - hole, MultiPolygon([square, box(120.72, 30.51, 120.721, 30.511)]), bow, high, Point(120.7, 30.5)]
    write_layer(tmp_path / "p.gpkg", drawn, id=["P1", "P2", "P3", "P4", "P5"], plot_ratio=[1.5, 2.0, 1.0, 0.5, 1.0])
    store(database, "parcels", tmp_path / "p.gpkg")
    read = {}
    for source in ({"file": "p.gpkg"}, {"file": address(port), "layer": "plan.parcels"}):
        desk = register(tmp_path)
        sites = desk.candidates((CandidatesFile.model_validate({**source, "tenure": "new_build", "kinds": ["home"]}),))
        plots = {name: shape.wkb for name, shape in desk.parcels.items()}
        floor = np.nan_to_num(sites.floor_area_m2, nan=-1).tolist()
        read[source["file"]] = (plots, sites.id, sites.x_m.tolist(), sites.y_m.tolist(), floor)
    assert read["p.gpkg"] == read[address(port)]
    plots, ids, _, _, floor = read["p.gpkg"]
    assert (set(plots), ids) == ({"P1", "P2", "P3", "P4"}, ("P1", "P2", "P3", "P4", "P5"))
    assert [area > 0 for area in floor] == [True, True, True, True, False]


CENSUS = {
    "lattice": [box(x, y, x + 250, y + 250) for y in (3_377_500, 3_377_250) for x in (280_000, 280_250, 280_750)],
    "communities": [box(280_000, 3_377_000, 280_000 + 90 * n, 3_377_000 + 50 * n**2) for n in range(1, 7)],
    "points": [Point(280_000 + 70 * n, 3_377_000 + 30 * n**2) for n in range(6)],
}


@pytest.mark.postgis
@pytest.mark.parametrize(
    ("shapes", "kind"),
    [("lattice", "counts"), ("communities", "counts"), ("communities", "density_per_km2"), ("points", "counts")],
)
def test_a_census_is_the_same_from_a_database_as_from_a_geopackage(
    tmp_path: Path, database: Connection, port: int, shapes: str, kind: str
) -> None:
    ids, older = [f"c{n}" for n in range(6)], [1.0, 2.5, 3.0, 4.0, 5.0, 6.0]
    write_layer(tmp_path / "c.gpkg", CENSUS[shapes], crs="EPSG:32651", id=ids, a=older)
    store(database, "census", tmp_path / "c.gpkg")
    read = []
    for source in ({"file": "c.gpkg"}, {"file": address(port), "layer": "plan.census"}):
        keys = {"columns": {60: "a"}, "kind": kind, **source}
        intake, options = Intake(tmp_path), PopulationTable.model_validate(keys)
        cells = read_census(options, Surroundings(Plane(32651)), intake)
        assert [(entry.role, entry.crs) for entry in intake.provenance] == [("population", "EPSG:32651")]
        read.append((cells.grid, *(array.tolist() for array in (cells.row, cells.column, cells.x_m, cells.persons))))
    assert read[0] == read[1]
    if kind == "counts":
        assert cells.persons.sum() == sum(older)


def read(port: int, **keys: Any) -> tuple[Any, Intake]:  # noqa: ANN401 - keys of a study
    options = {"file": address(port), "layer": "plan.facilities", "kind": "day_care", **keys}
    intake = Intake.__new__(Intake)
    intake.provenance, intake.warnings = [], []
    around = Surroundings(Plane(32651))
    return Register(around, catalogue(), intake).facilities((FacilitiesFile.model_validate(options),)), intake


def refused(port: int, **keys: Any) -> str:  # noqa: ANN401
    with pytest.raises(DataError) as caught:
        read(port, **keys)
    assert all(problem.where and problem.what and problem.mend for problem in caught.value.problems)
    return str(caught.value)


def refused_parcels(folder: Path, **keys: Any) -> str:  # noqa: ANN401
    with pytest.raises(DataError) as caught:
        register(folder).candidates((CandidatesFile.model_validate(keys),))
    return str(caught.value)


@pytest.mark.postgis
def test_columns_of_degrees_do_without_geometry(database: Connection, port: int) -> None:
    database.run(
        "CREATE TABLE plan.facilities AS SELECT 'b' AS id, 120.7 AS lon, 30.5 AS lat UNION SELECT 'a', 121, 31"
    )
    sites, intake = read(port)
    assert sites.id == ("a", "b")
    assert sites.origin == ("127.0.0.1/postgres plan.facilities row 1", "127.0.0.1/postgres plan.facilities row 2")
    (entry,) = intake.provenance
    assert (entry.role, entry.path, entry.crs) == ("facilities", "127.0.0.1/postgres plan.facilities", "EPSG:4326")
    assert len(entry.sha256) == 64
    assert read(port)[1].provenance == [entry]


@pytest.mark.postgis
def test_geometry_brings_its_own_system(database: Connection, port: int) -> None:
    database.run(
        "CREATE TABLE plan.facilities AS SELECT 1 AS id, ST_SetSRID(ST_MakePoint(280000, 3378000), 32651) AS g"
    )
    sites, _ = read(port)
    assert (sites.x_m[0], sites.y_m[0]) == (280_000, 3_378_000)


@pytest.mark.postgis
def test_names_are_quoted(database: Connection, port: int) -> None:
    database.run('CREATE TABLE plan."养老; DROP" AS SELECT 1 AS id, 120.7 AS "经度", 30.5 AS lat')
    sites, _ = read(port, layer="plan.养老; DROP", lon="经度")
    assert len(sites) == 1


@pytest.mark.postgis
def test_a_database_that_cannot_be_read_is_told_with_place_and_mend(
    tmp_path: Path, database: Connection, port: int
) -> None:
    database.run("CREATE TABLE plan.empty (id integer)")
    assert "there is no table 'plan.facilities'" in refused(port)
    assert "plan.empty" in refused(port)
    assert "the table has no rows" in refused(port, layer="plan.empty")
    assert "write `facilities: {layer: schema.table}`" in refused(port, layer=None)
    wrong = address(port)
    assert "the database refuses" in refused(port, file=wrong.replace("/postgres", "/nowhere"))
    assert "the database refuses" in refused(port, file=wrong.replace(USER, "stranger"))
    database.run("CREATE TABLE plan.lines AS SELECT 1 AS id, ST_GeomFromText('LINESTRING(0 0, 1 1)', 4326) AS g")
    assert "plan.lines row 1: the place is not a point, or empty" in refused(port, layer="plan.lines")
    kinds = {"tenure": "idle", "kinds": ["home"], "layer": "plan.lines"}
    told = refused_parcels(tmp_path, file=address(port), **kinds)
    assert "plan.lines row 1: the place is not a point or a polygon, or empty" in told
    database.run("CREATE TABLE plan.hollow AS SELECT 1 AS id, ST_GeomFromText('POLYGON EMPTY', 4326) AS g")
    told = refused_parcels(tmp_path, file=address(port), **{**kinds, "layer": "plan.hollow"})
    assert "plan.hollow row 1: the place is not a point or a polygon, or empty → give it" in told
    database.run("CREATE TABLE plan.bare AS SELECT 1 AS id, ST_MakePoint(120.7, 30.5) AS g")
    assert "carries no single coordinate system (SRID 0)" in refused(port, layer="plan.bare")
    database.run("CREATE TABLE plan.text AS SELECT 1 AS id, 'east' AS lon, 30.5 AS lat")
    assert "plan.text row 1: lon 'east' is not a number" in refused(port, layer="plan.text")


def test_a_server_that_is_not_there_does_not_answer() -> None:
    assert "the database does not answer → check that the server runs" in refused(1)


def test_a_study_holds_no_password() -> None:
    told = refused(1, file="postgresql://planner:secret@127.0.0.1:1/county")
    assert "secret" not in told
    assert told.startswith("127.0.0.1/county: the address holds a password")
    assert "set PGPASSWORD" in told
