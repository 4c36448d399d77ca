"""The worst distance: p-center, which makes it small, and p-dispersion, which makes it large.

Both search the distinct distances by halving: whether p sites do for one of them is a covering or a packing question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from siting.errors import DataError, Problem
from siting.optimise.locate.answer import Terms, answered, checked, cost_of, nearest, wholly
from siting.optimise.locate.covering import least_cover
from siting.optimise.locate.inputs import Inputs
from siting.optimise.locate.kernels import FREE, OPEN, Choice
from siting.optimise.locate.reach import fewest_left, fewest_sites
from siting.optimise.locate.result import LAGRANGEAN, PROGRAM, Impossible, Location, Run, without_answer
from siting.optimise.program import Assembly
from siting.optimise.solver import solve_mip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.optimise.locate.inputs import Pairs
    from siting.optimise.options import SolverOptions


def p_center(
    cost: Any,  # noqa: ANN401 - any matrix; see Inputs.of
    p: int,
    *,
    predefined: Iterable[Any] | None = None,
    options: SolverOptions | None = None,
) -> Location:
    """Open p sites so that whoever is served worst is served as well as can be: ``min max_i min_{j open} c_ij``.

    A radius R is enough when p sites cover everybody within R; the smallest is found by halving the distinct costs
    (Minieka, SIAM Review 12, 1970; Elloumi, Labbé and Pochet, INFORMS Journal on Computing 16, 2004), each step a set
    covering with its own proof.

    Parameters
    ----------
    cost : array, scipy sparse, DataFrame or PairTable (demand × sites)
        ≥ 0; absent or infinite pairs are out of reach.
    p : int
    predefined : iterable, optional
        Existing sites that stay open, by id (by column where there are no ids); they count among the p.
    options : SolverOptions, optional

    Returns
    -------
    Location
        `objective` in the unit of cost; everybody is assigned to the nearest. Infeasible when p sites cannot reach
        everybody: `why` names who is left and the smallest p.

    Raises
    ------
    DataError
        With everything that is wrong with the arguments.
    """
    run, inputs = Run.start(options), Inputs.of(cost)
    number = inputs.count("p", p)
    kept = inputs.existing(predefined, number)
    inputs.check()
    pairs = inputs.pairs
    if len(pairs.unreachable):
        why = Impossible(f"no site reaches {pairs.named(pairs.unreachable)}", tuple(pairs.unreachable.tolist()), {})
        return without_answer("p_center", pairs, run.proof(None, np.inf, LAGRANGEAN, "cost"), why)
    taken, bound = _smallest_radius(pairs, number, kept, run)
    if taken is None:
        proof = run.proof(None, bound, LAGRANGEAN, "cost")
        return without_answer("p_center", pairs, proof, _too_few(pairs, number, kept, run) if bound == np.inf else None)
    taken = _filled(taken, number)
    shares = wholly(pairs, nearest(pairs, taken))
    value = float(cost_of(pairs, shares).max())
    proof = run.proof(value, min(bound, value), LAGRANGEAN, "cost")
    location = answered("p_center", pairs, taken, shares, (proof, value), {})
    return checked(location, pairs, Terms(kept, number), max(float(c) for c in cost_of(pairs, location.shares)))


def _smallest_radius(pairs: Pairs, p: int, kept: IntArray, run: Run) -> tuple[IntArray | None, float]:
    """Halve the distinct costs; return the sites of the best radius found, and a radius below which none is."""
    nearest_cost = pairs.near.cost[pairs.near.indptr[:-1]].max()
    radii = np.unique(pairs.near.cost[pairs.near.cost >= nearest_cost])
    ones, best, low, high = np.ones(pairs.sites), None, 0, len(radii)
    while low < high:
        middle = (low + high) // 2 if best is not None or pairs.complete else len(radii) - 1
        found = least_cover(pairs.within(radii[middle]), ones, kept, run, most=p)
        if found.taken is not None:
            best = found.taken
            reached = nearest(pairs, _filled(best, p))
            worst = cost_of(pairs, wholly(pairs, reached)).max()
            high = min(middle, int(np.searchsorted(radii, worst)))
        elif found.bound == np.inf:
            low = middle + 1
        else:
            return best, float(radii[low])
    if best is None:
        return None, np.inf
    return best, float(radii[high])


def _filled(taken: IntArray, p: int) -> IntArray:
    """Open further sites, those with the smallest numbers, until p are open."""
    filled = taken.copy()
    filled[np.flatnonzero(taken == 0)[: p - int(taken.sum())]] = 1
    return filled


def _too_few(pairs: Pairs, p: int, kept: IntArray, run: Run) -> Impossible:
    """Say who is left out, whatever the radius."""
    state = np.full(pairs.sites, FREE, dtype=np.int64)
    state[kept] = OPEN
    _, left, _ = fewest_left(pairs, Choice(np.zeros(pairs.sites), state, p, p), run)
    smallest = fewest_sites(pairs, kept, run)
    message = f"{p} sites cannot reach everybody; the best leave out {pairs.named(left)}"
    return Impossible(message, tuple(left.tolist()), {} if smallest is None else {"p": float(smallest)})


def p_dispersion(
    gaps: Any,  # noqa: ANN401 - any square matrix
    p: int,
    *,
    predefined: Iterable[Any] | None = None,
    options: SolverOptions | None = None,
) -> Location:
    """Open p sites so that the two nearest to each other are as far apart as can be: ``max min_{j ≠ k open} g_jk``.

    (Kuby, Geographical Analysis 19, 1987.) A gap D is possible when p sites can be chosen of which no two are nearer
    than D: a packing, whose rows say that of a clique of sites too near to one another at most one is open (Sayah and
    Irnich, European Journal of Operational Research 256, 2017, in spirit); the largest is found by halving.

    Parameters
    ----------
    gaps : array or DataFrame (sites × sites)
        ≥ 0, every pair; of two different values for a pair the smaller counts; the diagonal does not.
    p : int
        At least 2.
    predefined, options
        As in `p_center`.

    Returns
    -------
    Location
        `objective` in the unit of gaps; nobody is assigned to anybody.

    Raises
    ------
    DataError
        With everything that is wrong with the arguments.
    """
    run, inputs = Run.start(options), Inputs.of(_square(gaps), "gaps")
    number = inputs.count("p", p, 2)
    kept = inputs.existing(predefined, number)
    between = _between(inputs)
    inputs.check()
    upper = between[np.triu_indices(len(between), 1)]
    distances = np.unique(upper)
    if len(kept) > 1:
        distances = distances[distances <= between[np.ix_(kept, kept)].min()]
    taken, bound = _largest_gap(between, distances, number, kept, run)
    is_open = np.flatnonzero(taken)
    value = float(between[np.ix_(is_open, is_open)].min())
    proof = run.proof(value, -max(bound, value), PROGRAM, "cost", more=True)
    nobody = wholly(inputs.pairs, np.full(inputs.pairs.demand, -1))
    location = answered("p_dispersion", inputs.pairs, taken, nobody, (proof, value), {})
    counted = min(float(between[j, k]) for j in location.open for k in location.open if j < k)
    return checked(location, inputs.pairs, Terms(kept, number, everybody=False), counted)


def _square(gaps: Any) -> Any:  # noqa: ANN401 - any matrix
    """Put the columns of a labelled matrix into the order of its rows."""
    if not isinstance(gaps, pd.DataFrame):
        return gaps
    if set(gaps.index) != set(gaps.columns) or not gaps.index.is_unique or not gaps.columns.is_unique:
        what = "names other sites in its rows than in its columns"
        raise DataError([Problem("gaps", what, "give one row and one column for each site")])
    return gaps.loc[:, list(gaps.index)]


def _between(inputs: Inputs) -> FloatArray:
    """Return the gap of each pair, infinite from a site to itself; check that all are there."""
    pairs = inputs.pairs
    between = np.full((pairs.demand, pairs.sites), np.inf)
    between[pairs.row, pairs.near.other] = pairs.near.cost
    if pairs.demand != pairs.sites:
        what = f"is {pairs.demand} × {pairs.sites}"
        inputs.problems.append(Problem("gaps", what, "give a square matrix: sites in rows and columns"))
        return np.zeros((1, 1))
    between = np.minimum(between, between.T)
    np.fill_diagonal(between, 0.0)
    if missing := int(np.isinf(between).sum() // 2):
        inputs.problems.append(Problem("gaps", f"lacks {missing} pairs", "give the gap between any two sites"))
    np.fill_diagonal(between, np.inf)
    return np.asarray(between)


def _largest_gap(
    between: FloatArray, distances: FloatArray, p: int, kept: IntArray, run: Run
) -> tuple[IntArray, float]:
    """Halve the distinct gaps; return the sites of the best gap found and a gap that none exceeds."""
    best = _spread(between, p, kept)
    is_open = np.flatnonzero(best)
    low, high = int(np.searchsorted(distances, between[np.ix_(is_open, is_open)].min())), len(distances)
    while low + 1 < high:
        middle = (low + high) // 2
        verdict, taken = _apart(between < distances[middle], p, kept, run)
        if taken is not None:
            best, low = taken, middle
        elif verdict:
            high = middle
        else:
            break
    return best, float(distances[high - 1])


def _spread(between: FloatArray, p: int, kept: IntArray) -> IntArray:
    """Add the site farthest from those taken, over and over (Gonzalez, Theoretical Computer Science 38, 1985)."""
    apart = np.where(np.isinf(between), 0.0, between)
    chosen = kept.tolist() or list(np.unravel_index(int(apart.argmax()), apart.shape))
    while len(chosen) < p:
        nearest_taken = between[:, chosen].min(axis=1)
        nearest_taken[chosen] = -1.0
        chosen.append(int(nearest_taken.argmax()))
    taken = np.zeros(len(between), dtype=np.int64)
    taken[chosen] = 1
    return taken


def _apart(near: BoolArray, p: int, kept: IntArray, run: Run) -> tuple[bool, IntArray | None]:
    """Look for p sites of which no two are near; return whether it is proven that there are none, or the sites."""
    sites = len(near)
    assembly = Assembly()
    is_open = assembly.columns([f"open_{j}" for j in range(sites)], np.ones(sites), integer=True)
    cliques = _cliques(near)
    if cliques:
        number = np.repeat(np.arange(len(cliques)), [len(one) for one in cliques])
        names = [f"one_of_{k}" for k in range(len(cliques))]
        assembly.rows(names, [(number, is_open[np.concatenate(cliques)], 1.0)], -np.inf, 1.0)
    program = assembly.program(np.full(sites, -1.0), [])
    lower = program.lower.copy()
    lower[kept] = 1.0
    bounded = program.bounded(lower, program.upper)
    outcome = solve_mip(bounded, run.options, seconds=run.left, gap=0.0, target=-float(p))
    if outcome.verdict == "infeasible" or outcome.bound > -p + 1e-6:
        return True, None
    found = outcome.values  # noqa: PD011 - no DataFrame
    if found is None or np.round(found).sum() < p:
        return False, None
    taken = np.round(found).astype(np.int64)
    surplus = np.setdiff1d(np.flatnonzero(taken), kept)[::-1][: int(taken.sum()) - p]
    taken[surplus] = 0
    return False, taken


def _cliques(near: BoolArray) -> list[IntArray]:
    """Cover all pairs of sites that are near to each other by cliques, greedily."""
    left, cliques = np.triu(near, 1), []
    for j in range(len(near)):
        while left[j].any():
            members = [j, int(np.argmax(left[j]))]
            common = near[j] & near[members[1]]
            while common.any():
                gain = left[np.ix_(np.array(members), np.flatnonzero(common))].sum(axis=0)
                members.append(int(np.flatnonzero(common)[int(gain.argmax())]))
                common &= near[members[-1]]
            clique = np.array(sorted(members), dtype=np.int64)
            left[np.ix_(clique, clique)] = False
            cliques.append(clique)
    return cliques
