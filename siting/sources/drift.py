"""Finds points and boundaries whose declared coordinate system the roads contradict: GCJ-02 or BD-09 taken for WGS 84.

The test compares how near to the roads the points lie, as declared and as each other system would place them. A shift
that happens to fit, say out of a park into the town beside it, is told from a real one by shifts of the same length in
seven other directions: the right system must fit better than all of them, and clearly so. What is found stops the run
with its evidence; nothing is ever shifted silently.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from siting.errors import Problem, SitingWarning
from siting.sources import china
from siting.sources import crs as systems

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import NDArray

    from siting.model.arrays import FloatArray
    from siting.model.places import Districts
    from siting.model.roads import RoadGraph
    from siting.sources.crs import Plane

FEWEST = 8
"""Fewer distinct points are no evidence."""

MOST = 500
"""More points than these add nothing to it; they are taken evenly from the table."""

NEAR_M, CAP_M = 20.0, 400.0
"""Distances count by ``log(min(d, CAP_M) + NEAR_M)``: below the one is as good as nought, the other is far."""

DIRECTIONS = 8
TRUE = "EPSG:4326"
BOUNDARY_STEP_M = 250.0


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a system fits so much better that the run stops.

    Attributes
    ----------
    gain : float
        Mean gain over the declared system in standard errors (Student's t of the pairs).
    apart : float
        Gain over the mean of all other shifts in their standard deviations.
    """

    gain: float
    apart: float


POINTS, BOUNDARIES = Thresholds(2.3, 2.5), Thresholds(8.0, 4.0)
"""Points of a boundary are not independent of each other: they need more evidence."""

SUSPICIOUS = 1.5
"""So many times the gain required is worth a warning where the shifts in other directions fit almost as well."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Points of an input, on the study's plane as its declared system places them.

    Attributes
    ----------
    key, file : str
        Key of the study, and path as written.
    crs : pyproj.CRS
        As declared.
    x_m, y_m : float64[point]
    thresholds : Thresholds
    what : str
        What the points are, in messages.
    """

    key: str
    file: str
    crs: pyproj.CRS
    x_m: FloatArray
    y_m: FloatArray
    thresholds: Thresholds = POINTS
    what: str = "points"


class Nearest:
    """Distances to the nearest road."""

    def __init__(self, roads: RoadGraph) -> None:
        owner = np.repeat(np.arange(roads.edge_count), np.diff(roads.course_start))
        lines: NDArray[np.object_] = np.asarray(shapely.linestrings(roads.course_xy_m, indices=owner), dtype=object)
        self._tree = shapely.STRtree(lines)

    def metres(self, x_m: FloatArray, y_m: FloatArray) -> FloatArray:
        """Return the distance of each point to the nearest road, metres."""
        _, found = self._tree.query_nearest(shapely.points(x_m, y_m), all_matches=False, return_distance=True)
        return np.asarray(found, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Drift:
    """Evidence that an input is in another system than declared.

    Attributes
    ----------
    system : str
        ``GCJ-02``, ``BD-09``, or ``EPSG:4326``.
    count : int
        Points compared.
    declared_m, system_m : float
        Median distance to the nearest road as declared, and in `system`.
    sure : bool
        False where the evidence is worth a warning only.
    """

    system: str
    count: int
    declared_m: float
    system_m: float
    sure: bool


def boundary_points(districts: Districts, key: str, file: str, crs: pyproj.CRS) -> Placed:
    """Return points along the districts' outlines, evenly."""
    lines = shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.boundary(np.array(districts.geometry)))))
    marks = [
        shapely.line_interpolate_point(line, np.arange(BOUNDARY_STEP_M / 2, line.length, BOUNDARY_STEP_M))
        for line in lines
    ]
    xy = shapely.get_coordinates(np.concatenate([np.empty(0, dtype=object), *marks]))
    return Placed(key, file, crs, xy[:, 0], xy[:, 1], BOUNDARIES, "points along the boundaries")


