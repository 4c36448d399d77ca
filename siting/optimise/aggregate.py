"""Beds of a site's options in one column: an exact reduction, for a site holds one option at most.

A home of 30 to 99 beds and one of 100 to 299 in the same square have columns of their own for every class of beds, and
rows of their own for how many they may have. Where their beds cost and count the same, only the sum over the options
matters: ``Σ_o least_o·open_o ≤ Σ_c beds_c ≤ Σ_o most_o·open_o`` says for the site what its options' rows say one by
one, in the relaxation too, because ranges add up. Whichever option is in force has the beds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from siting.optimise.program import kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.problem import Csr
    from siting.optimise.program import Program

_OWN = ("most", "least", "class")
"""First words of rows that say how many beds an option may have."""
_WHOLE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Aggregated:
    """A program in which options share columns of beds, and the way there and back.

    Attributes
    ----------
    program : Program
        Its policy rows tell of no divisors.
    into : int64[column of the original]
        Where a column went.
    option : int64[column of the original]
        The option that a bed column belongs to, −1 for all other columns.
    """

    program: Program
    into: IntArray
    option: IntArray

    def folded(self, point: FloatArray) -> FloatArray:
        """Return a point of the original as one of the aggregated program."""
        beds = np.bincount(self.into, np.where(self.option >= 0, point, 0.0), len(self.program.names))
        beds[self.into[self.option < 0]] = point[self.option < 0]
        return np.asarray(beds)

    def unfolded(self, point: FloatArray) -> FloatArray:
        """Return a point with options at nought and one as one of the original: beds go to the option in force."""
        values = point[self.into]
        return np.where((self.option >= 0) & (values[self.option] < _WHOLE), 0.0, values)


def aggregated(program: Program) -> Aggregated:
    """Give the options of a site one column for each class of beds, wherever that changes nothing.

    Left as they are: sites whose options' beds differ in cost, in what clauses count of them, or in their classes, and
    sites some of whose beds are bounded by more than their option's rows.
    """
    places = _places(program)
    merged, different = _merged(program, places)
    if different.any():
        again = np.isin(places.alike, places.alike[different])
        merged, _ = _merged(program, replace(places, alike=np.where(again, -1, places.alike)))
    return merged


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """What belongs to whom.

    `alike` int64[column] is a number that options of one site with the same classes of beds have in common, and their
    beds, `option` int64[column] the option of a column of beds, `owner` int64[row] the option of whose beds a row tells
    how many they may be; −1 for others.
    """

    alike: IntArray
    option: IntArray
    owner: IntArray


def _places(program: Program) -> _Places:
    """Find out what belongs to whom; beds that nobody may have belong to nobody."""
    sorts, row_sorts = kinds(program.names), kinds(program.row_names)
    number = {program.names[column]: column for column in np.flatnonzero(sorts == "open").tolist()}
    beds = (sorts == "extra") & (program.upper > 0)
    limits = np.isin(row_sorts, _OWN) & (abs(program.matrix) @ beds > 0)
    option, owner = (
        _owners(number, names, which) for names, which in ((program.names, beds), (program.row_names, limits))
    )
    rows = np.flatnonzero((row_sorts == "site") & (program.row_upper == 1))
    entries = sparse.coo_array(program.matrix[rows])
    site = np.full(len(program.names), -1, dtype=np.int64)
    site[entries.coords[1]] = rows[entries.coords[0]]
    return _Places(_alike(program, site, option), option, owner)


def _owners(number: dict[str, int], names: Sequence[str], which: BoolArray) -> IntArray:
    """Return the options that some columns or rows are named after, −1 for all others: int64[name]."""
    owner = np.full(len(names), -1, dtype=np.int64)
    for one in np.flatnonzero(which).tolist():
        owner[one] = number.get("_".join(["open", *names[one].split("_")[1:3]]), -1)
    return owner


def _alike(program: Program, site: IntArray, option: IntArray) -> IntArray:
    """Return a number for each site and set of classes that options have beds of; −1 for other columns."""
    classes: dict[int, list[str]] = {}
    beds = np.flatnonzero((option >= 0) & (site[option] >= 0))
    for column in beds.tolist():
        classes.setdefault(int(option[column]), []).append(_class_of(program.names[column]))
    of_option = dict(zip(classes, _numbers((site[o], *sorted(names)) for o, names in classes.items()), strict=True))
    alike = np.full(len(option), -1, dtype=np.int64)
    alike[list(of_option)] = list(of_option.values())
    alike[beds] = alike[option[beds]]
    return alike


def _class_of(name: str) -> str:
    return name.split("_")[3]


def _merged(program: Program, places: _Places) -> tuple[Aggregated, BoolArray]:
    """Make columns and rows of the same number one; return which beds do not suit those they became one with."""
    beds = (places.option >= 0) & (places.alike >= 0)
    into, row_into = _joined(program, places, beds)
    first, row_first = (np.unique(numbers, return_index=True)[1] for numbers in (into, row_into))
    entries = sparse.coo_array(program.matrix)
    row, column = entries.coords
    place, chosen, entry = np.unique(row_into[row] * len(first) + into[column], return_index=True, return_inverse=True)
    there = np.divmod(place, len(first))
    upper = np.zeros(len(first))
    np.maximum.at(upper, into, program.upper)
    matrix: Csr[Any, tuple[int, int]] = sparse.csr_array(
        (entries.data[chosen], there), shape=(len(row_first), len(first))
    )
    smaller = replace(
        program,
        names=tuple(program.names[column] for column in first.tolist()),
        cost=program.cost[first],
        lower=program.lower[first],
        upper=upper,
        integer=program.integer[first],
        matrix=matrix,
        row_names=tuple(program.row_names[row] for row in row_first.tolist()),
        row_lower=program.row_lower[row_first],
        row_upper=program.row_upper[row_first],
        policy=tuple(replace(row, row=int(row_into[row.row]), divisor=()) for row in program.policy),
    )
    different = (program.cost != smaller.cost[into]) | (program.integer != smaller.integer[into])
    different |= (program.lower != 0) | _bounded_apart(program, places, upper[into])
    different[column[entries.data != entries.data[chosen][entry]]] = True
    least = kinds(program.row_names) == "least"  # an option with no least number of beds has no such row
    counted = np.bincount(there[1][~least[row_first][there[0]]], minlength=len(first))
    different |= np.bincount(column[~least[row]], minlength=len(into)) != counted[into]
    return Aggregated(smaller, into, np.where(beds, places.option, -1)), different & beds


def _joined(program: Program, places: _Places, beds: BoolArray) -> tuple[IntArray, IntArray]:
    """Return numbers of columns and rows, the same for those that become one: int64[column], int64[row]."""
    columns: list[object] = list(program.names)
    for column in np.flatnonzero(beds).tolist():
        columns[column] = (places.alike[column], _class_of(program.names[column]))
    rows: list[object] = list(program.row_names)
    owned = np.flatnonzero(places.owner >= 0)
    for row in owned[places.alike[places.owner[owned]] >= 0].tolist():
        kind, _, _, *bed_class = program.row_names[row].split("_")
        rows[row] = (kind, places.alike[places.owner[row]], *bed_class)
    return _numbers(columns), _numbers(rows)


def _numbers(keys: Iterable[object]) -> IntArray:
    """Return a number for each key, equal ones alike, in the order in which they first come."""
    known: dict[object, int] = {}
    return np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.int64)


def _bounded_apart(program: Program, places: _Places, shared: FloatArray) -> BoolArray:
    """Return beds whose number something else bounds than their option's rows or the bound they share: bool[column]."""
    entries = sparse.coo_array(program.matrix)
    row, column = entries.coords
    own = places.owner[row] >= 0
    row, column, value = row[own], column[own], entries.data[own]
    mine = places.owner[row] == np.where(places.option[column] >= 0, places.option[column], column)
    odd = np.zeros(len(program.row_names), dtype=np.bool_)
    odd[row[~mine]] = True
    odd |= (places.owner >= 0) & ((program.row_upper != 0) | np.isfinite(program.row_lower))
    room = np.zeros(len(program.row_names))  # beds that the row leaves to its option
    is_option = places.option[column] < 0
    room[row[is_option]] = -value[is_option]
    most = np.full(len(program.names), np.inf)
    np.minimum.at(most, column[value == 1], room[row[value == 1]])
    apart = (program.upper < most) & (program.upper < shared) & (program.upper[places.option] > 0)
    apart |= np.isinf(most)  # beds that no row ties to their option
    apart[column[odd[row]]] = True
    return np.asarray(apart)
