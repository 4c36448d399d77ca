"""What the Word report prints, held against the tables it was printed from."""

from __future__ import annotations

import difflib
import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from siting.model.text import Text
from siting.verify.sums import PARTS
from siting.verify.tally import Difference, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from siting.model.text import Language
    from siting.verify.tables import Tables

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NUMBER = re.compile(r"-?[\d,]+(?:\.(\d+))?(%?)")
_LABEL = re.compile(r"^(?:表|Table |图|Figure )\d+(?:　|\. )")
_WAN = 1e4
_FRONT = {"Title", "Subtitle", "TOCHeading", "TOC1", "TOC2", ""}
"""Styles of what stands before the first chapter, and of empty paragraphs."""


class _Printed(NamedTuple):
    """A table of the report: where its figures come from.

    `key` are the columns of both that name a row; `figures` maps a heading, in either language, to a column and to what
    a printed unit is worth.
    """

    source: str
    captions: tuple[str, str]
    figures: Mapping[str, tuple[str, float]]


_FINDINGS = _Printed(
    "findings",
    ("各条款、各对象、各期核查结果", "Findings by clause, subject and phase"),
    {
        "现状": ("before", 1.0), "Today": ("before", 1.0), "规划": ("after", 1.0), "Plan": ("after", 1.0),
        "要求": ("required", 1.0), "Required": ("required", 1.0), "涉及人口（人）": ("persons", 1.0),
        "Persons": ("persons", 1.0), "现状缺口人口（人）": ("persons_short_before", 1.0),
        "Persons short today": ("persons_short_before", 1.0), "规划缺口人口（人）": ("persons_short", 1.0),
        "Persons short, plan": ("persons_short", 1.0),
    },
)  # fmt: skip
_SITES = _Printed(
    "plan",
    ("设施布局一览", "Facilities: "),
    {
        "现状床位": ("beds_before", 1.0), "Beds today": ("beds_before", 1.0), "规划床位": ("beds_after", 1.0),
        "Beds planned": ("beds_after", 1.0), "其中普通": ("general_after", 1.0), "General": ("general_after", 1.0),
        "护理": ("nursing_after", 1.0), "Nursing": ("nursing_after", 1.0), "认知障碍": ("dementia_after", 1.0),
        "Dementia": ("dementia_after", 1.0), "面积m²": ("floor_area_m2", 1.0), "Floor (m²)": ("floor_area_m2", 1.0),
        "投资（万元）": ("cost", _WAN), "Cost (10,000 yuan)": ("cost", _WAN),
        "服务老年人（人）": ("persons_nearest", 1.0), "Persons served": ("persons_nearest", 1.0),
    },
)  # fmt: skip
_LEDGER_CAPTIONS = ("人口账（各覆盖条款、各期）", "Ledger by clause and phase")
_LEDGER_COLUMNS = (*PARTS.values(), "demand", "not_concerned", "outside_districts", "raster_total", "reachable")


def printed(tables: Tables) -> Tally:
    """Compare every figure of the report's tables of findings, persons and facilities with the CSV files."""
    tally = Tally(Text("报告表中数字", "figures of the report's tables"))
    path = tables.folder / "report.docx"
    if not path.exists():
        tally.aside.append(str(path))
        return tally
    facilities: list[list[str]] = []
    head: list[str] = []
    for caption, rows in _tables(path):
        if caption in _FINDINGS.captions:
            _rows(tally, _FINDINGS, rows[0], zip(rows[1:], tables.findings.to_dict("records"), strict=False), caption)
            tally.equal(f"report.docx {caption}: rows", len(rows) - 1, len(tables.findings))
        elif caption in _LEDGER_CAPTIONS:
            _ledger(tally, rows[1:], tables.ledger)
        elif caption.endswith(_SITES.captions[0]) or caption.startswith(_SITES.captions[1]):
            head, facilities = rows[0], [*facilities, *rows[1:-1]]
    if tables.has_plan:
        changed = tables.plan[tables.plan["year"] > 0].set_index("site", drop=False)
        tally.equal("report.docx: facilities", sorted(row[0] for row in facilities), sorted(changed.index))
        pairs = ((row, changed.loc[row[0]].to_dict()) for row in facilities if row[0] in changed.index)
        _rows(tally, _SITES, head, pairs, _SITES.captions[0])
    return tally


def _rows(tally: Tally, kind: _Printed, head: Sequence[str], pairs: Any, caption: str) -> None:  # noqa: ANN401
    for row, line in pairs:
        for place, title in enumerate(head):
            if title in kind.figures:
                column, worth = kind.figures[title]
                where = f"report.docx {caption} {row[0]} {line.get('phase', '')} {title}"
                _figure(tally, where, row[place], float(line[column]), worth)


