"""The straight line: files → demand → access → problem → audit → plan → audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siting import access, areas, candidates, errors, groundwork, optimise, rules
from siting.cache import NO_CACHE, Cache
from siting.groundwork import Clock, silent
from siting.model.plan import Study

if TYPE_CHECKING:
    from collections.abc import Callable

    from geopandas import GeoDataFrame

    from siting.config import Config
    from siting.model.problem import Problem

_WORST_SNAPS = 25
"""Most rows of the table of worst snaps, of those with a road and of those without."""


def run(
    config: Config, progress: Callable[[str, str], None] = silent, *, plan: bool = True, cache: Cache = NO_CACHE
) -> Study:
    """Run a study from its files to an audited plan.

    Parameters
    ----------
    config : Config
    progress : callable
        Told the stage that begins and, while it lasts, what it is doing.
    plan : bool
        False audits the present situation only.
    cache : Cache
        Where stages that were made before are found again; nothing is kept unless one is given.

    Raises
    ------
    DataError
        When an input cannot be used, with all problems at once.
    """
    clock = Clock(progress)
    known = groundwork.prepare(config, clock, cache)
    raw, problem = known.raw, known.problem
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
        drawn = areas.service_areas(config, raw, problem, "before", today, cache)
        if found is not None and found.state is not None:
            drawn += areas.service_areas(config, raw, problem, "after", found.state, cache)
    return Study(
        config=config,
        raw=raw,
        problem=problem,
        before=before,
        plan=found,
        after=after,
        service_areas=drawn,
        warnings=known.warnings,
        timings_s=clock.seconds,
        margin=known.margin,
        worst_snaps=_worst(problem),
        raking=known.raking,
        density_shifts=known.density_shifts,
        screening=known.screening,
    )


def _worst(problem: Problem) -> tuple[int, ...]:
    """Return the zones, and after them the sites, that lie farthest from a street; seats of communities are neither."""
    measured = access.joined(problem.access.zones, problem.access.sites)
    shown = np.append(problem.zones.is_cell, np.ones(len(problem.sites), dtype=np.bool_))
    return tuple(access.worst_snaps(measured, _WORST_SNAPS, shown).tolist())


def check(
    config: Config, progress: Callable[[str, str], None] = silent, cache: Cache = NO_CACHE
) -> tuple[errors.SitingWarning, ...]:
    """Read every input of a study and place its people and sites, without measuring or planning.

    Raises
    ------
    DataError
        With every problem of every input.
    """
    raw = groundwork.read(config, Clock(progress), cache)
    zones, _, beyond = groundwork.peopled(config, raw, cache)
    groundwork.check_people(zones, raw, config)
    return (*raw.warnings, *beyond, *candidates.gather(config, raw, zones, cache).warnings)


def isochrone(
    config: Config, asked: areas.Asked, progress: Callable[[str, str], None] = silent, cache: Cache = NO_CACHE
) -> GeoDataFrame:
    """Read a study's inputs and draw isochrones on its roads; see `siting.areas.isochrone`."""
    return areas.isochrone(config, groundwork.read(config, Clock(progress), cache), asked)
