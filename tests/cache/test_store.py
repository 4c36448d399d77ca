"""The folder of finished stages: found again, made again when damaged, bounded, and shared by processes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from siting.cache import NO_CACHE, Cache, code_version
from siting.cache import store as storage

if TYPE_CHECKING:
    from pathlib import Path

CALLS: list[float] = []


def doubled(values: np.ndarray, by: float = 2.0) -> dict[str, np.ndarray]:
    CALLS.append(by)
    return {"doubled": values * by}


@pytest.fixture(autouse=True)
def forgotten() -> None:
    CALLS.clear()


def only_file(cache: Cache) -> Path:
    (entry,) = cache.entries()
    return entry.path


def test_a_stage_is_made_once_for_equal_arguments(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    first = cache.call("x", doubled, np.arange(3.0))
    again = Cache(tmp_path).call("x", doubled, np.arange(3.0))
    np.testing.assert_array_equal(first["doubled"], again["doubled"])
    assert CALLS == [2.0]
    cache.call("x", doubled, np.arange(3.0), by=3.0)
    cache.call("x", doubled, np.arange(3))
    assert CALLS == [2.0, 3.0, 2.0], "another value and another type are other arguments"
    assert len(cache.entries()) == 3


def test_no_cache_keeps_nothing() -> None:
    for _ in range(2):
        NO_CACHE.call("x", doubled, np.arange(3.0))
    assert CALLS == [2.0, 2.0]
    assert NO_CACHE.entries() == []


@pytest.mark.parametrize("spoil", [lambda b: b[: len(b) // 2], lambda _: b"", lambda b: b[:200] + b"\xff" + b[201:]])
def test_a_damaged_entry_is_told_and_made_again(tmp_path: Path, spoil: object) -> None:
    told: list[str] = []
    cache = Cache(tmp_path, told.append)
    cache.call("x", doubled, np.arange(100.0))
    path = only_file(cache)
    path.write_bytes(spoil(path.read_bytes()))  # type: ignore[operator]
    back = cache.call("x", doubled, np.arange(100.0))
    np.testing.assert_array_equal(back["doubled"], np.arange(100.0) * 2)
    assert len(CALLS) == 2
    assert [str(path) in line and "damaged" in line for line in told] == [True]
    cache.call("x", doubled, np.arange(100.0))
    assert len(CALLS) == 2, "it is whole again"


def test_any_flipped_bit_of_the_contents_is_noticed(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.call("x", doubled, np.arange(40.0))
    path = only_file(cache)
    whole = path.read_bytes()
    for place in range(0, len(whole), 37):
        spoiled = bytearray(whole)
        spoiled[place] ^= 0x10
        path.write_bytes(bytes(spoiled))
        found, value = cache.find("x", path.stem)
        assert not found or (value["doubled"] == np.arange(40.0) * 2).all(), f"byte {place}"
        path.write_bytes(whole)


def test_another_version_of_the_code_finds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Cache(tmp_path).call("x", doubled, np.arange(3.0))
    monkeypatch.setattr(storage, "code_version", lambda **_: "another")
    Cache(tmp_path).call("x", doubled, np.arange(3.0))
    assert len(CALLS) == 2
    assert len(code_version()) == 64


def test_the_least_used_entries_go_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit_bytes=10**9)
    for by in (1.0, 2.0, 3.0):
        cache.call("x", doubled, np.arange(1000.0), by)
    for age, entry in enumerate(reversed(cache.entries())):
        os.utime(entry.path, (1000.0 + age, 1000.0 + age))
    oldest = cache.entries()[-1].path
    cache.find("x", oldest.stem)
    size = cache.entries()[0].size_bytes
    assert cache.trim(2 * size) == 1
    assert oldest in {entry.path for entry in cache.entries()}, "it was used a moment ago"
    Cache(tmp_path, limit_bytes=2 * size).call("x", doubled, np.arange(1000.0), 9.0)
    assert len(cache.entries()) == 2


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    told: list[str] = []
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")
    assert Cache(blocked / "cache", told.append).call("x", doubled, np.arange(2.0))["doubled"].tolist() == [0, 2]
    assert len(told) == 1
    assert "nothing can be kept" in told[0]


def test_nothing_half_written_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(storage.np, "savez", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Cache(tmp_path).call("x", doubled, np.arange(2.0))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_environment_names_folder_and_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SITING_CACHE", str(tmp_path / "kept"))
    assert Cache.usual_folder() == tmp_path / "kept"
    monkeypatch.delenv("SITING_CACHE")
    assert Cache.usual_folder().name == "stages"
    monkeypatch.setenv("SITING_CACHE_LIMIT_GB", "0.000001")
    cache = Cache(tmp_path)
    cache.call("x", doubled, np.arange(1000.0))
    assert cache.entries() == []


_PROCESS = """
import sys
import numpy as np
from pathlib import Path
from siting.cache import Cache
told = []
cache = Cache(Path(sys.argv[1]), told.append)
for round in range(40):
    for key in ("a", "b", "c"):
        found, value = cache.find("x", key)
        assert not found or value["held"].sum() == 4999950000.0
        cache.keep("x", key, {"held": np.arange(100_000.0)})
    if round % 10 == 9:
        cache.trim(0)
assert not told, told
"""


def test_processes_share_a_folder(tmp_path: Path) -> None:
    running = [subprocess.Popen([sys.executable, "-c", _PROCESS, str(tmp_path)]) for _ in range(3)]  # noqa: S603 - ours
    assert [process.wait(120) for process in running] == [0, 0, 0]
    assert [path.name for path in tmp_path.rglob(".*.part")] == []
