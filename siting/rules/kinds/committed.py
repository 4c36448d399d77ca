"""A project that the plan names is among the study's facilities or committed projects, as large as the plan says.

Where the tables name no such project at all, nothing can be said of it: it is for the study to list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from siting.model.rows import Open, Rows, lacking
from siting.model.text import Text
from siting.rules.base import Per, Rule, Tally, Where

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray
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
        surely = self._named(problem)[site] & (problem.sites.existing[site] | (problem.sites.opens[site] > 0))
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

    def _named(self, problem: Problem) -> BoolArray:
        """Return the sites that bear the project's name: bool[site]."""
        words = self.parameters.names
        return np.array([any(word in name for word in words) for name in problem.sites.name], dtype=np.bool_)

    def missing(self, problem: Problem) -> Text | None:
        """Say that no table names the project."""
        name = "、".join(self.parameters.names)
        lack = lacking(
            f"名称含“{name}”的设施(请列入现有设施表;尚未投用的,列入备选场地表并填写投用年份“opens”)",
            f"facility named {name} (list it among the facilities or, with the year in column opens, the candidates)",
        )
        return super(CommittedRule, self).missing(problem) if self._named(problem).any() else lack

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say whether it is there."""
        name = "、".join(self.parameters.names)
        if finding.measured > 0:
            return Text(f"{subject.zh}:“{name}”已按要求投用。", f"{subject.en}: {name} is there as required.")
        return Text(
            f"{subject.zh}:“{name}”虽已列入设施表或备选场地表,但尚未投用或不符合要求(床位数、类别或标签)。",
            f"{subject.en}: {name} is listed, but is not open by then or not as required (beds, kind or tags).",
        )
