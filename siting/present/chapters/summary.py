"""The first page: what the run concludes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.present import amounts
from siting.present.blocks import Column, Heading, Note, Paragraph, Table, row
from siting.present.chapters import certainty, reach
from siting.present.chapters.verdicts import asked, clauses_with, conclusion, standing
from siting.present.plain import number

if TYPE_CHECKING:
    from siting.present.blocks import Block
    from siting.present.chapters.verdicts import Moment
    from siting.present.teller import Teller


def chapter(teller: Teller) -> list[Block]:
    """Return the summary: scope, present situation, plan, certainty, persons left out, and the table of clauses."""
    return [
        Heading(1, teller.two("摘要", "Summary"), series="plain"),
        *([Note(teller.notice, warning=True)] if teller.notice else []),
        _scope(teller),
        _present(teller),
        *_plan(teller),
        Paragraph(certainty.in_words(teller), lead=teller.two("结论的可靠程度。", "What is proven. ")),
        *reach.left_out(teller),
        overview(teller),
        *_overridden(teller),
        *certainty.conflicts_table(teller),
    ]


def persons_by_phase(teller: Teller) -> str:
    """Say the elderly persons of each phase."""
    persons = teller.totals["persons"]
    parts = [
        teller.two(
            f"{phase}年{amounts.whole(teller.by_phase(persons, phase))}人",
            f"{amounts.whole(teller.by_phase(persons, phase))} in {phase}",
        )
        for phase in teller.phases
    ]
    return teller.two("，", ", ").join(parts)


def _scope(teller: Teller) -> Paragraph:
    count = len(teller.results.districts)
    return Paragraph(
        teller.two(
            f"规划范围为{count}个镇（街道）等分区；规划期为{_span(teller)}；"
            f"规划范围内老年人口{persons_by_phase(teller)}。",
            f"The plan covers {count} districts over {_span(teller)}. "
            f"Elderly persons within it: {persons_by_phase(teller)}.",
        ),
        lead=teller.two("范围与对象。", "Scope. "),
    )


def _span(teller: Teller) -> str:
    first, last = teller.phases[0], teller.last
    if first == last:
        return teller.two(f"{last}年", str(last))
    return teller.two(f"{first}—{last}年", f"{first}–{last}")


def _present(teller: Teller) -> Paragraph:
    existing = int(teller.counted["existing"].astype(bool).sum())
    beds = amounts.whole(number(teller.totals["beds_before"]))
    short = clauses_with(teller, "short", "before")
    shortfalls = teller.joined([teller.clause_named(rule) for rule in short])
    found_zh = f"其中{len(short)}项存在缺口：{shortfalls}。" if short else "均无缺口。"
    found_en = f"{len(short)} of them fall short: {shortfalls}." if short else "none of them falls short."
    return Paragraph(
        teller.two(
            f"现有养老服务设施{existing}处、床位{beds}张。"
            f"以{teller.last}年老年人口对照{len(teller.clauses)}项条款，{found_zh}",
            f"There are {existing} facilities with {beds} beds. Held against {len(teller.clauses)} clauses with the "
            f"elderly persons of {teller.last}, {found_en}",
        ),
        lead=teller.two("现状。", "Present situation. "),
    )


def _plan(teller: Teller) -> list[Block]:
    lead = teller.two("方案。", "The plan. ")
    if not teller.has_plan:
        text = teller.two(
            "本次运行没有布局方案，以下各章只反映现状、缺口与目标。",
            "This run has no plan; the chapters below show the present situation, the gaps and the targets only.",
        )
        return [Note(lead + text, warning=True)]
    totals = teller.totals
    before, after = (amounts.whole(number(totals[f"beds_{moment}"])) for moment in ("before", "after"))
    cost = amounts.wan(number(totals["cost"]))
    short = clauses_with(teller, "short", "after")
    shortfalls = teller.joined([teller.clause_named(rule) for rule in short])
    zh = f"方案实施后仍有{len(short)}项条款存在缺口：{shortfalls}。" if short else "方案实施后，到期条款全部无缺口。"
    en = f"After the plan {len(short)} clauses still fall short: {shortfalls}." if short else (
        "After the plan no clause that is due falls short."
    )  # fmt: skip
    text = teller.two(
        f"到{teller.last}年新建{totals['sites_new']}处、扩建{totals['sites_expanded']}处、"
        f"改造{totals['sites_converted']}处、"
        f"撤并{totals['sites_closed']}处，床位由{before}张增至{after}张，估算投资{cost}万元。{zh}",
        f"By {teller.last}, {totals['sites_new']} facilities are new, {totals['sites_expanded']} expanded, "
        f"{totals['sites_converted']} converted and {totals['sites_closed']} closed; beds go from {before} to {after}; "
        f"the estimated cost is {cost} (10,000 yuan). {en}",
    )
    return [Paragraph(text, lead=lead)]


def overview(teller: Teller) -> Table:
    """Return the table of clauses: required, today, planned, verdict; in the last phase."""
    two = teller.two
    columns = [
        Column(two("条款", "Clause"), 1.1),
        Column(two("内容", "Title"), 2.9),
        Column(two("约束力", "Force"), 0.95, "centre"),
        Column(two("要求", "Required"), 2.2, "right"),
        Column(two("现状", "Today"), 1.5, "right"),
    ]
    if teller.has_plan:
        columns.append(Column(two("规划", "Plan"), 1.5, "right"))
    columns.append(Column(two("结论", "Verdict"), 1.45, "centre"))
    moment: Moment = "after" if teller.has_plan else "before"
    rows = []
    for rule, clause in teller.clauses.items():
        findings = teller.of_rule(rule)
        cells = [
            clause_mark(teller, rule),
            teller.of(clause["title"]),
            teller.word("force", clause["force"]),
            asked(teller, findings),
            standing(teller, findings, "before"),
        ]
        cells += [standing(teller, findings, "after")] if teller.has_plan else []
        rows.append(row(*cells, conclusion(teller, findings, moment)))
    caption = two(f"各条款要求与达标情况（{teller.last}年）", f"Clauses, requirements and verdicts ({teller.last})")
    return Table(caption, tuple(columns), tuple(rows))


def clause_mark(teller: Teller, rule: str) -> str:
    """Return a clause's id, marked where the study sets it otherwise than its document."""
    return f"{rule}▲" if rule in teller.overridden else rule


def _overridden(teller: Teller) -> list[Block]:
    if not teller.overridden:
        return []
    return [
        Note(
            teller.two(
                "▲ 本项目对该条款的取值与原文件不同，见“规划目标”一章的调整表。",
                "▲ This study sets the clause otherwise than its document; see the table of changes under “Targets”.",
            )
        )
    ]
