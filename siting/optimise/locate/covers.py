"""Who is within reach: set covering, with backup, maximal and partial covering.

Symbols: N_i = {j : c_ij ≤ R}, the sites that cover demand i; y_j = 1 when site j is open; z_i = 1 when i is covered.
Radii are inclusive. See docs/formulation.md, section 12.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
from scipy import sparse

from siting.model.pairs import PairTable
from siting.optimise.locate.answer import Terms, answered, checked, nearest, wholly
from siting.optimise.locate.covering import least_cover
from siting.optimise.locate.inputs import Inputs, Pairs
from siting.optimise.locate.kernels import FREE, OPEN, Choice
from siting.optimise.locate.reach import least_left
from siting.optimise.locate.result import LAGRANGEAN, PROGRAM, Impossible, Location, Run, without_answer
from siting.optimise.program import Assembly
from siting.optimise.search import search
from siting.optimise.solver import solve_mip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import Program

_SHORT = 1e-9
_SCALE = 1e6
"""Weights add up to at least this much in a program, so that the solver's tolerance is nobody."""


def lscp(
    cost: Any,  # noqa: ANN401 - any matrix; see Inputs.of
    radius: float,
    *,
    backup: bool = False,
    weights: Any = 1.0,  # noqa: ANN401 - see Inputs
    predefined: Iterable[Any] | None = None,
    options: SolverOptions | None = None,
) -> Location:
    """Open the fewest sites such that every demand has one within `radius`: location set covering.

    ``min Σ_j y_j,  Σ_{j ∈ N_i} y_j ≥ 1`` (Toregas, Swain, ReVelle and Bergman, Operations Research 19, 1971). With
    `backup` (LSCP-B: Hogan and ReVelle, Management Science 32, 1986), of all such choices the one in which most demand
    has a second site within `radius`: ``max Σ_i w_i b_i,  b_i ≤ Σ_{j ∈ N_i} y_j − 1,  Σ_j y_j = fewest``.

    Parameters
    ----------
    cost : array, scipy sparse, DataFrame or PairTable (demand × sites)
        ≥ 0; absent or infinite pairs are out of reach.
    radius : float
        In the unit of cost; inclusive.
    backup : bool
    weights : float, array[demand], Series or mapping
        What a demand with backup counts; labelled where the matrix is.
    predefined : iterable, optional
        Existing sites that stay open, by id (by column where there are no ids); they count.
    options : SolverOptions, optional
        Gap (0 unless given), time limit, threads, seed.

    Returns
    -------
    Location
        `objective` in sites; with backup, `figures["backed_up"]` is the weight that has a second site. Infeasible where
        no site is within the radius of some demand: `why` names it and the smallest radius.

    Raises
    ------
    DataError
        With everything that is wrong with the arguments.
    """
    run, inputs = Run.start(options), Inputs.of(cost)
    limit = inputs.number("radius", radius)
    weight = inputs.by_demand("weights", weights)
    kept = inputs.existing(predefined)
    inputs.check()
    pairs = inputs.pairs.within(limit)
    if len(pairs.unreachable):
        return _uncoverable("lscp", inputs.pairs, pairs, run)
    location = _cheapest("lscp", pairs, np.ones(pairs.sites), kept, run, "sites")
    return _backed_up(location, pairs, weight, kept, run) if backup and len(location.open) else location


def set_cover(
    cover: Any,  # noqa: ANN401 - any matrix; see `_covering`
    cost: Any = 1.0,  # noqa: ANN401 - see Inputs
    *,
    predefined: Iterable[Any] | None = None,
    options: SolverOptions | None = None,
) -> Location:
    """Open the cheapest sites that cover every demand: ``min Σ_j c_j y_j,  Σ_{j covers i} y_j ≥ 1``.

    Lagrangean bound and reduced-cost fixing (Beasley, European Journal of Operational Research 31, 1987), then
    branch-and-bound on what is left.

    Parameters
    ----------
    cover : array, scipy sparse or DataFrame of bool or numbers (demand × sites)
        Not nought where the site covers the demand. Of a PairTable, every pair.
    cost : float, array[site], Series or mapping
        ≥ 0.
    predefined, options
        As in `lscp`.

    Returns
    -------
    Location
        Each demand is assigned to the covering open site with the smallest number.

    Raises
    ------
    DataError
        With everything that is wrong with the arguments.
    """
    run, inputs = Run.start(options), _covering(cover)
    price = inputs.by_site("cost", cost)
    kept = inputs.existing(predefined)
    inputs.check()
    if len(inputs.pairs.unreachable):
        return _uncoverable("set_cover", None, inputs.pairs, run)
    return _cheapest("set_cover", inputs.pairs, price, kept, run, "cost")


