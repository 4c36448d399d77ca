"""What a study's `demand` names: shares, census numbers, growth, cohorts, groups and needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from siting.errors import DataError, Problem
from siting.model.census import Census, Cohorts
from siting.model.groups import Group, Need
from siting.model.text import Text
from siting.sources.bydistrict import SHARE, by_district, controls, rates, shares
from siting.sources.demand_options import GroupTable, SurvivalTable
from siting.sources.desk import Desk
from siting.sources.fields import PlacesTable
from siting.sources.layers import column_problem
from siting.sources.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from siting.model.arrays import FloatArray
    from siting.model.places import Districts
    from siting.sources import demand_options as given
    from siting.sources.manifest import Intake

Result = TypeVar("Result")


def read_census_tables(
    options: given.DemandInputs,
    districts: Districts,
    classes: Sequence[tuple[int, str]],
    ages: Sequence[int],
    intake: Intake,
) -> Census:
    """Read what the study's `demand` names.

    Parameters
    ----------
    options : DemandInputs
    districts : Districts
    classes : Sequence[tuple[int, str]]
        Of the cells: lower bound of the age and sex, ascending.
    ages : Sequence[int]
        Lower bounds of the age classes that demand will have, ascending.
    intake : Intake

    Raises
    ------
    DataError
        With every problem of every table.
    """
    problems: list[Problem] = []

    def attempt(read: Callable[[], Result]) -> Result | None:
        try:
            return read()
        except DataError as error:
            problems.extend(error.problems)
            return None

    share, control, growth, cohort = options.elderly_share, options.controls, options.growth, options.cohorts
    census = Census(
        shares=attempt(lambda: None if share is None else shares(share, districts, intake)),
        controls=attempt(
            lambda: None if control is None else controls(control, districts, [a for a, _ in classes], intake)
        ),
        controls_year=None if control is None else control.year,
        totals=options.totals,
        growth=attempt(lambda: None if growth is None else rates(growth, "demand.growth", districts, intake)),
        cohorts=attempt(lambda: None if cohort is None else _cohorts(cohort, classes, districts, intake)),
        groups=attempt(lambda: _groups(options.groups, ages, districts, intake)) or (),
        needs=_needs(options.needs),
    )
    if problems:
        raise DataError(problems)
    return census


def _cohorts(
    options: given.Cohorts, classes: Sequence[tuple[int, str]], districts: Districts, intake: Intake
) -> Cohorts:
    key = "demand.cohorts.survival"
    if isinstance(options.survival, SurvivalTable):
        known, place = _survival(options.survival, intake), options.survival.file
    else:
        known, place = _written(options.survival), key
    missing = [
        Problem(
            place,
            f"no survival of the class that begins at {age}{f', {sex}' if sex else ''}",
            f"add its row: the classes begin at {', '.join(map(str, dict.fromkeys(age for age, _ in classes)))}",
        )
        for age, sex in classes
        if (age, sex) not in known
    ]
    if missing:
        raise DataError(missing)
    migration = rates(options.migration, "demand.cohorts.migration", districts, intake)
    survival = np.array([known[one] for one in classes])
    return Cohorts(survival, migration, options.from_age, options.source.text())


def _written(shares: Mapping[int, float | dict[str, float]]) -> dict[tuple[int, str], float]:
    """Return survival by age and sex as the study itself states it; one number for an age serves both sexes."""
    known: dict[tuple[int, str], float] = {}
    sexes = sorted({sex for share in shares.values() if isinstance(share, dict) for sex in share}) or [""]
    for age, share in shares.items():
        known |= {(age, sex): value for sex, value in share.items()} if isinstance(share, dict) else {}
        known |= {} if isinstance(share, dict) else dict.fromkeys([(age, sex) for sex in sexes], share)
    return known


def _survival(options: SurvivalTable, intake: Intake) -> dict[tuple[int, str], float]:
    """Read survival by age and, where the study names columns of sexes, by sex."""
    table = PlacesTable(file=options.file, sheet=options.sheet, licence=options.licence)
    desk = Desk(read_table(table, "demand.cohorts.survival", intake), "demand.cohorts.survival")
    ages = desk.numbers(options.age, desk.column("age", options.age), whole=True)
    known: dict[tuple[int, str], float] = {}
    for sex, name in (options.columns or {"": "survival"}).items():
        if name not in desk.table.columns:
            desk.problems.append(column_problem(desk.table.head, f"{desk.key}.columns", name, desk.table.columns))
            continue
        values = desk.numbers(name, desk.table.column(name))
        for age, value, where in zip(ages.tolist(), values.tolist(), desk.table.where, strict=True):
            if value > 1:
                what = f"{name} is {value:g}: more than all survive"
                desk.problems.append(Problem(where, what, "write the share that is alive five years on, 0 to 1"))
            elif np.isfinite(age) and np.isfinite(value):
                known[int(age), sex] = value
    if desk.problems:
        raise DataError(desk.told())
    return known


def _groups(
    options: Mapping[str, given.Group], ages: Sequence[int], districts: Districts, intake: Intake
) -> tuple[Group, ...]:
    groups: list[Group] = []
    problems: list[Problem] = []
    for name, group in options.items():
        first = ages[0] if group.age is None else group.age
        try:
            share = _share_of(group, f"demand.groups.{name}.share", (ages, first), districts, intake)
        except DataError as error:
            problems += error.problems
            continue
        source = Text("", "") if group.source is None else group.source.text()
        groups.append(Group(name, group.title.text(), first, share, group.weight, source))
    if problems:
        raise DataError(problems)
    return tuple(groups)


def _share_of(
    group: given.Group, key: str, ages: tuple[Sequence[int], int], districts: Districts, intake: Intake
) -> FloatArray:
    """Return the group's share of each age class: float64[district + 1, age]; outside, the mean of the districts."""
    classes, first = ages
    if isinstance(group.share, GroupTable):
        whole = by_district(group.share, key, SHARE, districts, intake)[:, None]
    elif isinstance(group.share, dict):
        whole = np.array([[_in_force(group.share, age) for age in classes]])
    else:
        whole = np.array([[group.share]])
    share = np.broadcast_to(whole, (len(districts), len(classes))) * (np.array(classes) >= first)
    return np.vstack([share, share.mean(axis=0)])


def _in_force(shares: Mapping[int, float], age: int) -> float:
    """Return the share of the nearest bound below an age; nought below the lowest."""
    below = [bound for bound in shares if bound <= age]
    return shares[max(below)] if below else 0.0


def _needs(options: Sequence[given.Needs]) -> tuple[Need, ...]:
    return tuple(
        Need(
            home=entry.home,
            community=entry.community,
            institution=entry.institution,
            of=entry.of or "",
            from_year=entry.from_year,
            beds_per_person=entry.beds_per_person,
            places_per_person=entry.places_per_person,
            source=entry.source.text(),
        )
        for entry in options
    )
