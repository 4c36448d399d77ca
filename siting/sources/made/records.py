"""What the tables of a made county say besides: facts of facilities, further facilities and rooms, communities.

Nothing that was made before depends on these: they draw from a stage of their own, and only whole numbers.
"""

# ruff: noqa: PLR2004 - the sizes and chances of a made place say what they are where they stand

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from siting.sources.made.names import Name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siting.sources.made.county import County
    from siting.sources.made.districts import Districts
    from siting.sources.made.facilities import Facility
    from siting.sources.made.people import People
    from siting.sources.made.premises import Premises

FACTS = tuple(
    "opened in_operation fit_out_standard national_standards residents staff care_workers certified_care_workers "  # noqa: SIM905
    "senior_care_workers nurses social_workers family_care_beds rehabilitation_room memory_unit waiting_list smart "
    "demonstration context tags medical_partner".split()
)
"""Columns behind those of the facility itself."""
_VILLAGE_TURNED = 8
_OLD_BEFORE = 2017


@dataclass(frozen=True, slots=True)
class Further:
    """A facility or a room besides those of `facilities` and `premises`; `node` is where it joins the road."""

    name: Name
    node: int
    columns: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Records:
    """All of it.

    Attributes
    ----------
    facts
        By facility: the columns of `FACTS`; "" where nothing is stated.
    contexts
        By premises: what surrounds them.
    projects_m2
        By premises: floor of the housing project that hands them over, 0 for others.
    standing, health, rooms
        Small facilities, health institutions, and rooms that stand beside.
    hosts
        By community: the premises whose building its committee sits in.
    village_turned, friendly
        By community.
    circle
        By town: its care circle, "" for none.
    """

    facts: tuple[dict[str, Any], ...]
    contexts: tuple[str, ...]
    projects_m2: tuple[int, ...]
    standing: tuple[Further, ...]
    health: tuple[Further, ...]
    rooms: tuple[Further, ...]
    hosts: tuple[int, ...]
    village_turned: tuple[bool, ...]
    friendly: tuple[bool, ...]
    circle: tuple[str, ...]


