"""What a worker process does before anything else: an interrupt at the terminal is its master's business."""

from __future__ import annotations

import contextlib
import signal


def dask_setup(worker: object) -> None:
    """Leave interrupts to the process that gave the orders; it ends its workers itself."""
    del worker
    with contextlib.suppress(ValueError):  # not the main thread: nothing would be delivered here anyway
        signal.signal(signal.SIGINT, signal.SIG_IGN)
