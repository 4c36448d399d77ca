"""Communities, declared numbers, ways by vehicle and between facilities, from a study's files to its problem."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from made_rules import SAME, AtMost
from shapely import Point
from small_inputs import write_layer
from town_files import STUDY, place, streets, write_town

from siting import access, load_config, run
from siting.errors import ConfigError, DataError
from siting.model.access import DRIVE_M_PER_S, RoadState
from siting.model.problem import Reach

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from siting.config import Config
    from siting.model.findings import Finding
    from siting.model.plan import Study
    from siting.model.problem import Travel
    from siting.model.text import Text

SEATS = [("K1", "东村", "村", "", 4, 4), ("K2", "西社区", "社区", "是", 1, 2), ("K3", "外村", "村", "否", 9, 4)]


class Far(AtMost):
    """A made clause that wants ways between facilities and to homes by vehicle."""

    __slots__ = ()

    def between(self) -> Mapping[Travel, float]:
        return {"walk": 900.0, "drive": 5 * 60 * DRIVE_M_PER_S}

    def reach(self, walk_speed_m_per_s: float) -> Reach:  # noqa: ARG002
        return Reach.by_vehicle(self.kinds(), 1.0)

    def sentence(self, finding: Finding, subject: Text) -> Text:  # noqa: ARG002
        return SAME


def town(folder: Path, extra: str = "", seats: list[tuple[str, str, str, str, float, float]] | None = None) -> Config:
    """The town with a table of committee seats and two declared numbers."""
    path = write_town(folder)
    rows = ["编号,名称,类型,认知症友好社区,lon,lat"]
    rows += [",".join((*map(str, row[:4]), *map(str, place(*row[4:])))) for row in SEATS if seats is None]
    rows += [",".join((*map(str, row[:4]), *map(str, place(*row[4:])))) for row in seats or ()]
    (folder / "seats.csv").write_text("\n".join(rows), encoding="utf-8")
    keys = "communities: {file: seats.csv}\nfacts:\n  users: {value: 25000, source: 平台年报}\n"
    keys += "  grant: {by_year: {2021: 3.0e6, 2025: 5.0e6}}\n  plain: 7\n"
    path.write_text(STUDY + keys + extra, encoding="utf-8")
    return load_config(path)


def audited(config: Config, *rules: AtMost) -> Study:
    return run(replace(config, rules=(*config.rules, *rules)), plan=False)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return audited(town(tmp_path_factory.mktemp("town")), Far.of("town_centre", 9))


def test_seats_are_zones_where_nobody_lives(study: Study) -> None:
    zones, seats = study.problem.zones, study.problem.communities
    assert seats.id == ("K1", "K2", "K3")
    assert seats.name == ("东村", "西社区", "外村")
    assert seats.kind == ("村", "社区", "村")
    assert seats.tags == (frozenset(), frozenset({"dementia_friendly"}), frozenset())
    assert seats.district.tolist() == [1, 0, -1]
    assert zones.community[-3:].tolist() == [0, 1, 2]
    assert zones.persons[-3:].sum() == 0
    assert zones.is_cell.sum() == len(zones) - 3


def test_seats_change_no_figure_of_the_people(study: Study, tmp_path: Path) -> None:
    alone = audited(load_config(write_town(tmp_path)))
    assert [line for line in study.before.ledger if line.clause in {"HN-05", "PY-01"}] == [
        line for line in alone.before.ledger if line.clause in {"HN-05", "PY-01"}
    ]
    cells, seats = len(alone.problem.zones), len(study.problem.communities)
    named = [number if number < cells else number - seats for number in study.worst_snaps]  # sites come after zones
    assert named == list(alone.worst_snaps)


def test_declared_numbers_go_by_year(study: Study) -> None:
    problem = study.problem
    assert problem.phases == (2023, 2025)
    assert [problem.fact("grant", phase) for phase in (0, 1)] == [3e6, 5e6]
    assert [problem.fact(name, 0) for name in ("users", "plain", "nobody")] == [25_000, 7, None]
    assert problem.facts["users"].source == "平台年报"


def test_ways_between_facilities_are_walked_and_driven(study: Study) -> None:
    """From F1 (2.2, 2.1) to F2 (2.1, 3.3): two connectors of a tenth of a cell, 0.2 columns, and 1.3 rows of 277 m."""
    problem = study.problem
    one, other = (problem.sites.id.index(name) for name in ("F1", "F2"))
    walked = problem.between["walk"]
    assert walked[one, other] == pytest.approx(walked[other, one])
    assert walked[one, other] == pytest.approx(28 + 24 + 0.2 * 240 + 1.3 * 277, abs=2)
    assert walked.data.max() <= 900.001
    own = problem.near("walk", 0.0)
    assert (own.diagonal() == 1).all()
    assert own.nnz == len(problem.sites)
    assert problem.near("drive", 2 * 60 * DRIVE_M_PER_S)[one, other] == 1
    assert problem.near("drive", 30 * DRIVE_M_PER_S)[one, other] == 0


def test_ways_by_vehicle_are_measured_as_far_as_a_clause_asks(study: Study) -> None:
    assert study.problem.drive is not None
    metres = study.problem.drive.metres
    assert metres.shape == (len(study.problem.zones), len(study.problem.sites))
    assert 0 < metres.data.max() <= 60 * DRIVE_M_PER_S + 0.001


def test_only_sites_that_a_clause_can_mean_are_driven_from(study: Study) -> None:
    """A home is no centre and never becomes one; where a site can be meant its ways are those of a table of all."""
    problem = study.problem
    assert problem.drive is not None
    sites, homes = problem.sites, np.column_stack([problem.zones.x_m, problem.zones.y_m])
    limit = 60 * DRIVE_M_PER_S
    every = access.measure_driving(
        study.raw.roads, homes, np.column_stack([sites.x_m, sites.y_m]), minutes=1, max_connector_m=500, from_sites=True
    )
    can = np.array(["town_centre" in {sites.kind[s], *sites.kinds_allowed[s]} for s in range(len(sites))])
    assert can.any()
    assert not can.all()
    whole, had = every.metres.toarray(), problem.drive.metres.toarray()
    assert (whole[:, ~can] > 0).any()
    assert not had[:, ~can].any()
    np.testing.assert_allclose(had[:, can], np.where(whole[:, can] <= limit + 1e-6, whole[:, can], 0.0))


def test_nothing_is_measured_that_no_clause_asks_for(tmp_path: Path) -> None:
    config = town(tmp_path)
    on_foot = tuple(rule for rule in config.rules if rule.clause.id in {"HN-03", "HN-05", "PY-01"})
    assert len(on_foot) == 3
    problem = audited(replace(config, rules=on_foot)).problem
    assert problem.drive is None
    assert not problem.between
    assert problem.catalogue.roles == load_config(tmp_path / "study.yaml").catalogue.roles
    assert problem.catalogue.kinds


def test_every_problem_of_the_seats_is_told(tmp_path: Path) -> None:
    rows = [("K1", "a", "", "", 1.0, 1.0), ("K1", "b", "", "也许", 2.0, 1.0), ("", "c", "", "", 3.0, 1.0)]
    config = town(tmp_path, seats=rows)
    with pytest.raises(DataError) as caught:
        run(config, plan=False)
    told = str(caught.value)
    assert "seats.csv:3" in told
    assert "the id 'K1' stands in seats.csv:2 too" in told
    assert "dementia_friendly '也许'" in told
    assert "seats.csv:4" in told
    assert "the id is empty" in told


def test_a_declared_number_has_one_form(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        town(tmp_path, "  both: {value: 1, by_year: {2021: 2}}\n  none: {source: x}\n")
    told = str(caught.value)
    assert told.count("give either `value` or `by_year`") == 2
    assert "facts.both" in told


def test_districts_say_which_are_urban_and_of_which_circle(tmp_path: Path) -> None:
    path = write_town(tmp_path)
    text = STUDY.replace("unit: unit}", "unit: unit, urban: name_en, circle: unit}")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        run(load_config(path), plan=False)
    assert "urban (column 'name_en') is 'West'" in str(caught.value)
    table = (tmp_path / "districts.geojson").read_text(encoding="utf-8")
    table = table.replace('"West"', '"是"').replace('"East"', '""')
    (tmp_path / "districts.geojson").write_text(table, encoding="utf-8")
    found = run(load_config(path), plan=False).problem.districts
    assert found.urban == (True, None)
    assert found.circles == ("一", "二")
    assert np.array_equal(found.circle_index(), [0, 1])


def moated(folder: Path, cell: tuple[float, float], near: float, far: float) -> Study:
    """The town's study with a moat, a ring of degrees, around a place."""
    config = town(folder, "water: {file: moat.geojson}\n")
    middle = Point(*place(*cell))
    write_layer(folder / "moat.geojson", [middle.buffer(far).difference(middle.buffer(near))], name=["城河"])
    return audited(config)


