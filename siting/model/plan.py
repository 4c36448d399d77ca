"""A plan, its certificate, what clashes when there is none, and the whole study."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from siting.model.ground import NOTHING_KEPT_OFF, Screening

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely import Geometry

    from siting.errors import SitingWarning
    from siting.model.census import DensityShift, Raking
    from siting.model.drawn import Drawn
    from siting.model.findings import Audit
    from siting.model.problem import Problem, State
    from siting.model.raw import Raw
    from siting.model.reasons import Curve, Reasons
    from siting.model.rows import Subject
    from siting.model.serving import Serving
    from siting.model.text import Text

SolveStatus = Literal["optimal", "gap", "infeasible", "stopped", "drawn"]


AND = " + "
"""Between the ways in which the bounds of several parts were had (`Certificate.how`)."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is proven about a result.

    Attributes
    ----------
    status : SolveStatus
        ``optimal``: the gap is within the solver's tolerance (1e-6); ``gap``: a plan and a bound with a stated gap;
        ``infeasible``: proven that no plan exists; ``stopped``: no plan was found in time, nothing is proven;
        ``drawn``: the plan was given and not searched for, nothing is proven.
    objective : float or None
        What the plan that is handed over (after rounding) comes to, in `unit`.
    bound : float or None
        No plan can do better; None where nothing is proven.
    gap : float or None
        ``(objective − bound) / objective`` of what is minimised, ``(bound − objective) / bound`` of what is maximised.
    seconds : float
    solver, version : str
    seed : int
    how : str
        In a word, which way the bound was had: ``branch-and-bound``, ``linear relaxation`` or ``regional
        decomposition``; joined by `AND` where parts of the program were searched apart.
    unit : str
        ``yuan`` (capital cost, or present value), ``persons``, ``share`` or ``m``.
    sense : "min" or "max"
    """

    status: SolveStatus
    objective: float | None
    bound: float | None
    gap: float | None
    seconds: float
    solver: str
    version: str
    seed: int
    how: str
    unit: str = "yuan"
    sense: Literal["min", "max"] = "min"


@dataclass(frozen=True, slots=True)
class Reached:
    """How far one goal of a plan was reached; each is pursued as far as those before it allow.

    Attributes
    ----------
    goal : str
        ``cost``, ``present_value``, ``covered``, ``worst_share``, ``mean_distance``, ``worst_distance``, ``changes``…
    clauses : tuple[str, ...]
        By which it is measured; empty for money.
    certificate : Certificate
        Its value of the plan that is handed over, and what is proven about it.
    limit : float or None
        The value that later goals had to keep to; None for the last goal.
    """

    goal: str
    clauses: tuple[str, ...]
    certificate: Certificate
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What a plan is short of under an indicative clause that has a price; last phase.

    Attributes
    ----------
    clause : str
    subject : Subject
    short : float
        In the unit of the clause's numerator: persons, beds, facilities…
    price, cost : float
        Yuan a unit, and in all.
    """

    clause: str
    subject: Subject
    short: float
    price: float
    cost: float