def _ledger(tally: Tally, rows: Sequence[Sequence[str]], ledger: pd.DataFrame) -> None:
    tally.equal(f"report.docx {_LEDGER_CAPTIONS[0]}: rows", len(rows), len(ledger))
    for row, line in zip(rows, ledger.to_dict("records"), strict=False):
        for text, column in zip(row[3:], _LEDGER_COLUMNS, strict=True):
            where = f"report.docx {_LEDGER_CAPTIONS[0]} {row[0]} {row[1]} {row[2]} {column}"
            _figure(tally, where, text, float(line[column]), 1.0)


def _figure(tally: Tally, where: str, text: str, value: float, worth: float) -> None:
    """Compare a printed figure with a value: it may be off by half of its last digit."""
    tally.compared += 1
    match = _NUMBER.search(text)
    if match is None:
        if not math.isnan(value):
            tally.differences.append(Difference(where, text, f"{value:,.10g}"))
        return
    unit = worth / 100 if match[2] else worth
    shown = float(match[0].rstrip("%").replace(",", "")) * unit
    half = 0.5 * 10.0 ** -len(match[1] or "") * unit * (1 + 1e-6)
    if not abs(shown - value) <= half:
        tally.differences.append(Difference(where, text, f"{value:,.10g}"))


def told(tables: Tables) -> Tally:
    """Compare every paragraph and every cell of the report with what the run's tables say now."""
    from siting.present.report import report_blocks  # noqa: PLC0415 - heavy, and only needed here
    from siting.present.results import Results  # noqa: PLC0415

    tally = Tally(Text("报告正文", "the report's text"))
    path = tables.folder / "report.docx"
    if not path.exists():
        tally.aside.append(str(path))
        return tally
    written = list(_texts(path))
    captions = [caption for caption, _ in _tables(path)]
    language: Language = "zh" if _FINDINGS.captions[0] in captions else "en"
    wanted = list(_said(report_blocks(Results.read(tables.folder), language)))
    tally.compared = len(wanted)
    for kind, a, b, c, d in difflib.SequenceMatcher(None, written, wanted, autojunk=False).get_opcodes():
        if kind != "equal":
            for place in range(max(b - a, d - c)):
                here = written[a + place] if a + place < b else ""
                there = wanted[c + place] if c + place < d else ""
                tally.differences.append(Difference("report.docx", here, there))
    return tally


def _said(blocks: Sequence[Any]) -> Iterator[str]:
    """Yield the words of the report's blocks, in their order."""
    from siting.present import blocks as kinds  # noqa: PLC0415
    from siting.present.plain import clean  # noqa: PLC0415

    for block in blocks:
        if isinstance(block, kinds.Heading):
            yield _squeezed(clean(block.full))
        elif isinstance(block, kinds.Table):
            yield _squeezed(clean(block.caption))
            yield from (_squeezed(clean(column.title)) for column in block.columns)
            yield from (_squeezed(clean(cell.text)) for row in block.rows for cell in row)
        elif isinstance(block, kinds.Picture):
            yield _squeezed(clean(block.caption))
        elif isinstance(block, kinds.Paragraph | kinds.Note):
            yield _squeezed(clean(getattr(block, "lead", "")) + clean(block.text))


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def _texts(path: Any) -> Iterator[str]:  # noqa: ANN401 - a path
    for element in _body(path):
        if element.tag == f"{_W}p":
            style = _style(element)
            text = _text(element)
            if style not in _FRONT and (text or style in ("BodyText", "ListBullet")):
                yield _squeezed(_LABEL.sub("", text) if style.endswith("Caption") else text)
        elif element.tag == f"{_W}tbl":
            yield from (_squeezed(_text(cell)) for cell in element.iter(f"{_W}tc"))


def _tables(path: Any) -> Iterator[tuple[str, list[list[str]]]]:  # noqa: ANN401 - a path
    """Yield every table of a Word file: its caption without the number, and its rows, the header first."""
    caption = ""
    for element in _body(path):
        if element.tag == f"{_W}p" and _style(element) == "TableCaption":
            caption = _LABEL.sub("", _text(element))
        elif element.tag == f"{_W}tbl":
            rows = element.findall(f"{_W}tr")
            yield caption, [[_text(cell) for cell in row.findall(f"{_W}tc")] for row in rows]


def _body(path: Any) -> Any:  # noqa: ANN401 - an element of lxml
    from docx import Document  # noqa: PLC0415 - heavy

    return Document(str(path)).element.body


def _style(paragraph: Any) -> str:  # noqa: ANN401 - an element of lxml
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    return "" if style is None else str(style.get(f"{_W}val"))


def _text(element: Any) -> str:  # noqa: ANN401 - an element of lxml
    nodes = element.iter(f"{_W}t", f"{_W}noBreakHyphen")
    return "".join("-" if node.tag.endswith("noBreakHyphen") else node.text or "" for node in nodes)
