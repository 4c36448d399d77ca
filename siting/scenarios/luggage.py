"""Input files for workers that do not see them: sent once to each, and kept there by the digest of their contents."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from distributed import WorkerPlugin, get_worker

from siting.errors import DataError, Problem
from siting.sources.manifest import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_STORE = "siting-inputs"


class Luggage(WorkerPlugin):
    """Files that every worker finds below its own folder, also one that joins later or comes back.

    Parameters
    ----------
    files : Mapping[str, bytes]
        Contents by path below the common folder of all.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        told = hashlib.sha256()
        for path, content in sorted(self.files.items()):
            told.update(f"{path}\0{hashlib.sha256(content).hexdigest()}\n".encode())
        self.digest = told.hexdigest()
        self.name = f"{_STORE}-{self.digest}"

    def setup(self, worker: Any) -> None:  # noqa: ANN401 - a worker of distributed
        """Unpack, unless it was done before; the folder appears whole."""
        place = Path(worker.local_directory) / _STORE / self.digest
        if place.exists():
            return
        beside = place.with_name(f".{self.digest}.{os.getpid()}")
        for path, content in self.files.items():
            target = beside / PurePosixPath(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        try:
            beside.rename(place)
        except OSError:  # another worker on this machine was quicker
            if not place.exists():
                raise


def unpacked(digest: str) -> Path:
    """Return the folder of shipped inputs on the worker that asks."""
    return Path(get_worker().local_directory) / _STORE / digest


def packed(files: Iterable[Path], homes: Iterable[Path]) -> tuple[Luggage, list[str]]:
    """Pack files to be found at the same places relative to each other.

    Parameters
    ----------
    files : iterable of Path
    homes : iterable of Path
        Files or folders whose place below the common folder is returned.

    Raises
    ------
    DataError
        When they lie on different drives, so that they have no folder in common.
    """
    whole = [path.resolve() for path in files]
    told = [path.resolve() for path in homes]
    try:
        common = Path(os.path.commonpath([*(path.parent for path in whole), *told]))
    except ValueError as error:
        mend = "put the study and its inputs on one drive, or where every worker sees them"
        raise DataError([Problem(str(whole[0]), "has no folder in common with the others", mend)]) from error
    contents = {path.relative_to(common).as_posix(): path.read_bytes() for path in dict.fromkeys(whole)}
    return Luggage(contents), [path.relative_to(common).as_posix() for path in told]


def seen(digests: Mapping[str, str]) -> bool:
    """Say, on a worker, whether it sees these files with these contents: shared storage needs no luggage."""
    try:
        return all(sha256_of(Path(path)) == digest for path, digest in digests.items())
    except OSError:
        return False
