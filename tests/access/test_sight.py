"""The straight way to the street crosses no wall and no water: compounds with one gate, and the far bank of a river."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siting.access import (
    Mode,
    Obstacles,
    RoadGraph,
    RoadState,
    isochrones,
    measure,
    merge_degree_two,
    snap,
    snap_with_report,
)
from siting.access.kernel_sight import TOUCH_M

Line = list[tuple[float, float]]


def walled(graph: RoadGraph, *lines: Line, stops: int = 7, body: int = -1) -> RoadGraph:
    """Add walls, or the shores of one body of water, to a graph."""
    ends = np.array([[*one, *other] for line in lines for one, other in pairwise(line)])
    known = graph.obstacles
    return replace(
        graph,
        obstacles=Obstacles(
            np.vstack([known.ends_m, ends]),
            np.concatenate([known.stops, np.full(len(ends), stops)]),
            np.concatenate([known.body, np.full(len(ends), body)]),
        ),
    )


COMPOUND: Line = [(0, 20), (100, 20), (200, 20), (200, 120), (0, 120), (0, 20)]


def compound() -> RoadGraph:
    """A street along y = 0; a compound north of it, walled, with one gate at (100, 20) on a lane that ends inside."""
    graph = RoadGraph.from_edges([-100, 100, 300, 100, 100], [0, 0, 0, 20, 80], [0, 1, 1, 3], [1, 2, 3, 4])
    return walled(graph, COMPOUND)


def test_a_home_behind_the_wall_goes_to_the_lane_inside_and_out_by_the_gate() -> None:
    told = snap_with_report(compound(), [10.0], [30.0], 500)
    assert told.snap.edge.tolist() == [3]
    assert told.snap.connector_m.tolist() == [90]
    assert (told.snap.x_m.item(), told.snap.y_m.item()) == (100, 30)
    assert told.barred.point.tolist() == [0]
    assert told.barred.barred_edge.tolist() == [0]
    assert told.barred.barred_connector_m.tolist() == [30]
    assert told.barred.edge.tolist() == [3]
    assert told.barred.connector_m.tolist() == [90]
    way = measure(compound(), [[10.0, 30.0]], [[10.0, -5.0]], cutoff_m=500, max_connector_m=500)
    assert way.metres.toarray() == pytest.approx(90 + 30 + 90 + 5)


def test_a_home_outside_does_not_go_to_the_lane_inside() -> None:
    told = snap_with_report(compound(), [205.0, 210.0], [100.0, 10.0], 500)
    assert told.snap.edge.tolist() == [1, 1]
    assert told.snap.connector_m.tolist() == [100, 10]
    assert len(told.barred) == 0
    east = snap_with_report(compound(), [202.0], [115.0], 112)
    assert east.snap.state.tolist() == [RoadState.NO_ROAD]
    assert len(east.barred) == 1


def test_where_no_street_is_seen_there_is_no_road_and_the_barred_one_is_told() -> None:
    shut = walled(RoadGraph.from_edges([-100, 300], [0, 0], [0], [1]), COMPOUND)
    told = snap_with_report(shut, [10.0], [30.0], 500)
    assert told.snap.state.tolist() == [RoadState.NO_ROAD]
    assert told.snap.connector_m.tolist() == [30]
    assert told.barred.edge.tolist() == [-1]
    assert told.barred.barred_edge.tolist() == [0]


def test_past_the_end_of_a_wall_the_nearest_place_in_sight_is_taken() -> None:
    street = RoadGraph.from_edges([0, 200], [0, 0], [0], [1])
    told = snap(walled(street, [(0, 10), (110, 10)]), [100.0], [20.0], 500)
    assert told.x_m.item() == pytest.approx(120, abs=0.01)  # the sight line past (110, 10)
    assert told.connector_m.item() == pytest.approx(np.hypot(20, 20), abs=0.01)


def test_a_gate_and_a_street_along_the_wall_may_be_touched() -> None:
    street = RoadGraph.from_edges([0, 200], [0, 0], [0], [1])
    told = snap_with_report(walled(street, [(0, 0), (200, 0)]), [50.0, 60.0], [20.0, -20.0], 500)
    assert told.snap.connector_m.tolist() == [20, 20]
    assert len(told.barred) == 0


def test_a_wall_stops_only_the_modes_it_stops() -> None:
    street = RoadGraph.from_edges([0, 200, 0, 200], [0, 0, 90, 90], [0, 2], [1, 3])
    fence = walled(street, [(-50, 10), (250, 10)], stops=int(Mode.DRIVE))
    assert snap(fence, [100.0], [20.0], 500, Mode.WALK).edge.tolist() == [0]
    assert snap(fence, [100.0], [20.0], 500, Mode.DRIVE).edge.tolist() == [1]


def river() -> RoadGraph:
    """Streets on both banks of a river (y 20 … 80), joined by a bridge at x = 400; nothing near the far bank's west."""
    x, y = [0, 400, 400, 600, 0], [0, 0, 100, 100, 0]
    graph = RoadGraph.from_edges(x[:4], y[:4], [0, 1, 2], [1, 2, 3])
    return walled(graph, [(-500, 20), (900, 20), (900, 80), (-500, 80), (-500, 20)], body=0)


