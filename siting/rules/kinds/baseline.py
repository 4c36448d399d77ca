"""The study agrees with what the plan says of a year: persons, facilities, beds, meals, within a tolerance.

Measured: ``|study − plan| ÷ plan``. A year that is no phase of the study is not applicable; facilities, beds and meals
are those that stand today.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from siting.model.rows import Rows, Subject, lacking
from siting.model.sites import Action
from siting.model.text import Text
from siting.rules.base import Parameters, Per, Rule, Tally

if TYPE_CHECKING:
    from siting.model.findings import Finding
    from siting.model.problem import Problem


class Check(Parameters):
    """One number of the plan."""

    name: str = Field(min_length=1, description="what tells the number from the clause's others, in findings")
    of: Literal["persons", "facilities", "beds_per_1000", "meals"] = Field(description="what the study compares")
    kinds: tuple[str, ...] = Field((), description="kinds of facility that are counted; any unless given")
    year: int = Field(description="year that the number describes; for persons a phase of the study")
    value: float = Field(gt=0, description="the plan's number")


class BaselineGiven(Parameters):
    """Parameters of a clause on a baseline or a forecast."""

    checks: tuple[Check, ...] = Field(min_length=1, description="numbers of the plan")
    tolerance: float = Field(gt=0, lt=1, description="largest deviation, as a part of the plan's number")


@dataclass(frozen=True, slots=True)
class BaselineRule(Rule):
    """The study starts from what the plan starts from."""

    parameters: BaselineGiven
    Given = BaselineGiven
    unit = "share"

    def divides(self) -> bool:
        """Return that the plan speaks of the whole area."""
        return False

    def kinds(self) -> frozenset[str]:
        """Return the kinds that are counted."""
        return frozenset(kind for check in self.parameters.checks for kind in check.kinds)

    def missing(self, problem: Problem) -> Text | None:
        """Say that nothing can be compared: no year fits, and no facility is known."""
        if any(self._applies(problem, check, phase) for check in self.parameters.checks for phase in _all(problem)):
            return None
        return lacking("现有设施表或对应年份的规划期", "table of facilities, or a phase of the plan's years")

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002 - the area in any case
        """Return one row per number, without any decision in it: how far the study is from the plan."""
        checks = self.parameters.checks
        applies = np.array([float(self._applies(problem, check, phase)) for check in checks])
        away = np.array([abs(_found(problem, check, phase) - check.value) / check.value for check in checks])
        return Rows(
            subject=tuple(Subject("area", "", check.name) for check in checks),
            numerator={},
            numerator_constant=away * applies,
            denominator={},
            denominator_constant=applies,
            required=np.full(len(checks), self.parameters.tolerance),
            sense="<=",
            unit=self.unit,
            persons=np.full(len(checks), Tally.over(problem, "area").persons(phase)[0]),
            grandfathers=False,
        )

    @staticmethod
    def _applies(problem: Problem, check: Check, phase: int) -> bool:
        """Say whether the study has something to compare in a phase."""
        if check.of == "persons":
            return problem.phases[phase] == check.year
        return bool(problem.sites.existing.any())

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say how far the study is from the plan."""
        check = next(one for one in self.parameters.checks if one.name == finding.subject.part)
        if np.isnan(finding.measured):
            return Text(
                f"{subject.zh}:规划期不含{check.year}年,不适用。",
                f"{subject.en}: {check.year} is no phase of the study, not applicable.",
            )
        return Text(
            f"{subject.zh}:与文件公布的{check.value:,g}相差{finding.measured:.1%}(允许≤{finding.required:.0%})。",
            f"{subject.en}: {finding.measured:.1%} away from the plan's {check.value:,g} "
            f"(allowed ≤ {finding.required:.0%}).",
        )


def _all(problem: Problem) -> range:
    """Return the numbers of all phases."""
    return range(len(problem.phases))


def _found(problem: Problem, check: Check, phase: int) -> float:
    """Return the study's number."""
    options, sites = problem.options, problem.sites
    persons = float(Tally.over(problem, "area").persons(phase)[0])
    keep = np.array([action is Action.KEEP for action in options.action], dtype=np.bool_)
    keep &= sites.district[options.site] >= 0  # facilities outside serve, but are not the county's
    meant = keep & (options.of_kinds(frozenset(check.kinds)) if check.kinds else options.is_open)
    match check.of:
        case "persons":
            return persons
        case "facilities":
            return float(meant.sum())
        case "beds_per_1000":
            return float(sites.beds[options.site[meant]].sum()) / persons * 1000 if persons else 0.0
        case "meals":
            return float(options.meals_per_day[meant].sum())
