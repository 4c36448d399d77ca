"""Reached streets are exact, outlines are drawn from them, and neither ever shrinks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from drawn import town
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import all_metres
from strategies import graphs, positions

from siting.access import EVERY_FACILITY, Mode, Reached, RoadGraph, Snap, areal, isochrones, reached

CUTOFFS = (1.0, 120.0, 300.0)
CHORD = 1 - np.cos(np.pi / 32)
"""By how much a polygon of 32 chords stays inside its circle, as a share of the radius."""


@st.composite
def cases(draw: st.DrawFn) -> tuple[RoadGraph, Snap, Mode]:
    graph, mode = draw(graphs()), draw(st.sampled_from(list(Mode)))
    return graph, draw(positions(graph, mode, most=3)), mode


def contains(pieces: Reached, row: int, edge: int, offset: float, slack: float) -> bool:
    mine = (pieces.row == row) & (pieces.edge == edge)
    return bool(((pieces.low_m[mine] <= offset + slack) & (pieces.high_m[mine] >= offset - slack)).any())


@given(cases(), st.tuples(st.booleans(), st.booleans()))
@settings(max_examples=60)
def test_a_place_is_reached_exactly_when_it_is_near_enough(
    case: tuple[RoadGraph, Snap, Mode], how: tuple[bool, bool]
) -> None:
    (graph, sites, mode), (from_sites, merged) = case, how
    pieces = reached(graph, sites, CUTOFFS, mode=mode, from_sites=from_sites, merged=merged)
    usable = ((graph.forward | graph.backward) & mode) > 0
    edge = np.repeat(np.flatnonzero(usable & (graph.length_m > 1)), 5)
    offset = graph.length_m[edge] * np.tile([0.05, 0.25, 0.5, 0.77, 0.95], len(edge) // 5)
    nothing = np.zeros(len(edge))
    places = Snap(edge, offset, nothing, nothing, nothing, nothing)
    metres = all_metres(graph, sites, places, mode) if from_sites else all_metres(graph, places, sites, mode).T
    metres = metres.min(axis=0, keepdims=True) if merged else metres
    for owner, row in enumerate(metres):
        for number, cutoff in enumerate(CUTOFFS):
            for place, away in enumerate(row.tolist()):
                if abs(away - cutoff) > 1e-3:
                    inside = contains(pieces, owner * len(CUTOFFS) + number, edge[place], offset[place], 1e-9)
                    assert inside == (away < cutoff)


@given(cases())
def test_pieces_neither_overlap_nor_leave_their_edge(case: tuple[RoadGraph, Snap, Mode]) -> None:
    graph, sites, mode = case
    pieces = reached(graph, sites, CUTOFFS, mode=mode)
    assert (pieces.low_m >= 0).all()
    assert (pieces.high_m <= graph.length_m[pieces.edge]).all()
    assert (pieces.low_m < pieces.high_m).all()
    same = (np.diff(pieces.row) == 0) & (np.diff(pieces.edge) == 0)
    assert (pieces.low_m[1:][same] > pieces.high_m[:-1][same]).all()


def test_partial_edges_end_where_the_cutoff_runs_out() -> None:
    graph, number = town()
    e = number["e"]
    drawn = isochrones(graph, [graph.x_m[e]], [graph.y_m[e] - 60.0], [90.0, 160.0])
    north, south = 60 + 3 * 30, 40 + 2 * 50  # to e and three ways on from it, to i and two ways on from there
    assert drawn.lines[0].length == pytest.approx(north + south)
    assert drawn.snap.offset_m.tolist() == [60.0]


def test_streets_across_the_river_are_reached_by_the_bridge_only() -> None:
    graph, number = town()
    d, h = number["d"], number["h"]
    drawn = isochrones(graph, [graph.x_m[d]], [graph.y_m[d]], [250.0, 450.0], width_m=20.0)
    far_bank = shapely.Point(graph.x_m[h], graph.y_m[h])
    assert not drawn.polygons[0].intersects(far_bank)
    assert drawn.polygons[1].contains(shapely.Point(graph.x_m[number["i"]] - 100, graph.y_m[h]))
    river = shapely.LineString([(graph.x_m[d] - 50, graph.y_m[d] - 50), (graph.x_m[d] + 150, graph.y_m[d] - 50)])
    assert not drawn.polygons[1].intersects(river)


def test_the_island_is_never_reached() -> None:
    graph, number = town()
    drawn = isochrones(graph, [graph.x_m[number["c"]]], [graph.y_m[number["c"]]], [1e5], width_m=30.0)
    assert not drawn.polygons[0].intersects(shapely.Point(graph.x_m[number["k"]], graph.y_m[number["k"]]))
    assert drawn.lines[0].length == pytest.approx(1925)


def test_rows_are_by_facility_then_cutoff_and_one_for_all_when_merged() -> None:
    graph, number = town()
    x, y = graph.x_m[[number["a"], number["j"]]], graph.y_m[[number["a"], number["j"]]]
    apart = isochrones(graph, x, y, [300.0, 100.0, 300.0])
    assert apart.facility.tolist() == [0, 0, 1, 1]
    assert apart.cutoff_m.tolist() == [100, 300, 100, 300]
    together = isochrones(graph, x, y, [100.0, 300.0], merged=True)
    assert together.facility.tolist() == [EVERY_FACILITY] * 2
    assert len(together) == 2
    for number_, lines in enumerate(together.lines):
        assert lines.length == pytest.approx(shapely.union_all(apart.lines[number_::2]).length)
        assert together.polygons[number_].symmetric_difference(shapely.union_all(apart.polygons[number_::2])).area < 10


def test_a_facility_without_a_road_or_without_time_left_reaches_nothing() -> None:
    graph, number = town()
    x = [graph.x_m[number["a"]] - 900, graph.x_m[number["a"]] - 50]
    drawn = isochrones(graph, x, [graph.y_m[number["a"]]] * 2, [50.0])
    assert all(lines.is_empty for lines in drawn.lines)
    assert all(polygon.is_empty for polygon in drawn.polygons)
    assert all(polygon.is_empty for polygon in isochrones(graph, [], [], [50.0], merged=True).polygons)


def test_courtyards_are_filled_only_when_asked_and_small() -> None:
    graph, number = town()
    x, y = [graph.x_m[number["b"]]], [graph.y_m[number["b"]]]
    holes = [
        len(isochrones(graph, x, y, [2000.0], width_m=10.0, fill_holes_m2=least).polygons[0].interiors)
        for least in (0.0, 500.0, 11_000.0)
    ]
    assert holes == [2, 2, 0]


@given(cases(), st.floats(1, 60))
@settings(max_examples=60)
def test_more_time_never_removes_anything(case: tuple[RoadGraph, Snap, Mode], width: float) -> None:
    graph, sites, mode = case
    on_road = np.flatnonzero(sites.edge >= 0)
    drawn = isochrones(graph, sites.x_m[on_road], sites.y_m[on_road], CUTOFFS, mode=mode, width_m=width)
    for facility in range(len(on_road)):
        lines = drawn.lines[drawn.facility == facility]
        polygons = drawn.polygons[drawn.facility == facility]
        for less, more in zip(range(2), range(1, 3), strict=True):
            assert lines[less].difference(lines[more].buffer(1e-6)).length < 1e-6
            assert polygons[less].difference(polygons[more]).area < 1e-6 * width
        assert all(polygon.is_valid for polygon in polygons)


@given(cases(), st.integers(0, 13))
@settings(max_examples=60)
def test_more_roads_and_facilities_never_remove_anything(case: tuple[RoadGraph, Snap, Mode], which: int) -> None:
    graph, sites, mode = case
    spare = which % graph.edge_count
    closed = np.arange(graph.edge_count) == spare
    fewer = replace(graph, forward=np.where(closed, 0, graph.forward), backward=np.where(closed, 0, graph.backward))
    kept = Snap(*(getattr(sites, name)[:-1] for name in ("edge", "offset_m", "connector_m", "x_m", "y_m", "state")))
    kept = replace(kept, edge=np.where(kept.edge == spare, -1, kept.edge))
    less = reached(fewer, kept, CUTOFFS, mode=mode, merged=True)
    more = reached(graph, sites, CUTOFFS, mode=mode, merged=True)
    for row, edge, low, high in zip(less.row, less.edge, less.low_m, less.high_m, strict=True):
        assert contains(more, row, edge, low + 1e-7, 0.0)
        assert contains(more, row, edge, (low + high) / 2, 1e-7)
        assert contains(more, row, edge, high, 1e-7)


def test_a_further_road_only_adds_to_the_polygon() -> None:
    graph, number = town()
    x, y = [graph.x_m[number["d"]]], [graph.y_m[number["d"]]]
    whole = isochrones(graph, x, y, [300.0], width_m=25.0).polygons[0]
    for edge in range(graph.edge_count):
        fewer = replace(graph, forward=np.where(np.arange(graph.edge_count) == edge, 0, graph.forward))
        fewer = replace(fewer, backward=fewer.forward)
        part = isochrones(fewer, x, y, [300.0], width_m=25.0).polygons[0]
        assert whole.buffer(25.0 * CHORD + 1e-9).covers(part)


def test_water_and_walls_are_not_painted_over_but_bridges_are() -> None:
    graph, number = town()
    e, i = number["e"], number["i"]
    west, middle = graph.x_m.min() - 50, (graph.y_m[e] + graph.y_m[i]) / 2
    river = shapely.box(west, middle - 25, graph.x_m.max() + 50, middle + 25)
    place = [graph.x_m[e]], [graph.y_m[e]]
    dry = isochrones(graph, *place, [60.0, 200.0], width_m=40.0, barriers=river).polygons
    wet = isochrones(graph, *place, [60.0, 200.0], width_m=40.0).polygons
    assert wet[0].intersection(river).area > 8 * 40
    assert dry[0].intersection(river).area < 8 * 40  # the bridge alone, as far as it is reached
    assert dry[1].intersection(river).area == pytest.approx(8 * 50, abs=8)
    assert all(whole.buffer(1e-6).covers(part) for whole, part in zip(wet, dry, strict=True))
    assert dry[1].buffer(1e-6).covers(dry[0])


def test_a_street_along_a_wall_does_not_paint_the_yard_behind_it() -> None:
    street = RoadGraph.from_edges([0, 200], [0, 0], [0], [1])
    wall = shapely.LineString([(-100, 10), (300, 10)])
    painted = isochrones(street, [100.0], [0.0], [500.0], width_m=30.0, barriers=wall).polygons[0]
    assert painted.bounds[3] < 10
    assert painted.bounds[1] == pytest.approx(-30)


def test_every_painted_spot_is_by_a_reached_street() -> None:
    graph, number = town()
    drawn = isochrones(graph, [graph.x_m[number["f"]]], [graph.y_m[number["f"]]], [275.0], width_m=25.0)
    assert drawn.lines[0].buffer(25.0 + 1e-6, quad_segs=64).covers(drawn.polygons[0])


def test_lines_of_no_length_are_no_part_of_an_area() -> None:
    """GEOS leaves them where two outlines share a vertex: a layer of polygons would hold collections."""
    square, other, dot = shapely.box(0, 0, 9, 9), shapely.box(20, 0, 21, 0.5), shapely.LineString([(1, 1), (1, 1)])
    assert areal(shapely.GeometryCollection([dot, square])).equals(square)
    assert areal(shapely.GeometryCollection([shapely.MultiPolygon([square, other]), dot]), 1.0) == square
    both = areal(shapely.MultiPolygon([square, other]))
    assert (both.geom_type, both.area) == ("MultiPolygon", 81.5)
    assert areal(dot).is_empty


@pytest.mark.parametrize(
    ("cutoffs", "width", "what"),
    [
        ([], 30, "at least one cutoff"),
        ([np.inf], 30, "finite"),
        ([-1.0], 30, "0 m or more"),
        ([10.0], 0, "width above 0"),
    ],
)
def test_what_cannot_be_drawn_is_refused(cutoffs: list[float], width: float, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        isochrones(town()[0], [0.0], [0.0], cutoffs, width_m=width)


def crooked(side: int = 15) -> RoadGraph:
    """A lattice so shaken that few strokes run on."""
    place = np.arange(side * side).reshape(side, side)
    u, v = np.r_[place[:, :-1].ravel(), place[:-1].ravel()], np.r_[place[:, 1:].ravel(), place[1:].ravel()]
    shaken = np.random.default_rng(2).uniform(-45, 45, (2, side * side))
    return RoadGraph.from_edges(place.ravel() % side * 100 + shaken[0], place.ravel() // side * 100 + shaken[1], u, v)


def test_what_geos_draws_in_parcels_fits_together(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = crooked()
    compiled = isochrones(graph, graph.x_m[:1], graph.y_m[:1], [1e6], merged=True, width_m=10.0).polygons[0]
    monkeypatch.setattr("siting.access.bands.LINES_AT_ONCE", 20)
    monkeypatch.setattr("siting.access.bands.WHOLE_UP_TO", 50)
    monkeypatch.setattr("siting.access.bands.outlined", lambda _, first, __: np.full(len(first) - 1, None))
    drawn = isochrones(graph, graph.x_m[:1], graph.y_m[:1], [1e6], merged=True, width_m=10.0)
    assert drawn.lines[0].length == pytest.approx(graph.length_m.sum())
    whole = shapely.buffer(shapely.multilinestrings(graph.course_xy_m.reshape(-1, 2, 2)), 10.0)
    assert drawn.polygons[0].area == pytest.approx(whole.area, rel=1e-4)
    assert compiled.symmetric_difference(whole).area < whole.area * 2 * CHORD


def test_streets_that_lie_upon_each_other_are_drawn_too() -> None:
    twice = RoadGraph.from_edges([0, 200, 100, 100], [0, 0, 0, 100], [0, 0, 2, 1], [1, 1, 1, 3])
    drawn = isochrones(twice, [100.0], [0.0], [1000.0], width_m=20.0).polygons[0]
    assert drawn.is_valid
    whole = shapely.buffer(shapely.multilinestrings(twice.course_xy_m.reshape(-1, 2, 2)), 20.0, quad_segs=64)
    assert drawn.symmetric_difference(whole).area < whole.area * 2 * CHORD
