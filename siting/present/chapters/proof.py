"""How far the plan can be trusted: the certificate, the ledger of persons, and how to make the run again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.present import amounts
from siting.present.blocks import Column, Heading, Paragraph, Table, Turn, row
from siting.present.chapters import certainty, reconcile
from siting.present.plain import clean, number
from siting.present.teller import plain_value
from siting.present.texts import TEXTS

if TYPE_CHECKING:
    from siting.present.blocks import Block
    from siting.present.teller import Teller

LEDGER = (
    "covered", "uncovered", "other_component", "no_road", "demand", "not_concerned", "outside_districts",
    "raster_total", "reachable",
)  # fmt: skip
"""Columns of persons in the ledger, in the order in which they add up."""


def chapters(teller: Teller) -> list[Block]:
    """Return the appendices of certificate, ledger and reproducibility."""
    return [
        Heading(1, teller.two("方案证明书", "Certificate"), series="appendix"),
        *certainty.certificate_table(teller),
        *certainty.conflicts_table(teller),
        Turn(wide=True),
        *_ledger(teller),
        Turn(wide=False),
        *_reproducibility(teller),
    ]


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
