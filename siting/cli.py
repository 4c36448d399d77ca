"""The command line: ``siting plan study.yaml``. Logging, progress and exit codes live here and nowhere else.

Heavy libraries are imported by the commands that need them, so that ``siting --help`` answers at once.

Exit codes: 0 done · 1 done, and with ``--strict`` a `must` clause is short · 2 bad input or configuration ·
3 infeasible (conflicts named) · 4 stopped without a plan · 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siting import __version__
from siting.errors import ConfigError, Problem, ProblemsError, SitingError
from siting.fetching import describe as describe_fetch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from siting.config import Config
    from siting.model.text import Language
    from siting.present.results import Results

_PIPE_WIDTH = 120
DONE, SHORT, BAD_INPUT, INFEASIBLE, STOPPED, INTERRUPTED = 0, 1, 2, 3, 4, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except ProblemsError as error:
        count = len(error.problems)
        kept = getattr(options, "kept", "nothing was written")
        _say(f"{count} {'problem' if count == 1 else 'problems'} found; {kept}.")
        for problem in error.problems:
            _say(f"  {problem.where}\n      {problem.what}\n      → {problem.mend}")
        return BAD_INPUT
    except SitingError as error:
        _say(str(error))
        return STOPPED
    except KeyboardInterrupt:
        _say("interrupted; what is finished is kept")
        return INTERRUPTED


def _say(text: str) -> None:
    """Tell the person at the terminal, beside whatever goes to standard output."""
    print(text, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    parser = argparse.ArgumentParser(
        prog="siting", description="Plan eldercare facilities to published standards at least cost."
    )
    parser.add_argument("--version", action="version", version=f"siting {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    demo = _command(commands, "demo", _demo, "make the demo county and run its whole study")
    demo.add_argument("-o", "--output", type=Path, default=Path("siting-demo"), metavar="DIR")
    _common(demo)

    new = _command(commands, "new", _new, "write a commented study to start from")
    new.add_argument("folder", type=Path, metavar="DIR")
    new.add_argument("--policy", default="haining-2021", metavar="ID", help="policy pack to start with")

    _study_commands(commands)

    for name, command, words in (
        ("map", _map, "draw the map of a finished run again"),
        ("report", _report, "write the report, tables and figures of a finished run again"),
    ):
        sub = _command(commands, name, command, words)
        sub.add_argument("run", type=Path, metavar="RUN")
        sub.add_argument("--lang", choices=("zh", "en"))

    _isochrone_command(commands)
    describe_fetch(commands, _data_root())

    rules = _command(commands, "rules", _rules, "list the clauses of the policy packs")
    rules.add_argument("--policy", metavar="ID")
    rules.add_argument("--format", choices=("md", "csv", "json"), default="md")

    schema = _command(commands, "schema", _schema, "write the JSON schemas of study, policy and catalogue")
    schema.add_argument("-o", "--output", type=Path, metavar="DIR", help="folder; standard output unless given")
    return parser


def _study_commands(commands: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Describe the commands that take a study and differ in how far they go."""
    for name, command, words in (
        ("check", _check, "check configuration and inputs; every problem at once"),
        ("audit", _audit, "measure the present situation against every clause"),
        ("plan", _plan, "find the least-cost plan that meets every clause"),
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
        if name == "plan":
            sub.add_argument("--gap", type=float, help="stop when the proven gap is this small")
            sub.add_argument("--time-limit", type=float, metavar="S", help="stop after so many seconds")
        _common(sub)


def _isochrone_command(commands: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Describe the command that draws areas."""
    sub = _command(commands, "isochrone", _isochrone, "draw what lies within minutes of a place or facilities")
    sub.add_argument("study", type=Path, metavar="STUDY")
    sub.add_argument("--data-root", type=Path, default=_data_root(), metavar="DIR")
    sub.add_argument("--lon", type=float)
    sub.add_argument("--lat", type=float)
    sub.add_argument("--facilities", action="store_true", help="from all facilities of the study, not one place")
    sub.add_argument("--minutes", required=True, help="e.g. 5,10,15")
    sub.add_argument("--mode", choices=("walk", "cycle", "drive"), default="walk")
    together = sub.add_mutually_exclusive_group()
    together.add_argument("--each", dest="merged", action="store_false", help="an area for each facility (default)")
    together.add_argument("--merged", action="store_true", help="one area for all facilities together")
    sub.add_argument("--rings", action="store_true", help="each area without the next shorter one")
    sub.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help=".geojson or .gpkg")


def _command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:  # noqa: ANN401 - argparse's own type is private
    """Add one command."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=words, description=words)
    parser.set_defaults(command=run)
    return parser


def _common(parser: argparse.ArgumentParser) -> None:
    """Add what every running command understands."""
    parser.add_argument("--lang", choices=("zh", "en"), help="language of map and report; the study's unless given")
    parser.add_argument("--json", action="store_true", help="print the summary for machines")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a must clause is short")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress")
    parser.add_argument("-v", "--verbose", action="store_true", help="progress line by line")


def _data_root() -> Path | None:
    """Return SITING_DATA, if set."""
    value = os.environ.get("SITING_DATA")
    return Path(value) if value else None


class _Progress:
    """One line that changes on a terminal, plain lines in a pipe."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._began = time.monotonic()
        self._quiet = options.quiet
        self._live = sys.stderr.isatty() and not options.verbose

    def __call__(self, stage: str, detail: str = "") -> None:
        if self._quiet:
            return
        line = f"{time.monotonic() - self._began:6.1f} s  {stage}{': ' + detail if detail else ''}"
        print(f"\r\033[K{line}" if self._live else line, end="" if self._live else "\n", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line."""
        if self._live and not self._quiet:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _config(options: argparse.Namespace) -> Config:
    """Read the study that a command names, with its changes."""
    from siting.config import load_config  # noqa: PLC0415 - heavy

    changes = list(getattr(options, "changes", []))
    for key, name in (("gap", "gap"), ("time_limit", "time_limit_s")):
        value = getattr(options, key, None)
        changes += [] if value is None else [f"solver.{name}={value}"]
    return load_config(
        options.study, data_root=options.data_root, scenario=getattr(options, "scenario", None), changes=changes
    )


def _demo(options: argparse.Namespace) -> int:
    """Copy the demo county beside its study and run it."""
    from siting.sources.shipped import shipped  # noqa: PLC0415 - heavy

    home: Path = options.output
    shutil.copytree(shipped("data/demo"), home / "data" / "demo", dirs_exist_ok=True)
    study = home / "configs" / "studies" / "demo.yaml"
    study.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(shipped("configs/studies/demo.yaml"), study)
    options.study, options.data_root = study, None
    options.output = home / "run"
    return _plan(options)


def _new(options: argparse.Namespace) -> int:
    """Write a study to start from."""
    from siting.config.starter import write_starter  # noqa: PLC0415 - heavy

    path = write_starter(options.folder, options.policy)
    print(path)
    return DONE


def _check(options: argparse.Namespace) -> int:
    """Read everything, run nothing."""
    from siting.pipeline import check  # noqa: PLC0415 - heavy

    progress = _Progress(options)
    warnings = check(_config(options), progress)
    progress.end()
    for warning in warnings:
        print(f"! {warning.source}: {warning.zh if options.lang == 'zh' else warning.en}")
    print(f"no problem found, {len(warnings)} warnings")
    return DONE


def _audit(options: argparse.Namespace) -> int:
    """Measure the present situation."""
    return _run(options, plan=False)


def _plan(options: argparse.Namespace) -> int:
    """Plan, and say what came of it."""
    return _run(options, plan=True)


def _run(options: argparse.Namespace, *, plan: bool) -> int:
    """Run a study and write its folder."""
    config = _config(options)
    from siting.pipeline import run  # noqa: PLC0415 - heavy
    from siting.present.collect import collect  # noqa: PLC0415
    from siting.present.folder import write_folder  # noqa: PLC0415

    progress = _Progress(options)
    results = collect(run(config, progress, plan=plan))
    language = options.lang or config.options.language
    folder = options.output or Path("maps") / config.options.study
    write_folder(results, folder, language, lambda part: progress("write", part))
    progress.end()
    if options.json:
        summary = {key: results.run[key] for key in ("study", "totals", "certificate", "conflicts", "warnings")}
        print(json.dumps(summary | {"folder": str(folder)}, ensure_ascii=False, indent=1))
    else:
        _print_summary(results, language, folder)
    return _exit_code(results, strict=options.strict)


def _exit_code(results: Results, *, strict: bool) -> int:
    """Turn a run into the code that scripts read."""
    status = (results.run["certificate"] or {}).get("status")
    if status == "infeasible":
        return INFEASIBLE
    if status == "stopped":
        return STOPPED
    must = {clause["id"] for clause in results.run["clauses"] if clause["force"] == "must"}
    column = "status_before" if status is None else "status"
    short = results.findings[(results.findings[column] == "short") & results.findings["rule"].isin(must)]
    return SHORT if strict and len(short) else DONE


def _print_summary(results: Results, language: Language, folder: Path) -> None:
    """Print clauses before and after, cost, bound and gap, and where the files are."""
    from rich.console import Console  # noqa: PLC0415 - heavy
    from rich.table import Table  # noqa: PLC0415

    from siting.present.summary import summary  # noqa: PLC0415

    told = summary(results, language)
    table = Table(title=told.title, title_justify="left", show_edge=False, pad_edge=False)
    for number, name in enumerate(told.header):
        table.add_column(name, justify="left" if number == 0 else "right", no_wrap=number > 0)
    for row in told.rows:
        table.add_row(*row)
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH, markup=False, highlight=False)
    console.print(table)
    for line in told.lines:
        console.print(line, soft_wrap=True)
    for name in ("map.html", "report.docx", "report.html", "tables.xlsx"):
        console.print(f"  {folder / name}", soft_wrap=True)


