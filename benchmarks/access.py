"""Distances and isochrones against the usual tools, on the same work in one run.

::

    python benchmarks/access.py            the whole table (a few minutes)
    python benchmarks/access.py --quick    smaller lattices, for a look

The network is a 100 m lattice with 20 % of its edges missing. Peers: scipy's `dijkstra(limit=)` (in parcels of sources,
as its result is dense), networkx, OSMnx's way to isochrones (ego graph, buffered edges and nodes, as in its example
notebook), and pandana where it is installed (it is AGPL and no dependency). Each figure is the best of a few runs on
the wall clock; a machine that others use blurs them all. `--data DIR` adds Wuhan, from the folder that holds `wuhan/`.
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from siting.access import RoadGraph, isochrones, measure_snapped, nearest, reach, snap

if TYPE_CHECKING:
    from collections.abc import Callable

STEP_M = 100.0
MISSING = 0.2
SOURCES = 1500
SCIPY_PARCEL = 100
NETWORKX_SOURCES = 150
OSMNX_ISOCHRONES = 10
BAND_M, NODE_BAND_M = 25.0, 50.0


def lattice(side: int, seed: int = 0) -> RoadGraph:
    """Return a square lattice of `side` × `side` nodes with a fifth of its edges missing."""
    rng = np.random.default_rng(seed)
    place = np.arange(side * side).reshape(side, side)
    u = np.concatenate([place[:, :-1].ravel(), place[:-1].ravel()])
    v = np.concatenate([place[:, 1:].ravel(), place[1:].ravel()])
    kept = rng.random(len(u)) >= MISSING
    x, y = (place % side).ravel() * STEP_M, (place // side).ravel() * STEP_M
    return RoadGraph.from_edges(x, y, u[kept], v[kept])


def best(work: Callable[[], Any], runs: int = 3) -> float:
    """Return the least seconds of a few runs."""
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)


def cpu(work: Callable[[], Any], runs: int = 3) -> float:
    """Return the least processor seconds, of all threads, of a few runs: what a busy machine blurs less."""
    taken = []
    for _ in range(runs):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken)


def line(what: str, seconds: float, ours: float | None = None, note: str = "") -> None:
    """Print one row of the table."""
    ratio = "" if ours is None else f"{seconds / ours:8.1f} ×"
    print(f"{what:<58}{seconds:10.4f} s {ratio:>11}  {note}")


def with_scipy(graph: RoadGraph, sources: np.ndarray, cutoff_m: float) -> None:
    """Search with scipy, a parcel of sources at a time, keeping what is within the cutoff."""
    ends = np.concatenate([graph.u, graph.v]), np.concatenate([graph.v, graph.u])
    weights = coo_array((np.tile(graph.length_m, 2), ends), shape=(graph.node_count,) * 2).tocsr()
    for parcel in np.array_split(sources, max(1, len(sources) // SCIPY_PARCEL)):
        metres = dijkstra(weights, indices=parcel, limit=cutoff_m)
        np.isfinite(metres).nonzero()


def many_to_all(side: int) -> None:
    """Print metres from many nodes to all nodes within a cutoff."""
    graph = lattice(side)
    sources = np.random.default_rng(1).choice(graph.node_count, SOURCES, replace=False)
    plain = nx.Graph()
    plain.add_weighted_edges_from(zip(graph.u.tolist(), graph.v.tolist(), graph.length_m.tolist(), strict=True))
    for cutoff in (1000.0, 5000.0):
        settled = reach(graph, sources, cutoff).nnz
        ours = best(lambda cutoff=cutoff: reach(graph, sources, cutoff), 5)
        print(f"\n{graph.node_count:,} nodes, {graph.edge_count:,} edges, {SOURCES:,} sources, {cutoff:,.0f} m")
        line("siting reach", ours, note=f"{ours / settled * 1e9:.0f} ns per settled node, {settled:,} of them")
        line("scipy dijkstra(limit)", best(lambda cutoff=cutoff: with_scipy(graph, sources, cutoff), 1), ours)
        few = [int(node) for node in sources[:NETWORKX_SOURCES] if int(node) in plain]
        if cutoff == 1000.0:  # noqa: PLR2004 - the longer one takes networkx minutes and shows the same
            seconds = best(lambda few=few: [nx.single_source_dijkstra_path_length(plain, n, 1000.0) for n in few], 1)
            line(
                "networkx single_source_dijkstra_path_length",
                seconds * SOURCES / len(few),
                ours,
                f"from {len(few)} sources",
            )
        with_pandana(graph, sources, cutoff, ours)


def with_pandana(graph: RoadGraph, sources: np.ndarray, cutoff_m: float, ours: float) -> None:
    """Print pandana's time, where it is installed."""
    if importlib.util.find_spec("pandana") is None:
        print("pandana nodes_in_range                                    not installed (AGPL, optional)")
        return
    import pandana  # noqa: PLC0415 - optional
    import pandas as pd  # noqa: PLC0415 - as above

    began = time.perf_counter()
    net = pandana.Network(
        pd.Series(graph.x_m),
        pd.Series(graph.y_m),
        pd.Series(graph.u),
        pd.Series(graph.v),
        pd.DataFrame({"m": graph.length_m}),
    )
    net.precompute(cutoff_m)
    before = time.perf_counter() - began
    line(
        "pandana nodes_in_range",
        best(lambda: net.nodes_in_range(sources, cutoff_m), 1),
        ours,
        f"after {before:.0f} s of contraction",
    )


