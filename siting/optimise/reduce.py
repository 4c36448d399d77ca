"""Exact reduction of demand: zones covered by exactly the same sites are one group, without loss.

129,255 cells of a large city become some 20,000 groups. Zones that a facility which stays open covers in any case, and
zones that nothing can cover, need no variable at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from siting.model.access import within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.problem import Csr, Problem, Reach


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Zones gathered by the sites that cover them.

    Attributes
    ----------
    sites : csr (groups × sites)
        Ones where a site covers the group; no two groups have the same row.
    weight : csr (policy rows × groups)
        Sum of the zones' coefficients.
    constant : float64[policy row]
        Coefficients of zones that are covered whatever is decided.
    """

    sites: Csr[Any, tuple[int, int]]
    weight: Csr[Any, tuple[int, int]]
    constant: FloatArray


def group(
    problem: Problem, reach: Reach, coefficients: Csr[Any, tuple[int, int]], usable: BoolArray, certain: BoolArray
) -> Groups:
    """Gather zones.

    Parameters
    ----------
    problem : Problem
    reach : Reach
    coefficients : csr (policy rows × zones)
        What a covered zone is worth to each row.
    usable, certain : bool[site]
        Sites that may, and that surely will, hold a working facility of the reach's kinds.
    """
    zones = np.flatnonzero(np.bincount(coefficients.indices, minlength=coefficients.shape[1]))
    metres = problem.metres(reach)
    cover = within(metres if len(zones) == metres.shape[0] else metres[zones], reach.metres, usable)
    worth = sparse.csc_array(coefficients)[:, zones]

    sure = np.asarray(cover @ certain.astype(np.float64) > 0)
    open_question = (np.diff(cover.indptr) > 0) & ~sure
    constant = np.asarray(worth[:, np.flatnonzero(sure)].sum(axis=1), dtype=np.float64).ravel()
    cover, worth = cover[np.flatnonzero(open_question)], worth[:, np.flatnonzero(open_question)]
    first, member = _same_rows(cover)
    gather = sparse.csr_array((np.ones(len(member)), (np.arange(len(member)), member)), shape=(len(member), len(first)))
    return Groups(sparse.csr_array(cover[first]), sparse.csr_array(worth @ gather), constant)


def _same_rows(matrix: Csr[Any, tuple[int, int]]) -> tuple[IntArray, IntArray]:
    """Find equal patterns of rows: one representative of each, and the number of its class for every row.

    Each column gets two random 64-bit keys; a row's signature is the pair of sums (wrapping) and its length, which two
    different patterns have in common with a probability of 2⁻¹²⁸. Classes come in the order of their signatures, each
    represented by its first row.
    """
    generator = np.random.default_rng(20_231_219)
    keys = generator.integers(0, 2**64, size=(2, matrix.shape[1]), dtype=np.uint64)
    signature = [*(_row_sums(matrix, key) for key in keys), np.diff(matrix.indptr)]
    order = np.argsort(signature[0], kind="stable")
    new = _changes(signature[:1], order)
    if not np.array_equal(new, _changes(signature, order)):  # two sums fall together: never yet, but it may be
        order = np.lexsort(signature[::-1])
        new = _changes(signature, order)
    member = np.empty(len(order), dtype=np.int64)
    member[order] = np.cumsum(new) - 1
    return order[new], member


def _changes(signature: Sequence[NDArray[Any]], order: IntArray) -> BoolArray:
    """Return where in an order of rows another signature begins: bool[row]."""
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = False
    for part in signature:
        there = part[order]
        new[1:] |= there[1:] != there[:-1]
    return new


def _row_sums(matrix: Csr[Any, tuple[int, int]], key: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the wrapping sums of the keys of each row's columns: uint64[row]."""
    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(key[matrix.indices], dtype=np.uint64)])
    return np.asarray(sums[matrix.indptr[1:]] - sums[matrix.indptr[:-1]])
