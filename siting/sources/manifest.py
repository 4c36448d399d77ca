"""Finds input files, remembers what was read of them (sha256) and what looked suspicious."""

from __future__ import annotations

import hashlib
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from siting.errors import DataError, Problem, SitingWarning
from siting.model.text import Provenance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SIDECARS: dict[str, tuple[str, ...]] = {
    ".shp": (".shx", ".dbf", ".prj", ".cpg"),
    ".tif": (".tfw", ".tif.aux.xml"),
    ".tiff": (".tfw", ".tiff.aux.xml"),
}
"""Files that say part of what their main file says, by the main file's suffix."""

CHUNK_BYTES = 1 << 20


@dataclass(slots=True)
class Intake:
    """What the readers of one run share.

    Attributes
    ----------
    base : Path
        Folder of the study file.
    root : Path or None
        The data root; relative paths are taken from it when it is given.
    provenance : list[Provenance]
        Grows with every file read.
    warnings : list[SitingWarning]
        Grows with everything suspicious.
    """

    base: Path
    root: Path | None = None
    provenance: list[Provenance] = field(default_factory=list)
    warnings: list[SitingWarning] = field(default_factory=list)

    def find(self, written: str, key: str) -> Path:
        """Return where the file is that the study names under `key`.

        Raises
        ------
        DataError
            When it is not there; with the path as written and where it was looked for.
        """
        path = (self.root or self.base) / written
        if path.is_file():
            return path
        found = "is a folder, not a file" if path.is_dir() else f"there is no such file (looked for {path})"
        home = "the data root" if self.root else "the study file's folder; or name a data root (--data-root)"
        raise DataError([Problem(written, found, f"mend `{key}`: relative paths are taken from {home}")])

    def record(self, role: str, written: str, crs: str = "", licence: str = "") -> None:
        """Add a file, and the files that belong to it, to the provenance."""
        path = (self.root or self.base) / written
        names = [path.name]
        for suffix, others in SIDECARS.items():
            if path.suffix.lower() == suffix:
                names += [path.stem + other for other in others if path.with_name(path.stem + other).is_file()]
        for name in names:
            piece = path.with_name(name)
            shown = written[: len(written) - len(path.name)] + name
            entry = Provenance(role, shown, sha256_of(piece), piece.stat().st_size, crs, licence)
            if entry not in self.provenance:
                self.provenance.append(entry)

    def warn(self, source: str, zh: str, en: str, mend: tuple[str, str] = ("", "")) -> None:
        """Note something that does not stop the run; with a mending, in both languages, it is a warning."""
        self.warnings.append(SitingWarning(source, zh, en, mend))

    @contextmanager
    def listening(self, source: str) -> Iterator[None]:
        """Turn what a library warns of while it reads `source` into warnings of the run."""
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            yield
        for text in dict.fromkeys(str(one.message) for one in heard):
            self.warn(source, f"读取时的提示：{text}", f"while reading it: {text}")


def unchanged(read: Iterable[Provenance], root: Path | None, base: Path) -> bool:
    """Say whether files that were read before are still the same bytes, with the same files beside them.

    What is no file, such as a table in a database, cannot be known to be unchanged.
    """
    told = tuple(read)
    intake = Intake(base, root)
    try:
        for entry in told:
            intake.record(entry.role, entry.path, entry.crs, entry.licence)
    except OSError:
        return False
    return tuple(intake.provenance) == told


def sha256_of(path: Path) -> str:
    """Return the hexadecimal SHA-256 digest of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
