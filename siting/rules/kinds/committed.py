"""A project that the plan names is among the study's facilities or committed projects, as large as the plan says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from siting.model.rows import Open, Rows
from siting.model.text import Text
from siting.rules.base import Per, Rule, Tally, Where

if TYPE_CHECKING:
    from siting.model.findings import Finding
    from siting.model.problem import Problem


class CommittedGiven(Where):
    """Parameters of a clause that names a project."""

    names: tuple[str, ...] = Field(min_length=1, description="words of its name in the study's tables; any of them")


@dataclass(frozen=True, slots=True)
class CommittedRule(Rule):
    """The named project is there."""

    parameters: CommittedGiven
    Given = CommittedGiven
    unit = "sites"

    def divides(self) -> bool:
        """Return that a project is one place."""
        return False

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002 - the area in any case
        """Return one row: facilities in force that are the project."""
        given, tally = self.parameters, Tally.over(problem, "area")
        chosen, subject = tally.facilities(given)
        site = problem.options.site[chosen]
        named = np.array([any(word in problem.sites.name[at] for word in given.names) for at in site], dtype=np.bool_)
        surely = named & (problem.sites.existing[site] | (problem.sites.opens[site] > 0))
        return Rows(
            subject=tally.subjects,
            numerator={Open(): tally.options((chosen[surely], subject[surely]))},
            denominator={},
            denominator_constant=np.ones(1),
            required=np.ones(1),
            sense=">=",
            unit=self.unit,
            persons=tally.persons(phase),
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say whether it is there."""
        name = "、".join(self.parameters.names)
        if finding.measured > 0:
            return Text(f"{subject.zh}:“{name}”已按要求投用。", f"{subject.en}: {name} is there as required.")
        return Text(
            f"{subject.zh}:未见符合要求的“{name}”(既非现有设施,也未列为到期投用的已定项目)。",
            f"{subject.en}: no {name} as required, neither standing nor committed by then.",
        )
