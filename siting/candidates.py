"""Which sites a study has: facilities, listed candidates and made ones, as far as the ground allows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from siting import access, demand, errors, making
from siting.ground import screened
from siting.model.access import RoadState
from siting.model.ground import GROUPS, Screening
from siting.model.sites import Sites
from siting.sources.made_options import Committees, Generated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.config import Config
    from siting.model.arrays import BoolArray, FloatArray
    from siting.model.ground import Group, Tally
    from siting.model.places import Zones
    from siting.model.raw import Raw

ANYWHERE_M = 1e7
"""A connector that reaches every street."""
_SHOWN = 10


@dataclass(slots=True)
class _Gathering:
    """Lays tables of sites on the study's ground, and keeps count."""

    config: Config
    raw: Raw
    zones: Zones
    tallies: list[Tally]
    dropped: dict[Group, int]

    def table(self, table: Sites, group: Group) -> Sites:
        """Return the sites that may stand where they are; committed and existing ones are only looked at."""
        free = self.screen(table, group)[0]
        return table.taken(np.flatnonzero(free)) if group == "listed" else table

    def screen(self, table: Sites, group: Group) -> tuple[BoolArray, FloatArray]:
        """Lay sites on the ground: which may stand, and how well it suits them."""
        free, suits, tallies = screened(table, self.raw.ground, self.raw.crs, group, self.raw.parcels)
        self.tallies += tallies
        if group in {"listed", "generated"} and not free.all():
            self.dropped[group] = self.dropped.get(group, 0) + int((~free).sum())
        return free, suits

    def generated(self, asked: Generated) -> Sites:
        """Make candidates where people live, and keep those worth keeping on ground that allows them."""
        if asked.generate == "grid":
            table, weight = making.on_grid(self.zones, asked.spacing_m, asked.kinds, asked.tenure)
        else:
            found = access.snap(self.raw.roads, self.zones.x_m, self.zones.y_m, self._connector_m)
            table, weight = making.on_network(self.zones, found, asked.spacing_m, asked.kinds, asked.tenure)
        free, suits = self.screen(table, "generated")
        kept = np.flatnonzero(free)
        table, weight = table.taken(kept), (weight * suits)[kept]
        district = demand.locate(table.x_m, table.y_m, self.raw.districts)
        chosen = making.worth_keeping(district, weight, self.on_road(table), asked.limit, asked.per_district)
        return table.taken(chosen)

    def committees(self, asked: Committees) -> Sites:
        """Make a candidate of the committee's premises of every community that is asked for."""
        return self.table(
            making.of_committees(
                self.raw.communities, asked.tag, asked.kinds, asked.tenure, (asked.floor_area_m2, asked.context)
            ),
            "listed",
        )

    def on_road(self, table: Sites) -> BoolArray:
        """Return which sites have a road within the longest connector."""
        found = access.snap(self.raw.roads, table.x_m, table.y_m, self._connector_m)
        return np.asarray(found.state != RoadState.NO_ROAD)

    def at_the_street(self, table: Sites) -> Sites:
        """Stand every parcel where its edge comes nearest to the street that is nearest to its middle."""
        parcels = self.raw.parcels
        which = [index for index, name in enumerate(table.id) if name in parcels]
        if not which:
            return table
        x_m, y_m = table.x_m.copy(), table.y_m.copy()
        found = access.snap(self.raw.roads, x_m[which], y_m[which], ANYWHERE_M)
        on = found.state != RoadState.NO_ROAD
        outline = np.array([parcels[table.id[index]] for index in which], dtype=object)[on]
        way = shapely.shortest_line(outline, shapely.points(found.x_m[on], found.y_m[on]))
        moved = np.array(which)[on]
        x_m[moved], y_m[moved] = shapely.get_coordinates(shapely.get_point(way, 0)).T
        return replace(table, x_m=x_m, y_m=y_m)

    @property
    def _connector_m(self) -> float:
        return self.config.options.walk.max_connector_m


