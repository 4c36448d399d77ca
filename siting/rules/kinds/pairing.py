"""Facilities paired with a health institution: so many of them, or a share of them, by certain years.

A facility is paired when a health institution stands within a way of it, on foot or by vehicle, or when its record
names its partner. Health institutions are facilities that no plan moves or closes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from siting.model.access import DRIVE_M_PER_S
from siting.model.rows import Open, Rows, lacking
from siting.model.text import Text
from siting.rules.base import Per, Rule, Tally, Where
from siting.rules.words import asked_share, share

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.model.arrays import BoolArray
    from siting.model.findings import Finding
    from siting.model.problem import Problem, Travel


def _rising(steps: dict[int, float]) -> dict[int, float]:
    """Refuse no step at all, and steps that go down."""
    asked = [steps[year] for year in sorted(steps)]
    if not steps or asked != sorted(asked) or min(asked) <= 0:
        message = "steps are years with numbers above nought that do not fall: {2021: 0.8, 2022: 1.0}"
        raise ValueError(message)
    return steps


class PairingGiven(Where):
    """Parameters of a clause on pairing."""

    partners: Where = Field(description="which health institutions count")
    metres: float | None = Field(None, gt=0, description="longest way on foot to the partner, inclusive")
    drive_minutes: float | None = Field(None, gt=0, description="longest way by vehicle to the partner, inclusive")
    of: Literal["facilities", "share"] = Field("facilities", description="how many are paired, or what part of them")
    by: Annotated[dict[int, float], AfterValidator(_rising)] = Field(description="from that year on at least so many")
    per: Per = Field("area", description="over what it is measured")

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        """Either metres or minutes, and no share above one."""
        if (self.metres is None) == (self.drive_minutes is None):
            message = "give either metres or drive_minutes"
            raise ValueError(message)
        if self.of == "share" and max(self.by.values()) > 1:
            message = "a share is at most 1"
            raise ValueError(message)
        return self

    @property
    def way(self) -> tuple[Travel, float]:
        """How the way is measured, and its limit."""
        if self.metres is not None:
            return "walk", self.metres
        return "drive", float(self.drive_minutes or 0) * 60 * DRIVE_M_PER_S


@dataclass(frozen=True, slots=True)
class PairingRule(Rule):
    """Facilities have a health institution near them."""

    parameters: PairingGiven
    Given = PairingGiven
    unit = "sites"

    def between(self) -> Mapping[Travel, float]:
        """Return how far partners may be."""
        mode, limit = self.parameters.way
        return {mode: limit}

    def missing(self, problem: Problem) -> Text | None:
        """Say that no health institution is known, where there is none."""
        if not _fixed(problem, self.parameters.partners).any():
            kinds = "、".join(self.parameters.partners.kinds)
            return lacking(
                f"医疗卫生机构(facilities 中的 {kinds})", f"health institutions (facilities of the kinds {kinds})"
            )
        return Rule.missing(self, problem)

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:
        """Return one row per subject: facilities that are paired, over all of them where a share is asked."""
        given, tally, year = self.parameters, Tally.over(problem, per or self.parameters.per), problem.phases[phase]
        chosen, subject = tally.facilities(given)
        paired = _paired(problem, given)[problem.options.site[chosen]]
        whole = given.of == "share"
        required = given.by[max((since for since in given.by if since <= year), default=min(given.by))]
        return Rows(
            subject=tally.subjects,
            numerator={Open(): tally.options((chosen[paired], subject[paired]))},
            denominator={Open(): tally.options((chosen, subject))} if whole else {},
            denominator_constant=np.zeros(len(tally)) if whole else np.ones(len(tally)),
            required=np.full(len(tally), float(required)),
            sense=">=",
            unit="share" if whole else self.unit,
            persons=tally.persons(phase),
            due=np.full(len(tally), year >= min(given.by)),
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say how many are paired."""
        given = self.parameters
        if np.isnan(finding.measured):
            return Text(f"{subject.zh}:没有这类设施,不适用。", f"{subject.en}: no such facility, not applicable.")
        limit = Text(f"{given.metres:g}米内", f"{given.metres:g} m") if given.metres is not None else Text(
            f"车程{given.drive_minutes:g}分钟内", f"{given.drive_minutes:g} minutes' drive"
        )  # fmt: skip
        lack = np.ceil(finding.lack - 1e-6)
        missing = Text(f",尚缺{lack:.0f}处", f"; {lack:.0f} short") if lack > 0 else Text("", "")
        if given.of == "share":
            there, every = f"{finding.measured * finding.base:.0f}", f"{finding.base:.0f}"
            return Text(
                f"{subject.zh}:{every}处设施中{there}处在{limit.zh}有可签约的医疗卫生机构"
                f"({share(finding)},要求≥{asked_share(finding)}){missing.zh}。",
                f"{subject.en}: {there} of {every} facilities have a health institution within {limit.en} or a stated "
                f"partner ({share(finding)}, required ≥ {asked_share(finding)}){missing.en}.",
            )
        return Text(
            f"{subject.zh}:{finding.measured:.0f}处设施在{limit.zh}有可结对的医疗卫生机构"
            f"(要求≥{finding.required:.0f}处){missing.zh}。",
            f"{subject.en}: {finding.measured:.0f} facilities have a health institution within {limit.en} or a stated "
            f"partner (required ≥ {finding.required:.0f}){missing.en}.",
        )


def _fixed(problem: Problem, partners: Where) -> BoolArray:
    """Return the sites that are partners whatever is decided: bool[site]."""
    count, site = len(problem.sites), problem.options.site
    ways = np.bincount(site, minlength=count)
    good = np.bincount(site[problem.selected(partners)], minlength=count)
    return np.asarray(problem.sites.existing & (ways > 0) & (ways == good))


def _paired(problem: Problem, given: PairingGiven) -> BoolArray:
    """Return the sites that have a partner near them, or state one: bool[site]."""
    mode, limit = given.way
    near = problem.near(mode, limit) @ _fixed(problem, given.partners).astype(np.float64) > 0
    stated = np.array([bool(name) for name in problem.sites.attribute("medical_partner")], dtype=np.bool_)
    return np.asarray(near | stated)
