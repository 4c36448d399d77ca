"""Villages and communities within walking distance of a facility, counted by the seats of their committees.

Covered share = communities whose seat lies within reach ÷ all communities of the subject. Minutes become metres by the
study's walking speed; the limit is inclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from siting.model.rows import Covered, Rows, lacking, select
from siting.model.text import Text
from siting.rules.base import Per, Rule, Tally, Where
from siting.rules.words import asked_share, share

if TYPE_CHECKING:
    from siting.model.findings import Finding
    from siting.model.problem import Problem, Reach


class CommunitiesGiven(Where):
    """Parameters of a clause on the share of communities."""

    minutes: float | None = Field(None, gt=0, description="walking minutes from the seat to the door, inclusive")
    metres: float | None = Field(None, gt=0, description="walking metres from the seat to the door, inclusive")
    share: float = Field(1.0, gt=0, le=1, description="share of communities that must be covered")
    of: Literal["all", "reachable"] = Field(
        "all", description="the share is of all communities, or of those that existing and candidate sites can reach"
    )
    per: Per = Field("area", description="over what the share is measured; community: each by itself")

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        """Either minutes or metres."""
        if (self.minutes is None) == (self.metres is None):
            message = "give either minutes or metres"
            raise ValueError(message)
        return self


@dataclass(frozen=True, slots=True)
class CommunitiesRule(Rule):
    """A share of communities has a facility within a walking distance or time of its seat."""

    parameters: CommunitiesGiven
    Given = CommunitiesGiven
    unit = "share"

    def reach(self, walk_speed_m_per_s: float) -> Reach:
        """Return the distance in metres and the facilities, for persons who walk at a speed."""
        given = self.parameters
        if given.minutes is None:
            return given.within(float(given.metres or 0))
        return given.within(given.minutes * 60 * walk_speed_m_per_s, walk_speed_m_per_s)

    def missing(self, problem: Problem) -> Text | None:
        """Say that there is no table of communities, where there is none."""
        if not len(problem.communities):
            return lacking("社区(村)表(communities)", "table of communities (communities: {file: …})")
        return Rule.missing(self, problem)

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:
        """Return one row per subject: seats within reach over seats."""
        given, reach = self.parameters, self.reach(problem.walk_speed_m_per_s)
        tally = Tally.over(problem, per or given.per)
        count = len(tally)
        row = np.where(problem.zones.is_cell, -1, tally.places.of_zone)
        seats = np.flatnonzero(row >= 0)
        every = np.bincount(row[seats], minlength=count).astype(np.float64)
        required = np.full(count, given.share)
        if given.of == "reachable":
            near = seats[problem.reachable(reach, phase)[seats]]
            within = np.bincount(row[near], minlength=count)
            required = required * np.divide(within, every, out=np.zeros(count), where=every > 0)
        return Rows(
            subject=tally.subjects,
            numerator={Covered(reach): select(seats, np.ones(len(seats)), row[seats], (count, len(problem.zones)))},
            denominator={},
            denominator_constant=every,
            required=required,
            sense=">=",
            unit=self.unit,
            persons=tally.persons(phase),
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say how many communities are covered and how many are missing."""
        given = self.parameters
        if np.isnan(finding.measured):
            return Text(f"{subject.zh}:没有社区(村),不适用。", f"{subject.en}: has no community, not applicable.")
        if given.minutes is not None:
            limit = Text(f"步行{given.minutes:g}分钟", f"{given.minutes:g} minutes' walk")
        else:
            limit = Text(f"步行{given.metres:g}米", f"a {given.metres:g} m walk")
        lack = np.ceil(finding.lack - 1e-6)
        missing = Text(f",尚缺{lack:.0f}个", f"; {lack:.0f} short") if lack > 0 else Text("", "")
        there, every = f"{finding.measured * finding.base:.0f}", f"{finding.base:.0f}"
        return Text(
            f"{subject.zh}:{every}个社区(村)中,{there}个的居(村)委会{limit.zh}内有所要求的设施"
            f"(覆盖率{share(finding)},要求≥{asked_share(finding)}){missing.zh}。",
            f"{subject.en}: {there} of {every} communities have such a facility within {limit.en} of their seat "
            f"({share(finding)}, required ≥ {asked_share(finding)}){missing.en}.",
        )
