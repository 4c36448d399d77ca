"""The straight line: files → demand → access → problem → audit → plan → audit."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry import mapping

from siting import access, demand, errors, optimise, rules, sites, sources
from siting.model.access import RoadState
from siting.model.plan import ServiceArea, Study
from siting.model.problem import Problem
from siting.model.sites import Sites
from siting.sources.options import GenerateGrid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from siting.config import Config
    from siting.model.access import Access
    from siting.model.census import Raking
    from siting.model.places import Zones
    from siting.model.plan import Moment
    from siting.model.problem import State
    from siting.model.raw import Raw


def _silent(stage: str, detail: str) -> None:
    """Tell nobody."""


class _Clock:
    """Seconds by stage, and whom to tell."""

    def __init__(self, progress: Callable[[str, str], None]) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[str], None]]:
        """Time a stage; yields a callable to say what it is doing."""
        began = time.perf_counter()
        self._progress(name, "")
        yield lambda detail: self._progress(name, detail)
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began


def run(config: Config, progress: Callable[[str, str], None] = _silent, *, plan: bool = True) -> Study:
    """Run a study from its files to an audited plan.

    Parameters
    ----------
    config : Config
    progress : callable
        Told the stage that begins and, while it lasts, what it is doing.
    plan : bool
        False audits the present situation only.

    Raises
    ------
    DataError
        When an input cannot be used, with all problems at once.
    """
    clock = _Clock(progress)
    raw = _read(config, clock)
    with clock.stage("demand"):
        zones, raking, beyond = _demand(raw, config)
        _check_people(zones, raw, config)
        shifts = demand.sensitivity(zones, _density_edges(config), config.options.density)
    with clock.stage("access"):
        places, dropped = _sites(config, raw, zones)
        measured = _measure(config, raw, zones, places)
    problem = Problem(
        zones=zones,
        sites=places,
        options=sites.options(places, config.catalogue, config.options.phases[0]),
        access=measured,
        districts=raw.districts,
        phases=config.options.phases,
        walk_speed_m_per_s=config.options.walk.speed_m_per_s,
    )
    with clock.stage("audit"):
        today = problem.existing_state()
        before = rules.audit(config.rules, problem, today)
    found = after = None
    if plan:
        with clock.stage("plan") as tell:
            found = optimise.solve(problem, config.rules, config.options.goal, config.options.solver, tell)
        if found.state is not None:
            with clock.stage("audit"):
                after = rules.audit(config.rules, problem, found.state, today)
    with clock.stage("isochrones"):
        areas = _service_areas(config, raw, problem, "before", today)
        if found is not None and found.state is not None:
            areas += _service_areas(config, raw, problem, "after", found.state)
    return Study(
        config=config,
        raw=raw,
        problem=problem,
        before=before,
        plan=found,
        after=after,
        service_areas=areas,
        warnings=(*raw.warnings, *beyond, *dropped),
        timings_s=clock.seconds,
        raking=raking,
        density_shifts=shifts,
    )


def _demand(raw: Raw, config: Config) -> tuple[Zones, Raking | None, tuple[errors.SitingWarning, ...]]:
    """Bring the cells into agreement with the census, then into the study's phases."""
    cells, raking = demand.reconcile(raw.cells, raw.districts, raw.census)
    zones, told = demand.estimate(cells, raw.districts, config.options.phases, config.options.density, raw.census)
    return zones, raking, (*(raking.warnings if raking else ()), *told)


def _density_edges(config: Config) -> list[demand.Edge]:
    """List the edges between density classes that clauses name, ascending; one that any clause begins at is upper."""
    found: dict[float, bool] = {}
    for rule in config.rules:
        for edge in getattr(rule.parameters, "edges", ()):
            found[edge] = found.get(edge, False) or edge == getattr(rule.parameters, "density_from", None)
    return [demand.Edge(edge, found[edge]) for edge in sorted(found)]


