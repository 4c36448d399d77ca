"""Options of a site that share their beds' columns: the same optimum and bound as apart, and only where that is so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from test_covering import OPTIONS, satisfies
from test_mixed import mixed

from siting.optimise.aggregate import aggregated
from siting.optimise.program import Program
from siting.optimise.search import search
from siting.optimise.solver import solve_lp, solve_mip

CLASSES = ("general", "nursing")


def homes(seed: int = 0, count: int = 3) -> Program:
    """Sites that may hold a home of 10 to 20 beds or one of 15 to 40; so many beds are asked for, some of them nursing.

    Sizes have different fixed costs, and the second also a least of 5 general beds in its own column.
    """
    r = np.random.default_rng(seed)
    names, cost, upper, rows = [], [], [], {}
    bed_cost = r.integers(2, 9, len(CLASSES))
    for site in range(count):
        for size, (least, most) in enumerate(((10, 20), (15, 40))):
            option = 2 * site + size
            own = f"open_0_{option}"
            names.append(own)
            cost.append(float(r.integers(20, 90)))
            upper.append(1.0)
            rows.setdefault(f"site_0_{site}", {})[own] = 1.0
            rows[f"most_0_{option}"], rows[f"least_0_{option}"] = {own: -float(most)}, {own: float(least)}
            for number, bed_class in enumerate(CLASSES):
                beds = f"extra_0_{option}_{bed_class}"
                names.append(beds)
                cost.append(float(bed_cost[number]))
                upper.append(float(most))
                rows[f"most_0_{option}"][beds], rows[f"least_0_{option}"][beds] = 1.0, -1.0
                rows.setdefault("clause_BEDS_0_0", {})[beds] = 1.0
                rows.setdefault("clause_SHARE_0_0", {})[beds] = 0.7 if bed_class == "nursing" else -0.3
    place = {name: column for column, name in enumerate(names)}
    matrix = np.zeros((len(rows), len(names)))
    for number, entries in enumerate(rows.values()):
        for name, value in entries.items():
            matrix[number, place[name]] = value
    clause = np.array([name.startswith("clause") for name in rows])
    ceiling = np.where(clause, np.inf, [1.0 if name.startswith("site") else 0.0 for name in rows])
    return Program(
        names=tuple(names),
        cost=np.array(cost),
        lower=np.zeros(len(names)),
        upper=np.array(upper),
        integer=np.ones(len(names), dtype=np.bool_),
        matrix=sparse.csr_array(matrix),
        row_names=tuple(rows),
        row_lower=np.where(clause, [23.0 * count if name == "clause_BEDS_0_0" else 0.0 for name in rows], -np.inf),
        row_upper=ceiling,
        policy=(),
    )


def columns_of_beds(program: Program) -> int:
    return sum(name.startswith("extra") for name in program.names)


@pytest.mark.parametrize("seed", range(12))
def test_the_optimum_and_the_bound_are_those_of_options_apart(seed: int) -> None:
    program = homes(seed)
    smaller = aggregated(program)
    assert columns_of_beds(smaller.program) == columns_of_beds(program) // 2
    assert len(smaller.program.row_names) == len(program.row_names) - 6
    apart, together = (solve_mip(one, OPTIONS, seconds=30, gap=0.0) for one in (program, smaller.program))
    assert together.objective == pytest.approx(apart.objective)
    back = smaller.unfolded(np.round(together.values))
    assert satisfies(program, back)
    assert program.cost @ back == pytest.approx(apart.objective)
    there = smaller.folded(np.round(apart.values))
    assert satisfies(smaller.program, there)
    assert smaller.program.cost @ there == pytest.approx(apart.objective)
    assert smaller.unfolded(there).tolist() == np.round(apart.values).tolist()
    bounds = [solve_lp(one, OPTIONS, seconds=30).bound for one in (program, smaller.program)]
    assert bounds[0] == pytest.approx(bounds[1])


@pytest.mark.parametrize("seed", range(6))
def test_programs_of_towns_keep_their_optimum(seed: int) -> None:
    program = mixed(seed, apart=seed % 2 == 0)
    per_bed = {"general": 6.0, "nursing": 9.0}
    price = [per_bed.get(name.rpartition("_")[2], cost) for name, cost in zip(program.names, program.cost, strict=True)]
    program = program.aiming(np.array(price))
    smaller = aggregated(program)
    assert columns_of_beds(smaller.program) < columns_of_beds(program)
    best = solve_mip(program, OPTIONS, seconds=60, gap=0.0)
    together = solve_mip(smaller.program, OPTIONS, seconds=60, gap=0.0)
    assert together.objective == pytest.approx(best.objective)
    found = search(program, OPTIONS, lambda _: None)
    assert found.values is not None
    assert satisfies(program, found.values)
    assert program.cost @ found.values == pytest.approx(best.objective)


def changed(program: Program, column: str, **to: float) -> Program:
    """The first site's second size, with something about its nursing beds changed."""
    at = program.names.index(column)
    fields = {name: getattr(program, name).copy() for name in ("cost", "lower", "upper")}
    for name, value in to.items():
        if name in fields:
            fields[name][at] = value
    matrix = program.matrix.toarray()
    if "share" in to:
        matrix[program.row_names.index("clause_SHARE_0_0"), at] = to["share"]
    if "outside" in to:
        matrix[program.row_names.index("most_0_2"), at] = to["outside"]
    return replace(program, matrix=sparse.csr_array(matrix), **fields)


