"""New housing hands over as much floor as its plan says: measured on the candidates that housing projects are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from siting.model.rows import AREA, Rows, lacking
from siting.model.text import Text
from siting.rules.base import Parameters, Per, Rule
from siting.rules.words import asked_share, share

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray
    from siting.model.findings import Finding
    from siting.model.problem import Problem


class HandoverGiven(Parameters):
    """Parameters of a clause on handing over; how much is due stands under `premises` of the pack."""

    share: float = Field(1.0, gt=0, le=1, description="least part of the projects that hand over what is due")


@dataclass(frozen=True, slots=True)
class HandoverRule(Rule):
    """Housing projects hand over what is due."""

    parameters: HandoverGiven
    Given = HandoverGiven
    unit = "share"

    def divides(self) -> bool:
        """Projects are those of the whole area."""
        return False

    def missing(self, problem: Problem) -> Text | None:
        """Say that no housing project is known, or nothing of what is due."""
        if problem.catalogue.premises.handover is None:
            return lacking("住宅配建标准(政策包 premises: {handover: …})", "handover due (premises of a policy pack)")
        if not _projects(problem)[0].any():
            return lacking(
                "新建住宅项目的“project_floor_area_m2”(项目建筑面积)列",
                "column project_floor_area_m2 of candidates in new housing",
            )
        return None

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002 - see `divides`
        """Return one row without any decision in it: projects that hand over enough over projects."""
        projects, due = _projects(problem)
        enough = projects & (problem.sites.floor_area_m2 >= due - 1e-9)
        return Rows(
            subject=(AREA,),
            numerator={},
            numerator_constant=np.array([float(enough.sum())]),
            denominator={},
            denominator_constant=np.array([float(projects.sum())]),
            required=np.array([self.parameters.share]),
            sense=">=",
            unit=self.unit,
            persons=np.zeros(1),
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say how many hand over enough."""
        there, every = f"{finding.measured * finding.base:.0f}", f"{finding.base:.0f}"
        return Text(
            f"{subject.zh}:{every}个新建住宅项目中{there}个足额配建({share(finding)},要求≥{asked_share(finding)})。",
            f"{subject.en}: {there} of {every} housing projects hand over what is due ({share(finding)}, "
            f"required ≥ {asked_share(finding)}).",
        )


def _projects(problem: Problem) -> tuple[BoolArray, FloatArray]:
    """Return which candidates are housing projects of stated floor, and the floor that is due, m²."""
    told = problem.sites.attribute("project_floor_area_m2")
    project = np.array([value if isinstance(value, float) else np.nan for value in told], dtype=np.float64)
    new = np.array([context in ("", "new_residential") for context in problem.sites.context], dtype=np.bool_)
    rule = problem.catalogue.premises.handover
    due = np.full(len(project), np.nan) if rule is None else rule.floor_area_m2(project)
    return np.asarray(~problem.sites.existing & new & np.isfinite(project)), due
