"""Compiled preparation of a network: its arcs and its pieces. Needs numba; see `kernel`.

One pass after another over the edges as they are. With arrays for every step, each as long as the edges, a million of
them would spend their time on memory that no cache holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siting.access.compiled import compiled

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray
    from siting.model.roads import Int32Array

_FEW = 32
"""Arcs of one node that are sorted one by one; more are sorted as a whole."""


@compiled
def arcs(
    u: Int32Array, v: Int32Array, ahead: BoolArray, back: BoolArray, length_m: FloatArray, nodes: int
) -> tuple[Int32Array, Int32Array, FloatArray]:
    """Return arcs by tail and head, the shortest of parallel ones: int32[node + 1], int32[arc], float64[arc].

    Loops become none.
    """
    start = np.zeros(nodes + 1, np.int32)
    for e in range(len(u)):
        if u[e] != v[e]:
            start[u[e] + 1] += ahead[e]
            start[v[e] + 1] += back[e]
    for node in range(nodes):
        start[node + 1] += start[node]
    place = start[:-1].copy()
    head, metres = np.empty(start[-1], np.int32), np.empty(start[-1])
    for e in range(len(u)):
        if u[e] == v[e]:
            continue
        if ahead[e]:
            head[place[u[e]]], metres[place[u[e]]] = v[e], length_m[e]
            place[u[e]] += 1
        if back[e]:
            head[place[v[e]]], metres[place[v[e]]] = u[e], length_m[e]
            place[v[e]] += 1
    kept = _shortest(start, place, head, metres)
    return start, head[:kept].copy(), metres[:kept].copy()


@compiled
def _shortest(start: Int32Array, last: Int32Array, head: Int32Array, metres: FloatArray) -> int:
    """Sort each node's arcs by head and keep the shortest of parallel ones (in place); return how many are left."""
    kept = 0
    for node in range(len(last)):
        first = start[node]
        _sort(head, metres, first, last[node])
        start[node] = kept
        for i in range(first, last[node]):
            if i == first or head[i] != head[i - 1]:
                head[kept], metres[kept] = head[i], metres[i]
                kept += 1
    start[len(last)] = kept
    return kept


@compiled
def _sort(head: Int32Array, metres: FloatArray, first: int, last: int) -> None:
    """Sort a node's arcs by head, the shorter of two first."""
    if last - first > _FEW:
        order = np.argsort(metres[first:last])
        order = order[np.argsort(head[first:last][order], kind="mergesort")]
        head[first:last], metres[first:last] = head[first:last][order], metres[first:last][order]
        return
    for i in range(first + 1, last):
        one, length, j = head[i], metres[i], i
        while j > first and (head[j - 1] > one or (head[j - 1] == one and metres[j - 1] > length)):
            head[j], metres[j] = head[j - 1], metres[j - 1]
            j -= 1
        head[j], metres[j] = one, length


@compiled
def pieces(u: Int32Array, v: Int32Array, usable: BoolArray, nodes: int) -> tuple[Int32Array, int]:
    """Return which piece every node belongs to, directions aside, and how many pieces there are.

    Numbered by their lowest node: int32[node]. Disjoint sets with halved paths (Tarjan and van Leeuwen, Journal of the
    ACM 31, 1984); a set is named by its lowest node.
    """
    parent = np.arange(nodes).astype(np.int32)
    for e in range(len(u)):
        if usable[e]:
            a, b = _top(parent, u[e]), _top(parent, v[e])
            parent[max(a, b)] = min(a, b)
    count = 0
    piece = np.empty(nodes, np.int32)
    for node in range(nodes):
        if parent[node] == node:
            piece[node] = count
            count += 1
        else:
            piece[node] = piece[_top(parent, node)]  # a lower node, which has its number already
    return piece, count


@compiled
def _top(parent: Int32Array, node: int) -> int:
    """Return the name of a node's set."""
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node