@dataclass(frozen=True, slots=True)
class Conflict:
    """A member of a set of clauses that cannot hold together; without any one member the others of its group can.

    Attributes
    ----------
    clause : str
    subject : Subject
    phase : int
        Year.
    required : float
    best : float
        The best that can be reached for this clause and subject, whatever the others ask.
    unit : str
    group : int
        Number of its minimal set: rows that are impossible by themselves are groups of one.
    with_others : float or None
        The best that can be reached while every other clause holds; None where they cannot, or time ran out.
    needed : bool
        Whether it is proven that the others of its group can hold without it; False where time ran out.
    """

    clause: str
    subject: Subject
    phase: int
    required: float
    best: float
    unit: str
    group: int = 0
    needed: bool = True
    with_others: float | None = None


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A requirement that a smallest relaxation gives way on: with all of them given way on so far, a plan exists.

    Attributes
    ----------
    clause : str
    subject : Subject
    phase : int
        Year.
    required, to : float
        What is required, and what can be had instead, in `unit`.
    unit : str
    share : float
        How far it gives way, as a part of the requirement.
    """

    clause: str
    subject: Subject
    phase: int
    required: float
    to: float
    unit: str
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The options in force in each phase, with the proof of their cost.

    Attributes
    ----------
    state : State or None
        None when there is no plan.
    certificate : Certificate
    cost_by_phase : tuple[float, ...]
        Yuan spent in each phase; they add up to the value of the goal ``cost``, less what shortfalls are priced at.
    conflicts : tuple[Conflict, ...]
        Empty unless infeasible.
    relaxations : tuple[Relaxation, ...]
        Where infeasible: a smallest relaxation under which a plan exists (the least sum of shares that was found).
    goals : tuple[Reached, ...]
        In the order in which they were pursued; `certificate` is that of the first.
    released : tuple[str, ...]
        Clauses that did not bind because the first goal is about them.
    shortfalls : tuple[Shortfall, ...]
        Of indicative clauses that have a price.
    """

    state: State | None
    certificate: Certificate
    cost_by_phase: tuple[float, ...]
    conflicts: tuple[Conflict, ...]
    goals: tuple[Reached, ...] = ()
    released: tuple[str, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()


Moment = Literal["before", "after"]


@dataclass(frozen=True, slots=True, eq=False)
class ServiceArea:
    """Streets within reach of the open facilities of a clause, as a polygon for the eye; distances decide, not it.

    Attributes
    ----------
    clause : str
    moment : Moment
    metres : float
    minutes : float or None
        None for clauses in metres.
    geometry : Geometry
        On the study's plane; last phase.
    """

    clause: str
    moment: Moment
    metres: float
    minutes: float | None
    geometry: Geometry


@dataclass(frozen=True, slots=True)
class Margin:
    """How far the road data reach, and whom their end may touch.

    Attributes
    ----------
    beyond_m : Mapping[str, float]
        By ``west``, ``south``, ``east`` and ``north``: how far the roads' box reaches beyond that of the districts;
        negative where they end inside.
    near_edge : Mapping[str, float]
        By coverage clause, persons concerned who live within one service radius of the data's edge; last phase.
    concerned : Mapping[str, float]
        By coverage clause, all persons concerned inside the districts.
    """

    beyond_m: Mapping[str, float]
    near_edge: Mapping[str, float]
    concerned: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The present situation under another reading of what the texts leave open.

    Attributes
    ----------
    name : str
    changes : Mapping[str, object]
        Dotted keys of the study and what they are under this reading.
    audit : Audit
    title : Text
        What reports call it.
    """

    name: str
    changes: Mapping[str, object]
    audit: Audit
    title: Text


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """A finished run.

    Attributes
    ----------
    config : Config
        The study as read and checked (`siting.config.Config`).
    raw : Raw
    problem : Problem
    before : Audit
    plan : Plan or None
        None for an audit of the present situation only.
    after : Audit or None
    service_areas : tuple[ServiceArea, ...]
    warnings : tuple[SitingWarning, ...]
    timings_s : Mapping[str, float]
    margin : Margin or None
        How far the road data reach beyond the districts.
    worst_snaps : tuple[int, ...]
        The zones, and after them (their numbers increased by the number of zones) the sites, that lie farthest from a
        street: the worst with one, then the worst without.
    raking : Raking or None
        How the cells were brought to agree with the census; None where no census was given.
    reasons : Reasons or None
        Where the study asks for them (`reasons:`).
    drawn : Drawn or None
        The hand-drawn plan that the run was given.
    curve : Curve or None
        Cost against coverage, where the study asks for it (`curve:`).
    density_shifts : tuple[DensityShift, ...]
        Who changes density class when radius or thresholds move.
    screening : Screening
        What the ground kept candidates off.
    dates : Mapping[str, Dated]
        How old each input is (`as_of`, `retrieved`), by path.
    readings : tuple[Reading, ...]
        The present situation under other readings, where these were asked for.
    serving : tuple[Serving, ...]
        Who goes where, for each service that the study declares.
    """

    config: Any
    raw: Raw
    problem: Problem
    before: Audit
    plan: Plan | None
    after: Audit | None
    service_areas: tuple[ServiceArea, ...]
    warnings: tuple[SitingWarning, ...]
    timings_s: Mapping[str, float]
    margin: Margin | None = None
    worst_snaps: tuple[int, ...] = ()
    raking: Raking | None = None
    density_shifts: tuple[DensityShift, ...] = ()
    reasons: Reasons | None = None
    curve: Curve | None = None
    drawn: Drawn | None = None
    screening: Screening = NOTHING_KEPT_OFF
    dates: Mapping[str, Any] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()
    serving: tuple[Serving, ...] = ()
