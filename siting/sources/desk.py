"""Checks the cells of one table, column by column; every problem is kept, none stops the reading."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from siting.errors import Problem
from siting.sources.columns import columns
from siting.sources.layers import column_problem
from siting.sources.words import UnknownWordError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.model.arrays import FloatArray
    from siting.sources.options import ListedTable
    from siting.sources.tables import Table
    from siting.sources.words import Vocabulary

SHOWN_PER_FILE = 20
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")


@dataclass(slots=True, eq=False)
class Desk:
    """One table under examination: what is wrong with it piles up in `problems`."""

    table: Table
    key: str
    problems: list[Problem] = field(default_factory=list)

    def column(self, key: str, named: str | None) -> list[str] | None:
        """Return the column that the study names; when it names none, the one that means `key`, if there is one."""
        name = self.find(key) if named is None else self.named(key, named)
        return None if name is None else self.table.column(name)

    def named(self, key: str, name: str) -> str | None:
        """Return the name of a column; None, and a problem, where the table has none of that name."""
        if name in self.table.columns:
            return name
        self.problems.append(column_problem(self.table.head, f"{self.key}.{key}", name, self.table.columns))
        return None

    def candidates(self, key: str) -> list[str]:
        """Return every column that means `key` by `configs/columns.yaml`."""
        return columns().matching(key, self.table.columns)

    def find(self, key: str) -> str | None:
        """Return the name of the one column that means `key` by `configs/columns.yaml`; several are a problem."""
        found = self.candidates(key)
        if len(found) > 1:
            what = f"{len(found)} columns may be {key!r}: {', '.join(found)}"
            own = f"{self.key}.{'attributes.' if key in columns().attributes else ''}{key}"
            self.problems.append(Problem(self.table.head, what, f"write `{own}: {found[0]}`, or another of them"))
        return found[0] if len(found) == 1 else None

    def choice(self, key: str, options: ListedTable, vocabulary: Vocabulary) -> tuple[str | None, list[str]]:
        """Return the column of a key, and what its words mean: `LEFT_OUT` for rows that the study leaves out.

        The column is the one that the study names, or the one that means `key` when it names none. When there is none,
        what the study says (or says by default) is one word for every row.
        """
        said: str = getattr(options, key)
        column = said if said in self.table.columns else None
        if column is None and key not in options.model_fields_set:
            column = self.find(key)
        if column is None:
            return None, [self._constant(key, said, vocabulary)] * len(self.table)
        return column, self.meanings(key, column, vocabulary)

    def meanings(self, key: str, column: str, vocabulary: Vocabulary, empty: str | None = None) -> list[str]:
        """Return what each cell of a column means; an empty one means `empty`, or is a problem."""
        return [
            empty if empty is not None and not word else self._meaning((key, column), word, where, vocabulary)
            for word, where in zip(self.table.column(column), self.table.where, strict=True)
        ]

    def _meaning(self, named: tuple[str, str], word: str, where: str, vocabulary: Vocabulary) -> str:
        """Return what a cell means; the cell itself, and a problem, when it means nothing."""
        key, column = named
        if not word:
            mend = f"write one of {', '.join(vocabulary.valid)}"
            self.problems.append(Problem(where, f"{key} (column {column!r}) is empty", mend))
            return word
        try:
            return vocabulary.value(word)
        except UnknownWordError as error:
            self.problems.append(Problem(where, f"{key} {word!r} (column {column!r}) {error.what}", error.mend))
            return word

    def _constant(self, key: str, said: str, vocabulary: Vocabulary) -> str:
        try:
            return vocabulary.value(said)
        except UnknownWordError as error:
            what = f"`{key}: {said}` is neither a column ({', '.join(self.table.columns)}) nor a word: it {error.what}"
            mend = f"write `{self.key}.{key}:` with a column or one of {', '.join(vocabulary.valid)}"
            self.problems.append(Problem(self.table.head, what, mend))
            return said

    def only(self, rows: Sequence[int]) -> Desk:
        """Return a desk for some of the rows; problems pile up together."""
        return Desk(self.table.only(rows), self.key, self.problems)

    def numbers(
        self, name: str, values: Sequence[str] | None, *, whole: bool = False, unit: str | None = None
    ) -> FloatArray:
        """Read a column of numbers that are not negative; NaN where empty or wrong.

        Full-width digits, groups of thousands and a `unit` of `configs/columns.yaml` after the number are understood;
        ``约100`` and ``100-120`` name no number and are problems.
        """
        read = np.full(len(self.table), np.nan)
        for index, text in enumerate(values or ()):
            where = self.table.where[index]
            number = number_in(text, unit)
            if number is None:
                self.problems.append(Problem(where, f"{name} {text!r} is not a number", "write digits only"))
            elif text and not 0 <= number < float("inf"):
                self.problems.append(Problem(where, f"{name} is {text}", "write a number that is 0 or more"))
            elif text and whole and not number.is_integer():
                self.problems.append(Problem(where, f"{name} is {text}, a fraction", "write a whole number"))
            else:
                read[index] = number
        return read

    def told(self) -> list[Problem]:
        """Return the problems, at most `SHOWN_PER_FILE` of them and one that counts the others."""
        more = len(self.problems) - SHOWN_PER_FILE
        if more <= 0:
            return self.problems
        rest = Problem(
            self.table.file, f"and {more} more problems in this table", "mend those listed, then check again"
        )
        return [*self.problems[:SHOWN_PER_FILE], rest]


def number_in(text: str, unit: str | None = None) -> float | None:
    """Return the number that a cell holds, NaN for an empty one, None for one that holds something else."""
    bare = unicodedata.normalize("NFKC", text).strip().casefold()
    for word in sorted(columns().units[unit], key=len, reverse=True) if unit else ():
        bare = bare.removesuffix(word).strip()
    if _THOUSANDS.fullmatch(bare):
        bare = bare.replace(",", "")
    try:
        return None if "_" in bare else float(bare or "nan")
    except ValueError:
        return None
