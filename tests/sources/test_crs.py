from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyproj
import pytest

from siting.errors import DataError
from siting.sources import crs as systems
from siting.sources.manifest import Intake

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [(114.3, 30.6, 32650), (120.7, 30.5, 32651), (-69.97, 12.5, 32619), (180.0, 10.0, 32660), (174.8, -36.8, 32760)],
)
def test_the_default_plane_is_the_utm_zone_of_the_centre(lon: float, lat: float, epsg: int) -> None:
    assert systems.plane(None, (lon, lat, lon, lat)).epsg == epsg


def test_a_gauss_krueger_zone_of_the_area_is_accepted() -> None:
    assert systems.plane("EPSG:4547", (113.7, 30.0, 115.0, 31.3)).name == "EPSG:4547"


def test_the_neighbouring_utm_zone_is_accepted() -> None:
    assert systems.plane("EPSG:32649", (113.7, 30.0, 115.0, 31.3)).epsg == 32649


def test_beyond_utm_a_plane_must_be_declared() -> None:
    with pytest.raises(DataError, match="no UTM zone covers"):
        systems.plane(None, (0, 88, 1, 89))


def test_points_go_to_the_plane_and_back() -> None:
    plane = systems.Plane(32651)
    x, y = plane.project(np.array([123.0, 120.7]), np.array([0.0, 30.5]), systems.LONLAT)
    assert x[0] == pytest.approx(500_000)  # on the central meridian, by definition
    assert y[0] == pytest.approx(0, abs=1e-6)
    lon, lat = plane.lonlat(x, y)
    np.testing.assert_allclose(lon, [123.0, 120.7], atol=1e-9)
    np.testing.assert_allclose(lat, [0.0, 30.5], atol=1e-9)


def test_a_known_city_lies_where_published_tables_put_it() -> None:
    # The CN Tower, the worked example of many UTM tables: 17T 630084 4833439 (43°38'33.24"N 79°23'13.7"W).
    lon, lat = -(79 + 23 / 60 + 13.7 / 3600), 43 + 38 / 60 + 33.24 / 3600
    x, y = systems.Plane(32617).project(np.array([lon]), np.array([lat]), systems.LONLAT)
    assert x[0] == pytest.approx(630_084, abs=1)
    assert y[0] == pytest.approx(4_833_439, abs=1)


def test_points_of_the_plane_itself_are_not_touched() -> None:
    x, y = systems.Plane(32650).project([1.25], [2.5], pyproj.CRS.from_epsg(32650))
    assert (x[0], y[0]) == (1.25, 2.5)


def test_a_plane_is_checked_for_itself_when_the_districts_are_unknown() -> None:
    assert systems.plane("EPSG:32650", None).epsg == 32650
    with pytest.raises(DataError, match="is geographic"):
        systems.plane("EPSG:4326", None)


@pytest.mark.parametrize("name", ["EPSG:4978", "EPSG:5773"])
def test_systems_in_space_or_of_heights_are_refused(name: str) -> None:
    with pytest.raises(DataError, match="has no longitude and latitude, nor x and y"):
        systems.parse(name, "roads.crs")


def test_a_local_frame_counts_as_no_system(tmp_path: Path) -> None:
    local = pyproj.CRS.from_wkt('LOCAL_CS["site grid",UNIT["metre",1]]')
    with pytest.raises(DataError, match="carries a coordinate system named 'site grid'"):
        systems.settle(local, None, "r.gpkg", "roads", Intake(tmp_path))
    assert systems.settle(local, "EPSG:32650", "r.gpkg", "roads", Intake(tmp_path)).to_epsg() == 32650


def test_points_of_the_moon_cannot_be_brought_here() -> None:
    x, _ = systems.Plane(32650).project([1.0], [2.0], systems.parse("ESRI:104903", "x"))
    assert not np.isfinite(x).any()


def test_names_are_read_in_any_case() -> None:
    assert systems.name_of(systems.parse(" esri:54009 ", "x")) == "ESRI:54009"
    assert systems.name_of(systems.parse("epsg:4490", "x")) == "EPSG:4490"
