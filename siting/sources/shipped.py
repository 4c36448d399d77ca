"""Finds the files that ship with the package: studies, policies, the catalogue, the demo county."""

from __future__ import annotations

from pathlib import Path

from siting.errors import ConfigError, Problem


def shipped(relative: str) -> Path:
    """Return the path of a shipped file or folder, in an installed wheel or in a checkout.

    Parameters
    ----------
    relative : str
        Path as in the repository, e.g. ``configs/profiles.yaml``.

    Raises
    ------
    ConfigError
        When this installation does not have it.
    """
    package = Path(__file__).parents[1]
    for home in (package / "_shipped", package.parent):
        path = home / relative
        if path.exists():
            return path
    raise ConfigError([Problem(relative, "does not ship with this installation", "install siting again, whole")])
