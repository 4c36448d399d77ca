"""The one door to PuLP, HiGHS and Clarabel: a program goes in, values and what is proven come out.

PuLP's own `status` says Optimal after a time limit; what counts here is HiGHS's model status, its dual bound and its
duals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import clarabel
import highspy
import numpy as np
import pulp

from siting.optimise.interior import interior
from siting.optimise.stopping import heeded, now, stopped

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import Program

Verdict = Literal["optimal", "feasible", "infeasible", "unknown"]

_VERDICTS: dict[Any, Verdict] = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible",  # every column is bounded: it cannot be unbounded
}
_RELIABLE = 0
"""Trial branchings before a column's record is trusted: in small parts they take most of the time and save little."""
_SUBSEARCHES = tuple(f"mip_heuristic_run_{name}" for name in ("rins", "rens", "root_reduced_cost"))


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a solve found and proved.

    Attributes
    ----------
    verdict : Verdict
        ``optimal`` within the gap asked for, ``feasible`` when stopped with values in hand, ``infeasible`` when proven
        so, ``unknown`` when stopped with nothing.
    values : float64[column] or None
    objective : float or None
    bound : float
        No feasible point costs less; −inf where nothing is proven.
    row_duals : float64[row] or None
        Of a linear solve.
    """

    verdict: Verdict
    values: FloatArray | None
    objective: float | None
    bound: float
    row_duals: FloatArray | None


class _Highs(pulp.HiGHS):  # type: ignore[misc]  # PuLP ships no types
    """PuLP's HiGHS, started from a known solution where there is one.

    PuLP accepts ``warmStart`` without using it, so the start goes straight to HiGHS.
    """

    start: FloatArray | None = None

    def callSolver(self, lp: Any) -> None:  # noqa: ANN401, N802 - PuLP's name and type
        """Hand over the start, then run."""
        if self.start is not None:
            solution = highspy.HighsSolution()
            solution.col_value = list(self.start)
            lp.solverModel.setSolution(solution)
        if heeded():
            _let_stop(lp.solverModel)
        lp.solverModel.run()


def _let_stop(model: Any) -> None:  # noqa: ANN401 - highspy.Highs
    """Let a stop that is asked for from now on end a run; what runs after one is needed to hand over a plan."""
    before = stopped()

    def look(event: Any) -> None:  # noqa: ANN401 - highspy's event
        if stopped() and not before:
            event.interrupt()

    for moment in (model.cbMipInterrupt, model.cbIpmInterrupt, model.cbSimplexInterrupt):
        moment.subscribe(look)


def solver_version() -> str:
    """Return names and versions of what solves."""
    highs = highspy.Highs().version()  # type: ignore[no-untyped-call]
    return f"PuLP {pulp.__version__}, HiGHS {highs}, Clarabel {clarabel.__version__}"


def solve_mip(  # noqa: PLR0913 - keywords that every caller sets apart
    program: Program,
    options: SolverOptions,
    *,
    seconds: float,
    gap: float,
    target: float | None = None,
    start: FloatArray | None = None,
    local: bool = False,
) -> Outcome:
    """Solve with whole numbers.

    Parameters
    ----------
    program : Program
    options : SolverOptions
    seconds, gap : float
        When to stop.
    target : float, optional
        Stop as soon as something this cheap is found.
    start : float64[column], optional
        A feasible point to begin with.
    local : bool
        The program is a small part of another: the solver's own sub-searches and trial branchings would take longer
        than they save.
    """
    more: dict[str, Any] = {} if target is None else {"objective_target": target}
    more |= {**dict.fromkeys(_SUBSEARCHES, False), "mip_pscost_minreliable": _RELIABLE} if local else {}
    solver = _highs(options, seconds, gapRel=gap, gapAbs=1e-6, mip_feasibility_tolerance=1e-7, **more)
    model, columns = _model(program, whole=True)
    solver.start = None if start is None else start[_order(columns)]
    model.solve(solver)
    info = model.solverModel.getInfo()
    verdict = _verdict(model)
    if verdict == "infeasible":
        return Outcome("infeasible", None, None, np.inf, None)
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Outcome("unknown", None, None, float(info.mip_dual_bound), None)
    values = _values(model, columns)
    bound = float(info.mip_dual_bound) if program.integer.any() else float(info.objective_function_value)
    return Outcome("optimal" if verdict == "optimal" else "feasible", values, float(program.cost @ values), bound, None)


def solve_lp(
    program: Program,
    options: SolverOptions,
    *,
    seconds: float,
    vertex: bool = False,
    method: Literal["ipm", "simplex"] = "ipm",
) -> Outcome:
    """Solve without whole numbers, by interior point; with `vertex`, crossed over to a corner of the optimal face.

    The simplex method, which ends at a corner by itself, suits programs that are networks. Where no corner is asked for
    `siting.optimise.interior` is tried first; HiGHS says what there is to be said where that finds nothing.

    The bound is not the solver's word: it is computed from the duals (`Program.proven_bound`).
    """
    until = now() + seconds
    inside = interior(program, seconds) if method == "ipm" and not vertex else None
    if inside is not None:
        values, duals = inside
        return Outcome("feasible", values, float(program.cost @ values), program.proven_bound(duals), duals)
    solver = _highs(options, until - now(), solver=method, run_crossover="on" if vertex else "off")
    model, columns = _model(program, whole=False)
    model.solve(solver)
    verdict = _verdict(model)
    if verdict == "infeasible":
        return Outcome("infeasible", None, None, np.inf, None)
    solution = model.solverModel.getSolution()
    if not solution.dual_valid:
        return Outcome("unknown", None, None, -np.inf, None)
    duals = np.array(solution.row_dual)
    values = _values(model, columns)
    return Outcome("feasible", values, float(program.cost @ values), program.proven_bound(duals), duals)


def as_pulp(program: Program) -> pulp.LpProblem:
    """Return a program as a PuLP problem, for any of PuLP's solvers."""
    return _model(program, whole=True)[0]


