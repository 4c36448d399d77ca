"""Blocks as a Word file: real styles with East-Asian fonts, captions that count themselves, headers on every page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Cm

from siting.present import wordstyles
from siting.present.blocks import Heading, Note, Paragraph, Picture, Table, Turn
from siting.present.plain import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from siting.model.text import Language
    from siting.present.blocks import Block, Cell, Column

MARGIN_CM = 2.5
PAGE_CM = (21.0, 29.7)
TWIPS_PER_CM = 1440 / 2.54
_TOC_DEPTH = 2
_ID_HYPHEN = re.compile(r"(?<=[A-Z])-(?=\d)")
"""The hyphen of a clause's id: a line never breaks there."""
_ALIGN = {"left": "left", "right": "right", "centre": "center"}
_TONES = {"good": "1B6E4B", "bad": "B3261E", "strong": "", "faint": "8A8A8A"}


class WordFile:
    """A Word document that grows block by block.

    Parameters
    ----------
    title, notice : str
        The notice, when there is one, stands in the header of every page.
    language : "zh" or "en"
    figures : Mapping[str, Path]
        Images by name.
    """

    def __init__(self, title: str, notice: str, language: Language, figures: Mapping[str, Path]) -> None:
        self.language = language
        self.figures = figures
        self.document: Any = Document()
        self.wide = False
        self.bookmarks = 0
        wordstyles.apply(self.document, language)
        self._page(self.document.sections[0], wide=False)
        wordstyles.header_and_footer(self.document.sections[0], title, notice, language)
        properties = self.document.core_properties
        properties.title, properties.author, properties.comments = title, "siting", notice

    def opening(self, title: str, subtitle: str) -> None:
        """Write the title and the line beneath it."""
        self._append(_paragraph("Title", _run(title)))
        self._append(_paragraph("Subtitle", _run(subtitle)))

    def contents(self, heading: str, blocks: Sequence[Block]) -> None:
        """Write the table of contents: a field, filled in beforehand with the headings and links to them.

        Page numbers are known only to the program that lays the pages out: the field is marked as stale, so that Word
        adds them.
        """
        self._append(_paragraph("TOCHeading", _run(heading)))
        listed = [block for block in blocks if isinstance(block, Heading)]
        entries = [(place, block) for place, block in enumerate(listed, start=1) if block.level <= _TOC_DEPTH]
        code = escape(f'TOC \\o "1-{_TOC_DEPTH}" \\h \\z \\u')
        begin = _field("begin", dirty=True) + _instruction(code) + _field("separate")
        for order, (place, block) in enumerate(entries):
            mark = f"_Toc{place:06d}"
            link = f'<w:hyperlink w:anchor="{mark}" w:history="1">{_run(block.full)}</w:hyperlink>'
            end = _field("end") if order == len(entries) - 1 else ""
            self._append(_paragraph(f"TOC{block.level}", (begin if order == 0 else "") + link + end))
        self._append(f'<w:p {nsdecls("w")}><w:r><w:br w:type="page"/></w:r></w:p>')

    def add(self, block: Block) -> None:
        """Write one block."""
        if isinstance(block, Heading):
            self.bookmarks += 1
            number = self.bookmarks
            inner = (
                f'<w:bookmarkStart w:id="{number}" w:name="_Toc{number:06d}"/>{_run(block.full)}'
                f'<w:bookmarkEnd w:id="{number}"/>'
            )
            self._append(_paragraph(f"Heading{block.level}", inner))
        elif isinstance(block, Paragraph):
            style = "ListBullet" if block.bullet else "BodyText"
            self._append(_paragraph(style, (_run(block.lead, bold=True) if block.lead else "") + _run(block.text)))
        elif isinstance(block, Note):
            self._append(_paragraph("Warning" if block.warning else "Remark", _run(block.text)))
        elif isinstance(block, Table):
            self._table(block)
        elif isinstance(block, Picture):
            self._picture(block)
        elif isinstance(block, Turn):
            self._turn(wide=block.wide)

    def save(self, path: Path) -> None:
        """Write the file."""
        self.document.save(str(path))

    def _append(self, xml: str) -> None:
        self.document.element.body.sectPr.addprevious(parse_xml(xml))

    def _turn(self, *, wide: bool) -> None:
        if wide == self.wide:
            return
        self.wide = wide
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        self._page(section, wide=wide)

    @staticmethod
    def _page(section: Any, *, wide: bool) -> None:  # noqa: ANN401 - a section of python-docx
        width, height = PAGE_CM[::-1] if wide else PAGE_CM
        section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Cm(width), Cm(height)
        section.left_margin = section.right_margin = Cm(MARGIN_CM)
        section.top_margin = section.bottom_margin = Cm(MARGIN_CM)

    @property
    def text_cm(self) -> float:
        """Width of the text on the page as it lies now."""
        return PAGE_CM[1 if self.wide else 0] - 2 * MARGIN_CM

    def _caption(self, style: str, label: str, number: int, text: str) -> str:
        counter = _simple_field(f"SEQ {label} \\* ARABIC", str(number))
        gap = "　" if self.language == "zh" else ". "
        between = "" if self.language == "zh" else " "
        return _paragraph(style, _run(label + between) + counter + _run(gap + text))

    def _table(self, table: Table) -> None:
        label = "表" if self.language == "zh" else "Table"
        self._append(self._caption("TableCaption", label, table.number, table.caption))
        self._append(_table_xml(table, round(self.text_cm * TWIPS_PER_CM)))
        self._append(_paragraph("AfterTable", ""))

    def _picture(self, picture: Picture) -> None:
        paragraph = self.document.add_paragraph(style="Picture")
        width = min(self.text_cm, PAGE_CM[0] - 2 * MARGIN_CM)
        inline = paragraph.add_run().add_picture(str(self.figures[picture.name]), width=Cm(width))
        description = inline._inline.docPr  # noqa: SLF001 - python-docx has no other door to the alternative text
        description.set("descr", picture.caption)
        label = "图" if self.language == "zh" else "Figure"
        self._append(self._caption("FigureCaption", label, picture.number, picture.caption))


