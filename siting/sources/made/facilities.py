"""Facilities standing today: institutions, spread unevenly over the planning units, and town centres."""

# ruff: noqa: PLR2004 - the sizes and chances of a made place say what they are where they stand

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siting.sources.made import steady
from siting.sources.made.names import Name
from siting.sources.made.people import densities

if TYPE_CHECKING:
    from siting.sources.made.districts import Districts
    from siting.sources.made.people import People
    from siting.sources.made.shapes import FloatArray, IntArray
    from siting.sources.made.spec import CountySpec
    from siting.sources.made.walk import Walk

_PUBLIC = (("敬老院", "Home for the Aged"), ("颐养院", "Care Home"), ("社会福利中心", "Social Welfare Centre"))
_BRANDS = (
    ("松鹤", "Songhe"),
    ("金秋", "Jinqiu"),
    ("椿萱", "Chunxuan"),
    ("怡年", "Yinian"),
    ("乐龄", "Leling"),
    ("安颐", "Anyi"),
    ("瑞康", "Ruikang"),
    ("长青", "Changqing"),
    ("禾和", "Hehe"),
)
_PRIVATE = (
    ("护理院", "Nursing Home"),
    ("老年公寓", "Senior Apartments"),
    ("康养中心", "Care Centre"),
    ("养老院", "Elderly Home"),
)
_POOR_UNIT, _OLD_UNIT = 2, 0
_LEAST_BEDS, _MOST_BEDS = 120, 900
_OLD_CITY_SHARE = 0.6
_PUBLIC_SHARE = 0.53


@dataclass(frozen=True, slots=True)
class Facility:
    """One row of facilities.csv; `node` is where it joins the road."""

    name: Name
    kind: str
    operator: str
    node: int
    beds: tuple[int, int, int]
    floor_area_m2: int
    built: int
    fire_safety: str
    rating: int
    occupancy: float


def _sizes(spec: CountySpec, unit: IntArray, rng: np.random.Generator) -> IntArray:
    """Beds of each institution in tens: small in the old city, large where it stands alone, the total exact."""
    bulk = (
        steady.exp(0.45 * rng.normal(size=len(unit)))
        * np.where(unit == _OLD_UNIT, 0.65, 1.0)
        * np.where(unit == _POOR_UNIT, 0.8, 1.0)
    )
    beds = np.clip(np.round(bulk / bulk.sum() * spec.beds / 10.0) * 10.0, _LEAST_BEDS, _MOST_BEDS).astype(np.int64)
    while (rest := spec.beds - int(beds.sum())) != 0:
        step = int(np.sign(rest)) * min(10, abs(rest))
        room = (beds + step >= _LEAST_BEDS) & (beds + step <= _MOST_BEDS)
        open_to = np.flatnonzero(room & (unit != _OLD_UNIT) & (unit != _POOR_UNIT))
        if not len(open_to):
            open_to = np.flatnonzero(room)
        beds[int(rng.choice(open_to))] += step
    return np.asarray(beds, dtype=np.int64)


def _counts(spec: CountySpec, heads: FloatArray) -> IntArray:
    """Institutions of each unit: one in the poor unit, fewer than fair in the old city, the rest by persons."""
    weight = heads.copy()
    weight[_OLD_UNIT] *= _OLD_CITY_SHARE
    if len(weight) > _POOR_UNIT:
        weight[_POOR_UNIT] = 0.0
    count = np.maximum(1, np.floor(weight / weight.sum() * (spec.institutions - 1))).astype(np.int64)
    while count.sum() != spec.institutions:
        lag = count / np.maximum(weight, 1e-9)
        at = int(np.argmin(lag)) if count.sum() < spec.institutions else int(np.argmax(np.where(count > 1, count, 0)))
        count[at] += 1 if count.sum() < spec.institutions else -1
    return np.asarray(count, dtype=np.int64)


def _spots(
    walk: Walk, people: People, unit_of: IntArray, count: IntArray, rng: np.random.Generator
) -> list[tuple[int, int]]:
    """Choose unit and node of every institution: at the edge of where people live, well apart."""
    total = people.total(2025)
    density = densities(people.xy, total)
    chosen: list[tuple[int, int]] = []
    for unit in np.flatnonzero(count):
        low, high = (700.0, 2_600.0) if unit < 2 else (450.0, 2_400.0)
        pool = np.flatnonzero((unit_of == unit) & (density > low) & (density < high) & (walk.connector < 60.0))
        spots = pool[rng.permutation(len(pool))]
        gap = 1_900.0
        found = 0
        while found < count[unit]:
            for cell in spots:
                if found < count[unit] and all(
                    np.hypot(*(walk.xy[node] - people.xy[cell])) > gap for _, node in chosen
                ):
                    chosen.append((int(unit), int(walk.ends[cell, int(np.argmin(walk.along[cell]))])))
                    found += 1
            gap *= 0.8
    return chosen


