"""Searching a program in which options and what they cover are all there is to decide.

Annealing finds a plan, regions prove more than the relaxation does, windows and a second, cold annealing better the
plan, and a small program's last gap is closed by branch-and-bound over what can still matter.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siting.optimise.anneal import BRIEF, COOL, WARM, annealed
from siting.optimise.found import REGIONAL, Found, bounded, cheaper, cheapest, standing
from siting.optimise.part import is_open
from siting.optimise.polish import polish
from siting.optimise.regions import regional_bound
from siting.optimise.web import Web
from siting.optimise.whole import beds_in_parts, exactly, point_at, whole
from siting.optimise.windows import windowed

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray
    from siting.optimise.found import How, Relaxed
    from siting.optimise.program import Program

REGIONS = (150, 500)
"""Options in a region of the regional bound: larger ones are looked at where smaller ones prove too little."""
_FAR = 0.005
"""Small regions are not looked at where a plan is dearer than this part above what would be close enough."""
_WORTHWHILE = 1e-3
"""Another round of windows is made while one betters a plan by this part of its cost."""
_DEARER = 1.03
"""With whole options cover is a little dearer than the relaxation's duals say: at those, too little is covered."""
_WHOLE = 0.5


def covering(program: Program, relaxed: Relaxed, how: How, *, close: bool) -> Found | None:
    """Search a program that decides on options alone (`siting.optimise.web.is_all`).

    Parameters
    ----------
    program : Program
    relaxed : Relaxed
    how : How
    close : bool
        Whether neighbourhoods are searched before branch-and-bound, as does for programs that are small enough.

    Returns
    -------
    Found or None
        None where annealing found no choice that meets every clause.
    """
    best = _first(program, relaxed, how)
    if best is None:
        return None
    for size in REGIONS:
        if size == REGIONS[-1] or program.cost @ best <= how.aim(relaxed.bound) * (1 + _FAR):
            relaxed = tightened(program, relaxed, size, best, how)
        best = _closer(program, relaxed, best, how)
    target = how.aim(relaxed.bound)
    if program.cost @ best > target and close:
        polished = polish(program, best, relaxed.duals, how.options, (how.until(0.25), target), how.tell)
        settled = whole(program, polished, how.options, how.deadline)
        best = best if settled is None else settled  # what was polished may hold by the solver's tolerance only
    if program.cost @ best <= target or how.left < 0:
        return Found("plan", np.where(program.integer, np.round(best), best), relaxed.bound, relaxed.how)
    return closed(program, relaxed, best, how)


def _first(program: Program, relaxed: Relaxed, how: How) -> FloatArray | None:
    """Find a plan around what the relaxation has more in force than not; where that is too dear, from afar."""
    target = how.aim(relaxed.bound)
    likely = relaxed.values[Web.of(program).options] > _WHOLE
    best: FloatArray | None = None
    for start, heat in ((likely, BRIEF), (None, WARM)):
        if best is None or program.cost @ best > target:
            limits = (how.until(0.5), target)
            made = annealed(program, relaxed.duals, how.options, limits, start=start, heat=heat)
            point = None if made is None else point_at(program, *made, how.options)
            best = point if best is None else cheapest(program, best, point)
    return best


def closed(program: Program, relaxed: Relaxed, best: FloatArray, how: How) -> Found:
    """Branch and bound over the options that a better plan could hold."""
    too_dear = program.reduced_costs(relaxed.duals) > program.cost @ best - relaxed.proven
    narrow = program.without(too_dear & is_open(program) & (best < _WHOLE))
    found = cheaper(program, exactly(narrow, how.options, how.deadline, best), best)
    found = replace(found, bound=min(found.bound, float(program.cost @ best)))  # what is left out costs more
    return bounded(found, relaxed.bound, relaxed.how)


def tightened(program: Program, relaxed: Relaxed, size: int, best: FloatArray, how: How) -> Relaxed:
    """Prove more than the relaxation does, region by region, where a plan is not close enough to it."""
    cost = float(program.cost @ best)
    if cost <= how.aim(relaxed.bound) or how.left <= 0:
        return relaxed
    bound = regional_bound(beds_in_parts(program), relaxed.duals, size, how.options, how.until(0.75))
    relaxed = bounded(relaxed, bound, REGIONAL)
    how.tell(standing(cost, relaxed.bound))
    return relaxed


def _closer(program: Program, relaxed: Relaxed, best: FloatArray, how: How) -> FloatArray:
    """Better a covering plan window by window and anneal it coldly, until it is close enough or that brings nothing."""
    web, target, better = Web.of(program), how.aim(relaxed.bound), True
    on = best[web.options] > _WHOLE
    while better and program.cost @ best > target and how.left > 0:
        on = windowed(program, web, on, _DEARER * relaxed.duals, how.options, how.deadline)
        made = annealed(program, relaxed.duals, how.options, (how.deadline, target), start=on, heat=COOL)
        trial = None if made is None else point_at(program, *made, how.options)
        better = trial is not None and bool(program.cost @ trial < program.cost @ best * (1 - _WORTHWHILE))
        best = trial if trial is not None and program.cost @ trial < program.cost @ best else best
        how.tell(standing(float(program.cost @ best), relaxed.bound))
    return best
