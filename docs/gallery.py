# noqa: INP001 - a script
"""Makes the pictures of docs/gallery.md from a run of the demo: ``python docs/gallery.py siting-demo/run``.

Needs Chromium and its driver, the test extra, and poppler for the report's pages.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from selenium import webdriver

HOUSE = Path(__file__).parent.parent
PICTURES, PAGES = HOUSE / "docs" / "img" / "gallery", HOUSE / "maps" / "gallery"
FIGURES = ("density", "present", "circles_PY-01", "coverage_PY-01", "layout", "district_HN-03")
REPORT_PAGES = (1, 2, 10)
DESK, PHONE = (1280, 800), (390, 844)
COLOURS, WIDTH = 256, 900
SEARCH = (
    "const i = document.querySelector('#siting-search input'); i.focus(); i.value = arguments[0];"
    "i.dispatchEvent(new Event('input')); i.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}))"
)
DISTRICTS = (
    "const t = document.getElementById('siting-theme'); t.value = 'districts';"
    "t.dispatchEvent(new Event('change')); document.querySelector('[data-tab=districts]').click()"
)
SHOTS: dict[str, tuple[tuple[int, int], str, str]] = {
    "map": (DESK, "", ""),
    "map_swipe": (DESK, "document.getElementById('siting-swipe').click()", ""),
    "map_card": (DESK, "document.getElementById('siting-language').click()", "中心"),
    "map_districts": (
        DESK,
        DISTRICTS,
        "",
    ),
    "map_phone": (PHONE, "", "镇"),
}


def main(run: Path) -> None:
    """Draw everything anew."""
    for folder in (PICTURES, PAGES):
        folder.mkdir(parents=True, exist_ok=True)
    PAGES.joinpath("demo.html").write_bytes(run.joinpath("map.html").read_bytes())
    for name in FIGURES:
        keep(Image.open(run / "figures" / f"{name}.png"), name)
    with tempfile.TemporaryDirectory() as folder:
        for page in REPORT_PAGES:
            command = ["pdftoppm", "-r", "90", "-f", str(page), "-l", str(page), "-png", "-singlefile"]
            subprocess.run([*command, str(run / "report.pdf"), f"{folder}/{page}"], check=True)  # noqa: S603 - a fixed program
            keep(Image.open(f"{folder}/{page}.png"), f"report_{page}")
    browser = _browser()
    try:
        for name, (size, script, words) in SHOTS.items():
            keep(_shot(browser, run / "map.html", size, (script, words)), name)
    finally:
        browser.quit()


def keep(picture: Image.Image, name: str) -> None:
    """Write a picture small: no wider than a page shows, few colours."""
    small = picture.convert("RGB")
    small.thumbnail((WIDTH, 2 * WIDTH))
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(PICTURES / f"{name}.png", optimize=True)


def _browser() -> Any:  # noqa: ANN401 - selenium's driver
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for switch in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(switch)
    return webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))


def _shot(browser: Any, page: Path, size: tuple[int, int], doing: tuple[str, str]) -> Image.Image:  # noqa: ANN401
    shape = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size is PHONE}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", shape)
    browser.get(page.resolve().as_uri())
    browser.set_script_timeout(60)
    script, words = doing
    settled = "requestAnimationFrame(() => setTimeout(arguments[arguments.length - 1], 700))"
    browser.execute_async_script(settled)
    if script:
        browser.execute_script(script)
    if words:
        browser.execute_script(SEARCH, words)
    browser.execute_async_script(settled)
    return Image.open(io.BytesIO(browser.get_screenshot_as_png()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
