"""The targets: every clause with its document, section, force and deadline, and what the study sets otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.present import amounts
from siting.present.blocks import Cell, Column, Heading, Note, Paragraph, Table, row
from siting.present.chapters.summary import clause_mark
from siting.present.chapters.verdicts import asked, conclusion, standing
from siting.present.plain import clean
from siting.present.teller import plain_value

if TYPE_CHECKING:
    from siting.present.blocks import Block
    from siting.present.teller import Record, Teller


def chapter(teller: Teller) -> list[Block]:
    """Return the chapter on the targets."""
    two = teller.two
    return [
        Heading(1, two("规划目标", "Targets")),
        Paragraph(
            two(
                "规划目标逐条取自下列文件，“内容”为本项目的转述，以原文为准；期限为空的条款自第一期起适用。"
                "约束性条款在方案中必须满足；预期性条款尽量满足，未满足的照实列出。",
                "The targets are taken clause by clause from the documents below, in our paraphrase; the documents "
                "prevail. A clause without deadline holds from the first phase. Binding clauses must be met by "
                "the plan; "
                "indicative ones are met as far as possible, and shown where they are not.",
            )
        ),
        *_overrides(teller),
        Heading(2, two("分条目标", "Targets by clause")),
        _targets(teller),
        Heading(2, two("条款出处", "Where the clauses stand")),
        _citations(teller),
    ]


def _overrides(teller: Teller) -> list[Block]:
    if not teller.run["overrides"]:
        return [
            Note(
                teller.two(
                    "本项目未调整任何条款的取值。", "This study changes no clause: values are those of the documents."
                )
            )
        ]
    two = teller.two
    columns = (
        Column(two("条款", "Clause"), 1),
        Column(two("内容", "Title"), 3),
        Column(two("参数", "Parameter"), 1.4),
        Column(two("文件取值", "Document"), 1.3, "right"),
        Column(two("本项目取值", "This study"), 1.3, "right"),
    )
    rows = tuple(
        row(
            clause_mark(teller, entry["clause"]),
            teller.clause_title(entry["clause"]),
            clean(entry["parameter"]),
            plain_value(entry["pack"]) or amounts.BLANK,
            Cell(plain_value(entry["study"]) or amounts.BLANK, "bad"),
        )
        for entry in teller.run["overrides"]
    )
    return [
        Note(
            two(
                f"注意：本项目对{len(rows)}处条款参数的取值与原文件不同（▲），引用本报告时应一并说明。",
                f"Take note: parameters that this study sets otherwise than the documents: {len(rows)} (▲). Say "
                "so wherever this "
                "report is quoted.",
            ),
            warning=True,
        ),
        Table(two("本项目对条款取值的调整", "What this study sets otherwise"), columns, rows),
    ]


def _deadline(teller: Teller, clause: Record) -> str:
    year = clause["deadline_year"]
    return amounts.BLANK if year is None else teller.two(f"{year}年", str(year))


def _targets(teller: Teller) -> Table:
    two = teller.two
    columns = [
        Column(two("条款", "Clause"), 1.1),
        Column(two("指标", "Target"), 2.4),
        Column(two("考核对象", "Subjects"), 1.35),
        Column(two("约束力", "Force"), 1.15, "centre"),
        Column(two("期限", "Deadline"), 1.15, "centre"),
        Column(two("要求", "Required"), 2.2, "right"),
        Column(two("现状", "Today"), 1.35, "right"),
    ]
    if teller.has_plan:
        columns += [Column(two("规划", "Plan"), 1.35, "right"), Column(two("结论", "Verdict"), 1.45, "centre")]
    rows = []
    for rule, clause in teller.clauses.items():
        findings = teller.of_rule(rule)
        cells: list[str | Cell] = [
            clause_mark(teller, rule),
            teller.of(clause["title"]),
            teller.term(clause["subjects"]),
            teller.word("force", clause["force"]),
            _deadline(teller, clause),
            asked(teller, findings),
            standing(teller, findings, "before"),
        ]
        if teller.has_plan:
            cells += [standing(teller, findings, "after"), conclusion(teller, findings, "after")]
        rows.append(row(*cells))
    caption = two(f"规划目标（{teller.last}年）", f"Targets ({teller.last})")
    return Table(caption, tuple(columns), tuple(rows))


def _citations(teller: Teller) -> Table:
    two = teller.two
    columns = (
        Column(two("条款", "Clause"), 0.9),
        Column(two("文件", "Document"), 2.6),
        Column(two("文号", "Number"), 1.4),
        Column(two("章节", "Section"), 0.9),
        Column(two("印发", "Issued"), 1.15),
        Column(two("内容（转述）", "What it says (paraphrase)"), 3.4),
    )
    rows = tuple(
        row(
            clause_mark(teller, rule),
            teller.of(clause["document"]),
            clean(clause["number"]),
            clean(clause["section"]),
            clean(clause["issued"]),
            teller.of(clause["paraphrase"]),
        )
        for rule, clause in teller.clauses.items()
    )
    return Table(two("条款出处与内容", "Clauses: document, section and content"), columns, rows)
