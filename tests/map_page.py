"""A map in headless Chromium, driven as a reader would."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from selenium.webdriver.remote.webdriver import WebDriver

DESK, PHONE = (1440, 900), (390, 844)


class Page:
    """An opened map, driven as a reader would."""

    def __init__(self, driver: WebDriver, path: Path, size: tuple[int, int]) -> None:
        self.driver = driver
        driver.get("about:blank")
        driver.get_log("performance")
        driver.get_log("browser")
        shape = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size is PHONE}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", shape)
        driver.get(path.as_uri())
        self.ready_ms = self.wait(lambda: self.script("return document.documentElement.dataset.ready"))

    def wait(self, ask: Callable[[], Any], seconds: float = 30.0) -> Any:  # noqa: ANN401 - whatever is asked for
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if answer := ask():
                return answer
            time.sleep(0.02)
        pytest.fail("waited in vain")
        return None

    def script(self, source: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever the page answers
        return self.driver.execute_script(source, *arguments)

    def choose(self, identity: str, value: str) -> None:
        self.script(
            "const e = document.getElementById(arguments[0]); e.value = arguments[1];"
            "e.dispatchEvent(new Event('change', {bubbles: true}))", identity, value,
        )  # fmt: skip

    def click(self, selector: str) -> None:
        self.script("document.querySelector(arguments[0]).click()", selector)

    def text(self, selector: str) -> str:
        return self.script("return document.querySelector(arguments[0]).textContent", selector)

    def click_map(self, lat: float, lon: float) -> None:
        """Press the mouse on a place of the map."""
        name = self.script("return Object.keys(window).find((key) => key.startsWith('map_'))")
        x, y = self.script(
            "const m = window[arguments[0]]; m.setView([arguments[1], arguments[2]], 15, {animate: false});"
            "const p = m.latLngToContainerPoint([arguments[1], arguments[2]]);"
            "const r = m.getContainer().getBoundingClientRect(); return [r.left + p.x, r.top + p.y]", name, lat, lon,
        )  # fmt: skip
        for kind in ("mousePressed", "mouseReleased"):
            event = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
            self.driver.execute_cdp_cmd("Input.dispatchMouseEvent", event)

    def painted(self, pane: str) -> int:
        """How many pixels of a pane's canvases and images are not blank."""
        return self.script(
            """
            let count = 0;
            document.querySelectorAll('.leaflet-' + arguments[0] + '-pane canvas').forEach((canvas) => {
              if (!canvas.width || !canvas.height) return;
              const seen = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
              for (let at = 3; at < seen.length; at += 4) if (seen[at]) count += 1;
            });
            return count;
            """,
            pane,
        )

    def images(self) -> int:
        return self.script("return document.querySelectorAll('.leaflet-cells-pane img').length")

    def search(self, words: str) -> list[str]:
        self.script(
            "const i = document.querySelector('#siting-search input'); i.focus(); i.value = arguments[0];"
            "i.dispatchEvent(new Event('input'))", words,
        )  # fmt: skip
        return self.script("return [...document.querySelectorAll('#siting-hits li span')].map((e) => e.textContent)")

    def enter(self) -> None:
        self.script(
            "document.querySelector('#siting-search input').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}))"
        )

    def complaints(self) -> list[str]:
        """What the browser's log holds, but for what it thinks of `painted`."""
        log = [entry["message"] for entry in self.driver.get_log("browser")]
        return [message for message in log if "willReadFrequently" not in message]

    def requests(self) -> list[str]:
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def outside(self) -> list[str]:
        """Addresses asked for that are neither the file nor inside it."""
        return [a for a in self.requests() if not a.startswith(("file:", "data:", "blob:", "chrome:"))]


def use_everything(page: Page) -> None:
    """Work every control of a map as a reader would, and see that each does something."""
    for theme in page.script("return [...document.getElementById('siting-theme').options].map((o) => o.value)"):
        page.choose("siting-theme", theme)
        for clause in page.script("return [...document.getElementById('siting-clause').options].map((o) => o.value)"):
            page.choose("siting-clause", clause)
            assert page.text("#siting-legend-body")
    for tab in ("clauses", "districts", "about", "layers"):
        page.click(f"[data-tab={tab}]")
        assert page.script(f"return document.getElementById('siting-tab-{tab}').offsetHeight") > 100
    count = page.script("return document.querySelectorAll('#siting-tab-layers input[type=checkbox]').length")
    assert count >= 10
    for place in range(count):
        box = f"[...document.querySelectorAll('#siting-tab-layers input[type=checkbox]')][{place}]"
        was = page.script(f"const was = {box}.checked; {box}.click(); return was")
        assert page.script(f"return {box}.checked") is not was
        page.script(f"{box}.click()")
    for stage in range(int(page.script("return document.getElementById('siting-phase').max")), -1, -1):
        page.script(
            "const p = document.getElementById('siting-phase'); p.value = arguments[0];"
            "p.dispatchEvent(new Event('input', {bubbles: true}))", stage,
        )  # fmt: skip
    assert page.script("return document.querySelector('[data-moment=before]').getAttribute('aria-pressed')") == "true"
    page.click("#siting-swipe")
    assert page.script("return document.body.classList.contains('swiping')")
    page.click("#siting-swipe")
    before = page.text("#siting-tab-layers")
    page.click("#siting-language")
    assert page.text("#siting-tab-layers") != before
    page.click("#siting-language")
    assert page.text("#siting-tab-layers") == before


def find(page: Page, words: str) -> str:
    """Search, take the first hit, and return its card."""
    assert words in page.search(words)
    page.enter()
    assert page.text("#siting-card h2") == words
    return page.text("#siting-card")
