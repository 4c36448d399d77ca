"""Tables of places in a PostgreSQL database, with or without PostGIS geometry, as the same text cells as files give."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import shapely

from siting.errors import DataError, Problem
from siting.model.text import Provenance
from siting.sources import crs as systems
from siting.sources.database import Database
from siting.sources.layers import text_of
from siting.sources.tables import Table, placed, shapes_of

if TYPE_CHECKING:
    from siting.sources.fields import PlacesTable
    from siting.sources.manifest import Intake

USUAL_ID = "id"

_COLUMNS = """
SELECT a.attname, t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass(:name) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_TABLES = """
SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""


def read_postgis(options: PlacesTable, key: str, intake: Intake) -> Table:
    """Read a table or view: `file` is the database's address, `layer` the table's name.

    Rows come in the order of their id (the column `id` unless the study names another), as a database has none of its
    own. A geometry column gives the places and their coordinate system, and outlines where a file may hold areas;
    otherwise `lon` and `lat` are columns, as in a file. The password is taken from ``PGPASSWORD``, so that no study
    holds one, and the address is recorded without it.

    Raises
    ------
    DataError
        When the driver is missing, the database does not answer or refuses, there is no such table, or its geometries
        are none that such a table may have.
    """
    database = Database.at(options.file)
    shown = f"{database.shown} {options.layer or ''}".strip()
    if not options.layer:
        what = "a database holds many tables"
        raise DataError([Problem(shown, what, f"write `{key}: {{layer: schema.table}}`")])
    connection = database.connected(shown)
    try:
        columns, rows, geometry = _rows(connection, options, key, shown)
    finally:
        connection.close()
    if not rows:
        raise DataError([Problem(shown, "the table has no rows", "write a row for each place")])
    where = tuple(f"{shown} row {number + 1}" for number in range(len(rows)))
    cells = tuple(tuple(text_of(value) for value in row[: len(columns)]) for row in rows)
    own = _own_system(rows, where, options, key, shown) if geometry else None
    declared = options.crs if own is None or "crs" in options.model_fields_set else own
    crs = systems.parse(declared, f"{key}.crs")
    drawn = [row[-2] for row in rows] if geometry else []
    xy, outline = placed(shapely.from_wkb(drawn)) if geometry else (None, ())
    content = json.dumps([columns, cells, [shape.hex() for shape in drawn]], ensure_ascii=False).encode()
    digest = hashlib.sha256(content).hexdigest()
    intake.provenance.append(Provenance(key, shown, digest, len(content), systems.name_of(crs), options.licence))
    return Table(shown, tuple(columns), cells, where, xy, crs, outline)


def _rows(connection: Any, options: PlacesTable, key: str, shown: str) -> tuple[list[str], list[list[Any]], str | None]:  # noqa: ANN401
    """Return the plain columns, the rows (with shape and SRID at their end where there is geometry), and the latter."""
    from pg8000.native import identifier  # noqa: PLC0415 - an extra

    name = ".".join(identifier(part) for part in str(options.layer).split("."))
    described = connection.run(_COLUMNS, name=name)
    if not described:
        tables = [row[0] for row in connection.run(_TABLES)]
        mend = f"write `{key}: {{layer: …}}` with one of {', '.join(tables[:20]) or '(there are none)'}"
        raise DataError([Problem(shown, f"there is no table {options.layer!r}", mend)])
    plain = [column for column, kind in described if kind not in {"geometry", "geography"}]
    geometry = next((column for column, kind in described if kind in {"geometry", "geography"}), None)
    chosen = [identifier(column) for column in plain]
    if geometry is not None:
        shape = f"{identifier(geometry)}::geometry"
        kinds = ", ".join(f"'{kind.upper()}'" for kind in shapes_of(key)[0])
        fits = f"GeometryType({shape}) IN ({kinds}) AND NOT ST_IsEmpty({shape})"
        chosen += [f"CASE WHEN {fits} THEN ST_AsBinary({shape}) END", f"ST_SRID({shape})"]
    order = getattr(options, "id", None) or USUAL_ID
    by = f" ORDER BY {identifier(order)}" if order in plain else " ORDER BY 1"
    rows = connection.run(f"SELECT {', '.join(chosen)} FROM {name}{by}")  # noqa: S608 - every name is quoted
    return plain, rows, geometry


def _own_system(
    rows: list[list[Any]], where: tuple[str, ...], options: PlacesTable, key: str, shown: str
) -> str | None:
    """Return the coordinate system of the geometries; refuse those that are of another kind."""
    _, wanted = shapes_of(key)
    problems = [
        Problem(place, f"the place is not {wanted}, or empty", f"give it {wanted}")
        for row, place in zip(rows, where, strict=True)
        if row[-2] is None
    ]
    systems_found = sorted({int(row[-1]) for row in rows if row[-1] is not None})
    if not problems and "crs" not in options.model_fields_set and systems_found != [systems_found[0] or -1]:
        what = f"carries no single coordinate system (SRID {', '.join(map(str, systems_found))})"
        problems.append(Problem(shown, what, f"write `{key}: {{crs: EPSG:<code>}}`"))
    if problems:
        raise DataError(problems)
    return f"EPSG:{systems_found[0]}" if systems_found[0] else None
