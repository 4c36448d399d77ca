"""The tables at the end: every facility of every phase, and every finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siting.present import amounts
from siting.present.blocks import Cell, Column, Heading, Note, Paragraph, Table, Turn, row
from siting.present.chapters.layout import changed, phase_name, site_district, two_joint
from siting.present.plain import clean, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.present.blocks import Block
    from siting.present.teller import Teller


def chapters(teller: Teller) -> list[Block]:
    """Return the appendices that list facilities and findings."""
    return [Turn(wide=True), *_facilities(teller), *_findings(teller), Turn(wide=False)]


def _facilities(teller: Teller) -> list[Block]:
    if not teller.has_plan:
        return []
    blocks: list[Block] = [Heading(1, teller.two("设施布局一览", "Facilities of the layout"), series="appendix")]
    for place in range(len(teller.phases)):
        blocks += _phase(teller, place)
    return [*blocks, _reading(teller)]


def _columns(teller: Teller) -> tuple[Column, ...]:
    two = teller.two
    return (
        Column(two("编号", "Id"), 1.1),
        Column(two("名称", "Name"), 2.9),
        Column(two("镇（街道）", "District"), 1.6),
        Column(two("类型", "Kind"), 2.3),
        Column(two("措施", "Action"), 0.95, "centre"),
        Column(two("用房", "Premises"), 1.5),
        Column(two("运营", "Operator"), 1.0),
        Column(two("现状床位", "Beds today"), 0.95, "right"),
        Column(two("规划床位", "Beds planned"), 0.95, "right"),
        Column(two("其中普通", "General"), 0.95, "right"),
        Column(two("护理", "Nursing"), 0.95, "right"),
        Column(two("认知障碍", "Dementia"), 1.0, "right"),
        Column(two("面积m²", "Floor (m²)"), 1.2, "right"),
        Column(two("投资（万元）", "Cost (10,000 yuan)"), 1.35, "right"),
        Column(two("服务老年人（人）", "Persons served"), 1.3, "right"),
        Column(two("对应条款", "Clauses"), 2.35),
    )


def _phase(teller: Teller, place: int) -> list[Block]:
    two, year = teller.two, teller.phases[place]
    heading = Heading(2, phase_name(teller, place))
    sites = changed(teller.results.sites, year)
    if sites.empty:
        return [
            heading,
            Paragraph(two("本期没有新建、扩建、改造或撤并的设施。", "Nothing is built or closed in this phase.")),
        ]
    rows = tuple(_site(teller, site) for site in teller.rows(sites.drop(columns="geometry")))
    cost = amounts.wan(number(teller.totals["cost_by_phase"][place]))
    last = row(two("合计", "Total"), two(f"{len(rows)}处", str(len(rows))), *([""] * 11), cost, "", "")
    caption = two(f"{phase_name(teller, place)}设施布局一览", f"Facilities: {phase_name(teller, place)}")
    return [heading, Table(caption, _columns(teller), (*rows, last), total=True)]


def together(ids: Sequence[str], joint: str) -> str:
    """Write ids of clauses side by side, the plan's letters once: HN-03、04、05；PY-01.

    A facility serves a dozen clauses, and a row must not be as tall as their list.
    """
    numbers: dict[str, list[str]] = {}
    for identity in ids:
        letters, dash, number = identity.rpartition("-")
        numbers.setdefault(letters + dash, []).append(number)
    parts = [letters + joint.join(own) for letters, own in numbers.items()]
    return (";" if joint.isascii() else "；").join(parts).replace(";", "; ")


def _site(teller: Teller, site: Any) -> tuple[Cell, ...]:  # noqa: ANN401 - a named tuple of pandas
    beds = (site.beds_before, site.beds_after, site.general_after, site.nursing_after, site.dementia_after)
    return row(
        clean(site.site),
        clean(site.name),
        site_district(teller, site),
        teller.kind(site.kind),
        Cell(teller.word("action", site.action), "strong"),
        teller.tenure(site.tenure),
        teller.word("operator", site.operator),
        *(amounts.whole(number(value)) for value in beds),
        amounts.whole(number(site.floor_area_m2)),
        amounts.wan(number(site.cost)),
        amounts.whole(number(site.persons_nearest)),
        together(clean(site.clauses).split(";"), two_joint(teller)),
    )


def _reading(teller: Teller) -> Note:
    return Note(
        teller.two(
            "“服务老年人”指在条款规定的距离内、以该设施为同类最近设施的老年人口（最后一期）；不同类型之间有重叠，"
            "不能相加。"
            "“面积”为该规模模块所需的最小建筑面积。投资为估算，依据见“投资估算”一章。",
            "“Persons served” are the elderly persons within the reach of the clauses whose nearest facility of "
            "its kind this "
            "is (last phase); kinds overlap, so they do not add up. “Floor” is the least area that the size "
            "needs. Costs are "
            "estimates; see “Costs” for their basis.",
        )
    )


def _findings(teller: Teller) -> list[Block]:
    two = teller.two
    columns = [
        Column(two("条款", "Clause"), 1),
        Column(two("对象类别", "Kind of subject"), 1.5),
        Column(two("对象", "Subject"), 2.4),
        Column(two("年份", "Year"), 0.8, "centre"),
        Column(two("现状", "Today"), 1.9, "right"),
    ]
    columns += [Column(two("规划", "Plan"), 1.9, "right")] if teller.has_plan else []
    columns += [Column(two("要求", "Required"), 1.9, "right"), Column(two("现状结论", "Verdict today"), 1.1, "centre")]
    columns += [Column(two("规划结论", "Verdict, plan"), 1.1, "centre")] if teller.has_plan else []
    columns += [
        Column(two("涉及人口（人）", "Persons"), 1.3, "right"),
        Column(two("现状缺口人口（人）", "Persons short today"), 1.4, "right"),
    ]
    columns += [Column(two("规划缺口人口（人）", "Persons short, plan"), 1.4, "right")] if teller.has_plan else []
    rows = tuple(_finding(teller, finding) for finding in teller.rows(teller.results.findings))
    return [
        Heading(1, two("条款核查全表", "All findings"), series="appendix"),
        Table(two("各条款、各对象、各期核查结果", "Findings by clause, subject and phase"), tuple(columns), rows),
    ]


def _finding(teller: Teller, finding: Any) -> tuple[Cell, ...]:  # noqa: ANN401 - a named tuple of pandas
    def value(measured: object) -> str:
        return teller.amount(measured, finding.unit, number(finding.required))

    def persons(count: object) -> str:
        return amounts.whole(number(count))

    plan = teller.has_plan
    return row(
        finding.rule,
        teller.term(finding.subject_kind),
        teller.subject(finding),
        str(int(finding.phase)),
        value(finding.before),
        *([value(finding.after)] if plan else []),
        teller.required(finding),
        teller.status(finding.status_before),
        *([teller.status(finding.status)] if plan else []),
        persons(finding.persons),
        persons(finding.persons_short_before),
        *([persons(finding.persons_short)] if plan else []),
    )
