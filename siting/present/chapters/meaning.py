"""Parameters and choices of meaning: what the documents leave open and the study settles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siting.present import amounts
from siting.present.blocks import Cell, Column, Heading, Paragraph, Table, row
from siting.present.plain import clean
from siting.present.teller import plain_value

if TYPE_CHECKING:
    from siting.present.blocks import Block
    from siting.present.teller import Teller


def chapter(teller: Teller) -> list[Block]:
    """Return the appendix of parameters and choices of meaning."""
    two = teller.two
    columns = (
        Column(two("参数", "Key"), 1.6),
        Column(two("取值", "Value"), 3, "right"),
        Column(two("单位", "Unit"), 0.7),
        Column(two("含义", "Meaning"), 2.4),
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
        *_readings(teller),
    ]


def _readings(teller: Teller) -> list[Block]:
    """Say for each clause whether its verdict on the present situation depends on the reading, if any was compared."""
    two, found = teller.two, teller.run.get("readings") or []
    if not found:
        return []
    columns = (
        Column(two("条款", "Clause"), 2.4),
        Column(two("本项目口径下的结论", "Verdict as asked"), 1.2),
        Column(two("结论改变的口径", "Readings under which it changes"), 3.4),
    )
    named = [
        two(f"{_title(teller, one)}（{_changes(one)}）", f"{_title(teller, one)} ({_changes(one)})") for one in found
    ]
    lines = [_line(teller, number, found) for number in range(len(found[0]["clauses"]))]
    changing = sum(line[2].text != _same(teller) for line in lines)
    return [
        Heading(2, two("口径敏感性", "Sensitivity to the reading"), series="appendix"),
        Paragraph(
            two(
                f"以下口径逐一改变（其余不变），重新核查现状：{'；'.join(named)}。"
                f"{len(lines)}项条款中，{changing}项的结论随口径改变。",
                f"Each of these readings was taken by itself and the present situation audited again: "
                f"{'; '.join(named)}. The verdict on {changing} of {len(lines)} clauses depends on the reading.",
            )
        ),
        Table(two("口径敏感性", "Sensitivity to the reading"), columns, tuple(lines)),
    ]


def _title(teller: Teller, reading: Any) -> str:  # noqa: ANN401 - as JSON holds it
    """Return what a reading is called; its name in folders of earlier versions."""
    return teller.of(reading.get("title")) or clean(reading["name"])


def _changes(reading: Any) -> str:  # noqa: ANN401 - as JSON holds it
    """Write what a reading changes."""
    return ", ".join(f"{change['key']} = {plain_value(change['value'])}" for change in reading["changes"])


def _same(teller: Teller) -> str:
    """Say that no reading matters."""
    return teller.two("各口径下结论一致", "the same under every reading")


def _line(teller: Teller, number: int, found: list[Any]) -> tuple[Cell, ...]:
    """Write a clause's line: its verdict, and where another reading gives another one."""
    first = found[0]["clauses"][number]
    clause = teller.clauses[first["clause"]]
    others = [(_title(teller, reading), reading["clauses"][number]) for reading in found]
    colon = teller.two("：", ": ")
    changed = [f"{name}{colon}{teller.status(one['read']['verdict']).text}" for name, one in others if one["changes"]]
    told = teller.two("；", "; ").join(changed)
    return (
        Cell(f"{first['clause']} {teller.of(clause['title'])}"),
        teller.status(first["asked"]["verdict"]),
        Cell(told, "strong") if told else Cell(_same(teller)),
    )
