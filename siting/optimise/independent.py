"""Parts of a program that have nothing to do with each other: each is searched by itself, and what they prove adds up.

Homes for those in need of care and stations within a quarter of an hour's walk are often such parts, where no clause
speaks of both and no premises could hold either; so are quarters that no catchment joins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from siting.model.arrays import IntArray
    from siting.optimise.program import Program

_NOWHERE = -1
_LEAST = 100
"""Parts with fewer whole-number columns stay together: there is nothing to be gained by searching them apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part of a program, and where its columns are in the whole."""

    program: Program
    columns: IntArray


def independent(program: Program) -> list[Part]:
    """Divide a program into parts that share no row, the smallest first.

    Returns
    -------
    list[Part]
        One part is the whole. Columns that are fixed are in none: what they come to is in the rows' bounds; nor are
        rows that hold whatever is decided, all of their columns being fixed.
    """
    free = program.upper > program.lower
    links = sparse.csr_array(abs(program.matrix) @ sparse.diags_array(free.astype(np.float64)))
    links.eliminate_zeros()
    graph: Any = sparse.block_array([[None, links], [links.T, None]], format="csr")
    count, label = connected_components(graph, directed=False)
    of_row, of_column = label[: links.shape[0]], label[links.shape[0] :]
    large = np.flatnonzero(np.bincount(of_column[program.integer & free], minlength=count) >= _LEAST)
    number = np.full(count, len(large))  # all small ones are one part
    number[large] = np.arange(len(large))
    of_row, of_column = number[of_row], np.where(free, number[of_column], -1)
    used = np.unique(of_column[free])
    base = np.where(free, 0.0, program.lower)
    settled = program.matrix @ base
    holds = (settled >= program.row_lower) & (settled <= program.row_upper)
    nothing_open = np.diff(links.indptr) == 0
    of_row[nothing_open & holds] = _NOWHERE
    of_row[nothing_open & ~holds] = used[0] if len(used) else 0  # the solver says whether that can be
    parts = [
        Part(program.cut(np.flatnonzero(of_row == part), columns, base), columns)
        for part in used.tolist()
        for columns in (np.flatnonzero(of_column == part),)
    ]
    return sorted(parts, key=lambda part: part.program.matrix.nnz)
