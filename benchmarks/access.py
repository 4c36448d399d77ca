"""Distances and isochrones against the usual tools, on the same work in one run.

::

    python benchmarks/access.py            the whole table (a few minutes, and pandana's contraction)
    python benchmarks/access.py --quick    smaller lattices, for a look

The network is a 100 m lattice with 20 % of its edges missing. Peers: scipy's `dijkstra(limit=)` (in parcels of sources,
as its result is dense), networkx, OSMnx's way to isochrones (ego graph, buffered edges and nodes, as in its example
notebook), and pandana where it is installed (``pip install .[benchmark]``; it is AGPL and no dependency). Each figure
is the best of a few runs on the wall clock, with the processor time of all threads beside it: a machine that others use
blurs the one more than the other. `--data DIR` adds Wuhan, from the folder that holds `wuhan/`.

pandana contracts the network before its first query, which an exact lattice makes very slow: its equal ways are all
witnesses of each other. It runs in a process of its own for at most `--pandana-minutes`, on the exact lattice and on
the same one with lengths up to 2 % longer, as streets have them; the table says where it did not end.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from siting.access import RoadGraph, isochrones, measure_snapped, nearest, reach, snap
from siting.access.threads import thread_count

if TYPE_CHECKING:
    from collections.abc import Callable

STEP_M = 100.0
MISSING = 0.2
SOURCES = 1500
SCIPY_PARCEL = 100
NETWORKX_SOURCES = 150
OSMNX_ISOCHRONES = 10
BAND_M, NODE_BAND_M = 25.0, 50.0
CUTOFFS_M = (1000.0, 5000.0)
UNEVEN = 0.02
"""By how much edges of the uneven lattice are longer, at most."""


def lattice(side: int, seed: int = 0, *, uneven: bool = False) -> RoadGraph:
    """Return a square lattice of `side` × `side` nodes with a fifth of its edges missing."""
    rng = np.random.default_rng(seed)
    place = np.arange(side * side).reshape(side, side)
    u = np.concatenate([place[:, :-1].ravel(), place[:-1].ravel()])
    v = np.concatenate([place[:, 1:].ravel(), place[1:].ravel()])
    kept = rng.random(len(u)) >= MISSING
    x, y = (place % side).ravel() * STEP_M, (place // side).ravel() * STEP_M
    longer = 1 + UNEVEN * rng.random(kept.sum()) if uneven else np.ones(kept.sum())
    return RoadGraph.from_edges(x, y, u[kept], v[kept], STEP_M * longer)


def chosen(graph: RoadGraph) -> np.ndarray:
    """Return the nodes that searches start from."""
    return np.random.default_rng(1).choice(graph.node_count, min(SOURCES, graph.node_count), replace=False)


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
    sources = chosen(graph)
    plain = nx.Graph()
    plain.add_weighted_edges_from(zip(graph.u.tolist(), graph.v.tolist(), graph.length_m.tolist(), strict=True))
    for cutoff in CUTOFFS_M:
        settled = reach(graph, sources, cutoff).nnz
        ours = best(lambda cutoff=cutoff: reach(graph, sources, cutoff), 5)
        print(f"\n{graph.node_count:,} nodes, {graph.edge_count:,} edges, {len(sources):,} sources, {cutoff:,.0f} m")
        line("siting reach", ours, note=f"{ours / settled * 1e9:.0f} ns per settled node, {settled:,} of them")
        line("scipy dijkstra(limit)", best(lambda cutoff=cutoff: with_scipy(graph, sources, cutoff), 1), ours)
        work = cpu(lambda cutoff=cutoff: reach(graph, sources, cutoff), 5)
        peer = cpu(lambda cutoff=cutoff: with_scipy(graph, sources, cutoff), 1)
        line("  the same in processor time of all threads", peer, work, f"ours {work:.4f} s")
        few = [int(node) for node in sources[:NETWORKX_SOURCES] if int(node) in plain]
        if cutoff == CUTOFFS_M[0]:  # the longer one takes networkx minutes and shows the same
            seconds = best(lambda few=few: [nx.single_source_dijkstra_path_length(plain, n, 1000.0) for n in few], 1)
            each = seconds * len(sources) / len(few)
            line("networkx single_source_dijkstra_path_length", each, ours, f"from {len(few)} sources")


def against_pandana(side: int, minutes: float) -> None:
    """Print pandana's times, on the exact and on the uneven lattice, each in a process of its own."""
    print(f"\npandana nodes_in_range, {SOURCES:,} sources")
    if importlib.util.find_spec("pandana") is None:
        print("not installed: pip install .[benchmark] (AGPL, optional)")
        return
    for uneven in (True, False):
        graph = lattice(side, uneven=uneven)
        what = f"{graph.node_count:,} nodes, {'uneven' if uneven else 'exact'} lattice"
        command = [sys.executable, __file__, "--pandana-alone", str(side), *(["--uneven"] if uneven else [])]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=minutes * 60, check=True)  # noqa: S603 - this file itself
        except subprocess.TimeoutExpired:
            print(f"{what}: its contraction did not end within {minutes:g} minutes; nothing was measured on it")
            continue
        theirs = json.loads(done.stdout.splitlines()[-1])
        sources = chosen(graph)
        print(f"{what}: {theirs['before'][0]:.0f} s of contraction ({theirs['before'][1]:.0f} s of processor time)")
        for cutoff, (wall, work) in zip(CUTOFFS_M, theirs["queries"], strict=True):
            ours = best(lambda cutoff=cutoff, graph=graph, sources=sources: reach(graph, sources, cutoff), 5)
            line(f"  within {cutoff:,.0f} m", wall, ours, f"ours {ours:.4f} s")
            own = cpu(lambda cutoff=cutoff, graph=graph, sources=sources: reach(graph, sources, cutoff), 5)
            line("    the same in processor time of all threads", work, own, f"ours {own:.4f} s")


