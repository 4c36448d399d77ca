"""A cost matrix with names: what demand and sites are called, and what serving one from the other costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scipy import sparse


@dataclass(frozen=True, slots=True, eq=False)
class PairTable:
    """Costs of pairs of demand and site.

    Attributes
    ----------
    cost : csr (demand × sites)
        Absent pairs are out of reach; a stored nought is a cost of nought.
    demand_ids, site_ids : tuple[str, ...]
        Names of rows and columns; what is joined to them is joined by these.
    """

    cost: sparse.csr_array[Any, tuple[int, int]]
    demand_ids: tuple[str, ...]
    site_ids: tuple[str, ...]
