"""Age classes from shares, and phases from published totals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siting.errors import SitingWarning
from siting.model.places import OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siting.model.arrays import FloatArray, IntArray
    from siting.model.census import Shares
    from siting.model.places import Cells


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
            )
        )
    return scaled, tuple(told)
