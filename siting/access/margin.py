"""How far the road data reach beyond the districts, and who lives so near their edge that a facility may be missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from siting.errors import SitingWarning
from siting.model.plan import Margin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapely import Geometry

    from siting.model.arrays import BoolArray, FloatArray
    from siting.model.places import Districts, Zones
    from siting.model.roads import RoadGraph

CUT_OFF = 0.01
"""Road data of which no larger share of nodes lies outside the districts were cut along their border."""


def data_region(graph: RoadGraph, districts: Districts) -> Geometry:
    """Return the area that the road data are taken to know.

    The convex hull of the roads; where they were cut along the districts' border (`CUT_OFF`) only what of it lies
    inside the districts, however much the border winds.
    """
    inside: Geometry = shapely.union_all(list(districts.geometry))
    shapely.prepare(inside)
    outside = ~shapely.intersects_xy(inside, graph.x_m, graph.y_m)
    hull: Geometry = shapely.convex_hull(shapely.MultiPoint(np.column_stack([graph.x_m, graph.y_m])))
    return shapely.intersection(hull, inside) if outside.mean() <= CUT_OFF else hull


def margin(
    graph: RoadGraph, districts: Districts, zones: Zones, clauses: Iterable[tuple[str, float, FloatArray]]
) -> Margin:
    """Measure how far the road data reach beyond the districts, and count who lives near the data's edge.

    Parameters
    ----------
    graph : RoadGraph
    districts : Districts
    zones : Zones
    clauses : iterable of (clause id, service radius in metres, float64[zone])
        Of each coverage clause the persons it concerns.

    Returns
    -------
    Margin
        Near is within one service radius, as the crow flies, of the region's edge, or beyond it: part of what such
        persons could reach may lie where there are no data.
    """
    region = data_region(graph, districts)
    west, south, east, north = shapely.total_bounds(np.array(districts.geometry, dtype=object)).tolist()
    beyond = {
        "west": west - float(graph.x_m.min()),
        "south": south - float(graph.y_m.min()),
        "east": float(graph.x_m.max()) - east,
        "north": float(graph.y_m.max()) - north,
    }
    inside = np.flatnonzero(zones.district >= 0)
    to_edge = np.full(len(zones), np.inf)
    told = list(clauses)
    farthest = max((radius_m for _, radius_m, _ in told), default=0.0)
    to_edge[inside] = _to_edge(region, zones.x_m[inside], zones.y_m[inside], farthest)
    near, concerned = {}, {}
    for clause, radius_m, persons in told:
        near[clause] = float(persons[to_edge <= radius_m].sum())
        concerned[clause] = float(persons[inside].sum())
    return Margin(beyond, near, concerned)


def _to_edge(region: Geometry, x_m: FloatArray, y_m: FloatArray, farthest_m: float) -> FloatArray:
    """Return metres from points to the edge of the region; nought beyond it, infinite where surely over the farthest.

    Distances to a long edge cost a hundred times what it takes to see that a point lies deep inside.
    """
    metres = np.zeros(len(x_m))
    deep = shapely.buffer(region, -1.02 * farthest_m - 1.0)  # 2 %: more than the chords of a buffer's arcs may err
    shapely.prepare(deep)
    far: BoolArray = shapely.intersects_xy(deep, x_m, y_m)
    metres[far] = np.inf
    shapely.prepare(region)
    near = np.flatnonzero(~far & shapely.intersects_xy(region, x_m, y_m))
    edge = shapely.boundary(region)
    shapely.prepare(edge)
    metres[near] = shapely.distance(shapely.points(x_m[near], y_m[near]), edge)
    return metres


def edge_warnings(found: Margin) -> tuple[SitingWarning, ...]:
    """Say who lives near the edge of the data, if anybody does."""
    near = {clause: persons for clause, persons in found.near_edge.items() if persons > 0}
    if not near:
        return ()
    west, south, east, north = (found.beyond_m[side] for side in ("west", "south", "east", "north"))

    def share(clause: str) -> float:
        return near[clause] / found.concerned[clause]

    zh = "、".join(f"{clause} {persons:,.0f}人({share(clause):.1%})" for clause, persons in near.items())
    en = ", ".join(f"{clause} {persons:,.0f} ({share(clause):.1%})" for clause, persons in near.items())
    return (
        SitingWarning(
            "roads",
            f"道路数据超出区划外框:西{west:,.0f}米、南{south:,.0f}米、东{east:,.0f}米、北{north:,.0f}米(负值为未到边界)。"
            f"距数据边缘不足一个服务半径的老年人,其可达设施可能在数据之外,覆盖可能低估:{zh}。",
            f"The road data reach beyond the districts' box by {west:,.0f} m in the west, {south:,.0f} m in the south, "
            f"{east:,.0f} m in the east and {north:,.0f} m in the north (negative: they end inside). Persons who live "
            f"within one service radius of the data's edge, so that facilities in their reach may be missing: {en}.",
            (
                "取用范围更大的道路与设施数据,至少超出区划一个服务半径",
                "use roads and facilities of a wider area, at least a service radius beyond the districts",
            ),
        ),
    )
