"""Why there is no plan: clauses and places that clash, and the best each could reach.

What is named are minimal sets: the members of a set cannot hold together, without any one of them the others can. A row
that is impossible by itself, by the bounds of its columns or by search, is a set of one. If there is none, a deletion
filter takes rows away one by one and keeps those whose absence makes the rest possible (Chinneck, Feasibility and
Infeasibility in Optimization, 2008, ch. 6).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siting.model.plan import Conflict, Relaxation
from siting.optimise.solver import solve_lp, solve_mip

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from siting.model.arrays import FloatArray
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import PolicyRow, Program


_CLEAR = 1e-5
"""By how much a row must fail, beyond the solver's tolerance."""
_STEPS = 20
_ENOUGH = 1e-3
"""How close to the least a relaxation is sought."""
_STAYS = 1e-7
"""A level that changes by less than this part of itself has been found."""


_BLAMED = 1e-4
"""Duals below this (per whole requirement) are what an interior point leaves of nought."""


@dataclass(frozen=True, slots=True)
class _Tester:
    """Tries subsets of the policy rows."""

    program: Program
    options: SolverOptions
    deadline: float

    def left(self) -> float:
        return max(1.0, self.deadline - time.monotonic())

    def fails(self, kept: Iterable[PolicyRow]) -> bool | None:
        """Say whether these rows are impossible together; None where time runs out before either is proven."""
        rows = {policy.row for policy in kept}
        rest = frozenset(policy.row for policy in self.program.policy if policy.row not in rows)
        trial = self.program.relaxed(rest).aiming(np.zeros(len(self.program.cost)))
        if solve_lp(trial, self.options, seconds=self.left()).verdict == "infeasible":
            return True
        found = solve_mip(trial, self.options, seconds=self.left(), gap=1.0)
        if found.verdict == "infeasible":
            return True
        return None if found.values is None else False

    def best(self, policy: PolicyRow, *, others: bool = False) -> float:
        """Return the best that can be reached for one row, in the clause's unit: NaN where nothing could be found.

        Whatever the other clauses ask; with `others`, while they hold.

        What the clause divides by may itself be decided (all beds, in a share of beds). Then steps of Dinkelbach
        (Management Science 13, 1967) lead there: aim at numerator − level · divisor, take the level that is reached,
        and again, until it stays.
        """
        program = self.program
        divisor = np.zeros(len(program.cost))
        for column, value in policy.divisor:
            divisor[column] += value
        numerator = program.matrix[[policy.row]].toarray().ravel() + policy.required * divisor
        sign = -1.0 if np.isfinite(program.row_lower[policy.row]) else 1.0
        free = program.relaxed(frozenset({policy.row} if others else {other.row for other in program.policy}))
        level = policy.required
        for _ in range(_STEPS):
            aim = sign * (numerator - level * divisor)
            outcome = solve_mip(free.aiming(aim), self.options, seconds=self.left(), gap=1e-6)
            if outcome.values is None:
                return float("nan")
            base = policy.scale + float(divisor @ outcome.values)
            if base <= _CLEAR:
                return level  # nothing to divide by: the clause holds by concerning nothing
            before, level = level, (float(numerator @ outcome.values) + policy.constant) / base
            if not policy.divisor or abs(level - before) <= _STAYS * max(1.0, abs(level)):
                break
        return level


def conflicts(program: Program, phases: Sequence[int], options: SolverOptions) -> tuple[Conflict, ...]:
    """Name clauses and places that cannot hold together.

    Returns
    -------
    tuple[Conflict, ...]
        Every row that is impossible by itself, each a group of its own; if there is none, one minimal set that
        clashes. A member that could not be proven to be needed in time says so.
    """
    tester = _Tester(program, options, time.monotonic() + options.time_limit_s)
    suspects = _suspects(tester)
    alone = _out_of_range(program) or [policy for policy in suspects if tester.fails([policy])]
    groups = [[(policy, True)] for policy in alone] or [_filtered(tester, suspects)]
    return tuple(
        Conflict(
            clause=policy.clause,
            subject=policy.subject,
            phase=phases[policy.phase],
            required=policy.required,
            best=tester.best(policy),
            unit=policy.unit,
            group=number,
            needed=needed,
            with_others=_known(tester.best(policy, others=True)),
        )
        for number, members in enumerate(groups)
        for policy, needed in members
    )


def _known(level: float) -> float | None:
    return None if np.isnan(level) else level


