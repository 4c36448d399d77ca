"""The stage as a whole: cheap to import, the same on any number of threads, and its options."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numba
import numpy as np
import pytest
from drawn import town
from pydantic import ValidationError

from siting import access
from siting.access import WalkOptions, nearest, reach, snap
from siting.access.compiled import compiled

if TYPE_CHECKING:
    from collections.abc import Callable


def test_the_public_names_are_all_there() -> None:
    assert all(hasattr(access, name) for name in access.__all__)


def test_importing_the_stage_does_not_import_numba() -> None:
    told = "import sys, siting.access; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert done.stdout.strip() == "False"


def test_kernels_work_where_no_cache_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def njit(*, nogil: bool, cache: bool = False) -> Callable[[object], object]:
        if cache:
            message = "cannot cache function: no locator available"
            raise RuntimeError(message)
        return numba.njit(nogil=nogil)

    monkeypatch.setattr("siting.model.compiled.numba", SimpleNamespace(njit=njit))

    @compiled
    def twice(number: int) -> int:
        return 2 * number

    assert twice(21) == 42


def test_one_thread_or_many_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, _ = town()
    rng = np.random.default_rng(0)
    sources = rng.integers(0, graph.node_count, 300)
    x, y = rng.uniform(0, 900, (2, 500))
    results = []
    for threads in (1, 2, 7):
        monkeypatch.setattr("siting.access.threads.thread_count", lambda threads=threads: threads)
        rows, points = reach(graph, sources, 400.0), snap(graph, x, y, 500)
        few = nearest(graph, points, points, k=2)
        results.append(
            b"".join(a.tobytes() for a in (rows.indptr, rows.indices, rows.data, points.offset_m, few.site, few.metres))
        )
    assert len(set(results)) == 1


def test_walking_options_and_their_bounds() -> None:
    assert (WalkOptions().speed_m_per_s, WalkOptions().max_connector_m) == (0.9, 500)
    for wrong in ({"speed_m_per_s": 0}, {"speed_m_per_s": 3.1}, {"max_connector_m": 0}, {"pace": 1}):
        with pytest.raises(ValidationError):
            WalkOptions.model_validate(wrong)
    for field in WalkOptions.model_fields.values():
        assert field.description
