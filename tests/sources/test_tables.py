from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from small_inputs import FACILITIES
from small_registers import PLANE, candidates, facilities, register

from siting.model.places import OUTSIDE
from siting.sources.crs import LONLAT
from siting.sources.options import CandidatesFile, FacilitiesFile

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.sites import Sites


def facts(sites: Sites) -> tuple[object, ...]:
    return (sites.id, sites.name, sites.kind, sites.operator, sites.beds.tolist(), sites.x_m.round(3).tolist())


def test_facilities_from_a_table(tmp_path: Path) -> None:
    sites = facilities(tmp_path)
    assert sites.id == ("N1", "N2", "D1")
    assert sites.name == ("阳光养老院", "安康养老院", "社区日间照料")
    assert sites.kind == ("home", "home", "day_care")
    assert sites.operator == ("public", "non_state", "public")
    assert sites.beds.tolist() == [[40, 20, 5], [10, 0, 0], [0, 0, 0]]
    np.testing.assert_array_equal(sites.floor_area_m2, [2000, np.nan, 300])
    assert sites.existing.all()
    assert set(sites.district.tolist()) == {OUTSIDE}
    assert sites.origin == ("f.csv:2", "f.csv:3", "f.csv:4")
    x, y = PLANE.project([120.71, 120.73, 120.715], [30.51, 30.51, 30.505], LONLAT)
    np.testing.assert_allclose(sites.x_m, x)
    np.testing.assert_allclose(sites.y_m, y)


def test_candidates_from_a_table(tmp_path: Path) -> None:
    sites = candidates(tmp_path, operator="operator")
    assert sites.id == ("S1", "S2")
    assert sites.kinds_allowed == (("home", "day_care"), ("day_care",))
    assert sites.tenure == ("idle", "idle")
    assert not sites.existing.any()
    assert not sites.beds.any()
    assert sites.kind == ("", "")


@pytest.mark.parametrize(
    "content",
    [
        FACILITIES.encode("utf-8-sig"),
        FACILITIES.encode("gb18030"),
        FACILITIES.replace(",", ";").encode(),
        FACILITIES.replace(",", "\t").encode(),
        FACILITIES.replace("\n", "\r\n").encode(),
        FACILITIES.replace("N2", "\n,,,\nN2").encode(),
        FACILITIES.replace("阳光养老院", '"阳光养老院"').encode("gbk"),
        FACILITIES.replace("40,", "40.0,").encode(),
    ],
    ids=["bom", "gb18030", "semicolons", "tabs", "windows", "blank rows", "gbk and quotes", "whole floats"],
)
def test_the_same_table_in_other_clothes(tmp_path: Path, content: bytes) -> None:
    assert facts(facilities(tmp_path, content, "g.csv")) == facts(facilities(tmp_path))


def test_the_same_table_as_a_workbook(tmp_path: Path) -> None:
    plain = facilities(tmp_path)
    frame = pd.read_csv(tmp_path / "f.csv")
    with pd.ExcelWriter(tmp_path / "f.xlsx") as book:
        pd.DataFrame({"note": ["read the other sheet"]}).to_excel(book, sheet_name="说明", index=False)
        frame.to_excel(book, sheet_name="现状", index=False)
    options = FacilitiesFile(file="f.xlsx", sheet="现状", operator="operator")
    sites = register(tmp_path).facilities([options])
    assert facts(sites) == facts(plain)
    assert sites.origin == ("f.xlsx row 2", "f.xlsx row 3", "f.xlsx row 4")


@pytest.mark.parametrize("name", ["f.gpkg", "f.geojson"])
def test_the_same_table_as_a_layer(tmp_path: Path, name: str) -> None:
    plain = facilities(tmp_path)
    frame = pd.read_csv(tmp_path / "f.csv")
    points = gpd.points_from_xy(frame.pop("lon"), frame.pop("lat"))
    gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:4490").to_file(tmp_path / name)
    sites = register(tmp_path).facilities([FacilitiesFile(file=name, operator="operator")])
    assert facts(sites) == facts(plain)
    assert sites.origin[0] == f"{name} record 1"


