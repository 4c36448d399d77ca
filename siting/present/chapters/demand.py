"""Who will need which care: groups of older persons, and beds and places that their needs come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.present import amounts
from siting.present.blocks import Column, Heading, Note, Paragraph, Table, row
from siting.present.plain import number

if TYPE_CHECKING:
    from siting.present.blocks import Block, Cell
    from siting.present.teller import Record, Teller


def chapter(teller: Teller) -> list[Block]:
    """Return the chapter on demand; nothing where the study states neither groups nor needs."""
    told: Record = teller.run.get("demand") or {}
    groups, needs = told.get("groups") or [], told.get("needs") or []
    if not groups and not needs:
        return []
    heading = Heading(1, teller.two("养老服务需求", "Demand for care"))
    return [heading, *_groups(teller, groups, told), *_needs(teller, groups, needs)]


def _groups(teller: Teller, groups: list[Record], told: Record) -> list[Block]:
    two = teller.two
    if not groups:
        return []
    columns = [Column(two("群体", "Group"), 1.8), Column(two("年龄", "Age"), 0.8, "centre")]
    columns += [Column(two(f"{year}年（人）", f"Persons {year}"), 1.2, "right") for year in teller.phases]
    columns += [Column(two("权重", "Weight"), 0.8, "right"), Column(two("比例来源", "Source of the share"), 2.6)]
    rows = tuple(
        row(
            teller.of(group["title"]),
            f"{group['age']}+",
            *(amounts.whole(teller.by_phase(group["persons"], year)) for year in teller.phases),
            f"{number(group['weight']):g}",
            teller.of(group["source"]) or two("整个年龄段", "all of that age"),
        )
        for group in groups
    )
    reading = two("群体之间有重叠，不能相加。", "Groups overlap and do not add up.")
    if any(number(group["weight"]) > 1 for group in groups):
        last = amounts.whole(teller.by_phase(told["weighted"], teller.last))
        reading += two(
            f"按上述权重，{teller.last}年的老年人口折合{last}人。",
            f" With these weights the elderly persons of {teller.last} count as {last}.",
        )
    return [
        Heading(2, two("重点群体", "Groups")),
        Table(two("各期重点老年群体", "Groups of older persons by phase"), tuple(columns), rows),
        Note(reading),
    ]


def _needs(teller: Teller, groups: list[Record], needs: list[Record]) -> list[Block]:
    two = teller.two
    if not needs:
        return []
    columns = (
        Column(two("年份", "Year"), 0.8, "centre"),
        Column(two("照护方式", "Care"), 1.6),
        Column(two("比例", "Share"), 0.9, "right"),
        Column(two("人数（人）", "Persons"), 1.2, "right"),
        Column(two("需要床位（张）", "Beds needed"), 1.2, "right"),
        Column(two("需要托位（个）", "Day places needed"), 1.2, "right"),
    )
    titles = {group["id"]: teller.of(group["title"]) for group in groups}
    everybody = two("全部老年人", "all elderly persons")
    who = teller.joined(list(dict.fromkeys(titles.get(need["of"]) or everybody for need in needs)))
    sources = teller.joined(list(dict.fromkeys(teller.of(need["source"]) for need in needs)))
    return [
        Heading(2, two("照护方式与床位需求", "Kinds of care, beds and places")),
        Paragraph(two(f"对象：{who}；依据：{sources}。", f"Of {who}; source: {sources}.")),
        Table(
            two("各期照护需求", "Need for care by phase"),
            columns,
            tuple(line for need in needs for line in _lines(teller, need)),
        ),
        *_beds(teller, needs),
    ]


def _lines(teller: Teller, need: Record) -> list[tuple[Cell, ...]]:
    """Return a phase's rows, one for each kind of care."""
    return [
        row(
            str(need["phase"]),
            teller.word("care", care),
            amounts.percent(number(share)),
            amounts.whole(number(need["persons"][care])),
            amounts.whole(number(need["beds"])) if care == "institution" else amounts.BLANK,
            amounts.whole(number(need["places"])) if care == "community" else amounts.BLANK,
        )
        for care, share in need["shares"].items()
    ]


def _beds(teller: Teller, needs: list[Record]) -> list[Block]:
    """Set the beds needed beside those of today and of the plan."""
    two, sites = teller.two, teller.results.sites
    columns = [
        Column(two("年份", "Year"), 0.8, "centre"),
        Column(two("需要床位（张）", "Beds needed"), 1.2, "right"),
        Column(two("现状床位（张）", "Beds today"), 1.2, "right"),
    ]
    columns += [Column(two("规划床位（张）", "Beds planned"), 1.2, "right")] if teller.has_plan else []
    columns.append(Column(two("余（+）缺（−）（张）", "Surplus (+) or gap (−)"), 1.4, "right"))
    today, rows = float(sites["beds_before"].sum()), []
    for need in needs:
        there = float(sites[f"beds_{need['phase']}"].sum()) if teller.has_plan else today
        rows.append(
            row(
                str(need["phase"]),
                amounts.whole(number(need["beds"])),
                amounts.whole(today),
                *([amounts.whole(there)] if teller.has_plan else []),
                f"{round(there - number(need['beds'])):+,}".replace("-", "−"),
            )
        )
    return [
        Table(two("床位需求与供给", "Beds needed and provided"), tuple(columns), tuple(rows)),
        Note(
            two(
                "需求由所列比例推算，供对照；有约束力的是各条款。",
                "Needs follow from the stated shares and are for comparison; what binds are the clauses.",
            )
        ),
    ]
