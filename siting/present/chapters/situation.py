"""The present situation, and the gaps between it and the clauses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siting.present import amounts, pictures
from siting.present.blocks import Cell, Column, Heading, Note, Paragraph, Picture, Table, row
from siting.present.chapters import certainty, reach
from siting.present.chapters.summary import clause_mark, persons_by_phase
from siting.present.chapters.verdicts import clauses_with, conclusion, standing, tally
from siting.present.plain import clean, number

if TYPE_CHECKING:
    from siting.present.blocks import Block
    from siting.present.teller import Teller

MOST_GAPS = 30
"""Gaps listed in the chapter; the appendix has all."""


def present(teller: Teller) -> list[Block]:
    """Return the chapter on the present situation."""
    two = teller.two
    titles = pictures.titles(teller)
    return [
        Heading(1, two("现状评估", "Present situation")),
        Heading(2, two("老年人口", "Elderly population")),
        Paragraph(
            two(f"规划范围内老年人口：{persons_by_phase(teller)}。", f"Elderly persons: {persons_by_phase(teller)}.")
        ),
        _districts(teller),
        *pictures_of(titles, "density"),
        Heading(2, two("现有设施", "Existing facilities")),
        *_facilities(teller),
        *pictures_of(titles, "present"),
        Heading(2, two("服务覆盖", "Service coverage")),
        *reach.method(teller),
        *reach.table(teller),
        *pictures_of(titles, "circles_"),
        *pictures_of(titles, "coverage_"),
    ]


def pictures_of(titles: dict[str, str], beginning: str) -> list[Picture]:
    """Return the pictures whose names begin so."""
    return [Picture(name, title) for name, title in titles.items() if name.startswith(beginning)]


def _districts(teller: Teller) -> Table:
    two = teller.two
    columns = [Column(two("镇（街道）", "District"), 2), Column(two("规划单元", "Planning unit"), 1.4)]
    columns.append(Column(two("面积（km²）", "Area (km²)"), 1.35, "right"))
    columns += [Column(two(f"{phase}年老年人口（人）", f"Elderly {phase}"), 1.4, "right") for phase in teller.phases]
    columns += [
        Column(two("现有设施（处）", "Facilities"), 1.1, "right"),
        Column(two("现有床位（张）", "Beds"), 1.1, "right"),
    ]
    rows = []
    for district in teller.results.districts.to_dict("records"):
        persons = [amounts.whole(number(district[f"persons_{phase}"])) for phase in teller.phases]
        rows.append(
            row(
                district_name(teller, district),
                clean(district["unit"]) or amounts.BLANK,
                amounts.fixed(number(district["area_km2"]), 2),
                *persons,
                amounts.whole(number(district["facilities_before"])),
                amounts.whole(number(district["beds_before"])),
            )
        )
    return Table(
        two("各镇（街道）老年人口与现有设施", "Districts: elderly persons and facilities"), tuple(columns), tuple(rows)
    )


def district_name(teller: Teller, district: Any) -> str:  # noqa: ANN401 - a record of a table
    """Return a district's name in the language, or the other one where it has none."""
    return teller.district_names[clean(district["id"])]


def _facilities(teller: Teller) -> list[Block]:
    two = teller.two
    existing = teller.counted[teller.counted["existing"].astype(bool)]
    columns = (
        Column(two("设施类型", "Kind"), 2.4),
        Column(two("层级", "Tier"), 1.3),
        Column(two("处数", "Number"), 0.9, "right"),
        Column(two("床位（张）", "Beds"), 1, "right"),
        Column(two("普通", "General"), 0.9, "right"),
        Column(two("护理", "Nursing"), 0.9, "right"),
        Column(two("认知障碍", "Dementia"), 1, "right"),
    )
    rows = []
    for kind in teller.kinds:
        if teller.run["kinds"][kind].get("partner"):
            continue
        tier = teller.run["kinds"][kind]["tier"]
        group = existing[existing["kind_before"] == kind]  # the plan may make another kind of it
        beds = [
            amounts.whole(float(group[f"{name}_before"].sum())) for name in ("beds", "general", "nursing", "dementia")
        ]
        rows.append(row(teller.kind(kind), teller.word("tier", tier), amounts.whole(len(group)), *beds))
    sums = [amounts.whole(float(existing[f"{name}_before"].sum())) for name in ("general", "nursing", "dementia")]
    beds_before = amounts.whole(number(teller.totals["beds_before"]))
    rows.append(row(two("合计", "Total"), "", amounts.whole(len(existing)), beds_before, *sums))
    caption = two("现有养老服务设施一览（按类型）", "Existing facilities by kind")
    return [Table(caption, columns, tuple(rows), total=True)]