def growth(sides: list[int]) -> None:
    """Print how time grows with the network, for the same number of sources and for one source to everything."""
    print(f"\ngrowth: {SOURCES:,} sources within 1,000 m, and one source without a cutoff")
    for side in sides:
        graph = lattice(side)
        sources = np.random.default_rng(1).choice(graph.node_count, min(SOURCES, graph.node_count), replace=False)
        began = time.perf_counter()
        settled = reach(graph, sources, 1000.0).nnz
        first = time.perf_counter() - began
        near = best(lambda graph=graph, sources=sources: reach(graph, sources, 1000.0), 5)
        count = reach(graph, sources[:1], np.inf).nnz
        far = best(lambda graph=graph, sources=sources: reach(graph, sources[:1], np.inf), 3)
        by_node = f"{near / settled * 1e9:4.0f} ns per settled node; to all {far / count * 1e9:4.0f} ns"
        line(f"{graph.node_count:>9,} nodes", near, note=f"{by_node}; first call {first:.2f} s")


def osmnx_way(graph: nx.MultiDiGraph, centre: int, cutoff_m: float) -> Any:  # noqa: ANN401 - a Polygon or a MultiPolygon
    """Draw one isochrone as OSMnx's example notebook does: ego graph, buffered nodes and edges, union."""
    import geopandas as gpd  # noqa: PLC0415 - only for this peer
    from shapely.geometry import LineString, Point  # noqa: PLC0415 - as above

    within = nx.ego_graph(graph, centre, radius=cutoff_m, distance="length")
    points = [Point((data["x"], data["y"])) for _, data in within.nodes(data=True)]
    nodes = gpd.GeoDataFrame({"id": list(within.nodes)}, geometry=points).set_index("id")
    edges = []
    for tail, head in within.edges():
        a, b = nodes.loc[tail].geometry, nodes.loc[head].geometry
        edges.append(graph.get_edge_data(tail, head)[0].get("geometry", LineString([a, b])))
    around = list(nodes.buffer(NODE_BAND_M).geometry) + list(gpd.GeoSeries(edges).buffer(BAND_M).geometry)
    return gpd.GeoSeries(around).union_all()