def _run(text: str, *, bold: bool = False, colour: str = "") -> str:
    properties = ("<w:b/>" if bold else "") + (f'<w:color w:val="{colour}"/>' if colour else "")
    head = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    parts = _ID_HYPHEN.split(clean_edges(text))
    words = "<w:noBreakHyphen/>".join(f'<w:t xml:space="preserve">{escape(part)}</w:t>' for part in parts)
    return f"<w:r>{head}{words}</w:r>"


def clean_edges(text: str) -> str:
    """Return cleaned text that keeps the spaces at its ends, which part one run from the next."""
    core = clean(text)
    if not core:
        return " " if text.isspace() else ""
    left = " " if text[0] == " " else "　" if text[0] == "　" else ""
    return left + core.strip("　") + (" " if text[-1] == " " else "") if left or text[-1] == " " else core


def _paragraph(style: str, inner: str) -> str:
    return f"<w:p {nsdecls('w')}><w:pPr><w:pStyle w:val={quoteattr(style)}/></w:pPr>{inner}</w:p>"


def _field(kind: str, *, dirty: bool = False) -> str:
    mark = ' w:dirty="true"' if dirty else ""
    return f'<w:r><w:fldChar w:fldCharType="{kind}"{mark}/></w:r>'


def _instruction(code: str) -> str:
    return f'<w:r><w:instrText xml:space="preserve"> {code} </w:instrText></w:r>'


def _simple_field(code: str, shown: str) -> str:
    return _field("begin") + _instruction(escape(code)) + _field("separate") + _run(shown) + _field("end")


def _table_xml(table: Table, twips: int) -> str:
    """Return a table: fixed widths, a header row that repeats on every page, rows that do not break."""
    whole = sum(column.width for column in table.columns)
    widths = [round(twips * column.width / whole) for column in table.columns]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    head = "".join(
        _cell_xml(column.title, width, "centre", ("TableHead", "E6ECF2", ""))
        for column, width in zip(table.columns, widths, strict=True)
    )
    rows = [
        _row_xml(cells, table.columns, widths, total=table.total and place == len(table.rows) - 1)
        for place, cells in enumerate(table.rows)
    ]
    return (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        '<w:jc w:val="center"/><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="60" w:type="dxa"/>'
        '<w:right w:w="60" w:type="dxa"/></w:tblCellMar><w:tblLook w:val="0620" w:firstRow="1"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid><w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{head}</w:tr>"
        f"{''.join(rows)}</w:tbl>"
    )


def _row_xml(cells: Sequence[Cell], columns: Sequence[Column], widths: Sequence[int], *, total: bool) -> str:
    fill = "F5F2E9" if total else ""
    inner = "".join(
        _cell_xml(cell.text, width, column.align, ("TableText", fill, "strong" if total else cell.tone))
        for cell, column, width in zip(cells, columns, widths, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{inner}</w:tr>"


def _cell_xml(text: str, width: int, align: str, look: tuple[str, str, str]) -> str:
    style, fill, tone = look
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    run = _run(text, bold=bool(tone) and tone != "faint", colour=_TONES.get(tone, "")) if text else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/><w:jc w:val="{_ALIGN[align]}"/></w:pPr>{run}</w:p></w:tc>'
    )
