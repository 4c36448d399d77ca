"""Small, weak or unsafe facilities are closed, merged, converted or enlarged; regional ones take their residents.

Small: ``beds ≥ least · open`` at every such facility of today, so that it grows or goes. Unsafe: one of the options
that end what it is (closing, another kind, renewal) is in force. Merging is closing one and enlarging another: the beds
of all of them together do not fall below those of today.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from pydantic import Field, model_validator
from scipy import sparse

from siting.model.rows import Beds, Open, Rows, Subject, select
from siting.model.sites import BED_CLASSES, Action
from siting.model.text import Text
from siting.rules.base import Per, Rule, Tally, Where
from siting.rules.words import asked_share, share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siting.model.arrays import BoolArray, FloatArray
    from siting.model.findings import Finding
    from siting.model.problem import Csr, Problem


class Regional(Where):
    """Facilities that take the residents of those that go."""

    at_least: int = Field(1, ge=1, description="how many of them there must be")


class ConsolidationGiven(Where):
    """Parameters of a clause on closing, merging and converting."""

    least_beds: int | None = Field(None, ge=1, description="facilities of today with fewer beds grow to so many, or go")
    unsafe: Where | None = Field(None, description="facilities of today of this sort go")
    regional: Regional | None = Field(None, description="what is built or renewed instead")
    keeps_beds: bool = Field(default=True, description="all of them together keep as many beds as today")

    @model_validator(mode="after")
    def _something(self) -> Self:
        """Refuse a clause that ends nothing and builds nothing."""
        if self.least_beds is None and self.unsafe is None and self.regional is None:
            message = "say least_beds, unsafe or regional"
            raise ValueError(message)
        return self


@dataclass(frozen=True, slots=True)
class _Part:
    """Some rows by name: their subjects, coefficients of facilities and beds, what these are divided by."""

    subjects: tuple[Subject, ...]
    facilities: Csr[Any, tuple[int, int]]
    beds: Csr[Any, tuple[int, int]]
    standing: Csr[Any, tuple[int, int]]
    constant: float
    persons: FloatArray


@dataclass(frozen=True, slots=True)
class ConsolidationRule(Rule):
    """Nothing small or unsafe is left as it is."""

    parameters: ConsolidationGiven
    Given = ConsolidationGiven
    unit = "share"

    def divides(self) -> bool:
        """Sites are the smallest subjects there are."""
        return False

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:  # noqa: ARG002 - sites in any case
        """Return rows of facilities that are small, of those that are unsafe, of regional ones, and of all beds."""
        parts = list(self._parts(problem, phase))
        each = [len(part.subjects) for part in parts]
        return Rows(
            subject=tuple(subject for part in parts for subject in part.subjects),
            numerator={
                Open(): _stacked([part.facilities for part in parts]),
                Beds(): _stacked([part.beds for part in parts]),
            },
            denominator={Open(): _stacked([part.standing for part in parts])},
            denominator_constant=np.repeat([part.constant for part in parts], each),
            required=np.ones(sum(each)),
            sense=">=",
            unit=self.unit,
            persons=np.concatenate([part.persons for part in parts]),
        )

    def _parts(self, problem: Problem, phase: int) -> Iterator[_Part]:
        """Yield the rows that the clause asks for."""
        given, options, sites = self.parameters, problem.options, problem.sites
        count = len(options)
        meant = problem.selected(given)
        today = _at_sites(problem, meant & _kept(problem))
        residents = Tally.over(problem, "site").persons(phase)

        def of_sites(which: BoolArray, part: str) -> tuple[Any, ...]:
            """Return the subjects of some sites, their number by site, and their residents."""
            number = np.flatnonzero(which)
            row = np.full(len(sites), -1)
            row[number] = np.arange(len(number))
            return tuple(Subject("site", sites.id[one], part) for one in number.tolist()), row, residents[number]

        if given.least_beds is not None:
            subjects, row, persons = of_sites(today & (sites.beds.sum(axis=1) < given.least_beds), "small")
            still = np.flatnonzero(meant & (row[options.site] >= 0))
            beds = _beds(problem, still, row[options.site[still]], len(subjects)) * (1 / given.least_beds)
            standing = select(still, np.ones(len(still)), row[options.site[still]], (len(subjects), count))
            yield _Part(subjects, _none(len(subjects), count), sparse.csr_array(beds), standing, 0.0, persons)
        if given.unsafe is not None:
            weak = today & _at_sites(problem, problem.selected(given.unsafe) & _kept(problem))
            subjects, row, persons = of_sites(weak, "unsafe")
            renewed = np.array([bool(module) for module in options.module], dtype=np.bool_)
            ended = np.flatnonzero((~meant | renewed) & (row[options.site] >= 0))
            ends = select(ended, np.ones(len(ended)), row[options.site[ended]], (len(subjects), count))
            nothing = _none(len(subjects), count)
            yield _Part(subjects, ends, _none(len(subjects), count * len(BED_CLASSES)), nothing, 1.0, persons)
        yield from self._whole(problem, meant)

    def _whole(self, problem: Problem, meant: BoolArray) -> Iterator[_Part]:
        """Yield what is asked of the whole area: regional facilities, and beds enough for everybody."""
        given, count = self.parameters, len(problem.options)
        within = Tally.over(problem, "area").places.of_site[problem.options.site] >= 0
        regional = np.zeros(count, dtype=np.bool_)
        if given.regional is not None:
            regional = problem.selected(given.regional) & within
            chosen = np.flatnonzero(regional)
            there = select(chosen, np.full(len(chosen), 1 / given.regional.at_least), 0 * chosen, (1, count))
            beds = _none(1, count * len(BED_CLASSES))
            yield _Part((Subject("area", "", "regional"),), there, beds, _none(1, count), 1.0, np.zeros(1))
        turned = problem.options.is_open & _at_sites(problem, meant & _kept(problem))[problem.options.site]
        takes = np.flatnonzero((meant | regional | turned) & within)
        stands = np.flatnonzero((meant | regional) & within & _kept(problem))
        beds_today = float(problem.sites.beds[problem.options.site[stands]].sum())
        if given.keeps_beds and beds_today:
            beds = sparse.csr_array(_beds(problem, takes, 0 * takes, 1) * (1 / beds_today))
            yield _Part((Subject("area", "", "beds"),), _none(1, count), beds, _none(1, count), 1.0, np.zeros(1))

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say what is still to be done."""
        met = finding.lack == 0
        if np.isnan(finding.measured):
            return Text(
                f"{subject.zh}:已撤并或转型,不适用。", f"{subject.en}: closed or converted, no longer applicable."
            )
        match finding.subject.part:
            case "small":
                least = self.parameters.least_beds or 0
                beds = f"{finding.measured * least:,.0f}"
                return Text(
                    f"{subject.zh}:床位{beds}张,{'达到' if met else '不足'}规模下限{least}张"
                    f"{'' if met else ',须扩建、撤并或转型'}。",
                    f"{subject.en}: {beds} of at least {least} beds"
                    f"{'' if met else '; to be enlarged, closed or converted'}.",
                )
            case "unsafe":
                return Text(
                    f"{subject.zh}:{'隐患设施已撤并或转型' if met else '存在安全隐患,尚未撤并或转型'}。",
                    f"{subject.en}: unsafe, {'closed or converted' if met else 'neither closed nor converted'}.",
                )
            case "regional":
                wanted = 1 if self.parameters.regional is None else self.parameters.regional.at_least
                there = round(finding.measured * wanted)
                lack = wanted - there
                missing = Text("", "") if met else Text(f",尚缺{lack}处", f"; {lack} short")
                return Text(
                    f"{subject.zh}:有{there}处(要求≥{wanted}处){missing.zh}。",
                    f"{subject.en}: {there} (required ≥ {wanted}){missing.en}.",
                )
            case _:
                return Text(
                    f"{subject.zh}:整合后为现状的{share(finding)}(要求≥{asked_share(finding)})。",
                    f"{subject.en}: {share(finding)} of the beds of today (required ≥ {asked_share(finding)}).",
                )


