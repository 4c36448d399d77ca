"""The road graph: nodes in projected metres, undirected edges with exact lengths and their drawn course."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntFlag
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from siting.model.arrays import FloatArray, frozen

if TYPE_CHECKING:
    import networkx as nx

UInt8Array = NDArray[np.uint8]
Int32Array = NDArray[np.int32]


class Mode(IntFlag):
    """Ways to travel; an edge carries one set of them for each direction."""

    WALK = 1
    CYCLE = 2
    DRIVE = 4


class Feature(IntFlag):
    """What an edge is besides its road class, for what it costs to walk it."""

    CROSSING = 1
    """A marked way across a carriageway."""
    BRIDGE = 2


def _none() -> NDArray[Any]:
    return np.zeros(0)


@dataclass(frozen=True, slots=True, eq=False)
class Obstacles:
    """What a straight way from a point to the street may not cross.

    Attributes
    ----------
    ends_m : float64[segment, 4]
        Straight pieces of walls and shores: x and y of one end, x and y of the other.
    stops : uint8[segment]
        `Mode` bits that the piece stops.
    body : int64[segment]
        Number of the body of water whose shore it is; −1 for walls. Bodies do not overlap.
    """

    ends_m: FloatArray = field(default_factory=lambda: np.zeros((0, 4)))
    stops: UInt8Array = field(default_factory=lambda: np.zeros(0, dtype=np.uint8))
    body: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they belong together."""
        count = len(np.asarray(self.stops))
        object.__setattr__(self, "ends_m", frozen(self.ends_m, np.float64, (count, 4)))
        object.__setattr__(self, "stops", frozen(self.stops, np.uint8, (count,)))
        object.__setattr__(self, "body", frozen(self.body, np.int64, (count,)))

    def __len__(self) -> int:
        return len(self.stops)


