"""The compiled outline of a band: the union of a fixed 32-gon swept along segments. Needs numba; see `kernel`.

The band of a set of lines is drawn as its Minkowski sum with one regular polygon, the *ball*, which is the same for
all segments; so it is exactly monotone: more lines never paint less. A segment's sum with the ball is convex, so the
outline is what of the edges of these shapes no other shape covers, and a shape covers one interval of a straight edge.
Where edges follow or cross each other they are tied by their numbers, never by their coordinates, and the ties must
close to rings. Wherever two edges lie upon each other, two shapes barely touch, or the ties do not close, the kernel
says so and draws nothing.
"""
# ruff: noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917 - see kernel

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from siting.access.compiled import compiled
from siting.access.kernel_swept import CHORDS, COS, SIN, TURN, Swept, boxes, neighbours, place, sweep

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray, IntArray

SHORT_M = 1e-5
"""Stretches of an edge shorter than this are rounding; one that is not will be missed when the ties are closed."""

_NORMAL_X, _NORMAL_Y = np.cos((np.arange(CHORDS) + 0.5) * TURN), np.sin((np.arange(CHORDS) + 0.5) * TURN)
_INNER = np.cos(TURN / 2)
_SIDES, _TOUCHES = 2, 2
_LEVEL = 1e-9
"""Sine of the angle up to which edges are parallel."""
_UPON_M = 1e-7
"""Parallel edges no farther apart lie upon each other."""


class Stretches(NamedTuple):
    """Uncovered stretches of edges: where each begins, and the ties at its beginning and at its end."""

    x: FloatArray
    y: FloatArray
    begin: IntArray
    end: IntArray


