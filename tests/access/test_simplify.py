"""Merging at nodes where nothing meets: the same streets, the same metres."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from strategies import graphs

from siting.access import Mode, RoadGraph, merge_degree_two, reach


def courses(graph: RoadGraph) -> list[list[list[float]]]:
    return [part.tolist() for part in np.split(graph.course_xy_m, graph.course_start[1:-1])]


def drawn(graph: RoadGraph) -> shapely.Geometry:
    return shapely.union_all([shapely.LineString(course) for course in courses(graph)])


def test_a_street_in_pieces_is_one_edge() -> None:
    street = RoadGraph.from_edges([0, 10, 10, 30], [0, 0, 5, 5], [0, 2, 2], [1, 1, 3], [10, 6, 20])
    merged = merge_degree_two(street)
    assert merged.length_m.tolist() == [36]
    assert (merged.u.tolist(), merged.v.tolist()) == ([0], [1])
    assert courses(merged) == [[[0, 0], [10, 0], [10, 5], [30, 5]]]


def test_it_runs_as_its_lowest_part_does() -> None:
    one_way = RoadGraph.from_edges([0, 10, 30], [0, 0, 0], [1, 1], [0, 2])
    one_way = replace(one_way, forward=[1, 5], backward=[5, 1])
    merged = merge_degree_two(one_way)
    assert courses(merged) == [[[30, 0], [10, 0], [0, 0]]]
    assert (merged.forward.tolist(), merged.backward.tolist()) == ([1], [5])


@pytest.mark.parametrize("change", ["forward", "backward", "road_class"])
def test_a_node_where_something_changes_stays(change: str) -> None:
    street = RoadGraph.from_edges([0, 10, 30], [0, 0, 0], [0, 1], [1, 2])
    street = replace(street, **{change: [1, 2]}, road_classes=("a", "b", "c"))
    assert merge_degree_two(street).edge_count == 2


def test_a_junction_stays() -> None:
    star = RoadGraph.from_edges([0, 10, 20, 10], [0, 0, 0, 10], [0, 1, 1], [1, 2, 3])
    assert merge_degree_two(star) is star


def test_a_ring_becomes_a_loop_and_a_lollipop_keeps_its_stick() -> None:
    ring = RoadGraph.from_edges([0, 10, 10], [0, 0, 10], [0, 1, 2], [1, 2, 0])
    merged = merge_degree_two(ring)
    assert (merged.u.tolist(), merged.v.tolist(), merged.node_count) == ([0], [0], 1)
    assert merged.length_m.sum() == ring.length_m.sum()
    lollipop = RoadGraph.from_edges([0, 10, 10, -5], [0, 0, 10, 0], [0, 1, 2, 0], [1, 2, 0, 3])
    merged = merge_degree_two(lollipop)
    assert sorted(zip(merged.u.tolist(), merged.v.tolist(), strict=True)) == [(0, 0), (0, 1)]


def test_a_loop_alone_stays_as_it_is() -> None:
    loop = RoadGraph.from_edges([0], [0], [0], [0], [50.0])
    assert merge_degree_two(loop) is loop


@given(graphs())
def test_no_metre_is_gained_or_lost(graph: RoadGraph) -> None:
    merged = merge_degree_two(graph)
    assert merged.length_m.sum() == pytest.approx(graph.length_m.sum())
    assert drawn(merged).equals(drawn(graph)) or drawn(graph).is_empty


@given(graphs())
def test_what_stays_is_as_far_apart_as_before(graph: RoadGraph) -> None:
    graph = replace(graph, x_m=np.arange(graph.node_count) * 10.0, road_class=graph.road_class)  # tell nodes apart
    merged = merge_degree_two(graph)
    kept = np.searchsorted(graph.x_m, merged.x_m)
    for mode in Mode:
        before = reach(graph, kept, np.inf, mode=mode).toarray()[:, kept]
        after = reach(merged, np.arange(merged.node_count), np.inf, mode=mode).toarray()
        np.testing.assert_allclose(after, before, atol=1e-9)
