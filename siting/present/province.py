"""A province's counties in one table, one workbook and one map."""

from __future__ import annotations

import html
import json
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from siting.present.comparison import replaced
from siting.present.comparison_words import COLUMNS, PAGE, STATUS
from siting.present.map import POLICY, leaflet_assets, script_json
from siting.present.repack import moment_of, repack
from siting.present.results import harmless
from siting.present.sheet import ONE, SHARE, TEXT, WHOLE, Field, Sheet
from siting.present.tables import write_book

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from siting.model.text import Language

_SLIVER = 1e-5
"""Holes of a county's outline smaller than this are none, in square degrees: some 0.1 km²."""
_FORMS = {"persons": ONE, "gap": SHARE, "met_before": SHARE, "met_after": SHARE, "cost_per_person": ONE}
_TEXTS = ("county", "title", "status", "neighbours", "reason")


def write_province(
    counties: Mapping[str, Mapping[str, Any]], failures: Mapping[str, str], folder: Path, language: Language
) -> tuple[Path, ...]:
    """Write ``province.csv``, ``province.xlsx`` and ``province.html`` into an existing folder.

    Parameters
    ----------
    counties : Mapping[str, Mapping]
        By name: ``run``, ``folder`` and ``neighbours``.
    failures : Mapping[str, str]
    folder : Path
    language : "zh" or "en"
    """
    table = province_table(counties, failures, language)
    text = harmless(table).to_csv(index=False, lineterminator="\n")
    replaced(folder / "province.csv", ("\ufeff" + text).encode())
    fields = tuple(
        Field(COLUMNS[name].within(language), TEXT if name in _TEXTS else _FORMS.get(name, WHOLE))
        for name in table.columns
    )
    shown = table.assign(status=[STATUS[status].within(language) for status in table["status"]])
    title = PAGE["province"].within(language)
    aside = folder / ".province.xlsx.part"
    write_book(
        [Sheet(title, fields, shown.to_numpy(dtype=object).tolist())], aside, (title, _notice(counties, language))
    )
    repack(aside, moment_of({"timings": {}}))
    aside.replace(folder / "province.xlsx")
    replaced(folder / "province.html", _page(counties, table, language).encode())
    return folder / "province.html", folder / "province.xlsx", folder / "province.csv"


def province_table(
    counties: Mapping[str, Mapping[str, Any]], failures: Mapping[str, str], language: Language
) -> pd.DataFrame:
    """Return one row a county, those that failed at the end, and the sums in nobody's place but the reader's."""
    rows = [_row(name, told, language) for name, told in counties.items()]
    rows += [{"county": name, "title": "", "status": "failed", "reason": reason} for name, reason in failures.items()]
    columns = [
        "county", "title", "status", "persons", "beds_before", "beds_after", "sites_new", "cost", "cost_per_person",
        "bound", "gap", "met_before", "met_after", "neighbours", "reason",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _row(name: str, told: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """Say what a county comes to in the last phase."""
    run, totals, proof = told["run"], told["run"]["totals"], told["run"]["certificate"]
    persons = totals["persons"][str(run["phases"][-1])]
    must = {clause["id"] for clause in run["clauses"] if clause["force"] == "must" and clause["role"] == "opt"}
    findings = pd.read_csv(told["folder"] / "findings.csv", encoding="utf-8-sig", keep_default_na=False)
    due = findings[findings["rule"].isin(must) & (findings["phase"] == run["phases"][-1])]
    return {
        "county": name,
        "title": run["study"]["title"][language],
        "status": proof["status"],
        "persons": persons,
        **{key: totals[key] for key in ("beds_before", "beds_after", "cost")},
        "sites_new": None if totals["cost"] is None else totals["sites_new"],
        "cost_per_person": None if totals["cost"] is None or not persons else round(totals["cost"] / persons, 2),
        "bound": proof["bound"],
        "gap": proof["gap"],
        "met_before": _met(due["status_before"]),
        "met_after": _met(due["status"]) if totals["cost"] is not None else np.nan,
        "neighbours": "; ".join(told["neighbours"]),
        "reason": _clash(run, language),
    }


def _clash(run: Mapping[str, Any], language: Language) -> str:
    """Name the clauses that clash where a county has no plan, and where they do."""
    named = [f"{one['clause']} {one['subject_name']}".strip() for one in run["conflicts"]]
    return "" if not named else f"{PAGE['clash'].within(language)}: {'; '.join(dict.fromkeys(named))}"


def _met(status: pd.Series[str]) -> float:
    """Return the share of findings that are met or stand from before, of those that can be short."""
    counted = status.isin(["met", "short", "grandfathered"])
    return float(status[counted].ne("short").mean()) if counted.any() else float("nan")


def _notice(counties: Mapping[str, Mapping[str, Any]], language: Language) -> str:
    """Return the notices of all counties, each once."""
    told = [told["run"]["study"]["notice"] for told in counties.values()]
    return " · ".join(dict.fromkeys(notice[language] for notice in told if notice is not None))


def _page(counties: Mapping[str, Mapping[str, Any]], table: pd.DataFrame, language: Language) -> str:
    """Return the map as HTML; it opens in `language` and holds both."""
    told = {
        "language": language,
        "notice": {"zh": _notice(counties, "zh"), "en": _notice(counties, "en")},
        "titles": {name: one["run"]["study"]["title"] for name, one in counties.items()},
        "rows": json.loads(table.to_json(orient="records", force_ascii=False, double_precision=9)),
        "columns": list(table.columns),
        "outlines": {name: _outline(one["folder"]) for name, one in counties.items()},
        "words": {
            f"{kind}.{name}": {"zh": text.zh, "en": text.en}
            for kind, words in (("column", COLUMNS), ("status", STATUS), ("page", PAGE))
            for name, text in words.items()
        },
    }
    script, styles = leaflet_assets()
    folder = resources.files("siting.present").joinpath("assets", "compare")
    asset = {
        name: folder.joinpath(name).read_text(encoding="utf-8") for name in ("compare.css", "draw.js", "province.js")
    }
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="{language}"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            f"<title>{html.escape(PAGE['province'].within(language))}</title>",
            f"<style>{styles}</style><style>{asset['compare.css']}</style></head><body>",
            folder.joinpath("province.html").read_text(encoding="utf-8"),
            f'<script type="application/json" id="told">{script_json(told)}</script>',
            f"<script>{script}</script><script>{asset['draw.js']}\n{asset['province.js']}</script>",
            "</body></html>\n",
        ]
    )


def _outline(folder: Path) -> Any:  # noqa: ANN401 - GeoJSON
    """Return a county's outline: its districts together."""
    told = json.loads(folder.joinpath("districts.geojson").read_bytes())
    parts = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in told["features"]]
    return json.loads(shapely.to_geojson(shapely.set_precision(_whole(shapely.union_all(parts)), 1e-4)))


def _whole(area: shapely.Geometry) -> shapely.Geometry:
    """Fill the slivers that districts, simplified one by one, leave between them."""
    polygons = [part for part in shapely.get_parts(area) if part.geom_type == "Polygon"]
    wide = [[ring for ring in one.interiors if shapely.area(shapely.polygons(ring)) > _SLIVER] for one in polygons]
    return shapely.union_all([shapely.Polygon(one.exterior, holes) for one, holes in zip(polygons, wide, strict=True)])
