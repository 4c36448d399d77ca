"""Age classes from shares, and phases from published totals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siting.errors import DataError, Problem, SitingWarning
from siting.model.places import OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siting.model.arrays import FloatArray, IntArray
    from siting.model.census import Shares
    from siting.model.places import Cells


def multiplied(cells: Cells, district: IntArray, factor: FloatArray) -> Cells:
    """Multiply the persons of every district, to see what follows if there were more or fewer.

    Parameters
    ----------
    cells : Cells
    district : int64[cell]
        Cells outside all districts are multiplied as all districts together are.
    factor : float64[district]
    """
    inside = district != OUTSIDE
    held = np.bincount(district[inside], cells.persons[inside].sum(axis=(1, 2)), minlength=len(factor))
    usual = held @ factor / held.sum() if held.sum() > 0 else factor.mean()
    times = np.where(inside, factor[district], usual)
    return replace(cells, persons=cells.persons * times[:, None, None])


def share_out(cells: Cells, district: IntArray, shares: Shares) -> Cells:
    """Split cells of all persons into age classes by their district's shares.

    Parameters
    ----------
    cells : Cells
        With one class.
    district : int64[cell]
        Cells outside all districts get the shares of all districts together.
    shares : Shares

    Returns
    -------
    Cells
        Persons of the classes only: what the shares leave of the total is younger.
    """
    everyone = cells.persons.sum(axis=1)
    inside = district != OUTSIDE
    weight = np.bincount(district[inside], everyone[inside, 0], minlength=len(shares.share))
    usual = weight @ shares.share / weight.sum() if weight.sum() > 0 else shares.share.mean(axis=0)
    share = np.where(inside[:, None], shares.share[district], usual)
    return replace(cells, ages=shares.ages, persons=everyone[:, None, :] * share[:, :, None])


def grown(
    persons: FloatArray, district: IntArray, years: tuple[Sequence[int], Sequence[int]], growth: FloatArray
) -> tuple[FloatArray, tuple[SitingWarning, ...]]:
    """Let the nearest year's counts grow where a phase lies beyond the data: ``persons · (1 + growth)^years``.

    Parameters
    ----------
    persons : float64[cell, age, phase]
        The nearest year's counts where a phase lies beyond the data.
    district : int64[cell]
        Cells outside all districts grow as all districts together do.
    years : (Sequence[int], Sequence[int])
        Of the data and of the phases, ascending; before the first year of data the growth is undone.
    growth : float64[district]
        A year, as a fraction.

    Returns
    -------
    float64[cell, age, phase], tuple[SitingWarning, ...]

    Raises
    ------
    DataError
        When the year of the data is not known.
    """
    data, phases = years
    if tuple(data) == (0,):
        mend = "write `population: {year: …}`"
        raise DataError([Problem("demand.growth", "growth needs the year that the population data are of", mend)])
    beyond = np.array([phase - min(max(phase, data[0]), data[-1]) for phase in phases], dtype=np.float64)
    inside = district != OUTSIDE
    held = np.bincount(district[inside], persons[inside, :, 0].sum(axis=1), minlength=len(growth))
    by_district = (1 + growth)[:, None] ** beyond
    usual = held @ by_district / held.sum() if held.sum() > 0 else by_district.mean(axis=0)
    factor = np.where(inside[:, None], by_district[district], usual)
    moved = [f"{phase}: × {times:.3f}" for phase, times, off in zip(phases, usual, beyond, strict=True) if off]
    told = SitingWarning(
        "population",
        f"人口数据年份之外按各区年增长率推算：{'、'.join(moved)}。",
        f"Beyond the years of the data districts grow at their yearly rates; all together {', '.join(moved)}.",
    )
    return persons * factor[:, None, :], (told,) if moved else ()


def to_totals(
    persons: FloatArray, district: IntArray, phases: Sequence[int], totals: Mapping[int, float]
) -> tuple[FloatArray, tuple[SitingWarning, ...]]:
    """Scale every phase so that all districts together hold the published total.

    Between two published years the total is interpolated linearly; before the first and after the last it stands still,
    and a warning says so. Cells outside the districts are scaled alike, so that shares of the raster's total keep their
    meaning.

    Parameters
    ----------
    persons : float64[cell, age, phase]
    district : int64[cell]
    phases : Sequence[int]
    totals : Mapping[int, float]
        Persons of all classes by year.

    Returns
    -------
    float64[cell, age, phase], tuple[SitingWarning, ...]
    """
    years = sorted(totals)
    goal = np.interp(phases, years, [totals[year] for year in years])
    held = persons[district != OUTSIDE].sum(axis=(0, 1))
    factor = np.divide(goal, held, out=np.ones_like(goal), where=held > 0)
    scaled: FloatArray = persons * factor
    span = f"{years[0]}–{years[-1]}"
    shown = "、".join(
        f"{year}: {value:,.0f}（× {by:.3f}）" for year, value, by in zip(phases, goal, factor, strict=True)
    )
    shown_en = ", ".join(
        f"{year}: {value:,.0f} (× {by:.3f})" for year, value, by in zip(phases, goal, factor, strict=True)
    )
    told = [
        SitingWarning(
            "population", f"各期人口按公布总数缩放：{shown}。", f"Phases are scaled to published totals: {shown_en}."
        )
    ]
    beyond = [str(year) for year in phases if not years[0] <= year <= years[-1]]
    if beyond:
        listed = ", ".join(beyond)
        told.append(
            SitingWarning(
                "population",
                f"公布总数仅覆盖 {span}，{listed} 年采用最近年份。",
                f"Published totals are of {span}; {listed} uses the nearest year's.",
                ("补充该年总数:`demand.totals`", "add the total of that year to `demand.totals`"),
            )
        )
    return scaled, tuple(told)
