"""How good the data are: ways to the street, people against the census, what moves them, ground, and warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.present import amounts
from siting.present.blocks import Cell, Column, Heading, Paragraph, Table, row
from siting.present.plain import clean, number

if TYPE_CHECKING:
    from siting.present.blocks import Block
    from siting.present.teller import Record, Teller

WORST = 10
"""Longest ways that are printed; ``snaps.csv`` has more."""


def chapter(teller: Teller) -> list[Block]:
    """Return the appendix of data quality; sections of what the study does not use are left out."""
    heading = Heading(1, teller.two("数据质量与警告", "Data quality and warnings"), series="appendix")
    parts = (_joining, _worst, _raking, _density, _ground, _warnings)
    return [heading, *(block for part in parts for block in part(teller))]


def band_of(teller: Teller, band: Record) -> str:
    """Name a class of connectors."""
    low, high = amounts.whole(number(band["from_m"])), band["to_m"]
    if high is None:
        return teller.two(f"{low} m 以上", f"more than {low} m")
    return f"{low}–{amounts.whole(number(high))} m"


def _joining(teller: Teller) -> list[Block]:
    """Say how far people and sites are from the street."""
    told: Record | None = teller.run.get("quality")
    if told is None:
        return []
    two, kinds = teller.two, [told[kind] for kind in ("persons", "facilities", "candidates")]
    columns = (
        Column(two("到道路的直线距离", "Straight way to the street"), 2.2),
        Column(two("老年人（人）", "Elderly persons"), 1.3, "right"),
        Column(two("现有设施（处）", "Facilities"), 1.3, "right"),
        Column(two("候选点（处）", "Candidates"), 1.3, "right"),
    )
    bands = [
        row(band_of(teller, band), *(amounts.whole(number(kind["bands"][at]["count"])) for kind in kinds))
        for at, band in enumerate(kinds[0]["bands"])
        if any(number(kind["bands"][at]["count"]) for kind in kinds)
    ]
    no_road = two("最长接驳距离内无道路", "no road within the longest connector")
    rest = [
        row(words, *(amounts.whole(number(kind[key])) for kind in kinds))
        for key, words in (("no_road", no_road), ("count", two("合计", "Total")))
    ]
    middle, cut = (amounts.whole(number(kinds[0][key])) for key in ("median_m", "other_component"))
    said = two(
        f"按人口计，接驳距离的中位数为{middle}米；{cut}人有道路，但所在路段与任何设施、候选点都不连通。",
        f"The median way to the street, by persons, is {middle} m; {cut} persons have a road that leads to no "
        "facility or candidate.",
    )
    table = Table(two("接驳距离分布", "Ways to the street"), columns, (*bands, *rest), total=True)
    return [Heading(2, two("接驳道路", "Joining the street")), table, Paragraph(said)]


def _worst(teller: Teller) -> list[Block]:
    """List the longest ways, and places without a road; sites first."""
    snaps = teller.results.snaps
    if snaps is None or snaps.empty:
        return []
    two = teller.two
    columns = (
        Column(two("对象", "What"), 1.3),
        Column(two("编号", "Id"), 1.4),
        Column(two("经度", "Longitude"), 1.1, "right"),
        Column(two("纬度", "Latitude"), 1.1, "right"),
        Column(two("距离（m）", "Way (m)"), 1.0, "right"),
        Column(two("道路", "Road"), 0.9, "centre"),
        Column(two("老年人（人）", "Persons"), 1.1, "right"),
    )
    lived_in = snaps[(snaps["what"] == "site") | (snaps["persons"] > 0)]
    marked = lived_in.assign(cells=lived_in["what"] != "site")
    ordered = marked.sort_values(["cells", "connector_m"], ascending=[True, False], kind="stable")
    rows = tuple(
        row(
            teller.word("snap", one.what),
            clean(one.id),
            *(amounts.fixed(number(degrees), 5) for degrees in (one.lon, one.lat)),
            amounts.whole(number(one.connector_m)),
            teller.word("road", one.state),
            amounts.BLANK if one.what == "site" else amounts.whole(number(one.persons)),
        )
        for one in teller.rows(ordered.head(WORST))
    )
    return [Table(two("最长的接驳距离（摘自 snaps.csv）", "Longest ways to the street (of snaps.csv)"), columns, rows)]


def _raking(teller: Teller) -> list[Block]:
    """List the census numbers with the cells' own, and the factor between them."""
    lines = teller.run.get("raking") or []
    if not lines:
        return []
    two = teller.two
    columns = (
        Column(two("镇（街道）", "District"), 2),
        Column(two("年龄", "Ages"), 0.9, "centre"),
        Column(two("格网（人）", "Cells"), 1.2, "right"),
        Column(two("普查（人）", "Census"), 1.2, "right"),
        Column(two("平差后（人）", "Raked"), 1.2, "right"),
        Column(two("系数", "Factor"), 0.9, "right"),
    )
    names = teller.district_names | {None: two("全部", "all districts")}
    rows = tuple(
        row(
            names.get(line["district"]) or clean(line["district"]),
            clean(line["group"]),
            *(amounts.whole(number(line[key])) for key in ("before", "control", "after")),
            Cell(amounts.fixed(number(line["factor"]), 3), "bad" if line.get("extreme") else ""),
        )
        for line in lines
    )
    heading = Heading(2, two("人口格网与普查数", "Cells against the census"))
    return [heading, Table(two("平差系数", "Raking factors"), columns, rows)]


