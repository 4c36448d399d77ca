"""The ground that plans stand on: from files to the problem, every stage kept in the cache."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from siting import access, borders, candidates, demand, errors, sites, sources, ways
from siting.cache import NO_CACHE, Cache
from siting.config.what_if import EVERY
from siting.drawn import with_places
from siting.model.access import RoadState
from siting.model.money import Money
from siting.model.problem import Problem
from siting.sources.options import SourceOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from siting.config import Config
    from siting.model.arrays import FloatArray
    from siting.model.census import Census, DensityShift, Raking
    from siting.model.drawn import DrawnLine
    from siting.model.ground import Screening
    from siting.model.places import Cells, Communities, Districts, Zones
    from siting.model.plan import Margin
    from siting.model.raw import Raw


def silent(stage: str, detail: str) -> None:
    """Tell nobody."""


class Clock:
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


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Everything that is known of a study before anything is planned.

    Attributes
    ----------
    raw : Raw
    problem : Problem
    warnings : tuple[SitingWarning, ...]
    margin : Margin
    raking : Raking or None
    density_shifts : tuple[DensityShift, ...]
    lines : tuple[DrawnLine, ...]
        Of a hand-drawn plan, each with its site; new places are among the candidates.
    screening : Screening
    """

    raw: Raw
    problem: Problem
    warnings: tuple[errors.SitingWarning, ...]
    margin: Margin
    raking: Raking | None
    density_shifts: tuple[DensityShift, ...]
    screening: Screening
    lines: tuple[DrawnLine, ...] = ()


def prepare(config: Config, clock: Clock | None = None, cache: Cache = NO_CACHE, drawn: Path | None = None) -> Prepared:
    """Go from a study's files to its problem.

    Every stage is a function of what it is given here, so that the cache knows by the content of its arguments whether
    it was made before: a stage must be given all it looks at, and no more than that.

    Raises
    ------
    DataError
        When an input cannot be used, with all problems at once.
    """
    clock = clock or Clock(silent)
    raw = _with_neighbours(config, clock, cache) if config.neighbours else read(config, clock, cache)
    lines: tuple[DrawnLine, ...] = ()
    if drawn is not None:
        raw, lines = with_places(raw, sources.read_drawn(drawn, raw, config.catalogue), config.catalogue)
    options = config.options
    with clock.stage("demand"):
        zones, raking, beyond = peopled(config, raw, cache)
        check_people(zones, raw, config)
        shifts = cache.call("density", demand.sensitivity, zones, _density_edges(config), options.density)
        communities = _communities(raw)
        zones = zones.with_seats(communities)
    with clock.stage("access"):
        gathered = candidates.gather(config, raw, zones, cache)
        places = gathered.sites
        measured = ways.measured(config, raw.roads, zones, places, cache)
    problem = Problem(
        zones=zones,
        sites=places,
        options=sites.options(places, config.catalogue, options.phases[0]),
        access=measured.access,
        districts=raw.districts,
        phases=options.phases,
        walk_speed_m_per_s=options.walk.speed_m_per_s,
        speed_by_age=options.walk.speed_by_age,
        effort=measured.effort,
        drive=measured.drive,
        between=measured.between,
        communities=communities,
        catalogue=config.catalogue,
        facts={name: told.fact() for name, told in options.facts.items()},
        money=Money(**options.money.model_dump()),
    )
    margin = cache.call("margin", access.margin, raw.roads, raw.districts, zones, tuple(_concerned(config, problem)))
    return Prepared(
        raw=raw,
        problem=problem,
        warnings=(*raw.warnings, *beyond, *gathered.warnings, *measured.warnings, *access.edge_warnings(margin)),
        margin=margin,
        raking=raking,
        density_shifts=shifts,
        lines=lines,
        screening=gathered.screening,
    )


def _with_neighbours(config: Config, clock: Clock, cache: Cache) -> Raw:
    """Read a county and what its neighbours have within the longest reach of its border."""
    raw = read(config, clock, cache, merged=False)
    others = [(one.options.study, read(one, clock, cache, merged=False)) for one in config.neighbours]
    with clock.stage("read"):
        raw = borders.widened(raw, others, ways.longest_reach(config))
        if config.options.walk.slope != "none":
            return raw
        return replace(raw, roads=cache.call("merged", access.merge_degree_two, raw.roads))


def peopled(config: Config, raw: Raw, cache: Cache) -> tuple[Zones, Raking | None, tuple[errors.SitingWarning, ...]]:
    """Put the cells into districts, bring them into agreement with the census, then into the study's phases."""
    options = config.options
    shared_on = raw.crs if options.population.cut_cells == "area" else None
    people = (raw.cells, raw.districts, raw.census, shared_on, _multiples(config, raw))
    return cache.call("demand", _demand, people, options.phases, options.density)


