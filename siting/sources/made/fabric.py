"""Streets of the built-up places: old lanes, blocks of flats, gated compounds, high streets, hamlets."""

# ruff: noqa: PLR2004 - the sizes and chances of a made place say what they are where they stand

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, Point

from siting.sources.made import steady
from siting.sources.made.arteries import Street
from siting.sources.made.blocks import Cut, Pattern, enclosed, subdivide
from siting.sources.made.compounds import Estate, fill_block
from siting.sources.made.shapes import FloatArray, largest, parts, sample_along, smooth, winding

if TYPE_CHECKING:
    from siting.sources.made.names import Name, Namer
    from siting.sources.made.plan import Layout, Settlement
    from siting.sources.made.spec import CountySpec
    from siting.sources.made.water import Ground

PATTERNS = {
    "old": Pattern(3_900.0, 0.17, 0.07, 0.2),
    "ring": Pattern(17_000.0, 0.09, 0.03, 0.12),
    "new": Pattern(62_000.0, 0.035, 0.015, 0.06),
    "town": Pattern(11_000.0, 0.13, 0.05, 0.17),
}


@dataclass(slots=True)
class Fabric:
    """What the builders of streets hand over: streets, gates (nodes to be tagged), compounds."""

    streets: list[Street] = field(default_factory=list)
    gates: list[FloatArray] = field(default_factory=list)
    estates: list[Estate] = field(default_factory=list)


def named(tags: dict[str, str], name: Name) -> dict[str, str]:
    """Tags with a name in both languages."""
    return tags | {"name": name.zh, "name:en": name.en}


def _old_class(cut: Cut, rng: np.random.Generator) -> str:
    if cut.parent_m2 > 90_000.0:
        return "residential"
    if cut.parent_m2 > 22_000.0:
        return str(rng.choice(["residential", "living_street", "pedestrian"], p=[0.5, 0.3, 0.2]))
    return str(rng.choice(["living_street", "footway", "pedestrian", "path"], p=[0.34, 0.5, 0.1, 0.06]))


def _new_class(cut: Cut) -> str:
    if cut.parent_m2 > 1.3e6:
        return "secondary"
    return "tertiary" if cut.parent_m2 > 3.2e5 else "residential"


def _class(zone: str, cut: Cut, rng: np.random.Generator) -> str:
    if zone == "old":
        return _old_class(cut, rng)
    if zone == "new":
        return _new_class(cut)
    if zone == "ring":
        return "tertiary" if cut.parent_m2 > 2.5e5 else str(rng.choice(["residential", "service"], p=[0.75, 0.25]))
    return (
        "residential"
        if cut.parent_m2 > 4.0e4
        else str(rng.choice(["residential", "living_street", "footway"], p=[0.5, 0.3, 0.2]))
    )


def _cut_street(at: int, zone: str, cut: Cut, rng: np.random.Generator, namer: Namer) -> Street | None:
    """Street of a cut; some of the last lanes stay blind or are never made."""
    luck = rng.uniform()
    xy = shapely.get_coordinates(cut.line)
    if cut.last and zone in {"old", "town"}:
        if luck < 0.1:
            return None
        if luck < 0.28:
            xy = xy[: max(2, int(len(xy) * rng.uniform(0.4, 0.7)))]
    tags = {"highway": _class(zone, cut, rng)}
    if tags["highway"] in {"secondary", "tertiary"}:
        tags |= {"maxspeed": "50" if tags["highway"] == "secondary" else "40"}
        tags = named(tags, namer.street())
    elif cut.parent_m2 > 60_000.0 and rng.uniform() < 0.6:
        tags = named(tags, namer.lane() if zone == "old" else namer.street())
    if tags["highway"] == "residential" and rng.uniform() < 0.07:
        tags |= {"oneway": "yes"}
    rank = 1 if zone != "new" or tags["highway"] != "residential" else 2
    return Street(xy, tags, at, 0.25 if zone == "new" else 1.0, rank)


