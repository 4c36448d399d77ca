"""The files of a comparison: CSV tables, a workbook, a page with linked maps; and its answer in a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from siting.present.compared import NOMINAL, TABLES
from siting.present.comparison_page import comparison_page
from siting.present.comparison_words import COLUMNS, STATUS, TITLES, heading
from siting.present.repack import moment_of, repack
from siting.present.results import harmless
from siting.present.sheet import DEGREES, ONE, SHARE, TEXT, TWO, WHOLE, Field, Sheet
from siting.present.tables import write_book

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.text import Language
    from siting.present.compared import Comparison

_FORMS = {
    "share": SHARE, "share_in_common": SHARE, "gap": SHARE, "coverage": SHARE, "price_of_robustness": SHARE,
    "lon": DEGREES, "lat": DEGREES, "move": SHARE, "correlation": TWO, "low": TWO, "high": TWO, "required": TWO,
    "measured": TWO, "persons": ONE, "persons_short": ONE, "regret": ONE, "worst_persons_short": ONE,
    "mean_persons_short": ONE, "worst_regret": ONE,
}  # fmt: skip


def write_comparison(comparison: Comparison, folder: Path, language: Language) -> tuple[Path, ...]:
    """Write ``compare.csv`` and its kin, ``compare.xlsx`` and ``compare.html`` into an existing folder.

    Each file is written aside and renamed, so that none is ever half there.
    """
    for name, file in TABLES.items():
        table = harmless(getattr(comparison, name))
        text = table.to_csv(index=False, lineterminator="\n")
        replaced(folder / f"{file}.csv", ("\ufeff" + text).encode())
    title, notice = _title(comparison, language)
    aside = folder / ".compare.xlsx.part"
    write_book([_sheet(comparison, name, language) for name in TABLES], aside, (title, notice))
    repack(aside, moment_of({"timings": {}}))
    aside.replace(folder / "compare.xlsx")
    replaced(folder / "compare.html", comparison_page(comparison, language).encode())
    return folder / "compare.html", folder / "compare.xlsx", folder / "compare.csv"


def lines(comparison: Comparison, language: Language) -> list[str]:
    """Return what a comparison comes to, in a few lines."""
    told, robust = comparison.summary, comparison.robust.set_index("plan")
    zh = language == "zh"
    title, notice = _title(comparison, language)
    said = [f"{title}{' · ' + notice if notice else ''}"]
    failed = len(told["failed"])
    said.append(
        f"情景 {told['scenarios']} 个,得到方案 {told['plans']} 个,失败 {failed} 个。"
        if zh
        else f"{told['scenarios']} scenarios, {told['plans']} plans, {failed} failed."
    )
    for mark, name_zh, name_en in (
        ("best_in_worst", "最坏情景最优方案", "best in its worst case"),
        ("least_regret", "最小后悔方案", "least regret"),
    ):
        plan = told[mark]
        if plan is None:
            continue
        row = robust.loc[plan]
        said.append(_verdict(name_zh if zh else name_en, plan, row, zh=zh))
    if told["nominal_worst_persons_short"] is not None and told["best_in_worst"] != NOMINAL:
        said.append(_verdict("基准方案" if zh else "nominal plan", NOMINAL, robust.loc[NOMINAL], zh=zh))
    sites = told["no_regret"]
    shown = ", ".join(sites[:12]) + ("…" if len(sites) > 12 else "")  # noqa: PLR2004 - a line on a terminal
    words = "各方案共有的近期实施点" if zh else "no-regret first steps, shared by every plan"
    said.append(f"{words} ({len(sites)}): {shown or '—'}")
    return said


def _verdict(name: str, plan: Any, row: Any, *, zh: bool) -> str:  # noqa: ANN401 - a row of pandas
    price = "" if pd.isna(row["price_of_robustness"]) else f"{row['price_of_robustness']:+.1%}"
    short, where, cost = row["worst_persons_short"], row["worst_scenario"], row["cost"]
    if zh:
        return f"{name}:{plan},最坏情景 {where} 缺口 {short:,.0f} 人次,投资 {cost:,.0f} 元({price})"
    return f"{name}: {plan}, {short:,.0f} persons short in its worst scenario {where}, cost {cost:,.0f} yuan ({price})"


def _title(comparison: Comparison, language: Language) -> tuple[str, str]:
    """Return the title and the notice of the study."""
    study = comparison.study
    notice = study["notice"]
    words = "情景比较" if language == "zh" else "scenarios compared"
    return f"{study['title'][language]} · {words}", "" if notice is None else notice[language]


def _sheet(comparison: Comparison, name: str, language: Language) -> Sheet:
    """Return a table as a sheet; columns of clauses keep their ids."""
    table: pd.DataFrame = getattr(comparison, name)
    fields = []
    for column in table.columns:
        form = _FORMS.get(str(column), SHARE if column not in COLUMNS else WHOLE)
        text = table[column].dtype.kind not in "biuf" and column not in _FORMS
        fields.append(Field(heading(str(column), language), TEXT if text or table[column].dtype.kind == "b" else form))
    yes, no = ("是", "否") if language == "zh" else ("yes", "no")
    rows = [[_cell(value, yes, no, language) for value in row] for row in table.itertuples(index=False, name=None)]
    return Sheet(TITLES[name].within(language), tuple(fields), rows)


def _cell(value: Any, yes: str, no: str, language: Language) -> Any:  # noqa: ANN401 - a value of a table
    if isinstance(value, bool):
        return yes if value else no
    if isinstance(value, str) and value in STATUS:
        return STATUS[value].within(language)
    return value


def replaced(path: Path, content: bytes) -> None:
    """Write a file aside and rename it."""
    aside = path.with_name(f".{path.name}.part")
    aside.write_bytes(content)
    aside.replace(path)
