"""The covering side of a program: which options cover which groups, and what that is worth to each clause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from siting.optimise.program import kinds

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.problem import Csr
    from siting.optimise.program import Program


@dataclass(frozen=True, slots=True, eq=False)
class Web:
    """Options that may be chosen, and what they do; see `Web.of`.

    Attributes
    ----------
    options : int64[option]
        Their columns in the program; only those that may be in force.
    cost : float64[option]
    fixed : bool[option]
        In force in any case.
    site : int64[option]
        Number of the row that admits one of several; an own number where no row does.
    held : bool[site]
        Whether the site must hold one.
    covers : csr (options × groups)
        Ones where the option covers the group.
    worth : csr (groups × clauses), own : csr (options × clauses)
        What a covered group, and an option by itself, gives to a clause; with beds, the most that it can give.
    asked : float64[clause]
        What each clause asks for.
    rows : int64[clause]
        Their rows in the program.
    """

    options: IntArray
    cost: FloatArray
    fixed: BoolArray
    site: IntArray
    held: BoolArray
    covers: Csr[Any, tuple[int, int]]
    worth: Csr[Any, tuple[int, int]]
    own: Csr[Any, tuple[int, int]]
    asked: FloatArray
    rows: IntArray

    @classmethod
    def of(cls, program: Program) -> Web:
        """Read the web off rows ``cover ≤ Σ near``, ``near = Σ open`` and ``Σ open ≤ 1``.

        Clauses with an upper limit, and whatever else a program decides (beds, staff), are left out; `is_all` says
        whether anything was.
        """
        columns, rows = kinds(program.names), kinds(program.row_names)
        options = np.flatnonzero((columns == "open") & (program.upper > 0))
        groups = np.flatnonzero(columns == "cover")
        clauses = np.array([policy.row for policy in program.policy], dtype=np.int64)
        clauses = clauses[np.isfinite(program.row_lower[clauses])]
        site, held = _sites(program, options, np.flatnonzero(rows == "site"))
        asked = program.matrix[clauses]
        return cls(
            options,
            program.cost[options],
            program.lower[options] > 0,
            site,
            held,
            _covers(program, (columns, rows), options, groups),
            sparse.csr_array(asked[:, groups].T),
            sparse.csr_array(asked[:, options].T + _at_most(program, (columns, rows), options, asked)),
            program.row_lower[clauses],
            clauses,
        )

    def beside(self) -> Csr[Any, tuple[int, int]]:
        """Return how many groups two options share: csr (options × options)."""
        return sparse.csr_array(self.covers @ self.covers.T)


def dominated(program: Program) -> BoolArray:
    """Return options that another makes needless, of a program that decides on options alone: bool[column].

    Another covers whom the option covers and more, costs no more, gives to every clause by itself no less, and nothing
    else could stand in its place: so it can always come in the option's stead. The option itself gives nothing besides
    covering, so that it is not missed where both are in force. Of equals the first stays.
    """
    web = Web.of(program)
    size = np.diff(web.covers.indptr)
    alone = np.bincount(web.site)[web.site] == 1
    free = ~web.fixed & ~web.held[web.site] & (_most(web.own) <= 0)
    pair = sparse.coo_array(web.beside())
    better, worse = pair.coords
    within = (pair.data == size[worse]) & (better != worse) & alone[better] & free[worse]
    within &= web.cost[better] <= web.cost[worse]
    better, worse = better[within], worse[within]
    gives = _most(sparse.csr_array(web.own[worse] - web.own[better])) <= 0
    equal = (size[better] == size[worse]) & (web.cost[better] == web.cost[worse]) & free[better] & alone[worse]
    needless = worse[gives & (~equal | (better < worse))]
    found = np.zeros(len(program.names), dtype=np.bool_)
    found[web.options[needless]] = True
    return found


def _most(rows: Csr[Any, tuple[int, int]]) -> FloatArray:
    """Return the largest entry of each row, nought among them: float64[row]."""
    if not rows.shape[0] or not rows.shape[1]:
        return np.zeros(rows.shape[0])
    return np.maximum(np.asarray(rows.max(axis=1).todense(), dtype=np.float64).ravel(), 0.0)


def is_all(program: Program) -> bool:
    """Say whether a program decides nothing but options, which alone cost something, and no clause forbids anything."""
    columns = kinds(program.names)
    priced = program.cost[columns == "open"]
    if not set(columns) <= {"open", "near", "cover"} or (program.cost[columns != "open"] != 0).any():
        return False
    if (priced < 0).any() or not (priced > 0).any():
        return False
    policy = np.array([policy.row for policy in program.policy], dtype=np.int64)
    others = set(kinds(program.row_names)) - {"clause"} <= {"site", "one", "covered"}
    return others and bool(np.isneginf(-program.row_upper[policy]).all())


def _covers(program: Program, sorts: tuple[Any, Any], options: IntArray, groups: IntArray) -> Csr[Any, tuple[int, int]]:
    """Follow ``cover ≤ Σ near`` and ``near = Σ open`` back from groups to options."""
    _, rows = sorts
    covered = program.matrix[np.flatnonzero(rows == "covered")]
    own_row = sparse.csr_array(covered[:, groups].T)
    several = program.matrix[np.flatnonzero(rows == "one")]
    step = sparse.eye_array(len(program.names), format="csr") - several.maximum(0).T @ several.minimum(0)
    by_option = sparse.csc_array(own_row @ -covered.minimum(0) @ step)[:, options]
    return sparse.csr_array(by_option.T)


def _at_most(
    program: Program, sorts: tuple[Any, Any], options: IntArray, asked: Csr[Any, tuple[int, int]]
) -> Csr[Any, tuple[int, int]]:
    """Return what each option's beds beyond its least can give to each clause at most: csr (options × clauses).

    All its room at the best of its classes' coefficients, off rows ``Σ beds ≤ Σ room · open``.
    """
    names, rows = sorts
    most, extra = program.matrix[np.flatnonzero(rows == "most")], np.flatnonzero(names == "extra")
    member = sparse.coo_array(most[:, extra])
    of_row = np.full(len(extra), -1, dtype=np.int64)
    of_row[member.coords[1]] = member.coords[0]  # every sort of bed is in one of these rows
    gives = sparse.coo_array(asked.maximum(0)[:, extra])
    known = of_row[gives.coords[1]] >= 0
    clause, row, value = gives.coords[0][known], of_row[gives.coords[1]][known], gives.data[known]
    order = np.lexsort((value, clause, row))
    clause, row, value = clause[order], row[order], value[order]
    last = np.append((np.diff(row) != 0) | (np.diff(clause) != 0), np.ones(min(1, len(row)), dtype=np.bool_))
    best = sparse.csr_array((value[last], (row[last], clause[last])), shape=(most.shape[0], asked.shape[0]))
    return sparse.csr_array(-most[:, options].T @ best)


def _sites(program: Program, options: IntArray, rows: IntArray) -> tuple[IntArray, BoolArray]:
    """Return each option's site, and which sites must hold one: int64[option], bool[site]."""
    member = sparse.csc_array(program.matrix[rows])[:, options]
    site = len(rows) + np.arange(len(options))
    there = np.diff(member.indptr) > 0
    site[there] = member.indices[member.indptr[:-1][there]]
    return site, np.concatenate([program.row_lower[rows] > 0, np.zeros(len(options), dtype=np.bool_)])
