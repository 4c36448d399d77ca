# noqa: INP001 - a script
"""Draws this folder's pictures: ``python docs/isochrones/draw.py``. A town is a lattice with one thing in its way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.collections import LineCollection
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from siting.access import Mode, RoadGraph, isochrones

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

mpl.use("Agg")
import matplotlib.pyplot as plt

WIDE, HIGH, STEP_M = 22, 16, 90.0
SPEED_M_PER_S = 0.9
MINUTES = (5, 10, 15)
COLOURS = {5: "#1b7837", 10: "#7fbf7b", 15: "#d9f0d3"}

Streets = tuple[np.ndarray, np.ndarray, np.ndarray]
Town = tuple[RoadGraph, shapely.Geometry | None]


def lattice() -> Streets:
    """Return node places [node, 2] and edges u, v of a slightly crooked lattice."""
    rng = np.random.default_rng(7)
    place = np.arange(WIDE * HIGH).reshape(HIGH, WIDE)
    xy = np.column_stack([(place % WIDE).ravel(), (place // WIDE).ravel()]) * STEP_M + rng.normal(
        0, 8, (WIDE * HIGH, 2)
    )
    u = np.concatenate([place[:, :-1].ravel(), place[:-1].ravel()])
    v = np.concatenate([place[:, 1:].ravel(), place[1:].ravel()])
    kept = rng.random(len(u)) > 0.08  # noqa: PLR2004 - a few streets are missing in every town
    return xy, u[kept], v[kept]


def crossing(streets: Streets, line: list[tuple[float, float]], passages: list[float]) -> np.ndarray:
    """Tell which edges cross a line anywhere but within 45 m of the x of a passage."""
    xy, u, v = streets
    edges = shapely.linestrings(np.stack([xy[u], xy[v]], axis=1))
    cut = shapely.intersects(edges, shapely.LineString(line))
    at = (xy[u, 0] + xy[v, 0]) / 2
    near = np.array([np.abs(at - passage) < STEP_M / 2 for passage in passages]).any(axis=0)
    return cut & ~near


def without(streets: Streets, gone: np.ndarray) -> RoadGraph:
    """Return the graph without some edges."""
    xy, u, v = streets
    return RoadGraph.from_edges(*xy.T, u[~gone], v[~gone])


def river(axes: Axes) -> Town:
    """Cut the town by a river with two bridges."""
    streets = lattice()
    line = [(-100.0, 560.0), (700.0, 700.0), (1300.0, 620.0), (2100.0, 760.0)]
    axes.add_collection(LineCollection([np.array(line)], colors="#9ecae1", linewidths=16, zorder=0))
    return without(streets, crossing(streets, line, [500.0, 1530.0])), shapely.LineString(line).buffer(24.0)


def compound(axes: Axes) -> Town:
    """Wall in a quarter of the town, with one gate in the south."""
    streets = lattice()
    wall = [(760.0, 470.0), (1390.0, 470.0), (1390.0, 1120.0), (760.0, 1120.0), (760.0, 470.0)]
    axes.add_collection(LineCollection([np.array(wall)], colors="#8c510a", linewidths=3, zorder=3))
    xy, u, v = streets
    edges = shapely.linestrings(np.stack([xy[u], xy[v]], axis=1))
    gate = shapely.Point(1080.0, 470.0).buffer(STEP_M / 2)
    through = shapely.intersects(edges, shapely.LineString(wall)) & ~shapely.intersects(edges, gate)
    axes.plot(1080.0, 470.0, marker="s", color="#8c510a", zorder=4)
    return without(streets, through), shapely.LineString(wall)


def motorway(axes: Axes) -> Town:
    """Lay a motorway across, which is in the network but not for walkers, with one underpass."""
    streets = lattice()
    line = [(-100.0, 880.0), (900.0, 780.0), (2100.0, 860.0)]
    axes.add_collection(LineCollection([np.array(line)], colors="#969696", linewidths=6, zorder=3))
    town = without(streets, crossing(streets, line, [1350.0]))
    first, last = town.node_count - 1, WIDE - 1
    closed = np.append(np.zeros(town.edge_count, dtype=np.uint8), 1)
    open_to = np.where(closed == 1, int(Mode.DRIVE), int(Mode.WALK | Mode.CYCLE | Mode.DRIVE))
    town = replace(
        town,
        u=np.append(town.u, first),
        v=np.append(town.v, last),
        length_m=np.append(town.length_m, 2000.0),
        forward=open_to,
        backward=open_to,
        course_xy_m=np.vstack([town.course_xy_m, line]),
        course_start=np.append(town.course_start, len(town.course_xy_m) + len(line)),
        road_class=np.append(town.road_class, 0),
        features=np.append(town.features, 0),
        drive_km_per_h=np.append(town.drive_km_per_h, 100.0),
        slope=np.append(town.slope, 0.0),
    )
    return town, shapely.LineString(line)


def cul_de_sacs(axes: Axes) -> Town:
    """Keep the rows' streets as cul-de-sacs off every fourth column, back to back."""
    axes.set_facecolor("white")
    xy, u, v = lattice()
    column = u % WIDE
    along_row = v == u + 1
    gone = (along_row & (column % 4 == 1) & (u // WIDE % 5 != 0)) | (~along_row & (column % 4 != 3) & (column > 0))  # noqa: PLR2004
    return without((xy, u, v), gone), None


def island(axes: Axes) -> Town:
    """Surround a part of the town by water that no bridge crosses."""
    streets = lattice()
    shore = shapely.Point(1350.0, 800.0).buffer(330.0)
    axes.add_collection(LineCollection([np.array(shore.exterior.coords)], colors="#9ecae1", linewidths=12, zorder=0))
    xy, u, v = streets
    edges = shapely.linestrings(np.stack([xy[u], xy[v]], axis=1))
    return without(streets, shapely.intersects(edges, shore.exterior)), shore.exterior.buffer(18.0)


def painted(axes: Axes, town: Town, x_m: float, y_m: float) -> None:
    """Paint streets and the bands of 5, 10 and 15 minutes, the longest first."""
    graph, barriers = town
    cutoffs = [60.0 * minutes * SPEED_M_PER_S for minutes in MINUTES]
    drawn = isochrones(graph, [x_m], [y_m], cutoffs, width_m=30.0, barriers=barriers)
    for minutes, polygon in reversed(list(zip(MINUTES, drawn.polygons, strict=True))):
        rings = [ring for part in shapely.get_parts(polygon) for ring in (part.exterior, *part.interiors)]
        outline = Outline.make_compound_path(*(Outline(np.array(ring.coords), closed=True) for ring in rings))
        axes.add_patch(PathPatch(outline, facecolor=COLOURS[minutes], edgecolor="none", zorder=1))
    courses = np.split(graph.course_xy_m, graph.course_start[1:-1])
    walkable = ((graph.forward | graph.backward) & Mode.WALK) > 0
    streets = [course for course, walk in zip(courses, walkable, strict=True) if walk]
    axes.add_collection(LineCollection(streets, colors="#bdbdbd", linewidths=0.7, zorder=2))
    reached = [np.array(part.coords) for part in drawn.lines[-1].geoms]
    axes.add_collection(LineCollection(reached, colors="#4d4d4d", linewidths=0.9, zorder=2))
    axes.plot(x_m, y_m, marker="o", color="#b2182b", markersize=7, zorder=5)


def picture(name: str, lay_out: Callable[[Axes], Town], place: tuple[float, float]) -> None:
    """Save one picture."""
    figure, axes = plt.subplots(figsize=(7.4, 5.4), layout="constrained")
    painted(axes, lay_out(axes), *place)
    axes.set_aspect("equal")
    axes.set_xlim(-80, (WIDE - 1) * STEP_M + 80)
    axes.set_ylim(-80, (HIGH - 1) * STEP_M + 80)
    axes.set_axis_off()
    figure.savefig(Path(__file__).parent / f"{name}.png", dpi=90, metadata={"Software": None})
    plt.close(figure)


if __name__ == "__main__":
    picture("river", river, (980.0, 420.0))
    picture("compound", compound, (900.0, 330.0))
    picture("motorway", motorway, (1000.0, 560.0))
    picture("cul_de_sacs", cul_de_sacs, (950.0, 650.0))
    picture("island", island, (860.0, 700.0))
