"""Levels that form one network: so many facilities of a level in each place, each linked to one of the level above.

Levels are listed from the top. A facility is linked when one of the level above stands in the same place (the same
town, unit, or anywhere in the area: the `per` of the level above), or within so many minutes by vehicle. The lowest
level may be asked for at every community: within so many metres' walk of the seat of its committee.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from pydantic import Field, model_validator
from scipy import sparse

from siting.model.access import DRIVE_M_PER_S
from siting.model.rows import Covered, Open, Rows, Subject, Subjects, lacking, select
from siting.model.text import Text
from siting.rules.base import Parameters, Per, Rule, Tally, Where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from siting.model.arrays import FloatArray, IntArray
    from siting.model.findings import Finding
    from siting.model.problem import Csr, Problem, Reach, Travel
    from siting.model.rows import Block


class Level(Where):
    """One level of the network."""

    per: Per = Field("area", description="where one is asked for, and within what the level below is linked to it")
    at_least: int = Field(0, ge=0, description="facilities required in each of these places; 0: only links are asked")
    walk_metres: float | None = Field(None, gt=0, description="for `per: community`: farthest from the seat, inclusive")
    drive_minutes: float | None = Field(
        None, gt=0, description="linked by vehicle from the level above within so long; else by standing in one place"
    )

    @model_validator(mode="after")
    def _communities_are_reached(self) -> Self:
        """Communities hold no site: a facility is within reach of the seat, or not."""
        if (self.per == "community") != (self.walk_metres is not None):
            message = "give walk_metres with `per: community`, and only there"
            raise ValueError(message)
        return self

    @property
    def named(self) -> str:
        """Name of the level in findings: what it is made of."""
        return "+".join(self.kinds or self.services or self.tags)

    def missing(self, problem: Problem) -> Text | None:
        """Say which facts are missing, and that communities are not known where they are asked about."""
        if self.per == "community" and not len(problem.communities):
            return lacking("社区(村)表(communities)", "table of communities (communities: {file: …})")
        return super().missing(problem)


class HierarchyGiven(Parameters):
    """Parameters of a clause on a network."""

    levels: tuple[Level, ...] = Field(min_length=2, description="from the top down")

    @model_validator(mode="after")
    def _only_the_lowest_reaches(self) -> Self:
        """Refuse a level above another one that stands nowhere."""
        if any(level.per == "community" for level in self.levels[:-1]):
            message = "only the lowest level may be asked for at communities"
            raise ValueError(message)
        return self


@dataclass(frozen=True, slots=True)
class _Part:
    """Some rows: whom they are about, coefficients, what is required, persons."""

    subjects: tuple[Subject, ...]
    above: Mapping[Block, Csr[Any, tuple[int, int]]]
    below: Csr[Any, tuple[int, int]] | None
    required: float
    persons: FloatArray


@dataclass(frozen=True, slots=True)
class HierarchyRule(Rule):
    """Every level is there, and every facility is linked to one of the level above."""

    parameters: HierarchyGiven
    Given = HierarchyGiven
    unit = "sites"

    def divides(self) -> bool:
        """Links are those of single facilities."""
        return False

    def reach(self, walk_speed_m_per_s: float) -> Reach | None:  # noqa: ARG002 - metres in any case
        """Return how far the lowest level may be from a community."""
        lowest = self.parameters.levels[-1]
        return None if lowest.walk_metres is None else lowest.within(lowest.walk_metres)

    def between(self) -> Mapping[Travel, float]:
        """Return the longest way by vehicle from a level to the one below."""
        minutes = [level.drive_minutes for level in self.parameters.levels if level.drive_minutes is not None]
        return {"drive": max(minutes) * 60 * DRIVE_M_PER_S} if minutes else {}

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002 - see `divides`
        """Return a row for every place that must have a level, and one for every facility that must be linked."""
        parts = [*self._presences(problem, phase), *self._links(problem)]
        each = [len(part.subjects) for part in parts]
        blocks = dict.fromkeys(block for part in parts for block in part.above)
        width = {block: len(problem.options) if isinstance(block, Open) else len(problem.zones) for block in blocks}

        def stacked(matrices: list[Any], columns: int) -> Csr[Any, tuple[int, int]]:
            """Put parts one over the other; a part without coefficients of a block has empty rows."""
            filled = [
                sparse.csr_array((rows, columns)) if matrix is None else matrix
                for matrix, rows in zip(matrices, each, strict=True)
            ]
            return sparse.csr_array(sparse.vstack(filled, format="csr"))

        return Rows(
            subject=tuple(subject for part in parts for subject in part.subjects),
            numerator={block: stacked([part.above.get(block) for part in parts], width[block]) for block in blocks},
            denominator={Open(): stacked([part.below for part in parts], len(problem.options))},
            denominator_constant=np.repeat([1.0 if part.below is None else 0.0 for part in parts], each),
            required=np.repeat([part.required for part in parts], each),
            sense=">=",
            unit=self.unit,
            persons=np.concatenate([part.persons for part in parts]),
        )

    def _presences(self, problem: Problem, phase: int) -> Iterator[_Part]:
        """Yield what each level asks of its places."""
        for level in self.parameters.levels:
            if not level.at_least:
                continue
            tally = Tally.over(problem, level.per)
            subjects = tuple(replace(subject, part=level.named) for subject in tally.subjects)
            if level.walk_metres is None:
                above: Mapping[Block, Any] = {Open(): tally.options(tally.facilities(level))}
            else:
                seats = np.flatnonzero((problem.zones.community >= 0) & (tally.places.of_zone >= 0))
                at = tally.places.of_zone[seats]
                shape = (len(tally), len(problem.zones))
                above = {Covered(level.within(level.walk_metres)): select(seats, np.ones(len(seats)), at, shape)}
            yield _Part(subjects, above, None, float(level.at_least), tally.persons(phase))

    def _links(self, problem: Problem) -> Iterator[_Part]:
        """Yield the links of each level to the one above: facilities there over the facility itself."""
        for upper, lower in itertools.pairwise(self.parameters.levels):
            place = Subjects.of(problem, upper.per).of_site
            tally = Tally.over(problem, "site")
            chosen, site = tally.facilities(lower)
            chosen, site = chosen[place[site] >= 0], site[place[site] >= 0]
            found, row = np.unique(site, return_inverse=True)
            shape = (len(found), len(problem.options))
            below = select(chosen, np.ones(len(chosen)), row, shape)
            parents = np.flatnonzero(problem.selected(upper))
            at = _linked(problem, upper.per, lower.drive_minutes, found, problem.options.site[parents])
            above = sparse.csr_array(at @ select(parents, np.ones(len(parents)), np.arange(len(parents)), (
                len(parents), len(problem.options)
            )))  # fmt: skip
            subjects = tuple(Subject("site", problem.sites.id[one], upper.named) for one in found.tolist())
            yield _Part(subjects, {Open(): above}, below, 1.0, np.zeros(len(found)))

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say how many there are, and how many are wanted."""
        number, wanted = f"{finding.measured:.0f}", f"{finding.required:.0f}"
        if np.isnan(finding.measured):
            return Text(f"{subject.zh}:没有下级设施,不适用。", f"{subject.en}: no facility there, not applicable.")
        if finding.subject.kind == "site":
            if finding.measured == 0:
                return Text(f"{subject.zh}:没有可对接的设施。", f"{subject.en}: linked to none.")
            return Text(f"{subject.zh}:可对接{number}处。", f"{subject.en}: linked to {number}.")
        if finding.subject.kind == "community":
            walk = f"{self.parameters.levels[-1].walk_metres or 0:g}"
            there = finding.measured > 0
            return Text(
                f"{subject.zh}:步行{walk}米内{'有' if there else '没有'}。",
                f"{subject.en}: {'there is one' if there else 'none'} within a walk of {walk} m.",
            )
        missing = Text("", "")
        if finding.lack > 0:
            missing = Text(f",尚缺{finding.lack:.0f}处", f"; {finding.lack:.0f} short")
        return Text(
            f"{subject.zh}:有{number}处(要求≥{wanted}处){missing.zh}。",
            f"{subject.en}: {number} (required ≥ {wanted}){missing.en}.",
        )


def _linked(
    problem: Problem, per: Per, minutes: float | None, sites: IntArray, parents: IntArray
) -> Csr[Any, tuple[int, int]]:
    """Return which parents (by their sites) each site can be linked to: csr of ones (sites × parents)."""
    if minutes is not None:
        near = problem.near("drive", minutes * 60 * DRIVE_M_PER_S)
        return sparse.csr_array(sparse.csr_array(near[parents][:, sites]).T)
    place = Subjects.of(problem, per).of_site
    row, column = np.nonzero(place[sites][:, None] == place[parents][None, :])
    return select(column, np.ones(len(row)), row, (len(sites), len(parents)))
