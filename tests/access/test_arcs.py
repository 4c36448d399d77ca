"""Arcs of a network, against a plain count of who leads where."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from siting.access.graph import components, network
from siting.model.roads import Mode, RoadGraph


def random_graph(seed: int, nodes: int, edges: int) -> RoadGraph:
    """Any edges, parallel ones and loops among them, some open one way only; the first node meets very many."""
    r = np.random.default_rng(seed)
    u, v = r.integers(0, nodes, edges), r.integers(0, nodes, edges)
    u[: edges // 3] = 0
    graph = RoadGraph.from_edges(r.random(nodes) * 900, r.random(nodes) * 900, u, v, r.integers(1, 60, edges) * 1.0)
    ways = r.integers(0, 4, edges)
    object.__setattr__(graph, "forward", np.where(ways & 1, Mode.DRIVE, 0).astype(np.uint8))
    object.__setattr__(graph, "backward", np.where(ways & 2, Mode.DRIVE, 0).astype(np.uint8))
    return graph


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(("seed", "nodes", "edges"), [(1, 6, 40), (2, 60, 400), (3, 5, 0), (4, 200, 900), (5, 1, 3)])
def test_arcs_are_the_shortest_edges_from_node_to_node(seed: int, nodes: int, edges: int, *, reverse: bool) -> None:
    graph = random_graph(seed, nodes, edges)
    net = network(graph, Mode.DRIVE, reverse=reverse)
    shortest: dict[tuple[int, int], float] = {}
    for e in range(edges):
        u, v, length = int(net.rank[graph.u[e]]), int(net.rank[graph.v[e]]), float(graph.length_m[e])
        ways = [way for way, is_open in (((u, v), graph.forward[e]), ((v, u), graph.backward[e])) if is_open and u != v]
        for tail, head in ways:
            arc = (head, tail) if reverse else (tail, head)
            shortest[arc] = min(length, shortest.get(arc, np.inf))
    start, heads, metres = net.arcs.indptr, net.arcs.head, net.arcs.metres
    tails = np.repeat(np.arange(nodes), np.diff(start))
    found = dict(zip(zip(tails.tolist(), heads.tolist(), strict=True), metres.tolist(), strict=True))
    assert len(found) == len(heads)
    assert found == shortest
    assert all(list(heads[start[n] : start[n + 1]]) == sorted(heads[start[n] : start[n + 1]]) for n in range(nodes))


@pytest.mark.parametrize(("seed", "nodes", "edges"), [(1, 6, 4), (2, 300, 200), (3, 5, 0), (4, 400, 900), (5, 1, 3)])
def test_components_are_scipy_s_and_the_longest_comes_first(seed: int, nodes: int, edges: int) -> None:
    graph = random_graph(seed, nodes, edges)
    component, length = components(graph, Mode.DRIVE)
    usable = (graph.forward | graph.backward) > 0
    links = coo_array((np.ones(usable.sum()), (graph.u[usable], graph.v[usable])), shape=(nodes, nodes))
    count, theirs = connected_components(links, directed=False)
    assert len(length) == count
    assert len(set(zip(component.tolist(), theirs.tolist(), strict=True))) == count
    assert (np.diff(length) <= 0).all()
    of_edge = component[graph.u]
    assert length.tolist() == [graph.length_m[usable & (of_edge == one)].sum() for one in range(count)]
    assert (component[graph.u[usable]] == component[graph.v[usable]]).all()
