"""A kind of rule that no plan asks for yet: an upper limit, to test what stands today."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from scipy import sparse

from siting.model.problem import Reach
from siting.model.rows import AREA, Clause, Covered, Open, Rows, select
from siting.model.text import Citation, Text
from siting.rules.base import Parameters, Per, Rule

if TYPE_CHECKING:
    from siting.model.findings import Finding
    from siting.model.problem import Problem

SAME = Text("同", "same")


class AtMostGiven(Parameters):
    """Parameters of the made rule."""

    kind: str
    most: int


@dataclass(frozen=True, slots=True)
class AtMost(Rule):
    """At most so many facilities of a kind in the whole area."""

    parameters: AtMostGiven
    Given = AtMostGiven
    unit = "sites"

    @classmethod
    def of(cls, kind: str, most: int) -> Self:
        clause = Clause("X-01", SAME, Citation(SAME, "1", "1", SAME, dt.date(2022, 1, 1)), "must", "at_most", None)
        return cls(clause, AtMostGiven(kind=kind, most=most))

    def kinds(self) -> frozenset[str]:
        return frozenset({self.parameters.kind})

    def divides(self) -> bool:
        return False

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002
        chosen = np.flatnonzero(problem.options.of_kinds(self.kinds()))
        block = select(chosen, np.ones(len(chosen)), np.zeros(len(chosen), int), (1, len(problem.options)))
        return Rows(
            subject=(AREA,),
            numerator={Open(): block},
            denominator={},
            denominator_constant=np.ones(1),
            required=np.array([float(self.parameters.most)]),
            sense="<=",
            unit=self.unit,
            persons=np.zeros(1),
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:  # noqa: ARG002
        return subject


class CoveredLess(AtMost):
    """An upper limit on what is not covered: −(persons covered) ≤ −most."""

    __slots__ = ()

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002
        reach = Reach(self.kinds(), 500.0)
        persons = problem.zones.persons_from(60, phase)
        return Rows(
            subject=(AREA,),
            numerator={Covered(reach): sparse.csr_array(-persons[None, :])},
            denominator={},
            denominator_constant=np.ones(1),
            required=np.array([-float(self.parameters.most)]),
            sense="<=",
            unit="persons",
            persons=np.zeros(1),
        )
