"""A fine irregular mesh over the county, on which roads look for their way and districts grow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay, cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from siting.sources.made.shapes import FloatArray, IntArray

_COARSE_M, _FINE_M = 115.0, 58.0


def scatter(rng: np.random.Generator, area: BaseGeometry, spacing_m: float) -> FloatArray:
    """Points (n, 2) of a jittered grid that lie inside an area."""
    low_x, low_y, high_x, high_y = area.bounds
    xs, ys = np.meshgrid(np.arange(low_x, high_x, spacing_m), np.arange(low_y, high_y, spacing_m))
    xs[1::2] += spacing_m / 2.0
    xy = np.column_stack([xs.ravel(), ys.ravel()]) + rng.uniform(-0.36, 0.36, (xs.size, 2)) * spacing_m
    return xy[shapely.contains_xy(area, xy)]


@dataclass(slots=True)
class Mesh:
    """Nodes (n, 2), edges (m, 2) with their lengths, and the cost of each edge (infinite where none may pass)."""

    xy: FloatArray
    edges: IntArray
    length_m: FloatArray
    cost: FloatArray

    @classmethod
    def over(cls, rng: np.random.Generator, area: BaseGeometry, fine: BaseGeometry, extra: FloatArray) -> Mesh:
        """Mesh over an area, finer inside `fine`; the points `extra` become its first nodes."""
        coarse = scatter(rng, area.difference(fine), _COARSE_M)
        xy = np.vstack([extra, coarse, scatter(rng, fine.intersection(area), _FINE_M)])
        corners = Delaunay(xy).simplices.astype(np.int64)
        pairs = np.sort(np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=1)
        edges = np.unique(pairs, axis=0)
        length = np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
        keep = length < 5.0 * _COARSE_M
        return cls(xy, edges[keep], length[keep], length[keep].copy())

    def lines(self) -> NDArray[np.object_]:
        """Edges as lines (m,)."""
        return np.asarray(shapely.linestrings(self.xy[self.edges]))

    def nearest(self, points: FloatArray) -> IntArray:
        """Node nearest to each point that has at least one passable edge."""
        alive = np.unique(self.edges[np.isfinite(self.cost)])
        return np.asarray(alive[cKDTree(self.xy[alive]).query(points)[1]], dtype=np.int64)

    def matrix(self, passable: IntArray | None = None) -> csr_array:
        """Costs as a symmetric sparse matrix; only the listed edges when given."""
        which = np.flatnonzero(np.isfinite(self.cost)) if passable is None else passable
        ends, cost = self.edges[which], self.cost[which]
        n = len(self.xy)
        rows, cols = np.concatenate([ends[:, 0], ends[:, 1]]), np.concatenate([ends[:, 1], ends[:, 0]])
        return csr_array((np.concatenate([cost, cost]), (rows, cols)), shape=(n, n))

    def indexed(self) -> tuple[csr_array, IntArray]:
        """Costs of the passable edges as a symmetric sparse matrix, and where in its data (m, 2) each edge lies."""
        which = np.flatnonzero(np.isfinite(self.cost))
        ends, number, n = self.edges[which], np.concatenate([which, which]) + 1.0, len(self.xy)
        pairs = np.concatenate([ends, ends[:, ::-1]])
        matrix = csr_array((number, (pairs[:, 0], pairs[:, 1])), shape=(n, n))
        owner = np.asarray(matrix.data, dtype=np.int64) - 1
        slots = np.full((len(self.edges), 2), -1)
        slots[which] = np.argsort(owner, kind="stable").reshape(-1, 2)
        matrix.data = self.cost[owner]
        return matrix, slots

    def grow(self, seeds: IntArray, edges: IntArray | None = None) -> IntArray:
        """Index of the seed each node is cheapest to reach from; -1 where none reaches it."""
        _, _, source = dijkstra(
            self.matrix(edges), directed=False, indices=seeds, return_predecessors=True, min_only=True
        )
        order = np.full(len(self.xy) + 1, -1)
        order[seeds] = np.arange(len(seeds))
        return np.asarray(order[np.where(source < 0, len(self.xy), source)], dtype=np.int64)


def search(graph: csr_array, start: int, limit_m: float = np.inf) -> tuple[FloatArray, IntArray]:
    """Costs (n,) from one node to all, infinite beyond the limit, and the node before each on the way."""
    cost, before = dijkstra(graph, directed=False, indices=np.array([start]), return_predecessors=True, limit=limit_m)
    return cost[0], np.asarray(before[0], dtype=np.int64)


def path(predecessors: IntArray, start: int, end: int) -> list[int]:
    """Nodes from `start` to `end` by the predecessors of a search from `start`; empty when it cannot be reached."""
    nodes = [end]
    while nodes[-1] != start:
        before = int(predecessors[nodes[-1]])
        if before < 0:
            return []
        nodes.append(before)
    return nodes[::-1]