@pytest.mark.parametrize(
    "to",
    [{"cost": 1.0}, {"share": 0.2}, {"share": 0.0}, {"lower": 2.0}, {"upper": 3.0}, {"outside": 1.0}],
    ids="-".join,
)
def test_beds_that_differ_stay_apart_and_nothing_else_does(to: dict[str, float]) -> None:
    program = changed(homes(), "extra_0_1_nursing", **to)
    if "lower" in to:  # then the option is in force
        program = program.bounded(np.where(np.array(program.names) == "open_0_1", 1.0, program.lower), program.upper)
    smaller = aggregated(program)
    apart = {"outside": 8}.get(next(iter(to)), 4)  # the row of one site's option on beds of another's: both stay
    assert columns_of_beds(smaller.program) == apart + (12 - apart) // 2
    best, together = (solve_mip(one, OPTIONS, seconds=30, gap=0.0) for one in (program, smaller.program))
    assert together.objective == pytest.approx(best.objective)
    assert satisfies(program, smaller.unfolded(np.round(together.values)))


def test_an_option_with_fewer_classes_keeps_its_own_column() -> None:
    program = homes()
    gone = [program.names.index("extra_0_1_nursing")]
    left = np.setdiff1d(np.arange(len(program.names)), gone)
    fewer = program.cut(np.arange(len(program.row_names)), left, np.zeros(len(program.names)))
    smaller = aggregated(fewer)
    assert {"extra_0_0_general", "extra_0_0_nursing", "extra_0_1_general"} <= set(smaller.program.names)
    assert columns_of_beds(smaller.program) == 3 + 4
    best, together = (solve_mip(one, OPTIONS, seconds=30, gap=0.0) for one in (fewer, smaller.program))
    assert together.objective == pytest.approx(best.objective)


def test_beds_that_no_row_ties_to_their_option_stay_apart() -> None:
    program = homes()
    rows = np.flatnonzero([name not in {"most_0_0", "most_0_1"} for name in program.row_names])
    loose = program.cut(rows, np.arange(len(program.names)), np.zeros(len(program.names)))
    smaller = aggregated(loose)
    assert columns_of_beds(smaller.program) == 4 + 4
    best, together = (solve_mip(one, OPTIONS, seconds=30, gap=0.0) for one in (loose, smaller.program))
    assert together.objective == pytest.approx(best.objective)


def test_without_beds_nothing_changes() -> None:
    program = homes()
    options = np.flatnonzero([name.startswith("open") for name in program.names])
    rows = np.flatnonzero([name.startswith("site") for name in program.row_names])
    bare = program.cut(rows, options, np.zeros(len(program.names)))
    smaller = aggregated(bare)
    assert smaller.program.names == bare.names
    assert (smaller.program.matrix != bare.matrix).nnz == 0
    point = np.ones(len(options))
    assert smaller.unfolded(smaller.folded(point)).tolist() == point.tolist()
