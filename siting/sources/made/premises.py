"""Idle premises: committee rooms, old schools and hospitals, hotels, shops, rooms in new housing."""

# ruff: noqa: PLR2004 - the sizes and chances of a made place say what they are where they stand

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from siting.sources.made.names import Name
from siting.sources.made.people import densities
from siting.sources.made.walk import pick_cover

if TYPE_CHECKING:
    from siting.sources.made.compounds import Estate
    from siting.sources.made.districts import Districts
    from siting.sources.made.facilities import Facility
    from siting.sources.made.people import People
    from siting.sources.made.shapes import FloatArray, IntArray
    from siting.sources.made.spec import CountySpec
    from siting.sources.made.walk import Walk

LARGE = (
    ("旧小学", "Former Primary School", "idle_state_owned"),
    ("旧中学", "Former Middle School", "idle_state_owned"),
    ("旧卫生院", "Former Health Centre", "idle_state_owned"),
    ("旧医院楼", "Former Hospital Block", "idle_state_owned"),
    ("招待所", "Guest House", "leased"),
    ("商务旅馆", "Business Hotel", "leased"),
    ("旧厂宿舍", "Former Works Dormitory", "bought"),
    ("旧供销社", "Former Supply Cooperative", "bought"),
)
_DENSE, _MEDIUM = 3_000.0, 1_000.0
_DENSE_M, _MEDIUM_M, _DAY_M = 500.0, 1_000.0, 810.0
_SPARE_M = 25.0
_DENSE_SHARE, _MEDIUM_SHARE, _DAY_SHARE = 0.972, 0.954, 0.922
_GRID_M = 150.0
_UNIT_LEAST = 3
_NEW_ROOMS = 12


@dataclass(frozen=True, slots=True)
class Premises:
    """One row of idle.csv; `node` is where it joins the road."""

    name: Name
    node: int
    tenure: str
    kinds: tuple[str, ...]
    operator: str
    floor_area_m2: int
    built: int
    note: str


def _thinned(xy: FloatArray, nodes: IntArray, step_m: float) -> IntArray:
    """One node of each square of a grid."""
    square = np.floor(xy[nodes] / step_m).astype(np.int64)
    _, first = np.unique(square, axis=0, return_index=True)
    return nodes[np.sort(first)]


def _near_people(walk: Walk, people: People, least: float) -> IntArray:
    """Thinned nodes of the main network close to cells of at least a density."""
    density = densities(people.xy, people.total(2025))
    crowd = cKDTree(people.xy[density >= least])
    close = crowd.query(walk.xy[walk.nodes])[0] < 120.0
    return _thinned(walk.xy, walk.nodes[close], _GRID_M)


def _large_nodes(walk: Walk, people: People, standing: IntArray) -> list[int]:
    """Nodes of premises large enough for an institution, until the dense and the medium classes can be served."""
    total = people.total(2025)
    density = densities(people.xy, total)
    spots = _near_people(walk, people, _MEDIUM)
    metres = walk.metres(np.concatenate([standing, spots]), _MEDIUM_M - _SPARE_M)
    chosen: list[int] = []
    steps = (
        (density > _DENSE, _DENSE_M, _DENSE_SHARE),
        ((density >= _MEDIUM) & (density <= _DENSE), _MEDIUM_M, _MEDIUM_SHARE),
    )
    for members, limit, share in steps:
        near = (metres <= limit - _SPARE_M) & members
        has = [*range(len(standing)), *(len(standing) + spot for spot in chosen)]
        covered = np.asarray(near[has].any(axis=0))
        weight = np.where(members, total, 0.0)
        chosen += pick_cover(near[len(standing) :], weight, covered, share)
    return [int(spots[at]) for at in chosen]


def _large(number: int, node: int, community: Name, rng: np.random.Generator) -> Premises:
    zh, en, tenure = LARGE[int(rng.integers(0, len(LARGE)))]
    area = int(rng.integers(200, 780) * 10)
    kinds = ("institution", "town_centre", "day_care") if number % 2 == 0 else ("institution", "day_care")
    place = Name(community.zh.removesuffix("社区").removesuffix("村") + zh, f"{community.en.rsplit(' ', 1)[0]} {en}")
    operator = "public" if tenure == "idle_state_owned" else "non_state"
    return Premises(
        place,
        node,
        tenure,
        kinds,
        operator,
        area,
        int(rng.integers(1972, 2009)),
        "闲置,居(村)委会用房并入 idle, committee rooms included",
    )


