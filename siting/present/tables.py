"""The run's tables as one workbook: units in the headers, numbers as numbers, names as text and never as formulas."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from siting.present.plain import clean, number, shown_width
from siting.present.repack import moment_of, repack
from siting.present.sheet import YEAR
from siting.present.sheets import sheets_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from siting.model.text import Language
    from siting.present.results import Results
    from siting.present.sheet import Sheet

_HEAD = PatternFill("solid", fgColor="DCE5EE")
_TOTAL = PatternFill("solid", fgColor="F5F2E9")
_LINE = Border(*(Side(style="thin", color="B4BCC4"),) * 4)
_LEAST_WIDTH, _MOST_WIDTH, _WRAP_WIDTH = 7.0, 72.0, 40.0
"""Columns are as wide as what they hold; text that is wider than the second is wrapped at the third."""
_LINE_POINTS = 15.0
_MANY_COLUMNS, _A3, _A4 = 12, 8, 9
_LOOKED_AT = 400
"""Rows that a column's width is taken from."""
_HEAD_ROW = 3


def write_tables(results: Results, path: Path, language: Language) -> Path:
    """Write ``tables.xlsx``.

    Parameters
    ----------
    results : Results
    path : Path
        The file.
    language : "zh" or "en"

    Returns
    -------
    Path
        The file.
    """
    sheets, title, notice = sheets_of(results, language)
    write_book(sheets, path, (title, notice))
    repack(path, moment_of(results.run))
    return path


def write_book(sheets: Sequence[Sheet], path: Path, words: tuple[str, str]) -> None:
    """Write a workbook of some sheets.

    Parameters
    ----------
    sheets : sequence of Sheet
    path : Path
    words : (str, str)
        Title and notice, at the head of every sheet.
    """
    title, notice = words
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title, book.properties.creator = title, "siting"
    for sheet in sheets:
        _write(book.create_sheet(sheet.title), sheet, title, notice)
    book.save(str(path))


def _write(target: Any, sheet: Sheet, title: str, notice: str) -> None:  # noqa: ANN401 - a worksheet of openpyxl
    _text(target.cell(1, 1), f"{title}　{sheet.title}")
    target.cell(1, 1).font = Font(bold=True, size=13)
    _text(target.cell(2, 1), "　".join(part for part in (notice, sheet.remark) if part))
    target.cell(2, 1).font = Font(size=9, color="B3261E" if notice else "5B6570")
    for place, column in enumerate(sheet.columns, start=1):
        cell = target.cell(_HEAD_ROW, place)
        _text(cell, column.title)
        cell.font, cell.fill, cell.border = Font(bold=True), _HEAD, _LINE
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    target.row_dimensions[_HEAD_ROW].height = 32
    for order, values in enumerate(sheet.rows):
        total = sheet.total and order == len(sheet.rows) - 1
        for place, (column, value) in enumerate(zip(sheet.columns, values, strict=True), start=1):
            _fill(target.cell(_HEAD_ROW + 1 + order, place), value, column.form, total=total)
        widest = max(_shown(clean(value)) for value in values)
        if widest > _MOST_WIDTH:
            target.row_dimensions[_HEAD_ROW + 1 + order].height = _LINE_POINTS * math.ceil(widest / (_WRAP_WIDTH - 3))
    last = get_column_letter(len(sheet.columns))
    target.freeze_panes = target.cell(_HEAD_ROW + 1, sheet.frozen + 1)
    rows = _HEAD_ROW + len(sheet.rows) - (1 if sheet.total else 0)
    target.auto_filter.ref = f"A{_HEAD_ROW}:{last}{rows}"
    _widths(target, sheet)
    _print_setup(target, sheet)


def _fill(cell: Any, value: object, form: str, *, total: bool) -> None:  # noqa: ANN401 - a cell of openpyxl
    cell.border = _LINE
    if form == "text":
        _text(cell, value)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    else:
        figure = number(value)
        if not math.isnan(figure):
            cell.value = int(figure) if figure.is_integer() and abs(figure) < 1e15 else figure  # noqa: PLR2004 - exact
            cell.number_format = form
        cell.alignment = Alignment(vertical="center", horizontal="center" if form == YEAR else None)
    if total:
        cell.font, cell.fill = Font(bold=True), _TOTAL


def _text(cell: Any, value: object) -> None:  # noqa: ANN401 - a cell of openpyxl
    """Write text as text: a leading = + - @ makes no formula, now or when the cell is edited."""
    text = clean(value)
    if not text:
        return
    cell.value = text
    cell.data_type = "s"
    cell.quotePrefix = text[0] in "=+-@"


def _widths(target: Any, sheet: Sheet) -> None:  # noqa: ANN401 - a worksheet of openpyxl
    for place, column in enumerate(sheet.columns):
        head = _shown(column.title) / 2 + 4
        longest = max((_shown(_as_shown(values[place], column.form)) for values in sheet.rows[:_LOOKED_AT]), default=0)
        wanted = longest + 2 if longest + 2 <= _MOST_WIDTH else _WRAP_WIDTH
        target.column_dimensions[get_column_letter(place + 1)].width = max(head, wanted, _LEAST_WIDTH)


def _as_shown(value: object, form: str) -> str:
    figure = number(value)
    if form == "text":
        return clean(value)
    if math.isnan(figure):
        return ""
    decimals = len(form.partition(".")[2].rstrip("%")) if "." in form else 0
    return f"{figure:,.{decimals}f}"


def _shown(text: str) -> float:
    """Return how wide text is in characters; Chinese ones count double."""
    return shown_width(text) * 1.05


def _print_setup(target: Any, sheet: Sheet) -> None:  # noqa: ANN401 - a worksheet of openpyxl
    target.page_setup.orientation = "landscape"
    target.page_setup.paperSize = _A3 if len(sheet.columns) > _MANY_COLUMNS else _A4
    target.page_setup.fitToWidth, target.page_setup.fitToHeight = 1, 0
    target.sheet_properties.pageSetUpPr.fitToPage = True
    target.print_title_rows = f"{_HEAD_ROW}:{_HEAD_ROW}"
    target.oddFooter.center.text = f"{sheet.title.replace('&', '&&')} &P / &N"