def _fill(
    fabric: Fabric,
    at: int,
    layout: tuple[Settlement, Ground],
    roads: list[LineString],
    tools: tuple[np.random.Generator, Namer],
) -> None:
    """Fill one urban place between its roads."""
    (rng, namer), (place, ground) = tools, layout
    banks = ground.wet.buffer(13.0)
    reach = float(np.sqrt(shapely.area(place.land) / np.pi))
    core = (place.centre, reach) if place.zone in {"old", "town"} else None
    for piece in enclosed(place.land, roads):
        cuts, blocks = subdivide(piece, PATTERNS[place.zone], rng, core)
        made = [_cut_street(at, place.zone, cut, rng, namer) for cut in cuts]
        streets = [street for street in made if street is not None]
        fabric.streets += streets
        if place.zone == "new":
            near = shapely.union_all([*roads, *(LineString(street.xy) for street in streets)])
            for block in blocks:
                fill_block(fabric, at, largest(block.difference(banks)), near, rng)


def _embankments(ground: Ground, layout: Layout, namer: Namer) -> list[Street]:
    """Roads along the river through the city, and steps down to the water."""
    urban = shapely.union_all([layout.settlements[at].land for at in layout.of("old", "ring", "new")]).buffer(25.0)
    lines = parts(shapely.line_merge(ground.river.polygon.buffer(34.0).boundary.intersection(urban)), LineString)
    streets = []
    for line in (LineString(part.simplify(3.0).coords) for part in lines if part.length > 250.0):
        tags = named({"highway": "tertiary", "maxspeed": "40"}, namer.place().plus("滨江路", "Riverside Road"))
        streets.append(Street(shapely.get_coordinates(line), tags, -1, 1.0, 0))
        for spot in sample_along(line, 470.0)[1:-1]:
            foot = shapely.get_coordinates(shapely.shortest_line(Point(spot), ground.river.polygon))[1]
            streets.append(Street(np.array([spot, spot + (foot - spot) * 0.7]), {"highway": "steps"}, -1, 1.0, 2))
    return streets


def _ring_road(layout: Layout, ground: Ground, namer: Namer) -> list[Street]:
    """Road round the old town, where its wall stood."""
    old = layout.settlements[layout.of("old")[0]].land
    where = LineString(largest(old).exterior).difference(ground.river.polygon.buffer(34.0))
    merged = shapely.line_merge(where) if where.geom_type == "MultiLineString" else where
    tags = {"highway": "secondary", "maxspeed": "50"}
    return [
        Street(
            smooth(shapely.get_coordinates(part)), named(tags, namer.place().plus("环城路", "Ring Road")), -1, 1.0, 0
        )
        for part in parts(merged, LineString)
        if part.length > 200.0
    ]


def _arm(start: FloatArray, turn: float, length: float, rng: np.random.Generator) -> FloatArray:
    end = start + length * steady.turned(turn)
    return np.asarray(shapely.get_coordinates(winding(rng, start, end, 0.035, max(160.0, length)).simplify(2.0)))


