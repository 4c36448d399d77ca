"""Population cells to demand points: districts, phases, density.

Cells stay cells: nothing is resampled, and what lies outside every district is kept under its own name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pydantic import BaseModel, ConfigDict, Field

from siting.demand.raking import rake
from siting.demand.years import share_out, to_totals
from siting.errors import SitingWarning
from siting.model.access import INCLUSIVE_M
from siting.model.places import OUTSIDE, Zones

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siting.model.arrays import FloatArray, IntArray
    from siting.model.census import Census, Raking
    from siting.model.places import Cells, Districts


class DensityOptions(BaseModel):
    """How the density of older persons is measured at a cell."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    radius_m: float = Field(
        500.0,
        gt=0,
        le=5_000,
        description="radius of the moving circle, metres; persons in cells whose centre lies within it ÷ its area",
    )


def estimate(
    cells: Cells,
    districts: Districts,
    phases: Sequence[int],
    options: DensityOptions,
    totals: Mapping[int, float] | None = None,
) -> tuple[Zones, tuple[SitingWarning, ...]]:
    """Turn population cells into demand points for every phase.

    Between two years of data each class of each cell is interpolated linearly; before the first and after the last
    year the nearest year's counts stand, and a warning says so. Published totals then decide how many there are in all
    (`to_totals`), and the cells how they spread.

    Parameters
    ----------
    cells : Cells
    districts : Districts
    phases : Sequence[int]
        Years, ascending.
    options : DensityOptions
    totals : Mapping[int, float], optional
        Published persons of all classes and districts by year.

    Returns
    -------
    Zones, tuple[SitingWarning, ...]
    """
    persons, district = _by_phase(cells, phases), locate(cells.x_m, cells.y_m, districts)
    told = _beyond_data(cells.years, phases)
    if totals:
        persons, told = to_totals(persons, district, phases, totals)
    zones = Zones(
        grid=cells.grid,
        row=cells.row,
        column=cells.column,
        x_m=cells.x_m,
        y_m=cells.y_m,
        ages=cells.ages,
        phases=tuple(phases),
        persons=persons,
        district=district,
        density_per_km2=moving_density(cells, persons.sum(axis=1), options.radius_m),
    )
    return zones, told


def reconcile(cells: Cells, districts: Districts, census: Census) -> tuple[Cells, Raking | None]:
    """Split cells of all persons into age classes, and rake them to the census, as far as the study has either.

    Cells outside every district are never raked: no census number counts them.

    Parameters
    ----------
    cells : Cells
    districts : Districts
    census : Census

    Returns
    -------
    Cells
        With the same places.
    Raking or None
        None without controls.

    Raises
    ------
    DataError
        See `rake`.
    """
    district = locate(cells.x_m, cells.y_m, districts)
    if census.shares is not None:
        cells = share_out(cells, district, census.shares)
    if census.controls is None:
        return cells, None
    year = cells.years[0] if census.controls_year is None else census.controls_year
    inside = district != OUTSIDE
    counts = _by_phase(cells, (year,))[inside, :, 0]
    sums = np.column_stack([np.bincount(district[inside], column, minlength=len(districts)) for column in counts.T])
    raking = rake(sums.astype(np.float64), census.controls, districts.name)
    factor = np.where(inside[:, None], raking.factor[district], 1.0)
    return replace(cells, persons=cells.persons * factor[:, :, None]), raking


def _by_phase(cells: Cells, phases: Sequence[int]) -> FloatArray:
    """Interpolate counts to the phases' years: float64[cell, age, phase]."""
    years = np.array(cells.years, dtype=np.float64)
    weights = np.zeros((len(years), len(phases)))
    for index, year in enumerate(phases):
        for source in range(len(years)):
            weights[source, index] = np.interp(year, years, np.eye(len(years))[source])
    result: FloatArray = cells.persons @ weights
    return result


