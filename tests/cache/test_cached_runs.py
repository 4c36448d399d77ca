"""A run from the cache is the run without it, byte for byte, and makes anew what a change touches and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from town_files import write_town

from siting.cache import NO_CACHE, Cache, digest
from siting.cli import DONE, main
from siting.config import load_config
from siting.groundwork import prepare
from siting.sources import shipped, unchanged

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_town(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="module")
def warm(town: Path) -> Path:
    """A cache that one whole plan was made with."""
    folder = town.parent / "kept"
    assert main(["plan", str(town), "-q", "-o", str(town.parent / "cold"), "--cache", str(folder)]) == DONE
    return folder


def written(run: Path) -> dict[str, object]:
    told = json.loads(run.joinpath("run.json").read_text(encoding="utf-8"))
    told.pop("timings")
    tables = {path.name: path.read_bytes() for path in run.glob("*.csv")}
    return tables | {
        "run.json": json.dumps(told, ensure_ascii=False),
        "cells": run.joinpath("cells.parquet").read_bytes(),
    }


def made(cache: Path, before: set[Path]) -> set[str]:
    return {entry.stage for entry in Cache(cache).entries() if entry.path not in before}


def there(cache: Path) -> set[Path]:
    return {entry.path for entry in Cache(cache).entries()}


def test_a_cached_run_is_the_same_to_the_byte(town: Path, warm: Path) -> None:
    before = there(warm)
    assert main(["plan", str(town), "-q", "-o", str(town.parent / "again"), "--cache", str(warm)]) == DONE
    assert made(warm, before) == set(), "everything was there"
    assert main(["plan", str(town), "-q", "-o", str(town.parent / "without"), "--no-cache"]) == DONE
    assert there(warm) == before
    without = written(town.parent / "without")
    assert {"findings.csv", "ledger.csv", "districts.csv", "plan.csv", "by_district.csv"} <= without.keys()
    assert written(town.parent / "cold") == without
    assert written(town.parent / "again") == without


def grounds(town: Path, cache: Cache, *changes: str) -> str:
    """Digest of everything that is known before planning."""
    known = prepare(load_config(town, changes=changes), cache=cache)
    raw, problem = known.raw, known.problem
    told = (raw.provenance, raw.roads, raw.facilities, raw.candidates, known.warnings, known.density_shifts)
    return digest((told, problem.zones, problem.sites, problem.options, problem.access, problem.between))


@pytest.mark.parametrize(
    ("change", "stages"),
    [
        ("rules.HN-05.share=0.8", set()),
        ("solver.gap=0.01", set()),
        ("rules.HN-03.beds=300", set()),
        ("rules.HN-05.metres=400", {"margin"}),  # other clauses still reach farthest
        ("walk.speed_m_per_s=1.2", {"ways", "margin"}),
        ("walk.max_connector_m=400", {"candidates", "on_road", "snaps", "between"}),
        ("density.radius_m=400", {"demand", "candidates", "density", "margin"}),
        ("rules.HN-05.density_above=2900", {"density", "margin"}),
        ("population.year=2024", {"inputs", "read", "demand"}),
    ],
)
def test_a_change_makes_anew_what_depends_on_it(town: Path, warm: Path, change: str, stages: set[str]) -> None:
    before = there(warm)
    with_cache = grounds(town, Cache(warm), change)
    fresh = made(warm, before)
    assert stages <= fresh
    assert fresh - stages <= {"margin"}, "it is told for each clause, and cheap"
    assert with_cache == grounds(town, NO_CACHE, change)


def test_a_change_of_prices_touches_no_stage(town: Path, warm: Path) -> None:
    text = shipped("configs/catalogue.yaml").read_text(encoding="utf-8")
    assert "fit_out_cost:" in text
    dear = town.parent / "dear.yaml"
    dear.write_text(text.replace("fit_out_cost: ", "fit_out_cost: 1"), encoding="utf-8")
    before = there(warm)
    assert grounds(town, Cache(warm)) != grounds(town, Cache(warm), "catalogue=dear.yaml")
    assert made(warm, before) == set()


def test_a_changed_file_is_read_again_and_its_old_bytes_are_known_again(town: Path, warm: Path) -> None:
    idle = town.parent / "idle.csv"
    text = idle.read_text(encoding="utf-8")
    before = there(warm)
    old = grounds(town, Cache(warm))
    assert made(warm, before) == set()
    idle.write_text(text.replace("旧小学", "新小学"), encoding="utf-8")
    assert grounds(town, Cache(warm)) == grounds(town, NO_CACHE) != old
    assert made(warm, before) >= {"read"}
    idle.write_text(text, encoding="utf-8")
    later = there(warm)
    assert grounds(town, Cache(warm)) == old
    assert made(warm, later) == set(), "what was read of the old bytes is still there"


def test_a_file_that_comes_to_stand_beside_an_input_is_noticed(town: Path, warm: Path) -> None:
    known = prepare(load_config(town), cache=Cache(warm)).raw
    assert unchanged(known.provenance, None, town.parent)
    beside = town.parent / "pop.tfw"
    beside.write_text("0.0025\n0\n0\n-0.0025\n120.70125\n30.51375\n", encoding="utf-8")
    try:
        assert not unchanged(known.provenance, None, town.parent), "a world file says where a raster lies"
    finally:
        beside.unlink()
    table = replace(known.provenance[0], path="host/database schema.table")
    assert not unchanged([table], None, town.parent), "a database cannot be known to be unchanged"


def test_every_damaged_entry_is_made_again_with_a_warning(
    town: Path, warm: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for entry in Cache(warm).entries():
        entry.path.write_bytes(entry.path.read_bytes()[:-20])
    assert main(["plan", str(town), "-q", "-o", str(town.parent / "mended"), "--cache", str(warm)]) == DONE
    assert "damaged and made again" in capsys.readouterr().err
    assert written(town.parent / "mended") == written(town.parent / "cold")


def test_the_cache_is_listed_and_cleared(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = town.parent / "another"
    assert main(["check", str(town), "-q", "--cache", str(folder)]) == DONE
    capsys.readouterr()
    assert main(["cache", "--cache", str(folder)]) == DONE
    told = capsys.readouterr().out
    assert "read" in told
    assert "demand" in told
    assert main(["cache", "--cache", str(folder), "--clear"]) == DONE
    assert list(folder.rglob("*.npz")) == []
    assert main(["cache", "--cache", str(town)]) == 2
    assert "not a folder" in capsys.readouterr().err
