"""What large facilities must have, such as a memory unit from 150 beds, or a nurse from 100 residents.

Measured at every site: 1 where a facility that is large enough has what it needs, 0 where it has not. Facilities that
are not large are not concerned. Large is what has so many beds after the plan; without `beds` the selection says it, so
that a clause can go by facts (``attributes: {residents: {at_least: 100}}``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from siting.model.rows import Has, Open, Rows, Sized
from siting.model.text import Text
from siting.rules.base import Parameters, Per, Rule, Tally, Where

if TYPE_CHECKING:
    from siting.model.findings import Finding
    from siting.model.problem import Csr, Problem
    from siting.model.rows import Block


class BedUnit(Parameters):
    """A unit of beds of one class."""

    bed_class: Literal["general", "nursing", "dementia"] = Field(description="class of its beds")
    beds: int = Field(ge=1, description="least beds that make a unit")


class WhenLargeGiven(Where):
    """Parameters of a clause on large facilities."""

    beds: int | None = Field(None, ge=1, description="asked of facilities with so many beds and more; all unless given")
    unit: BedUnit | None = Field(None, description="what they must have: a unit of beds")
    having: Where | None = Field(None, description="what they must have: services, tags or facts")

    @model_validator(mode="after")
    def _one_need(self) -> Self:
        """Either a unit or something else."""
        if (self.unit is None) == (self.having is None):
            message = "say what they must have: either `unit` or `having`"
            raise ValueError(message)
        return self


@dataclass(frozen=True, slots=True)
class WhenLargeRule(Rule):
    """Every facility of a size has what the clause asks of that size."""

    parameters: WhenLargeGiven
    Given = WhenLargeGiven
    unit = "share"

    def divides(self) -> bool:
        """Sites are the smallest subjects there are."""
        return False

    def kinds(self) -> frozenset[str]:
        """Return the kinds that the clause is about."""
        return frozenset(self.parameters.kinds)

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002 - sites in any case
        """Return one row per site: large facilities that have it over large facilities."""
        given, tally = self.parameters, Tally.over(problem, "site")
        large: Block = Open() if given.beds is None else Sized(given.beds)
        return Rows(
            subject=tally.subjects,
            numerator=self._having(problem, tally),
            denominator={large: tally.options(tally.facilities(given))},
            denominator_constant=np.zeros(len(tally)),
            required=np.ones(len(tally)),
            sense=">=",
            unit=self.unit,
            persons=tally.persons(phase),
        )

    def _having(self, problem: Problem, tally: Tally) -> dict[Block, Csr[Any, tuple[int, int]]]:
        """Return the facilities that have what is asked for."""
        given = self.parameters
        chosen, subject = tally.facilities(given)
        if given.unit is not None:
            return {Has(given.unit.bed_class, given.unit.beds): tally.options((chosen, subject))}
        assert given.having is not None  # noqa: S101 - one of the two is given
        has = given.having.options(problem)[chosen]
        return {Open(): tally.options((chosen[has], subject[has]))}

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say whether it has what it needs."""
        title = self.clause.title
        if np.isnan(finding.measured):
            return Text(f"{subject.zh}:未达到规模,不适用。", f"{subject.en}: below the size, not applicable.")
        has = finding.measured >= finding.required
        return Text(
            f"{subject.zh}:达到规模,{'已' if has else '未'}配备({title.zh})。",
            f"{subject.en}: of that size, {'has' if has else 'lacks'} it ({title.en}).",
        )
