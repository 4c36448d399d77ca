"""Linear rows over decision blocks: the only mathematics of a rule, read by audit, optimiser, map and report."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

import numpy as np
from scipy import sparse

from siting.model.arrays import BoolArray, FloatArray, IntArray, frozen
from siting.model.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.model.places import Districts
    from siting.model.problem import Csr, Problem, Reach
    from siting.model.text import Citation

Sense = Literal[">=", "<="]
Role = Literal["opt", "audit", "input"]
SubjectKind = Literal["area", "unit", "district", "site", "community", "circle"]
Side = Literal["exact", "helps", "counts"]
"""How a block's values are tied to the decisions.

``exact``: by equality. ``helps``: bounded from above only, so that a row may only gain by them. ``counts``: bounded
from below only, so that they may only count against a row. The other sign would let the solver choose the value that
flatters the row, and report it as optimal; `Rows` refuses it.
"""


@dataclass(frozen=True, slots=True)
class Open:
    """Block of the options in force: one column per option."""

    side: ClassVar[Side] = "exact"


@dataclass(frozen=True, slots=True)
class Beds:
    """Block of beds: column ``option · classes + class``."""

    side: ClassVar[Side] = "exact"


@dataclass(frozen=True, slots=True)
class Covered:
    """Block of covered zones under one reach: one column per zone, 1 where something open is within reach."""

    reach: Reach
    side: ClassVar[Side] = "helps"


@dataclass(frozen=True, slots=True)
class Sized:
    """Block of large facilities: one column per option, 1 where it is in force with at least `beds` beds in all."""

    beds: int
    side: ClassVar[Side] = "counts"


@dataclass(frozen=True, slots=True)
class Has:
    """Block of facilities with a unit of a class: one column per option, 1 where it has at least `beds` of the class.

    `bed_class` is one of `siting.model.sites.BED_CLASSES`.
    """

    bed_class: str
    beds: int
    side: ClassVar[Side] = "helps"


@dataclass(frozen=True, slots=True)
class Spent:
    """Block of one column: yuan of capital spent up to the end of the phase.

    Attributes
    ----------
    pay : bool
        Whether the pay of those hired counts too, over the years that the catalogue says.
    within : bool
        Only what is spent in the phase itself, that is since the end of the one before.
    """

    pay: bool = False
    within: bool = False
    side: ClassVar[Side] = "exact"


@dataclass(frozen=True, slots=True)
class Staff:
    """Block of one column: persons of a catalogue role employed in the whole area beyond those of today."""

    role: str
    side: ClassVar[Side] = "exact"


Block: TypeAlias = Open | Beds | Covered | Sized | Has | Spent | Staff


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """Whom a row is about: what to colour on the map.

    Attributes
    ----------
    kind : SubjectKind
    id : str
        Planning unit, district id, site id, community id, name of a circle; empty for the whole area.
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
    ``measured = (Σ numerator·x + numerator_constant) / (Σ denominator·x + denominator_constant)``, and what is
    ``required`` of it. The linear row ``lhs sense rhs`` follows by clearing the fraction, so that what is printed and
    what is enforced cannot drift apart.

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
    numerator_constant : float64[subject]
        What is there whatever is decided (staff of today, a declared number). Left out, nought.
    excess : float64[subject]
        By how much the cleared row must be passed, in the numerator's unit: *more than* half of whole beds is
        ``n − 0.5·d ≥ 0.5``. Where it is positive nothing of nothing is too little, not inapplicable: `measured` is
        nought there. Left out, nought.
    grandfathers : bool or None
        Whether a breach that stands today is tolerated as long as it gets no worse. Left out, upper limits tolerate it
        and lower ones do not; False for upper limits that ask for what stands to be ended, True for lower ones that
        ask something only of what is new.
    due : bool[subject]
        Whether a row is asked for already in a phase in which its clause binds. Left out, all rows are.

    Raises
    ------
    ValueError
        When a block would be pushed the wrong way (see `Side`).
    """

    subject: tuple[Subject, ...]
    numerator: Mapping[Block, Csr[Any, tuple[int, int]]]
    denominator: Mapping[Block, Csr[Any, tuple[int, int]]]
    denominator_constant: FloatArray
    required: FloatArray
    sense: Sense
    unit: str
    persons: FloatArray
    numerator_constant: FloatArray = field(default_factory=lambda: np.zeros(0))
    excess: FloatArray = field(default_factory=lambda: np.zeros(0))
    grandfathers: bool | None = None
    due: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    def __post_init__(self) -> None:
        """Freeze the arrays, check shapes, and refuse rows that a one-sided block would satisfy by lying."""
        count = len(self.subject)
        object.__setattr__(self, "due", frozen(self.due if len(self.due) else np.ones(count), np.bool_, (count,)))
        if self.grandfathers is None:
            object.__setattr__(self, "grandfathers", self.sense == "<=")
        for name in ("numerator_constant", "excess"):
            if not len(getattr(self, name)):
                object.__setattr__(self, name, np.zeros(count))
        for name in ("denominator_constant", "required", "persons", "numerator_constant", "excess"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.float64, (count,)))
        for matrix in (*self.numerator.values(), *self.denominator.values()):
            if matrix.shape[0] != count:
                message = f"a block has {matrix.shape[0]} rows for {count} subjects"
                raise ValueError(message)
        for block, matrix in self.terms.items():
            signed = self.sign * matrix.data
            if block.side == "helps" and (signed < 0).any():
                message = f"{_named(block)} may only help a row, never count against it"
                raise ValueError(message)
            if block.side == "counts" and (signed > 0).any():
                message = f"{_named(block)} may only count against a row, never help it"
                raise ValueError(message)

    @property
    def sign(self) -> int:
        """1 where more is better, −1 where less is."""
        return 1 if self.sense == ">=" else -1

    def only_due(self) -> Rows:
        """Return the rows that are asked for already."""
        if self.due.all():
            return self
        kept = np.flatnonzero(self.due)
        columns = ("denominator_constant", "required", "persons", "numerator_constant", "excess", "due")
        return replace(
            self,
            subject=tuple(self.subject[index] for index in kept),
            numerator={block: sparse.csr_array(matrix[kept]) for block, matrix in self.numerator.items()},
            denominator={block: sparse.csr_array(matrix[kept]) for block, matrix in self.denominator.items()},
            **{name: getattr(self, name)[kept] for name in columns},
        )

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
        """Right-hand side of the linear row: ``required · denominator_constant − numerator_constant ± excess``."""
        rhs: FloatArray = self.required * self.denominator_constant - self.numerator_constant + self.sign * self.excess
        return rhs


def _named(block: Block) -> str:
    """Say what a block holds."""
    match block:
        case Covered(reach):
            return f"covered zones ({reach.label})"
        case Sized(beds):
            return f"facilities of {beds} beds and more"
        case Has(bed_class, beds):
            return f"facilities with {beds} {bed_class} beds and more"
        case _:
            return type(block).__name__.lower()


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
    role : "opt", "audit" or "input"
        ``opt``: measured, and enforced when a plan is made. ``audit``: measured only; no decision of a plan.
        ``input``: a fact that the study takes in, measured against what it says.
    price : float or None
        Of an indicative clause: yuan for a unit short (a person, bed, facility… of its numerator). None: what it is
        short of weighs nothing in a plan.
    """

    id: str
    title: Text
    citation: Citation
    force: Literal["must", "should"]
    kind: str
    deadline_year: int | None
    role: Role = "opt"
    price: float | None = None

    @property
    def enforced(self) -> bool:
        """Say whether a plan must meet the clause once it binds."""
        return self.role == "opt" and self.force == "must"

    def binds(self, year: int) -> bool:
        """Say whether the clause is due in a phase that ends in `year`: from its deadline on, or always without one."""
        return self.deadline_year is None or year >= self.deadline_year


