"""Who goes where: persons in need of a service, the facilities that have room for them, and who is left waiting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from siting.model.sites import BED_CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.model.arrays import FloatArray, IntArray
    from siting.model.groups import Care
    from siting.model.places import Zones
    from siting.model.problem import Csr, Problem, Reach, State
    from siting.model.text import Text

Room = Literal["beds", "day_places", "meals"]
Choice = Literal["nearest", "preference", "optimal"]
CHOICES: tuple[Choice, ...] = ("nearest", "preference", "optimal")


@dataclass(frozen=True, slots=True)
class Service:
    """A service that persons in need take up at a facility within reach, as far as there is room.

    Attributes
    ----------
    id : str
    title : Text
    care : Care or None
        Those whom the study's needs send into this care; None where `share` says who they are.
    group : str
        Of which group `share` is; "" for all older persons.
    share : float
        Part of the group that asks for the service; not looked at where `care` is given.
    source : Text
        Where the share comes from.
    room : Room
        What a facility has of it: beds, places in day care, meals a day.
    bed_classes : tuple[str, ...]
        Of `BED_CLASSES`, where not all beds serve.
    reach : Reach
        Which facilities, and how far anybody goes.
    choice : Choice
        How the study supposes that people choose.
    choices : int or None
        How many facilities, the nearest first, a person thinks of under ``preference``; None for all within reach.
    """

    id: str
    title: Text
    care: Care | None
    group: str
    share: float
    source: Text
    room: Room
    bed_classes: tuple[str, ...]
    reach: Reach
    choice: Choice
    choices: int | None

    def persons(self, zones: Zones, phase: int) -> FloatArray:
        """Return the persons in need in the districts, by zone: float64[zone]; nobody where no district is.

        Raises
        ------
        IndexError
            When the study does not say who needs which care.
        """
        need = zones.persons_of(self.group, phase) * self.share
        if self.care is not None:
            need = zones.in_need(self.care, phase)
        return np.where(zones.district >= 0, need, 0.0)

    def per_person(self, zones: Zones, phase: int) -> float:
        """Return the beds or places that one person takes; a meal for each where the share says who they are."""
        return 1.0 if self.care is None else zones.needs[phase].per_person(self.care)

    def room_at(self, problem: Problem, state: State, phase: int) -> FloatArray:
        """Return the beds, places or meals there are for it: float64[site].

        Facilities across the border belong to those who live there and have none.
        """
        options = problem.options
        if self.room == "beds":
            classes = [BED_CLASSES.index(name) for name in self.bed_classes or BED_CLASSES]
            there = state.beds[phase][:, classes].sum(axis=1).astype(np.float64)
        else:
            there = np.where(state.open[phase], options.day_places, 0.0)
            if self.room == "meals":
                there = np.where(state.open[phase], options.meals_per_day, 0.0)
        counts = state.open[phase] & problem.working(self.reach) & ~problem.sites.across[options.site]
        return np.bincount(options.site[counts], there[counts], minlength=len(problem.sites)).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """Where persons in need go, under one supposition of how they choose.

    Attributes
    ----------
    choice : Choice
    sent : csr float64 (zones × sites)
        Persons who are served there.
    waiting : float64[zone]
        Persons with a facility within reach who find no room; they wait at their nearest.
    metres : float64[zone]
        Sum over the persons served of the ways they go, in the metres of the service's reach.
    """

    choice: Choice
    sent: Csr[Any, tuple[int, int]]
    waiting: FloatArray
    metres: FloatArray

    @property
    def served(self) -> FloatArray:
        """Persons served, by zone: float64[zone]."""
        return np.asarray(self.sent.sum(axis=1), dtype=np.float64)

    @property
    def taken(self) -> FloatArray:
        """Persons served, by facility: float64[site]."""
        return np.asarray(self.sent.sum(axis=0), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Serving:
    """One service in one phase under one state of the facilities.

    Attributes
    ----------
    service : Service
    phase : int
        Number of the phase.
    moment : "before" or "after"
        Under today's facilities, or under the plan's.
    need : float64[zone]
        Persons in need.
    nearest : int64[zone]
        The nearest facility with any room within reach, −1 where there is none.
    room : float64[site]
        Beds, places or meals.
    per_person : float
        Of which each takes so many.
    total, exclusive : float64[site]
        Persons in need within reach of a facility, and those who have no other.
    assignments : Mapping[Choice, Assignment]
        Under each supposition, `Service.choice` among them.
    """

    service: Service
    phase: int
    moment: Literal["before", "after"]
    need: FloatArray
    nearest: IntArray
    room: FloatArray
    per_person: float
    total: FloatArray
    exclusive: FloatArray
    assignments: Mapping[Choice, Assignment]

    def at_nearest(self, persons: FloatArray) -> FloatArray:
        """Sum persons of zones at the facility that is nearest to each: float64[site]."""
        there = self.nearest >= 0
        return np.bincount(self.nearest[there], persons[there], minlength=len(self.room)).astype(np.float64)
