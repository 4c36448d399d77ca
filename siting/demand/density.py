"""Density of older persons: in a moving circle about every cell, or by district or planning unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely
from pydantic import BaseModel, ConfigDict, Field

from siting.model.access import INCLUSIVE_M
from siting.model.census import DensityShift
from siting.model.places import OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.model.arrays import FloatArray, IntArray
    from siting.model.places import Cells, Districts, Zones

MOVED = 0.8, 1.2
"""By how much radius and thresholds are moved to see what hangs on them."""


class DensityOptions(BaseModel):
    """How the density of older persons is measured at a cell."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Literal["circle", "district", "unit"] = Field(
        "circle", description="a moving circle about each cell, or the whole district or planning unit that it lies in"
    )
    radius_m: float = Field(
        500.0,
        gt=0,
        le=5_000,
        description="radius of the moving circle, metres; persons in cells whose centre lies within it ÷ its area",
    )


FEW_CELLS = 50


@dataclass(frozen=True, slots=True)
class Edge:
    """Where one density class ends and the next begins.

    Attributes
    ----------
    per_km2 : float
    upper : bool
        True where the edge itself belongs to the upper class (a clause says *from*), else to the lower.
    """

    per_km2: float
    upper: bool


def density_of(
    cells: Cells | Zones, persons: FloatArray, district: IntArray, districts: Districts, options: DensityOptions
) -> FloatArray:
    """Return persons per km² about every cell, as the options say: float64[cell, phase].

    By district or unit it is ``persons inside ÷ area``, the same for all cells inside; cells outside every district are
    measured by the circle all the same, for the map.
    """
    circle = moving_density(cells, persons, options.radius_m)
    if options.by == "circle":
        return circle
    group = districts.unit_index() if options.by == "unit" else np.arange(len(districts))
    area_km2 = np.bincount(group, shapely.area(np.array(districts.geometry, dtype=object))) / 1e6
    inside = district != OUTSIDE
    member = group[district[inside]]
    held = np.column_stack([np.bincount(member, column, minlength=len(area_km2)) for column in persons[inside].T])
    circle[inside] = (held / area_km2[:, None])[member]
    return circle


def classes(density: FloatArray, edges: Sequence[Edge], times: float = 1.0) -> IntArray:
    """Return the number of each cell's class, 0 the lowest; with every edge multiplied by `times`."""
    found = np.zeros(len(density), dtype=np.int64)
    for edge in edges:
        at = edge.per_km2 * times
        found += density >= at if edge.upper else density > at
    return found


def sensitivity(zones: Zones, edges: Sequence[Edge], options: DensityOptions) -> tuple[DensityShift, ...]:
    """Count who changes class, in the last phase, when the radius or the thresholds are a fifth less or more.

    Parameters
    ----------
    zones : Zones
    edges : Sequence[Edge]
    options : DensityOptions

    Returns
    -------
    tuple[DensityShift, ...]
        Inside the districts; none without edges, and none of the radius where density is not measured by circle.
    """
    if not edges:
        return ()
    persons, inside = zones.persons[:, :, -1].sum(axis=1), zones.district != OUTSIDE
    density = zones.density_per_km2[:, -1]
    today = classes(density, edges)
    moved = [("threshold", by, classes(density, edges, by)) for by in MOVED]
    if options.by == "circle":
        circles = _densities(zones, persons[:, None], [options.radius_m * by for by in MOVED])
        moved += [("radius", by, classes(other[:, 0], edges)) for by, other in zip(MOVED, circles, strict=True)]
    return tuple(
        DensityShift(
            what,
            by,
            float(persons[inside & (other > today)].sum()),
            float(persons[inside & (other < today)].sum()),
            float(persons[inside].sum()),
        )
        for what, by, other in moved
    )


