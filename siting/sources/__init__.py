"""The only stage that opens input files: roads, population, districts, facilities, candidates, water."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siting.sources.dates import dates_of
from siting.sources.documents import Document, read_yaml
from siting.sources.manifest import unchanged
from siting.sources.options import SourceOptions
from siting.sources.shipped import shipped

if TYPE_CHECKING:
    from siting.sources.drawn import read_drawn
    from siting.sources.loading import Checked, check, load

__all__ = [
    "Checked",
    "Document",
    "SourceOptions",
    "check",
    "dates_of",
    "load",
    "read_drawn",
    "read_yaml",
    "shipped",
    "unchanged",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's attribute can be anything
    """Import the readers, and the heavy libraries behind them, when they are first asked for."""
    if name in {"Checked", "check", "load"}:
        from siting.sources import loading  # noqa: PLC0415

        return getattr(loading, name)
    if name == "read_drawn":
        from siting.sources.drawn import read_drawn  # noqa: PLC0415

        return read_drawn
    message = f"module 'siting.sources' has no attribute {name!r}"
    raise AttributeError(message)
