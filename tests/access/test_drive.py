"""Driving times: known answers on drawn streets, one-ways and limits of a real network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from siting.access import Mode, RoadGraph, drive_minutes, measure_driving, with_driving
from siting.access.graph import usable_edges
from siting.sources.crs import Plane
from siting.sources.manifest import Intake
from siting.sources.options import RoadsFile
from siting.sources.profiles import profiles
from siting.sources.roads import read_roads

if TYPE_CHECKING:
    from pathlib import Path


def ring() -> RoadGraph:
    """A one-way street from A to B (1 km at 60 km/h) and a way back by C (2 km at 30 km/h)."""
    graph = RoadGraph.from_edges([0, 1000, 500], [0, 0, 866.0254037844386], [0, 1, 2], [1, 2, 0])
    return replace(graph, drive_km_per_h=[60, 30, np.nan], forward=[7, 7, 7], backward=[1, 1, 1])


def test_minutes_follow_speeds_and_one_ways() -> None:
    a, b = [[0.0, 0.0]], [[1000.0, 0.0]]
    there = measure_driving(ring(), a, b, minutes=10, max_connector_m=10)
    back = measure_driving(ring(), a, b, minutes=10, max_connector_m=10, from_sites=True)
    assert drive_minutes(there.metres.data).tolist() == pytest.approx([1.0])
    assert drive_minutes(back.metres.data).tolist() == pytest.approx([4.0])
    assert measure_driving(ring(), a, b, minutes=3.99, max_connector_m=10, from_sites=True).metres.nnz == 0


@pytest.mark.real_data
def test_futian_is_driven_by_its_limits_and_one_ways(shared: Path) -> None:
    graph = read_roads(RoadsFile(file="shenzhen-futian/roads.graphml"), Plane(32650), Intake(shared))
    limit = np.array([profiles().drive_speed(name) for name in graph.road_classes])[graph.road_class]
    limited = graph.drive_km_per_h != limit  # few ways of this file carry a limit that differs from their class's speed
    assert limited.sum() >= 5
    assert (np.abs(graph.drive_km_per_h % 5) == 0).all()
    forward, backward = usable_edges(graph, Mode.DRIVE)
    assert (forward != backward).sum() > 1000
    rng = np.random.default_rng(3)
    some = rng.choice(graph.node_count, 60, replace=False)
    xy = np.column_stack([graph.x_m[some], graph.y_m[some]])
    times = measure_driving(graph, xy, xy, minutes=60, max_connector_m=300).metres.toarray()
    assert np.abs(times - times.T).max() > 500  # a minute and more between there and back: one-ways
    timed = with_driving(graph)
    assert timed.length_m.sum() == pytest.approx((graph.length_m * 30 / graph.drive_km_per_h).sum())
