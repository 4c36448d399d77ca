"""Writing a made county: roads, rasters, districts, tables, and the page that says it is made."""

from __future__ import annotations

import csv
import itertools
from dataclasses import asdict
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import osmium
import pyogrio
import rasterio
import shapely
from osmium.osm import mutable
from scipy.spatial import cKDTree

from siting.sources.made import steady
from siting.sources.made.people import AGES, NODATA, SEXES, STEP, YEARS
from siting.sources.made.records import FACTS, make_records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shapely.geometry.base import BaseGeometry

    from siting.sources.made.county import County
    from siting.sources.made.records import Further, Records
    from siting.sources.made.shapes import FloatArray

_FACILITY_COLUMNS = (
    "id name name_en kind operator lon lat beds_general beds_nursing beds_dementia floor_area_m2 built fire_safety "
    "rating occupancy"
)
_IDLE_COLUMNS = (
    "id name name_en lon lat tenure kinds operator floor_area_m2 built note context project_floor_area_m2 "
    "delivered_in_step"
)
_STATION_COLUMNS = (
    "id name name_en kind operator lon lat beds_general beds_nursing beds_dementia floor_area_m2 built fire_safety "
    "in_operation fit_out_standard smart demonstration context residents medical_partner"
)
_HEALTH_COLUMNS = "id name name_en kind lon lat"
_ROOM_COLUMNS = "id name name_en lon lat tenure kinds floor_area_m2 opens beds"
_DATE = "2025-01-01T00:00:00Z"


class _Osm:
    """Numbers nodes and ways and hands them to osmium in the order a reader expects."""

    def __init__(self, county: County) -> None:
        self._frame = county.frame
        self.nodes: list[mutable.Node] = []
        self.ways: list[mutable.Way] = []
        self.relations: list[mutable.Relation] = []

    def add_nodes(self, xy: FloatArray, tags: dict[int, dict[str, str]] | None = None) -> list[int]:
        """Add nodes; their numbers."""
        first = len(self.nodes) + 1
        for at, (lon, lat) in enumerate(self._frame.to_lonlat(xy)):
            self.nodes.append(
                mutable.Node(id=first + at, version=1, location=(float(lon), float(lat)), tags=(tags or {}).get(at, {}))
            )
        return list(range(first, first + len(xy)))

    def add_way(self, nodes: list[int], tags: dict[str, str]) -> int:
        """Add a way; its number."""
        self.ways.append(mutable.Way(id=len(self.ways) + 1, version=1, nodes=nodes, tags=dict(sorted(tags.items()))))
        return len(self.ways)

    def add_ring(self, polygon_ring: shapely.LinearRing, tags: dict[str, str]) -> int:
        """Add a closed way; its number."""
        nodes = self.add_nodes(shapely.get_coordinates(polygon_ring)[:-1])
        return self.add_way([*nodes, nodes[0]], tags)


def _roads(county: County, path: Path) -> None:
    network = county.network
    osm = _Osm(county)
    gates = {node: {"barrier": "gate"} for node in network.gates}
    numbers = np.array(osm.add_nodes(network.xy, gates))
    for street, way in zip(network.streets, network.ways, strict=True):
        osm.add_way([int(number) for number in numbers[way]], street.tags)
    for water in county.ground.waters:
        tags = {"name": water.name.zh, "name:en": water.name.en}
        if water.line is not None:
            osm.add_way(
                osm.add_nodes(shapely.get_coordinates(water.line.simplify(3.0))), tags | {"waterway": water.kind}
            )
        body = {"natural": "water", "water": water.kind}
        if not water.polygon.interiors:
            osm.add_ring(water.polygon.exterior, tags | body)
            continue
        members = [("w", osm.add_ring(water.polygon.exterior, {}), "outer")]
        members += [("w", osm.add_ring(ring, {"place": "islet"}), "inner") for ring in water.polygon.interiors]
        osm.relations.append(
            mutable.Relation(id=1, version=1, members=members, tags=tags | body | {"type": "multipolygon"})
        )
    path.unlink(missing_ok=True)
    header = osmium.io.Header()
    header.set("generator", "siting made county")
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for node in osm.nodes:
            writer.add_node(node)
        for line in osm.ways:
            writer.add_way(line)
        for relation in osm.relations:
            writer.add_relation(relation)


