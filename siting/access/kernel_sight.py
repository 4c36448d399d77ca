"""The compiled search for the nearest place on a street that a straight way reaches past obstacles. See `kernel`."""
# ruff: noqa: PLR0913, PLR0917 - see kernel

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siting.access.compiled import compiled
from siting.access.layout import FANOUT, Segments

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray, IntArray

TOUCH_M = 1e-3
"""A way may begin and end on an obstacle: at a gate, or where a street is drawn along a wall."""

_STACK = 256
_FIRST_M = 100.0
"""Radius of the first circle that is searched."""


@compiled
def _near(tree: Segments, px: float, py: float, most_m: float, found: IntArray) -> int:
    """List the segments whose boxes' groups come within `most_m` of a point; −1 when `found` is too short for them."""
    levels = len(tree.level_start) - 1
    stack, stack_level = np.empty(_STACK, np.int64), np.empty(_STACK, np.int64)
    size = count = 0
    if levels < 1:
        return 0
    for box in range(tree.level_start[levels - 1], tree.level_start[levels]):
        stack[size], stack_level[size] = box, levels - 1
        size += 1
    while size > 0:
        size -= 1
        box, level = stack[size], stack_level[size]
        dx = max(tree.box[box, 0] - px, 0.0, px - tree.box[box, 2])
        dy = max(tree.box[box, 1] - py, 0.0, py - tree.box[box, 3])
        if dx * dx + dy * dy > most_m * most_m:
            continue
        child = (box - tree.level_start[level]) * FANOUT
        if level > 0:
            child += tree.level_start[level - 1]
            for other in range(child, min(child + FANOUT, tree.level_start[level])):
                stack[size], stack_level[size] = other, level - 1
                size += 1
            continue
        for other in range(child, min(child + FANOUT, len(tree.rank))):
            if count == len(found):
                return -1
            found[count] = other
            count += 1
    return count


@compiled
def _all_near(tree: Segments, px: float, py: float, most_m: float) -> IntArray:
    found = np.empty(256, np.int64)
    count = _near(tree, px, py, most_m, found)
    while count < 0:
        found = np.empty(4 * len(found), np.int64)
        count = _near(tree, px, py, most_m, found)
    return found[:count]


@compiled
def _hidden(
    ax: float, ay: float, ux: float, uy: float, cx: float, cy: float, dx: float, dy: float
) -> tuple[float, float]:
    """Return the part (low, high) of a street A + τU, 0 ≤ τ ≤ 1, that a wall from C to D hides from the origin.

    A place X is hidden when X lies in the angle from C to D as seen from the origin, and beyond the line of the wall by
    more than a touch. All three conditions are linear in τ, so the hidden part is one interval; empty is (1, 0).
    """
    turn = cx * dy - cy * dx
    if turn < 0:
        cx, cy, dx, dy, turn = dx, dy, cx, cy, -turn
    length = np.sqrt((dx - cx) * (dx - cx) + (dy - cy) * (dy - cy))
    if turn <= TOUCH_M * length:  # the origin stands on the wall, or looks along it
        return 1.0, 0.0
    low, high = 0.0, 1.0
    ex, ey = dx - cx, dy - cy
    for condition in range(3):
        if condition == 0:  # left of the sight line to C
            rest, pace = cx * ay - cy * ax, cx * uy - cy * ux
        elif condition == 1:  # right of the sight line to D
            rest, pace = ax * dy - ay * dx, ux * dy - uy * dx
        else:  # beyond the wall, which has the origin on its left
            rest = -(ex * (ay - cy) - ey * (ax - cx)) - TOUCH_M * length
            pace = -(ex * uy - ey * ux)
        if pace > 0:
            low = max(low, -rest / pace)
        elif pace < 0:
            high = min(high, -rest / pace)
        elif rest < 0:
            return 1.0, 0.0
    return low, high


@compiled
def _first_seen(ax: float, ay: float, ux: float, uy: float, walls: FloatArray, spans: FloatArray) -> float:
    """Return where along a street (0 … 1) the place nearest to the origin lies that no wall hides; −1 for none."""
    square = ux * ux + uy * uy
    foot = min(max(-(ax * ux + ay * uy) / square, 0.0), 1.0) if square > 0 else 0.0
    count = 0
    for wall in range(len(walls)):
        low, high = _hidden(ax, ay, ux, uy, walls[wall, 0], walls[wall, 1], walls[wall, 2], walls[wall, 3])
        if low <= high:
            spans[count, 0], spans[count, 1] = low, high
            count += 1
    if count == 0:
        return foot
    least = TOUCH_M / np.sqrt(square) if square > 0 else 1.0
    before = after = foot
    moved = True
    while moved:  # walk away from the foot, both ways, over whatever hides
        moved = False
        for k in range(count):
            if spans[k, 0] <= before + 1e-12 and spans[k, 1] >= before - 1e-12:
                before, moved = spans[k, 0] - least, True
            if spans[k, 0] <= after + 1e-12 and spans[k, 1] >= after - 1e-12:
                after, moved = spans[k, 1] + least, True
    if before < 0 and after > 1:
        return -1.0
    if before < 0 or (after <= 1 and after - foot < foot - before):
        return after
    return before


