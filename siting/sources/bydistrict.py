"""Tables by district: numbers of persons and shares of all persons by age group, and one number for each district."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siting.errors import DataError, Problem
from siting.model.census import EVERY, Controls, Shares
from siting.sources.desk import Desk
from siting.sources.fields import PlacesTable
from siting.sources.layers import SUFFIXES, column_problem
from siting.sources.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.model.arrays import FloatArray
    from siting.model.places import Districts
    from siting.sources.demand_options import ControlsTable, DistrictTable, GroupTable, GrowthTable, SharesTable
    from siting.sources.manifest import Intake

ALL = "*"
"""The id of a row that counts all districts together."""

MOST_GROWTH = 0.5
"""Half as many again every year is no growth of a population."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which numbers may stand in a column: what they are called, their bounds, and how to mend others."""

    what: str
    article: str
    least: float
    most: float
    mend: str


GROWTH = Rule("growth", "yearly growth", -MOST_GROWTH, MOST_GROWTH, "write a fraction, e.g. 0.03 for 3 % a year")
SHARE = Rule("share", "share", 0.0, 1.0, "write a share between 0 and 1")

_GROUP = re.compile(r"^(\d{1,3})(?:\+|\s*[-–—]\s*(\d{1,3}))$")


def _opened(options: DistrictTable, key: str, districts: Districts, intake: Intake) -> tuple[Desk, list[int]]:
    """Open a table and find each row's district; −1 for all of them, −2 where it is unknown."""
    if options.file.lower().endswith(SUFFIXES):
        what = "is a layer, but numbers by district are read from a table"
        raise DataError([Problem(options.file, what, "save it as .csv or .xlsx with the districts' ids")])
    table = PlacesTable(file=options.file, sheet=options.sheet, licence=options.licence)
    desk = Desk(read_table(table, key, intake), key)
    found: list[int] = []
    seen: dict[str, str] = {}
    known = {name: index for index, name in enumerate(districts.id)} | {ALL: EVERY}
    for text, where in zip(desk.column("id", options.id) or [], desk.table.where, strict=False):
        if text not in known:
            mend = f"write one of the districts' ids ({', '.join(districts.id[:5])} …), or {ALL} for all together"
            desk.problems.append(Problem(where, f"there is no district {text!r}", mend))
        elif seen.setdefault(text, where) != where:
            desk.problems.append(
                Problem(where, f"district {text!r} stands in {seen[text]} too", "keep one row of each")
            )
        found.append(known.get(text, -2))
    return desk, found


def _numbers(desk: Desk, key: str, column: str) -> FloatArray:
    if column not in desk.table.columns:
        desk.problems.append(column_problem(desk.table.head, f"{desk.key}.{key}", column, desk.table.columns))
        return np.full(len(desk.table), np.nan)
    return desk.numbers(column, desk.table.column(column))


def shares(options: SharesTable | dict[int, float], districts: Districts, intake: Intake) -> Shares:
    """Return the shares of all persons by age class, the same for all districts or by table."""
    if isinstance(options, dict):
        ages = tuple(sorted(options))
        return Shares(ages, np.tile([options[age] for age in ages], (len(districts), 1)))
    ages = tuple(sorted(options.columns))
    desk, rows = _opened(options, "demand.elderly_share", districts, intake)
    share = np.full((len(districts), len(ages)), np.nan)
    for index, age in enumerate(ages):
        values = _numbers(desk, f"columns.{age}", options.columns[age])
        for row, place in enumerate(rows):
            if values[row] > 1:
                what = f"{options.columns[age]} is {values[row]:g}, more than all persons"
                desk.problems.append(Problem(desk.table.where[row], what, "write a share between 0 and 1"))
            elif place >= 0:
                share[place, index] = values[row]
            elif place == EVERY:
                share[np.isnan(share[:, index]), index] = values[row]
    for place in np.flatnonzero(np.isnan(share).any(axis=1)).tolist() if not desk.problems else ():
        what = f"district {districts.id[place]!r} ({districts.name[place]}) has no share of every age class"
        desk.problems.append(Problem(desk.table.file, what, f"add its row, or a row {ALL} for all others"))
    if desk.problems:
        raise DataError(desk.told())
    return Shares(ages, share)


