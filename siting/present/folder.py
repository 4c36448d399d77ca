"""The run folder: written beside its final place and renamed when complete."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from siting.errors import DataError, Problem
from siting.present.figures import write_figures
from siting.present.map import write_map
from siting.present.report import write_report
from siting.present.results import FILES, Results
from siting.present.tables import write_tables

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from siting.model.text import Language


def write_folder(results: Results, folder: Path, language: Language, tell: Callable[[str], None]) -> None:
    """Write everything a run has to say into `folder`, which appears only when all of it is there.

    An earlier run of the same name is replaced as a whole.

    Parameters
    ----------
    results : Results
    folder : Path
    language : "zh" or "en"
    tell : callable
        Told what is being written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = folder.parent / f".{folder.name}.writing"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    try:
        tell("tables")
        results.write(beside)
        write_tables(results, beside / "tables.xlsx", language)
        tell("map")
        write_map(results, beside / "map.html", language)
        tell("figures")
        beside.joinpath("figures").mkdir()
        figures = write_figures(results, beside / "figures", language)
        tell("report")
        write_report(results, beside, language, figures)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    if folder.exists():
        shutil.rmtree(folder)
    beside.rename(folder)


def rewrite_map(run: Path, language: Language | None) -> Path:
    """Draw the map of a finished run again, from its folder alone."""
    results = read_folder(run)
    path = run / "map.html"
    write_map(results, path, language or results.run["study"]["language"])
    return path


def rewrite_report(run: Path, language: Language | None) -> tuple[Path, ...]:
    """Write report, tables and figures of a finished run again, from its folder alone."""
    results = read_folder(run)
    spoken: Language = language or results.run["study"]["language"]
    run.joinpath("figures").mkdir(exist_ok=True)
    figures = write_figures(results, run / "figures", spoken)
    written = write_report(results, run, spoken, figures)
    return (*written.values(), write_tables(results, run / "tables.xlsx", spoken))


def read_folder(run: Path) -> Results:
    """Read a run folder.

    Raises
    ------
    DataError
        When files of the run are missing.
    """
    missing = [name for name in FILES if not run.joinpath(name).exists()]
    if missing:
        raise DataError(
            Problem(str(run / name), "is missing: this is no finished run", "name a folder written by `siting plan`")
            for name in missing
        )
    return Results.read(run)
