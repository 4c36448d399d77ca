"""Plans of made counties and of Wuhan: ours beside PuLP with HiGHS, PuLP with CBC, greedy and spopt; one table.

::

    python benchmarks/planning.py                       the made counties, ours three times
    python benchmarks/planning.py --only growth         seconds over points, sites, clauses and phases
    python benchmarks/planning.py --only wuhan --data DIR     from files to audited plan; DIR holds `wuhan/`
    python benchmarks/planning.py --quick               one small county, for a look
    python benchmarks/planning.py --plain 120           seconds granted to each of PuLP's solvers, with any of these

All ways are given the same program in one run. Costs are parts of the relaxation's bound, so that machines can be
compared; gaps are by what each way proves itself (greedy and CBC: nothing is asked of them, so our bound serves).
Seconds are of the clock and, behind the stroke, of all processors.
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pulp
from county import CountySize, access_of, made_county

from siting.config import load_config
from siting.optimise import anneal, solve
from siting.optimise.aims import Cost
from siting.optimise.goals import priced
from siting.optimise.greedy import greedy
from siting.optimise.options import GoalOptions, SolverOptions
from siting.optimise.question import Question, asked_of
from siting.optimise.search import search
from siting.optimise.solver import as_pulp, solve_lp, solve_mip, solver_version
from siting.optimise.web import Web
from siting.optimise.whole import point_at
from siting.pipeline import run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from siting.model.plan import Study
    from siting.model.problem import Problem
    from siting.optimise.program import Program
    from siting.optimise.question import Rule

SIZES = {
    "2,000 sites × 62,500 points, 90 %": (CountySize(2_000, 250, 0.90), SolverOptions(gap=0.005, time_limit_s=60)),
    "5,000 sites × 62,500 points, 95 %": (CountySize(5_000, 250, 0.95), SolverOptions(gap=0.01, time_limit_s=180)),
}
QUICK = {"500 sites × 10,000 points, 90 %": (CountySize(500, 100, 0.90), SolverOptions(gap=0.01, time_limit_s=20))}
STUDIES = Path(__file__).parent / "studies"
THRESHOLDS = {"wuhan-one": ("PY-01",), "wuhan-three-phases": ("PY-01", "HN-05")}
"""Studies of Wuhan, and the clauses whose share is changed for a second run."""


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return what some work came to, its seconds and its processor seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, time.perf_counter() - wall, time.process_time() - cpu


def line(what: str, cost: float | None, seconds: tuple[float, float], note: str = "") -> None:
    """Print one row of the table."""
    told = "no plan" if cost is None else f"{cost:.4f}"
    print(f"| {what} | {told} | {seconds[0]:.1f} / {seconds[1]:.1f} s | {note} |", flush=True)


def counties(sizes: dict[str, tuple[CountySize, SolverOptions]], plain: float, runs: int) -> None:
    """Print what each way comes to on made counties."""
    for name, (size, options) in sizes.items():
        _beside(name, _last_phase(*made_county(size)), options, plain, runs)


def _last_phase(problem: Problem, rules: Sequence[Rule]) -> Program:
    """Return the program of the last phase, which alone counts for the cost."""
    question = Question(problem, asked_of(problem, rules), Cost(priced(rules, problem)))
    return question.posed([question.last])[0]


def _beside(name: str, program: Program, options: SolverOptions, plain: float, runs: int) -> None:
    """Print what each way comes to on one program."""
    print(f"\n{name}: {program.matrix.shape[0]:,} rows, {program.matrix.nnz:,} coefficients\n")
    print("| way | cost ÷ relaxation | seconds / processor | gap |\n|---|---|---|---|")
    relaxation, *seconds = timed(lambda: solve_lp(program, options, seconds=900))
    base = float(relaxation.bound)
    line("relaxation by interior point", 1.0, (seconds[0], seconds[1]), "bound")
    cost, *seconds = timed(lambda: _greedy(program, relaxation.row_duals, options))
    line("greedy with reverse delete", None if cost is None else cost / base, (seconds[0], seconds[1]))
    bound = _ours(program, options, runs, base)
    if plain:
        cost, theirs, *seconds = _highs(program, options, plain)
        line("PuLP + HiGHS", None if cost is None else cost / base, (seconds[0], seconds[1]), _told(cost, theirs))
        cost, *seconds = _cbc(program, options, plain)
        note = f"{_told(cost, bound)} by our bound" if cost is not None else ""
        line("PuLP + CBC", None if cost is None else cost / base, (seconds[0], seconds[1]), note)
    there = "" if importlib.util.find_spec("spopt") else "; not installed here"
    print(f"| spopt | – | – | no model of partial covering at least cost (LSCP covers all, MCLP fixes p){there} |")


def _greedy(program: Program, duals: np.ndarray, options: SolverOptions) -> float | None:
    """Return the cost of a greedy plan with the beds it needs; None where it meets not every clause."""
    web = Web.of(program)
    chosen = greedy(web, anneal.prices(web, np.maximum(duals[web.rows], 0.0)))
    point = point_at(program, web.options, chosen.astype(np.float64), options)
    return None if point is None else float(program.cost @ point)


def _ours(program: Program, options: SolverOptions, runs: int, base: float) -> float:
    """Print every run and the median of gaps and seconds; return the best bound."""
    gaps, clocks, bounds = [], [], []
    for number in range(runs):
        found, wall, cpu = timed(lambda: search(program, options, lambda _: None))
        gaps.append(_gap(program.cost @ found.values, found.bound))
        clocks.append(wall)
        bounds.append(found.bound)
        line(f"siting, run {number + 1}", program.cost @ found.values / base, (wall, cpu), f"{gaps[-1]:.2%}")
    print(f"| **siting, median of {runs}** | | {statistics.median(clocks):.1f} s | {statistics.median(gaps):.2%} |")
    return max(bounds)


def _highs(program: Program, options: SolverOptions, seconds: float) -> tuple[float | None, float, float, float]:
    """Return the cost that HiGHS finds as it stands, its bound, and its seconds on the clock and of processors."""
    outcome, wall, cpu = timed(lambda: solve_mip(program, options, seconds=seconds, gap=options.gap))
    return outcome.objective, outcome.bound, wall, cpu


def _cbc(program: Program, options: SolverOptions, seconds: float) -> tuple[float | None, float, float]:
    """Return the cost that CBC finds, and its seconds; PuLP does not hand over its bound."""
    model = as_pulp(program)
    solver = pulp.PULP_CBC_CMD(msg=False, timeLimit=seconds, threads=options.threads, gapRel=options.gap)
    _, wall, cpu = timed(lambda: model.solve(solver))
    found = model.sol_status in {pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible}
    return (pulp.value(model.objective) if found else None), wall, cpu


def _gap(cost: float, bound: float) -> float:
    return 1 - bound / cost


def _told(cost: float | None, bound: float) -> str:
    return "" if cost is None else f"{_gap(cost, bound):.2%}"


def growth(plain: float, runs: int) -> None:
    """Print how seconds grow; with sites, clauses and phases one thing at a time from 500 sites × 62,500 points."""
    _over_points(runs)
    print("\n| sites, clauses, phases (one run) | siting | its gap | greedy | PuLP + HiGHS | PuLP + CBC |")
    print("|---|---|---|---|---|---|")
    grown = [(250, 1, 1), (500, 1, 1), (1_000, 1, 1), (2_000, 1, 1)]
    grown += [(500, 2, 1), (500, 3, 1), (500, 4, 1), (500, 1, 2), (500, 1, 3)]
    for sites, clauses, phases in grown:
        _grown(CountySize(sites, 250, 0.9, rules=clauses, phases=phases), plain)


def _over_points(runs: int) -> None:
    """Print how access and reduction grow with the points.

    Access is the stage as a study has it (`access_of`); reduction is grouping, and the program made of the groups.
    """
    print(f"\nMedians of {runs} runs; seconds on the clock / of all processors")
    print("\n| points (one site for 100) | access | reduction | both ÷ the row above |\n|---|---|---|---|")
    access_of(CountySize(100, 50, 0.9))()  # compiled before anything is timed
    before = np.full(2, np.nan)
    for side in (100, 316, 1000):
        size = CountySize(side * side // 100, side, 0.9)
        access = _medians(access_of(size), runs)
        problem, rules = made_county(size)
        question = Question(problem, asked_of(problem, rules), Cost())
        reduction = _medians(lambda question=question: question.posed([0]), runs)
        wall, cpu = (access + reduction) / before
        ratio = "" if np.isnan(wall) else f"{wall:.1f} / {cpu:.1f} ×"
        told = " | ".join(f"{seconds[0]:.3f} / {seconds[1]:.3f} s" for seconds in (access, reduction))
        print(f"| {side * side:,} | {told} | {ratio} |", flush=True)
        before = access + reduction


def _medians(work: Callable[[], Any], runs: int) -> np.ndarray:
    """Return the medians of some runs' seconds and processor seconds: float64[2]."""
    return np.median([timed(work)[1:] for _ in range(runs)], axis=0)


