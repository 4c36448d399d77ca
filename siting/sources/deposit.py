"""Writes the tables of a run into a PostGIS schema of their own: all of them in one transaction, or none."""

from __future__ import annotations

import csv
import io
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import MultiPolygon

from siting.errors import DataError, Problem
from siting.sources.database import Database, said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

RUN = "run"
"""The table that says whose tables a schema holds."""
NULL = "\\N"
_TYPES = {"i": "bigint", "u": "bigint", "f": "double precision", "b": "boolean"}
_FOUND = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND c.relkind IN ('r', 'v', 'm', 'f', 'p') ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Deposit:
    """Where a run goes.

    Attributes
    ----------
    database : Database
    schema : str
        Made when there is none.
    replace : bool
        Whether an earlier run in the schema gives way; tables of others never do.
    """

    database: Database
    schema: str
    replace: bool = False

    @property
    def shown(self) -> str:
        """Name it for messages."""
        return f"{self.database.shown} schema {self.schema}"

    def check(self, names: tuple[str, ...]) -> None:
        """Say beforehand, as far as can be known, whether tables of these names can be written.

        Raises
        ------
        DataError
            As `write`.
        """
        with closing(self.database.connected(self.shown)) as connection:
            self._free(connection, names)

    def write(self, tables: Mapping[str, pd.DataFrame], about: Mapping[str, str]) -> None:
        """Write the tables, geometry with its SRID, and one row that says whose they are.

        Parameters
        ----------
        tables : Mapping[str, DataFrame or GeoDataFrame]
            By name; columns keep theirs. NaN and None become NULL.
        about : Mapping[str, str]
            The row of the table `run`.

        Raises
        ------
        DataError
            When the database does not answer or refuses, has no PostGIS, or the schema holds an earlier run (unless
            that gives way) or tables of others. Nothing is written then.
        """
        from pg8000.native import DatabaseError, InterfaceError  # noqa: PLC0415 - an extra

        whole = {**tables, RUN: pd.DataFrame([about])}
        with closing(self.database.connected(self.shown)) as connection:
            try:
                connection.run("BEGIN")
                connection.run("SELECT pg_advisory_xact_lock(hashtext(:schema))", schema=self.schema)
                self._make_room(connection, tuple(whole))
                for name, table in whole.items():
                    self._write_one(connection, name, table)
                connection.run("COMMIT")
            except (DatabaseError, InterfaceError) as error:
                mend = "check rights and space of the database, and views that others have on the tables"
                raise DataError([Problem(self.shown, f"nothing was written ({said(error)})", mend)]) from error

    def _free(self, connection: Any, names: tuple[str, ...]) -> list[str]:  # noqa: ANN401 - the driver ships no types
        """Return the tables of an earlier run that give way."""
        from pg8000.native import identifier  # noqa: PLC0415 - an extra

        if not connection.run("SELECT 1 FROM pg_extension WHERE extname = 'postgis'"):
            mend = "let its owner run CREATE EXTENSION postgis"
            raise DataError([Problem(self.shown, "the database has no PostGIS", mend)])
        found = [row[0] for row in connection.run(_FOUND, schema=self.schema)]
        clash = sorted({*names, RUN} & set(found))
        if clash and RUN not in found:
            what = f"holds tables that no run wrote ({', '.join(clash)})"
            raise DataError([Problem(self.shown, what, "name another --schema")])
        if clash and not self.replace:
            told = connection.run(f"SELECT study, ended FROM {identifier(self.schema)}.{RUN}")  # noqa: S608 - quoted
            what = f"holds the run of {' '.join(map(str, told[0])) if told else 'another study'}"
            raise DataError([Problem(self.shown, what, "name another --schema, or write --replace")])
        return clash

    def _make_room(self, connection: Any, names: tuple[str, ...]) -> None:  # noqa: ANN401
        from pg8000.native import identifier  # noqa: PLC0415 - an extra

        gone = self._free(connection, names)
        connection.run(f"CREATE SCHEMA IF NOT EXISTS {identifier(self.schema)}")
        for name in gone:
            connection.run(f"DROP TABLE {identifier(self.schema)}.{identifier(name)}")

    def _write_one(self, connection: Any, name: str, table: pd.DataFrame) -> None:  # noqa: ANN401
        from pg8000.native import identifier  # noqa: PLC0415 - an extra

        whole = f"{identifier(self.schema)}.{identifier(name)}"
        columns = ", ".join(f"{identifier(column)} {kind}" for column, kind in _columns(table))
        connection.run(f"CREATE TABLE {whole} ({columns})")
        copy = f"COPY {whole} FROM STDIN WITH (FORMAT csv, NULL '{NULL}')"
        connection.run(copy, stream=io.BytesIO(_text(table).encode()))


def _columns(table: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """List the columns of a table with their types in the database."""
    for column in table.columns:
        if isinstance(table, gpd.GeoDataFrame) and column == table.geometry.name:
            yield str(column), f"geometry({_geometry(table)[0]}, {table.crs.to_epsg()})"
        else:
            yield str(column), _TYPES.get(table[column].dtype.kind, "text")


def _geometry(table: gpd.GeoDataFrame) -> tuple[str, Any]:
    """Return the one type that all shapes have, and the shapes: polygons become multipolygons."""
    shapes = table.geometry.to_numpy()
    kinds = {kind for kind in table.geometry.geom_type if kind is not None}
    if kinds and kinds <= {"Polygon", "MultiPolygon"}:
        many = [shape if shape is None or shape.geom_type != "Polygon" else MultiPolygon([shape]) for shape in shapes]
        return "MultiPolygon", many
    return (kinds.pop() if len(kinds) == 1 else "Geometry"), shapes


def _text(table: pd.DataFrame) -> str:
    """Write the rows as COPY reads them: geometry in hexadecimal WKB with its SRID, nothing where nothing is known."""
    plain = pd.DataFrame(table).copy()
    if isinstance(table, gpd.GeoDataFrame):
        placed = shapely.set_srid(np.array(_geometry(table)[1], dtype=object), table.crs.to_epsg())
        plain[table.geometry.name] = shapely.to_wkb(placed, hex=True, include_srid=True)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in plain.itertuples(index=False, name=None):
        writer.writerow([NULL if pd.isna(value) else value for value in row])
    return out.getvalue()
