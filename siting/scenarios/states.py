"""A plan as plain data, and the same plan on another problem: matched by what it does to which site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from siting.model.problem import State
from siting.model.sites import Action

if TYPE_CHECKING:
    from siting.model.problem import Problem

Told = dict[str, Any]


def told_of(problem: Problem, state: State) -> Told:
    """Return a state as plain data: for every phase what each site does, and with how many beds.

    Facilities that are kept are left out: they are kept wherever they stand.
    """
    options = problem.options
    phases = []
    for number, year in enumerate(problem.phases):
        chosen = [int(o) for o in np.flatnonzero(state.open[number]) if options.action[o] is not Action.KEEP]
        doings = [
            [
                problem.sites.id[options.site[o]],
                str(options.action[o]),
                options.kind[o],
                options.module[o],
                state.beds[number, o].tolist(),
            ]
            for o in chosen
        ]
        phases.append({"year": year, "does": doings, "hires": {r: int(n[number]) for r, n in state.hired.items()}})
    return {"phases": phases}


def state_on(problem: Problem, told: Told) -> tuple[State, list[str]]:
    """Carry a plan out on a problem.

    A year takes the plan's phase of that year, or the last before it. What the problem does not offer (premises that
    fall through in its scenario) is left undone and named; committed projects are done in any case.

    Returns
    -------
    State
    list[str]
        Ids of sites at which something is left undone, ascending.
    """
    options, sites = problem.options, problem.sites
    index = {
        (sites.id[options.site[o]], str(options.action[o]), options.kind[o], options.module[o]): o
        for o in reversed(range(len(options)))
    }
    keep = {int(options.site[o]): o for o in range(len(options)) if options.action[o] is Action.KEEP}
    count = len(problem.phases)
    is_open, beds = np.zeros((count, len(options)), np.bool_), np.zeros((count, *options.beds_max.shape), np.int64)
    hired: dict[str, list[int]] = {}
    lost: set[str] = set()
    for number, year in enumerate(problem.phases):
        phase = _phase(told, year)
        available = problem.available(number)
        taken: dict[int, tuple[int, list[int] | None]] = {site: (o, None) for site, o in keep.items()}
        for site, action, kind, module, wanted in phase["does"]:
            option = index.get((site, action, kind, module))
            if option is None or not available[option]:
                lost.add(site)
                continue
            taken[int(options.site[option])] = (option, wanted)
        for site in np.flatnonzero(problem.held(number)).tolist():
            if site not in taken:
                taken[site] = (int(np.flatnonzero((options.site == site) & available)[0]), None)
        for option, wanted in taken.values():
            is_open[number, option] = True
            beds[number, option] = _least(problem, option) if wanted is None else wanted
        for role, persons in phase["hires"].items():
            hired.setdefault(role, [0] * count)[number] = persons
    return State(is_open, beds, {role: tuple(by_phase) for role, by_phase in hired.items()}), sorted(lost)


def _phase(told: Told, year: int) -> Told:
    """Return the plan's phase that is in force in a year; nothing before the first."""
    begun = [phase for phase in told["phases"] if phase["year"] <= year]
    return begun[-1] if begun else {"does": [], "hires": {}}


def _least(problem: Problem, option: int) -> np.ndarray:
    """Return the fewest beds that an option has: int64[class]."""
    options = problem.options
    beds = options.beds_min[option].copy()
    for bed_class in range(len(beds)):
        room = int(options.beds_max[option, bed_class] - beds[bed_class])
        beds[bed_class] += min(room, max(int(options.total_min[option] - beds.sum()), 0))
    return np.asarray(beds)