@compiled
def _free_chords(s: Swept) -> BoolArray:
    """Tell which chords of balls face away from every segment that ends there: bool[ball, chord]."""
    free = np.ones((len(s.x), CHORDS), np.bool_)
    for i in range(len(s.a)):
        for step in range(CHORDS):
            k = (s.corner[i] + step) % CHORDS
            # From the left corner round the back to the right one chords belong to a's end of the shape, then to b's.
            free[s.b[i] if step < CHORDS // 2 else s.a[i], k] = False
    return free


@compiled
def _covered(
    s: Swept, i: int, t: int, ax: float, ay: float, ux: float, uy: float, span: FloatArray, by: IntArray
) -> int:
    """Fill in the part (0 … 1) of segment i's edge from (ax, ay) along (ux, uy) that segment t's shape covers.

    Returns 0 for none, 1 for some, 2 where the edge lies upon one of the shape's or barely touches the shape. `by` gets
    the numbers of the edges by which one enters and leaves, −1 where the edge's own end comes first.
    """
    low, high, enter, leave, upon = 0.0, 1.0, -1, -1, False
    size = np.sqrt(ux * ux + uy * uy)
    first = 2 * len(s.a)
    for step in range(CHORDS + _SIDES):
        if step < _SIDES:
            sign = 1.0 - 2.0 * step
            nx, ny, c = -sign * s.dy[t], sign * s.dx[t], s.side_m[t]
            ball, edge = s.a[t], 2 * t + step
        else:
            k = (s.corner[t] + step - _SIDES) % CHORDS
            nx, ny, c = _NORMAL_X[k], _NORMAL_Y[k], s.radius * _INNER
            ball = s.a[t] if step - _SIDES < CHORDS // 2 else s.b[t]
            edge = first + ball * CHORDS + k
        room = c - nx * (ax - s.x[ball]) - ny * (ay - s.y[ball])
        pace = nx * ux + ny * uy
        if abs(pace) <= _LEVEL * size:
            if room <= -_UPON_M:
                return 0
            if room < _UPON_M:
                upon = True
        elif pace > 0:
            if room < high * pace:
                high, leave = room / pace, edge
        elif room < low * pace:
            low, enter = room / pace, edge
        if (high - low) * size < -SHORT_M:
            return 0
    if (high - low) * size <= SHORT_M:
        # Shapes that share a ball touch at its corners; any other touch would make a ring that meets itself.
        together = s.a[i] == s.a[t] or s.a[i] == s.b[t] or s.b[i] == s.a[t] or s.b[i] == s.b[t]
        return 0 if together else _TOUCHES
    span[0], span[1], by[0], by[1] = low, high, enter, leave
    return _TOUCHES if upon else 1


@compiled
def _longer(values: Any, more: int) -> Any:  # noqa: ANN401 - an array of any one kind, and the same back
    """Return twice as long a copy, and `more` longer still."""
    out = np.empty(2 * len(values) + more, values.dtype)
    for i in range(len(values)):
        out[i] = values[i]
    return out


@compiled
def _homes(s: Swept, start: IntArray) -> tuple[IntArray, int]:
    """Return a segment of each ball, and one more than the most neighbours of a segment.

    Balls of lines without length have no segment (−1), and draw nothing.
    """
    home, most = np.full(len(s.x), -1, np.int64), 1
    for i in range(len(s.a)):
        home[s.a[i]] = home[s.b[i]] = i
        most = max(most, start[i + 1] - start[i] + 1)
    return home, most


@compiled
def _sort_in(
    used: int, span: FloatArray, by: IntArray, low: FloatArray, high: FloatArray, enter: IntArray, leave: IntArray
) -> None:
    """Put a covered stretch among the first `used` ones, which ascend by where they begin."""
    at = used
    while at > 0 and low[at - 1] > span[0]:
        low[at], high[at], enter[at], leave[at] = low[at - 1], high[at - 1], enter[at - 1], leave[at - 1]
        at -= 1
    low[at], high[at], enter[at], leave[at] = span[0], span[1], by[0], by[1]


@compiled
def _uncovered(s: Swept) -> tuple[bool, Stretches]:
    """Return the stretches of all edges that no shape covers, and False where edges lie upon each other."""
    box = boxes(s)
    start, other = neighbours(box)
    free = _free_chords(s)
    segments, balls = len(s.a), len(s.x)
    edges = 2 * segments + CHORDS * balls
    home, most = _homes(s, start)
    low, high, enter, leave = np.empty(most), np.empty(most), np.empty(most, np.int64), np.empty(most, np.int64)
    span, by = np.empty(2), np.empty(2, np.int64)
    room = 4 * segments + 64
    x, y, begin, end = np.empty(room), np.empty(room), np.empty(room, np.int64), np.empty(room, np.int64)
    count = 0
    for edge in range(edges):
        if edge < 2 * segments:  # a side
            ball, i = np.int64(-1), edge >> 1
            left = edge & 1 == 0
            corner = s.corner[i] if left else (s.corner[i] + CHORDS // 2) % CHORDS
            source, target = (s.b[i], s.a[i]) if left else (s.a[i], s.b[i])
            onward = corner
        else:
            ball, corner = np.int64((edge - 2 * segments) // CHORDS), np.int64((edge - 2 * segments) % CHORDS)
            if home[ball] < 0 or not free[ball, corner]:
                continue
            i, source, target, onward = home[ball], ball, ball, (corner + 1) % CHORDS
        ax, ay = s.x[source] + s.radius * COS[corner], s.y[source] + s.radius * SIN[corner]
        ux, uy = s.x[target] + s.radius * COS[onward] - ax, s.y[target] + s.radius * SIN[onward] - ay
        size = np.sqrt(ux * ux + uy * uy)
        west, east, south, north = min(ax, ax + ux), max(ax, ax + ux), min(ay, ay + uy), max(ay, ay + uy)
        used, whole = 0, False
        for beside in range(start[i], start[i + 1]):
            t = other[beside]
            if box[t, 0] > east or box[t, 2] < west or box[t, 1] > north or box[t, 3] < south:
                continue
            if ball >= 0 and (s.a[t] == ball or s.b[t] == ball):
                continue  # settled by which way the chord faces
            how = _covered(s, i, t, ax, ay, ux, uy, span, by)
            if how == _TOUCHES:
                return False, Stretches(x, y, begin, end)
            if how == 1:
                if by[0] < 0 and by[1] < 0:
                    whole = True
                    break
                _sort_in(used, span, by, low, high, enter, leave)
                used += 1
        if whole:
            continue
        if count + used + 1 > len(x):
            x, y, begin, end = _longer(x, used), _longer(y, used), _longer(begin, used), _longer(end, used)
        here, tie = 0.0, -1 - (source * CHORDS + corner)
        for at in range(used + 1):
            there = low[at] if at < used else 1.0
            if (there - here) * size > SHORT_M:
                x[count], y[count], begin[count] = ax + here * ux, ay + here * uy, tie
                end[count] = enter[at] * edges + edge if at < used else -1 - (target * CHORDS + onward)
                count += 1
            if at < used and high[at] > here:
                here = high[at]
                tie = edge * edges + leave[at] if leave[at] >= 0 else np.int64(0)
    return True, Stretches(x[:count], y[:count], begin[:count], end[:count])


@compiled
def _followers(found: Stretches) -> tuple[bool, IntArray]:
    """Tie each stretch to the one that begins where it ends; False where some do not pair off one to one."""
    count = len(found.begin)
    size = 1
    while size < 2 * count:
        size *= 2
    slot, follower, taken = np.full(size, -1, np.int64), np.empty(count, np.int64), np.zeros(count, np.bool_)
    for i in range(count):
        at = place(found.begin[i], size)
        while slot[at] >= 0:
            if found.begin[slot[at]] == found.begin[i]:
                return False, follower
            at = (at + 1) & (size - 1)
        slot[at] = i
    for i in range(count):
        at = place(found.end[i], size)
        while slot[at] >= 0 and found.begin[slot[at]] != found.end[i]:
            at = (at + 1) & (size - 1)
        if slot[at] < 0 or taken[slot[at]]:
            return False, follower
        taken[slot[at]] = True
        follower[i] = slot[at]
    return True, follower


@compiled
def outline(xy: FloatArray, start: IntArray, radius: float) -> tuple[bool, FloatArray, IntArray, FloatArray]:
    """Return the outline of everything within `radius` of polylines.

    Parameters
    ----------
    xy : float64[vertex, 2]
    start : int64[line + 1]
        Where each polyline's vertices begin.
    radius : float

    Returns
    -------
    drawn : bool
        False where edges lie upon each other or their ties do not close; there is no outline then.
    ring_xy : float64[corner, 2]
        Rings end to end, each with its first corner repeated at its end; what is inside lies on their left.
    ring_start : int64[ring + 1]
    area_m2 : float64[ring]
        Above nought for shells and below for holes.
    """
    here_x, here_y = xy[0, 0], xy[0, 1]  # coordinates of millions would lose the last digits
    near = np.empty((len(xy), 2))
    for i in range(len(xy)):
        near[i, 0], near[i, 1] = xy[i, 0] - here_x, xy[i, 1] - here_y
    nothing = (False, np.empty((0, 2)), np.zeros(1, np.int64), np.empty(0))
    swept = sweep(near, start, radius)
    whole, found = _uncovered(swept)
    if not whole:
        return nothing
    whole, follower = _followers(found)
    if not whole:
        return nothing
    count = len(follower)
    ring_xy, ring_start, area = np.empty((2 * count, 2)), np.zeros(count + 1, np.int64), np.empty(count)
    seen = np.zeros(count, np.bool_)
    rings = used = 0
    for first in range(count):
        if seen[first]:
            continue
        begin, i, twice = used, first, 0.0
        while not seen[i]:
            seen[i] = True
            j = follower[i]
            k = follower[j]
            bx, by = found.x[j] - found.x[i], found.y[j] - found.y[i]
            cx, cy = found.x[k] - found.x[j], found.y[k] - found.y[j]
            if abs(bx * cy - by * cx) > _LEVEL * np.sqrt((bx * bx + by * by) * (cx * cx + cy * cy)):
                ring_xy[used, 0], ring_xy[used, 1] = found.x[j], found.y[j]
                used += 1
            twice += found.x[i] * found.y[j] - found.x[j] * found.y[i]
            i = j
        if used - begin < 3:  # noqa: PLR2004 - a ring has three corners
            return nothing
        ring_xy[used, 0], ring_xy[used, 1] = ring_xy[begin, 0], ring_xy[begin, 1]
        used += 1
        area[rings] = twice / 2
        rings += 1
        ring_start[rings] = used
    for i in range(used):
        ring_xy[i, 0] += here_x
        ring_xy[i, 1] += here_y
    return True, ring_xy[:used], ring_start[: rings + 1], area[:rings]
