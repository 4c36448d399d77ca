"""The map in headless Chromium, from disk: it asks nobody, complains of nothing, and does what its controls say."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from map_page import DESK, PHONE, Page

from siting.present.map import write_map

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from selenium.webdriver.remote.webdriver import WebDriver

    from siting.present.results import Results

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def run(made: ModuleType) -> Results:
    return made.make_results()


@pytest.fixture(scope="module")
def written(run: Results, made: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("maps")
    write_map(run, folder / "zh.html", "zh")
    write_map(run, folder / "en.html", "en")
    write_map(made.audit_only(run), folder / "audit.html", "zh")
    write_map(made.audit_only(run, infeasible=True), folder / "infeasible.html", "en")
    return folder


@pytest.fixture
def page(chromium: WebDriver, written: Path) -> Page:
    return Page(chromium, written / "zh.html", DESK)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("name", ["zh", "en", "audit", "infeasible"])
def test_page_opens_and_asks_nobody(chromium: WebDriver, written: Path, name: str, size: tuple[int, int]) -> None:
    page = Page(chromium, written / f"{name}.html", size)
    for theme in page.script("return [...document.getElementById('siting-theme').options].map((o) => o.value)"):
        page.choose("siting-theme", theme)
    for tab in ("clauses", "districts", "about", "layers"):
        page.click(f"[data-tab={tab}]")
    time.sleep(0.3)
    assert page.complaints() == []
    asked = page.requests()
    assert any(address.startswith("file:") for address in asked)
    assert [address for address in asked if not address.startswith(("file:", "data:", "blob:", "chrome:"))] == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_sticks_out_of_the_window(chromium: WebDriver, written: Path, size: tuple[int, int]) -> None:
    page = Page(chromium, written / "zh.html", size)
    assert page.script("return document.documentElement.scrollWidth") <= size[0]
    for name in ("panel", "bar", "legend", "title"):
        left, right = page.script(
            "const r = document.getElementById('siting-' + arguments[0]).getBoundingClientRect();"
            "return [r.left, r.right]",
            name,
        )
        assert left >= -0.5, name
        assert right <= size[0] + 0.5, name


def test_every_theme_shows_its_image(page: Page) -> None:
    for theme, images in (("coverage", 1), ("density", 1), ("elderly", 1), ("districts", 0), ("none", 0)):
        page.choose("siting-theme", theme)
        assert page.images() == images
    page.choose("siting-theme", "districts")
    page.wait(lambda: page.painted("fill") > 10_000)


@pytest.mark.parametrize(
    ("name", "pane"), [("roads", "roads"), ("water", "water"), ("outlines", "lines"), ("sites", "sites")]
)
def test_every_layer_toggles(page: Page, name: str, pane: str) -> None:
    page.wait(lambda: page.painted(pane) > 100)
    page.click(f"[data-layer={name}] input")
    page.wait(lambda: page.painted(pane) == 0)
    page.click(f"[data-layer={name}] input")
    page.wait(lambda: page.painted(pane) > 100)
    assert page.painted(pane) > 100


def test_names_of_districts_toggle(page: Page) -> None:
    shown = "return document.querySelectorAll('.district-label').length"
    assert page.script(shown) == 4
    page.click("[data-layer=labels] input")
    assert page.script(shown) == 0


def test_walking_circles_toggle(page: Page) -> None:
    page.click("[data-layer=outlines] input")
    page.wait(lambda: page.painted("lines") == 0)
    page.click("[data-layer=circles] input")
    page.wait(lambda: page.painted("lines") > 10_000)
    assert "5 分钟 / 10 分钟 / 15 分钟" in page.text("#siting-legend")


def test_moment_changes_image_and_ledger(page: Page, run: Results) -> None:
    source = "return document.querySelector('.leaflet-cells-pane img').src"
    after = page.script(source)
    page.click("[data-moment=before]")
    assert page.script(source) != after
    line = run.ledger[(run.ledger.rule == "PY-01") & (run.ledger.phase == 2025) & (run.ledger.moment == "before")]
    assert f"{line['covered'].iloc[0]:,.0f} 人" in page.text("#siting-legend")


def stage(page: Page, place: int) -> None:
    page.script(
        "const p = document.getElementById('siting-phase'); p.value = arguments[0];"
        "p.dispatchEvent(new Event('input', {bubbles: true}))", place,
    )  # fmt: skip


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_slider_goes_through_the_years(chromium: WebDriver, written: Path, run: Results, size: tuple[int, int]) -> None:
    page = Page(chromium, written / "zh.html", size)
    source = "return document.querySelector('.leaflet-cells-pane img').src"
    assert page.script("return document.getElementById('siting-phase').max") == "2"
    seen = set()
    for place, (year, moment) in enumerate(((2025, "before"), (2024, "after"), (2025, "after"))):
        stage(page, place)
        seen.add(page.script(source))
        line = run.ledger[(run.ledger.rule == "PY-01") & (run.ledger.phase == year) & (run.ledger.moment == moment)]
        assert f"{line['covered'].iloc[0]:,.0f} 人" in page.text("#siting-legend")
        told = page.text("#siting-summary")
        assert f"{run.run['totals']['persons'][str(year)]:,.0f}" in told
        if moment == "after":
            totals = run.run["totals"]["by_phase"][place - 1]
            for words in (f"→ {totals['beds']}", f"→ {totals['facilities']}", f"新建 {totals['sites_new']}"):
                assert words in told
    assert len(seen) == 3
    assert page.complaints() == []


def test_facilities_appear_in_their_year(page: Page) -> None:
    count = "return [...document.querySelectorAll('#siting-tab-layers .check em')].map((e) => e.textContent).join()"
    shown = []
    for place in (0, 1, 2):
        stage(page, place)
        shown.append(page.script(count))
    assert shown == ["3,1,1", "3,2,2,2,1,0,4,0", "4,4,3,6,1,1,2,1"]


def test_years_can_be_told_by_colour(page: Page) -> None:
    page.choose("siting-colour", "year")
    legend = page.text("#siting-legend")
    assert "2024" in legend
    assert "2025" in legend
    page.click("[data-moment=before]")
    assert "2024" not in page.text("#siting-legend")


def test_findings_and_districts_follow_the_slider(page: Page, run: Results) -> None:
    stage(page, 1)
    page.click("[data-tab=clauses]")
    assert "未到期限" in page.text("[data-clause=HN-07]")
    page.click("[data-tab=districts]")
    wanted = run.by_district.query("rule == 'PY-01' and phase == 2024 and district == 'N1'").iloc[0]
    assert f"{wanted['after']:.1%}" in page.text("#siting-tab-districts")
    assert "2024" in page.text("#siting-tab-districts .note")


def test_swipe_shows_today_beside_the_plan(page: Page) -> None:
    page.click("#siting-swipe")
    page.wait(lambda: page.painted("sitesBefore") > 100)
    clip = (
        "return ['cells', 'cellsBefore', 'sites', 'sitesBefore']"
        ".map((name) => document.querySelector('.leaflet-' + name + '-pane').style.clipPath)"
    )
    first = page.script(clip)
    assert all(shape.startswith("polygon") for shape in first)
    assert first[0] == first[2] != first[1] == first[3]
    panes = ".leaflet-cells-pane img, .leaflet-cellsBefore-pane img"
    assert len(set(page.script(f"return [...document.querySelectorAll('{panes}')].map((i) => i.src)"))) == 2
    page.script(
        "document.getElementById('siting-split').dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowLeft'}))"
    )
    assert page.script(clip) != first
    page.choose("siting-theme", "districts")
    page.wait(lambda: page.painted("fillBefore") > 10_000)
    page.click("#siting-swipe")
    assert page.script(clip) == ["", "", "", ""]
    page.wait(lambda: page.painted("sitesBefore") == 0)  # a canvas is cleared in the frame that follows
    page.wait(lambda: page.painted("fillBefore") == 0)
    assert page.complaints() == []


def test_hot_spots_say_how_many(page: Page, run: Results) -> None:
    shown = "return [...document.querySelectorAll('.hot-spot')].map((e) => e.textContent)"
    assert page.script(shown) == []
    page.click("[data-layer=spots] input")
    for place, name in ((0, "before"), (1, "2024"), (2, "after")):
        stage(page, place)
        spots = run.spots[(run.spots["rule"] == "PY-01") & (run.spots["stage"] == name)]
        assert page.script(shown) == [f"{persons:,.0f}" for persons in spots["persons"]]
    listed = page.text("#siting-tab-layers .spots")
    assert f"{spots['persons'].iloc[0]:,.0f} 人" in listed
    page.click(".spots li")
    page.click("[data-layer=spots] input")
    assert page.script(shown) == []


def test_catchments_and_links_toggle(page: Page) -> None:
    page.click("[data-layer=outlines] input")
    page.wait(lambda: page.painted("lines") == 0)
    page.click("[data-layer=catchments] input")
    page.wait(lambda: page.painted("lines") > 1000)
    stage(page, 1)
    page.wait(lambda: page.painted("lines") == 0)
    assert "仅有现状和规划末期的图形" in page.text("#siting-legend")
    stage(page, 2)
    page.click("[data-layer=links] input")
    page.wait(lambda: page.painted("links") > 100)
    page.click("[data-moment=before]")
    page.wait(lambda: page.painted("links") == 0)  # neither of the linked stations stands today


def test_kinds_and_actions_filter(page: Page) -> None:
    page.wait(lambda: page.painted("sites") > 100)
    count = "return [...document.querySelectorAll('#siting-tab-layers .check')].length"
    before = page.painted("sites")
    assert page.script(count) == 1 + 3 + 5 + 4 + 4
    page.script("document.querySelectorAll('#siting-tab-layers .check input')[1].click()")  # institutions
    page.wait(lambda: 0 < page.painted("sites") < before)


def test_language_switches_everything(page: Page) -> None:
    assert page.text("#siting-title") == "四镇养老服务设施布局规划"
    page.click("#siting-language")
    assert page.text("#siting-title") == "Eldercare layout plan of four towns"
    assert page.script("return document.documentElement.lang") == "en"
    assert "Beian Street" in page.text(".leaflet-labels-pane")
    assert "made, not real" in page.text("#siting-stamp")
    seen = page.script("return document.querySelector('#siting-tab-layers').textContent")
    assert not any("\u4e00" <= character <= "\u9fff" for character in seen)
    page.click("#siting-language")
    assert "养老机构" in page.text("#siting-tab-layers")


def test_notice_is_seen_twice(page: Page) -> None:
    for place in ("#siting-notice", "#siting-stamp"):
        assert page.text(place) == "虚构数据，仅供演示"
        assert page.script("return document.querySelector(arguments[0]).getBoundingClientRect().height", place) > 10


def test_names_show_as_text(page: Page, made: ModuleType) -> None:
    for name in made.SITES:
        wanted = " ".join(name[1].splitlines())
        assert wanted in page.search(wanted)
        page.enter()
        assert page.text("#siting-card h2") == wanted
    assert page.script("return window.pwned") is None
    assert (
        page.script(
            "return document.querySelectorAll('#siting-card script, #siting-card img, #siting-card b b').length"
        )
        == 0
    )
    assert page.complaints() == []


def test_card_of_a_facility(page: Page, run: Results) -> None:
    site = run.sites.set_index("site").loc["F2"]
    page.click_map(site["lat"], site["lon"])
    card = page.wait(lambda: page.text("#siting-card"))
    for words in (
        "扩建 · 2024",
        "护理型床位090",
        "床位合计50140",
        "720.0 万元",
        "HN-05",
        "民办",
        "facilities.csv:3",
        "东山<镇>",
    ):
        assert words in card
    assert "选址依据" not in card  # nobody asked
    page.click("#siting-card .close")
    assert page.script("return document.getElementById('siting-card').hidden")


def test_card_says_why_a_facility_was_chosen(chromium: WebDriver, run: Results, tmp_path: Path) -> None:
    told = {
        "site": ["F2"], "name": ["东山<院>"], "kind": ["institution"], "action": ["expand"], "beds_lost": [90],
        "persons_lost": ["PY-01=0.0;HN-05=1234.4"], "clauses": ["HN-03@N;HN-03@S;HN-07@"], "without": ["found"],
        "price": [250_000.0], "instead": ["C9;F2"], "instead_names": ["旧<b>影院;东山<院>"],
    }  # fmt: skip
    asked = replace(run, reasons=pd.DataFrame(told))
    site = run.sites.set_index("site").loc["F2"]
    for language, words, unasked in (
        (
            "zh",
            ("选址依据", "HN-05 1,234 人", "床位90", "HN-03HN-07", "25.0 万元", "旧<b>影院、本处另行安排"),
            "PY-01 0",
        ),
        (
            "en",
            ("Why it was chosen", "HN-05 1,234", "¥250,000", "旧<b>影院, the same, put to other use"),
            "irreplaceable",
        ),
    ):
        write_map(asked, tmp_path / f"{language}.html", language)
        page = Page(chromium, tmp_path / f"{language}.html", DESK)
        page.click_map(site["lat"], site["lon"])
        card = page.wait(lambda page=page: page.text("#siting-card"))
        assert [word for word in words if word not in card] == [], card
        assert unasked not in card
        assert page.complaints() == []
    cannot = {"without": ["impossible"], "price": [float("nan")], "instead": [""], "instead_names": [""]}
    write_map(replace(run, reasons=pd.DataFrame(told | cannot)), tmp_path / "cannot.html", "zh")
    page = Page(chromium, tmp_path / "cannot.html", DESK)
    page.click_map(site["lat"], site["lon"])
    card = page.wait(lambda: page.text("#siting-card"))
    assert "不可替代" in card
    assert "次优选址" not in card


def test_card_of_a_district(page: Page, run: Results) -> None:
    page.click_map(30.5475, 120.6875)
    assert page.wait(lambda: page.text("#siting-card h2")) == "东山<镇>"
    card = page.text("#siting-card")
    for words in ("老年人口 2025853", "80 → 170", "PY-01", "12.3% → 12.3%", "未达标", "1 → 1"):
        assert words in card
    line = run.by_district.query("rule == 'PY-01' and phase == 2025 and district == 'N2'").iloc[0]
    for words, part in (("覆盖", "covered"), ("未覆盖", "uncovered"), ("无道路可达", "no_road")):
        assert f"{words}{line[part + '_before']:,.0f}{line[part + '_after']:,.0f}" in card
    stage(page, 1)
    line = run.by_district.query("rule == 'PY-01' and phase == 2024 and district == 'N2'").iloc[0]
    assert f"未覆盖{line['uncovered_before']:,.0f}{line['uncovered_after']:,.0f}" in page.text("#siting-card")


def test_search_finds_districts_in_both_languages(page: Page) -> None:
    assert page.search("beian") == ["北岸街道"]
    page.enter()
    assert page.text("#siting-card h2") == "北岸街道"
    assert page.search("nowhere at all") == []
    assert "没有找到" in page.text("#siting-hits")


def test_clauses_say_before_and_after(page: Page, run: Results) -> None:
    page.click("[data-tab=clauses]")
    seen = page.text("#siting-tab-clauses")
    last = run.findings[(run.findings.phase == 2025) & (run.findings.rule == "HN-07")].iloc[0]
    assert f"{last['before']:.1%} → {last['after']:.1%}" in seen
    assert "≥ 65%" in seen
    assert seen.count("达标对象") == 3
    page.click("[data-clause=PY-01] summary")
    page.wait(lambda: "南湖镇" in page.text("[data-clause=PY-01]"))
    page.script("document.querySelector('[data-clause=PY-01]').scrollIntoView()")


def test_phase_of_the_table_can_be_chosen(page: Page) -> None:
    page.click("[data-tab=clauses]")
    page.script(
        "const s = document.querySelector('#siting-tab-clauses select'); s.value = '2024';"
        "s.dispatchEvent(new Event('change'))"
    )
    assert "未到期限" in page.text("[data-clause=HN-07]")


def test_districts_are_listed_worst_first(page: Page) -> None:
    page.click("[data-tab=districts]")
    names = "return [...document.querySelectorAll('#siting-tab-districts ol .name')].map((e) => e.textContent)"
    assert page.script(names) == ["南湖镇", "东山<镇>", "新城街道", "北岸街道"]
    page.click("#siting-tab-districts li")
    assert page.text("#siting-card h2") == "南湖镇"


def test_runs_of_earlier_versions_have_no_years(chromium: WebDriver, run: Results, tmp_path: Path) -> None:
    totals = {name: value for name, value in run.run["totals"].items() if name != "by_phase"}
    older = replace(run, run={**run.run, "totals": totals}, by_district=None, spots=None, links=None)
    write_map(older, tmp_path / "older.html", "zh")
    page = Page(chromium, tmp_path / "older.html", DESK)
    assert page.script("return document.getElementById('siting-phase').hidden")
    page.choose("siting-theme", "districts")
    page.click("[data-tab=districts]")
    assert "北岸街道" in page.text("#siting-tab-districts")
    page.click("[data-moment=before]")
    assert page.complaints() == []


def test_without_a_plan_there_is_no_after(chromium: WebDriver, written: Path) -> None:
    page = Page(chromium, written / "audit.html", DESK)
    assert "没有规划方案" in page.text("#siting-summary")
    assert page.script("return document.getElementById('siting-moment').hidden")
    assert "规划后" not in page.text("#siting-legend")
    page.click("[data-tab=clauses]")
    assert "→" not in page.text("#siting-tab-clauses")


def test_conflicts_are_listed(chromium: WebDriver, written: Path) -> None:
    page = Page(chromium, written / "infeasible.html", DESK)
    seen = page.text("#siting-summary")
    assert "No plan meets every clause at once." in seen
    assert "HN-07" in seen
    assert "best that can be reached 61.0%" in seen


def test_phone_folds_its_panel(chromium: WebDriver, written: Path) -> None:
    page = Page(chromium, written / "zh.html", PHONE)
    top = "return document.getElementById('siting-panel').getBoundingClientRect().top"
    page.wait(lambda: page.script(top) > PHONE[1] - 80)  # it glides
    page.click("#siting-fold")
    page.wait(lambda: page.script(top) < PHONE[1] / 2)
    page.click("#siting-fold")
    page.wait(lambda: page.script(top) > PHONE[1] - 80)
    assert page.script(top) > PHONE[1] - 80


def test_online_tiles_come_from_the_named_host_alone(chromium: WebDriver, run: Results, tmp_path: Path) -> None:
    tiles = {"url": "https://t{s}.tiles.invalid/{z}/{x}/{y}.png", "subdomains": "01", "attribution": "天地图 <b>x</b>"}
    configuration = {**run.run.get("configuration", {}), "tiles": tiles}
    write_map(replace(run, run={**run.run, "configuration": configuration}), tmp_path / "tiles.html", "zh")
    page = Page(chromium, tmp_path / "tiles.html", DESK)
    assert "天地图 <b>x</b>" in page.text("#siting-credit")
    shown = "return document.querySelectorAll('.leaflet-tiles-pane img').length"
    page.wait(lambda: page.script(shown) > 0)
    asked = page.outside()
    assert asked
    assert all(re.match(r"https://t[01]\.tiles\.invalid/\d+/\d+/\d+\.png$", address) for address in asked)
    page.click("[data-layer=tiles] input")
    assert page.script(shown) == 0
    assert "天地图" not in page.text("#siting-credit")


def test_the_credit_names_data_licences_and_the_day(page: Page, run: Results) -> None:
    told = page.text("#siting-credit")
    for entry in run.run["inputs"]:
        if entry["role"] in ("roads", "population") and entry["licence"]:
            assert entry["licence"] in told
    page.click("#siting-language")
    assert "sources: " in page.text("#siting-credit")


def test_prints_on_landscape_pages(page: Page) -> None:
    printed = page.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    assert len(printed["data"]) > 20_000
    page.wait(lambda: not page.script("return document.body.classList.contains('printing')"))
    assert page.complaints() == []
