"""The straight line: files → demand → access → problem → audit → plan → audit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from siting import access, areas, candidates, errors, groundwork, optimise, rules, serving, sources
from siting.cache import NO_CACHE, Cache
from siting.drawn import changed, state_of
from siting.groundwork import Clock, silent
from siting.model.drawn import Drawn
from siting.model.plan import Study

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from geopandas import GeoDataFrame

    from siting.config import Config
    from siting.model.drawn import DrawnLine
    from siting.model.plan import Moment, Plan, ServiceArea
    from siting.model.problem import Problem, State
    from siting.model.reasons import Curve, Reasons
    from siting.model.serving import Serving

_WORST_SNAPS = 25
"""Most rows of the table of worst snaps, of those with a road and of those without."""


def run(
    config: Config,
    progress: Callable[[str, str], None] = silent,
    *,
    plan: bool = True,
    draw: bool = True,
    cache: Cache = NO_CACHE,
    drawn: Path | None = None,
) -> Study:
    """Run a study from its files to an audited plan.

    Parameters
    ----------
    config : Config
    progress : callable
        Told the stage that begins and, while it lasts, what it is doing.
    plan : bool
        False audits the present situation only.
    draw : bool
        False leaves out what is for the eye: the areas within reach.
    cache : Cache
        Where stages that were made before are found again; nothing is kept unless one is given.
    drawn : Path, optional
        A hand-drawn plan (`siting.sources.read_drawn`). It is audited and priced; with `plan` it is also compared with
        the study's own plan and repaired, and the repaired plan is the run's.

    Raises
    ------
    DataError
        When an input cannot be used, with all problems at once.
    """
    clock = Clock(progress)
    known = groundwork.prepare(config, clock, cache, drawn)
    raw, problem = known.raw, known.problem
    with clock.stage("audit"):
        today = problem.existing_state()
        before = rules.audit(config.rules, problem, today)
    mine = None if drawn is None else judged(config, problem, drawn.name, known.lines, clock)
    found = after = why = curve = None
    if plan:
        with clock.stage("plan") as tell, optimise.remembering(cache):
            found = optimise.solve(problem, config.rules, config.options.goals, config.options.solver, tell)
        why, curve = _questioned(config, problem, found, clock, sites=mine is None)
    if mine is not None:
        mine = mine if found is None else _mended(config, problem, mine, found, clock)
        found = mine.as_run()
    if found is not None and found.state is not None:
        with clock.stage("audit"):
            after = rules.audit(config.rules, problem, found.state, today)
    states: dict[Moment, State] = {"before": today}
    if found is not None and found.state is not None:
        states["after"] = found.state
    shown: tuple[ServiceArea, ...] = ()
    if draw:
        with clock.stage("isochrones"):
            for moment, state in states.items():
                shown += areas.service_areas(config, raw, problem, moment, state, cache)
    dates, outdated = sources.dates_of(config.options, raw.provenance, config.data_root or config.base)
    return Study(
        config=config,
        raw=raw,
        problem=problem,
        before=before,
        plan=found,
        after=after,
        service_areas=shown,
        warnings=(*known.warnings, *outdated, *_unasked(config, plan=plan, drawn=drawn), *_broken_off(config)),
        timings_s=clock.seconds,
        margin=known.margin,
        worst_snaps=_worst(problem),
        raking=known.raking,
        density_shifts=known.density_shifts,
        reasons=why,
        curve=curve,
        drawn=mine,
        screening=known.screening,
        dates=dates,
        serving=_served(config, problem, states, clock),
    )


def _served(config: Config, problem: Problem, states: dict[Moment, State], clock: Clock) -> tuple[Serving, ...]:
    """Say who goes where, for the services that the study declares."""
    if not config.services:
        return ()
    with clock.stage("serving"):
        return serving.who_goes_where(problem, config.services, states, config.options.solver)


def _questioned(
    config: Config, problem: Problem, plan: Plan, clock: Clock, *, sites: bool
) -> tuple[Reasons | None, Curve | None]:
    """Ask why the study's plan (if there is one) is as it is, and what coverage costs, where the study wants to know.

    Its sites are not asked about where the run shows another plan.
    """
    options, why, curve = config.options, None, None
    if optimise.stopped():
        return None, None
    if options.reasons is not None and plan.state is not None:
        asked = options.reasons if sites else options.reasons.model_copy(update={"sites": False})
        with clock.stage("reasons") as tell:
            why = optimise.explain(problem, config.rules, options.goals, plan, (asked, options.solver), tell)
    if options.curve is not None:
        with clock.stage("curve") as tell:
            curve = optimise.curve(problem, config.rules, options.curve, options.solver, tell)
    return why, curve


def _unasked(config: Config, *, plan: bool, drawn: Path | None) -> Iterable[errors.SitingWarning]:
    """Tell that sites of a repaired plan are not asked about: its bound is of another question than the least cost."""
    asked = config.options.reasons
    if plan and drawn is not None and asked is not None and asked.sites:
        yield errors.SitingWarning(
            drawn.name,
            "本次运行的方案由手绘方案修正而成：“条款的代价”和“备选方案”按优化方案求得，未求各处设施的作用；"
            "如需，请不带 `--repair` 另行运行。",
            "The plan of this run is a hand-drawn one, mended: what clauses cost, and alternatives, are those of the "
            "plan that was searched for; no reasons were asked of sites. For those, run the study without `--repair`.",
        )


def _broken_off(config: Config) -> Iterable[errors.SitingWarning]:
    """Tell that somebody ended the search: another run may go on to a better plan."""
    if optimise.stopped():
        yield errors.SitingWarning(
            config.options.study,
            "求解被人工中断（Ctrl-C）：所载方案为中断时已找到的最好方案，未证明最优，差距如实列出；未求方案依据与费用曲线。",
            "The search was interrupted (Ctrl-C): the plan is the best that had been found by then, with its gap as it "
            "is; reasons and the curve were not asked for.",
        )


def judged(config: Config, problem: Problem, file: str, lines: tuple[DrawnLine, ...], clock: Clock) -> Drawn:
    """Audit and price a hand-drawn plan.

    Raises
    ------
    DataError
        With every line that wants what cannot be.
    """
    with clock.stage("audit"):
        state = optimise.staffed(problem, config.rules, state_of(problem, lines))
        seen = rules.audit(config.rules, problem, state, problem.existing_state())
    return Drawn(file, state, tuple(np.diff(problem.cost(state), prepend=0.0).tolist()), seen, None)


def _mended(config: Config, problem: Problem, mine: Drawn, optimum: Plan, clock: Clock) -> Drawn:
    """Compare a hand-drawn plan with the study's own, and mend it with as few changes as can be."""
    with clock.stage("repair") as tell:
        mended = optimise.repair(problem, config.rules, mine.state, config.options.solver, tell)
    changes = () if mended.state is None else changed(problem, mine.state, mended.state)
    return replace(mine, optimum=optimum, repair=mended, changes=changes, fewest=mended.certificate)


