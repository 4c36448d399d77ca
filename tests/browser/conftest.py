"""The hand-made run that the tests of `present` use."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType


@pytest.fixture(scope="session")
def made() -> ModuleType:
    """The module that makes the run: its folder is no package, so it is loaded by path."""
    folder = Path(__file__).parent.parent / "present"
    for name in ("made_facts", "made_results"):
        if name not in sys.modules:
            spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
            spec.loader.exec_module(module)
    return sys.modules["made_results"]
