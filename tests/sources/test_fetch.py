"""`siting fetch` against a local Overpass, Nominatim and WorldPop."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import osmium
import osmnx
import pytest
from local_server import cut, ranged, serving, status, whole
from ruamel.yaml import YAML
from shapely import box, to_geojson
from small_inputs import write_layer, write_raster

from siting.cli import main
from siting.sources.crs import Plane
from siting.sources.manifest import Intake
from siting.sources.options import RoadsFile
from siting.sources.overpass import Area, tiles, widened
from siting.sources.roads import read_roads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local_server import Handler, Server, Step

SIDE, STEP, WEST, SOUTH = 6, 0.01, 120.70, 30.50
TOWN = box(WEST, SOUTH, WEST + 5 * STEP, SOUTH + 5 * STEP)
NODES = {1 + SIDE * r + c: (WEST + c * STEP, SOUTH + r * STEP) for r in range(SIDE) for c in range(SIDE)}
WAYS = {100 + r: [1 + SIDE * r + c for c in range(SIDE)] for r in range(SIDE)}
WAYS |= {200 + c: [1 + SIDE * r + c for r in range(SIDE)] for c in range(SIDE)}
HOME = 999
AS_OF = "2026-11-01T00:00:00Z"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def xml(within: tuple[float, float, float, float], remark: str = "") -> bytes:
    """What Overpass sends of the lattice of streets within south, west, north, east."""
    south, west, north, east = within
    inside = {n for n, (x, y) in NODES.items() if west <= x <= east and south <= y <= north}
    ways = {w: nodes for w, nodes in WAYS.items() if inside & set(nodes)}
    wanted = sorted({n for nodes in ways.values() for n in nodes})
    lines = [f'<node id="{n}" lat="{NODES[n][1]:.7f}" lon="{NODES[n][0]:.7f}"/>' for n in wanted]
    if west <= 120.715 <= east and south <= 30.515 <= north:
        tags = '<tag k="amenity" v="nursing_home"/><tag k="name" v="夕阳红"/>'
        lines.append(f'<node id="{HOME}" lat="30.515" lon="120.715">{tags}</node>')
    for way, nodes in sorted(ways.items()):
        refs = "".join(f'<nd ref="{node}"/>' for node in nodes)
        lines.append(f'<way id="{way}">{refs}<tag k="highway" v="residential"/></way>')
    note = f"<remark> {remark} </remark>" if remark else ""
    head = f'<?xml version="1.0"?><osm version="0.6"><meta osm_base="{AS_OF}"/>'
    return f"{head}{''.join(lines)}{note}</osm>".encode()


def asked_box(handler: Handler) -> tuple[float, ...]:
    found = re.search(r"\(([-\d.]+),([-\d.]+),([-\d.]+),([-\d.]+)\)", handler.form["data"])
    assert found is not None
    return tuple(float(value) for value in found.groups())


def overpass(handler: Handler) -> None:
    handler.answer(200, xml(asked_box(handler)))


def small_only(handler: Handler) -> None:
    """Give up on boxes of more than 3 km, as Overpass does: with a 200 and a remark at the end."""
    south, _, north, _ = asked_box(handler)
    much = 'runtime error: Query timed out in "query" at line 1 after 25 seconds.' if north - south > 0.027 else ""
    handler.answer(200, xml(asked_box(handler), much))


def boundary(folder: Path) -> Path:
    write_layer(folder / "town.geojson", [TOWN])
    return folder / "town.geojson"


class Command:
    """``siting fetch`` in a folder."""

    def __init__(self, server: Server, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.server, self.folder, self.capsys = server, folder, capsys

    def __call__(self, *arguments: str, code: int = 0) -> str:
        assert main(["fetch", *arguments, "--data-root", str(self.folder / "data"), "--tries", "1"]) == code
        told = self.capsys.readouterr()
        return told.err if code else told.out + told.err

    def osm(self, *more: str, name: str = "roads.osm.pbf", code: int = 0) -> str:
        area = () if "--place" in more else ("--polygon", str(boundary(self.folder)))
        server = ("--address", f"{self.server.address}/api", "--geocoder", f"{self.server.address}/search")
        return self("osm", "-o", str(self.folder / "data" / name), *area, *server, "--margin-m", "0", *more, code=code)

    def worldpop(self, *more: str, code: int = 0) -> str:
        pattern = self.server.address + "/{year}/{COUNTRY}/{country}_{sex}_{age}_{year}.tif"
        return self("worldpop", "--country", "CHN", "--year", "2020", "--address", pattern, *more, code=code)

    @property
    def manifest(self) -> list[dict[str, Any]]:
        text = (self.folder / "data" / "manifest.yaml").read_text(encoding="utf-8")
        files: list[dict[str, Any]] = YAML(typ="safe").load(text)["files"]
        return files

    def files(self) -> set[str]:
        return {path.name for path in (self.folder / "data").iterdir() if path.is_file()}


@pytest.fixture
def fetch(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    server.at("/api", overpass)
    return Command(server, tmp_path, capsys)


def objects(path: Path) -> list[tuple[str, int]]:
    return [(one.type_str(), one.id) for one in osmium.FileProcessor(str(path))]


EVERYTHING = [*(("n", n) for n in sorted(NODES)), ("n", HOME), *(("w", w) for w in sorted(WAYS))]


def test_a_polygon_comes_in_one_file_with_its_pedigree(fetch: Command) -> None:
    told = fetch.osm()
    path = fetch.folder / "data" / "roads.osm.pbf"
    assert objects(path) == EVERYTHING
    assert fetch.files() == {"roads.osm.pbf", "manifest.yaml"}
    (entry,) = fetch.manifest
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", entry.pop("retrieved"))
    assert entry == {
        "path": "roads.osm.pbf",
        "address": f"{fetch.server.address}/api",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "size_bytes": path.stat().st_size,
        "licence": "ODbL-1.0 (© OpenStreetMap contributors)",
        "crs": "EPSG:4326",
        "area": "town.geojson",
        "as_of": AS_OF,
    }
    assert f"roads: {{file: {path}, licence: ODbL-1.0}}" in told


def test_what_comes_can_be_read_as_roads(fetch: Command) -> None:
    fetch.osm()
    roads = read_roads(RoadsFile(file="roads.osm.pbf"), Plane(32651), Intake(fetch.folder / "data"))
    assert (roads.node_count, roads.edge_count) == (36, 60)


def test_tiles_together_are_what_one_tile_is(fetch: Command) -> None:
    fetch.osm("--tile-km", "2")
    assert len(fetch.server.asked) == 9
    assert objects(fetch.folder / "data" / "roads.osm.pbf") == EVERYTHING


def test_a_fetch_that_stopped_goes_on_with_the_tiles_that_are_missing(fetch: Command) -> None:
    steps: list[Step] = [overpass, overpass, overpass, status(404)]
    fetch.server.at("/api", *steps)
    told = fetch.osm("--tile-km", "2", code=2)
    assert "the server answers 404" in told
    assert "1 problem found; what had come whole is kept." in told
    assert fetch.files() == set()
    fetch.server.at("/api", overpass)
    fetch.server.asked.clear()
    fetch.osm("--tile-km", "2")
    assert len(fetch.server.asked) == 6
    assert objects(fetch.folder / "data" / "roads.osm.pbf") == EVERYTHING


def test_tiles_are_shared_by_fetches_until_asked_afresh(fetch: Command) -> None:
    fetch.osm()
    fetch.osm(name="again.osm")
    assert len(fetch.server.asked) == 1
    assert objects(fetch.folder / "data" / "again.osm") == EVERYTHING
    assert "there already, and as the inventory says" in fetch.osm()
    fetch.osm("--fresh")
    assert len(fetch.server.asked) == 2
    assert len(fetch.manifest) == 2


def test_what_is_too_much_for_the_server_is_asked_for_in_quarters(fetch: Command) -> None:
    fetch.server.at("/api", small_only)
    assert "too much at once: in quarters" in fetch.osm()
    assert len(fetch.server.asked) == 5
    assert objects(fetch.folder / "data" / "roads.osm.pbf") == EVERYTHING


def test_what_is_always_too_much_is_told(fetch: Command) -> None:
    def never(handler: Handler) -> None:
        handler.answer(200, xml((0, 0, 0, 0), "runtime error: Query run out of memory using about 2048 MB of RAM."))

    fetch.server.at("/api", never)
    told = fetch.osm("--tile-km", "3", code=2)
    assert "km are too much for it: runtime error: Query run out of memory" in told
    assert fetch.files() == set()


SORRY = b"<html><body>The server is probably too busy to handle your request.</body></html>"


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (whole(SORRY), "the answer is no OSM data"),
        (whole(xml((30, 120, 31, 121))[:2000]), "the answer breaks off after 2,000 bytes"),
        (cut(xml((30, 120, 31, 121)), 2000), "the answer broke off"),
        (
            whole(xml((30, 120, 31, 121), "runtime error: open64: 0 Success /osm3s_osm_base")),
            "the server says: runtime",
        ),
        (status(429, Retry_After="3600"), "the server asks to be left alone for 3,600 s"),
    ],
)
def test_an_answer_that_is_none_is_never_kept(fetch: Command, step: Step, told: str) -> None:
    fetch.server.at("/api", step)
    assert told in fetch.osm(code=2)
    assert fetch.files() == set()
    fetch.server.at("/api", overpass)
    fetch.osm()
    assert objects(fetch.folder / "data" / "roads.osm.pbf") == EVERYTHING


def test_a_place_is_found_by_its_name(fetch: Command) -> None:
    point = {"display_name": "海宁站", "geojson": {"type": "Point", "coordinates": [120.7, 30.5]}}
    town = {"display_name": "海宁市, 浙江省", "geojson": json.loads(to_geojson(TOWN))}
    fetch.server.at("/search", whole(json.dumps([point, town]).encode()))
    fetch.osm("--place", "海宁市")
    assert fetch.server.asked[0].query["q"] == "海宁市"
    assert objects(fetch.folder / "data" / "roads.osm.pbf") == EVERYTHING
    assert fetch.manifest[0]["area"] == "海宁市, 浙江省"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"[]", "no place of that name has a boundary (found: nothing)"),
        (b'[{"display_name": "A station", "geojson": {"type": "Point", "coordinates": [1, 2]}}]', "(found: A station)"),
        (b"<html>", "the answer is no JSON"),
        (b'{"error": "no"}', "the answer is no list of places"),
    ],
)
def test_a_place_without_a_boundary_is_told(fetch: Command, answer: bytes, told: str) -> None:
    fetch.server.at("/search", whole(answer))
    assert told in fetch.osm("--place", "无此地", code=2)


def test_a_network_for_osmnx(fetch: Command) -> None:
    fetch.osm(name="roads.graphml")
    graph = osmnx.load_graphml(fetch.folder / "data" / "roads.graphml")
    assert fetch.files() == {"roads.graphml", "manifest.yaml"}
    assert set(graph.nodes) == set(NODES) - {1, 6, 31, 36}
    roads = read_roads(RoadsFile(file="roads.graphml"), Plane(32651), Intake(fetch.folder / "data"))
    assert roads.length_m.sum() == pytest.approx(60 * 1034, rel=0.05)


def test_a_margin_is_metres_around_the_boundary() -> None:
    wide = widened(Area("town", TOWN), 1000.0).shape.bounds
    plane = Plane(32651)
    x, _ = plane.project([wide[0], WEST], [30.52, 30.52], plane.crs.geodetic_crs)
    assert x[1] - x[0] == pytest.approx(1000.0, abs=1)
    assert wide[1] == pytest.approx(SOUTH - 1000 / 110_850, abs=1e-4)


def test_tiles_cover_an_area_and_leave_out_what_it_does_not_touch() -> None:
    corner = box(0, 0, 1, 0.1) | box(0, 0, 0.1, 1)
    boxes = tiles(Area("corner", corner), 22.0)
    assert all(box(*one).intersects(corner) for one in boxes)
    left = corner
    for one in boxes:
        left = left - box(*one).buffer(1e-6)
    assert left.is_empty
    assert len(boxes) < 36


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--polygon", "nowhere.geojson"), "--polygon nowhere.geojson"),
        (("--margin-m", "-1"), "is negative"),
        (("--tile-km", "0"), "is not above nought"),
        (("-o", "roads.shp"), "is none of .osm.pbf, .osm, .graphml"),
    ],
)
def test_what_cannot_be_asked_is_told_before_asking(fetch: Command, more: tuple[str, ...], told: str) -> None:
    assert told in fetch.osm(*more, code=2)
    assert not fetch.server.asked


# WorldPop


def raster(folder: Path, value: float = 1.0) -> bytes:
    write_raster(folder / "made.tif", [[value, 2.0], [0.0, 3.5]])
    return (folder / "made.tif").read_bytes()


def test_rasters_come_with_their_pedigree(fetch: Command) -> None:
    body = raster(fetch.folder)
    for age in (60, 65):
        for sex in "fm":
            fetch.server.at(f"/2020/CHN/chn_{sex}_{age}_2020.tif", ranged(body))
    told = fetch.worldpop("--ages", "60,65", "--sexes", "f,m")
    assert fetch.files() == {f"chn_{sex}_{age}_2020.tif" for age in (60, 65) for sex in "fm"} | {"manifest.yaml"}
    assert fetch.manifest[0]["path"] == "chn_f_60_2020.tif"
    assert {entry["sha256"] for entry in fetch.manifest} == {hashlib.sha256(body).hexdigest()}
    assert {(entry["crs"], entry["licence"]) for entry in fetch.manifest} == {
        ("EPSG:4326", "CC-BY-4.0 (WorldPop, www.worldpop.org)")
    }
    assert 'chn_{sex}_{age}_2020.tif", ages: [60, 65], sexes: [f, m], year: 2020' in told
    fetch.server.asked.clear()
    assert "there already, and as the inventory says" in fetch.worldpop("--ages", "60,65", "--sexes", "f,m")
    assert not fetch.server.asked


def one(fetch: Command, *steps: Step, code: int = 0, more: tuple[str, ...] = ()) -> str:
    fetch.server.at("/2020/CHN/chn_f_60_2020.tif", *steps)
    return fetch.worldpop("--ages", "60", "--sexes", "f", *more, code=code)


def test_a_raster_cut_short_goes_on_in_the_next_run(fetch: Command) -> None:
    body = raster(fetch.folder) + b"\0" * 200_000
    assert "could not be fetched" in one(fetch, ranged(body, at=131_072), status(500), code=2)
    assert fetch.files() == {"chn_f_60_2020.tif.new.part", "chn_f_60_2020.tif.new.part.json"}
    one(fetch, ranged(body))
    assert fetch.files() == {"chn_f_60_2020.tif", "manifest.yaml"}
    assert fetch.server.asked[-1].headers["Range"] == "bytes=131072-"


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (whole(b"<html>sorry</html>"), "what came is no GeoTIFF"),
        (whole(b"II*\0 and nothing more"), "what came cannot be read as a raster"),
        (status(404), "the server answers 404"),
        (status(429, Retry_After="600"), "left alone for 600 s"),
    ],
)
def test_what_is_no_raster_never_gets_its_name(fetch: Command, step: Step, told: str) -> None:
    assert told in one(fetch, step, code=2)
    assert "chn_f_60_2020.tif" not in fetch.files()
    assert "manifest.yaml" not in fetch.files()


def test_a_file_that_was_changed_here_is_named(fetch: Command) -> None:
    body = raster(fetch.folder)
    one(fetch, whole(body))
    path = fetch.folder / "data" / "chn_f_60_2020.tif"
    path.write_bytes(body + b"!")
    told = one(fetch, whole(body), code=2)
    assert f"has sha256 {hashlib.sha256(body + b'!').hexdigest()}" in told
    assert f"says {hashlib.sha256(body).hexdigest()}" in told
    one(fetch, whole(body), more=("--fresh",))
    assert path.read_bytes() == body


def test_a_file_that_was_changed_there_is_named_and_not_taken_unasked(fetch: Command) -> None:
    body, other = raster(fetch.folder), raster(fetch.folder, 9.0)
    one(fetch, whole(body))
    path = fetch.folder / "data" / "chn_f_60_2020.tif"
    path.unlink()
    told = one(fetch, whole(other), code=2)
    assert f"the file there has sha256 {hashlib.sha256(other).hexdigest()}" in told
    assert not path.exists()
    one(fetch, whole(other), more=("--fresh",))
    assert [entry["sha256"] for entry in fetch.manifest] == [hashlib.sha256(other).hexdigest()]


def test_a_file_that_the_inventory_does_not_know_is_not_overwritten(fetch: Command) -> None:
    (fetch.folder / "data").mkdir()
    path = fetch.folder / "data" / "chn_f_60_2020.tif"
    path.write_bytes(b"mine")
    assert "manifest.yaml does not list it" in one(fetch, whole(raster(fetch.folder)), code=2)
    assert path.read_bytes() == b"mine"


def test_an_inventory_keeps_what_others_wrote(fetch: Command) -> None:
    manifest = fetch.folder / "data" / "manifest.yaml"
    manifest.parent.mkdir()
    manifest.write_text(
        "# ours\nfiles:\n- path: 区划.gpkg   # by hand\n  licence: 内部\nnote: keep\n", encoding="utf-8"
    )
    one(fetch, whole(raster(fetch.folder)))
    text = manifest.read_text(encoding="utf-8")
    assert "# ours" in text
    assert "- path: 区划.gpkg   # by hand" in text
    assert "note: keep" in text
    assert [entry["path"] for entry in fetch.manifest] == ["区划.gpkg", "chn_f_60_2020.tif"]


@pytest.mark.parametrize("content", ["files: {a: 1}", "[1, 2]", "files: [1]", "a: [", "files: no"])
def test_an_inventory_that_is_none_is_told(fetch: Command, content: str) -> None:
    manifest = fetch.folder / "data" / "manifest.yaml"
    manifest.parent.mkdir()
    manifest.write_text(content, encoding="utf-8")
    assert "manifest.yaml" in one(fetch, whole(raster(fetch.folder)), code=2)
    assert manifest.read_text(encoding="utf-8") == content


def test_all_that_worldpop_does_not_have_is_told_at_once(fetch: Command) -> None:
    told = fetch("worldpop", "--country", "China", "--year", "2035", "--ages", "60,62", "--sexes", "x", code=2)
    for words in ("--country China", "--year 2035", "--ages 60,62", "--sexes x", "62 is not among them"):
        assert words in told
    assert "is no list of whole numbers" in fetch(
        "worldpop", "--country", "CHN", "--year", "2020", "--ages", "a", code=2
    )
