"""Districts put together into a few contiguous circles of like numbers of persons, with a proof of how like they are.

Minimise the largest deviation ``max_c |Σ_i persons_i · in_c_i − mean|`` over partitions into a given number of circles.
Contiguity is a flow in every circle from its root, the district of lowest number, along common borders: one unit ends
in each district of the circle (T. Shirabe, *A model of contiguity for spatial unit allocation*, Geographical Analysis
37, 2005). Roots ascend, so that no partition is counted twice under other names.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siting.optimise.certify import certificate
from siting.optimise.found import Found
from siting.optimise.program import Assembly
from siting.optimise.solver import solve_mip

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.plan import Certificate
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import Program

_GAP = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """Districts in circles.

    Attributes
    ----------
    count : int
        Circles asked for.
    circle : int64[district] or None
        Number of each district's circle, from nought; None where no such partition exists, or none was found in time.
    certificate : Certificate
        Of the largest deviation from the mean, in persons.
    """

    count: int
    circle: IntArray | None
    certificate: Certificate


def partition(persons: FloatArray, beside: BoolArray, count: int, options: SolverOptions) -> Partition:
    """Put districts into circles.

    Parameters
    ----------
    persons : float64[district]
    beside : bool[district, district]
        Which districts share a border (`siting.model.neighbours.neighbours`).
    count : int
        Circles; at least one, at most as many as districts.
    options : SolverOptions
        Gap and time limit of the search.

    Raises
    ------
    ValueError
        When there are more circles than districts, or none.
    """
    if not 1 <= count <= len(persons):
        message = f"{count} circles of {len(persons)} districts"
        raise ValueError(message)
    began = time.monotonic()
    program, member = _posed(persons, beside, count)
    outcome = solve_mip(program, options, seconds=options.time_limit_s, gap=_GAP)
    verdict = {"infeasible": "infeasible", "unknown": "nothing"}.get(outcome.verdict, "plan")
    found = Found(verdict, outcome.values, outcome.bound, "branch-and-bound")
    if outcome.values is None:
        return Partition(count, None, certificate(found, None, options, began, ("persons", False, 0.0)))
    circle = np.argmax(outcome.values[member], axis=0)
    sums = np.bincount(circle, persons, minlength=count)
    deviation = float(np.abs(sums - persons.sum() / count).max())
    return Partition(count, circle, certificate(found, deviation, options, began, ("persons", False, 0.0)))


def _posed(persons: FloatArray, beside: BoolArray, count: int) -> tuple[Program, IntArray]:
    """Write the program; return it with the columns of membership: int64[circle, district]."""
    places, mean = len(persons), float(persons.sum()) / count
    assembly = Assembly()
    (worst,) = assembly.columns(["deviation"], np.array([persons.sum()]), integer=False)
    member = np.array([_binary(assembly, f"in_{c}", places) for c in range(count)])
    root = np.array([_binary(assembly, f"root_{c}", places) for c in range(count)])
    number = np.arange(places)
    once = [(number, member[c], 1.0) for c in range(count)]
    assembly.rows([f"once_{i}" for i in number], once, np.ones(places), np.ones(places))
    for c in range(count):
        _balanced(assembly, c, (member[c], int(worst)), persons, mean)
        _rooted(assembly, c, member[c], root[c])
        _connected(assembly, c, (member[c], root[c]), beside)
    nought, weight = number * 0, number.astype(np.float64)
    for c in range(count - 1):
        ranks = [(nought, root[c], weight), (nought, root[c + 1], -weight)]
        assembly.rows([f"ascend_{c}"], ranks, -np.inf, -1.0)
    cost = np.zeros(assembly.column_count)
    cost[worst] = 1.0
    return assembly.program(cost, []), member


def _binary(assembly: Assembly, name: str, count: int) -> IntArray:
    """Add columns of noughts and ones."""
    added: IntArray = assembly.columns([f"{name}_{i}" for i in range(count)], np.ones(count), integer=True)
    return added


def _balanced(assembly: Assembly, circle: int, columns: tuple[IntArray, int], persons: FloatArray, mean: float) -> None:
    """``|Σ persons · in − mean| ≤ deviation``."""
    member, worst = columns
    nought = np.zeros(len(persons), dtype=np.int64)
    for name, sign in (("over", 1.0), ("under", -1.0)):
        parts = [(nought, member, sign * persons), ([0], [worst], -1.0)]
        assembly.rows([f"{name}_{circle}"], parts, -np.inf, sign * mean)


def _rooted(assembly: Assembly, circle: int, member: IntArray, root: IntArray) -> None:
    """One root in each circle, a member of it, with no member before it."""
    count = len(member)
    number = np.arange(count)
    assembly.rows([f"one_root_{circle}"], [(number * 0, root, 1.0)], 1.0, 1.0)
    assembly.rows(
        [f"root_in_{circle}_{i}" for i in number], [(number, root, 1.0), (number, member, -1.0)], -np.inf, 0.0
    )
    later, before = np.tril_indices(count, -1)
    if len(later):
        row = np.arange(len(later))
        names = [f"first_{circle}_{i}_{j}" for i, j in zip(later, before, strict=True)]
        assembly.rows(names, [(row, root[later], 1.0), (row, member[before], 1.0)], -np.inf, 1.0)


def _connected(assembly: Assembly, circle: int, columns: tuple[IntArray, IntArray], beside: BoolArray) -> None:
    """One unit of flow ends in each member but the root, along borders of which both sides are members."""
    member, root = columns
    count = len(member)
    here, there = np.nonzero(beside & ~np.eye(count, dtype=np.bool_))
    if count == 1 or not len(here):
        number = np.arange(count)
        alone = [(number, member, 1.0), (number, root, -1.0)]
        assembly.rows([f"alone_{circle}_{i}" for i in number], alone, -np.inf, 0.0)
        return
    most = float(count - 1)
    names = [f"flow_{circle}_{i}_{j}" for i, j in zip(here, there, strict=True)]
    flow = assembly.columns(names, np.full(len(here), most), integer=False)
    row, number = np.arange(len(here)), np.arange(count)
    assembly.rows([f"{name}_from" for name in names], [(row, flow, 1.0), (row, member[here], -most)], -np.inf, 0.0)
    assembly.rows([f"{name}_to" for name in names], [(row, flow, 1.0), (row, member[there], -most)], -np.inf, 0.0)
    ends = [(there, flow, 1.0), (here, flow, -1.0), (number, member, -1.0), (number, root, float(count))]
    assembly.rows([f"ends_{circle}_{i}" for i in number], ends, 0.0, np.inf)
