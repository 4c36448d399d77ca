"""Least total cost of serving everybody: p-median and fixed charge, with and without capacities.

Symbols: c_ij cost of a pair, w_i weight of a demand, f_j fixed cost, d_i what a demand takes up, Q_j what a site holds;
y_j = 1 when site j is open, x_ij the part of demand i that it serves. See docs/formulation.md, section 12.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from siting.optimise.locate.answer import Terms, answered, checked, cost_of, nearest, wholly
from siting.optimise.locate.capacities import Servers
from siting.optimise.locate.inputs import Inputs, Pairs
from siting.optimise.locate.kernels import FREE, OPEN, Choice, Room, interchange
from siting.optimise.locate.plant import solve_plant
from siting.optimise.locate.problem import Limits, Plant, transposed
from siting.optimise.locate.reach import fewest_left, fewest_sites
from siting.optimise.locate.result import LAGRANGEAN, PROGRAM, Impossible, Location, Run, without_answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from siting.model.arrays import FloatArray, IntArray
    from siting.model.problem import Csr
    from siting.optimise.options import SolverOptions

_WHOLE = 1e-9
_ROUNDING = 1e-7
_PART = 1e-9
"""A smaller part of a demand is the solver's rounding."""
_PLACES = 5_000
"""Sites that hold no more than this are filled exactly, place by place, when demands are whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A question of least cost, read and checked.

    Attributes
    ----------
    model : str
    pairs : Pairs
        As given.
    weights : float64[demand]
    fixed : float64[site]
    least, most : int
        How many sites may be open.
    kept : int64[kept]
    demand, capacity : float64[demand], float64[site] or None
    single : bool
    """

    model: str
    pairs: Pairs
    weights: FloatArray
    fixed: FloatArray
    least: int
    most: int
    kept: IntArray
    demand: FloatArray | None = None
    capacity: FloatArray | None = None
    single: bool = False

    @property
    def p(self) -> int | None:
        """How many sites must be open; None where that is free."""
        return self.most if self.least == self.most else None

    @property
    def choice(self) -> Choice:
        """What may be chosen."""
        state = np.full(self.pairs.sites, FREE, dtype=np.int64)
        state[self.kept] = OPEN
        return Choice(self.fixed, state, self.least, self.most)

    @property
    def terms(self) -> Terms:
        """What an answer must keep to."""
        single = self.single or self.capacity is None
        return Terms(self.kept, self.p, demand=self.demand, capacity=self.capacity, single=single)


def p_median(  # noqa: PLR0913 - the field's own list of arguments
    cost: Any,  # noqa: ANN401 - any matrix; see Inputs.of
    weights: Any,  # noqa: ANN401 - see Inputs
    p: int,
    capacity: Any = None,  # noqa: ANN401 - see Inputs
    single_source: bool = False,  # noqa: FBT001, FBT002 - the interface's order
    *,
    demand: Any = None,  # noqa: ANN401 - see Inputs
    predefined: Iterable[Any] | None = None,
    options: SolverOptions | None = None,
) -> Location:
    """Open p sites so that the weighted cost of serving everybody is least.

    ``min Σ_ij w_i c_ij x_ij,  Σ_j x_ij = 1,  x_ij ≤ y_j,  Σ_j y_j = p,  [Σ_i d_i x_ij ≤ Q_j y_j]`` (ReVelle and Swain,
    Geographical Analysis 2, 1970). Without capacities: Lagrangean branch-and-bound with interchange (see `plant`).

    Parameters
    ----------
    cost : array, scipy sparse, DataFrame or PairTable (demand × sites)
        ≥ 0, of serving one unit of weight; absent or infinite pairs are out of reach.
    weights : float, array[demand], Series or mapping
        ≥ 0; labelled where the matrix is.
    p : int
    capacity : float, array[site], Series or mapping, optional
        What each site holds, in the unit of `demand`.
    single_source : bool
        With capacities: whether a demand goes whole to one site. Otherwise it may be split.
    demand : as weights, optional
        What each demand takes up of a site; the weights unless given.
    predefined : iterable, optional
        Existing sites that stay open, by id (by column where there are no ids); they count among the p.
    options : SolverOptions, optional
        Gap (0 unless given), time limit, threads, seed.

    Returns
    -------
    Location
        `objective` in weight × cost. Infeasible when p sites cannot reach, or hold, everybody: `why` names the demand
        that is left and the smallest p.

    Raises
    ------
    DataError
        With everything that is wrong with the arguments.
    """
    run, inputs = Run.start(options), Inputs.of(cost)
    number = inputs.count("p", p)
    weight = inputs.by_demand("weights", weights)
    holds = None if capacity is None else inputs.by_site("capacity", capacity)
    takes = weight if demand is None else inputs.by_demand("demand", demand)
    kept = inputs.existing(predefined, number)
    inputs.check()
    fixed = np.zeros(inputs.pairs.sites)
    question = Question("p_median", inputs.pairs, weight, fixed, number, number, kept, takes, holds, single_source)
    return _solved(question, run)


