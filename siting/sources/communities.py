"""Villages and urban communities by the seats of their committees, read as any other table of places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from siting.errors import DataError, Problem
from siting.model.places import NO_COMMUNITIES, OUTSIDE, Communities
from siting.sources.attributes import read_attributes
from siting.sources.desk import Desk
from siting.sources.drift import Placed
from siting.sources.positions import positions
from siting.sources.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siting.model.attributes import Value
    from siting.sources.declared_options import CommunitiesFile
    from siting.sources.manifest import Intake
    from siting.sources.positions import Surroundings


def read_communities(
    tables: Sequence[CommunitiesFile], around: Surroundings, intake: Intake, placed: list[Placed]
) -> Communities:
    """Read every table of communities; districts are assigned by a later stage.

    Parameters
    ----------
    tables : Sequence[CommunitiesFile]
    around, intake
        As for tables of sites.
    placed : list[Placed]
        Grows with every table whose coordinate system is open to doubt.

    Raises
    ------
    DataError
        With every problem of every table; at most 20 of each, and the number of the others.
    """
    parts: list[Communities] = []
    problems: list[Problem] = []
    taken: dict[str, str] = {}
    for options in tables:
        desk = Desk(read_table(options, "communities", intake), "communities")
        made = _communities(desk, options, around, intake, taken)
        if desk.problems:
            problems += desk.told()
            continue
        if not options.crs_checked:
            placed.append(Placed("communities", options.file, desk.table.crs, made.x_m, made.y_m))
        parts.append(made)
    if problems:
        raise DataError(problems)
    return _joined(parts)


def _communities(
    desk: Desk, options: CommunitiesFile, around: Surroundings, intake: Intake, taken: dict[str, str]
) -> Communities:
    """Read one table; what is wrong with it is noted at the desk."""
    count = len(desk.table)
    numbered = [f"K{len(taken) + number + 1:03d}" for number in range(count)]
    identity = desk.column("id", options.id) or numbered
    for value, where in zip(identity, desk.table.where, strict=True):
        if not value:
            desk.problems.append(Problem(where, "the id is empty", "give the row an id of its own"))
        elif value in taken:
            what = f"the id {value!r} stands in {taken[value]} too"
            desk.problems.append(Problem(where, what, "give each community its own id, over all tables"))
        else:
            taken[value] = where
    name = desk.column("name", options.name) or identity
    english = desk.column("name_en", options.name_en) or name
    facts = read_attributes(desk, options)
    x_m, y_m = positions(desk, options, around, intake)
    return Communities(
        id=tuple(identity) if not desk.problems else tuple(numbered),
        name=tuple(own or key for own, key in zip(name, identity, strict=True)),
        name_en=tuple(other or own for other, own in zip(english, name, strict=True)),
        kind=tuple(desk.column("kind", options.kind) or [""] * count),
        x_m=x_m,
        y_m=y_m,
        district=np.full(count, OUTSIDE),
        tags=tuple(_tags(facts, row) for row in range(count)),
    )


def _tags(facts: Mapping[str, tuple[Value, ...]], row: int) -> frozenset[str]:
    """Return what a row is known for: its own tags, and facts that are stated to be so."""
    own = facts["tags"][row] if "tags" in facts else ()
    stated = own if isinstance(own, tuple) else ()
    return frozenset(stated) | {name for name, told in facts.items() if told[row] is True}


def _joined(parts: Sequence[Communities]) -> Communities:
    """Put tables one after the other."""
    if not parts:
        return NO_COMMUNITIES
    columns: dict[str, Any] = {}
    for name in Communities.__slots__:
        values = [getattr(part, name) for part in parts]
        arrays = isinstance(values[0], np.ndarray)
        columns[name] = np.concatenate(values) if arrays else tuple(value for part in values for value in part)
    return Communities(**columns)
