"""What is gathered from a finished plan beside its verdicts: years, districts, hot spots, links; it all reconciles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from town_files import write_town

from siting import load_config, run
from siting.model.places import Grid
from siting.present.collect import collect
from siting.present.links import links
from siting.present.phases import PARTS
from siting.present.results import Results
from siting.present.spots import Field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siting.model.plan import Study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return run(load_config(write_town(tmp_path_factory.mktemp("town"))))


@pytest.fixture(scope="module")
def town(study: Study) -> Results:
    return collect(study)


def test_persons_of_districts_are_those_of_the_ledger(town: Results) -> None:
    assert set(town.ledger["moment"]) == {"before", "after"}
    for line in town.ledger.itertuples():
        here = town.by_district[(town.by_district["rule"] == line.rule) & (town.by_district["phase"] == line.phase)]
        assert len(here) == 2
        for part in PARTS:
            assert here[f"{part}_{line.moment}"].sum() == pytest.approx(getattr(line, part), abs=1e-5), part


def test_districts_show_their_last_phase(town: Results) -> None:
    last = town.by_district[town.by_district["phase"] == 2025]
    shown = town.districts.set_index("id")
    for line in last.itertuples():
        for name in ("before", "after", "required", "status"):
            assert str(shown.loc[line.district, f"{line.rule}_{name}"]) == str(getattr(line, name))
    assert set(last["rule"]) >= {"HN-01", "HN-03", "PY-01"}


def test_years_add_up_to_the_totals(town: Results) -> None:
    totals = town.run["totals"]
    early, late = totals["by_phase"]
    assert (early["phase"], late["phase"]) == (2023, 2025)
    assert late["beds"] == totals["beds_after"] == town.sites["beds_2025"].sum()
    assert late["cost"] == pytest.approx(totals["cost"])
    assert early["cost"] == pytest.approx(totals["cost_by_phase"][0])
    assert late["persons"] == totals["persons"]["2025"]
    for word in ("new", "expanded", "converted", "closed"):
        assert early[f"sites_{word}"] <= late[f"sites_{word}"] == totals[f"sites_{word}"]
    assert late["facilities"] == (town.sites["action"] != "close").sum()
    assert early["beds"] == town.sites["beds_2023"].sum()
    assert (town.sites["beds_2025"] == town.sites["beds_after"]).all()


def test_cells_stand_in_every_year_as_the_audit_says(town: Results, study: Study) -> None:
    zones = study.problem.zones
    rules = [clause["id"] for clause in town.run["clauses"] if clause["coverage"]]
    assert len(rules) == 3
    for rule in rules:
        codes = study.after.standing[rule, 0]
        at = {(row, column): set() for row, column in zip(zones.row, zones.column, strict=True)}
        for row, column, code in zip(zones.row, zones.column, codes, strict=True):
            at[row, column].add(code)
        assert any(len(found) == 1 for found in at.values())
        for cell in town.cells.to_dict("records"):
            assert cell[f"2023_{rule}"] in at[cell["row"], cell["column"]]


def test_hot_spots_hold_no_more_than_is_left_out(town: Results) -> None:
    assert set(town.spots["stage"]) <= {"before", "2023", "after"}
    for (rule, stage), spots in town.spots.groupby(["rule", "stage"]):
        year = 2023 if stage == "2023" else 2025
        moment = "before" if stage == "before" else "after"
        line = town.ledger[
            (town.ledger["rule"] == rule) & (town.ledger["phase"] == year) & (town.ledger["moment"] == moment)
        ].iloc[0]
        assert spots["persons"].sum() <= line["demand"] - line["covered"] + 1
        assert list(spots["rank"]) == list(range(1, len(spots) + 1))
        assert spots["persons"].is_monotonic_decreasing
    assert set(town.spots["district"]) <= set(town.districts["id"])


class _Zones:
    """As much of zones as a field of persons needs."""

    def __init__(self, row: np.ndarray, column: np.ndarray, grid: Grid) -> None:
        self.row, self.column, self.grid = row, column, grid
        self.district = np.zeros(len(row), dtype=np.int64)
        self.is_cell = np.ones(len(row), dtype=np.bool_)

    def __len__(self) -> int:
        return len(self.row)


def _brute(x: np.ndarray, y: np.ndarray, persons: np.ndarray, radius: float) -> Iterator[tuple[int, float]]:
    near = np.hypot(x[:, None] - x, y[:, None] - y) <= radius
    for _ in range(10):
        around = near @ persons
        best = int(np.argmax(np.round(around, 6)))
        if around[best] < 0.5:
            return
        yield best, float(around[best])
        persons = np.where(near[best], 0.0, persons)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("radius", [50.0, 250.0, 710.0])
def test_spots_are_those_of_brute_force(seed: int, radius: float) -> None:
    rng = np.random.default_rng(seed)
    grid = Grid("EPSG:32651", 300_000.0, 3_400_000.0, 100.0, 100.0, 17, 13)
    row, column = np.divmod(np.sort(rng.choice(17 * 13, 120, replace=False)), 17)
    persons = np.round(rng.gamma(0.7, 20, len(row)), 3)
    field = Field(_Zones(row, column, grid), "EPSG:32651")
    found = list(field.spots(persons, radius))
    wanted = list(_brute(column * 100.0, row * 100.0, persons, radius))
    assert [zone for zone, _ in found] == [zone for zone, _ in wanted]
    assert [count for _, count in found] == pytest.approx([count for _, count in wanted])


def test_parts_of_a_cut_cell_count_together() -> None:
    grid = Grid("EPSG:32651", 300_000.0, 3_400_000.0, 100.0, 100.0, 3, 3)
    zones = _Zones(np.array([1, 1, 1, 0]), np.array([1, 1, 1, 0]), grid)
    zones.district = np.array([0, 1, -1, 0])
    assert list(Field(zones, "EPSG:32651").spots(np.array([5.0, 3.0, 0.0, 6.0]), 50.0)) == [(0, 8.0), (3, 6.0)]


def test_a_cell_of_a_geographic_grid_is_as_large_as_it_is() -> None:
    grid = Grid("EPSG:4326", 120.0, 31.0, 1 / 1200, 1 / 1200, 100, 100)
    field = Field(_Zones(np.array([0]), np.array([0]), grid), "EPSG:32651")
    assert field.cell_m == pytest.approx((92.4, 79.6), abs=0.5)


def _sites(*rows: tuple[str, str, str, str, float, float]) -> gpd.GeoDataFrame:
    table = pd.DataFrame(rows, columns=["site", "kind", "unit", "action", "x", "y"])
    return gpd.GeoDataFrame(table, geometry=shapely.points(table["x"], table["y"]), crs="EPSG:32651")


def test_links_lead_to_the_nearest_parent_of_the_unit() -> None:
    table = _sites(
        ("P1", "centre", "a", "keep", 0, 0),
        ("P2", "centre", "a", "open", 1000, 0),
        ("P3", "centre", "b", "open", 310, 0),
        ("P4", "centre", "a", "close", 300, 0),
        ("C1", "station", "a", "keep", 300, 0),
        ("C2", "station", "c", "open", 320, 0),
        ("C3", "station", "a", "close", 1, 0),
    )
    found = links(table, {"station": "centre", "centre": "hub", "kitchen": "centre"})
    assert [tuple(row) for row in found.drop(columns="geometry").to_numpy()] == [
        ("C1", "P1", "station", "centre", 300.0),
        ("C2", "P3", "station", "centre", 10.0),  # nobody of its own unit: the nearest of all
    ]
    assert found.geometry.length.tolist() == [300.0, 10.0]
    assert list(found.geometry.iloc[0].coords) == [(300.0, 0.0), (0.0, 0.0)]


def test_without_parents_there_are_no_links() -> None:
    found = links(_sites(("C1", "station", "a", "keep", 0, 0)), {})
    assert list(found.columns) == ["child", "parent", "kind", "parent_kind", "straight_m", "geometry"]
    assert found.empty


def test_the_folder_keeps_all_of_it(town: Results, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("kept")
    town.write(folder)
    again = Results.read(folder)
    pd.testing.assert_frame_equal(
        again.by_district.fillna({"status": ""}), town.by_district, check_dtype=False, check_exact=False
    )
    assert (
        again.spots.drop(columns="geometry").to_numpy().tolist()
        == town.spots.drop(columns="geometry").to_numpy().tolist()
    )
    assert again.links.empty == town.links.empty
    assert again.run["totals"]["by_phase"] == town.run["totals"]["by_phase"]


def test_folders_of_earlier_versions_are_read(town: Results, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("older")
    older = dict.fromkeys(("by_district", "spots", "links", "snaps"))
    Results(**{name: getattr(town, name) for name in Results.__slots__} | older).write(folder)
    again = Results.read(folder)
    assert again.by_district is again.spots is again.links is again.snaps is None
