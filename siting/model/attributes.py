"""Facts of a site that some clauses ask for: each has a name, and is missing where nobody stated it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import datetime as dt


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """When something happened, as closely as it was stated: a day, a month or a year.

    ``2017`` lies neither before nor after 2017-09-19; compare `last` with what must not be passed, `first` with what
    must have come.

    Attributes
    ----------
    first, last : date
        Both included.
    """

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        """Refuse a period that ends before it begins."""
        if self.last < self.first:
            message = "a period ends before it begins"
            raise ValueError(message)


Value: TypeAlias = bool | float | str | Period | tuple[str, ...] | None
"""A fact by its type: yes or no, a number (whole ones and grades too), text, a period, a list; None where missing."""

CONTEXTS: tuple[str, ...] = ("new_residential", "old_built_up", "village_turned")
"""What surrounds a site, as plans tell areas apart: new housing, old or built-up areas, villages turned urban."""
