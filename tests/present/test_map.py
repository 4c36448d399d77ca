"""The map's page without a browser: what it holds, and that nothing in it reaches outside or becomes markup."""

from __future__ import annotations

import base64
import io
import json
import re
from html.parser import HTMLParser
from importlib import resources
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from made_facts import LONG_NAME, NASTY_NAMES, SCRIPT_NAME
from matplotlib import image as pictures_of
from pyproj import Transformer

from siting.present import map_coverage
from siting.present.drawing import palette
from siting.present.map import map_html, script_json, write_map
from siting.present.map_codec import encode, encode_rings, line_parts, world_pixels
from siting.present.map_coverage import SHADES, coverages, shade_breaks
from siting.present.map_facts import facts, has_plan, plain
from siting.present.map_images import data_uri, frame_of
from siting.present.map_layers import elderly_breaks, pictures, shapes
from siting.present.map_texts import MAP_TEXTS
from siting.present.results import COVERED, NOT_CONCERNED
from siting.present.texts import TEXTS, either, text, unit_text

if TYPE_CHECKING:
    from pathlib import Path

    from siting.present.results import Results


class _Elements(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def page(results: Results) -> str:
    return map_html(results, "zh")


def _payload(page: str) -> dict[str, Any]:
    return json.loads(re.search(r'id="siting-data">(.*?)</script>', page, re.DOTALL)[1])


def _pixels(uri: str) -> np.ndarray:
    """RGBA of a data URI, as bytes."""
    png = io.BytesIO(base64.b64decode(uri.removeprefix("data:image/png;base64,")))
    return np.rint(pictures_of.imread(png, format="png") * 255).astype(int)


def _decode(written: str) -> list[np.ndarray]:
    """Read `encode` back, by a plain reader of our own."""
    values, value, shift = [], 0, 0
    for byte in base64.b64decode(written):
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            values.append(value)
            value, shift = 0, 0
    count, steps = values[0], values[1 + values[0] :]
    signed = np.array([step // 2 if step % 2 == 0 else -(step + 1) // 2 for step in steps]).reshape(-1, 2)
    return np.split(np.cumsum(signed, axis=0), np.cumsum(values[1 : 1 + count])[:-1])


# --- the page -----------------------------------------------------------------------------------------------------


def test_page_links_to_nothing(page: str) -> None:
    for tag, attributes in _Elements(page).found:
        assert tag not in {"link", "iframe", "object", "embed", "base"}
        for name in ("src", "href", "action", "data"):
            assert name not in attributes, (tag, attributes)
    assert "default-src 'none'" in page
    assert "sourceMappingURL" not in page
    assert set(re.findall(r"url\((?!#|data:|\"data:)[^)]*\)", page)) == set()


def test_only_known_addresses_are_spelled(page: str) -> None:
    """Namespaces of SVG, and what Leaflet says in credit and comment: nothing that a browser asks for."""
    assert {address.rstrip("/") for address in re.findall(r"https?://[\w./-]+", page)} <= {
        "http://www.w3.org/2000/svg", "https://leafletjs.com", "https://bugzilla.mozilla.org/show_bug.cgi",
    }  # fmt: skip


def test_equal_results_give_equal_pages(results: Results, page: str) -> None:
    assert map_html(results, "zh") == page


def test_page_opens_in_the_language_asked_for(results: Results, page: str) -> None:
    assert '<html lang="zh">' in page
    assert "<title>四镇养老服务设施布局规划</title>" in page
    english = map_html(results, "en")
    assert '<html lang="en">' in english
    assert "<title>Eldercare layout plan of four towns</title>" in english
    assert _payload(english)["texts"] == _payload(page)["texts"]


def test_names_are_data_and_nothing_else(page: str) -> None:
    assert SCRIPT_NAME not in page
    assert "<b>粗</b>" not in page
    assert "东山<镇>" not in page
    names = [row[1] for row in _payload(page)["sites"]["rows"]]
    assert SCRIPT_NAME in names
    assert LONG_NAME in names
    assert {re.sub(r"\s", " ", name) for name in NASTY_NAMES} <= set(names)


def test_title_cannot_close_its_element(results: Results) -> None:
    run = {**results.run, "study": {**results.run["study"], "title": {"zh": "</title><script>1", "en": ""}}}
    odd = type(results)(run, *(getattr(results, name) for name in results.__slots__ if name != "run"))
    assert "<title>&lt;/title&gt;&lt;script&gt;1</title>" in map_html(odd, "zh")


def test_write_map_writes_the_page(results: Results, page: str, tmp_path: Path) -> None:
    write_map(results, tmp_path / "map.html", "zh")
    assert (tmp_path / "map.html").read_text(encoding="utf-8") == page
    assert len(page.encode()) < 1_000_000


def test_script_json_holds_no_markup() -> None:
    hostile = {"a": "</script><!--&\u2028\u2029"}
    written = script_json(hostile)
    assert not set(written) & set("<>&\u2028\u2029")
    assert json.loads(written) == hostile


def test_page_survives_a_round_through_the_run_folder(results: Results, tmp_path: Path) -> None:
    results.write(tmp_path)
    again = _payload(map_html(type(results).read(tmp_path), "zh"))
    once = _payload(map_html(results, "zh"))
    assert again["ledger"] == once["ledger"]
    assert again["has_plan"] is once["has_plan"] is True
    assert [row[1] for row in again["sites"]["rows"]] == [row[1] for row in once["sites"]["rows"]]


# --- without a plan -----------------------------------------------------------------------------------------------


def test_without_a_plan_nothing_comes_after(results: Results, audit_results: Results) -> None:
    assert has_plan(results)
    assert not has_plan(audit_results)
    keys = {image.key for image in pictures(audit_results)}
    assert keys == {"density", "elderly"}
    drawn = {entry["rule"]: set(entry["palettes"]) for entry in coverages(audit_results)}
    assert drawn == {"PY-01": {"before"}, "HN-05": {"before"}, "HN-06": {"before"}}
    said = _payload(map_html(audit_results, "zh"))
    assert said["has_plan"] is False
    assert {row[1] for row in said["circles"]["rows"]} == {"before"}


def test_audit_read_back_from_its_folder_has_no_plan_either(audit_results: Results, tmp_path: Path) -> None:
    audit_results.write(tmp_path)
    assert not has_plan(type(audit_results).read(tmp_path))


def test_empty_words_after_are_no_plan_either(audit_results: Results) -> None:
    wordy = audit_results.findings.assign(after="", persons_short="")
    others = {name: getattr(audit_results, name) for name in audit_results.__slots__ if name != "findings"}
    assert not has_plan(type(audit_results)(**others, findings=wordy))


def test_conflicts_are_told(infeasible_results: Results) -> None:
    said = _payload(map_html(infeasible_results, "en"))
    assert [conflict["clause"] for conflict in said["conflicts"]] == ["PY-01", "HN-07"]
    assert said["certificate"]["status"] == "infeasible"


# --- words --------------------------------------------------------------------------------------------------------


def _assets() -> dict[str, str]:
    folder = resources.files("siting.present").joinpath("assets", "map")
    return {entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir()}


def test_every_word_the_page_asks_for_is_known() -> None:
    source = "\n".join(_assets().values())
    asked = set(re.findall(r'\bt\("([\w./]+)"\)', source)) | set(re.findall(r'data-(?:text|label)="([\w.]+)"', source))
    assert len(asked) > 60
    assert asked <= set(TEXTS) | set(MAP_TEXTS)


def test_words_of_composed_keys_are_known(results: Results) -> None:
    known = set(TEXTS) | set(MAP_TEXTS)
    assert {f"theme.{name}" for name in ("none", "coverage", "districts", "density", "elderly")} <= known
    layers = ("sites", "circles", "outlines", "labels", "roads", "water", "spots", "links", "catchments")
    assert {f"layer.{name}" for name in layers} <= known
    assert {f"colour_by.{name}" for name in ("action", "year")} <= known
    assert {f"tier.{kind['tier']}" for kind in results.run["kinds"].values()} <= known
    assert {f"status.{name}" for name in (*results.findings["status"], *results.findings["status_before"])} <= known
    assert {f"unit.{clause['unit']}" for clause in results.run["clauses"]} <= known


def test_no_word_is_missing_in_one_language() -> None:
    assert [key for key, entry in (TEXTS | MAP_TEXTS).items() if bool(entry.zh) != bool(entry.en)] == []
    assert not set(TEXTS) & set(MAP_TEXTS)


def test_texts_are_looked_up_in_a_language() -> None:
    assert text("beds.nursing", "zh") == "护理型床位"
    assert either({"zh": "", "en": "x"}, "zh") == "x"
    assert either(None, "en") == ""
    assert unit_text("beds/10k", "en") == "beds per 10,000"
    assert unit_text("widgets", "en") == "widgets"
    with pytest.raises(KeyError):
        text("no such key", "zh")


def test_no_asset_makes_markup_of_text() -> None:
    source = "\n".join(body for name, body in _assets().items() if name.endswith(".js"))
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "bindPopup",
        "new Function",
    ):
        assert word not in source


# --- facts --------------------------------------------------------------------------------------------------------


def test_plain_values_are_what_json_can_hold() -> None:
    given = {"a": np.float64("nan"), "b": np.int64(3), "c": [np.True_, None], 4: "two\nlines", "e": 0.1 + 0.2}
    assert plain(given) == {"a": None, "b": 3, "c": [True, None], "4": "two lines", "e": 0.3}


def test_facts_say_what_the_tables_say(results: Results) -> None:
    said = facts(results)
    beds = said["sites"]["columns"].index("beds_after")
    assert sum(row[beds] for row in said["sites"]["rows"]) == results.run["totals"]["beds_after"]
    covered = said["ledger"]["columns"].index("covered")
    assert [row[covered] for row in said["ledger"]["rows"]] == pytest.approx(results.ledger["covered"], abs=1e-6)


# --- lines in few bytes -------------------------------------------------------------------------------------------


def test_lines_come_back_as_they_went() -> None:
    rng = np.random.default_rng(3)
    lines = [
        shapely.LineString(np.column_stack((rng.uniform(-180, 180, n), rng.uniform(-80, 80, n)))) for n in (2, 7, 130)
    ]
    back = _decode(encode(np.array(lines, dtype=object)))
    for line, found in zip(lines, back, strict=True):
        assert (found == world_pixels(*shapely.get_coordinates(line).T)).all()


def test_nothing_is_encoded_as_nothing() -> None:
    assert base64.b64decode(encode(np.array([], dtype=object))) == b"\0"


def test_world_pixels_are_web_mercator() -> None:
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True).transform(114.3, 30.6)
    size = 2 * np.pi * 6378137.0
    expected = np.rint(np.array([0.5 + x / size, 0.5 - y / size]) * 2**26)
    assert (world_pixels(np.array([114.3]), np.array([30.6]))[0] == expected).all()


def test_roads_that_meet_are_joined() -> None:
    pieces = [shapely.LineString([(500000 + 10 * n, 3400000), (500010 + 10 * n, 3400000)]) for n in range(9)]
    joined = line_parts(gpd.GeoDataFrame(geometry=pieces, crs="EPSG:32650"), 1.0)
    assert len(joined) == 1
    assert len(shapely.get_coordinates(joined)) == 2


def test_outlines_are_simplified_until_they_fit() -> None:
    wiggly = shapely.Point(500000, 3400000).buffer(3000, quad_segs=4000)
    table = gpd.GeoDataFrame(geometry=[wiggly], crs="EPSG:32650")
    roomy, fine_m = encode_rings(table, 0.01, 10**9)
    tight, coarse_m = encode_rings(table, 0.01, 300)
    assert fine_m == 0.01
    assert coarse_m > 0.01
    assert len(tight[0]) <= 300 < len(roomy[0])


def test_shapes_hold_every_layer(results: Results) -> None:
    drawn = shapes(results)
    assert len(drawn["districts"]) == len(drawn["labels"]) == len(results.districts)
    assert len(drawn["circles"]) == len(results.isochrones)
    assert len(drawn["water"]) == len(results.water)
    assert set(drawn["catchments"]) == set(results.catchments["site"])
    assert all(_decode(level) for level in drawn["roads"])


def test_empty_layers_are_no_trouble(results: Results) -> None:
    bare = {name: getattr(results, name).iloc[:0] for name in ("roads", "water", "isochrones", "catchments", "cells")}
    others = {name: getattr(results, name) for name in results.__slots__ if name not in bare}
    empty = type(results)(**others, **bare)
    assert pictures(empty) == []
    assert shapes(empty)["water"] == []
    assert "siting-data" in map_html(empty, "zh")


# --- images of cells ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "grid",
    [
        {"crs": "EPSG:4326", "west": 113.7, "north": 31.4, "cell_width": 1 / 120, "cell_height": 1 / 120},
        {"crs": "EPSG:32650", "west": 200000.0, "north": 3450000.0, "cell_width": 900.0, "cell_height": 800.0},
        {"crs": "ESRI:54009", "west": 11200000.0, "north": 3700000.0, "cell_width": 1000.0, "cell_height": 1000.0},
    ],
    ids=lambda grid: grid["crs"],
)
def test_every_cell_is_where_the_map_expects_it(grid: dict[str, Any]) -> None:
    """The middle of each cell, put on the stretched image as Leaflet does, shows that cell's own code."""
    grid = {**grid, "width": 90, "height": 110}
    row, column = (axis.ravel() for axis in np.mgrid[0:110, 0:90])
    code = ((row * 31 + column * 17) % 200 + 1).astype(np.uint8)
    frame = frame_of(grid)
    image = frame.image(row, column, code)
    to_degrees = Transformer.from_crs(grid["crs"], "EPSG:4326", always_xy=True).transform
    to_mercator = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True).transform
    x, y = to_mercator(
        *to_degrees(
            grid["west"] + (column + 0.5) * grid["cell_width"], grid["north"] - (row + 0.5) * grid["cell_height"]
        )
    )
    (south, west), (north, east) = frame.bounds
    (x0, x1), (y0, y1) = to_mercator([west, east], [south, north])
    across = np.floor((x - x0) / (x1 - x0) * image.shape[1]).astype(int)
    down = np.floor((y1 - y) / (y1 - y0) * image.shape[0]).astype(int)
    assert (image[down, across] == code).all()


