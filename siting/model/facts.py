"""Numbers that a study declares: what no map holds, such as a grant or the persons served by a platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Fact:
    """A declared number, one for all years or one for each of some.

    Attributes
    ----------
    always : float or None
        The number of every year; None where it goes by year.
    by_year : Mapping[int, float]
        Year → the number from then on, until the next year named.
    source : str
        Where it is taken from, as the study words it.
    """

    always: float | None
    by_year: Mapping[int, float]
    source: str

    def at(self, year: int) -> float | None:
        """Return the number of a year; None before the first year named."""
        if self.always is not None:
            return self.always
        known = [since for since in self.by_year if since <= year]
        return self.by_year[max(known)] if known else None
