"""Checks the cells of one table, column by column; every problem is kept, none stops the reading."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from siting.errors import Problem
from siting.sources.layers import column_problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from siting.model.arrays import FloatArray
    from siting.sources.tables import Table

SHOWN_PER_FILE = 20


@dataclass(slots=True, eq=False)
class Desk:
    """One table under examination: what is wrong with it piles up in `problems`."""

    table: Table
    key: str
    problems: list[Problem] = field(default_factory=list)

    def column(self, key: str, named: str | None, usual: str | None = None) -> list[str] | None:
        """Return the column that the study names, or the usual one when it names none and there is one."""
        name = named or (usual if usual in self.table.columns else None)
        if name is None:
            return None
        if name in self.table.columns:
            return self.table.column(name)
        self.problems.append(column_problem(self.table.head, f"{self.key}.{key}", name, self.table.columns))
        return None

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

    def numbers(self, name: str, values: Sequence[str] | None, *, whole: bool = False) -> FloatArray:
        """Read a column of numbers that are not negative; NaN where empty or wrong."""
        read = np.full(len(self.table), np.nan)
        for index, text in enumerate(values or ()):
            where = self.table.where[index]
            try:
                number = float(text or "nan")
            except ValueError:
                self.problems.append(Problem(where, f"{name} {text!r} is not a number", "write digits only"))
                continue
            if text and not 0 <= number < float("inf"):
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