def gather(config: Config, raw: Raw, zones: Zones) -> tuple[Sites, Screening, tuple[errors.SitingWarning, ...]]:
    """Put facilities, listed and made candidates into one table, each in its district.

    Parameters
    ----------
    config : Config
    raw : Raw
    zones : Zones
        Candidates are made where they live.

    Returns
    -------
    Sites
        Existing facilities first, then listed candidates, then made ones in the order of the study.
    Screening
        What the ground kept off.
    tuple[SitingWarning, ...]
    """
    at = _Gathering(config, raw, zones, [], {})
    committed = raw.candidates.opens > 0
    parts = [at.table(raw.facilities, "existing")]
    if committed.any():
        at.table(raw.candidates.taken(np.flatnonzero(committed)), "committed")
    stay = at.screen(raw.candidates.taken(np.flatnonzero(~committed)), "listed")[0]
    kept = np.ones(len(raw.candidates), dtype=np.bool_)
    kept[~committed] = stay
    parts.append(at.at_the_street(raw.candidates.taken(np.flatnonzero(kept))))
    for asked in config.options.candidates:
        if isinstance(asked, Generated):
            parts.append(at.generated(asked))
        elif isinstance(asked, Committees):
            parts.append(at.committees(asked))
    table = Sites.joined(parts)
    table = replace(table, district=demand.locate(table.x_m, table.y_m, raw.districts))
    screening = Screening(
        _merged(at.tallies), tuple((group, at.dropped[group]) for group in GROUPS if group in at.dropped)
    )
    told = (*_told(raw, screening), *_roadless(table, ~at.on_road(table), config.options.walk.max_connector_m))
    return table, screening, told


def _merged(tallies: list[Tally]) -> tuple[Tally, ...]:
    """Add up what several tables of one group met on one layer."""
    by_key: dict[tuple[int, Group], list[Tally]] = {}
    for one in tallies:
        by_key.setdefault((one.ground, one.group), []).append(one)
    return tuple(
        replace(
            parts[0],
            checked=sum(one.checked for one in parts),
            on=sum(one.on for one in parts),
            silent=sum(one.silent for one in parts),
            named=tuple(name for one in parts for name in one.named),
        )
        for _, parts in sorted(by_key.items(), key=lambda item: (item[0][0], GROUPS.index(item[0][1])))
    )


_SAID: Mapping[Group, tuple[str, str]] = {
    "generated": ("个生成的候选点被排除", "generated candidates are left out"),
    "listed": ("处列出的候选点被排除", "listed candidates are left out"),
    "committed": ("处已定项目位于其上，仍予保留", "committed projects stand on it and are kept"),
    "existing": ("处现有设施位于其上，仍按现状计入", "existing facilities stand on it and count as they are"),
}


def _told(raw: Raw, screening: Screening) -> list[errors.SitingWarning]:
    """Say by layer who was kept off, who stands there all the same, and where the layer says nothing."""
    told = []
    for one in screening.tallies:
        layer, (zh, en) = raw.ground[one.ground], _SAID[one.group]
        if one.on:
            named = "、".join(one.named[:_SHOWN]) + ("…" if len(one.named) > _SHOWN else "")
            colon = f"：{named}" if named else ""
            told.append(
                errors.SitingWarning(
                    layer.file,
                    f"{layer.title.zh}（{layer.condition.zh}）：{one.on} {zh}{colon}。",
                    f"{layer.title.en} ({layer.condition.en}): {one.on} {en}{colon}.",
                )
            )
        if one.silent and one.group != "existing":
            told.append(
                errors.SitingWarning(
                    layer.file,
                    f"{layer.title.zh}：{one.checked} 处中有 {one.silent} 处没有数据，未据此排除或折减。",
                    f"{layer.title.en}: it says nothing at {one.silent} of {one.checked} places, which stay.",
                )
            )
    return told


def _roadless(table: Sites, roadless: BoolArray, connector_m: float) -> tuple[errors.SitingWarning, ...]:
    """Name facilities and candidates farther from any road than the longest connector."""
    warnings = []
    for existing, zh, en in (
        (
            True,
            "处现有设施{m:g}米内无道路,不计入服务覆盖",
            "existing facilities have no road within {m:g} m and cover nobody",
        ),
        (
            False,
            "处候选点{m:g}米内无道路,床位可计,服务覆盖不计",
            "candidates have no road within {m:g} m: beds count, cover does not",
        ),
    ):
        chosen = np.flatnonzero(roadless & (table.existing == existing))
        if len(chosen):
            named = ", ".join(table.id[i] for i in chosen[:_SHOWN]) + ("…" if len(chosen) > _SHOWN else "")
            warnings.append(
                errors.SitingWarning(
                    "sites",
                    f"{len(chosen)}{zh.format(m=connector_m)}:{named}。",
                    f"{len(chosen)} {en.format(m=connector_m)}: {named}.",
                )
            )
    return tuple(warnings)
