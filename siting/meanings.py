"""The present situation audited under each reading that the texts leave open, one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting import groundwork, rules
from siting.cache import NO_CACHE
from siting.errors import ConfigError, Problem
from siting.groundwork import Clock, silent
from siting.model.plan import Reading
from siting.model.text import LANGUAGES, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from siting.cache import Cache
    from siting.config import Config

_TITLE = "title"
"""The key of a reading that changes nothing: what reports call it."""


def configured(
    config: Config, load: Callable[[Mapping[str, object]], Config]
) -> dict[str, tuple[Mapping[str, object], Config]]:
    """Read the study once more for every reading that it, or one of its packs, declares.

    Parameters
    ----------
    config : Config
        The study as it is.
    load : callable
        Reads the study with some of its keys changed: dotted keys and values.

    Raises
    ------
    ConfigError
        When no reading is declared, or with what is wrong with any.
    """
    if not config.meanings:
        what = "neither the study nor its packs declare readings to compare"
        mend = "write `meanings: {slower: {walk.speed_m_per_s: 0.7}}` into the study"
        raise ConfigError([Problem(f"{config.files[0]} meanings", what, mend)])
    found: dict[str, tuple[Mapping[str, object], Config]] = {}
    problems: list[Problem] = []
    for name, changes in config.meanings.items():
        if not _is_titled(changes.get(_TITLE, {"zh": name, "en": name})):
            mend = "write `title: {zh: 步行较慢, en: slower walk}`"
            problems.append(Problem(f"meanings.{name}.title", "is no name in both languages", mend))
            continue
        try:
            found[name] = changes, load({key: value for key, value in changes.items() if key != _TITLE})
        except ConfigError as error:
            told = (Problem(f"meanings.{name}: {one.where}", one.what, one.mend) for one in error.problems)
            problems += told
    if problems:
        raise ConfigError(problems)
    return found


def _is_titled(title: object) -> bool:
    """Say whether a title has words in both languages."""
    return isinstance(title, dict) and all(isinstance(title.get(key), str) and title[key] for key in LANGUAGES)


def _title(name: str, changes: Mapping[str, object]) -> Text:
    """Return what a reading is called; its name where it has no title."""
    title = changes.get(_TITLE)
    return Text(title["zh"], title["en"]) if isinstance(title, dict) else Text(name, name)


def read(
    chosen: Mapping[str, tuple[Mapping[str, object], Config]],
    progress: Callable[[str, str], None] = silent,
    cache: Cache = NO_CACHE,
) -> tuple[Reading, ...]:
    """Audit the present situation under every reading.

    Raises
    ------
    DataError
        When an input cannot be used under a reading.
    """
    readings = []
    for name, (changes, config) in chosen.items():
        progress("meanings", name)
        problem = groundwork.prepare(config, Clock(silent), cache).problem
        today = problem.existing_state()
        told = {key: value for key, value in changes.items() if key != _TITLE}
        readings.append(Reading(name, told, rules.audit(config.rules, problem, today), _title(name, changes)))
    return tuple(readings)
