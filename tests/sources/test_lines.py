from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from shapely import LineString, MultiLineString
from small_inputs import write_layer

from siting.model.roads import Mode
from siting.sources.crs import Plane
from siting.sources.manifest import Intake
from siting.sources.options import RoadsFile
from siting.sources.roads import read_roads

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.roads import RoadGraph

PLANE = Plane(32651)
X, Y = 280_000.0, 3_377_000.0


def line(*points: tuple[float, float]) -> LineString:
    return LineString([(X + x, Y + y) for x, y in points])


def read(
    folder: Path, geometry: list[Any], name: str = "r.gpkg", intake: Intake | None = None, **columns: object
) -> RoadGraph:
    write_layer(folder / name, geometry, crs="EPSG:32651", **columns)
    return read_roads(RoadsFile(file=name), PLANE, intake or Intake(folder))


def ends(graph: RoadGraph) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    at = [(round(x - X, 3), round(y - Y, 3)) for x, y in zip(graph.x_m, graph.y_m, strict=True)]
    return [(at[u], at[v]) for u, v in zip(graph.u, graph.v, strict=True)]


def agree(graph: RoadGraph) -> bool:
    """Every course runs from its u to its v."""
    nodes = np.column_stack([graph.x_m, graph.y_m])
    first, last = graph.course_xy_m[graph.course_start[:-1]], graph.course_xy_m[graph.course_start[1:] - 1]
    return bool((nodes[graph.u] == first).all() and (nodes[graph.v] == last).all())


@pytest.mark.parametrize("name", ["r.gpkg", "r.geojson", "r.shp", "r.parquet"])
def test_every_format_gives_the_same_graph(tmp_path: Path, name: str) -> None:
    shapes = [line((0, 0), (30, 40)), line((30, 40), (30, 50), (40, 50))]
    write_layer(tmp_path / name, shapes, crs="EPSG:32651", highway=["residential", "footway"])
    declared = "EPSG:32651" if name == "r.geojson" else None  # GeoJSON itself is always degrees
    if declared:
        write_layer(tmp_path / "r.gpkg", shapes, crs="EPSG:32651", highway=["residential", "footway"])
        (tmp_path / name).unlink()
        degrees = [LineString(np.column_stack(PLANE.lonlat(*np.array(shape.coords).T))) for shape in shapes]
        write_layer(tmp_path / name, degrees, highway=["residential", "footway"])
    graph = read_roads(RoadsFile(file=name), PLANE, Intake(tmp_path))
    assert graph.node_count == 3
    np.testing.assert_allclose(graph.length_m, [50, 20], atol=1e-4)
    assert [graph.road_classes[index] for index in graph.road_class] == ["residential", "footway"]


def test_ends_in_one_place_are_one_node_and_near_ends_are_not(tmp_path: Path) -> None:
    graph = read(tmp_path, [line((0, 0), (10, 0)), line((10.0003, 0), (20, 0)), line((20.01, 0), (30, 0))])
    assert graph.node_count == 5
    assert graph.u[1] == graph.v[0]
    assert graph.u[2] != graph.v[1]


def test_lines_that_cross_without_a_node_do_not_meet(tmp_path: Path) -> None:
    assert read(tmp_path, [line((0, 0), (10, 10)), line((0, 10), (10, 0))]).node_count == 4


def test_multi_part_lines_are_split(tmp_path: Path) -> None:
    shape = MultiLineString([line((0, 0), (10, 0)), line((20, 0), (25, 0))])
    graph = read(tmp_path, [shape], highway=["service"])
    assert graph.length_m.tolist() == [10, 5]
    assert graph.road_class.tolist() == [0, 0]


def test_lines_of_no_length_are_left_out_with_a_warning(tmp_path: Path) -> None:
    intake = Intake(tmp_path)
    graph = read(tmp_path, [line((0, 0), (10, 0)), line((5, 5), (5, 5))], intake=intake)
    assert graph.edge_count == 1
    assert "1 lines of no length were left out" in intake.warnings[0].en


def test_node_columns_win_over_places(tmp_path: Path) -> None:
    # A bridge: 1-2 and 3-4 share a place in the middle but no node.
    graph = read(tmp_path, [line((0, 0), (10, 0)), line((10, 0), (20, 0))], u=[1, 3], v=[2, 4])
    assert graph.node_count == 4
    assert agree(graph)


