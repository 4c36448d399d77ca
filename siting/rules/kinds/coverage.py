"""Persons within walking distance of a facility: time circles, and distances that depend on density.

Covered share = Σ persons of covered zones ÷ Σ persons of concerned zones, unreachable persons included.
Time circles turn minutes into metres by the study's walking speed (15 min × 0.9 m/s = 810 m). Both the distance
limit and the density edges are inclusive where the clause says *from … to*, exclusive where it says *above*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from pydantic import Field, model_validator
from scipy import sparse

from siting.model.problem import Reach
from siting.model.rows import Covered, Rows, subjects_of
from siting.model.text import Text
from siting.rules.base import Coverage, Parameters, Per, Rule

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray
    from siting.model.findings import Finding
    from siting.model.problem import Problem


class CoverageGiven(Parameters):
    """Parameters of a coverage clause."""

    kinds: tuple[str, ...] = Field(min_length=1, description="catalogue kinds that cover")
    minutes: float | None = Field(None, gt=0, description="walking minutes from home to the door, inclusive")
    metres: float | None = Field(None, gt=0, description="walking metres from home to the door, inclusive")
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
        if (self.minutes is None) == (self.metres is None):
            message = "give either minutes or metres"
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

    def kinds(self) -> frozenset[str]:
        """Return the kinds that cover."""
        return frozenset(self.parameters.kinds)

    def reach(self, walk_speed_m_per_s: float) -> Reach:
        """Return the distance in metres and the kinds."""
        given = self.parameters
        metres = given.metres if given.minutes is None else given.minutes * 60 * walk_speed_m_per_s
        return Reach(self.kinds(), float(metres or 0))

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
        reach = self.reach(problem.walk_speed_m_per_s)
        return Coverage(reach, concerned, problem.zones.persons_from(given.age, phase))

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:
        """Return one row per subject: persons covered over persons concerned."""
        view = self.coverage(problem, phase)
        subjects, of_district = subjects_of(problem, per or self.parameters.per)
        subject = of_district[problem.zones.district]
        zones = np.flatnonzero(view.concerned & (subject >= 0) & (view.persons > 0))
        count = len(subjects)
        persons = np.bincount(subject[zones], view.persons[zones], minlength=count).astype(np.float64)
        required = np.full(count, self.parameters.share)
        if self.parameters.of == "reachable":
            near = zones[problem.reachable(view.reach, phase)[zones]]
            within = np.bincount(subject[near], view.persons[near], minlength=count)
            if per is not None and self.parameters.per == "area":
                # Measured by district, an area's clause asks every district for what it asks of the area: a district
                # that nobody can reach must not pass for one that is served.
                within, whole = np.full(count, within.sum()), np.full(count, persons.sum())
            else:
                whole = persons
            required = required * np.divide(within, whole, out=np.zeros(count), where=whole > 0)
        block = sparse.csr_array((view.persons[zones], (subject[zones], zones)), shape=(count, len(problem.zones)))
        return Rows(
            subject=subjects,
            numerator={Covered(view.reach): block},
            denominator={},
            denominator_constant=persons,
            required=required,
            sense=">=",
            unit=self.unit,
            persons=persons,
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say how many are covered and how many are missing."""
        given = self.parameters
        if given.minutes is not None:
            limit = Text(f"步行{given.minutes:g}分钟", f"{given.minutes:g} minutes' walk")
        else:
            limit = Text(f"步行{given.metres:g}米", f"{given.metres:g} m walk")
        if np.isnan(finding.measured):
            return Text(f"{subject.zh}:没有适用的老年人,不适用。", f"{subject.en}: concerns nobody, not applicable.")
        missing = Text("", "")
        if finding.persons_short > 0:
            missing = Text(f",尚缺{finding.persons_short:,.0f}人", f"; {finding.persons_short:,.0f} persons short")
        return Text(
            f"{subject.zh}:{finding.persons:,.0f}名老年人中{finding.measured:.1%}在{limit.zh}范围内"
            f"(要求≥{finding.required:.1%}){missing.zh}。",
            f"{subject.en}: {finding.measured:.1%} of {finding.persons:,.0f} older persons live within {limit.en} "
            f"(required ≥ {finding.required:.1%}){missing.en}.",
        )