def _beyond_data(years: Sequence[int], phases: Sequence[int]) -> tuple[SitingWarning, ...]:
    """Name the phases that no population data bracket."""
    if tuple(years) == (0,):
        return (
            SitingWarning(
                "population",
                "未注明人口数据年份,各期直接采用同一人口。",
                "The year of the population data is not stated; every phase uses the same counts.",
            ),
        )
    beyond = [year for year in phases if not years[0] <= year <= years[-1]]
    if not beyond:
        return ()
    named = ", ".join(str(year) for year in beyond)
    span = str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
    return (
        SitingWarning(
            "population",
            f"人口数据年份为{span},{named}年直接采用最近年份的人口,未作预测。",
            f"Population data are of {span}; {named} uses the nearest year's counts, without a forecast.",
        ),
    )


def locate(x_m: FloatArray, y_m: FloatArray, districts: Districts) -> IntArray:
    """Return the district that holds each point, or `OUTSIDE`; on a common border the first one listed.

    Parameters
    ----------
    x_m, y_m : float64[point]
    districts : Districts

    Returns
    -------
    int64[point]
    """
    found = np.full(len(x_m), OUTSIDE, dtype=np.int64)
    for index, geometry in enumerate(districts.geometry):
        west, south, east, north = geometry.bounds
        near = np.flatnonzero((found == OUTSIDE) & (x_m >= west) & (x_m <= east) & (y_m >= south) & (y_m <= north))
        shapely.prepare(geometry)
        found[near[shapely.intersects_xy(geometry, x_m[near], y_m[near])]] = index
    return found


def moving_density(cells: Cells, persons: FloatArray, radius_m: float) -> FloatArray:
    """Return persons per km² in a circle around every cell.

    ``density = Σ persons of cells whose centre lies within radius_m (inclusive) ÷ (π · radius_m²)``.
    Distances are between projected centres, so a lattice in degrees needs no approximation.

    Parameters
    ----------
    cells : Cells
        Each cell's place on the lattice and its projected centre.
    persons : float64[cell, phase]
    radius_m : float

    Returns
    -------
    float64[cell, phase]
    """
    if len(cells.row) == 0:
        return np.zeros(persons.shape)
    row, column = cells.row - cells.row.min(), cells.column - cells.column.min()
    height, width = int(row.max()) + 1, int(column.max()) + 1
    index = np.full((height, width), -1, dtype=np.int64)
    index[row, column] = np.arange(len(row))
    within = np.zeros(persons.shape)
    for down, right in _offsets(cells, radius_m):
        other_row, other_column = row + down, column + right
        here = np.flatnonzero((other_row >= 0) & (other_row < height) & (other_column >= 0) & (other_column < width))
        other = index[other_row[here], other_column[here]]
        here, other = here[other >= 0], other[other >= 0]
        distance = np.hypot(cells.x_m[other] - cells.x_m[here], cells.y_m[other] - cells.y_m[here])
        near = distance <= radius_m + INCLUSIVE_M
        within[here[near]] += persons[other[near]]
    result: FloatArray = within / (np.pi * (radius_m / 1000) ** 2)
    return result


def _offsets(cells: Cells, radius_m: float) -> list[tuple[int, int]]:
    """List the steps on the lattice that may lead to a cell within the radius, with a margin for its distortion."""
    lattice = np.column_stack([cells.column, cells.row]).astype(np.float64)
    place = np.column_stack([cells.x_m, cells.y_m])
    # Both less their mean: a lattice with one row or column then has a step of exactly nought that way.
    fit, *_ = np.linalg.lstsq(lattice - lattice.mean(axis=0), place - place.mean(axis=0), rcond=None)
    right, down = fit
    # Places that are no lattice's own centres (rows of a table put on one) are off it by as much as they are.
    off = place - place.mean(axis=0) - (lattice - lattice.mean(axis=0)) @ fit
    limit = radius_m * 1.05 + 1.0 + 2 * float(np.hypot(*off.T).max())
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
