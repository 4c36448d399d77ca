"""What a plan can have more or less of: money, persons covered, the share of the district served worst."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from siting.model.rows import AREA, Covered, Rows, Subject
from siting.optimise.blocks import capital, phase_cost, plain, running_cost
from siting.optimise.layout import Asked
from siting.optimise.question import Posed, Rule
from siting.optimise.values import covered, left_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.model.arrays import FloatArray, IntArray
    from siting.model.problem import Csr, Problem, State
    from siting.model.rows import Block
    from siting.optimise.layout import Layout
    from siting.optimise.program import Program
    from siting.optimise.question import Concerned


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """An indicative clause with what a unit short of it costs: yuan a person, bed, facility… of its numerator."""

    asked: Asked
    price: float

    @property
    def label(self) -> str:
        """Name of its rows in a program, where they ask for nothing by themselves."""
        return f"priced {self.asked.clause}"

    @property
    def required(self) -> FloatArray:
        """Right-hand sides: float64[subject]."""
        return self.asked.rows.rhs if self.asked.rhs is None else self.asked.rhs

    def short(self, problem: Problem, state: State) -> FloatArray:
        """Return how much is missing on a plan: float64[subject], in the unit of the clause's numerator."""
        rows = self.asked.rows
        missing = rows.sign * (self.required - left_side(problem, state, self.asked.phase, rows))
        return np.where(missing > _ROUNDING * np.maximum(1.0, np.abs(self.required)), missing, 0.0)


_ROUNDING = 1e-9
"""A part of a requirement that is missing by less than this has been lost in a sum, not in the plan."""


def measuring(label: str, phase: int, rows: Rows) -> Asked:
    """Return rows that are measured in a program and ask for nothing."""
    nothing = -np.inf if rows.sense == ">=" else np.inf
    return Asked(label, phase, rows, np.full(len(rows.subject), nothing))


def measured(program: Program, label: str) -> tuple[Csr[Any, tuple[int, int]], FloatArray]:
    """Return rows added by `measuring`: csr (rows × columns), and what each is worth whatever is decided."""
    found = [policy for policy in program.policy if policy.clause == label]
    return program.matrix[[policy.row for policy in found]], np.array([policy.constant for policy in found])


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost of the whole plan, undiscounted: that of its last phase, which contains all earlier ones.

    What indicative clauses with a price are short of in the last phase is added at that price.
    """

    priced: tuple[Priced, ...] = ()
    name: str = "cost"
    unit: str = "yuan"
    more: bool = False
    whole: bool = False

    def asked(self, problem: Problem) -> tuple[Asked, ...]:  # noqa: ARG002 - the rows are made already
        """Return the rows of the priced clauses."""
        return tuple(measuring(item.label, item.asked.phase, item.asked.rows) for item in self.priced)

    def pose(self, problem: Problem, program: Program, layout: Layout, phases: Sequence[int]) -> Posed:
        """Return what is in force in the last phase, priced."""
        return _with_shortfalls(program, phase_cost(problem, layout, phases[-1], len(program.names)), self.priced)

    def value(self, problem: Problem, state: State) -> float:
        """Price what is in force in the last phase."""
        return float(problem.cost(state)[-1]) + shortfall_cost(problem, state, self.priced)


@dataclass(frozen=True, slots=True)
class PresentValue:
    """Capital and running costs of all facilities and of those hired, discounted (see `Money`).

    With cumulated capital C_p, capital factor D_p (nought beyond the last) and running factor R_p of phase p,
    ``Σ_p D_p·(C_p − C_{p−1}) + R_p·running_p = Σ_p (D_p − D_{p+1})·C_p + R_p·running_p``.
    """

    priced: tuple[Priced, ...] = ()
    name: str = "present_value"
    unit: str = "yuan"
    more: bool = False
    whole: bool = True

    def asked(self, problem: Problem) -> tuple[Asked, ...]:  # noqa: ARG002 - the rows are made already
        """Return the rows of the priced clauses."""
        return tuple(measuring(item.label, item.asked.phase, item.asked.rows) for item in self.priced)

    def pose(self, problem: Problem, program: Program, layout: Layout, phases: Sequence[int]) -> Posed:
        """Return every phase's capital and running costs at their present value."""
        once, yearly = problem.money.on_capital(problem.phases), problem.money.on_running(problem.phases)
        kept = once - np.append(once[1:], 0.0)
        cost = np.zeros(len(program.names))
        for phase in phases:
            cost += kept[phase] * capital(problem, layout, phase, len(cost))
            cost += yearly[phase] * running_cost(problem, layout, phase, len(cost))
        return _with_shortfalls(program, cost, self.priced)

    def value(self, problem: Problem, state: State) -> float:
        """Discount what is spent and run."""
        return problem.present_value(state) + shortfall_cost(problem, state, self.priced)


