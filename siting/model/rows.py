"""Linear rows over decision blocks: the only mathematics of a rule, read by audit, optimiser, map and report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from scipy import sparse

from siting.model.arrays import FloatArray, IntArray, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.model.problem import Csr, Problem, Reach
    from siting.model.text import Citation, Text

Sense = Literal[">=", "<="]
SubjectKind = Literal["area", "unit", "district", "site"]


@dataclass(frozen=True, slots=True)
class Open:
    """Block of the options in force: one column per option."""


@dataclass(frozen=True, slots=True)
class Beds:
    """Block of beds: column ``option · classes + class``."""


@dataclass(frozen=True, slots=True)
class Covered:
    """Block of covered zones under one reach: one column per zone. Bounded from above only, by what is open."""

    reach: Reach


Block: TypeAlias = Open | Beds | Covered


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """Whom a row is about: what to colour on the map.

    Attributes
    ----------
    kind : SubjectKind
    id : str
        Planning unit, district id, site id; empty for the whole area.
    part : str
        Tells rows of one clause and place apart: the kinds counted, joined by ``+``; mostly empty.
    """

    kind: SubjectKind
    id: str
    part: str = ""


AREA = Subject("area", "")
"""The whole planning area."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """One measured quantity per subject, and what is required of it.

    A rule says what it measures as a fraction of two linear forms,
    ``measured = Σ numerator·x / (Σ denominator·x + denominator_constant)``, and what is ``required`` of it.
    The linear row ``lhs sense rhs`` follows by clearing the fraction, so that what is printed and what is
    enforced cannot drift apart.

    Attributes
    ----------
    subject : tuple[Subject, ...]
    numerator, denominator : Mapping[Block, csr]
        Each csr is (subjects × the block's columns).
    denominator_constant : float64[subject]
        In the natural unit of the clause (persons, 10,000 persons, …); ``measured`` is not applicable where the
        denominator is nought.
    required : float64[subject]
    sense : ">=" or "<="
    unit : str
        Of measured and required: ``share``, ``beds/10k``, ``sites``…
    persons : float64[subject]
        Elderly persons whom the row is about, for the report.

    Raises
    ------
    ValueError
        When a `Covered` block would be pushed the wrong way: covering variables are bounded from above only, so
        in a ``<=`` row (or with a negative coefficient) the solver would report nought and call it optimal.
    """

    subject: tuple[Subject, ...]
    numerator: Mapping[Block, Csr[Any, tuple[int, int]]]
    denominator: Mapping[Block, Csr[Any, tuple[int, int]]]
    denominator_constant: FloatArray
    required: FloatArray
    sense: Sense
    unit: str
    persons: FloatArray

    def __post_init__(self) -> None:
        """Freeze the arrays, check shapes, and refuse rows that a covering variable would satisfy by lying."""
        count = len(self.subject)
        for name in ("denominator_constant", "required", "persons"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.float64, (count,)))
        for matrix in (*self.numerator.values(), *self.denominator.values()):
            if matrix.shape[0] != count:
                message = f"a block has {matrix.shape[0]} rows for {count} subjects"
                raise ValueError(message)
        for block, matrix in self.terms.items():
            signed = matrix.data if self.sense == ">=" else -matrix.data
            if isinstance(block, Covered) and (signed < 0).any():
                message = f"covered zones ({block.reach.label}) may only help a row, never count against it"
                raise ValueError(message)

    @property
    def terms(self) -> dict[Block, Csr[Any, tuple[int, int]]]:
        """Coefficients of the linear row: ``numerator − required · denominator``, block by block."""
        terms = dict(self.numerator)
        scale = sparse.diags_array(self.required).tocsr()
        for block, matrix in self.denominator.items():
            taken = sparse.csr_array(scale @ matrix)
            terms[block] = sparse.csr_array(terms[block] - taken) if block in terms else sparse.csr_array(-taken)
        return terms

    @property
    def rhs(self) -> FloatArray:
        """Right-hand side of the linear row: ``required · denominator_constant``."""
        product: FloatArray = self.required * self.denominator_constant
        return product


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a policy pack, as data.

    Attributes
    ----------
    id : str
        E.g. ``HN-05``.
    title : Text
    citation : Citation
    force : "must" or "should"
    kind : str
        Kind of rule, a file in ``siting/rules/kinds``.
    deadline_year : int or None
        The clause binds from the first phase that ends on or after it; None binds in every phase.
    """

    id: str
    title: Text
    citation: Citation
    force: Literal["must", "should"]
    kind: str
    deadline_year: int | None

    def binds(self, year: int) -> bool:
        """Say whether the clause is due in a phase that ends in `year`: from its deadline on, or always without one."""
        return self.deadline_year is None or year >= self.deadline_year


def select(columns: IntArray, values: FloatArray, row: IntArray, shape: tuple[int, int]) -> Csr[Any, tuple[int, int]]:
    """Build a block's coefficients from parallel arrays of row, column and value."""
    return sparse.csr_array((values, (row, columns)), shape=shape)


def subjects_of(problem: Problem, kind: SubjectKind) -> tuple[tuple[Subject, ...], IntArray]:
    """Return the subjects of a kind and, for each district, the number of the subject it belongs to.

    Returns
    -------
    subjects : tuple[Subject, ...]
    of_district : int64[district + 1]
        The last entry serves index `OUTSIDE` (−1): places outside every district belong to no subject (−1).
    """
    subjects: tuple[Subject, ...]
    if kind == "area":
        subjects, of_district = (AREA,), np.zeros(len(problem.districts), dtype=np.int64)
    elif kind == "unit":
        subjects = tuple(Subject("unit", unit) for unit in problem.districts.units)
        of_district = problem.districts.unit_index()
    elif kind == "district":
        subjects = tuple(Subject("district", identity) for identity in problem.districts.id)
        of_district = np.arange(len(problem.districts), dtype=np.int64)
    else:
        message = f"districts do not form subjects of kind {kind!r}"
        raise ValueError(message)
    return subjects, np.append(of_district, -1)
