"""Meals cooked in a day: so many for every 100 older persons, or a share of all meals cooked.

Capacity is what the catalogue says of the kind and its size, or what a facility's own record states.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from pydantic import Field, model_validator

from siting.model.rows import Open, Rows
from siting.model.text import Text
from siting.rules.base import Per, Rule, Tally, Where
from siting.rules.words import asked_share, level, share

if TYPE_CHECKING:
    from siting.model.findings import Finding
    from siting.model.problem import Csr, Problem
    from siting.model.rows import Block


class MealsGiven(Where):
    """Parameters of a clause on meals."""

    per_100: float | None = Field(None, gt=0, description="meals a day for every 100 older persons, at least")
    share: float | None = Field(None, gt=0, lt=1, description="least part of the meals of `of` that these cook")
    of: Where | None = Field(None, description="the kitchens whose meals the share is of")
    per: Per = Field("area", description="over what it is measured")

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        """Either a number for persons, or a share of meals."""
        if (self.per_100 is None) == (self.share is None) or (self.share is None) != (self.of is None):
            message = "give either per_100, or share with of"
            raise ValueError(message)
        return self


@dataclass(frozen=True, slots=True)
class MealsRule(Rule):
    """Kitchens cook enough meals."""

    parameters: MealsGiven
    Given = MealsGiven
    unit = "meals/100"

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:
        """Return one row per subject: meals of the selection over persons, or over all meals."""
        given, tally = self.parameters, Tally.over(problem, per or self.parameters.per)
        chosen, subject = tally.facilities(given)
        meals = problem.options.meals_per_day
        persons, base = tally.persons(phase), np.zeros(len(tally))
        denominator: dict[Block, Csr[Any, tuple[int, int]]] = {}
        if given.of is None:
            base = persons / 100
        else:
            every, whose = tally.facilities(given.of)
            denominator = {Open(): tally.options((every, whose), meals[every])}
        return Rows(
            subject=tally.subjects,
            numerator={Open(): tally.options((chosen, subject), meals[chosen])},
            denominator=denominator,
            denominator_constant=base,
            required=np.full(len(tally), float(given.per_100 or given.share or 0)),
            sense=">=",
            unit=self.unit if given.of is None else "share",
            persons=persons,
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say how many meals there are."""
        if np.isnan(finding.measured):
            return Text(f"{subject.zh}:无人用餐或无厨房,不适用。", f"{subject.en}: no meals at all, not applicable.")
        lack = np.ceil(finding.lack - 1e-6)
        if self.parameters.share is not None:
            return Text(
                f"{subject.zh}:条款所指设施的供餐能力占全部日供餐能力{finding.base:,.0f}份的{share(finding)}"
                f"(要求≥{asked_share(finding)})。",
                f"{subject.en}: {share(finding)} of {finding.base:,.0f} meals a day are theirs "
                f"(required ≥ {asked_share(finding)}).",
            )
        missing = Text(f",每日尚缺{lack:,.0f}份", f"; {lack:,.0f} meals a day short") if lack > 0 else Text("", "")
        return Text(
            f"{subject.zh}:日供餐能力{finding.measured * finding.base:,.0f}份,每百名老年人{level(finding)}份"
            f"(要求≥{finding.required:g}份){missing.zh}。",
            f"{subject.en}: {finding.measured * finding.base:,.0f} meals a day, {level(finding)} for every 100 "
            f"older persons (required ≥ {finding.required:g}){missing.en}.",
        )
