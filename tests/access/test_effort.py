"""What walking costs: drawn streets with known answers, and nothing at all unless the study says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn import town
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import all_metres
from strategies import graphs, positions

from siting.access import (
    INCLUSIVE_M,
    Feature,
    Mode,
    RoadGraph,
    WalkOptions,
    isochrones,
    measure,
    measure_effort,
    measure_snapped,
    tobler,
    with_effort,
)


def street(
    *classes: str, features: list[int] | None = None, slope: list[float] | None = None, length: float = 100.0
) -> RoadGraph:
    """One straight street of equally long pieces."""
    count = len(classes)
    names = tuple(sorted(set(classes)))
    graph = RoadGraph.from_edges(
        np.arange(count + 1) * length, np.zeros(count + 1), np.arange(count), np.arange(1, count + 1)
    )
    return replace(
        graph,
        road_class=np.array([names.index(name) for name in classes]),
        road_classes=names,
        features=np.array(features or [0] * count),
        slope=np.array(slope or [0.0] * count),
    )


def cost(graph: RoadGraph, speed: float = 1.0, **options: object) -> list[float]:
    return with_effort(graph, WalkOptions.model_validate(options), speed).length_m.round(9).tolist()


def test_with_nothing_set_effort_is_the_graph_itself() -> None:
    graph = street("steps", "primary", features=[3, 3], slope=[0.3, 0.1])
    assert with_effort(graph, WalkOptions(), 0.9) is graph
    assert not WalkOptions(speed_by_age={80: 0.7}).costs_time


def test_steps_take_longer_by_their_factor() -> None:
    assert cost(street("footway", "steps"), steps_speed_factor=0.4) == [100, 250]


def test_a_bridge_is_paid_once_however_many_pieces_it_is_drawn_in() -> None:
    """20 s at 0.5 m/s are 10 m: half on stepping on, half on stepping off."""
    b = int(Feature.BRIDGE)
    one = cost(street("road", "road", "road", features=[0, b, 0]), 0.5, bridge_s=20)
    three = cost(street("road", "road", "road", "road", "road", features=[0, b, b, b, 0]), 0.5, bridge_s=20)
    assert (one, three) == ([100, 110, 100], [100, 105, 100, 105, 100])


def test_a_tagged_crossing_is_paid_once() -> None:
    c = int(Feature.CROSSING)
    assert cost(street("footway", "footway", "footway", features=[0, c, 0]), crossing_s=30) == [100, 130, 100]


@pytest.mark.parametrize(
    ("main", "side", "paid"),
    [
        ("primary", "residential", 15),
        ("secondary_link", "service", 15),
        ("residential", "residential", 0),
        ("primary", "footway", 0),
    ],
)
def test_junctions_of_main_roads_cost_those_who_walk_on_carriageways(main: str, side: str, paid: float) -> None:
    """Two pieces of a main road and a side street meet: 30 s, half of them at the end of each piece."""
    graph = street(main, main)
    classes = tuple(sorted({main, side}))
    graph = RoadGraph.from_edges([0, 100, 200, 100], [0, 0, 0, 100], [0, 1, 1], [1, 2, 3])
    graph = replace(graph, road_class=np.array([classes.index(n) for n in (main, main, side)]), road_classes=classes)
    assert cost(graph, crossing_s=30) == [100 + paid, 100 + paid, 100 + (paid if side != "footway" else 0)]


def test_a_road_without_walkers_makes_no_crossing() -> None:
    graph = RoadGraph.from_edges([0, 100, 200, 100], [0, 0, 0, 100], [0, 1, 1], [1, 2, 3])
    graph = replace(graph, road_classes=("primary",), forward=[7, 7, int(Mode.DRIVE)], backward=[7, 7, 0])
    assert cost(graph, crossing_s=30) == [100, 100, 100]


def test_toblers_function_of_both_ways() -> None:
    """Published: 6 km/h at −5 %, 5.04 km/h on the level; up 10 % is 6·exp(−0.525) = 3.55 km/h, down 5.04 km/h."""
    level = 6 * np.exp(-3.5 * 0.05)
    up, down = 6 * np.exp(-3.5 * 0.15), 6 * np.exp(-3.5 * 0.05)
    assert level == pytest.approx(5.04, abs=0.005)
    assert tobler(np.array([0.1])) == pytest.approx((level / up + level / down) / 2)
    assert tobler(np.array([0.0])) == pytest.approx(1.0)
    slopes = np.linspace(-0.5, 0.5, 101)
    assert tobler(slopes) == pytest.approx(tobler(-slopes))
    assert (np.diff(tobler(slopes[50:])) > 0).all()
    assert cost(street("road", slope=[0.1]), slope="tobler") == [round(100 * float(tobler(np.array([0.1]))[0]), 9)]


def test_ways_of_the_slow_are_measured_where_everybody_stands() -> None:
    """A home beside the steps: 50 m of connector, 30 of 100 m of steps at half speed, and 100 m of street."""
    graph = street("road", "steps")
    plain = measure(graph, [[170.0, 50.0]], [[0.0, 0.0]], cutoff_m=1000, max_connector_m=100)
    effort = with_effort(graph, WalkOptions(steps_speed_factor=0.5), 1.0)
    slow = measure_effort(graph, effort, plain, 1000)
    assert plain.metres.toarray() == pytest.approx(np.array([[50 + 70 + 100]]))
    assert slow.metres.toarray() == pytest.approx(np.array([[50 + 140 + 100]]))
    assert slow.zones.connector_m.tolist() == plain.zones.connector_m.tolist()
    assert measure_effort(graph, effort, plain, 290.0).metres.nnz == 1
    assert measure_effort(graph, effort, plain, 289.9).metres.nnz == 0


def test_minutes_reach_less_far_where_walking_costs_more() -> None:
    graph, number = town()
    graph = replace(graph, features=np.where(np.hypot(graph.x_m[graph.u] - graph.x_m[graph.v], 0) == 0, 2, 0))
    x, y = [graph.x_m[number["e"]]], [graph.y_m[number["e"]]]
    slow = with_effort(graph, WalkOptions(bridge_s=60), 1.0)
    less, more = (isochrones(one, x, y, [150.0]) for one in (slow, graph))
    assert less.lines[0].length < more.lines[0].length
    assert more.polygons[0].buffer(0.2).covers(less.polygons[0])


@st.composite
def walks(draw: st.DrawFn) -> tuple[RoadGraph, object, object, WalkOptions, float]:
    graph = draw(graphs())
    count = graph.edge_count
    graph = replace(
        graph,
        road_classes=("footway", "primary", "residential", "steps"),
        road_class=np.array(draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))),
        features=np.array(draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))),
        slope=np.array(draw(st.lists(st.floats(-0.4, 0.4), min_size=count, max_size=count))),
    )
    options = WalkOptions(
        steps_speed_factor=draw(st.sampled_from([1.0, 0.5])),
        slope=draw(st.sampled_from(["none", "tobler"])),
        crossing_s=draw(st.sampled_from([0.0, 20.0])),
        bridge_s=draw(st.sampled_from([0.0, 45.0])),
    )
    sides = draw(positions(graph, Mode.WALK)), draw(positions(graph, Mode.WALK))
    return graph, *sides, options, draw(st.sampled_from([0.5, 0.9, 1.3]))


@given(walks(), st.floats(0, 1500))
@settings(max_examples=80)
def test_time_is_exact_and_never_shorter_than_the_way(
    walk: tuple[RoadGraph, object, object, WalkOptions, float], cutoff: float
) -> None:
    graph, zones, sites, options, speed = walk
    effort = with_effort(graph, options, speed)
    assert (effort.length_m >= graph.length_m).all()
    plain = measure_snapped(graph, zones, sites, 1e9)
    slow = measure_effort(graph, effort, plain, cutoff)
    length = np.where(graph.length_m > 0, graph.length_m, 1.0)
    places = [
        replace(p, offset_m=np.where(p.edge >= 0, p.offset_m / length[p.edge] * effort.length_m[p.edge], 0.0))
        for p in (zones, sites)
    ]
    true = all_metres(effort, *places)
    full = np.full(true.shape, np.inf)
    full[np.repeat(np.arange(len(zones)), np.diff(slow.metres.indptr)), slow.metres.indices] = slow.metres.data
    sure = np.abs(true - cutoff) > 1e-3
    np.testing.assert_allclose(full[sure], np.where(true <= cutoff + INCLUSIVE_M, true, np.inf)[sure], atol=1e-3)
    for row, column, metres in zip(*slow.metres.tocoo().coords, slow.metres.tocoo().data, strict=True):
        assert metres >= plain.metres[row, column] - 1e-6
    assert slow.zones.state.tolist() == plain.zones.state.tolist()
