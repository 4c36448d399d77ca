"""The run folder: written beside its final place and renamed when complete."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from siting.present.figures import write_figures
from siting.present.map import write_map
from siting.present.report import write_report
from siting.present.tables import write_tables

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from siting.model.text import Language
    from siting.present.results import Results


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
