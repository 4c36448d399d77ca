"""Kinds of rules made for tests: one for every block and every part of a row that the kinds of the plans may use."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Self

import numpy as np
from scipy import sparse

from siting.model.problem import Reach
from siting.model.rows import AREA, Beds, Clause, Covered, Has, Open, Rows, Sized, Spent, Staff, lacking, select
from siting.model.text import Citation, Text
from siting.rules.base import Parameters, Per, Rule, Tally, Where

if TYPE_CHECKING:
    from siting.model.findings import Finding
    from siting.model.problem import Problem

SAME = Text("同", "same")


class AtMostGiven(Parameters):
    """Parameters of the made rule."""

    kind: str
    most: int


@dataclass(frozen=True, slots=True)
class AtMost(Rule):
    """At most so many facilities of a kind in the whole area."""

    parameters: AtMostGiven
    Given = AtMostGiven
    unit = "sites"

    @classmethod
    def of(cls, kind: str, most: int) -> Self:
        clause = Clause("X-01", SAME, Citation(SAME, "1", "1", SAME, dt.date(2022, 1, 1)), "must", "at_most", None)
        return cls(clause, AtMostGiven(kind=kind, most=most))

    def kinds(self) -> frozenset[str]:
        return frozenset({self.parameters.kind})

    def divides(self) -> bool:
        return False

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002
        chosen = np.flatnonzero(problem.options.of_kinds(self.kinds()))
        block = select(chosen, np.ones(len(chosen)), np.zeros(len(chosen), int), (1, len(problem.options)))
        return Rows(
            subject=(AREA,),
            numerator={Open(): block},
            denominator={},
            denominator_constant=np.ones(1),
            required=np.array([float(self.parameters.most)]),
            sense="<=",
            unit=self.unit,
            persons=np.zeros(1),
        )

    def sentence(self, finding: Finding, subject: Text) -> Text:  # noqa: ARG002
        return subject


class CoveredLess(AtMost):
    """An upper limit on what is not covered: −(persons covered) ≤ −most."""

    __slots__ = ()

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002
        reach = Reach(self.kinds(), 500.0)
        persons = problem.zones.persons_from(60, phase)
        return Rows(
            subject=(AREA,),
            numerator={Covered(reach): sparse.csr_array(-persons[None, :])},
            denominator={},
            denominator_constant=np.ones(1),
            required=np.array([-float(self.parameters.most)]),
            sense="<=",
            unit="persons",
            persons=np.zeros(1),
        )


class Given(Where):
    """Parameters of the rules below; each uses those it needs."""

    per: Per = "area"
    beds: int = 0
    bed_class: str = "dementia"
    unit_beds: int = 1
    share: float = 0.5
    most: float = 0.0
    role: str = "social_worker"
    per_beds: int = 60
    today: float = 0.0


@dataclass(frozen=True, slots=True)
class Made(Rule):
    """A rule made for tests: a name, parameters, and rows."""

    parameters: Given
    Given = Given
    unit = "share"

    @classmethod
    def of(cls, identity: str = "X-01", deadline: int | None = None, force: str = "must", **given: object) -> Self:
        clause = Clause(identity, SAME, Citation(SAME, "1", "1", SAME, dt.date(2022, 1, 1)), force, "made", deadline)
        return cls(clause, Given(**given))

    def divides(self) -> bool:
        return False

    def sentence(self, finding: Finding, subject: Text) -> Text:  # noqa: ARG002
        return subject

    def _rows(self, tally: Tally, **parts: object) -> Rows:
        count = len(tally)
        told = {"denominator": {}, "denominator_constant": np.zeros(count), "required": np.ones(count), "sense": ">="}
        return Rows(subject=tally.subjects, unit=self.unit, persons=np.zeros(count), **(told | parts))


class LargeHaveUnit(Made):
    """As many facilities with `unit_beds` beds of `bed_class` as there are facilities of `beds` beds and more."""

    __slots__ = ()

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002
        given, tally = self.parameters, Tally.over(problem, per or self.parameters.per)
        every = tally.options(tally.facilities(given))
        return self._rows(
            tally,
            numerator={Has(given.bed_class, given.unit_beds): every},
            denominator={Sized(given.beds): every},
        )


class Budget(Made):
    """No more than `most` yuan of capital."""

    __slots__ = ()

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002
        return self._rows(
            Tally.over(problem, "area"),
            numerator={Spent(): sparse.csr_array(np.ones((1, 1)))},
            denominator_constant=np.ones(1),
            required=np.array([self.parameters.most]),
            sense="<=",
        )


class StaffFollowsBeds(Made):
    """One person of `role` for every `per_beds` beds; `today` are employed."""

    __slots__ = ()

    def roles(self) -> frozenset[str]:
        return frozenset({self.parameters.role})

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002
        given, tally = self.parameters, Tally.over(problem, "area")
        return self._rows(
            tally,
            numerator={Staff(given.role): sparse.csr_array(np.ones((1, 1)))},
            numerator_constant=np.array([given.today]),
            denominator={Beds(): tally.beds(tally.facilities(given)) * (1 / given.per_beds)},
        )


class MoreThan(Made):
    """More than `share` of all beds of the kinds are run by non-state operators; shares are of whole beds."""

    __slots__ = ()

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002
        given, tally = self.parameters, Tally.over(problem, "area")
        theirs = given.where.model_copy(update={"operator": "non_state"})
        return self._rows(
            tally,
            numerator={Beds(): tally.beds(tally.facilities(theirs))},
            denominator={Beds(): tally.beds(tally.facilities(given))},
            required=np.array([given.share]),
            excess=np.array([1 / Fraction(given.share).limit_denominator(1000).denominator]),
        )


class NoneSmall(Made):
    """Every facility of today with fewer than `beds` beds is closed, or turned into something else."""

    __slots__ = ()

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002
        tally = Tally.over(problem, "area")
        chosen, subject = tally.facilities(self.parameters)
        options, sites = problem.options, problem.sites
        small = sites.existing[options.site[chosen]] & (options.total_max[chosen] < self.parameters.beds)
        return self._rows(
            tally,
            numerator={Open(): tally.options((chosen[small], subject[small]))},
            denominator_constant=np.ones(1),
            required=np.zeros(1),
            sense="<=",
            grandfathers=False,
        )


class Declared(Made):
    """A declared number of at least `most`."""

    __slots__ = ()

    def missing(self, problem: Problem) -> Text | None:
        return None if "users" in problem.facts else lacking("“users”(facts)", "number users (facts)")

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002
        return self._rows(
            Tally.over(problem, "area"),
            numerator={},
            numerator_constant=np.array([problem.fact("users", phase)]),
            denominator_constant=np.ones(1),
            required=np.array([self.parameters.most]),
        )
