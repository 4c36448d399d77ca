"""A mixed-integer program as sparse arrays: what PuLP is given, and what bounds are proven on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.problem import Csr
    from siting.model.rows import Subject


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """Which clause a row of the program stands for.

    Attributes
    ----------
    row : int
        Index of the row.
    clause : str
    subject : Subject
    phase : int
        Number of the phase.
    constant : float
        What is met whatever is decided (existing facilities that stay); the row's right-hand side is already less it.
    required : float
        In the clause's unit.
    scale : float
        The constant part of what the clause divides by.
    unit : str
    divisor : tuple[tuple[int, float], ...]
        The part of it that is decided: columns and coefficients. What is measured is
        ``(row·x + constant + required · divisor·x) ÷ (scale + divisor·x)``.
    """

    row: int
    clause: str
    subject: Subject
    phase: int
    constant: float
    required: float
    scale: float
    unit: str
    divisor: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """``min cost·x`` subject to ``row_lower ≤ matrix·x ≤ row_upper``, ``lower ≤ x ≤ upper``, some x whole.

    Attributes
    ----------
    names : tuple[str, ...]
        Of columns, unique, of letters, digits and underscores.
    cost, lower, upper : float64[column]
        All bounds finite.
    integer : bool[column]
    matrix : csr (rows × columns)
    row_names : tuple[str, ...]
    row_lower, row_upper : float64[row]
        ±inf where there is no bound.
    policy : tuple[PolicyRow, ...]
        The rows that clauses ask for; all others say what a facility is.
    """

    names: tuple[str, ...]
    cost: FloatArray
    lower: FloatArray
    upper: FloatArray
    integer: BoolArray
    matrix: Csr[Any, tuple[int, int]]
    row_names: tuple[str, ...]
    row_lower: FloatArray
    row_upper: FloatArray
    policy: tuple[PolicyRow, ...]

    def bounded(self, lower: FloatArray, upper: FloatArray) -> Program:
        """Return the program with other column bounds."""
        return replace(self, lower=lower, upper=upper)

    def without(self, columns: BoolArray) -> Program:
        """Return the program with some columns fixed at their lower bound."""
        return self.bounded(self.lower, np.where(columns, self.lower, self.upper))

    def aiming(self, cost: FloatArray) -> Program:
        """Return the program with another objective."""
        return replace(self, cost=cost)

    def relaxed(self, rows: frozenset[int]) -> Program:
        """Return the program with some rows asking for nothing."""
        lower, upper = self.row_lower.copy(), self.row_upper.copy()
        loose = np.array(sorted(rows), dtype=np.int64)
        lower[loose], upper[loose] = -np.inf, np.inf
        return replace(self, row_lower=lower, row_upper=upper)

    def elastic(self, rows: IntArray, size: FloatArray) -> Program:
        """Return the program in which these rows may fall short, by up to twice their size, at a price of 1 per size.

        Nothing else costs anything, so the optimum is the least total shortfall.
        """
        count = len(rows)
        sign = np.where(np.isfinite(self.row_lower[rows]), 1.0, -1.0)
        slack = sparse.csr_array((sign, (rows, np.arange(count))), shape=(len(self.row_names), count))
        return replace(
            self,
            names=(*self.names, *(f"short_{row}" for row in rows)),
            cost=np.concatenate([np.zeros(len(self.cost)), 1.0 / size]),
            lower=np.concatenate([self.lower, np.zeros(count)]),
            upper=np.concatenate([self.upper, 2.0 * size]),
            integer=np.concatenate([self.integer, np.zeros(count, dtype=np.bool_)]),
            matrix=sparse.csr_array(sparse.hstack([self.matrix, slack], format="csr")),
        )

    def grown(self, names: Sequence[str], upper: FloatArray, *, integer: bool = False) -> Program:
        """Return the program with further columns from nought to `upper`, in no row and at no cost so far."""
        count = len(names)
        wide = sparse.csr_array(
            (self.matrix.data, self.matrix.indices, self.matrix.indptr),
            shape=(len(self.row_names), len(self.names) + count),
        )
        return replace(
            self,
            names=(*self.names, *names),
            cost=np.concatenate([self.cost, np.zeros(count)]),
            lower=np.concatenate([self.lower, np.zeros(count)]),
            upper=np.concatenate([self.upper, np.broadcast_to(upper, count)]),
            integer=np.concatenate([self.integer, np.full(count, integer)]),
            matrix=wide,
        )

    def asking(
        self, names: Sequence[str], matrix: Csr[Any, tuple[int, int]], lower: FloatArray, upper: FloatArray
    ) -> Program:
        """Return the program with further rows: csr (rows × all columns) and their bounds."""
        return replace(
            self,
            matrix=sparse.csr_array(sparse.vstack([self.matrix, matrix], format="csr")),
            row_names=(*self.row_names, *names),
            row_lower=np.concatenate([self.row_lower, lower]),
            row_upper=np.concatenate([self.row_upper, upper]),
        )

    def cut(
        self, rows: IntArray, columns: IntArray, point: FloatArray, limits: tuple[FloatArray, FloatArray] | None = None
    ) -> Program:
        """Return the program of some rows and columns, all other columns being as at a point.

        `limits` are the bounds of all rows where others than their own count. Policy rows outside are left out.
        """
        lower, upper = limits or (self.row_lower, self.row_upper)
        matrix = self.matrix[rows]
        inside = sparse.csr_array(matrix[:, columns])
        done = matrix @ point - inside @ point[columns]
        place = {row: number for number, row in enumerate(rows.tolist())}
        return replace(
            self,
            names=tuple(self.names[column] for column in columns.tolist()),
            cost=self.cost[columns],
            lower=self.lower[columns],
            upper=self.upper[columns],
            integer=self.integer[columns],
            matrix=inside,
            row_names=tuple(self.row_names[row] for row in rows.tolist()),
            row_lower=lower[rows] - done,
            row_upper=upper[rows] - done,
            policy=tuple(replace(row, row=place[row.row]) for row in self.policy if row.row in place),
        )

    def proven_bound(self, row_duals: FloatArray) -> float:
        """Return a lower bound on the objective that any duals prove.

        ``Σ_i max(y_i, 0)·row_lower_i + min(y_i, 0)·row_upper_i + Σ_j min over [lower_j, upper_j] of (c − yA)_j·x_j``:
        weak duality of the linear relaxation, valid for any y, so that an interior-point solution that is not quite
        optimal still proves an honest bound (Neumaier and Shcherbina, Mathematical Programming 99, 2004).
        """
        duals = self.cleaned(row_duals)
        up, down = np.maximum(duals, 0.0), np.minimum(duals, 0.0)
        reduced = self.reduced_costs(duals)
        rows = up @ np.where(up > 0, self.row_lower, 0.0) + down @ np.where(down < 0, self.row_upper, 0.0)
        columns = np.where(reduced > 0, reduced * self.lower, reduced * self.upper)
        return float(rows + columns.sum())

    def cleaned(self, row_duals: FloatArray) -> FloatArray:
        """Return duals less those that price a side on which a row has no bound: float64[row]."""
        up = np.where(np.isfinite(self.row_lower), np.maximum(row_duals, 0.0), 0.0)
        down = np.where(np.isfinite(self.row_upper), np.minimum(row_duals, 0.0), 0.0)
        return np.asarray(up + down, dtype=np.float64)

    def reduced_costs(self, row_duals: FloatArray) -> FloatArray:
        """Return ``c − yA``: float64[column]."""
        return np.asarray(self.cost - self.matrix.T @ row_duals, dtype=np.float64)


_LOCAL = frozenset(("site", "most", "least", "class", "one", "big", "has", "covered", "stays", "beds"))
"""First words of rows that speak of one site, or of one group and the sites around it."""


@lru_cache(maxsize=8)
def kinds(names: tuple[str, ...]) -> Any:  # noqa: ANN401 - an array of text
    """Return what stands before the first underscore of each name of a row or column, not to be written to: str[name].

    Asked for over and over while a program is searched.
    """
    found = np.array([name.partition("_")[0] for name in names], dtype=np.str_)
    found.setflags(write=False)
    return found


def local_rows(program: Program) -> BoolArray:
    """Return the rows that speak of one place, whatever the plan does elsewhere: bool[row]."""
    local = np.isin(kinds(program.row_names), sorted(_LOCAL))
    local[[policy.row for policy in program.policy]] = False
    return local


class Assembly:
    """Collects columns and rows of a `Program`."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._columns: list[tuple[FloatArray, FloatArray, BoolArray]] = []
        self._count = 0
        self._rows: list[Csr[Any, tuple[int, int]]] = []
        self._row_names: list[str] = []
        self._row_bounds: list[tuple[FloatArray, FloatArray]] = []

    @property
    def row_count(self) -> int:
        """Rows so far."""
        return len(self._row_names)

    @property
    def column_count(self) -> int:
        """Columns so far."""
        return self._count

    def columns(self, names: list[str], upper: FloatArray, *, integer: bool) -> Any:  # noqa: ANN401 - int64[added]
        """Add columns with lower bound nought; return their indices: int64[added]."""
        added = np.arange(self._count, self._count + len(names))
        self._count += len(names)
        self._names += names
        self._columns.append((np.zeros(len(names)), np.asarray(upper, dtype=np.float64), np.full(len(names), integer)))
        return added

    def rows(self, names: list[str], triplets: list[Any], lower: float | FloatArray, upper: float | FloatArray) -> None:
        """Add rows from triplets ``(row number among those added, column, value)`` of parallel arrays."""
        count = len(names)
        row = np.concatenate([np.asarray(part[0], dtype=np.int64) for part in triplets])
        column = np.concatenate([np.asarray(part[1], dtype=np.int64) for part in triplets])
        value = np.concatenate([np.broadcast_to(part[2], len(part[0])).astype(np.float64) for part in triplets])
        block = sparse.csr_array((value, (row, column)), shape=(count, int(column.max(initial=-1)) + 1))
        self._rows.append(block)
        self._row_names += names
        self._row_bounds.append(
            (
                np.broadcast_to(np.asarray(lower, dtype=np.float64), count),
                np.broadcast_to(upper, count).astype(np.float64),
            )
        )

    def program(self, cost: FloatArray, policy: list[PolicyRow]) -> Program:
        """Close the assembly."""
        wide = [
            sparse.csr_array((block.data, block.indices, block.indptr), shape=(block.shape[0], self._count))
            for block in self._rows
        ]
        lower, upper, integer = (
            (np.concatenate(part) for part in zip(*self._columns, strict=True)) if self._columns else (np.zeros(0),) * 3
        )
        row_lower, row_upper = (
            (np.concatenate(part) for part in zip(*self._row_bounds, strict=True))
            if self._row_bounds
            else (np.zeros(0),) * 2
        )
        matrix = sparse.vstack(wide, format="csr") if wide else sparse.csr_array((0, self._count))
        return Program(
            names=tuple(self._names),
            cost=cost,
            lower=lower,
            upper=upper,
            integer=np.asarray(integer, dtype=np.bool_),
            matrix=sparse.csr_array(matrix),
            row_names=tuple(self._row_names),
            row_lower=row_lower,
            row_upper=row_upper,
            policy=tuple(policy),
        )
