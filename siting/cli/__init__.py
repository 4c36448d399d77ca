"""The command line: ``siting plan study.yaml``. Logging, progress and exit codes live here and nowhere else.

Heavy libraries are imported by the commands that need them, so that ``siting --help`` answers at once.

Exit codes: 0 done · 1 done, and with ``--strict`` a `must` clause is short · 2 bad input or configuration ·
3 infeasible (conflicts named) · 4 stopped without a plan · 130 interrupted · 141 nobody reads on (``| head``).
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siting import __version__
from siting.cli import caching, checking, comparing, deposits, fetching, locating, papers, studies
from siting.cli.talk import BAD_INPUT, DONE, INFEASIBLE, INTERRUPTED, SHORT, STOPPED, UNHEARD, say, unheard
from siting.errors import ProblemsError, SitingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["BAD_INPUT", "DONE", "INFEASIBLE", "INTERRUPTED", "SHORT", "STOPPED", "UNHEARD", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        try:
            return _answer(arguments)
        finally:
            sys.stdout.flush()  # here, where a reader that is gone is noticed, not when the interpreter ends
    except BrokenPipeError:
        if not unheard():
            raise
        return UNHEARD


def _answer(arguments: Sequence[str] | None) -> int:
    """Run the command that is asked for, and tell what stopped it."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except ProblemsError as error:
        count = len(error.problems)
        kept = getattr(options, "kept", "nothing was written")
        say(f"{count} {'problem' if count == 1 else 'problems'} found; {kept}.")
        for problem in error.problems:
            say(f"  {problem.where}\n      {problem.what}\n      → {problem.mend}")
        return BAD_INPUT
    except SitingError as error:
        say(str(error))
        return STOPPED
    except KeyboardInterrupt:
        say("interrupted; what is finished is kept")
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    parser = argparse.ArgumentParser(
        prog="siting", description="Plan eldercare facilities to published standards at least cost."
    )
    parser.add_argument("--version", action="version", version=f"siting {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    demo = _command(commands, "demo", studies.demo, "make the demo county and run its whole study")
    demo.add_argument("-o", "--output", type=Path, default=Path("siting-demo"), metavar="DIR")
    caching.add_cache(demo)
    _common(demo)

    new = _command(commands, "new", studies.new, "write a commented study to start from")
    new.add_argument("folder", type=Path, metavar="DIR")
    new.add_argument("--policy", default="haining-2021", metavar="ID", help="policy pack to start with")

    _study_commands(commands)
    _compare_command(commands)
    _batch_command(commands)

    for name, command, words in (
        ("map", papers.draw_map, "draw the map of a finished run again"),
        ("report", papers.report, "write the report, tables and figures of a finished run again"),
    ):
        sub = _command(commands, name, command, words)
        sub.add_argument("run", type=Path, metavar="RUN")
        sub.add_argument("--lang", choices=("zh", "en"))

    check = _command(commands, "verify", papers.check, "derive the figures of a finished run again by other code")
    check.add_argument("run", type=Path, metavar="RUN")
    check.add_argument("--data-root", type=Path, default=_data_root(), metavar="DIR", help="where its inputs lie")
    check.add_argument("--lang", choices=("zh", "en"))
    check.add_argument("--json", action="store_true", help="for machines")

    publish = _command(commands, "publish", deposits.publish, "write a finished run into a PostGIS database")
    publish.add_argument("run", type=Path, metavar="RUN")
    deposits.add_target(publish, required=True)

    kept = _command(commands, "cache", caching.cache, "list the stages that are kept, or remove them")
    kept.add_argument("--cache", type=Path, metavar="DIR", help="the folder (or SITING_CACHE)")
    kept.add_argument("--clear", action="store_true", help="remove everything that is kept")

    _isochrone_command(commands)

    drawn = _command(commands, "circles", studies.circles, "propose contiguous, balanced care circles")
    drawn.add_argument("study", type=Path, metavar="STUDY")
    drawn.add_argument("--data-root", type=Path, default=_data_root(), metavar="DIR")
    drawn.add_argument("--counts", default="2,3", metavar="N,…", help="numbers of circles to try")
    drawn.add_argument("--lang", choices=("zh", "en"))
    drawn.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help=".geojson; use it as districts")
    caching.add_cache(drawn)
    fetching.describe(commands, _data_root())
    locating.describe(commands)

    rules = _command(commands, "rules", papers.rules, "list the clauses of the policy packs")
    rules.add_argument("--policy", metavar="ID")
    rules.add_argument("--format", choices=("md", "csv", "json"), default="md")

    schema = _command(commands, "schema", papers.schema, "write the JSON schemas of study, policy and catalogue")
    schema.add_argument("-o", "--output", type=Path, metavar="DIR", help="folder; standard output unless given")
    return parser