def mclp(
    cost: Any,  # noqa: ANN401 - any matrix; see Inputs.of
    weights: Any,  # noqa: ANN401 - see Inputs
    radius: float,
    p: int,
    *,
    predefined: Iterable[Any] | None = None,
    options: SolverOptions | None = None,
) -> Location:
    """Open p sites so that most weight has one within `radius`: maximal covering.

    ``max Σ_i w_i z_i,  z_i ≤ Σ_{j ∈ N_i} y_j,  Σ_j y_j = p`` (Church and ReVelle, Papers of the Regional Science
    Association 32, 1974), solved as the least weight left out.

    Parameters
    ----------
    cost, radius, predefined, options
        As in `lscp`.
    weights : float, array[demand], Series or mapping
        ≥ 0; labelled where the matrix is.
    p : int

    Returns
    -------
    Location
        `objective` is the weight covered, `figures["share"]` its share of all. Whoever is not covered is assigned to
        nobody. There is always an answer.

    Raises
    ------
    DataError
        With everything that is wrong with the arguments.
    """
    run, inputs = Run.start(options), Inputs.of(cost)
    limit, number = inputs.number("radius", radius), inputs.count("p", p)
    weight = inputs.by_demand("weights", weights)
    kept = inputs.existing(predefined, number)
    inputs.check()
    pairs, total = inputs.pairs.within(limit), float(weight.sum())
    state = np.full(pairs.sites, FREE, dtype=np.int64)
    state[kept] = OPEN
    answer = least_left(pairs, weight, Choice(np.zeros(pairs.sites), state, number, number), run)
    if answer.taken is None:
        return without_answer("mclp", pairs, run.proof(None, -np.inf, LAGRANGEAN, "weight", more=True))
    server = nearest(pairs, answer.taken)
    covered = float(weight[server >= 0].sum())
    proof = run.proof(covered, answer.bound - total, LAGRANGEAN, "weight", more=True)
    figures = {"covered": covered, "share": covered / total if total else 1.0}
    location = answered("mclp", pairs, answer.taken, wholly(pairs, server), (proof, covered), figures)
    counted = float(sum(weight[i] for i in range(pairs.demand) if location.assignment[i] >= 0))
    return checked(location, pairs, Terms(kept, number, everybody=False), counted)


def partial_cover(
    cover: Any,  # noqa: ANN401 - any matrix; see `_covering`
    weights: Any,  # noqa: ANN401 - see Inputs
    cost: Any,  # noqa: ANN401 - see Inputs
    share: float,
    *,
    predefined: Iterable[Any] | None = None,
    options: SolverOptions | None = None,
) -> Location:
    """Open the cheapest sites that cover a share of all weight.

    ``min Σ_j c_j y_j,  z_i ≤ Σ_{j covers i} y_j,  Σ_i w_i z_i ≥ share · Σ_i w_i`` (Daskin and Owen, Geographical
    Analysis 31, 1999). Demand covered by the same sites is one group.

    Parameters
    ----------
    cover, predefined, options
        As in `set_cover`.
    weights : float, array[demand], Series or mapping
        ≥ 0; labelled where the matrix is.
    cost : float, array[site], Series or mapping
        ≥ 0.
    share : float
        From 0 to 1, of **all** weight, that of demand nobody covers included.

    Returns
    -------
    Location
        `figures["share"]` is what is covered. Infeasible where all sites together cover less: `why` names who is beyond
        reach and the largest share.

    Raises
    ------
    DataError
        With everything that is wrong with the arguments.
    """
    run, inputs = Run.start(options), _covering(cover)
    weight, price = inputs.by_demand("weights", weights), inputs.by_site("cost", cost)
    part = inputs.number("share", share, 1.0)
    kept = inputs.existing(predefined)
    inputs.check()
    pairs, total = inputs.pairs, float(weight.sum())
    reachable = float(weight.sum() - weight[pairs.unreachable].sum())
    if reachable < part * total * (1.0 - _SHORT):
        best = reachable / total
        message = f"all sites together cover {best:.6g} of the weight; out of reach: {pairs.named(pairs.unreachable)}"
        why = Impossible(message, tuple(pairs.unreachable.tolist()), {"share": best})
        return without_answer("partial_cover", pairs, run.proof(None, np.inf, PROGRAM, "cost"), why)
    program = _partial(pairs, weight, price, part * total, kept)
    options = run.options if run.options.gap else run.options.model_copy(update={"exact_below": 10**9})
    found = search(program, options, lambda _: None)
    point = found.values  # noqa: PD011 - no DataFrame
    if point is None:
        return without_answer("partial_cover", pairs, run.proof(None, -np.inf, found.how, "cost"))
    taken = np.round(point[: pairs.sites]).astype(np.int64)
    server, value = nearest(pairs, taken), float(price @ taken)
    covered = float(weight[server >= 0].sum())
    proof = run.proof(value, found.bound, found.how, "cost")
    figures = {"covered": covered, "share": covered / total if total else 1.0}
    location = answered("partial_cover", pairs, taken, wholly(pairs, server), (proof, value), figures)
    enough = covered >= part * total * (1.0 - _SHORT)
    counted = float(sum(price[j] for j in location.open)) if enough else np.inf
    return checked(location, pairs, Terms(kept, everybody=False), counted)