def _check_people(zones: Zones, raw: Raw, config: Config) -> None:
    """Refuse districts in which nobody lives: almost always the raster does not cover them."""
    persons = zones.persons.sum(axis=(1, 2))
    inside = zones.district >= 0
    people = np.bincount(zones.district[inside], persons[inside], minlength=len(raw.districts))
    empty = [index for index in range(len(raw.districts)) if people[index] <= 0]
    if empty:
        ages = config.options.ages
        raise errors.DataError(
            errors.Problem(
                f"{config.options.districts.file} district {raw.districts.id[index]} ({raw.districts.name[index]})",
                f"no person of {ages[0]} and over lives in it according to {config.options.population.files}",
                "check that the rasters cover it and that both CRS are right, or leave the district out",
            )
            for index in empty
        )


def _sites(config: Config, raw: Raw, zones: Zones) -> tuple[Sites, tuple[errors.SitingWarning, ...]]:
    """Put facilities, listed and generated candidates into one table, each in its district."""
    tables = [raw.facilities, raw.candidates]
    tables += [
        _generated(config, raw, zones, grid) for grid in config.options.candidates if isinstance(grid, GenerateGrid)
    ]
    table = Sites.joined(tables)
    table = replace(table, district=demand.locate(table.x_m, table.y_m, raw.districts))
    return table, _roadless(table, ~_on_road(config, raw, table), config.options.walk.max_connector_m)


def _generated(config: Config, raw: Raw, zones: Zones, grid: GenerateGrid) -> Sites:
    """Generate candidates on a grid and keep those worth keeping."""
    table, weight = sites.on_grid(zones, grid.spacing_m, grid.kinds, grid.tenure)
    district = demand.locate(table.x_m, table.y_m, raw.districts)
    chosen = sites.worth_keeping(district, weight, _on_road(config, raw, table), grid.limit, grid.per_district)
    return table.taken(chosen)


def _on_road(config: Config, raw: Raw, table: Sites) -> np.ndarray:
    """Return which sites have a road within the longest connector."""
    found = access.snap(raw.roads, table.x_m, table.y_m, config.options.walk.max_connector_m)
    return np.asarray(found.state != RoadState.NO_ROAD)


def _roadless(table: Sites, roadless: np.ndarray, connector_m: float) -> tuple[errors.SitingWarning, ...]:
    """Name facilities and candidates farther from any road than the longest connector."""
    warnings = []
    for existing, zh, en in (
        (
            True,
            "处现有设施{m:g}米内无道路,不计入服务覆盖",
            "existing facilities have no road within {m:g} m and cover nobody",
        ),
        (
            False,
            "处候选点{m:g}米内无道路,床位可计,服务覆盖不计",
            "candidates have no road within {m:g} m: beds count, cover does not",
        ),
    ):
        chosen = np.flatnonzero(roadless & (table.existing == existing))
        if len(chosen):
            named = ", ".join(table.id[i] for i in chosen[:10]) + ("…" if len(chosen) > 10 else "")  # noqa: PLR2004
            warnings.append(
                errors.SitingWarning(
                    "sites",
                    f"{len(chosen)}{zh.format(m=connector_m)}:{named}。",
                    f"{len(chosen)} {en.format(m=connector_m)}: {named}.",
                )
            )
    return tuple(warnings)


def _measure(config: Config, raw: Raw, zones: Zones, places: Sites) -> Access:
    """Measure as far as the longest reach of any clause."""
    walk = config.options.walk
    reaches = [rule.reach(walk.speed_m_per_s) for rule in config.rules]
    cutoff = max((reach.metres for reach in reaches if reach is not None), default=0.0)
    return access.measure(
        raw.roads,
        np.column_stack([zones.x_m, zones.y_m]),
        np.column_stack([places.x_m, places.y_m]),
        cutoff_m=cutoff,
        max_connector_m=walk.max_connector_m,
    )