def moving_density(cells: Cells | Zones, persons: FloatArray, radius_m: float) -> FloatArray:
    """Return persons per km² in a circle around every cell.

    ``density = Σ persons of cells whose centre lies within radius_m (inclusive) ÷ (π · radius_m²)``.
    Distances are between projected centres, so a lattice in degrees needs no approximation.

    Parameters
    ----------
    cells : Cells or Zones
        Each cell's place on the lattice and its projected centre.
    persons : float64[cell, phase]
    radius_m : float

    Returns
    -------
    float64[cell, phase]
    """
    return _densities(cells, persons, (radius_m,))[0]


def _densities(cells: Cells | Zones, persons: FloatArray, radii_m: Sequence[float]) -> list[FloatArray]:
    """Measure circles of several radii in one pass over the pairs of cells that the widest brings together."""
    within = [np.zeros(persons.shape) for _ in radii_m]
    if len(cells.row) == 0:
        return within
    row, column = cells.row - cells.row.min(), cells.column - cells.column.min()
    height, width = int(row.max()) + 1, int(column.max()) + 1
    index = np.full((height, width), -1, dtype=np.int64)
    index[row, column] = np.arange(len(row))
    stands_for = index[row, column]  # of the parts of a cut cell one stands for all
    everybody = np.column_stack([np.bincount(stands_for, part, minlength=len(row)) for part in persons.T])
    for down, right in _offsets(cells, max(radii_m)):
        other_row, other_column = row + down, column + right
        here = np.flatnonzero((other_row >= 0) & (other_row < height) & (other_column >= 0) & (other_column < width))
        other = index[other_row[here], other_column[here]]
        here, other = here[other >= 0], other[other >= 0]
        distance = np.hypot(cells.x_m[other] - cells.x_m[here], cells.y_m[other] - cells.y_m[here])
        for radius_m, held in zip(radii_m, within, strict=True):
            near = distance <= radius_m + INCLUSIVE_M
            held[here[near]] += everybody[other[near]]
    return [held / (np.pi * (radius_m / 1000) ** 2) for radius_m, held in zip(radii_m, within, strict=True)]


def _offsets(cells: Cells | Zones, radius_m: float) -> list[tuple[int, int]]:
    """List the steps on the lattice that may lead to a cell within the radius, with a margin for its distortion."""
    lattice = np.column_stack([cells.column, cells.row]).astype(np.float64)
    place = np.column_stack([cells.x_m, cells.y_m])
    # Both less their mean: a lattice with one row or column then has a step of exactly nought that way.
    fit, *_ = np.linalg.lstsq(lattice - lattice.mean(axis=0), place - place.mean(axis=0), rcond=None)
    right, down = fit
    limit = radius_m * 1.05 + 1.0 + _scatter(lattice, place, float(np.hypot(*right) + np.hypot(*down)))
    reach_right, reach_down = (
        min(int(np.ptp(number)), int(limit / max(float(np.hypot(*step)), 1e-3)) + 1)
        for number, step in ((cells.column, right), (cells.row, down))
    )
    return [
        (d, r)
        for d in range(-reach_down, reach_down + 1)
        for r in range(-reach_right, reach_right + 1)
        if np.hypot(*(d * down + r * right)) <= limit
    ]


def _scatter(lattice: FloatArray, place: FloatArray, cell_m: float) -> float:
    """Return how much nearer two places can be than their squares' centres: nought on a lattice, however it is bent.

    Rows of a table put on a lattice lie anywhere in their squares. A quadratic takes up the bending of a lattice in
    degrees; what it leaves is scatter. A few cells cannot tell one from the other, and cost nothing.
    """
    if len(lattice) < FEW_CELLS:
        return cell_m
    across, along = (lattice - lattice.mean(axis=0)).T / max(float(np.ptp(lattice, axis=0).max()), 1.0)
    terms = np.column_stack([np.ones(len(lattice)), across, along, across**2, along**2, across * along])
    left = place - terms @ np.linalg.lstsq(terms, place, rcond=None)[0]
    return min(cell_m, 2 * float(np.hypot(*left.T).max()))
