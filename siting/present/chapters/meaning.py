"""Parameters and choices of meaning: what the documents leave open and the study settles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.present import amounts
from siting.present.blocks import Column, Heading, Paragraph, Table, row
from siting.present.plain import clean
from siting.present.teller import plain_value

if TYPE_CHECKING:
    from siting.present.blocks import Block
    from siting.present.teller import Teller


def chapter(teller: Teller) -> list[Block]:
    """Return the appendix of parameters and choices of meaning."""
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
