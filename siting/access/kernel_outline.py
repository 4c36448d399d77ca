"""The compiled outline of a band: the union of a fixed 32-gon swept along segments. Needs numba; see `kernel`.

The band of a set of lines is drawn as its Minkowski sum with one regular polygon, the *ball*, which is the same for all
segments; so it is exactly monotone: more lines never paint less. A segment's sum with the ball is convex, so the outline
is what of the edges of these shapes no other shape covers, and a shape covers one interval of a straight edge. Where
edges follow or cross each other they are tied by their numbers, never by their coordinates, and the ties must close to
rings. Wherever two edges lie upon each other, or the ties do not close, the kernel says so and draws nothing.
"""
# ruff: noqa: C901, PLR0912, PLR0913, PLR0914, PLR0915, PLR0917 - see kernel

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from siting.access.compiled import compiled

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray, IntArray

CHORDS = 32
"""Corners of the ball; they lie on the circle of the band's width."""

SHORT_M = 1e-5
"""Stretches of an edge shorter than this are rounding; one that is not will be missed when the ties are closed."""

_TURN = 2 * np.pi / CHORDS
_COS, _SIN = np.cos(np.arange(CHORDS) * _TURN), np.sin(np.arange(CHORDS) * _TURN)
_NORMAL_X, _NORMAL_Y = np.cos((np.arange(CHORDS) + 0.5) * _TURN), np.sin((np.arange(CHORDS) + 0.5) * _TURN)
_INNER = np.cos(_TURN / 2)
_LEFT, _RIGHT = CHORDS, CHORDS + 1
_LEVEL = 1e-9
"""Sine of the angle up to which edges are parallel."""
_UPON_M = 1e-7
"""Parallel edges no farther apart lie upon each other."""
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


class Stretches(NamedTuple):
    """Uncovered stretches of edges: where each begins, and the ties at its beginning and at its end."""

    x: FloatArray
    y: FloatArray
    begin: IntArray
    end: IntArray


@compiled
def _place(key: int, size: int) -> int:
    """Return where to look first for a key in a table of a power of two of places."""
    return (key * _SPREAD >> _SPREAD_BITS) & (size - 1)


@compiled
def _balls(xy: FloatArray, ball: IntArray) -> int:
    """Number the distinct places among vertices by first appearance; returns how many there are."""
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
def _swept(xy: FloatArray, start: IntArray, radius: float) -> Swept:
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
            at = _place(one * balls + two, size)
            while slot[at] >= 0 and (min(a[slot[at]], b[slot[at]]) != one or max(a[slot[at]], b[slot[at]]) != two):
                at = (at + 1) & (size - 1)
            if slot[at] >= 0:
                continue
            slot[at] = count
            ex, ey = xy[i + 1, 0] - xy[i, 0], xy[i + 1, 1] - xy[i, 1]
            length = np.sqrt(ex * ex + ey * ey)
            ex, ey = ex / length, ey / length
            k = int(np.round(np.arctan2(ex, -ey) / _TURN)) % CHORDS
            a[count], b[count], corner[count] = ball[i], ball[i + 1], k
            dx[count], dy[count], side_m[count] = ex, ey, radius * (_SIN[k] * ex - _COS[k] * ey)
            count += 1
    return Swept(x, y, a[:count], b[:count], dx[:count], dy[:count], corner[:count], side_m[:count], radius)


@compiled
def _boxes(s: Swept) -> FloatArray:
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
def _neighbours(box: FloatArray) -> tuple[IntArray, IntArray]:
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
    for step in range(CHORDS + 2):
        if step < 2:
            sign = 1.0 - 2.0 * step
            nx, ny, c = -sign * s.dy[t], sign * s.dx[t], s.side_m[t]
            ball, edge = s.a[t], 2 * t + step
        else:
            k = (s.corner[t] + step - 2) % CHORDS
            nx, ny, c = _NORMAL_X[k], _NORMAL_Y[k], s.radius * _INNER
            ball = s.a[t] if step - 2 < CHORDS // 2 else s.b[t]
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
        return 0 if together else 2
    span[0], span[1], by[0], by[1] = low, high, enter, leave
    return 2 if upon else 1


@compiled
def _longer(values: Any, more: int) -> Any:  # noqa: ANN401 - an array of any one kind, and the same back
    """Return twice as long a copy, and `more` longer still."""
    out = np.empty(2 * len(values) + more, values.dtype)
    for i in range(len(values)):
        out[i] = values[i]
    return out


@compiled
def _uncovered(s: Swept) -> tuple[bool, Stretches]:
    """Return the stretches of all edges that no shape covers, and False where edges lie upon each other."""
    box = _boxes(s)
    start, other = _neighbours(box)
    free = _free_chords(s)
    segments, balls = len(s.a), len(s.x)
    edges = 2 * segments + CHORDS * balls
    home = np.empty(balls, np.int64)
    for i in range(segments):
        home[s.a[i]] = home[s.b[i]] = i
    most = 1
    for i in range(segments):
        most = max(most, start[i + 1] - start[i] + 1)
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
            if not free[ball, corner]:
                continue
            i, source, target, onward = home[ball], ball, ball, (corner + 1) % CHORDS
        ax, ay = s.x[source] + s.radius * _COS[corner], s.y[source] + s.radius * _SIN[corner]
        ux, uy = s.x[target] + s.radius * _COS[onward] - ax, s.y[target] + s.radius * _SIN[onward] - ay
        size = np.sqrt(ux * ux + uy * uy)
        west, east, south, north = min(ax, ax + ux), max(ax, ax + ux), min(ay, ay + uy), max(ay, ay + uy)
        used, whole = 0, False
        for place in range(start[i], start[i + 1]):
            t = other[place]
            if box[t, 0] > east or box[t, 2] < west or box[t, 1] > north or box[t, 3] < south:
                continue
            if ball >= 0 and (s.a[t] == ball or s.b[t] == ball):
                continue  # settled by which way the chord faces
            how = _covered(s, i, t, ax, ay, ux, uy, span, by)
            if how == 2:
                return False, Stretches(x, y, begin, end)
            if how == 1:
                if by[0] < 0 and by[1] < 0:
                    whole = True
                    break
                at = used
                while at > 0 and low[at - 1] > span[0]:
                    low[at], high[at], enter[at], leave[at] = low[at - 1], high[at - 1], enter[at - 1], leave[at - 1]
                    at -= 1
                low[at], high[at], enter[at], leave[at] = span[0], span[1], by[0], by[1]
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
        at = _place(found.begin[i], size)
        while slot[at] >= 0:
            if found.begin[slot[at]] == found.begin[i]:
                return False, follower
            at = (at + 1) & (size - 1)
        slot[at] = i
    for i in range(count):
        at = _place(found.end[i], size)
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
    swept = _swept(near, start, radius)
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
