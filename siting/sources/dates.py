"""How old inputs are: by the study's word, by the years of the people, or by the inventory of fetched files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from siting.errors import DataError, SitingWarning
from siting.sources.inventory import Inventory
from siting.sources.options import PopulationFiles, PopulationTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from siting.model.text import Provenance
    from siting.sources.options import SourceOptions

INVENTORY = "manifest.yaml"


@dataclass(frozen=True, slots=True)
class Dated:
    """How old an input is; empty texts where nobody says.

    Attributes
    ----------
    as_of : str
        The day or year that it describes.
    retrieved : str
        The day it was fetched.
    """

    as_of: str = ""
    retrieved: str = ""


def dates_of(
    options: SourceOptions, read: Sequence[Provenance], home: Path
) -> tuple[dict[str, Dated], tuple[SitingWarning, ...]]:
    """Find how old every file is that was read.

    The study's own `as_of` comes first, then the years of the population, then ``manifest.yaml`` beside the file or in
    a folder above it, up to the folder that relative paths start from. An entry counts only while the file is the one
    that was fetched; a file that has changed since is a warning.

    Parameters
    ----------
    options : SourceOptions
    read : Sequence[Provenance]
    home : Path
        The data root, or the study's folder.

    Returns
    -------
    dict[str, Dated], tuple[SitingWarning, ...]
        By path as the study writes it.
    """
    told = dict(_told(options))
    found: dict[str, Dated] = {}
    warnings: list[SitingWarning] = []
    for item in read:
        listed, changed = _listed(home / item.path, item.sha256, home)
        years = _years(options) if item.role == "population" else ""
        as_of = told.get(item.path) or years or listed.as_of
        found[item.path] = Dated(as_of, listed.retrieved)
        if changed:
            warnings.append(
                SitingWarning(
                    item.path,
                    f"与 {INVENTORY} 所记的 sha256 不同：文件在获取之后被改动过。",
                    f"has another sha256 than {INVENTORY} says: it was changed after it was fetched.",
                    ("重新获取，或删去清单中的条目", "fetch it again, or delete its entry there"),
                )
            )
    return found, tuple(dict.fromkeys(warnings))


def _told(keys: BaseModel) -> Iterator[tuple[str, str]]:
    """List the files that the study dates, wherever they are named."""
    as_of, file = getattr(keys, "as_of", ""), getattr(keys, "file", None) or getattr(keys, "osm", None)
    if as_of and file:
        yield file, as_of
    for name in type(keys).model_fields:
        value: Any = getattr(keys, name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, BaseModel):
                yield from _told(one)


def _years(options: SourceOptions) -> str:
    """Return the years that the people are of; empty where the study does not say."""
    people = options.population
    if isinstance(people, PopulationFiles) and people.years:
        return f"{min(people.years)}–{max(people.years)}" if len(people.years) > 1 else str(people.years[0])
    year = people.year if isinstance(people, PopulationFiles | PopulationTable) else None
    return "" if year is None else str(year)


def _listed(path: Path, sha256: str, home: Path) -> tuple[Dated, bool]:
    """Return what an inventory says of a file, and whether the file is no longer the one that it lists.

    A ``manifest.yaml`` that is something else is none of ours.
    """
    folders = [folder for folder in path.parents if folder == home or home in folder.parents]
    for folder in folders:
        inventory = folder / INVENTORY
        if not inventory.is_file():
            continue
        try:
            entry = Inventory(inventory).entry(path)
        except DataError:
            continue
        if entry is not None:
            same = entry.sha256 == sha256
            return (Dated(entry.as_of, entry.retrieved) if same else Dated()), not same
    return Dated(), False
