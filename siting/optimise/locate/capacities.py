"""Sites that hold only so much: the search of `plant`, whose leaves are transport or assignment problems.

With the open sites settled, everybody is served at least cost by ``min Σ c_ij x_ij, Σ_j x_ij = 1, Σ_i d_i x_ij ≤ Q_j``:
a transport problem where demands may be split, a generalised assignment problem where not.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siting.optimise.locate.kernels import CLOSED, OPEN, Steps, ascend
from siting.optimise.locate.problem import first_price
from siting.optimise.program import Assembly
from siting.optimise.solver import solve_mip

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray, IntArray
    from siting.optimise.locate.problem import Plant
    from siting.optimise.options import SolverOptions
    from siting.optimise.solver import Outcome

_STEPS = (80, 10)
"""Steps at most, and steps without a better bound."""
_LEAST_S, _TRY_S = 5.0, 3.0
"""Seconds for what is needed in any case, and for what is only a try."""
_SAME = 1e-9


@dataclass(slots=True)
class Servers:
    """Finds how everybody is served from given sites; remembers the prices that proved most, to begin with.

    Attributes
    ----------
    split : bool
        Whether demands may be split.
    options : SolverOptions
    deadline : float
        By the monotonic clock.
    """

    split: bool
    options: SolverOptions
    deadline: float
    price: FloatArray | None = None

    def __call__(self, plant: Plant, taken: IntArray, cut: float, final: bool) -> tuple[float, float]:  # noqa: FBT001
        """Return the least cost of serving all from the sites taken, and a bound; see `solve_plant`."""
        if plant.room.capacity[taken == 1].sum() < plant.room.demand.sum() * (1.0 - _SAME):
            return np.inf, np.inf
        if self._dear(plant, taken, cut):
            return np.inf, np.inf
        fixed = float(plant.choice.fixed @ taken)
        seconds = np.inf if final else _TRY_S
        outcome, _ = self.serve(plant, taken, cut - fixed, seconds)
        value = np.inf if outcome.objective is None else outcome.objective + fixed
        return value, np.inf if outcome.verdict in {"optimal", "infeasible"} else outcome.bound + fixed

    def _dear(self, plant: Plant, taken: IntArray, cut: float) -> bool:
        """Say whether prices alone prove that these sites cost too much."""
        choice = plant.choice._replace(state=np.where(taken == 1, OPEN, CLOSED))
        begin = self.price if self.price is not None else first_price(plant, taken)
        steps = Steps(cut, cut, *_STEPS)
        bound, price, _, _ = ascend(plant.near, plant.by_site, choice, plant.room, plant.missing, begin, steps)
        self.price = price
        return bool(bound >= cut)

    def serve(
        self, plant: Plant, taken: IntArray, below: float, seconds: float = np.inf
    ) -> tuple[Outcome, tuple[IntArray, IntArray]]:
        """Solve who goes where; return the solver's outcome and the demand and site of each of its columns.

        Serving must cost at most `below`: with whole demands, that is what ends the search for most choices.
        """
        by_site = plant.by_site
        site = np.repeat(np.arange(len(taken)), np.diff(by_site.indptr))
        there = taken[site] == 1
        demand, site, cost = by_site.other[there], site[there], by_site.cost[there]
        assembly = Assembly()
        x = assembly.columns(
            [f"serve_{i}_{j}" for i, j in zip(demand, site, strict=True)], np.ones(len(demand)), integer=not self.split
        )
        count = len(plant.missing)
        assembly.rows([f"whole_{i}" for i in range(count)], [(demand, x, 1.0)], 1.0, 1.0)
        names = [f"room_{j}" for j in range(len(taken))]
        assembly.rows(names, [(site, x, plant.room.demand[demand])], -np.inf, plant.room.capacity)
        if not self.split:
            assembly.rows(["below"], [(np.zeros(len(x), dtype=np.int64), x, cost)], -np.inf, below)
        seconds = min(max(self.deadline - time.monotonic(), _LEAST_S), seconds)
        return solve_mip(assembly.program(cost, []), self.options, seconds=seconds, gap=0.0), (demand, site)
