"""Census tables by district, from the file to the demand points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import ValidationError
from small_inputs import catalogue, write_raster, write_study

from siting.demand import DensityOptions, estimate, place, reconcile
from siting.errors import DataError
from siting.model.places import OUTSIDE
from siting.sources import SourceOptions, load

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.places import Zones
    from siting.model.raw import Raw

PHASES = (2020, 2025)


def read(folder: Path, demand: dict[str, Any], **changes: object) -> Raw:
    study = {**write_study(folder), "demand": demand, **changes}
    return load(SourceOptions.model_validate(study), root=None, base=folder, catalogue=catalogue())


def points(raw: Raw) -> Zones:
    placed, _ = reconcile(place(raw.cells, raw.districts), raw.districts, raw.census)
    return estimate(placed, raw.districts, PHASES, DensityOptions(), raw.census)[0]


def persons(zones: Zones, phase: int = 0) -> list[list[float]]:
    """Sums by district and age class."""
    return [zones.persons[zones.district == place, :, phase].sum(axis=0).tolist() for place in (0, 1)]


def write(folder: Path, text: str, name: str = "census.csv") -> dict[str, Any]:
    (folder / name).write_text(text, encoding="utf-8")
    return {"file": name}


def refused(folder: Path, demand: dict[str, Any], **changes: object) -> str:
    with pytest.raises(DataError) as caught:
        read(folder, demand, **changes)
    assert all(problem.where and problem.what and problem.mend for problem in caught.value.problems)
    return str(caught.value)


def test_cells_are_raked_to_the_census(tmp_path: Path) -> None:
    controls = write(tmp_path, "id,60+,80+\na,110,10\nb,84,\n")
    raw = read(tmp_path, {"controls": controls})
    zones = points(raw)
    assert np.sum(persons(zones), axis=1) == pytest.approx([110, 84], rel=1e-9)
    assert persons(zones)[0][1] == pytest.approx(10, rel=1e-9)
    assert raw.provenance[-1].role == "demand.controls"
    _, raking = reconcile(place(raw.cells, raw.districts), raw.districts, raw.census)
    assert raking is not None
    assert [(line.district, line.group, line.before, line.control) for line in raking.lines] == [
        (0, "60+", 11, 110), (1, "60+", 20.5, 84), (0, "80+", 1, 10)
    ]  # fmt: skip


def test_columns_can_have_any_name(tmp_path: Path) -> None:
    controls = write(tmp_path, "代码,老人\na,110\nb,84\n") | {"id": "代码", "columns": {"60+": "老人"}}
    assert np.sum(persons(points(read(tmp_path, {"controls": controls}))), axis=1) == pytest.approx([110, 84])


def test_all_persons_are_split_by_shares(tmp_path: Path) -> None:
    write_raster(tmp_path / "total.tif", [[5, 5, 10, 10], [5, 5, 10, 10]])
    total = {"files": "total.tif", "year": 2020}
    raw = read(tmp_path, {"elderly_share": {60: 0.2, 80: 0.1}}, population=total)
    assert persons(points(raw)) == [pytest.approx([4, 2]), pytest.approx([8, 4])]
    table = write(tmp_path, "id,old,oldest\nb,0.3,0.05\n*,0.2,0.1\n") | {"columns": {60: "old", 80: "oldest"}}
    raw = read(tmp_path, {"elderly_share": table}, population=total)
    assert persons(points(raw)) == [pytest.approx([4, 2]), pytest.approx([12, 2])]


def test_people_outside_get_the_share_of_all_districts_together(tmp_path: Path) -> None:
    write_raster(tmp_path / "total.tif", [[5, 5, 15, 15, 50], [5, 5, 15, 15, 50]])
    table = write(tmp_path, "id,old\na,0.1\nb,0.2\n") | {"columns": {60: "old"}}
    raw = read(tmp_path, {"elderly_share": table}, population={"files": "total.tif", "year": 2020})
    zones = points(raw)
    assert (
        zones.persons[zones.district == OUTSIDE, 0, 0].tolist() == [pytest.approx(50 * (20 * 0.1 + 60 * 0.2) / 80)] * 2
    )


def test_phases_follow_published_totals(tmp_path: Path) -> None:
    raw = read(tmp_path, {"totals": {2020: 100, 2030: 300}})
    zones = points(raw)
    inside = zones.district != OUTSIDE
    assert zones.persons[inside].sum(axis=(0, 1)) == pytest.approx([100, 200])
    first, second = (np.array(persons(zones, phase)) for phase in (0, 1))
    np.testing.assert_allclose(second, first * 2)  # inside the districts the cells' own pattern stands


def test_before_and_after_published_years_the_total_stands_still(tmp_path: Path) -> None:
    raw = read(tmp_path, {"totals": {2021: 100, 2023: 120}})
    zones, told = estimate(place(raw.cells, raw.districts), raw.districts, PHASES, DensityOptions(), raw.census)
    assert zones.persons[zones.district != OUTSIDE].sum(axis=(0, 1)) == pytest.approx([100, 120])
    assert told[0].en.startswith("Phases are scaled to published totals: 2020: 100 (× ")
    assert told[1].en == "Published totals are of 2021–2023; 2020, 2025 uses the nearest year's."


def test_districts_grow_at_their_own_rates(tmp_path: Path) -> None:
    table = write(tmp_path, "id,growth\na,0.1\n*,-0.02\n")
    raw = read(tmp_path, {"growth": table})
    zones, told = estimate(
        place(raw.cells, raw.districts), raw.districts, (2019, 2020, 2022), DensityOptions(), raw.census
    )
    now = np.array(persons(zones, 1))
    np.testing.assert_allclose(persons(zones, 2), now * [[1.1**2], [0.98**2]])
    np.testing.assert_allclose(persons(zones, 0), now / [[1.1], [0.98]])
    both = (now.sum(axis=1) @ [1.1**2, 0.98**2]) / now.sum()
    assert told[0].en.endswith(f", 2022: × {both:.3f}.")


def test_one_rate_for_all_and_totals_over_it(tmp_path: Path) -> None:
    zones = points(read(tmp_path, {"growth": 0.03}))
    assert zones.persons.sum(axis=(0, 1)) == pytest.approx([31.5, 31.5 * 1.03**5])
    zones = points(read(tmp_path, {"growth": 0.03, "totals": {2020: 10, 2025: 20}}))
    assert zones.persons.sum(axis=(0, 1)) == pytest.approx([10, 20])


def test_growth_needs_a_year_to_grow_from(tmp_path: Path) -> None:
    raw = read(tmp_path, {"growth": 0.03}, population={"files": "pop_{age}_{sex}.tif", "ages": [60, 80]})
    with pytest.raises(DataError, match="growth needs the year") as caught:
        points(raw)
    assert "population: {year: …}" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,growth\na,3\nb,0\n", "census.csv:2: growth '3' is no yearly growth → write a fraction"),
        ("id,growth\na,fast\nb,0\n", "census.csv:2: growth 'fast' is no yearly growth"),
        ("id,growth\na,0.1\n", "district 'b' (乙镇) has no growth → add its row, or a row *"),
        ("id,rate\na,0.1\n", "census.csv:1: has no column 'growth'"),
    ],
)
def test_bad_growth_is_told(tmp_path: Path, text: str, says: str) -> None:
    assert says in refused(tmp_path, {"growth": write(tmp_path, text)})


def test_cells_outside_are_left_alone_by_raking(tmp_path: Path) -> None:
    write_raster(tmp_path / "total.tif", [[5, 5, 15, 15, 50], [5, 5, 15, 15, 50]])
    controls = write(tmp_path, "id,60+\na,1\nb,1\n")
    population = {"files": "total.tif", "year": 2020, "ages": [60]}
    zones = points(read(tmp_path, {"controls": controls}, population=population))
    assert zones.persons[zones.district == OUTSIDE].sum(axis=(0, 1)).tolist() == [100, 100]


BAD = {
    "unknown district": (
        "id,60+\nz,1\n",
        {},
        "census.csv:2: there is no district 'z' → write one of the districts' ids",
    ),
    "district twice": ("id,60+\na,1\na,2\n", {}, "census.csv:3: district 'a' stands in census.csv:2 too"),
    "no id column": ("gid,60+\na,1\n", {}, "census.csv:1: has no column 'id'"),
    "no group": ("id,old\na,1\n", {}, "census.csv:1: no column is named as an age group (id, old)"),
    "column missing": ("id,60+\na,1\n", {"columns": {"80+": "x"}}, "census.csv:1: has no column 'x'"),
    "class split": (
        "id,60-69\na,1\n",
        {},
        "census.csv:1: age group '60-69' does not begin and end with the age classes",
    ),
    "class unknown": ("id,65+\na,1\n", {}, "(they begin at 60, 80)"),
    "not a number": ("id,60+\na,many\n", {}, "census.csv:2: 60+ 'many' is not a number"),
    "negative": ("id,60+\na,-4\n", {}, "census.csv:2: 60+ is -4"),
    "empty": ("id,60+\na,\n", {}, "census.csv:1: the table holds no number"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_census_is_told_with_place_and_mend(tmp_path: Path, name: str) -> None:
    text, keys, says = BAD[name]
    assert says in refused(tmp_path, {"controls": write(tmp_path, text) | keys})


def test_a_layer_is_no_census(tmp_path: Path) -> None:
    assert "districts.geojson: is a layer" in refused(tmp_path, {"controls": {"file": "districts.geojson"}})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,old\na,0.1\n", "district 'b' (乙镇) has no share of every age class → add its row, or a row *"),
        ("id,old\na,12\nb,0.1\n", "census.csv:2: old is 12, more than all persons → write a share between 0 and 1"),
    ],
)
def test_bad_shares_are_told(tmp_path: Path, text: str, says: str) -> None:
    write_raster(tmp_path / "total.tif", [[1, 1, 1, 1]])
    table = write(tmp_path, text) | {"columns": {60: "old"}}
    assert says in refused(tmp_path, {"elderly_share": table}, population={"files": "total.tif"})


def test_both_tables_are_checked_at_once(tmp_path: Path) -> None:
    write_raster(tmp_path / "total.tif", [[1, 1, 1, 1]])
    table = write(tmp_path, "id,old\na,12\n") | {"columns": {60: "old"}}
    controls = write(tmp_path, "id,60+\nz,1\n", "controls.csv")
    told = refused(tmp_path, {"elderly_share": table, "controls": controls}, population={"files": "total.tif"})
    assert "census.csv:2" in told
    assert "controls.csv:2" in told


@pytest.mark.parametrize(
    ("demand", "says"),
    [
        ({"elderly_share": {60: 0.9, 80: 0.2}}, "shares add up to 1.1"),
        ({"elderly_share": {60: 0.2}}, "population has age classes of its own"),
        ({"totals": {2020: 0}}, "greater than 0"),
        ({"controls": {"file": "c.csv", "columns": {"old": "x"}}}, "should match pattern"),
    ],
)
def test_options_that_cannot_be_are_refused(tmp_path: Path, demand: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        read(tmp_path, demand)
