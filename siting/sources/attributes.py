"""The optional facts that a table states of its places, typed by `configs/columns.yaml` or by the study."""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from typing import TYPE_CHECKING

from siting.errors import Problem
from siting.model.attributes import CONTEXTS, Period, Value
from siting.sources.columns import columns, plain
from siting.sources.desk import number_in
from siting.sources.options import AttributeColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from siting.sources.declared_options import CommunitiesFile
    from siting.sources.desk import Desk
    from siting.sources.options import ListedTable

_DAY = re.compile(r"(\d{4})[年./-](\d{1,2})[月./-](\d{1,2})日?|(\d{4})[年/-](\d{1,2})月?|(\d{4})年?")
"""No ``2017.1``: in a workbook that may have been October."""
_MIDNIGHT = re.compile(r"[\sT]00:00(:00)?$")
_WAN = re.compile(r"万元?\)?$")
TEN_THOUSAND = 10_000
_BETWEEN = re.compile(r"[、,;/|]+")


class _UnreadableError(ValueError):
    """A cell that does not hold what its column should; the text says what to write."""


def read_attributes(desk: Desk, options: ListedTable | CommunitiesFile) -> dict[str, tuple[Value, ...]]:
    """Return every fact that the table states, by name, with a value for each row; None where its cell is empty.

    A cell that cannot be read is a problem of the desk: what a clause counts is never guessed.
    """
    read: dict[str, tuple[Value, ...]] = {}
    for name, column, kind in _stated(desk, options):
        values: list[Value] = []
        for text, where in zip(desk.table.column(column), desk.table.where, strict=True):
            try:
                values.append((_money(text, column) if kind == "money" else READERS[kind](text)) if text else None)
            except _UnreadableError as error:
                mend = f"write {error}, leave the cell empty, or `{desk.key}: {{attributes: {{{name}: null}}}}`"
                desk.problems.append(Problem(where, f"{name} {text!r} (column {column!r}) cannot be read", mend))
                values.append(None)
        read[name] = tuple(values)
    return read


def _stated(desk: Desk, options: ListedTable | CommunitiesFile) -> Iterator[tuple[str, str, str]]:
    """List name, column and type of every fact that the table states."""
    known, named = columns().attributes, options.attributes
    for name, said in named.items():
        column = said.column if isinstance(said, AttributeColumn) else said
        if not isinstance(said, AttributeColumn) and name not in known:
            what = f"{name!r} is no fact of configs/columns.yaml ({', '.join(known)})"
            mend = f"write `{desk.key}.attributes.{name}: {{column: …, type: {'|'.join(READERS)}}}`"
            desk.problems.append(Problem(desk.table.head, what, mend))
        elif column is not None and desk.column(f"attributes.{name}", column) is not None:
            yield name, column, said.type if isinstance(said, AttributeColumn) else known[name].type
    for name, attribute in known.items():
        column = None if name in named or attribute.of not in {"", desk.key} else desk.find(name)
        if column is not None:
            yield name, column, attribute.type


def _word(key: str, mend: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        value = columns().words[key].get(plain(text))
        if value is None:
            raise _UnreadableError(mend)
        return value

    return read


_SAID = _word("yes_no", "是 or 否 (yes or no)")
_CONTEXT = _word("context", f"one of {', '.join(CONTEXTS)}")
_GRADE = _word("grade", "a grade from 1 to 5 (一级 … 五级)")


def _number(text: str) -> float:
    number = number_in(text, "area")
    if number is None or not 0 <= number < float("inf"):
        mend = "a number that is 0 or more"
        raise _UnreadableError(mend)
    return number


def _money(text: str, column: str = "") -> float:
    """Return yuan; 万 behind the number, or else in the header, makes ten thousands of it."""
    number = number_in(text, "money")
    if number is None or not 0 <= number < float("inf"):
        mend = "yuan, a number that is 0 or more, or 万元 with their unit"
        raise _UnreadableError(mend)
    unit = plain(text) if _WAN.search(plain(text)) else plain(column)
    return number * (TEN_THOUSAND if _WAN.search(unit) else 1)


def _whole(text: str) -> float:
    numbers = [number_in(text, unit) for unit in ("persons", "beds")]
    number = next((one for one in numbers if one is not None), None)
    if number is None or not 0 <= number < float("inf") or not number.is_integer():
        mend = "a whole number that is 0 or more"
        raise _UnreadableError(mend)
    return number


def _share(text: str) -> float:
    bare = plain(text)
    number = number_in(bare.removesuffix("%"))
    share = None if number is None else number / 100 if bare.endswith("%") else number
    if share is None or not 0 <= share <= 1:
        mend = "a share from 0 to 1, or per cent with %"
        raise _UnreadableError(mend)
    return share


def _period(text: str) -> Period:
    found = _DAY.fullmatch(plain(_MIDNIGHT.sub("", text)))
    if found is None:
        mend = "a day, a month or a year: 2017-09-19, 2017-09 or 2017"
        raise _UnreadableError(mend)
    year, month, day = (int(part or 0) for part in (found[1] or found[4] or found[6], found[2] or found[5], found[3]))
    months = (month, month) if month else (1, 12)
    try:
        days = (day, day) if day else (1, monthrange(year, months[1])[1])
        first, last = (dt.date(year, *one) for one in zip(months, days, strict=True))
    except ValueError as error:
        mend = "a day that the calendar has"
        raise _UnreadableError(mend) from error
    return Period(first, last)


def _list(text: str) -> tuple[str, ...]:
    """Split a list; words for a service that plans ask for become its name, others stay."""
    said = columns().words["services"]
    words = [word.strip() for word in _BETWEEN.split(text.replace("，", ",").replace("；", ";")) if word.strip()]
    return tuple(dict.fromkeys(said.get(plain(word), word) for word in words))


READERS: dict[str, Callable[[str], Value]] = {
    "yes_no": lambda text: _SAID(text) == "yes",
    "whole": _whole,
    "number": _number,
    "share": _share,
    "money": _money,
    "grade": lambda text: float(_GRADE(text)),
    "context": _CONTEXT,
    "period": _period,
    "text": str,
    "list": _list,
}
"""By type: from a cell that is not empty to its value."""