def _kept(problem: Problem) -> BoolArray:
    """Return the options that keep a facility of today as it is: bool[option]."""
    return np.array([action is Action.KEEP for action in problem.options.action], dtype=np.bool_)


def _at_sites(problem: Problem, options: BoolArray) -> BoolArray:
    """Return the sites of some options: bool[site]."""
    found = np.zeros(len(problem.sites), dtype=np.bool_)
    found[problem.options.site[options]] = True
    return found


def _beds(problem: Problem, chosen: Any, row: Any, count: int) -> Any:  # noqa: ANN401 - arrays, and a csr
    """Return the incidence of all beds of some options: csr (count × the block `Beds`)."""
    classes = len(BED_CLASSES)
    columns = (chosen[:, None] * classes + np.arange(classes)[None, :]).ravel()
    return select(columns, np.ones(len(columns)), np.repeat(row, classes), (count, len(problem.options) * classes))


def _none(rows: int, columns: int) -> Csr[Any, tuple[int, int]]:
    """Return no coefficients at all."""
    return sparse.csr_array((rows, columns))


def _stacked(parts: list[Csr[Any, tuple[int, int]]]) -> Csr[Any, tuple[int, int]]:
    """Put the coefficients of parts one over the other."""
    return sparse.csr_array(sparse.vstack(parts, format="csr"))
