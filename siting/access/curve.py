"""A space-filling curve: things that lie near each other get numbers near each other, and so share cache lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siting.model.arrays import FloatArray, IntArray

_BITS = 16
_AT_ONCE = 1 << 15
"""Points whose numbers stay in a processor's cache while they are worked on."""


def along_curve(x: FloatArray, y: FloatArray) -> IntArray:
    """Return the points in the order of a Hilbert curve: int64[point], indices; those of one cell in their own order.

    The positions' two halves are sorted one after the other, as numpy sorts 16 bits in linear time.
    """
    position = hilbert(x, y)
    order: IntArray = np.lexsort((position.astype(np.uint16), (position >> _BITS).astype(np.uint16)))
    return order


def hilbert(x: FloatArray, y: FloatArray) -> NDArray[np.uint32]:
    """Return each point's position along a Hilbert curve laid over the points' bounding square.

    Parameters
    ----------
    x, y : float64[point]
        Any finite coordinates of one unit.

    Returns
    -------
    uint32[point]
        Numbers in ``0 … 4¹⁶ − 1``; points of one cell (extent ÷ 65,536) share a number.

    Notes
    -----
    The bitwise walk down the quadrants of *Hacker's Delight* (Warren, 2nd ed., § 16-2), over many points at once.
    """
    if len(x) == 0:
        return np.zeros(0, dtype=np.uint32)
    extent = max(float(np.ptp(x)), float(np.ptp(y))) or 1.0
    scale, west, south = (2**_BITS - 1) / extent, x.min(), y.min()
    position = np.empty(len(x), dtype=np.uint32)
    for first in range(0, len(x), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        column, row = ((x[part] - west) * scale).astype(np.uint16), ((y[part] - south) * scale).astype(np.uint16)
        position[part] = _walk(column, row)
    return position


def _walk(column: NDArray[np.uint16], row: NDArray[np.uint16]) -> NDArray[np.uint32]:
    """Return the positions of cells, from the largest quadrant to the smallest."""
    position = np.zeros(len(column), dtype=np.uint32)
    for bit in range(_BITS - 1, -1, -1):
        right, upper = (column >> bit) & 1, (row >> bit) & 1
        position <<= 2
        position |= (3 * right) ^ upper
        lower = upper ^ 1
        # In the lower quadrants columns and rows change places; in the right one of them both run backwards.
        turned = np.negative(right & lower) ^ (np.negative(lower) & (column ^ row))
        column, row = column ^ turned, row ^ turned
    return position
