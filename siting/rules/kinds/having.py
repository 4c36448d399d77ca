"""What part of the facilities has a quality: passed the fire review, meets a standard, is rated, is in operation.

Counted are facilities of today that are still there as what they are, and committed projects: of what a plan opens, or
makes of another kind of facility, nobody can state such facts yet. A facility whose record does not state the fact does
not count as having it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from siting.model.rows import Open, Rows
from siting.model.text import Text
from siting.rules.base import Per, Rule, Tally, Where
from siting.rules.words import asked_share, share

if TYPE_CHECKING:
    from siting.model.findings import Finding
    from siting.model.problem import Problem


class HavingGiven(Where):
    """Parameters of a clause on a quality of facilities."""

    having: Where = Field(description="the quality: attributes, tags, services…")
    share: float = Field(1.0, gt=0, le=1, description="least part of the facilities that has it")
    per: Per = Field("area", description="over what it is measured; site: each facility by itself")


@dataclass(frozen=True, slots=True)
class HavingRule(Rule):
    """A share of facilities has a quality."""

    parameters: HavingGiven
    Given = HavingGiven
    unit = "share"

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:
        """Return one row per subject: facilities that have it over facilities."""
        given, tally = self.parameters, Tally.over(problem, per or self.parameters.per)
        chosen, subject = tally.facilities(given)
        site = problem.options.site[chosen]
        became = [
            problem.sites.kind[at] not in ("", problem.options.kind[o]) for at, o in zip(site, chosen, strict=True)
        ]
        known = problem.held(phase)[site] & ~np.array(became, dtype=np.bool_)
        chosen, subject = chosen[known], subject[known]
        has = problem.selected(given.having)[chosen]
        return Rows(
            subject=tally.subjects,
            numerator={Open(): tally.options((chosen[has], subject[has]))},
            denominator={Open(): tally.options((chosen, subject))},
            denominator_constant=np.zeros(len(tally)),
            required=np.full(len(tally), given.share),
            sense=">=",
            unit=self.unit,
            persons=tally.persons(phase),
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say how many have it."""
        if np.isnan(finding.measured):
            return Text(f"{subject.zh}:没有这类设施,不适用。", f"{subject.en}: no such facility, not applicable.")
        there, every = f"{finding.measured * finding.base:.0f}", f"{finding.base:.0f}"
        lack = np.ceil(finding.lack - 1e-6)
        missing = (
            Text(f",尚有{lack:.0f}处未达到或未填报", f"; {lack:.0f} do not or do not say") if lack > 0 else Text("", "")
        )
        return Text(
            f"{subject.zh}:{every}处设施中{there}处符合({share(finding)},要求≥{asked_share(finding)}){missing.zh}。",
            f"{subject.en}: {there} of {every} facilities comply ({share(finding)}, "
            f"required ≥ {asked_share(finding)}){missing.en}.",
        )
