"""Cohort ageing: classes of five years grow five years older at a time, by the survival that the study gives.

The cohort-component method (e.g. Preston, Heuveline and Guillot 2001, ch. 6) without births: those who enter the
youngest class of demand are the survivors of younger classes, which the study's data must hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siting.errors import DataError, Problem, SitingWarning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.model.arrays import FloatArray, IntArray
    from siting.model.census import Cohorts
    from siting.model.places import Placed

STEP = 5
"""Years of a class, and of a step."""


def aged(persons: FloatArray, survival: FloatArray, sexes: int) -> FloatArray:
    """Let five years pass.

    ``next[class above] = persons[class] · survival[class]``; the last class is open: survivors of the class below join
    its own. The first class is left empty, since nothing is known of who enters it.

    Parameters
    ----------
    persons : float64[cell, class]
        Classes ascend by age, and within an age by sex.
    survival : float64[class]
    sexes : int
        Classes of each age: 1 with the sexes together.

    Returns
    -------
    float64[cell, class]
    """
    alive = persons * survival
    later = np.zeros_like(alive)
    later[:, sexes:] = alive[:, :-sexes]
    later[:, -sexes:] += alive[:, -sexes:]
    return later


def aged_beyond(
    persons: FloatArray, placed: Placed, phases: Sequence[int], cohorts: Cohorts
) -> tuple[FloatArray, tuple[SitingWarning, ...]]:
    """Replace the phases beyond the years of the data by aged cohorts of their last year.

    Each step of five years also moves persons in or out: ``· (1 + migration)^5`` by district; outside every district
    as all districts together. Between two steps every class is interpolated linearly, since deaths and birthdays
    spread over the years between.

    Parameters
    ----------
    persons : float64[cell, class, phase]
        The nearest year's counts where a phase lies beyond the data.
    placed : Placed
    phases : Sequence[int]
    cohorts : Cohorts

    Raises
    ------
    DataError
        When the year of the data is not known, or a phase lies so far on that people younger than any class would have
        entered demand.
    """
    cells, last = placed.cells, placed.cells.years[-1]
    beyond = [phase for phase in phases if phase > last]
    if not beyond:
        return persons, ()
    steps = -(-(max(beyond) - last) // STEP)
    _refuse_unknown_entrants(cells.years, cells.ages[0], steps, cohorts)
    moving = _moving(cells.persons[:, :, -1].sum(axis=1), placed.district, cohorts.migration)
    states = [cells.persons[:, :, -1]]
    sexes = cells.ages.count(cells.ages[0])
    for _ in range(steps):
        states.append(aged(states[-1], cohorts.survival, sexes) * moving[:, None])
    result = persons.copy()
    for number, phase in enumerate(phases):
        if phase > last:
            before, part = divmod(phase - last, STEP)
            after = min(before + 1, steps)
            result[:, :, number] = states[before] + (states[after] - states[before]) * (part / STEP)
    return result, (_told(last, beyond, cohorts),)


def _moving(held: FloatArray, district: IntArray, migration: FloatArray) -> FloatArray:
    """Return by how much migration multiplies the persons of each cell in five years: float64[cell]."""
    inside = district >= 0
    weight = np.bincount(district[inside], held[inside], minlength=len(migration))
    times = (1 + migration) ** STEP
    usual = float(weight @ times / weight.sum()) if weight.sum() > 0 else float(times.mean())
    return np.append(times, usual)[district]


def _refuse_unknown_entrants(years: Sequence[int], youngest: int, steps: int, cohorts: Cohorts) -> None:
    where = "demand.cohorts"
    if tuple(years) == (0,):
        mend = "write `population: {year: …}`"
        raise DataError([Problem(where, "ageing needs the year that the population data are of", mend)])
    needed = cohorts.from_age - STEP * steps
    if youngest > needed:
        what = (
            f"{steps} steps of five years beyond {years[-1]} bring people into the class of {cohorts.from_age} who are "
            f"{needed} in {years[-1]}, but the youngest class of the population begins at {youngest}"
        )
        mend = f"add population.ages from {needed} on, or end the phases by {years[-1] + cohorts.from_age - youngest}"
        raise DataError([Problem(where, what, mend)])


def _told(last: int, beyond: Sequence[int], cohorts: Cohorts) -> SitingWarning:
    zh, en = "、".join(map(str, beyond)), ", ".join(map(str, beyond))
    return SitingWarning(
        "population",
        f"人口数据止于{last}年，{zh}年按五岁组队列推算（存活率：{cohorts.source.zh}）；五年之间按线性内插。",
        f"Population data end in {last}; {en} follows from ageing five-year cohorts (survival: {cohorts.source.en}), "
        "linear between steps of five years.",
    )
