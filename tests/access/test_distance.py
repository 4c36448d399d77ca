"""Distances against the oracle, their properties, and the states of points without one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import all_metres
from strategies import graphs, positions

from siting.access import (
    INCLUSIVE_M,
    NO_SITE,
    Access,
    Mode,
    RoadGraph,
    RoadState,
    Snap,
    kernel,
    measure,
    measure_snapped,
    nearest,
    network,
    reach,
)
from siting.access.layout import room

MODES = st.sampled_from([Mode.WALK, Mode.CYCLE, Mode.DRIVE])
CUTOFFS = st.sampled_from([0.0, 1.0, 100.0, 250.0, 700.0, 1e9])
A_MILLIMETRE = 1e-3


@st.composite
def cases(draw: st.DrawFn) -> tuple[RoadGraph, Snap, Snap, Mode, float]:
    graph, mode = draw(graphs()), draw(MODES)
    return graph, draw(positions(graph, mode)), draw(positions(graph, mode)), mode, draw(CUTOFFS)


def dense(access: Access) -> np.ndarray:
    """Absent pairs as infinity, so that stored noughts can be told from them."""
    full = np.full(access.metres.shape, np.inf)
    rows = np.repeat(np.arange(full.shape[0]), np.diff(access.metres.indptr))
    full[rows, access.metres.indices] = access.metres.data
    return full


def judged(true: np.ndarray, cutoff_m: float) -> np.ndarray:
    return np.where(true <= cutoff_m + INCLUSIVE_M, true, np.inf)


@given(cases())
def test_distances_to_sites_agree_with_the_oracle(case: tuple[RoadGraph, Snap, Snap, Mode, float]) -> None:
    graph, zones, sites, mode, cutoff = case
    found = dense(measure_snapped(graph, zones, sites, cutoff, mode))
    np.testing.assert_allclose(found, judged(all_metres(graph, zones, sites, mode), cutoff), rtol=0, atol=A_MILLIMETRE)


@given(cases())
def test_distances_from_sites_agree_with_the_oracle(case: tuple[RoadGraph, Snap, Snap, Mode, float]) -> None:
    graph, zones, sites, mode, cutoff = case
    found = dense(measure_snapped(graph, zones, sites, cutoff, mode, from_sites=True))
    np.testing.assert_allclose(
        found, judged(all_metres(graph, sites, zones, mode).T, cutoff), rtol=0, atol=A_MILLIMETRE
    )


@given(cases())
def test_states_are_true(case: tuple[RoadGraph, Snap, Snap, Mode, float]) -> None:
    graph, zones, sites, mode, cutoff = case
    access = measure_snapped(graph, zones, sites, cutoff, mode)
    reachable = np.isfinite(all_metres(graph, zones, sites, mode))
    for side, some in ((access.zones, reachable.any(axis=1)), (access.sites, reachable.any(axis=0))):
        expected = np.where(
            side.edge < 0, RoadState.NO_ROAD, np.where(some, RoadState.ON_ROAD, RoadState.OTHER_COMPONENT)
        )
        np.testing.assert_array_equal(side.state, expected)


@given(cases(), st.integers(1, 4))
def test_nearest_few_are_the_first_of_the_sorted_row(case: tuple[RoadGraph, Snap, Snap, Mode, float], k: int) -> None:
    graph, zones, sites, mode, cutoff = case
    found = nearest(graph, zones, sites, k=k, cutoff_m=cutoff, mode=mode)
    true = judged(all_metres(graph, zones, sites, mode), cutoff)
    padded = np.hstack([np.sort(true, axis=1), np.full((len(zones), k), np.inf)])[:, :k]
    np.testing.assert_allclose(np.nan_to_num(found.metres, nan=np.inf), padded, rtol=0, atol=A_MILLIMETRE)
    for zone, (site, metres) in enumerate(zip(found.site, found.metres, strict=True)):
        real = site != NO_SITE
        np.testing.assert_allclose(metres[real], true[zone, site[real]], rtol=0, atol=A_MILLIMETRE)
        assert len(set(site[real].tolist())) == real.sum()


@given(cases())
def test_walking_is_symmetric(case: tuple[RoadGraph, Snap, Snap, Mode, float]) -> None:
    graph, zones, _, _, cutoff = case
    walkable = (graph.forward | graph.backward) & Mode.WALK
    zones = replace(zones, edge=np.where(walkable[zones.edge] > 0, zones.edge, -1))
    there = dense(measure_snapped(graph, zones, zones, cutoff))
    np.testing.assert_allclose(there, there.T, rtol=0, atol=1e-9)


@given(cases())
def test_no_detour_is_shorter(case: tuple[RoadGraph, Snap, Snap, Mode, float]) -> None:
    graph, zones, _, mode, _ = case
    zones = replace(zones, connector_m=np.zeros(len(zones)))  # passing a point must not cost its connector twice
    graph = replace(graph, length_m=graph.length_m + 1)  # a point on an edge of no length stands at both its ends
    metres = dense(measure_snapped(graph, zones, zones, np.inf, mode))
    by_way = (metres[:, :, None] + metres[None, :, :]).min(axis=1)
    assert (metres <= by_way + 1e-9).all()


@given(cases(), CUTOFFS)
def test_a_longer_cutoff_only_adds(case: tuple[RoadGraph, Snap, Snap, Mode, float], other: float) -> None:
    graph, zones, sites, mode, cutoff = case
    short, long = sorted((cutoff, other))
    few = dense(measure_snapped(graph, zones, sites, short, mode))
    many = dense(measure_snapped(graph, zones, sites, long, mode))
    near = np.isfinite(few)
    np.testing.assert_array_equal(few[near], many[near])


@given(cases(), st.integers(0, 13))
def test_a_further_road_lengthens_no_way(case: tuple[RoadGraph, Snap, Snap, Mode, float], which: int) -> None:
    graph, zones, sites, mode, cutoff = case
    spare = which % graph.edge_count
    closed = np.arange(graph.edge_count) == spare
    fewer = replace(graph, forward=np.where(closed, 0, graph.forward), backward=np.where(closed, 0, graph.backward))
    zones, sites = (replace(s, edge=np.where(s.edge == spare, -1, s.edge)) for s in (zones, sites))
    before = dense(measure_snapped(fewer, zones, sites, cutoff, mode))
    after = dense(measure_snapped(graph, zones, sites, cutoff, mode))
    assert (after <= before + 1e-9).all()


@given(cases())
def test_a_further_site_changes_no_other_column(case: tuple[RoadGraph, Snap, Snap, Mode, float]) -> None:
    graph, zones, sites, mode, cutoff = case
    fewer = Snap(*(getattr(sites, name)[:-1] for name in ("edge", "offset_m", "connector_m", "x_m", "y_m", "state")))
    before = dense(measure_snapped(graph, zones, fewer, cutoff, mode))
    np.testing.assert_array_equal(dense(measure_snapped(graph, zones, sites, cutoff, mode))[:, :-1], before)


@given(graphs(), MODES, CUTOFFS)
def test_reach_from_nodes_agrees_with_the_oracle(graph: RoadGraph, mode: Mode, cutoff: float) -> None:
    import networkx as nx  # noqa: PLC0415 - beside its only use
    from oracle import with_points  # noqa: PLC0415 - as above

    drawn = with_points(graph, mode)
    nodes = np.arange(graph.node_count)
    for reverse in (False, True):
        found = reach(graph, nodes, cutoff, mode=mode, reverse=reverse)
        assert found.has_sorted_indices
        for source in nodes.tolist():
            way = drawn.reverse(copy=False) if reverse else drawn
            true = nx.single_source_dijkstra_path_length(way, source, cutoff=cutoff + INCLUSIVE_M, weight="m")
            row = slice(found.indptr[source], found.indptr[source + 1])
            ours = dict(zip(found.indices[row].tolist(), found.data[row].tolist(), strict=True))
            assert ours == pytest.approx(true, abs=A_MILLIMETRE)
            assert list(ours) == sorted(ours)


def street(*lengths_m: float) -> RoadGraph:
    """One straight street along the x axis, an edge for each length."""
    x = np.concatenate([[0.0], np.cumsum(lengths_m)])
    nodes = np.arange(len(x))
    return RoadGraph.from_edges(x, np.zeros(len(x)), nodes[:-1], nodes[1:])


@pytest.mark.parametrize(
    ("site_x", "covered"), [(810.0, True), (810.0 + 1e-7, True), (810.0 + 2e-6, False), (809.9, True)]
)
def test_exactly_the_limit_is_within_it(site_x: float, covered: bool) -> None:  # noqa: FBT001 - a case, not a switch
    access = measure(street(300, 700), [[0.0, 0.0]], [[site_x, 0.0]], cutoff_m=810.0, max_connector_m=500)
    assert access.metres.nnz == covered


def test_both_connectors_count() -> None:
    access = measure(street(300, 700), [[100.0, 30.0]], [[600.0, -40.0]], cutoff_m=570.0, max_connector_m=500)
    assert access.metres.toarray() == pytest.approx(30 + 500 + 40)


def test_two_points_at_one_place_are_nought_apart_and_stored() -> None:
    access = measure(street(300), [[100.0, 0.0]], [[100.0, 0.0]], cutoff_m=10.0, max_connector_m=500)
    assert access.metres.nnz == 1
    assert access.metres.data.tolist() == [0.0]


def test_the_way_round_a_loop_may_be_shorter_than_along_it() -> None:
    loop = replace(street(300), u=[0], v=[0], length_m=[400.0])
    here, there = (Snap([0], [offset], [0.0], [0.0], [0.0], [0]) for offset in (10.0, 380.0))
    assert measure_snapped(loop, here, there, 1000.0).metres.data == pytest.approx([30.0])


def test_one_way_driving_goes_round_the_block_and_walking_does_not() -> None:
    square = RoadGraph.from_edges([0, 100, 100, 0], [0, 0, 100, 100], [0, 1, 2, 3], [1, 2, 3, 0])
    one_way = replace(square, backward=np.full(4, Mode.WALK))
    zone, site = Snap([0], [60.0], [0.0], [60.0], [0.0], [0]), Snap([0], [50.0], [0.0], [50.0], [0.0], [0])
    metres = [
        measure_snapped(one_way, zone, site, 1000.0, mode, from_sites=turned).metres.data.item()
        for mode, turned in ((Mode.WALK, False), (Mode.DRIVE, False), (Mode.DRIVE, True))
    ]
    assert metres == pytest.approx([10, 390, 10])


def test_many_sources_over_many_chunks_come_out_in_their_own_order() -> None:
    graph = street(*([10.0] * 999))
    sources = np.random.default_rng(5).permutation(1000)
    metres = reach(graph, sources, 45.0)
    apart = np.abs(metres.indices - np.repeat(sources, np.diff(metres.indptr))) * 10.0
    np.testing.assert_allclose(metres.data, apart, atol=1e-9)
    assert metres.nnz == sum(len(range(max(0, s - 4), min(999, s + 4) + 1)) for s in range(1000))


@given(graphs(), MODES)
def test_a_queue_that_fills_up_queues_again_and_loses_nothing(graph: RoadGraph, mode: Mode) -> None:
    net = network(graph, mode)
    arcs, seed = net.queue(0.0), np.zeros(1, dtype=np.int32)
    far = []
    for pool in (graph.node_count + 1, 2 * graph.node_count + 16):
        whole = room(arcs)
        entries = {name: getattr(whole, name)[:pool].copy() for name in ("following", "entry_node", "entry_m")}
        work = whole._replace(**entries)
        kernel.settle(arcs, np.inf, seed, np.zeros(1), work)
        far.append(work.dist.tolist())
    assert far[0] == far[1]


def test_unlimited_reach_is_whole_components() -> None:
    two = RoadGraph.from_edges([0, 1, 5, 6], [0, 0, 0, 0], [0, 2], [1, 3])
    assert reach(two, [0, 3], np.inf).toarray().tolist() == [[0, 1, 0, 0], [0, 0, 1, 0]]


def test_nothing_to_measure_is_no_error() -> None:
    graph = street(100)
    assert reach(graph, [], 10.0).shape == (0, 2)
    assert measure(graph, np.zeros((0, 2)), [[0, 0]], cutoff_m=1, max_connector_m=1).metres.shape == (0, 1)
    assert measure(graph, [[0, 0]], np.zeros((0, 2)), cutoff_m=1, max_connector_m=1).metres.shape == (1, 0)
    bare = RoadGraph.from_edges([0.0], [0.0], [], [])
    access = measure(bare, [[0, 0]], [[0, 0]], cutoff_m=1, max_connector_m=1)
    assert access.metres.nnz == 0
    assert access.zones.state.tolist() == [RoadState.NO_ROAD]
    assert np.isnan(access.zones.connector_m).all()


@pytest.mark.parametrize("sources", [[2], [-1]])
def test_a_source_that_is_no_node_is_refused(sources: list[int]) -> None:
    with pytest.raises(ValueError, match="node indices from 0 to 1"):
        reach(street(100), sources, 10.0)


@pytest.mark.parametrize("cutoff", [-1.0, np.nan])
def test_a_cutoff_below_nought_is_refused(cutoff: float) -> None:
    with pytest.raises(ValueError, match="0 m or more"):
        reach(street(100), [0], cutoff)


def test_only_one_mode_at_a_time() -> None:
    with pytest.raises(ValueError, match="choose one mode of WALK, CYCLE, DRIVE"):
        reach(street(100), [0], 10.0, mode=Mode.WALK | Mode.DRIVE)


def test_nearest_wants_at_least_one() -> None:
    here = Snap([0], [0.0], [0.0], [0.0], [0.0], [0])
    with pytest.raises(ValueError, match="k must be at least 1"):
        nearest(street(100), here, here, k=0)


def test_equally_near_sites_go_by_their_index() -> None:
    zone = Snap([0], [50.0], [0.0], [50.0], [0.0], [0])
    sites = Snap([1, 0, 0], [0.0, 0.0, 100.0], [0.0] * 3, [0.0] * 3, [0.0] * 3, [0] * 3)
    assert nearest(street(100, 100), zone, sites, k=3).site.tolist() == [[0, 1, 2]]
