"""The cache of stages: where commands find it, and the command that lists and clears it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from siting.cli.talk import DONE, say
from siting.errors import ConfigError, Problem

if TYPE_CHECKING:
    import argparse

    from siting.cache import Cache


def add_cache(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say where stages are kept."""
    words = "where finished stages are kept (or SITING_CACHE); the user's folder of caches unless given"
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--cache", type=Path, metavar="DIR", help=words)
    either.add_argument("--no-cache", action="store_true", help="make every stage anew, and keep none")


def cache_of(options: argparse.Namespace) -> Cache:
    """Return the cache that a command uses."""
    from siting.cache import Cache  # noqa: PLC0415 - heavy

    if getattr(options, "no_cache", False):
        return Cache(None)
    folder = getattr(options, "cache", None) or Cache.usual_folder()
    if folder.exists() and not folder.is_dir():
        raise ConfigError([Problem(f"--cache {folder}", "is a file, not a folder", "name a folder, or --no-cache")])
    return Cache(folder, say)


def cache(options: argparse.Namespace) -> int:
    """List what is kept, or remove it."""
    kept = cache_of(options)
    entries = kept.entries()
    if options.clear:
        removed = kept.trim(0)
        print(f"{kept.folder}: {removed} of {len(entries)} entries removed")
        return DONE
    for entry in entries:
        used = dt.datetime.fromtimestamp(entry.used, dt.UTC).astimezone().isoformat(" ", "minutes")
        print(f"{used[:16]}  {entry.size_bytes / 2**20:9,.1f} MB  {entry.stage:<10}  {entry.path.stem[:12]}")
    print(f"{kept.folder}: {len(entries)} entries, {sum(entry.size_bytes for entry in entries) / 2**20:,.1f} MB")
    return DONE
