"""Office files are zip archives that carry the moment of their writing; equal runs shall give equal files."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_FALLBACK = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms)")


def moment_of(run: Mapping[str, Any]) -> dt.datetime:
    """Return when a run was made: the first stamp among its timings (UTC where it names no zone), or a fixed day."""
    for value in run["timings"].values():
        if isinstance(value, str):
            try:
                moment = dt.datetime.fromisoformat(value)
            except ValueError:
                continue
            return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return _FALLBACK


def repack(path: Path, moment: dt.datetime) -> None:
    """Write an office file anew, with the run's moment as its date and no other clock in it."""
    with zipfile.ZipFile(path) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            entry = zipfile.ZipInfo(name, _ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            dated = _STAMP.sub(rb"\g<1>" + stamp + rb"\g<2>", content) if name == "docProps/core.xml" else content
            archive.writestr(entry, dated)
