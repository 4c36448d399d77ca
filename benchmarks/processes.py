"""What work takes: seconds of the clock and of processors, and the most memory that one of its processes holds.

On a machine that others use too, the clock says little. Then the processor seconds of this process and of its busiest
child together are what the clock would have said, had both had a processor each: they give orders and carry them out.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable

_EVERY_S = 0.2


@dataclass(slots=True)
class Seen:
    """What was seen of this process and its children while they worked."""

    here_bytes: int = 0
    child_bytes: int = 0
    child_s: dict[int, float] = field(default_factory=dict)


def timed(what: str, work: Callable[[], object]) -> tuple[float, float]:
    """Do some work and print what it took; returns seconds of the clock, and of this process and its busiest child."""
    ended, seen = threading.Event(), Seen()
    watch = threading.Thread(target=_watched, args=(seen, ended), daemon=True)
    watch.start()
    began, here, used = time.perf_counter(), time.process_time(), _processor()
    work()
    seconds, chain = time.perf_counter() - began, time.process_time() - here + max(seen.child_s.values(), default=0.0)
    ended.set()
    watch.join()
    held = f"{seen.here_bytes / 2**30:.2f} GB here, {seen.child_bytes / 2**30:.2f} GB in a worker at most"
    took = f"{seconds:8.1f} s   processors {_processor() - used:8.1f} s, here and busiest worker {chain:8.1f} s"
    print(f"{what:32}{took}   {held}", flush=True)
    return seconds, chain


def _watched(seen: Seen, ended: threading.Event) -> None:
    """Keep the most memory that this process, and any one of its children, was seen to hold, and what children used."""
    here = psutil.Process()
    while not ended.wait(_EVERY_S):
        seen.here_bytes = max(seen.here_bytes, here.memory_info().rss)
        for child in here.children(recursive=True):
            try:
                seen.child_bytes = max(seen.child_bytes, child.memory_info().rss)
                seen.child_s[child.pid] = sum(child.cpu_times()[:2])
            except psutil.NoSuchProcess:
                continue


def _processor() -> float:
    told = os.times()
    return told.user + told.system + told.children_user + told.children_system