def pandana_alone(graph: RoadGraph) -> None:
    """Print, as JSON, seconds and processor seconds of pandana's contraction and of its searches."""
    import pandana  # noqa: PLC0415 - optional
    import pandas as pd  # noqa: PLC0415 - as above

    def timed(work: Callable[[], Any]) -> tuple[Any, tuple[float, float]]:
        began, began_work = time.perf_counter(), time.process_time()
        result = work()
        return result, (time.perf_counter() - began, time.process_time() - began_work)

    ends = pd.Series(graph.u), pd.Series(graph.v)
    places = pd.Series(graph.x_m), pd.Series(graph.y_m)
    net, before = timed(lambda: pandana.Network(*places, *ends, pd.DataFrame({"m": graph.length_m})))
    queries = []
    for cutoff in CUTOFFS_M:
        runs = [timed(lambda cutoff=cutoff: net.nodes_in_range(chosen(graph), cutoff))[1] for _ in range(2)]
        queries.append(tuple(min(column) for column in zip(*runs, strict=True)))
    print("\n" + json.dumps({"before": before, "queries": queries}))


def machine() -> None:
    """Print what this was measured on."""
    names = ("numba", "numpy", "scipy", "shapely", "networkx", "osmnx", "pandana")
    found = [f"{name} {importlib.metadata.version(name)}" for name in names if importlib.util.find_spec(name)]
    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        rows = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        told = [row.split(":", 1)[1].strip() for row in rows if row.startswith("model name")]
        model = told[0] if told else model
    print(f"{model}, {thread_count()} threads, {platform.system()}, Python {platform.python_version()}")
    print(", ".join(found))


def growth(sides: list[int]) -> None:
    """Print how time grows with the network, for the same number of sources and for one source to everything."""
    print(f"\ngrowth: {SOURCES:,} sources within 1,000 m, and one source without a cutoff")
    for side in sides:
        graph = lattice(side)
        sources = chosen(graph)
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
    parser.add_argument("--pandana-minutes", type=float, default=30.0, help="how long its contraction may take")
    parser.add_argument("--pandana-alone", type=int, metavar="SIDE", help=argparse.SUPPRESS)
    parser.add_argument("--uneven", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.pandana_alone:
        pandana_alone(lattice(options.pandana_alone, uneven=options.uneven))
        return
    side = 120 if options.quick else 330
    machine()
    began = time.perf_counter()
    reach(lattice(3), [0], 100.0)
    print(f"first call, compiled code loaded or made: {time.perf_counter() - began:.2f} s")
    if options.data:
        wuhan(options.data)
    many_to_all(side)
    growth([100, 200] if options.quick else [100, 316, 1000])
    polygons(side)
    against_pandana(side, options.pandana_minutes)


if __name__ == "__main__":
    main()