def _rasters(county: County, folder: Path) -> None:
    people = county.people
    height, width = people.grid.shape
    profile = {
        "driver": "GTiff",
        "width": width,
        "height": height,
        "count": 1,
        "dtype": "float32",
        "crs": "EPSG:4326",
        "nodata": NODATA,
    }
    profile |= {
        "transform": rasterio.Affine(STEP, 0.0, people.grid.west, 0.0, -STEP, people.grid.north),
        "compress": "deflate",
        "predictor": 3,
        "zlevel": 9,
    }
    empty = np.where(people.land, 0.0, NODATA).astype(np.float32)
    for at_year, year in enumerate(YEARS):
        for at_age, age in enumerate(AGES):
            for at_sex, sex in enumerate(SEXES):
                cells = empty.copy()
                cells[people.cell] = people.persons[:, at_year, at_age, at_sex]
                with rasterio.open(folder / f"pop_{year}_{age}_{sex}.tif", "w", **profile) as raster:
                    raster.write(cells.reshape(height, width), 1)


def _layer(path: Path, name: str, rows: list[dict[str, Any]], geometry: Iterable[BaseGeometry]) -> None:
    frame = gpd.GeoDataFrame(rows, geometry=list(geometry), crs="EPSG:4490")
    pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=path.exists())


def _districts(county: County, path: Path, records: Records) -> None:
    def degrees(shape: BaseGeometry) -> BaseGeometry:
        return shapely.transform(shape, county.frame.to_lonlat)

    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _DATE})
    towns, communities = county.districts.towns, county.districts.communities
    rows = [
        {"id": town.id, "name": town.name.zh, "name_en": town.name.en, "unit": town.unit, "urban": town.urban}
        | {"circle": circle}
        for town, circle in zip(towns, records.circle, strict=True)
    ]
    _layer(path, "towns", rows, [degrees(town.polygon) for town in towns])
    rows = [
        {"id": one.id, "name": one.name.zh, "name_en": one.name.en, "town": towns[one.town].id, "kind": one.kind}
        for one in communities
    ]
    _layer(path, "communities", rows, [degrees(one.polygon) for one in communities])
    waters = county.ground.waters
    rows = [
        {"id": f"W{at:02d}", "name": water.name.zh, "name_en": water.name.en, "kind": water.kind}
        for at, water in enumerate(waters, 1)
    ]
    _layer(path, "water", rows, [degrees(water.polygon) for water in waters])
    whole = {"id": "C01", "name": county.spec.name, "name_en": county.spec.name_en}
    _layer(path, "county", [whole], [degrees(county.ground.county)])
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def stand(county: County, nodes: list[int]) -> FloatArray:
    """Local metres (n, 2) of buildings beside nodes of the network: on land, beside one of the node's streets."""
    rng = county.spec.rng(12)
    network = county.network
    walking = network.walking()
    roads = shapely.STRtree([shapely.LineString(network.xy[network.ways[at]]) for at in walking])
    dry = county.ground.county.buffer(-10.0).difference(county.ground.wet.buffer(6.0))
    shapely.prepare(dry)
    taken: list[FloatArray] = []
    for node in nodes:
        spots, reach = np.zeros((0, 2)), 20.0
        while not len(spots):  # a node over water has its banks farther off
            spots = network.xy[node] + rng.uniform(8.0, reach, (24, 1)) * steady.turned(rng.uniform(0.0, 6.28, 24))
            spots, reach = spots[shapely.contains_xy(dry, spots)], 2.0 * reach
        nearest = roads.nearest(shapely.points(spots))
        away = shapely.distance(shapely.points(spots), roads.geometries[nearest])
        own = np.array([node in network.ways[walking[int(at)]] for at in np.atleast_1d(nearest)])
        apart = cKDTree(np.array(taken)).query(spots)[0] if taken else np.full(len(spots), 99.0)
        taken.append(spots[int(np.argmax(np.minimum(away, 12.0) + np.minimum(apart, 20.0) + 40.0 * own))])
    return np.array(taken)


