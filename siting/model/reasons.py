"""Why a plan is as it is: what its sites are needed for, what its clauses cost, and what would do nearly as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.model.plan import Certificate
    from siting.model.problem import State
    from siting.model.rows import Subject


@dataclass(frozen=True, slots=True)
class SiteReason:
    """What one chosen site is for; last phase, everything else as planned.

    Attributes
    ----------
    site : str
    option : int
        What the plan makes of it.
    persons_lost : Mapping[str, float]
        By coverage clause, persons whom nothing else covers.
    beds_lost : int
        Beds that would not be there: less what stands today.
    needed_by : tuple of (clause, Subject)
        Clauses and places that would be short without it.
    without : "found", "impossible" or "unknown"
        Whether a plan without it was found; ``impossible``: proven that none exists; ``unknown``: time ran out.
    price : float or None
        What that plan costs more, yuan; none is known to be cheaper. It can be negative by as much as the plan's gap.
    instead : tuple[str, ...]
        Sites that change in its stead, the next best first.
    at_least : float or None
        What any plan without it costs more, proven, where no such plan was found; None where nothing was asked.
    """

    site: str
    option: int
    persons_lost: Mapping[str, float]
    beds_lost: int
    needed_by: tuple[tuple[str, Subject], ...]
    without: Literal["found", "impossible", "unknown"] = "unknown"
    price: float | None = None
    instead: tuple[str, ...] = ()
    at_least: float | None = None


@dataclass(frozen=True, slots=True)
class ClausePrice:
    """What one clause costs: how much cheaper the plan could be without it.

    With costs C and C' of the plans with and without it, and bounds B and B': the truth lies between ``B − C'`` (not
    below nought) and ``C − B'``.

    Attributes
    ----------
    clause : str
    saved : float
        ``C − C'``, yuan, of the plans that were found.
    at_least, at_most : float
    """

    clause: str
    saved: float
    at_least: float
    at_most: float


@dataclass(frozen=True, slots=True, eq=False)
class Alternative:
    """A plan that costs nearly the same and differs as much as could be found.

    Attributes
    ----------
    state : State
    cost : float
        Yuan, as the plan's.
    dropped, added : tuple[str, ...]
        Sites that something is done to in the plan and not in this one, and the reverse; last phase.
    certificate : Certificate
        Of how much it differs from the plan and the alternatives before it (``sites``, the more the better).
    """

    state: State
    cost: float
    dropped: tuple[str, ...]
    added: tuple[str, ...]
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The least cost at which so many persons are covered.

    Attributes
    ----------
    asked, persons : float
        Covered persons that were asked for, and that the plan has.
    share : float
        Of all persons concerned.
    certificate : Certificate
        Of the cost.
    """

    asked: float
    persons: float
    share: float
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class Curve:
    """Cost against coverage under one clause, all others holding; ascending."""

    clause: str
    concerned: float
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Reasons:
    """All that was asked about a plan.

    Attributes
    ----------
    sites : tuple[SiteReason, ...]
    clauses : tuple[ClausePrice, ...]
    alternatives : tuple[Alternative, ...]
    """

    sites: tuple[SiteReason, ...] = ()
    clauses: tuple[ClausePrice, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
