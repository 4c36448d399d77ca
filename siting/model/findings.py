"""What an audit finds, and the ledger that its persons add up in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from siting.model.problem import Reach
    from siting.model.rows import Clause, Sense, Subject
    from siting.model.text import Text

Status = Literal["met", "short", "grandfathered", "not_applicable", "not_yet_due", "no_data"]


class Standing(IntEnum):
    """Where a zone stands under a coverage clause.

    Where age groups walk at different speeds a zone is covered when everybody in it is; the ledger splits its persons.
    """

    NOT_CONCERNED = 0
    """Outside the clause's density class, or outside every district."""
    COVERED = 1
    UNCOVERED = 2
    OTHER_COMPONENT = 3
    NO_ROAD = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """One clause, measured on one subject in one phase.

    Attributes
    ----------
    clause : str
    subject : Subject
    phase : int
        Year.
    measured, required : float
        In `unit`; `measured` is NaN where not applicable.
    unit : str
    sense : ">=" or "<="
    status : Status
        ``not_yet_due``: the clause's deadline is later than the phase, and it is short so far. ``no_data``: the study
        does not give what the clause is measured on; `note` says what to write.
    persons : float
        Elderly persons whom the subject is about.
    persons_short : float
        For coverage: persons missing to the requirement; otherwise 0 when met and `persons` when short.
    note : Text or None
        What the study lacks; None but for ``no_data``.
    base : float
        What `measured` is a part of, in the unit that is counted: persons, beds, communities, facilities, …; 1 where
        the clause counts whole things.
    """

    clause: str
    subject: Subject
    phase: int
    measured: float
    required: float
    unit: str
    sense: Sense
    status: Status
    persons: float
    persons_short: float
    note: Text | None = None
    base: float = 1.0

    @property
    def margin(self) -> float:
        """By how much the requirement is passed (negative: missed), in `unit`; NaN where not applicable."""
        return (self.measured - self.required) * (1 if self.sense == ">=" else -1)

    @property
    def lack(self) -> float:
        """What is missing (or too much), counted: persons, beds, communities…; nought where nothing is."""
        short = -self.margin * self.base
        return short if short > _NOTHING * max(1.0, abs(self.required * self.base)) else 0.0


_NOTHING = 1e-9
"""Rounding of sums, relative to their size."""


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """Where every person stands under one coverage clause in one phase.

    ``covered + uncovered + other_component + no_road = demand``, and
    ``demand + not_concerned + outside_districts = raster_total``.

    Attributes
    ----------
    clause : str
    reaches : tuple[Reach, ...]
        One for each group of persons who walk alike.
    phase : int
        Year.
    covered : float
        Within reach of an open facility.
    uncovered : float
        On the network, but farther than the reach from every open facility.
    other_component : float
        On a piece of network that leads to no site.
    no_road : float
        Farther than the longest connector from any road.
    not_concerned : float
        Inside the districts, but not in the clause's density class.
    outside_districts : float
    raster_total : float
    reachable : float
        Part of `demand` that some option could cover.
    district : str
        Id of the district whose persons these are; empty for the whole area. A district's line has nobody outside.
    """

    clause: str
    reaches: tuple[Reach, ...]
    phase: int
    covered: float
    uncovered: float
    other_component: float
    no_road: float
    not_concerned: float
    outside_districts: float
    raster_total: float
    reachable: float
    district: str = ""

    @property
    def demand(self) -> float:
        """Persons whom the clause is about."""
        return self.covered + self.uncovered + self.other_component + self.no_road


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """What one state of the facilities is worth under every clause.

    Attributes
    ----------
    clauses : tuple[Clause, ...]
    findings : tuple[Finding, ...]
        The verdicts: one per clause, subject and phase. Sites that a clause does not concern are left out; where it
        concerns none, one finding on the whole area says so.
    by_district : tuple[Finding, ...]
        The same clauses measured district by district where that makes sense; for maps and guidance, no verdicts.
    ledger : tuple[LedgerLine, ...]
        One per coverage clause and phase.
    standing : Mapping[(clause id, phase index), uint8[zone]]
        `Standing` values under each coverage clause.
    ledger_by_district : tuple[LedgerLine, ...]
        The same persons district by district: their sums are the ledger's.
    """

    clauses: tuple[Clause, ...]
    findings: tuple[Finding, ...]
    by_district: tuple[Finding, ...]
    ledger: tuple[LedgerLine, ...]
    standing: Mapping[tuple[str, int], NDArray[np.uint8]]
    ledger_by_district: tuple[LedgerLine, ...] = ()

    def short(self) -> tuple[Finding, ...]:
        """Return the findings that miss their requirement though due."""
        return tuple(finding for finding in self.findings if finding.status == "short")
