"""Groups that come first: what part of each group of older persons lives within a walk of a facility.

Beside each group the whole population is measured with the weights of its groups, so that a person of a group that
comes first counts more than another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field
from scipy import sparse

from siting.model.rows import Covered, Rows, Subject, lacking
from siting.model.text import Text
from siting.rules.base import Per, Rule, Where
from siting.rules.words import asked_share, share

if TYPE_CHECKING:
    from siting.model.findings import Finding
    from siting.model.problem import Problem, Reach

WEIGHTED = "weighted"
"""Part of the row that measures everybody with weights."""


class GroupsGiven(Where):
    """Parameters of a clause on groups that come first."""

    groups: tuple[str, ...] = Field(min_length=1, description="ids of groups under `demand.groups`")
    minutes: float = Field(gt=0, description="walking minutes from home to the door, inclusive")
    share: float = Field(gt=0, le=1, description="least part of each group, and of everybody weighted")


@dataclass(frozen=True, slots=True)
class GroupsRule(Rule):
    """Those who come first are served."""

    parameters: GroupsGiven
    Given = GroupsGiven
    unit = "share"

    def divides(self) -> bool:
        """Return that groups are measured over the whole area."""
        return False

    def reach(self, walk_speed_m_per_s: float) -> Reach:
        """Return the distance in metres and the facilities, for persons who walk at a speed."""
        return self.parameters.within(self.parameters.minutes * 60 * walk_speed_m_per_s, walk_speed_m_per_s)

    def missing(self, problem: Problem) -> Text | None:
        """Say which groups the study does not describe."""
        known = {group.id for group in problem.zones.groups}
        absent = [group for group in self.parameters.groups if group not in known]
        if absent:
            names = "、".join(absent)
            return lacking(f"重点人群“{names}”(demand: {{groups: …}})", f"groups {names} (demand: {{groups: …}})")
        return Rule.missing(self, problem)

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002 - see `divides`
        """Return a row for everybody weighted, and one for every group: persons covered over persons."""
        zones, given = problem.zones, self.parameters
        inside = (zones.district >= 0).astype(np.float64)
        told = [zones.weighted(phase), *(zones.persons_of(group, phase) for group in given.groups)]
        persons = np.array(told) * inside
        names = (WEIGHTED, *given.groups)
        reach = self.reach(problem.walk_speed_m_per_s)
        every = persons.sum(axis=1)
        return Rows(
            subject=tuple(Subject("area", "", name) for name in names),
            numerator={Covered(reach): sparse.csr_array(persons)},
            denominator={},
            denominator_constant=every,
            required=np.full(len(names), given.share),
            sense=">=",
            unit=self.unit,
            persons=every,
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say how many are covered."""
        if np.isnan(finding.measured):
            return Text(f"{subject.zh}:没有这类老年人,不适用。", f"{subject.en}: nobody, not applicable.")
        limit = f"{self.parameters.minutes:g}"
        whose = Text("名老年人", "older persons")
        if finding.subject.part == WEIGHTED:
            whose = Text("加权人次", "weighted older persons")
        return Text(
            f"{subject.zh}:{finding.persons:,.0f}{whose.zh}中{share(finding)}步行{limit}分钟内有设施"
            f"(要求≥{asked_share(finding)})。",
            f"{subject.en}: {share(finding)} of {finding.persons:,.0f} {whose.en} have a facility within {limit} "
            f"minutes' walk (required ≥ {asked_share(finding)}).",
        )
