"""The textbook models on published instances, on made ones of their size, and against spopt in the same run.

::

    python benchmarks/locate.py                    made instances, and spopt where it is installed
    python benchmarks/locate.py --bench DIR        first every published instance under DIR
    python benchmarks/locate.py --quick            smaller made instances

Seconds are processor seconds of this process, compilation excluded (a small instance of each kind is solved first). The
made graphs are as OR-Library's p-median graphs (n nodes, n²/50 edges of 1 to 100); the warehouses are 100 sites and
1,000 customers in a square. spopt's models are built from the same matrix and solved by PuLP's HiGHS.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from siting.optimise import SolverOptions, locate

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "optimise" / "locate"))
import bench as published

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from siting.model.arrays import FloatArray
    from siting.optimise.locate import Location

OPTIONS = SolverOptions(gap=0.0, time_limit_s=600.0)
Case = tuple[str, str, "Callable[[], Location]"]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, metavar="DIR", help="the folder of published instances")
    parser.add_argument("--quick", action="store_true", help="smaller made instances")
    parser.add_argument("--only", default="", metavar="TEXT", help="only cases whose name holds this")
    options = parser.parse_args()
    warm()
    print(f"{'case':34} {'published':>14} {'found':>16} {'status':>10} {'gap':>9} {'cpu s':>8}")
    cases = [] if options.bench is None else list(_published(options.bench))
    for name, value, ask in [*cases, *made(quick=options.quick)]:
        if options.only in name:
            began = time.process_time()
            show(name, value, ask(), time.process_time() - began)
    if options.only in "spopt":
        against_spopt(100 if options.quick else 200)


def warm() -> None:
    """Compile."""
    cost = graph(60, 0)
    locate.p_median(cost, 1.0, 5)
    locate.p_center(cost, 5)
    one = np.ones(60)
    for single in (False, True):
        locate.fixed_charge(cost, 50.0 * one, one, 12.0 * one, single)


def show(name: str, value: str, location: Location, seconds: float) -> None:
    """Print one line."""
    proof = location.certificate
    found = "–" if location.objective is None else f"{location.objective:,.3f}"
    gap = "–" if proof.gap is None else f"{proof.gap:.2%}"
    print(f"{name:34} {value:>14} {found:>16} {proof.status:>10} {gap:>9} {seconds:8.2f}", flush=True)


def graph(nodes: int, seed: int) -> FloatArray:
    """Return shortest paths of a random connected graph, as OR-Library's are made."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(nodes)
    edges = {tuple(sorted((int(order[k]), int(order[rng.integers(k)])))) for k in range(1, nodes)}
    while len(edges) < nodes * nodes // 50:
        i, j = sorted(rng.integers(nodes, size=2).tolist())
        if i != j:
            edges.add((i, j))
    row, column = np.array(sorted(edges)).T
    length = rng.integers(1, 101, len(row)).astype(np.float64)
    return dijkstra(csr_array((length, (row, column)), shape=(nodes, nodes)), directed=False)


