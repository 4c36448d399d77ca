"""Candidates that are parcels of land: outlines, plots, plot ratios and premises with a cost of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from shapely import MultiPolygon, Point, Polygon, box
from small_inputs import write_layer
from small_registers import candidates, register

from siting.errors import DataError
from siting.sources.options import CandidatesFile

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.sites import Sites
    from siting.sources.listed import Register

PLOT = box(120.71, 30.51, 120.711, 30.511)
AREA_M2 = 95.98 * 110.85
"""A thousandth of a degree each way at 30.51° N, on the plane."""
L = Polygon([(120.72, 30.51), (120.73, 30.51), (120.73, 30.511), (120.721, 30.511), (120.721, 30.52), (120.72, 30.52)])


def parcels(folder: Path, geometry: list[object], **columns: object) -> tuple[Register, Sites]:
    write_layer(folder / "plots.gpkg", geometry, **columns)  # type: ignore[arg-type]
    desk = register(folder)
    options = CandidatesFile.model_validate({"file": "plots.gpkg", "tenure": "new_build", "kinds": ["home"]})
    return desk, desk.candidates((options,))


def test_a_parcel_has_an_outline_and_a_place_inside_it(tmp_path: Path) -> None:
    desk, sites = parcels(tmp_path, [PLOT, MultiPolygon([L]), Point(120.705, 30.505)], id=["P1", "P2", "C3"])
    assert set(desk.parcels) == {"P1", "P2"}
    assert desk.parcels["P1"].area == pytest.approx(AREA_M2, rel=0.002)
    places = zip(("P1", "P2"), sites.x_m, sites.y_m, strict=False)
    inside = [desk.parcels[name].contains(Point(x, y)) for name, x, y in places]
    assert inside == [True, True]


def test_its_floor_is_its_area_times_its_plot_ratio(tmp_path: Path) -> None:
    """As drawn, as stated, unknown without a ratio; and a floor that the table states stands."""
    _, sites = parcels(
        tmp_path,
        [PLOT] * 4,
        容积率=[1.5, 1.5, None, 1.5],
        用地面积=[None, 8_000, 8_000, None],
        建筑面积=[None, None, None, 700],
    )
    assert sites.floor_area_m2[0] == pytest.approx(1.5 * AREA_M2, rel=0.002)
    assert sites.floor_area_m2[1] == 12_000
    assert np.isnan(sites.floor_area_m2[2])
    assert sites.floor_area_m2[3] == 700


def test_a_parcel_that_crosses_itself_is_mended_and_one_without_area_is_told(tmp_path: Path) -> None:
    bow = Polygon([(120.71, 30.51), (120.712, 30.512), (120.712, 30.51), (120.71, 30.512)])
    desk, _ = parcels(tmp_path, [bow], id=["P1"])
    assert desk.parcels["P1"].is_valid
    line = Polygon([(120.71, 30.51), (120.712, 30.512), (120.711, 30.511)])
    with pytest.raises(DataError, match=r"plots\.gpkg record 2: the parcel encloses nothing → draw its polygon again"):
        parcels(tmp_path, [PLOT, line], id=["P1", "P2"])


HEAD = "lon,lat,tenure,kinds,"


@pytest.mark.parametrize(
    ("header", "cell", "yuan"),
    [
        ("造价", "1200000", 1.2e6),
        ("投资估算（万元）", "120", 1.2e6),
        ("改造费用", "120万元", 1.2e6),
        ("改造费用(万元)", "120万", 1.2e6),
        ("总投资（元）", '"1,200,000"', 1.2e6),
        ("cost", "", None),
    ],
)
def test_costs_are_read_in_yuan_and_in_ten_thousands(
    tmp_path: Path, header: str, cell: str, yuan: float | None
) -> None:
    sites = candidates(tmp_path, f"{HEAD}{header}\n120.71,30.51,idle,home,{cell}\n")
    assert sites.attribute("own_cost") == (yuan,)


def test_a_cost_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r":2: own_cost '面议' \(column '造价'\) cannot be read → write yuan"):
        candidates(tmp_path, f"{HEAD}造价\n120.71,30.51,idle,home,面议\n")
