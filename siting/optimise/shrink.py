"""What is left of a program once some columns are fixed: the search looks at that, not at the whole.

Every step is exact: a column or row goes only when the rest decides it. The solver would find most of this itself, but
only after the whole program has been handed to it, which takes longer than the search.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from siting.optimise.program import kinds

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.problem import Csr
    from siting.optimise.program import Program

_ROUNDS = 8
_EPSILON = 1e-7
_RELATIVE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Shrunk:
    """A smaller program and the way back.

    Attributes
    ----------
    program : Program
        Of the columns and rows that are still open; without policy rows.
    kept : int64[column]
        Their columns in the whole program.
    base : float64[whole column]
        Values of all others.
    """

    program: Program
    kept: IntArray
    base: FloatArray

    def whole(self, values: FloatArray) -> FloatArray:
        """Return a point of the whole program."""
        point = self.base.copy()
        point[self.kept] = values
        return point


def shrink(program: Program) -> Shrunk | None:
    """Drop fixed columns, rows that cannot fail, and columns whose best value is plain; None when a row must fail."""
    lower, upper = program.lower.copy(), program.upper.copy()
    gains, losses = program.matrix.maximum(0).tocsr(), program.matrix.minimum(0).tocsr()
    active: BoolArray = np.ones(len(program.row_names), dtype=np.bool_)
    for _ in range(_ROUNDS):
        before = lower.sum() - upper.sum()
        most, least = gains @ upper + losses @ lower, gains @ lower + losses @ upper
        if _fails(program, most, least):
            return None
        active = (least < program.row_lower) | (most > program.row_upper)
        _forced((gains, losses), (least == program.row_upper, most == program.row_lower), lower, upper)
        _singles(program, active, lower, upper)
        _plain(program, (gains, losses), active, lower, upper)
        if before == lower.sum() - upper.sum():
            break
    else:
        if _fails(program, gains @ upper + losses @ lower, gains @ lower + losses @ upper):
            return None
    return _rest(program, active, lower, upper)


def _fails(program: Program, most: FloatArray, least: FloatArray) -> bool:
    """Say whether some row cannot hold whatever the open columns do."""
    slack = _EPSILON + _RELATIVE * np.maximum(np.abs(most), np.abs(least))
    return bool(((most < program.row_lower - slack) | (least > program.row_upper + slack)).any())


def _forced(
    signs: tuple[Csr[Any, tuple[int, int]], Csr[Any, tuple[int, int]]],
    tight: tuple[BoolArray, BoolArray],
    lower: FloatArray,
    upper: FloatArray,
) -> None:
    """Fix the columns of rows that hold at one point only: their least reaches the ceiling, or their most the floor.

    So the beds of an option that may not be in force are nought. Where two such rows disagree one of them is followed,
    and the next look at what rows can reach finds that one of them fails.
    """
    gains, losses = signs
    ceiling, floor = (side.astype(np.float64) for side in tight)
    up = (gains.T @ floor - losses.T @ ceiling) > 0
    lower[up] = upper[up]
    down = ((gains.T @ ceiling - losses.T @ floor) > 0) & ~up
    upper[down] = lower[down]


def _singles(program: Program, active: BoolArray, lower: FloatArray, upper: FloatArray) -> None:
    """Turn rows with one open column into bounds of that column."""
    free = upper > lower
    open_part = program.matrix @ sparse.diags_array(free.astype(np.float64))
    open_part = sparse.csr_array(open_part)
    open_part.eliminate_zeros()
    rows = np.flatnonzero(active & (np.diff(open_part.indptr) == 1))
    if not len(rows):
        return
    column = open_part.indices[open_part.indptr[rows]]
    value = open_part.data[open_part.indptr[rows]]
    rest = program.matrix[rows] @ np.where(free, 0.0, lower)
    ends = np.stack([(program.row_lower[rows] - rest) / value, (program.row_upper[rows] - rest) / value])
    whole = program.integer[column]
    low, high = ends.min(axis=0), ends.max(axis=0)
    low = np.where(whole, np.ceil(low - _EPSILON), low)
    high = np.where(whole, np.floor(high + _EPSILON), high)
    np.maximum.at(lower, column, low)
    np.minimum.at(upper, column, high)
    crossed = upper < lower
    upper[crossed] = lower[crossed]  # the activity check of the next round tells whether that is a failure


def _plain(
    program: Program,
    signs: tuple[Csr[Any, tuple[int, int]], Csr[Any, tuple[int, int]]],
    active: BoolArray,
    lower: FloatArray,
    upper: FloatArray,
) -> None:
    """Fix columns that no row holds back from the bound they like best."""
    gains, losses = signs
    floor = (active & np.isfinite(program.row_lower)).astype(np.float64)
    ceiling = (active & np.isfinite(program.row_upper)).astype(np.float64)
    held_from_above = (gains.T @ ceiling - losses.T @ floor) > 0
    held_from_below = (gains.T @ floor - losses.T @ ceiling) > 0
    up = ~held_from_above & (program.cost <= 0) & (upper > lower)
    lower[up] = upper[up]
    down = ~held_from_below & (program.cost >= 0) & (upper > lower)
    upper[down] = lower[down]


def _rest(program: Program, active: BoolArray, lower: FloatArray, upper: FloatArray) -> Shrunk:
    """Cut out what is still open."""
    free = upper > lower
    kept, rows = np.flatnonzero(free), np.flatnonzero(active)
    base = np.where(free, 0.0, lower)
    small = replace(program.bounded(lower, upper), policy=()).cut(rows, kept, base)
    return Shrunk(small, kept, base)


def needless(program: Program) -> BoolArray:
    """Return options that another of the same site makes needless: the same in every row, and no cheaper: bool[column].

    A site holds one option at most, so that the cheaper one can always take the other's place. Of equals the first
    stays.
    """
    columns = sparse.csc_array(program.matrix)
    columns.sort_indices()
    sole = np.zeros(len(program.names), dtype=np.bool_)
    sole[program.matrix[np.flatnonzero(kinds(program.row_names) == "site")].indices] = True
    best: dict[tuple[bytes, bytes], int] = {}
    dropped = np.zeros(len(program.names), dtype=np.bool_)
    for column in np.flatnonzero(sole & (program.lower == 0) & (program.upper > 0)).tolist():
        part = slice(columns.indptr[column], columns.indptr[column + 1])
        key = columns.indices[part].tobytes(), columns.data[part].tobytes()
        other = best.setdefault(key, column)
        if other != column:
            dearer = column if program.cost[column] >= program.cost[other] else other
            best[key] = column + other - dearer
            dropped[dearer] = True
    return dropped