def test_a_projected_table(tmp_path: Path) -> None:
    sites = facilities(tmp_path, "lon,lat\n281000.5,3377000\n", kind="home", operator="public", crs="EPSG:32651")
    assert (sites.x_m.tolist(), sites.y_m.tolist()) == ([281000.5], [3377000])


def test_lines_are_counted_through_quoted_breaks(tmp_path: Path) -> None:
    sites = facilities(tmp_path, FACILITIES.replace("阳光养老院", '"阳光\n养老院"'))
    assert sites.origin == ("f.csv:2", "f.csv:4", "f.csv:5")


def test_constants_serve_for_all_rows(tmp_path: Path) -> None:
    sites = facilities(tmp_path, "经度,纬度\n120.71,30.51\n120.72,30.51\n", lon="经度", lat="纬度", kind="day_care",
                       operator="non_state")  # fmt: skip
    assert sites.kind == ("day_care", "day_care")
    assert sites.operator == ("non_state", "non_state")
    assert sites.id == ("F001", "F002")
    assert sites.name == ("F001", "F002")


def test_general_beds_are_what_the_other_classes_leave(tmp_path: Path) -> None:
    content = "lon,lat,all,care\n120.71,30.51,50,20\n120.72,30.51,30,\n"
    sites = facilities(tmp_path, content, kind="home", operator="public", beds="all", beds_nursing="care")
    assert sites.beds.tolist() == [[30, 20, 0], [30, 0, 0]]


def test_all_beds_are_general_unless_classes_are_named(tmp_path: Path) -> None:
    content = "lon,lat,beds\n120.71,30.51,50\n"
    assert facilities(tmp_path, content, kind="home", operator="public").beds.tolist() == [[50, 0, 0]]


def test_homes_without_a_column_of_beds_are_pointed_out(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("lon,lat\n120.71,30.51\n", encoding="utf-8")
    desk = register(tmp_path)
    assert desk.facilities([FacilitiesFile(file="f.csv", kind="home")]).beds.sum() == 0
    assert "no column of beds is named" in desk.intake.warnings[0].en


def test_far_points_are_pointed_out(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("lon,lat\n120.71,30.51\n121.71,30.51\n", encoding="utf-8")
    desk = register(tmp_path)
    desk.facilities([FacilitiesFile(file="f.csv", kind="day_care")])
    (warning,) = desk.intake.warnings
    assert "1 places lie more than 20 km from the districts (the first is f.csv:3, 93 km away)" in warning.en


def test_numbers_run_on_over_tables_and_roles_have_their_own(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("lon,lat\n120.71,30.51\n", encoding="utf-8")
    desk = register(tmp_path)
    tables = [FacilitiesFile(file=name, kind="day_care") for name in ("a.csv", "b.csv")]
    assert desk.facilities(tables).id == ("F001", "F002")
    assert desk.candidates([CandidatesFile(file="a.csv", tenure="idle")]).id == ("C001",)


def test_kinds_of_candidates(tmp_path: Path) -> None:
    content = "lon,lat\n120.71,30.51\n"
    assert candidates(tmp_path, content, tenure="idle").kinds_allowed == (("home", "day_care"),)
    assert candidates(tmp_path, content, tenure="idle", kinds=["home"]).kinds_allowed == (("home",),)
    assert candidates(tmp_path, content, tenure="idle", kinds="home").kinds_allowed == (("home",),)
    listed = candidates(tmp_path, "lon,lat,for\n120.71,30.51,day_care；home\n", tenure="idle", kinds="for")
    assert listed.kinds_allowed == (("day_care", "home"),)


def test_english_names_serve_where_a_name_is_missing(tmp_path: Path) -> None:
    content = "lon,lat,name,name_en\n120.71,30.51,,Sunshine\n120.71,30.51,安康,\n"
    assert facilities(tmp_path, content, kind="day_care", operator="public").name == ("Sunshine", "安康")


def test_no_table_gives_no_site(tmp_path: Path) -> None:
    assert len(register(tmp_path).facilities([])) == 0