def relaxations(program: Program, phases: Sequence[int], options: SolverOptions) -> tuple[Relaxation, ...]:
    """Find what the clauses must give way on so that a plan exists: the least sum of parts of requirements.

    What a share of beds is a part of is itself decided; it is taken as it is at a first solution.

    Returns
    -------
    tuple[Relaxation, ...]
        Empty where nothing was found in time. How far each row gives way is what the plan that was found has.
    """
    rows = np.array([policy.row for policy in program.policy], dtype=np.int64)
    count, values = len(program.cost), None
    for _ in range(2):
        size = np.array([_size(policy, values) for policy in program.policy])
        found = solve_mip(program.elastic(rows, size), options, seconds=options.time_limit_s / 2, gap=_ENOUGH)
        if found.values is None:
            break
        values = found.values
        if not any(policy.divisor for policy in program.policy):
            break
    if values is None:
        return ()
    given = [
        Relaxation(
            clause=policy.clause,
            subject=policy.subject,
            phase=phases[policy.phase],
            required=policy.required,
            to=(to := _level(program, policy, values[:count])),
            unit=policy.unit,
            share=abs(to - policy.required) / max(abs(policy.required), _CLEAR),
        )
        for policy, short in zip(program.policy, values[count:], strict=True)
        if short > _CLEAR
    ]
    return tuple(item for item in given if item.share > _STAYS)


def _size(policy: PolicyRow, values: FloatArray | None) -> float:
    """Return what a whole requirement is in the row's own unit; at least one."""
    divisor = 0.0 if values is None else sum(value * float(values[column]) for column, value in policy.divisor)
    return max(1.0, abs(policy.required) * (policy.scale + divisor))


def _level(program: Program, policy: PolicyRow, values: FloatArray) -> float:
    """Return what a row's clause is measured at, at a point; nought of nothing is nought."""
    divisor = sum(value * values[column] for column, value in policy.divisor)
    top = float((program.matrix[[policy.row]] @ values)[0]) + policy.constant + policy.required * divisor
    base = policy.scale + divisor
    return 0.0 if base <= _CLEAR else float(top / base)


def _suspects(tester: _Tester) -> list[PolicyRow]:
    """Narrow a clash down by one linear program that lets every clause fall short at a price.

    Rows whose dual is nought play no part in the proof that something must fall short (Farkas); the others clash.
    Where the relaxation needs nobody to fall short, the clash is one of whole numbers and everybody is suspect.
    """
    program = tester.program
    rows = np.array([policy.row for policy in program.policy], dtype=np.int64)
    bound = np.where(np.isfinite(program.row_lower[rows]), program.row_lower[rows], program.row_upper[rows])
    size = np.maximum(1.0, np.abs(bound))
    outcome = solve_lp(program.elastic(rows, size), tester.options, seconds=tester.left())
    if outcome.row_duals is None:
        return list(program.policy)
    blamed = np.abs(outcome.row_duals[rows]) * size > _BLAMED
    suspects = [policy for policy, guilty in zip(program.policy, blamed, strict=True) if guilty]
    return suspects if suspects and tester.fails(suspects) else list(program.policy)


def _out_of_range(program: Program) -> list[PolicyRow]:
    """Find rows that fail even with every column at its best bound: no search is needed to see that."""
    rows = np.array([policy.row for policy in program.policy], dtype=np.int64)
    matrix = program.matrix[rows]
    up, down = matrix.maximum(0), matrix.minimum(0)
    most = up @ program.upper + down @ program.lower
    least = up @ program.lower + down @ program.upper
    fails = (most < program.row_lower[rows] - _CLEAR) | (least > program.row_upper[rows] + _CLEAR)
    return [policy for policy, failing in zip(program.policy, fails, strict=True) if failing]


def _filtered(tester: _Tester, rows: list[PolicyRow]) -> list[tuple[PolicyRow, bool]]:
    """Delete what is not needed for the clash: whole clauses first, then row by row.

    Each row that stays comes with whether it is proven that the others hold without it. A proof for a larger set is one
    for what is left of it later.
    """
    kept = rows
    for clause in dict.fromkeys(policy.clause for policy in rows):
        without = [policy for policy in kept if policy.clause != clause]
        if tester.fails(without):
            kept = without
    needed = {}
    for policy in list(kept):
        without = [other for other in kept if other is not policy]
        failing = tester.fails(without)
        if failing:
            kept = without
        needed[policy.row] = failing is False
    return [(policy, needed[policy.row]) for policy in kept]
