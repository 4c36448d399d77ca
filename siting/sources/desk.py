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

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from siting.model.arrays import FloatArray
    from siting.sources.tables import Table

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

    def find(self, key: str) -> str | None:
        """Return the name of the one column that means `key` by `configs/columns.yaml`; several are a problem."""
        found = columns().matching(key, self.table.columns)
        if len(found) > 1:
            what = f"{len(found)} columns may be {key!r}: {', '.join(found)}"
            own = f"{self.key}.{'attributes.' if key in columns().attributes else ''}{key}"
            self.problems.append(Problem(self.table.head, what, f"write `{own}: {found[0]}`, or another of them"))
        return found[0] if len(found) == 1 else None

    def choice(self, key: str, said: str, valid: Iterable[str]) -> list[str]:
        """Return a column of that name, every cell one of `valid`; else the constant for every row."""
        known = tuple(valid)
        if said in self.table.columns:
            values = self.table.column(said)
            for value, where in zip(values, self.table.where, strict=True):
                if value not in known:
                    what = (
                        f"{key} {value!r} (column {said!r}) is unknown"
                        if value
                        else f"{key} (column {said!r}) is empty"
                    )
                    self.problems.append(Problem(where, what, f"write one of {', '.join(known)}"))
            return values
        if said not in known:
            what = (
                f"`{key}: {said}` is neither a column ({', '.join(self.table.columns)}) nor one of {', '.join(known)}"
            )
            mend = f"write `{self.key}.{key}:` with a column or one of these"
            self.problems.append(Problem(self.table.head, what, mend))
        return [said] * len(self.table)

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