def _hamlet(at: int, place: Settlement, rng: np.random.Generator, size: float) -> list[Street]:
    """Lanes of one hamlet: a spine along the water or the road, side lanes, now and then a back lane."""
    streets = []
    length = size * rng.uniform(190.0, 330.0)
    spine = np.vstack(
        [
            _arm(place.centre, place.angle + np.pi, length, rng)[::-1],
            _arm(place.centre, place.angle + rng.normal(0.0, 0.12), length * rng.uniform(0.6, 1.2), rng)[1:],
        ]
    )
    streets.append(Street(spine, {"highway": "unclassified" if size > 1.0 else "residential"}, at, 1.0, 1))
    line = LineString(spine)
    ends: dict[float, list[FloatArray]] = {1.0: [], -1.0: []}
    along = rng.uniform(20.0, 60.0)
    while along < line.length - 15.0:
        start = shapely.get_coordinates(line.interpolate(along))[0]
        side = float(rng.choice([-1.0, 1.0]))
        lane = _arm(
            start, place.angle + side * np.pi / 2.0 + rng.normal(0.0, 0.16), rng.uniform(45.0, 150.0) * size, rng
        )
        kind = str(rng.choice(["residential", "service", "path", "footway"], p=[0.42, 0.28, 0.12, 0.18]))
        streets.append(Street(lane, {"highway": kind}, at, 1.0, 2))
        ends[side].append(lane[-1])
        along += rng.uniform(38.0, 95.0)
    for tips in ends.values():
        for one, two in pairwise(tips):
            if np.hypot(*(one - two)) < 130.0 and rng.uniform() < 0.5:
                streets.append(Street(np.array([one, two]), {"highway": "path"}, at, 0.8, 2))
    return streets


def _extras(ground: Ground, layout: Layout, roads: list[Street], namer: Namer) -> list[Street]:
    """Motorway, a road under construction, the ferry to the islet."""
    tags = named(
        {"highway": "motorway", "maxspeed": "120", "oneway": "no", "ref": "S99"},
        namer.place().plus("高速公路", "Expressway"),
    )
    extras = [Street(sample_along(layout.motorway, 70.0), tags, -1, 1.0, -1)]
    new = layout.settlements[layout.of("new")[-1]]
    away = new.centre - layout.city
    start = shapely.get_coordinates(shapely.shortest_line(Point(new.centre + away), new.land.convex_hull))[1]
    end = start + 700.0 * away / np.hypot(*away)
    building = named({"highway": "construction", "construction": "secondary"}, namer.street())
    dry = shapely.get_coordinates(LineString([start, end]).difference(ground.wet.buffer(10.0)))[:2]
    if len(dry):
        extras.append(Street(dry, building, -1, 1.0, -1))
    shore = LineString(ground.lake.exterior)
    isle = ground.islet
    nearest_road = shapely.shortest_line(shapely.union_all([LineString(road.xy) for road in roads]), shore)
    quay = shapely.get_coordinates(nearest_road)
    jetty = shapely.get_coordinates(shapely.shortest_line(Point(quay[1]), isle.buffer(-12.0)))[1]
    landing = quay[1] + (quay[0] - quay[1]) / np.hypot(*(quay[0] - quay[1])) * 12.0
    ferry = named({"route": "ferry", "foot": "yes"}, namer.place().plus("渡", "Ferry"))
    extras.append(Street(np.array([quay[0], landing]), {"highway": "unclassified"}, -1, 1.0, 0))
    extras.append(Street(np.array([landing, jetty]), ferry, -1, 1.0, -1))
    centre = layout.settlements[layout.of("islet")[0]].centre
    extras.append(Street(np.array([jetty, centre]), {"highway": "residential"}, layout.of("islet")[0], 1.0, 1))
    return extras


def make_fabric(spec: CountySpec, ground: Ground, layout: Layout, arteries: list[Street], namer: Namer) -> Fabric:
    """All streets of a county, arteries included, not yet tied together."""
    rng = spec.rng(5)
    roads = [*arteries, *_ring_road(layout, ground, namer), *_embankments(ground, layout, namer)]
    lines = [LineString(road.xy) for road in roads if road.rank == 0]
    tree = shapely.STRtree(lines)
    fabric = Fabric(list(roads))
    for at, place in enumerate(layout.settlements):
        if place.zone in PATTERNS:
            near = [lines[index] for index in sorted(tree.query(place.land))]
            _fill(fabric, at, (place, ground), near, (rng, namer))
        else:
            size = 0.55 if place.zone == "islet" else (1.25 if place.parent < 0 else rng.uniform(0.7, 1.05))
            fabric.streets += _hamlet(at, place, rng, size)
    fabric.streets += _extras(ground, layout, roads, namer)
    return fabric
