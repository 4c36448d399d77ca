"""The files of a run folder as they are, read by other code than wrote them."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from siting.errors import DataError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_TABLES = ("findings", "ledger", "districts", "plan")
_LATER = ("by_district", "serving", "occupancy")
"""What not every run has."""
_WORDS: Mapping[str, tuple[str, ...]] = {
    "findings": ("rule", "subject_kind", "subject", "subject_name", "unit", "sense", "status_before", "status"),
    "ledger": ("rule", "moment"),
    "districts": ("id", "name", "name_en", "unit"),
    "plan": ("site", "name", "kind", "kind_before", "action", "operator", "tenure", "module", "district",
             "district_name", "unit", "clauses", "origin"),
    "serving": ("service", "moment", "choice", "district"),
    "occupancy": ("service", "moment", "site", "name", "district"),
    "by_district": ("rule", "district", "unit", "sense", "status_before", "status"),
}  # fmt: skip
"""Columns of text, even where it looks like a number."""


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """What the run folder holds; tables as lists of rows by column."""

    folder: Path
    run: Mapping[str, Any]
    findings: pd.DataFrame
    ledger: pd.DataFrame
    districts: pd.DataFrame
    plan: pd.DataFrame
    by_district: pd.DataFrame | None
    cells: pd.DataFrame
    serving: pd.DataFrame | None = None
    occupancy: pd.DataFrame | None = None

    @property
    def phases(self) -> list[int]:
        """Years of the phases."""
        return [int(year) for year in self.run["phases"]]

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan to check."""
        return bool((self.findings["status"] != "").any())

    @property
    def rules(self) -> dict[str, Mapping[str, Any]]:
        """Parameters of the clauses, by id, as the run states them; facts that are written as words are left out."""
        known = {clause["id"] for clause in self.run["clauses"]}
        stated = [e for e in self.run["parameters"] if e["key"] in known and str(e["value"]).startswith("{")]
        return {entry["key"]: json.loads(entry["value"]) for entry in stated}


def read(folder: Path) -> Tables:
    """Read a run folder.

    Raises
    ------
    DataError
        When a file is missing or cannot be read; all of them at once.
    """
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    names = [*(f"{name}.csv" for name in _TABLES), "run.json", "cells.parquet"]
    names += [f"{name}.csv" for name in _LATER if folder.joinpath(f"{name}.csv").exists()]
    for name in names:
        path = folder / name
        if not path.exists():
            what = "is missing: this is no finished run"
            problems.append(Problem(str(path), what, "name a folder written by `siting plan` or `siting audit`"))
            continue
        try:
            found[path.stem] = _read(path)
        except (OSError, ValueError, KeyError) as error:
            problems.append(Problem(str(path), f"cannot be read: {error}", "write the run again"))
    if problems:
        raise DataError(problems)
    return Tables(folder=folder, by_district=found.pop("by_district", None), **found)


def _read(path: Path) -> Any:  # noqa: ANN401 - a mapping or a table
    if path.suffix == ".json":
        return json.loads(path.read_text(encoding="utf-8"))
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    words = _WORDS[path.stem]
    table = pd.read_csv(path, encoding="utf-8-sig", dtype=dict.fromkeys(words, str), keep_default_na=False,
                        na_values={})  # fmt: skip
    for name in table.columns:
        if name not in words and not (name.endswith("_status") or name.startswith("sentence_")):
            table[name] = pd.to_numeric(table[name].replace({"True": 1, "False": 0, True: 1, False: 0, "": math.nan}))
    if path.stem == "plan" and "kind_before" not in table:  # earlier versions told the kind after the plan only
        table["kind_before"] = table["kind"]
    return table
