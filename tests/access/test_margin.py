"""The edge of the road data: drawn towns whose streets end at the border, run on, or stop short of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from towns import problem, sites

from siting.access import RoadGraph, edge_warnings, margin
from siting.access.margin import data_region
from siting.model.places import Districts, Zones

SIDE = 2000.0


def districts(*shapes: shapely.Polygon) -> Districts:
    ids = tuple(f"D{i}" for i in range(len(shapes)))
    return Districts(ids, ids, ids, shapes, ids)


def lattice(west: float, south: float, east: float, north: float, step: float = 100.0) -> RoadGraph:
    x, y = np.arange(west, east + 1, step), np.arange(south, north + 1, step)
    place = np.arange(len(x) * len(y)).reshape(len(y), len(x))
    u = np.concatenate([place[:, :-1].ravel(), place[:-1].ravel()])
    v = np.concatenate([place[:, 1:].ravel(), place[1:].ravel()])
    gx, gy = np.meshgrid(x, y)
    return RoadGraph.from_edges(gx.ravel(), gy.ravel(), u, v)


SQUARE = districts(shapely.box(0, 0, SIDE, SIDE))
TOWN = problem([[1], [2], [4], [8]], [0, 0, 0, -1], [], sites([]))
PLACES = {"x_m": [1000.0, 300.0, 600.0, 2300.0], "y_m": [1000.0, 1000.0, 1900.0, 1000.0]}
"""In the middle; 300 m from the western border; 100 m from the northern one; outside every district."""


def zones() -> Zones:
    return replace(TOWN.zones, **PLACES)


def everybody(radius_m: float) -> list[tuple[str, float, np.ndarray]]:
    persons = TOWN.zones.persons.sum(axis=(1, 2))
    return [("T-01", radius_m, np.where(TOWN.zones.district >= 0, persons, 0.0))]


def test_streets_that_end_at_the_border() -> None:
    """Nothing is known beyond: those within a radius of the border may miss facilities, and are told."""
    found = margin(lattice(0, 0, SIDE, SIDE), SQUARE, zones(), everybody(300.0))
    assert found.beyond_m == {"west": 0, "south": 0, "east": 0, "north": 0}
    assert (found.near_edge, found.concerned) == ({"T-01": 2 + 4}, {"T-01": 7})
    (warning,) = edge_warnings(found)
    assert warning.source == "roads"
    assert "T-01 6 (85.7%)" in warning.en
    assert "T-01 6人(85.7%)" in warning.zh
    assert margin(lattice(0, 0, SIDE, SIDE), SQUARE, zones(), everybody(299.9)).near_edge == {"T-01": 4}


def test_streets_that_run_on_beyond_the_border() -> None:
    found = margin(lattice(-500, -1000, 3000, 2200), SQUARE, zones(), everybody(290.0))
    assert found.beyond_m == {"west": 500, "south": 1000, "east": 1000, "north": 200}
    assert found.near_edge == {"T-01": 0}
    assert edge_warnings(found) == ()
    assert margin(lattice(-500, -1000, 3000, 2200), SQUARE, zones(), everybody(300.0)).near_edge == {"T-01": 4}


def test_streets_that_stop_short_of_the_border() -> None:
    """Homes beyond the last street are beyond the data."""
    found = margin(lattice(0, 0, SIDE, 1500), SQUARE, zones(), everybody(90.0))
    assert found.beyond_m["north"] == -500
    assert found.near_edge == {"T-01": 4}
    assert data_region(lattice(0, 0, SIDE, 1500), SQUARE).area == pytest.approx(3e6)
    assert margin(lattice(0, 0, SIDE, 1500), SQUARE, zones(), everybody(500.0)).near_edge == {"T-01": 7}


def test_roads_cut_along_a_winding_border_end_where_it_winds() -> None:
    """An L of two districts: its inner corner is an edge of the data, which no hull of the roads would show."""
    shape = districts(shapely.box(0, 0, 2000, 1000), shapely.box(0, 1000, 1000, 2000))
    arms = lattice(0, 0, SIDE, SIDE)
    kept = (arms.y_m <= 1000) | (arms.x_m <= 1000)
    number = np.cumsum(kept) - 1
    both = kept[arms.u] & kept[arms.v]
    graph = RoadGraph.from_edges(arms.x_m[kept], arms.y_m[kept], number[arms.u[both]], number[arms.v[both]])
    assert data_region(graph, shape).area == pytest.approx(3e6)
    assert margin(graph, shape, zones(), everybody(0.0)).near_edge == {"T-01": 1}  # the inner corner itself
