"""Searches that were made before are recalled, and nothing else is: the same plan, and only what is proven."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from test_covering import OPTIONS, covering, satisfies
from test_mixed import mixed

from siting.cache import Cache
from siting.optimise import independent, memory, remembering, search
from siting.optimise.solver import solve_mip

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from siting.optimise.found import Found
    from siting.optimise.options import SolverOptions
    from siting.optimise.program import Program


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    """A cache on disk; small parts are told apart, and small searches are worth keeping."""
    monkeypatch.setattr(independent, "_LEAST", 5)
    monkeypatch.setattr(memory, "_WORTHWHILE_S", 0.0)
    return Cache(tmp_path)


def recalling(cache: Cache, program: Program, options: SolverOptions = OPTIONS) -> tuple[Found, list[str]]:
    told: list[str] = []
    with remembering(cache):
        return search.search(program, options, told.append), told


def with_more(program: Program, clause: str, more: float) -> Program:
    """Ask a little more by one clause."""
    asked = program.row_lower.copy()
    asked[[policy.row for policy in program.policy if policy.clause == clause]] += more
    return replace(program, row_lower=asked)


def test_what_was_searched_is_recalled_and_the_same(kept: Cache) -> None:
    program = mixed(3)
    first, told = recalling(kept, program)
    assert not any("found again" in line for line in told)
    again, told = recalling(kept, program)
    assert sum("found again" in line for line in told) == 2
    assert first.values is not None
    assert again.values is not None
    assert again.values.tolist() == first.values.tolist()
    assert (again.bound, again.how, again.verdict) == (first.bound, first.how, first.verdict)
    without = search.search(program, OPTIONS, lambda _: None)
    assert without.values is not None
    assert without.values.tolist() == first.values.tolist()


def test_a_threshold_that_changes_touches_its_own_part(kept: Cache) -> None:
    program = mixed(4)
    recalling(kept, program)
    changed = with_more(program, "T-01", 20.0)  # stations; homes and their beds are another part
    found, told = recalling(kept, changed)
    assert sum("found again" in line for line in told) == 1
    best = solve_mip(changed, OPTIONS, seconds=60, gap=0.0)
    assert found.values is not None
    assert satisfies(changed, found.values)
    assert changed.cost @ found.values == pytest.approx(best.objective)


def test_a_search_from_another_start_is_another_search(kept: Cache) -> None:
    """What a search comes to may depend on what it begins with; so what was kept may not depend on what came first."""
    program = mixed(6)
    best = search.search(program, OPTIONS, lambda _: None).values
    again = []
    for start in (None, best, best, None):
        told: list[str] = []
        with remembering(kept):
            found = search.search(program, OPTIONS, told.append, start)
        assert found.values is not None
        assert program.cost @ found.values == pytest.approx(program.cost @ best)
        again.append(sum("found again" in line for line in told))
    assert again == [0, 0, 2, 2]


def test_that_nothing_can_be_found_is_recalled_too(kept: Cache) -> None:
    hopeless = with_more(mixed(5), "T-03", 10_000.0)
    assert [recalling(kept, hopeless)[0].verdict for _ in range(2)] == ["infeasible", "infeasible"]
    assert any("found again" in line for line in recalling(kept, hopeless)[1])


@pytest.mark.parametrize(
    "other",
    [
        lambda program, options: (program.aiming(program.cost * 1.01), options),
        lambda program, options: (program, options.model_copy(update={"seed": 1})),
        lambda program, options: (program, options.model_copy(update={"gap": 0.001})),
        lambda program, options: (replace(program, names=(*program.names[:-1], "cover_0_9_9")), options),
    ],
)
def test_another_question_is_searched_anew(
    kept: Cache, other: Callable[[Program, SolverOptions], tuple[Program, SolverOptions]]
) -> None:
    program = covering(11, 12, 50)
    recalling(kept, program)
    assert recalling(kept, program)[1] == ["found again"]
    assert "found again" not in recalling(kept, *other(program, OPTIONS))[1]


def test_a_search_that_was_stopped_is_not_kept(kept: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*given: object) -> Found:
        return replace(searched(*given), bound=0.0)

    searched = search._searched  # noqa: SLF001 - what is wrapped
    monkeypatch.setattr(search, "_searched", stopped)
    program = covering(12, 12, 50)
    recalling(kept, program)
    assert kept.entries() == []
    monkeypatch.setattr(search, "_searched", searched)
    recalling(kept, program)
    assert len(kept.entries()) == 1


def test_more_time_does_not_make_another_search(kept: Cache) -> None:
    program = covering(13, 12, 50)
    recalling(kept, program)
    longer = OPTIONS.model_copy(update={"time_limit_s": 1_000.0})
    assert recalling(kept, program, longer)[1] == ["found again"]


def test_what_does_not_satisfy_the_program_is_not_taken_at_its_word(kept: Cache) -> None:
    program = covering(14, 12, 50)
    first, _ = recalling(kept, program)
    (entry,) = kept.entries()
    assert first.values is not None
    kept.keep("search", entry.path.stem, replace(first, values=np.zeros(len(first.values))))
    found, told = recalling(kept, program)
    assert "found again" not in told
    assert found.values is not None
    assert satisfies(program, found.values)
