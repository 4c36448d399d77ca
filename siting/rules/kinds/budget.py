"""What a plan may spend: capital up to the end of each year within the money that is declared.

Spent ≤ Σ of the declared numbers of the year, all in yuan and all in all up to its end (not of the year alone).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field
from scipy import sparse

from siting.model.rows import AREA, Rows, Spent, lacking
from siting.model.text import Text
from siting.rules.base import Parameters, Per, Rule

if TYPE_CHECKING:
    from siting.model.findings import Finding
    from siting.model.problem import Problem

_WAN = 10_000


class BudgetGiven(Parameters):
    """Parameters of a clause on money."""

    funds: tuple[str, ...] = Field(
        min_length=1, description="numbers under `facts` that add up: yuan in all up to the end of a year"
    )


@dataclass(frozen=True, slots=True)
class BudgetRule(Rule):
    """A plan spends no more than there is."""

    parameters: BudgetGiven
    Given = BudgetGiven
    unit = "yuan"

    def divides(self) -> bool:
        """Money is that of the whole area."""
        return False

    def missing(self, problem: Problem) -> Text | None:
        """Say which sums are not declared."""
        absent = [name for name in self.parameters.funds if name not in problem.facts]
        if not absent:
            return None
        return lacking(f"“{'、'.join(absent)}”(facts,元,按年累计)", f"number {', '.join(absent)} (facts, yuan in all)")

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002 - the area in any case
        """Return one row: capital spent; before the first year declared there is no money."""
        funds = sum(problem.fact(name, phase) or 0.0 for name in self.parameters.funds)
        return Rows(
            subject=(AREA,),
            numerator={Spent(): sparse.csr_array(np.ones((1, 1)))},
            denominator={},
            denominator_constant=np.ones(1),
            required=np.array([funds]),
            sense="<=",
            unit=self.unit,
            persons=np.zeros(1),
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say what is spent and what there is."""
        spent, there = finding.measured / _WAN, finding.required / _WAN
        over = Text("", "")
        if finding.lack > 0:
            much = finding.lack / _WAN
            over = Text(f",超出{much:,.2f}万元", f"; {much:,.2f} over")
        return Text(
            f"{subject.zh}:累计投资{spent:,.2f}万元(可用资金{there:,.2f}万元){over.zh}。",
            f"{subject.en}: {spent:,.2f} of {there:,.2f} (10,000 yuan) are spent{over.en}.",
        )
