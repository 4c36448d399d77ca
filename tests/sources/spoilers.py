"""Ways to spoil one thing in a folder of inputs or in the keys of its study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import geopandas as gpd
import pandas as pd
from shapely import LineString, Polygon, box
from small_inputs import NODES, PERSONS, write_districts, write_layer, write_osm, write_raster

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Spoil: TypeAlias = "Callable[[Path, dict[str, Any]], object]"


def edit(name: str, old: str, new: str, encoding: str = "utf-8") -> Spoil:
    def spoil(folder: Path, _: dict[str, Any]) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding=encoding)

    return spoil


def put(key: str, **values: object) -> Spoil:
    def spoil(_: Path, study: dict[str, Any]) -> None:
        part = study[key][0] if isinstance(study[key], list) else study[key]
        part.update(values)

    return spoil


def raster(name: str, values: object = None, **changes: object) -> Spoil:
    def spoil(folder: Path, _: dict[str, Any]) -> None:
        write_raster(folder / f"pop_{name}.tif", PERSONS[name] if values is None else values, **changes)

    return spoil


def rasters(**changes: object) -> Spoil:
    def spoil(folder: Path, study: dict[str, Any]) -> None:
        for name in PERSONS:
            raster(name, **changes)(folder, study)

    return spoil


def districts(**changes: object) -> Spoil:
    return lambda folder, _: write_districts(folder / "districts.geojson", **changes)


def roads(name: str, geometry: list[Any], **columns: object) -> Spoil:
    def spoil(folder: Path, study: dict[str, Any]) -> None:
        write_layer(folder / name, geometry, **columns)
        study["roads"] = {"file": name}

    return spoil


def layers(name: str) -> Spoil:
    def spoil(folder: Path, study: dict[str, Any]) -> None:
        frame = gpd.read_file(folder / "districts.geojson")
        for layer in ("towns", "villages"):
            frame.to_file(folder / "all.gpkg", layer=layer)
        study["districts"] |= {"file": "all.gpkg", **({"layer": name} if name else {})}

    return spoil


def sheet(folder: Path, study: dict[str, Any]) -> None:
    pd.read_csv(folder / "facilities.csv").to_excel(folder / "f.xlsx", sheet_name="现状", index=False)
    study["facilities"] |= {"file": "f.xlsx", "sheet": "2024"}


def many(folder: Path, _: dict[str, Any]) -> None:
    head = (folder / "facilities.csv").read_text(encoding="utf-8").splitlines()[0]
    rows = [f"X{n},x,home,public,120.71,30.51,-1,0,0," for n in range(33)]
    (folder / "facilities.csv").write_text("\n".join([head, *rows]), encoding="utf-8")


def binary(name: str, content: bytes) -> Spoil:
    return lambda folder, _: (folder / name).write_bytes(content)


def swap(folder: Path, study: dict[str, Any]) -> None:
    edit("facilities.csv", "operator,lon,lat", "operator,lat,lon")(folder, study)


def projected_table(folder: Path, study: dict[str, Any]) -> None:
    for old, new in (("120.71,30.51", "280000,3378000"), ("120.73,30.51", "281000,3378000")):
        edit("facilities.csv", old, new)(folder, study)
    edit("facilities.csv", "120.715,30.505", "281500,3377000")(folder, study)


def far_roads(folder: Path, _: dict[str, Any]) -> None:
    write_osm(folder / "roads.osm.pbf", {ref: (lon - 6, lat) for ref, (lon, lat) in NODES.items()}, ROAD)


def everything(folder: Path, study: dict[str, Any]) -> None:
    put("roads", file="nowhere.osm")(folder, study)
    raster("60_f", [[-1, 2, 3, 4], [0, 0, 0, 8]])(folder, study)
    edit("facilities.csv", ",40,20,5,", ",-40,20,5,")(folder, study)
    edit("idle.csv", "idle,day_care", "squat,day_care")(folder, study)


ROAD = [([1, 2, 3], {"highway": "residential"})]
LINE = LineString([(120.705, 30.51), (120.72, 30.51)])
BOWTIE = Polygon([(120.7, 30.5), (120.7, 30.5), (120.7, 30.5), (120.7, 30.5)])
SQUARES = [box(120.70, 30.50, 120.72, 30.52), box(120.72, 30.50, 120.74, 30.52)]
IN_METRES = [box(280000, 3377000, 282000, 3379000), box(282000, 3377000, 284000, 3379000)]
