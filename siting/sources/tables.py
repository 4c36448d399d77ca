"""Tables of places (.csv, .xlsx, or a layer of points or parcels) as text cells that remember their line."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from siting.errors import DataError, Problem
from siting.sources import crs as systems
from siting.sources.layers import SUFFIXES, LayerSource, read_layer, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyproj
    from numpy.typing import NDArray
    from shapely import Geometry

    from siting.model.arrays import FloatArray
    from siting.sources.fields import PlacesTable
    from siting.sources.manifest import Intake

DATABASES = ("postgresql://", "postgis://")
"""How the address of a database begins, where another study names a file."""

AREAS = ("Polygon", "MultiPolygon")
WITH_AREAS = ("candidates", "population")
"""Tables whose rows may be areas: parcels of land, squares and districts of a census."""

DELIMITERS = ",;\t"
BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table as read.

    Attributes
    ----------
    file : str
        Path as the study wrote it.
    columns : tuple[str, ...]
    cells : tuple[tuple[str, ...], ...]
        Text of each row, as many as there are columns; empty where nothing stands.
    where : tuple[str, ...]
        The place of each row: ``facilities.csv:12``.
    xy : float64[row, 2] or None
        Points of a layer, in `crs`; None for tables with coordinate columns. Polygons have one inside.
    crs : pyproj.CRS
    outline : tuple[Polygon | MultiPolygon | None, ...]
        In `crs`: rows of a layer that are areas, None for points; empty for other tables.
    """

    file: str
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    where: tuple[str, ...]
    xy: FloatArray | None
    crs: pyproj.CRS
    outline: tuple[Geometry | None, ...] = ()

    def __len__(self) -> int:
        return len(self.cells)

    def column(self, name: str) -> list[str]:
        """Return a column's texts."""
        index = self.columns.index(name)
        return [row[index] for row in self.cells]

    def only(self, rows: Sequence[int]) -> Table:
        """Return a table of some of its rows."""
        cells, where = tuple(self.cells[row] for row in rows), tuple(self.where[row] for row in rows)
        xy = None if self.xy is None else self.xy[list(rows)]
        outline = tuple(self.outline[row] for row in rows) if self.outline else ()
        return replace(self, cells=cells, where=where, xy=xy, outline=outline)

    @property
    def head(self) -> str:
        """The place of the column names: ``facilities.csv:1`` for text tables, else the file."""
        return f"{self.file}:1" if self.file.lower().endswith((".csv", ".txt", ".tsv")) else self.file


def read_table(options: PlacesTable, key: str, intake: Intake) -> Table:
    """Read a table in the format that its suffix says.

    Raises
    ------
    DataError
        When the file is missing, not text in UTF-8 or GB18030, not a workbook, has no rows, repeats a column name, or
        has rows longer than its header.
    """
    if options.file.startswith(DATABASES):
        from siting.sources.postgis import read_postgis  # noqa: PLC0415 - its driver is an extra

        return read_postgis(options, key, intake)
    suffix = "." + options.file.lower().rsplit(".", 1)[-1]
    if suffix in SUFFIXES:
        return _points(options, key, intake)
    path = intake.find(options.file, f"{key}.file")
    crs = systems.parse(options.crs, f"{key}.crs")
    if suffix in {".xlsx", ".xlsm"}:
        with intake.listening(options.file):
            rows, where = _sheet(path, options)
    elif suffix in {".csv", ".txt", ".tsv"}:
        rows, where = _text_rows(path, options.file)
    else:
        what = f"{suffix} is not a table that can be read"
        raise DataError([Problem(options.file, what, f"save it as .csv, .xlsx or one of {', '.join(SUFFIXES)}")])
    table = _table(options.file, rows, where, crs)
    intake.record(key, options.file, systems.name_of(crs), options.licence)
    return table


def _table(file: str, rows: list[list[str]], where: list[str], crs: pyproj.CRS) -> Table:
    """Take the first row for the header, drop blank rows, and check that the others fit under it."""
    if not rows:
        raise DataError([Problem(file, "the table is empty", "write a header and a row for each place")])
    columns = rows[0]
    while columns and not columns[-1]:
        columns.pop()
    repeated = sorted({name for name in columns if name and columns.count(name) > 1})
    problems = [Problem(where[0], f"the column name {name!r} is repeated", "rename one") for name in repeated]
    cells, places = [], []
    for row, place in zip(rows[1:], where[1:], strict=True):
        if any(row[len(columns) :]):
            what = f"has {len(row)} cells under {len(columns)} column names"
            problems.append(Problem(place, what, "put cells that contain the separator in quotes"))
        elif any(row):
            cells.append(tuple(row[: len(columns)]) + ("",) * (len(columns) - len(row)))
            places.append(place)
    if not cells and not problems:
        problems.append(Problem(file, "the table has a header but no rows", "write a row for each place"))
    if problems:
        raise DataError(problems)
    return Table(file, tuple(columns), tuple(cells), tuple(places), None, crs)


