"""What tables say of premises: surroundings, tags, age, what housing hands over, what is committed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from small_inputs import BLANK, catalogue

from siting.errors import DataError
from siting.model.premises import HandedOverFrom, Handover, Premises
from siting.sources.crs import Plane
from siting.sources.listed import Register
from siting.sources.manifest import Intake
from siting.sources.options import CandidatesFile, FacilitiesFile
from siting.sources.positions import Surroundings

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.sites import Sites

SAID = Premises(Handover("HN-13", BLANK, 0.002, 100.0), HandedOverFrom("PY-10", BLANK, dt.date(2017, 9, 19)))
HOUSING = """id,lon,lat,built,project_floor_area_m2
H1,120.71,30.51,2017-09-18,60000
H2,120.71,30.51,2017-09-19,60000
H3,120.71,30.51,2020,40000
H4,120.71,30.51,1987年6月,40000
H5,120.71,30.51,2024/5/1,
"""
BY_AGE = {
    "kinds": ["day_care"],
    "context": "by_built",
    "tenure": {"new_residential": "new_build", "old_built_up": "idle"},
}
COMMITTED = """id,lon,lat,kinds,opens,beds,floor_area_m2
P1,120.71,30.51,home,2024,40,1500
P2,120.71,30.51,day_care,2025年,,300
P3,120.71,30.51,home;day_care,,,1500
"""


def desk(folder: Path, premises: Premises = SAID) -> Register:
    return Register(Surroundings(Plane(32651)), replace(catalogue(), premises=premises), Intake(folder))


def candidates(folder: Path, content: str, premises: Premises = SAID, **options: object) -> Sites:
    (folder / "i.csv").write_text(content, encoding="utf-8")
    return desk(folder, premises).candidates([CandidatesFile.model_validate({"file": "i.csv", **options})])


def problems(folder: Path, content: str, premises: Premises = SAID, **options: object) -> str:
    with pytest.raises(DataError) as caught:
        candidates(folder, content, premises, **options)
    return str(caught.value)


def test_housing_is_told_apart_by_the_day_it_was_built_and_hands_over_its_share(tmp_path: Path) -> None:
    """2 ‰ of 60,000 m² are 120, of 40,000 m² 80, which is less than the least of 100."""
    made = candidates(tmp_path, HOUSING, **BY_AGE)
    old, new = "old_built_up", "new_residential"
    assert made.context == (old, new, new, old, new)
    assert made.tenure == ("idle", "new_build", "new_build", "idle", "new_build")
    np.testing.assert_array_equal(made.floor_area_m2, [np.nan, 120.0, 100.0, np.nan, np.nan])


@pytest.mark.parametrize(
    ("built", "told"),
    [
        ("2017", "too coarse to tell whether it is before 2017-09-19 (PY-10)"),
        ("2017-09", "too coarse"),
        ("", "the building date is missing"),
        ("2017-02-30", "built '2017-02-30' (column 'built') cannot be read"),
    ],
)
def test_a_date_that_does_not_decide_is_a_problem(tmp_path: Path, built: str, told: str) -> None:
    message = problems(tmp_path, HOUSING.replace("2017-09-18", built), **BY_AGE)
    assert message.startswith("i.csv:2: ")
    assert told in message


def test_what_no_policy_says_cannot_be_asked(tmp_path: Path) -> None:
    told = problems(tmp_path, HOUSING, Premises(), **BY_AGE)
    assert "i.csv:1: `context: by_built` needs a day" in told
    here = desk(tmp_path, Premises())
    made = here.candidates([CandidatesFile(file="i.csv", kinds="day_care", tenure="idle")])
    assert np.isnan(made.floor_area_m2).all()
    assert "no policy of the study says what share" in here.intake.warnings[0].en


def test_stated_floor_wins_with_a_warning_where_it_is_less_than_due(tmp_path: Path) -> None:
    head, *lines = HOUSING.split()
    stated = ["", "90", "", "", ""]
    rows = [f"{head},floor_area_m2", *(f"{line},{floor}" for line, floor in zip(lines, stated, strict=True))]
    here = desk(tmp_path)
    (tmp_path / "i.csv").write_text("\n".join(rows), encoding="utf-8")
    made = here.candidates([CandidatesFile.model_validate({"file": "i.csv", **BY_AGE})])
    assert made.floor_area_m2[1] == 90.0
    told = "1 premises are smaller than HN-13 has them handed over (i.csv:3); used as stated."
    assert here.intake.warnings[0].en == told


def test_tags_and_context_of_facilities_and_candidates(tmp_path: Path) -> None:
    rows = "id,lon,lat,kind,beds,区域类型,标签\nA,120.71,30.51,home,4,村改居,smart; demonstration；smart\n"
    rows += "B,120.71,30.51,home,4,,\n"
    (tmp_path / "f.csv").write_text(rows, encoding="utf-8")
    made = desk(tmp_path).facilities([FacilitiesFile.model_validate({"file": "f.csv"})])
    assert made.context == ("village_turned", "")
    assert made.tags == (("smart", "demonstration"), ())
    village = {"tenure": "idle", "kinds": ["day_care"], "tags": ["b", "a"], "context": "village_turned"}
    both = candidates(tmp_path, "id,lon,lat,tags\nC,120.71,30.51,c;a\nD,120.71,30.51,\n", **village)
    assert both.tags == (("c", "a", "b"), ("b", "a"))
    assert both.context == ("village_turned",) * 2


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"tenure": {"old_built_up": "idle"}}, "i.csv:3: no tenure is given for the context 'new_residential'"),
        ({"tenure": {"old_built_up": "idl", "new_residential": "idle"}}, "i.csv:1: the catalogue has no tenure 'idl'"),
        ({"opens": "year"}, "i.csv:1: has no column 'year'"),
        ({"attributes": {"context": "id"}, "context": None}, "i.csv:2: context 'H1' (column 'id') cannot be read"),
    ],
)
def test_what_is_wrong_with_premises_is_told(tmp_path: Path, changes: dict[str, object], told: str) -> None:
    assert told in problems(tmp_path, HOUSING, **{**BY_AGE, **changes})


def test_committed_projects_have_a_year_and_a_size(tmp_path: Path) -> None:
    made = candidates(tmp_path, COMMITTED, tenure="idle")
    assert made.opens.tolist() == [2024, 2025, 0]
    assert made.beds_planned.tolist() == [40, 0, 0]
    assert made.committed(2024).tolist() == [True, False, False]
    assert made.committed(2025).tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("P1,120.71,30.51,home,", "P1,120.71,30.51,home;day_care,", "i.csv:2: a committed project of 2 kinds"),
        ("2024,40,", "2024,400,", "i.csv:2: no size of 'home' holds 400 beds on 1500 m²"),
        (",40,1500", ",40,150", "i.csv:2: no size of 'home' holds 40 beds on 150 m²"),
        ("2024,", "soon,", "i.csv:2: opening year 'soon' is not a number"),
        ("2024,", "24,", "i.csv:2: the opening year is 24"),
        ("2024,40,", "2024,some,", "i.csv:2: beds 'some' is not a number"),
    ],
)
def test_what_cannot_be_committed_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert told in problems(tmp_path, COMMITTED.replace(old, new), tenure="idle")
