"""Numbers that no plan decides: columns of facilities added up, or numbers that the study declares, against a norm.

Measured: a number as it is, per so many older persons, or as a share of another number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from pydantic import Field, model_validator

from siting.model.rows import Rows, lacking
from siting.model.text import Text
from siting.rules.base import Parameters, Per, Rule, Tally
from siting.rules.words import asked_share, level, share

if TYPE_CHECKING:
    from siting.model.findings import Finding
    from siting.model.problem import Problem


class Called(Parameters):
    """How a number is called in sentences, and in what it is counted."""

    zh: str = Field(min_length=1, description="in Chinese, such as 平台服务老年人")
    en: str = Field(min_length=1, description="in English")
    unit_zh: str = Field("", description="what follows the number in Chinese, such as 人")


class StatedGiven(Parameters):
    """Parameters of a clause on stated numbers."""

    called: Called | None = Field(None, description="how the number is called in sentences")

    number: str = Field(min_length=1, description="column of facilities that is added up, or number under `facts`")
    at_least: float = Field(gt=0, description="what is required of it")
    per_10k: bool = Field(default=False, description="measured for every 10,000 older persons")
    share_of: str | None = Field(None, description="measured as a share of this column or number")

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        """Refuse two ways of measuring."""
        if self.per_10k and self.share_of is not None:
            message = "give either per_10k or share_of"
            raise ValueError(message)
        return self


@dataclass(frozen=True, slots=True)
class StatedRule(Rule):
    """A stated number is large enough."""

    parameters: StatedGiven
    Given = StatedGiven
    unit = "count"

    def divides(self) -> bool:
        """Return that declared numbers are those of the whole area."""
        return False

    def missing(self, problem: Problem) -> Text | None:
        """Say which number the study does not give."""
        given = self.parameters
        for name in (given.number, *([given.share_of] if given.share_of else [])):
            if all(_value(problem, name, phase) is None for phase in range(len(problem.phases))):
                return lacking(
                    f"“{name}”(设施表的同名列,或 facts: {{{name}: …}})",
                    f"number {name} (a column of the tables of facilities, or facts: {{{name}: …}})",
                )
        return None

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002 - the area in any case
        """Return one row without any decision in it; a year before the first declared one counts as nought."""
        given, tally = self.parameters, Tally.over(problem, "area")
        persons = tally.persons(phase)
        base, unit = np.ones(1), self.unit
        if given.per_10k:
            base, unit = persons / 10_000, "per10k"
        if given.share_of is not None:
            base, unit = np.array([_value(problem, given.share_of, phase) or 0.0]), "share"
        return Rows(
            subject=tally.subjects,
            numerator={},
            numerator_constant=np.array([_value(problem, given.number, phase) or 0.0]),
            denominator={},
            denominator_constant=base,
            required=np.array([given.at_least]),
            sense=">=",
            unit=unit,
            persons=persons,
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say what is stated and what is required."""
        given = self.parameters
        what, unit = _names(given)
        if np.isnan(finding.measured):
            return Text(
                f"{subject.zh}:没有可比的基数,不适用。", f"{subject.en}: nothing to compare with, not applicable."
            )
        if given.share_of is not None:
            there, wanted = share(finding), asked_share(finding)
            return Text(
                f"{subject.zh}:{what.zh or '占'}{there}(要求≥{wanted})。",
                f"{subject.en}: {what.en}{there} (required ≥ {wanted}).",
            )
        lack = np.ceil(finding.lack - 1e-6)
        missing = Text(f",尚缺{lack:,.0f}{unit}", f"; {lack:,.0f} short") if lack > 0 else Text("", "")
        if given.per_10k:
            return Text(
                f"{subject.zh}:每万名老年人{what.zh}{level(finding)}{unit}"
                f"(要求≥{finding.required:g}{unit}){missing.zh}。",
                f"{subject.en}: {what.en}{level(finding)} for every 10,000 older persons "
                f"(required ≥ {finding.required:g}){missing.en}.",
            )
        return Text(
            f"{subject.zh}:{what.zh}{finding.measured:,.0f}{unit}(要求≥{finding.required:,.0f}{unit}){missing.zh}。",
            f"{subject.en}: {what.en}{finding.measured:,.0f} (required ≥ {finding.required:,.0f}){missing.en}.",
        )


def _names(given: StatedGiven) -> tuple[Text, str]:
    """Return what leads to the number in both languages, and what follows it in Chinese."""
    if given.called is None:
        return Text("", ""), ""
    return Text(given.called.zh, f"{given.called.en} "), given.called.unit_zh


def _value(problem: Problem, name: str, phase: int) -> float | None:
    """Return a number: that of the column of facilities where any states it, else the declared one, else None."""
    stated = Tally.over(problem, "area").stated(name)
    return problem.fact(name, phase) if stated is None else stated
