"""Roads from OSMnx graph files: directed edges merged into undirected records with modes by direction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from siting.errors import DataError, Problem
from siting.model.roads import Mode, RoadGraph
from siting.sources import crs as systems
from siting.sources.lines import first_class
from siting.sources.profiles import profiles
from siting.sources.roads import classified, course_lengths

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pyproj
    from networkx import MultiDiGraph

    from siting.model.arrays import FloatArray
    from siting.sources.crs import Plane
    from siting.sources.manifest import Intake
    from siting.sources.options import RoadsFile

Course = tuple[tuple[float, float], ...]


@dataclass(slots=True)
class _Records:
    """Undirected records: what `RoadGraph` holds, as lists."""

    u: list[int] = field(default_factory=list)
    v: list[int] = field(default_factory=list)
    course: list[Course] = field(default_factory=list)
    forward: list[int] = field(default_factory=list)
    backward: list[int] = field(default_factory=list)
    highway: list[str] = field(default_factory=list)
    feature: list[int] = field(default_factory=list)
    drive_km_per_h: list[float] = field(default_factory=list)


def read_graphml(options: RoadsFile, plane: Plane, intake: Intake) -> RoadGraph:
    """Read a `.graphml` file that OSMnx saved.

    Two directed edges are one record when they run the same course between the same nodes, in opposite directions,
    over the same OpenStreetMap ways. Vehicles may go where a directed edge goes; walkers may go both ways on every
    record that is open to them. Where simplification joined several classes, a mode needs all of them.

    Raises
    ------
    DataError
        When the file is missing, broken, has no edge, or coordinates that contradict its coordinate system.
    """
    path = intake.find(options.file, "roads.file")
    graph = _open(path, options.file, intake)
    if not graph.number_of_edges():
        raise DataError([Problem(options.file, "the graph has no edges", "save the street network again")])
    own = systems.parse(str(graph.graph.get("crs", "EPSG:4326")), options.file)
    crs = systems.settle(own, options.crs, options.file, "roads", intake)
    nodes = {node: index for index, node in enumerate(graph.nodes)}
    lonlat = np.array([(data["x"], data["y"]) for _, data in graph.nodes(data=True)], dtype=np.float64)
    systems.check_fit((*lonlat.min(axis=0), *lonlat.max(axis=0)), crs, options.file, "roads")
    records = _merge(graph, nodes, lonlat)
    intake.record("roads", options.file, systems.name_of(crs), options.licence)
    return _assemble(records, lonlat, crs, plane)


def _open(path: Path, written: str, intake: Intake) -> MultiDiGraph[Any]:
    import osmnx  # noqa: PLC0415 - takes more than a second, and only these files need it

    try:
        with intake.listening(written):
            return osmnx.load_graphml(path)
    except Exception as error:  # a broken file can fail anywhere in the libraries that parse it
        what = f"is not a graph that OSMnx saved ({type(error).__name__}: {error})"
        raise DataError([Problem(written, what, "save it again with osmnx.save_graphml")]) from error


def _merge(graph: MultiDiGraph[Any], nodes: dict[object, int], lonlat: FloatArray) -> _Records:
    records = _Records()
    known: dict[tuple[object, ...], int] = {}
    for tail, head, data in graph.edges(data=True):
        u, v = nodes[tail], nodes[head]
        course = _course(data.get("geometry"), lonlat[u], lonlat[v])
        ways = tuple(sorted(_several(data.get("osmid"))))
        index = known.get((v, u, course[::-1], ways))
        walk, drive = _modes(data)
        if index is not None and not records.backward[index] & ~int(Mode.WALK):
            records.backward[index] |= drive
            continue
        known[u, v, course, ways] = len(records.u)
        records.u.append(u)
        records.v.append(v)
        records.course.append(course)
        records.forward.append(walk | drive)
        records.backward.append(walk)
        records.highway.append(first_class(data.get("highway")))
        tags = {key: value for key in profiles().keys for value in _several(data.get(key))[:1]}
        records.feature.append(profiles().feature(tags))
        limits = ";".join(_several(data.get("maxspeed")))
        records.drive_km_per_h.append(profiles().drive_speed(records.highway[-1], limits))
    return records


def _modes(data: dict[str, Any]) -> tuple[int, int]:
    """Return the walking bit and the bits of vehicles in the edge's direction."""
    allowed = -1
    for highway in _several(data.get("highway")) or ("road",):
        tags = {key: value for key in profiles().keys for value in _several(data.get(key)) if "oneway" not in key}
        allowed &= profiles().way({**tags, "highway": highway})[0]
    return allowed & int(Mode.WALK), allowed & ~int(Mode.WALK)


def _several(value: object) -> tuple[str, ...]:
    """Return the values of an attribute, which simplification may have made a list."""
    if value is None:
        return ()
    return tuple(str(one) for one in value) if isinstance(value, list) else (str(value),)


def _course(geometry: object, tail: Iterable[float], head: Iterable[float]) -> Course:
    """Return an edge's vertices in its direction; a straight line where the file draws none."""
    if isinstance(geometry, shapely.LineString):
        return tuple((float(x), float(y)) for x, y in shapely.get_coordinates(geometry).tolist())
    (x0, y0), (x1, y1) = tail, head
    return (float(x0), float(y0)), (float(x1), float(y1))


def _assemble(records: _Records, lonlat: FloatArray, crs: pyproj.CRS, plane: Plane) -> RoadGraph:
    x_m, y_m = plane.project(lonlat[:, 0], lonlat[:, 1], crs)
    flat = np.array([vertex for course in records.course for vertex in course], dtype=np.float64)
    course = np.column_stack(plane.project(flat[:, 0], flat[:, 1], crs))
    start = np.concatenate([[0], np.cumsum([len(one) for one in records.course])])
    road_class, road_classes = classified(records.highway)
    return RoadGraph(
        x_m=x_m,
        y_m=y_m,
        u=np.array(records.u, dtype=np.int32),
        v=np.array(records.v, dtype=np.int32),
        length_m=course_lengths(course, start),
        forward=np.array(records.forward, dtype=np.uint8),
        backward=np.array(records.backward, dtype=np.uint8),
        course_xy_m=course,
        course_start=start,
        road_class=road_class,
        road_classes=road_classes,
        crs_epsg=plane.epsg,
        features=np.array(records.feature, dtype=np.uint8),
        drive_km_per_h=np.array(records.drive_km_per_h),
    )
