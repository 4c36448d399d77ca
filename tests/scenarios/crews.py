"""A study with two dozen scenarios, and a real Dask scheduler with worker processes on this machine."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import psutil
from distributed import Client
from town_files import write_town

from siting.access.threads import thread_count

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MANY = """\
sweeps:
  speed: {walk.speed_m_per_s: [0.6, 0.65, 0.75, 0.8, 1.0, 1.1, 1.2]}
  share: {rules.PY-01.share: [0.6, 0.7, 0.8, 7]}
  beds: {rules.HN-03.beds: [200, 250], solver.gap: [0.001, 0.01]}
uncertainty:
  draws: 7
  seed: 1
  persons: {normal: [1.0, 0.03]}
  costs: {uniform: [0.8, 1.3]}
  fails: {leased: 0.2}
"""
"""With the study itself and its slow walkers 24; `share-7` asks for more than everybody and must fail."""
FEW = "sweeps: {speed: {walk.speed_m_per_s: [0.6, 0.75]}}\n"


def write_study(folder: Path, scenarios: str) -> Path:
    """Write the town with scenarios; the grid of candidates is left out."""
    path = write_town(folder)
    text = path.read_text(encoding="utf-8")
    grid = next(line for line in text.splitlines() if "generate: grid" in line)
    path.write_text(text.replace(grid + "\n", "") + scenarios, encoding="utf-8")
    return path


def files_of(out: Path) -> dict[str, bytes]:
    """Every file of a comparison by its path, the timings of runs left out."""
    found = {}
    for path in sorted(out.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            if path.name == "run.json":
                told = json.loads(content)
                assert told.pop("timings")
                content = json.dumps(told, ensure_ascii=False).encode()
            found[path.relative_to(out).as_posix()] = content
    return found


def memory_of(megabytes: int) -> dict[str, bytes]:
    """Hold so much memory for a second beyond what the process has, then let it go; return how much it held at most."""
    held = np.ones(megabytes * 2**17)
    time.sleep(1.0)
    return {"peak": str(round(psutil.Process().memory_info().rss / 2**20 + 0 * held[-1])).encode()}


def threads_of() -> dict[str, bytes]:
    """How many threads a worker's kernels run on."""
    return {"threads": str(thread_count()).encode()}


def free_port() -> int:
    """Return a port of the loopback that nobody uses."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def started(module: str, *arguments: str, folder: Path) -> subprocess.Popen[bytes]:
    """Start a process of Dask that says nothing."""
    command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, cwd=folder, env=os.environ | {"OMP_NUM_THREADS": "1"}, **quiet)  # type: ignore[call-overload, no-any-return] # noqa: S603


@contextmanager
def scheduler_with_workers(folder: Path, count: int = 2) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a scheduler and worker processes without nannies, so that a killed one stays dead."""
    address = f"tcp://127.0.0.1:{free_port()}"
    host, port = address.removeprefix("tcp://").split(":")
    running = [started("dask_scheduler", "--host", host, "--port", port, "--no-dashboard", folder=folder)]
    usual = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "2GB")
    try:
        running += [
            started("dask_worker", address, *usual, "--local-directory", str(folder / f"worker{number}"), folder=folder)
            for number in range(count)
        ]
        until = time.monotonic() + 120
        while True:
            try:
                with Client(address, timeout=5) as client:
                    client.wait_for_workers(count, timeout=60)
                break
            except (OSError, TimeoutError):
                assert time.monotonic() < until, "no scheduler within two minutes"
        yield address, running[1:]
    finally:
        for process in running:
            process.kill()
        for process in running:
            process.wait(30)
