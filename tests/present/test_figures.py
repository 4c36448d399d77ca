from __future__ import annotations

import dataclasses
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from lxml import etree
from made_results import audit_only
from matplotlib import rcParams
from matplotlib.colors import to_rgb
from PIL import Image
from pyproj import Transformer

from siting.config.files import CatalogueFile
from siting.present import pictures
from siting.present.drawing import fonts, palette, warp
from siting.present.drawing.sheet import Key, nice_length, open_sheet
from siting.present.figures import degree_colour, density_words, write_figures
from siting.present.teller import Teller
from siting.present.views import centre_box
from siting.sources.documents import read_yaml
from siting.sources.shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from siting.present.results import Results


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory, results: Results) -> dict[str, Path]:
    return write_figures(results, tmp_path_factory.mktemp("figures"), "zh")


def test_every_figure_of_the_report_is_drawn_at_300_dpi(drawn: dict[str, Path], results: Results) -> None:
    assert list(drawn) == list(pictures.titles(Teller(results, "zh")))
    assert {"present", "density", "layout", "coverage_PY-01", "coverage_HN-05", "district_HN-03"} <= set(drawn)
    for path in drawn.values():
        with Image.open(path) as image:
            assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
            assert image.width == pytest.approx(16 / 2.54 * 300, abs=1)
            assert image.height < 24 / 2.54 * 300


SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"


def test_every_figure_is_there_as_svg_that_asks_for_nothing(drawn: dict[str, Path]) -> None:
    for path in drawn.values():
        root = etree.parse(str(path.with_suffix(".svg"))).getroot()
        assert root.tag == f"{SVG}svg"
        assert float(root.get("width").removesuffix("pt")) == pytest.approx(16 / 2.54 * 72, abs=0.1)
        assert not list(root.iter(f"{SVG}text")), "letters are outlines: no font is asked for"
        assert not list(root.iter(f"{SVG}script"))
        links = [element.get(f"{XLINK}href") for element in root.iter() if element.get(f"{XLINK}href")]
        assert all(link.startswith(("#", "data:image/png;base64,")) for link in links)
        assert len(list(root.iter(f"{SVG}path"))) > 50


def test_circles_are_drawn_in_their_shades(drawn: dict[str, Path], results: Results) -> None:
    rings = results.isochrones[results.isochrones["rule"] == "PY-01"]["metres"].nunique()
    found = shades(drawn["circles_PY-01"])
    for colour in palette.CIRCLES[:rings]:
        wanted = tuple(round(255 * part) for part in to_rgb(colour))
        assert any(max(abs(a - b) for a, b in zip(c, wanted, strict=True)) <= 3 for c in found), colour


def test_kinds_have_one_shape_everywhere() -> None:
    kinds = ["county_hub", "institution", "kitchen", "day_care", "respite"]
    shapes = palette.shapes(kinds)
    assert shapes == {"county_hub": "star", "institution": "square", "kitchen": "diamond", "day_care": "circle",
                      "respite": "hexagon"}  # fmt: skip
    assert [palette.kind_style(kinds, kind)[1] for kind in kinds] == ["*", "s", "D", "o", "h"]


