"""Rows: what they refuse, and the linear form that follows from a fraction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import sparse
from towns import problem, sites

from siting.model.problem import Reach
from siting.model.rows import AREA, Beds, Block, Covered, Has, Open, Rows, Sized, Spent, Staff, Subject, Subjects

if TYPE_CHECKING:
    from collections.abc import Mapping

NEAR = Covered(Reach(frozenset({"home"}), 810.0))


def csr(*rows: list[float]) -> sparse.csr_array:
    return sparse.csr_array(np.array(rows, dtype=float))


def rows(
    numerator: Mapping[Block, Any],
    denominator: Mapping[Block, Any] | None = None,
    *,
    sense: str = ">=",
    constant: tuple[float, ...] = (1.0,),
    required: tuple[float, ...] = (0.5,),
) -> Rows:
    return Rows(
        subject=(AREA,) * len(required),
        numerator=numerator,
        denominator=denominator or {},
        denominator_constant=np.array(constant),
        required=np.array(required),
        sense=sense,
        unit="share",
        persons=np.zeros(len(required)),
    )


def test_covered_zones_may_help_a_lower_limit() -> None:
    assert rows({NEAR: csr([3.0, 0.0, 5.0])}).terms[NEAR].toarray().tolist() == [[3.0, 0.0, 5.0]]


@pytest.mark.parametrize(
    ("numerator", "denominator", "sense"),
    [
        pytest.param({NEAR: csr([3.0, 5.0])}, {}, "<=", id="an upper limit on the covered"),
        pytest.param({NEAR: csr([3.0, -5.0])}, {}, ">=", id="one zone counts against a lower limit"),
        pytest.param({Open(): csr([1.0])}, {NEAR: csr([2.0, 2.0])}, ">=", id="the covered in the denominator"),
        pytest.param({NEAR: csr([1.0, 1.0])}, {NEAR: csr([3.0, 3.0])}, ">=", id="more in the denominator than above"),
    ],
)
def test_covered_zones_may_never_count_against_a_row(
    numerator: Mapping[Block, Any], denominator: Mapping[Block, Any], sense: str
) -> None:
    with pytest.raises(ValueError, match="may only help a row"):
        rows(numerator, denominator, sense=sense)


def test_covered_zones_may_help_an_upper_limit_by_lowering_it() -> None:
    assert rows({NEAR: csr([-1.0])}, sense="<=").sense == "<="


def test_open_and_beds_may_count_either_way() -> None:
    for sense in (">=", "<="):
        assert rows({Open(): csr([1.0, -1.0]), Beds(): csr([-2.0, 2.0])}, sense=sense).sense == sense


def test_a_share_of_beds_as_a_linear_row() -> None:
    """65 % nursing: (n) ÷ (g + n) ≥ 0.65 is −0.65 g + 0.35 n ≥ 0."""
    made = rows({Beds(): csr([0.0, 1.0])}, {Beds(): csr([1.0, 1.0])}, constant=(0.0,), required=(0.65,))
    assert made.terms[Beds()].toarray() == pytest.approx(np.array([[-0.65, 0.35]]))
    assert made.rhs.tolist() == [0.0]


def test_beds_per_resident_as_linear_rows() -> None:
    """300 per 10,000 for 20,000 and for 5,000 persons: 600 and 150 beds."""
    made = rows({Beds(): csr([1.0, 0.0], [0.0, 1.0])}, constant=(2.0, 0.5), required=(300.0, 300.0))
    assert made.rhs.tolist() == [600.0, 150.0]
    assert made.terms[Beds()].toarray().tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_a_block_of_the_denominator_alone_is_taken_away_row_by_row() -> None:
    """Sites per bed: o ≥ r (b + 4), with r 0.5 and 2."""
    made = rows(
        {Open(): csr([1.0], [1.0])}, {Beds(): csr([1.0, 0.0], [1.0, 3.0])}, constant=(4.0, 4.0), required=(0.5, 2.0)
    )
    assert made.terms[Open()].toarray().tolist() == [[1.0], [1.0]]
    assert made.terms[Beds()].toarray().tolist() == [[-0.5, 0.0], [-2.0, -6.0]]
    assert made.rhs.tolist() == [2.0, 8.0]


@pytest.mark.parametrize("where", ["numerator", "denominator"])
def test_a_block_with_the_wrong_number_of_rows_is_refused(where: str) -> None:
    two = {Open(): csr([1.0], [1.0])}
    with pytest.raises(ValueError, match="a block has 2 rows for 1 subjects"):
        rows(two if where == "numerator" else {}, two if where == "denominator" else {})


@pytest.mark.parametrize("column", ["constant", "required"])
def test_a_column_of_the_wrong_length_is_refused(column: str) -> None:
    with pytest.raises(ValueError, match="expected shape"):
        Rows(
            (AREA,), {}, {}, *(np.ones(2 if column == name else 1) for name in ("constant", "required")), ">=", "", [0]
        )


def test_what_stands_is_tolerated_above_and_not_below_unless_a_rule_says_so() -> None:
    made = {sense: rows({Open(): csr([1.0])}, sense=sense) for sense in (">=", "<=")}
    assert (made[">="].grandfathers, made["<="].grandfathers) == (False, True)
    assert replace(made[">="], grandfathers=True).grandfathers is True


def test_rows_that_are_not_due_yet_can_be_left_out() -> None:
    two = rows({Open(): csr([1.0], [2.0])}, {Beds(): csr([3.0], [4.0])}, constant=(5.0, 6.0), required=(0.5, 0.25))
    assert two.only_due() is two
    late = replace(two, due=np.array([False, True])).only_due()
    assert (late.subject, late.required.tolist(), late.denominator_constant.tolist()) == ((AREA,), [0.25], [6.0])
    assert late.terms[Open()].toarray().tolist() == [[2.0]]
    assert late.terms[Beds()].toarray().tolist() == [[-1.0]]


def test_arrays_of_rows_cannot_be_changed() -> None:
    made = rows({Open(): csr([1.0])})
    with pytest.raises(ValueError, match="read-only"):
        made.required[0] = 2.0


def test_subjects_and_the_districts_they_hold() -> None:
    town = problem(
        [10, 10, 10, 10],
        [0, 1, 2, -1],
        [],
        sites([(True, "day_care", (), "", 2, (0, 0, 0))]),
        units=("north", "south", "north"),
    )
    area = Subjects.of(town, "area")
    assert area.subjects == (AREA,)
    assert (area.of_zone.tolist(), area.of_site.tolist()) == ([0, 0, 0, -1], [0])
    units = Subjects.of(town, "unit")
    assert units.subjects == (Subject("unit", "north"), Subject("unit", "south"))
    assert (units.of_zone.tolist(), units.of_site.tolist()) == ([0, 1, 0, -1], [0])
    districts = Subjects.of(town, "district")
    assert [subject.id for subject in districts.subjects] == ["D0", "D1", "D2"]
    assert (districts.of_zone.tolist(), districts.of_site.tolist()) == ([0, 1, 2, -1], [2])
    here = Subjects.of(town, "site")
    assert here.subjects == (Subject("site", "S0"),)
    assert (here.of_zone.tolist(), here.of_site.tolist()) == ([-1, -1, -1, -1], [0])


def test_circles_and_communities_hold_what_is_theirs() -> None:
    """Districts D0 and D2 form one circle, D1 none; two villages have seats, of which one lies outside."""
    town = problem([10, 10, 10], [0, 1, 2], [], sites([HOME, AWAY]), circles=("I", "", "I"), communities=[1, -1])
    circles = Subjects.of(town, "circle")
    assert circles.subjects == (Subject("circle", "I"),)
    assert (circles.of_zone.tolist(), circles.of_site.tolist()) == ([0, -1, 0, -1, -1], [0, -1])
    villages = Subjects.of(town, "community")
    assert [subject.id for subject in villages.subjects] == ["K0", "K1"]
    assert (villages.of_zone.tolist(), villages.of_site.tolist()) == ([-1, -1, -1, 0, -1], [-1, -1])
    assert [town.zones.persons_from(60, 0)[zone] for zone in (3, 4)] == [0.0, 0.0]


HOME = (True, "day_care", (), "", 0, (0, 0, 0))
AWAY = (True, "day_care", (), "", 1, (0, 0, 0))


def test_subjects_of_urban_or_rural_districts_alone() -> None:
    """D0 is rural, D1 and D2 are urban: their numbers close up."""
    town = problem([10, 10, 10], [0, 1, 2], [], sites([HOME, AWAY]), urban=(False, True, True))
    urban = Subjects.of(town, "district", "urban")
    assert [subject.id for subject in urban.subjects] == ["D1", "D2"]
    assert (urban.of_zone.tolist(), urban.of_site.tolist()) == ([-1, 0, 1], [-1, 0])
    assert [subject.id for subject in Subjects.of(town, "district", "rural").subjects] == ["D0"]
    assert Subjects.of(town, "area", "rural").of_zone.tolist() == [0, -1, -1]
    assert Subjects.of(town, "site", "urban").of_site.tolist() == [-1, 1]


@pytest.mark.parametrize(("kind", "among"), [("community", None), ("circle", None), ("district", "urban")])
def test_what_a_study_does_not_give_is_named(kind: str, among: str | None) -> None:
    bare = problem([10], [0], [], sites([HOME]))
    lack = Subjects.missing(bare, kind, among)
    assert lack is not None
    assert "无法评估" in lack.zh
    assert lack.en.startswith("Cannot be measured")
    whole = problem([10], [0], [], sites([HOME]), communities=[0], circles=("I",), urban=(False,))
    assert Subjects.missing(whole, kind, among) is None


# one-sided blocks

HELPS = (Covered(Reach(frozenset({"home"}), 810.0)), Has("dementia", 20))


@pytest.mark.parametrize(
    ("block", "sense", "sign"),
    [(block, sense, sign) for block in (*HELPS, Sized(150)) for sense, sign in ((">=", 1.0), ("<=", -1.0))],
)
def test_a_one_sided_block_may_only_push_its_way(block: Block, sense: str, sign: float) -> None:
    """Covered zones and units of a class may only help, large facilities may only count against."""
    good = sign if block.side == "helps" else -sign
    assert rows({block: csr([good])}, sense=sense).sense == sense
    with pytest.raises(ValueError, match="may only"):
        rows({block: csr([-good])}, sense=sense)


def test_a_unit_for_every_large_home() -> None:
    """As many memory units as homes of 150 beds: the homes stand below the line, so they count against."""
    made = rows({Has("dementia", 1): csr([1.0])}, {Sized(150): csr([1.0])}, constant=(0.0,), required=(1.0,))
    assert made.terms[Sized(150)].toarray().tolist() == [[-1.0]]


def test_two_sided_blocks_may_count_either_way() -> None:
    for sense in (">=", "<="):
        made = rows({Spent(): csr([1.0]), Staff("nurse"): csr([-1.0])}, sense=sense)
        assert made.sign == (1 if sense == ">=" else -1)


@pytest.mark.parametrize(("sense", "rhs"), [(">=", 0.5 * 8.0 - 3.0 + 0.25), ("<=", 0.5 * 8.0 - 3.0 - 0.25)])
def test_what_is_there_already_and_what_must_be_passed_go_to_the_right(sense: str, rhs: float) -> None:
    """(x + 3) ÷ 8 at least a half and a quarter more: x ≥ 4 − 3 + 0.25; at most: x ≤ 4 − 3 − 0.25."""
    made = Rows(
        (AREA,), {Open(): csr([1.0])}, {}, [8.0], [0.5], sense, "", [0.0], numerator_constant=[3.0], excess=[0.25]
    )
    assert made.rhs.tolist() == [rhs]