def _grown(size: CountySize, plain: float) -> None:
    """Print one row: ours within half a per cent, all phases; and the last phase by other ways.

    Gaps of greedy and CBC, which prove nothing, are by our bound.
    """
    problem, rules = made_county(size)
    options = SolverOptions(gap=0.005, time_limit_s=60)
    plan, wall, _ = timed(lambda: solve(problem, rules, GoalOptions(), options))
    proof, theirs = plan.certificate, " | | "
    if plain:
        program = _last_phase(problem, rules)
        duals = solve_lp(program, options, seconds=60).row_duals
        cost, bound, seconds, _ = _highs(program, options, plain)
        others = f"{seconds:.1f} s, {_told(cost, bound) or 'no plan'}"
        cbc, seconds, _ = _cbc(program, options, plain)
        beside = _told(_greedy(program, duals, options), proof.bound)
        theirs = f"{beside} | {others} | {seconds:.1f} s, {_told(cbc, proof.bound) or 'no plan'}"
    gap = "no plan" if proof.gap is None else f"{proof.gap:.2%}"
    print(f"| {size.sites:,}, {size.rules}, {size.phases} | {wall:.1f} s | {gap} | {theirs} |", flush=True)


def wuhan(data: Path, runs: int, plain: float) -> None:
    """Print runs from files to audited plan, each followed by one for each threshold changed, with its cache."""
    print("\n| Wuhan, from files to audited plan | seconds | cost, yuan | gap | clauses short | peak memory |")
    print("|---|---|---|---|---|---|")
    for name, clauses in THRESHOLDS.items():
        changes = [("first run", None), *((f"{clause} changed", clause) for clause in clauses)]
        clocks: dict[str, list[float]] = {what: [] for what, _ in changes}
        for _ in range(runs):
            with tempfile.TemporaryDirectory() as folder:
                for what, clause in changes:
                    study, wall = _study(name, data, Path(folder), clause)
                    clocks[what].append(wall)
                    _told_of(f"{name}, {what}", study, wall)
        first, *others = (statistics.median(times) for times in clocks.values())
        told = ", ".join(
            f"{clause} {wall:.1f} s ({wall / first:.2f} ×)" for clause, wall in zip(clauses, others, strict=True)
        )
        print(f"| **{name}, medians of {runs}** | {first:.1f} s; changed: {told} | | | | |")
        if plain:
            program = _last_phase(study.problem, study.config.rules)
            _beside(f"{name}, its last phase", program, study.config.options.solver, plain, 1)