def _map(options: argparse.Namespace) -> int:
    """Draw the map from a run folder alone."""
    from siting.present.folder import rewrite_map  # noqa: PLC0415 - heavy

    print(rewrite_map(options.run, options.lang))
    return DONE


def _report(options: argparse.Namespace) -> int:
    """Write report, tables and figures from a run folder alone."""
    from siting.present.folder import rewrite_report  # noqa: PLC0415 - heavy

    for path in rewrite_report(options.run, options.lang):
        print(path)
    return DONE


def _isochrone(options: argparse.Namespace) -> int:
    """Draw isochrones around one place, or around every facility."""
    minutes, lonlat = tuple(_minutes(options.minutes)), _lonlat(options)
    from siting.areas import Asked  # noqa: PLC0415 - heavy
    from siting.config import load_config  # noqa: PLC0415
    from siting.pipeline import isochrone  # noqa: PLC0415

    config = load_config(options.study, data_root=options.data_root)
    layer = isochrone(config, Asked(minutes, lonlat, options.mode, merged=options.merged, rings=options.rings))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    if options.output.suffix == ".gpkg":
        layer.to_file(options.output, layer="isochrones", driver="GPKG")
    else:
        options.output.write_text(layer.to_json(to_wgs84=True, drop_id=True), encoding="utf-8")
    print(options.output)
    return DONE