# weakref_slot: siting.access keeps what it derives from a graph for as long as the graph lives.
@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class RoadGraph:
    """Nodes and edges of a road network on a projected plane.

    Edges are undirected records with the modes allowed in each direction, so that walking (which ignores
    one-way signs) and driving (which does not) share one graph. Parallel edges and loops are allowed.

    Attributes
    ----------
    x_m, y_m : float64[node]
        Node positions in metres of `crs_epsg`.
    u, v : int32[edge]
        End nodes; direction u → v is *forward*.
    length_m : float64[edge]
        Length along the edge, ≥ 0. Not recomputed from the course: a source may know better.
    forward, backward : uint8[edge]
        `Mode` bits allowed from u to v and from v to u.
    course_xy_m : float64[vertex, 2]
        Vertices of all edges' polylines, end to end, each running from u to v with both ends included.
    course_start : int64[edge + 1]
        Where each edge's vertices begin in `course_xy_m`.
    road_class : int16[edge]
        Index into `road_classes` (OSM `highway` values), for drawing and for speeds.
    road_classes : tuple[str, ...]
    crs_epsg : int
        EPSG code of the projected plane.
    features : uint8[edge]
        `Feature` bits; none unless given.
    drive_km_per_h : float64[edge]
        How fast cars go: the speed limit where the source has one, else what its road class stands for. NaN (unknown)
        unless given.
    slope : float64[edge]
        Rise from u to v over length; level unless given.
    obstacles : Obstacles
        Walls and water; none unless given. Edges cross them (gates, bridges), connectors do not.
    """

    x_m: FloatArray
    y_m: FloatArray
    u: Int32Array
    v: Int32Array
    length_m: FloatArray
    forward: UInt8Array
    backward: UInt8Array
    course_xy_m: FloatArray
    course_start: NDArray[np.int64]
    road_class: NDArray[np.int16]
    road_classes: tuple[str, ...]
    crs_epsg: int
    features: UInt8Array = field(default_factory=_none)
    drive_km_per_h: FloatArray = field(default_factory=_none)
    slope: FloatArray = field(default_factory=_none)
    obstacles: Obstacles = field(default_factory=Obstacles)

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they belong together."""
        nodes, edges = len(np.asarray(self.x_m)), len(np.asarray(self.u))
        vertices = len(np.asarray(self.course_xy_m))
        for name, unknown in (("features", 0), ("drive_km_per_h", np.nan), ("slope", 0.0)):
            if edges and not len(np.asarray(getattr(self, name))):
                object.__setattr__(self, name, np.full(edges, unknown))
        for name, dtype, shape in (
            ("x_m", np.float64, (nodes,)),
            ("y_m", np.float64, (nodes,)),
            ("u", np.int32, (edges,)),
            ("v", np.int32, (edges,)),
            ("length_m", np.float64, (edges,)),
            ("forward", np.uint8, (edges,)),
            ("backward", np.uint8, (edges,)),
            ("course_xy_m", np.float64, (vertices, 2)),
            ("course_start", np.int64, (edges + 1,)),
            ("road_class", np.int16, (edges,)),
            ("features", np.uint8, (edges,)),
            ("drive_km_per_h", np.float64, (edges,)),
            ("slope", np.float64, (edges,)),
        ):
            object.__setattr__(self, name, frozen(getattr(self, name), dtype, shape))
        if edges and (min(self.u.min(), self.v.min()) < 0 or max(self.u.max(), self.v.max()) >= nodes):
            message = "an edge ends at a node that does not exist"
            raise ValueError(message)
        if not (np.isfinite(self.length_m).all() and (self.length_m >= 0).all()):
            message = "edge lengths must be finite and not negative"
            raise ValueError(message)
        if self.course_start[-1] != vertices or (np.diff(self.course_start) < 2).any():  # noqa: PLR2004 - a line has two ends
            message = "every edge needs a course of at least two vertices"
            raise ValueError(message)

    @property
    def node_count(self) -> int:
        """Number of nodes."""
        return len(self.x_m)

    @property
    def edge_count(self) -> int:
        """Number of undirected edges."""
        return len(self.u)

    @classmethod
    def from_edges(
        cls,
        x_m: ArrayLike,
        y_m: ArrayLike,
        u: ArrayLike,
        v: ArrayLike,
        length_m: ArrayLike | None = None,
        *,
        crs_epsg: int = 32650,
    ) -> RoadGraph:
        """Make a graph of straight edges, open to every mode both ways.

        Parameters
        ----------
        x_m, y_m : float[node]
        u, v : int[edge]
        length_m : float[edge], optional
            Straight distance between the ends unless given.
        crs_epsg : int
            The plane the coordinates lie on.
        """
        x, y = np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64)
        tail, head = np.asarray(u, dtype=np.int32), np.asarray(v, dtype=np.int32)
        every_mode = np.full(len(tail), Mode.WALK | Mode.CYCLE | Mode.DRIVE, dtype=np.uint8)
        course = np.empty((2 * len(tail), 2))
        for end, node in enumerate((tail, head)):
            course[end::2, 0], course[end::2, 1] = x[node], y[node]
        straight = np.hypot(course[1::2, 0] - course[0::2, 0], course[1::2, 1] - course[0::2, 1])
        for made in (every_mode, course, straight):
            made.setflags(write=False)  # nobody else has them: not to be copied
        return cls(
            x_m=x,
            y_m=y,
            u=tail,
            v=head,
            length_m=straight if length_m is None else np.asarray(length_m, dtype=np.float64),
            forward=every_mode,
            backward=every_mode,
            course_xy_m=course,
            course_start=np.arange(len(tail) + 1) * 2,
            road_class=np.zeros(len(tail), dtype=np.int16),
            road_classes=("road",),
            crs_epsg=crs_epsg,
        )

    @classmethod
    def from_networkx(cls, graph: nx.Graph[Any]) -> RoadGraph:
        """Make a graph from one of networkx, such as OSMnx makes and `osmnx.project_graph` projects.

        Parameters
        ----------
        graph : networkx graph
            Any kind. Nodes carry ``x`` and ``y`` in metres; ``graph.graph["crs"]`` names a projected system with an
            EPSG code. Edges may carry ``length`` (kept as it is; else that of the course), ``geometry`` (else
            straight), ``highway`` and ``modes`` (`Mode` bits allowed in the edge's direction; else all).

        Returns
        -------
        RoadGraph
            Nodes numbered in the order of ``graph.nodes``. Two directed edges of equal length that run the same course
            in opposite directions are one record; an edge without such a twin is open forward only.

        Raises
        ------
        DataError
            When the graph is not projected (OSMnx graphs come in degrees) or a node has no place.
        """
        from siting.model.networkx_graphs import from_networkx  # noqa: PLC0415 - few runs need networkx

        return from_networkx(graph)

    def to_networkx(self) -> nx.MultiDiGraph[Any]:
        """Return the graph as OSMnx would have it: a projected MultiDiGraph with one edge for each open direction.

        Edges carry ``length``, ``geometry``, ``highway``, ``oneway``, ``reversed`` and ``modes``. An edge closed to all
        modes both ways is left out.
        """
        from siting.model.networkx_graphs import to_networkx  # noqa: PLC0415 - few runs need networkx

        return to_networkx(self)
