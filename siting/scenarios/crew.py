"""Who does the work: this process alone, worker processes of this machine, or a Dask cluster."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from siting.cache import code_version
from siting.errors import ConfigError, Problem
from siting.scenarios.orders import Failure, attempted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from siting.scenarios.orders import Files

Task = tuple[Any, ...]
"""A function of `siting.scenarios.orders`, and what it is given."""
SHARED = "auto"
"""Memory of workers who share what this machine has."""
LEAST_MEMORY = "600MB"
"""A worker holds nearly as much once it has loaded its libraries."""
_PATIENCE_S = 30
_SETTINGS = {
    "distributed.worker.preload": ["siting.scenarios.worker"],
    "distributed.admin.log-format": "%(message)s",
    # Results are small: there is nothing to spill, and a worker that waited for its own memory to shrink would wait on.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    # One task at a time: nobody's task lies idle behind a long one, or is blamed for what that one does to its worker.
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.allowed-failures": 1,
}
_LOST = "its worker was lost {times} times over, most likely for want of memory; give more (--memory), or fewer workers"


class Crew(Protocol):
    """Does work, in any order."""

    shared: bool
    """Whether workers see this machine's files under the same paths."""

    def results(self, tasks: Mapping[str, Task]) -> Iterator[tuple[str, Files | Failure]]:
        """Yield the result of every task by name, as they finish."""
        ...

    def send(self, luggage: Any) -> None:  # noqa: ANN401 - `siting.scenarios.luggage.Luggage`
        """Give every worker the same files."""
        ...

    def every(self, question: Callable[..., bool], *given: object) -> bool:
        """Say whether every worker answers yes."""
        ...


class Alone:
    """One task after the other, in this very process."""

    shared = True

    def results(self, tasks: Mapping[str, Task]) -> Iterator[tuple[str, Files | Failure]]:
        """Yield results in the order of the tasks."""
        for name, (work, *given) in tasks.items():
            yield name, attempted(work, *given)

    def send(self, luggage: Any) -> None:  # noqa: ANN401
        """Do nothing: the files are here."""

    def every(self, question: Callable[..., bool], *given: object) -> bool:
        """Ask this process."""
        return question(*given)


class Cluster:
    """The workers of a Dask scheduler; a task whose worker is lost is given to another one."""

    def __init__(self, client: Any, *, shared: bool) -> None:  # noqa: ANN401 - distributed ships no types
        self._client, self.shared = client, shared

    def results(self, tasks: Mapping[str, Task]) -> Iterator[tuple[str, Files | Failure]]:
        """Yield results as they come in."""
        from distributed import KilledWorker, as_completed  # noqa: PLC0415 - heavy

        names = {}
        for name, task in tasks.items():
            names[self._client.submit(attempted, *task, pure=False, key=f"siting-{name}-{os.urandom(6).hex()}")] = name
        for future in as_completed(list(names)):
            try:
                found = future.result()
            except KilledWorker as error:
                found = Failure(_LOST.format(times=error.allowed_failures + 1))
            except Exception as error:  # noqa: BLE001 - whatever it is, the others are worth finishing
                found = Failure(f"{type(error).__name__}: {error}")
            yield names.pop(future), found
            future.release()

    def send(self, luggage: Any) -> None:  # noqa: ANN401
        """Register the files: every worker gets them once, those that join later too."""
        self._client.register_plugin(luggage)

    def every(self, question: Callable[..., bool], *given: object) -> bool:
        """Ask every worker that is there."""
        return all(self._client.run(question, *given).values())


@dataclass(frozen=True, slots=True)
class Hands:
    """How much help is asked for.

    Attributes
    ----------
    workers : int or None
        Processes of this machine; 1 works in this very process. As many as processors unless given.
    scheduler : str or None
        Address of a running scheduler, ``tcp://host:port``.
    memory : str
        What one worker of this machine may hold, ``2GB``; one that needs more is ended and its work given to another,
        and reported as failed if that one is ended too. ``auto`` shares this machine's memory. Workers of a scheduler
        that runs already have their own limits.
    scratch : Path or None
        Where workers keep what they need only while they live.
    """

    workers: int | None = None
    scheduler: str | None = None
    memory: str = SHARED
    scratch: Path | None = None


@contextmanager
def crew_of(hands: Hands, tasks: int) -> Iterator[Crew]:
    """Hire for a number of tasks; whoever was hired here is let go at the end, come what may.

    Raises
    ------
    ConfigError
        When no scheduler answers, it has no workers, or these run another siting.
    """
    workers = min(hands.workers or os.cpu_count() or 1, max(tasks, 1))
    if hands.scheduler is None and workers == 1 and hands.memory == SHARED:
        yield Alone()
        return
    import dask  # noqa: PLC0415 - heavy
    from distributed import Client, LocalCluster  # noqa: PLC0415

    limit = bounded(hands)
    with dask.config.set(_SETTINGS):
        if hands.scheduler is not None:
            with _joined(hands.scheduler) as client:
                yield Cluster(client, shared=False)
            return
        with (
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                memory_limit=limit,
                dashboard_address=None,
                local_directory=None if hands.scratch is None else str(hands.scratch),
                silence_logs=50,
            ) as cluster,
            Client(cluster) as client,
        ):
            yield Cluster(client, shared=True)


def bounded(hands: Hands) -> int | str:
    """Return what a worker of this machine may hold, in bytes; ``auto`` where they share what there is.

    Raises
    ------
    ConfigError
        When it is no amount, too little to begin with, or meant for workers that have their limits already.
    """
    if hands.memory == SHARED:
        return SHARED
    from dask.utils import parse_bytes  # noqa: PLC0415 - heavy

    where = f"--memory {hands.memory}"
    if hands.scheduler is not None:
        mend = f"leave it out, and start them with it: dask worker {hands.scheduler} --memory-limit {hands.memory}"
        raise ConfigError([Problem(where, "workers of a scheduler have their own limits", mend)])
    try:
        limit = int(parse_bytes(hands.memory))
    except ValueError as error:
        raise ConfigError([Problem(where, "is no amount of memory", "write 2GB, or 1500MB")]) from error
    if limit < parse_bytes(LEAST_MEMORY):
        what = f"is less than a worker holds before it has read anything ({LEAST_MEMORY})"
        raise ConfigError([Problem(where, what, "write 2GB, or 1500MB")])
    return limit


@contextmanager
def _joined(address: str) -> Iterator[Any]:
    """Join a cluster that runs already, once it is known to be fit."""
    from distributed import Client  # noqa: PLC0415 - heavy

    where = f"--scheduler {address}"
    try:
        client = Client(address, timeout=_PATIENCE_S)
    except (OSError, TimeoutError, ValueError) as error:
        mend = "start one with `dask scheduler`, and write tcp://HOST:PORT"
        raise ConfigError([Problem(where, f"no scheduler answers ({error})", mend)]) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE_S)
            others = client.run(code_version, whole=True)
        except TimeoutError as error:
            mend = f"start some: dask worker {address} --nthreads 1 --memory-limit 2GB"
            raise ConfigError([Problem(where, "the scheduler has no workers", mend)]) from error
        except (ImportError, ModuleNotFoundError) as error:
            raise ConfigError([Problem(where, f"a worker has no siting ({error})", "install it there")]) from error
        strangers = sorted(name for name, version in others.items() if version != code_version(whole=True))
        if strangers:
            what = f"{', '.join(strangers)} run another siting, or other versions of its libraries"
            raise ConfigError([Problem(where, what, "install the same there, with the same constraints.txt")])
        yield client
