"""Results on disk as they finish: a folder for each, there when it is whole, found again when its work is the same."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from siting.scenarios.orders import Files

_DONE, _WRITING = "done.json", ".writing"


class Shelf:
    """A folder of finished pieces of work, each under its name with the key of what it was made from.

    Parameters
    ----------
    folder : Path
        Made when the first piece is put there. What an interrupted run left half-written in it is removed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for left in folder.glob(f".*{_WRITING}"):
            shutil.rmtree(left, ignore_errors=True)

    def finished(self, name: str, key: str) -> bool:
        """Say whether this very piece of work was finished before."""
        try:
            told = json.loads(self.folder.joinpath(name, _DONE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return isinstance(told, dict) and told.get("key") == key

    def put(self, name: str, key: str, files: Files) -> None:
        """Write a piece of work; it appears whole or not at all, and an older one of its name gives way."""
        beside = self.folder / f".{name}{_WRITING}"
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        for file, content in files.items():
            beside.joinpath(file).write_bytes(content)
        beside.joinpath(_DONE).write_text(json.dumps({"key": key}) + "\n", encoding="utf-8")
        place = self.folder / name
        if place.exists():
            old = self.folder / f".{name}.old{_WRITING}"
            shutil.rmtree(old, ignore_errors=True)
            place.rename(old)
            beside.rename(place)
            shutil.rmtree(old)
        else:
            beside.rename(place)

    def read(self, name: str, file: str) -> bytes:
        """Return the contents of one file of a finished piece."""
        return self.folder.joinpath(name, file).read_bytes()

    def keep_only(self, names: set[str]) -> None:
        """Remove pieces of other names."""
        for place in self.folder.glob("*"):
            if place.is_dir() and place.name not in names and place.joinpath(_DONE).exists():
                shutil.rmtree(place)