def make_records(county: County) -> Records:
    """Write down what the tables of a county state besides."""
    rng = county.spec.rng(14)
    districts, xy = county.districts, county.network.xy
    turned = _village_turned(county)
    home = districts.community_of(xy[[row.node for row in county.premises]])
    hosts = _hosts(county, home)
    urban = [districts.towns[one.town].urban for one in districts.communities]
    contexts = tuple(
        "new_residential"
        if row.tenure == "new_housing"
        else ""
        if at < 0
        else "village_turned"
        if turned[at]
        else "old_built_up"
        if urban[at] and row.built < _OLD_BEFORE
        else ""
        for row, at in zip(county.premises, home, strict=True)
    )
    projects = [
        int(round(row.floor_area_m2 / 0.002 / int(rng.integers(85, 120)) * 100, -3))
        if row.tenure == "new_housing"
        else 0
        for row in county.premises
    ]
    health = tuple(_health(county, rng))
    return Records(
        facts=tuple(_facts(county, at, rng) for at in range(len(county.facilities))),
        contexts=contexts,
        projects_m2=tuple(projects),
        standing=tuple(_standing(county, turned, rng)),
        health=health,
        rooms=tuple(_rooms(county, rng)),
        hosts=hosts,
        village_turned=tuple(turned),
        friendly=tuple(at in (_first_urban(districts), len(turned) // 2) for at in range(len(turned))),
        circle=_circles(county.districts, county.people),
    )


def _first_urban(districts: Districts) -> int:
    return next(at for at, one in enumerate(districts.communities) if districts.towns[one.town].urban)


def _village_turned(county: County) -> list[bool]:
    """Say which villages have turned urban: those nearest to the middle of the city."""
    communities = county.districts.communities
    away = [float(np.hypot(*(one.seat - county.layout.city))) if one.kind == "村" else np.inf for one in communities]
    near = sorted(range(len(communities)), key=away.__getitem__)[:_VILLAGE_TURNED]
    return [at in near for at in range(len(communities))]


def _hosts(county: County, home: np.ndarray[Any, Any]) -> tuple[int, ...]:
    """Return by community the premises that its committee sits in: its own rooms, else others of the community."""
    rows: tuple[Premises, ...] = county.premises
    xy = county.network.xy[[row.node for row in rows]]
    found = []
    for at, one in enumerate(county.districts.communities):
        own = [number for number, row in enumerate(rows) if row.name.zh == f"{one.name.zh}党群服务中心用房"]
        inside = own or [number for number, place in enumerate(home) if place == at]
        pool = [number for number in inside if "day_care" in rows[number].kinds] or list(range(len(rows)))
        found.append(min(pool, key=lambda number: float(np.hypot(*(xy[number] - one.seat)))))
    return tuple(found)


def _yes(said: object) -> str:
    return "yes" if said else "no"


def _facts(county: County, at: int, rng: np.random.Generator) -> dict[str, Any]:
    """State the facts of a facility of `facilities.csv`."""
    row: Facility = county.facilities[at]
    home = row.kind == "institution"
    beds, order = sum(row.beds), at if row.kind == "institution" else at - county.spec.institutions
    residents = round(beds * row.occupancy) if home else 0
    carers = residents // 5 + int(rng.integers(1, 4)) if home else int(rng.integers(4, 9))
    town = county.districts.town_of(county.network.xy[[row.node]])[0]
    urban = town >= 0 and county.districts.towns[town].urban
    return {
        "opened": row.built + 1,
        "in_operation": _yes(home or order != 3),
        "fit_out_standard": _yes(home or order not in (3, 8)),
        "national_standards": _yes(order % 3 != 1) if home else "",
        "residents": residents if home else "",
        "staff": carers + int(rng.integers(3, 9)) + residents // 20,
        "care_workers": carers,
        "certified_care_workers": carers * int(rng.integers(66, 90)) // 100,
        "senior_care_workers": carers * int(rng.integers(11, 24)) // 100,
        "nurses": (0 if order % 5 == 4 else 1 + residents // 80) if home else 0,
        "social_workers": beds // int(rng.integers(80, 120)) if home else int(order % 3 != 1),
        "family_care_beds": (60 if order % 3 == 0 else 0) if home else 0,
        "rehabilitation_room": _yes(order % 5 != 2) if home else "",
        "memory_unit": _yes(row.beds[2] >= 10) if home else "",
        "waiting_list": _yes(row.occupancy >= 0.8) if home else _yes(order % 2),
        "smart": _yes(not home and order in (0, 5)),
        "demonstration": _yes(not home and order in (0, 1, 5)),
        "context": "old_built_up" if urban and row.built < _OLD_BEFORE else "",
        "tags": "improved" if not home and order == 1 else "",
        "medical_partner": f"H{3 + town:03d}" if order % 2 == 0 and town >= 0 else "",
    }


def _near(county: County, xy: np.ndarray[Any, Any]) -> int:
    """Return the node of the main walking network nearest to a place."""
    nodes = county.walk.nodes
    away = county.network.xy[nodes] - xy
    return int(nodes[int(np.argmin(np.hypot(away[:, 0], away[:, 1])))])


def _standing(county: County, turned: list[bool], rng: np.random.Generator) -> Iterator[Further]:
    """Day-care stations, canteens and homes of towns that stand today."""
    communities, towns = county.districts.communities, county.districts.towns
    villages = [at for at, one in enumerate(turned) if one][:3]
    others = [at for at in range(5, len(communities), len(communities) // 5) if at not in villages][:5]
    for order, at in enumerate([*villages, *others]):
        one = communities[at]
        node = _near(county, one.seat + np.array([180.0, 120.0]))
        yield Further(
            one.name.plus("居家养老服务照料中心", "Day-care Station"),
            node,
            {
                "kind": "day_care",
                "operator": "public",
                "floor_area_m2": int(rng.integers(22, 52) * 10),
                "built": int(rng.integers(2008, 2020)),
                "fire_safety": "passed" if order != 4 else "in_rectification",
                "in_operation": _yes(order != 6),
                "fit_out_standard": _yes(order % 4 != 3),
                "smart": _yes(order == 0),
                "demonstration": _yes(order == 0),
                "context": "village_turned" if turned[at] else "old_built_up" if towns[one.town].urban else "",
                "medical_partner": f"H{3 + one.town:03d}",
            },
        )
    for town in towns[:3]:
        yield Further(
            town.name.plus("长者食堂", "Seniors' Canteen"),
            _near(county, town.seat + np.array([60.0, -90.0])),
            {"kind": "canteen", "operator": "public", "floor_area_m2": 180, "built": 2012, "fire_safety": "passed"}
            | {"in_operation": "yes"},
        )
    for order, (town, beds) in enumerate(zip(towns[4:7], (18, 26, 64), strict=False)):
        yield Further(
            town.name.plus("敬老院", "Town Home"),
            _near(county, town.seat + np.array([-400.0, 350.0])),
            {
                "kind": "town_home",
                "operator": "public",
                "beds_general": beds,
                "beds_nursing": 0,
                "beds_dementia": 0,
                "floor_area_m2": 1_200 + 300 * order,
                "built": 1988 + 3 * order,
                "fire_safety": "in_rectification" if order == 1 else "passed",
                "in_operation": "yes",
                "residents": beds // 2,
            },
        )


def _health(county: County, rng: np.random.Generator) -> Iterator[Further]:
    """Two hospitals, a health centre in every town, and stations here and there."""
    towns, communities = county.districts.towns, county.districts.communities
    for at, words in ((0, ("人民医院", "People's Hospital")), (2, ("第二医院", "Second Hospital"))):
        name = Name(county.spec.name, county.spec.name_en).plus(*words)
        yield Further(name, _near(county, towns[at].seat + np.array([250.0, 200.0])), {"kind": "hospital"})
    for town in towns:
        words = ("社区卫生服务中心", "Community Health Centre") if town.urban else ("卫生院", "Health Centre")
        yield Further(town.name.plus(*words), _near(county, town.seat + 120.0), {"kind": "health_centre"})
    for at in sorted(rng.permutation(len(communities))[:20].tolist()):
        one = communities[at]
        yield Further(
            one.name.plus("卫生服务站", "Health Station"), _near(county, one.seat - 90.0), {"kind": "health_station"}
        )


def _rooms(county: County, rng: np.random.Generator) -> Iterator[Further]:
    """Rooms for canteens, kitchens, small homes and centres, and a project that is under way."""
    towns = county.districts.towns
    for order, town in enumerate(towns):
        seat = town.seat
        yield Further(
            town.name.plus("旧粮站", "Former Grain Station"),
            _near(county, seat + np.array([-150.0, 60.0])),
            {"tenure": "idle_state_owned", "kinds": "canteen", "floor_area_m2": int(rng.integers(16, 30) * 10)},
        )
        yield Further(
            town.name.plus("旧文化站", "Former Culture Station"),
            _near(county, seat + np.array([200.0, -160.0])),
            {
                "tenure": "idle_state_owned" if order % 2 else "leased",
                "kinds": "town_centre;day_care",
                "floor_area_m2": int(rng.integers(85, 140) * 10),
            },
        )
        if order < 6:
            yield Further(
                town.name.plus("旧招待所", "Former Guest House"),
                _near(county, seat + np.array([-260.0, -240.0])),
                {
                    "tenure": "leased",
                    "kinds": "community_care;day_care",
                    "floor_area_m2": int(rng.integers(52, 90) * 10),
                },
            )
    for at in (1, 3):
        yield Further(
            towns[at].name.plus("旧食品厂", "Former Food Works"),
            _near(county, towns[at].seat + np.array([420.0, 380.0])),
            {"tenure": "idle_state_owned", "kinds": "central_kitchen", "floor_area_m2": 1_100},
        )
    yield Further(
        towns[2].name.plus("综合养老服务中心(在建)", "Comprehensive Eldercare Centre (under way)"),
        _near(county, towns[2].seat + np.array([330.0, -330.0])),
        {"tenure": "new_build", "kinds": "institution", "floor_area_m2": 3_600, "opens": 2024, "beds": 72},
    )


def _circles(districts: Districts, people: People) -> tuple[str, ...]:
    """Put the streets of the city into two circles of neighbours, as even as they come."""
    urban = [at for at, town in enumerate(districts.towns) if town.urban]
    town = districts.town_of(people.xy)
    heads = np.bincount(town[town >= 0], people.total(2025)[town >= 0], len(districts.towns))

    def joined(members: tuple[int, ...]) -> bool:
        body = shapely.union_all([districts.towns[at].polygon.buffer(5.0) for at in members])
        return bool(body.geom_type == "Polygon")

    halves = [
        (one, tuple(at for at in urban if at not in one))
        for one in itertools.combinations(urban, max(1, len(urban) // 2))
        if urban[0] in one
    ]
    whole = [pair for pair in halves if pair[1] and joined(pair[0]) and joined(pair[1])]
    if not whole:
        return tuple("大社区一圈" if at in urban else "" for at in range(len(districts.towns)))
    first, second = min(whole, key=lambda pair: abs(heads[list(pair[0])].sum() - heads[list(pair[1])].sum()))
    return tuple(
        "大社区一圈" if at in first else "大社区二圈" if at in second else "" for at in range(len(districts.towns))
    )
