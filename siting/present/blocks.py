"""The content of a report as a list of frozen blocks, before it is Word or HTML."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from siting.model.text import Language

Tone = Literal["", "good", "bad", "strong", "faint"]


class Cell(NamedTuple):
    """Text of a table cell, and how it is set off."""

    text: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Column:
    """Heading of a table column.

    Attributes
    ----------
    title : str
        With the unit in brackets where there is one.
    width : float
        Share of the table's width, relative to its other columns.
    align : "left", "right" or "centre"
    """

    title: str
    width: float = 1.0
    align: Literal["left", "right", "centre"] = "left"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is a chapter.

    Attributes
    ----------
    level : int
    text : str
    series : "chapter", "plain" or "appendix"
        How chapters count: 一、二、…, not at all, or 附录A, 附录B…
    mark : str
        The number as it is written before the text; `numbered` fills it.
    """

    level: int
    text: str
    series: Literal["chapter", "plain", "appendix"] = "chapter"
    mark: str = ""

    @property
    def full(self) -> str:
        """The heading with its number."""
        return self.mark + self.text


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text.

    Attributes
    ----------
    text : str
    lead : str
        Words set in bold before it.
    bullet : bool
        Member of a list.
    """

    text: str
    lead: str = ""
    bullet: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Text set off from the rest: what a reader must not miss (``warning``), or how to read what stands above."""

    text: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption; `total` sets the last row off."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: bool = False
    number: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure by its name (file ``figures/<name>.png``), with its caption."""

    name: str
    caption: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """From here on pages lie on their long side, or stand up again."""

    wide: bool


Block: TypeAlias = Heading | Paragraph | Note | Table | Picture | Turn


def row(*texts: str | Cell) -> tuple[Cell, ...]:
    """Make a table row from texts and cells."""
    return tuple(text if isinstance(text, Cell) else Cell(text) for text in texts)


def numbered(blocks: Iterable[Block], language: Language) -> tuple[Block, ...]:
    """Give headings, tables and pictures their numbers in order of appearance."""
    tables, pictures, marks = itertools.count(1), itertools.count(1), _Marks(language)
    result: list[Block] = []
    for block in blocks:
        if isinstance(block, Table):
            result.append(replace(block, number=next(tables)))
        elif isinstance(block, Picture):
            result.append(replace(block, number=next(pictures)))
        elif isinstance(block, Heading):
            result.append(replace(block, mark=marks.following(block)))
        else:
            result.append(block)
    return tuple(result)


class _Marks:
    """Counts headings: 一、（一）1. in Chinese, 1. 1.1 1.1.1 in English; appendices by letters."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.chapter = self.appendix = 0
        self.within = [0, 0]
        self.series = "plain"

    def following(self, heading: Heading) -> str:
        """Return the mark of the next heading."""
        if heading.level == 1:
            return self._first(heading)
        depth = heading.level - 2
        self.within[depth] += 1
        self.within[depth + 1 :] = [0] * (1 - depth)
        count = self.within[depth]
        if self.series == "plain":
            return ""
        if self.language == "zh":
            return f"（{chinese(count)}）" if depth == 0 else f"{count}. "
        top = str(self.chapter) if self.series == "chapter" else _letter(self.appendix)
        return ".".join([top, *(str(part) for part in self.within[: depth + 1])]) + " "

    def _first(self, heading: Heading) -> str:
        self.series = heading.series
        self.within = [0, 0]
        if heading.series == "plain":
            return ""
        if heading.series == "appendix":
            self.appendix += 1
            letter = _letter(self.appendix)
            return f"附录{letter}　" if self.language == "zh" else f"Appendix {letter}. "
        self.chapter += 1
        return f"{chinese(self.chapter)}、" if self.language == "zh" else f"{self.chapter}. "


def _letter(count: int) -> str:
    return chr(ord("A") + count - 1)


def chinese(count: int) -> str:
    """Write a number from 1 to 999 in Chinese numerals: 12 is 十二, 120 is 一百二十."""
    digits = "零一二三四五六七八九"
    hundreds, tens, ones = count // 100, count // 10 % 10, count % 10
    written = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        written += "十" if tens == 1 and not hundreds else f"{digits[tens]}十"
    elif hundreds and ones:
        written += "零"
    return written + (digits[ones] if ones else "")
