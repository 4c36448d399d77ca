"""What lies across the border: streets and facilities of neighbouring counties, as far as anybody may walk to them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Transformer
from scipy.spatial import cKDTree

from siting.errors import SitingWarning
from siting.model.sites import ACROSS, Sites

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely import Geometry

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.raw import Raw
    from siting.model.roads import RoadGraph

_SAME_NODE_M = 0.05
"""Ends of streets this near each other are one junction that two files hold: their degrees are rounded alike."""
_SAME_PLACE_M = 50.0
"""A facility of the same name this near is the same one, listed by both counties."""


def widened(raw: Raw, others: Sequence[tuple[str, Raw]], reach_m: float) -> Raw:
    """Add the streets and facilities that neighbours have within a reach of the districts.

    Facilities across the border serve whoever can walk to them; they lie in no district, so that no clause counts them
    or their beds, and no plan changes them. Streets of two files join where they share a node; streets should not be
    merged before (`siting.access.merge_degree_two`), or the node may be gone.

    Parameters
    ----------
    raw : Raw
    others : sequence of (str, Raw)
        Neighbours by the name that ids of their facilities begin with; on any plane.
    reach_m : float
        The longest reach of any clause.
    """
    own: Geometry = shapely.union_all(list(raw.districts.geometry))
    near: Geometry = shapely.buffer(own, reach_m)
    shapely.prepare([own, near])
    roads, facilities, provenance, told = raw.roads, [raw.facilities], list(raw.provenance), []
    for name, other in others:
        turn = Transformer.from_crs(other.crs, raw.crs, always_xy=True)
        streets = _streets(other.roads, turn, near)
        guests = _guests(name, other.facilities, turn, (own, near), raw.facilities)
        if streets.edge_count:
            roads = _joined(roads, streets)
        facilities.append(guests)
        provenance += [replace(item, path=f"{name}: {item.path}") for item in other.provenance if item.role in _SHARED]
        told.append((name, streets.edge_count, len(guests)))
    warnings = (*raw.warnings, *_told(told, reach_m))
    return replace(
        raw, roads=roads, facilities=Sites.joined(facilities), provenance=tuple(provenance), warnings=warnings
    )


_SHARED = ("roads", "facilities")


def _streets(graph: RoadGraph, turn: Transformer, near: Geometry) -> RoadGraph:
    """Return the edges of a graph that come near, on the other plane."""
    course = np.column_stack(turn.transform(*graph.course_xy_m.T))
    inside = shapely.intersects_xy(near, course[:, 0], course[:, 1])
    kept = np.logical_or.reduceat(inside, graph.course_start[:-1]) if graph.edge_count else np.zeros(0, np.bool_)
    x, y = (np.asarray(part) for part in turn.transform(graph.x_m, graph.y_m))
    return _taken(replace(graph, x_m=x, y_m=y, course_xy_m=course), np.flatnonzero(kept))


def _taken(graph: RoadGraph, edge: IntArray) -> RoadGraph:
    """Return a graph of some edges and their nodes."""
    node, ends = np.unique(np.concatenate([graph.u[edge], graph.v[edge]]), return_inverse=True)
    count = np.diff(graph.course_start)[edge]
    start = np.concatenate([[0], np.cumsum(count)])
    vertex = np.repeat(graph.course_start[edge] - start[:-1], count) + np.arange(start[-1])
    return replace(
        graph,
        x_m=graph.x_m[node],
        y_m=graph.y_m[node],
        u=ends[: len(edge)].astype(np.int32),
        v=ends[len(edge) :].astype(np.int32),
        course_xy_m=graph.course_xy_m[vertex],
        course_start=start,
        **{name: getattr(graph, name)[edge] for name in (*_BY_EDGE, "road_class")},
    )


_BY_EDGE = ("length_m", "forward", "backward", "features", "drive_km_per_h", "slope")


def _joined(one: RoadGraph, other: RoadGraph) -> RoadGraph:
    """Return two graphs as one, a node of the second that lies on one of the first being that one."""
    away, nearest = cKDTree(np.column_stack([one.x_m, one.y_m])).query(np.column_stack([other.x_m, other.y_m]))
    fresh = away > _SAME_NODE_M
    number = np.where(fresh, one.node_count + np.cumsum(fresh) - 1, nearest)
    classes = tuple(dict.fromkeys((*one.road_classes, *other.road_classes)))
    renamed = np.array([classes.index(name) for name in other.road_classes], dtype=np.int16)

    def both(name: str) -> Any:  # noqa: ANN401 - a column of the graph
        return np.concatenate([getattr(one, name), getattr(other, name)])

    return replace(
        one,
        x_m=np.concatenate([one.x_m, other.x_m[fresh]]),
        y_m=np.concatenate([one.y_m, other.y_m[fresh]]),
        u=np.concatenate([one.u, number[other.u]]),
        v=np.concatenate([one.v, number[other.v]]),
        course_xy_m=both("course_xy_m"),
        course_start=np.concatenate([one.course_start, one.course_start[-1] + other.course_start[1:]]),
        road_class=np.concatenate([one.road_class, renamed[other.road_class]]),
        road_classes=classes,
        **{name: both(name) for name in _BY_EDGE},
    )


def _guests(name: str, table: Sites, turn: Transformer, areas: tuple[Geometry, Geometry], hosts: Sites) -> Sites:
    """Return a neighbour's facilities within the reach of the districts but not inside them, marked as such."""
    x, y = (np.asarray(part) for part in turn.transform(table.x_m, table.y_m))
    own, near = areas
    wanted = shapely.intersects_xy(near, x, y) & ~shapely.intersects_xy(own, x, y) & table.existing
    wanted &= ~_listed(table, (x, y), hosts)
    chosen = replace(table, x_m=x, y_m=y).taken(np.flatnonzero(wanted))
    return replace(
        chosen,
        id=tuple(f"{name}/{one}" for one in chosen.id),
        tags=tuple(tuple(dict.fromkeys((*tags, ACROSS))) for tags in chosen.tags),
        district=np.full(len(chosen), -1),
    )


def _listed(table: Sites, xy: tuple[FloatArray, FloatArray], hosts: Sites) -> BoolArray:
    """Return which facilities the county itself lists: of the same name, and near."""
    found = np.zeros(len(table), dtype=np.bool_)
    places = {name: (x, y) for name, x, y in zip(hosts.name, hosts.x_m.tolist(), hosts.y_m.tolist(), strict=True)}
    for index, name in enumerate(table.name):
        if name in places:
            away = np.hypot(xy[0][index] - places[name][0], xy[1][index] - places[name][1])
            found[index] = away <= _SAME_PLACE_M
    return found


def _told(told: list[tuple[str, int, int]], reach_m: float) -> tuple[SitingWarning, ...]:
    """Say what was added."""
    if not told:
        return ()
    zh = "、".join(f"{name}(道路{edges}段、设施{sites}处)" for name, edges, sites in told)
    en = ", ".join(f"{name} ({edges} streets, {sites} facilities)" for name, edges, sites in told)
    return (
        SitingWarning(
            "borders",
            f"计入边界外{reach_m:,.0f}米以内邻县的道路和现有设施,仅提供服务,不计入本县床位和设施数:{zh}。",
            f"Streets and facilities of neighbours within {reach_m:,.0f} m of the border are taken in; they serve, "
            f"but neither they nor their beds count as the county's own: {en}.",
        ),
    )
