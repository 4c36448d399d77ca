"""Blocks as one HTML page that needs nothing from outside and prints on A4."""

from __future__ import annotations

import base64
import re
from importlib import resources
from typing import TYPE_CHECKING

from siting.present.blocks import Heading, Note, Paragraph, Picture, Table, Turn
from siting.present.plain import clean, escaped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from siting.model.text import Language
    from siting.present.blocks import Block, Cell

_TOC_DEPTH = 2
_ID, _KEPT = re.compile(r"\b[A-Z]+-\d+"), r'<span class="id">\g<0></span>'
"""The id of a clause: a line never breaks in it."""
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_TOTAL_ROW = '<tr class="total">'


def page(title: str, notice: str, language: Language, blocks: Sequence[Block], figures: Mapping[str, Path]) -> str:
    """Return the whole page.

    Parameters
    ----------
    title, notice : str
        The notice, when there is one, stands at the top of every printed page, and of the window.
    language : "zh" or "en"
    blocks : sequence of Block
    figures : Mapping[str, Path]
        Images by name; they are inlined.
    """
    style = resources.files("siting.present").joinpath("report.css").read_text(encoding="utf-8")
    banner = f'<p class="notice">{escaped(notice)}</p>' if notice else ""
    zh = language == "zh"
    mark = "zh-CN" if zh else "en"
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="{mark}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>{escaped(title)}</title><style>\n{style}{_page_head(notice)}</style></head><body>{banner}<main>",
        f"<header><h1>{escaped(title)}</h1></header>",
        _contents("目录" if zh else "Contents", blocks),
        *_body(blocks, language, figures),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _page_head(notice: str) -> str:
    """Return the style that prints the notice at the head of every page; each character is escaped as CSS wants it."""
    if not notice:
        return ""
    words = "".join(f"\\{ord(character):x} " for character in clean(notice))
    return f'@page {{ @top-center {{ content: "{words}"; color: #b3261e; font-size: 9pt; font-weight: bold; }} }}\n'


def _contents(heading: str, blocks: Sequence[Block]) -> str:
    listed = [block for block in blocks if isinstance(block, Heading)]
    links = "\n".join(
        f'<li class="depth{block.level}"><a href="#h{place}">{escaped(block.full)}</a></li>'
        for place, block in enumerate(listed, start=1)
        if block.level <= _TOC_DEPTH
    )
    return f'<nav><p class="toc">{heading}</p><ul>\n{links}\n</ul></nav>'


def _body(blocks: Sequence[Block], language: Language, figures: Mapping[str, Path]) -> list[str]:
    parts: list[str] = []
    headings, listing = 0, False
    for block in blocks:
        bullet = isinstance(block, Paragraph) and block.bullet
        if bullet != listing:
            parts.append("<ul>" if bullet else "</ul>")
            listing = bullet
        if isinstance(block, Heading):
            headings += 1
            depth = block.level + 1
            parts.append(f'<h{depth} id="h{headings}">{escaped(block.full)}</h{depth}>')
        elif isinstance(block, Turn):
            parts.append('<section class="wide">' if block.wide else "</section>")
        else:
            parts.append(_plain(block, language, figures))
    return parts + (["</ul>"] if listing else [])


def _plain(block: Paragraph | Note | Table | Picture, language: Language, figures: Mapping[str, Path]) -> str:
    if isinstance(block, Paragraph):
        lead = f"<b>{escaped(block.lead)}</b> " if block.lead else ""
        tag = "li" if block.bullet else "p"
        return f"<{tag}>{lead}{escaped(block.text)}</{tag}>"
    if isinstance(block, Note):
        kind = "warning" if block.warning else "remark"
        return f'<p class="{kind}">{escaped(block.text)}</p>'
    if isinstance(block, Table):
        return _table(block, language)
    data = base64.b64encode(figures[block.name].read_bytes()).decode("ascii")
    label = f"图{block.number}　" if language == "zh" else f"Figure {block.number}. "
    caption = escaped(block.caption)
    image = f'<img alt="{caption}" src="data:image/png;base64,{data}">'
    return f"<figure>{image}<figcaption>{label}{caption}</figcaption></figure>"


def _table(table: Table, language: Language) -> str:
    label = f"表{table.number}　" if language == "zh" else f"Table {table.number}. "
    whole = sum(column.width for column in table.columns)
    widths = "".join(f'<col style="width:{column.width / whole:.2%}">' for column in table.columns)
    head = "".join(f'<th scope="col">{escaped(column.title)}</th>' for column in table.columns)
    last = len(table.rows) - 1
    rows = "\n".join(
        (_TOTAL_ROW if table.total and place == last else "<tr>")
        + "".join(_cell(cell, column.align) for cell, column in zip(cells, table.columns, strict=True))
        + "</tr>"
        for place, cells in enumerate(table.rows)
    )
    return (
        f'<div class="table"><table><caption>{label}{escaped(table.caption)}</caption><colgroup>{widths}</colgroup>'
        f"<thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></div>"
    )


def _cell(cell: Cell, align: str) -> str:
    names = " ".join(name for name in ("" if align == "left" else align, cell.tone) if name)
    mark = f' class="{names}"' if names else ""
    return f"<td{mark}>{_ID.sub(_KEPT, escaped(cell.text))}</td>"
