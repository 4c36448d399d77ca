"""What the textbook models are asked: costs by name or by number, checked, every problem at once.

Names decide. A labelled matrix (`pandas.DataFrame`, `siting.model.pairs.PairTable`) takes labelled vectors
(`pandas.Series`, a mapping) in any order and joins them by label; labels that are missing or unknown are named. A bare
vector beside a labelled matrix is refused, because nothing could tell that its order is another one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
from scipy import sparse

from siting.errors import DataError, Problem
from siting.model.pairs import PairTable
from siting.optimise.locate.kernels import Rows

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray, IntArray

Ids = tuple[Hashable, ...]
_NAMED = 5
"""So many ids are named in a message; the others are counted."""
_SAME = 1e-9


def inclusive(cost: FloatArray, radius: float) -> BoolArray:
    """Say which costs are at most a radius, but for rounding."""
    return np.asarray(cost <= radius + _SAME * max(1.0, abs(radius)))


def some(ids: Iterable[Hashable]) -> str:
    """Name a few ids and count the others."""
    listed = [str(one) for one in ids]
    rest = len(listed) - _NAMED
    return ", ".join(listed[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Costs of the pairs within reach.

    Attributes
    ----------
    near : Rows
        By demand, ascending in cost; equal costs by number of site.
    sites : int
    demand_ids, site_ids : tuple or None
        None where the matrix came without names.
    """

    near: Rows
    sites: int
    demand_ids: Ids | None
    site_ids: Ids | None

    @property
    def demand(self) -> int:
        """Number of demand points."""
        return len(self.near.indptr) - 1

    @property
    def row(self) -> IntArray:
        """Demand of each pair: int64[pair]."""
        return np.repeat(np.arange(self.demand), np.diff(self.near.indptr))

    @property
    def unreachable(self) -> IntArray:
        """Demand that no site reaches."""
        return np.flatnonzero(np.diff(self.near.indptr) == 0)

    @property
    def complete(self) -> bool:
        """Whether every site reaches every demand."""
        return len(self.near.other) == self.demand * self.sites

    def costing(self, cost: FloatArray) -> Rows:
        """Return the pairs at other costs, which must ascend within each row as well."""
        return self.near._replace(cost=cost)

    def within(self, radius: float) -> Pairs:
        """Return the pairs that cost at most `radius`; the limit is inclusive."""
        return self.only(inclusive(self.near.cost, radius))

    def only(self, stays: BoolArray) -> Pairs:
        """Return some of the pairs."""
        count = np.concatenate([[0], np.cumsum(stays)])
        near = Rows(count[self.near.indptr], self.near.other[stays], self.near.cost[stays])
        return Pairs(near, self.sites, self.demand_ids, self.site_ids)

    def named(self, demand: IntArray) -> str:
        """Name demand points: by id, or by row number from 0."""
        return some(demand.tolist() if self.demand_ids is None else (self.demand_ids[i] for i in demand))


