"""Small towns written down as arrays, for tests whose answers are known."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from shapely import box

from siting.model.access import DRIVE_M_PER_S, Access, RoadState, Snap
from siting.model.catalogue import Catalogue, Kind, Module, Role, Tenure
from siting.model.facts import Fact
from siting.model.places import Communities, Districts, Grid, Zones
from siting.model.problem import Problem
from siting.model.rows import Clause
from siting.model.sites import BED_CLASSES, Sites
from siting.model.text import Citation, Text
from siting.rules import KINDS
from siting.sites import options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siting.rules import Rule

SAME = Text("同", "same")


def catalogue() -> Catalogue:
    """Homes of two small sizes, and stations without beds."""
    return Catalogue(
        kinds={
            "institution": Kind(
                "institution",
                Text("养老机构", "institution"),
                "town",
                (Module("S", 1, 2, 100, 50.0), Module("M", 2, 4, 200, 70.0)),
                {"general": 6.0, "nursing": 9.0},
                2,
                20.0,
                {"nursing": 4.0},
            ),
            "day_care": Kind(
                "day_care",
                Text("照料中心", "day care"),
                "community",
                (Module("station", 0, 0, 20, 10.0),),
                {},
                0,
                0.0,
                {},
            ),
        },
        tenures={
            "idle": Tenure("idle", Text("闲置", "idle"), 1.0, 0.0),
            "bought": Tenure("bought", Text("购置", "bought"), 1.0, 0.1),
        },
        basis=SAME,
        roles={"social_worker": Role("social_worker", SAME, 3.0, 2.0), "nurse": Role("nurse", SAME, 5.0, 1.0)},
    )


def snap(count: int, state: Sequence[int] | None = None) -> Snap:
    """Points that all lie on one road, unless a state says otherwise."""
    nothing = np.zeros(count)
    return Snap(nothing, nothing, nothing, nothing, nothing, np.array(state or [RoadState.ON_ROAD] * count))


def sites(
    rows: Sequence[tuple[bool, str, tuple[str, ...], str, int, tuple[int, int, int]]],
    *,
    operator: Sequence[str] | None = None,
    floor_area_m2: Sequence[float] | None = None,
) -> Sites:
    """Rows of (existing, kind, kinds allowed, tenure, district, beds)."""
    count = len(rows)
    return Sites(
        id=tuple(f"S{i}" for i in range(count)),
        name=tuple(f"S{i}" for i in range(count)),
        x_m=np.zeros(count),
        y_m=np.zeros(count),
        existing=np.array([row[0] for row in rows]),
        kind=tuple(row[1] for row in rows),
        kinds_allowed=tuple(row[2] for row in rows),
        tenure=tuple(row[3] for row in rows),
        operator=tuple(operator or ("public",) * count),
        district=np.array([row[4] for row in rows]),
        beds=np.array([row[5] for row in rows]).reshape(count, len(BED_CLASSES)),
        floor_area_m2=np.full(count, np.nan) if floor_area_m2 is None else np.array(floor_area_m2),
        origin=("made",) * count,
    )


def problem(  # noqa: PLR0913 - a town is its tables
    persons: np.ndarray,
    district: Sequence[int],
    metres: Sequence[tuple[int, int, float]],
    places: Sites,
    *,
    density: np.ndarray | None = None,
    phases: tuple[int, ...] = (2025,),
    states: Sequence[int] | None = None,
    first_year: int | None = None,
    offered: Catalogue | None = None,
    units: Sequence[str] | None = None,
    speed: float = 1.0,
    cutoff_m: float = 0.0,
    ages: tuple[int, ...] = (60,),
    speed_by_age: Mapping[int, float] | None = None,
    effort: Mapping[float, Sequence[tuple[int, int, float]]] | None = None,
    drive_minutes: Sequence[tuple[int, int, float]] | None = None,
    between: Mapping[str, Sequence[tuple[int, int, float]]] | None = None,
    communities: Sequence[int] = (),
    friendly: Sequence[int] = (),
    circles: Sequence[str] = (),
    urban: Sequence[bool | None] = (),
    facts: Mapping[str, float | Mapping[int, float]] | None = None,
) -> Problem:
    """Put a town together: persons[zone, age, phase] (or [zone, phase]), and (zone, site, metres) triples.

    Seats of `communities` (their districts; those of `friendly` are dementia-friendly) are zones after the others.
    Ways `between` sites are metres on foot, and minutes by vehicle.
    """
    count = len(district)
    people = np.asarray(persons, dtype=float).reshape(count, len(ages), len(phases))
    names = max([*district, *places.district, 0]) + 1
    zones = Zones(
        grid=Grid("EPSG:32650", 0.0, 0.0, 100.0, 100.0, count, 1),
        row=np.zeros(count),
        column=np.arange(count),
        x_m=np.arange(count) * 100.0,
        y_m=np.zeros(count),
        ages=ages,
        phases=phases,
        persons=people,
        district=np.array(district),
        density_per_km2=np.zeros((count, len(phases))) if density is None else density,
    )

    seats = made_communities(communities, friendly)
    zones, count = zones.with_seats(seats), count + len(seats)
    roads = None if states is None else [*states, *[RoadState.ON_ROAD] * len(seats)]

    def table(told: Sequence[tuple[int, int, float]], rows: int, per: float = 1.0) -> sparse.csr_array:
        triples = np.array(told, dtype=float).reshape(-1, 3)
        places_of = (triples[:, 0].astype(int), triples[:, 1].astype(int))
        return sparse.csr_array((triples[:, 2] * per, places_of), shape=(rows, len(places)))

    def ways(told: Sequence[tuple[int, int, float]], per: float = 1.0) -> Access:
        made = table(told, count, per)
        return Access(made, float(made.data.max(initial=cutoff_m)), snap(count, roads), snap(len(places)))

    ids = tuple(f"D{i}" for i in range(names))
    squares = tuple(box(i, 0, i + 1, 1) for i in range(names))
    per_minute = {"walk": 1.0, "drive": 60 * DRIVE_M_PER_S}
    return Problem(
        zones=zones,
        sites=places,
        options=options(places, offered or catalogue(), first_year or phases[0]),
        access=ways(metres),
        districts=Districts(ids, ids, ids, squares, tuple(units or ids), tuple(circles), tuple(urban)),
        drive=None if drive_minutes is None else ways(drive_minutes, 60 * DRIVE_M_PER_S),
        between={mode: table(told, len(places), per_minute[mode]) for mode, told in (between or {}).items()},
        communities=seats,
        catalogue=offered or catalogue(),
        facts={
            name: Fact(None, told, "made") if isinstance(told, dict) else Fact(told, {}, "made")
            for name, told in (facts or {}).items()
        },
        phases=phases,
        walk_speed_m_per_s=speed,
        speed_by_age=speed_by_age or {},
        effort={pace: ways(told) for pace, told in (effort or {}).items()},
    )


def made_communities(districts: Sequence[int], friendly: Sequence[int]) -> Communities:
    """Seats one after the other, K0, K1, …; villages all."""
    ids, nowhere = tuple(f"K{i}" for i in range(len(districts))), np.zeros(len(districts))
    tags = tuple(frozenset({"dementia_friendly"} if i in friendly else ()) for i in range(len(districts)))
    return Communities(ids, ids, ids, ("村",) * len(ids), nowhere, nowhere, np.array(districts, dtype=int), tags)


def rule(
    kind: str, identity: str = "T-01", deadline: int | None = None, force: str = "must", **parameters: object
) -> Rule:
    """Make a rule of a kind from its parameters."""
    clause = Clause(identity, SAME, Citation(SAME, "1", "1", SAME, dt.date(2022, 1, 1)), force, kind, deadline)
    made = KINDS[kind]
    return made(clause, made.Given.model_validate(parameters))
