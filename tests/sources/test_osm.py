from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import pytest
import shapely
from small_inputs import NODES, WAYS, write_osm

from siting.errors import DataError
from siting.model.roads import Mode, RoadGraph
from siting.sources.crs import Plane
from siting.sources.manifest import Intake
from siting.sources.options import RoadsFile
from siting.sources.roads import on_shores, read_roads

if TYPE_CHECKING:
    from pathlib import Path

W, C, D = int(Mode.WALK), int(Mode.CYCLE), int(Mode.DRIVE)
ROAD = {"highway": "residential"}


def read(folder: Path, ways: list[Any], barriers: dict[int, dict[str, str]] | None = None) -> RoadGraph:
    write_osm(folder / "r.osm.pbf", NODES, ways, barriers)
    return read_roads(RoadsFile(file="r.osm.pbf"), Plane(32651), Intake(folder))


def summary(graph: RoadGraph) -> list[tuple[float, float, float, str, int, int]]:
    """Edges as (lon of u, lon of v, rounded length, class, forward, backward)."""
    lon, _ = Plane(32651).lonlat(graph.x_m, graph.y_m)
    return [
        (round(lon[u], 3), round(lon[v], 3), round(length), graph.road_classes[number], int(ahead), int(back))
        for u, v, length, number, ahead, back in zip(
            graph.u, graph.v, graph.length_m, graph.road_class, graph.forward, graph.backward, strict=True
        )
    ]


def reaches(graph: RoadGraph, start: tuple[float, float], end: tuple[float, float], mode: int) -> bool:
    """Whether any node at `end` can be reached from any node at `start`, by brute force over edges."""
    lon, lat = Plane(32651).lonlat(graph.x_m, graph.y_m)
    place = list(zip(lon.round(6).tolist(), lat.round(6).tolist(), strict=True))
    seen = {node for node, at in enumerate(place) if at == start}
    assert seen
    for _ in range(graph.edge_count):
        for u, v, ahead, back in zip(graph.u, graph.v, graph.forward, graph.backward, strict=True):
            if ahead & mode and u in seen:
                seen.add(v)
            if back & mode and v in seen:
                seen.add(u)
    return any(place[node] == end for node in seen)


def test_ways_are_cut_at_junctions(tmp_path: Path) -> None:
    graph = read(tmp_path, WAYS)
    assert graph.node_count == 4
    assert summary(graph) == [
        (120.705, 120.72, 1440, "residential", 7, 7),
        (120.72, 120.735, 1440, "residential", 7, 7),
        (120.72, 120.72, 554, "footway", W, W),
    ]


def test_lengths_are_those_of_the_plane(tmp_path: Path) -> None:
    graph = read(tmp_path, WAYS)
    x, y = pyproj.Transformer.from_crs(4326, 32651, always_xy=True).transform([120.705, 120.72], [30.51, 30.51])
    assert graph.length_m[0] == pytest.approx(np.hypot(x[1] - x[0], y[1] - y[0]), abs=1e-6)
    geodesic = pyproj.Geod(ellps="WGS84").inv(120.705, 30.51, 120.72, 30.51)[2]
    assert graph.length_m[0] == pytest.approx(geodesic, rel=1e-3)
    assert graph.crs_epsg == 32651


def test_bends_stay_in_the_course(tmp_path: Path) -> None:
    graph = read(tmp_path, [([1, 4, 3], ROAD)])
    assert graph.edge_count == 1
    assert graph.course_start.tolist() == [0, 3]
    assert graph.length_m[0] == pytest.approx(2 * 1543, abs=2)


def test_a_way_that_crosses_itself_is_cut_there(tmp_path: Path) -> None:
    graph = read(tmp_path, [([1, 2, 3, 4, 2], ROAD)])
    assert sorted(zip(graph.u.tolist(), graph.v.tolist(), strict=True)) == [(0, 1), (1, 1)]


