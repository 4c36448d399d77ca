"""A whole run in which walking costs time: steps, crossings, slopes and ages, from the files to the run folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from rasterio.transform import Affine
from small_inputs import write_layer, write_raster
from town_files import NORTH, PERSONS, STEP, STUDY, TOTAL, WEST, streets, write_town

from siting import load_config, run
from siting.model.findings import Standing
from siting.present.collect import collect

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.plan import Study

OLD = 0.25
CELLS = Affine(STEP, 0, WEST, 0, -STEP, NORTH)


def study_with(folder: Path, walk: str, more: str = "") -> Study:
    """Run the audit of the town with a quarter of its people over 80, and every third street made of steps."""
    folder.mkdir()
    path = write_town(folder)
    for age, share in ((60, 1 - OLD), (80, OLD)):
        write_raster(folder / f"pop_{age}.tif", np.array(PERSONS) * share, transform=CELLS)
    around = Affine(STEP, 0, WEST - 2 * STEP, 0, -STEP, NORTH + 2 * STEP)
    write_raster(folder / "dem.tif", np.tile(np.arange(10) * 80.0, (10, 1)), transform=around)
    classes = ["steps" if index % 3 == 0 else "residential" for index in range(len(streets()))]
    write_layer(folder / "roads.geojson", streets(), highway=classes)
    text = STUDY.replace("files: pop.tif, ages: [60]", "files: 'pop_{age}.tif', ages: [60, 80]")
    path.write_text(f"{text}walk: {walk}\n{more}", encoding="utf-8")
    return run(load_config(path), plan=False)


def covered(study: Study) -> dict[str, float]:
    return {line.clause: line.covered for line in study.before.ledger if line.phase == 2025}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return study_with(tmp_path_factory.mktemp("town") / "plain", "{speed_m_per_s: 0.9}")


@pytest.mark.parametrize(
    ("walk", "more"),
    [
        ("{speed_m_per_s: 0.9, steps_speed_factor: 0.3}", ""),
        ("{speed_m_per_s: 0.9, slope: tobler}", "elevation: {file: dem.tif}\n"),
        ("{speed_m_per_s: 0.9, crossing_s: 120, crossing_classes: [residential]}", ""),
        ("{speed_m_per_s: 0.9, speed_by_age: {80: 0.5}}", ""),
        ("{speed_m_per_s: 0.9, speed_by_age: {80: 0.5}, steps_speed_factor: 0.5, crossing_s: 30}", ""),
    ],
)
def test_what_costs_time_costs_minutes_and_no_metres(tmp_path: Path, plain: Study, walk: str, more: str) -> None:
    slow = study_with(tmp_path / "slow", walk, more)
    before, after = covered(plain), covered(slow)
    in_metres = {rule.clause.id for rule in slow.config.rules if getattr(rule.parameters, "metres", None)}
    assert in_metres
    assert set(after) - in_metres
    assert all(after[clause] == before[clause] for clause in in_metres)
    assert all(after[clause] <= before[clause] + 1e-9 for clause in after)
    assert any(after[clause] < before[clause] - 1 for clause in set(after) - in_metres)
    for line in slow.before.ledger:
        assert line.demand + line.not_concerned + line.outside_districts == pytest.approx(TOTAL)
    for (clause, phase), codes in slow.before.standing.items():
        of_zone = slow.problem.zones.persons[:, :, phase].sum(axis=1)
        whole = of_zone[codes == Standing.COVERED].sum()
        line = next(x for x in slow.before.ledger if x.clause == clause and x.phase == slow.problem.phases[phase])
        assert whole <= line.covered + 1e-6


def test_what_costs_time_is_printed_with_the_parameters(tmp_path: Path, plain: Study) -> None:
    slow = study_with(tmp_path / "slow", "{speed_by_age: {80: 0.7, 60: 0.9}, steps_speed_factor: 0.5}")
    told = {row["key"]: row["value"] for row in collect(slow).run["parameters"]}
    assert (told["walk.speed_by_age"], told["walk.steps_speed_factor"]) == ("60+: 0.9, 80+: 0.7", 0.5)
    assert "walk.crossing_s" not in told
    assert not any(row["key"] == "walk.slope" for row in collect(plain).run["parameters"])
