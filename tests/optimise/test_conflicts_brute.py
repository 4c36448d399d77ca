"""What clashes in random small towns, against trying everything out: no set is short of a member or has one too many."""

from __future__ import annotations

import itertools
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from test_brute_force import EXACT, choices, follows, random_town, size

from siting.model.problem import State
from siting.optimise import GoalOptions, solve
from siting.rules import audit

if TYPE_CHECKING:
    from siting.model.problem import Problem
    from siting.model.rows import Subject
    from siting.rules import Rule

Row = tuple[str, "Subject", int]
"""Clause, subject and year."""


def everything(town: Problem) -> list[tuple]:
    return list(itertools.product(*(choices(town, site) for site in range(len(town.sites)))))


def state_of(town: Problem, combination: tuple) -> State:
    """The same picks in every phase."""
    is_open = np.zeros((len(town.phases), len(town.options)), dtype=bool)
    beds = np.zeros((*is_open.shape, 3), dtype=int)
    for option, count in filter(None, combination):
        is_open[:, option], beds[:, option] = True, count
    return State(is_open, beds)


def missed(town: Problem, rules: list[Rule], combination: tuple) -> list[set[Row]]:
    """Rows that these picks fall short of, phase by phase, by the audit."""
    found = audit(rules, town, state_of(town, combination)).short()
    return [{(f.clause, f.subject, f.phase) for f in found if f.phase == year} for year in town.phases]


def allowed(town: Problem, phase: int, combination: tuple) -> bool:
    return all(town.options.first_year[pick[0]] <= town.phases[phase] for pick in combination if pick)


@cache
def shortfalls(seed: int) -> list[set[Row]]:
    """For every plan of a town there is, the rows that it falls short of."""
    town, rules = random_town(seed)
    last = len(town.phases) - 1
    table = [(combination, missed(town, rules, combination)) for combination in everything(town)]
    ends = [(combination, rows[last]) for combination, rows in table if allowed(town, last, combination)]
    if not last:
        return [rows for _, rows in ends]
    begins = [(combination, rows[0]) for combination, rows in table if allowed(town, 0, combination)]
    return [a | b for early, a in begins for late, b in ends if follows(town, early, late)]


SMALL = [seed for seed in range(700) if size(random_town(seed)[0]) <= 60]


def impossible(limit: int) -> list[int]:
    """Towns without a plan, found by the planner itself: the plan's other tests hold that it is right."""
    found = []
    for seed in SMALL:
        if len(found) == limit:
            break
        town, rules = random_town(seed)
        if solve(town, rules, GoalOptions(), EXACT).state is None:
            found.append(seed)
    return found


@pytest.fixture(scope="module")
def seeds() -> list[int]:
    return impossible(50)


def test_a_conflict_cannot_hold_and_can_without_any_member(seeds: list[int]) -> None:
    sizes = []
    for seed in seeds:
        town, rules = random_town(seed)
        named = solve(town, rules, GoalOptions(), EXACT).conflicts
        assert named, seed
        for number in {conflict.group for conflict in named}:
            members = {(c.clause, c.subject, c.phase) for c in named if c.group == number}
            assert all(c.needed for c in named), seed
            assert all(rows & members for rows in shortfalls(seed)), (seed, members)
            for spared in members:
                assert any(not rows & (members - {spared}) for rows in shortfalls(seed)), (seed, spared)
            sizes.append(len(members))
    assert len(seeds) == 50
    assert sizes.count(1) >= 10
    assert sum(count > 1 for count in sizes) >= 10
