"""What work takes: seconds of the clock and of processors, and the most memory that one of its processes holds."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable

_EVERY_S = 0.2


def timed(what: str, work: Callable[[], object]) -> float:
    """Do some work and print what it took; returns seconds of the clock."""
    ended = threading.Event()
    most = [0, 0]
    watch = threading.Thread(target=_watched, args=(most, ended), daemon=True)
    watch.start()
    began, used = time.perf_counter(), _processor()
    work()
    seconds = time.perf_counter() - began
    ended.set()
    watch.join()
    held = f"{most[0] / 2**30:.2f} GB here, {most[1] / 2**30:.2f} GB in a worker at most"
    print(f"{what:40} {seconds:8.1f} s   {_processor() - used:8.1f} s of processors   {held}", flush=True)
    return seconds


def _watched(most: list[int], ended: threading.Event) -> None:
    """Keep the most memory that this process, and any one of its children, was seen to hold."""
    here = psutil.Process()
    while not ended.wait(_EVERY_S):
        most[0] = max(most[0], here.memory_info().rss)
        for child in here.children(recursive=True):
            try:
                most[1] = max(most[1], child.memory_info().rss)
            except psutil.NoSuchProcess:
                continue


def _processor() -> float:
    told = os.times()
    return told.user + told.system + told.children_user + told.children_system
