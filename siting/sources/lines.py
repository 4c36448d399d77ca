"""Roads from line layers: every line is an edge, joined by node columns or by coincident end points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from siting.errors import DataError, Problem
from siting.model.roads import RoadGraph
from siting.sources.layers import Layer, LayerSource, read_layer
from siting.sources.profiles import profiles
from siting.sources.roads import classified, course_lengths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.sources.crs import Plane
    from siting.sources.manifest import Intake
    from siting.sources.options import RoadsFile

SAME_PLACE_M = 1e-3
"""End points are one node when they agree to a millimetre; nothing is snapped by guess."""


def read_lines(options: RoadsFile, plane: Plane, intake: Intake) -> RoadGraph:
    """Read a line layer.

    Nodes come from columns `u` and `v` when the layer has both, otherwise from coincident end points. Lines may be
    drawn from v to u: they are turned where their nodes' other lines show it. The column `highway` becomes the road
    class; every mode may go both ways, except on classes that `configs/profiles.yaml` closes to it.

    Raises
    ------
    DataError
        See `read_layer`; also when a record is no line, or `u` and `v` contradict the end points.
    """
    layer = read_layer(LayerSource("roads", options.file, options.layer, options.crs, options.licence), intake)
    _refuse(layer)
    shapes, record = _parts(layer, plane, intake)
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    start = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(shapes)))])
    whole = np.bincount(record, minlength=len(layer.frame)).max(initial=1) == 1
    if whole and {"u", "v"} <= set(layer.frame.columns):
        u, v, xy = _by_columns(layer, record, xy, start)
    else:
        u, v = _by_place(xy, start)
    x_m, y_m = _node_places(u, v, xy, start)
    names = np.asarray(_classes(layer), dtype=object)[record]
    road_class, road_classes = classified(names.tolist())
    table = profiles()
    modes = np.array([table.line(name) for name in road_classes], dtype=np.uint8)[road_class]
    return RoadGraph(
        x_m=x_m,
        y_m=y_m,
        u=u.astype(np.int32),
        v=v.astype(np.int32),
        length_m=course_lengths(xy, start),
        forward=modes,
        backward=modes,
        course_xy_m=xy,
        course_start=start,
        road_class=road_class,
        road_classes=road_classes,
        crs_epsg=plane.epsg,
        drive_km_per_h=np.array([table.drive_speed(name) for name in road_classes])[road_class],
    )


def _refuse(layer: Layer) -> None:
    geometry = layer.frame.geometry
    kinds = geometry.geom_type.to_numpy()
    bad = np.flatnonzero(~np.isin(kinds, ["LineString", "MultiLineString"]))
    if len(bad):
        what = f"{len(bad)} of {len(kinds)} records are no lines (this one: {kinds[bad[0]] or 'no geometry'})"
        raise DataError([Problem(layer.at(int(bad[0])), what, "keep only line records in the road layer")])
    empty = np.flatnonzero(geometry.is_empty.to_numpy())
    if len(empty):
        raise DataError([Problem(layer.at(int(empty[0])), f"{len(empty)} lines are empty", "delete these records")])


def _parts(layer: Layer, plane: Plane, intake: Intake) -> tuple[NDArray[np.object_], IntArray]:
    """Split multi-part lines and drop lines of no length; also return the record each part came from."""
    shapes, record = shapely.get_parts(layer.onto(plane), return_index=True)
    real = shapely.length(shapes) > 0
    if not real.all():
        count = int((~real).sum())
        intake.warn(layer.source.file, f"{count} 条零长度线段被略去。", f"{count} lines of no length were left out.")
    return shapes[real], record[real]


def _ends(xy: FloatArray, start: IntArray) -> tuple[FloatArray, FloatArray]:
    return xy[start[:-1]], xy[start[1:] - 1]


def _by_place(xy: FloatArray, start: IntArray) -> tuple[IntArray, IntArray]:
    number = _places(np.concatenate(_ends(xy, start)))
    return number[: len(start) - 1], number[len(start) - 1 :]


def _places(points: FloatArray) -> IntArray:
    """Give a number to each of the distinct places among points (to a millimetre), in order of first appearance."""
    keys = np.round(points / SAME_PLACE_M).astype(np.int64)
    pairs = pd.MultiIndex.from_arrays([keys[:, 0], keys[:, 1]])
    return np.asarray(pairs.factorize()[0], dtype=np.int64)


def _by_columns(
    layer: Layer, record: IntArray, xy: FloatArray, start: IntArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Give nodes numbers by their ids and turn the lines that are drawn from v to u."""
    count = len(start) - 1
    ids = np.concatenate([layer.frame["u"].to_numpy()[record], layer.frame["v"].to_numpy()[record]])
    node, _ = pd.factorize(ids)
    u, v = node[:count].astype(np.int64), node[count:].astype(np.int64)
    if (node < 0).any():
        bad = int(record[np.flatnonzero((u < 0) | (v < 0))[0]])
        raise DataError([Problem(layer.at(bad), "u or v is empty", "fill in both node ids, or drop both columns")])
    place = _places(np.concatenate(_ends(xy, start)))
    first, last = place[:count], place[count:]
    home = _homes(u, v, first, last)
    straight = (home[u] == first) & (home[v] == last)
    turned = ~straight & (home[u] == last) & (home[v] == first)
    lost = np.flatnonzero(~straight & ~turned)
    if len(lost):
        what = f"{len(lost)} lines do not end at their nodes u and v, as other lines place them"
        mend = "mend u and v, or drop both columns: lines are then joined by coincident end points"
        raise DataError([Problem(layer.at(int(record[lost[0]])), what, mend)])
    return u, v, _turn(xy, start, turned)


