"""Packing straight segments into a tree that compiled searches walk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siting.access.curve import along_curve
from siting.access.layout import FANOUT, Segments

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray, IntArray


def packed(ends: FloatArray, rank: IntArray) -> tuple[IntArray, Segments]:
    """Return segments (ax, ay, bx, by) in curve order, and the tree over them.

    Parameters
    ----------
    ends : float64[segment, 4]
    rank : int64[segment]
        Of segments exactly equally near the one of the lowest rank is taken.
    """
    order = along_curve(ends[:, 0] + ends[:, 2], ends[:, 1] + ends[:, 3])
    return order, over(ends[order], rank[order])


def over(ends: FloatArray, rank: IntArray) -> Segments:
    """Return the tree over segments that stand in curve order already."""
    from siting.access import kernel_segments  # noqa: PLC0415 - numba is imported when first needed

    sizes: list[int] = []
    count = len(ends)
    while count > (FANOUT if sizes else 0):
        count = -(-count // FANOUT)
        sizes.append(count)
    level_start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    tree = Segments(ends, rank, np.empty((level_start[-1], 4)), level_start)
    kernel_segments.enclose(tree)
    return tree