def fixed_charge(  # noqa: PLR0913 - the field's own list of arguments
    cost: Any,  # noqa: ANN401 - any matrix; see Inputs.of
    fixed: Any,  # noqa: ANN401 - see Inputs
    demand: Any = 1.0,  # noqa: ANN401 - see Inputs
    capacity: Any = None,  # noqa: ANN401 - see Inputs
    single_source: bool = False,  # noqa: FBT001, FBT002 - the interface's order
    *,
    per_unit: bool = False,
    predefined: Iterable[Any] | None = None,
    options: SolverOptions | None = None,
) -> Location:
    """Open as many sites as pay, so that fixed costs and the cost of serving everybody together are least.

    ``min Σ_j f_j y_j + Σ_ij c_ij x_ij,  Σ_j x_ij = 1,  x_ij ≤ y_j,  [Σ_i d_i x_ij ≤ Q_j y_j]`` (Balinski, Management
    Science 12, 1965; with capacities, Beasley, European Journal of Operational Research 33, 1988).

    Parameters
    ----------
    cost : array, scipy sparse, DataFrame or PairTable (demand × sites)
        ≥ 0, of serving **all** of a demand from a site, as in OR-Library; with `per_unit`, of one unit of `demand`.
    fixed : float, array[site], Series or mapping
        ≥ 0, in the unit of cost. Existing sites (`predefined`) bear theirs too: write 0 for what is paid already.
    demand : float, array[demand], Series or mapping
        What each demand takes up; only counts with `capacity` or `per_unit`.
    capacity, single_source, predefined, options
        As in `p_median`.
    per_unit : bool

    Returns
    -------
    Location
        `figures` tell fixed and serving costs apart. Infeasible when sites cannot reach, or hold, everybody.

    Raises
    ------
    DataError
        With everything that is wrong with the arguments.
    """
    run, inputs = Run.start(options), Inputs.of(cost)
    charge = inputs.by_site("fixed", fixed)
    takes = inputs.by_demand("demand", demand)
    holds = None if capacity is None else inputs.by_site("capacity", capacity)
    kept = inputs.existing(predefined)
    inputs.check()
    weight = takes if per_unit else np.ones(inputs.pairs.demand)
    least = max(1, len(kept))
    question = Question(
        "fixed_charge", inputs.pairs, weight, charge, least, inputs.pairs.sites, kept, takes, holds, single_source
    )
    return _solved(question, run)


def plant_of(question: Question) -> tuple[Plant, float]:
    """Return the problem for the search, and more than any answer to it costs."""
    pairs = question.pairs
    cost = pairs.near.cost * np.repeat(question.weights, np.diff(pairs.near.indptr))
    fixed = question.fixed
    whole = bool(_is_whole(cost) and _is_whole(fixed))
    if whole:
        cost, fixed = np.round(cost), np.round(fixed)
    dearest = np.zeros(pairs.demand)
    np.maximum.at(dearest, pairs.row, cost)
    ceiling = float(dearest.sum() + fixed.sum()) + 1.0
    near = pairs.costing(cost)
    choice = question.choice._replace(fixed=fixed)
    missing = np.full(pairs.demand, ceiling)
    return Plant(near, transposed(near, pairs.sites), choice, missing, whole), ceiling


def _is_whole(values: FloatArray) -> bool:
    """Say whether all values are whole numbers, but for rounding."""
    return bool((np.abs(values - np.round(values)) <= _WHOLE * np.maximum(1.0, np.abs(values))).all())


def start_of(question: Question, run: Run) -> tuple[IntArray | None, Impossible | None]:
    """Find sites that reach everybody, or say why there are none; two Nones when time was up."""
    pairs = question.pairs
    if len(pairs.unreachable):
        names = pairs.named(pairs.unreachable)
        return None, Impossible(f"no site reaches {names}", tuple(pairs.unreachable.tolist()), {})
    if not pairs.complete:
        taken, left, bound = fewest_left(pairs, question.choice, run)
        if bound >= 1:
            smallest = fewest_sites(pairs, question.kept, run)
            message = f"{question.most} sites cannot reach everybody; the best leave out {pairs.named(left)}"
            need = {} if smallest is None else {"p": float(smallest)}
            return None, Impossible(message, tuple(left.tolist()), need)
        if len(left):
            return None, None
    else:
        taken = np.zeros(pairs.sites, dtype=np.int64)
        taken[question.kept] = 1
        free = np.flatnonzero(taken == 0)
        order = np.random.default_rng(run.options.seed).permutation(free)
        taken[order[: question.least - len(question.kept)]] = 1
    plant, _ = plant_of(question)
    interchange(plant.near, plant.by_site, plant.choice, taken, plant.missing)
    return taken, None


def _solved(question: Question, run: Run) -> Location:
    """Search for the answer and hand it over with its proof."""
    if question.capacity is not None:
        return _with_room(question, run)
    start, why = start_of(question, run)
    if start is None:
        return nothing(question, run, why)
    plant, ceiling = plant_of(question)
    answer = solve_plant(plant, Limits(run.deadline, run.options), ceiling=ceiling, starts=[start])
    return told(question, run, start if answer.taken is None else answer.taken, answer.bound)


