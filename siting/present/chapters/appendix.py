"""The appendices: all findings, the ledger, choices of meaning, sources, quality, certificate, reproducibility."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siting.present import amounts
from siting.present.blocks import Column, Heading, Paragraph, Table, Turn, row
from siting.present.chapters import certainty, reconcile
from siting.present.plain import clean, number
from siting.present.teller import plain_value
from siting.present.texts import TEXTS

if TYPE_CHECKING:
    from siting.present.blocks import Block, Cell
    from siting.present.teller import Teller

LEDGER = (
    "covered", "uncovered", "other_component", "no_road", "demand", "not_concerned", "outside_districts",
    "raster_total", "reachable",
)  # fmt: skip
"""Columns of persons in the ledger, in the order in which they add up."""


def chapters(teller: Teller) -> list[Block]:
    """Return the appendices."""
    return [
        Turn(wide=True),
        *_findings(teller),
        *_ledger(teller),
        Turn(wide=False),
        *_parameters(teller),
        *_sources(teller),
        *_quality(teller),
        Heading(1, teller.two("方案证明书", "Certificate"), series="appendix"),
        *certainty.certificate_table(teller),
        *certainty.conflicts_table(teller),
        *_reproducibility(teller),
    ]


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


def _ledger(teller: Teller) -> list[Block]:
    two = teller.two
    keys = {name: f"code.{name}" if f"code.{name}" in TEXTS else name for name in LEDGER}
    columns = (
        Column(two("条款", "Clause"), 0.8),
        Column(two("年份", "Year"), 0.7, "centre"),
        Column(two("时点", "When"), 0.7, "centre"),
        *(Column(teller.term(keys[name]).capitalize(), 1.2, "right") for name in LEDGER),
    )
    ledger = teller.results.ledger
    rows = tuple(
        row(
            clean(line["rule"]),
            str(int(line["phase"])),
            teller.term(line["moment"]),
            *(amounts.fixed(number(line[name]), 1) for name in LEDGER),
        )
        for line in ledger.to_dict("records")
    )
    return [
        Heading(1, two("人口账", "Ledger of persons"), series="appendix"),
        Paragraph(
            two(
                "覆盖＋未覆盖＋道路不连通＋无道路可达＝条款涉及人数；"
                "条款涉及人数＋不在本条款范围＋行政区划外＝栅格总计。"
                "“不在本条款范围”指在分区之内但不属于该条款密度等级的人口。单位：人，保留一位小数。",
                "Covered + uncovered + on roads cut off + no road near = persons concerned; persons concerned + "
                "not concerned + "
                "outside every district = raster total. “Not concerned” live inside the districts but not in the "
                "clause's density class. "
                "Persons, to one decimal.",
            )
        ),
        Table(two("人口账（各覆盖条款、各期）", "Ledger by clause and phase"), columns, rows),
        *reconcile.note(teller),
    ]


def _parameters(teller: Teller) -> list[Block]:
    two = teller.two
    columns = (
        Column(two("参数", "Key"), 2),
        Column(two("取值", "Value"), 1.2, "right"),
        Column(two("单位", "Unit"), 0.8),
        Column(two("含义", "Meaning"), 3.5),
    )
    rows = tuple(
        row(
            clean(entry["key"]),
            plain_value(entry["value"]),
            clean(entry["unit"]) or amounts.BLANK,
            teller.of(entry["meaning"]),
        )
        for entry in teller.run["parameters"]
    )
    return [
        Heading(1, two("参数与含义约定", "Parameters and choices of meaning"), series="appendix"),
        Paragraph(
            two(
                "各文件未作规定、由本项目约定的参数如下；改变其中任何一项，结果都会改变。",
                "What the documents leave open, this study settles as follows; other choices give other results.",
            )
        ),
        Table(two("参数与含义约定", "Parameters and choices of meaning"), columns, rows),
    ]


def _sources(teller: Teller) -> list[Block]:
    two = teller.two
    columns = (
        Column(two("用途", "Role"), 1),
        Column(two("文件", "File"), 2.4),
        Column(two("大小", "Size"), 1.0, "right"),
        Column(two("坐标系", "CRS"), 1.1),
        Column(two("许可", "Licence"), 1.3),
        Column("SHA-256", 2.6),
    )
    unknown = two("未声明", "not stated")
    rows = tuple(
        row(
            teller.word("role", entry["role"]),
            clean(entry["path"]),
            amounts.size(number(entry["size_bytes"])),
            clean(entry["crs"]) or amounts.BLANK,
            clean(entry["licence"]) or unknown,
            clean(entry["sha256"]),
        )
        for entry in teller.run["inputs"]
    )
    return [
        Heading(1, two("数据来源与许可", "Data sources and licences"), series="appendix"),
        Table(two("输入数据", "Input data"), columns, rows),
    ]


def _quality(teller: Teller) -> list[Block]:
    two = teller.two
    heading = Heading(1, two("数据质量与警告", "Data quality and warnings"), series="appendix")
    warnings = teller.run["warnings"]
    if not warnings:
        return [heading, Paragraph(two("本次运行没有警告。", "The run gave no warnings."))]
    columns = (Column(two("来源", "Source"), 1.4), Column(two("说明", "What was seen"), 4))
    rows = tuple(row(clean(entry["source"]), clean(entry[teller.language])) for entry in warnings)
    return [heading, Table(two("运行中的警告", "Warnings of the run"), columns, rows)]


def _reproducibility(teller: Teller) -> list[Block]:
    two = teller.two
    columns = (Column(two("组件", "Component"), 1), Column(two("版本", "Version"), 1))
    rows = tuple(row(clean(name), plain_value(version)) for name, version in sorted(teller.run["versions"].items()))
    return [
        Heading(1, two("可复现性", "Reproducibility"), series="appendix"),
        Paragraph(
            two(
                "本报告的全部数字取自同一次运行的结果文件（run.json、findings.csv、ledger.csv、districts.csv、"
                "plan.csv）；"
                "以相同的输入（见数据来源的 SHA-256）、配置和随机种子重新运行，结果文件逐字节相同（用时除外）。"
                f"坐标系：{clean(teller.run['study']['crs'])}。",
                "Every figure of this report is taken from the files of one run (run.json, findings.csv, ledger.csv, "
                "districts.csv, plan.csv). The same inputs (see the SHA-256 of the sources), configuration and "
                "seed give the "
                f"same files byte for byte, timings aside. Coordinate system: {clean(teller.run['study']['crs'])}.",
            )
        ),
        Table(two("软件版本", "Versions"), columns, rows),
    ]
