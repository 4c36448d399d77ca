import csv
import math
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pyproj
import pytest
import rasterio
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from siting.sources.made import CountySpec, make_county

DEMO = Path(__file__).parents[3] / "data" / "demo"
AGES, SEXES = (60, 65, 70, 75, 80), ("f", "m")
TO_METRES = pyproj.Transformer.from_crs(4326, 32651, always_xy=True)
Layers = dict[str, gpd.GeoDataFrame]
Ways = list[tuple[dict[str, str], list[int], np.ndarray]]
Cells = tuple[np.ndarray, dict[int, np.ndarray]]
NO_WALK = {"motorway", "motorway_link", "construction"}


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    subprocess.run([sys.executable, "-m", "siting.sources.made", str(folder)], check=True)  # noqa: S603 - our own module
    return folder


@pytest.fixture(scope="module")
def layers() -> Layers:
    return {
        name: gpd.read_file(DEMO / "districts.gpkg", layer=name) for name in ("towns", "communities", "water", "county")
    }


@pytest.fixture(scope="module")
def ways() -> Ways:
    found = []
    for way in osmium.FileProcessor(str(DEMO / "roads.osm.pbf"), osmium.osm.NODE | osmium.osm.WAY).with_locations():
        if way.is_way():
            xy = np.array([(node.lon, node.lat) for node in way.nodes])
            found.append((dict(way.tags), [node.ref for node in way.nodes], xy))
    return found


@pytest.fixture(scope="module")
def cells() -> Cells:
    """Longitude and latitude of the populated cells, and the persons 60 and over of each in both years."""
    total = {}
    for year in (2020, 2025):
        bands = []
        for age in AGES:
            for sex in SEXES:
                with rasterio.open(DEMO / f"pop_{year}_{age}_{sex}.tif") as raster:
                    band = raster.read(1).astype(float)
                    assert raster.crs.to_epsg() == 4326
                    assert raster.res == pytest.approx((1 / 1200, 1 / 1200))
                    bands.append(np.where(band == raster.nodata, 0.0, band))
                    west, north = raster.bounds.left, raster.bounds.top
        assert min(band[band > 0].min() for band in bands) >= 0.05
        total[year] = np.sum(bands, axis=0)
    row, col = np.nonzero(total[2025])
    lonlat = np.column_stack([west + (col + 0.5) / 1200, north - (row + 0.5) / 1200])
    return lonlat, {year: persons[row, col] for year, persons in total.items()}