def polygons(side: int) -> None:
    """Print the time of 100 isochrone polygons."""
    graph = lattice(side)
    centres = np.random.default_rng(2).choice(graph.node_count, 100, replace=False)
    x, y = graph.x_m[centres], graph.y_m[centres]
    isochrones(graph, x[:2], y[:2], [1000.0])
    ours = best(lambda: isochrones(graph, x, y, [1000.0], width_m=BAND_M), 5)
    print(f"\n100 isochrone polygons of 1,000 m on {graph.node_count:,} nodes")
    line("siting isochrones", ours, note=f"{ours * 10:.2f} ms each")
    drawn = graph.to_networkx()
    few = centres[:OSMNX_ISOCHRONES].tolist()
    theirs = best(lambda: [osmnx_way(drawn, centre, 1000.0) for centre in few], 2) * 100 / len(few)
    line("OSMnx's way: ego graph, buffers, union", theirs, ours, f"{theirs * 10:.0f} ms each, from {len(few)}")
    work = cpu(lambda: isochrones(graph, x, y, [1000.0], width_m=BAND_M), 5)
    peer = cpu(lambda: [osmnx_way(drawn, centre, 1000.0) for centre in few], 2) * 100 / len(few)
    line("  the same in processor time of all threads", peer, work, f"{work * 10:.2f} ms and {peer * 10:.0f} ms each")
    merged = best(lambda: isochrones(graph, x, y, [1000.0], width_m=BAND_M, merged=True), 3)
    line("siting isochrones, merged into one service area", merged)


def wuhan(data: Path) -> None:
    """Print snapping and the sparse matrix of Wuhan's 494,676 cells and 3,000 sites, with the process's peak memory."""
    from siting.sources.crs import Plane  # noqa: PLC0415 - only where the data is
    from siting.sources.manifest import Intake  # noqa: PLC0415 - as above
    from siting.sources.options import PopulationFiles, RoadsFile  # noqa: PLC0415 - as above
    from siting.sources.rasters import read_population  # noqa: PLC0415 - as above
    from siting.sources.roads import read_roads  # noqa: PLC0415 - as above

    plane, intake = Plane(32650), Intake(data)
    graph = read_roads(RoadsFile(file="wuhan/roads.parquet", crs="EPSG:32650"), plane, intake)
    files = PopulationFiles(files="wuhan/pop_{age}_{sex}_wuhan.tif", ages=(60, 65, 70, 75, 80), sexes=("f", "m"))
    cells = read_population(files, plane, intake)
    warm = snap(graph, cells.x_m[:1000], cells.y_m[:1000], 500)
    measure_snapped(graph, warm, warm, 10.0)
    nearest(graph, warm, warm)
    began = time.perf_counter()
    zones = snap(graph, cells.x_m, cells.y_m, 500)
    snapped = time.perf_counter()
    chosen = np.random.default_rng(1).choice(np.flatnonzero(zones.edge >= 0), 3000, replace=False)
    sites = snap(graph, cells.x_m[chosen], cells.y_m[chosen], 500)
    found = measure_snapped(graph, zones, sites, 1000.0)
    done = time.perf_counter()
    print(f"\nWuhan: {len(zones):,} cells, {graph.edge_count:,} edges, 3,000 sites, 1,000 m")
    line("snapping every cell", snapped - began, note=f"{int((zones.edge >= 0).sum()):,} on a road within 500 m")
    line("matrix, sites' snapping included", done - snapped, note=f"{found.metres.nnz:,} pairs")
    line("nearest 3 of 3,000 sites for every cell", best(lambda: nearest(graph, zones, sites, k=3), 2))
    where = graph.x_m[graph.u[sites.edge[:700]]], graph.y_m[graph.u[sites.edge[:700]]]
    line("service area of 700 sites within 810 m", best(lambda: isochrones(graph, *where, [810.0], merged=True), 2))
    print(f"peak memory, reading included: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f} MB")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller lattices")
    parser.add_argument("--data", type=Path, help="folder that holds wuhan/")
    options = parser.parse_args()
    side = 120 if options.quick else 330
    began = time.perf_counter()
    reach(lattice(3), [0], 100.0)
    print(f"first call, compiled code loaded or made: {time.perf_counter() - began:.2f} s")
    if options.data:
        wuhan(options.data)
    many_to_all(side)
    growth([100, 200] if options.quick else [100, 316, 1000])
    polygons(side)


if __name__ == "__main__":
    main()
