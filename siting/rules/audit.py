"""The audit: every clause measured on a state of the facilities.

It shares nothing with the optimiser but `Rule.rows`: coverage is derived here from the distances to what is open,
zone by zone, without the optimiser's groups, variables or tolerances. The verdict on a plan is this audit of the
rounded plan.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.model.access import INCLUSIVE_M, RoadState
from siting.model.findings import Audit, Finding, LedgerLine, Standing, Status
from siting.model.rows import AREA, Beds, Block, Covered, Has, Open, Rows, Sized, Spent, Staff

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from siting.model.arrays import BoolArray, FloatArray
    from siting.model.problem import Csr, Problem, Reach, State
    from siting.model.text import Text
    from siting.rules.base import Coverage, Rule

_RELATIVE = 1e-9
"""Rounding of sums, relative to their size: a requirement met to nine digits is met."""


def audit(rules: Sequence[Rule], problem: Problem, state: State, today: State | None = None) -> Audit:
    """Measure every clause in every phase.

    Parameters
    ----------
    rules : Sequence[Rule]
    problem : Problem
    state : State
        Whole facilities and whole beds.
    today : State, optional
        The present situation. Given, a breach of an upper limit that stands today and got no worse is
        ``grandfathered`` instead of ``short``.
    """
    findings: list[Finding] = []
    by_district: list[Finding] = []
    ledger: list[LedgerLine] = []
    ledger_by_district: list[LedgerLine] = []
    standing: dict[tuple[str, int], NDArray[np.uint8]] = {}
    for phase in range(len(problem.phases)):
        measure = _Measure(problem, state, phase, None if today is None else _Measure(problem, today, phase, None))
        for rule in rules:
            lack = rule.missing(problem)
            if lack is not None:
                findings.append(measure.blank(rule, "no_data", lack))
                continue
            found = _concerned(measure.findings(rule, rule.rows(problem, phase)))
            findings += found or [measure.blank(rule, "not_applicable", None)]
            if rule.divides():
                by_district += measure.findings(rule, rule.rows(problem, phase, per="district"))
            view = rule.coverage(problem, phase)
            if view is not None:
                codes = measure.standing(view)
                standing[rule.clause.id, phase] = codes
                whole, *parts = measure.lines(rule, view)
                ledger.append(whole)
                ledger_by_district += parts
    clauses = tuple(rule.clause for rule in rules)
    return Audit(clauses, tuple(findings), tuple(by_district), tuple(ledger), standing, tuple(ledger_by_district))


def _concerned(findings: list[Finding]) -> list[Finding]:
    """Leave out sites that the clause does not concern; where it concerns none, say so once."""
    kept = [finding for finding in findings if finding.subject.kind != "site" or finding.status != "not_applicable"]
    return kept or [replace(finding, subject=AREA) for finding in findings[:1]]


class _Measure:
    """Values of the blocks at one state in one phase."""

    def __init__(self, problem: Problem, state: State, phase: int, today: _Measure | None) -> None:
        self.problem, self.state, self.phase, self.today = problem, state, phase, today
        self._covered: dict[Reach, BoolArray] = {}

    def covered(self, reach: Reach) -> BoolArray:
        """Return which zones have an open facility of the reach's kinds within its metres: bool[zone]."""
        if reach not in self._covered:
            options = self.problem.options
            working = self.state.open[self.phase] & self.problem.working(reach)
            serves = np.zeros(len(self.problem.sites), dtype=np.bool_)
            serves[options.site[working]] = True
            metres = self.problem.metres(reach)
            near = serves[metres.indices] & (metres.data <= reach.metres + INCLUSIVE_M)
            found = np.concatenate([[0], np.cumsum(near)])
            self._covered[reach] = found[metres.indptr[1:]] > found[metres.indptr[:-1]]
        return self._covered[reach]

    def _values(self, block: Block) -> FloatArray:
        """Return the values of a block's columns."""
        values: Any
        match block:
            case Open():
                values = self.state.open[self.phase]
            case Beds():
                values = self.state.beds[self.phase].ravel()
            case Covered(reach):
                values = self.covered(reach)
            case Sized(beds):
                values = self.state.sized(beds, self.phase)
            case Has(bed_class, beds):
                values = self.state.has(bed_class, beds, self.phase)
            case Spent(pay, within):
                spent = (self.problem.cost if pay else self.problem.capital)(self.state)
                values = [(np.diff(spent, prepend=0.0) if within else spent)[self.phase]]
            case Staff(role):
                values = [self.state.staff(role, self.phase)]
        return np.asarray(values, dtype=np.float64)

    def total(self, terms: Mapping[Block, Csr[Any, tuple[int, int]]], count: int) -> FloatArray:
        """Return the value of a linear form: float64[subject]."""
        return sum((matrix @ self._values(block) for block, matrix in terms.items()), np.zeros(count))

    def findings(self, rule: Rule, rows: Rows) -> list[Finding]:
        """Compare each row with what is required of it."""
        count = len(rows.subject)
        top, base = self._fraction(rows)
        slack = self.slack(rows)
        room = _RELATIVE * np.maximum(1.0, np.abs(rows.required * base))
        met = slack >= -room
        applies = (base > 0) | (rows.excess > 0)
        stands = np.zeros(count, dtype=np.bool_)
        if self.today is not None and rows.grandfathers:
            stands = slack >= self.today.slack(rows) - room
        due = rows.due & rule.clause.binds(self.problem.phases[self.phase])
        measured = np.divide(top, base, out=np.where(applies, 0.0, np.nan), where=base > 0)
        covers = bool(rows.numerator) and all(isinstance(block, Covered) for block in rows.numerator)
        in_persons = covers & (rows.persons == base)
        short = np.where(met, 0.0, np.where(in_persons, -slack, rows.persons))
        return [
            Finding(
                clause=rule.clause.id,
                subject=subject,
                phase=self.problem.phases[self.phase],
                measured=float(measured[index]),
                required=float(rows.required[index]),
                unit=rows.unit,
                sense=rows.sense,
                status=self._status(
                    due=bool(due[index]), applies=bool(applies[index]), met=bool(met[index]), stands=bool(stands[index])
                ),
                persons=float(rows.persons[index]),
                persons_short=float(short[index]),
                base=float(base[index]),
            )
            for index, subject in enumerate(rows.subject)
        ]

    def blank(self, rule: Rule, status: Status, lack: Text | None) -> Finding:
        """Say that a clause concerns nothing at all, or that the study does not give what it is measured on."""
        year = self.problem.phases[self.phase]
        return Finding(
            clause=rule.clause.id,
            subject=AREA,
            phase=year,
            measured=float("nan"),
            required=float("nan"),
            unit=rule.unit,
            sense=">=",
            status=status,
            persons=0.0,
            persons_short=0.0,
            note=lack,
            base=0.0,
        )

    def _fraction(self, rows: Rows) -> tuple[FloatArray, FloatArray]:
        """Return what is measured, and what it is divided by: two float64[subject]."""
        count = len(rows.subject)
        return (
            self.total(rows.numerator, count) + rows.numerator_constant,
            self.total(rows.denominator, count) + rows.denominator_constant,
        )

    def slack(self, rows: Rows) -> FloatArray:
        """Return by how much each row holds (negative: is missed), in the unit of its numerator."""
        top, base = self._fraction(rows)
        return np.asarray(rows.sign * (top - rows.required * base) - rows.excess, dtype=np.float64)

    @staticmethod
    def _status(*, due: bool, applies: bool, met: bool, stands: bool) -> Status:
        """Name the verdict."""
        if not applies:
            return "not_applicable"
        if met:
            return "met"
        if not due:
            return "not_yet_due"
        return "grandfathered" if stands else "short"

    def standing(self, view: Coverage) -> NDArray[np.uint8]:
        """Return the `Standing` of every zone under a coverage clause.

        A zone is covered when a facility covers some group and none of its persons belong to a group left out.
        """
        codes = self._unserved()
        some, left_out = np.zeros(len(codes), dtype=np.bool_), np.zeros(len(codes), dtype=np.bool_)
        for reach, persons in view.groups:
            some |= self.covered(reach)
            left_out |= ~self.covered(reach) & (persons > 0)
        codes[some & ~left_out] = Standing.COVERED
        codes[~view.concerned] = Standing.NOT_CONCERNED
        return codes

    def _unserved(self) -> NDArray[np.uint8]:
        """Return where each zone stands as long as nothing covers it."""
        state = self.problem.access.zones.state
        codes = np.full(len(self.problem.zones), Standing.UNCOVERED, dtype=np.uint8)
        codes[state == RoadState.OTHER_COMPONENT] = Standing.OTHER_COMPONENT
        codes[state == RoadState.NO_ROAD] = Standing.NO_ROAD
        return codes

    def lines(self, rule: Rule, view: Coverage) -> tuple[LedgerLine, ...]:
        """Add up where every person stands, group by group: for the whole area, then for each district."""
        district = self.problem.zones.district
        places = len(self.problem.districts)
        inside = np.flatnonzero(district >= 0)
        unserved = self._unserved()
        amount = np.zeros((len(Standing), places))
        reachable = np.zeros(places)
        for reach, persons in view.groups:
            codes = np.where(self.covered(reach), np.uint8(Standing.COVERED), unserved)
            codes[~view.concerned] = Standing.NOT_CONCERNED
            cell = codes[inside].astype(np.int64) * places + district[inside]
            amount += np.bincount(cell, persons[inside], amount.size).reshape(amount.shape)
            within = inside[view.concerned[inside] & self.problem.reachable(reach, self.phase)[inside]]
            reachable += np.bincount(district[within], persons[within], places)
        line = LedgerLine(
            clause=rule.clause.id,
            reaches=view.reaches,
            phase=self.problem.phases[self.phase],
            **_amounts(amount.sum(axis=1)),
            outside_districts=float(view.persons[district < 0].sum()),
            raster_total=float(view.persons.sum()),
            reachable=float(reachable.sum()),
        )
        everybody = np.bincount(district[inside], view.persons[inside], places)
        parts = (
            replace(
                line,
                district=identity,
                **_amounts(amount[:, place]),
                outside_districts=0.0,
                raster_total=float(everybody[place]),
                reachable=float(reachable[place]),
            )
            for place, identity in enumerate(self.problem.districts.id)
        )
        return (line, *parts)


def _amounts(amount: FloatArray) -> dict[str, Any]:
    """Name the persons of each `Standing`."""
    return {standing.name.lower(): float(amount[standing]) for standing in Standing}
