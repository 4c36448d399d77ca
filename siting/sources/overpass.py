"""Roads and facilities of OpenStreetMap for a place or a polygon: asked for tile by tile, kept tile by tile.

A tile that has come stays in the cache, so that an interrupted fetch goes on where it stopped. One that is too much for
the server is asked for in quarters. Not OSMnx's own client: docs/adr says why.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import numpy as np
import osmium
import shapely

from siting.errors import DataError, Problem
from siting.sources import crs as systems
from siting.sources.inventory import Entry
from siting.sources.layers import LayerSource, read_layer
from siting.sources.manifest import Intake, sha256_of
from siting.sources.online import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siting.sources.crs import Bounds
    from siting.sources.inventory import Inventory
    from siting.sources.online import Client
    from siting.sources.providers import Osm

SUFFIXES = (".osm.pbf", ".osm", ".graphml")
SMALLEST_TILE_KM = 0.5
_KM_PER_DEGREE = 111.32
_HEAD_BYTES, _TAIL_BYTES = 4096, 65536
_AS_OF = re.compile(r'osm_base="([^"]+)"')
_REMARK = re.compile(r"<remark>\s*(.*?)\s*</remark>", re.DOTALL)
_TOO_MUCH = re.compile(r"runtime error.*(timed out|out of memory)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Area:
    """What is asked for.

    Attributes
    ----------
    said : str
        The place's name or the polygon's file.
    shape : shapely.Geometry
        Longitudes and latitudes.
    """

    said: str
    shape: shapely.Geometry


class _TooMuchError(Exception):
    """A tile is more than the server can give at once."""


def place(name: str, geocoder: str, client: Client, cache: Path) -> Area:
    """Find the boundary of a place by its name.

    Raises
    ------
    DataError
        When no place of that name has a boundary; with what was found instead.
    """
    question = urlencode({"q": name, "format": "jsonv2", "polygon_geojson": 1, "limit": 10})
    asked = Asked(f"{geocoder}?{question}")
    file = cache / f"place-{_digest(asked.address)}.json"
    if not file.exists():
        client.download(asked, file, wrong=_no_list)
    found = json.loads(file.read_text(encoding="utf-8"))
    for one in found:
        shape = shapely.from_geojson(json.dumps(one["geojson"])) if one.get("geojson") else None
        if shape is not None and shape.geom_type in {"Polygon", "MultiPolygon"}:
            return Area(str(one.get("display_name", name)), shape)
    file.unlink()
    others = "; ".join(str(one.get("display_name")) for one in found[:3]) or "nothing"
    what = f"no place of that name has a boundary (found: {others})"
    raise DataError([Problem(f"--place {name}", what, "name the town or county with its province, or give --polygon")])


def _no_list(part: Path) -> str:
    """Say whether a geocoder's answer is none."""
    try:
        told = json.loads(part.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError):
        return "the answer is no JSON, or cut short"
    return "" if isinstance(told, list) else "the answer is no list of places"


def polygon(file: Path) -> Area:
    """Read the polygons of a layer.

    Raises
    ------
    DataError
        When the file cannot be read or holds no polygon.
    """
    if not file.is_file():
        raise DataError([Problem(f"--polygon {file}", "there is no such file", "name the boundary's file")])
    layer = read_layer(LayerSource("--polygon", file.name), Intake(file.parent))
    shapes = layer.frame.geometry.to_numpy()[layer.frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]
    if not len(shapes):
        raise DataError([Problem(str(file), "holds no polygon", "give the boundary as a polygon")])
    whole = shapely.union_all(shapely.make_valid(shapes))
    lonlat = shapely.transform(whole, lambda xy: np.column_stack(systems.lonlat(xy[:, 0], xy[:, 1], layer.crs)))
    return Area(file.name, lonlat)


def widened(area: Area, margin_m: float) -> Area:
    """Return an area with so many metres around it."""
    plane = systems.plane(None, tuple(shapely.bounds(area.shape).tolist()))
    there = shapely.transform(area.shape, lambda xy: np.column_stack(plane.project(xy[:, 0], xy[:, 1], systems.LONLAT)))
    wide = shapely.buffer(shapely.make_valid(there), margin_m)
    return Area(area.said, shapely.transform(wide, lambda xy: np.column_stack(plane.lonlat(xy[:, 0], xy[:, 1]))))


def tiles(area: Area, tile_km: float) -> list[Bounds]:
    """Cut an area into boxes of at most so many kilometres, those that it does not touch left out."""
    west, south, east, north = shapely.bounds(area.shape).tolist()
    tall = tile_km / _KM_PER_DEGREE
    wide = tall / max(0.1, float(np.cos(np.radians((south + north) / 2))))
    columns, rows = (max(1, int(np.ceil(span))) for span in ((east - west) / wide, (north - south) / tall))
    x, y = np.linspace(west, east, columns + 1), np.linspace(south, north, rows + 1)
    x, y = x.round(6).tolist(), y.round(6).tolist()
    boxes = [(x[c], y[r], x[c + 1], y[r + 1]) for r in range(rows) for c in range(columns)]
    touched = shapely.intersects(area.shape, [shapely.box(*box) for box in boxes])
    return [box for box, hit in zip(boxes, touched, strict=True) if hit]


