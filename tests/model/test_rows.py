"""Rows: what they refuse, and the linear form that follows from a fraction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import sparse
from towns import problem, sites

from siting.model.problem import Reach
from siting.model.rows import AREA, Beds, Block, Covered, Open, Rows, Subject, subjects_of

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


def test_arrays_of_rows_cannot_be_changed() -> None:
    made = rows({Open(): csr([1.0])})
    with pytest.raises(ValueError, match="read-only"):
        made.required[0] = 2.0


def test_subjects_and_the_districts_they_hold() -> None:
    town = problem(
        [10, 10, 10],
        [0, 1, 2],
        [],
        sites([(True, "day_care", (), "", 2, (0, 0, 0))]),
        units=("north", "south", "north"),
    )
    assert subjects_of(town, "area")[0] == (AREA,)
    assert subjects_of(town, "area")[1].tolist() == [0, 0, 0, -1]
    units, of_district = subjects_of(town, "unit")
    assert units == (Subject("unit", "north"), Subject("unit", "south"))
    assert of_district.tolist() == [0, 1, 0, -1]
    districts, of_district = subjects_of(town, "district")
    assert [subject.id for subject in districts] == ["D0", "D1", "D2"]
    assert of_district.tolist() == [0, 1, 2, -1]
    with pytest.raises(ValueError, match="do not form subjects of kind 'site'"):
        subjects_of(town, "site")
