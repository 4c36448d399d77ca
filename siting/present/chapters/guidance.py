"""Guidance district by district: what it has, what it lacks, what is built there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siting.present import amounts, pictures
from siting.present.blocks import Cell, Column, Heading, Note, Paragraph, Table, row
from siting.present.chapters.layout import ACTIONS
from siting.present.chapters.situation import district_name, pictures_of
from siting.present.chapters.verdicts import status_of, value_of
from siting.present.plain import clean, number

if TYPE_CHECKING:
    from siting.present.blocks import Block
    from siting.present.chapters.verdicts import Moment
    from siting.present.teller import Record, Teller


def chapter(teller: Teller) -> list[Block]:
    """Return the chapter of guidance: one compact block for each district, grouped by planning unit."""
    two = teller.two
    titles = pictures.titles(teller)
    blocks: list[Block] = [Heading(1, two("分镇（街道）指引", "Guidance by district"))]
    blocks += pictures_of(titles, "district_")
    districts = teller.results.districts.drop(columns="geometry").to_dict("records")
    units = list(dict.fromkeys(clean(district["unit"]) for district in districts))
    grouped = 1 < len(units) < len(districts)
    if not grouped:
        for district in districts:
            blocks += _district(teller, district, 2)
        return blocks
    for unit in units:
        blocks += _unit(teller, unit)
        for district in districts:
            if clean(district["unit"]) == unit:
                blocks += _district(teller, district, 3)
    return blocks


def _unit(teller: Teller, unit: str) -> list[Block]:
    heading = Heading(2, teller.two(f"规划单元：{unit}", f"Planning unit {unit}"))
    findings = [f for f in teller.findings_at_end if f.subject_kind == "unit" and clean(f.subject) == unit]
    caption = teller.two(f"规划单元{unit}：条款核查", f"Planning unit {unit}: clauses")
    return [heading, *([_clauses(teller, findings, caption)] if findings else [])]


def _district(teller: Teller, district: Record, level: int) -> list[Block]:
    name = district_name(teller, district)
    two = teller.two
    findings = [
        f for f in teller.findings_at_end if f.subject_kind == "district" and clean(f.subject) == clean(district["id"])
    ]
    blocks: list[Block] = [Heading(level, name), Paragraph(_figures(teller, district))]
    if findings:
        blocks.append(_clauses(teller, findings, two(f"{name}：条款核查", f"{name}: clauses")))
    moment: Moment = "after" if teller.has_plan else "before"
    short = [f for f in findings if status_of(f, moment) == "short"]
    sentences = [clean(f.sentence_zh if teller.language == "zh" else f.sentence_en) for f in short]
    blocks += [Note(f"{f.rule} {teller.ended(text)}") for f, text in zip(short, sentences, strict=True) if text]
    return blocks + _sites(teller, district, name)


def _figures(teller: Teller, district: Record) -> str:
    def whole(name: str) -> str:
        return amounts.whole(number(district[name]))

    area = amounts.fixed(number(district["area_km2"]), 2)
    persons = whole(f"persons_{teller.last}")
    zh = f"面积{area} km²，{teller.last}年老年人口{persons}人。"
    en = f"{area} km², {persons} elderly persons in {teller.last}. "
    if not teller.has_plan:
        zh += f"现有设施{whole('facilities_before')}处、床位{whole('beds_before')}张。"
        en += f"{whole('facilities_before')} facilities with {whole('beds_before')} beds."
        return teller.two(zh, en)
    cost = amounts.wan(number(district["cost"]))
    zh += (
        f"设施由{whole('facilities_before')}处调整为{whole('facilities_after')}处，"
        f"床位由{whole('beds_before')}张调整为{whole('beds_after')}张，估算投资{cost}万元。"
    )
    en += (
        f"Facilities go from {whole('facilities_before')} to {whole('facilities_after')}, beds from "
        f"{whole('beds_before')} to {whole('beds_after')}, at an estimated cost of {cost} (10,000 yuan)."
    )
    return teller.two(zh, en)


def _clauses(teller: Teller, findings: list[Any], caption: str) -> Table:
    two = teller.two
    columns = [
        Column(two("条款", "Clause"), 0.9),
        Column(two("内容", "Title"), 2.6),
        Column(two("要求", "Required"), 2.15, "right"),
        Column(two("现状", "Today"), 2.15, "right"),
    ]
    if teller.has_plan:
        columns.append(Column(two("规划", "Plan"), 2.15, "right"))
    columns.append(Column(two("结论", "Verdict"), 1.2, "centre"))
    rows = []
    for finding in findings:
        cells: list[str | Cell] = [finding.rule, teller.clause_title(finding.rule), teller.required(finding)]
        cells.append(teller.amount(value_of(finding, "before"), finding.unit, finding.required))
        if teller.has_plan:
            cells.append(teller.amount(value_of(finding, "after"), finding.unit, finding.required))
        rows.append(row(*cells, teller.status(status_of(finding, "after" if teller.has_plan else "before"))))
    return Table(caption, tuple(columns), tuple(rows))


def _sites(teller: Teller, district: Record, name: str) -> list[Block]:
    two = teller.two
    sites = teller.results.sites
    here = sites[(sites["district"].astype(str) == str(district["id"])) & sites["action"].isin(ACTIONS)]
    if not teller.has_plan:
        return []
    if here.empty:
        return [Paragraph(two("规划期内现有设施保持不变。", "Its facilities stay as they are."))]
    columns = (
        Column(two("年份", "Year"), 0.8, "centre"),
        Column(two("措施", "Action"), 1.05, "centre"),
        Column(two("名称", "Name"), 3.2),
        Column(two("类型", "Kind"), 2.2),
        Column(two("现状床位", "Beds today"), 1, "right"),
        Column(two("规划床位", "Beds planned"), 1, "right"),
        Column(two("投资（万元）", "Cost (10,000 yuan)"), 1.3, "right"),
    )
    ordered = here.drop(columns="geometry").sort_values(["year", "kind", "site"], kind="stable")
    rows = tuple(
        row(
            str(int(site.year)),
            Cell(teller.word("action", site.action), "strong"),
            clean(site.name) or clean(site.site),
            teller.kind(site.kind),
            amounts.whole(number(site.beds_before)),
            amounts.whole(number(site.beds_after)),
            amounts.wan(number(site.cost)),
        )
        for site in teller.rows(ordered)
    )
    return [Table(two(f"{name}：建设项目", f"{name}: projects"), columns, rows)]
