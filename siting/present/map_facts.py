"""What the page says: the figures of a run as plain data, in the order in which the page lists them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from siting.present.drawing import palette
from siting.present.map_coverage import COVERAGE_OPACITY, SHADES
from siting.present.map_layers import (
    ELDERLY_COLOURS,
    bounds_of,
    elderly_breaks,
)
from siting.present.map_texts import MAP_TEXTS
from siting.present.plain import clean
from siting.present.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.present.results import Results

_SITE_COLUMNS = (
    "site", "name", "existing", "kind", "kind_before", "action", "year", "operator", "tenure", "module", "district",
    "district_name", "unit", "general_before", "nursing_before", "dementia_before", "beds_before", "general_after",
    "nursing_after", "dementia_after", "beds_after", "cost", "floor_area_m2", "persons_nearest", "clauses", "lon",
    "lat", "origin",
)  # fmt: skip
_FINDING_COLUMNS = (
    "rule", "subject_kind", "subject", "subject_name", "phase", "before", "after", "required", "unit", "sense",
    "status_before", "status", "persons", "persons_short_before", "persons_short", "sentence_zh", "sentence_en",
)  # fmt: skip
_SPOT_COLUMNS = ("rule", "stage", "rank", "persons", "radius_m", "district", "lon", "lat")
_REASON_COLUMNS = (
    "site", "persons_lost", "beds_lost", "clauses", "without", "price", "at_least", "instead", "instead_names",
)  # fmt: skip
_SERVED_COLUMNS = ("service", "site", "room", "served", "waiting", "occupancy")
_LINK_COLUMNS = ("child", "parent", "kind", "parent_kind", "straight_m")
_RUN_KEYS = (
    "study", "phases", "clauses", "overrides", "parameters", "density_edges", "kinds", "tenures", "cost_basis",
    "totals", "certificate", "conflicts", "warnings",
)  # fmt: skip
_INPUT_KEYS = ("role", "path", "licence", "crs", "sha256")
_DEGREE_DECIMALS = 6


def has_plan(results: Results) -> bool:
    """Say whether anything comes after: a plan was found and audited."""
    after = pd.to_numeric(results.findings["after"], errors="coerce")  # empty strings where there is no plan
    return "after" in set(results.ledger["moment"]) or bool(after.notna().any())


def facts(results: Results) -> dict[str, Any]:
    """Return everything the page prints, as plain data that JSON can hold (NaN as null)."""
    run = results.run
    said: dict[str, Any] = {key: plain(run[key]) for key in _RUN_KEYS}
    said["inputs"] = [{key: plain(entry.get(key)) for key in _INPUT_KEYS} for entry in run["inputs"]]
    said["population_years"] = _population_years(run)
    said["day"] = next((stamp[:10] for stamp in run["timings"].values() if isinstance(stamp, str)), "")
    said["versions"] = plain(run.get("versions", {}))
    said["has_plan"] = has_plan(results)
    said["findings"] = records(results.findings, _FINDING_COLUMNS)
    said["ledger"] = _all(results.ledger)
    said["districts"] = _all(results.districts)
    beds = tuple(f"beds_{year}" for year in run["phases"])
    said["sites"] = records(results.sites, (*_SITE_COLUMNS, *beds))
    said["by_district"] = None if results.by_district is None else _all(results.by_district)
    said["spots"] = _none("rule") if results.spots is None else records(results.spots, _SPOT_COLUMNS)
    said["links"] = _none("child") if results.links is None else records(results.links, _LINK_COLUMNS)
    known = None if results.reasons is None else results.reasons.reindex(columns=list(_REASON_COLUMNS))
    said["reasons"] = _none("site") if known is None else records(known, _REASON_COLUMNS)
    said["services"] = [
        {key: plain(one[key]) for key in ("id", "title", "room", "choice")} for one in run.get("serving", [])
    ]
    said["occupancy"] = _occupancy(results)
    said["circles"] = records(results.isochrones, ("rule", "moment", "metres", "minutes"))
    said["bounds"] = bounds_of(results)
    said["legend"] = {
        "coverage": {code: [palette.CODES[code], opacity] for code, opacity in COVERAGE_OPACITY.items()},
        "density": palette.density_colours(len(run["density_edges"]) + 1),
        "degrees": [list(degree) for degree in palette.DEGREES],
        "phases": list(palette.PHASES),
        "shapes": palette.shapes(sorted(run["kinds"])),
        "shades": list(SHADES),
        "elderly": list(zip(elderly_breaks(results.cells), ELDERLY_COLOURS, strict=False)),
    }
    said["texts"] = {key: [entry.zh, entry.en] for key, entry in (TEXTS | MAP_TEXTS).items()}
    return said


def _occupancy(results: Results) -> dict[str, Any]:
    """Return who comes to which facility at the end, as the study supposes that people choose."""
    table = results.occupancy
    if table is None or table.empty:
        return _none(*_SERVED_COLUMNS)
    end = table[
        (table["phase"] == table["phase"].max()) & (table["moment"] == ("after" if has_plan(results) else "before"))
    ]
    chosen = {one["id"]: one["choice"] for one in results.run["serving"]}
    parts = [
        rows.rename(columns={f"{part}_{chosen[service]}": part for part in ("served", "waiting", "occupancy")})
        for service, rows in end.groupby("service", sort=False)
    ]
    return records(pd.concat(parts), _SERVED_COLUMNS) if parts else _none(*_SERVED_COLUMNS)


def _population_years(run: Mapping[str, Any]) -> list[int]:
    """Return the years that the population data are of, as far as the study says."""
    asked = (run.get("configuration") or {}).get("population") or {}
    years = asked.get("years") or [asked.get("year")]
    return [int(year) for year in years if year]


def _all(table: pd.DataFrame) -> dict[str, Any]:
    """Return every column of a table but its shapes."""
    return records(table, tuple(str(name) for name in table.columns if name != "geometry"))


def _none(*columns: str) -> dict[str, Any]:
    """Return a table without rows, for what folders of earlier versions lack."""
    return {"columns": list(columns), "rows": []}


def records(table: pd.DataFrame, columns: tuple[str, ...]) -> dict[str, Any]:
    """Return a table as ``{columns, rows}``: names once, then one list per row."""
    present = [name for name in columns if name in table.columns]
    rows = [[plain(value) for value in row] for row in table[present].itertuples(index=False, name=None)]
    return {"columns": present, "rows": rows}


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a table or run.json holds
    """Turn a value into what JSON can hold: NaN is null, numbers are Python's, text is one visible line."""
    if value is None or value is pd.NA or isinstance(value, bool):
        return None if value is pd.NA else value
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, _DEGREE_DECIMALS)
    return value if isinstance(value, int) else clean(value)


def title(run: Mapping[str, Any], language: str) -> str:
    """Return the study's title in a language, the other where it is empty, its name where both are."""
    words = run["study"].get("title") or {}
    return clean(words.get(language) or words.get("en") or words.get("zh") or run["study"]["name"])
