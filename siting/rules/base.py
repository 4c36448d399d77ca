"""What every kind of rule offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from siting.model.rows import Subjects, lacking
from siting.rules.parameters import Among, BedClasses, Parameters, Per
from siting.rules.tally import Tally
from siting.rules.where import Where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.model.arrays import BoolArray, FloatArray
    from siting.model.findings import Finding
    from siting.model.problem import Problem, Reach, Travel
    from siting.model.rows import Clause, Rows
    from siting.model.text import Text

__all__ = ["Among", "BedClasses", "Coverage", "Parameters", "Per", "Rule", "Tally", "Where", "lacking"]


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

    @property
    def strict(self) -> bool:
        """Whether the level that is asked for is itself too little: more than half, not half."""
        return False

    def divides(self) -> bool:
        """Say whether the clause can be measured district by district."""
        return True

    def coverage(self, problem: Problem, phase: int) -> Coverage | None:  # noqa: ARG002 - most kinds cover nobody
        """Return whom the clause wants covered, or None when it is no coverage clause."""
        return None

    def reach(self, walk_speed_m_per_s: float) -> Reach | None:  # noqa: ARG002
        """Return within what distance of what the clause wants people who walk at a speed, or None.

        A reach by vehicle is the same for every walking speed.
        """
        return None

    def between(self) -> Mapping[Travel, float]:
        """Return how far ways from site to site must be known: metres on foot, equivalent metres by vehicle."""
        return {}

    def missing(self, problem: Problem) -> Text | None:
        """Say which data the clause needs and the study does not give; None when nothing is missing.

        Selections and places that are among the parameters are looked after here; kinds that need more (declared
        numbers, tables) ask `super().missing` first and then for their own.
        """
        for part in self.parameters.parts():
            lack = part.missing(problem) if isinstance(part, Where) else None
            lack = lack or Subjects.missing(problem, getattr(part, "per", "area"), getattr(part, "among", None))
            if lack is not None:
                return lack
        return None

    def selections(self) -> tuple[Where, ...]:
        """Return every selection of facilities among the parameters."""
        return tuple(part for part in self.parameters.parts() if isinstance(part, Where))

    def counts(self, problem: Problem) -> BoolArray:
        """Return the options that the clause speaks of: bool[option]."""
        nothing = np.zeros(len(problem.options), dtype=np.bool_)
        return np.asarray(sum((problem.selected(where) for where in self.selections()), nothing), dtype=np.bool_)

    def kinds(self) -> frozenset[str]:
        """Return the catalogue kinds that the clause names."""
        return frozenset(kind for where in self.selections() for kind in where.kinds)

    def roles(self) -> frozenset[str]:
        """Return the catalogue roles of staff that the clause names."""
        return frozenset()
