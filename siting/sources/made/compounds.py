"""New-town blocks: gated compounds with a loop inside, works with private roads, parks."""

# ruff: noqa: PLR2004 - the sizes and chances of a made place say what they are where they stand

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, Point, Polygon

from siting.sources.made import steady
from siting.sources.made.arteries import Street
from siting.sources.made.blocks import Pattern, subdivide
from siting.sources.made.shapes import FloatArray, largest, sample_along

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from siting.sources.made.fabric import Fabric

_WALL_M, _LOOP_M = 15.0, 40.0
_INSIDE = Pattern(7_500.0, 0.02, 0.02, 0.05)
_GREEN = Pattern(9_000.0, 0.3, 0.12, 0.2)


@dataclass(frozen=True, slots=True)
class Estate:
    """One gated compound: its settlement and a point on the street before its main gate."""

    place: int
    door: FloatArray


def _entrances(block: Polygon, loop: Polygon, streets: BaseGeometry, count: int) -> list[FloatArray]:
    """Straight entrances (2, 2) from a street round the block to the loop, far from one another."""
    ring = LineString(loop.exterior)
    spots = sample_along(ring, 25.0)
    links = shapely.shortest_line(shapely.points(spots), streets)
    near = [
        shapely.get_coordinates(link)[::-1] for link in shapely.get_parts(links) if 8.0 < link.length < _LOOP_M * 1.7
    ]
    near = [link for link in near if LineString(link).distance(block.centroid) > 0.0]
    chosen: list[FloatArray] = []
    for link in sorted(near, key=lambda link: float(np.hypot(*(link[0] - link[1])))):
        if all(np.hypot(*(link[0] - other[0])) > 140.0 for other in chosen):
            chosen.append(link)
    return chosen[:count]


def _walled(wall: Polygon, entrances: list[FloatArray]) -> tuple[FloatArray, list[FloatArray]]:
    """Wall as a closed line through its gates, and the gates."""
    ring = LineString(wall.exterior)
    gates = []
    for link in entrances:
        hit = shapely.intersection(LineString(link), ring)
        if isinstance(hit, Point) and not hit.is_empty:
            gates.append(shapely.get_coordinates(hit)[0])
    xy = shapely.get_coordinates(ring)
    ats = np.concatenate(
        [shapely.line_locate_point(ring, shapely.points(xy[:-1])), [ring.project(Point(gate)) for gate in gates]]
    )
    body = np.vstack([xy[:-1], *[gate[None] for gate in gates]])[np.argsort(ats, kind="stable")]
    return np.vstack([body, body[:1]]), gates


def fill_block(fabric: Fabric, at: int, block: Polygon, streets: BaseGeometry, rng: np.random.Generator) -> None:
    """Put a compound, a works or a park into one block."""
    loop = largest(block.buffer(-_LOOP_M).buffer(8.0).simplify(2.0))
    wall = largest(block.buffer(-_WALL_M, join_style="mitre").simplify(1.0))
    if loop.area < 4_000.0 or wall.is_empty:
        return
    luck = rng.uniform()
    entrances = _entrances(block, loop, streets, int(rng.integers(1, 4)))
    if not entrances:
        return
    if luck < 0.1:
        cuts, _ = subdivide(loop, _GREEN, rng)
        inner = [Street(shapely.get_coordinates(cut.line), {"highway": "footway"}, -1, 0.0, 3) for cut in cuts]
        ring = Street(shapely.get_coordinates(loop.exterior), {"highway": "footway"}, -1, 0.0, 3)
        fabric.streets += [ring, *inner, *(Street(link, {"highway": "footway"}, -1, 0.0, 3) for link in entrances)]
        return
    if luck < 0.2:
        tags = {"highway": "service", "access": "private"}
        ring = Street(shapely.get_coordinates(loop.exterior), tags, -1, 0.0, 3)
        fabric.streets += [ring, *(Street(link, tags, -1, 0.0, 3) for link in entrances)]
        return
    _compound(fabric, at, (loop, wall), entrances, rng)


def _compound(
    fabric: Fabric, at: int, body: tuple[Polygon, Polygon], entrances: list[FloatArray], rng: np.random.Generator
) -> None:
    loop, wall = body
    line, gates = _walled(wall, entrances)
    weight = float(steady.exp(0.4 * rng.normal()))
    fabric.streets.append(Street(line, {"barrier": "wall"}, -1, 0.0, -1))
    fabric.streets.append(Street(shapely.get_coordinates(loop.exterior), {"highway": "service"}, at, weight, 3))
    cuts, _ = subdivide(loop, _INSIDE, rng)
    for cut in cuts:
        kind = {"highway": str(rng.choice(["service", "footway"], p=[0.35, 0.65]))}
        fabric.streets.append(Street(shapely.get_coordinates(cut.line), kind, at, weight, 3))
    for link in entrances:
        inside = [gate for gate in gates if LineString(link).distance(Point(gate)) < 0.01]
        xy = np.vstack([link[:1], *[gate[None] for gate in inside], link[1:]])
        fabric.streets.append(Street(xy, {"highway": "service"}, at, 0.0, 3))
    fabric.gates += gates
    fabric.estates.append(Estate(at, entrances[0][0]))
