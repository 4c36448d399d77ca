"""Beds for every so many older residents, such as 300 per 10,000."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from siting.model.rows import Beds, Rows
from siting.model.sites import BED_CLASSES
from siting.model.text import Text
from siting.rules.base import BedClasses, Per, Rule, Tally, Where
from siting.rules.words import beds_of, level

if TYPE_CHECKING:
    from siting.model.findings import Finding
    from siting.model.problem import Problem


class BedRatioGiven(Where):
    """Parameters of a clause on beds per resident."""

    classes: BedClasses = Field(BED_CLASSES, min_length=1, description="classes of beds that count")
    beds: float = Field(gt=0, description="beds required for every `persons`")
    persons: float = Field(10_000, gt=0, description="residents for whom `beds` are required")
    per: Per = Field("unit", description="over what it is measured")
    age: int = Field(60, ge=0, description="residents of this age and over")


@dataclass(frozen=True, slots=True)
class BedRatioRule(Rule):
    """A subject has at least so many beds for every so many older residents."""

    parameters: BedRatioGiven
    Given = BedRatioGiven
    unit = "beds/10k"

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:
        """Return one row per subject: beds over residents ÷ 10,000."""
        given = self.parameters
        tally = Tally.over(problem, per or given.per)
        persons = tally.persons(phase, given.age)
        return Rows(
            subject=tally.subjects,
            numerator={Beds(): tally.beds(tally.facilities(given), given.classes)},
            denominator={},
            denominator_constant=persons / 10_000,
            required=np.full(len(tally), given.beds * 10_000 / given.persons),
            sense=">=",
            unit=self.unit,
            persons=persons,
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say how many beds there are per 10,000 and how many are missing."""
        if np.isnan(finding.measured):
            return Text(f"{subject.zh}:没有老年人,不适用。", f"{subject.en}: no older persons, not applicable.")
        lack = max(0.0, np.ceil((finding.required - finding.measured) * finding.persons / 10_000 - 1e-6))
        missing = Text(f",尚缺{lack:,.0f}张", f"; {lack:,.0f} beds short") if lack > 0 else Text("", "")
        beds = beds_of(self.parameters.classes)
        return Text(
            f"{subject.zh}:老年人{finding.persons:,.0f}名,每万名老年人有{beds.zh}{level(finding)}张"
            f"(要求≥{finding.required:g}张){missing.zh}。",
            f"{subject.en}: {level(finding)} {beds.en} per 10,000 of {finding.persons:,.0f} older persons "
            f"(required ≥ {finding.required:g}){missing.en}.",
        )