def rows(name: str) -> list[dict[str, str]]:
    with (DEMO / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def metres(lonlat: np.ndarray) -> np.ndarray:
    return np.column_stack(TO_METRES.transform(*np.asarray(lonlat).T))


def walkable(tags: dict[str, str]) -> bool:
    return "highway" in tags and tags["highway"] not in NO_WALK and tags.get("access") != "private"


def inside(polygons: gpd.GeoSeries, lonlat: np.ndarray) -> np.ndarray:
    return shapely.contains_xy(shapely.union_all(np.asarray(polygons)).buffer(1e-7), lonlat)


def test_regenerating_gives_the_tracked_files(again: Path) -> None:
    names = sorted(path.name for path in DEMO.iterdir())
    assert names == sorted(path.name for path in again.iterdir())
    for name in names:
        if not name.endswith(".gpkg"):
            assert (again / name).read_bytes() == (DEMO / name).read_bytes(), name


def test_regenerating_gives_the_same_districts(again: Path, layers: Layers) -> None:
    for name, tracked in layers.items():
        made = gpd.read_file(again / "districts.gpkg", layer=name)
        assert made.drop(columns="geometry").equals(tracked.drop(columns="geometry"))
        assert shapely.equals_exact(made.geometry.array, tracked.geometry.array, 1e-9).all()


def test_demo_is_small_enough_to_track() -> None:
    assert sum(path.stat().st_size for path in DEMO.iterdir()) <= 6_000_000


def test_readme_says_it_is_made() -> None:
    text = (DEMO / "README.md").read_text(encoding="utf-8")
    assert "虚构数据,并非真实" in text
    assert "MADE, NOT REAL" in text
    assert "$" not in text


@pytest.mark.parametrize(("year", "persons"), [(2020, 196_500), (2025, 239_000)])
def test_persons_inside_the_county(year: int, persons: int, cells: Cells, layers: Layers) -> None:
    lonlat, total = cells
    assert total[year][inside(layers["county"].geometry, lonlat)].sum() == pytest.approx(persons, abs=0.5)
    assert total[year][inside(layers["towns"].geometry, lonlat)].sum() == pytest.approx(persons, abs=0.5)


def test_a_handful_of_persons_outside_every_district(cells: Cells, layers: Layers) -> None:
    lonlat, total = cells
    assert total[2025][~inside(layers["county"].geometry, lonlat)].sum() == pytest.approx(120, abs=1)


def test_nobody_lives_in_the_water(cells: Cells, layers: Layers) -> None:
    lonlat, _ = cells
    assert not inside(layers["water"].geometry, lonlat).any()


def test_all_density_classes_are_present(cells: Cells) -> None:
    lonlat, total = cells
    xy, persons = metres(lonlat), total[2025]
    near = cKDTree(xy).query_ball_point(xy, 500.0)
    density = np.array([persons[index].sum() for index in near]) / (math.pi * 0.25)
    assert persons[density > 3_000].sum() >= 0.10 * persons.sum()
    assert persons[(density >= 1_000) & (density <= 3_000)].sum() >= 0.20 * persons.sum()
    assert persons[density < 1_000].sum() >= 0.15 * persons.sum()


def test_older_classes_thin_out() -> None:
    def persons(year: int, age: int) -> float:
        total = 0.0
        for sex in SEXES:
            with rasterio.open(DEMO / f"pop_{year}_{age}_{sex}.tif") as raster:
                total += float(raster.read(1, masked=True).sum())
        return total

    for year in (2020, 2025):
        figures = [persons(year, age) for age in AGES[:4]]
        assert figures == sorted(figures, reverse=True)


def test_no_road_crosses_water_but_on_bridges(ways: Ways, layers: Layers) -> None:
    water = layers["water"].geometry.union_all()
    shapely.prepare(water)
    wet = [
        tags
        for tags, _, xy in ways
        if "highway" in tags and "bridge" not in tags and shapely.LineString(xy).intersection(water).length > 5e-6
    ]
    assert wet == []


def test_the_river_has_few_bridges(ways: Ways, layers: Layers) -> None:
    river = layers["water"].query("kind == 'river'").geometry.union_all()
    bridges = [
        tags for tags, _, xy in ways if "bridge" in tags and shapely.LineString(xy).intersection(river).length > 5e-4
    ]
    assert 4 <= len(bridges) <= 6


def test_walking_network_is_connected_but_for_the_islet(ways: Ways) -> None:
    ends, length = [], []
    for tags, nodes, xy in ways:
        if walkable(tags):
            ends += list(pairwise(nodes))
            length += np.hypot(*np.diff(metres(xy), axis=0).T).tolist()
    _, index = np.unique(np.array(ends), return_inverse=True)
    pairs = index.reshape(-1, 2)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(pairs.max() + 1,) * 2)
    count, label = connected_components(graph, directed=False)
    share = np.bincount(label[pairs[:, 0]], length) / sum(length)
    assert share.max() > 0.98
    assert count == 2


def test_what_a_reader_must_cope_with_is_there(ways: Ways) -> None:
    def some(**tags: str) -> int:
        return sum(all(found.get(key) == value for key, value in tags.items()) for found, _, _ in ways)

    for highway in ("motorway", "construction", "steps", "pedestrian", "footway", "living_street", "service"):
        assert some(highway=highway), highway
    assert some(route="ferry") == 1
    assert some(barrier="wall") > 50
    assert some(access="private")
    assert some(oneway="yes")
    gates = sum(
        1
        for node in osmium.FileProcessor(str(DEMO / "roads.osm.pbf"), osmium.osm.NODE)
        if node.tags.get("barrier") == "gate"
    )
    assert gates > 50


def test_some_persons_are_beyond_every_road(ways: Ways, cells: Cells) -> None:
    lonlat, total = cells
    roads = shapely.STRtree([shapely.LineString(metres(xy)) for tags, _, xy in ways if walkable(tags)])
    points = shapely.points(metres(lonlat))
    far = shapely.distance(points, roads.geometries[roads.nearest(points)]) > 500.0
    assert 0.003 <= total[2025][far].sum() / total[2025].sum() <= 0.01


def test_districts_partition_the_county(layers: Layers) -> None:
    county = layers["county"].to_crs(32651).geometry.iloc[0]
    for name, count in (("towns", 12), ("communities", 120)):
        bodies = layers[name].to_crs(32651).geometry
        assert len(bodies) == count
        assert bodies.is_valid.all()
        assert bodies.area.sum() == pytest.approx(county.area, rel=1e-4)
        assert bodies.union_all().symmetric_difference(county).area < 1e-4 * county.area