def _lonlat(options: argparse.Namespace) -> tuple[float, float] | None:
    """Read the place; None for all facilities."""
    place = (options.lon, options.lat)
    if options.facilities and place == (None, None):
        return None
    if options.facilities or None in place:
        what = "names a place and --facilities" if options.facilities else "names no whole place"
        raise ConfigError([Problem("siting isochrone", what, "write --lon X --lat Y, or --facilities")])
    return place


def _minutes(words: str) -> list[float]:
    """Read ``5,10,15``."""
    try:
        minutes = [float(word) for word in words.split(",")]
    except ValueError:
        minutes = []
    if not minutes or min(minutes) <= 0:
        problem = Problem(f"--minutes {words}", "is no list of minutes above nought", "write --minutes 5,10,15")
        raise ConfigError([problem])
    return minutes


def _rules(options: argparse.Namespace) -> int:
    """List clauses."""
    from siting.config.listing import clauses_as  # noqa: PLC0415 - heavy

    print(clauses_as(options.format, options.policy))
    return DONE


def _schema(options: argparse.Namespace) -> int:
    """Write the schemas."""
    from siting.config import schemas  # noqa: PLC0415 - heavy

    for name, schema in schemas().items():
        text = json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        if options.output is None:
            print(text, end="")
        else:
            options.output.mkdir(parents=True, exist_ok=True)
            (options.output / f"{name}.json").write_text(text, encoding="utf-8")
    return DONE


if __name__ == "__main__":
    sys.exit(main())
