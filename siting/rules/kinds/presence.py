"""At least so many facilities of a kind in the county, in each planning unit, or in each street and town."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from pydantic import Field, model_validator
from scipy import sparse

from siting.model.rows import Open, Rows, lacking
from siting.model.text import Text
from siting.rules.base import Among, Parameters, Per, Rule, Tally, Where

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray
    from siting.model.findings import Finding
    from siting.model.problem import Csr, Problem
    from siting.model.rows import Subject


class Count(Where):
    """One count that a presence clause asks for."""

    at_least: int = Field(1, ge=1, description="facilities required")
    per: Per = Field("district", description="in the whole area, in each planning unit, or in each street and town")
    among: Among | None = Field(None, description="only in urban streets, or only in rural townships")
    communities: bool = Field(
        default=False, description="communities that bear the tags count too, as the table of communities states them"
    )

    @model_validator(mode="after")
    def _tagged(self) -> Self:
        """Refuse to count every community there is."""
        if self.communities and not self.tags:
            message = "communities are counted by their tags; write `tags`"
            raise ValueError(message)
        return self

    def missing(self, problem: Problem) -> Text | None:
        """Say which facts are missing, and that communities are not known where they are counted."""
        if self.communities and not len(problem.communities):
            return lacking("社区(村)表(communities)", "table of communities (communities: {file: …})")
        return super().missing(problem)


class PresenceGiven(Parameters):
    """Parameters of a presence clause: one or more counts that all must hold."""

    require: tuple[Count, ...] = Field(min_length=1, description="counts that must hold together")


@dataclass(frozen=True, slots=True)
class PresenceRule(Rule):
    """Every subject has at least so many facilities at different sites."""

    parameters: PresenceGiven
    Given = PresenceGiven
    unit = "sites"

    def divides(self) -> bool:
        """Only counts that the clause itself makes by district are counted by district."""
        return any(count.per == "district" for count in self.parameters.require)

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:
        """Return one row per count and subject: facilities in force."""
        counts = [count for count in self.parameters.require if per in (None, count.per)]
        parts = [self._part(problem, phase, count) for count in counts]
        standing = [_tagged(Tally.over(problem, count.per, count.among), count) for count in counts]
        return Rows(
            subject=tuple(subject for subjects, _, _ in parts for subject in subjects),
            numerator={Open(): sparse.csr_array(sparse.vstack([block for _, block, _ in parts], format="csr"))},
            denominator={},
            denominator_constant=np.ones(sum(len(subjects) for subjects, _, _ in parts)),
            required=np.concatenate(
                [np.full(len(part[0]), float(count.at_least)) for count, part in zip(counts, parts, strict=True)]
            ),
            sense=">=",
            unit=self.unit,
            persons=np.concatenate([persons for _, _, persons in parts]),
            numerator_constant=np.concatenate(standing),
        )

    def _part(
        self, problem: Problem, phase: int, count: Count
    ) -> tuple[tuple[Subject, ...], Csr[Any, tuple[int, int]], FloatArray]:
        """Return subjects, incidence of options and persons of one count."""
        tally = Tally.over(problem, count.per, count.among)
        block = tally.options(tally.facilities(count))
        label = "+".join(count.kinds) if len(self.parameters.require) > 1 else ""
        return tuple(replace(member, part=label) for member in tally.subjects), block, tally.persons(phase)

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say how many there are and how many are wanted."""
        noun = "facility" if finding.measured == 1 else "facilities"
        lack = finding.lack
        missing = Text(f",尚缺{lack:.0f}处", f"; {lack:.0f} short") if lack > 0 else Text("", "")
        return Text(
            f"{subject.zh}:有{finding.measured:.0f}处(要求≥{finding.required:.0f}处){missing.zh}。",
            f"{subject.en}: {finding.measured:.0f} {noun} (required ≥ {finding.required:.0f}){missing.en}.",
        )


def _tagged(tally: Tally, count: Count) -> FloatArray:
    """Return the communities of each subject that bear the tags of a count: float64[subject]."""
    zones, communities = tally.problem.zones, tally.problem.communities
    found = np.zeros(len(tally))
    if count.communities:
        bears = np.array([tags.issuperset(count.tags) for tags in communities.tags], dtype=np.bool_)
        seats = np.flatnonzero((zones.community >= 0) & (tally.places.of_zone >= 0))
        seats = seats[bears[zones.community[seats]]]
        np.add.at(found, tally.places.of_zone[seats], 1.0)
    return found
