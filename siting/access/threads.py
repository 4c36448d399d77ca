"""Work in chunks on threads."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from siting.model.arrays import IntArray

T = TypeVar("T")

_CHUNKS_PER_THREAD = 6
_SMALLEST_CHUNK = 8


def thread_count() -> int:
    """Return how many threads this process may run at once."""
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
