"""What was compared, and what differs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from siting.model.text import Text

RELATIVE, ABSOLUTE = 1e-6, 1e-6
"""Tables are written with six decimals or more; a larger difference is one of substance."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that is not what it should be.

    Attributes
    ----------
    where : str
        File, row and column.
    written, found : str
        What the run folder says, and what was recounted.
    """

    where: str
    written: str
    found: str


@dataclass(slots=True)
class Tally:
    """The comparisons of one subject.

    Attributes
    ----------
    name : Text
        The subject.
    compared : int
        How many figures were compared.
    differences : list[Difference]
    aside : list[str]
        What could not be compared.
    """

    name: Text
    compared: int = 0
    differences: list[Difference] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)

    def same(self, where: str, written: float, found: float, within: float = ABSOLUTE) -> None:
        """Compare two figures; both may be NaN."""
        self.compared += 1
        if math.isnan(written) and math.isnan(found):
            return
        if not math.isclose(written, found, rel_tol=RELATIVE, abs_tol=within):
            self.differences.append(Difference(where, _written(written), _written(found)))

    def equal(self, where: str, written: object, found: object) -> None:
        """Compare two texts."""
        self.compared += 1
        if written != found:
            self.differences.append(Difference(where, str(written), str(found)))


def _written(value: float) -> str:
    return f"{value:,.10g}"