def square(sites: int, customers: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Return costs of serving all of each customer, and their demands."""
    rng = np.random.default_rng(seed)
    here, there = rng.random((sites, 2)) * 1000, rng.random((customers, 2)) * 1000
    demand = rng.integers(1, 117, customers).astype(np.float64)
    return np.hypot(*(there[:, None] - here[None]).transpose(2, 0, 1)) * demand[:, None], demand


def _published(folder: Path) -> Iterator[Case]:
    """Return every published instance: name, value, how it is asked."""
    for row in published.optima(folder / "pmed"):
        cost, p = published.pmed(folder / "pmed" / f"{row['instance']}.txt")
        name = f"{row['instance']} n={len(cost)} p={p}"
        yield f"p_median {name}", row["pmedian_opt"], lambda c=cost, p=p: locate.p_median(c, 1.0, p, options=OPTIONS)
        yield f"p_center {name}", row["pcenter_opt"], lambda c=cost, p=p: locate.p_center(c, p, options=OPTIONS)
    cost = published.tsplib(folder / "pcenter" / "pr226.tsp")
    for row in published.optima(folder / "pcenter"):
        ask = lambda c=cost, p=int(row["p"]): locate.p_center(c, p, options=OPTIONS)  # noqa: E731 - one of many
        yield f"p_center {row['instance']} p={row['p']}", row["opt_rounded"], ask
    for row in published.optima(folder / "scp"):
        cover, price = published.covering(folder / "scp" / f"{row['instance']}.txt")
        yield (
            f"set_cover {row['instance']}",
            row["opt"],
            lambda a=cover, c=price: locate.set_cover(a, c, options=OPTIONS),
        )
    for family, column in (("cflp", "capacitated_opt"), ("uflp", "uncapacitated_opt")):
        for row in published.optima(folder / family):
            cost, fixed, demand, room = published.warehouses(folder / family / f"{row['instance']}.txt")
            holds = room if family == "cflp" else None
            ask = lambda c=cost, f=fixed, d=demand, q=holds: locate.fixed_charge(c, f, d, q, options=OPTIONS)  # noqa: E731
            yield f"fixed_charge {row['instance']}{' capacitated' if family == 'cflp' else ''}", row[column], ask
    for row in published.optima(folder / "pmedcap"):
        cost, demand, p, room = published.clusters(folder / "pmedcap" / f"{row['instance']}.txt")
        ask = lambda c=cost, d=demand, p=p, q=room: locate.p_median(  # noqa: E731 - one of many
            c, 1.0, p, q, single_source=True, demand=d, options=OPTIONS
        )
        yield f"p_median {row['instance']} single source", row["opt"], ask
    yield from _san_francisco(folder)


def _san_francisco(folder: Path) -> Iterator[Case]:
    """Return the stores of spopt's examples as cases."""
    metres, people = published.san_francisco(folder / "spopt_sf")
    yield "lscp San Francisco 5,000 m", "8", lambda: locate.lscp(metres, 5000)
    yield "lscp San Francisco 8,000 m", "3", lambda: locate.lscp(metres, 8000)
    yield "mclp San Francisco", "875247", lambda: locate.mclp(metres, people, 5000, 4)
    yield "p_median San Francisco", "2848268129.715", lambda: locate.p_median(metres, people, 4)
    yield "p_center San Francisco", "7403.0638", lambda: locate.p_center(metres, 4)


def made(*, quick: bool) -> Iterator[Case]:
    """Instances of the published families' largest sizes."""
    nodes = 300 if quick else 900
    cost = graph(nodes, 1)
    for p in (5, 10, nodes // 10, nodes // 4):
        name = f"made graph n={nodes} p={p}"
        yield f"p_median {name}", "–", lambda p=p: locate.p_median(cost, 1.0, p, options=OPTIONS)
        yield f"p_center {name}", "–", lambda p=p: locate.p_center(cost, p, options=OPTIONS)
    sites, customers = (30, 200) if quick else (100, 1000)
    serving, demand = square(sites, customers, 5)
    fixed = np.random.default_rng(6).uniform(0.7, 1.3, sites)
    share = demand.sum() / 8
    for each in (2e5, 1e6):
        ask = lambda f=each: locate.fixed_charge(serving, f * fixed, demand, options=OPTIONS)  # noqa: E731 - one of many
        yield f"fixed_charge made {sites}×{customers} f={each:g}", "–", ask
        for room in (1.1 * share, 2.0 * share):
            name = f"fixed_charge made {sites}×{customers} f={each:g} Q={room:.0f}"
            yield name, "–", lambda f=each, q=room: locate.fixed_charge(serving, f * fixed, demand, q, options=OPTIONS)


def against_spopt(nodes: int) -> None:
    """Print the same work by spopt, where it is installed."""
    if importlib.util.find_spec("spopt") is None:
        print("spopt is not installed: pip install spopt")
        return
    import pulp  # noqa: PLC0415 - spopt's door
    from spopt import locate as other  # noqa: PLC0415 - optional

    cost, weights, p = graph(nodes, 1), np.ones(nodes), 10
    radius = float(np.quantile(cost, 0.1))
    pairs: list[tuple[str, Callable[[], Any], Callable[[], Any]]] = [
        ("lscp", lambda: locate.lscp(cost, radius), lambda: other.LSCP.from_cost_matrix(cost, radius)),
        ("mclp", lambda: locate.mclp(cost, weights, radius, p),
         lambda: other.MCLP.from_cost_matrix(cost, weights, radius, p)),
        ("p_median", lambda: locate.p_median(cost, weights, p),
         lambda: other.PMedian.from_cost_matrix(cost, weights, p)),
        ("p_center", lambda: locate.p_center(cost, p), lambda: other.PCenter.from_cost_matrix(cost, p)),
    ]  # fmt: skip
    print(
        f"\n{'against spopt, n=' + str(nodes):34} {'ours':>12} {'spopt':>12} {'cpu s':>8} {'spopt s':>8} {'times':>7}"
    )
    for name, ours, theirs in pairs:
        began = time.process_time()
        found = ours()
        between = time.process_time()
        took = between - began
        try:
            model = theirs().solve(pulp.HiGHS(msg=False, threads=OPTIONS.threads, timeLimit=600))
        except RuntimeError as error:  # what spopt raises whenever PuLP does not say Optimal
            print(f"{name:34} {found.objective:12,.2f} {'none':>12} {took:8.2f} spopt: {error}", flush=True)
            continue
        spent = time.process_time() - between
        value = model.problem.objective.value()
        told = f"{found.objective:12,.2f} {value:12,.2f} {took:8.2f} {spent:8.2f} {spent / took:7.1f}"
        print(f"{name:34} {told}", flush=True)


if __name__ == "__main__":
    main()
