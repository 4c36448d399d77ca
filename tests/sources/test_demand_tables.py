"""Cohorts, groups and needs as a study names them; and every way of naming them wrongly, with place and mending."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import ValidationError
from small_inputs import catalogue, write_raster, write_study

from siting.errors import DataError
from siting.sources import SourceOptions, load

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.raw import Raw

FIVES = {"files": "five_{age}_{sex}.tif", "ages": [65, 55, 60], "sexes": ["m", "f"], "year": 2020}
DISABLED = {"title": {"zh": "失能老人", "en": "disabled"}, "share": 0.1, "source": "a survey"}
NEEDS = {"home": 0.90, "community": 0.07, "institution": 0.03, "source": "9073"}


def read(folder: Path, demand: dict[str, Any], **changes: object) -> Raw:
    study = {**write_study(folder), "demand": demand, **changes}
    return load(SourceOptions.model_validate(study), root=None, base=folder, catalogue=catalogue())


def write_fives(folder: Path) -> None:
    for number, (age, sex) in enumerate((age, sex) for age in (55, 60, 65) for sex in "fm"):
        write_raster(folder / f"five_{age}_{sex}.tif", [[number + 1, 0, 1, 0], [0, 0, 0, 1]])


def problems(folder: Path, demand: dict[str, Any], **changes: object) -> list[str]:
    with pytest.raises(DataError) as told:
        read(folder, demand, **changes)
    return [str(problem) for problem in told.value.problems]


# cohorts


def test_sexes_stay_apart_where_survival_differs(tmp_path: Path) -> None:
    write_fives(tmp_path)
    survival = {55: {"f": 0.99, "m": 0.97}, 60: 0.95, 65: {"f": 0.6, "m": 0.5}}
    raw = read(tmp_path, {"cohorts": {"survival": survival, "source": "s"}}, population=FIVES)
    assert raw.cells.ages == (55, 55, 60, 60, 65, 65)
    assert raw.cells.persons[0, :, 0].tolist() == [1, 2, 3, 4, 5, 6]
    assert raw.census.cohorts is not None
    assert raw.census.cohorts.survival.tolist() == [0.99, 0.97, 0.95, 0.95, 0.6, 0.5]
    assert raw.census.cohorts.migration.tolist() == [0, 0]


def test_one_survival_for_both_sexes_adds_them_up(tmp_path: Path) -> None:
    write_fives(tmp_path)
    cohorts = {"survival": {55: 1, 60: 0.9, 65: 0.5}, "source": "s", "migration": 0.01}
    raw = read(tmp_path, {"cohorts": cohorts}, population=FIVES)
    assert raw.cells.ages == (55, 60, 65)
    assert raw.cells.persons[0, :, 0].tolist() == [3, 7, 11]
    assert raw.census.cohorts is not None
    assert raw.census.cohorts.migration.tolist() == [0.01, 0.01]


def test_survival_and_migration_from_tables(tmp_path: Path) -> None:
    write_fives(tmp_path)
    (tmp_path / "survival.csv").write_text("age,men,women\n55,0.97,0.99\n60,0.9,0.95\n65,0.5,0.6\n", encoding="utf-8")
    (tmp_path / "moves.csv").write_text("id,growth\na,-0.01\n*,0.02\n", encoding="utf-8")
    survival = {"file": "survival.csv", "columns": {"f": "women", "m": "men"}}
    cohorts = {"survival": survival, "migration": {"file": "moves.csv"}, "source": "s"}
    known = read(tmp_path, {"cohorts": cohorts}, population=FIVES).census.cohorts
    assert known is not None
    assert known.survival.tolist() == [0.99, 0.97, 0.95, 0.9, 0.6, 0.5]
    assert known.migration.tolist() == [-0.01, 0.02]


def test_every_fault_of_a_survival_table_is_told(tmp_path: Path) -> None:
    write_fives(tmp_path)
    (tmp_path / "survival.csv").write_text("age,survival\n55,97\n60,many\n65,-1\n", encoding="utf-8")
    cohorts = {"survival": {"file": "survival.csv"}, "source": "s"}
    told = problems(tmp_path, {"cohorts": cohorts}, population=FIVES)
    assert len(told) == 3
    assert any("survival.csv:2" in one and "more than all survive" in one and "0 to 1" in one for one in told)
    assert any("survival.csv:3" in one and "'many' is not a number" in one for one in told)
    assert any("survival.csv:4" in one and "0 or more" in one for one in told)


def test_classes_without_survival_and_tables_without_columns(tmp_path: Path) -> None:
    write_fives(tmp_path)
    (one,) = problems(tmp_path, {"cohorts": {"survival": {55: 1, 60: 1}, "source": "s"}}, population=FIVES)
    assert "demand.cohorts.survival" in one
    assert "no survival of the class that begins at 65" in one
    (tmp_path / "survival.csv").write_text("age,women\n55,1\n60,1\n65,1\n", encoding="utf-8")
    table = {"file": "survival.csv", "columns": {"f": "women", "m": "men"}}
    (one,) = problems(tmp_path, {"cohorts": {"survival": table, "source": "s"}}, population=FIVES)
    assert "demand.cohorts.survival.columns" in one
    assert "'men'" in one


@pytest.mark.parametrize(
    ("demand", "population", "message"),
    [
        ({"cohorts": {"survival": {60: 1, 80: 1}, "source": "s"}}, {}, "every five years a class"),
        ({"cohorts": {"survival": {55: 1}, "source": "s", "from_age": 62}}, FIVES, "set demand.cohorts.from_age"),
        ({"cohorts": {"survival": {55: 1}, "source": "s"}, "growth": 0.01}, FIVES, "both `cohorts` and `growth`"),
        ({"cohorts": {"survival": {55: 1}}}, FIVES, "source"),
        ({"cohorts": {"survival": {55: 1.2}, "source": "s"}}, FIVES, "less than or equal to 1"),
        (
            {"cohorts": {"survival": {55: {"f": 1, "m": 1}}, "source": "s"}},
            {"files": "five_{age}.tif", "ages": [55, 60, 65]},
            "survival is by sex, but the population is not",
        ),
    ],
)
def test_cohorts_that_do_not_fit_their_population(
    tmp_path: Path, demand: dict[str, Any], population: dict[str, Any], message: str
) -> None:
    study = {**write_study(tmp_path), "demand": demand}
    if population:
        study["population"] = population
    with pytest.raises(ValidationError, match=message):
        SourceOptions.model_validate(study)


# groups


def test_groups_by_number_by_age_by_district_and_as_an_age(tmp_path: Path) -> None:
    (tmp_path / "alone.csv").write_text("id,share\nb,0.3\n*,0.1\n", encoding="utf-8")
    groups = {
        "oldest": {"title": {"zh": "高龄", "en": "oldest"}, "age": 80, "weight": 2},
        "disabled": DISABLED | {"share": {60: 0.05, 70: 0.25}},
        "alone": {"title": "alone", "share": {"file": "alone.csv"}, "source": {"zh": "普查", "en": "census"}},
        "few": DISABLED | {"age": 80, "share": 0.5},
    }
    oldest, disabled, alone, few = read(tmp_path, {"groups": groups}).census.groups
    assert oldest.share.tolist() == [[0, 1]] * 3
    assert (oldest.weight, oldest.age, oldest.title.zh) == (2, 80, "高龄")
    assert disabled.share.tolist() == [[0.05, 0.25]] * 3
    np.testing.assert_allclose(alone.share, [[0.1, 0.1], [0.3, 0.3], [0.2, 0.2]])  # outside: the districts' mean
    assert (alone.title.en, alone.source.zh, alone.weight) == ("alone", "普查", 1)
    assert few.share.tolist() == [[0, 0.5]] * 3


def test_every_fault_of_groups_tables_is_told(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("id,share\na,1.3\nb,few\nc,0.1\n", encoding="utf-8")
    (tmp_path / "two.csv").write_text("id,share\na,0.1\n", encoding="utf-8")
    groups = {name: DISABLED | {"share": {"file": f"{name}.csv"}} for name in ("one", "two", "gone")}
    told = problems(tmp_path, {"groups": groups})
    assert any("one.csv:2" in one and "'1.3' is no share" in one and "between 0 and 1" in one for one in told)
    assert any("one.csv:3" in one and "'few' is no share" in one for one in told)
    assert any("one.csv:4" in one and "no district 'c'" in one for one in told)
    assert any("two.csv" in one and "district 'b'" in one and "has no share" in one for one in told)
    assert any("gone.csv" in one and "demand.groups.gone" in one for one in told)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"disabled": {"title": "d", "share": 0.1}}, "a share needs a `source`"),
        ({"disabled": DISABLED | {"share": 1.1}}, "less than or equal to 1"),
        ({"disabled": DISABLED | {"weight": 0.5}}, "greater than or equal to 1"),
        ({"old": {"title": "old", "age": 75}}, r"no age class begins at 75; write one of \[60, 80\]"),
        ({"Disabled ones": DISABLED}, "should match pattern"),
    ],
)
def test_groups_that_cannot_be(tmp_path: Path, groups: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        SourceOptions.model_validate({**write_study(tmp_path), "demand": {"groups": groups}})


# needs


def test_needs_one_entry_or_several(tmp_path: Path) -> None:
    (need,) = read(tmp_path, {"needs": NEEDS}).census.needs
    assert (need.home, need.community, need.institution, need.of, need.from_year) == (0.90, 0.07, 0.03, "", None)
    later = NEEDS | {"from_year": 2025, "community": 0.06, "institution": 0.04, "of": "disabled"}
    demand = {"needs": [NEEDS, later], "groups": {"disabled": DISABLED}}
    needs = read(tmp_path, demand).census.needs
    assert [(need.from_year, need.institution, need.of) for need in needs] == [
        (None, 0.03, ""),
        (2025, 0.04, "disabled"),
    ]


@pytest.mark.parametrize(
    ("needs", "message"),
    [
        (NEEDS | {"home": 0.8}, "add up to 0.9, not to 1"),
        (NEEDS | {"of": "disabled"}, "there is no such group"),
        ([NEEDS, NEEDS], "occurs twice"),
        ({key: value for key, value in NEEDS.items() if key != "source"}, "source"),
        (NEEDS | {"beds_per_person": 0}, "greater than 0"),
    ],
)
def test_needs_that_cannot_be(tmp_path: Path, needs: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        SourceOptions.model_validate({**write_study(tmp_path), "demand": {"needs": needs}})
