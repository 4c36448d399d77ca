"""Checks a finished run by code that shares nothing with what made it: only the files of the run folder are read.

What is compared: the checksums of the inputs; the sums of persons, beds and money; the measures and verdicts of the
clauses, recounted from plan.csv, cells.parquet, ledger.csv and districts.csv; every figure that the Word report prints
of findings.csv, ledger.csv and plan.csv, and every other sentence and cell of it against what those files say now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.verify.clauses import measures, verdicts
from siting.verify.inputs import inputs
from siting.verify.papers import printed, told
from siting.verify.serving import serving
from siting.verify.sums import beds, layers, money, persons
from siting.verify.tables import Tables, read
from siting.verify.tally import Difference, Tally

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Difference", "Tally", "verify"]


def verify(run: Path, data_root: Path | None = None) -> tuple[Tally, ...]:
    """Compare the figures of a run folder with each other and with its inputs.

    Parameters
    ----------
    run : Path
        A folder written by `siting plan` or `siting audit`.
    data_root : Path or None
        Where relative paths of inputs start; beside and above the run folder they are looked for anyway.

    Returns
    -------
    tuple[Tally, ...]
        One for each subject: how many figures were compared, and every difference.

    Raises
    ------
    DataError
        When files of the run are missing or cannot be read.
    """
    tables: Tables = read(run)
    return (
        inputs(tables, data_root),
        layers(tables),
        persons(tables),
        beds(tables),
        money(tables),
        measures(tables),
        verdicts(tables),
        serving(tables),
        printed(tables),
        told(tables),
    )
