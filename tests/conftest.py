"""Fixtures that every part of the tests may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data kept outside the project: `SITING_SHARED`, else ``../shared`` next to the project."""
    told = os.environ.get("SITING_SHARED")
    folder = (Path(told) if told else Path(__file__).parents[2] / "shared") / "data"
    if not folder.is_dir():
        pytest.skip(f"the real data is not here ({folder}); set SITING_SHARED to the folder that holds data/")
    return folder