def _demand(
    people: tuple[Cells, Districts, Census, str | None, FloatArray | None],
    phases: tuple[int, ...],
    density: demand.DensityOptions,
) -> tuple[Zones, Raking | None, tuple[errors.SitingWarning, ...]]:
    """Go from cells to demand points."""
    cells, districts, census, shared_on, times = people
    placed = demand.place(cells, districts, shared_on)
    cut = demand.cut_raster(placed, districts)
    placed, raking = demand.reconcile(placed, districts, census)
    if times is not None:
        placed = replace(placed, cells=demand.multiplied(placed.cells, placed.district, times))
    zones, told = demand.estimate(placed, districts, phases, density, census)
    return zones, raking, (*cut, *(raking.warnings if raking else ()), *told)


def _multiples(config: Config, raw: Raw) -> FloatArray | None:
    """Return what the persons of each district are supposed to be multiplied by."""
    what_if = config.options.what_if
    unknown = sorted(what_if.persons.keys() - {EVERY, *raw.districts.id})
    if unknown:
        known = ", ".join(raw.districts.id[:20])
        raise errors.DataError(
            errors.Problem(f"what_if.persons.{name}", "there is no such district", f"use ids of districts: {known}")
            for name in unknown
        )
    return what_if.persons_by(raw.districts.id)


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


def check_people(zones: Zones, raw: Raw, config: Config) -> None:
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


def joined_people(config: Config, raw: Raw, zones: Zones) -> errors.SitingWarning:
    """Say how many persons no road reaches, in the last phase."""
    limit_m = config.options.walk.max_connector_m
    inside = np.flatnonzero((zones.district >= 0) & zones.is_cell)
    persons = zones.persons[inside, :, -1].sum(axis=1)
    found = access.snap(raw.roads, zones.x_m[inside], zones.y_m[inside], limit_m)
    away = float(persons[found.state == RoadState.NO_ROAD].sum())
    share = away / persons.sum() if persons.sum() > 0 else 0.0
    return errors.SitingWarning(
        config.options.roads.file,
        f"{persons.sum():,.0f}名老年人中有{away:,.0f}人({share:.1%})在{limit_m:g}米内没有道路,任何设施都不计为可达。",
        f"{away:,.0f} of {persons.sum():,.0f} older persons ({share:.1%}) have no road within {limit_m:g} m: no "
        "facility counts as within their reach.",
        (
            ("补全道路,或调整 `walk.max_connector_m`", "complete the roads, or change `walk.max_connector_m`")
            if away > 0
            else ("", "")
        ),
    )


def _concerned(config: Config, problem: Problem) -> Iterator[tuple[str, float, np.ndarray]]:
    """Return each coverage clause's service radius and the persons it concerns in the last phase."""
    for rule in config.rules:
        view = rule.coverage(problem, len(problem.phases) - 1)
        if view is not None and all(reach.mode == "walk" for reach in view.reaches):
            radius = max(reach.metres for reach in view.reaches)
            yield rule.clause.id, radius, np.where(view.concerned, view.persons, 0.0)


def read(config: Config, clock: Clock, cache: Cache, *, merged: bool = True) -> Raw:
    """Read the inputs, unless the same bytes were read for the same study before.

    Which files an input consists of is only known once it was read: that list is kept by where the study looks for its
    files, and what was read by the bytes of the files on it.
    """
    asked = (*asked_of(config), merged)
    with clock.stage("read") as tell:
        place = cache.key("list", (config.data_root or config.base).resolve(), asked)
        listed, files = cache.find("inputs", place)
        if listed and sources.unchanged(files, config.data_root, config.base):
            found, raw = cache.find("read", cache.key("read", files, asked))
            if found:
                known: Raw = raw
                return known
        raw = _loaded(config, tell, merged=merged)
        cache.keep("inputs", place, raw.provenance)
        cache.keep("read", cache.key("read", raw.provenance, asked), raw)
        return raw


def asked_of(config: Config) -> tuple[object, ...]:
    """Return all of a study that its readers look at; studies of which it is equal read the same."""
    options = config.options
    return (
        *((name, getattr(options, name)) for name in SourceOptions.model_fields if name != "candidates"),
        options.listed_candidates(),
        config.catalogue.unpriced(),
        options.walk.slope != "none",
    )


def _loaded(config: Config, tell: Callable[[str], None], *, merged: bool) -> Raw:
    """Read the inputs; roads are merged at nodes where nothing meets.

    A city file has three times the edges it needs; ways are the same to the last digits of a sum. Where slopes cost
    time the edges stay apart: a merged edge knows only its whole rise.
    """
    raw = sources.load(
        config.options,
        root=config.data_root,
        base=config.base,
        catalogue=config.catalogue.unpriced(),
        progress=lambda step, _done, _total: tell(step),
    )
    if config.options.walk.slope != "none" or not merged:
        return raw
    return replace(raw, roads=access.merge_degree_two(raw.roads))
