"""What is asked of a plan, and how it becomes a program: clauses phase by phase, and one thing aimed at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy import sparse

from siting.model.rows import Spent
from siting.optimise.build import build
from siting.optimise.layout import Asked
from siting.optimise.values import left_side

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from siting.model.arrays import BoolArray, FloatArray
    from siting.model.problem import Problem, Reach, State
    from siting.model.rows import Clause, Rows
    from siting.model.text import Text
    from siting.optimise.layout import Layout
    from siting.optimise.program import Program


class Concerned(Protocol):
    """Whom a coverage clause is about, and what covers them (`siting.rules.base.Coverage`)."""

    @property
    def concerned(self) -> BoolArray:
        """Return the zones: bool[zone]."""

    @property
    def groups(self) -> tuple[tuple[Reach, FloatArray], ...]:
        """Return persons in every zone by what covers them."""


class Rule(Protocol):
    """All that the optimiser knows of a rule."""

    @property
    def clause(self) -> Clause:
        """Return the clause as data."""

    def rows(self, problem: Problem, phase: int) -> Rows:
        """Return the clause as linear rows."""

    def missing(self, problem: Problem) -> Text | None:
        """Say which data the clause needs and the study does not give; None when nothing is missing."""

    def coverage(self, problem: Problem, phase: int) -> Concerned | None:
        """Return whom the clause wants covered; None when it is no coverage clause."""


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
    def name(self) -> str:
        """Return what a study calls it."""

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
    closed : frozenset[int]
        Options that may not be in force in any phase.
    """

    problem: Problem
    asked: tuple[Asked, ...]
    aim: Aim
    kept: tuple[Kept, ...] = ()
    closed: frozenset[int] = frozenset()

    @property
    def whole(self) -> bool:
        """Whether all phases must be one program: something that is asked or aimed at ties them together."""
        tied = (isinstance(block, Spent) and block.within for item in self.asked for block in item.rows.terms)
        return self.aim.whole or any(kept.aim.whole for kept in self.kept) or any(tied)

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
            program, layout = build(self.problem, asked, phases)
            return self._without_closed(program, layout), layout, 0.0
        aims = (*(kept.aim for kept in self.kept), self.aim)
        measured = {item.clause: item for aim in aims for item in aim.asked(self.problem)}
        program, layout = build(self.problem, [*asked, *measured.values()], phases)
        program = self._without_closed(program, layout)
        for number, kept in enumerate(self.kept):
            program = _held(kept.aim.pose(self.problem, program, layout, phases), kept, number)
        form = self.aim.pose(self.problem, program, layout, phases)
        policy = tuple(row for row in form.program.policy if row.clause not in measured)
        aimed = replace(form.program, policy=policy).aiming(-form.coefficient if self.aim.more else form.coefficient)
        return aimed, layout, form.constant

    def _without_closed(self, program: Program, layout: Layout) -> Program:
        """Take away the options that may not be in force."""
        if not self.closed:
            return program
        column = layout.open[:, sorted(self.closed)]
        gone = np.zeros(len(program.names), dtype=np.bool_)
        gone[column[column >= 0]] = True
        return program.without(gone)


def _held(form: Posed, kept: Kept, number: int) -> Program:
    """Add the row that holds a goal on its side of a value, on the scale of thousands."""
    scale = _SCALE / max(1.0, float(np.abs(form.coefficient).max(initial=0.0)))
    room = _ROUNDING * max(1.0, abs(kept.limit)) * (-1 if kept.aim.more else 1)
    limit = np.array([kept.limit + room - form.constant]) * scale
    endless = np.array([np.inf])
    row = sparse.csr_array(form.coefficient[None, :] * scale)
    lower, upper = (limit, endless) if kept.aim.more else (-endless, limit)
    return form.program.asking((f"kept_{number}_{kept.aim.name}",), row, lower, upper)


_SCALE = 1000.0
_ROUNDING = 1e-9
"""What a sum may lose of a goal's value between the plan that reached it and the row that keeps it."""


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
    stands = left_side(problem, problem.existing_state(), asked.phase, rows)
    return replace(asked, rhs=(np.maximum if rows.sense == "<=" else np.minimum)(rows.rhs, stands))