def test_image_is_a_png_of_its_palette() -> None:
    image = np.array([[0, 1, 2], [2, 1, 0]], dtype=np.uint8)
    palette = [(0, 0, 0, 0), (10, 20, 30, 255), (200, 100, 50, 128)]
    assert (_pixels(data_uri(image, palette)) == np.array(palette)[image]).all()


def test_coverage_is_coloured_by_code_and_shaded_by_persons(results: Results) -> None:
    drawn = _stage(coverages(results), "PY-01", "after").reshape(-1, 4)
    colours = {tuple(bytes.fromhex(colour[1:])) for code, colour in palette.CODES.items() if code != NOT_CONCERNED}
    assert {tuple(pixel[:3]) for pixel in drawn if pixel[3]} == colours
    green = drawn[(drawn[:, :3] == tuple(bytes.fromhex(palette.CODES[COVERED][1:]))).all(axis=1)]
    assert len(np.unique(green[:, 3])) == len(SHADES)
    assert (drawn[:, 3] == 0).any()  # cells outside the districts are not concerned


def test_cells_that_a_clause_is_not_about_are_left_blank(results: Results) -> None:
    shown = (_stage(coverages(results), "HN-05", "before")[..., 3] > 0).mean()
    assert shown == pytest.approx((results.cells["before_HN-05"] != NOT_CONCERNED).mean(), rel=0.1)