def test_lines_drawn_backwards_are_turned(tmp_path: Path) -> None:
    shapes = [line((0, 0), (10, 0)), line((20, 0), (15, 5), (10, 0)), line((20, 0), (20, 9))]
    graph = read(tmp_path, shapes, u=["a", "b", "c"], v=["b", "c", "d"])
    assert ends(graph) == [((0, 0), (10, 0)), ((10, 0), (20, 0)), ((20, 0), (20, 9))]
    assert agree(graph)


def test_parallel_lines_drawn_in_opposite_directions(tmp_path: Path) -> None:
    shapes = [line((0, 0), (10, 0)), line((10, 0), (5, 5), (0, 0))]
    graph = read(tmp_path, shapes, u=[1, 1], v=[2, 2])
    assert ends(graph) == [((0, 0), (10, 0))] * 2
    assert agree(graph)


def test_a_piece_that_nothing_settles_is_taken_as_drawn(tmp_path: Path) -> None:
    shapes = [line((0, 0), (10, 0)), line((50, 0), (60, 0)), line((70, 0), (60, 0))]
    graph = read(tmp_path, shapes, u=[1, 3, 4], v=[2, 4, 5])
    assert ends(graph)[0] == ((0, 0), (10, 0))
    assert ends(graph)[1:] == [((50, 0), (60, 0)), ((60, 0), (70, 0))]


def test_random_networks_survive_any_drawing_direction(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    places = rng.uniform(0, 1000, (30, 2)).round(2)
    pairs = np.array([pair for pair in rng.integers(0, 30, (60, 2)) if pair[0] != pair[1]])
    shapes = [
        line(*(tuple(places[end]) for end in (pair if straight else pair[::-1])))
        for pair, straight in zip(pairs, rng.random(len(pairs)) < 0.5, strict=True)
    ]
    graph = read(tmp_path, shapes, u=pairs[:, 0], v=pairs[:, 1])
    assert agree(graph)
    assert graph.node_count == len(np.unique(pairs))
    want = np.hypot(*(places[pairs[:, 0]] - places[pairs[:, 1]]).T)
    np.testing.assert_allclose(graph.length_m, want, atol=1e-6)


def test_classes_close_lines_to_modes(tmp_path: Path) -> None:
    shapes = [line((0, 0), (10, 0)), line((10, 0), (20, 0)), line((20, 0), (30, 0))]
    graph = read(tmp_path, shapes, highway=["motorway", None, "['steps', 'footway']"])
    assert graph.forward.tolist() == [int(Mode.DRIVE), 7, int(Mode.WALK)]
    assert graph.backward.tolist() == graph.forward.tolist()
    assert [graph.road_classes[index] for index in graph.road_class] == ["motorway", "road", "steps"]


def test_lines_without_classes_are_roads(tmp_path: Path) -> None:
    graph = read(tmp_path, [line((0, 0), (10, 0))])
    assert graph.road_classes == ("road",)
    assert graph.forward.tolist() == [7]


def test_a_declared_system_wins_with_a_warning(tmp_path: Path) -> None:
    intake = Intake(tmp_path)
    write_layer(tmp_path / "r.gpkg", [line((0, 0), (10, 0))], crs="EPSG:32650")
    graph = read_roads(RoadsFile(file="r.gpkg", crs="EPSG:32651"), PLANE, intake)
    assert graph.x_m.tolist() == [X, X + 10]
    assert "the file says EPSG:32650; it is used as EPSG:32651" in intake.warnings[0].en


def test_heights_are_dropped(tmp_path: Path) -> None:
    graph = read(tmp_path, [LineString([(X, Y, 5), (X + 3, Y + 4, 90)])])
    assert graph.length_m.tolist() == [5]


def test_a_shapefile_is_recorded_with_its_sidecars(tmp_path: Path) -> None:
    intake = Intake(tmp_path)
    read(tmp_path, [line((0, 0), (10, 0))], "r.shp", intake)
    assert [entry.path for entry in intake.provenance] == ["r.shp", "r.shx", "r.dbf", "r.prj", "r.cpg"]
    assert {len(entry.sha256) for entry in intake.provenance} == {64}
