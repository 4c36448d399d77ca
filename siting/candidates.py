"""Which sites a study has: facilities, listed candidates and made ones, as far as the ground allows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from siting import access, demand, errors, making
from siting.model.access import RoadState
from siting.model.ground import GROUPS, Screening
from siting.model.sites import Sites
from siting.screening import screened
from siting.sources.made_options import Committees, Generated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siting.cache import Cache
    from siting.config import Config
    from siting.model.arrays import BoolArray, FloatArray
    from siting.model.ground import Ground, Group, Tally
    from siting.model.places import Districts, Zones
    from siting.model.raw import Raw
    from siting.model.roads import RoadGraph

ANYWHERE_M = 1e7
"""A connector that reaches every street."""
_SHOWN = 10


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """The sites of a study.

    Attributes
    ----------
    sites : Sites
        Existing facilities first, then listed candidates, then made ones in the order of the study.
    screening : Screening
        What the ground kept off.
    warnings : tuple[SitingWarning, ...]
    """

    sites: Sites
    screening: Screening
    warnings: tuple[errors.SitingWarning, ...]


def gather(config: Config, raw: Raw, zones: Zones, cache: Cache) -> Gathered:
    """Put facilities, listed and made candidates into one table, each in its district.

    Parameters
    ----------
    config : Config
    raw : Raw
    zones : Zones
        Candidates are made where they live.
    cache : Cache

    Raises
    ------
    DataError
        When the study supposes that candidates fall through that there are not.
    """
    connector_m, ground = config.options.walk.max_connector_m, (raw.ground, raw.crs)
    count = _Count(raw)
    count.lay(raw.facilities, "existing")
    parts = [raw.facilities, _at_the_street(raw, count.listed(raw.candidates))]
    for asked in config.options.candidates:
        if isinstance(asked, Generated):
            made, tallies, dropped = cache.call(
                "candidates", _generated, (raw.roads, raw.districts), zones, asked, ground, connector_m
            )
            count.add("generated", tallies, dropped)
            parts.append(made)
        elif isinstance(asked, Committees):
            premises = (asked.floor_area_m2, asked.context)
            offered = making.of_committees(raw.communities, asked.tag, asked.kinds, asked.tenure, premises)
            parts.append(count.listed(offered))
    table = _available(config, Sites.joined(parts))
    table = replace(table, district=demand.locate(table.x_m, table.y_m, raw.districts))
    on_road = cache.call("on_road", _on_road, raw.roads, table.x_m, table.y_m, connector_m)
    screening = count.screening()
    return Gathered(table, screening, (*_told(raw, screening), *_roadless(table, ~on_road, connector_m)))


@dataclass(slots=True)
class _Count:
    """Lays tables of sites on the study's ground, and keeps count."""

    raw: Raw
    tallies: list[Tally] = field(default_factory=list)
    dropped: dict[Group, int] = field(default_factory=dict)

    def lay(self, table: Sites, group: Group) -> BoolArray:
        """Return which sites may stand where they are."""
        free, _, tallies = screened(table, self.raw.ground, self.raw.crs, group, self.raw.parcels)
        self.add(group, tallies, int((~free).sum()))
        return free

    def listed(self, table: Sites) -> Sites:
        """Return the sites of a table that may stand where they are; committed ones stay, and are told of."""
        committed = table.opens > 0
        kept = np.ones(len(table), dtype=np.bool_)
        self.lay(table.taken(np.flatnonzero(committed)), "committed")
        kept[~committed] = self.lay(table.taken(np.flatnonzero(~committed)), "listed")
        return table.taken(np.flatnonzero(kept))

    def add(self, group: Group, tallies: Sequence[Tally], dropped: int) -> None:
        """Count what one table of a group met."""
        self.tallies += tallies
        if dropped and group in {"generated", "listed"}:
            self.dropped[group] = self.dropped.get(group, 0) + dropped

    def screening(self) -> Screening:
        """Return the whole count."""
        dropped = tuple((group, self.dropped[group]) for group in GROUPS if group in self.dropped)
        return Screening(_merged(self.tallies), dropped)


