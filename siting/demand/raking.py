"""Raking: cells of every district and age class multiplied until they agree with the census."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siting.errors import DataError, Problem, SitingWarning
from siting.model.census import EVERY, EXTREME, Raking, RakingLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.model.arrays import BoolArray, FloatArray
    from siting.model.census import Controls

CLOSE = 1e-12
"""Relative; far below what is promised (1e-6), so that rounding decides nothing."""

ROUNDS, STEPS = 300, 60
SHOWN = 10


def rake(persons: FloatArray, controls: Controls, names: Sequence[str]) -> Raking:
    """Find factors by district and age class that make the cells' sums equal to the controls.

    Iterative proportional fitting (Deming and Stephan 1940): each control in turn multiplies the sums that it counts by
    ``control ÷ their total``, over and over, until none changes anything. Groups may overlap (60+ and 80+), and a
    control may count all districts together. Within a district and class every cell keeps its share.

    Parameters
    ----------
    persons : float64[district, age]
        Sums of the cells.
    controls : Controls
    names : Sequence[str]
        Of the districts.

    Raises
    ------
    DataError
        When a control counts persons where the cells have none, or controls contradict each other.
    """
    fitted = np.array(persons, dtype=np.float64)
    chosen = [_chosen(controls, index, len(names)) for index in range(len(controls))]
    before = [float(persons[cells].sum()) for cells in chosen]
    nobody = [
        Problem(
            controls.where[index],
            f"{_label(controls, index, names)}: the census counts {controls.persons[index]:,.0f}, the cells nobody",
            "check the district's id and the raster's extent, or leave the number out",
        )
        for index, total in enumerate(before)
        if total <= 0 < controls.persons[index]
    ]
    if nobody:
        raise DataError(nobody)
    if not _fit(fitted, chosen, controls.persons):
        _finish(fitted, chosen, controls.persons)
    after = [float(fitted[cells].sum()) for cells in chosen]
    _refuse_contradictions(controls, after, names)
    lines = tuple(
        RakingLine(district, group, was, goal, now)
        for district, group, was, goal, now in zip(
            controls.district.tolist(), controls.group, before, controls.persons.tolist(), after, strict=True
        )
    )
    factor = np.divide(fitted, persons, out=np.ones_like(fitted), where=persons > 0)
    return Raking(factor, lines, _warnings(lines, names))


def _fit(fitted: FloatArray, chosen: Sequence[BoolArray], goals: FloatArray) -> bool:
    """Fit in place, one control after the other; say whether all are met."""
    for _ in range(ROUNDS):
        worst = 0.0
        for cells, goal in zip(chosen, goals.tolist(), strict=True):
            total = float(fitted[cells].sum())
            if total > 0:
                fitted[cells] *= goal / total
                worst = max(worst, abs(goal - total) / max(goal, 1.0))
        if worst < CLOSE:
            return True
    return False


def _finish(fitted: FloatArray, chosen: Sequence[BoolArray], goals: FloatArray) -> None:
    """Finish in place by Newton's method what the proportional rounds only creep up to.

    They look for the multipliers ``x = sums · exp(Aᵀ λ)`` with ``A x = goals`` one at a time; this takes all of them
    together: ``(A diag(x) Aᵀ) δ = goals − A x``. Steps are kept short, so that no factor leaps.
    """
    counts = np.array([cells.ravel() for cells in chosen], dtype=np.float64)
    x = fitted.ravel()
    for _ in range(STEPS):
        off = goals - counts @ x
        if (np.abs(off) <= CLOSE * np.maximum(goals, 1.0)).all():
            break
        step = counts.T @ np.linalg.lstsq((counts * x) @ counts.T, off, rcond=None)[0]
        x = x * np.exp(step / max(1.0, float(np.abs(step).max())))
    fitted[:] = x.reshape(fitted.shape)


def _chosen(controls: Controls, index: int, districts: int) -> BoolArray:
    """Say which sums a control counts: bool[district, age]."""
    where = (
        np.arange(districts) == controls.district[index] if controls.district[index] != EVERY else np.ones(districts)
    )
    chosen: BoolArray = where[:, None].astype(np.bool_) & controls.member[index]
    return chosen


def _label(controls: Controls, index: int, names: Sequence[str]) -> str:
    district = controls.district[index]
    return f"{'all districts' if district == EVERY else names[district]} {controls.group[index]}"


def _refuse_contradictions(controls: Controls, after: Sequence[float], names: Sequence[str]) -> None:
    problems = [
        Problem(
            controls.where[index],
            f"{_label(controls, index, names)}: {goal:,.0f} cannot be met together with the other numbers "
            f"(what comes nearest is {now:,.0f})",
            "check that parts do not exceed their wholes and that districts add up to all",
        )
        for index, (goal, now) in enumerate(zip(controls.persons.tolist(), after, strict=True))
        if abs(now - goal) > 1e-6 * max(goal, 1.0)
    ]
    if problems:
        raise DataError(problems)


def _warnings(lines: Sequence[RakingLine], names: Sequence[str]) -> tuple[SitingWarning, ...]:
    factors = [line.factor for line in lines]
    low, high = min(factors), max(factors)
    told = [
        SitingWarning(
            "raking",
            f"人口格网已按 {len(lines)} 项普查数平差，系数 {low:.3f}–{high:.3f}。",
            f"Cells were raked to {len(lines)} census numbers; factors {low:.3f} to {high:.3f}.",
        )
    ]
    extreme = [line for line in lines if line.extreme]
    if extreme:
        extreme.sort(key=lambda line: -abs(np.log(max(line.factor, 1e-9))))
        zh = "、".join(f"{_name(line, names, '全部')} {line.group} × {line.factor:.2f}" for line in extreme[:SHOWN])
        en = ", ".join(f"{_name(line, names, 'all')} {line.group} × {line.factor:.2f}" for line in extreme[:SHOWN])
        told.append(
            SitingWarning(
                "raking",
                f"{len(extreme)} 项平差系数超出 {EXTREME[0]}–{EXTREME[1]}，格网与普查可能不是同一人群：{zh}。",
                f"{len(extreme)} raking factors lie outside {EXTREME[0]} to {EXTREME[1]}; cells and census may not "
                f"describe the same people: {en}.",
                (
                    "核对两者的年份、范围、年龄口径与区划代码",
                    "check year, extent, age groups and district ids of both",
                ),
            )
        )
    return tuple(told)


def _name(line: RakingLine, names: Sequence[str], every: str) -> str:
    return every if line.district == EVERY else names[line.district]
