"""The straight line: files → demand → access → problem → audit → plan → audit."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siting import access, areas, demand, errors, optimise, rules, sites, sources, ways
from siting.model.access import RoadState
from siting.model.money import Money
from siting.model.plan import Study
from siting.model.problem import Problem
from siting.model.sites import Sites
from siting.sources.options import Generated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geopandas import GeoDataFrame

    from siting.config import Config
    from siting.model.census import Raking
    from siting.model.places import Communities, Zones
    from siting.model.raw import Raw


_WORST_SNAPS = 25
"""Most rows of the table of worst snaps, of those with a road and of those without."""


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
        zones = zones.with_seats(_communities(raw))
    with clock.stage("access"):
        places, dropped = _sites(config, raw, zones)
        measured = ways.measured(config, raw.roads, zones, places)
    problem = Problem(
        zones=zones,
        sites=places,
        options=sites.options(places, config.catalogue, config.options.phases[0]),
        access=measured.access,
        districts=raw.districts,
        phases=config.options.phases,
        walk_speed_m_per_s=config.options.walk.speed_m_per_s,
        speed_by_age=config.options.walk.speed_by_age,
        effort=measured.effort,
        drive=measured.drive,
        between=measured.between,
        communities=_communities(raw),
        catalogue=config.catalogue,
        facts={name: told.fact() for name, told in config.options.facts.items()},
        money=Money(**config.options.money.model_dump()),
    )
    margin = access.margin(raw.roads, raw.districts, zones, _concerned(config, problem))
    with clock.stage("audit"):
        today = problem.existing_state()
        before = rules.audit(config.rules, problem, today)
    found = after = None
    if plan:
        with clock.stage("plan") as tell:
            found = optimise.solve(problem, config.rules, config.options.goals, config.options.solver, tell)
        if found.state is not None:
            with clock.stage("audit"):
                after = rules.audit(config.rules, problem, found.state, today)
    with clock.stage("isochrones"):
        drawn = areas.service_areas(config, raw, problem, "before", today)
        if found is not None and found.state is not None:
            drawn += areas.service_areas(config, raw, problem, "after", found.state)
    return Study(
        config=config,
        raw=raw,
        problem=problem,
        before=before,
        plan=found,
        after=after,
        service_areas=drawn,
        warnings=(*raw.warnings, *beyond, *dropped, *measured.warnings, *access.edge_warnings(margin)),
        timings_s=clock.seconds,
        margin=margin,
        worst_snaps=_worst(problem),
        raking=raking,
        density_shifts=shifts,
    )


def _demand(raw: Raw, config: Config) -> tuple[Zones, Raking | None, tuple[errors.SitingWarning, ...]]:
    """Put the cells into districts, bring them into agreement with the census, then into the study's phases."""
    shared_on = raw.crs if config.options.population.cut_cells == "area" else None
    placed = demand.place(raw.cells, raw.districts, shared_on)
    cut = demand.cut_raster(placed, raw.districts)
    placed, raking = demand.reconcile(placed, raw.districts, raw.census)
    zones, told = demand.estimate(placed, raw.districts, config.options.phases, config.options.density, raw.census)
    return zones, raking, (*cut, *(raking.warnings if raking else ()), *told)


def _communities(raw: Raw) -> Communities:
    """Put the seats of communities into their districts."""
    seats = raw.communities
    return replace(seats, district=demand.locate(seats.x_m, seats.y_m, raw.districts))


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
        _generated(config, raw, zones, grid) for grid in config.options.candidates if isinstance(grid, Generated)
    ]
    table = Sites.joined(tables)
    table = replace(table, district=demand.locate(table.x_m, table.y_m, raw.districts))
    return table, _roadless(table, ~_on_road(config, raw, table), config.options.walk.max_connector_m)


def _generated(config: Config, raw: Raw, zones: Zones, grid: Generated) -> Sites:
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


def _worst(problem: Problem) -> tuple[int, ...]:
    """Return the zones, and after them the sites, that lie farthest from a street; seats of communities are neither."""
    measured = access.joined(problem.access.zones, problem.access.sites)
    shown = np.append(problem.zones.is_cell, np.ones(len(problem.sites), dtype=np.bool_))
    return tuple(access.worst_snaps(measured, _WORST_SNAPS, shown).tolist())


def _concerned(config: Config, problem: Problem) -> Iterator[tuple[str, float, np.ndarray]]:
    """Return each coverage clause's service radius and the persons it concerns in the last phase."""
    for rule in config.rules:
        view = rule.coverage(problem, len(problem.phases) - 1)
        if view is not None and all(reach.mode == "walk" for reach in view.reaches):
            radius = max(reach.metres for reach in view.reaches)
            yield rule.clause.id, radius, np.where(view.concerned, view.persons, 0.0)


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


def isochrone(config: Config, asked: areas.Asked, progress: Callable[[str, str], None] = _silent) -> GeoDataFrame:
    """Read a study's inputs and draw isochrones on its roads; see `siting.areas.isochrone`."""
    return areas.isochrone(config, _read(config, _Clock(progress)), asked)


def _read(config: Config, clock: _Clock) -> Raw:
    """Read the inputs; roads are merged at nodes where nothing meets.

    A city file has three times the edges it needs; ways are the same to the last digits of a sum. Where slopes cost
    time the edges stay apart: a merged edge knows only its whole rise.
    """
    with clock.stage("read") as tell:
        raw = sources.load(
            config.options,
            root=config.data_root,
            base=config.base,
            catalogue=config.catalogue,
            progress=lambda step, _done, _total: tell(step),
        )
        if config.options.walk.slope != "none":
            return raw
        return replace(raw, roads=access.merge_degree_two(raw.roads))
