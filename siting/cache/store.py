"""A folder of finished stages, one file each, named by the digest of what went in.

A stage is a function of its arguments; its file's name is a digest of their content, of the code that stages are made
of, and of the libraries under it. Nothing in it can be out of date, so nothing is ever checked for age: what changes
gets another name. Several processes may use one folder: files are written aside and renamed, and one that is missing or
damaged is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import uuid
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np
from platformdirs import user_cache_path

from siting.cache.packing import DamagedError, digest, pack, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

P = ParamSpec("P")
T = TypeVar("T")

LIMIT_BYTES = 8 * 2**30
"""What a cache may hold before its least used entries go, unless SITING_CACHE_LIMIT_GB says otherwise."""

_TREE = "tree"
_SUFFIX = ".npz"
_LIBRARIES = ("numpy", "scipy", "shapely", "pyproj", "rasterio", "pyogrio", "osmium", "osmnx", "pandas", "numba")
_SOLVERS = ("highspy", "pulp")
_NOT_OF_STAGES = {"cli", "present", "optimise", "rules", "scenarios", "batches"}
"""Rooms of the house that no cached stage can import: the star of imports says so."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a cache.

    Attributes
    ----------
    path : Path
    stage : str
    size_bytes : int
    used : float
        Seconds since the epoch.
    """

    path: Path
    stage: str
    size_bytes: int
    used: float


class Cache:
    """Finished stages on disk.

    Parameters
    ----------
    folder : Path or None
        None keeps nothing.
    warn : callable, optional
        Told of entries that are damaged and of a folder that cannot be written; neither stops a run.
    limit_bytes : int, optional
        Beyond it the least recently used entries are removed.
    """

    def __init__(
        self, folder: Path | None, warn: Callable[[str], None] = lambda _: None, limit_bytes: int | None = None
    ) -> None:
        self.folder = folder
        self._warn = warn
        self._limit = _limit_of_environment() if limit_bytes is None else limit_bytes

    @staticmethod
    def usual_folder() -> Path:
        """Return where caches are unless somebody says otherwise: SITING_CACHE, or the user's folder of caches."""
        told = os.environ.get("SITING_CACHE")
        return Path(told) if told else user_cache_path("siting", appauthor=False) / "stages"

    def call(self, stage: str, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Return what a function makes of its arguments, from the cache where it has done so before.

        Parameters
        ----------
        stage : str
            Name of the folder inside the cache.
        function : callable
            Must depend on nothing but its arguments, and neither change them nor its result.
        """
        if self.folder is None:
            return function(*arguments, **named)
        key = self.key(function.__module__, function.__qualname__, arguments, named)
        found, value = self.find(stage, key)
        if found:
            kept: T = value
            return kept
        made = function(*arguments, **named)
        self.keep(stage, key, made)
        return made

    def key(self, *parts: object, whole: bool = False) -> str:
        """Return the name under which something is kept that was made of these values by this code.

        `whole`: by any of siting's code and by the solver, as plans are; otherwise by the code of stages.
        """
        return "" if self.folder is None else digest((code_version(whole=whole), parts))

    def find(self, stage: str, key: str) -> tuple[bool, Any]:
        """Return whether there is an entry, and what it holds; a damaged one is removed, and told."""
        if self.folder is None:
            return False, None
        path = self.folder / stage / f"{key}{_SUFFIX}"
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as held:
                tree = json.loads(held[_TREE].tobytes())
                arrays = [held[str(number)] for number in range(len(held.files) - 1)]
            value = unpack(tree, arrays)
        except (FileNotFoundError, NotADirectoryError):
            return False, None
        except (DamagedError, OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            self._warn(f"{path} is damaged and made again ({error})")
            with contextlib.suppress(OSError):
                path.unlink()
            return False, None
        with contextlib.suppress(OSError):
            os.utime(path)
        return True, value

    def keep(self, stage: str, key: str, value: object) -> None:
        """Write an entry; where that cannot be done the run goes on without it."""
        if self.folder is None:
            return
        tree, arrays = pack(value)
        held = {str(number): array for number, array in enumerate(arrays)}
        held[_TREE] = np.frombuffer(json.dumps(tree).encode(), dtype=np.uint8)
        path = self.folder / stage / f"{key}{_SUFFIX}"
        aside = path.with_name(f".{key[:16]}.{uuid.uuid4().hex}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with aside.open("wb") as stream:
                np.savez(stream, **held)  # type: ignore[arg-type]
            aside.replace(path)
        except OSError as error:
            self._warn(f"nothing can be kept in {self.folder} ({error})")
        finally:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
        self.trim()

    def entries(self) -> list[Entry]:
        """List what is there, the most recently used first."""
        return sorted(self._entries(), key=lambda entry: (-entry.used, str(entry.path)))

    def _entries(self) -> Iterator[Entry]:
        for path in () if self.folder is None else self.folder.glob(f"*/*{_SUFFIX}"):
            with contextlib.suppress(FileNotFoundError):  # another process may remove it meanwhile
                told = path.stat()
                yield Entry(path, path.parent.name, told.st_size, told.st_mtime)

    def trim(self, limit_bytes: int | None = None) -> int:
        """Remove the least recently used entries beyond the limit; return how many."""
        limit = self._limit if limit_bytes is None else limit_bytes
        removed, held = 0, 0
        for entry in self.entries():
            held += entry.size_bytes
            if held > limit:
                with contextlib.suppress(OSError):
                    entry.path.unlink()
                    removed += 1
        return removed


def _limit_of_environment() -> int:
    told = os.environ.get("SITING_CACHE_LIMIT_GB", "")
    try:
        return int(float(told) * 2**30)
    except ValueError:
        return LIMIT_BYTES


@lru_cache(maxsize=2)
def code_version(*, whole: bool = False) -> str:
    """Return the digest of the code and the libraries that stages are made of, in hexadecimal.

    Parameters
    ----------
    whole : bool
        All code of siting, with the solver: what finished runs are made of.
    """
    package = Path(__file__).parents[1]
    found = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package)
        if whole or name.parts[0] not in _NOT_OF_STAGES:
            found.update(name.as_posix().encode() + b"\0" + path.read_bytes())
    for configs in (package / "_shipped" / "configs", package.parent / "configs"):
        for path in sorted(configs.glob("*.yaml")):
            found.update(path.name.encode() + b"\0" + path.read_bytes())
    versions = [metadata.version(name) for name in (*_LIBRARIES, *(_SOLVERS if whole else ()))]
    found.update(" ".join((*versions, platform.python_version(), platform.system(), platform.machine())).encode())
    return found.hexdigest()


NO_CACHE = Cache(None)
"""Keeps nothing."""
