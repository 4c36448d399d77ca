"""Care circles as they are drawn: how many, each in one piece, and of like numbers of older persons.

In one piece: districts of a circle that hang together by common borders; measured is the part of the circle's older
persons who live in its largest piece. Balance of a circle: the lesser of its persons and the mean over the greater.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from pydantic import Field, model_validator
from scipy.sparse.csgraph import connected_components

from siting.model.neighbours import neighbours
from siting.model.rows import AREA, Rows, Subjects, lacking
from siting.model.text import Text
from siting.rules.base import Parameters, Per, Rule, Tally
from siting.rules.words import asked_share, share

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray
    from siting.model.findings import Finding
    from siting.model.problem import Problem


class CirclesGiven(Parameters):
    """Parameters of a clause on care circles."""

    from_count: int = Field(ge=1, description="least number of circles")
    to_count: int = Field(ge=1, description="greatest number of circles")
    balance: float = Field(gt=0, le=1, description="least balance of a circle: 0.8 allows 80 % to 125 % of the mean")

    @model_validator(mode="after")
    def _some_number(self) -> Self:
        """Refuse a range that holds nothing."""
        if self.from_count > self.to_count:
            message = "from_count exceeds to_count"
            raise ValueError(message)
        return self


@dataclass(frozen=True, slots=True)
class CirclesRule(Rule):
    """Circles are as many as the plan says, contiguous, and balanced."""

    parameters: CirclesGiven
    Given = CirclesGiven
    unit = "share"

    def divides(self) -> bool:
        """Circles are larger than districts."""
        return False

    def missing(self, problem: Problem) -> Text | None:
        """Say that no circle is drawn."""
        if problem.districts.circles:
            return None
        return lacking("照护圈划分(districts: {circle: 列名})", "care circles (districts: {circle: COLUMN})")

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002 - circles in any case
        """Return rows without any decision in them: the number of circles, then pieces and balance of each."""
        given, circles = self.parameters, Subjects.of(problem, "circle").subjects
        persons = Tally.over(problem, "circle").persons(phase)
        mean = persons.mean() if persons.any() else 1.0
        number = min(1.0, len(circles) / given.from_count, given.to_count / len(circles))
        balance = np.minimum(persons, mean) / np.maximum(persons, mean)
        count = 1 + 2 * len(circles)
        return Rows(
            subject=(AREA, *(_part(one, "pieces") for one in circles), *(_part(one, "balance") for one in circles)),
            numerator={},
            numerator_constant=np.concatenate([[number], _in_one_piece(problem, phase), balance]),
            denominator={},
            denominator_constant=np.ones(count),
            required=np.concatenate([[1.0], np.ones(len(circles)), np.full(len(circles), given.balance)]),
            sense=">=",
            unit=self.unit,
            persons=np.concatenate([[persons.sum()], persons, persons]),
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say how the circles are drawn."""
        given, part = self.parameters, share(finding)
        if finding.subject.part == "pieces":
            whole = finding.lack == 0
            return Text(
                f"{subject.zh}:{'各镇(街道)连成一片' if whole else f'未连成一片,最大一片占老年人的{part}'}。",
                f"{subject.en}: {'in one piece' if whole else f'in pieces, {part} of its persons in the largest'}.",
            )
        if finding.subject.part == "balance":
            return Text(
                f"{subject.zh}:{finding.persons:,.0f}名老年人,与各圈平均数的均衡度{part}(要求≥{asked_share(finding)})。",
                f"{subject.en}: {finding.persons:,.0f} older persons, balance with the mean circle {part} "
                f"(required ≥ {asked_share(finding)}).",
            )
        wanted = Text(f"{given.from_count}—{given.to_count}个", f"{given.from_count} to {given.to_count}")
        good = finding.lack == 0
        return Text(
            f"{subject.zh}:照护圈数量{'符合' if good else '不符合'}{wanted.zh}的要求。",
            f"{subject.en}: the number of circles is {'' if good else 'not '}{wanted.en}.",
        )


def _part(circle: Any, part: str) -> Any:  # noqa: ANN401 - subjects
    """Name a part of what is asked of a circle."""
    return replace(circle, part=part)


def _in_one_piece(problem: Problem, phase: int) -> FloatArray:
    """Return what part of each circle's persons live in its largest piece: float64[circle]."""
    districts, zones = problem.districts, problem.zones
    inside = zones.district >= 0
    living = zones.persons_from(zones.ages[0], phase)
    persons = np.bincount(zones.district[inside], living[inside], minlength=len(districts))
    index, beside, found = districts.circle_index(), neighbours(districts), []
    for circle in range(len(districts.circles)):
        members = np.flatnonzero(index == circle)
        piece = connected_components(beside[np.ix_(members, members)].astype(np.int8), directed=False)[1]
        weight = np.bincount(piece, np.maximum(persons[members], 1e-9))
        found.append(weight.max() / weight.sum())
    return np.array(found)