def shortfall_cost(problem: Problem, state: State, priced: Sequence[Priced]) -> float:
    """Return what the shortfalls of a plan come to, yuan."""
    return float(sum(item.price * item.short(problem, state).sum() for item in priced))


def _with_shortfalls(program: Program, cost: FloatArray, priced: Sequence[Priced]) -> Posed:
    """Add columns ``lack_ID_n ≥ what is short``, each at its clause's price."""
    for item in priced:
        matrix, sure = measured(program, item.label)
        rows = item.asked.rows
        missing = rows.sign * (item.required - (sure - rows.numerator_constant))
        signed = sparse.csr_array(matrix * float(rows.sign))
        least = (
            signed.maximum(0) @ program.lower[: signed.shape[1]] + signed.minimum(0) @ program.upper[: signed.shape[1]]
        )
        names = [f"{plain(item.asked.clause)}_{number}" for number in range(len(missing))]
        before = len(program.names)
        program = program.grown([f"lack_{name}" for name in names], np.maximum(0.0, missing - least))
        lacks = sparse.csr_array(
            (np.ones(len(missing)), (np.arange(len(missing)), before + np.arange(len(missing)))),
            shape=(len(missing), len(program.names)),
        )
        program = program.asking(
            [f"lacking_{name}" for name in names],
            sparse.csr_array(_wide(signed, len(program.names)) + lacks),
            missing,
            np.full(len(missing), np.inf),
        )
        cost = np.concatenate([cost, np.full(len(missing), item.price)])
    return Posed(program, cost, 0.0)


def _wide(matrix: Csr[Any, tuple[int, int]], count: int) -> Csr[Any, tuple[int, int]]:
    """Return rows of a program as rows of a larger one."""
    return sparse.csr_array((matrix.data, matrix.indices, matrix.indptr), shape=(matrix.shape[0], count))


@dataclass(frozen=True, slots=True, eq=False)
class CoveredPersons:
    """Persons covered under some coverage clauses in the last phase; whoever several speak of counts for each."""

    rules: tuple[Rule, ...]
    name: str = "covered"
    unit: str = "persons"
    more: bool = True
    whole: bool = False

    def asked(self, problem: Problem) -> tuple[Asked, ...]:
        """Return one row of covered persons for each clause."""
        last = len(problem.phases) - 1
        return tuple(
            measuring(
                _label(self, rule), last, covered_rows(problem, rule, np.zeros(len(problem.zones), dtype=np.int64), 1)
            )
            for rule in self.rules
        )

    def pose(self, problem: Problem, program: Program, layout: Layout, phases: Sequence[int]) -> Posed:  # noqa: ARG002
        """Add up the clauses' rows."""
        coefficient, constant = np.zeros(len(program.names)), 0.0
        for rule in self.rules:
            matrix, sure = measured(program, _label(self, rule))
            coefficient[: matrix.shape[1]] += np.asarray(matrix.sum(axis=0)).ravel()
            constant += float(sure.sum())
        return Posed(program, coefficient, constant)

    def value(self, problem: Problem, state: State) -> float:
        """Count whom the plan covers."""
        last = len(problem.phases) - 1
        return float(
            sum(
                persons[view.concerned & covered(problem, state, last, reach)].sum()
                for rule in self.rules
                for view in (view_of(problem, rule),)
                for reach, persons in view.groups
            )
        )


