"""GCJ-02 and BD-09 against three published implementations, and against themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import eviltransform
import geocoordinates_ffi as rust
import numpy as np
import prcoords
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.errors import DataError
from siting.sources import china
from siting.sources import crs as systems

if TYPE_CHECKING:
    from numpy.typing import NDArray

GEOD = pyproj.Geod(ellps="WGS84")
CITIES = {
    "Beijing": (116.391, 39.907),
    "Shanghai": (121.473, 31.230),
    "Wuhan": (114.300, 30.600),
    "Haining": (120.681, 30.511),
    "Urumqi": (87.617, 43.793),
    "Sanya": (109.512, 18.253),
    "Mohe": (122.538, 52.972),
}
THEIRS = {
    ("eviltransform", "GCJ-02"): eviltransform.wgs2gcj,
    ("eviltransform", "BD-09"): eviltransform.wgs2bd,
    ("prcoords", "GCJ-02"): lambda lat, lon: prcoords.wgs_gcj((lat, lon)),
    ("prcoords", "BD-09"): lambda lat, lon: prcoords.wgs_bd((lat, lon)),
    ("geocoordinates", "GCJ-02"): lambda lat, lon: degrees(rust.wgs84_to_gcj02(rust.Wgs84(lat=lat, lon=lon))),
    ("geocoordinates", "BD-09"): lambda lat, lon: degrees(rust.wgs84_to_bd09(rust.Wgs84(lat=lat, lon=lon))),
}
APART_M = {"eviltransform": 0.05, "prcoords": 1e-6, "geocoordinates": 1e-6}
"""eviltransform takes the earth for 6,378,137 m in radius instead of 6,378,245 m: a centimetre on a shift of 700 m."""


def degrees(place: rust.Gcj02 | rust.Bd09) -> tuple[float, float]:
    return place.lat, place.lon


def lattice() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points all over China, every half degree or so."""
    lon, lat = np.meshgrid(np.arange(73.6, 135.0, 0.47), np.arange(18.2, 53.5, 0.43))
    return lon.ravel(), lat.ravel()


def metres(lon: NDArray[np.float64], lat: NDArray[np.float64], *other: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(GEOD.inv(lon, lat, *other)[2])


@pytest.mark.parametrize(("library", "system"), THEIRS)
def test_published_implementations_agree(library: str, system: str) -> None:
    lon, lat = lattice()
    theirs = np.array([tuple(THEIRS[library, system](y, x)) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)])
    assert metres(*china.shift(lon, lat, system), theirs[:, 1], theirs[:, 0]).max() < APART_M[library]


@pytest.mark.parametrize("system", china.SHIFTED)
def test_the_way_there_and_back_ends_where_it_began(system: str) -> None:
    lon, lat = lattice()
    there = china.shift(lon, lat, system)
    assert metres(lon, lat, *china.unshift(*there, system)).max() < 0.001
    assert metres(*there, *china.shift(*china.unshift(*there, system), system)).max() < 0.001


@given(
    st.floats(china.WEST + 0.1, china.EAST - 0.1), st.floats(china.SOUTH + 0.1, 55.7), st.sampled_from(china.SHIFTED)
)
def test_every_point_of_china_comes_back(lon: float, lat: float, system: str) -> None:
    x, y = np.array([lon]), np.array([lat])
    assert metres(x, y, *china.unshift(*china.shift(x, y, system), system))[0] < 0.01


@pytest.mark.parametrize("system", china.SHIFTED)
@pytest.mark.parametrize("place", [(139.69, 35.69), (24.94, 60.17), (-69.97, 12.5), (71.9, 40.0), (100.0, 0.5)])
def test_abroad_nothing_is_shifted(system: str, place: tuple[float, float]) -> None:
    lon, lat = (np.array([value]) for value in place)
    for way in (china.shift, china.unshift):
        assert [value[0] for value in way(lon, lat, system)] == list(place)


@pytest.mark.parametrize("city", CITIES)
def test_cities_are_shifted_by_some_hundred_metres(city: str) -> None:
    lon, lat = (np.array([value]) for value in CITIES[city])
    assert 100 < metres(lon, lat, *china.shift(lon, lat, "GCJ-02"))[0] < 800
    assert 500 < metres(lon, lat, *china.shift(lon, lat, "BD-09"))[0] < 2_000


def test_what_is_no_place_stays_none() -> None:
    lon, _ = china.unshift(np.array([np.nan, 114.3]), np.array([30.6, 30.6]), "GCJ-02")
    assert np.isnan(lon[0])
    assert lon[1] == pytest.approx(114.2945, abs=1e-3)


@pytest.mark.parametrize("written", ["GCJ-02", "gcj02", " GCJ 02 ", "BD-09", "bd09"])
def test_a_study_names_them_in_any_case(written: str) -> None:
    assert systems.name_of(systems.parse(written, "x")) in china.SHIFTED


@pytest.mark.parametrize("written", ["高德", "amap", "火星坐标", "Baidu", "bd-09mc"])
def test_their_nicknames_are_answered_with_their_names(written: str) -> None:
    with pytest.raises(DataError, match=r"`crs: GCJ-02` .* or `crs: BD-09`"):
        systems.parse(written, "x")


@pytest.mark.parametrize("system", china.SHIFTED)
def test_points_go_to_the_plane_as_their_origins_do(system: str) -> None:
    plane, lon, lat = systems.Plane(32650), np.array([114.3, 114.5]), np.array([30.6, 30.4])
    straight = plane.project(lon, lat, systems.LONLAT)
    np.testing.assert_allclose(
        plane.project(*china.shift(lon, lat, system), systems.parse(system, "x")), straight, atol=1e-3
    )


def test_a_box_of_shifted_corners_comes_back_to_its_origin() -> None:
    corners = np.array([114.0, 114.6]), np.array([30.3, 30.8])
    west_east, south_north = china.shift(*corners, "GCJ-02")
    box = west_east[0], south_north[0], west_east[1], south_north[1]
    found = systems.lonlat_bounds(box, systems.parse("GCJ-02", "x"))
    assert found == pytest.approx((114.0, 30.3, 114.6, 30.8), abs=2e-3)


@pytest.mark.parametrize(
    ("code", "x", "y"),
    [(4547, 500_000.0, 3_320_113.398), (4526, 38_500_000.0, 3_320_113.398)],
    ids=["three degrees about 114°E", "the same with its zone's number in front"],
)
def test_gauss_krueger_zones_of_cgcs2000(code: int, x: float, y: float) -> None:
    """Easting 500 km is the central meridian; 3,320,113.398 m is the meridian from the equator to 30° (published)."""
    crs = systems.parse(f"EPSG:{code}", "x")
    place = systems.Plane(4547).project([x], [y], crs)
    lon, lat = systems.Plane(4547).lonlat(*place)
    assert lon[0] == pytest.approx(114.0, abs=1e-6)
    assert lat[0] == pytest.approx(30.0, abs=1e-7)
    assert systems.Plane(4547).project([114.0], lat, systems.parse("EPSG:4490", "x"))[0][0] == pytest.approx(500_000)
