"""Stopping a search that is under way, with the best plan found so far.

Everything that searches asks `now` for the time. Once somebody has asked to stop, the clock is put so far forward that
every deadline set before has passed; what is needed to hand over a plan (whole beds, earlier phases) sets new ones.
"""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_AHEAD_S = 1e9
_asked = threading.Event()
_under_way = threading.Event()
_heeded = threading.Event()


def now() -> float:
    """Return seconds of a clock that never goes back; beyond every earlier deadline once a stop was asked for."""
    return time.monotonic() + (_AHEAD_S if _asked.is_set() else 0.0)


def stopped() -> bool:
    """Return whether a stop was asked for."""
    return _asked.is_set()


def heeded() -> bool:
    """Return whether anybody may ask to stop."""
    return _heeded.is_set()


@contextmanager
def under_way() -> Iterator[None]:
    """Mark a search that has something to keep when it is interrupted."""
    _under_way.set()
    try:
        yield
    finally:
        _under_way.clear()


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C end a search with what it has; a second one, or one at any other time, interrupts as usual.

    Only the main thread hears signals; in any other this does nothing, nor where interrupts are ignored (``nohup``).
    """
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if ignored or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, _heard)
    _heeded.set()
    try:
        yield
    finally:
        _heeded.clear()
        signal.signal(signal.SIGINT, before)
        _asked.clear()


def _heard(number: int, frame: FrameType | None) -> None:
    if _asked.is_set() or not _under_way.is_set():
        signal.default_int_handler(number, frame)
    _asked.set()
