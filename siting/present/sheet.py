"""What a sheet of the workbook is: columns with their units and formats, and rows of plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

TEXT, WHOLE, ONE, TWO, SHARE, YEAR, DEGREES = "text", "#,##0", "#,##0.0", "#,##0.00", "0.00%", "0", "0.000000"
"""Formats of columns; ``text`` is never a number."""


class Field(NamedTuple):
    """A column: its heading with the unit, and the format of its cells."""

    title: str
    form: str = TEXT


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: `frozen` columns stay in view; `total` sets the last row off and keeps it out of the filter."""

    title: str
    columns: tuple[Field, ...]
    rows: Sequence[Sequence[Any]]
    remark: str = ""
    frozen: int = 1
    total: bool = False