def _highs(options: SolverOptions, seconds: float, **parameters: Any) -> _Highs:  # noqa: ANN401 - HiGHS options
    """Configure HiGHS; its threads are shared by the whole process and must be let go before their number changes."""
    highspy.Highs.resetGlobalScheduler(True)  # noqa: FBT003 - HiGHS's signature
    return _Highs(
        msg=False, threads=options.threads, timeLimit=max(seconds, 0.1), random_seed=options.seed, **parameters
    )


def _model(program: Program, *, whole: bool) -> tuple[pulp.LpProblem, list[pulp.LpVariable]]:
    """Say the program in PuLP: named variables and named constraints, from sparse rows."""
    model = pulp.LpProblem("siting", pulp.LpMinimize)
    columns = [
        model.add_variable(name, lower, upper, "Integer" if whole and integer else "Continuous")
        for name, lower, upper, integer in zip(
            program.names, program.lower.tolist(), program.upper.tolist(), program.integer.tolist(), strict=True
        )
    ]
    model += pulp.LpAffineExpression(list(zip(columns, program.cost.tolist(), strict=True)))
    indptr, indices, data = (
        part.tolist() for part in (program.matrix.indptr, program.matrix.indices, program.matrix.data)
    )
    for row, name in enumerate(program.row_names):
        begin, end = indptr[row], indptr[row + 1]
        terms = [(columns[column], value) for column, value in zip(indices[begin:end], data[begin:end], strict=True)]
        _constrain(model, name, terms, float(program.row_lower[row]), float(program.row_upper[row]))
    return model, columns


def _constrain(model: pulp.LpProblem, name: str, terms: list[Any], lower: float, upper: float) -> None:
    """Add one named row; a row without bounds is kept as a harmless one, so that rows keep their numbers."""
    expression = pulp.LpAffineExpression(terms)
    if lower == upper:
        sense, rhs = pulp.LpConstraintEQ, lower
    elif np.isfinite(lower):
        sense, rhs = pulp.LpConstraintGE, lower
    else:
        sense, rhs = pulp.LpConstraintLE, upper if np.isfinite(upper) else 1e15
    model.addConstraint(pulp.LpConstraint(expression, sense, name, rhs))


def _order(columns: list[pulp.LpVariable]) -> Any:  # noqa: ANN401 - int64[column]
    """Return our column number for each of PuLP's, which sorts variables by name."""
    return np.argsort([column.name for column in columns], kind="stable")


def _values(model: pulp.LpProblem, columns: list[pulp.LpVariable]) -> FloatArray:
    """Read the values in our order of columns."""
    found = np.array(model.solverModel.getSolution().col_value)
    return found[[column.index for column in columns]]


def _verdict(model: pulp.LpProblem) -> Verdict:
    """Read HiGHS's own status."""
    return _VERDICTS.get(model.solverModel.getModelStatus(), "unknown")
