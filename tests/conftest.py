"""Fixtures that every part of the tests may use, and what happens to tests whose tools are not here."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
SWITCHES = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--hide-scrollbars",
)  # fmt: skip

REQUIRED = frozenset(name.strip() for name in os.environ.get("SITING_REQUIRE", "").split(",") if name.strip())
"""Markers whose tests may not be skipped, from ``SITING_REQUIRE=browser,real_data,office``."""


NEEDY = frozenset({"browser", "office", "postgis", "real_data"})
"""Markers of tests that need more than Python."""


def pytest_configure() -> None:
    """Refuse a requirement that no test could miss: most likely it is misspelt."""
    if unknown := REQUIRED - NEEDY:
        message = f"SITING_REQUIRE names {', '.join(sorted(unknown))}; there are only {', '.join(sorted(NEEDY))}"
        raise pytest.UsageError(message)


def shared_data() -> Path:
    """Where real data is kept, outside the project: under `SITING_SHARED`, else under ``../shared``."""
    told = os.environ.get("SITING_SHARED")
    return (Path(told) if told else Path(__file__).parents[2] / "shared") / "data"


def _programs(*names: str) -> str | None:
    """Say which programs are not installed; None when all are."""
    missing = [name for name in names if shutil.which(name) is None]
    return f"not installed: {', '.join(missing)}" if missing else None


def postgres_programs() -> Path | None:
    """Where the newest PostgreSQL that has PostGIS keeps its programs; None when there is none."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda home: int(home.parent.name))
    share = Path("/usr/share/postgresql")
    having = [home for home in homes if (share / home.parent.name / "extension" / "postgis.control").is_file()]
    return having[-1] if having else None


def _absent(marker: str) -> str | None:
    """Say why tests with this marker cannot run here; None when they can."""
    if marker == "browser":
        return _programs("chromium", "chromedriver")
    if marker == "office":
        return _programs("soffice", "pdftotext")
    if marker == "postgis":
        return None if postgres_programs() else "not installed: PostgreSQL with PostGIS"
    if marker == "real_data":
        here = shared_data()
        return None if here.is_dir() else f"no real data in {here}; set SITING_SHARED to the folder that holds data/"
    return None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, with the reason, what cannot run here."""
    for marker in item.iter_markers():
        reason = _absent(marker.name)
        if reason:
            pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Turn every skip of a required test into a failure, wherever it was skipped."""
    report = yield
    required = sorted(REQUIRED & {marker.name for marker in item.iter_markers()})
    if report.skipped and required and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"SITING_REQUIRE names {', '.join(required)}, so this may not be skipped: {reason}"
    return report


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data kept outside the project."""
    folder = shared_data()
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}; set SITING_SHARED to the folder that holds data/")
    return folder


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Generator[None, None, None]:
    """Keep stages in a folder of the tests' own, never in the user's."""
    told = os.environ.get("SITING_CACHE")
    os.environ["SITING_CACHE"] = str(tmp_path_factory.mktemp("stages"))
    yield
    os.environ.pop("SITING_CACHE") if told is None else os.environ.update(SITING_CACHE=told)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Generator[Any, None, None]:
    """A driven browser without a network of its own."""
    from selenium import webdriver  # noqa: PLC0415 - only where there is a browser

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for switch in (*SWITCHES, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    yield driver
    driver.quit()
