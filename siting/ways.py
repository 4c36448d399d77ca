"""Ways between homes and facilities, and between facilities, measured as far as some clause asks and no farther."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from siting import access, errors
from siting.cache import NO_CACHE, Cache
from siting.model.access import DRIVE_M_PER_S, Access, RoadState, Snap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.config import Config
    from siting.model.arrays import BoolArray, FloatArray
    from siting.model.catalogue import Catalogue
    from siting.model.places import Zones
    from siting.model.problem import Csr, Reach, Travel
    from siting.model.roads import RoadGraph
    from siting.model.sites import Sites


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """What was measured.

    Attributes
    ----------
    access, effort, drive, between
        As `siting.model.problem.Problem` has them.
    warnings : tuple[SitingWarning, ...]
    """

    access: Access
    effort: Mapping[float, Access]
    warnings: tuple[errors.SitingWarning, ...]
    drive: Access | None = None
    between: Mapping[Travel, Csr[Any, tuple[int, int]]] = field(default_factory=dict)


def measured(config: Config, roads: RoadGraph, zones: Zones, places: Sites, cache: Cache = NO_CACHE) -> Ways:
    """Measure as far as the longest reach of any clause, and by walking speed what the ways cost, if that differs."""
    walk = config.options.walk
    reaches = [reach for rule in config.rules for speed in walk.speeds if (reach := rule.reach(speed)) is not None]
    reaches += [*_farther(config), *(service.reach for service in config.services)]
    on_foot = [reach for reach in reaches if reach.mode == "walk"]
    homes, doors = (
        cache.call("snaps", access.snap_with_report, roads, at.x_m, at.y_m, walk.max_connector_m)
        for at in (zones, places)
    )
    plain = cache.call("ways", access.measure_snapped, roads, homes.snap, doors.snap, _longest(on_foot))
    effort = {}
    for speed in walk.speeds if walk.costs_time else ():
        limit = _longest([reach for reach in on_foot if reach.speed_m_per_s == speed])
        effort[speed] = cache.call("efforts", _effort, roads, walk, speed, plain, limit)
    driven, between_m = [one for one in reaches if one.mode == "drive"], _limits(config)
    connector_m = walk.max_connector_m
    drive: Access | None = None
    if driven:
        doors_xy = (_xy(places), _may_be(places, config.catalogue, _kinds_of(driven)))
        drive = cache.call("drives", _driven, roads, _xy(zones), doors_xy, _longest(driven), connector_m)
    return Ways(
        access=plain,
        effort=effort,
        warnings=(
            *_moved(zones, places, homes.resnapped, doors.resnapped),
            *_barred(zones, places, homes.barred, doors.barred),
        ),
        drive=drive,
        between=cache.call("between", _between, roads, _xy(places), between_m, connector_m) if between_m else {},
    )


def _farther(config: Config) -> list[Reach]:
    """Return the reaches of clauses whose distances a goal tells apart farther than the clauses themselves look."""
    return [
        replace(reach, metres=goal.up_to_m)
        for goal in config.options.goals
        for rule in config.rules
        for speed in config.options.walk.speeds
        if goal.up_to_m and goal.of in {None, rule.clause.id} and (reach := rule.reach(speed)) is not None
    ]


def longest_reach(config: Config) -> float:
    """Return how far anybody walks by any clause, in metres."""
    told = (rule.reach(speed) for rule in config.rules for speed in config.options.walk.speeds)
    return _longest([reach for reach in told if reach is not None and reach.mode == "walk"])


def _longest(reaches: list[Reach]) -> float:
    """Return the longest of some reaches, in metres; nought without any."""
    return max((reach.metres for reach in reaches), default=0.0)


def _effort(roads: RoadGraph, walk: access.WalkOptions, speed: float, plain: Access, limit_m: float) -> Access:
    """Measure what ways cost walkers of one speed."""
    return access.measure_effort(roads, access.with_effort(roads, walk, speed), plain, limit_m)


def _kinds_of(reaches: list[Reach]) -> frozenset[str]:
    """Return the kinds that some reaches speak of; none, which means any, where one of them means any."""
    if not all(reach.kinds for reach in reaches):
        return frozenset()
    return frozenset.union(*(reach.kinds for reach in reaches))


def _may_be(places: Sites, catalogue: Catalogue, kinds: frozenset[str]) -> BoolArray:
    """Return the sites that are of one of some kinds, or can become so: bool[site]; all where any kind is meant."""
    if not kinds:
        return np.ones(len(places), dtype=np.bool_)
    becomes = {name: {name, *(to.kind for to in kind.convert_to)} for name, kind in catalogue.kinds.items()}
    return np.array(
        [
            not kinds.isdisjoint(becomes.get(kind, {kind}) if there else allowed)
            for there, kind, allowed in zip(places.existing, places.kind, places.kinds_allowed, strict=True)
        ],
        dtype=np.bool_,
    )


def _driven(
    roads: RoadGraph, homes_xy: FloatArray, doors: tuple[FloatArray, BoolArray], limit_m: float, connector_m: float
) -> Access:
    """Measure from sites to zones by vehicle, from those sites that some clause drives from.

    Half an hour by vehicle is a whole city: a table of all sites would be full, where kitchens are few. The other sites
    are not joined to the streets (``NO_ROAD``), and no way of theirs is stored.
    """
    xy, asked = doors
    minutes = limit_m / DRIVE_M_PER_S / 60
    ways = access.measure_driving(
        roads, homes_xy, xy[asked], minutes=minutes, max_connector_m=connector_m, from_sites=True
    )
    column, metres = np.flatnonzero(asked), ways.metres
    wide = sparse.csr_array((metres.data, column[metres.indices], metres.indptr), shape=(metres.shape[0], len(asked)))
    return Access(wide, ways.cutoff_m, ways.zones, _among(ways.sites, asked, xy))


def _among(found: Snap, asked: BoolArray, xy: FloatArray) -> Snap:
    """Return positions of all sites, of which only those asked were looked for."""
    count = len(asked)
    edge, state = np.full(count, -1), np.full(count, RoadState.NO_ROAD, dtype=np.uint8)
    offset_m, connector_m, x_m, y_m = np.zeros(count), np.full(count, np.nan), xy[:, 0].copy(), xy[:, 1].copy()
    for every, own in (
        (edge, found.edge),
        (state, found.state),
        (offset_m, found.offset_m),
        (connector_m, found.connector_m),
        (x_m, found.x_m),
        (y_m, found.y_m),
    ):
        every[asked] = own
    return Snap(edge, offset_m, connector_m, x_m, y_m, state)


def _limits(config: Config) -> dict[Travel, float]:
    """Return how far ways between sites are asked for, by mode."""
    limits: dict[Travel, float] = {}
    for rule in config.rules:
        for mode, metres in rule.between().items():
            limits[mode] = max(limits.get(mode, 0.0), metres)
    return limits


def _between(
    roads: RoadGraph, xy: FloatArray, limits: Mapping[Travel, float], connector_m: float
) -> dict[Travel, Csr[Any, tuple[int, int]]]:
    """Measure from sites to sites, by every mode that a clause asks for; a site on a road is nought from itself."""
    found: dict[Travel, Csr[Any, tuple[int, int]]] = {}
    for mode, limit_m in limits.items():
        if mode == "drive":
            minutes = limit_m / DRIVE_M_PER_S / 60
            ways = access.measure_driving(roads, xy, xy, minutes=minutes, max_connector_m=connector_m)
        else:
            ways = access.measure(roads, xy, xy, cutoff_m=limit_m, max_connector_m=connector_m)
        found[mode] = _with_own(ways)
    return found


def _with_own(ways: Access) -> Csr[Any, tuple[int, int]]:
    """Return the ways with that of every site on a road to itself put to nought: csr (sites × sites)."""
    table = sparse.coo_array(ways.metres)
    row, column = table.coords
    apart = row != column
    own = np.flatnonzero(ways.sites.state != RoadState.NO_ROAD)
    return sparse.csr_array(
        (
            np.concatenate([table.data[apart], np.zeros(len(own))]),
            (np.concatenate([row[apart], own]), np.concatenate([column[apart], own])),
        ),
        shape=table.shape,
    )


def _xy(places: Zones | Sites) -> FloatArray:
    """Return where places lie: float64[place, 2]."""
    return np.column_stack([places.x_m, places.y_m])


def _moved(
    zones: Zones, places: Sites, homes: access.Resnapped, facilities: access.Resnapped
) -> tuple[errors.SitingWarning, ...]:
    """Say how many persons and which sites were moved from islands to the network proper."""
    point = homes.point[zones.district[homes.point] >= 0]
    persons = float(zones.persons[point, :, -1].sum())
    if not len(point) and not len(facilities):
        return ()
    named = ", ".join(places.id[i] for i in facilities.point[:10])
    return (
        errors.SitingWarning(
            "roads",
            f"{len(point)}个格网({persons:,.0f}名老年人)和{len(facilities)}处设施或候选点最近的道路是孤立路段"
            f"(总长不足{access.ISLAND_LENGTH_M:g}米),已改接附近的主路网{':' + named if named else ''}。",
            f"{len(point)} cells ({persons:,.0f} older persons) and {len(facilities)} facilities or candidates have an "
            f"isolated piece of street (less than {access.ISLAND_LENGTH_M:g} m in all) as their nearest road; they are "
            f"joined to the main network nearby{': ' + named if named else ''}.",
        ),
    )


def _barred(
    zones: Zones, places: Sites, homes: access.Barred, facilities: access.Barred
) -> tuple[errors.SitingWarning, ...]:
    """Say how many persons and which sites have a wall or water between them and their nearest street."""
    inside = zones.district[homes.point] >= 0
    point, edge = homes.point[inside], homes.edge[inside]
    if not len(point) and not len(facilities):
        return ()
    persons = zones.persons[point, :, -1].sum(axis=1)
    lost, cells, doors = float(persons[edge < 0].sum()), int((edge < 0).sum()), int((facilities.edge < 0).sum())
    named = ", ".join(places.id[i] for i in facilities.point[:10])
    return (
        errors.SitingWarning(
            "roads",
            f"{len(point)}个格网({persons.sum():,.0f}名老年人)和{len(facilities)}处设施或候选点与最近道路之间隔着围墙或"
            f"水域,已改接不需穿越的最近道路;其中{cells}个格网({lost:,.0f}名老年人)和{doors}处设施或候选点在最大接入"
            f"距离内没有这样的道路,按无道路计{':' + named if named else ''}。",
            f"{len(point)} cells ({persons.sum():,.0f} older persons) and {len(facilities)} facilities or candidates "
            f"have a wall or water between them and their nearest street; they are joined to the nearest street that "
            f"needs no crossing. {cells} of the cells ({lost:,.0f} older persons) and {doors} of the facilities or "
            f"candidates have none within the longest connector and count as having no road"
            f"{': ' + named if named else ''}.",
        ),
    )