def _committees(
    districts: Districts, people: People, walk: Walk, nodes: IntArray, rng: np.random.Generator
) -> list[Premises]:
    """Rooms of the committees that have no large premises (`nodes`) to move into, where they reach most people."""
    total = people.total(2025)
    spots = _thinned(walk.xy, walk.nodes[cKDTree(people.xy).query(walk.xy[walk.nodes])[0] < 80.0], 180.0)
    near = csr_array((walk.metres(spots, _DAY_M - _SPARE_M) < np.inf).astype(np.float64))
    home = districts.community_of(walk.xy[spots])
    merged = set(districts.community_of(walk.xy[nodes]).tolist())
    left = np.where((walk.metres(nodes, _DAY_M - _SPARE_M) < np.inf).any(axis=0), 0.0, total) + 0.05 * total
    rows = []
    for at, community in enumerate(districts.communities):
        if at in merged:
            continue
        own = np.flatnonzero(home == at)
        node = int(walk.nodes[cKDTree(walk.xy[walk.nodes]).query(community.seat)[1]])
        if len(own):
            best = int(own[int(np.argmax(np.asarray(near[own] @ left)))])
            node = int(spots[best])
            left = np.where(near[[best]].toarray()[0] > 0.0, 0.05 * total, left)
        rows.append(_committee(community.name, community.kind, node, rng))
    return rows


def _committee(community: Name, kind: str, node: int, rng: np.random.Generator) -> Premises:
    roomy = kind == "社区" and rng.uniform() < 0.2
    kinds = ("town_centre", "day_care") if roomy else ("day_care",)
    area = int(rng.integers(80, 140) * 10) if roomy else int(rng.integers(20, 61) * 10)
    tenure = "idle_state_owned" if kind == "村" or rng.uniform() < 0.75 else "leased"
    name = community.plus("党群服务中心用房", "Committee Premises")
    return Premises(
        name, node, tenure, kinds, "public", area, int(rng.integers(1985, 2021)), "可腾出用房 rooms to spare"
    )


def _new_rooms(districts: Districts, walk: Walk, estates: list[Estate], rng: np.random.Generator) -> list[Premises]:
    """Rooms that new housing hands over, at the gates of some compounds."""
    tree = cKDTree(walk.xy[walk.nodes])
    doors = np.array([estate.door for estate in estates]).reshape(-1, 2)
    rows: list[Premises] = []
    for at in rng.permutation(len(doors)):
        node = int(walk.nodes[tree.query(doors[at])[1]])
        if len(rows) < _NEW_ROOMS and all(np.hypot(*(walk.xy[row.node] - walk.xy[node])) > 600.0 for row in rows):
            community = districts.communities[int(districts.community_of(walk.xy[[node]])[0])].name
            big = rng.uniform() < 0.4
            kinds = ("town_centre", "day_care") if big else ("day_care",)
            area = int(rng.integers(80, 160) * 10) if big else int(rng.integers(30, 61) * 10)
            number = int(rng.integers(1, 40))
            name = Name(
                f"{community.zh.removesuffix('社区')}{number}号地块配建用房",
                f"{community.en.rsplit(' ', 1)[0]} Plot {number} Rooms",
            )
            rows.append(
                Premises(
                    name,
                    node,
                    "new_housing",
                    kinds,
                    "public",
                    area,
                    int(rng.integers(2022, 2026)),
                    "新建住宅配建移交 handed over",
                )
            )
    return rows


