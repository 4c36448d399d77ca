"""Better a plan by freeing one neighbourhood at a time: large-neighbourhood search by branch-and-bound.

Shaw (CP 1998). A neighbourhood grows over options that cover the same people, so that it is a quarter of a town and not
a random handful. All rules hold in every step, as each is a search of the program itself with the rest of the plan held
as it is. Neighbourhoods that share nobody are searched side by side, each with its part of what clauses leave over.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from siting.optimise.program import local_rows
from siting.optimise.shrink import shrink
from siting.optimise.solver import solve_mip
from siting.optimise.stopping import now
from siting.optimise.web import Web

if TYPE_CHECKING:
    from collections.abc import Callable

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.problem import Csr
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import Program

_SIZES = (40, 70, 110, 180)
"""Options in a neighbourhood; it grows when a round brings nothing."""
_STEP_S = 6.0
_STEP_GAP = 4e-4
_WHOLE = 0.5
_LOOK = 0.1
_WORTHWHILE = 1e-4
"""Another round of the same size is made while one saves this part of the cost."""


def polish(
    program: Program,
    values: FloatArray,
    duals: FloatArray,
    options: SolverOptions,
    limits: tuple[float, float],
    progress: Callable[[str], None],
) -> FloatArray:
    """Better a point of a program until it is cheap enough, time is up, or the largest neighbourhoods bring nothing.

    Parameters
    ----------
    program : Program
    values : float64[column]
        Satisfies the program.
    duals : float64[row]
        Of its relaxation: options that it finds far too dear are only taken where they are in the plan.
    options : SolverOptions
        As many neighbourhoods are searched at once as it has threads.
    limits : (float, float)
        When to stop by the monotonic clock, and a cost low enough to stop at.
    progress : callable

    Returns
    -------
    float64[column]
        Satisfies the program, and costs no more.
    """
    town = _Town.of(program, duals)
    if not town.web.covers.nnz:
        return values
    generator = np.random.default_rng(options.seed)
    with ThreadPoolExecutor(options.threads) as pool:
        step = _Step(town, options.model_copy(update={"threads": 1, "gap": _STEP_GAP}), limits, pool, options.threads)
        for size in _SIZES:
            before = np.inf
            while not step.over(values) and program.cost @ values < before * (1 - _WORTHWHILE):
                before = float(program.cost @ values)
                values = step.round(values, size, generator)
                progress(f"cost {program.cost @ values:,.0f}")
            if size >= town.wanted(values).sum():
                break  # everything was searched at once
    return values


@dataclass(frozen=True, slots=True, eq=False)
class _Town:
    """A program and what of it belongs together.

    `tempting` are options that the relaxation does not find far too dear, `twin` numbers options, the same one of
    another phase alike, and `beside` says which options share somebody. `columns` is the matrix by columns, `local` its
    rows that speak of one place, `about` the same by columns.
    """

    program: Program
    web: Web
    tempting: BoolArray
    twin: IntArray
    beside: Csr[Any, tuple[int, int]]
    columns: Any
    local: Csr[Any, tuple[int, int]]
    about: Any

    @classmethod
    def of(cls, program: Program, duals: FloatArray) -> _Town:
        web = Web.of(program)
        tempting = program.reduced_costs(duals)[web.options] < _LOOK * np.maximum(web.cost, 1.0)
        local = sparse.csr_array(sparse.diags_array(local_rows(program).astype(np.float64)) @ program.matrix)
        local.eliminate_zeros()
        by_column = sparse.csc_array(program.matrix), local, sparse.csc_array(local)
        return cls(program, web, tempting, _twins(program, web), web.beside(), *by_column)

    def chosen(self, values: FloatArray) -> BoolArray:
        """Return the options in force: bool[option]."""
        return np.asarray(values[self.web.options] > _WHOLE)

    def wanted(self, values: FloatArray) -> BoolArray:
        """Return the options that are worth a look: bool[option]."""
        return self.tempting | self.chosen(values)

    def apart(self, wanted: BoolArray, starts: list[int], size: int, count: int) -> list[IntArray]:
        """Draw neighbourhoods that share nobody and no premises, as many as `count`."""
        found: list[IntArray] = []
        taken = np.zeros(len(wanted), dtype=np.bool_)
        for start in starts:
            if len(found) == count:
                break
            some = np.array(around(self.beside, wanted, start, size), dtype=np.int64)
            some = np.flatnonzero(np.isin(self.twin, self.twin[some]))
            if not taken[some].any():
                found.append(some)
                taken[self.beside[some].indices] = True
                taken[np.isin(self.web.site, self.web.site[some])] = True
        return found

    def freed(self, options: IntArray) -> IntArray:
        """Return the columns of options, of their beds, and of whom they cover: int64[n]."""
        decided, free = (np.zeros(len(self.program.names), dtype=np.bool_) for _ in range(2))
        decided[self.web.options] = True
        free[self.web.options[options]] = True
        for _ in range(2):  # from options to the sums of their sites, and from these to those whom they cover
            rows = np.unique(self.about[:, np.flatnonzero(free)].indices)
            reached = np.unique(self.local[rows].indices)
            free[reached[~decided[reached]]] = True
        return np.flatnonzero(free)


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """How neighbourhoods are searched: by which options, until when or what cost, and how many at once."""

    town: _Town
    options: SolverOptions
    limits: tuple[float, float]
    pool: ThreadPoolExecutor
    count: int

    def over(self, values: FloatArray) -> bool:
        """Say whether time is up or the plan is cheap enough."""
        deadline, target = self.limits
        return now() > deadline or bool(self.town.program.cost @ values <= target)

    def round(self, values: FloatArray, size: int, generator: np.random.Generator) -> FloatArray:
        """Look once at every part of a plan."""
        waiting = generator.permutation(np.flatnonzero(self.town.chosen(values))).tolist()
        while waiting and not self.over(values):
            some = self.town.apart(self.town.wanted(values), waiting, size, self.count)
            looked = set(np.concatenate(some).tolist())
            waiting = [option for option in waiting if option not in looked]
            values = self._searched(values, some)
        return values

    def _searched(self, values: FloatArray, some: list[IntArray]) -> FloatArray:
        """Search neighbourhoods side by side with all else as it is."""
        program = self.town.program
        freed = [self.town.freed(one) for one in some]
        rows = [np.unique(self.town.columns[:, free].indices) for free in freed]
        limits = _shared_out(program, program.matrix @ values, rows)
        result = values.copy()
        trials = self.pool.map(lambda free, rows: self._best_within(values, free, rows, limits), freed, rows)
        for free, better in zip(freed, trials, strict=True):
            if better is not None and program.cost[free] @ better < program.cost[free] @ values[free]:
                result[free] = np.where(program.integer[free], np.round(better), better)
        return result

    def _best_within(
        self, values: FloatArray, free: IntArray, rows: IntArray, limits: tuple[FloatArray, FloatArray]
    ) -> FloatArray | None:
        """Search some columns, the others being as they are; None where nothing was found in time."""
        small = shrink(self.town.program.cut(rows, free, values, limits))
        if small is None or not len(small.kept):
            return None if small is None else small.base
        seconds = min(self.limits[0] - now(), _STEP_S)
        start = values[free][small.kept]
        found = solve_mip(small.program, self.options, seconds=seconds, gap=self.options.gap, start=start, local=True)
        return None if found.values is None else small.whole(found.values)


def _twins(program: Program, web: Web) -> IntArray:
    """Return the number of each option, rows ``earlier ≤ later`` making one of the same option in several phases."""
    stays = np.flatnonzero([name.startswith("stays_") for name in program.row_names])
    member: Any = sparse.csr_array(abs(program.matrix[stays][:, web.options]))
    return np.asarray(connected_components(member.T @ member, directed=False)[1], dtype=np.int64)


def _shared_out(program: Program, stands: FloatArray, users: list[IntArray]) -> tuple[FloatArray, FloatArray]:
    """Give everybody who changes a row an equal part of what it leaves over: bounds of every row for each of them."""
    count = np.maximum(np.bincount(np.concatenate(users), minlength=len(stands)), 1)
    lower = stands - np.maximum(stands - program.row_lower, 0.0) / count
    upper = stands + np.maximum(program.row_upper - stands, 0.0) / count
    return np.where(count > 1, lower, program.row_lower), np.where(count > 1, upper, program.row_upper)


def around(beside: Csr[Any, tuple[int, int]], wanted: BoolArray, start: int, size: int) -> list[int]:
    """Return options around one, nearest first by how many links apart they are."""
    seen, ring = {start}, [start]
    found: list[int] = []
    while ring and len(found) < size:
        found += [option for option in ring if wanted[option]]
        links = np.concatenate([beside.indices[beside.indptr[one] : beside.indptr[one + 1]] for one in ring])
        ring = [option for option in np.unique(links).tolist() if option not in seen]
        seen.update(ring)
    return found[:size]
