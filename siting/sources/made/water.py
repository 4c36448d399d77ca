"""The county's outline and its waters: a winding river, brooks, canals and a lake with an islet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, Point, Polygon

from siting.sources.made import steady
from siting.sources.made.shapes import Field, FloatArray, blob, largest, parts, ribbon, winding

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from siting.sources.made.names import Name, Namer
    from siting.sources.made.spec import CountySpec


@dataclass(frozen=True, slots=True)
class Water:
    """One named water: `kind` is river, stream, canal or lake; a lake has no centre line."""

    name: Name
    kind: str
    polygon: Polygon
    line: LineString | None


@dataclass(frozen=True, slots=True)
class Ground:
    """What was there before anyone settled: county polygon, waters, hills nobody lives in."""

    county: Polygon
    waters: tuple[Water, ...]
    islet: Polygon
    hills: BaseGeometry
    wet: BaseGeometry

    @property
    def river(self) -> Water:
        """The river."""
        return self.waters[0]

    @property
    def lake(self) -> Polygon:
        """The lake with the islet in it as a hole."""
        return next(water.polygon for water in self.waters if water.kind == "lake")


def _outline(spec: CountySpec, rng: np.random.Generator) -> Polygon:
    theta = np.linspace(0.0, 2.0 * np.pi, 721)[:-1]
    radius = steady.power(steady.power(np.abs(steady.turned(theta)), 2.7).sum(axis=1), -1.0 / 2.7)
    for order in (2, 3, 4, 5, 7, 9, 12, 17, 23, 31, 45, 60):
        radius += 0.13 / order**0.9 * rng.normal() * steady.cos(order * theta + rng.uniform(0.0, 2.0 * np.pi))
    xy = radius[:, None] * steady.turned(theta)
    low, high = xy.min(axis=0), xy.max(axis=0)
    xy = (xy - (low + high) / 2.0) / (high - low) * np.array([spec.width_m, spec.height_m])
    return largest(Polygon(xy).buffer(0.0))


def _river(spec: CountySpec, rng: np.random.Generator) -> tuple[LineString, FloatArray]:
    """Centre line and widths: direction swings as a sine of the distance run (Langbein and Leopold 1966)."""
    step = 60.0
    s = np.arange(0.0, 2.6 * spec.width_m, step)
    length = 5_600.0 * (1.0 + 0.2 * steady.sin(s / 7_900.0 + rng.uniform(0.0, 6.28)))
    swing = 0.78 + 0.27 * steady.sin(s / 5_300.0 + rng.uniform(0.0, 6.28))
    theta = swing * steady.sin(2.0 * np.pi * np.cumsum(step / length) + rng.uniform(0.0, 6.28))
    theta += 0.25 * steady.sin(s / 1_900.0 + rng.uniform(0.0, 6.28)) + rng.uniform(-0.22, 0.22)
    xy = np.column_stack([np.cumsum(steady.cos(theta)), np.cumsum(steady.sin(theta))]) * step
    middle = np.argmin(np.abs(xy[:, 0] - 0.5 * xy[-1, 0]))
    xy -= xy[middle] - np.array([0.0, -0.07 * spec.height_m])
    keep = np.abs(xy[:, 0]) < 0.5 * spec.width_m + 1_500.0
    s = s[keep]
    widths = 150.0 + 45.0 * (s - s[0]) / np.ptp(s) + 38.0 * steady.sin(s / 1_300.0 + rng.uniform(0.0, 6.28))
    return LineString(xy[keep]), np.clip(widths, 122.0, 246.0)


def _branches(spec: CountySpec, rng: np.random.Generator, river: LineString) -> list[tuple[str, LineString, float]]:
    """Brooks from the border to the river and canals between them: kind, line, width."""
    reach = 0.62 * np.array([spec.width_m, spec.height_m])
    lines = []
    for angle, mouth in ((0.62, 0.62), (0.33, 0.3), (-0.36, 0.42), (-0.68, 0.78)):
        turn = np.pi * (angle + rng.uniform(-0.05, 0.05))
        start = reach * steady.turned(turn)
        end = shapely.get_coordinates(river.interpolate(mouth + rng.uniform(-0.04, 0.04), normalized=True))[0]
        lines.append(("stream", winding(rng, start, end, 0.16, 3_800.0), rng.uniform(24.0, 40.0)))
    brooks = [line for _, line, _ in lines]
    ties = [(brooks[0], 0.3, brooks[1], 0.25), (brooks[0], 0.62, brooks[1], 0.66), (brooks[2], 0.35, brooks[3], 0.4)]
    ties += [(river, 0.13, brooks[2], 0.55), (brooks[3], 0.62, river, 0.93), (brooks[1], 0.45, river, 0.9)]
    ties += [(brooks[0], 0.45, river, 0.12)]
    for one, at_one, two, at_two in ties:
        ends = [
            shapely.get_coordinates(line.interpolate(at, normalized=True))[0]
            for line, at in ((one, at_one), (two, at_two))
        ]
        lines.append(("canal", winding(rng, ends[0], ends[1], 0.07, 2_900.0), rng.uniform(15.0, 24.0)))
    return lines


def _lake(spec: CountySpec, rng: np.random.Generator, river: Polygon, county: Polygon) -> tuple[Polygon, Polygon]:
    """Lake as far as may be from the river yet inside the county, and the islet in it."""
    angles = rng.uniform(0.0, 2.0 * np.pi, 40)
    spots = 0.3 * np.array([spec.width_m, spec.height_m]) * steady.turned(angles)
    room = [min(Point(spot).distance(river), Point(spot).distance(county.exterior), 2_600.0) for spot in spots]
    centre = spots[int(np.argmax(room))]
    islet = blob(rng, centre + rng.uniform(-120.0, 120.0, 2), 260.0, 0.1)
    return largest(blob(rng, centre, 950.0, 0.16).difference(islet)), islet


def make_ground(spec: CountySpec, namer: Namer) -> Ground:
    """Outline, waters and hills of a county."""
    rng = spec.rng(1)
    county = _outline(spec, rng)
    line, widths = _river(spec, rng)
    polygon = ribbon(line, widths)
    lake, islet = _lake(spec, rng, polygon, county)
    waters = [Water(namer.place().plus("江", "River"), "river", largest(polygon.intersection(county)), line)]
    wet: BaseGeometry = shapely.union_all([polygon, Polygon(lake.exterior)])
    for kind, course, width in _branches(spec, rng, line):
        body = largest(course.buffer(width / 2.0).intersection(county).difference(wet).simplify(1.0))
        words = ("溪", "Brook") if kind == "stream" else ("河", "Canal")
        inside = max(parts(course.intersection(body), LineString), key=lambda part: part.length, default=course)
        waters.append(Water(namer.place().plus(*words), kind, body, inside))
        wet = wet.union(body)
    waters.append(Water(namer.place().plus("湖", "Lake"), "lake", lake, None))
    hills = _hills(spec, rng, county)
    return Ground(county, tuple(waters), islet, hills, shapely.union_all([water.polygon for water in waters]))


def _hills(spec: CountySpec, rng: np.random.Generator, county: Polygon) -> BaseGeometry:
    """Two hill masses at the edge of the county, where nobody builds."""
    masses = []
    for turn in (rng.uniform(2.0, 2.6), rng.uniform(5.2, 5.8)):
        border = 0.42 * np.array([spec.width_m, spec.height_m]) * steady.turned(turn)
        masses.append(blob(rng, border, 0.085 * spec.width_m, 0.2))
    return shapely.union_all(masses).intersection(county)


def roughness(rng: np.random.Generator) -> Field:
    """Field that makes some ground dearer to build a road on than other ground."""
    return Field.random(rng, 2_400.0)
