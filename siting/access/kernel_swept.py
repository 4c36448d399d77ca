"""Segments swept by the ball, and which of the shapes come near each other. Needs numba; see `kernel_outline`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from siting.access.compiled import compiled

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray, IntArray

CHORDS = 32
"""Corners of the ball; they lie on the circle of the band's width."""

TURN = 2 * np.pi / CHORDS
COS, SIN = np.cos(np.arange(CHORDS) * TURN), np.sin(np.arange(CHORDS) * TURN)
_SPREAD, _SPREAD_BITS = 0x1E3779B97F4A7C15, 20
"""An odd factor near 2⁶⁴ ÷ the golden ratio ÷ 5, and the bits dropped after it: neighbouring numbers fall far apart."""


class Swept(NamedTuple):
    """Segments swept by the ball.

    `x`, `y` float64[ball]: the places where segments end; `a`, `b` int64[segment]: their balls; `dx`, `dy`: their unit
    directions; `corner` int64[segment]: the ball's corner that draws the left side (the opposite one draws the right);
    `side_m`: how far both sides are from the segment; `radius`: of the ball.

    Edges are numbered 2 × segment (left side, from b to a), 2 × segment + 1 (right side, from a to b), and then ball by
    ball its chords, each from a corner to the next, against the clock.
    """

    x: FloatArray
    y: FloatArray
    a: IntArray
    b: IntArray
    dx: FloatArray
    dy: FloatArray
    corner: IntArray
    side_m: FloatArray
    radius: float


@compiled
def place(key: int, size: int) -> int:
    """Return where to look first for a key in a table of a power of two of places."""
    return (key * _SPREAD >> _SPREAD_BITS) & (size - 1)


@compiled
def _balls(xy: FloatArray, ball: IntArray) -> int:
    """Fill in numbers of the distinct places among vertices, by first appearance, and return how many there are."""
    size = 1
    while size < 2 * len(xy):
        size *= 2
    slot, count = np.full(size, -1, np.int64), 0
    for i in range(len(xy)):
        at = int(abs(xy[i, 0] * 7919.0 + xy[i, 1] * 104729.0) * 16.0) & (size - 1)
        while slot[at] >= 0 and (xy[slot[at], 0] != xy[i, 0] or xy[slot[at], 1] != xy[i, 1]):
            at = (at + 1) & (size - 1)
        if slot[at] < 0:
            slot[at] = i
            ball[i] = count
            count += 1
        else:
            ball[i] = ball[slot[at]]
    return count


@compiled
def sweep(xy: FloatArray, start: IntArray, radius: float) -> Swept:
    """Return the segments of polylines, each once; what has no length is no segment."""
    ball = np.empty(len(xy), np.int64)
    balls = _balls(xy, ball)
    x, y = np.empty(balls), np.empty(balls)
    for i in range(len(xy)):
        x[ball[i]], y[ball[i]] = xy[i, 0], xy[i, 1]
    most = len(xy)
    a, b, corner = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    dx, dy, side_m = np.empty(most), np.empty(most), np.empty(most)
    size = 1
    while size < 2 * most:
        size *= 2
    slot, count = np.full(size, -1, np.int64), 0
    for line in range(len(start) - 1):
        for i in range(start[line], start[line + 1] - 1):
            one, two = min(ball[i], ball[i + 1]), max(ball[i], ball[i + 1])
            if one == two:
                continue
            at = place(one * balls + two, size)
            while slot[at] >= 0 and (min(a[slot[at]], b[slot[at]]) != one or max(a[slot[at]], b[slot[at]]) != two):
                at = (at + 1) & (size - 1)
            if slot[at] >= 0:
                continue
            slot[at] = count
            ex, ey = xy[i + 1, 0] - xy[i, 0], xy[i + 1, 1] - xy[i, 1]
            length = np.hypot(ex, ey)
            ex, ey = ex / length, ey / length
            k = int(np.round(np.arctan2(ex, -ey) / TURN)) % CHORDS
            a[count], b[count], corner[count] = ball[i], ball[i + 1], k
            dx[count], dy[count], side_m[count] = ex, ey, radius * (SIN[k] * ex - COS[k] * ey)
            count += 1
    return Swept(x, y, a[:count], b[:count], dx[:count], dy[:count], corner[:count], side_m[:count], radius)


@compiled
def boxes(s: Swept) -> FloatArray:
    """Return west, south, east and north of each segment's shape: float64[segment, 4]."""
    box = np.empty((len(s.a), 4))
    for i in range(len(s.a)):
        ax, ay, bx, by = s.x[s.a[i]], s.y[s.a[i]], s.x[s.b[i]], s.y[s.b[i]]
        box[i, 0], box[i, 1] = min(ax, bx) - s.radius, min(ay, by) - s.radius
        box[i, 2], box[i, 3] = max(ax, bx) + s.radius, max(ay, by) + s.radius
    return box


@compiled
def _bin(west: float, first: float, per_m: float, last: int) -> int:
    return min(int((west - first) * per_m), last)


@compiled
def _binned(box: FloatArray, first: float, per_m: float) -> tuple[IntArray, IntArray]:
    """Sort boxes into as many bins as there are boxes by their western sides: starts int64[bin + 1], and numbers."""
    count = len(box)
    start, order = np.zeros(count + 1, np.int64), np.empty(count, np.int64)
    for i in range(count):
        start[_bin(box[i, 0], first, per_m, count - 1) + 1] += 1
    for i in range(count):
        start[i + 1] += start[i]
    for i in range(count):
        k = _bin(box[i, 0], first, per_m, count - 1)
        order[start[k]] = i
        start[k] += 1
    for i in range(count, 0, -1):
        start[i] = start[i - 1]
    start[0] = 0
    return start, order


@compiled
def neighbours(box: FloatArray) -> tuple[IntArray, IntArray]:
    """Return by box the other ones that it overlaps: starts int64[box + 1], and numbers."""
    count = len(box)
    first, last = np.inf, -np.inf
    for i in range(count):
        first, last = min(first, box[i, 0]), max(last, box[i, 0])
    per_m = count / max(last - first, 1.0)
    bin_start, order = _binned(box, first, per_m)
    start = np.zeros(count + 2, np.int64)
    other = np.empty(0, np.int64)
    for filling in range(2):  # at first they are only counted
        for place in range(count):
            i = order[place]
            for later in range(place + 1, bin_start[_bin(box[i, 2], first, per_m, count - 1) + 1]):
                j = order[later]
                if box[j, 1] <= box[i, 3] and box[i, 1] <= box[j, 3] and box[j, 0] <= box[i, 2]:
                    if filling:
                        other[start[i + 1]], other[start[j + 1]] = j, i
                        start[i + 1] += 1
                        start[j + 1] += 1
                    else:
                        start[i + 2] += 1
                        start[j + 2] += 1
        if not filling:
            for i in range(count):
                start[i + 2] += start[i + 1]
            other = np.empty(start[count + 1], np.int64)
    return start[: count + 1], other
