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
        path = next((path for path in _places(tables.folder, entry["path"], data_root) if path.is_file()), None)
        if path is None:
            tally.aside.append(str(entry["path"]))
        else:
            tally.equal(f"run.json inputs {entry['path']}", entry["sha256"], _sha256(path))
    return tally


def _places(run: Path, name: str, data_root: Path | None) -> Iterator[Path]:
    """Yield where an input may lie: absolute, below the data root, and where a study beside the run would have it."""
    if data_root is not None:
        yield data_root / name
    for folder in (Path.cwd(), run, *run.resolve().parents[:3]):
        yield folder / name
        yield folder / "configs" / "studies" / name


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
