"""What every kind of rule offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict

from siting.model.rows import select
from siting.model.sites import BED_CLASSES

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.findings import Finding
    from siting.model.problem import Csr, Problem, Reach
    from siting.model.rows import Clause, Rows
    from siting.model.text import Text

Per = Literal["area", "unit", "district"]
"""Over what a clause is measured: the whole planning area, each planning unit, each district (street, town)."""


class Parameters(BaseModel):
    """Parameters of a clause: frozen, nothing unknown, nothing infinite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _known_classes(classes: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse classes of beds that do not exist."""
    unknown = [name for name in classes if name not in BED_CLASSES]
    if unknown:
        message = f"unknown class of beds {unknown}; one of {list(BED_CLASSES)}"
        raise ValueError(message)
    return classes


BedClasses = Annotated[tuple[str, ...], AfterValidator(_known_classes)]
"""Names out of `BED_CLASSES`."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whom a coverage clause is about in one phase, and what covers them.

    Attributes
    ----------
    concerned : bool[zone]
    groups : tuple of (Reach, float64[zone])
        Persons of the clause's ages in every zone, concerned or not, by what covers them: one group, or one for each
        walking speed where a clause in minutes meets ages that walk at several. No reach occurs twice.
    """

    concerned: BoolArray
    groups: tuple[tuple[Reach, FloatArray], ...]

    @property
    def persons(self) -> FloatArray:
        """Persons of the clause's ages in every zone: float64[zone]."""
        return np.asarray(np.sum([persons for _, persons in self.groups], axis=0), dtype=np.float64)

    @property
    def reaches(self) -> tuple[Reach, ...]:
        """What covers them, group by group."""
        return tuple(reach for reach, _ in self.groups)


@dataclass(frozen=True, slots=True)
class Rule(ABC):
    """A clause with its parameters; each kind of rule is a subclass in ``siting/rules/kinds``.

    Attributes
    ----------
    clause : Clause
    parameters : Parameters
        Of the kind's own class `Given`.
    """

    clause: Clause
    parameters: Any

    Given: ClassVar[type[Parameters]]
    unit: ClassVar[str]

    @abstractmethod
    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:
        """Return the clause as linear rows in phase number `phase`; `per` overrides what it is measured over."""

    @abstractmethod
    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say what was found, for a head of department."""

    def divides(self) -> bool:
        """Say whether the clause can be measured district by district."""
        return True

    def coverage(self, problem: Problem, phase: int) -> Coverage | None:  # noqa: ARG002 - most kinds cover nobody
        """Return whom the clause wants covered, or None when it is no coverage clause."""
        return None

    def reach(self, walk_speed_m_per_s: float) -> Reach | None:  # noqa: ARG002
        """Return within what distance of what the clause wants people who walk at a speed, or None."""
        return None

    @abstractmethod
    def kinds(self) -> frozenset[str]:
        """Return the catalogue kinds that the clause speaks of."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts people, facilities and beds by the subjects of a row.

    Attributes
    ----------
    problem : Problem
    of_district : int64[district + 1]
        Subject of each district as `siting.model.rows.subjects_of` returns it (−1: none).
    count : int
        Number of subjects.
    """

    problem: Problem
    of_district: IntArray
    count: int

    def persons(self, phase: int, age: int | None = None) -> FloatArray:
        """Return elderly persons of each subject: float64[subject]."""
        zones = self.problem.zones
        subject = self.of_district[zones.district]
        residents = zones.persons_from(zones.ages[0] if age is None else age, phase)
        inside = subject >= 0
        return np.bincount(subject[inside], residents[inside], minlength=self.count).astype(np.float64)

    def facilities(self, kinds: frozenset[str], operator: str | None = None) -> tuple[IntArray, IntArray]:
        """Return the options that leave a facility of the kinds, and their subjects: two int64[chosen]."""
        options = self.problem.options
        subject = self.of_district[self.problem.sites.district[options.site]]
        counted = options.of_kinds(kinds) & (subject >= 0)
        if operator is not None:
            counted &= np.array([name == operator for name in options.operator], dtype=np.bool_)
        chosen = np.flatnonzero(counted)
        return chosen, subject[chosen]

    def beds(self, facilities: tuple[IntArray, IntArray], classes: tuple[str, ...]) -> Csr[Any, tuple[int, int]]:
        """Return the incidence of the facilities' beds of `classes`: csr (subjects × the block `Beds`)."""
        chosen, subject = facilities
        index = np.array([BED_CLASSES.index(name) for name in classes])
        columns = (chosen[:, None] * len(BED_CLASSES) + index[None, :]).ravel()
        shape = (self.count, len(self.problem.options) * len(BED_CLASSES))
        return select(columns, np.ones(len(columns)), np.repeat(subject, len(index)), shape)
