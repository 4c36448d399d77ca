"""The planning problem as stages see it, and a state of its options; both immutable."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from siting.model.access import within
from siting.model.arrays import BoolArray, IntArray, frozen
from siting.model.sites import BED_CLASSES, Action

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.model.access import Access
    from siting.model.places import Districts, Zones
    from siting.model.sites import Options, Sites

Csr = sparse.csr_array
"""Compressed sparse rows; shapes are given where it is used."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Who is covered by what: within `metres` (inclusive) of an open facility of one of `kinds`.

    Attributes
    ----------
    kinds : frozenset[str]
    metres : float
    speed_m_per_s : float or None
        None for a limit in metres. For a limit in minutes the walker's speed: `metres` is then how far that speed
        carries in the time, and ways are measured by what they cost at that speed (see `Problem.metres`).
    """

    kinds: frozenset[str]
    metres: float
    speed_m_per_s: float | None = None

    @property
    def label(self) -> str:
        """Name made of letters, digits and underscores, unique per reach."""
        speed = "" if self.speed_m_per_s is None else f"_at_{self.speed_m_per_s:g}"
        name = f"{'_'.join(sorted(self.kinds))}_{self.metres:g}{speed}"
        return name.replace(".", "p").replace("-", "m").replace("+", "")


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Which options are in force in each phase, and with how many beds. Coverage is derived, never stored.

    Attributes
    ----------
    open : bool[phase, option]
    beds : int64[phase, option, class]
        Zero where the option is not in force.
    """

    open: BoolArray
    beds: IntArray

    def __post_init__(self) -> None:
        """Freeze the arrays; a closed option has no beds."""
        phases, options = np.asarray(self.open).shape
        object.__setattr__(self, "open", frozen(self.open, np.bool_, (phases, options)))
        object.__setattr__(self, "beds", frozen(self.beds, np.int64, (phases, options, len(BED_CLASSES))))
        if (self.beds[~self.open] != 0).any() or (self.beds < 0).any():
            message = "beds must not be negative, and an option not in force has none"
            raise ValueError(message)


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
    _covers: dict[Reach, Csr[Any, tuple[int, int]]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Check that the tables belong together."""
        if any(way.metres.shape != (len(self.zones), len(self.sites)) for way in (self.access, *self.effort.values())):
            message = "access does not belong to these zones and sites"
            raise ValueError(message)
        if self.zones.phases != self.phases or list(self.phases) != sorted(set(self.phases)):
            message = "phases must ascend and be those of the zones"
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
        where the two are told apart.

        Raises
        ------
        KeyError
            When nothing was measured at the reach's speed.
        """
        plain = reach.speed_m_per_s is None or not self.effort
        return (self.access if plain else self.effort[reach.speed_m_per_s]).metres  # type: ignore[index]

    def speed_at(self, age: int) -> float:
        """Return the walking speed of an age class by its lower bound, m/s."""
        slower = [bound for bound in self.speed_by_age if bound <= age]
        return self.speed_by_age[max(slower)] if slower else self.walk_speed_m_per_s

    def covers(self, reach: Reach) -> Csr[Any, tuple[int, int]]:
        """Return which options cover which zones: csr float64 of ones (zones × options).

        Options that are no working facility of the reach's kinds have empty columns.
        """
        if reach not in self._covers:
            near = within(self.metres(reach), reach.metres)
            self._covers[reach] = sparse.csr_array(near @ self._at_sites(self.options.of_kinds(reach.kinds)))
        return self._covers[reach]

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
