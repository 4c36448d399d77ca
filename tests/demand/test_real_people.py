"""Wuhan's people: districts and the outside line add up to the raster, and raked cells equal their census."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from siting.demand import DensityOptions, estimate, place, reconcile
from siting.model.catalogue import Catalogue
from siting.model.places import OUTSIDE
from siting.model.text import Text
from siting.sources import SourceOptions, load

if TYPE_CHECKING:
    from pathlib import Path

STUDY = {
    "crs": "EPSG:32650",
    "districts": {"file": "wuhan/districts.geojson", "id": "gb", "name": "name"},
    "roads": {"file": "wuhan/roads.parquet", "crs": "EPSG:32650"},
    "population": {
        "files": "wuhan/pop_{age}_{sex}_wuhan.tif",
        "ages": [60, 65, 70, 75, 80],
        "sexes": ["f", "m"],
        "year": 2020,
    },
}
TOTAL = 1_942_653


@pytest.mark.real_data
def test_wuhan_adds_up_and_meets_its_census(shared: Path, tmp_path: Path) -> None:
    """The census is made up: each district's own sums, moved by up to a third and rounded to persons."""
    nothing = Catalogue({}, {}, Text("", ""))
    raw = load(SourceOptions.model_validate(STUDY), root=shared, base=shared, catalogue=nothing)
    zones, _ = estimate(place(raw.cells, raw.districts, raw.crs), raw.districts, (2020,), DensityOptions(radius_m=100))
    inside = zones.district != OUTSIDE
    persons = zones.persons[:, :, 0]
    outside = persons[~inside].sum()
    held = np.column_stack([np.bincount(zones.district[inside], column) for column in persons[inside].T])
    assert held.sum() + outside == pytest.approx(TOTAL, abs=1)
    assert len(zones) > len(raw.cells.row) + 4_000  # cells that boundaries cut are shared

    chance = np.random.default_rng(9)
    goal = np.round(held * chance.uniform(2 / 3, 4 / 3, held.shape))
    rows = [
        f"{identity},{int(row.sum())},{int(row[4])},{int(row[2:].sum())}"
        for identity, row in zip(raw.districts.id, goal, strict=True)
    ]
    census = tmp_path / "census.csv"
    census.write_text("gb,60+,80+,70+\n" + "\n".join(rows), encoding="utf-8")
    demand = {"controls": {"file": str(census), "id": "gb"}}
    raked = load(SourceOptions.model_validate({**STUDY, "demand": demand}), root=shared, base=shared, catalogue=nothing)
    placed, raking = reconcile(place(raked.cells, raked.districts, raked.crs), raked.districts, raked.census)
    assert raking is not None
    assert len(raking.lines) == 3 * len(raked.districts)
    fitted = np.column_stack(
        [np.bincount(zones.district[inside], column) for column in placed.cells.persons[inside, :, 0].T]
    )
    for first in (0, 4, 2):
        np.testing.assert_allclose(fitted[:, first:].sum(axis=1), goal[:, first:].sum(axis=1), rtol=1e-6)
    assert placed.cells.persons[~inside].sum() == pytest.approx(outside, rel=1e-12)
