"""The p-median through models that know only the nearest sites of each demand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.optimise.locate.inputs import Inputs
from siting.optimise.locate.medians import Question, nothing, plant_of, start_of, told
from siting.optimise.locate.plant import solve_plant
from siting.optimise.locate.problem import Limits, Plant, transposed
from siting.optimise.locate.result import Location, Run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from siting.model.arrays import IntArray
    from siting.optimise.options import SolverOptions


def k_nearest_p_median(
    cost: Any,  # noqa: ANN401 - any matrix; see Inputs.of
    weights: Any,  # noqa: ANN401 - see Inputs
    p: int,
    k: int = 5,
    *,
    predefined: Iterable[Any] | None = None,
    options: SolverOptions | None = None,
) -> Location:
    """Solve the p-median through models that know only the k nearest sites of each demand.

    In place of the sites beyond stands one that is always open, at the cost of the nearest of them. Each such model is
    a relaxation; where its optimum sends a demand there, that demand's k is doubled and the model solved again. When
    nobody goes there the optimum is that of the whole (BEAMR: Church, Annals of Operations Research 167, 2008).

    Parameters
    ----------
    cost, weights, p, predefined, options
        As in `p_median`.
    k : int
        To begin with.

    Returns
    -------
    Location
        As `p_median`; `figures["pairs"]` is how many pairs the last model knew.

    Raises
    ------
    DataError
        With everything that is wrong with the arguments.
    """
    run, inputs = Run.start(options), Inputs.of(cost)
    number = inputs.count("p", p)
    weight = inputs.by_demand("weights", weights)
    kept = inputs.existing(predefined, number)
    first = inputs.count("k", k)
    inputs.check()
    fixed = np.zeros(inputs.pairs.sites)
    question = Question("k_nearest_p_median", inputs.pairs, weight, fixed, number, number, kept)
    start, why = start_of(question, run)
    if start is None:
        return nothing(question, run, why)
    plant, ceiling = plant_of(question)
    width = np.full(question.pairs.demand, first)
    while True:
        part = _nearest_only(plant, width)
        answer = solve_plant(part, Limits(run.deadline, run.options), ceiling=ceiling, starts=[start])
        taken = start if answer.taken is None else answer.taken
        known = np.bincount(
            question.pairs.row[_known(plant, width) & (taken[plant.near.other] == 1)], minlength=len(width)
        )
        short = (known == 0) & (width < np.diff(plant.near.indptr))
        if not short.any() or run.left <= 0:
            break
        width = np.where(short, 2 * width, width)
    pairs = float(_known(plant, width).sum())
    return told(question, run, taken, answer.bound, {"pairs": pairs})


def _known(plant: Plant, width: IntArray) -> Any:  # noqa: ANN401 - bool[pair]
    """Return which pairs are among the nearest of their demand."""
    start = np.repeat(plant.near.indptr[:-1], np.diff(plant.near.indptr))
    return np.arange(len(plant.near.other)) - start < np.repeat(width, np.diff(plant.near.indptr))


def _nearest_only(plant: Plant, width: IntArray) -> Plant:
    """Return the problem in which the sites beyond the nearest are one that is always open."""
    known = _known(plant, width)
    count = np.concatenate([[0], np.cumsum(known)])
    near = plant.near._replace(
        indptr=count[plant.near.indptr], other=plant.near.other[known], cost=plant.near.cost[known]
    )
    follow = np.minimum(plant.near.indptr[:-1] + width, len(plant.near.cost) - 1)
    beyond = plant.near.indptr[:-1] + width < plant.near.indptr[1:]
    missing = np.where(beyond, plant.near.cost[follow], plant.missing)
    by_site = transposed(near, len(plant.choice.fixed))
    return replace(plant, near=near, by_site=by_site, missing=missing, optional=bool(beyond.any()))
