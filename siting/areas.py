"""Areas within reach: the service areas of a run, and isochrones on their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely
from pyproj import Transformer

from siting import access, errors
from siting.access import DRIVE_M_PER_S, Mode
from siting.cache import NO_CACHE, Cache
from siting.model.access import RoadState
from siting.model.plan import ServiceArea

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame

    from siting.access import Isochrones
    from siting.config import Config
    from siting.model.arrays import FloatArray, IntArray
    from siting.model.plan import Moment
    from siting.model.problem import Problem, State
    from siting.model.raw import Raw
    from siting.model.roads import RoadGraph

CYCLE_M_PER_S = 15 / 3.6
"""An older person's bicycle or e-bike in town; our choice (e-bikes may do 25 km/h by GB 17761-2018)."""

SLIVER_M2 = 1.0
"""Pieces of a ring that are no larger come of chords that two outlines draw differently."""

Travel = Literal["walk", "cycle", "drive"]


def service_areas(
    config: Config, raw: Raw, problem: Problem, moment: Moment, state: State, cache: Cache = NO_CACHE
) -> tuple[ServiceArea, ...]:
    """Draw, for every coverage clause, what lies within reach of its open facilities in the last phase.

    Time circles also get their inner rings, every five minutes, and are those of the study's single walking speed.
    """
    walk = config.options.walk
    slowed = access.with_effort(raw.roads, walk, walk.speed_m_per_s)
    areas: list[ServiceArea] = []
    barriers = _barriers(raw)
    for rule in config.rules:
        reach = rule.reach(walk.speed_m_per_s)
        if reach is None or reach.mode != "walk":
            continue
        working = np.unique(problem.options.site[state.open[-1] & problem.options.of_kinds(reach.kinds)])
        if not len(working):
            continue
        minutes = getattr(rule.parameters, "minutes", None)
        rings = [reach.metres] if minutes is None else [m * 60 * walk.speed_m_per_s for m in _every_fifth(minutes)]
        roads = raw.roads if minutes is None else slowed
        x_m, y_m = problem.sites.x_m[working], problem.sites.y_m[working]
        drawn = cache.call("outlines", _outlines, roads, (x_m, y_m), rings, walk.max_connector_m, barriers)
        areas += [
            ServiceArea(
                clause=rule.clause.id,
                moment=moment,
                metres=float(metres),
                minutes=None if minutes is None else float(metres) / 60 / walk.speed_m_per_s,
                geometry=polygon,
            )
            for metres, polygon in drawn
        ]
    return tuple(areas)


def _outlines(
    roads: RoadGraph,
    places: tuple[FloatArray, FloatArray],
    rings: list[float],
    connector_m: float,
    barriers: shapely.Geometry | None,
) -> list[tuple[float, shapely.Geometry]]:
    """Draw what any of the places reaches, for every ring."""
    drawn = access.isochrones(roads, *places, rings, max_connector_m=connector_m, merged=True, barriers=barriers)
    return list(zip(drawn.cutoff_m.tolist(), drawn.polygons, strict=True))


def _every_fifth(minutes: float) -> list[float]:
    """List every fifth minute below the limit, and the limit."""
    return [*np.arange(5.0, minutes - 1e-9, 5.0).tolist(), minutes]


@dataclass(frozen=True, slots=True)
class Asked:
    """What isochrones are asked for.

    Attributes
    ----------
    minutes : tuple[float, ...]
    lonlat : (float, float) or None
        A place, EPSG:4326; None for all facilities of the study.
    mode : "walk", "cycle" or "drive"
        Walking at the study's single speed with what costs time; cycling at `CYCLE_M_PER_S`; driving by speed limits.
    merged : bool
        One area for all facilities together instead of one for each.
    rings : bool
        Each area without the next shorter one.
    """

    minutes: tuple[float, ...]
    lonlat: tuple[float, float] | None = None
    mode: Travel = "walk"
    merged: bool = False
    rings: bool = False