@compiled
def _water_around(tree: Segments, body: IntArray, px: float, py: float) -> int:
    """Return the body of water that a point lies in, −2 for none.

    It is that of the first shore to the east, when the number of shores to the east is odd.
    """
    levels = len(tree.level_start) - 1
    stack, stack_level = np.empty(_STACK, np.int64), np.empty(_STACK, np.int64)
    size = 0
    for box in range(tree.level_start[levels - 1], tree.level_start[levels]):
        stack[size], stack_level[size] = box, levels - 1
        size += 1
    nearest, around, odd = np.inf, -2, False
    while size > 0:
        size -= 1
        box, level = stack[size], stack_level[size]
        if tree.box[box, 2] < px or tree.box[box, 1] > py or tree.box[box, 3] < py:
            continue
        child = (box - tree.level_start[level]) * FANOUT
        if level > 0:
            child += tree.level_start[level - 1]
            for other in range(child, min(child + FANOUT, tree.level_start[level])):
                stack[size], stack_level[size] = other, level - 1
                size += 1
            continue
        for other in range(child, min(child + FANOUT, len(tree.rank))):
            ax, ay, bx, by = tree.ends[other, 0], tree.ends[other, 1], tree.ends[other, 2], tree.ends[other, 3]
            if body[other] < 0 or (ay > py) == (by > py):
                continue
            at = ax + (py - ay) / (by - ay) * (bx - ax)
            if at > px:
                odd = not odd
                if at < nearest:
                    nearest, around = at, body[other]
    return around if odd else -2


@compiled
def nearest_seen(
    tree: Segments,
    obstacles: Segments,
    body: IntArray,
    x: FloatArray,
    y: FloatArray,
    most_m: float,
    segment: IntArray,
    along: FloatArray,
    square: FloatArray,
) -> None:
    """Fill in, for every point, the nearest place on a segment that a straight way within `most_m` reaches.

    `body` int64[obstacle] is the water whose shore an obstacle is (−1 for walls). The shore of the water that a point
    lies in is no obstacle to it. `segment`, which comes as −1, stays so where there is none. Circles of twice the
    radius are searched until one holds such a place.
    """
    for i in range(len(x)):
        around = _water_around(obstacles, body, x[i], y[i])
        radius = min(_FIRST_M, most_m)
        while True:
            _look_around(tree, obstacles, body, around, x[i], y[i], radius, segment[i : i + 1], along[i:], square[i:])
            if segment[i] >= 0 or radius >= most_m:
                break
            radius = min(2 * radius, most_m)


@compiled
def _look_around(
    tree: Segments,
    obstacles: Segments,
    body: IntArray,
    around: int,
    px: float,
    py: float,
    radius: float,
    segment: IntArray,
    along: FloatArray,
    square: FloatArray,
) -> None:
    """Fill in one point's nearest place in sight within a radius, at index 0."""
    near = _all_near(obstacles, px, py, radius)
    walls, count = np.empty((len(near), 4)), 0
    for k in range(len(near)):
        o = near[k]
        if body[o] != around:
            walls[count, 0], walls[count, 1] = obstacles.ends[o, 0] - px, obstacles.ends[o, 1] - py
            walls[count, 2], walls[count, 3] = obstacles.ends[o, 2] - px, obstacles.ends[o, 3] - py
            count += 1
    spans = np.empty((count, 2))
    streets = _all_near(tree, px, py, radius)
    best = radius * radius
    for k in range(len(streets)):
        s = streets[k]
        if tree.rank[s] < 0:
            continue
        ax, ay = tree.ends[s, 0] - px, tree.ends[s, 1] - py
        ux, uy = tree.ends[s, 2] - tree.ends[s, 0], tree.ends[s, 3] - tree.ends[s, 1]
        size = ux * ux + uy * uy
        foot = min(max(-(ax * ux + ay * uy) / size, 0.0), 1.0) if size > 0 else 0.0
        if (ax + foot * ux) ** 2 + (ay + foot * uy) ** 2 > best:
            continue
        at = _first_seen(ax, ay, ux, uy, walls[:count], spans)
        if at < 0:
            continue
        away = (ax + at * ux) ** 2 + (ay + at * uy) ** 2
        first = segment[0] < 0 or tree.rank[s] < tree.rank[segment[0]]
        if away < best or (away == best and first):
            best = away
            segment[0], along[0], square[0] = s, at, away


@compiled
def barred(
    obstacles: Segments, body: IntArray, x: FloatArray, y: FloatArray, foot_x: FloatArray, foot_y: FloatArray
) -> BoolArray:
    """Tell of every straight way from a point to its foot whether an obstacle hides the foot."""
    out = np.zeros(len(x), np.bool_)
    for i in range(len(x)):
        ux, uy = foot_x[i] - x[i], foot_y[i] - y[i]
        near = _all_near(obstacles, x[i], y[i], np.sqrt(ux * ux + uy * uy))
        around = -3  # not asked yet
        for k in range(len(near)):
            o = near[k]
            cx, cy = obstacles.ends[o, 0] - x[i], obstacles.ends[o, 1] - y[i]
            dx, dy = obstacles.ends[o, 2] - x[i], obstacles.ends[o, 3] - y[i]
            low, high = _hidden(ux, uy, 0.0, 0.0, cx, cy, dx, dy)
            if low > high:
                continue
            if around == -3:  # noqa: PLR2004 - as above
                around = _water_around(obstacles, body, x[i], y[i])
            if body[o] != around:
                out[i] = True
                break
    return out
