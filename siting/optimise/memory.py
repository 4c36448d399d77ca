"""What was searched before and need not be searched again.

Whoever runs studies may lend a memory (`remembering`). Kept is what a search came to that closed the gap asked for, or
proved that nothing can be found: that depends on the program, on how it is searched and what from, and not on how much
time there was. A threshold that is changed touches one of a plan's independent parts; the others are recalled.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from siting.optimise.program import kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from siting.model.arrays import FloatArray
    from siting.optimise.found import Found, How
    from siting.optimise.program import Program

_STAGE = "search"
_WORTHWHILE_S = 0.2
"""What took less is sooner searched again than found among everything that was kept."""
_EPSILON = 1e-6


class Memory(Protocol):
    """Keeps values by what they were made of (`siting.cache.Cache`)."""

    def key(self, *parts: object, whole: bool = False) -> str:
        """Return the name of what is made of these values by this code; `whole`: by all of it, with the solver."""

    def find(self, stage: str, key: str) -> tuple[bool, Any]:
        """Return whether something is kept under a name, and what."""

    def keep(self, stage: str, key: str, value: object) -> None:
        """Keep something under a name."""


_lent: ContextVar[Memory | None] = ContextVar("_lent", default=None)


@contextmanager
def remembering(memory: Memory) -> Iterator[None]:
    """Let searches recall, while this lasts, what was searched before, and keep what they come to."""
    token = _lent.set(memory)
    try:
        yield
    finally:
        _lent.reset(token)


def recalled(program: Program, how: How, start: FloatArray | None, search: Callable[[], Found]) -> Found:
    """Return what a search of a program from a start came to before, or what it comes to now."""
    memory = _lent.get()
    if memory is None:
        return search()
    key = memory.key(*_content(program, how), start, whole=True)
    known, kept = memory.find(_STAGE, key)
    if known and (kept.values is None or _satisfies(program, kept.values)):
        found: Found = kept
        how.tell("found again")
        return found
    began = time.monotonic()
    found = search()
    if _is_final(program, found, how) and time.monotonic() - began >= _WORTHWHILE_S:
        memory.keep(_STAGE, key, found)
    return found


def _content(program: Program, how: How) -> tuple[object, ...]:
    """Return all that a search depends on, but for its start and the clock.

    Of names only the kinds and the order of columns count, so that a phase that asks for what another asked for, of the
    same options, need not be searched again.
    """
    words = "\n".join((*kinds(program.names), "", *kinds(program.row_names)))
    options = how.options
    return (
        np.frombuffer(words.encode(), dtype=np.uint8),
        np.argsort(program.names, kind="stable"),
        program.matrix,
        *(program.cost, program.lower, program.upper, program.integer, program.row_lower, program.row_upper),
        [policy.row for policy in program.policy],
        *(options.gap, options.threads, options.seed, options.exact_below),
    )


def _is_final(program: Program, found: Found, how: How) -> bool:
    """Say whether more time would have changed nothing."""
    if found.values is None:
        return found.verdict == "infeasible"
    return bool(program.cost @ found.values <= how.aim(found.bound) * (1 + 1e-9))


def _satisfies(program: Program, values: FloatArray) -> bool:
    """Look again whether a point is one of the program: what was read from elsewhere is not taken at its word."""
    if values.shape != program.cost.shape:
        return False
    rows = program.matrix @ values
    size = _EPSILON * np.maximum(1.0, np.asarray(abs(program.matrix).sum(axis=1)).ravel())
    within = ((values >= program.lower - _EPSILON) & (values <= program.upper + _EPSILON)).all()
    return bool(within and (rows >= program.row_lower - size).all() and (rows <= program.row_upper + size).all())
