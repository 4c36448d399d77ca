"""A space-filling curve: things that lie near each other get numbers near each other, and so share cache lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray, IntArray

_BITS = 16


def hilbert(x: FloatArray, y: FloatArray) -> IntArray:
    """Return each point's position along a Hilbert curve laid over the points' bounding square.

    Parameters
    ----------
    x, y : float64[point]
        Any finite coordinates of one unit.

    Returns
    -------
    int64[point]
        Numbers in ``0 … 4¹⁶ − 1``; points of one cell (extent ÷ 65,536) share a number.

    Notes
    -----
    The bitwise walk down the quadrants of *Hacker's Delight* (Warren, 2nd ed., § 16-2), over whole arrays.
    """
    if len(x) == 0:
        return np.zeros(0, dtype=np.int64)
    extent = max(float(np.ptp(x)), float(np.ptp(y))) or 1.0
    scale = (2**_BITS - 1) / extent
    column = ((x - x.min()) * scale).astype(np.int64)
    row = ((y - y.min()) * scale).astype(np.int64)
    position = np.zeros(len(x), dtype=np.int64)
    for bit in range(_BITS - 1, -1, -1):
        right, upper = (column >> bit) & 1, (row >> bit) & 1
        position = (position << 2) | ((3 * right) ^ upper)
        mirrored = (upper == 0) & (right == 1)
        column = np.where(mirrored, ~column, column)
        row = np.where(mirrored, ~row, row)
        lower = upper == 0
        column, row = np.where(lower, row, column), np.where(lower, column, row)
    return position
