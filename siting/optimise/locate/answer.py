"""From open sites to a checked result: who goes where, what it comes to, and a second count by other code.

`checked` recounts every answer from the question's raw pairs, sharing nothing with the searches: each served demand is
served over a pair that exists, by a site that is open; parts add up; capacities hold; existing sites are open; the
count is right; and the objective is what the answer comes to. An answer that fails is not handed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from siting.errors import SolverError
from siting.optimise.locate.result import Location

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.model.arrays import FloatArray, IntArray
    from siting.model.plan import Certificate
    from siting.model.problem import Csr
    from siting.optimise.locate.inputs import Pairs

_CLOSE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What an answer must keep to, beside the pairs.

    Attributes
    ----------
    kept : int64[kept]
        Sites that must be open.
    p : int or None
        How many must be open.
    everybody : bool
        Whether all demand must be served.
    demand, capacity : float64[demand], float64[site] or None
        What each demand takes up and each site holds.
    single : bool
        Whether a demand may not be split.
    """

    kept: IntArray
    p: int | None = None
    everybody: bool = True
    demand: FloatArray | None = None
    capacity: FloatArray | None = None
    single: bool = True


def nearest(pairs: Pairs, taken: IntArray) -> IntArray:
    """Return the open site that serves each demand at least cost, −1 where none reaches it: int64[demand].

    Of sites that cost the same the one with the smallest number serves.
    """
    is_open = taken[pairs.near.other] == 1
    server = np.full(pairs.demand, -1, dtype=np.int64)
    row, site = pairs.row[is_open][::-1], pairs.near.other[is_open][::-1]
    server[row] = site  # written from the dearest to the cheapest, so that the cheapest stays
    return server


def wholly(pairs: Pairs, server: IntArray) -> Csr[Any, tuple[int, int]]:
    """Return the shares of an assignment in which nobody is split: csr (demand × sites)."""
    row = np.flatnonzero(server >= 0)
    return sparse.csr_array((np.ones(len(row)), (row, server[row])), shape=(pairs.demand, pairs.sites))


def cost_of(pairs: Pairs, shares: Csr[Any, tuple[int, int]]) -> FloatArray:
    """Return what serving each demand costs, each part at its pair's cost: float64[demand]; NaN over a missing pair."""
    row, site = sparse.coo_array(shares).coords
    part = sparse.coo_array(shares).data
    if not len(row):
        return np.zeros(pairs.demand, dtype=np.float64)
    known = pairs.row * pairs.sites + pairs.near.other
    order = np.argsort(known)
    wanted = row.astype(np.int64) * pairs.sites + site
    at = order[np.minimum(np.searchsorted(known, wanted, sorter=order), len(known) - 1)]
    each = np.where(known[at] == wanted, pairs.near.cost[at] * part, np.nan)
    return np.asarray(np.bincount(row, weights=each, minlength=pairs.demand), dtype=np.float64)


def answered(
    model: str,
    pairs: Pairs,
    taken: IntArray,
    shares: Csr[Any, tuple[int, int]],
    proof: tuple[Certificate, float],
    figures: Mapping[str, float],
) -> Location:
    """Make the result of sites taken (int64[site]) and shares; `proof` is the certificate and the objective."""
    served = np.asarray(shares.sum(axis=1)).ravel() > 0
    largest = np.asarray(shares.argmax(axis=1)).ravel() if shares.nnz else np.zeros(pairs.demand, dtype=np.int64)
    server = np.where(served, largest, -1).astype(np.int64)
    certificate, objective = proof
    is_open = np.flatnonzero(taken)
    return Location(
        model, is_open, server, shares, objective, certificate, pairs.demand_ids, pairs.site_ids, None, figures
    )


def checked(location: Location, pairs: Pairs, terms: Terms, counted: float) -> Location:
    """Return the result if it keeps to its terms and its objective is `counted` from the answer.

    Raises
    ------
    SolverError
        With everything that is wrong: then nothing is handed over.
    """
    parts = sparse.coo_array(location.shares)
    row, site = parts.coords
    whole = np.bincount(row, weights=parts.data, minlength=pairs.demand)
    served = np.abs(whole - 1.0) <= _CLOSE
    wrong = {
        "an existing site is closed": not set(terms.kept.tolist()) <= set(location.open.tolist()),
        "the number of open sites is another": terms.p is not None and len(location.open) != terms.p,
        "a closed site serves": not set(site.tolist()) <= set(location.open.tolist()),
        "somebody is served over a pair that is out of reach": bool(np.isnan(cost_of(pairs, location.shares)).any()),
        "somebody is served in part": not bool((served | (np.abs(whole) <= _CLOSE)).all()),
        "somebody is left out": terms.everybody and not bool(served.all()),
        "somebody is split": terms.single and len(row) != int(served.sum()),
        "a site is over its capacity": _overfull(terms, row, site, parts.data),
        "the objective is not what the answer comes to": location.objective is None
        or abs(counted - location.objective) > _CLOSE * max(1.0, abs(counted)),
    }
    if any(wrong.values()):
        said = "; ".join(what for what, is_so in wrong.items() if is_so)
        message = f"{location.model}: the answer does not hold what it says ({said}); please report this"
        raise SolverError(message)
    return location


def _overfull(terms: Terms, row: Any, site: Any, part: FloatArray) -> bool:  # noqa: ANN401 - of any width
    """Say whether more is served from some site than it holds."""
    if terms.capacity is None or terms.demand is None:
        return False
    load = np.bincount(site, weights=terms.demand[row] * part, minlength=len(terms.capacity))
    return bool((load > terms.capacity + _CLOSE * np.maximum(1.0, terms.capacity)).any())
