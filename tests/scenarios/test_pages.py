"""The pages of comparisons and provinces in headless Chromium: they ask nobody, and show the figures of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from by_hand import by_hand
from halves import write_thirds
from map_page import DESK, PHONE, Page

from siting.cli import DONE, main
from siting.present.comparison import write_comparison
from siting.scenarios.reading import comparison

if TYPE_CHECKING:
    from pathlib import Path

    from selenium.webdriver.remote.webdriver import WebDriver

pytestmark = pytest.mark.browser
CELLS = """
  const table = document.querySelector('#' + arguments[0] + ' table');
  return [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent));
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("hand")
    write_comparison(comparison(by_hand(place)), place, "zh")
    return place


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("province")
    write_thirds(place)
    assert main(["batch", str(place), "-o", str(place / "out"), "--workers", "1", "-q", "--no-cache"]) == DONE
    return place / "out"


@pytest.fixture
def page(chromium: WebDriver, folder: Path) -> Page:
    return Page(chromium, folder / "compare.html", DESK)


def rows_of(table: list[list[str]], column: int) -> list[str]:
    return [row[column] for row in table[1:]]


def cells(page: Page, identity: str) -> list[list[str]]:
    return page.script(CELLS, identity)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_comparison_asks_nobody_and_complains_of_nothing(
    chromium: WebDriver, folder: Path, size: tuple[int, int]
) -> None:
    page = Page(chromium, folder / "compare.html", size)
    for count in ("1", "2", "3", "4"):
        page.choose("count", count)
        assert page.script("return document.querySelectorAll('#maps .panel').length") == int(count)
    page.click("#language")
    page.click("#language")
    page.click("#scenarios tbody tr:nth-child(3)")
    page.click("#robust th:nth-child(2)")
    assert page.outside() == []
    assert page.complaints() == []
    assert page.script("return document.documentElement.scrollWidth") <= size[0], "nothing sticks out of the window"


def test_the_answer_and_the_tables_are_those_worked_out_by_hand(page: Page) -> None:
    tiles = page.script(
        "return [...document.querySelectorAll('#answer div')].map((e) => [...e.children].map((c) => c.textContent))"
    )
    assert tiles[0][1:] == ["6", "失败: broken"]
    assert tiles[1] == ["基准方案", "基准", "最坏情景缺口（人次） 400 (slow)"]
    assert tiles[2] == ["最坏情景最优", "slow", "最坏情景缺口（人次） 300 (slow)"]
    assert tiles[3][:2] == ["后悔值最小", "基准"]
    assert tiles[4][:2] == ["稳健性代价", "30.0%"]
    assert tiles[5][:2] == ["无悔近期点", "1"]
    assert cells(page, "matrix") == [
        ["", "基准", "slow", "fast", "dear", "tight"],
        ["基准", "0", "400", "0", "10", "50"],
        ["slow", "150", "300", "0", "150", "50"],
        ["fast", "200", "500", "0", "0", "50"],
        ["dear", "100", "300", "0", "160", "50"],
    ]
    changes = [row[2] for row in cells(page, "scenarios")[1:]]
    assert changes[1] == "步行速度 = 0.7"
    assert changes[3] == "单价倍数 = {养老机构: 1.2}"
    assert changes[5] == "PY-01 十五分钟可达 share = 7"
    sensitivity = cells(page, "sensitivity")
    assert ["步行速度", "投资", "—", "fast", "80 元", "slow", "130 元", "62.5%", "—"] in sensitivity
    assert ["步行速度", "PY-01 十五分钟可达", "0.900", "slow", "0.600", "fast", "0.960", "40.0%", "—"] in sensitivity


def test_maps_set_off_what_only_one_of_them_shows(page: Page) -> None:
    notes = "return [...document.querySelectorAll('#maps .panel span')].map((e) => e.textContent)"
    assert [note for note in page.script(notes) if "非各图共有" in note] == [
        "3 处 · 非各图共有 0", "4 处 · 非各图共有 1",
    ]  # fmt: skip
    page.click("#scenarios tbody tr:nth-child(3)")  # fast: S1 and S3, shown on the last map
    assert [note for note in page.script(notes) if "非各图共有" in note] == [
        "3 处 · 非各图共有 1", "2 处 · 非各图共有 0",
    ]  # fmt: skip
    assert "西街道" in page.script(notes), "districts are named on the maps"


def test_the_frontier_joins_efficient_plans(page: Page) -> None:
    assert page.script("return document.querySelectorAll('#frontier circle').length") == 4
    points = page.script("return document.querySelector('#frontier polyline').getAttribute('points')").split()
    assert len(points) == 3, "the plan that costs more and covers no more is not among them"
    ticks = page.script("return [...document.querySelectorAll('#frontier text')].map((e) => e.textContent)")
    assert {"投资", "覆盖率", "90.0%", "100 元", "基准"} <= set(ticks)


def test_a_comparison_speaks_english_too(page: Page) -> None:
    page.click("#language")
    assert page.text("#title") == "Paper town · scenarios compared"
    assert page.text("#notice") == "worked by hand"
    assert cells(page, "scenarios")[2][2] == "walking speed = 0.7"
    assert "¥100" in cells(page, "scenarios")[1]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_province_shows_its_counties(chromium: WebDriver, province: Path, size: tuple[int, int]) -> None:
    page = Page(chromium, province / "province.html", size)
    for measure in page.script("return [...document.getElementById('measure').options].map((o) => o.value)"):
        page.choose("measure", measure)
    rows = cells(page, "counties")
    assert rows_of(rows, 0) == ["east", "middle", "west"]
    assert rows[2][4] == "20"
    assert rows[2][14] == "冲突条款: HN-09 全域", "why the middle has no plan"
    page.choose("measure", "met_after")
    legend = "return [...document.querySelectorAll('#legend li')].map((e) => e.textContent)"
    assert page.script(legend) == ["无方案或无数据"], "no county has a plan"
    page.choose("measure", "met_before")
    least = min(rows_of(rows, 11), key=lambda share: float(share.rstrip("%")))
    assert page.script(legend)[0].startswith(f"{least} – ")
    assert page.script("return [...document.querySelectorAll('.label')].map((e) => e.textContent)") == rows_of(rows, 0)
    page.click("#counties tbody tr:nth-child(2)")
    page.click("#language")
    assert page.outside() == []
    assert page.complaints() == []
    assert page.script("return document.documentElement.scrollWidth") <= size[0]
