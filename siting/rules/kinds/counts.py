"""So many facilities, beds, or new beds, by years: counts by phase, by tag, within an area.

Each count has steps ``{2024: 7, 2025: 10}``: from that year on at least so many. Before its first step a count is not
due; it is measured against that step all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, Field
from scipy import sparse

from siting.model.rows import Beds, Open, Rows
from siting.model.sites import Action
from siting.model.text import Text
from siting.rules.base import Among, Parameters, Per, Rule, Tally, Where

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray
    from siting.model.findings import Finding
    from siting.model.problem import Csr, Problem
    from siting.model.rows import Block, Subject


def _rising(steps: dict[int, int]) -> dict[int, int]:
    """Refuse no step at all, and steps that go down."""
    asked = [steps[year] for year in sorted(steps)]
    if not steps or asked != sorted(asked) or min(asked) < 1:
        message = "steps are years with counts of 1 and more that do not fall: {2024: 7, 2025: 10}"
        raise ValueError(message)
    return steps


class Step(Where):
    """One count that the clause asks for."""

    by: Annotated[dict[int, int], AfterValidator(_rising)] = Field(description="from that year on at least so many")
    of: Literal["facilities", "beds", "new_beds"] = Field(
        "facilities", description="what is counted; new_beds: what the plan adds, and facilities opened `since`"
    )
    since: int | None = Field(None, description="first year whose openings count as new, for new_beds")
    per: Per = Field("area", description="over what it is counted")
    among: Among | None = Field(None, description="only in urban streets, or only in rural townships")

    @property
    def new(self) -> Where:
        """The facilities of the selection all of whose beds are new."""
        return self.where.model_copy(update={"new_since": self.since or max(self.by)})

    def missing(self, problem: Problem) -> Text | None:
        """Say which facts are missing; new beds need to know when facilities opened."""
        return super().missing(problem) or (self.new.missing(problem) if self.of == "new_beds" else None)

    def required(self, year: int) -> int:
        """Return what is asked in a year; before the first step, what that will ask."""
        return self.by[max((since for since in self.by if since <= year), default=min(self.by))]


class CountsGiven(Parameters):
    """Parameters of a clause on counts: one or more that must hold together."""

    require: tuple[Step, ...] = Field(min_length=1, description="counts that must hold together")


@dataclass(frozen=True, slots=True)
class CountsRule(Rule):
    """There are so many facilities, or beds, from certain years on."""

    parameters: CountsGiven
    Given = CountsGiven
    unit = "count"

    def divides(self) -> bool:
        """Only counts that the clause itself makes by district are counted by district."""
        return any(step.per == "district" for step in self.parameters.require)

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:
        """Return one row per count and subject: what there is."""
        steps = [step for step in self.parameters.require if per in (None, step.per)]
        year = problem.phases[phase]
        parts = [(step, Tally.over(problem, step.per, step.among)) for step in steps]
        each = [len(tally) for _, tally in parts]
        numerators = [_counted(problem, step, tally) for step, tally in parts]
        return Rows(
            subject=tuple(subject for step, tally in parts for subject in self._named(step, tally)),
            numerator={
                block: sparse.csr_array(sparse.vstack([one[block] for one in numerators], format="csr"))
                for block in (Open(), Beds())
            },
            denominator={},
            denominator_constant=np.ones(sum(each)),
            required=np.repeat([float(step.required(year)) for step in steps], each),
            sense=">=",
            unit=self.unit,
            persons=np.concatenate([tally.persons(phase) for _, tally in parts]),
            due=np.repeat([year >= min(step.by) for step in steps], each),
        )

    def _named(self, step: Step, tally: Tally) -> tuple[Subject, ...]:
        """Tell the subjects of several counts apart by the kinds, surroundings and tags that they count."""
        if len(self.parameters.require) == 1:
            return tally.subjects
        return tuple(
            replace(subject, part="+".join((*step.kinds, *step.context, *step.tags))) for subject in tally.subjects
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say how many there are and how many are wanted."""
        beds = {step.of for step in self.parameters.require} - {"facilities"}
        unit = Text("张床位", "beds") if beds else Text("处设施", "facility" if finding.measured == 1 else "facilities")
        if "new_beds" in beds:
            unit = Text("张新增床位", "new beds")
        missing = Text("", "")
        if finding.lack > 0:
            missing = Text(f",尚缺{finding.lack:,.0f}{unit.zh[0]}", f"; {finding.lack:,.0f} short")
        return Text(
            f"{subject.zh}:有{finding.measured:,.0f}{unit.zh}(要求≥{finding.required:,.0f}{unit.zh[0]}){missing.zh}。",
            f"{subject.en}: {finding.measured:,.0f} {unit.en} (required ≥ {finding.required:,.0f}){missing.en}.",
        )


def _counted(problem: Problem, step: Step, tally: Tally) -> dict[Block, Csr[Any, tuple[int, int]]]:
    """Return what one count adds up, as coefficients of facilities in force and of beds."""
    chosen, subject = tally.facilities(step)
    none = tally.options((chosen[:0], subject[:0])), tally.beds((chosen[:0], subject[:0]))
    if step.of == "facilities":
        return {Open(): tally.options((chosen, subject)), Beds(): none[1]}
    beds = tally.beds((chosen, subject))
    if step.of == "beds":
        return {Open(): none[0], Beds(): beds}
    # Beds that stand are taken away from what grows: only those of new facilities are all new.
    stood: FloatArray = np.where(problem.selected(step.new), 0, problem.options.base_beds.sum(axis=1)).astype(
        np.float64
    )
    opened = np.array([action is Action.OPEN for action in problem.options.action], dtype=np.bool_)
    stood[opened] = 0.0
    return {Open(): tally.options((chosen, subject), -stood[chosen]), Beds(): beds}
