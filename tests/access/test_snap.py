"""Where points meet the network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from drawn import TOWN, town
from hypothesis import given
from hypothesis import strategies as st
from strategies import graphs

from siting.access import Mode, RoadGraph, RoadState, components, snap, snap_with_report, worst_snaps


def edge_between(graph: RoadGraph, number: dict[str, int], a: str, b: str) -> int:
    pairs = zip(graph.u.tolist(), graph.v.tolist(), strict=True)
    return next(i for i, pair in enumerate(pairs) if set(pair) == {number[a], number[b]})


def test_the_town_is_as_drawn() -> None:
    graph, number = town(TOWN)
    assert (graph.node_count, graph.edge_count) == (12, 12)
    assert graph.length_m[edge_between(graph, number, "e", "i")] == 100
    assert graph.length_m[edge_between(graph, number, "f", "g")] == 400
    component, length = components(graph)
    assert component[number["k"]] == component[number["l"]] == 1
    assert length.tolist() == [1925, 100]


def test_a_point_meets_the_nearest_edge_not_the_nearest_node() -> None:
    graph, number = town()
    a, b = number["a"], number["b"]
    point = snap(graph, [graph.x_m[a] + 90], [graph.y_m[a] + 30], 500)
    assert point.edge.tolist() == [edge_between(graph, number, "a", "b")]
    assert point.offset_m.tolist() == [90]
    assert point.connector_m.tolist() == [30]
    assert (point.x_m.item(), point.y_m.item()) == (graph.x_m[a] + 90, graph.y_m[b])


def test_offsets_are_in_the_edges_own_length() -> None:
    bent = RoadGraph.from_edges([0, 30], [0, 40], [0], [1], [140.0])
    bent = replace(bent, course_xy_m=[[0, 0], [30, 0], [30, 40]], course_start=[0, 3])
    assert snap(bent, [35.0], [5.0], 10).offset_m.tolist() == [70.0]


@pytest.mark.parametrize(("away", "state"), [(500.0, RoadState.ON_ROAD), (500.0 + 2e-6, RoadState.NO_ROAD)])
def test_the_longest_connector_is_inclusive(away: float, state: RoadState) -> None:
    street = RoadGraph.from_edges([0, 100], [0, 0], [0], [1])
    point = snap(street, [50.0], [away], 500)
    assert point.state.tolist() == [state]
    assert point.connector_m.item() == pytest.approx(away)
    assert point.edge.item() == (0 if state is RoadState.ON_ROAD else -1)


def test_at_a_crossing_the_lowest_edge_is_taken() -> None:
    cross = RoadGraph.from_edges([0, 10, 20, 10, 10], [0, 0, 0, 10, -10], [4, 1, 0, 1], [1, 3, 1, 2])
    assert snap(cross, [10.0, 10.0], [0.0, 3.0], 50).edge.tolist() == [0, 1]


def test_an_island_is_passed_over_where_the_network_is_near_and_the_case_is_told() -> None:
    graph, number = town()
    x = graph.x_m[number["k"]] + np.array([50.0, 50.0, 0.0])
    y = graph.y_m[number["k"]] + np.array([5.0, 160.0, 1000.0])
    told = snap_with_report(graph, x, y, 120)
    assert told.snap.edge.tolist() == [edge_between(graph, number, "f", "g"), -1, -1]
    assert told.resnapped.point.tolist() == [0]
    assert told.resnapped.island_edge.tolist() == [edge_between(graph, number, "k", "l")]
    assert told.resnapped.island_connector_m.tolist() == [5]
    assert told.resnapped.connector_m.tolist() == [80]
    assert told.resnapped.island_length_m.tolist() == [100]
    assert len(told.resnapped) == 1


def test_an_island_is_taken_where_nothing_else_is_near_or_islands_are_allowed() -> None:
    graph, number = town()
    x, y = [graph.x_m[number["k"]] + 50], [graph.y_m[number["k"]] + 5]
    island = edge_between(graph, number, "k", "l")
    assert snap(graph, x, y, 79).edge.tolist() == [island]
    assert snap(graph, x, y, 500, island_length_m=0).edge.tolist() == [island]
    assert snap(graph, x, y, 500, island_length_m=100).edge.tolist() == [island]


def test_the_longest_component_is_never_an_island() -> None:
    hamlet = RoadGraph.from_edges([0, 50, 100, 130], [0, 0, 0, 0], [0, 2], [1, 3])
    assert snap(hamlet, [20.0, 110.0], [1.0, 1.0], 100).edge.tolist() == [0, 0]


def test_each_mode_meets_its_own_edges() -> None:
    street = RoadGraph.from_edges([0, 100, 0, 100], [0, 0, 20, 20], [0, 2], [1, 3])
    street = replace(street, forward=[Mode.WALK, 0], backward=[0, Mode.DRIVE])
    for mode, edge in ((Mode.WALK, 0), (Mode.DRIVE, 1), (Mode.CYCLE, -1)):
        assert snap(street, [50.0], [11.0], 100, mode).edge.tolist() == [edge]


def test_worst_snaps_come_first() -> None:
    street = RoadGraph.from_edges([0, 100], [0, 0], [0], [1])
    points = snap(street, [10, 20, 30, 40.0], [5, 60, 7, 30.0], 40)
    assert worst_snaps(points).tolist() == [3, 2, 0, 1]
    assert worst_snaps(points, 1).tolist() == [3, 1]


@pytest.mark.parametrize(("x", "y"), [([0.0], [0.0, 1.0]), ([np.nan], [0.0]), ([[0.0]], [[0.0]])])
def test_points_without_a_place_are_refused(x: list[float], y: list[float]) -> None:
    with pytest.raises(ValueError, match="two equally long rows of finite metres"):
        snap(town()[0], x, y, 500)


@given(graphs(), st.lists(st.tuples(st.floats(-900, 900), st.floats(-900, 900)), min_size=1, max_size=40))
def test_no_edge_is_nearer(graph: RoadGraph, points: list[tuple[float, float]]) -> None:
    x, y = np.array(points).T
    found = snap(graph, x, y, np.inf, island_length_m=0)
    usable = ((graph.forward | graph.backward) & Mode.WALK) > 0
    if not usable.any():
        assert (found.state == RoadState.NO_ROAD).all()
        return
    lines = shapely.linestrings(graph.course_xy_m.reshape(-1, 2, 2)[usable])
    away = shapely.distance(lines[None, :], shapely.points(x, y)[:, None])
    np.testing.assert_allclose(found.connector_m, away.min(axis=1), atol=1e-9)
    np.testing.assert_allclose(np.hypot(found.x_m - x, found.y_m - y), found.connector_m, atol=1e-9)
    assert ((found.offset_m >= 0) & (found.offset_m <= graph.length_m[found.edge] * (1 + 1e-12))).all()


def test_many_points_agree_with_a_search_over_all_edges() -> None:
    rng = np.random.default_rng(3)
    nodes = rng.uniform(0, 5000, (400, 2))
    u, v = rng.integers(0, 400, (2, 600))
    graph = RoadGraph.from_edges(*nodes.T, u, v)
    x, y = rng.uniform(-2000, 9000, (2, 3000))
    lines = shapely.linestrings(graph.course_xy_m.reshape(-1, 2, 2))
    nearest = shapely.distance(lines[None, :], shapely.points(x, y)[:, None]).min(axis=1)
    np.testing.assert_allclose(snap(graph, x, y, 1e6).connector_m, nearest, atol=1e-9)


def test_many_points_by_islands_go_where_they_would_without_those_islands() -> None:
    """200 crosses of two to four streets of 100 m, and a lattice of 500 m streets under them."""
    rng = np.random.default_rng(5)
    place = np.arange(121).reshape(11, 11)
    u = np.concatenate([place[:, :-1].ravel(), place[:-1].ravel(), np.repeat(np.arange(121, 321), 4)])
    v = np.concatenate([place[:, 1:].ravel(), place[1:].ravel(), np.arange(321, 1121)])
    middle, arms = rng.uniform(0, 5000, (200, 2)), np.tile([[100.0, 0], [0, 100], [-100, 0], [0, -100]], (200, 1))
    at = np.vstack([np.column_stack([place.ravel() % 11, place.ravel() // 11]) * 500.0, middle, middle.repeat(4, 0)])
    at[321:] += arms
    built = np.concatenate([np.ones(220, dtype=bool), rng.random(800) < 0.7])
    graph = RoadGraph.from_edges(*at.T, u[built], v[built])
    x, y = rng.uniform(0, 5000, (2, 2000))
    told = snap_with_report(graph, x, y, 400)
    proper = np.arange(graph.edge_count) < 220
    without = replace(graph, forward=graph.forward * proper, backward=graph.backward * proper)
    assert len(told.resnapped) > 500
    for column in ("edge", "offset_m", "connector_m", "x_m", "y_m", "state"):
        assert np.array_equal(getattr(told.snap, column), getattr(snap(without, x, y, 400), column)), column