def _service_areas(config: Config, raw: Raw, problem: Problem, moment: Moment, state: State) -> tuple[ServiceArea, ...]:
    """Draw, for every coverage clause, what lies within reach of its open facilities in the last phase.

    Time circles also get their inner rings, every five minutes.
    """
    walk = config.options.walk
    areas: list[ServiceArea] = []
    water = _water(raw)
    for rule in config.rules:
        reach = rule.reach(walk.speed_m_per_s)
        if reach is None:
            continue
        working = np.unique(problem.options.site[state.open[-1] & problem.options.of_kinds(reach.kinds)])
        if not len(working):
            continue
        minutes = getattr(rule.parameters, "minutes", None)
        rings = [reach.metres] if minutes is None else [m * 60 * walk.speed_m_per_s for m in _rings(minutes)]
        drawn = access.isochrones(
            raw.roads,
            problem.sites.x_m[working],
            problem.sites.y_m[working],
            rings,
            max_connector_m=walk.max_connector_m,
            merged=True,
            barriers=water,
        )
        areas += [
            ServiceArea(
                clause=rule.clause.id,
                moment=moment,
                metres=float(metres),
                minutes=None if minutes is None else float(metres) / 60 / walk.speed_m_per_s,
                geometry=polygon,
            )
            for metres, polygon in zip(drawn.cutoff_m, drawn.polygons, strict=True)
        ]
    return tuple(areas)


def _rings(minutes: float) -> list[float]:
    """List every fifth minute below the limit, and the limit."""
    return [*np.arange(5.0, minutes - 1e-9, 5.0).tolist(), minutes]


def check(config: Config, progress: Callable[[str, str], None] = _silent) -> tuple[errors.SitingWarning, ...]:
    """Read every input of a study and place its people and sites, without measuring or planning.

    Raises
    ------
    DataError
        With every problem of every input.
    """
    clock = _Clock(progress)
    raw = _read(config, clock)
    zones, _, beyond = _demand(raw, config)
    _check_people(zones, raw, config)
    return (*raw.warnings, *beyond, *_sites(config, raw, zones)[1])


def isochrone(config: Config, lon: float, lat: float, minutes: Sequence[float]) -> str:
    """Draw what lies within some minutes' walk of a place, as GeoJSON in longitude and latitude.

    Parameters
    ----------
    config : Config
        For roads, districts (which choose the plane) and walking speed.
    lon, lat : float
        EPSG:4326.
    minutes : sequence of float

    Raises
    ------
    DataError
        When the place has no road within the longest connector.
    """
    raw = _read(config, _Clock(_silent))
    walk = config.options.walk
    x, y = Transformer.from_crs("EPSG:4326", raw.crs, always_xy=True).transform([lon], [lat])
    metres = [m * 60 * walk.speed_m_per_s for m in minutes]
    drawn = access.isochrones(raw.roads, x, y, metres, max_connector_m=walk.max_connector_m, barriers=_water(raw))
    if drawn.snap.state[0] == RoadState.NO_ROAD:
        far = f"the nearest road is {drawn.snap.connector_m[0]:,.0f} m away, more than {walk.max_connector_m:g} m"
        raise errors.DataError(
            [
                errors.Problem(
                    f"--lon {lon} --lat {lat}", far, "check for swapped coordinates, or move the place to a road"
                )
            ]
        )
    to_lonlat = Transformer.from_crs(raw.crs, "EPSG:4326", always_xy=True)
    features = [
        {
            "type": "Feature",
            "properties": {"minutes": round(cutoff / 60 / walk.speed_m_per_s, 6), "metres": round(cutoff, 3)},
            "geometry": mapping(shapely.transform(polygon, lambda xy: np.column_stack(to_lonlat.transform(*xy.T)))),
        }
        for cutoff, polygon in zip(drawn.cutoff_m.tolist(), drawn.polygons, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def _read(config: Config, clock: _Clock) -> Raw:
    """Read the inputs."""
    with clock.stage("read") as tell:
        return sources.load(
            config.options,
            root=config.data_root,
            base=config.base,
            catalogue=config.catalogue,
            progress=lambda step, _done, _total: tell(step),
        )


def _water(raw: Raw) -> shapely.Geometry | None:
    """Return all water as one shape that isochrones do not cross, or None."""
    return shapely.union_all(list(raw.water)) if raw.water else None
