"""How amounts of different years are set against each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.model.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Money:
    """Discounting, and how long running costs count.

    An amount of year y is worth ``(1 + discount_rate)^−(y − base year)`` of itself. What is in force in a phase runs
    from the phase's year until the year before the next phase, and after the last phase until `until`.

    Attributes
    ----------
    discount_rate : float
        Per year, real: 0.05 for 5 %.
    base_year : int or None
        The year that others are discounted to; None: the first phase.
    until : int or None
        The last year whose running costs count; None: the last phase.
    """

    discount_rate: float = 0.0
    base_year: int | None = None
    until: int | None = None

    def on_capital(self, phases: Sequence[int]) -> FloatArray:
        """Return what a yuan spent in each phase is worth in the base year: float64[phase]."""
        return self._worth(np.array(phases, dtype=np.float64), phases)

    def on_running(self, phases: Sequence[int]) -> FloatArray:
        """Return what a yuan a year is worth that runs while each phase's facilities do: float64[phase]."""
        ends = [*phases[1:], max(phases[-1], self.until or phases[-1]) + 1]
        spans = zip(phases, ends, strict=True)
        return np.array([self._worth(np.arange(begin, end, dtype=np.float64), phases).sum() for begin, end in spans])

    def _worth(self, years: FloatArray, phases: Sequence[int]) -> FloatArray:
        base = phases[0] if self.base_year is None else self.base_year
        return np.asarray((1.0 + self.discount_rate) ** (base - years), dtype=np.float64)


UNDISCOUNTED = Money()
"""All years alike, and nothing runs beyond the last phase."""