def _worst(problem: Problem) -> tuple[int, ...]:
    """Return the zones, and after them the sites, that lie farthest from a street; seats of communities are neither."""
    measured = access.joined(problem.access.zones, problem.access.sites)
    shown = np.append(problem.zones.is_cell, np.ones(len(problem.sites), dtype=np.bool_))
    return tuple(access.worst_snaps(measured, _WORST_SNAPS, shown).tolist())


@dataclass(frozen=True, slots=True)
class Examined:
    """What `check` found.

    Attributes
    ----------
    problems : tuple[Problem, ...]
        What stops a run.
    warnings : tuple[SitingWarning, ...]
        What does not; those that can be mended first.
    """

    problems: tuple[errors.Problem, ...]
    warnings: tuple[errors.SitingWarning, ...]


def check(config: Config, progress: Callable[[str, str], None] = silent, cache: Cache = NO_CACHE) -> Examined:
    """Read every input of a study, place its people and sites and join them to the streets; nothing is planned.

    Every problem of every input is found at once; people and sites are only placed when all inputs can be read.
    """
    problems: list[errors.Problem] = []
    warnings: list[errors.SitingWarning] = []

    def attempt(look: Callable[[], Iterable[errors.SitingWarning]]) -> None:
        try:
            warnings.extend(look())
        except errors.DataError as error:
            problems.extend(error.problems)
            warnings.extend(error.warnings)

    def looked_at() -> Iterable[errors.SitingWarning]:
        raw = groundwork.read(config, Clock(progress), cache)
        warnings.extend(raw.warnings)
        warnings.extend(sources.dates_of(config.options, raw.provenance, config.data_root or config.base)[1])
        zones, _, beyond = groundwork.peopled(config, raw, cache)
        warnings.extend(beyond)
        attempt(lambda: candidates.gather(config, raw, zones, cache).warnings)
        warnings.append(groundwork.joined_people(config, raw, zones))
        groundwork.check_people(zones, raw, config)
        return ()

    attempt(looked_at)
    return Examined(tuple(problems), tuple(sorted(warnings, key=lambda told: told.severity != "warning")))


def isochrone(
    config: Config, asked: areas.Asked, progress: Callable[[str, str], None] = silent, cache: Cache = NO_CACHE
) -> GeoDataFrame:
    """Read a study's inputs and draw isochrones on its roads; see `siting.areas.isochrone`."""
    return areas.isochrone(config, groundwork.read(config, Clock(progress), cache), asked)
