"""What is asked of a plan, and how it becomes a program: clauses phase by phase, and one thing aimed at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from scipy import sparse

from siting.model.rows import Beds, Covered, Has, Open, Sized, Spent, Staff
from siting.optimise.blocks import phase_cost, state_cost
from siting.optimise.build import build
from siting.optimise.layout import Asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from siting.model.arrays import FloatArray
    from siting.model.problem import Problem, State
    from siting.model.rows import Block, Clause, Rows
    from siting.model.text import Text
    from siting.optimise.layout import Layout
    from siting.optimise.program import Program


class Rule(Protocol):
    """All that the optimiser knows of a rule."""

    @property
    def clause(self) -> Clause:
        """Return the clause as data."""

    def rows(self, problem: Problem, phase: int) -> Rows:
        """Return the clause as linear rows."""

    def missing(self, problem: Problem) -> Text | None:
        """Say which data the clause needs and the study does not give; None when nothing is missing."""


@dataclass(frozen=True, slots=True, eq=False)
class Posed:
    """A goal in the columns of a program: its value is ``constant + coefficient · x``.

    Attributes
    ----------
    program : Program
        With whatever columns and rows the goal needs.
    coefficient : float64[column]
    constant : float
        What is there whatever is decided.
    """

    program: Program
    coefficient: FloatArray
    constant: float


class Aim(Protocol):
    """Something that a plan can have more or less of."""

    @property
    def unit(self) -> str:
        """Return the unit it is measured in."""

    @property
    def more(self) -> bool:
        """Return whether more of it is better."""

    @property
    def whole(self) -> bool:
        """Return whether every phase counts, and not the last alone."""

    def asked(self, problem: Problem) -> tuple[Asked, ...]:
        """Return rows whose left-hand sides measure it; they ask for nothing."""

    def pose(self, problem: Problem, program: Program, layout: Layout, phases: Sequence[int]) -> Posed:
        """Say it in the columns of a program whose last phase is the plan's last."""

    def value(self, problem: Problem, state: State) -> float:
        """Recount it on a plan, without any program."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost of the whole plan, undiscounted: that of its last phase, which contains all earlier ones."""

    unit: str = "yuan"
    more: bool = False
    whole: bool = False

    def asked(self, problem: Problem) -> tuple[Asked, ...]:  # noqa: ARG002 - nothing has to be measured
        """Ask for nothing."""
        return ()

    def pose(self, problem: Problem, program: Program, layout: Layout, phases: Sequence[int]) -> Posed:
        """Return what is in force in the last phase, priced."""
        return Posed(program, phase_cost(problem, layout, phases[-1], len(program.names)), 0.0)

    def value(self, problem: Problem, state: State) -> float:
        """Price what is in force in the last phase."""
        return float(state_cost(problem, state)[-1])


@dataclass(frozen=True, slots=True)
class Kept:
    """A goal that was settled before: the plan must stay on this side of a value."""

    aim: Aim
    limit: float


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is asked of a plan.

    Attributes
    ----------
    problem : Problem
    asked : tuple[Asked, ...]
        Clauses in the phases in which they bind.
    aim : Aim
    kept : tuple[Kept, ...]
    """

    problem: Problem
    asked: tuple[Asked, ...]
    aim: Aim = Cost()
    kept: tuple[Kept, ...] = ()

    @property
    def last(self) -> int:
        """Number of the last phase."""
        return len(self.problem.phases) - 1

    def without(self, clause: str) -> Question:
        """Return the question without a clause."""
        return replace(self, asked=tuple(item for item in self.asked if item.clause != clause))

    def posed(self, phases: Sequence[int]) -> tuple[Program, Layout, float]:
        """Build the program of some phases, ascending, with its objective where they end with the last.

        Returns
        -------
        Program, Layout
        float
            What the goal is worth besides the program's objective.
        """
        asked = [item for item in self.asked if item.phase in phases]
        if phases[-1] != self.last:
            return (*build(self.problem, asked, phases), 0.0)
        aims = (*(kept.aim for kept in self.kept), self.aim)
        measured = {item.clause: item for aim in aims for item in aim.asked(self.problem)}
        program, layout = build(self.problem, [*asked, *measured.values()], phases)
        for kept in self.kept:
            form = kept.aim.pose(self.problem, program, layout, phases)
            program = _held(form, kept)
        form = self.aim.pose(self.problem, program, layout, phases)
        policy = tuple(row for row in form.program.policy if row.clause not in measured)
        aimed = replace(form.program, policy=policy).aiming(-form.coefficient if self.aim.more else form.coefficient)
        return aimed, layout, form.constant


def _held(form: Posed, kept: Kept) -> Program:
    """Add the row that holds a goal on its side of a value."""
    limit = np.array([kept.limit - form.constant])
    endless = np.array([np.inf])
    row = sparse.csr_array(form.coefficient[None, :])
    lower, upper = (limit, endless) if kept.aim.more else (-endless, limit)
    return form.program.asking((f"kept_{len(form.program.row_names)}",), row, lower, upper)


def binding(problem: Problem, rules: Iterable[Rule], phase: int) -> list[Rule]:
    """Return the clauses that a plan must meet in a phase: due, enforced, and measurable with the study's data."""
    year = problem.phases[phase]
    return [rule for rule in rules if rule.clause.enforced and rule.clause.binds(year) and not rule.missing(problem)]


def asked_of(problem: Problem, rules: Sequence[Rule]) -> tuple[Asked, ...]:
    """Return what the binding clauses ask, phase by phase."""
    return tuple(
        grandfathered(Asked(rule.clause.id, phase, rule.rows(problem, phase).only_due()), problem)
        for phase in range(len(problem.phases))
        for rule in binding(problem, rules, phase)
    )


def grandfathered(asked: Asked, problem: Problem) -> Asked:
    """Never ask for better than what stands today where that is tolerated: the breach is shown by the audit."""
    rows = asked.rows
    if not rows.grandfathers:
        return asked
    stands = sum((matrix @ _today(block, problem, asked.phase) for block, matrix in rows.terms.items()), 0.0)
    return replace(asked, rhs=(np.maximum if rows.sense == "<=" else np.minimum)(rows.rhs, stands))


def _today(block: Block, problem: Problem, phase: int) -> FloatArray:
    """Return the values of a block's columns as things stand today: nothing spent, nobody hired."""
    today = problem.existing_state()
    values: Any
    match block:
        case Open():
            values = today.open[phase]
        case Beds():
            values = today.beds[phase].ravel()
        case Covered(reach):
            values = problem.covers(reach) @ today.open[phase].astype(np.float64) > 0
        case Sized(beds):
            values = today.sized(beds, phase)
        case Has(bed_class, beds):
            values = today.has(bed_class, beds, phase)
        case Spent() | Staff():
            values = [0.0]
    return np.asarray(values, dtype=np.float64)
