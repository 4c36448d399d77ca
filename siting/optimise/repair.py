"""The plan that changes a hand-drawn one at the fewest sites, and of these the cheapest."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from siting.model.plan import Plan
from siting.model.rows import Staff
from siting.optimise.aims import Cost
from siting.optimise.conflicts import conflicts, relaxations
from siting.optimise.goals import Pursuit, priced, shortfalls
from siting.optimise.question import Posed, Question, asked_of
from siting.optimise.values import left_side

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from siting.model.arrays import BoolArray, FloatArray
    from siting.model.problem import Problem, State
    from siting.optimise.layout import Asked, Layout
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import Program
    from siting.optimise.question import Rule


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """Sites at which a plan differs from a given one in any phase: another option, or other beds.

    A column ``changed_s`` for each site, with ``1 − x ≤ changed`` for what was drawn, ``x ≤ changed`` for what was not,
    and beds within ``(range)·changed`` of those drawn.
    """

    drawn: State
    name: str = "changes"
    unit: str = "sites"
    more: bool = False
    whole: bool = True

    def asked(self, problem: Problem) -> tuple[Asked, ...]:  # noqa: ARG002 - nothing has to be measured
        """Ask for nothing."""
        return ()

    def pose(self, problem: Problem, program: Program, layout: Layout, phases: Sequence[int]) -> Posed:
        """Add a column for each site and the rows that push it up."""
        before, site = len(program.names), problem.options.site
        changed = [f"changed_{s}" for s in range(len(problem.sites))]
        program = program.grown(changed, np.ones(len(changed)), integer=True)
        names: list[str] = []
        parts: list[tuple[int, int, float]] = []
        upper: list[float] = []
        for phase in phases:
            for option in np.flatnonzero(layout.open[phase] >= 0):
                is_drawn = bool(self.drawn.open[phase, option])
                parts += [(len(names), int(layout.open[phase, option]), -1.0 if is_drawn else 1.0)]
                parts += [(len(names), before + int(site[option]), -1.0)]
                upper.append(-1.0 if is_drawn else 0.0)
                names.append(f"differs_{phase}_{option}")
                if is_drawn:
                    at = (phase, int(option), before + int(site[option]))
                    self._beds(layout, program.upper, at, (names, parts, upper))
        row, column, value = (np.array(part) for part in zip(*parts, strict=True))
        matrix = sparse.csr_array((value, (row, column)), shape=(len(names), len(program.names)))
        program = program.asking(names, matrix, np.full(len(names), -np.inf), np.array(upper))
        coefficient = np.zeros(len(program.names))
        coefficient[before:] = 1.0
        return Posed(program, coefficient, 0.0)

    def _beds(
        self,
        layout: Layout,
        most: FloatArray,
        at: tuple[int, int, int],
        rows: tuple[list[str], list[tuple[int, int, float]], list[float]],
    ) -> None:
        """Hold beds of an option that was drawn to those that were drawn, unless the site is changed."""
        phase, option, changed = at
        names, parts, upper = rows
        for place, column in enumerate(layout.extra[phase, option]):
            if column < 0:
                continue
            drawn = float(self.drawn.beds[phase, option, place] - layout.least[option, place])
            for sign, room in ((1.0, float(most[column]) - drawn), (-1.0, drawn)):
                parts += [(len(names), int(column), sign), (len(names), changed, -room)]
                upper.append(sign * drawn)
                names.append(f"beds_differ_{phase}_{option}_{place}_{'up' if sign > 0 else 'down'}")

    def value(self, problem: Problem, state: State) -> float:
        """Count the sites."""
        return float(self.sites(problem, state).sum())

    def sites(self, problem: Problem, state: State) -> BoolArray:
        """Return the sites that are changed: bool[site]."""
        differs = (state.open != self.drawn.open).any(axis=0) | (state.beds != self.drawn.beds).any(axis=(0, 2))
        found = np.zeros(len(problem.sites), dtype=np.bool_)
        found[problem.options.site[differs]] = True
        return found


def staffed(problem: Problem, rules: Sequence[Rule], state: State) -> State:
    """Return a state with the persons hired that binding clauses ask for: a hand-drawn plan names none."""
    hired: dict[str, list[int]] = {}
    for phase in range(len(problem.phases)):
        here = replace(state, hired={})
        for item in asked_of(problem, rules):
            if item.phase != phase:
                continue
            rhs = item.rows.rhs if item.rhs is None else item.rhs
            lacking = item.rows.sign * (rhs - left_side(problem, here, phase, item.rows))
            for block, matrix in item.rows.terms.items():
                if isinstance(block, Staff):
                    by_person = item.rows.sign * matrix.toarray()[:, 0]
                    helps = by_person > 0
                    need = np.ceil(lacking[helps] / by_person[helps] - 1e-9).max(initial=0.0)
                    row = hired.setdefault(block.role, [0] * len(problem.phases))
                    row[phase] = max(row[phase], int(need))
    kept = {role: tuple(int(n) for n in np.maximum.accumulate(row)) for role, row in hired.items()}
    return replace(state, hired=kept)


def repair(
    problem: Problem,
    rules: Sequence[Rule],
    drawn: State,
    options: SolverOptions,
    progress: Callable[[str], None] = lambda _: None,
) -> Plan:
    """Mend a hand-drawn plan: every binding clause holds, at the fewest sites changed, then at least cost.

    Returns
    -------
    Plan
        Its goals are ``changes`` and ``cost``; its certificate is that of the changes.
    """
    began = time.monotonic()
    pursuit = Pursuit(Question(problem, asked_of(problem, rules), Cost()), options, progress)
    money = Cost(priced(rules, problem))
    if pursuit.go(Changes(drawn), 0.0, options.time_limit_s / 2):
        pursuit.go(money, None, options.time_limit_s - (time.monotonic() - began))
    reached, state = pursuit.reached(), pursuit.state
    proof = reached[0].certificate
    if state is None:
        clash = pursuit.made is not None and proof.status == "infeasible"
        if pursuit.made is None or not clash:
            return Plan(None, proof, (), (), reached)
        named = conflicts(pursuit.made.program, problem.phases, options)
        eased = relaxations(pursuit.made.program, problem.phases, options)
        return Plan(None, proof, (), named, reached, relaxations=eased)
    spent = tuple(np.diff(problem.cost(state), prepend=0.0).tolist())
    return Plan(state, proof, spent, (), reached, (), shortfalls(problem, state, money.priced))
