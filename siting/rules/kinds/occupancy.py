"""What a facility must have once so many of its places are taken, such as a waiting list at 70 %.

Occupancy is what the record states (`occupancy`), else residents over beds, else, where the clause says which care is
meant, older persons in need of it whose nearest facility on foot this one is, over its beds. Facilities that do not
reach the share, or of which nothing is known, are not concerned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from siting.model.access import nearest_of
from siting.model.rows import Open, Rows, lacking
from siting.model.text import Text
from siting.rules.base import Per, Rule, Tally, Where

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray
    from siting.model.findings import Finding
    from siting.model.problem import Problem


class OccupancyGiven(Where):
    """Parameters of a clause that a full house triggers."""

    reaches: float = Field(gt=0, le=1, description="occupancy from which on it is asked, inclusive")
    having: Where = Field(description="what is asked then")
    care: Literal["community", "institution"] | None = Field(
        None, description="care whose needs fill facilities of which nothing is stated; they go to the nearest"
    )


@dataclass(frozen=True, slots=True)
class OccupancyRule(Rule):
    """Facilities that are nearly full have what the clause asks for."""

    parameters: OccupancyGiven
    Given = OccupancyGiven
    unit = "sites"

    def divides(self) -> bool:
        """Sites are the smallest subjects there are."""
        return False

    def missing(self, problem: Problem) -> Text | None:
        """Say that nothing is known of any facility's occupancy."""
        if np.isnan(_occupancy(problem, self.parameters, 0)).all():
            return lacking(
                "设施表的“occupancy”(入住率)列,或“residents”(入住人数)列",
                "column occupancy, or residents, of the tables of facilities",
            )
        return Rule.missing(self, problem)

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002 - sites in any case
        """Return one row per site: facilities that have it over facilities that are full enough."""
        given, tally = self.parameters, Tally.over(problem, "site")
        chosen, subject = tally.facilities(given)
        full = np.nan_to_num(_occupancy(problem, given, phase))[subject] >= given.reaches - 1e-9
        chosen, subject = chosen[full], subject[full]
        has = problem.selected(given.having)[chosen]
        return Rows(
            subject=tally.subjects,
            numerator={Open(): tally.options((chosen[has], subject[has]))},
            denominator={Open(): tally.options((chosen, subject))},
            denominator_constant=np.zeros(len(tally)),
            required=np.ones(len(tally)),
            sense=">=",
            unit=self.unit,
            persons=tally.persons(phase),
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say whether it has what is asked for."""
        share = f"{self.parameters.reaches:.0%}"
        if np.isnan(finding.measured):
            return Text(
                f"{subject.zh}:没有入住率达到{share}的设施,不适用。",
                f"{subject.en}: no facility is {share} full, not applicable.",
            )
        if finding.measured > 0:
            return Text(
                f"{subject.zh}:入住率已达{share},已开放轮候。", f"{subject.en}: {share} full or more, and has it open."
            )
        return Text(
            f"{subject.zh}:入住率已达{share},尚未开放轮候。", f"{subject.en}: {share} full or more, and lacks it."
        )


def _occupancy(problem: Problem, given: OccupancyGiven, phase: int) -> FloatArray:
    """Return what part of each facility of today is taken: float64[site], NaN where nothing is known."""
    sites = problem.sites
    beds = sites.beds.sum(axis=1).astype(np.float64)
    stated, residents = (_numbers(sites.attribute(name)) for name in ("occupancy", "residents"))
    if given.care is not None and problem.zones.needs:
        residents = np.where(np.isnan(residents), _sent(problem, given, phase), residents)
    by_beds = np.divide(residents, beds, out=np.full(len(beds), np.nan), where=beds > 0)
    found = np.where(np.isnan(stated), by_beds, stated)
    return np.where(sites.existing, found, np.nan)


def _numbers(column: tuple[object, ...]) -> FloatArray:
    """Return a column of numbers: float64[site], NaN where none is stated."""
    return np.array([value if isinstance(value, float) else np.nan for value in column], dtype=np.float64)


def _sent(problem: Problem, given: OccupancyGiven, phase: int) -> FloatArray:
    """Return the persons in need of the care whose nearest facility of today each one is: float64[site]."""
    options, access = problem.options, problem.access
    serves = np.zeros(len(problem.sites), dtype=np.bool_)
    serves[options.site[problem.selected(given)]] = True
    nearest = nearest_of(access.metres, access.cutoff_m, serves & problem.sites.existing)
    assert given.care is not None  # noqa: S101 - for the type checker
    persons = np.where(problem.zones.district >= 0, problem.zones.in_need(given.care, phase), 0.0)
    sent = nearest >= 0
    return np.bincount(nearest[sent], persons[sent], minlength=len(serves)).astype(np.float64)