def isochrone(config: Config, raw: Raw, asked: Asked) -> GeoDataFrame:
    """Draw from where a place, or each facility of the study, is reached within some minutes.

    Parameters
    ----------
    config : Config
        For walking speed and the longest connector.
    raw : Raw
    asked : Asked

    Returns
    -------
    GeoDataFrame (study plane, polygons)
        mode, minutes, metres (along streets, or what the minutes are worth at the mode's level speed); with
        facilities apart also facility and name. Facilities without a road have no row.

    Raises
    ------
    DataError
        When the study has no facility, or nothing that was asked for has a road within the longest connector.
    """
    import geopandas as gpd  # noqa: PLC0415 - heavy

    x, y = _places(raw, asked)
    graph, mode, speed = _travelled(config, raw, asked.mode)
    drawn = access.isochrones(
        graph,
        x,
        y,
        [m * 60 * speed for m in asked.minutes],
        max_connector_m=config.options.walk.max_connector_m,
        mode=mode,
        merged=asked.merged,
        barriers=_barriers(raw),
    )
    _on_roads(drawn, asked, config.options.walk.max_connector_m)
    shown = _shown(drawn, asked)
    table = {
        "mode": [asked.mode] * len(shown),
        "minutes": np.round(drawn.cutoff_m[shown] / 60 / speed, 6),
        "metres": np.round(drawn.cutoff_m[shown], 3),
    }
    if asked.lonlat is None and not asked.merged:
        facility = drawn.facility[shown]
        table |= {
            "facility": [raw.facilities.id[i] for i in facility],
            "name": [raw.facilities.name[i] for i in facility],
        }
    polygons = _rings(drawn) if asked.rings else drawn.polygons
    return gpd.GeoDataFrame(table, geometry=polygons[shown], crs=raw.crs)


def _places(raw: Raw, asked: Asked) -> tuple[Sequence[float], Sequence[float]]:
    """Return the places asked for, on the study's plane."""
    if asked.lonlat is not None:
        x, y = Transformer.from_crs("EPSG:4326", raw.crs, always_xy=True).transform(*asked.lonlat)
        return [x], [y]
    if not len(raw.facilities):
        raise errors.DataError(
            [errors.Problem("--facilities", "the study has no facilities", "name a file under facilities, or a place")]
        )
    return raw.facilities.x_m.tolist(), raw.facilities.y_m.tolist()


def _travelled(config: Config, raw: Raw, travel: Travel) -> tuple[RoadGraph, Mode, float]:
    """Return the roads as a mode finds them, the mode, and the metres per second that its minutes are worth."""
    walk = config.options.walk
    if travel == "walk":
        return access.with_effort(raw.roads, walk, walk.speed_m_per_s), Mode.WALK, walk.speed_m_per_s
    if travel == "cycle":
        return raw.roads, Mode.CYCLE, CYCLE_M_PER_S
    return access.with_driving(raw.roads), Mode.DRIVE, DRIVE_M_PER_S


def _on_roads(drawn: Isochrones, asked: Asked, longest_m: float) -> None:
    """Refuse to draw nothing."""
    lost = drawn.snap.state == RoadState.NO_ROAD
    if not lost.all():
        return
    where = "--facilities" if asked.lonlat is None else f"--lon {asked.lonlat[0]} --lat {asked.lonlat[1]}"
    near = drawn.snap.connector_m.min()
    far = f"the nearest road to {asked.mode} on is {near:,.0f} m away, more than {longest_m:g} m"
    mend = "check for swapped coordinates, or move the place to a road"
    raise errors.DataError([errors.Problem(where, far, mend)])


def _shown(drawn: Isochrones, asked: Asked) -> IntArray:
    """Return the rows of facilities that have a road, all of them when merged."""
    rows = np.arange(len(drawn))
    return rows if asked.merged else rows[drawn.snap.state[drawn.facility] != RoadState.NO_ROAD]


def _rings(drawn: Isochrones) -> np.ndarray:
    """Return each area without the next shorter one of its facility, and without the slivers along their chords."""
    out = drawn.polygons.copy()
    inner = np.flatnonzero(drawn.facility[1:] == drawn.facility[:-1])
    rings = shapely.difference(drawn.polygons[inner + 1], drawn.polygons[inner])
    out[inner + 1] = [access.areal(ring, SLIVER_M2) for ring in rings]
    return out


def _barriers(raw: Raw) -> shapely.Geometry | None:
    """Return all water and all walls that stop walkers, as one shape that isochrones do not cross, or None."""
    walls = raw.roads.obstacles.ends_m[
        (raw.roads.obstacles.body < 0) & ((raw.roads.obstacles.stops & int(Mode.WALK)) != 0)
    ]
    shapes = [shapely.union_all(list(raw.water))] if raw.water else []
    shapes += [shapely.multilinestrings(walls.reshape(-1, 2, 2))] if len(walls) else []
    return shapely.union_all(shapes) if shapes else None
