"""The study agrees with what the plan says of a year: persons, facilities, beds, meals, within a tolerance.

Measured: ``|study − plan| ÷ plan``. Persons are compared where the year is a phase of the study. Facilities, beds and
meals are those of today less what opened after the year, as their records state; where none states when it opened, they
are compared only where the study does not begin after the year. What cannot be compared is not applicable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from siting.model.attributes import Period
from siting.model.rows import Rows, Subject, lacking
from siting.model.sites import Action
from siting.model.text import Text
from siting.rules.base import Parameters, Per, Rule, Tally
from siting.rules.words import asked_share, share

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray
    from siting.model.findings import Finding
    from siting.model.problem import Problem


class Check(Parameters):
    """One number of the plan."""

    name: str = Field(min_length=1, description="what tells the number from the clause's others, in findings")
    of: Literal["persons", "facilities", "beds_per_1000", "meals"] = Field(description="what the study compares")
    kinds: tuple[str, ...] = Field((), description="kinds of facility that are counted; any unless given")
    year: int = Field(description="year that the number describes")
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
        """Say that nothing can be compared: no year fits, and of no facility it is known since when it is open."""
        if any(_comparable(problem, check) for check in self.parameters.checks):
            return None
        return lacking(
            "可比年份的数据(规划期不含文件的基准年,设施表也没有投用年份“opened”列)",
            "plan's years (none is a phase of the study, and no table of facilities has a column opened)",
        )

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002 - the area in any case
        """Return one row per number, without any decision in it: how far the study is from the plan."""
        checks = self.parameters.checks
        applies = np.array([float(self._applies(problem, check, phase)) for check in checks])
        away = np.array(
            [
                abs(_found(problem, check) - check.value) if on else 0.0
                for check, on in zip(checks, applies, strict=True)
            ]
        )
        return Rows(
            subject=tuple(Subject("area", "", check.name) for check in checks),
            numerator={},
            numerator_constant=away,
            denominator={},
            denominator_constant=applies * np.array([check.value for check in checks]),
            required=np.full(len(checks), self.parameters.tolerance),
            sense="<=",
            unit=self.unit,
            persons=np.full(len(checks), Tally.over(problem, "area").persons(phase)[0]),
            grandfathers=False,
        )

    @staticmethod
    def _applies(problem: Problem, check: Check, phase: int) -> bool:
        """Say whether a number is compared in a phase: in its own year, or in every one where it is of no phase."""
        return _comparable(problem, check) and (check.year not in problem.phases or problem.phases[phase] == check.year)

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say how far the study is from the plan."""
        check = next(one for one in self.parameters.checks if one.name == finding.subject.part)
        if np.isnan(finding.measured):
            return Text(
                f"{subject.zh}:本期没有{check.year}年的可比数据,不适用。",
                f"{subject.en}: nothing of {check.year} to compare with in this phase, not applicable.",
            )
        unit, away = _UNITS[check.of], f"{finding.measured * check.value:,.{_DIGITS[check.of]}f}"
        return Text(
            f"{subject.zh}:与文件公布的{check.year}年{check.value:,g}{unit}相差{away}{unit}"
            f"({share(finding)},允许≤{asked_share(finding)})。",
            f"{subject.en}: {away} away from the plan's {check.value:,g} of {check.year}, {share(finding)} of it "
            f"(allowed ≤ {asked_share(finding)}).",
        )


_UNITS = {"persons": "人", "facilities": "处", "beds_per_1000": "张", "meals": "份"}
_DIGITS = {"persons": 0, "facilities": 0, "beds_per_1000": 1, "meals": 0}


def _comparable(problem: Problem, check: Check) -> bool:
    """Say whether the study has something of the number's year."""
    if check.of in ("persons", "beds_per_1000") and check.year not in problem.phases:
        return False
    return check.of == "persons" or bool(_standing(problem, check.year).any())


def _standing(problem: Problem, year: int) -> BoolArray:
    """Return the facilities of today that stood at the end of a year: bool[site].

    One that opened at a time unknown stood; where that is so of all, they are those of the study's first phase.
    """
    opened = [told if isinstance(told, Period) else None for told in problem.sites.attribute("opened")]
    if not any(there and told for there, told in zip(problem.sites.existing, opened, strict=True)):
        return problem.sites.existing & (year >= problem.phases[0])
    return problem.sites.existing & np.array(
        [told is None or told.first.year <= year for told in opened], dtype=np.bool_
    )


def _found(problem: Problem, check: Check) -> float:
    """Return the study's number."""
    options, sites = problem.options, problem.sites
    if check.of == "persons":
        return _persons(problem, check.year)
    keep = np.array([action is Action.KEEP for action in options.action], dtype=np.bool_)
    keep &= sites.district[options.site] >= 0  # facilities outside serve, but are not the county's
    keep &= _standing(problem, check.year)[options.site]
    meant = keep & (options.of_kinds(frozenset(check.kinds)) if check.kinds else options.is_open)
    match check.of:
        case "facilities":
            return float(meant.sum())
        case "meals":
            return float(options.meals_per_day[meant].sum())
        case _:
            persons = _persons(problem, check.year)
            return float(sites.beds[options.site[meant]].sum()) / persons * 1000 if persons else 0.0


def _persons(problem: Problem, year: int) -> float:
    """Return the older persons of a year that is a phase."""
    return float(Tally.over(problem, "area").persons(problem.phases.index(year))[0])
