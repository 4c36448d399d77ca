"""The inventory of fetched files, ``data/manifest.yaml``: where each is from, its sha256, licence, CRS and date."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from siting.errors import DataError, Problem
from siting.sources.manifest import sha256_of

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "Files that siting fetched. Commit this file: whoever fetches again is told when a file is not the same."


@dataclass(frozen=True, slots=True)
class Entry:
    """One file.

    Attributes
    ----------
    path : str
        Relative to the inventory's folder.
    address : str
        Where it is from; for OSM the server, with what was asked for in `area`.
    sha256 : str
    size_bytes : int
    licence, crs : str
    retrieved : str
        Day, ISO 8601.
    area : str
        What was asked for, where the address does not say.
    as_of : str
        How old the data are by their own word; empty where they do not say.
    """

    path: str
    address: str
    sha256: str
    size_bytes: int
    licence: str
    crs: str
    retrieved: str
    area: str = ""
    as_of: str = ""


_WORDS = tuple(name for name in Entry.__slots__ if name != "size_bytes")


@dataclass(frozen=True, slots=True)
class Inventory:
    """An inventory on disk.

    Attributes
    ----------
    path : Path
    """

    path: Path

    def name_of(self, file: Path) -> str:
        """Return a file's path as the inventory writes it."""
        return os.path.relpath(file.resolve(), self.path.parent.resolve()).replace(os.sep, "/")

    def entry(self, file: Path) -> Entry | None:
        """Return what is written of a file.

        Raises
        ------
        DataError
            When the inventory cannot be read.
        """
        for item in self._read().get("files") or ():
            if item.get("path") == self.name_of(file):
                told = {name: str(item.get(name, "")) for name in _WORDS}
                return Entry(size_bytes=int(item.get("size_bytes", 0)), **told)
        return None

    def standing(self, file: Path) -> Entry | None:
        """Return the entry of a file that is there and as the inventory says; None where there is no such file.

        Raises
        ------
        DataError
            When the file differs from its entry, or has none: it is not overwritten unasked.
        """
        if not file.exists():
            return None
        entry = self.entry(file)
        if entry is None:
            what, mend = f"is there, but {self.path} does not list it", "move it away, or overwrite it with --fresh"
            raise DataError([Problem(str(file), what, mend)])
        found = sha256_of(file)
        if found != entry.sha256:
            what = f"has sha256 {found}, but {self.path} says {entry.sha256}"
            mend = "it was changed or damaged since: move it away, or fetch it again with --fresh"
            raise DataError([Problem(str(file), what, mend)])
        return entry

    def write(self, entry: Entry) -> None:
        """Add or replace an entry; other entries and comments stay as they are."""
        told = self._read()
        files = told.setdefault("files", [])
        item = {name: value for name, value in asdict(entry).items() if value not in {"", 0}}
        places = [index for index, other in enumerate(files) if other.get("path") == entry.path]
        if places:
            files[places[0]] = item
        else:
            files.append(item)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_name(self.path.name + ".part")
        with part.open("w", encoding="utf-8") as stream:
            _yaml().dump(told, stream)
        part.replace(self.path)

    def _read(self) -> Any:  # noqa: ANN401 - a mapping that remembers its comments
        """Return the file's mapping, or a fresh one."""
        fresh = _yaml().map()
        fresh.yaml_set_start_comment(HEAD)
        if not self.path.exists():
            return fresh
        mend = "mend it, or move it away"
        try:
            told = _yaml().load(self.path.read_text(encoding="utf-8"))
        except (YAMLError, UnicodeDecodeError) as error:
            reason = " ".join(str(error).split())[:200]
            raise DataError([Problem(str(self.path), f"is no YAML ({reason})", mend)]) from error
        if told is None:
            return fresh
        files = told.get("files") if isinstance(told, dict) else None
        if not isinstance(files, list) or not all(isinstance(item, dict) for item in files):
            raise DataError([Problem(str(self.path), "holds no list of files under the key `files`", mend)])
        return told


def _yaml() -> Any:  # noqa: ANN401 - has no types of its own
    """Return a reader and writer that keeps comments and Chinese as they are."""
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 4096
    yaml.allow_unicode = True
    return yaml
