"""The present situation audited under each reading that the texts leave open, one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting import groundwork, rules
from siting.cache import NO_CACHE
from siting.errors import ConfigError, Problem
from siting.groundwork import Clock, silent
from siting.model.plan import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from siting.cache import Cache
    from siting.config import Config


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
        try:
            found[name] = changes, load(changes)
        except ConfigError as error:
            told = (Problem(f"meanings.{name}: {one.where}", one.what, one.mend) for one in error.problems)
            problems += told
    if problems:
        raise ConfigError(problems)
    return found


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
        readings.append(Reading(name, dict(changes), rules.audit(config.rules, problem, today)))
    return tuple(readings)
