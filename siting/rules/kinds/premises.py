"""Premises that a plan points to are among the study's candidates: so many that could be opened as what is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from siting.model.rows import Rows, Subject
from siting.model.text import Text
from siting.rules.base import Parameters, Per, Rule, Where

if TYPE_CHECKING:
    from siting.model.findings import Finding
    from siting.model.problem import Problem


class Class(Where):
    """One sort of premises."""

    name: str = Field(min_length=1, description="what tells this sort from the clause's others, in findings")
    at_least: int = Field(1, ge=1, description="how many candidates of it the study should have")


class PremisesGiven(Parameters):
    """Parameters of a clause on premises."""

    classes: tuple[Class, ...] = Field(min_length=1, description="sorts of premises; each must be there")


@dataclass(frozen=True, slots=True)
class PremisesRule(Rule):
    """The study has candidates of every sort that the plan points to."""

    parameters: PremisesGiven
    Given = PremisesGiven
    unit = "sites"

    def divides(self) -> bool:
        """Candidates are those of the whole area."""
        return False

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002 - the area in any case
        """Return one row per sort, without any decision in it: candidates that could be opened so."""
        classes = self.parameters.classes
        count = len(classes)
        return Rows(
            subject=tuple(Subject("area", "", one.name if count > 1 else "") for one in classes),
            numerator={},
            numerator_constant=np.array([self._candidates(problem, one) for one in classes], dtype=np.float64),
            denominator={},
            denominator_constant=np.ones(count),
            required=np.array([float(one.at_least) for one in classes]),
            sense=">=",
            unit=self.unit,
            persons=np.zeros(count),
        )

    @staticmethod
    def _candidates(problem: Problem, one: Class) -> int:
        """Count the candidate sites with an option of the sort."""
        sites = np.unique(problem.options.site[problem.selected(one)])
        return int((~problem.sites.existing[sites]).sum())

    def missing(self, problem: Problem) -> Text | None:  # noqa: ARG002 - nothing there is what the clause tells
        """Return that nothing is missing: no candidate at all is a finding, not a gap in the data."""
        return None

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say how many there are."""
        number, wanted = f"{finding.measured:,.0f}", f"{finding.required:.0f}"
        if finding.lack > 0:
            return Text(
                f"{subject.zh}:备选场地中这类用房{number}处(应列入≥{wanted}处),请补充到备选场地表。",
                f"{subject.en}: {number} candidates (at least {wanted} should be listed); add them to the candidates.",
            )
        return Text(f"{subject.zh}:备选场地中这类用房{number}处。", f"{subject.en}: {number} candidates.")