def _study(name: str, data: Path, folder: Path, changed: str | None) -> tuple[Study, float]:
    """Run a study of Wuhan whose coverage is asked for at 0.95, one clause's at 0.94; return it and its seconds."""
    from siting.cache import Cache  # noqa: PLC0415 - only where the data is

    patch = {f"rules.{clause}.share": 0.94 if clause == changed else 0.95 for clause in THRESHOLDS[name]}
    config = load_config(STUDIES / f"{name}.yaml", data_root=data, patch=patch)
    study, wall, _ = timed(lambda: run(config, draw=False, cache=Cache(folder)))
    return study, wall


def _told_of(what: str, study: Study, wall: float) -> None:
    """Print the row of one run."""
    proof = study.plan.certificate
    short = sum(finding.status == "short" for finding in study.after.findings)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"| {what} | {wall:.1f} | {proof.objective:,.0f} | {proof.gap:.2%} | {short} | {peak:.1f} GB |", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=("county", "growth", "wuhan"), default="county")
    parser.add_argument(
        "--plain", type=float, default=0.0, help="seconds for each of PuLP's solvers; 0 leaves them out"
    )
    parser.add_argument("--runs", type=int, default=3, help="runs of ours, of which the median is told")
    parser.add_argument("--size", type=int, choices=(0, 1), help="only the first or the second county")
    parser.add_argument("--data", type=Path, help="folder that holds wuhan/")
    given = parser.parse_args()
    print(f"{solver_version()}; Python {platform.python_version()}, {platform.machine()}")
    if given.only == "growth":
        growth(given.plain, given.runs)
    elif given.only == "wuhan":
        if given.data is None:
            parser.error("--only wuhan needs --data DIR, the folder that holds wuhan/")
        wuhan(given.data, given.runs, given.plain)
    else:
        sizes = dict([list(SIZES.items())[given.size]]) if given.size is not None else SIZES
        counties(QUICK if given.quick else sizes, given.plain, given.runs)


if __name__ == "__main__":
    main()
