"""Tests whose tools are absent skip with a reason; where they are required they fail instead."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NEEDY = """
import pytest

@pytest.mark.browser
def test_map(): pass

@pytest.mark.office
def test_report(): pass

@pytest.mark.real_data
def test_city(shared): pass

@pytest.mark.browser
@pytest.mark.xfail
def test_known(): raise ValueError

def test_plain(): pass
"""
MARKERS = "[pytest]\nmarkers =\n  browser\n  office\n  real_data\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose data and programs are nowhere."""
    folder = tmp_path / "main"
    folder.joinpath("tests").mkdir(parents=True)
    folder.joinpath("pytest.ini").write_text(MARKERS, encoding="utf-8")
    shutil.copy(Path(__file__).parents[1] / "conftest.py", folder / "tests")
    folder.joinpath("tests", "test_needy.py").write_text(NEEDY, encoding="utf-8")
    return folder


def told_by_pytest(project: Path, required: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("SITING", "PYTEST"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rsfE", "-p", "no:cacheprovider"],
        cwd=project, env=environment | {"PATH": "", "SITING_REQUIRE": required},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_what_is_absent_is_skipped_with_its_reason(project: Path) -> None:
    told = told_by_pytest(project, "")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "1 passed, 4 skipped" in told.stdout
    for words in ("not installed: chromium, chromedriver", "not installed: soffice, pdftotext", "no real data in"):
        assert words in told.stdout


def test_what_is_required_fails_instead(project: Path) -> None:
    told = told_by_pytest(project, "browser, real_data")
    assert told.returncode == 1
    assert "1 passed, 1 skipped, 3 errors" in told.stdout
    assert "SITING_REQUIRE names browser, so this may not be skipped: " in told.stdout
    assert "no real data in" in told.stdout


def test_an_unknown_requirement_is_refused(project: Path) -> None:
    told = told_by_pytest(project, "browsr")
    assert told.returncode == 4
    assert "SITING_REQUIRE names browsr; there are only browser, office, postgis, real_data" in told.stderr