def _with_room(question: Question, run: Run) -> Location:
    """Search where sites hold only so much."""
    assert question.demand is not None  # noqa: S101 - for the type checker
    assert question.capacity is not None  # noqa: S101 - for the type checker
    why = _too_full(question)
    if why is None and (len(question.pairs.unreachable) or not question.pairs.complete):
        start, why = start_of(replace(question, capacity=None), run)
        if start is None and why is None:
            return nothing(question, run, None)
    if why is not None:
        return nothing(question, run, why)
    plant, ceiling = plant_of(question)
    least = max(plant.choice.least, _sites_needed(question))
    whole = question.single and _is_whole(question.demand) and _is_whole(question.capacity)
    room = Room(question.demand, question.capacity, int(whole and question.capacity.max() <= _PLACES))
    choice = plant.choice._replace(least=least)
    plant = replace(plant, choice=choice, room=room, whole=plant.whole and question.single)
    servers = Servers(split=not question.single, options=run.options, deadline=run.deadline)
    answer = solve_plant(plant, Limits(run.deadline, run.options), ceiling=ceiling, leaf=servers)
    if answer.taken is None:
        message = "the sites within reach cannot hold everybody, whichever are open"
        impossible = Impossible(message, (), {}) if answer.bound >= ceiling else None
        return nothing(question, run, impossible)
    serving = answer.value - float(plant.choice.fixed @ answer.taken)
    outcome, (row, site) = servers.serve(plant, answer.taken, serving + _ROUNDING * max(1.0, abs(answer.value)))
    if outcome.values is None:
        return nothing(question, run, None)
    part = np.round(outcome.values) if question.single else np.where(outcome.values < _PART, 0.0, outcome.values)
    shape = (question.pairs.demand, question.pairs.sites)
    shares = sparse.csr_array((part[part > 0], (row[part > 0], site[part > 0])), shape=shape)
    return told(question, run, answer.taken, answer.bound, None, shares)


def _sites_needed(question: Question) -> int:
    """Return how many sites it takes at least to hold everybody; more than there are where all do not."""
    assert question.demand is not None  # noqa: S101 - for the type checker
    assert question.capacity is not None  # noqa: S101 - for the type checker
    kept = float(question.capacity[question.kept].sum())
    others = np.sort(np.delete(question.capacity, question.kept))[::-1]
    held = kept + np.concatenate([[0.0], np.cumsum(others)])
    enough = held >= question.demand.sum() * (1.0 - _WHOLE)
    return len(question.kept) + (int(np.argmax(enough)) if enough.any() else len(others) + 1)


def _too_full(question: Question) -> Impossible | None:
    """Say so where no choice of sites holds everybody, by their capacities alone."""
    assert question.demand is not None  # noqa: S101 - for the type checker
    assert question.capacity is not None  # noqa: S101 - for the type checker
    need = float(question.demand.sum())
    sites = _sites_needed(question)
    if question.single and question.demand.max(initial=0.0) > question.capacity.max(initial=0.0):
        whole = np.flatnonzero(question.demand > question.capacity.max(initial=0.0))
        message = f"no site holds {question.pairs.named(whole)} undivided"
        return Impossible(message, tuple(whole.tolist()), {"capacity": float(question.demand.max())})
    if sites <= question.most:
        return None
    if sites > question.pairs.sites:
        held = float(question.capacity.sum())
        message = f"all sites together hold {held:,.10g} of {need:,.10g}"
        return Impossible(message, (), {})
    message = f"{question.most} sites cannot hold {need:,.10g}; it takes {sites} of the largest"
    return Impossible(message, (), {"p": float(sites)})


def nothing(question: Question, run: Run, why: Impossible | None) -> Location:
    """Say that there is no answer, or that none was found in time."""
    bound = np.inf if why is not None else -np.inf
    return without_answer(question.model, question.pairs, run.proof(None, bound, PROGRAM, "cost"), why)


def told(
    question: Question,
    run: Run,
    taken: IntArray,
    bound: float,
    figures: dict[str, float] | None = None,
    shares: Csr[Any, tuple[int, int]] | None = None,
) -> Location:
    """Make the result of the sites taken; everybody goes to the nearest unless shares say otherwise."""
    pairs = question.pairs
    shares = wholly(pairs, nearest(pairs, taken)) if shares is None else shares
    serving = float(question.weights @ cost_of(pairs, shares))
    paid = float(question.fixed @ taken)
    value = serving + paid
    proof = run.proof(value, bound, LAGRANGEAN, "cost" if question.p is None else "weight × cost")
    parts = {"fixed": paid, "serving": serving} if question.p is None else {}
    location = answered(question.model, pairs, taken, shares, (proof, value), parts | (figures or {}))
    each = zip(question.weights, cost_of(pairs, location.shares), strict=True)
    counted = sum(float(weight) * cost for weight, cost in each) + sum(float(question.fixed[j]) for j in location.open)
    return checked(location, pairs, question.terms, counted)