def by_district(
    options: GrowthTable | GroupTable, key: str, rule: Rule, districts: Districts, intake: Intake
) -> FloatArray:
    """Read one number for each district: float64[district].

    Parameters
    ----------
    options : GrowthTable or GroupTable
    key : str
        The table's key in the study.
    rule : Rule
        Which numbers may stand there.
    districts : Districts
    intake : Intake

    Raises
    ------
    DataError
        With every number that is wrong, and every district that has none.
    """
    desk, rows = _opened(options, key, districts, intake)
    found = np.full(len(districts), np.nan)
    others = np.nan
    for row, text in enumerate(desk.column("column", options.column) or ()):
        value = _number(desk, row, options.column, text, rule)
        if rows[row] >= 0:
            found[rows[row]] = value
        elif rows[row] == EVERY:
            others = value
    found[np.isnan(found)] = others
    for place in np.flatnonzero(np.isnan(found)).tolist() if not desk.problems else ():
        what = f"district {districts.id[place]!r} ({districts.name[place]}) has no {rule.what}"
        desk.problems.append(Problem(desk.table.file, what, f"add its row, or a row {ALL} for all others"))
    if desk.problems:
        raise DataError(desk.told())
    return found


def _number(desk: Desk, row: int, name: str, text: str, rule: Rule) -> float:
    """Read a number that a rule bounds; NaN where it is wrong."""
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not rule.least <= value <= rule.most:
        desk.problems.append(Problem(desk.table.where[row], f"{name} {text!r} is no {rule.article}", rule.mend))
    return value


def rates(options: GrowthTable | float, key: str, districts: Districts, intake: Intake) -> FloatArray:
    """Return yearly rates, the same for all districts or by table: float64[district]."""
    if isinstance(options, float):
        return np.full(len(districts), options)
    return by_district(options, key, GROWTH, districts, intake)


def controls(options: ControlsTable, districts: Districts, ages: Sequence[int], intake: Intake) -> Controls:
    """Return the numbers that cells are raked to; `ages` are lower bounds of the cells' classes."""
    desk, rows = _opened(options, "demand.controls", districts, intake)
    groups = options.columns or {name: name for name in desk.table.columns if _GROUP.match(name)}
    if not groups:
        what = f"no column is named as an age group ({', '.join(desk.table.columns)})"
        desk.problems.append(Problem(desk.table.head, what, "name columns 60+, 60-69, … or write `columns: {60+: …}`"))
    district, names, member, persons, where = [], [], [], [], []
    for group, column in groups.items():
        values = _numbers(desk, f"columns.{group}", column)
        classes = _classes(group, ages, desk)
        for row, place in enumerate(rows):
            if np.isfinite(values[row]):
                district.append(place)
                names.append(group)
                member.append(classes)
                persons.append(values[row])
                where.append(desk.table.where[row])
    if not persons and not desk.problems:
        desk.problems.append(Problem(desk.table.head, "the table holds no number", "write persons by district"))
    if desk.problems:
        raise DataError(desk.told())
    return Controls(np.array(district), tuple(names), np.array(member, dtype=np.bool_), np.array(persons), tuple(where))


def _classes(group: str, ages: Sequence[int], desk: Desk) -> list[bool]:
    """Return which age classes a group takes in; a class is never split by guessing."""
    match = _GROUP.match(group)
    first, last = (int(match[1]), int(match[2]) if match[2] else None) if match else (-1, None)
    if first not in ages or (last is not None and last + 1 not in ages):
        bounds = ", ".join(map(str, dict.fromkeys(ages)))
        what = f"age group {group!r} does not begin and end with the age classes (they begin at {bounds})"
        desk.problems.append(Problem(desk.table.head, what, "write groups such as 60+ or 60-69 that fit the classes"))
    return [age >= first and (last is None or age <= last) for age in ages]
