"""Work in chunks on threads."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from siting.model.arrays import IntArray

T = TypeVar("T")
W = TypeVar("W")

_CHUNKS_PER_THREAD = 6
_SMALLEST_CHUNK = 8


class Spare(Generic[W]):
    """Workspaces that chunks hand on to each other: as many are made as threads run at once, not one a chunk."""

    def __init__(self, make: Callable[[], W]) -> None:
        self._make = make
        self._idle: list[W] = []

    @contextmanager
    def borrowed(self) -> Iterator[W]:
        """Lend a workspace; it comes back as it was lent, unless an error leaves it in disorder."""
        try:
            work = self._idle.pop()
        except IndexError:
            work = self._make()
        yield work
        self._idle.append(work)


def thread_count() -> int:
    """Return how many threads this process may run at once.

    ``OMP_NUM_THREADS`` bounds them, as it bounds those of numerical libraries: whoever starts several processes on one
    machine (Dask for its workers, batch systems for their jobs) says by it how many are this one's share.
    """
    told = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(_processors(), int(told))) if told.isdecimal() else _processors()


def _processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_chunks(work: Callable[[IntArray], T], items: IntArray) -> list[tuple[IntArray, T]]:
    """Run `work` on consecutive chunks of `items` on all threads; chunks come back in the order of `items`.

    `work` must release the interpreter lock to gain anything, and must not depend on how items fall into chunks.
    """
    threads = thread_count()
    parts = min(max(1, len(items) // _SMALLEST_CHUNK), threads * _CHUNKS_PER_THREAD)
    chunks = np.array_split(items, parts)
    if parts == 1 or threads == 1:
        return [(chunk, work(chunk)) for chunk in chunks]
    with ThreadPoolExecutor(threads) as pool:
        return list(zip(chunks, pool.map(work, chunks), strict=True))
