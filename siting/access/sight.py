"""What bars the straight way from a point to the street: walls and water."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from siting.access.curve import along_curve
from siting.access.threads import in_chunks
from siting.access.tree import packed

if TYPE_CHECKING:
    from siting.access.layout import Segments
    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.roads import Mode, RoadGraph

_TREES: WeakKeyDictionary[RoadGraph, dict[Mode, tuple[Segments, IntArray]]] = WeakKeyDictionary()


def _tree(graph: RoadGraph, mode: Mode) -> tuple[Segments, IntArray]:
    """Return what stops a mode as a tree, and the body of water of each piece; made once for a graph."""
    made = _TREES.setdefault(graph, {})
    if mode not in made:
        stopping = np.flatnonzero((graph.obstacles.stops & mode) != 0)
        order, tree = packed(graph.obstacles.ends_m[stopping], stopping)
        made[mode] = tree, graph.obstacles.body[stopping][order]
    return made[mode]


def barred(
    graph: RoadGraph, mode: Mode, x: FloatArray, y: FloatArray, foot_x: FloatArray, foot_y: FloatArray
) -> BoolArray:
    """Tell which straight ways from points to their feet on streets an obstacle bars: bool[point]."""
    from siting.access import kernel_sight  # noqa: PLC0415 - numba is imported when first needed

    tree, body = _tree(graph, mode)
    out = np.zeros(len(x), dtype=np.bool_)

    def look(part: IntArray) -> None:
        out[part] = kernel_sight.barred(tree, body, x[part], y[part], foot_x[part], foot_y[part])

    in_chunks(look, along_curve(x, y))
    return out


def nearest_seen(
    graph: RoadGraph, mode: Mode, streets: Segments, points: tuple[FloatArray, FloatArray], longest_m: float
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Find the nearest place on a segment of `streets` that each point sees.

    Returns
    -------
    segment : int64[point]
        −1 where a point sees none within `longest_m`.
    along : float64[point]
        Where along the segment, 0 … 1.
    square : float64[point]
        Squared metres.
    """
    from siting.access import kernel_sight  # noqa: PLC0415 - numba is imported when first needed

    tree, body = _tree(graph, mode)
    x, y = points
    segment, along, square = np.full(len(x), -1, dtype=np.int64), np.zeros(len(x)), np.full(len(x), np.inf)

    def look(part: IntArray) -> None:
        found = segment[part], along[part], square[part]
        kernel_sight.nearest_seen(streets, tree, body, x[part], y[part], longest_m, *found)
        segment[part], along[part], square[part] = found

    in_chunks(look, along_curve(x, y))
    return segment, along, square