def _generated(
    place: tuple[RoadGraph, Districts],
    zones: Zones,
    asked: Generated,
    on: tuple[tuple[Ground, ...], str],
    connector_m: float,
) -> tuple[Sites, tuple[Tally, ...], int]:
    """Make candidates where people live, and keep those worth keeping on ground that allows them."""
    roads, districts = place
    if asked.generate == "grid":
        table, weight = making.on_grid(zones, asked.spacing_m, asked.kinds, asked.tenure)
    else:
        found = access.snap(roads, zones.x_m, zones.y_m, connector_m)
        table, weight = making.on_network(zones, found, asked.spacing_m, asked.kinds, asked.tenure)
    free, suits, tallies = screened(table, *on, "generated")
    kept = np.flatnonzero(free)
    table, weight = table.taken(kept), (weight * suits)[kept]
    district = demand.locate(table.x_m, table.y_m, districts)
    on_road = _on_road(roads, table.x_m, table.y_m, connector_m)
    chosen = making.worth_keeping(district, weight, on_road, asked.limit, asked.per_district)
    return table.taken(chosen), tallies, int((~free).sum())


def _on_road(roads: RoadGraph, x_m: FloatArray, y_m: FloatArray, connector_m: float) -> BoolArray:
    """Return which sites have a road within the longest connector."""
    return np.asarray(access.snap(roads, x_m, y_m, connector_m).state != RoadState.NO_ROAD)


def _at_the_street(raw: Raw, table: Sites) -> Sites:
    """Stand every parcel where its edge comes nearest to the street that is nearest to its middle."""
    which = np.flatnonzero([name in raw.parcels for name in table.id])
    if not len(which):
        return table
    x_m, y_m = table.x_m.copy(), table.y_m.copy()
    found = access.snap(raw.roads, x_m[which], y_m[which], ANYWHERE_M)
    on = found.state != RoadState.NO_ROAD
    outline = np.array([raw.parcels[table.id[index]] for index in which], dtype=object)[on]
    way = shapely.shortest_line(outline, shapely.points(found.x_m[on], found.y_m[on]))
    x_m[which[on]], y_m[which[on]] = shapely.get_coordinates(shapely.get_point(way, 0)).T
    return replace(table, x_m=x_m, y_m=y_m)


def _available(config: Config, table: Sites) -> Sites:
    """Leave out the candidates that are supposed to fall through."""
    what_if = config.options.what_if
    candidates = {table.id[i] for i in np.flatnonzero(~table.existing)}
    unknown = sorted(set(what_if.unavailable) - candidates)
    if unknown:
        raise errors.DataError(
            errors.Problem(
                "what_if.unavailable", f"there is no candidate {name!r}", "use ids of candidates, as in plan.csv"
            )
            for name in unknown
        )
    lost = what_if.lost(table.id, table.tenure) & ~table.existing
    return table.taken(np.flatnonzero(~lost)) if lost.any() else table


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
            more = "…" if len(one.named) > _SHOWN else ""
            named_zh = f"：{'、'.join(one.named[:_SHOWN])}{more}" if one.named else ""
            named_en = f": {', '.join(one.named[:_SHOWN])}{more}" if one.named else ""
            told.append(
                errors.SitingWarning(
                    layer.file,
                    f"{layer.title.zh}（{layer.condition.zh}）：{one.on} {zh}{named_zh}。",
                    f"{layer.title.en} ({layer.condition.en}): {one.on} {en}{named_en}.",
                )
            )
        if one.silent and one.group != "existing":
            told.append(
                errors.SitingWarning(
                    layer.file,
                    f"{layer.title.zh}：{one.checked} 处中有 {one.silent} 处没有数据，未据此排除或折减。",
                    f"{layer.title.en}: it says nothing at {one.silent} of {one.checked} places, which stay.",
                    ("换用覆盖规划范围的图层", "use a layer that covers the whole area"),
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
                    (
                        "核对坐标,补全道路,或调整 `walk.max_connector_m`",
                        "check their coordinates, complete the roads, or change `walk.max_connector_m`",
                    ),
                )
            )
    return tuple(warnings)
