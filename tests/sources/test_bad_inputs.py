"""Every mistake is told with its file, its place, what it is and how to mend it; all mistakes are told at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
from rasterio.transform import Affine
from shapely import LineString, Point, box
from small_inputs import NODES, catalogue, write_osm, write_study
from spoilers import (
    BOWTIE,
    IN_METRES,
    LINE,
    SQUARES,
    binary,
    districts,
    edit,
    everything,
    far_roads,
    layers,
    many,
    projected_table,
    put,
    raster,
    rasters,
    roads,
    sheet,
    swap,
)

from siting.errors import DataError
from siting.sources import SourceOptions, load

if TYPE_CHECKING:
    from pathlib import Path

    from spoilers import Spoil


@dataclass(frozen=True)
class Case:
    name: str
    spoil: Spoil
    says: tuple[str, ...]


def case(name: str, spoil: Spoil, *says: str) -> Case:
    return Case(name, spoil, says)


CASES = (
    # files
    case("road file missing", put("roads", file="x/nowhere.osm"), "x/nowhere.osm: there is no such file", "roads.file"),
    case("file is a folder", lambda f, o: ((f / "r.osm").mkdir(), put("roads", file="r.osm")(f, o)), "is a folder"),
    case("raster missing", put("population", ages=[60, 70]), "pop_70_f.tif", "pop_70_m.tif", "population.files"),
    case("table missing", put("facilities", file="no.csv"), "no.csv", "facilities.file"),
    case("layer of unknown kind", put("districts", file="facilities.csv"), "facilities.csv: .csv", "convert it"),
    case("table of unknown kind", put("facilities", file="roads.osm.pbf"), ".pbf is not a table", "save it as .csv"),
    # districts
    case("id column missing", put("districts", id="gidd"), "no column 'gidd'", "gid, label", "`districts.id: gid`"),
    case("several layers", layers(""), "all.gpkg: holds 2 layers", "layer: …", "towns, villages"),
    case("layer missing", layers("towm"), "has no layer 'towm'", "towns, villages"),
    case("id twice", districts(gid=["a", "a"]), "districts.geojson record 2", "'a' stands in record 1 too", "own id"),
    case("id empty", districts(gid=["a", None]), "record 2: the id (column 'gid') is empty", "fill it in"),
    case("name empty", districts(label=["", "乙"]), "record 1: the name (column 'label') is empty"),
    case(
        "no outline",
        districts(geometry=[SQUARES[0], None]),
        "record 2: the district has no outline",
        "draw its polygon",
    ),
    case("district is a line", districts(geometry=[SQUARES[0], LINE]), "record 2", "LineString, not a polygon"),
    case(
        "district without area",
        districts(geometry=[SQUARES[0], BOWTIE]),
        "record 2",
        "encloses nothing",
        "draw it again",
    ),
    case("no records", districts(geometry=[], gid=[], label=[]), "districts.geojson: the layer has no records"),
    case("not geojson", binary("districts.geojson", b"{"), "districts.geojson", "cannot be read as a .geojson layer"),
    case("metres in degrees", districts(geometry=IN_METRES), "they look like metres", "write `districts: {crs: EPSG"),
    case(
        "axes swapped",
        districts(geometry=[box(30.5, 120.7, 30.6, 120.8)] * 2),
        "they look swapped",
        "districts.geojson",
    ),
    case("degrees in metres", put("districts", crs="EPSG:32651"), "they look like degrees", "EPSG:32651"),
    case("crs unknown", put("districts", crs="WGS84ish"), "districts.crs: unknown", "'WGS84ish'", "EPSG:4490", "ESRI:"),
    case("crs by nickname", put("districts", crs="高德"), "'高德'", "`crs: GCJ-02` (Amap, Tencent) or `crs: BD-09`"),
    case("crs code", put("districts", crs="EPSG:99999"), "there is no coordinate system EPSG:99999", "check the code"),
    # the plane
    case(
        "plane in degrees", lambda _, o: o.update(crs="EPSG:4326"), "crs: EPSG:4326 is geographic", "`crs: EPSG:32651`"
    ),
    case("plane in feet", lambda _, o: o.update(crs="EPSG:2263"), "crs: EPSG:2263 is not in metres", "US survey foot"),
    case("plane elsewhere", lambda _, o: o.update(crs="EPSG:32633"), "crs: EPSG:32633 distorts lengths", "EPSG:32651"),
    case("plane of the web", lambda _, o: o.update(crs="EPSG:3857"), "distorts lengths by 16%", "EPSG:32651"),
    # roads
    case("roads cut off", binary("roads.osm.pbf", b"\0\0\0\1"), "roads.osm.pbf: is not a whole OpenStreetMap file"),
    case("no roads", lambda f, _: write_osm(f / "roads.osm.pbf", NODES, [([1, 2], {"power": "line"})]), "has no roads"),
    case("roads with crs", put("roads", crs="EPSG:4490"), "OpenStreetMap files are EPSG:4326", "leave `roads.crs` out"),
    case(
        "roads elsewhere", far_roads, "roads.osm.pbf: roads (lon 114.7", "districts.geojson (lon 120.700", "lie apart"
    ),
    case("roads and people", far_roads, "population (lon 120.7", "and roads of roads.osm.pbf", "share no place"),
    case(
        "lines without crs",
        roads("r.parquet", [LINE], crs=None),
        "r.parquet: carries no coordinate system",
        "roads: {crs",
    ),
    case("lines are points", roads("r.gpkg", [Point(120.71, 30.51)]), "r.gpkg record 1", "no lines", "Point"),
    case(
        "u and v lie",
        roads("r.gpkg", [LINE, LINE.reverse(), LineString([(120.73, 30.5), (120.74, 30.5)])], u=[1, 1, 2], v=[2, 2, 3]),
        "r.gpkg record 3",
        "do not end at their nodes u and v",
        "drop both columns",
    ),
    case(
        "not a graph",
        lambda f, o: ((f / "r.graphml").write_text("<graphml"), put("roads", file="r.graphml")(f, o)),
        "r.graphml: is not a graph that OSMnx saved",
        "osmnx.save_graphml",
    ),
    # population
    case(
        "negative persons",
        raster("60_f", [[-1, 2, 3, 4], [0, 0, -1, 8]]),
        "pop_60_f.tif: 2 cells hold negative",
        "nodata",
    ),
    case("infinite persons", raster("80_m", np.full((2, 4), np.inf)), "pop_80_m.tif: 8 cells hold infinite"),
    case(
        "other grid", raster("80_f", [[1, 2]]), "pop_80_f.tif: lies on another grid (2 × 1 cells", "cut all files alike"
    ),
    case("other crs", raster("60_m", crs="EPSG:4490"), "pop_60_m.tif: lies on another grid", "EPSG:4490"),
    case("no raster", binary("pop_60_m.tif", b"II*\0"), "pop_60_m.tif: cannot be read as a raster"),
    case("two bands", raster("60_m", count=2), "pop_60_m.tif: has 2 bands", "one band"),
    case("raster without crs", rasters(crs=None), "pop_60_f.tif: carries no coordinate system", "population: {crs"),
    case("nobody", rasters(values=np.zeros((2, 4))), "no cell of any class holds a person"),
    case("upside down", rasters(transform=Affine(0.01, 0, 120.7, 0, 0.01, 30.5)), "rotated or upside down", "north"),
    case(
        "raster elsewhere",
        rasters(transform=Affine(0.01, 0, 114.3, 0, -0.01, 30.5)),
        "population (lon 114.",
        "lie apart",
    ),
    case(
        "raster in metres",
        rasters(transform=Affine(100, 0, 280000, 0, -100, 3378000)),
        "pop_60_f.tif",
        "look like metres",
    ),
    # tables
    case(
        "column missing",
        put("facilities", beds="bed"),
        "facilities.csv:1: has no column 'bed'",
        "`facilities.beds: beds_",
    ),
    case(
        "lon column missing", put("facilities", lon="经度"), "facilities.csv:1: has no column '经度'", "facilities.lon"
    ),
    case(
        "id repeated", edit("facilities.csv", "N2,", "N1,"), "facilities.csv:3", "'N1' stands in facilities.csv:2 too"
    ),
    case("id in two tables", edit("idle.csv", "S1,", "N1,"), "idle.csv:2: the id 'N1' stands in facilities.csv:2 too"),
    case("id empty in a row", edit("facilities.csv", "N2,", ","), "facilities.csv:3: the id is empty"),
    case(
        "lon is text", edit("facilities.csv", "120.73", "120°43'"), 'facilities.csv:3: lon "120°43\'" is not a number'
    ),
    case(
        "lat empty",
        edit("facilities.csv", "120.73,30.51", "120.73,"),
        "facilities.csv:3: lat is empty",
        "decimal degrees",
    ),
    case(
        "lat out of range",
        edit("facilities.csv", "120.73,30.51", "120.73,305.1"),
        "facilities.csv:3: lat 305.1 is out of",
    ),
    case(
        "one swapped",
        edit("facilities.csv", "120.73,30.51", "30.51,120.73"),
        "facilities.csv:3",
        "write lon 120.73 and lat 30.51",
    ),
    case(
        "all swapped", swap, "facilities.csv:1: lon and lat are swapped", "all 3", "`facilities: {lon: lat, lat: lon}`"
    ),
    case("metres for degrees", projected_table, "facilities.csv:1", "(280000, 3.378e+06): metres of EPSG:32651", "crs"),
    case(
        "degrees for metres", put("facilities", crs="EPSG:32651"), "facilities.csv:1", "look like degrees", "EPSG:4326"
    ),
    case(
        "negative beds",
        edit("facilities.csv", ",40,20,5,", ",-40,20,5,"),
        "facilities.csv:2: beds_general is -40",
        "0 or more",
    ),
    case(
        "half a bed",
        edit("facilities.csv", ",40,20,5,", ",40,20.5,5,"),
        "facilities.csv:2: beds_nursing is 20.5, a fraction",
    ),
    case(
        "beds are text",
        edit("facilities.csv", ",40,20,5,", ",约40,20,5,"),
        "facilities.csv:2: beds_general '约40'",
        "digits",
    ),
    case(
        "beds empty", edit("facilities.csv", ",10,0,0,", ",,0,0,"), "facilities.csv:3", "of a 'home' is empty", "0 if"
    ),
    case(
        "more nursing than all",
        put("facilities", beds="beds_general", beds_nursing="floor_area_m2"),
        "facilities.csv:2: nursing and dementia beds (2000) exceed all beds (40)",
    ),
    case(
        "beds in day care",
        edit("facilities.csv", "30.505,,,", "30.505,7,,"),
        "facilities.csv:4: 7 beds on a facility whose kind",
    ),
    case(
        "kind unknown",
        edit("facilities.csv", "院,home,non", "院,hotel,non"),
        "facilities.csv:3",
        "'hotel'",
        "home, day_care, hub",
    ),
    case(
        "kind empty",
        edit("facilities.csv", "院,home,non", "院,,non"),
        "facilities.csv:3: kind (column 'kind') is empty",
    ),
    case(
        "kind constant unknown",
        put("facilities", kind="hotel"),
        "`kind: hotel` is neither a column",
        "home, day_care, hub",
    ),
    case(
        "operator unknown",
        edit("facilities.csv", "non_state", "王某"),
        "facilities.csv:3",
        "'王某'",
        "public, non_state",
    ),
    case("area negative", edit("facilities.csv", ",2000", ",-1"), "facilities.csv:2: floor area is -1"),
    case(
        "tenure unknown",
        edit("idle.csv", "idle,day_care", "squat,day_care"),
        "idle.csv:3",
        "'squat'",
        "idle, new_build",
    ),
    case("kinds unknown", edit("idle.csv", "home;day_care", "home;hub"), "idle.csv:2", "'hub'", "separated by ;"),
    case("kinds empty", edit("idle.csv", "idle,day_care", "idle,"), "idle.csv:3: kinds is empty", "home, day_care"),
    case(
        "row too long", edit("facilities.csv", ",2000", ",2,000"), "facilities.csv:2: has 11 cells under 10", "quotes"
    ),
    case(
        "column twice",
        edit("facilities.csv", "floor_area_m2", "lat"),
        "facilities.csv:1: the column name 'lat' is repeated",
    ),
    case("no rows", binary("idle.csv", b"id,lon,lat,tenure\n"), "idle.csv: the table has a header but no rows"),
    case("empty table", binary("idle.csv", b""), "idle.csv: the table is empty"),
    case(
        "quotes left open",
        edit("facilities.csv", "安康", '"安康'),
        "facilities.csv:3: the table breaks off",
        "close the quotes",
    ),
    case(
        "utf-16",
        edit("facilities.csv", "id", "id", "utf-16"),
        "facilities.csv: is not text in UTF-8 or GB18030",
        "UTF-8",
    ),
    case(
        "neither encoding",
        binary("facilities.csv", b"id,lon,lat\n1,\xff\xff,2\n"),
        "facilities.csv:2",
        "neither UTF-8 nor",
    ),
    case("sheet missing", sheet, "f.xlsx: has no sheet '2024'", "现状"),
    case(
        "no workbook",
        lambda f, o: ((f / "f.xlsx").write_bytes(b"x"), put("facilities", file="f.xlsx")(f, o)),
        "not a workbook",
    ),
    case("many mistakes", many, "facilities.csv: and 13 more problems in this table", "facilities.csv:21:"),
    # several at once
    case(
        "everything",
        everything,
        "nowhere.osm",
        "pop_60_f.tif: 1 cells",
        "facilities.csv:2",
        "idle.csv:3: tenure 'squat'",
    ),
)


@pytest.mark.parametrize("spoilt", CASES, ids=lambda spoilt: spoilt.name)
def test_a_mistake_is_told_with_place_and_mend(spoilt: Case, tmp_path: Path) -> None:
    study = write_study(tmp_path)
    spoilt.spoil(tmp_path, study)
    options = SourceOptions.model_validate(study)
    with pytest.raises(DataError) as caught:
        load(options, root=None, base=tmp_path, catalogue=catalogue())
    message = str(caught.value)
    for words in spoilt.says:
        assert words in message
    assert all(problem.where and problem.what and problem.mend for problem in caught.value.problems)


def test_the_table_of_mistakes_is_long_enough() -> None:
    assert len(CASES) >= 60
    assert len({one.name for one in CASES}) == len(CASES)


def test_a_missing_file_names_where_it_was_looked_for(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    study["roads"]["file"] = "nowhere.osm"
    with pytest.raises(DataError) as caught:
        load(SourceOptions.model_validate(study), root=tmp_path, base=tmp_path / "elsewhere", catalogue=catalogue())
    (problem,) = caught.value.problems
    assert problem.where == "nowhere.osm"
    assert str(tmp_path / "nowhere.osm") in problem.what
    assert "data root" in problem.mend


def test_inputs_are_checked_even_when_the_districts_fail(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    study["districts"]["id"] = "nothing"
    edit("facilities.csv", ",40,20,5,", ",-40,20,5,")(tmp_path, study)
    with pytest.raises(DataError) as caught:
        load(SourceOptions.model_validate(study), root=None, base=tmp_path, catalogue=catalogue())
    assert [problem.where for problem in caught.value.problems] == ["districts.geojson", "facilities.csv:2"]