def _table(path: Path, columns: str, rows: list[list[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns.split())
        writer.writerows(rows)


def _tables(county: County, folder: Path, records: Records) -> None:
    facilities, idle = county.facilities, county.premises
    further = (records.standing, records.health, records.rooms)
    nodes = [*(row.node for row in facilities), *(row.node for row in idle)]
    nodes += [one.node for one in itertools.chain(*further)]
    where = iter([(f"{lon:.6f}", f"{lat:.6f}") for lon, lat in county.frame.to_lonlat(stand(county, nodes))])
    rows: list[list[Any]] = []
    for at, row in enumerate(facilities):
        head = [f"F{at + 1:03d}", row.name.zh, row.name.en, row.kind, row.operator, *next(where), *row.beds]
        told = [row.floor_area_m2, row.built, row.fire_safety, row.rating, f"{row.occupancy:.2f}"]
        rows.append([*head, *told, *(records.facts[at][name] for name in FACTS)])
    _table(folder / "facilities.csv", f"{_FACILITY_COLUMNS} {' '.join(FACTS)}", rows)
    rows = []
    spots = []
    for at, one in enumerate(idle):
        spots.append(next(where))
        head = [f"I{at + 1:03d}", one.name.zh, one.name.en, *spots[-1], one.tenure, ";".join(one.kinds), one.operator]
        project = records.projects_m2[at]
        told = [one.floor_area_m2, one.built, one.note, records.contexts[at], project or ""]
        rows.append([*head, *told, "yes" if project and at % 4 else "no" if project else ""])
    _table(folder / "idle.csv", _IDLE_COLUMNS, rows)
    for name, letter, columns, table in zip(
        ("stations", "health", "rooms"), "GHR", (_STATION_COLUMNS, _HEALTH_COLUMNS, _ROOM_COLUMNS), further, strict=True
    ):
        _further(
            folder / f"{name}.csv", columns, [(f"{letter}{at:03d}", one) for at, one in enumerate(table, 1)], where
        )
    _communities(county, folder / "communities.csv", records, spots)


def _further(path: Path, columns: str, rows: list[tuple[str, Further]], where: Iterator[tuple[str, str]]) -> None:
    """Write a table of facilities or rooms by its columns; what a row does not state stays empty."""
    table = []
    for identity, one in rows:
        lon, lat = next(where)
        told = {"id": identity, "name": one.name.zh, "name_en": one.name.en, "lon": lon, "lat": lat} | one.columns
        table.append([told.get(name, "") for name in columns.split()])
    _table(path, columns, table)


def _communities(county: County, path: Path, records: Records, spots: list[tuple[str, str]]) -> None:
    """Write the communities, each at the building that its committee sits in."""
    rows = [
        [
            *(one.id, one.name.zh, one.name.en, one.kind, *spots[records.hosts[at]]),
            "yes" if records.village_turned[at] else "no",
            "yes" if records.friendly[at] else "no",
        ]
        for at, one in enumerate(county.districts.communities)
    ]
    _table(path, "id name name_en kind lon lat village_turned dementia_friendly", rows)


def write_county(county: County, folder: Path) -> None:
    """Write every file of a made county into a folder, which is made when it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    _roads(county, folder / "roads.osm.pbf")
    _rasters(county, folder)
    records = make_records(county)
    _districts(county, folder / "districts.gpkg", records)
    _tables(county, folder, records)
    about = Template(Path(__file__).with_name("about.md").read_text(encoding="utf-8"))
    figures = asdict(county.spec) | {"country": county.spec.towns - county.spec.streets}
    figures |= {key: f"{figures[key]:,}" for key in ("persons_2020", "persons_2025", "beds")}
    (folder / "README.md").write_text(about.substitute(figures), encoding="utf-8", newline="\n")
