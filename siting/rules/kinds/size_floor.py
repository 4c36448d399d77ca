"""Every facility of a sort has at least so many square metres, such as 300 m² in new residential areas.

Measured at every site: floor area of what stands there. A facility whose floor nobody stated has none to show, and is
short. What stands today is not asked to grow.
"""

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


class SizeFloorGiven(Where):
    """Parameters of a clause on floor area."""

    least_m2: float = Field(gt=0, description="least floor area of each facility, m²")


@dataclass(frozen=True, slots=True)
class SizeFloorRule(Rule):
    """Every facility of the selection has a least floor area."""

    parameters: SizeFloorGiven
    Given = SizeFloorGiven
    unit = "m2"

    def divides(self) -> bool:
        """Sites are the smallest subjects there are."""
        return False

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002 - sites in any case
        """Return one row per site: floor area in force over facilities in force."""
        tally = Tally.at_sites(problem, self.parameters)
        facilities = tally.facilities(self.parameters)
        floor = np.nan_to_num(problem.options.floor_area_m2[facilities[0]])
        return Rows(
            subject=tally.subjects,
            numerator={Open(): tally.options(facilities, floor)},
            denominator={Open(): tally.options(facilities)},
            denominator_constant=np.zeros(len(tally)),
            required=np.full(len(tally), self.parameters.least_m2),
            sense=">=",
            unit=self.unit,
            persons=tally.persons(phase),
            grandfathers=True,
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say how large it is and how large it must be."""
        if np.isnan(finding.measured):
            return Text(f"{subject.zh}:没有这类设施,不适用。", f"{subject.en}: no such facility, not applicable.")
        if finding.measured == 0:
            return Text(
                f"{subject.zh}:建筑面积未填报(要求≥{finding.required:g}平方米)。",
                f"{subject.en}: floor area not stated (required ≥ {finding.required:g} m²).",
            )
        missing = Text("", "")
        if finding.lack > 0:
            missing = Text(f",尚缺{finding.lack:,.0f}平方米", f"; {finding.lack:,.0f} m² short")
        return Text(
            f"{subject.zh}:建筑面积{finding.measured:,.0f}平方米(要求≥{finding.required:g}平方米){missing.zh}。",
            f"{subject.en}: {finding.measured:,.0f} m² (required ≥ {finding.required:g} m²){missing.en}.",
        )