def test_a_house_on_the_far_bank_goes_to_its_own_bank_or_has_no_road() -> None:
    told = snap_with_report(river(), [100.0, 330.0, 100.0], [100.0, 110.0, 90.0], 500)
    assert told.snap.edge.tolist() == [1, 1, 1]  # the bridge's end on land, or the street beyond it
    assert told.snap.y_m.min() >= 80
    assert told.snap.connector_m[0] == pytest.approx(300)
    assert told.snap.connector_m[1] == pytest.approx(np.hypot(70, 10))
    assert told.barred.point.tolist() == [0, 2]
    near = snap_with_report(river(), [100.0], [100.0], 250)
    assert near.snap.state.tolist() == [RoadState.NO_ROAD]
    assert near.barred.barred_connector_m.tolist() == [100]


def test_nobody_climbs_onto_a_bridge_from_the_bank() -> None:
    told = snap(river(), [430.0], [15.0], 500)
    assert (told.x_m.item(), told.y_m.item()) == (400, 15)
    under = snap(river(), [470.0], [19.0], 500)
    assert under.y_m.item() <= 20


def test_whoever_stands_in_the_water_lives_on_its_shore() -> None:
    told = snap_with_report(river(), [100.0, 300.0], [40.0, 79.0], 500)
    assert told.snap.state.tolist() == [RoadState.ON_ROAD] * 2
    assert told.snap.connector_m[0] == 40
    assert len(told.barred) == 0


def test_an_island_of_street_behind_a_wall_is_not_passed_over_through_the_wall() -> None:
    graph = RoadGraph.from_edges([0, 900, 10, 60], [0, 0, 50, 50], [0, 2], [1, 3])
    told = snap_with_report(walled(graph, [(-900, 20), (1800, 20)]), [20.0], [45.0], 100)
    assert told.snap.edge.tolist() == [1]
    assert len(told.resnapped) == 0


def test_merged_edges_keep_the_walls() -> None:
    assert len(merge_degree_two(compound()).obstacles) == len(compound().obstacles) == 5


def test_the_facility_of_an_isochrone_does_not_look_through_walls_either() -> None:
    drawn = isochrones(compound(), [10.0], [30.0], [100.0])
    assert drawn.lines[0].length == pytest.approx(20)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[RoadGraph, list[Line], float, float]:
    spot = st.tuples(st.integers(-20, 20), st.integers(-20, 20)).map(lambda at: (at[0] * 10.0, at[1] * 10.0))
    pieces = st.lists(st.tuples(spot, spot).filter(lambda pair: pair[0] != pair[1]), min_size=1, max_size=6)
    streets, walls = draw(pieces), draw(pieces)
    xy = np.array(streets).reshape(-1, 2)
    graph = RoadGraph.from_edges(*xy.T, np.arange(len(streets)) * 2, np.arange(len(streets)) * 2 + 1)
    x, y = draw(st.floats(-200, 200)), draw(st.floats(-200, 200))
    return graph, [list(pair) for pair in walls], x, y


@given(scenes())
def test_no_place_in_sight_is_nearer(scene: tuple[RoadGraph, list[Line], float, float]) -> None:
    """Against places every 0.05 m along all streets, each looked at by shapely."""
    graph, walls, x, y = scene
    lines = shapely.linestrings(graph.course_xy_m.reshape(-1, 2, 2))
    barriers = shapely.multilinestrings(walls)
    if barriers.distance(shapely.Point(x, y)) < 0.1:
        return
    found = snap(walled(graph, *walls), [x], [y], 300, island_length_m=0)
    places = np.concatenate([shapely.get_coordinates(shapely.segmentize(line, 0.05)) for line in lines])
    ways = np.stack([np.broadcast_to([x, y], places.shape), places], axis=1)
    away = np.hypot(*(places - [x, y]).T)
    shapely.prepare(barriers)
    clear = ~shapely.intersects(barriers, shapely.linestrings(ways))
    best = away[clear & (away <= 300)].min(initial=np.inf)
    if found.state[0] == RoadState.NO_ROAD:
        assert not np.isfinite(best) or best > 299.9
        return
    assert found.connector_m[0] <= best + 2 * TOUCH_M
    way = shapely.LineString([(x, y), (found.x_m[0], found.y_m[0])])
    touching = barriers.distance(shapely.Point(way.coords[-1])) < 2 * TOUCH_M
    assert touching or not way.intersects(barriers)