def fetch_osm(area: Area, target: Path, asked_of: Osm, client: Client, cache: Path, inventory: Inventory) -> Entry:
    """Fetch an area's roads and facilities into one file.

    Parameters
    ----------
    area : Area
        With its margin.
    target : Path
        ``.osm.pbf`` or ``.osm`` (raw data, as `roads` reads them), or ``.graphml`` (OSMnx's walking network).
    asked_of : Osm
    client : Client
    cache : Path
        Folder of finished tiles.
    inventory : Inventory

    Returns
    -------
    Entry
        Written to the inventory.
    """
    parts: list[Path] = []
    boxes = tiles(area, asked_of.tile_km)
    for number, box in enumerate(boxes, start=1):
        client.tell(f"tile {number} of {len(boxes)}")
        parts += _tile(box, asked_of, client, cache, asked_of.tile_km)
    half = target.with_name(f".half-{target.name}")
    if target.name.endswith(".graphml"):
        _graph(parts, half)
    else:
        _merge(parts, half)
    half.replace(target)
    entry = Entry(
        path=inventory.name_of(target),
        address=asked_of.overpass,
        sha256=sha256_of(target),
        size_bytes=target.stat().st_size,
        licence=asked_of.licence,
        crs="EPSG:4326",
        retrieved=min(dt.datetime.fromtimestamp(part.stat().st_mtime, dt.UTC).date() for part in parts).isoformat(),
        area=area.said,
        as_of=min(_as_of(part) for part in parts),
    )
    inventory.write(entry)
    return entry


def _tile(box: Bounds, asked_of: Osm, client: Client, cache: Path, side_km: float) -> Iterator[Path]:
    """Fetch one tile, or its quarters where it is too much; what is in the cache is not asked for again."""
    query = _query(box, asked_of)
    file, split = cache / f"{_digest(query)}.osm", cache / f"{_digest(query)}.split"
    _drop_old(asked_of.keep_days, file, split)
    if not file.exists() and not split.exists():
        try:
            client.download(Asked(asked_of.overpass, {"data": query}), file, wrong=_wrong)
        except _TooMuchError as error:
            if side_km / 2 < SMALLEST_TILE_KM:
                what = f"even {side_km:g} km are too much for it: {error}"
                mend = "ask another server (--address), or later"
                raise DataError([Problem(asked_of.overpass, what, mend)]) from error
            split.touch()
            client.tell("too much at once: in quarters")
    if file.exists():
        yield file
        return
    west, south, east, north = box
    x, y = (west, round((west + east) / 2, 6), east), (south, round((south + north) / 2, 6), north)
    for row in (0, 1):
        for column in (0, 1):
            quarter = (x[column], y[row], x[column + 1], y[row + 1])
            yield from _tile(quarter, asked_of, client, cache, side_km / 2)


def _drop_old(days: float, *files: Path) -> None:
    """Drop what came longer ago than the cache is kept."""
    for file in files:
        if file.exists() and time.time() - file.stat().st_mtime > days * 86_400:
            file.unlink()


def forget(cache: Path) -> None:
    """Drop everything from the cache."""
    for pattern in ("*.osm", "*.split", "place-*.json", "*.part", "*.part.json"):
        for file in cache.glob(pattern):
            file.unlink()


def _query(box: Bounds, asked_of: Osm) -> str:
    """Write a tile's question in Overpass QL."""
    west, south, east, north = box
    within = f"({south},{west},{north},{east})"
    wanted = [f"way{asked_of.roads}{within};", *(f"nwr{one}{within};" for one in asked_of.facilities)]
    return f"[out:xml][timeout:{asked_of.server_s}];({''.join(wanted)});(._;>;);out body;"


def _digest(text: str) -> str:
    """Return a short name for a question."""
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _wrong(part: Path) -> str:
    """Say what is wrong with an answer of Overpass: it ends as XML ends, and holds no remark of an error.

    The server answers 200 before it knows whether it will finish; what went wrong stands at the end of the answer.
    """
    head, tail = _ends(part)
    if "<osm" not in head:
        return "the answer is no OSM data"
    remark = _REMARK.search(tail)
    if remark is not None and _TOO_MUCH.search(remark[1]):
        part.unlink()
        raise _TooMuchError(remark[1])
    if remark is not None and "error" in remark[1].lower():
        return f"the server says: {remark[1][:200]}"
    return "" if tail.rstrip().endswith("</osm>") else f"the answer breaks off after {part.stat().st_size:,} bytes"


def _ends(part: Path) -> tuple[str, str]:
    """Return the beginning and the end of a file as text."""
    with part.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
        stream.seek(max(0, part.stat().st_size - _TAIL_BYTES))
        return head.decode("utf-8", "replace"), stream.read().decode("utf-8", "replace")


def _as_of(part: Path) -> str:
    """Return how old a tile's data are by their own word."""
    found = _AS_OF.search(_ends(part)[0])
    return found[1] if found else ""


def _merge(parts: list[Path], target: Path) -> None:
    """Write the tiles as one file, in the usual order, each object once."""
    merging = osmium.MergeInputReader()
    for part in parts:
        merging.add_file(str(part))
    target.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(target)) as writer:
        merging.apply(writer, simplify=True)


def _graph(parts: list[Path], target: Path) -> None:
    """Write the tiles' streets as a network of OSMnx, open both ways as walkers use it."""
    import osmnx  # noqa: PLC0415 - few fetches ask for it

    whole, streets = target.with_name(f"{target.name}.osm"), target.with_name(f"{target.name}.streets.osm")
    try:
        _merge(parts, whole)
        streets.unlink(missing_ok=True)
        with osmium.BackReferenceWriter(str(streets), str(whole)) as writer:
            for way in osmium.FileProcessor(str(whole), osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway")):
                writer.add(way)
        graph: Any = osmnx.graph_from_xml(streets, bidirectional=True, retain_all=True)
        osmnx.save_graphml(graph, target)
    finally:
        whole.unlink(missing_ok=True)
        streets.unlink(missing_ok=True)
