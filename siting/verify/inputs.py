"""Whether the inputs are still the files that the run was made from."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from siting.model.text import Text
from siting.verify.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siting.verify.tables import Tables

_BLOCK = 1 << 20


def inputs(tables: Tables, data_root: Path | None) -> Tally:
    """Compare size and checksum of every input that is found; the others are named."""
    tally = Tally(Text("输入文件校验和", "checksums of inputs"))
    for entry in tables.run["inputs"]:
        places = [path for path in _places(tables.folder, entry["path"], data_root) if path.is_file()]
        found = list(dict.fromkeys(_sha256(path) for path in dict.fromkeys(path.resolve() for path in places)))
        if not found:
            tally.aside.append(str(entry["path"]))
        else:
            # Another study's file may lie at the same relative path: one that is the input is enough.
            tally.equal(f"run.json inputs {entry['path']}", entry["sha256"],
                        entry["sha256"] if entry["sha256"] in found else found[0])  # fmt: skip
    return tally


def _places(run: Path, name: str, data_root: Path | None) -> Iterator[Path]:
    """Yield where an input may lie: absolute, below the data root, and where a study beside the run would have it."""
    if data_root is not None:
        yield data_root / name
    for folder in (run, *run.resolve().parents[:3], Path.cwd()):
        yield folder / name
        yield folder / "configs" / "studies" / name


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
