"""Who can be reached at all: the fewest left out by p sites, and the fewest sites that leave out nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siting.optimise.locate.answer import nearest
from siting.optimise.locate.kernels import OPEN, Choice, interchange
from siting.optimise.locate.plant import solve_plant
from siting.optimise.locate.problem import Limits, Plant, transposed

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray, IntArray
    from siting.optimise.locate.inputs import Pairs
    from siting.optimise.locate.problem import Answer
    from siting.optimise.locate.result import Run


def least_left(pairs: Pairs, weights: FloatArray, choice: Choice, run: Run) -> Answer:
    """Open sites so that the weight of demand without any pair to them is least.

    Maximal covering seen from the other side (Church and ReVelle, Papers of the Regional Science Association 32, 1974):
    a pair costs nothing, being left out costs the weight.
    """
    near = pairs.costing(np.zeros(len(pairs.near.other)))
    whole = bool((weights == np.round(weights)).all())
    plant = Plant(near, transposed(near, pairs.sites), choice, weights, whole, optional=True)
    taken = (choice.state == OPEN).astype(np.int64)
    reached = np.bincount(near.other, weights=weights[pairs.row], minlength=pairs.sites)
    order = np.argsort(-np.where(choice.state == OPEN, -1.0, reached), kind="stable")
    taken[order[: max(choice.least - int(taken.sum()), 0)]] = 1
    interchange(plant.near, plant.by_site, choice, taken, weights)
    return solve_plant(plant, Limits(run.deadline, run.options), ceiling=float(weights.sum()) + 1.0, starts=[taken])


def fewest_left(pairs: Pairs, choice: Choice, run: Run) -> tuple[IntArray, IntArray, float]:
    """Return the sites (int64[site]) that leave out the fewest demand points, these, and the proven least number."""
    free = choice._replace(fixed=np.zeros(pairs.sites))
    answer = least_left(pairs, np.ones(pairs.demand), free, run)
    taken = answer.taken if answer.taken is not None else (choice.state == OPEN).astype(np.int64)
    return taken, np.flatnonzero(nearest(pairs, taken) < 0), answer.bound


def fewest_sites(pairs: Pairs, kept: IntArray, run: Run) -> int | None:
    """Return how few sites reach everybody who can be reached; None when time is up or somebody never is."""
    from siting.optimise.locate.covering import least_cover  # noqa: PLC0415 - it asks back

    if len(pairs.unreachable):
        return None
    found = least_cover(pairs, np.ones(pairs.sites), kept, run)
    return int(found.taken.sum()) if found.taken is not None and found.proven else None
