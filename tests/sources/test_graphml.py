from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import pytest

from siting.errors import DataError
from siting.model.roads import Mode, RoadGraph
from siting.sources.crs import Plane
from siting.sources.manifest import Intake
from siting.sources.options import RoadsFile
from siting.sources.roads import read_roads

if TYPE_CHECKING:
    from pathlib import Path

W, C, D = int(Mode.WALK), int(Mode.CYCLE), int(Mode.DRIVE)
PLACES = {1: (120.705, 30.51), 2: (120.72, 30.51), 3: (120.735, 30.51), 4: (120.72, 30.505)}
BEND = "LINESTRING (120.72 30.51, 120.7275 30.515, 120.735 30.51)"
BACK = "LINESTRING (120.735 30.51, 120.7275 30.515, 120.72 30.51)"


def read(folder: Path, edges: list[tuple[int, int, dict[str, str]]]) -> RoadGraph:
    """Write what OSMnx writes (every attribute as text), and read it."""
    graph = nx.MultiDiGraph(crs="epsg:4326", simplified="True", created_with="by hand")
    for node, (x, y) in PLACES.items():
        graph.add_node(node, x=str(x), y=str(y), street_count="2")
    for u, v, attributes in edges:
        graph.add_edge(u, v, **{"osmid": "7", "highway": "residential", "length": "1", "oneway": "False", **attributes})
    nx.write_graphml(graph, folder / "r.graphml")
    return read_roads(RoadsFile(file="r.graphml"), Plane(32651), Intake(folder))


def records(graph: RoadGraph) -> list[tuple[int, int, int, int]]:
    columns = zip(graph.u, graph.v, graph.forward, graph.backward, strict=True)
    return [(int(u), int(v), int(ahead), int(back)) for u, v, ahead, back in columns]


def test_two_directions_are_one_record(tmp_path: Path) -> None:
    graph = read(tmp_path, [(1, 2, {}), (2, 1, {})])
    assert records(graph) == [(0, 1, 7, 7)]
    assert graph.length_m.round().tolist() == [1440]


def test_one_way_streets_are_walked_both_ways(tmp_path: Path) -> None:
    assert records(read(tmp_path, [(1, 2, {"oneway": "True"})])) == [(0, 1, 7, W)]


def test_footways_are_for_walkers(tmp_path: Path) -> None:
    graph = read(tmp_path, [(1, 2, {"highway": "footway"}), (2, 1, {"highway": "footway"})])
    assert records(graph) == [(0, 1, W, W)]


def test_courses_must_agree_to_be_one_record(tmp_path: Path) -> None:
    graph = read(tmp_path, [(2, 3, {"geometry": BEND}), (3, 2, {"geometry": BACK}), (3, 2, {}), (2, 3, {})])
    assert records(graph) == [(1, 2, 7, 7), (1, 2, 7, 7)]
    assert graph.course_start.tolist() == [0, 3, 5]


def test_ways_must_agree_to_be_one_record(tmp_path: Path) -> None:
    graph = read(tmp_path, [(1, 2, {"osmid": "7", "oneway": "True"}), (2, 1, {"osmid": "8", "oneway": "True"})])
    assert records(graph) == [(0, 1, 7, W), (1, 0, 7, W)]


def test_a_mode_needs_every_class_of_a_joined_edge(tmp_path: Path) -> None:
    graph = read(tmp_path, [(1, 2, {"highway": "['steps', 'service']"})])
    assert records(graph) == [(0, 1, W, W)]
    assert graph.road_classes == ("steps",)


def test_access_closes_edges(tmp_path: Path) -> None:
    assert records(read(tmp_path, [(1, 2, {"access": "private"})])) == [(0, 1, 0, 0)]


def test_a_graph_without_edges_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the graph has no edges"):
        read(tmp_path, [])
