"""Shapes that look grown: smooth noise, blobs, winding lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from siting.sources.made import steady

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Part = TypeVar("Part", bound=BaseGeometry)


@dataclass(frozen=True, slots=True)
class Field:
    """Smooth random field on the plane: a sum of cosines of random direction, about zero mean and unit variance."""

    waves: FloatArray
    phases: FloatArray

    @classmethod
    def random(cls, rng: np.random.Generator, wavelength_m: float, terms: int = 20) -> Field:
        """Field whose bumps are about `wavelength_m` apart."""
        angle = rng.uniform(0.0, 2.0 * np.pi, terms)
        number = 2.0 * np.pi / (wavelength_m * rng.uniform(0.6, 1.8, terms))
        return cls(steady.turned(angle).T * number, rng.uniform(0.0, 2.0 * np.pi, terms))

    def __call__(self, xy: FloatArray) -> FloatArray:
        """Values (n,) at local metres (n, 2)."""
        along = xy[:, :1] * self.waves[0] + xy[:, 1:] * self.waves[1]
        values: FloatArray = steady.cos(along + self.phases).sum(axis=1) * np.sqrt(2.0 / self.phases.size)
        return values


def blob(rng: np.random.Generator, centre: FloatArray, radius_m: float, roughness: float = 0.12) -> Polygon:
    """Draw a rounded irregular polygon of about the area of a circle of `radius_m`."""
    theta = np.linspace(0.0, 2.0 * np.pi, 97)[:-1]
    radius = np.ones_like(theta)
    for order in range(2, 9):
        radius += roughness * 1.6 / order * rng.normal() * steady.cos(order * theta + rng.uniform(0.0, 2.0 * np.pi))
    radius = np.clip(radius, 0.55, 1.6)
    radius *= radius_m / np.sqrt(np.mean(radius**2))
    return Polygon(centre + radius[:, None] * steady.turned(theta))


def winding(rng: np.random.Generator, start: FloatArray, end: FloatArray, swing: float, wave_m: float) -> LineString:
    """Line from `start` to `end` that swings to both sides by about `swing` times `wave_m`."""
    chord = end - start
    length = float(np.hypot(*chord))
    t = np.linspace(0.0, 1.0, max(8, int(length / 60.0)))
    side = np.zeros_like(t)
    for share in (1.0, 0.45, 0.2):
        turns = max(0.5, length / (wave_m * share) * rng.uniform(0.8, 1.25))
        side += (
            share
            * swing
            * wave_m
            * steady.sin(2.0 * np.pi * turns * t + rng.uniform(0.0, 6.28))
            * rng.uniform(0.6, 1.2)
        )
    side *= steady.power(np.clip(np.minimum(t, 1.0 - t) * length / (0.7 * wave_m), 0.0, 1.0), 0.7)
    normal = np.array([-chord[1], chord[0]]) / length
    return LineString(start + t[:, None] * chord + side[:, None] * normal)


def smooth(points: FloatArray, rounds: int = 3) -> FloatArray:
    """Line (n, 2) with its corners cut; both ends stay where they are."""
    line = points
    for _ in range(rounds):
        if len(line) > 2:  # noqa: PLR2004 - two points have no corner
            line = np.vstack([line[:1], (line[:-2] + 2.0 * line[1:-1] + line[2:]) / 4.0, line[-1:]])
    cut = np.empty((2 * len(line) - 2, 2))
    cut[0::2] = 0.75 * line[:-1] + 0.25 * line[1:]
    cut[1::2] = 0.25 * line[:-1] + 0.75 * line[1:]
    cut[0], cut[-1] = line[0], line[-1]
    return np.asarray(shapely.get_coordinates(LineString(cut).simplify(1.0)))


def ribbon(line: LineString, widths_m: FloatArray) -> Polygon:
    """Polygon round a line whose width changes along it (one width per vertex)."""
    xy = shapely.get_coordinates(line)
    along = np.gradient(xy, axis=0)
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(along[:, 0], along[:, 1])[:, None]
    half = normal * widths_m[:, None] / 2.0
    return largest(Polygon(np.vstack([xy + half, (xy - half)[::-1]])).buffer(0.0))


def largest(shape: BaseGeometry) -> Polygon:
    """Largest polygon of a shape; an empty polygon when it has none."""
    polygons = parts(shape, Polygon)
    return max(polygons, key=lambda polygon: polygon.area) if polygons else Polygon()


def parts(shape: BaseGeometry, kind: type[Part]) -> list[Part]:
    """Non-empty parts of one kind (polygons or lines), in the order they are stored."""
    return [part for part in shapely.get_parts(shape) if isinstance(part, kind) and not part.is_empty]


def sample_along(line: LineString, spacing_m: float) -> FloatArray:
    """Points (n, 2) about every `spacing_m` along a line, both ends included."""
    count = max(2, int(np.ceil(line.length / spacing_m)) + 1)
    return np.asarray(
        shapely.get_coordinates(shapely.line_interpolate_point(line, np.linspace(0.0, line.length, count)))
    )
