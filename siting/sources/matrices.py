"""Cost matrices with names, and what belongs to their rows and columns: .csv, .xlsx and .npz.

A matrix comes in one of three forms:

* wide: a table whose first column holds the ids of demand, whose other column names are the ids of sites, and whose
  cells are costs; an empty cell is out of reach;
* long: a table with the columns ``demand``, ``site`` and ``cost``, a row for each pair within reach;
* .npz, as `scipy.sparse.save_npz` or `numpy.savez` write them: a sparse matrix or an array ``cost``, with the ids in
  the arrays ``demand_ids`` and ``site_ids``.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from siting.errors import DataError, Problem
from siting.model.pairs import PairTable
from siting.sources.fields import PlacesTable
from siting.sources.manifest import Intake
from siting.sources.tables import read_table

if TYPE_CHECKING:
    from siting.sources.tables import Table

LONG = ("demand", "site", "cost")
_TOLD = 20
_SPARSE = ("indptr", "indices", "data", "shape")


def read_pairs(path: Path) -> PairTable:
    """Read a cost matrix.

    Raises
    ------
    DataError
        With every problem found: a file that is missing or of no known form, ids that are missing or repeated, cells
        that are no numbers ≥ 0 (with their line), pairs that occur twice.
    """
    if path.suffix.lower() == ".npz":
        return _from_arrays(path)
    table = _table(path)
    named = [name.strip().lower() for name in table.columns]
    return _from_long(table, named) if set(LONG) <= set(named) else _from_wide(table)


def read_columns(path: Path) -> dict[str, dict[str, str]]:
    """Read a table whose first column holds ids: text by column and id.

    Raises
    ------
    DataError
        When it cannot be read, or an id is missing or occurs twice.
    """
    table = _table(path)
    problems: list[Problem] = []
    ids = _ids(table, [row[0] for row in table.cells], problems)
    if problems:
        raise DataError(problems)
    return {name: dict(zip(ids, table.column(name), strict=True)) for name in table.columns[1:] if name}


def _table(path: Path) -> Table:
    """Read any table that places may come in."""
    _must_be_there(path)
    options = PlacesTable(file=str(path))
    return read_table(options, "costs", Intake(base=Path()))


def _must_be_there(path: Path) -> None:
    """Refuse a path that leads to no file."""
    if not path.is_file():
        what = "is a folder, not a file" if path.is_dir() else "there is no such file"
        raise DataError([Problem(str(path), what, "write the path of a .csv, .xlsx or .npz")])


def _ids(table: Table, written: list[str], problems: list[Problem]) -> list[str]:
    """Check that ids are there and different."""
    seen: dict[str, str] = {}
    for one, where in zip(written, table.where, strict=True):
        if not one:
            problems.append(Problem(where, "has no id in its first column", "write the id"))
        elif one in seen:
            problems.append(Problem(where, f"repeats the id {one!r} of {seen[one]}", "keep one of them"))
        seen.setdefault(one, where)
    return written


def _number(text: str, where: str, problems: list[Problem]) -> float:
    """Read a cost; infinite where the cell says so."""
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not value >= 0:
        if len(problems) < _TOLD:
            problems.append(Problem(where, f"{text!r} is no cost ≥ 0", "write a number, or nothing where out of reach"))
        return np.inf
    return value


def _from_wide(table: Table) -> PairTable:
    """Read a matrix that is written as one."""
    problems: list[Problem] = []
    demand = _ids(table, [row[0] for row in table.cells], problems)
    sites = list(table.columns[1:])
    if not sites or not all(sites):
        what = "has no columns of sites" if not sites else "has a column without a name"
        mend = f"write the ids of sites into the header, or a table with the columns {', '.join(LONG)}"
        problems.append(Problem(table.head, what, mend))
    row, column, cost = [], [], []
    for i, (cells, where) in enumerate(zip(table.cells, table.where, strict=True)):
        for j, text in enumerate(cells[1:]):
            if text:
                row.append(i)
                column.append(j)
                cost.append(_number(text, f"{where} {sites[j]}", problems))
    if problems:
        raise DataError(problems)
    return _pairs(np.array(row), np.array(column), np.array(cost), (tuple(demand), tuple(sites)))


def _from_long(table: Table, named: list[str]) -> PairTable:
    """Read a matrix that is written pair by pair; ids are numbered as they come."""
    problems: list[Problem] = []
    at = [named.index(name) for name in LONG]
    demand: dict[str, int] = {}
    sites: dict[str, int] = {}
    pairs: dict[tuple[int, int], float] = {}
    for cells, where in zip(table.cells, table.where, strict=True):
        from_id, to_id, text = (cells[k] for k in at)
        if not from_id or not to_id:
            problems.append(Problem(where, "names no demand or no site", "write both ids"))
            continue
        pair = demand.setdefault(from_id, len(demand)), sites.setdefault(to_id, len(sites))
        if pair in pairs:
            problems.append(Problem(where, f"repeats the pair {from_id!r}, {to_id!r}", "keep one cost of each pair"))
        pairs[pair] = _number(text, where, problems) if text else np.inf
    if problems:
        raise DataError(problems)
    row, column = np.array(list(pairs), dtype=np.int64).reshape(-1, 2).T
    return _pairs(row, column, np.array(list(pairs.values())), (tuple(demand), tuple(sites)))


def _pairs(row: Any, column: Any, cost: Any, ids: tuple[tuple[str, ...], tuple[str, ...]]) -> PairTable:  # noqa: ANN401
    """Make the matrix of pairs within reach."""
    there = np.isfinite(cost.astype(np.float64))
    shape = (len(ids[0]), len(ids[1]))
    matrix: Any = sparse.csr_array((cost[there].astype(np.float64), (row[there], column[there])), shape=shape)
    return PairTable(matrix, *ids)


def _from_arrays(path: Path) -> PairTable:
    """Read a matrix from arrays by name."""
    _must_be_there(path)
    try:
        with np.load(path, allow_pickle=False) as held:
            arrays = {name: held[name] for name in held.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise DataError([Problem(str(path), f"is no .npz that can be read ({error})", "save it again")]) from error
    if "cost" in arrays and arrays["cost"].ndim == 2:  # noqa: PLR2004 - rows and columns
        dense = arrays["cost"].astype(np.float64)
        row, column = np.nonzero(~np.isnan(dense))
        matrix = dense.shape, row, column, dense[row, column]
    elif set(_SPARSE) <= set(arrays):
        matrix = _unpacked(path, arrays)
    else:
        what = f"holds {', '.join(sorted(arrays)) or 'nothing'}, and no matrix"
        raise DataError([Problem(str(path), what, "save a sparse matrix (indptr, indices, data, shape), or cost")])
    shape, row, column, cost = matrix
    ids = tuple(_names(path, arrays, name, shape[k]) for k, name in enumerate(("demand_ids", "site_ids")))
    wrong = int((~(cost >= 0)).sum())
    if wrong:
        raise DataError([Problem(str(path), f"holds {wrong} costs that are no numbers ≥ 0", "write costs ≥ 0")])
    return _pairs(row, column, cost, (ids[0], ids[1]))


def _unpacked(path: Path, arrays: dict[str, Any]) -> tuple[Any, Any, Any, Any]:
    """Take compressed rows (or columns, as `format` says) apart: shape, row, column and cost."""
    shape: Any = tuple(int(size) for size in arrays["shape"])
    kind = arrays["format"].item() if "format" in arrays else b"csr"
    made = sparse.csc_array if kind in {b"csc", "csc"} else sparse.csr_array
    try:
        matrix = made(tuple(arrays[name] for name in ("data", "indices", "indptr")), shape=shape)
        matrix.check_format(full_check=True)
    except (ValueError, IndexError, TypeError) as error:
        raise DataError([Problem(str(path), f"is no sparse matrix ({error})", "save it again")]) from error
    if _repeats(matrix):
        raise DataError([Problem(str(path), "names a pair twice", "keep one cost of each pair")])
    coo: Any = matrix.tocoo()
    row, column = coo.coords
    return shape, row, column, coo.data.astype(np.float64)


def _repeats(matrix: Any) -> bool:  # noqa: ANN401 - a compressed matrix
    """Say whether a pair is stored twice."""
    summed = matrix.copy()
    summed.sum_duplicates()
    return bool(summed.nnz != matrix.nnz)


def _names(path: Path, arrays: dict[str, Any], name: str, count: int) -> tuple[str, ...]:
    """Return the ids of rows or columns; numbers from 0 where the file has none."""
    if name not in arrays:
        return tuple(str(number) for number in range(count))
    ids = tuple(str(one) for one in arrays[name].tolist())
    if len(ids) != count or len(set(ids)) != count:
        what = f"{name} holds {len(ids)} ids, {len(set(ids))} of them different, for {count}"
        raise DataError([Problem(str(path), what, "give one id each")])
    return ids