def _covering(cover: Any) -> Inputs:  # noqa: ANN401 - any matrix
    """Read who covers whom as pairs that cost nothing."""
    if isinstance(cover, PairTable):
        csr = cover.cost.copy()
        csr.data = np.zeros(csr.nnz)
        return Inputs.of(PairTable(csr, cover.demand_ids, cover.site_ids), "cover")
    if sparse.issparse(cover):
        csr = sparse.csr_array(cast("Any", cover)).astype(np.float64)
        csr.eliminate_zeros()
        csr.data = np.zeros(csr.nnz)
        return Inputs.of(csr, "cover")
    values = np.asarray(cover, dtype=np.float64)
    reach = np.where(np.nan_to_num(values) != 0, 0.0, np.inf)
    if isinstance(cover, pd.DataFrame):
        return Inputs.of(pd.DataFrame(reach, index=cover.index, columns=cover.columns), "cover")
    return Inputs.of(reach, "cover")


def _uncoverable(model: str, whole: Pairs | None, pairs: Pairs, run: Run) -> Location:
    """Say who has no site within reach, and what radius would do."""
    left, smallest = pairs.unreachable, {}
    message = f"no site covers {pairs.named(left)}"
    if whole is not None and not len(whole.unreachable):
        least = float(whole.near.cost[whole.near.indptr[:-1]].max())
        smallest["radius"] = least
        message += f"; the smallest radius that covers everybody is {least:.10g}"
    elif whole is not None:
        message += f"; no radius covers {whole.named(whole.unreachable)}"
    proof = run.proof(None, np.inf, PROGRAM, "sites" if model == "lscp" else "cost")
    return without_answer(model, pairs, proof, Impossible(message, tuple(left.tolist()), smallest))


def _cheapest(model: str, pairs: Pairs, price: FloatArray, kept: IntArray, run: Run, unit: str) -> Location:
    """Find the cheapest cover and make its result."""
    found = least_cover(pairs, price, kept, run)
    how = LAGRANGEAN
    if found.taken is None:
        return without_answer(model, pairs, run.proof(None, -np.inf, how, unit))
    value = float(price @ found.taken)
    proof = run.proof(value, found.bound, how, unit)
    location = answered(model, pairs, found.taken, wholly(pairs, nearest(pairs, found.taken)), (proof, value), {})
    return checked(location, pairs, Terms(kept), float(sum(price[j] for j in location.open)))


