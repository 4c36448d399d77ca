"""Styles of the Word report, so that a planner who pastes a part of it restyles it in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor

if TYPE_CHECKING:
    from siting.model.text import Language

SONG, HEI = "宋体", "黑体"
SERIF, SANS = "Times New Roman", "Arial"
_INK, _RED = "1F2933", "B3261E"


class Look(NamedTuple):
    """How a paragraph style looks; lengths in points."""

    size: float
    east: str = SONG
    latin: str = SERIF
    bold: bool = False
    colour: str = ""
    before: float = 0.0
    after: float = 0.0
    spacing: float = 1.0
    align: Any = None
    indent_characters: float = 0.0
    keep_next: bool = False
    fill: str = ""


_CENTRE, _BOTH = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY

LOOKS: dict[str, Look] = {
    "Normal": Look(10.5),
    "Body Text": Look(10.5, after=4, spacing=1.4, indent_characters=2),
    "List Bullet": Look(10.5, after=3, spacing=1.35),
    "Title": Look(22, HEI, SANS, bold=True, colour=_INK, before=24, after=6, align=_CENTRE),
    "Subtitle": Look(12, SONG, SERIF, colour="5B6570", after=12, align=_CENTRE),
    "Heading 1": Look(16, HEI, SANS, bold=True, colour=_INK, before=20, after=8, keep_next=True),
    "Heading 2": Look(13, HEI, SANS, bold=True, colour=_INK, before=12, after=6, keep_next=True),
    "Heading 3": Look(11.5, HEI, SANS, bold=True, colour=_INK, before=10, after=4, keep_next=True),
    "TOC Heading": Look(16, HEI, SANS, bold=True, colour=_INK, before=12, after=8, align=_CENTRE),
    "TOC 1": Look(10.5, HEI, SANS, before=3, after=0),
    "TOC 2": Look(10, after=0),
    "Table Text": Look(8.5, spacing=1.05, before=1.5, after=1.5),
    "Table Head": Look(8.5, HEI, SANS, bold=True, spacing=1.05, before=2, after=2, align=_CENTRE),
    "Table Caption": Look(9.5, HEI, SANS, before=8, after=3, align=_CENTRE, keep_next=True),
    "Figure Caption": Look(9.5, HEI, SANS, before=2, after=10, align=_CENTRE),
    "After Table": Look(5, spacing=0.6),
    "Picture": Look(10.5, before=6, align=_CENTRE, keep_next=True),
    "Remark": Look(9, before=2, after=6, spacing=1.25, colour="4A5560"),
    "Warning": Look(10.5, HEI, SANS, before=4, after=8, spacing=1.3, colour=_RED, fill="FBEDEB"),
    "Header": Look(9, colour="5B6570", align=_CENTRE),
    "Footer": Look(9, colour="5B6570", align=_CENTRE),
}


def apply(document: Any, language: Language) -> None:  # noqa: ANN401 - a document of python-docx
    """Give a document the report's styles and its language (for line breaking)."""
    styles = document.styles
    known = {style.name for style in styles}
    for name, look in LOOKS.items():
        style = styles[name] if name in known else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        if name not in ("Normal", "List Bullet"):
            style.base_style = styles["Normal"]
        _dress(style, look, language)
    styles["Table Grid"].element.find(qn("w:tblPr")).append(parse_xml(_BORDERS))
    for name, depth in (("TOC 1", 0), ("TOC 2", 1)):
        form = styles[name].paragraph_format
        form.left_indent = Cm(0.75 * depth)
        form.tab_stops.add_tab_stop(Cm(16.0), alignment=2, leader=1)
    mark = "zh-CN" if language == "zh" else "en-GB"
    for lang in styles.element.iter(qn("w:lang")):
        lang.set(qn("w:val"), mark)
        lang.set(qn("w:eastAsia"), "zh-CN")


_BORDERS = (
    f'<w:tblBorders {nsdecls("w")}>'
    + "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{colour}"/>'
        for side, size, colour in (
            ("top", 10, "44505C"), ("left", 4, "A9B2BA"), ("bottom", 10, "44505C"), ("right", 4, "A9B2BA"),
            ("insideH", 4, "A9B2BA"), ("insideV", 4, "A9B2BA"),
        )
    )
    + "</w:tblBorders>"
)  # fmt: skip


def _dress(style: Any, look: Look, language: Language) -> None:  # noqa: ANN401 - a style of python-docx
    font = style.font
    font.size, font.bold, font.italic = Pt(look.size), look.bold, False
    font.color.rgb = RGBColor.from_string(look.colour or "000000")
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script, name in (("ascii", look.latin), ("hAnsi", look.latin), ("cs", look.latin), ("eastAsia", look.east)):
        fonts.set(qn(f"w:{script}"), name)
    form = style.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(look.before), Pt(look.after), look.spacing
    form.alignment = look.align if look.align is not None else (_BOTH if "Body" in style.name else None)
    form.keep_with_next = look.keep_next
    if look.indent_characters and language == "zh":
        form.first_line_indent = Pt(look.indent_characters * look.size)
    properties = style.element.get_or_add_pPr()
    for stray in properties.findall(qn("w:pBdr")):
        properties.remove(stray)
    if look.fill:
        _shade(properties, look.fill)


def _shade(properties: Any, fill: str) -> None:  # noqa: ANN401 - an element of lxml
    """Give a style a ground and a bar at its left; the schema wants them before spacing."""
    shade = parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{fill}"/>')
    bar = parse_xml(f'<w:pBdr {nsdecls("w")}><w:left w:val="single" w:sz="24" w:space="6" w:color="{_RED}"/></w:pBdr>')
    spacing = properties.find(qn("w:spacing"))
    spacing.addprevious(bar)
    spacing.addprevious(shade)


def header_and_footer(section: Any, title: str, notice: str, language: Language) -> None:  # noqa: ANN401 - python-docx
    """Write the study's title and the notice above, the page number below; later sections take them over."""
    head = section.header.paragraphs[0]
    head.style = "Header"
    head.add_run(title)
    if notice:
        run = head.add_run(("　　" if language == "zh" else "    ") + notice)
        run.font.bold = True
        run.font.color.rgb = RGBColor.from_string(_RED)
    foot = section.footer.paragraphs[0]
    foot.style = "Footer"
    parts = (
        ("第 ", "PAGE", " 页　共 ", "NUMPAGES", " 页")
        if language == "zh"
        else ("Page ", "PAGE", " of ", "NUMPAGES", "")
    )
    for part in parts:
        if part in ("PAGE", "NUMPAGES"):
            _add_field(foot, part)
        else:
            foot.add_run(part)


def _add_field(paragraph: Any, code: str) -> None:  # noqa: ANN401 - a paragraph of python-docx
    for kind in ("begin", "", "separate", "shown", "end"):
        run = paragraph.add_run("1" if kind == "shown" else "")
        if kind in ("begin", "separate", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)  # noqa: SLF001 - fields have no other door
        elif not kind:
            text = OxmlElement("w:instrText")
            text.text = f" {code} "
            run._r.append(text)  # noqa: SLF001 - fields have no other door
