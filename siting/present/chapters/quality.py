"""What was seen in the data: the warnings of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.present.blocks import Column, Heading, Paragraph, Table, row
from siting.present.plain import clean

if TYPE_CHECKING:
    from siting.present.blocks import Block
    from siting.present.teller import Teller


def chapter(teller: Teller) -> list[Block]:
    """Return the appendix of data quality."""
    two = teller.two
    heading = Heading(1, two("数据质量与警告", "Data quality and warnings"), series="appendix")
    warnings = teller.run["warnings"]
    if not warnings:
        return [heading, Paragraph(two("本次运行没有警告。", "The run gave no warnings."))]
    columns = (Column(two("来源", "Source"), 1.4), Column(two("说明", "What was seen"), 4))
    rows = tuple(row(clean(entry["source"]), clean(entry[teller.language])) for entry in warnings)
    return [heading, Table(two("运行中的警告", "Warnings of the run"), columns, rows)]
