"""A made county for benchmarks of planning: a lattice of streets, people in towns, premises at random costs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from shapely import box

from siting.access import RoadGraph, measure, reach
from siting.model.access import Access, RoadState, Snap
from siting.model.places import Districts, Grid, Zones
from siting.model.problem import Problem
from siting.model.rows import Clause
from siting.model.sites import BED_CLASSES, Action, Options, Sites
from siting.model.text import Citation, Text
from siting.rules import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from siting.rules import Rule

STEP_M = 100.0
MISSING = 0.2
YARD_M = 40.0
"""How far homes stand from their node where they are snapped, along either axis at most."""
RADIUS_M = 810.0
_SAME = Text("虚构", "made")


@dataclass(frozen=True, slots=True)
class CountySize:
    """How large a made county is.

    Attributes
    ----------
    sites : int
    side : int
        Nodes along each side of the lattice; every node is a demand point.
    share : float
        Of the persons whom the sites can reach, to be covered within `RADIUS_M`.
    seed : int
    rules : int
        Clauses: the first within `RADIUS_M`, each further one within less and of a smaller share.
    phases : int
        Five years apart, with people growing by a fiftieth each; every clause binds in all of them.
    """

    sites: int
    side: int
    share: float
    seed: int = 1
    rules: int = 1
    phases: int = 1


def made_county(size: CountySize) -> tuple[Problem, tuple[Rule, ...]]:
    """Make a county and its one clause.

    Persons live in 40 towns of different size and thinly elsewhere; premises stand where people live, at 0.5 to 1.5
    million yuan. A fifth of the lattice's streets is missing.

    Returns
    -------
    Problem
        Points in rows of the lattice, sites as candidates with one option each, walking metres to `RADIUS_M`.
    tuple[Rule, ...]
        A coverage clause of the size's share.
    """
    rng = np.random.default_rng(size.seed)
    graph = RoadGraph.from_edges(*_lattice(size.side, rng))
    persons = _people(size.side, rng)
    at = rng.choice(len(persons), size.sites, replace=False, p=persons / persons.sum())
    cost = np.round(rng.uniform(0.5, 1.5, size.sites), 2) * 1e6
    metres = sparse.csr_array(reach(graph, at, RADIUS_M).T)
    years = tuple(range(2025, 2025 + 5 * size.phases, 5))
    zones, sites = _zones(size.side, persons, years), _sites(size.side, at)
    square = box(0, 0, size.side * STEP_M, size.side * STEP_M)
    problem = Problem(
        zones=zones,
        sites=sites,
        options=_options(cost),
        access=Access(metres, RADIUS_M, _on_road(len(persons)), _on_road(size.sites)),
        districts=Districts(("D",), ("D",), ("D",), (square,), ("U",)),
        phases=years,
        walk_speed_m_per_s=0.9,
    )
    return problem, tuple(_clause(number, size.share) for number in range(size.rules))


def access_of(size: CountySize) -> Callable[[], Access]:
    """Draw a county's streets, homes and sites, and return the stage of access as a study has it, to be timed.

    That is the road graph with all that is prepared of it, the snapping of homes and sites, and the ways from every
    home to every site within `RADIUS_M`. Homes stand beside the streets, not on their nodes as in `made_county`.
    """
    rng = np.random.default_rng(size.seed)
    x, y, u, v = _lattice(size.side, rng)
    persons = _people(size.side, rng)
    at = rng.choice(len(persons), size.sites, replace=False, p=persons / persons.sum())
    homes = np.column_stack([x, y]) + rng.uniform(-YARD_M, YARD_M, (len(persons), 2))
    return lambda: measure(
        RoadGraph.from_edges(x, y, u, v), homes, homes[at], cutoff_m=RADIUS_M, max_connector_m=2 * STEP_M
    )


def _lattice(side: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return a square lattice with a fifth of its edges missing: x and y of nodes, ends u and v of edges."""
    place = np.arange(side * side).reshape(side, side)
    u = np.concatenate([place[:, :-1].ravel(), place[:-1].ravel()])
    v = np.concatenate([place[:, 1:].ravel(), place[1:].ravel()])
    kept = rng.random(len(u)) >= MISSING
    return (place % side).ravel() * STEP_M, (place // side).ravel() * STEP_M, u[kept], v[kept]


def _people(side: int, rng: np.random.Generator) -> np.ndarray:
    """Draw persons of every node: float64[node]."""
    x, y = np.meshgrid(np.arange(side), np.arange(side))
    density = np.full((side, side), 0.4)
    for _ in range(40):
        middle, width = rng.uniform(0, side, 2), rng.uniform(0.02, 0.08) * side
        height = rng.lognormal(1.0, 0.8)
        density += height * np.exp(-((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / (2 * width**2))
    return np.asarray((density * rng.lognormal(0.0, 0.6, (side, side))).ravel())


def _zones(side: int, persons: np.ndarray, years: tuple[int, ...]) -> Zones:
    count = side * side
    node = np.arange(count)
    return Zones(
        grid=Grid("EPSG:32650", 0.0, side * STEP_M, STEP_M, STEP_M, side, side),
        row=node // side,
        column=node % side,
        x_m=node % side * STEP_M,
        y_m=node // side * STEP_M,
        ages=(60,),
        phases=years,
        persons=persons.reshape(count, 1, 1) * (1 + 0.02 * np.arange(len(years))),
        district=np.zeros(count),
        density_per_km2=np.zeros((count, len(years))),
    )


def _sites(side: int, at: np.ndarray) -> Sites:
    count = len(at)
    names = tuple(f"S{number}" for number in range(count))
    return Sites(
        id=names,
        name=names,
        x_m=at % side * STEP_M,
        y_m=at // side * STEP_M,
        existing=np.zeros(count),
        kind=("",) * count,
        kinds_allowed=(("day_care",),) * count,
        tenure=("leased",) * count,
        operator=("public",) * count,
        district=np.zeros(count),
        beds=np.zeros((count, len(BED_CLASSES))),
        floor_area_m2=np.full(count, np.nan),
        origin=("made",) * count,
    )


def _options(cost: np.ndarray) -> Options:
    count = len(cost)
    no_beds = np.zeros((count, len(BED_CLASSES)))
    nothing = np.zeros(count)
    return Options(
        site=np.arange(count),
        kind=("day_care",) * count,
        action=(Action.OPEN,) * count,
        module=("station",) * count,
        operator=("public",) * count,
        fixed_cost=cost,
        cost_per_bed=no_beds,
        base_beds=no_beds,
        beds_min=no_beds,
        beds_max=no_beds,
        total_min=nothing,
        total_max=nothing,
        floor_area_m2=np.full(count, np.nan),
        first_year=nothing,
    )


def _on_road(count: int) -> Snap:
    nothing = np.zeros(count)
    return Snap(nothing, nothing, nothing, nothing, nothing, np.full(count, RoadState.ON_ROAD))


def _clause(number: int, share: float) -> Rule:
    """Return a coverage clause: the first within `RADIUS_M`, further ones nearer and of less."""
    given = {
        "kinds": ["day_care"],
        "metres": RADIUS_M * (1 - 0.15 * number),
        "share": share * (1 - 0.1 * number),
        "of": "reachable",
    }
    citation = Citation(_SAME, "1", "1", _SAME, dt.date(2025, 1, 1))
    made = KINDS["coverage"]
    return made(
        Clause(f"B-{number + 1:02}", _SAME, citation, "must", "coverage", None), made.Given.model_validate(given)
    )
