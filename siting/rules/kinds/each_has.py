"""What each facility of a sort, or of a size, must have: a memory unit from 150 beds, a nurse from 100 residents.

Measured at every site: 1 where the facility has what it needs, 0 where it has not; or over an area: the share of those
that have it. Facilities with fewer than `beds`
beds after the plan are not concerned; without `beds` the selection alone says who is, so that a clause can go by facts
(``attributes: {residents: {at_least: 100}}``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from siting.model.rows import Has, Open, Rows, Sized
from siting.model.text import Text
from siting.rules.base import Parameters, Per, Rule, Tally, Where
from siting.rules.words import asked_share, share

if TYPE_CHECKING:
    from siting.model.findings import Finding
    from siting.model.problem import Csr, Problem
    from siting.model.rows import Block


class BedUnit(Parameters):
    """A unit of beds of one class."""

    bed_class: Literal["general", "nursing", "dementia"] = Field(description="class of its beds")
    beds: int = Field(ge=1, description="least beds that make a unit")


class EachHasGiven(Where):
    """Parameters of a clause on what each facility has."""

    beds: int | None = Field(None, ge=1, description="asked of facilities with so many beds and more; all unless given")
    unit: BedUnit | None = Field(None, description="what they must have: a unit of beds")
    having: Where | None = Field(None, description="what they must have: services, tags or facts")
    share: float = Field(1.0, gt=0, le=1, description="share of them that must have it; all unless given")
    per: Per = Field("site", description="site: each by itself; else over what the share is measured")

    @model_validator(mode="after")
    def _one_need(self) -> Self:
        """Either a unit or something else."""
        if (self.unit is None) == (self.having is None):
            message = "say what they must have: either `unit` or `having`"
            raise ValueError(message)
        return self


@dataclass(frozen=True, slots=True)
class EachHasRule(Rule):
    """Every facility of the selection, from a size on, has what the clause asks for."""

    parameters: EachHasGiven
    Given = EachHasGiven
    unit = "share"

    def divides(self) -> bool:
        """Sites are the smallest subjects there are."""
        return self.parameters.per != "site"

    def kinds(self) -> frozenset[str]:
        """Return the kinds that the clause is about."""
        return frozenset(self.parameters.kinds)

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:
        """Return one row per subject: facilities that have it over facilities of the size."""
        given, over = self.parameters, per or self.parameters.per
        tally = Tally.at_sites(problem, given) if over == "site" else Tally.over(problem, over)
        large: Block = Open() if given.beds is None else Sized(given.beds)
        return Rows(
            subject=tally.subjects,
            numerator=self._having(problem, tally),
            denominator={large: tally.options(tally.facilities(given))},
            denominator_constant=np.zeros(len(tally)),
            required=np.full(len(tally), given.share),
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
        has = problem.selected(given.having)[chosen]
        return {Open(): tally.options((chosen[has], subject[has]))}

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say whether it has what it needs."""
        title = self.clause.title
        if np.isnan(finding.measured):
            return Text(f"{subject.zh}:不在要求范围内,不适用。", f"{subject.en}: not concerned, not applicable.")
        if finding.subject.kind != "site":
            there, every = f"{finding.measured * finding.base:.0f}", f"{finding.base:.0f}"
            return Text(
                f"{subject.zh}:{every}处中{there}处符合“{title.zh}”的要求({share(finding)},要求≥{asked_share(finding)})。",
                f'{subject.en}: {there} of {every} meet "{title.en}" '
                f"({share(finding)}, required ≥ {asked_share(finding)}).",
            )
        has = finding.measured >= finding.required
        return Text(
            f"{subject.zh}:{'符合' if has else '不符合'}“{title.zh}”的要求。",
            f'{subject.en}: {"meets" if has else "does not meet"} "{title.en}".',
        )
