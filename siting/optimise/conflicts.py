"""Why there is no plan: clauses and places that clash, and the best each could reach.

First every clause's row is tried alone: one that fails by itself needs no partner. Otherwise a deletion filter takes
rows away one by one and keeps those whose absence makes the rest possible: what remains is a set from which no member
can be spared (Chinneck, Feasibility and Infeasibility in Optimization, 2008, ch. 6).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siting.model.plan import Conflict
from siting.optimise.solver import solve_mip

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from siting.optimise.options import SolverOptions
    from siting.optimise.program import PolicyRow, Program


_CLEAR = 1e-5
"""By how much a row must fail, beyond the solver's tolerance."""


@dataclass(frozen=True, slots=True)
class _Tester:
    """Tries subsets of the policy rows."""

    program: Program
    options: SolverOptions
    deadline: float

    def _left(self) -> float:
        return max(1.0, self.deadline - time.monotonic())

    def fails(self, kept: Iterable[PolicyRow]) -> bool:
        """Say whether these rows are proven impossible together; a test that runs out of time proves nothing."""
        rows = {policy.row for policy in kept}
        rest = frozenset(policy.row for policy in self.program.policy if policy.row not in rows)
        trial = self.program.relaxed(rest).aiming(np.zeros(len(self.program.cost)))
        return solve_mip(trial, self.options, seconds=self._left(), gap=1.0).verdict == "infeasible"

    def best(self, policy: PolicyRow) -> float:
        """Return the best that can be reached for one row, whatever the other clauses ask, in the clause's unit."""
        row = self.program.matrix[[policy.row]]
        sign = -1.0 if np.isfinite(self.program.row_lower[policy.row]) else 1.0
        aim = np.zeros(len(self.program.cost))
        aim[row.indices] = sign * row.data
        free = self.program.relaxed(frozenset(other.row for other in self.program.policy)).aiming(aim)
        outcome = solve_mip(free, self.options, seconds=self._left(), gap=1e-6)
        if outcome.values is None:
            return float("nan")
        reached = float(row.data @ outcome.values[row.indices]) + policy.constant
        rhs = policy.required * policy.scale
        return policy.required + (reached - rhs) / policy.scale if policy.scale > 0 else policy.required + reached


def conflicts(program: Program, phases: Sequence[int], options: SolverOptions) -> tuple[Conflict, ...]:
    """Name clauses and places that cannot hold together.

    Returns
    -------
    tuple[Conflict, ...]
        Every row that is impossible by itself or, if there is none, one minimal set that clashes.
    """
    tester = _Tester(program, options, time.monotonic() + options.time_limit_s)
    alone = _out_of_range(program) or [policy for policy in program.policy if tester.fails([policy])]
    members = alone or _filtered(tester, list(program.policy))
    return tuple(
        Conflict(
            clause=policy.clause,
            subject=policy.subject,
            phase=phases[policy.phase],
            required=policy.required,
            best=tester.best(policy),
            unit=policy.unit,
        )
        for policy in members
    )


def _out_of_range(program: Program) -> list[PolicyRow]:
    """Find rows that fail even with every column at its best bound: no search is needed to see that."""
    rows = np.array([policy.row for policy in program.policy], dtype=np.int64)
    matrix = program.matrix[rows]
    up, down = matrix.maximum(0), matrix.minimum(0)
    most = up @ program.upper + down @ program.lower
    least = up @ program.lower + down @ program.upper
    fails = (most < program.row_lower[rows] - _CLEAR) | (least > program.row_upper[rows] + _CLEAR)
    return [policy for policy, failing in zip(program.policy, fails, strict=True) if failing]


def _filtered(tester: _Tester, rows: list[PolicyRow]) -> list[PolicyRow]:
    """Delete what is not needed for the clash: whole clauses first, then row by row."""
    kept = rows
    for clause in dict.fromkeys(policy.clause for policy in rows):
        without = [policy for policy in kept if policy.clause != clause]
        if tester.fails(without):
            kept = without
    for policy in list(kept):
        without = [other for other in kept if other is not policy]
        if tester.fails(without):
            kept = without
    return kept
