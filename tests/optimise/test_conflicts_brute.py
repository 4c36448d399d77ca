"""What clashes in random small towns, against trying everything out: no member missing, and none too many."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from made_rules import AtMost
from test_brute_force import EXACT, choices, follows, random_town, size

from siting.model.problem import State
from siting.optimise import GoalOptions, solve
from siting.rules import audit

if TYPE_CHECKING:
    from collections.abc import Callable

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


def capped(seed: int) -> tuple[Problem, list[Rule]]:
    """A random town that may not have more of any kind than stand today: what is asked clashes with that."""
    town, rules = random_town(seed)
    stand = Counter(town.sites.kind)
    caps = [AtMost.of(kind, stand[kind]) for kind in ("institution", "day_care")]
    return town, [*rules, *(replace(cap, clause=replace(cap.clause, id=f"X{n}")) for n, cap in enumerate(caps))]


def shortfalls(town: Problem, rules: list[Rule]) -> list[set[Row]]:
    """For every plan of a town there is, the rows that it falls short of."""
    last = len(town.phases) - 1
    table = [(combination, missed(town, rules, combination)) for combination in everything(town)]
    ends = [(combination, rows[last]) for combination, rows in table if allowed(town, last, combination)]
    if not last:
        return [rows for _, rows in ends]
    begins = [(combination, rows[0]) for combination, rows in table if allowed(town, 0, combination)]
    return [a | b for early, a in begins for late, b in ends if follows(town, early, late)]


SMALL = [seed for seed in range(500) if size(random_town(seed)[0]) <= 60]


@pytest.mark.parametrize(("make", "wanted", "together"), [(random_town, 15, 0), (capped, 30, 10)])
def test_a_conflict_cannot_hold_and_can_without_any_member(
    make: Callable[[int], tuple[Problem, list[Rule]]], wanted: int, together: int
) -> None:
    sizes: list[int] = []
    towns = 0
    for seed in SMALL:
        town, rules = make(seed)
        named = solve(town, rules, GoalOptions(), EXACT).conflicts
        towns += bool(named)
        misses = shortfalls(town, rules) if named else []
        assert all(c.needed for c in named), seed
        for number in {conflict.group for conflict in named}:
            members = {(c.clause, c.subject, c.phase) for c in named if c.group == number}
            assert all(rows & members for rows in misses), (seed, members)
            for spared in members:
                assert any(not rows & (members - {spared}) for rows in misses), (seed, spared)
            sizes.append(len(members))
        if towns == wanted:
            break
    assert towns == wanted
    assert sum(count > 1 for count in sizes) >= together
