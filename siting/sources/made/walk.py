"""Walking distances over the made network, so that sites are put where they serve whom they should."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from siting.sources.made.mesh import search

if TYPE_CHECKING:
    from siting.sources.made.network import Network
    from siting.sources.made.shapes import FloatArray, IntArray

CONNECTOR_M = 500.0
_CHUNK = 64
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Walk:
    """Walking graph and where the persons join it.

    Attributes
    ----------
    xy
        Nodes (n, 2) in local metres.
    graph
        Lengths between nodes, both ways.
    nodes
        Nodes of the main walking component.
    ends, along, connector
        For each cell the two ends of its nearest edge, the distances to them, and the straight way to the edge.
    """

    xy: FloatArray
    graph: csr_array
    nodes: IntArray
    ends: IntArray
    along: FloatArray
    connector: FloatArray

    @classmethod
    def over(cls, network: Network, cells: FloatArray) -> Walk:
        """Build the walking graph of a network with cells (centres) tied to it."""
        edges, length, _ = network.edges(network.walking())
        n = len(network.xy)
        both = np.concatenate([edges, edges[:, ::-1]])
        graph = csr_array((np.concatenate([length, length]), (both[:, 0], both[:, 1])), shape=(n, n))
        lines = np.asarray(shapely.linestrings(network.xy[edges]))
        points = shapely.points(cells)
        nearest = shapely.STRtree(lines).nearest(points)
        at = shapely.line_locate_point(lines[nearest], points)
        along = np.column_stack([at, length[nearest] - at])
        main = np.isfinite(search(graph, int(edges[len(edges) // 2, 0]))[0])
        return cls(
            network.xy, graph, np.flatnonzero(main), edges[nearest], along, shapely.distance(lines[nearest], points)
        )

    def metres(self, sources: IntArray, limit_m: float) -> FloatArray:
        """Distances (sources, cells) from nodes to cells with the cells' connectors; infinite beyond the limit."""
        out = np.full((len(sources), len(self.ends)), np.inf)
        for start in range(0, len(sources), _CHUNK):
            part = slice(start, start + _CHUNK)
            far = dijkstra(self.graph, directed=False, indices=sources[part], limit=limit_m)
            out[part] = np.minimum(
                far[:, self.ends[:, 0]] + self.along[:, 0], far[:, self.ends[:, 1]] + self.along[:, 1]
            )
        out += np.where(self.connector <= CONNECTOR_M, self.connector, np.inf)
        return np.where(out <= limit_m, out, np.inf)


def pick_cover(
    near: BoolArray,
    weight: FloatArray,
    covered: BoolArray,
    share: float,
) -> list[int]:
    """Rows chosen one after another, each adding the most weight, until a share of all weight is covered."""
    chosen = []
    done = covered.copy()
    table = csr_array(near.astype(np.float64))
    while weight[done].sum() < share * weight.sum():
        gain = table @ np.where(done, 0.0, weight)
        best = int(np.argmax(gain))
        if gain[best] <= 0.0:
            break
        chosen.append(best)
        done |= near[best]
    return chosen
