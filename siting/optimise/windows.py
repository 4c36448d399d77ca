"""Better a covering plan window by window, with what clauses ask for priced instead of demanded.

Large-neighbourhood search (Shaw, CP 1998) in which every window is a small program without any clause: cover has the
price that the relaxation's duals put on it. Such programs are far easier than those with a clause across them, so that
windows can be large and two can be searched at once. Whether the clauses hold is for the annealing afterwards, which
starts from here and makes up the little that is short.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siting.optimise.part import part
from siting.optimise.polish import around
from siting.optimise.stopping import now

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import Program
    from siting.optimise.web import Web

_WINDOW = 150
"""Options in a window."""
_LOOK = 0.3
_STEP_GAP = 2e-5


@dataclass(frozen=True, slots=True, eq=False)
class _Priced:
    """A covering program without its clauses, and what meeting them is worth instead."""

    web: Web
    program: Program
    price: FloatArray

    @classmethod
    def of(cls, program: Program, web: Web, duals: FloatArray) -> _Priced:
        price = np.maximum(duals[web.rows], 0.0)
        worth = program.matrix[web.rows].T @ price
        return cls(web, program.relaxed(frozenset(web.rows.tolist())).aiming(program.cost - worth), price)

    def value(self, on: BoolArray) -> float:
        """Return what a choice costs, less what its cover is worth."""
        chosen = on.astype(np.float64)
        gives = chosen @ self.web.own + (chosen @ self.web.covers > 0).astype(np.float64) @ self.web.worth
        return float(self.web.cost @ chosen - self.price @ gives)

    def best_within(self, on: BoolArray, free: IntArray, options: SolverOptions, deadline: float) -> BoolArray:
        """Return the best choice of some options, all others being as they are; the same choice when time is up."""
        lower, upper = self.program.lower.copy(), self.program.upper.copy()
        held = np.ones(len(on), dtype=np.bool_)
        held[free] = False
        columns = self.web.options
        lower[columns] = np.where(held, on, lower[columns])
        upper[columns] = np.where(held, on, upper[columns])
        found = part(self.program.bounded(lower, upper), options, (deadline, -np.inf), local=True)
        return on if found is None else found[columns] > 0.5  # noqa: PLR2004 - nought or one


def windowed(
    program: Program, web: Web, on: BoolArray, duals: FloatArray, options: SolverOptions, deadline: float
) -> BoolArray:
    """Look once at every part of a plan.

    Parameters
    ----------
    program : Program
        Of covering alone (`siting.optimise.web.is_all`).
    web : Web
        Its own.
    on : bool[option]
        Options in force.
    duals : float64[row]
        Of its relaxation.
    options : SolverOptions
    deadline : float
        When to stop by the monotonic clock.

    Returns
    -------
    bool[option]
        Costs no more than before, a shortfall being priced by the duals; clauses may be short by a little.
    """
    priced, beside = _Priced.of(program, web, duals), web.beside()
    wanted = (program.reduced_costs(duals)[web.options] < _LOOK * web.cost) | on
    generator = np.random.default_rng([options.seed, int(on.sum())])
    waiting = generator.permutation(np.flatnonzero(on)).tolist()
    step = options.model_copy(update={"threads": 1, "gap": 2 * _STEP_GAP})
    with ThreadPoolExecutor(options.threads) as pool:
        while waiting and now() < deadline:
            windows: list[IntArray] = []
            for start in waiting:
                window = np.array(around(beside, wanted, start, _WINDOW), dtype=np.int64)
                if not any(np.isin(window, other).any() for other in windows):
                    windows.append(window)
                if len(windows) == options.threads:
                    break
            looked = np.zeros(len(on), dtype=np.bool_)
            looked[np.concatenate(windows)] = True
            waiting = [option for option in waiting if not looked[option]]
            base = on
            trials = pool.map(lambda free, base=base: (free, priced.best_within(base, free, step, deadline)), windows)
            for free, better in trials:
                trial = on.copy()
                trial[free] = better[free]
                if priced.value(trial) < priced.value(on):
                    on = trial
                    wanted |= on
    return on
