"""The planning problem as stages see it, and a state of its options; both immutable."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from scipy import sparse

from siting.model.access import DRIVE_M_PER_S, within
from siting.model.arrays import BoolArray, FloatArray, IntArray, frozen
from siting.model.catalogue import NO_CATALOGUE
from siting.model.money import UNDISCOUNTED
from siting.model.places import NO_COMMUNITIES
from siting.model.sites import BED_CLASSES, Action

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.model.access import Access
    from siting.model.catalogue import Catalogue
    from siting.model.facts import Fact
    from siting.model.money import Money
    from siting.model.places import Communities, Districts, Zones
    from siting.model.sites import Options, Sites

Csr = sparse.csr_array
"""Compressed sparse rows; shapes are given where it is used."""
Travel = Literal["walk", "drive"]


class Selection(Hashable, Protocol):
    """Which facilities are meant, beyond their kind."""

    @property
    def label(self) -> str:
        """Name made of letters, digits and underscores, equal only for equal selections; empty when all are meant."""

    def options(self, problem: Problem) -> BoolArray:
        """Return the options that leave a working facility of this selection: bool[option]."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Who is covered by what: within `metres` (inclusive) of an open facility of one of `kinds`.

    Attributes
    ----------
    kinds : frozenset[str]
        Empty: of any kind.
    metres : float
    speed_m_per_s : float or None
        None for a limit in metres. For a limit in minutes the speed: `metres` is then how far that speed carries in
        the time, and ways are measured by what they cost at that speed (see `Problem.metres`).
    mode : Travel
        ``drive``: from the facility's door to the home, by vehicle; `speed_m_per_s` is `DRIVE_M_PER_S`.
    where : Selection or None
        What the facilities must be besides.
    """

    kinds: frozenset[str]
    metres: float
    speed_m_per_s: float | None = None
    mode: Travel = "walk"
    where: Selection | None = None

    @classmethod
    def by_vehicle(cls, kinds: frozenset[str], minutes: float, where: Selection | None = None) -> Reach:
        """Return a limit in minutes of driving."""
        return cls(kinds, minutes * 60 * DRIVE_M_PER_S, DRIVE_M_PER_S, "drive", where)

    @property
    def minutes(self) -> float | None:
        """The limit in minutes; None for a limit in metres."""
        return None if self.speed_m_per_s is None else self.metres / self.speed_m_per_s / 60

    @property
    def label(self) -> str:
        """Name made of letters, digits and underscores, unique per reach."""
        speed = "" if self.speed_m_per_s is None else f"_at_{self.speed_m_per_s:g}"
        if self.mode == "drive":
            speed = "_drive"
        name = f"{self.who}_{self.metres:g}{speed}"
        return name.replace(".", "p").replace("-", "m").replace("+", "")

    @property
    def who(self) -> str:
        """Name of the facilities that are meant, made of letters, digits and underscores."""
        kinds = "_".join(sorted(self.kinds)) or "any"
        return f"{kinds}_{self.where.label}" if self.where is not None and self.where.label else kinds


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Which options are in force in each phase, and with how many beds. Coverage is derived, never stored.

    Attributes
    ----------
    open : bool[phase, option]
    beds : int64[phase, option, class]
        Zero where the option is not in force.
    hired : Mapping[str, tuple[int, ...]]
        By catalogue role, the persons employed beyond those of today in each phase; roles left out hire nobody.
    """

    open: BoolArray
    beds: IntArray
    hired: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Freeze the arrays; a closed option has no beds."""
        phases, options = np.asarray(self.open).shape
        object.__setattr__(self, "open", frozen(self.open, np.bool_, (phases, options)))
        object.__setattr__(self, "beds", frozen(self.beds, np.int64, (phases, options, len(BED_CLASSES))))
        if (self.beds[~self.open] != 0).any() or (self.beds < 0).any():
            message = "beds must not be negative, and an option not in force has none"
            raise ValueError(message)
        if any(len(by_phase) != phases or min(by_phase) < 0 for by_phase in self.hired.values()):
            message = "staff hired must be stated for every phase, and not be negative"
            raise ValueError(message)

    def staff(self, role: str, phase: int) -> int:
        """Return the persons of a role employed beyond those of today."""
        return self.hired[role][phase] if role in self.hired else 0

    def sized(self, beds: int, phase: int) -> BoolArray:
        """Return the options in force with at least so many beds in all: bool[option]."""
        return np.asarray(self.open[phase] & (self.beds[phase].sum(axis=1) >= beds))

    def has(self, bed_class: str, beds: int, phase: int) -> BoolArray:
        """Return the options in force with at least so many beds of a class: bool[option]."""
        return np.asarray(self.open[phase] & (self.beds[phase][:, BED_CLASSES.index(bed_class)] >= beds))


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Everything a rule, the audit and the optimiser look at.

    Attributes
    ----------
    zones : Zones
    sites : Sites
    options : Options
    access : Access
        Walking metres from zones to sites, to the longest cutoff any rule asks for.
    districts : Districts
    phases : tuple[int, ...]
        Years, ascending; a later phase contains the earlier one.
    walk_speed_m_per_s : float
        Turns minutes into metres.
    speed_by_age : Mapping[int, float]
        Speeds of those who walk otherwise: lower bound of an age class → m/s, in force up to the next bound.
    effort : Mapping[float, Access]
        By walking speed, the ways as they cost time: equivalent metres, which are seconds × that speed. Empty where
        steps, slopes, crossings and bridges cost no more than level ground, so that time is metres ÷ speed.
    drive : Access or None
        Ways by vehicle from sites to zones in equivalent metres (seconds × `DRIVE_M_PER_S`), to the longest drive any
        rule asks for; None when none asks.
    between : Mapping[Travel, csr]
        Ways from sites (rows) to sites, to the longest any rule asks for, a site's own way of nought included: metres
        on foot, equivalent metres by vehicle. Only what some rule asks for (`Rule.between`).
    communities : Communities
        The zones whose `community` is not −1 are their seats.
    catalogue : Catalogue
    facts : Mapping[str, Fact]
        Declared numbers by name.
    money : Money
        How amounts of different years are set against each other.
    """

    zones: Zones
    sites: Sites
    options: Options
    access: Access
    districts: Districts
    phases: tuple[int, ...]
    walk_speed_m_per_s: float
    speed_by_age: Mapping[int, float] = field(default_factory=dict)
    effort: Mapping[float, Access] = field(default_factory=dict)
    drive: Access | None = None
    between: Mapping[Travel, Csr[Any, tuple[int, int]]] = field(default_factory=dict)
    communities: Communities = NO_COMMUNITIES
    catalogue: Catalogue = NO_CATALOGUE
    facts: Mapping[str, Fact] = field(default_factory=dict)
    money: Money = UNDISCOUNTED
    _covers: dict[Reach, Csr[Any, tuple[int, int]]] = field(default_factory=dict, init=False, repr=False)
    _selected: dict[Selection, BoolArray] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Check that the tables belong together."""
        ways = (self.access, *self.effort.values(), *([] if self.drive is None else [self.drive]))
        if any(way.metres.shape != (len(self.zones), len(self.sites)) for way in ways):
            message = "access does not belong to these zones and sites"
            raise ValueError(message)
        if any(table.shape != (len(self.sites), len(self.sites)) for table in self.between.values()):
            message = "the ways between sites do not belong to these sites"
            raise ValueError(message)
        if self.zones.phases != self.phases or list(self.phases) != sorted(set(self.phases)):
            message = "phases must ascend and be those of the zones"
            raise ValueError(message)
        if int(self.zones.community.max(initial=-1)) >= len(self.communities):
            message = "the zones name communities that are not there"
            raise ValueError(message)

    def existing_state(self) -> State:
        """Return today's facilities, kept as they are through every phase."""
        keep = np.array([action is Action.KEEP for action in self.options.action], dtype=np.bool_)
        beds = np.where(keep[:, None], self.sites.beds[self.options.site], 0)
        count = len(self.phases)
        return State(np.broadcast_to(keep, (count, len(keep))), np.broadcast_to(beds, (count, *beds.shape)))

    def metres(self, reach: Reach) -> Csr[Any, tuple[int, int]]:
        """Return the ways that a reach is measured on: csr float64 (zones × sites).

        Metres along streets for a limit in metres; for a limit in minutes the equivalent metres of the reach's speed,
        which are the same ones unless the study says what steps, slopes, crossings and bridges cost. The one place
        where these, and ways by vehicle, are told apart.

        Raises
        ------
        KeyError
            When nothing was measured at the reach's speed, or by vehicle.
        """
        if reach.mode == "drive":
            if self.drive is None:
                message = "no way by vehicle was measured"
                raise KeyError(message)
            return self.drive.metres
        plain = reach.speed_m_per_s is None or not self.effort
        return (self.access if plain else self.effort[reach.speed_m_per_s]).metres  # type: ignore[index]

    def cutoff_m(self, reach: Reach) -> float:
        """Return the longest way that was measured for a reach, in the metres that it is measured in."""
        if reach.mode == "drive":
            return 0.0 if self.drive is None else self.drive.cutoff_m
        plain = reach.speed_m_per_s is None or not self.effort
        return (self.access if plain else self.effort[reach.speed_m_per_s]).cutoff_m  # type: ignore[index]

    def speed_at(self, age: int) -> float:
        """Return the walking speed of an age class by its lower bound, m/s."""
        slower = [bound for bound in self.speed_by_age if bound <= age]
        return self.speed_by_age[max(slower)] if slower else self.walk_speed_m_per_s

    def covers(self, reach: Reach) -> Csr[Any, tuple[int, int]]:
        """Return which options cover which zones: csr float64 of ones (zones × options).

        Options that are no working facility of the reach have empty columns.
        """
        if reach not in self._covers:
            near = within(self.metres(reach), reach.metres)
            self._covers[reach] = sparse.csr_array(near @ self._at_sites(self.working(reach)))
        return self._covers[reach]

    def working(self, reach: Reach) -> BoolArray:
        """Return the options that leave a facility which covers people under a reach: bool[option]."""
        found = self.options.of_kinds(reach.kinds) if reach.kinds else self.options.is_open
        return found if reach.where is None else found & self.selected(reach.where)

    def selected(self, selection: Selection) -> BoolArray:
        """Return the options of a selection, which are looked for once and may not be written to: bool[option]."""
        if selection not in self._selected:
            found = selection.options(self)
            found.setflags(write=False)
            self._selected[selection] = found
        return self._selected[selection]

    def near(self, mode: Travel, limit_m: float) -> Csr[Any, tuple[int, int]]:
        """Return which sites lie within a way (inclusive) of which: csr float64 of ones (sites × sites).

        A site on a road is near itself. `limit_m` in equivalent metres for ``drive``: minutes × 60 × `DRIVE_M_PER_S`.

        Raises
        ------
        KeyError
            When no rule asked for ways between sites of this mode.
        """
        return within(self.between[mode], limit_m)

    def fact(self, name: str, phase: int) -> float | None:
        """Return a declared number in phase number `phase`; None where the study does not declare it."""
        return self.facts[name].at(self.phases[phase]) if name in self.facts else None

    def capital(self, state: State) -> FloatArray:
        """Return the capital cost of everything in force, phase by phase: float64[phase], yuan."""
        options = self.options
        beds = ((state.beds - options.base_beds) * options.cost_per_bed).sum(axis=2)
        return np.asarray(np.where(state.open, options.fixed_cost + beds, 0.0).sum(axis=1), dtype=np.float64)

    def payroll(self, state: State) -> FloatArray:
        """Return what the staff hired cost over the plan period, phase by phase: float64[phase], yuan."""
        roles = self.catalogue.roles
        by_role = [roles[role].cost * np.array(persons) for role, persons in state.hired.items()]
        return np.asarray(sum(by_role, np.zeros(len(self.phases))), dtype=np.float64)

    def cost(self, state: State) -> FloatArray:
        """Return what everything in force cost, capital and the pay of those hired: float64[phase], yuan."""
        return np.asarray(self.capital(state) + self.payroll(state), dtype=np.float64)

    def running(self, state: State) -> FloatArray:
        """Return what all facilities and those hired cost to run while a phase lasts: float64[phase], yuan a year."""
        options = self.options
        beds = (state.beds * options.running_cost_per_bed).sum(axis=2)
        facilities = np.where(state.open, options.running_cost + beds, 0.0).sum(axis=1)
        pay = [self.catalogue.roles[role].yearly_cost * np.array(persons) for role, persons in state.hired.items()]
        return np.asarray(facilities + sum(pay, np.zeros(len(self.phases))), dtype=np.float64)

    def present_value(self, state: State) -> float:
        """Return capital and running costs, each discounted to the base year (see `Money`), yuan.

        Those hired are paid year by year while the phases last, not by the years that the catalogue counts.
        """
        spent = np.diff(self.capital(state), prepend=0.0)
        once, yearly = self.money.on_capital(self.phases), self.money.on_running(self.phases)
        return float(once @ spent + yearly @ self.running(state))

    def _at_sites(self, wanted: BoolArray) -> Csr[Any, tuple[int, int]]:
        """Return the incidence of `wanted` options at their sites: csr float64 (sites × options)."""
        chosen = np.flatnonzero(wanted)
        return sparse.csr_array(
            (np.ones(len(chosen)), (self.options.site[chosen], chosen)), shape=(len(self.sites), len(self.options))
        )

    def available(self, phase: int) -> BoolArray:
        """Return which options may be in force in phase number `phase`: bool[option]."""
        allowed: BoolArray = self.options.first_year <= self.phases[phase]
        return allowed

    def held(self, phase: int) -> BoolArray:
        """Return which sites hold one option in any case: facilities of today and projects committed by then."""
        return self.sites.existing | self.sites.committed(self.phases[phase])

    def reachable(self, reach: Reach, phase: int) -> BoolArray:
        """Return which zones are covered if every option available in the phase is in force: bool[zone]."""
        return np.asarray(self.covers(reach) @ self.available(phase).astype(np.float64) > 0)