def _groups(pairs: Pairs, weight: FloatArray) -> tuple[Pairs, FloatArray]:
    """Put demand covered by the same sites together: the pairs of one of each group, and the group's weight."""
    keys: dict[bytes, int] = {}
    of = np.zeros(pairs.demand, dtype=np.int64)
    for i in range(pairs.demand):
        sites = np.sort(pairs.near.other[pairs.near.indptr[i] : pairs.near.indptr[i + 1]])
        of[i] = keys.setdefault(sites.tobytes(), len(keys))
    _, first = np.unique(of, return_index=True)
    stays = np.zeros(pairs.demand, dtype=np.bool_)
    stays[first] = True
    total = np.zeros(pairs.demand)
    total[first] = np.bincount(of, weights=weight)
    return pairs.only(stays[pairs.row]), total


def _opening(pairs: Pairs) -> tuple[Assembly, Any]:
    """Begin a program with a column for each site."""
    assembly = Assembly()
    return assembly, assembly.columns([f"open_{j}" for j in range(pairs.sites)], np.ones(pairs.sites), integer=True)


def _keeping(program: Program, kept: IntArray) -> Program:
    """Keep existing sites open; the columns of sites come first."""
    lower = program.lower.copy()
    lower[kept] = 1.0
    return program.bounded(lower, program.upper)


def _partial(pairs: Pairs, weight: FloatArray, price: FloatArray, need: float, kept: IntArray) -> Program:
    """Build the program of partial covering."""
    grouped, heavy = _groups(pairs, weight)
    row = grouped.row
    members, number = np.unique(row, return_inverse=True)
    assembly, is_open = _opening(pairs)
    covered = assembly.columns([f"cover_{i}" for i in members], np.ones(len(members)), integer=False)
    each = np.arange(len(members))
    assembly.rows(
        [f"covered_{i}" for i in members],
        [(number, is_open[grouped.near.other], 1.0), (each, covered, -1.0)],
        0.0,
        np.inf,
    )
    scale = max(1.0, _SCALE / max(float(weight.sum()), 1e-300))
    terms = (np.zeros(len(members), dtype=np.int64), covered, scale * heavy[members])
    assembly.rows(["share"], [terms], scale * need, np.inf)
    return _keeping(assembly.program(np.concatenate([price, np.zeros(len(members))]), []), kept)


def _backed_up(location: Location, pairs: Pairs, weight: FloatArray, kept: IntArray, run: Run) -> Location:
    """Of all choices with as few sites, take one in which most weight has a second site within reach."""
    assembly, is_open = _opening(pairs)
    twice = assembly.columns([f"backup_{i}" for i in range(pairs.demand)], np.ones(pairs.demand), integer=False)
    each = np.arange(pairs.demand)
    rows = [(pairs.row, is_open[pairs.near.other], 1.0), (each, twice, -1.0)]
    assembly.rows([f"covered_{i}" for i in each], rows, 1.0, np.inf)
    count = len(location.open)
    assembly.rows(["count"], [(np.zeros(pairs.sites, dtype=np.int64), is_open, 1.0)], count, count)
    scale = max(1.0, _SCALE / max(float(weight.sum()), 1e-300))
    program = _keeping(assembly.program(np.concatenate([np.zeros(pairs.sites), -scale * weight]), []), kept)
    outcome = solve_mip(program, run.options, seconds=run.left, gap=run.options.gap)
    taken = np.zeros(pairs.sites, dtype=np.int64)
    taken[location.open] = 1
    point = outcome.values  # noqa: PD011 - no DataFrame
    if point is not None:
        taken = np.round(point[: pairs.sites]).astype(np.int64)
    backed = float(weight[_reached_twice(pairs, taken)].sum())
    bound = max(backed, min(-outcome.bound / scale, float(weight.sum())))
    certificate = location.certificate
    if bound > backed + 1e-6 * max(1.0, bound) and certificate.status == "optimal":
        certificate = replace(certificate, status="gap", how=f"{certificate.how}; backup not proven to be the most")
    figures = {"backed_up": backed, "backed_up_bound": bound}
    shares = wholly(pairs, nearest(pairs, taken))
    best = answered("lscp", pairs, taken, shares, (certificate, float(taken.sum())), figures)
    return checked(best, pairs, Terms(kept, count), float(len(best.open)))


def _reached_twice(pairs: Pairs, taken: IntArray) -> BoolArray:
    """Say which demand has two open sites within reach: bool[demand]."""
    is_open = taken[pairs.near.other] == 1
    return np.asarray(np.bincount(pairs.row[is_open], minlength=pairs.demand) > 1)
