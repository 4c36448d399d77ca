"""How big the map of a city of Wuhan's size is, how long it takes to write, and when a browser has it ready.

Run as ``python benchmarks/map_of_a_city.py [FILE.html]``. The city is made up: 494,676 cells on a grid of
1,662 × 1,668, 92,667 road edges, 900 facilities, 13 districts; as noisy as real ones are, so that nothing compresses
unfairly well.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.ndimage import gaussian_filter

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "present"))
from made_results import make_results

from siting.present.map import write_map

if TYPE_CHECKING:
    from siting.present.results import Results

WEST, NORTH, STEP, WIDTH, HEIGHT = 113.692, 31.362, 1 / 1200, 1662, 1668
CELLS, EDGES, SITES, CRS = 494_676, 92_667, 900, "EPSG:32650"
KEPT, SPECKLED = 0.6, 0.05
CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")


def city() -> Results:
    """Blow the hand-made run up to the size of a city."""
    rng = np.random.default_rng(1)
    small = make_results()
    cells = _cells(small, rng)
    grid = {
        "crs": "EPSG:4326", "west": WEST, "north": NORTH, "cell_width": STEP, "cell_height": STEP,
        "width": WIDTH, "height": HEIGHT,
    }  # fmt: skip
    roads, sites = _roads(rng), _sites(small, cells, rng)
    rings = shapely.buffer(shapely.points(shapely.get_coordinates(sites.geometry.array)), 700)
    circles = small.isochrones.to_crs(CRS)
    circles["geometry"] = [shapely.union_all(rings[rng.random(SITES) < KEPT]) for _ in range(len(circles))]
    return replace(
        small, run={**small.run, "grid": grid}, cells=cells, roads=roads, sites=sites, isochrones=circles,
        districts=_districts(small), catchments=_catchments(sites),
    )  # fmt: skip


def _cells(small: Results, rng: np.random.Generator) -> pd.DataFrame:
    field = gaussian_filter(rng.normal(size=(HEIGHT, WIDTH)), 12) + 0.02 * rng.normal(size=(HEIGHT, WIDTH))
    chosen = np.sort(np.argsort(field.ravel())[-CELLS:])
    row, column = np.divmod(chosen, WIDTH)
    table = {"row": row, "column": column, "district": (row // 130).clip(0, 12)}
    table["persons"] = rng.gamma(0.6, 6.5, CELLS)
    table["density_per_km2"] = table["persons"] * 140
    table["density_class"] = np.searchsorted((1000.0, 3000.0), table["density_per_km2"])
    blobs = np.searchsorted((-0.01, 0.0, 0.03), gaussian_filter(rng.normal(size=(HEIGHT, WIDTH)), 6)[row, column])
    for name in small.cells.filter(regex="^(before|after)_"):
        table[name] = ((blobs + rng.integers(0, 2, CELLS) * (rng.random(CELLS) < SPECKLED)) % 5).astype(np.int8)
    return pd.DataFrame(table)


def _roads(rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Bent pieces of street, three points each."""
    start = rng.uniform((190_000, 3_330_000), (310_000, 3_460_000), (EDGES, 2))
    bend = start + rng.normal(0, 45, (EDGES, 2))
    points = np.stack((start, bend, bend + rng.normal(0, 45, (EDGES, 2))), axis=1)
    level = rng.choice([1, 2, 3], EDGES, p=[0.3, 0.3, 0.4])
    return gpd.GeoDataFrame({"road_class": "street", "level": level}, geometry=shapely.linestrings(points), crs=CRS)


def _sites(small: Results, cells: pd.DataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    table = pd.DataFrame(small.sites.drop(columns="geometry")).sample(SITES, replace=True, random_state=1)
    where = cells.sample(SITES, random_state=2)
    table["lon"] = WEST + (where["column"].to_numpy() + rng.random(SITES)) * STEP
    table["lat"] = NORTH - (where["row"].to_numpy() + rng.random(SITES)) * STEP
    table["site"] = [f"s{number}" for number in range(SITES)]
    points = gpd.points_from_xy(table["lon"], table["lat"], crs="EPSG:4326")
    return gpd.GeoDataFrame(table.reset_index(drop=True), geometry=points).to_crs(CRS)


def _districts(small: Results) -> gpd.GeoDataFrame:
    """Thirteen bands from north to south."""
    table = pd.concat([small.districts] * 4).iloc[:13].reset_index(drop=True).to_crs("EPSG:4326")
    table["id"] = [f"D{number}" for number in range(13)]
    edges = NORTH - np.linspace(0, HEIGHT * STEP, 14)
    bands = shapely.segmentize(shapely.box(WEST, edges[1:], WEST + WIDTH * STEP, edges[:-1]), 0.01)
    return table.set_geometry(gpd.GeoSeries(bands, crs="EPSG:4326")).to_crs(CRS)


def _catchments(sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns: dict[str, Any] = {"site": sites["site"], "kind": sites["kind"], "persons": 1.0}
    return gpd.GeoDataFrame(columns, geometry=sites.geometry.buffer(600), crs=CRS)


def ready_ms(path: Path) -> int | None:
    """Milliseconds from the request for the page to its first complete painting; None without a browser."""
    from selenium import webdriver  # noqa: PLC0415 - only for this

    if not (CHROMIUM.exists() and DRIVER.exists()):
        return None
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for switch in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1440,900"):
        options.add_argument(switch)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    try:
        driver.get(path.as_uri())
        while not (ready := driver.execute_script("return document.documentElement.dataset.ready")):
            time.sleep(0.05)
        return int(ready)
    finally:
        driver.quit()


def main() -> None:
    """Print the table."""
    results = city()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "map.html"
        began = time.perf_counter()
        write_map(results, path, "zh")
        print(f"written in   {time.perf_counter() - began:6.1f} s")
        print(f"size         {path.stat().st_size / 1e6:6.1f} MB   (asked: at most 15)")
        print(f"usable after {(ready_ms(path.resolve()) or float('nan')) / 1e3:6.1f} s    (asked: at most 4)")


if __name__ == "__main__":
    main()
