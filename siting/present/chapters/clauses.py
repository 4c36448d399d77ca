"""Clause by clause: what was measured year by year, in a sentence, and the places that are farthest from it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from siting.present import amounts
from siting.present.blocks import Column, Heading, Note, Paragraph, Table, row
from siting.present.chapters.summary import clause_mark
from siting.present.chapters.verdicts import asked, conclusion, standing, status_of, tally, value_of
from siting.present.plain import clean, full_width, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.present.blocks import Block
    from siting.present.chapters.verdicts import Moment
    from siting.present.teller import Record, Teller

WORST = 10
"""Most places that are named for a clause."""


def chapter(teller: Teller) -> list[Block]:
    """Return the chapter that goes through the clauses one by one."""
    two = teller.two
    blocks: list[Block] = [
        Heading(1, two("逐条评估", "Clause by clause")),
        Paragraph(
            two(
                f"逐条列出各年度的实测值、要求与结论。考核对象较多的条款，列出差距最大的前{WORST}处；其余见附表与findings.csv。",
                "What was measured, what is required and the verdict, clause by clause and year by year. Of clauses "
                f"with many subjects the {WORST} farthest from it are named; the others stand in the tables and in "
                "findings.csv.",
            )
        ),
    ]
    for rule, clause in teller.clauses.items():
        blocks += _clause(teller, rule, clause)
    return blocks


def _clause(teller: Teller, rule: str, clause: Record) -> list[Block]:
    """Tell one clause: what it says, how it stands, who is farthest from it."""
    findings = teller.of_rule(rule)
    moment: Moment = "after" if teller.has_plan else "before"
    force, role = teller.word("force", clause["force"]), teller.word("clause_role", clause.get("role", "opt"))
    blocks: list[Block] = [
        Heading(2, f"{clause_mark(teller, rule)} {teller.of(clause['title'])}"),
        Paragraph(_words(teller, clause), teller.two(f"{force}，{role}。", f"{force}, {role}. ")),
        _by_year(teller, rule),
    ]
    if len(findings) == 1 and teller.has_plan:
        blocks.append(Paragraph(_said(teller, findings[0], "before"), teller.two("现状　", "Today. ")))
    if len(findings) == 1:
        lead = teller.two("规划后　", "After the plan. ") if teller.has_plan else ""
        return [*blocks, Paragraph(_said(teller, findings[0], moment), lead)]
    for when in ("before", "after") if teller.has_plan else ("before",):
        blocks += _worst(teller, findings, when)
    return blocks


def _words(teller: Teller, clause: Record) -> str:
    """Return the clause in our words."""
    told = teller.ended(teller.of(clause["paraphrase"]))
    return full_width(told) if teller.language == "zh" else told


def _said(teller: Teller, finding: Any, moment: Moment) -> str:  # noqa: ANN401 - a named tuple of pandas
    """Return a finding's sentence with its clause, so that a quoted line says whose it is."""
    before = "before_" if moment == "before" and teller.has_plan else ""
    said = teller.ended(clean(getattr(finding, f"sentence_{before}{teller.language}", "")))
    return f"{clean(finding.rule)} {said}"


def _by_year(teller: Teller, rule: str) -> Table:
    """Return the years of a clause, with how many subjects meet it."""
    two = teller.two
    columns = [
        Column(two("年份", "Year"), 0.8),
        Column(two("要求", "Required"), 1.6, "right"),
        Column(two("现状", "Today"), 1.4, "right"),
        Column(two("现状结论", "Verdict today"), 1.2, "centre"),
    ]
    if teller.has_plan:
        columns += [Column(two("规划后", "Plan"), 1.4, "right"), Column(two("结论", "Verdict"), 1.2, "centre")]
    columns.append(Column(two("涉及老年人（人）", "Elderly persons"), 1.2, "right"))
    table = teller.results.findings
    rows = []
    for year in teller.phases:
        findings = teller.rows(table[(table["rule"] == rule) & (table["phase"] == year)])
        cells: list[Any] = [
            str(year),
            asked(teller, findings),
            standing(teller, findings, "before"),
            conclusion(teller, findings, "before"),
        ]
        if teller.has_plan:
            cells += [standing(teller, findings, "after"), conclusion(teller, findings, "after")]
        rows.append(row(*cells, amounts.whole(_persons(findings))))
    return Table(two(f"{rule} 各年度", f"{rule} by year"), tuple(columns), tuple(rows))


def _persons(findings: Sequence[Any]) -> float:
    """Return the persons whom the subjects are about; a place that is counted twice counts once."""
    places = {(finding.subject_kind, clean(finding.subject).split("+")[0]): finding for finding in findings}
    whole = [number(finding.persons) for (kind, _), finding in places.items() if kind == "area"]
    return max(whole) if whole else math.fsum(number(finding.persons) for finding in places.values())


def _worst(teller: Teller, findings: Sequence[Any], moment: Moment) -> list[Block]:
    """Name the places that are farthest from what is asked."""
    short = [finding for finding in findings if status_of(finding, moment) in ("short", "not_yet_due", "grandfathered")]
    when = teller.two("现状", "today") if moment == "before" else teller.two("规划后", "after the plan")
    counts = tally(findings, moment)
    concerned = len(findings) - counts["not_applicable"]
    if not short:
        whole = f"{concerned}处考核对象全部达标。", f"{when}: all {concerned} subjects meet it."
        none = "没有适用对象。", f"{when}: it concerns no subject."
        return [
            Paragraph(teller.two(f"{when}：{whole[0] if concerned else none[0]}", whole[1] if concerned else none[1]))
        ]
    short.sort(key=lambda finding: (-_lack(finding, moment), -number(finding.persons)))
    shown = short[:WORST]
    more = len(short) - len(shown)
    tail = teller.two(f"，以下为差距最大的{len(shown)}处", f"; the {len(shown)} farthest from it") if more else ""
    head = teller.two(
        f"{when}：{concerned}处考核对象中{len(short)}处未达标{tail}：",
        f"{len(short)} of {concerned} subjects do not meet it {when}{tail}:",
    )
    return [Note(head), *(Paragraph(_said(teller, finding, moment), bullet=True) for finding in shown)]


def _lack(finding: Any, moment: Moment) -> float:  # noqa: ANN401 - a named tuple of pandas
    """Return what part of the requirement is missing."""
    required, value = number(finding.required), value_of(finding, moment)
    away = abs(required - value) if not math.isnan(value) else math.inf
    return away / max(abs(required), 1e-9)
