"""Packing straight segments into a tree that compiled searches walk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siting.access.curve import hilbert
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
    order = np.argsort(hilbert(ends[:, 0] + ends[:, 2], ends[:, 1] + ends[:, 3]), kind="stable")
    ends = np.ascontiguousarray(ends[order])
    box = np.hstack([np.minimum(ends[:, :2], ends[:, 2:]), np.maximum(ends[:, :2], ends[:, 2:])])
    return order, Segments(ends, rank[order], *_levels(box))


def _levels(box: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return the boxes of all levels of a packed tree, leaves' boxes first, and where each level starts."""
    levels = []
    while True:
        groups = np.arange(0, len(box), FANOUT)
        if not len(groups):
            break
        low, high = np.minimum.reduceat(box[:, :2], groups), np.maximum.reduceat(box[:, 2:], groups)
        box = np.hstack([low, high])
        levels.append(box)
        if len(box) <= FANOUT:
            break
    sizes = [len(level) for level in levels]
    return (np.vstack(levels) if levels else np.zeros((0, 4))), np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
