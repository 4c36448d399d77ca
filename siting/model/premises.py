"""What published plans say of the premises that housing owes to eldercare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import datetime as dt

    from siting.model.arrays import FloatArray
    from siting.model.text import Text


@dataclass(frozen=True, slots=True)
class Handover:
    """How much floor a new housing project hands over.

    Attributes
    ----------
    clause : str
        Id of the clause, e.g. ``HN-13``.
    words : Text
        The clause in our words.
    share_of_floor : float
        Of the project's floor area.
    least_m2 : float
    """

    clause: str
    words: Text
    share_of_floor: float
    least_m2: float

    def floor_area_m2(self, project_m2: FloatArray) -> FloatArray:
        """Return the floor handed over by projects of so much floor, m²: float64[project]; NaN stays NaN."""
        return np.maximum(project_m2 * self.share_of_floor, self.least_m2)


@dataclass(frozen=True, slots=True)
class HandedOverFrom:
    """Since when residential areas hand premises over; earlier ones are retrofitted.

    Attributes
    ----------
    clause : str
    words : Text
    day : datetime.date
        Areas built on this day or later hand theirs over.
    """

    clause: str
    words: Text
    day: dt.date


@dataclass(frozen=True, slots=True)
class Premises:
    """What the plans of a study say of premises; None where they say nothing."""

    handover: Handover | None = None
    by_built: HandedOverFrom | None = None


NOT_SAID = Premises()
