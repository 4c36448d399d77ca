"""One mode's view of a road graph: arcs in curve order, components, and who may travel which way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from siting.access.curve import along_curve
from siting.access.layout import Arcs, listed
from siting.model.roads import Mode, RoadGraph

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.roads import Int32Array

_RING_MAX = 4096
"""Most buckets in the queue's ring."""

_WIDTH_MIN_M = 1e-3
"""Least width of a bucket: a graph of edges shorter than this is no map."""


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A road graph as one mode travels it, in one direction of search.

    Nodes are renumbered along a space-filling curve, so that a search touches neighbouring memory. Of parallel edges
    only the shortest becomes an arc and loops become none: they matter for positions *on* edges, handled by edge.

    Attributes
    ----------
    mode : Mode
    reverse : bool
        Arcs turned round: a search from a facility then finds the ways *to* it.
    order, rank : int32[node]
        Graph node at each place of the curve, and the place of each graph node.
    u, v : int32[edge]
        End nodes of the graph's edges as places on the curve.
    ahead, back : bool[edge]
        Whether a search may run from u to v and from v to u (after `reverse`).
    component : int64[node]
        Number of each graph node's component (by place in the graph, not on the curve), ignoring directions.
    arcs : siting.access.layout.Arcs
        Without the measures of a queue, which depend on the seeds: see `queue`.
    """

    mode: Mode
    reverse: bool
    order: Int32Array
    rank: Int32Array
    u: Int32Array
    v: Int32Array
    ahead: BoolArray
    back: BoolArray
    component: IntArray
    arcs: Arcs

    def queue(self, farthest_seed_m: float) -> Arcs:
        """Return the arcs with a ring of buckets that holds their longest arc and seeds up to `farthest_seed_m`.

        Half a mean arc is the fastest width, and the time is flat around it; wider buckets are slower, never wrong.
        """
        metres = self.arcs.metres
        mean, longest = (float(metres.mean()), float(metres.max())) if len(metres) else (0.0, 0.0)
        span = max(longest, farthest_seed_m)
        width = max(mean / 2, span / _RING_MAX, _WIDTH_MIN_M)
        return self.arcs._replace(per_m=1 / width, buckets=1 << (int(span / width) + 2).bit_length())

    @property
    def usable(self) -> BoolArray:
        """Which edges this mode may use at all: bool[edge]."""
        return self.ahead | self.back


_COMPONENTS: WeakKeyDictionary[RoadGraph, dict[Mode, tuple[IntArray, FloatArray]]] = WeakKeyDictionary()
_INCIDENCES: WeakKeyDictionary[RoadGraph, dict[tuple[Mode, bool], tuple[IntArray, IntArray]]] = WeakKeyDictionary()
_NETWORKS: WeakKeyDictionary[RoadGraph, dict[tuple[Mode, bool], Network]] = WeakKeyDictionary()


def network(graph: RoadGraph, mode: Mode = Mode.WALK, *, reverse: bool = False) -> Network:
    """Return the graph as `mode` travels it; made once for a graph and kept as long as the graph lives.

    Walking ignores one-way signs: an edge open to walkers one way is open to them both ways. Cycling and driving go
    only where the bits of `forward` and `backward` say.

    Raises
    ------
    ValueError
        When `mode` is not exactly one mode.
    """
    if mode not in tuple(Mode):
        message = f"choose one mode of {', '.join(str(one.name) for one in Mode)}, not {mode!r}"
        raise ValueError(message)
    reverse = reverse and mode is not Mode.WALK
    made = _NETWORKS.setdefault(graph, {})
    if (mode, reverse) not in made:
        made[mode, reverse] = _build(graph, mode, reverse=reverse)
    return made[mode, reverse]


def usable_edges(graph: RoadGraph, mode: Mode) -> tuple[BoolArray, BoolArray]:
    """Return which edges `mode` may use from u to v and from v to u: two bool[edge]."""
    forward, backward = (graph.forward & mode) != 0, (graph.backward & mode) != 0
    if mode is Mode.WALK:
        forward = backward = forward | backward
    return forward, backward


def components(graph: RoadGraph, mode: Mode = Mode.WALK) -> tuple[IntArray, FloatArray]:
    """Return the component of every node and the metres of edges in every component.

    Returns
    -------
    component : int64[node]
        Numbers by falling length; a node without usable edges is a component of its own, of 0 m.
    length_m : float64[component]
        Directions are ignored: these are pieces of pavement, not of traffic law.
    """
    made = _COMPONENTS.setdefault(graph, {})
    if mode not in made:
        made[mode] = _components(graph, mode)
    return made[mode]


def incidence(graph: RoadGraph, net: Network) -> tuple[IntArray, IntArray]:
    """Return the edges that a search may enter at each graph node; made once for a graph.

    Returns
    -------
    start : int64[node + 1]
        Where each node's edges begin.
    edge_end : int64[end]
        As edge × 2, + 1 where the search enters at v.
    """
    made = _INCIDENCES.setdefault(graph, {})
    if (net.mode, net.reverse) not in made:
        edge_end = np.concatenate([2 * np.flatnonzero(net.ahead), 2 * np.flatnonzero(net.back) + 1])
        start, order = listed(np.concatenate([graph.u[net.ahead], graph.v[net.back]]), graph.node_count)
        made[net.mode, net.reverse] = start.astype(np.int64), edge_end[order]
    return made[net.mode, net.reverse]


def _components(graph: RoadGraph, mode: Mode) -> tuple[IntArray, FloatArray]:
    from siting.access import kernel_arcs  # noqa: PLC0415 - numba is imported when first needed

    forward, backward = usable_edges(graph, mode)
    usable = forward | backward
    raw, count = kernel_arcs.pieces(graph.u, graph.v, usable, graph.node_count)
    metres_of = np.where(usable, graph.length_m, 0.0)
    length = np.bincount(raw[graph.u], weights=metres_of, minlength=count).astype(np.float64)
    falling = np.argsort(-length, kind="stable")
    number = np.empty(count, dtype=np.int64)
    number[falling] = np.arange(count)
    component: IntArray = number[raw]
    metres: FloatArray = length[falling]
    component.setflags(write=False)
    metres.setflags(write=False)
    return component, metres


def _build(graph: RoadGraph, mode: Mode, *, reverse: bool) -> Network:
    from siting.access import kernel_arcs  # noqa: PLC0415 - numba is imported when first needed

    forward, backward = usable_edges(graph, mode)
    ahead, back = (backward, forward) if reverse else (forward, backward)
    order = along_curve(graph.x_m, graph.y_m).astype(np.int32)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order), dtype=np.int32)
    u, v = rank[graph.u], rank[graph.v]
    start, head, metres = kernel_arcs.arcs(u, v, ahead, back, graph.length_m, graph.node_count)
    component, _ = components(graph, mode)
    return Network(mode, reverse, order, rank, u, v, ahead, back, component, Arcs(start, head, metres, 1.0, 1))