@dataclass(frozen=True, slots=True, eq=False)
class WorstShare:
    """The covered share of the district that is served worst, under one coverage clause in the last phase.

    Shares are of the persons that the clause's own share is of: all concerned, or those that some option reaches.
    Districts that no option reaches are left aside: their share is nought whatever is decided.
    """

    rule: Rule
    of_reachable: bool = False
    name: str = "worst_share"
    unit: str = "share"
    more: bool = True
    whole: bool = False

    def asked(self, problem: Problem) -> tuple[Asked, ...]:
        """Return a row of covered persons for each district."""
        _, member, persons = self._districts(problem)
        last = len(problem.phases) - 1
        return (measuring(_label(self, self.rule), last, covered_rows(problem, self.rule, member, len(persons))),)

    def pose(self, problem: Problem, program: Program, layout: Layout, phases: Sequence[int]) -> Posed:  # noqa: ARG002
        """Add a column that no district's share may be below."""
        names, _, persons = self._districts(problem)
        matrix, sure = measured(program, _label(self, self.rule))
        before = len(program.names)
        program = program.grown(["worst_share"], np.ones(1))
        shares = sparse.diags_array(1.0 / persons) @ _wide(matrix, len(program.names))
        worst = sparse.csr_array(
            (-np.ones(len(persons)), (np.arange(len(persons)), np.full(len(persons), before))), shape=shares.shape
        )
        rows = [f"no_worse_{plain(name)}" for name in names]
        program = program.asking(rows, sparse.csr_array(shares + worst), -sure / persons, np.full(len(rows), np.inf))
        coefficient = np.zeros(len(program.names))
        coefficient[before] = 1.0
        return Posed(program, coefficient, 0.0)

    def value(self, problem: Problem, state: State) -> float:
        """Return the least share."""
        _, member, persons = self._districts(problem)
        last = len(problem.phases) - 1
        rows = covered_rows(problem, self.rule, member, len(persons))
        return float((left_side(problem, state, last, rows) / persons).min(initial=1.0))

    def _districts(self, problem: Problem) -> tuple[list[str], IntArray, FloatArray]:
        """Return the districts that count: names, each zone's number among them (−1: none), persons."""
        last, district = len(problem.phases) - 1, problem.zones.district
        view = view_of(problem, self.rule)
        every, within = np.zeros(len(problem.districts)), np.zeros(len(problem.districts))
        for reach, persons in view.groups:
            for total, who in ((every, view.concerned), (within, view.concerned & problem.reachable(reach, last))):
                np.add.at(total, district[who], persons[who])
        base = within if self.of_reachable else every
        there = np.flatnonzero(within > 0)
        number = np.full(len(problem.districts) + 1, -1)
        number[there] = np.arange(len(there))
        return [problem.districts.id[place] for place in there], number[district], base[there]


def view_of(problem: Problem, rule: Rule) -> Concerned:
    """Return whom a coverage clause is about in the last phase.

    Raises
    ------
    TypeError
        When it is none.
    """
    view = rule.coverage(problem, len(problem.phases) - 1)
    if view is None:
        message = f"{rule.clause.id} is no coverage clause"
        raise TypeError(message)
    return view


def covered_rows(problem: Problem, rule: Rule, member: IntArray, count: int) -> Rows:
    """Return persons covered under a clause in the last phase, by number of their zone's place (−1: none)."""
    view = view_of(problem, rule)
    numerator: dict[Block, Csr[Any, tuple[int, int]]] = {}
    for reach, persons in view.groups:
        zone = np.flatnonzero(view.concerned & (persons > 0) & (member >= 0))
        numerator[Covered(reach)] = sparse.csr_array(
            (persons[zone], (member[zone], zone)), shape=(count, len(problem.zones))
        )
    subjects = (AREA,) if count == 1 else tuple(Subject("district", str(number)) for number in range(count))
    return Rows(
        subject=subjects,
        numerator=numerator,
        denominator={},
        denominator_constant=np.ones(count),
        required=np.zeros(count),
        sense=">=",
        unit="persons",
        persons=np.zeros(count),
    )


def _label(aim: CoveredPersons | WorstShare, rule: Rule) -> str:
    return f"{aim.name} {rule.clause.id}"