def test_a_ring_is_a_loop(tmp_path: Path) -> None:
    graph = read(tmp_path, [([2, 3, 4, 2], {"highway": "tertiary", "junction": "roundabout"})])
    assert (graph.node_count, graph.edge_count) == (1, 1)
    assert (graph.forward[0], graph.backward[0]) == (7, W)


def test_ways_that_meet_no_mode_or_are_no_roads_are_left_out(tmp_path: Path) -> None:
    ways = [([1, 2], ROAD), ([2, 3], {"highway": "construction"}), ([3, 4], {"waterway": "river"})]
    assert read(tmp_path, ways).edge_count == 1


def test_closed_ways_do_not_cut_others(tmp_path: Path) -> None:
    graph = read(tmp_path, [([1, 2, 3], ROAD), ([2, 4], {"highway": "proposed"})])
    assert graph.edge_count == 1


def test_nodes_outside_a_clipped_extract_break_a_way(tmp_path: Path) -> None:
    graph = read(tmp_path, [([1, 2, 99, 3, 4], ROAD), ([98, 1], ROAD)])
    assert summary(graph) == [
        (120.705, 120.72, 1440, "residential", 7, 7),
        (120.735, 120.72, 1543, "residential", 7, 7),
    ]


def test_a_repeated_node_makes_no_edge(tmp_path: Path) -> None:
    graph = read(tmp_path, [([1, 1, 2, 2], ROAD)])
    assert summary(graph) == [(120.705, 120.72, 1440, "residential", 7, 7)]


def test_a_gate_that_all_pass_changes_nothing(tmp_path: Path) -> None:
    graph = read(tmp_path, [([1, 2, 3], ROAD)], {2: {"barrier": "gate"}})
    assert graph.edge_count == 1


def test_bollards_stop_cars_and_nobody_else(tmp_path: Path) -> None:
    graph = read(tmp_path, [([1, 2, 3], ROAD)], {2: {"barrier": "bollard"}})
    ends = NODES[1], NODES[3]
    assert [reaches(graph, *ends, mode) for mode in (W, C, D)] == [True, True, False]
    assert graph.length_m.sum() == pytest.approx(2 * 1440, abs=1)
    assert sorted(graph.length_m.round().tolist()) == [0, 1440, 1440]
    assert reaches(graph, NODES[1], NODES[2], D)


def test_a_wall_stops_all(tmp_path: Path) -> None:
    graph = read(tmp_path, [([1, 2, 3], ROAD)], {2: {"barrier": "wall"}})
    assert graph.node_count == 4
    assert not any(reaches(graph, NODES[1], NODES[3], mode) for mode in (W, C, D))


def test_a_private_gate_stops_by_its_access_tags(tmp_path: Path) -> None:
    gate = {"barrier": "gate", "access": "private", "foot": "yes"}
    graph = read(tmp_path, [([1, 2, 3], ROAD), ([2, 4], ROAD)], {2: gate})
    assert [reaches(graph, NODES[4], NODES[3], mode) for mode in (W, C, D)] == [True, False, False]


def test_a_barrier_on_a_path_of_its_own_modes_changes_nothing(tmp_path: Path) -> None:
    graph = read(tmp_path, [([1, 2, 3], {"highway": "footway"})], {2: {"barrier": "bollard"}})
    assert (graph.length_m > 0).all()


def test_a_barrier_at_a_dead_end_changes_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, [([1, 2], ROAD)], {2: {"barrier": "wall"}}).edge_count == 1


def test_xml_is_read_like_pbf(tmp_path: Path) -> None:
    write_osm(tmp_path / "r.osm", NODES, WAYS)
    graph = read_roads(RoadsFile(file="r.osm"), Plane(32651), Intake(tmp_path))
    assert summary(graph) == summary(read(tmp_path, WAYS))


