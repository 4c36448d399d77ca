"""To and from graphs of networkx and OSMnx."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given
from strategies import graphs

from siting.access import Mode, RoadGraph
from siting.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


def osmnx_like(*edges: tuple[int, int, dict[str, object]]) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph(crs="EPSG:32650")
    graph.add_node(11, x=0.0, y=0.0)
    graph.add_node(22, x=30.0, y=40.0)
    graph.add_edges_from(edges)
    return graph


def test_two_directions_of_a_street_are_one_record() -> None:
    bent = shapely.LineString([(0, 0), (30, 0), (30, 40)])
    graph = RoadGraph.from_networkx(
        osmnx_like(
            (11, 22, {"length": 71.0, "geometry": bent, "highway": ["footway", "alley"]}),
            (22, 11, {"length": 71.0, "geometry": bent.reverse()}),
            (11, 22, {"highway": "primary"}),
        )
    )
    assert (graph.u.tolist(), graph.v.tolist()) == ([0, 0], [1, 1])
    assert graph.length_m.tolist() == [71.0, 50.0]
    assert graph.forward.tolist() == [7, 7]
    assert graph.backward.tolist() == [7, 0]
    assert [graph.road_classes[i] for i in graph.road_class] == ["alley", "primary"]
    assert graph.course_xy_m[:3].tolist() == [[0, 0], [30, 0], [30, 40]]
    assert graph.crs_epsg == 32650


def test_an_undirected_graph_is_open_both_ways() -> None:
    plain = nx.Graph(crs="epsg:3067")
    plain.add_node("a", x=0, y=0)
    plain.add_node("b", x=3, y=4)
    plain.add_edge("b", "a")
    graph = RoadGraph.from_networkx(plain)
    assert graph.length_m.tolist() == [5.0]
    assert graph.forward.tolist() == graph.backward.tolist() == [7]


@pytest.mark.parametrize(
    ("crs", "what"), [("EPSG:4326", "in degrees"), (None, "no crs"), ("+proj=utm +zone=50", "no EPSG code")]
)
def test_a_graph_that_is_not_projected_is_refused(crs: str | None, what: str) -> None:
    graph = osmnx_like((11, 22, {}))
    graph.graph["crs"] = crs
    with pytest.raises(DataError, match=what):
        RoadGraph.from_networkx(graph)


def test_every_node_without_a_place_is_named() -> None:
    graph = osmnx_like((11, 33, {}), (11, 44, {}))
    with pytest.raises(DataError, match=r"node 33(.|\n)*node 44"):
        RoadGraph.from_networkx(graph)


def test_a_graph_without_edges_comes_through() -> None:
    graph = RoadGraph.from_networkx(osmnx_like())
    assert (graph.node_count, graph.edge_count) == (2, 0)
    assert graph.to_networkx().number_of_nodes() == 2


@given(graphs())
def test_there_and_back_is_the_same_network(graph: RoadGraph) -> None:
    graph = replace(graph, length_m=np.round(graph.length_m, 2))
    there = graph.to_networkx()
    back = RoadGraph.from_networkx(there)

    def directions(one: RoadGraph) -> list[tuple[int, int, float, int]]:
        forward = zip(one.u.tolist(), one.v.tolist(), one.length_m.tolist(), one.forward.tolist(), strict=True)
        backward = zip(one.v.tolist(), one.u.tolist(), one.length_m.tolist(), one.backward.tolist(), strict=True)
        return sorted((*edge[:2], round(edge[2], 6), edge[3]) for edge in (*forward, *backward) if edge[3])

    assert directions(back) == directions(graph)


@pytest.mark.real_data
def test_futian_comes_through_with_its_lengths(shared: Path) -> None:
    import osmnx  # noqa: PLC0415 - slow to import, and only here

    raw = osmnx.load_graphml(shared / "shenzhen-futian" / "roads.graphml")
    with pytest.raises(DataError, match="project it first"):
        RoadGraph.from_networkx(raw)
    projected = osmnx.project_graph(raw)
    graph = RoadGraph.from_networkx(projected)
    assert graph.node_count == 1751
    directed = np.count_nonzero(graph.forward & Mode.DRIVE) + np.count_nonzero(graph.backward & Mode.DRIVE)
    assert directed == projected.number_of_edges() == 4009
    assert graph.to_networkx().size("length") == pytest.approx(projected.size("length"))