def test_communities_nest_in_towns(layers: Layers) -> None:
    towns = layers["towns"].set_index("id").geometry
    for one in layers["communities"].itertuples():
        assert one.geometry.difference(towns[one.town].buffer(1e-6)).area < 1e-9
    assert layers["towns"].unit.nunique() == 5
    assert layers["towns"].urban.sum() == 4


def test_facilities_count(layers: Layers) -> None:
    table = rows("facilities.csv")
    homes = [row for row in table if row["kind"] == "institution"]
    centres = [row for row in table if row["kind"] == "town_centre"]
    assert (len(homes), len(centres)) == (17, 14)
    beds = np.array([[int(row[f"beds_{kind}"]) for kind in ("general", "nursing", "dementia")] for row in homes])
    assert beds.sum() == 7_860
    assert beds.sum(axis=1).min() >= 120
    assert beds.sum(axis=1).max() <= 900
    assert 0.48 <= beds[:, 1].sum() / beds.sum() <= 0.52
    assert beds[:, 2].sum() == 150
    where = np.array([(float(row["lon"]), float(row["lat"])) for row in centres])
    served = [town for town in layers["towns"].geometry if shapely.contains_xy(town, where).any()]
    assert len(served) == 10


def test_beds_are_unevenly_spread(cells: Cells, layers: Layers) -> None:
    lonlat, total = cells
    homes = [row for row in rows("facilities.csv") if row["kind"] == "institution"]
    where = np.array([(float(row["lon"]), float(row["lat"])) for row in homes])
    beds = np.array([sum(int(row[f"beds_{kind}"]) for kind in ("general", "nursing", "dementia")) for row in homes])
    counts, ratios = [], []
    for _, unit in layers["towns"].groupby("unit"):
        here = inside(unit.geometry, where)
        counts.append(here.sum())
        ratios.append(beds[here].sum() / total[2025][inside(unit.geometry, lonlat)].sum() * 10_000)
    assert min(counts) == 1
    assert min(ratios) < 300 < max(ratios)


def test_every_site_stands_on_land_beside_a_road(ways: Ways, layers: Layers) -> None:
    table = rows("facilities.csv") + rows("idle.csv")
    assert len({row["id"] for row in table}) == len(table)
    assert len({row["name"] for row in table}) == len(table)
    lonlat = np.array([(float(row["lon"]), float(row["lat"])) for row in table])
    assert inside(layers["county"].geometry, lonlat).all()
    assert not inside(layers["water"].geometry, lonlat).any()
    roads = shapely.STRtree([shapely.LineString(metres(xy)) for tags, _, xy in ways if walkable(tags)])
    points = shapely.points(metres(lonlat))
    assert shapely.distance(points, roads.geometries[roads.nearest(points)]).max() < 60.0


def test_idle_premises_offer_enough(layers: Layers) -> None:
    table = rows("idle.csv")
    assert {row["tenure"] for row in table} == {"idle_state_owned", "leased", "bought", "new_housing"}
    kinds = [set(row["kinds"].split(";")) for row in table]
    assert set().union(*kinds) == {"institution", "town_centre", "day_care", "county_hub"}
    homes = np.array(
        [
            (float(row["lon"]), float(row["lat"]))
            for row, kind in zip(table, kinds, strict=True)
            if "institution" in kind
        ]
    )
    for _, unit in layers["towns"].groupby("unit"):
        assert inside(unit.geometry, homes).sum() >= 3
    for row, kind in zip(table, kinds, strict=True):
        assert int(row["floor_area_m2"]) >= (2_000 if "institution" in kind else 800 if "town_centre" in kind else 200)


def test_another_seed_makes_another_county_of_the_size_asked() -> None:
    spec = replace(
        CountySpec(), seed=3, towns=6, communities=40, institutions=6, centres=5, beds=1_900, dementia_beds=40
    )
    small = replace(
        spec, width_m=15_000.0, height_m=13_000.0, persons_2020=41_000, persons_2025=52_000, towns_without_centre=1
    )
    county = make_county(small)
    assert len(county.districts.towns) == 6
    assert len(county.districts.communities) == 40
    assert county.people.total(2025)[county.people.inside].sum() == 52_000
    assert sum(sum(row.beds) for row in county.facilities) == 1_900


def test_a_county_needs_villagers() -> None:
    with pytest.raises(ValueError, match="villages"):
        CountySpec(shares=(0.5, 0.3, 0.2, 0.1))