def drifted(placed: Placed, roads: Nearest, plane: Plane) -> Drift | None:
    """Test whether another system fits the roads clearly better than the declared one.

    Parameters
    ----------
    placed : Placed
    roads : Nearest
    plane : Plane

    Returns
    -------
    Drift or None
        None where the declared system stands, or where fewer than `FEWEST` points lie in China.
    """
    here = _sample(placed)
    lon, lat = plane.lonlat(*here.T)
    shiftable = china.within(lon, lat)
    here, lon, lat = here[shiftable], lon[shiftable], lat[shiftable]
    if len(here) < FEWEST:
        return None
    declared = placed.crs.name if systems.is_shifted(placed.crs) else TRUE
    drawn = china.shift(lon, lat, declared) if declared in china.SHIFTED else (lon, lat)
    before_m = roads.metres(*here.T)
    best: tuple[float, Drift] | None = None
    for system in (name for name in (TRUE, *china.SHIFTED) if name != declared):
        there = np.column_stack(plane.project(*drawn, systems.parse(system, placed.key)))
        after_m = roads.metres(*there.T)
        sure = _verdict(before_m, after_m, _other_shifts(here, there, roads), placed.thresholds)
        score = float(_score(after_m).mean())
        if sure is not None and (best is None or score < best[0]):
            best = score, Drift(system, len(here), float(np.median(before_m)), float(np.median(after_m)), sure)
    return None if best is None else best[1]


def drift_problem(placed: Placed, drift: Drift) -> Problem:
    """Tell the evidence, and the line to write."""
    declared = systems.name_of(placed.crs)
    what = (
        f"{drift.count} {placed.what} fit the roads as {drift.system}, not as {declared}: as declared the median "
        f"distance to the nearest road is {drift.declared_m:.0f} m, as {drift.system} it is {drift.system_m:.0f} m, "
        "and no shift as long in another direction comes near it"
    )
    mend = f"write `{placed.key}: {{crs: {drift.system}}}`"
    if not (placed.crs.is_geographic or systems.is_shifted(placed.crs)):
        mend = f"take the file's degrees before they were projected and write `{placed.key}: {{crs: {drift.system}}}`"
    return Problem(placed.file, what, f"{mend}; if {declared} is right all the same, `{{crs_checked: true}}`")


def drift_warning(placed: Placed, drift: Drift) -> SitingWarning:
    """Tell evidence that is not sure enough to stop a run."""
    declared = systems.name_of(placed.crs)
    return SitingWarning(
        placed.file,
        f"按 {declared}，{drift.count} 个点距最近道路的中位数为 {drift.declared_m:.0f} 米，"
        f"按 {drift.system} 则为 {drift.system_m:.0f} 米。",
        f"{drift.count} {placed.what} may be in {drift.system}: as {declared} the median distance to the nearest road "
        f"is {drift.declared_m:.0f} m, as {drift.system} {drift.system_m:.0f} m.",
        (f"核对坐标系；若是，写 `crs: {drift.system}`", f"check the system; if it is so, write `crs: {drift.system}`"),
    )


def _sample(placed: Placed) -> FloatArray:
    """Return distinct places, at most `MOST`: float64[point, 2]."""
    places: FloatArray = np.unique(np.column_stack([placed.x_m, placed.y_m]), axis=0)
    return places[np.unique(np.linspace(0, len(places) - 1, MOST).round().astype(np.int64))] if len(places) else places


def _score(metres: FloatArray) -> FloatArray:
    scored: FloatArray = np.log(np.minimum(metres, CAP_M) + NEAR_M)
    return scored


def _other_shifts(here: FloatArray, there: FloatArray, roads: Nearest) -> FloatArray:
    """Return the mean score of shifts as long as the one in question, in seven other directions."""
    east, north = (there - here).mean(axis=0)
    turns = 2 * np.pi * np.arange(1, DIRECTIONS) / DIRECTIONS
    steps = [(east * np.cos(a) - north * np.sin(a), east * np.sin(a) + north * np.cos(a)) for a in turns]
    return np.array([_score(roads.metres(*(here + step).T)).mean() for step in steps])


def _verdict(before_m: FloatArray, after_m: FloatArray, others: FloatArray, thresholds: Thresholds) -> bool | None:
    """Return whether the evidence is sure, or None where there is none to speak of."""
    before, after = _score(before_m), _score(after_m)
    gain = before - after
    gained = float(gain.mean() / max(gain.std(ddof=1) / np.sqrt(len(gain)), 1e-12))
    if gained <= thresholds.gain or after.mean() >= min(before.mean(), others.min()):
        return None
    field = np.append(others, before.mean())
    if field.mean() - after.mean() > thresholds.apart * field.std(ddof=1):
        return True
    return False if gained > SUSPICIOUS * thresholds.gain else None
