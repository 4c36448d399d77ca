"""Staff that follows facilities: one person of a trade for every so many beds, and for every centre.

Measured: persons employed ÷ persons needed, where ``needed = Σ beds ÷ beds per person + Σ facilities``. Those of today
are added up from a column of the tables; who is hired besides is a decision of the plan, and has its price.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field
from scipy import sparse

from siting.model.rows import Beds, Open, Rows, Staff, lacking
from siting.model.text import Text
from siting.rules.base import Parameters, Per, Rule, Tally, Where

if TYPE_CHECKING:
    from siting.model.findings import Finding
    from siting.model.problem import Problem


class Need(Where):
    """Facilities that need persons of the trade."""

    beds: float | None = Field(None, gt=0, description="one person for every so many beds; one for each unless given")


class StaffingGiven(Parameters):
    """Parameters of a clause on staff."""

    role: str = Field(min_length=1, description="trade, of the catalogue's roles")
    today: str = Field(min_length=1, description="column of facilities that counts those employed today")
    one_for: tuple[Need, ...] = Field(min_length=1, description="what one person each is needed for")


@dataclass(frozen=True, slots=True)
class StaffingRule(Rule):
    """As many persons of a trade are employed as the facilities and their beds need."""

    parameters: StaffingGiven
    Given = StaffingGiven
    unit = "share"

    def divides(self) -> bool:
        """Persons are hired for the whole area, not by district."""
        return False

    def roles(self) -> frozenset[str]:
        """Return the trade."""
        return frozenset({self.parameters.role})

    def missing(self, problem: Problem) -> Text | None:
        """Say that no table states who is employed today."""
        column = self.parameters.today
        if problem.sites.existing.any() and all(one is None for one in problem.sites.attribute(column)):
            return lacking(f"设施表的“{column}”列", f"column {column} of the tables of facilities")
        return Rule.missing(self, problem)

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002 - the area in any case
        """Return one row: persons employed over persons needed."""
        given, tally = self.parameters, Tally.over(problem, "area")
        beds = tally.beds((np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)))
        each = tally.options((np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)))
        for need in given.one_for:
            facilities = tally.facilities(need)
            if need.beds is None:
                each = sparse.csr_array(each + tally.options(facilities))
            else:
                beds = sparse.csr_array(beds + tally.beds(facilities) * (1 / need.beds))
        return Rows(
            subject=tally.subjects,
            numerator={Staff(given.role): sparse.csr_array(np.ones((1, 1)))},
            numerator_constant=np.array([tally.stated(given.today) or 0.0]),
            denominator={Beds(): beds, Open(): each},
            denominator_constant=np.zeros(1),
            required=np.ones(1),
            sense=">=",
            unit=self.unit,
            persons=tally.persons(phase),
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say how many are needed, employed and missing."""
        if np.isnan(finding.measured):
            return Text(
                f"{subject.zh}:没有需配备人员的设施,不适用。", f"{subject.en}: nobody is needed, not applicable."
            )
        there, needed = finding.measured * finding.base, finding.base
        lack = np.ceil(finding.lack - 1e-6)
        missing = Text(f",尚缺{lack:,.0f}名", f"; {lack:,.0f} short") if lack > 0 else Text("", "")
        return Text(
            f"{subject.zh}:应配备{np.ceil(needed - 1e-6):,.0f}名,已配备和拟新增{there:,.0f}名{missing.zh}。",
            f"{subject.en}: {np.ceil(needed - 1e-6):,.0f} needed, {there:,.0f} employed or to be hired{missing.en}.",
        )
