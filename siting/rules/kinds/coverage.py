"""Persons within walking distance of a facility: time circles, and distances that depend on density.

Covered share = Σ persons of covered zones ÷ Σ persons of concerned zones, unreachable persons included.
Time circles turn minutes into metres by the study's walking speed (15 min × 0.9 m/s = 810 m), age group by age group
where these walk at different speeds. Both the distance limit and the density edges are inclusive where the clause says
*from … to*, exclusive where it says *above*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator
from scipy import sparse

from siting.model.access import DRIVE_M_PER_S
from siting.model.rows import Covered, Rows, Subjects
from siting.model.text import Text
from siting.rules.base import Coverage, Per, Rule, Where
from siting.rules.words import asked_share, share

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.findings import Finding
    from siting.model.problem import Csr, Problem, Reach
    from siting.model.rows import Block


class CoverageGiven(Where):
    """Parameters of a coverage clause."""

    minutes: float | None = Field(None, gt=0, description="walking minutes from home to the door, inclusive")
    metres: float | None = Field(None, gt=0, description="walking metres from home to the door, inclusive")
    drive_minutes: float | None = Field(
        None, gt=0, description="minutes by vehicle from the door to the home, inclusive: meals on wheels, visits"
    )
    share: float = Field(1.0, gt=0, le=1, description="share of persons that must be covered")
    of: Literal["all", "reachable"] = Field(
        "all",
        description="the share is of all persons concerned, or of those whom existing and candidate sites can reach",
    )
    per: Per = Field("area", description="over what the share is measured")
    density_above: float | None = Field(None, ge=0, description="only where density exceeds this, persons/km²")
    density_from: float | None = Field(None, ge=0, description="only where density is at least this, persons/km²")
    density_to: float | None = Field(None, ge=0, description="only where density is at most this, persons/km²")
    age: int = Field(60, ge=0, description="persons of this age and over")

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        """Either minutes or metres, and density edges that leave something between them."""
        if sum(limit is not None for limit in (self.minutes, self.metres, self.drive_minutes)) != 1:
            message = "give either minutes or metres, or drive_minutes"
            raise ValueError(message)
        if self.density_from is not None and self.density_to is not None and self.density_from > self.density_to:
            message = "density_from exceeds density_to"
            raise ValueError(message)
        return self

    @property
    def edges(self) -> tuple[float, ...]:
        """Density edges the clause names."""
        return tuple(edge for edge in (self.density_above, self.density_from, self.density_to) if edge is not None)


@dataclass(frozen=True, slots=True)
class CoverageRule(Rule):
    """A share of persons lives within a walking distance or time of a facility."""

    parameters: CoverageGiven
    Given = CoverageGiven
    unit = "share"

    def reach(self, walk_speed_m_per_s: float) -> Reach:
        """Return the distance in metres and the kinds, for persons who walk at a speed."""
        given = self.parameters
        if given.drive_minutes is not None:
            return given.within(given.drive_minutes * 60 * DRIVE_M_PER_S, DRIVE_M_PER_S, "drive")
        if given.minutes is None:
            return given.within(float(given.metres or 0))
        return given.within(float(given.minutes * 60 * walk_speed_m_per_s), walk_speed_m_per_s)

    def coverage(self, problem: Problem, phase: int) -> Coverage:
        """Return the zones of the clause's density class inside the districts."""
        density, given = problem.zones.density_per_km2[:, phase], self.parameters
        concerned: BoolArray = problem.zones.district >= 0
        if given.density_above is not None:
            concerned = concerned & (density > given.density_above)
        if given.density_from is not None:
            concerned = concerned & (density >= given.density_from)
        if given.density_to is not None:
            concerned = concerned & (density <= given.density_to)
        return Coverage(concerned, self._groups(problem, phase))

    def _groups(self, problem: Problem, phase: int) -> tuple[tuple[Reach, FloatArray], ...]:
        """Return the persons of the clause's ages by what covers them."""
        zones, given = problem.zones, self.parameters
        everybody = zones.persons_from(given.age, phase)
        reach_of = {age: self.reach(problem.speed_at(age)) for age in zones.ages if age >= given.age}
        reaches = tuple(dict.fromkeys(reach_of.values()))
        if len(reaches) == 1:
            return ((reaches[0], everybody),)
        return tuple(
            (reach, zones.persons[:, [reach_of.get(age) == reach for age in zones.ages], phase].sum(axis=1))
            for reach in reaches
        )

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:
        """Return one row per subject: persons covered over persons concerned."""
        view = self.coverage(problem, phase)
        places = Subjects.of(problem, per or self.parameters.per)
        subjects, row = places.subjects, np.where(view.concerned, places.of_zone, -1)
        count, shape = len(subjects), (len(subjects), len(problem.zones))
        persons = _tally(row, view.persons, count)
        blocks: dict[Block, Csr[Any, tuple[int, int]]] = {}
        for reach, residents in view.groups:
            zones = np.flatnonzero((row >= 0) & (residents > 0))
            blocks[Covered(reach)] = sparse.csr_array((residents[zones], (row[zones], zones)), shape=shape)
        required = np.full(count, self.parameters.share)
        if self.parameters.of == "reachable":
            within, whole = self._within(problem, phase, view, row, count), persons
            if per is not None and self.parameters.per == "area":
                # Measured by district, an area's clause asks every district for what it asks of the area: a district
                # that nobody can reach must not pass for one that is served.
                within, whole = np.full(count, within.sum()), np.full(count, persons.sum())
            required = required * np.divide(within, whole, out=np.zeros(count), where=whole > 0)
        return Rows(
            subject=subjects,
            numerator=blocks,
            denominator={},
            denominator_constant=persons,
            required=required,
            sense=">=",
            unit=self.unit,
            persons=persons,
        )

    @staticmethod
    def _within(problem: Problem, phase: int, view: Coverage, row: IntArray, count: int) -> FloatArray:
        """Return the persons of each row whom some option could cover: float64[row]."""
        within = np.zeros(count)
        for reach, residents in view.groups:
            within += _tally(np.where(problem.reachable(reach, phase), row, -1), residents, count)
        return within

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say how many are covered and how many are missing."""
        if np.isnan(finding.measured):
            return Text(f"{subject.zh}:没有适用的老年人,不适用。", f"{subject.en}: concerns nobody, not applicable.")
        given, limit, persons = self.parameters, self._limit(), f"{finding.persons:,.0f}"
        missing = part = Text("", "")
        if given.of == "reachable":
            whole = f"{given.share * 100:g}%"
            part = Text(f",即路网可达者的{whole}", f", {whole} of those whom some site can reach")
        if finding.persons_short > 0:
            lack = f"{finding.persons_short:,.0f}"
            missing = Text(f",尚缺{lack}人", f"; {lack} persons short")
        return Text(
            f"{subject.zh}:条款涉及老年人{persons}名,其中{share(finding)}{limit.zh}内有所要求的设施"
            f"(要求≥{asked_share(finding)}{part.zh}){missing.zh}。",
            f"{subject.en}: {share(finding)} of the {persons} older persons concerned have such a facility within "
            f"{limit.en} (required ≥ {asked_share(finding)}{part.en}){missing.en}.",
        )

    def _limit(self) -> Text:
        """Say how far a facility may be."""
        given = self.parameters
        if given.minutes is not None:
            return Text(f"步行{given.minutes:g}分钟", f"{given.minutes:g} minutes' walk")
        if given.drive_minutes is not None:
            return Text(f"车程{given.drive_minutes:g}分钟", f"{given.drive_minutes:g} minutes' drive")
        return Text(f"步行{given.metres:g}米", f"a walk of {given.metres:g} m")


def _tally(row: IntArray, persons: FloatArray, count: int) -> FloatArray:
    """Add up persons by row, zones of row −1 left out: float64[row]."""
    counted = row >= 0
    return np.bincount(row[counted], persons[counted], minlength=count).astype(np.float64)