def _name(town: Name, *, public: bool, order: int, rng: np.random.Generator) -> Name:
    if public:
        zh, en = _PUBLIC[int(rng.integers(0, len(_PUBLIC)))]
        return town.plus(zh, en)
    brand, brand_en = _BRANDS[order % len(_BRANDS)]
    zh, en = _PRIVATE[int(rng.integers(0, len(_PRIVATE)))]
    stem = town.zh.removesuffix("街道").removesuffix("镇")
    return Name(stem + brand + zh, f"{town.en.split()[0]} {brand_en} {en}")


def institutions(spec: CountySpec, people: People, districts: Districts, walk: Walk) -> list[Facility]:
    """Institutions of a county."""
    rng = spec.rng(9)
    names = sorted({town.unit for town in districts.towns}, key=[town.unit for town in districts.towns].index)
    names.sort(key=lambda name: "一二三四五六七八九十".index(name[-1]))
    town = districts.town_of(people.xy)
    unit_of_town = np.array([names.index(town.unit) for town in districts.towns])
    unit_of = np.where(town >= 0, unit_of_town[town], -1)
    heads = np.asarray(
        np.bincount(unit_of[unit_of >= 0], people.total(2025)[unit_of >= 0], len(names)), dtype=np.float64
    )
    spots = _spots(walk, people, unit_of, _counts(spec, heads), rng)
    beds = _sizes(spec, np.array([unit for unit, _ in spots]), rng)
    nursing = _nursing(spec, beds, rng)
    dementia = _dementia(spec, beds, rng)
    public = np.zeros(len(beds), dtype=bool)
    public[rng.permutation(len(beds))[: round(_PUBLIC_SHARE * len(beds))]] = True
    home = districts.town_of(walk.xy[[node for _, node in spots]])
    used: set[str] = set()
    rows = []
    for at, (_, node) in enumerate(spots):
        name = _name(districts.towns[int(home[at])].name, public=bool(public[at]), order=at, rng=rng)
        while name.zh in used:
            name = _name(districts.towns[int(home[at])].name, public=False, order=at + int(rng.integers(1, 9)), rng=rng)
        used.add(name.zh)
        split = (int(beds[at] - nursing[at] - dementia[at]), int(nursing[at]), int(dementia[at]))
        rows.append(_facility(name, "institution", "public" if public[at] else "non_state", node, split, rng))
    return rows


def _facility(
    name: Name, kind: str, operator: str, node: int, beds: tuple[int, int, int], rng: np.random.Generator
) -> Facility:
    area = int(sum(beds) * rng.uniform(29.0, 43.0)) if sum(beds) else int(rng.integers(60, 150) * 10)
    built = int(rng.integers(1989, 2023)) if sum(beds) else int(rng.integers(2014, 2025))
    fire = "passed" if rng.uniform() < 0.85 else "in_rectification"
    occupancy = round(float(rng.uniform(0.38, 0.93)), 2) if sum(beds) else 0.0
    return Facility(name, kind, operator, node, beds, area, built, fire, int(rng.integers(1, 6)), occupancy)


def _nursing(spec: CountySpec, beds: IntArray, rng: np.random.Generator) -> IntArray:
    """Nursing beds: between a fifth and four fifths of each, the wished share of all."""
    share = np.clip(rng.normal(spec.nursing_share, 0.15, len(beds)), 0.2, 0.8)
    nursing = np.round(beds * share * spec.nursing_share / np.average(share, weights=beds))
    return np.asarray(np.clip(nursing, 0.15 * beds, 0.8 * beds), dtype=np.int64)


def _dementia(spec: CountySpec, beds: IntArray, rng: np.random.Generator) -> IntArray:
    """Dementia beds, in a few of the larger institutions only."""
    dementia = np.zeros(len(beds), dtype=np.int64)
    larger = np.argsort(-beds, kind="stable")[: max(1, len(beds) // 2)]
    few = rng.permutation(larger)[: max(1, len(beds) // 4)]
    dementia[few] = spec.dementia_beds // len(few)
    dementia[few[0]] += spec.dementia_beds - dementia.sum()
    return dementia


def town_centres(spec: CountySpec, people: People, districts: Districts, walk: Walk) -> list[Facility]:
    """Home-care centres of the towns: none in the last few towns drawn, a second one in some."""
    rng = spec.rng(10)
    total, town = people.total(2025), districts.town_of(people.xy)
    density = densities(people.xy, total)
    without = set(rng.permutation(np.arange(spec.streets, spec.towns))[: spec.towns_without_centre].tolist())
    served = [at for at in range(len(districts.towns)) if at not in without]
    rows = []
    for order in range(spec.centres):
        home = served[order % len(served)]
        second = order >= len(served)
        own = np.flatnonzero((town == home) & (walk.connector < 60.0))
        likely = density[own] * steady.exp(rng.normal(0.0, 0.4 if second else 0.1, len(own)))
        cell = own[int(np.argmax(likely))]
        name = districts.towns[home].name
        name = Name(
            name.zh + ("第二" if second else "") + "居家养老服务中心",
            f"{name.en} Home Care Centre" + (" No. 2" if second else ""),
        )
        node = int(walk.ends[cell, int(np.argmin(walk.along[cell]))])
        rows.append(
            _facility(name, "town_centre", "public" if rng.uniform() < 0.8 else "non_state", node, (0, 0, 0), rng)
        )
    return rows
