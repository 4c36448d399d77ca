"""The data that the run was made from: files, coordinate systems, licences, checksums."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.present import amounts
from siting.present.blocks import Column, Heading, Table, row
from siting.present.plain import clean, number

if TYPE_CHECKING:
    from siting.present.blocks import Block
    from siting.present.teller import Teller


def chapter(teller: Teller) -> list[Block]:
    """Return the appendix of data sources and licences."""
    two = teller.two
    columns = (
        Column(two("用途", "Role"), 1),
        Column(two("文件", "File"), 2.4),
        Column(two("大小", "Size"), 1.0, "right"),
        Column(two("坐标系", "CRS"), 1.1),
        Column(two("数据时点", "As of"), 1.0),
        Column(two("获取日期", "Fetched"), 1.0),
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
            *(clean(entry.get(key)) or unknown for key in ("as_of", "retrieved", "licence")),
            clean(entry["sha256"]),
        )
        for entry in teller.run["inputs"]
    )
    return [
        Heading(1, two("数据来源与许可", "Data sources and licences"), series="appendix"),
        Table(two("输入数据", "Input data"), columns, rows),
    ]
