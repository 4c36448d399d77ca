"""Population cells to demand points: districts, phases, density.

Cells stay cells: nothing is resampled, and what lies outside every district is kept under its own name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siting.demand.cohorts import aged_beyond
from siting.demand.density import density_of
from siting.demand.raking import rake
from siting.demand.years import grown, share_out, to_totals
from siting.errors import SitingWarning
from siting.model.census import NO_CENSUS, Census
from siting.model.groups import need_in
from siting.model.places import Zones

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.demand.density import DensityOptions
    from siting.model.arrays import FloatArray
    from siting.model.census import Raking
    from siting.model.places import Cells, Districts, Placed


def estimate(
    placed: Placed,
    districts: Districts,
    phases: Sequence[int],
    options: DensityOptions,
    census: Census = NO_CENSUS,
) -> tuple[Zones, tuple[SitingWarning, ...]]:
    """Turn population cells into demand points for every phase.

    Between two years of data each class of each cell is interpolated linearly; before the first and after the last
    year the nearest year's counts stand, or grow by district (`grown`), and a warning says so. Published totals then
    decide how many there are in all (`to_totals`), and the cells how they spread.

    Parameters
    ----------
    placed : Placed
    districts : Districts
    phases : Sequence[int]
        Years, ascending.
    options : DensityOptions
    census : Census
        For growth, cohorts, totals, groups and needs; what else it holds is `reconcile`'s.

    Returns
    -------
    Zones, tuple[SitingWarning, ...]
    """
    cells, district = placed.cells, placed.district
    persons = _by_phase(cells, phases)
    told = _beyond_data(cells.years, phases)
    if census.growth is not None:
        persons, told = grown(persons, district, (cells.years, phases), census.growth)
    elif census.cohorts is not None:
        persons, aged = aged_beyond(persons, placed, phases, census.cohorts)
        told = (*_beyond_data(cells.years, [phase for phase in phases if phase <= cells.years[-1]]), *aged)
    ages, persons = _demanded(cells.ages, persons, census)
    if census.totals:
        persons, told = to_totals(persons, district, phases, census.totals)
    needs = [need for year in phases if (need := need_in(census.needs, year)) is not None]
    zones = Zones(
        grid=cells.grid,
        row=cells.row,
        column=cells.column,
        x_m=cells.x_m,
        y_m=cells.y_m,
        ages=ages,
        phases=tuple(phases),
        persons=persons,
        district=district,
        density_per_km2=density_of(cells, persons.sum(axis=1), district, districts, options),
        groups=census.groups,
        needs=tuple(needs),
    )
    return zones, told


def _demanded(classes: Sequence[int], persons: FloatArray, census: Census) -> tuple[tuple[int, ...], FloatArray]:
    """Add the sexes up, and leave out those too young to be demand: their ages and persons[cell, age, phase]."""
    ages = tuple(dict.fromkeys(classes))
    if len(ages) < len(classes):
        firsts = [classes.index(age) for age in ages]
        persons = np.add.reduceat(persons, firsts, axis=1)
    youngest = ages[0] if census.cohorts is None else census.cohorts.from_age
    return ages[ages.index(youngest) :], persons[:, ages.index(youngest) :]


def reconcile(placed: Placed, districts: Districts, census: Census) -> tuple[Placed, Raking | None]:
    """Split cells of all persons into age classes, and rake them to the census, as far as the study has either.

    Cells outside every district are never raked: no census number counts them.

    Parameters
    ----------
    placed : Placed
    districts : Districts
    census : Census

    Returns
    -------
    Placed
        With the same places.
    Raking or None
        None without controls.

    Raises
    ------
    DataError
        See `rake`.
    """
    cells, district, inside = placed.cells, placed.district, placed.inside
    if census.shares is not None:
        cells = share_out(cells, district, census.shares)
    if census.controls is None:
        return replace(placed, cells=cells), None
    year = cells.years[0] if census.controls_year is None else census.controls_year
    counts = _by_phase(cells, (year,))[inside, :, 0]
    sums = np.column_stack([np.bincount(district[inside], column, minlength=len(districts)) for column in counts.T])
    raking = rake(sums.astype(np.float64), census.controls, districts.name)
    factor = np.where(inside[:, None], raking.factor[district], 1.0)
    return replace(placed, cells=replace(cells, persons=cells.persons * factor[:, :, None])), raking


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
                ("写 `population: {year: …}`", "write `population: {year: …}`"),
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
            (
                "给出 `demand.totals`、`demand.growth` 或 `demand.cohorts`",
                "give `demand.totals`, `demand.growth` or `demand.cohorts`",
            ),
        ),
    )