@dataclass(slots=True)
class Inputs:
    """Reads the arguments of one question and collects what is wrong with them.

    Attributes
    ----------
    pairs : Pairs
    problems : list[Problem]
    """

    pairs: Pairs
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def of(cls, cost: Any, name: str = "cost") -> Inputs:  # noqa: ANN401 - any matrix; see `_parts`
        """Read the matrix.

        Parameters
        ----------
        cost : array (demand × sites), scipy sparse, DataFrame or PairTable
            In a dense array, `inf` is out of reach; in a DataFrame, also a missing value; in a sparse matrix, an absent
            pair (a stored nought is a cost of nought).
        name : str
            What the argument is called.

        Raises
        ------
        DataError
            When it is no matrix of numbers ≥ 0, or names something twice.
        """
        values, demand_ids, site_ids = _parts(cost, name)
        problems = [
            Problem(name, f"names the same {what} twice: {some(twice)}", "keep one of each")
            for what, ids in (("demand", demand_ids), ("site", site_ids))
            if ids is not None and (twice := _repeated(ids))
        ]
        csr = sparse.csr_array(values)
        if (negative := int((csr.data < 0).sum())) or np.isnan(csr.data).any():
            what = f"holds {negative} values below nought" if negative else "holds values that are no numbers"
            problems.append(Problem(name, what, "write costs ≥ 0, and inf (or no pair) for what is out of reach"))
        if 0 in csr.shape:
            problems.append(Problem(name, f"is empty: {csr.shape[0]} × {csr.shape[1]}", "give demand and sites"))
        if problems:
            raise DataError(problems)
        return cls(Pairs(_ascending(csr), csr.shape[1], demand_ids, site_ids))

    def by_demand(self, name: str, values: Any) -> FloatArray:  # noqa: ANN401 - see `_vector`
        """Read a number ≥ 0 for each demand: float64[demand]."""
        return self._vector(name, values, self.pairs.demand_ids, self.pairs.demand, "demand")

    def by_site(self, name: str, values: Any) -> FloatArray:  # noqa: ANN401 - see `_vector`
        """Read a number ≥ 0 for each site: float64[site]."""
        return self._vector(name, values, self.pairs.site_ids, self.pairs.sites, "site")

    def count(self, name: str, value: Any, least: int = 1, most: int | None = None) -> int:  # noqa: ANN401 - checked here
        """Read how many sites are wanted."""
        most = self.pairs.sites if most is None else most
        if not isinstance(value, int | np.integer) or isinstance(value, bool) or not least <= value <= most:
            mend = f"write a whole number from {least} to {most}"
            self.problems.append(Problem(name, f"is {value!r}, with {self.pairs.sites} sites", mend))
            return least
        return int(value)

    def number(self, name: str, value: Any, most: float = np.inf) -> float:  # noqa: ANN401 - checked here
        """Read a number ≥ 0."""
        if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 <= value <= most:
            upto = "" if most == np.inf else f" to {most:g}"
            self.problems.append(Problem(name, f"is {value!r}", f"write a number from 0{upto}"))
            return 0.0
        return float(value)

    def existing(self, predefined: Iterable[Any] | None, p: int | None = None) -> IntArray:
        """Read the sites that stay open, by id where the matrix has ids, else by number: int64[kept], ascending."""
        if predefined is None:
            return np.zeros(0, dtype=np.int64)
        listed = list(predefined)
        known = {one: j for j, one in enumerate(self.pairs.site_ids or range(self.pairs.sites))}
        unknown = [one for one in listed if isinstance(one, bool | np.bool_) or one not in known]
        if unknown:
            what = f"names sites that the matrix does not have: {some(unknown)}"
            kind = "numbers of columns, from 0" if self.pairs.site_ids is None else "names of columns"
            self.problems.append(Problem("predefined", what, f"write {kind}"))
        kept = np.unique(np.array([known[one] for one in listed if one not in unknown], dtype=np.int64))
        if p is not None and len(kept) > p:
            what = f"keeps {len(kept)} sites open, but only {p} are wanted"
            self.problems.append(Problem("predefined", what, "raise p, or keep fewer"))
        return kept

    def check(self) -> None:
        """Raise what was collected."""
        if self.problems:
            raise DataError(self.problems)

    def _vector(self, name: str, values: Any, ids: Ids | None, count: int, what: str) -> FloatArray:  # noqa: ANN401
        """Read a number ≥ 0 for each id: one for all, an array, or by label."""
        if isinstance(values, Mapping):
            values = pd.Series(dict(values))
        if isinstance(values, pd.Series):
            read = self._joined(name, values, ids, count, what)
        elif np.ndim(values) == 0:
            read = np.full(count, values, dtype=object)
        else:
            read = np.asarray(values)
            if ids is not None and not _counted(ids):
                mend = f"give a pandas Series with the ids of {what} as its index: order alone cannot be trusted"
                self.problems.append(Problem(name, "has no ids, but the matrix has", mend))
            if read.shape != (count,):
                of = "demand points (rows)" if what == "demand" else "sites (columns)"
                shape = " × ".join(map(str, read.shape))
                self.problems.append(Problem(name, f"has {shape} values for {count} {of}", "give one for each"))
                return np.zeros(count)
        return self._numbers(name, read, ids)

    def _joined(self, name: str, values: pd.Series[Any], ids: Ids | None, count: int, what: str) -> Any:  # noqa: ANN401
        """Put labelled values in the matrix's order."""
        wanted: Any = list(range(count)) if ids is None else list(ids)
        if ids is None and not _counted(tuple(values.index)):
            mend = f"give the matrix as a DataFrame with these ids, or the values as an array in the order of {what}"
            self.problems.append(Problem(name, "has ids, but the matrix has none", mend))
            return np.zeros(count)
        have = set(values.index)
        lists = {
            f"names the same {what} twice": _repeated(tuple(values.index)),
            f"lacks {what} ids of the matrix": [one for one in wanted if one not in have],
            f"has {what} ids that the matrix does not know": sorted(have - set(wanted), key=str),
        }
        wrong = {said: which for said, which in lists.items() if which}
        for said, which in wrong.items():
            self.problems.append(Problem(name, f"{said}: {some(which)}", f"give every {what} of the matrix once"))
        return np.zeros(count) if wrong else values.loc[wanted].to_numpy()

    def _numbers(self, name: str, read: Any, ids: Ids | None) -> FloatArray:  # noqa: ANN401 - an array of anything
        """Check that all are finite numbers ≥ 0."""
        try:
            numbers = np.asarray(read, dtype=np.float64)
        except (TypeError, ValueError):
            self.problems.append(Problem(name, "holds values that are no numbers", "write numbers ≥ 0"))
            return np.zeros(len(read))
        wrong = np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0)))
        if len(wrong):
            at = some(wrong.tolist() if ids is None else (ids[i] for i in wrong))
            self.problems.append(Problem(name, f"is no number ≥ 0 at {at}", "write a number ≥ 0"))
        return np.where(np.isfinite(numbers), numbers, 0.0)


