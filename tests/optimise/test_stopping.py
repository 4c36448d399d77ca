"""Interrupting a search: what was found is kept, and only while there is something to keep."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest
from test_covering import covering, satisfies
from test_mixed import mixed

from siting.optimise import independent, search
from siting.optimise.options import SolverOptions
from siting.optimise.solver import solve_lp, solve_mip
from siting.optimise.stopping import interruptible, now, stopped, under_way

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siting.model.arrays import FloatArray
    from siting.optimise.found import Found, How
    from siting.optimise.program import Program

HOUR_S = 3600.0


@pytest.fixture(autouse=True)
def foreground() -> Iterator[None]:
    """A process that hears interrupts, wherever the tests were started from."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def heard() -> Iterator[None]:
    """Somebody who may press Ctrl-C while a search is under way."""
    with interruptible(), under_way():
        yield


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.usefixtures("heard")
def test_the_first_interrupt_ends_every_deadline_and_the_second_everything() -> None:
    deadline = now() + HOUR_S
    assert not stopped()
    press()
    assert stopped()
    assert now() > deadline
    with pytest.raises(KeyboardInterrupt):
        press()


def test_nothing_is_left_of_an_interrupt() -> None:
    with interruptible(), under_way():
        press()
    assert not stopped()
    assert now() < time.monotonic() + HOUR_S
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_outside_of_a_search_an_interrupt_interrupts() -> None:
    with interruptible(), pytest.raises(KeyboardInterrupt):
        press()


def test_where_interrupts_are_ignored_they_stay_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interruptible(), under_way():
        press()
        assert not stopped()


def test_other_threads_hear_no_signals() -> None:
    told: list[bool] = []

    def work() -> None:
        with interruptible():
            told.append(stopped())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert told == [False]


@pytest.mark.usefixtures("heard")
def test_a_covering_search_that_is_interrupted_hands_over_its_best_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "TINY", 0)
    program = covering(2, 150, 1500)
    told: list[str] = []

    def tell(words: str) -> None:
        told.append(words)
        if words.startswith("cost") and not stopped():
            press()

    found = search.search(program, SolverOptions(gap=0.0, time_limit_s=HOUR_S, threads=2), tell)
    assert stopped()
    assert found.values is not None
    assert satisfies(program, found.values)
    cost = program.cost @ found.values
    truth = solve_mip(program, SolverOptions(gap=0.0), seconds=60, gap=0.0)
    assert found.bound <= truth.bound * (1 + 1e-6)
    assert truth.objective <= cost * (1 + 1e-9)
    assert any("bound" in words and "gap" in words for words in told)


@pytest.mark.usefixtures("heard")
def test_parts_that_were_not_begun_when_somebody_asked_to_stop_are_searched_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(independent, "_LEAST", 5)
    program = mixed(2)
    told: list[str] = []

    def tell(words: str) -> None:
        told.append(words)
        if words.startswith("part 1") and not stopped():
            press()

    searched, left = search._searched, []  # noqa: SLF001 - what is wrapped

    def watched(piece: Program, how: How, start: FloatArray | None) -> Found:
        left.append(how.left)
        return searched(piece, how, start)

    monkeypatch.setattr(search, "TINY", 0)
    monkeypatch.setattr(search, "_searched", watched)
    found = search.search(program, SolverOptions(gap=0.0, time_limit_s=HOUR_S, threads=1), tell)
    assert stopped()
    assert len(left) == 2
    assert 0 < left[1] < HOUR_S / 2, "what closing takes, after the stop"
    assert found.values is not None
    assert satisfies(program, found.values)
    assert found.bound <= solve_mip(program, SolverOptions(gap=0.0), seconds=60, gap=0.0).bound * (1 + 1e-6)


@pytest.mark.usefixtures("heard")
def test_a_run_of_the_solver_is_ended_from_within() -> None:
    program = covering(5, 400, 6000)
    options = SolverOptions(gap=0.0, threads=1)
    timer = threading.Timer(0.3, press)
    timer.start()
    outcome = solve_mip(program, options, seconds=HOUR_S, gap=0.0)
    timer.join()
    assert stopped()
    assert outcome.verdict in {"feasible", "unknown"}
    assert solve_lp(program, options, seconds=HOUR_S).values is not None  # what comes after a stop is needed