def test_no_two_kinds_of_the_shipped_catalogue_look_alike() -> None:
    """A hospital must not be taken for a centre where both are kept, in one colour on the map."""
    kinds = CatalogueFile.model_validate(read_yaml(shipped("configs/catalogue.yaml")).data).kinds
    shapes = palette.shapes(sorted(kinds))
    assert len(set(shapes.values())) == len(kinds)
    assert palette.shapes(sorted(kinds, reverse=True)) == shapes  # figures list them by tier, the map by name
    assert len({palette.MARKERS[shape] for shape in shapes.values()}) == len(kinds)


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Draw no more than the figures under test."""
    every = pictures.by_name

    def keep(*names: str) -> None:
        monkeypatch.setattr(pictures, "by_name", lambda t: {k: v for k, v in every(t).items() if k in names})

    return keep


def test_without_a_plan_one_moment_is_drawn_and_global_settings_stay(tmp_path: Path, audit_results: Results) -> None:
    before = dict(rcParams)
    names = write_figures(audit_results, tmp_path, "en")
    assert "layout" not in names
    assert "coverage_PY-01" in names
    assert dict(rcParams) == before


def test_a_proof_that_no_plan_exists_has_the_figures_of_an_audit(results: Results, audit_results: Results) -> None:
    infeasible = Teller(audit_only(results, infeasible=True), "zh")
    assert pictures.by_name(infeasible) == pictures.by_name(Teller(audit_results, "zh"))


def test_equal_runs_give_equal_pictures(
    drawn: dict[str, Path], results: Results, tmp_path: Path, only: Callable[..., None]
) -> None:
    only("coverage_PY-01", "layout")
    for name, path in write_figures(results, tmp_path, "zh").items():
        assert path.read_bytes() == drawn[name].read_bytes()
        assert path.with_suffix(".svg").read_bytes() == drawn[name].with_suffix(".svg").read_bytes()


def shades(path: Path) -> set[tuple[int, int, int]]:
    with Image.open(path) as image:
        found = image.convert("RGB").getcolors(image.width * image.height)
    return {colour for count, colour in found if count > 200}


def tint(colour: str, ground: str) -> tuple[int, ...]:
    share = 205 / 255
    return tuple(
        round(255 * (share * a + (1 - share) * b)) for a, b in zip(to_rgb(colour), to_rgb(ground), strict=True)
    )


@pytest.mark.parametrize("code", [1, 2, 3, 4])
def test_cells_show_the_colour_of_their_code(drawn: dict[str, Path], code: int) -> None:
    wanted = tint(palette.CODES[code], palette.DISTRICT_FILL)
    near = [c for c in shades(drawn["coverage_PY-01"]) if max(abs(a - b) for a, b in zip(c, wanted, strict=True)) <= 2]
    assert near


def test_names_that_no_font_can_draw_are_drawn_as_boxes(
    tmp_path: Path, results: Results, only: Callable[..., None]
) -> None:
    only("layout", "district_HN-03")
    districts = results.districts.copy()
    districts["name"] = ["😀街道", "$x^2$镇", "\x07\n铃", "𰻝" * 80]
    kinds = {
        key: {**kind, "title": {"zh": "$\\frac$🚑", "en": "_hidden"}} for key, kind in results.run["kinds"].items()
    }
    run = {**results.run, "kinds": kinds}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_figures(dataclasses.replace(results, districts=districts, run=run), tmp_path, "zh")
    assert fonts.drawable("😀$a") == "□\\$a"
    assert len(fonts.drawable("长" * 200, 10)) == 10


def test_every_word_of_ours_can_be_drawn(results: Results) -> None:
    for language in ("zh", "en"):
        for title in pictures.titles(Teller(results, language)).values():  # type: ignore[arg-type]
            assert "□" not in fonts.drawable(title)


def test_file_names_hold_no_path() -> None:
    assert pictures.slug("../../etc/x y:甲") == "______etc_x_y__"


WUHAN = {"crs": "EPSG:4326", "west": 113.70, "north": 31.37, "cell_width": 1 / 1200, "cell_height": 1 / 1200,
         "width": 1662, "height": 1668}  # fmt: skip


def test_pixels_find_their_cells_to_within_two_metres_over_a_city() -> None:
    west, south = Transformer.from_crs(4326, 32650, always_xy=True).transform(113.7, 29.98)
    x, y = west + np.linspace(0, 150e3, 700), south + np.linspace(155e3, 0, 650)
    column, row = warp.fractional(WUHAN, "EPSG:32650", x, y)
    lon, lat = Transformer.from_crs(32650, 4326, always_xy=True).transform(*np.meshgrid(x, y))
    off_column = np.abs(column - (lon - WUHAN["west"]) * 1200).max()
    off_row = np.abs(row - (WUHAN["north"] - lat) * 1200).max()
    assert max(off_column, off_row) * 92.7 < 2.0


def test_a_cell_is_drawn_where_it_is() -> None:
    grid = {"crs": "EPSG:32650", "west": 1000.0, "north": 2000.0, "cell_width": 100.0, "cell_height": 100.0,
            "width": 4, "height": 3}  # fmt: skip
    look = warp.make(grid, "EPSG:32650", (1000.0, 1400.0, 1700.0, 2000.0), (8, 6))
    image = look.spread(np.array([0, 2]), np.array([3, 1]), np.array([5, 7]))
    expected = np.zeros((6, 8), dtype=np.uint8)
    expected[0:2, 6:8] = 5
    expected[4:6, 2:4] = 7
    np.testing.assert_array_equal(image, expected)


def test_pixels_off_the_grid_are_clear() -> None:
    grid = {"crs": "EPSG:32650", "west": 0.0, "north": 200.0, "cell_width": 100.0, "cell_height": 100.0,
            "width": 2, "height": 2}  # fmt: skip
    look = warp.make(grid, "EPSG:32650", (-200.0, 400.0, -200.0, 400.0), (6, 6))
    image = look.spread(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.ones(4))
    assert image.sum() == 4
    assert image[2:4, 2:4].all()


def test_panels_share_one_scale_and_hold_the_extent() -> None:
    sheet = open_sheet(("t", "a", "b"), [Key("k", [])], (0.0, 1000.0, 0.0, 3000.0), ("", ""))
    for axes in sheet.panels:
        (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
        assert left < 0
        assert right > 1000
        assert low < 0
        assert high > 3000
        box = axes.get_window_extent()
        assert (right - left) / box.width == pytest.approx((high - low) / box.height, rel=1e-6)


def test_scale_bars_are_round() -> None:
    assert [nice_length(most) for most in (999.0, 1000.0, 2300.0, 7000.0)] == [500.0, 1000.0, 2000.0, 5000.0]


def test_classes_of_density_and_degree() -> None:
    assert density_words([1000, 3000]) == ["＜1,000", "1,000–3,000", "＞3,000"]
    met, nearly, half, less = (colour for _, colour in palette.DEGREES)
    assert degree_colour(0.95, 0.95, ">=") == met
    assert degree_colour(0.949, 0.95, ">=") == nearly
    assert degree_colour(0.5, 1.0, ">=") == half
    assert degree_colour(0.0, 1.0, ">=") == less
    assert degree_colour(2.0, 1.0, "<=") == half
    assert degree_colour(0.0, 1.0, "<=") == met
    assert degree_colour(float("nan"), 1.0, ">=") == palette.NO_VALUE


def _cells(dense: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> pd.DataFrame:
    row, column = (axis.ravel() for axis in np.mgrid[0:100, 0:100])
    return pd.DataFrame(
        {"row": row, "column": column, "district": 0, "persons": 1.0, "density_per_km2": 1.0,
         "density_class": dense(row, column).astype(int)}
    )  # fmt: skip


def test_a_small_core_gets_pictures_of_its_own() -> None:
    west, east, north, south = centre_box(_cells(lambda r, c: (abs(r - 30) < 10) & (abs(c - 70) < 5))) or (0, 0, 0, 0)
    assert (west, east) == pytest.approx((65.5, 75.5), abs=1.5)
    assert (north, south) == pytest.approx((20.0, 41.0), abs=2.0)
    assert centre_box(_cells(lambda r, _: r >= 0)) is None
    assert centre_box(_cells(lambda r, _: r < 0)) is None


def test_centre_figures_follow_the_whole_ones(tmp_path: Path, results: Results, only: Callable[..., None]) -> None:
    only("density", "density_centre", "district_PY-01_centre")
    cells = results.cells.assign(density_class=results.cells["density_class"].where(results.cells["row"] < 12, 0))
    names = list(write_figures(dataclasses.replace(results, cells=cells), tmp_path, "en"))
    assert names == ["density", "density_centre", "district_PY-01_centre"]
