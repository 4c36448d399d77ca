"""Reads back what the report wrote, by other means than it was written with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docx import Document

if TYPE_CHECKING:
    from pathlib import Path

    from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def text_of(element: etree._Element) -> str:
    """All text of an element, hyphens that do not break included."""
    nodes = element.iter(f"{W}t", f"{W}noBreakHyphen")
    return "".join("-" if node.tag.endswith("noBreakHyphen") else node.text or "" for node in nodes)


def paragraphs(path: Path) -> list[tuple[str, str]]:
    """Style id and text of every paragraph outside tables."""
    found = []
    for paragraph in Document(str(path)).element.body.findall(f"{W}p"):
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        found.append(("" if style is None else style.get(f"{W}val"), text_of(paragraph)))
    return found


def tables(path: Path) -> dict[str, list[list[str]]]:
    """Rows of every table by its caption without the number; the header row comes first."""
    found, caption = {}, ""
    for element in Document(str(path)).element.body:
        if element.tag == f"{W}p":
            style = element.find(f"{W}pPr/{W}pStyle")
            if style is not None and style.get(f"{W}val") == "TableCaption":
                caption = re.sub(r"^(表|Table )\d+(　|\. )", "", text_of(element))
        elif element.tag == f"{W}tbl":
            found[caption] = [[text_of(cell) for cell in row.findall(f"{W}tc")] for row in element.findall(f"{W}tr")]
    return found


def figure(text: str) -> float:
    """The number in a printed figure: ``≥ 60.00%`` is 0.6, ``1,234`` is 1234, the dash is NaN."""
    if text.strip() in {"—", ""}:
        return float("nan")
    match = re.search(r"-?[\d,]+(\.\d+)?", text)
    assert match, text
    value = float(match[0].replace(",", ""))
    return value / 100 if text[match.end() : match.end() + 1] == "%" else value


def step(text: str) -> float:
    """Half of the last digit of a printed figure: how far it may be from what it prints."""
    match = re.search(r"-?[\d,]+(?:\.(\d+))?(%?)", text)
    assert match, text
    return 0.5 * 10.0 ** -len(match[1] or "") / (100 if match[2] else 1) * (1 + 1e-9)