def test_a_site_that_water_cuts_off_has_no_road_and_is_named(tmp_path: Path) -> None:
    study = moated(tmp_path, (0.2, 0.3), 0.0002, 0.0003)
    state = dict(zip(study.problem.sites.id, study.problem.access.sites.state.tolist(), strict=True))
    assert state["S8"] == RoadState.NO_ROAD
    assert state["S9"] == RoadState.ON_ROAD
    (told,) = [warning for warning in study.warnings if "a wall or water between" in warning.en]
    assert told.en.startswith("0 cells (0 older persons) and 1 facilities or candidates")
    assert "1 of the facilities or candidates have none" in told.en
    assert told.en.endswith("S8.")
    assert "1处设施或候选点" in told.zh


def test_the_persons_whom_water_keeps_from_every_street_are_counted(tmp_path: Path) -> None:
    config = town(tmp_path, "water: {file: moat.geojson}\n")
    corner = place(0, 0)
    left = [street for street in streets() if corner not in street.coords]
    write_layer(tmp_path / "roads.geojson", left, highway=["residential"] * len(left))
    moat = Point(*corner).buffer(0.0003).difference(Point(*corner).buffer(0.0002))
    write_layer(tmp_path / "moat.geojson", [moat], name=["城河"])
    study = audited(config)
    (told,) = [warning for warning in study.warnings if "a wall or water between" in warning.en]
    assert told.en.startswith("1 cells (60 older persons) and 0 facilities or candidates")
    assert "1 of the cells (60 older persons)" in told.en
    assert "其中1个格网(60名老年人)" in told.zh
    no_road = study.problem.access.zones.state == RoadState.NO_ROAD
    assert study.problem.zones.persons[no_road].sum(axis=(0, 1))[-1] == pytest.approx(60)