def gaps(teller: Teller) -> list[Block]:
    """Return the chapter on the gaps."""
    two = teller.two
    short, later = clauses_with(teller, "short", "before"), clauses_with(teller, "not_yet_due", "before")
    zh = f"以{teller.last}年老年人口对照现有设施，{len(short)}项到期条款存在缺口"
    en = f"With the elderly persons of {teller.last} and today's facilities, clauses due and short: {len(short)}"
    if later:
        zh += f"，另有{len(later)}项尚未到期但目前不足"
        en += f"; not due yet but short so far: {len(later)}"
    blocks: list[Block] = [
        Heading(1, two("缺口分析", "Gaps")),
        Paragraph(two(zh + "。", en + ".")),
    ]
    if short or later:
        blocks += [_by_clause(teller, [rule for rule in teller.clauses if rule in {*short, *later}])]
        blocks += _largest(teller)
    if teller.conflicts:
        blocks += [Heading(2, two("无法同时满足的条款", "Clauses that cannot hold together"))]
        blocks += [*certainty.conflicts_table(teller)]
    return blocks


def _by_clause(teller: Teller, rules: list[str]) -> Table:
    two = teller.two
    columns = (
        Column(two("条款", "Clause"), 1),
        Column(two("内容", "Title"), 3),
        Column(two("对象", "Subjects"), 1.2),
        Column(two("现状", "Today"), 1.4, "right"),
        Column(two("结论", "Verdict"), 1.4, "centre"),
        Column(two("缺口最大的对象", "Largest gap at"), 1.9),
        Column(two("该处涉及（人）", "Persons there"), 1.2, "right"),
    )
    rows = []
    for rule in rules:
        findings = teller.of_rule(rule)
        worst = max(findings, key=_persons_short)
        rows.append(
            row(
                clause_mark(teller, rule),
                teller.clause_title(rule),
                teller.term(teller.clauses[rule]["subjects"]),
                standing(teller, findings, "before"),
                conclusion(teller, findings, "before"),
                teller.subject(worst),
                amounts.whole(number(worst.persons_short_before)),
            )
        )
    return Table(two("现状缺口（按条款）", "Gaps today, by clause"), columns, tuple(rows))


def _persons_short(finding: Any) -> float:  # noqa: ANN401 - a named tuple of pandas
    persons = number(finding.persons_short_before)
    return persons if persons == persons else -1.0  # noqa: PLR0124 - NaN sorts last


def _largest(teller: Teller) -> list[Block]:
    two = teller.two
    listed = [finding for finding in teller.findings_at_end if clean(finding.status_before) == "short"]
    listed = sorted(listed, key=_persons_short, reverse=True)
    if not listed or not any(tally(teller.of_rule(rule), "before").total() > 1 for rule in teller.clauses):
        return []
    columns = (
        Column(two("条款", "Clause"), 1),
        Column(two("对象", "Subject"), 1.9),
        Column(two("现状", "Today"), 2.1, "right"),
        Column(two("要求", "Required"), 2.1, "right"),
        Column(two("涉及人口（人）", "Persons"), 1.3, "right"),
        Column(two("缺口人口（人）", "Persons short"), 1.3, "right"),
    )
    rows = tuple(
        row(
            finding.rule,
            teller.subject(finding),
            Cell(teller.amount(finding.before, finding.unit, finding.required), "bad"),
            teller.required(finding),
            amounts.whole(number(finding.persons)),
            amounts.whole(number(finding.persons_short_before)),
        )
        for finding in listed[:MOST_GAPS]
    )
    caption = two("现状缺口（按缺口人口排列）", "Gaps today, by persons short")
    left = len(listed) - len(rows)
    blocks: list[Block] = [Heading(2, two("主要缺口", "Largest gaps")), Table(caption, columns, rows)]
    words = two(
        "覆盖类条款的“缺口人口”为距要求尚差的人口；其他条款未达标时为所涉及的全部人口。",
        "For coverage clauses “persons short” are those missing to the requirement; for other clauses that fall "
        "short, all "
        "persons concerned.",
    )
    more = two(f"另有{left}条较小的缺口，见附录。", f" {left} smaller gaps are in the appendix.") if left else ""
    return [*blocks, Note(words + more)]