def _parts(cost: Any, name: str) -> tuple[Any, Ids | None, Ids | None]:  # noqa: ANN401 - any matrix
    """Take a matrix apart: what is within reach as scipy sparse, ids of rows, ids of columns."""
    if isinstance(cost, PairTable):
        return cost.cost, cost.demand_ids, cost.site_ids
    if sparse.issparse(cost):
        given = cast("Any", cost)
        csr: Any = sparse.csr_array(given, copy=True)
        csr.sum_duplicates()
        if given.format in {"coo", "csr", "csc"} and csr.nnz != given.nnz:
            raise DataError([Problem(name, "names a pair twice", "keep one cost of each pair")])
        return _reachable(csr), None, None
    labels = (tuple(cost.index), tuple(cost.columns)) if isinstance(cost, pd.DataFrame) else (None, None)
    try:
        dense = np.asarray(cost, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError([Problem(name, f"is no matrix of numbers ({error})", "give numbers")]) from error
    if dense.ndim != 2:  # noqa: PLR2004 - rows and columns
        what = f"has {dense.ndim} dimensions"
        raise DataError([Problem(name, what, "give a matrix: demand in rows, sites in columns")])
    there = ~np.isposinf(dense) if labels[0] is None else ~(np.isposinf(dense) | np.isnan(dense))
    row, column = np.nonzero(there)
    return sparse.csr_array((dense[there], (row, column)), shape=dense.shape), *labels


def _reachable(csr: Any) -> Any:  # noqa: ANN401 - csr_array
    """Drop pairs that are stored as infinitely far."""
    coo = csr.tocoo()
    there = ~np.isposinf(coo.data.astype(np.float64))
    row, column = coo.coords
    return sparse.csr_array((coo.data[there].astype(np.float64), (row[there], column[there])), shape=csr.shape)


def _ascending(csr: Any) -> Rows:  # noqa: ANN401 - csr_array
    """Return the pairs of each row in ascending order of cost."""
    row = np.repeat(np.arange(csr.shape[0]), np.diff(csr.indptr))
    order = np.lexsort((csr.indices, csr.data, row))
    cost = csr.data.astype(np.float64)[order]
    return Rows(csr.indptr.astype(np.int64), csr.indices.astype(np.int64)[order], cost)


def _repeated(ids: Ids) -> list[Hashable]:
    """Return the ids that occur more than once."""
    index = pd.Index(ids)
    return list(index[index.duplicated()].unique())


def _counted(ids: Ids) -> bool:
    """Say whether ids are just the numbers from 0: then names and order are the same thing."""
    return all(one == i and isinstance(one, int | np.integer) for i, one in enumerate(ids))
