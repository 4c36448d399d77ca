"""A small town, written file by file: two districts, four road nodes, eight raster cells, three facilities.

lat 30.52  +-----------+-----------+      cells: 4 columns × 2 rows of 0.01°
           |     a     |     b     |
    30.51  |   1-------2-------3   |      1-2-3 residential, 2-4 footway
    30.505 |           4           |
    30.50  +-----------+-----------+
   lon  120.70      120.72      120.74
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import osmium
import rasterio
from osmium.osm.mutable import Node, Way
from rasterio.transform import Affine
from shapely import box

from siting.model.catalogue import Catalogue, Kind, Module, Tenure
from siting.model.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike
    from shapely import Geometry

WEST, NORTH, STEP = 120.70, 30.52, 0.01
NODES = {1: (120.705, 30.51), 2: (120.72, 30.51), 3: (120.735, 30.51), 4: (120.72, 30.505)}
WAYS: list[tuple[list[int], dict[str, str]]] = [
    ([1, 2, 3], {"highway": "residential"}),
    ([2, 4], {"highway": "footway"}),
]
PERSONS = {
    "60_f": [[1, 2, 3, 4], [0, 0, 0, 8]],
    "60_m": [[1, 0, 3, 0], [0, 6, 0, 0.5]],
    "80_f": [[0, 0, 0, 0], [0, 1, 0, 1]],
    "80_m": [[0, 0, 0, 1], [0, 0, 0, 0]],
}
FACILITIES = """id,name,kind,operator,lon,lat,beds_general,beds_nursing,beds_dementia,floor_area_m2
N1,阳光养老院,home,public,120.71,30.51,40,20,5,2000
N2,安康养老院,home,non_state,120.73,30.51,10,0,0,
D1,社区日间照料,day_care,public,120.715,30.505,,,,300
"""
IDLE = """id,name,lon,lat,tenure,kinds,operator,floor_area_m2
S1,旧小学,120.712,30.512,idle,home;day_care,public,1500
S2,旧仓库,120.728,30.508,idle,day_care,public,
"""
BLANK = Text("", "")


def catalogue() -> Catalogue:
    """Homes with three classes of beds, day care without, and a hub that cannot be opened."""
    module = (Module("small", 20, 60, 1200.0, 1e6),)
    kinds = {
        "home": Kind("home", BLANK, "town", module, {"general": 1.0, "nursing": 2.0, "dementia": 3.0}, 0, 0.0, {}),
        "day_care": Kind("day_care", BLANK, "community", (Module("one", 0, 0, 200.0, 1e5),), {}, 0, 0.0, {}),
        "hub": Kind("hub", BLANK, "county", (), {}, 0, 0.0, {}),
    }
    tenures = {name: Tenure(name, BLANK, 1.0, 0.0) for name in ("idle", "new_build")}
    return Catalogue(kinds, tenures, BLANK)


def write_osm(
    path: Path, nodes: dict[int, Any], ways: list[Any], barriers: dict[int, dict[str, str]] | None = None
) -> None:
    path.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(path)) as writer:
        for ref, lonlat in nodes.items():
            writer.add_node(Node(id=ref, location=lonlat, version=1, tags=(barriers or {}).get(ref, {})))
        for number, (refs, tags) in enumerate(ways):
            writer.add_way(Way(id=100 + number, nodes=refs, tags=tags, version=1))


def write_raster(path: Path, values: ArrayLike, **changes: object) -> None:
    rows = np.asarray(values, dtype=np.float32)
    profile: dict[str, object] = {
        "driver": "GTiff",
        "width": rows.shape[1],
        "height": rows.shape[0],
        "count": 1,
        "dtype": "float32",
        "crs": "EPSG:4326",
        "transform": Affine(STEP, 0, WEST, 0, -STEP, NORTH),
        "nodata": -99999.0,
    }
    tags = changes.pop("tags", {})
    with rasterio.open(path, "w", **{**profile, **changes}) as raster:
        for band in range(1, raster.count + 1):
            raster.write(rows, band)
        raster.update_tags(**tags)


def write_layer(path: Path, geometry: list[Geometry | None], crs: str | None = "EPSG:4326", **columns: object) -> None:
    path.unlink(missing_ok=True)
    frame = gpd.GeoDataFrame(columns, geometry=geometry, crs=crs)
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)


def write_districts(path: Path, **changes: object) -> None:
    squares = [box(120.70, 30.50, 120.72, 30.52), box(120.72, 30.50, 120.74, 30.52)]
    columns = {"geometry": squares, "gid": ["a", "b"], "label": ["甲镇", "乙镇"], **changes}
    write_layer(path, **columns)  # type: ignore[arg-type]


def write_population(folder: Path) -> None:
    for name, values in PERSONS.items():
        write_raster(folder / f"pop_{name}.tif", values)


def write_study(folder: Path) -> dict[str, Any]:
    """Write every input of the town and return the keys of its study."""
    write_districts(folder / "districts.geojson")
    write_osm(folder / "roads.osm.pbf", NODES, WAYS)
    write_population(folder)
    (folder / "facilities.csv").write_text(FACILITIES, encoding="utf-8")
    (folder / "idle.csv").write_text(IDLE, encoding="utf-8")
    return {
        "districts": {"file": "districts.geojson", "id": "gid", "name": "label"},
        "roads": {"file": "roads.osm.pbf"},
        "population": {"files": "pop_{age}_{sex}.tif", "ages": [60, 80], "year": 2020},
        "facilities": {"file": "facilities.csv", "operator": "operator"},
        "candidates": [{"file": "idle.csv"}, {"generate": "grid", "spacing_m": 400, "kinds": ["home"]}],
    }
