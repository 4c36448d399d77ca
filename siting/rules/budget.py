"""What the study itself may spend: limits on money that are audited, planned by and found to clash like any clause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from pydantic import Field, model_validator
from scipy import sparse

from siting.model.rows import AREA, Clause, Rows, Spent
from siting.model.text import Citation, Text
from siting.rules.base import Parameters, Per, Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.model.findings import Finding
    from siting.model.problem import Problem

YUAN_PER_WAN = 10_000.0
_WORDS = {
    "BUDGET": Text("总预算", "whole budget"),
    "BUDGET-YEARS": Text("分年预算", "budgets by year"),
}


class BudgetGiven(Parameters):
    """Money by year and in all; pay of those hired counts as the catalogue counts it."""

    total: float | None = Field(None, gt=0, description="yuan for the whole plan")
    by_year: dict[int, float] = Field(
        default_factory=dict,
        description="yuan by year; a phase has those of the years since the phase before it, the first all up to it",
    )
    carry_over: bool = Field(default=True, description="whether money that is not spent is there in later years")

    @model_validator(mode="after")
    def _something(self) -> Self:
        """Refuse a budget of nothing, and amounts below nought."""
        if self.total is None and not self.by_year:
            message = "gives no amount; write `total: …`, or `by_year: {2025: …}`"
            raise ValueError(message)
        below = [year for year, amount in self.by_year.items() if amount < 0]
        if below:
            message = f"by_year is below nought in {', '.join(map(str, below))}; write 0 or more"
            raise ValueError(message)
        return self

    def of_phase(self, phases: Sequence[int], phase: int) -> float:
        """Return the money of the years that end in a phase."""
        after = phases[phase - 1] if phase else -np.inf
        return float(sum(amount for year, amount in self.by_year.items() if after < year <= phases[phase]))


@dataclass(frozen=True, slots=True)
class Budget(Rule):
    """No more is spent than there is: in all, up to a phase's end, or in a phase where nothing is carried over."""

    parameters: BudgetGiven
    Given = BudgetGiven
    unit = "10k_yuan"

    @classmethod
    def of(cls, identity: str, given: BudgetGiven) -> Self:
        """Make the rule of a study's ``budget``; `identity` is a key of `_WORDS`."""
        title = _WORDS[identity]
        citation = Citation(Text("本研究", "this study"), "", "budget", title, None)
        return cls(Clause(identity, title, citation, "must", "budget", None), given)

    def divides(self) -> bool:
        """Money is not measured by district."""
        return False

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002 - one row only
        """Return one row: yuan spent in units of 10,000, against what there is."""
        given, phases = self.parameters, problem.phases
        within = self.clause.id == "BUDGET-YEARS" and not given.carry_over
        if self.clause.id == "BUDGET":
            limit = float(given.total or 0.0)
        elif within:
            limit = given.of_phase(phases, phase)
        else:
            limit = sum(given.of_phase(phases, earlier) for earlier in range(phase + 1))
        return Rows(
            subject=(AREA,),
            numerator={Spent(pay=True, within=within): sparse.csr_array(np.full((1, 1), 1.0 / YUAN_PER_WAN))},
            denominator={},
            denominator_constant=np.ones(1),
            required=np.array([limit / YUAN_PER_WAN]),
            sense="<=",
            unit=self.unit,
            persons=np.zeros(1),
            grandfathers=False,
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:  # noqa: ARG002 - money is of the whole area
        """Say what is spent, of how much."""
        title = self.clause.title
        return Text(
            f"{title.zh}:{finding.phase}年投入{finding.measured:,.2f}万元,可用{finding.required:,.2f}万元。",
            f"{title.en.capitalize()}: {finding.measured:,.2f} of {finding.required:,.2f} (10,000 yuan) are spent in "
            f"{finding.phase}.",
        )


def budgets(given: BudgetGiven | None) -> tuple[Budget, ...]:
    """Return the rules of a study's budget; none without one."""
    if given is None:
        return ()
    whole = (Budget.of("BUDGET", given),) if given.total is not None else ()
    return whole + ((Budget.of("BUDGET-YEARS", given),) if given.by_year else ())
