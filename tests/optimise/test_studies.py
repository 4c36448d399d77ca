"""Random small studies against trying everything out: feasibility, cost, present value, the audit, and what clashes.

A slice of them runs in the suite; ``SITING_STUDIES=1000 pytest tests/optimise/test_studies.py`` runs as many as asked.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

import pytest
from made_rules import StaffFollowsBeds
from studies import (
    affordable,
    allowed,
    by_cost,
    by_present_value,
    capital_of,
    everything,
    fitting,
    random_study,
    sequences,
)
from test_brute_force import BY_RELAXATION, EXACT, follows, persons_needed, size
from test_conflicts_brute import state_of

from siting.optimise import GoalOptions, solve
from siting.rules import audit

if TYPE_CHECKING:
    from studies import Study

    from siting.model.rows import Subject

    Row = tuple[str, Subject, int]

COUNT = int(os.environ.get("SITING_STUDIES", "80"))
BATCH = 10
_CLASHES_UP_TO = 80
"""Combinations of a town up to which what clashes is tried out too."""


def small(study: Study) -> bool:
    return size(study.town) <= (150 if len(study.town.phases) > 1 else 500)


@functools.cache
def seeds() -> tuple[int, ...]:
    found: list[int] = []
    seed = 100_000
    while len(found) < COUNT:
        if small(random_study(seed)):
            found.append(seed)
        seed += 1
    return tuple(found)


def possible(study: Study, wanted: set[Row], missed: dict[int, dict[tuple, set[Row]]]) -> bool:
    """Say whether some nested sequence holds a set of rows, whatever the others ask."""
    town = study.town
    pay = town.catalogue.roles["social_worker"].cost
    asked = {(clause, year) for clause, _, year in wanted}
    table: set[tuple[tuple, int]] = {((), 0)}
    for phase, year in enumerate(town.phases):
        staff = [item for item in study.rules if isinstance(item, StaffFollowsBeds) and (item.clause.id, year) in asked]
        given = study.budget
        if given is not None:
            given = given.model_copy(update={
                "total": given.total if ("BUDGET", year) in asked else None,
                "by_year": given.by_year if ("BUDGET-YEARS", year) in asked else {},
            })  # fmt: skip
        limited = type(study)(town, study.rules, given)
        following: set[tuple[tuple, int]] = set()
        for one, misses in missed[phase].items():
            if misses & wanted:
                continue
            need = persons_needed(town, staff, phase, {s: pick for s, pick in enumerate(one) if pick})
            for before, hired in table:
                if phase and not follows(town, before, one):
                    continue
                now = max(need, hired)
                if affordable(
                    limited, phase, capital_of(town, one) + pay * now, capital_of(town, before) + pay * hired
                ):
                    following.add((one, now))
        table = following
    return bool(table)


def misses(study: Study) -> dict[int, dict[tuple, set[Row]]]:
    """Rows that each combination falls short of in each phase, by the audit; money and staff come by the sequence."""
    rules = [item for item in study.rules if not isinstance(item, StaffFollowsBeds)]
    found: dict[int, dict[tuple, set[Row]]] = {phase: {} for phase in range(len(study.town.phases))}
    for one in everything(study.town):
        short = audit(rules, study.town, state_of(study.town, one), study.town.existing_state()).short()
        for phase, year in enumerate(study.town.phases):
            if allowed(study.town, phase, one):
                found[phase][one] = {(f.clause, f.subject, f.phase) for f in short if f.phase == year}
    return found


def assert_true_conflict(study: Study, conflicts: tuple, seed: int) -> None:
    """The members of a set cannot hold together; without any one of them the others can."""
    missed = misses(study)
    assert conflicts, seed
    for number in {conflict.group for conflict in conflicts}:
        members = {(c.clause, c.subject, c.phase) for c in conflicts if c.group == number}
        assert all(c.needed for c in conflicts), seed
        assert not possible(study, members, missed), (seed, members)
        for spared in members:
            assert possible(study, members - {spared}, missed), (seed, members, spared)


@pytest.mark.parametrize("batch", range(-(-COUNT // BATCH)))
def test_studies_and_trying_everything_agree(batch: int) -> None:
    for seed in seeds()[batch * BATCH : (batch + 1) * BATCH]:
        study = random_study(seed)
        town = study.town
        there = functools.cache(lambda phase, study=study: fitting(study.town, study.rules, phase))
        goals = [("cost", by_cost, EXACT), ("present_value", by_present_value, EXACT), ("cost", by_cost, BY_RELAXATION)]
        for name, by, solver in goals:
            truth = min((worth for _, worth in sequences(study, by(study), there)), default=None)
            plan = solve(town, study.every, GoalOptions(minimise=name), solver)
            if truth is None:
                assert plan.certificate.status == "infeasible", (seed, name)
                assert plan.conflicts, (seed, name)
                if name == "cost" and solver is EXACT and size(town) <= _CLASHES_UP_TO:
                    assert_true_conflict(study, plan.conflicts, seed)
                continue
            assert plan.state is not None, (seed, name)
            assert plan.certificate.bound <= truth + 1e-5, (seed, name)
            assert not audit(study.every, town, plan.state, town.existing_state()).short(), (seed, name)
            if solver is EXACT:
                assert plan.certificate.objective == pytest.approx(truth, abs=1e-5), (seed, name)
                assert plan.certificate.status == "optimal", (seed, name)


def test_studies_are_of_many_sorts() -> None:
    made = [random_study(seed) for seed in seeds()[:80]]
    assert {len(study.town.phases) for study in made} == {1, 2, 3}
    assert sum(study.budget is not None for study in made) >= 30
    assert sum(study.budget is not None and not study.budget.carry_over for study in made) >= 8
    actions = {str(action) for study in made for action in study.town.options.action}
    assert actions == {"keep", "open", "expand", "convert", "close"}
    clauses = {item.clause.id for study in made for item in study.rules}
    assert clauses >= {"C1", "B1", "S1", "P1", "L1", "W1", "N1", "Z1", "U1"}