def test_files_that_an_editor_saved_before_upload(tmp_path: Path) -> None:
    (tmp_path / "r.osm").write_text(
        "<osm version='0.6'><way id='-3'><nd ref='-1'/><nd ref='-2'/><tag k='highway' v='path'/></way>"
        "<node id='-1' lat='30.51' lon='120.705'/><node id='-2' lat='30.51' lon='120.72'/></osm>",
        encoding="utf-8",
    )
    graph = read_roads(RoadsFile(file="r.osm"), Plane(32651), Intake(tmp_path))
    assert graph.length_m.round().tolist() == [1440]


def test_roads_whose_nodes_are_all_missing_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="1 roads, none of them with two nodes in the file"):
        read(tmp_path, [([98, 99], ROAD)])


def test_a_road_file_is_recorded(tmp_path: Path) -> None:
    write_osm(tmp_path / "r.osm.pbf", NODES, WAYS)
    intake = Intake(tmp_path)
    read_roads(RoadsFile(file="r.osm.pbf", licence="ODbL"), Plane(32651), intake)
    (entry,) = intake.provenance
    assert (entry.role, entry.path, entry.crs, entry.licence) == ("roads", "r.osm.pbf", "EPSG:4326", "ODbL")
    assert entry.size_bytes == (tmp_path / "r.osm.pbf").stat().st_size


def test_limits_crossings_and_bridges_are_kept(tmp_path: Path) -> None:
    ways = [
        ([1, 2], {"highway": "primary", "maxspeed": "70", "bridge": "yes"}),
        ([2, 3], {"highway": "tertiary"}),
        ([2, 4], {"highway": "footway", "footway": "crossing"}),
    ]
    graph = read(tmp_path, ways)
    assert graph.drive_km_per_h.tolist() == [70, 30, 20]
    assert graph.features.tolist() == [2, 0, 1]
    assert graph.slope.tolist() == [0, 0, 0]


def test_ways_that_stop_somebody_are_obstacles(tmp_path: Path) -> None:
    walls = [
        ([1, 2, 3], {"barrier": "wall"}),
        ([3, 4], {"barrier": "fence", "foot": "yes"}),
        ([2, 4], {"barrier": "bollard"}),
        ([1, 3], {"barrier": "kerb"}),
        ([1, 4], {"barrier": "gate"}),
    ]
    graph = read(tmp_path, [*WAYS, *walls])
    assert graph.edge_count == read(tmp_path, WAYS).edge_count
    lon, _ = Plane(32651).lonlat(graph.obstacles.ends_m[:, ::2].ravel(), graph.obstacles.ends_m[:, 1::2].ravel())
    told = zip(lon.round(3).reshape(-1, 2).tolist(), graph.obstacles.stops.tolist(), strict=True)
    first = [NODES[ref][0] for ref in (1, 2, 3, 4)]
    assert [([round(one, 3), round(other, 3)], stops) for one, other, stops in _pieces(first)] == list(told)
    assert (graph.obstacles.body == -1).all()


def _pieces(lon: list[float]) -> list[tuple[float, float, int]]:
    """Pieces of the walls above: the wall's two, the fence (walkers pass), the bollards (walkers and cyclists pass)."""
    return [
        (lon[0], lon[1], W | C | D),
        (lon[1], lon[2], W | C | D),
        (lon[2], lon[3], C | D),
        (lon[1], lon[3], D),
    ]


def test_shores_of_water_drawn_in_pieces_are_those_of_one_body(tmp_path: Path) -> None:
    river = [shapely.box(0, 0, 100, 20), shapely.box(100, 0, 200, 20), shapely.box(500, 0, 510, 10)]
    obstacles = on_shores(read(tmp_path, [*WAYS, ([1, 2], {"barrier": "wall"})]), river).obstacles
    assert np.unique(obstacles.body).tolist() == [-1, 0, 1]
    shores = shapely.linestrings(obstacles.ends_m.reshape(-1, 2, 2))[obstacles.body >= 0]
    assert shapely.length(shores).sum() == pytest.approx(2 * 200 + 2 * 20 + 40)
    assert (obstacles.stops == W | C | D).all()
    assert len(on_shores(read(tmp_path, WAYS), []).obstacles) == 0