def _homes(u: IntArray, v: IntArray, first: IntArray, last: IntArray) -> IntArray:
    """Find each node's place among its lines' end points, whichever way the lines are drawn.

    A node is where most of its lines end. Where that is undecided (dead ends, pairs of parallel lines) a neighbour that
    is settled decides: the node is at the other end. A piece of network that nothing settles is taken as drawn.
    """
    home = _settled_by_votes(u, v, first, last)
    while True:
        _spread(home, u, v, first, last)
        open_edges = np.flatnonzero(home[u] < 0)
        if not len(open_edges):
            return home
        tails, heads = u[open_edges], v[open_edges]
        links = sparse.coo_array((np.ones(len(tails)), (tails, heads)), shape=(len(home), len(home)))
        _, seeds = np.unique(connected_components(links, directed=False)[1][tails], return_index=True)
        home[tails[seeds]] = first[open_edges[seeds]]


def _settled_by_votes(u: IntArray, v: IntArray, first: IntArray, last: IntArray) -> IntArray:
    """Return the place that most of each node's lines end at; −1 where two places have as many."""
    votes = pd.DataFrame({"node": np.concatenate([u, v, u, v]), "place": np.concatenate([first, last, last, first])})
    tally = votes.groupby(["node", "place"]).size().reset_index(name="lines")
    ranked = tally.sort_values(["node", "lines"], ascending=[True, False], kind="stable")
    leaders = ranked.drop_duplicates("node")
    runners_up = ranked[ranked.duplicated("node")].drop_duplicates("node").set_index("node")["lines"]
    ties = leaders["node"].map(runners_up).to_numpy(dtype=np.float64) == leaders["lines"].to_numpy(dtype=np.float64)
    return np.where(ties, -1, leaders["place"].to_numpy(dtype=np.int64))


def _spread(home: IntArray, u: IntArray, v: IntArray, first: IntArray, last: IntArray) -> None:
    """Settle (in place) the open nodes next to settled ones, until nothing changes."""
    edges = np.flatnonzero((home[u] < 0) | (home[v] < 0))
    while True:
        edges = edges[(home[u[edges]] < 0) | (home[v[edges]] < 0)]
        to_v = edges[home[u[edges]] >= 0]
        to_u = edges[home[v[edges]] >= 0]
        if not len(to_v) and not len(to_u):
            return
        home[v[to_v]] = np.where(home[u[to_v]] == first[to_v], last[to_v], first[to_v])
        home[u[to_u]] = np.where(home[v[to_u]] == last[to_u], first[to_u], last[to_u])


def _turn(xy: FloatArray, start: IntArray, turned: BoolArray) -> FloatArray:
    """Reverse the vertices of the lines marked."""
    size = np.diff(start)
    within = np.arange(len(xy)) - np.repeat(start[:-1], size)
    mirrored = np.repeat(start[1:] - 1, size) - within
    return xy[np.where(np.repeat(turned, size), mirrored, np.arange(len(xy)))]


def _node_places(u: IntArray, v: IntArray, xy: FloatArray, start: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return each node's position: the end point of the first line that touches it."""
    first, last = _ends(xy, start)
    _, seen = np.unique(np.concatenate([u, v]), return_index=True)
    x, y = np.concatenate([first, last])[seen].T
    return x, y


def _classes(layer: Layer) -> list[str]:
    if "highway" not in layer.frame.columns:
        return ["road"] * len(layer.frame)
    return [first_class(value) for value in layer.frame["highway"].tolist()]


def first_class(value: object) -> str:
    """Return the road class of a cell that may hold several: ``['steps', 'footway']`` is steps."""
    if isinstance(value, (list, tuple, np.ndarray)):
        return str(value[0]) if len(value) else "road"
    text = "" if value is None or value != value else str(value)  # noqa: PLR0124 - NaN is not equal to itself
    return text.strip("[] ").split(",")[0].split(";")[0].strip("'\" ") or "road"
