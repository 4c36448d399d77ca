"""What part of the beds is of certain classes, such as 65 % nursing beds in institutions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from siting.model.rows import Beds, Rows
from siting.model.text import Text
from siting.rules.base import BedClasses, Per, Rule, Tally, Where

if TYPE_CHECKING:
    from siting.model.findings import Finding
    from siting.model.problem import Problem


class BedShareGiven(Where):
    """Parameters of a clause on the share of a class of beds."""

    classes: BedClasses = Field(min_length=1, description="classes of beds whose share is meant")
    share: float = Field(gt=0, le=1, description="least share of all beds")
    per: Per = Field("area", description="over what it is measured")


@dataclass(frozen=True, slots=True)
class BedShareRule(Rule):
    """Beds of certain classes make up at least a share of all beds."""

    parameters: BedShareGiven
    Given = BedShareGiven
    unit = "share"

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:
        """Return one row per subject: beds of the classes over all beds."""
        given = self.parameters
        tally = Tally.over(problem, per or given.per)
        facilities = tally.facilities(given)
        return Rows(
            subject=tally.subjects,
            numerator={Beds(): tally.beds(facilities, given.classes)},
            denominator={Beds(): tally.beds(facilities)},
            denominator_constant=np.zeros(len(tally)),
            required=np.full(len(tally), given.share),
            sense=">=",
            unit=self.unit,
            persons=tally.persons(phase),
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say what share the classes have."""
        if np.isnan(finding.measured):
            return Text(f"{subject.zh}:没有床位,不适用。", f"{subject.en}: no beds, not applicable.")
        zh = "、".join(_CLASS_ZH[name] for name in self.parameters.classes)
        en = " and ".join(self.parameters.classes)
        whose = _WHOSE[self.parameters.operator]
        return Text(
            f"{subject.zh}:{whose.zh}{zh}床位占{finding.measured:.1%}(要求≥{finding.required:.0%})。",
            f"{subject.en}: {en} beds are {finding.measured:.1%} of all beds"
            f"{' of ' + whose.en if whose.en else ''} (required ≥ {finding.required:.0%}).",
        )


_WHOSE = {
    None: Text("", ""),
    "public": Text("公办机构", "public institutions"),
    "non_state": Text("民办机构", "non-state institutions"),
}
_CLASS_ZH = {"general": "普通型", "nursing": "护理型", "dementia": "认知障碍照护"}