def _day_rooms(
    walk: Walk, people: People, taken: IntArray, districts: Districts, rng: np.random.Generator
) -> list[Premises]:
    """Further small rooms until day care can be within reach of almost everybody."""
    total = people.total(2025)
    spots = _thinned(walk.xy, walk.nodes[cKDTree(people.xy).query(walk.xy[walk.nodes])[0] < 80.0], 260.0)
    covered = np.asarray((walk.metres(taken, _DAY_M - _SPARE_M) < np.inf).any(axis=0))
    near = walk.metres(spots, _DAY_M - _SPARE_M) < np.inf
    rows = []
    for at in pick_cover(near, total, covered, _DAY_SHARE):
        community = districts.communities[int(districts.community_of(walk.xy[[spots[at]]])[0])].name
        words = (
            ("旧村小", "Former Village School"),
            ("文化礼堂", "Culture Hall"),
            ("沿街商铺", "Street Shop"),
            ("老年活动室", "Seniors' Room"),
        )
        zh, en = words[int(rng.integers(0, len(words)))]
        tenure = "leased" if zh == "沿街商铺" else "idle_state_owned"
        name = Name(community.zh.removesuffix("社区").removesuffix("村") + zh, f"{community.en.rsplit(' ', 1)[0]} {en}")
        rows.append(
            Premises(
                name,
                int(spots[at]),
                tenure,
                ("day_care",),
                "public",
                int(rng.integers(20, 61) * 10),
                int(rng.integers(1980, 2016)),
                "闲置 idle",
            )
        )
    return rows


def make_premises(
    spec: CountySpec,
    people: People,
    districts: Districts,
    walk: Walk,
    estates: list[Estate],
    facilities: list[Facility],
) -> list[Premises]:
    """Idle premises of a county."""
    rng = spec.rng(11)
    standing = np.array([row.node for row in facilities if row.kind == "institution"])
    nodes = _large_nodes(walk, people, standing)
    nodes += _unit_nodes(districts, walk, people, nodes, rng)
    homes = districts.community_of(walk.xy[nodes])
    large = [
        _large(at, node, districts.communities[int(home)].name, rng)
        for at, (node, home) in enumerate(zip(nodes, homes, strict=True))
    ]
    hub = max(range(len(large)), key=lambda at: large[at].floor_area_m2)
    large[hub] = _as_hub(large[hub])
    rows = [
        *large,
        *_committees(districts, people, walk, np.array(nodes), rng),
        *_new_rooms(districts, walk, estates, rng),
    ]
    centres = [row.node for row in facilities if row.kind == "town_centre"]
    # Large premises may all have to become institutions: day care must be within reach without them, or no plan exists.
    small = [row.node for row in rows if {"day_care", "town_centre"} & set(row.kinds) and row not in large]
    taken = np.array([*small, *centres])
    return _distinct(rows + _day_rooms(walk, people, taken, districts, rng))


def _as_hub(row: Premises) -> Premises:
    name = Name("汐州县旧人民医院", "Former Xizhou County People's Hospital")
    return Premises(
        name,
        row.node,
        "idle_state_owned",
        ("county_hub", "institution", "day_care"),
        "public",
        12_600,
        1994,
        "整体搬迁后闲置 idle since it moved",
    )


def _unit_nodes(
    districts: Districts, walk: Walk, people: People, nodes: list[int], rng: np.random.Generator
) -> list[int]:
    """Find further nodes so that every planning unit has at least three large premises."""
    extra: list[int] = []
    home = districts.town_of(walk.xy)
    cells = districts.town_of(people.xy)
    for unit in sorted({town.unit for town in districts.towns}):
        members = [at for at, town in enumerate(districts.towns) if town.unit == unit]
        have = int(np.isin(home[nodes], members).sum())
        pool = np.flatnonzero(np.isin(cells, members) & (walk.connector < 60.0))
        extra += [int(walk.ends[cell, 0]) for cell in rng.permutation(pool)[: max(0, _UNIT_LEAST - have)]]
    return extra


def _distinct(rows: list[Premises]) -> list[Premises]:
    """Rows with a number behind every name that was given before."""
    seen: dict[str, int] = {}
    out = []
    for row in rows:
        seen[row.name.zh] = seen.get(row.name.zh, 0) + 1
        again = seen[row.name.zh]
        name = row.name if again == 1 else Name(f"{row.name.zh}({again})", f"{row.name.en} ({again})")
        out.append(
            Premises(name, row.node, row.tenure, row.kinds, row.operator, row.floor_area_m2, row.built, row.note)
        )
    return out
