"""Plans of made counties: ours against plain branch-and-bound and greedy, on the same program in one run.

::

    python benchmarks/planning.py                     2,000 sites at 90 % and 5,000 at 95 %, 62,500 points
    python benchmarks/planning.py --quick             500 sites × 10,000 points, for a look
    python benchmarks/planning.py --plain 120         seconds granted to PuLP with HiGHS as it stands

Costs are told as parts of the proven bound, so that machines can be compared; seconds are wall clock and, behind the
stroke, processor time of all threads.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from county import CountySize, made_county

from siting.optimise import anneal
from siting.optimise.aims import Cost
from siting.optimise.greedy import greedy
from siting.optimise.options import SolverOptions
from siting.optimise.question import Question, asked_of
from siting.optimise.search import search
from siting.optimise.solver import solve_lp, solve_mip, solver_version
from siting.optimise.web import Web

if TYPE_CHECKING:
    from collections.abc import Callable

    from siting.optimise.program import Program

SIZES = {
    "2,000 sites × 62,500 points, 90 %": (CountySize(2_000, 250, 0.90), SolverOptions(gap=0.005, time_limit_s=60)),
    "5,000 sites × 62,500 points, 95 %": (CountySize(5_000, 250, 0.95), SolverOptions(gap=0.01, time_limit_s=180)),
}
QUICK = {"500 sites × 10,000 points, 90 %": (CountySize(500, 100, 0.90), SolverOptions(gap=0.01, time_limit_s=20))}


def timed(work: Callable[[], Any]) -> tuple[Any, str]:
    """Return what some work came to, and its seconds as text."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, f"{time.perf_counter() - wall:.1f} / {time.process_time() - cpu:.1f} s"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--plain", type=float, default=0.0, help="seconds for plain branch-and-bound; 0 leaves it out")
    given = parser.parse_args()
    print(solver_version())
    for name, (size, options) in (QUICK if given.quick else SIZES).items():
        problem, rules = made_county(size)
        program, _, _ = Question(problem, asked_of(problem, rules), Cost()).posed([0])
        print(f"\n{name}: {program.matrix.shape[0]:,} rows, {program.matrix.nnz:,} coefficients")
        _table(program, options, given.plain)


def _table(program: Program, options: SolverOptions, plain: float) -> None:
    """Print what each way came to on one program."""
    relaxation, seconds = timed(lambda: solve_lp(program, options, seconds=options.time_limit_s))
    print(f"  bound of the relaxation          1.0000   {seconds}")
    web = Web.of(program)
    price = anneal.prices(web, np.maximum(relaxation.row_duals[web.rows], 0.0))
    chosen, seconds = timed(lambda: greedy(web, price))
    print(f"  greedy with reverse delete       {web.cost @ chosen / relaxation.bound:.4f}   {seconds}")
    found, seconds = timed(lambda: search(program, options, lambda _: None))
    cost = program.cost @ found.values
    print(f"  ours                             {cost / relaxation.bound:.4f}   {seconds}   {_gap(cost, found.bound)}")
    if plain:
        outcome, seconds = timed(lambda: solve_mip(program, options, seconds=plain, gap=options.gap))
        told = "no plan" if outcome.objective is None else f"{outcome.objective / relaxation.bound:.4f}"
        gap = "" if outcome.objective is None else _gap(outcome.objective, outcome.bound)
        print(f"  PuLP and HiGHS as they stand     {told}   {seconds}   {gap}")


def _gap(cost: float, bound: float) -> str:
    """Say how far a cost is from what is proven."""
    return f"gap {1 - bound / cost:.2%}"


if __name__ == "__main__":
    main()