def _study_commands(commands: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Describe the commands that take a study and differ in how far they go."""
    for name, command, words in (
        ("check", checking.check, "check configuration and inputs; every problem at once"),
        ("audit", studies.audit, "measure the present situation against every clause"),
        ("plan", studies.plan, "find the least-cost plan that meets every clause"),
    ):
        sub = _command(commands, name, command, words)
        sub.add_argument("study", type=Path, metavar="STUDY")
        sub.add_argument(
            "--data-root",
            type=Path,
            default=_data_root(),
            metavar="DIR",
            help="where relative paths start (or SITING_DATA)",
        )
        sub.add_argument("--scenario", metavar="NAME", help="one of the study's scenarios")
        sub.add_argument(
            "--set", dest="changes", action="append", default=[], metavar="KEY=VALUE", help="change one key"
        )
        if name != "check":
            sub.add_argument("-o", "--output", type=Path, metavar="DIR", help="run folder; maps/<study> unless given")
            deposits.add_target(sub)
        if name == "audit":
            sub.add_argument(
                "--meanings", action="store_true", help="say which verdicts depend on the readings that are declared"
            )
            sub.add_argument("--plan", dest="drawn", type=Path, metavar="FILE", help="a hand-drawn plan to be judged")
        if name == "plan":
            sub.add_argument("--repair", type=Path, metavar="FILE", help="a hand-drawn plan to be compared and mended")
            sub.add_argument("--gap", type=float, help="stop when the proven gap is this small")
            sub.add_argument("--time-limit", type=float, metavar="S", help="stop after so many seconds")
        caching.add_cache(sub)
        _common(sub)


def _compare_command(commands: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Describe the command that plans many scenarios."""
    sub = _command(commands, "compare", comparing.compare, "plan the scenarios of a study and set them side by side")
    sub.add_argument("study", type=Path, metavar="STUDY")
    sub.add_argument("--data-root", type=Path, default=_data_root(), metavar="DIR")
    sub.add_argument("--scenarios", metavar="A,B", help="scenarios, sweeps, or draw; all unless given")
    sub.add_argument("--set", dest="changes", action="append", default=[], metavar="KEY=VALUE", help="change one key")
    sub.add_argument("-o", "--output", type=Path, metavar="DIR", help="maps/<study>-compare unless given")
    comparing.add_hands(sub)
    caching.add_cache(sub)
    _common(sub, strict=False)
    sub.set_defaults(kept="scenarios that were finished are kept")


def _batch_command(commands: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Describe the command that plans many counties."""
    sub = _command(commands, "batch", comparing.batch, "plan many counties and gather their table and map")
    sub.add_argument("studies", type=Path, nargs="+", metavar="DIR|FILE", help="studies, or folders with study.yaml")
    sub.add_argument("--data-root", type=Path, default=_data_root(), metavar="DIR")
    sub.add_argument("--set", dest="changes", action="append", default=[], metavar="KEY=VALUE", help="change one key")
    words = "no county uses facilities of its neighbours across the border"
    sub.add_argument("--borders-closed", action="store_true", help=words)
    sub.add_argument("-o", "--output", type=Path, metavar="DIR", help="maps/batch unless given")
    comparing.add_hands(sub)
    caching.add_cache(sub)
    _common(sub, strict=False)
    sub.set_defaults(kept="counties that were finished are kept")


def _isochrone_command(commands: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Describe the command that draws areas."""
    sub = _command(commands, "isochrone", studies.isochrone, "draw what lies within minutes of a place or facilities")
    sub.add_argument("study", type=Path, metavar="STUDY")
    sub.add_argument("--data-root", type=Path, default=_data_root(), metavar="DIR")
    sub.add_argument("--lon", type=float)
    sub.add_argument("--lat", type=float)
    sub.add_argument("--facilities", action="store_true", help="from all facilities of the study, not one place")
    sub.add_argument("--minutes", required=True, help="e.g. 5,10,15")
    sub.add_argument("--mode", choices=("walk", "cycle", "drive"), default="walk")
    together = sub.add_mutually_exclusive_group()
    sub.set_defaults(merged=False)  # or the first option of the two would set it
    together.add_argument("--each", dest="merged", action="store_false", help="an area for each facility (default)")
    together.add_argument("--merged", action="store_true", help="one area for all facilities together")
    sub.add_argument("--rings", action="store_true", help="each area without the next shorter one")
    sub.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help=".geojson or .gpkg")
    caching.add_cache(sub)


def _command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:  # noqa: ANN401 - argparse's own type is private
    """Add one command."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=words, description=words)
    parser.set_defaults(command=run)
    return parser


def _common(parser: argparse.ArgumentParser, *, strict: bool = True) -> None:
    """Add what every running command understands."""
    parser.add_argument("--lang", choices=("zh", "en"), help="language of map and report; the study's unless given")
    parser.add_argument("--json", action="store_true", help="print the summary for machines")
    if strict:
        words = "exit 1 when a must clause is short (check: on a warning)"
        parser.add_argument("--strict", action="store_true", help=words)
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress, and no summary of what went well")
    parser.add_argument("-v", "--verbose", action="store_true", help="progress line by line")


def _data_root() -> Path | None:
    """Return SITING_DATA, if set."""
    value = os.environ.get("SITING_DATA")
    return Path(value) if value else None