def _text_rows(path: Path, file: str) -> tuple[list[list[str]], list[str]]:
    text = _decoded(path.read_bytes(), file)
    header = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    where: list[str] = []
    line = 1
    try:
        for row in reader:
            if row or rows:
                rows.append([cell.strip() for cell in row])
                where.append(f"{file}:{line}")
            line = reader.line_num + 1
    except csv.Error as error:
        what = f"the table breaks off in the row that begins here ({error})"
        raise DataError([Problem(f"{file}:{line}", what, "close the quotes")]) from error
    return rows, where


def _decoded(raw: bytes, file: str) -> str:
    """Decode UTF-8 (with or without a byte order mark), else GB18030, of which GBK and GB2312 are parts."""
    if raw.startswith(BYTE_ORDER_MARKS) or b"\0" in raw:
        what = "is not text in UTF-8 or GB18030 (it holds null bytes: UTF-16, or a workbook with the wrong suffix)"
        raise DataError([Problem(file, what, "save it as CSV in UTF-8")])
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
    what = f"line {line} is neither UTF-8 nor GB18030"
    raise DataError([Problem(f"{file}:{line}", what, "save the table as CSV in UTF-8")])


def _sheet(path: Path, options: PlacesTable) -> tuple[list[list[str]], list[str]]:
    try:
        with pd.ExcelFile(path, engine="openpyxl") as book:
            frame = book.parse(_chosen(book, options), header=None, dtype=object, na_filter=False)
    except DataError:
        raise
    except Exception as error:  # a broken file can fail anywhere in the libraries that parse it
        what = f"is not a workbook ({error})"
        raise DataError([Problem(options.file, what, "save it as .xlsx again")]) from error
    rows = [[text_of(value) for value in row] for row in frame.itertuples(index=False, name=None)]
    return rows, [f"{options.file} row {number + 1}" for number in range(len(rows))]


def _chosen(book: pd.ExcelFile, options: PlacesTable) -> str:
    names = [str(name) for name in book.sheet_names]
    if options.sheet is None or options.sheet in names:
        return options.sheet or names[0]
    what = f"has no sheet {options.sheet!r}"
    raise DataError([Problem(options.file, what, f"write `sheet:` with one of {', '.join(names)}")])


def _points(options: PlacesTable, key: str, intake: Intake) -> Table:
    """Read a layer of points; it carries its coordinate system unless the study declares another."""
    declared = options.crs if "crs" in options.model_fields_set else None
    layer = read_layer(LayerSource(key, options.file, options.layer, declared, options.licence), intake)
    kinds: Sequence[object] = layer.frame.geometry.geom_type.tolist()
    empty = layer.frame.geometry.is_empty.tolist()
    valid, wanted = shapes_of(key)
    problems = [
        Problem(layer.at(record), f"the place is {kind or 'without geometry'}, not {wanted}", f"give it {wanted}")
        for record, kind in enumerate(kinds)
        if kind not in valid or empty[record]
    ]
    if problems:
        raise DataError(problems)
    columns = [str(name) for name in layer.frame.columns if name != layer.frame.geometry.name]
    texts = [layer.texts(name) for name in columns]
    cells = tuple(zip(*texts, strict=True)) if texts else ((),) * len(layer.frame)
    where = tuple(layer.at(record) for record in range(len(layer.frame)))
    xy, outline = placed(layer.frame.geometry.to_numpy())
    return Table(options.file, tuple(columns), cells, where, xy, layer.crs, outline)


def shapes_of(key: str) -> tuple[tuple[str, ...], str]:
    """Return the kinds of geometry that a table's rows may have, and the words for them."""
    return (("Point", *AREAS), "a point or a polygon") if key in WITH_AREAS else (("Point",), "a point")


def placed(drawn: Sequence[Geometry] | NDArray[np.object_]) -> tuple[FloatArray, tuple[Geometry | None, ...]]:
    """Return a point of each shape, inside where it is an area, and the outlines: none at all where all are points."""
    shapes = shapely.force_2d(np.asarray(drawn, dtype=np.object_))
    outline = tuple(shape if shape.geom_type in AREAS else None for shape in shapes)
    inner = shapely.point_on_surface(shapes)  # of a point the point
    return np.asarray(shapely.get_coordinates(inner), dtype=np.float64), outline if any(outline) else ()
