"""``siting check``: every problem, warning and note of a study's inputs at once, for people or for machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from siting.cli.caching import cache_of
from siting.cli.studies import config_of
from siting.cli.talk import BAD_INPUT, DONE, SHORT, Progress
from siting.errors import ConfigError, DataError

if TYPE_CHECKING:
    import argparse

    from siting.errors import Problem, SitingWarning


def check(options: argparse.Namespace) -> int:
    """Read everything and run nothing; with ``--strict`` a warning ends in exit code 1."""
    from siting.pipeline import check as examine  # noqa: PLC0415 - heavy

    progress, language = Progress(options), options.lang or "en"
    problems: tuple[Problem, ...] = ()
    warnings: tuple[SitingWarning, ...] = ()
    try:
        config = config_of(options)
        language = options.lang or config.options.language
        found = examine(config, progress, cache_of(options))
        problems, warnings = found.problems, found.warnings
    except ConfigError as error:
        problems = error.problems
    progress.end()
    told = _listed(problems, warnings, language)
    if options.json:
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _tell(told)
        if problems:
            raise DataError(problems)
    if problems:
        return BAD_INPUT
    return SHORT if options.strict and told["warnings"] else DONE


def _listed(problems: tuple[Problem, ...], warnings: tuple[SitingWarning, ...], language: str) -> dict[str, Any]:
    """List everything with its severity, place and mending, and how many there are of each."""
    zh = language == "zh"
    every = [("error", one.where, one.what, one.mend) for one in problems]
    every += [(one.severity, one.source, one.zh if zh else one.en, one.mend[0 if zh else 1]) for one in warnings]
    counts = {f"{kind}s": sum(one[0] == kind for one in every) for kind in ("error", "warning", "note")}
    return {**counts, "found": [dict(zip(("severity", "where", "what", "mend"), one, strict=True)) for one in every]}


def _tell(told: dict[str, Any]) -> None:
    """Print warnings and notes; errors are told as those of any command."""
    for one in told["found"]:
        if one["severity"] != "error":
            print(f"{one['severity']}: {one['where']}\n      {one['what']}")
            if one["mend"]:
                print(f"      → {one['mend']}")
    if not told["errors"]:
        print(f"no problem found, {told['warnings']} warnings, {told['notes']} notes")
