"""The command that plans many scenarios of a study and sets them side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from siting.cli.caching import cache_of
from siting.cli.talk import BAD_INPUT, DONE, Progress, say
from siting.errors import ConfigError, Problem

if TYPE_CHECKING:
    import argparse

    from siting.scenarios.crew import Hands

_WIDTH = 24


def add_hands(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say who does the work."""
    either = parser.add_mutually_exclusive_group()
    words = "processes of this machine, as many as processors unless given; 1 works in this one"
    either.add_argument("--workers", type=int, metavar="N", help=words)
    either.add_argument("--scheduler", metavar="ADDRESS", help="a Dask scheduler that runs already: tcp://HOST:PORT")
    parser.add_argument("--memory", default="auto", metavar="SIZE", help="what one worker may hold, such as 2GB")


def hands_of(options: argparse.Namespace) -> Hands:
    """Return who does the work."""
    from siting.scenarios.crew import Hands, bounded  # noqa: PLC0415 - heavy

    if options.workers is not None and options.workers < 1:
        raise ConfigError([Problem(f"--workers {options.workers}", "is nobody", "write 1 or more")])
    hands = Hands(options.workers, options.scheduler, options.memory)
    bounded(hands)  # told before anything is read
    return hands


class Bar(Progress):
    """Pieces of work as they finish."""

    def pieces(self, kind: str, name: str, done: int, total: int) -> None:
        """Tell of one piece, and draw how many are done."""
        filled = _WIDTH * done // max(total, 1)
        self(kind, f"{'█' * filled}{'·' * (_WIDTH - filled)} {done}/{total}  {name}")


def compare(options: argparse.Namespace) -> int:
    """Plan, audit across, compare."""
    cache, hands = cache_of(options), hands_of(options)
    from siting.config import load_config  # noqa: PLC0415 - heavy
    from siting.present.comparison import lines, write_comparison  # noqa: PLC0415
    from siting.scenarios.compare import Asked, compared  # noqa: PLC0415
    from siting.scenarios.reading import comparison  # noqa: PLC0415

    config = load_config(options.study, data_root=options.data_root, changes=options.changes)
    language = options.lang or config.options.language
    folder = options.output or Path("maps") / f"{config.options.study}-compare"
    wanted = tuple(name.strip() for name in (options.scenarios or "").split(",") if name.strip())
    asked = Asked(options.study, folder, options.data_root, wanted, tuple(options.changes), cache.folder)
    bar = Bar(options)
    found = compared(asked, hands, bar.pieces)
    told = comparison(found)
    written = write_comparison(told, folder, language)
    bar.end()
    for name, reason in found.failures.items():
        say(f"{name} failed:\n  {reason}")
    if options.json:
        print(json.dumps(told.summary | {"folder": str(folder)}, ensure_ascii=False, indent=1))
    else:
        print("\n".join([*lines(told, language), *(f"  {path}" for path in written)]))
    return BAD_INPUT if found.failures else DONE


def batch(options: argparse.Namespace) -> int:
    """Plan many counties and gather them."""
    cache, hands = cache_of(options), hands_of(options)
    from siting.present.province import write_province  # noqa: PLC0415 - heavy
    from siting.scenarios.batch import Batch, planned, studies_of  # noqa: PLC0415

    folder = options.output or Path("maps") / "batch"
    studies = studies_of(options.studies)
    told = Batch(
        studies, folder, options.data_root, tuple(options.changes), cache.folder, across=not options.borders_closed
    )
    bar = Bar(options)
    found = planned(told, hands, bar.pieces)
    folder.mkdir(parents=True, exist_ok=True)
    written = write_province(found.counties, found.failures, folder, options.lang or "zh")
    bar.end()
    for name, reason in found.failures.items():
        say(f"{name} failed:\n  {reason}")
    if options.json:
        summary = {"counties": list(found.counties), "failed": dict(found.failures), "folder": str(folder)}
        print(json.dumps(summary, ensure_ascii=False, indent=1))
    else:
        print(f"{len(found.counties)} / {len(studies)}")
        for path in written:
            print(f"  {path}")
    return BAD_INPUT if found.failures else DONE
