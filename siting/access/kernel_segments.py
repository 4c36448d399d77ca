"""The compiled search for the segment nearest to a point. Needs numba; see `kernel`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siting.access.compiled import compiled
from siting.access.layout import FANOUT, Segments

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray, IntArray

_STACK = 256
"""Boxes waiting at once: at most fan-out − 1 per level and the top level, far below this for any file."""


@compiled
def enclose(tree: Segments) -> None:
    """Fill in the boxes of a tree, level by level."""
    ends, box, start = tree.ends, tree.box, tree.level_start
    for level in range(len(start) - 1):
        last = len(ends) if level == 0 else start[level]
        for number in range(start[level], start[level + 1]):
            child = (number - start[level]) * FANOUT + (0 if level == 0 else start[level - 1])
            west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
            for i in range(child, min(child + FANOUT, last)):
                ax, ay, bx, by = ends[i] if level == 0 else box[i]
                west, south = min(west, ax, bx), min(south, ay, by)
                east, north = max(east, ax, bx), max(north, ay, by)
            box[number, 0], box[number, 1], box[number, 2], box[number, 3] = west, south, east, north


@compiled
def nearest_segments(
    tree: Segments, x: FloatArray, y: FloatArray, segment: IntArray, along: FloatArray, square: FloatArray
) -> None:
    """Fill in the nearest segment of every point, where along it (0 … 1), and the squared distance.

    Points should come in curve order: each search begins with the last point's segment as the one to beat. Among
    segments at exactly the same distance the lowest `rank` wins. One of a rank below nought is not there; some must be.
    """
    levels = len(tree.level_start) - 1
    stack, stack_level = np.empty(_STACK, np.int64), np.empty(_STACK, np.int64)
    guess = np.int64(0)
    while tree.rank[guess] < 0:
        guess += 1
    for i in range(len(x)):
        px, py = x[i], y[i]
        best = guess
        best_t, best_d = _to_segment(tree.ends, best, px, py)
        size = 0
        for box in range(tree.level_start[levels - 1], tree.level_start[levels]):
            stack[size], stack_level[size] = box, levels - 1
            size += 1
        while size > 0:
            size -= 1
            box, level = stack[size], stack_level[size]
            west, south, east, north = tree.box[box, 0], tree.box[box, 1], tree.box[box, 2], tree.box[box, 3]
            dx, dy = max(west - px, 0.0, px - east), max(south - py, 0.0, py - north)
            if dx * dx + dy * dy > best_d * (1 + 1e-9) + 1e-9:  # slack for rounding at coordinates of millions
                continue
            child = (box - tree.level_start[level]) * FANOUT
            if level > 0:
                child += tree.level_start[level - 1]
                for other in range(child, min(child + FANOUT, tree.level_start[level])):
                    stack[size], stack_level[size] = other, level - 1
                    size += 1
                continue
            for other in range(child, min(child + FANOUT, len(tree.rank))):
                t, d = _to_segment(tree.ends, other, px, py)
                if (d < best_d and tree.rank[other] >= 0) or (d == best_d and 0 <= tree.rank[other] < tree.rank[best]):
                    best, best_t, best_d = np.int64(other), t, d
        segment[i], along[i], square[i] = best, best_t, best_d
        guess = best


@compiled
def _to_segment(ends: FloatArray, i: int | np.int64, px: float, py: float) -> tuple[float, float]:
    """Where along a segment (0 … 1) a point's foot lies, and the squared distance; exact at the segment's ends."""
    ax, ay, bx, by = ends[i, 0], ends[i, 1], ends[i, 2], ends[i, 3]
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    t = ((px - ax) * dx + (py - ay) * dy) / square if square > 0 else 0.0
    if t <= 0:
        return 0.0, (px - ax) ** 2 + (py - ay) ** 2
    if t >= 1:
        return 1.0, (px - bx) ** 2 + (py - by) ** 2
    return t, (px - ax - t * dx) ** 2 + (py - ay - t * dy) ** 2
