"""What a textbook model answers, and what is proven about it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from siting.optimise.certify import certificate
from siting.optimise.found import Found
from siting.optimise.options import SolverOptions

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from siting.model.arrays import IntArray
    from siting.model.plan import Certificate
    from siting.model.problem import Csr
    from siting.optimise.locate.inputs import Ids, Pairs

LAGRANGEAN = "Lagrangean branch-and-bound"
PROGRAM = "branch-and-bound"


@dataclass(frozen=True, slots=True)
class Impossible:
    """Why there is no answer, and what would do.

    Attributes
    ----------
    message : str
        A sentence with the ids concerned.
    demand : tuple[int, ...]
        Rows of the demand that cannot be served, or is left over by an answer that leaves out the least.
    smallest : Mapping[str, float]
        By name of the argument (``radius``, ``p``, ``capacity``; ``share`` is the largest), what would make it
        possible, the rest being as it is; without an entry where no value does.
    """

    message: str
    demand: tuple[int, ...]
    smallest: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Location:
    """Which sites are open, who goes where, what it comes to and what is proven.

    Attributes
    ----------
    model : str
    open : int64[open]
        Column numbers, ascending; empty when there is no answer.
    assignment : int64[demand]
        Column of the site that serves (the largest part of) each demand; −1 where none does, or without an answer.
    shares : csr (demand × sites)
        Which part of each demand each site serves; rows add up to 1, or to nought where nobody serves.
    objective : float or None
        Recounted from the answer, not the solver's word.
    certificate : Certificate
        Its status is never ``optimal`` for a search that was stopped before its proof.
    demand_ids, site_ids : tuple or None
        Names of rows and columns, where the matrix had them.
    why : Impossible or None
        Only where the certificate says ``infeasible``.
    figures : Mapping[str, float]
        What else a model counts: ``covered``, ``share``, ``backed_up``, ``cost`` …
    """

    model: str
    open: IntArray
    assignment: IntArray
    shares: Csr[Any, tuple[int, int]]
    objective: float | None
    certificate: Certificate
    demand_ids: Ids | None
    site_ids: Ids | None
    why: Impossible | None = None
    figures: Mapping[str, float] = field(default_factory=dict)

    @property
    def open_ids(self) -> tuple[Hashable, ...]:
        """Names of the open sites; their column numbers where the matrix had no names."""
        return tuple(j if self.site_ids is None else self.site_ids[j] for j in self.open.tolist())

    @property
    def assignment_ids(self) -> tuple[Hashable | None, ...]:
        """Name of the site that serves each demand; None where none does."""
        names: Ids = self.site_ids or tuple(range(self.shares.shape[1]))
        return tuple(None if j < 0 else names[j] for j in self.assignment.tolist())


@dataclass(frozen=True, slots=True)
class Run:
    """How long a question may take, and when it was asked."""

    options: SolverOptions
    began: float

    @classmethod
    def start(cls, options: SolverOptions | None) -> Run:
        """Begin; unless told otherwise, the search goes on until the optimum is proven or the default time is up."""
        return cls(options or SolverOptions(gap=0.0), time.monotonic())

    @property
    def deadline(self) -> float:
        """When to stop, by the monotonic clock."""
        return self.began + self.options.time_limit_s

    @property
    def left(self) -> float:
        """Seconds until then."""
        return max(self.deadline - time.monotonic(), 0.0)

    def proof(self, value: float | None, bound: float, how: str, unit: str, *, more: bool = False) -> Certificate:
        """Say what is proven of a value; `bound` is on what is minimised (on −value where more is better)."""
        verdict = "infeasible" if value is None and bound == np.inf else "plan" if value is not None else "nothing"
        found = Found(verdict, None, bound, how)
        signed = certificate(found, value, self.options, self.began, (unit, more, 0.0))
        return replace(signed, solver="siting") if how == LAGRANGEAN else signed


def without_answer(model: str, pairs: Pairs, certificate: Certificate, why: Impossible | None = None) -> Location:
    """Return the result that holds no answer."""
    nobody = sparse.csr_array((pairs.demand, pairs.sites))
    none = np.full(pairs.demand, -1, dtype=np.int64)
    nowhere = np.zeros(0, dtype=np.int64)
    return Location(model, nowhere, none, nobody, None, certificate, pairs.demand_ids, pairs.site_ids, why)
