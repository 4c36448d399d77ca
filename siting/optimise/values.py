"""What rows come to on a plan, without any program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from siting.model.rows import Beds, Covered, Has, Open, Sized, Spent, Staff

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.model.arrays import BoolArray, FloatArray
    from siting.model.problem import Csr, Problem, Reach, State
    from siting.model.rows import Block, Rows


def covered(problem: Problem, state: State, phase: int, reach: Reach) -> BoolArray:
    """Return which zones something open covers: bool[zone]."""
    return np.asarray(problem.covers(reach) @ state.open[phase].astype(np.float64) > 0)


def of_block(problem: Problem, state: State, phase: int, block: Block) -> FloatArray:
    """Return the values of a block's columns."""
    values: Any
    match block:
        case Open():
            values = state.open[phase]
        case Beds():
            values = state.beds[phase].ravel()
        case Covered(reach):
            values = covered(problem, state, phase, reach)
        case Sized(beds):
            values = state.sized(beds, phase)
        case Has(bed_class, beds):
            values = state.has(bed_class, beds, phase)
        case Spent(pay, within):
            spent = (problem.cost if pay else problem.capital)(state)
            values = [(np.diff(spent, prepend=0.0) if within else spent)[phase]]
        case Staff(role):
            values = [state.staff(role, phase)]
    return np.asarray(values, dtype=np.float64)


def left_side(
    problem: Problem, state: State, phase: int, rows: Rows, known: dict[Block, FloatArray] | None = None
) -> FloatArray:
    """Return the left-hand sides of the linear rows: float64[subject].

    `known` keeps what blocks come to on this state and phase, for rows that share them.
    """
    return of_terms(problem, state, phase, (rows.terms, len(rows.subject)), {} if known is None else known)


def of_terms(
    problem: Problem,
    state: State,
    phase: int,
    form: tuple[Mapping[Block, Csr[Any, tuple[int, int]]], int],
    known: dict[Block, FloatArray],
) -> FloatArray:
    """Return a linear form's values, given as coefficients by block and the number of its rows: float64[row]."""
    terms, count = form
    total = np.zeros(count)
    for block, matrix in terms.items():
        if block not in known:
            known[block] = of_block(problem, state, phase, block)
        total += matrix @ known[block]
    return total
