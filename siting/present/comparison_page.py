"""The page of a comparison: plans on linked maps, their differences, cost against coverage; one file, no network."""

from __future__ import annotations

import html
import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from siting.present.comparison_words import COLUMNS, KEYS, PAGE, STATUS, TITLES
from siting.present.map import POLICY, leaflet_assets, script_json
from siting.present.texts import TEXTS

if TYPE_CHECKING:
    import pandas as pd

    from siting.model.text import Language
    from siting.present.compared import Comparison

_SHOWN = ("site", "name", "lon", "lat", "action", "kind", "beds_after", "cost", "district_name")
_TABLES = ("scenarios", "robust", "sites", "frontier", "sensitivity", "worth")


def comparison_page(comparison: Comparison, language: Language) -> str:
    """Return the page as HTML; it opens in `language` and holds both."""
    told = {
        "study": dict(comparison.study),
        "language": language,
        "summary": comparison.summary,
        "tables": {name: _records(getattr(comparison, name)) for name in _TABLES},
        "columns": {name: [str(column) for column in getattr(comparison, name).columns] for name in _TABLES},
        "plans": {name: _records(table[list(_SHOWN)]) for name, table in comparison.plans.items()},
        "districts": comparison.places,
        "words": {**comparison.names, **_words()},
    }
    script, styles = leaflet_assets()
    title = html.escape(f"{comparison.study['title'][language]} · {PAGE['title'].within(language)}")
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="{language}"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            f"<title>{title}</title>",
            f"<style>{styles}</style><style>{_asset('compare.css')}</style></head>",
            f"<body>{_asset('compare.html')}",
            f'<script type="application/json" id="told">{script_json(told)}</script>',
            f"<script>{script}</script>",
            f"<script>{_asset('draw.js')}\n{_asset('compare.js')}</script>",
            "</body></html>\n",
        ]
    )


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as JSON can hold them: what is no number is null."""
    rows: list[dict[str, Any]] = json.loads(table.to_json(orient="records", force_ascii=False, double_precision=9))
    return rows


def _words() -> dict[str, dict[str, str]]:
    """Return every word of the page by key, in both languages."""
    shown = {f"column.{name}": text for name, text in COLUMNS.items()}
    shown |= {f"table.{name}": text for name, text in TITLES.items()}
    shown |= {f"status.{name}": text for name, text in STATUS.items()}
    shown |= {f"key.{name}": text for name, text in KEYS.items()}
    shown |= {f"page.{name}": text for name, text in PAGE.items()}
    shown |= {name: text for name, text in TEXTS.items() if name.startswith("action.")}
    return {name: {"zh": text.zh, "en": text.en} for name, text in shown.items()}


def _asset(name: str) -> str:
    return resources.files("siting.present").joinpath("assets", "compare", name).read_text(encoding="utf-8")