def _density(teller: Teller) -> list[Block]:
    """Say who changes density class when radius or thresholds move."""
    shifts = teller.run.get("density_sensitivity") or []
    if not shifts:
        return []
    two = teller.two
    columns = (
        Column(two("变动", "What is moved"), 2),
        Column(two("升入较密一级（人）", "Into a denser class"), 1.4, "right"),
        Column(two("降入较疏一级（人）", "Into a less dense class"), 1.4, "right"),
        Column(two("合计占比", "Share of all"), 1.0, "right"),
    )
    rows = tuple(
        row(
            f"{teller.word('moved', shift['what'])} × {number(shift['by']):g}",
            amounts.whole(number(shift["persons_up"])),
            amounts.whole(number(shift["persons_down"])),
            amounts.percent((number(shift["persons_up"]) + number(shift["persons_down"])) / number(shift["persons"])),
        )
        for shift in shifts
        if number(shift["persons"]) > 0
    )
    caption = two("半径与分界变动时改变密度级的老年人", "Persons who change class as radius and limits move")
    return [Heading(2, two("密度分级的敏感性", "How firm the density classes are")), Table(caption, columns, rows)]


def _ground(teller: Teller) -> list[Block]:
    """Say whom the ground kept off."""
    ground: Record = teller.run.get("ground") or {}
    if not ground.get("layers"):
        return []
    two = teller.two
    columns = (
        Column(two("图层", "Layer"), 1.8),
        Column(two("不可用条件", "Forbidden where"), 1.5),
        Column(two("对象", "Of"), 1.5),
        Column(two("检查（处）", "Looked at"), 0.9, "right"),
        Column(two("位于其上（处）", "On it"), 1.0, "right"),
        Column(two("无数据（处）", "No data"), 0.9, "right"),
        Column(two("文件（许可）", "File (licence)"), 2.0),
    )
    rows = tuple(
        row(
            teller.of(layer["title"]),
            teller.of(layer["condition"]) or two("仅用于排序", "ranks only"),
            teller.word("screened", group["group"]),
            *(amounts.whole(number(group[key])) for key in ("checked", "on", "silent")),
            _file(teller, layer),
        )
        for layer in ground["layers"]
        for group in layer["groups"]
    )
    listed, made = (amounts.whole(number(ground["dropped"].get(key, 0))) for key in ("listed", "generated"))
    said = two(
        f"合计排除列出的候选点{listed}处、生成的候选点{made}处；已定项目与现有设施只作提示，不排除。",
        f"In all {listed} listed and {made} generated candidates are left out; committed projects and facilities that "
        "stand are told of only.",
    )
    table = Table(two("候选点的用地筛查", "Candidates and the ground they stand on"), columns, rows)
    return [Heading(2, two("用地限制与适宜性", "Ground")), table, Paragraph(said)]


def _file(teller: Teller, layer: Record) -> str:
    """Name a layer's file with its licence."""
    file, licence = clean(layer["file"]), clean(layer["licence"]) or teller.two("许可未声明", "licence not stated")
    return teller.two(f"{file}（{licence}）", f"{file} ({licence})")


def _warnings(teller: Teller) -> list[Block]:
    two = teller.two
    heading = Heading(2, two("警告与提示", "Warnings and notes"))
    warnings = teller.run["warnings"]
    if not warnings:
        return [heading, Paragraph(two("本次运行没有警告。", "The run gave no warnings."))]
    columns = (
        Column(two("级别", "Severity"), 0.8, "centre"),
        Column(two("来源", "Source"), 1.3),
        Column(two("说明", "What was seen"), 3.6),
        Column(two("如何处理", "How to mend it"), 2),
    )
    rows = tuple(
        row(
            teller.word("severity", entry.get("severity", "note")),
            clean(entry["source"]),
            clean(entry[teller.language]),
            teller.of(entry.get("mend")) or amounts.BLANK,
        )
        for entry in warnings
    )
    return [heading, Table(two("运行中的警告与提示", "Warnings and notes of the run"), columns, rows)]