def select(columns: IntArray, values: FloatArray, row: IntArray, shape: tuple[int, int]) -> Csr[Any, tuple[int, int]]:
    """Build a block's coefficients from parallel arrays of row, column and value."""
    return sparse.csr_array((values, (row, columns)), shape=shape)


@dataclass(frozen=True, slots=True, eq=False)
class Subjects:
    """The subjects of a kind, and which zones and sites belong to which.

    Attributes
    ----------
    subjects : tuple[Subject, ...]
    of_zone : int64[zone]
        Number of the subject a zone belongs to; −1 for none. Seats of committees belong where their district does, and
        to their community.
    of_site : int64[site]
    """

    subjects: tuple[Subject, ...]
    of_zone: IntArray
    of_site: IntArray

    @classmethod
    def of(cls, problem: Problem, kind: SubjectKind, among: Literal["urban", "rural"] | None = None) -> Subjects:
        """Return the subjects of a kind, in districts that are urban, or rural, where `among` says so.

        Places outside every district belong to no subject. Communities hold no site: seats stand for themselves.
        """
        zones, sites, districts = problem.zones, problem.sites, problem.districts
        if among is None:
            inside = np.ones(len(districts), dtype=np.bool_)
        else:
            inside = np.array([urban is (among == "urban") for urban in districts.urban], dtype=np.bool_)
        within = np.append(inside, False)
        nowhere = np.full(len(zones), -1), np.full(len(sites), -1)
        if kind == "site":
            subjects = tuple(Subject("site", identity) for identity in sites.id)
            return cls(subjects, nowhere[0], np.where(within[sites.district], np.arange(len(sites)), -1))
        if kind == "community":
            subjects = tuple(Subject("community", identity) for identity in problem.communities.id)
            return cls(subjects, np.where(within[zones.district], zones.community, -1), nowhere[1])
        subjects, number = _by_district(districts, kind)
        number = np.append(np.where(inside, number, -1), -1)
        if kind == "district" and among is not None:
            kept = np.flatnonzero(inside)
            subjects, number = (
                tuple(subjects[i] for i in kept),
                np.append(np.where(inside, np.cumsum(inside) - 1, -1), -1),
            )
        return cls(subjects, number[zones.district], number[sites.district])

    @staticmethod
    def missing(problem: Problem, kind: SubjectKind, among: Literal["urban", "rural"] | None = None) -> Text | None:
        """Say what the study does not give of the places that a clause is measured over; None when nothing lacks."""
        if kind == "community" and not len(problem.communities):
            return lacking("社区(村)表(communities)", "table of communities (communities: {file: …})")
        if kind == "circle" and not problem.districts.circles:
            return lacking("照护圈划分(districts: {circle: 列名})", "care circles (districts: {circle: COLUMN})")
        if among is not None and not any(urban is not None for urban in problem.districts.urban):
            return lacking("区划的城乡属性(districts: {urban: 列名})", "urban districts (districts: {urban: COLUMN})")
        return None


def _by_district(districts: Districts, kind: SubjectKind) -> tuple[tuple[Subject, ...], IntArray]:
    """Return subjects that districts form, and the number of the subject of each district."""
    if kind == "area":
        return (AREA,), np.zeros(len(districts), dtype=np.int64)
    if kind == "unit":
        return tuple(Subject("unit", unit) for unit in districts.units), districts.unit_index()
    if kind == "circle":
        return tuple(Subject("circle", circle) for circle in districts.circles), districts.circle_index()
    return tuple(Subject("district", identity) for identity in districts.id), np.arange(len(districts), dtype=np.int64)


def lacking(zh: str, en: str) -> Text:
    """Say that the study does not give what a clause is measured on, by the name of what is to be added."""
    return Text(f"无法评估:本研究未提供{zh}。", f"Cannot be measured: the study does not give the {en}.")
