"""Made-up road graphs for hypothesis: small, and full of what breaks routers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from siting.model.access import Snap
from siting.model.roads import Mode, RoadGraph

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

MOST_NODES = 7


@st.composite
def graphs(draw: DrawFn) -> RoadGraph:
    """Graphs with parallel edges, loops, one-ways, closed edges, zero lengths and pieces that do not hang together."""
    nodes = draw(st.integers(1, MOST_NODES))
    place = st.integers(0, 5)
    x, y = (draw(st.lists(place, min_size=nodes, max_size=nodes)) for _ in range(2))
    end = st.integers(0, nodes - 1)
    lengths = st.one_of(st.sampled_from([0.0, 1.0, 100.0]), st.floats(0, 500, allow_subnormal=False))
    edges = draw(st.lists(st.tuples(end, end, lengths, st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=14))
    u, v, length, forward, backward = (np.array(column) for column in zip(*edges, strict=True))
    straight = RoadGraph.from_edges(np.array(x) * 100.0, np.array(y) * 100.0, u, v, length)
    return replace(straight, forward=forward, backward=backward)


@st.composite
def positions(draw: DrawFn, graph: RoadGraph, mode: Mode, most: int = 6) -> Snap:
    """Positions on usable edges, several on one edge and on its very ends among them; some points without a road."""
    usable = np.flatnonzero((graph.forward | graph.backward) & mode).tolist()
    shares = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1, allow_subnormal=False))
    connectors = st.one_of(st.just(0.0), st.floats(0, 50, allow_subnormal=False))
    drawn = draw(st.lists(st.tuples(st.sampled_from([-1, *usable]), shares, connectors), min_size=1, max_size=most))
    edge, share, connector = (np.array(column) for column in zip(*drawn, strict=True))
    nought = np.zeros(len(edge))
    offset = np.minimum(np.round(share * graph.length_m[edge], 3), graph.length_m[edge])
    return Snap(edge, np.where(edge >= 0, offset, 0.0), connector, nought, nought, edge < 0)