def _stage(drawn: list[dict[str, Any]], rule: str, stage: str) -> np.ndarray:
    """The picture of a clause at a stage, put together as the page does."""
    (entry,) = [one for one in drawn if one["rule"] == rule and stage in one["palettes"]]
    parts = (base64.b64decode(part) for part in (entry["head"], entry["palettes"][stage], entry["tail"]))
    return _pixels(base64.b64encode(b"".join(parts)).decode())


@pytest.mark.parametrize("most", [255, 40, 8])
def test_every_stage_shows_its_own_codes(results: Results, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many stages share an image, each of its palettes gives every cell the colour of its code then."""
    monkeypatch.setattr(map_coverage, "_MOST_HISTORIES", most)
    drawn = coverages(results)
    assert (len(drawn) > 3) == (most == 8)
    frame = frame_of(results.run["grid"])
    row, column = (results.cells[name].to_numpy() for name in ("row", "column"))
    seen = set()
    for stage in ("before", "2024", "after"):
        for rule in ("PY-01", "HN-05", "HN-06"):
            codes = results.cells[f"{stage}_{rule}"].to_numpy()
            code = frame.image(row, column, codes.astype(np.uint8))
            pixels = _stage(drawn, rule, stage)
            for number, colour in palette.CODES.items():
                here = pixels[code == number]
                if number == NOT_CONCERNED:
                    assert (here[:, 3] == 0).all()
                else:
                    assert (here[:, :3] == tuple(bytes.fromhex(colour[1:]))).all()
                    seen.add(number)
    assert len(seen) == 4


def test_shades_hold_a_third_of_the_persons_each(results: Results) -> None:
    persons = results.cells["persons"].to_numpy()
    shade = np.searchsorted(shade_breaks(results.cells), persons, side="right")
    assert np.bincount(shade, weights=persons) / persons.sum() == pytest.approx([1 / 3] * 3, abs=0.03)
    assert shade_breaks(results.cells.iloc[:0]) == [0.0, 0.0]


def test_elderly_levels_begin_at_or_below_the_least_cell(results: Results) -> None:
    breaks = elderly_breaks(results.cells)
    assert breaks == sorted(breaks)
    assert breaks[0] <= results.cells["persons"].min()
    assert breaks[-1] < results.cells["persons"].max()
