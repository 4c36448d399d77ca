"""Which modes may use a way or pass a barrier, decided by the table `configs/profiles.yaml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from siting.model.roads import Feature, Mode
from siting.sources.documents import read_yaml
from siting.sources.shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EVERY_MODE = int(Mode.WALK | Mode.CYCLE | Mode.DRIVE)
FEATURES: dict[str, Feature] = {"crossing": Feature.CROSSING, "bridge": Feature.BRIDGE}
_LIMIT = re.compile(r"(?<![\w.:])(\d+(?:\.\d+)?)\s*(mph)?")
"""A number that is not part of a word: ``60``, ``40 mph``, ``30;50``, not ``CN:urban``."""
_KM_PER_MILE = 1.609344
_SLOWEST_LIMIT = 5.0
"""Lower limits are errors of tagging."""
BITS: dict[str, Mode] = {"walk": Mode.WALK, "cycle": Mode.CYCLE, "drive": Mode.DRIVE}


@dataclass(frozen=True, slots=True)
class _ModeTable:
    access: tuple[str, ...]
    classes: frozenset[str]
    oneway: tuple[str, ...]
    implied: frozenset[str]
    implied_junctions: frozenset[str]
    blocked_by: frozenset[str]


@dataclass(frozen=True, slots=True)
class Profiles:
    """The table of ways and modes.

    Attributes
    ----------
    skip : Mapping[str, frozenset[str]]
        Values by key that leave a way out altogether.
    modes : Mapping[Mode, ...]
        What each mode reads.
    values : Mapping[str, frozenset[str]]
        Values that mean ``open``, ``closed``, ``forward``, ``backward`` and ``both``.
    features : Mapping[Feature, Mapping[str, frozenset[str]]]
        Values by key that make a way a feature.
    drive_km_per_h : Mapping[str, float]
        Speeds of cars by road class, and of ``other``.
    keys : frozenset[str]
        Every key that decides anything, so that readers can pass over the others.
    """

    skip: Mapping[str, frozenset[str]]
    modes: Mapping[Mode, _ModeTable]
    values: Mapping[str, frozenset[str]]
    features: Mapping[Feature, Mapping[str, frozenset[str]]]
    drive_km_per_h: Mapping[str, float]
    keys: frozenset[str]

    def way(self, tags: Mapping[str, str]) -> tuple[int, int]:
        """Return the `Mode` bits allowed forward and backward along a way; (0, 0) when it is left out."""
        if any(tags.get(key) in values for key, values in self.skip.items()):
            return 0, 0
        forward = backward = 0
        for bit, table in self.modes.items():
            if not self._may_use(tags, table):
                continue
            ahead, back = self._directions(tags, table)
            forward |= bit if ahead else 0
            backward |= bit if back else 0
        return int(forward), int(backward)

    def barrier(self, tags: Mapping[str, str]) -> int:
        """Return the `Mode` bits that pass a barrier node."""
        kind = tags.get("barrier", "no")
        return sum(
            int(bit)
            for bit, table in self.modes.items()
            if self._says(tags, table.access, kind not in table.blocked_by)
        )

    def feature(self, tags: Mapping[str, str]) -> int:
        """Return the `Feature` bits of a way."""
        return sum(
            int(bit)
            for bit, table in self.features.items()
            if any(tags.get(key) in values for key, values in table.items())
        )

    def drive_speed(self, road_class: str, maxspeed: str | None = None) -> float:
        """Return how fast cars go, km/h: the lowest readable limit of ``maxspeed``, else the class's speed."""
        limits = [float(number) * (_KM_PER_MILE if unit else 1.0) for number, unit in _LIMIT.findall(maxspeed or "")]
        limits = [limit for limit in limits if limit >= _SLOWEST_LIMIT]
        by_class = self.drive_km_per_h.get(road_class.removesuffix("_link"), self.drive_km_per_h["other"])
        return min(limits, default=by_class)

    def line(self, road_class: str) -> int:
        """Return the `Mode` bits of a line of which only the class is known; a class nobody lists is open to all."""
        listed = sum(int(bit) for bit, table in self.modes.items() if road_class in table.classes)
        return listed or (0 if road_class in self.skip["highway"] else EVERY_MODE)

    def _may_use(self, tags: Mapping[str, str], table: _ModeTable) -> bool:
        return self._says(tags, table.access, tags.get("highway") in table.classes)

    def _says(self, tags: Mapping[str, str], keys: tuple[str, ...], default: bool) -> bool:  # noqa: FBT001 - it is the default answer
        """Let the most specific access key decide; the last key, the general one, can open only what is open anyway."""
        for key in keys:
            value = tags.get(key)
            if value in self.values["closed"]:
                return False
            if value in self.values["open"]:
                return default or key != keys[-1]
        return default

    def _directions(self, tags: Mapping[str, str], table: _ModeTable) -> tuple[bool, bool]:
        for key in table.oneway:
            value = tags.get(key)
            if value in self.values["forward"]:
                return True, False
            if value in self.values["backward"]:
                return False, True
            if value in self.values["both"]:
                return True, True
        implied = tags.get("highway") in table.implied or tags.get("junction") in table.implied_junctions
        return True, not implied


@cache
def profiles() -> Profiles:
    """Read the shipped table, once."""
    data: dict[str, Any] = read_yaml(shipped("configs/profiles.yaml")).data
    modes = {
        bit: _ModeTable(
            access=tuple(data["modes"][name]["access"]),
            classes=frozenset(data["modes"][name]["classes"]),
            oneway=tuple(data["modes"][name]["oneway"]),
            implied=frozenset(data["modes"][name]["implied"]),
            implied_junctions=frozenset(data["modes"][name]["implied_junctions"]),
            blocked_by=frozenset(data["barriers"]["blocks"][name]),
        )
        for name, bit in BITS.items()
    }
    skip = _sets(data["skip"])
    keys = {"highway", "junction", *skip, *(key for table in modes.values() for key in (*table.access, *table.oneway))}
    features = {bit: _sets(data["features"][name]) for name, bit in FEATURES.items()}
    keys |= {"maxspeed", *(key for table in features.values() for key in table)}
    speeds = {name: float(speed) for name, speed in data["drive_km_per_h"].items()}
    return Profiles(skip, modes, _sets(data["values"]), features, speeds, frozenset(keys))


def _sets(table: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    return {key: frozenset(values) for key, values in table.items()}
