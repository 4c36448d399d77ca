"""The PDF, read back by a library that did not write it."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest
from made_facts import FORMULA_NAME, LONG_NAME, SCRIPT_NAME
from pypdf import PdfReader
from test_report import PIXEL

from siting.present.blocks import Heading, Picture, Table
from siting.present.pdf import shown, write_pdf
from siting.present.plain import clean
from siting.present.repack import moment_of
from siting.present.report import report_blocks, write_report

if TYPE_CHECKING:
    from pathlib import Path

    from siting.present.results import Results


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory, results: Results) -> Path:
    return write(tmp_path_factory.mktemp("pdf"), results)


def write(folder: Path, results: Results) -> Path:
    pixel = folder / "pixel.png"
    pixel.write_bytes(PIXEL)
    figures = {block.name: pixel for block in report_blocks(results, "zh") if isinstance(block, Picture)}
    return write_report(results, folder, "zh", figures)["pdf"]


def squeezed(text: str) -> str:
    """Text without what the setting of lines puts in or takes away."""
    return re.sub(r"[\s\u200b\u2060]", "", text)


def pages(path: Path) -> list[str]:
    return [squeezed(page.extract_text()) for page in PdfReader(path).pages]


def test_contents_name_the_page_on_which_each_heading_stands(pdf: Path, results: Results) -> None:
    listed = [b for b in report_blocks(results, "zh") if isinstance(b, Heading) and b.level <= 2]
    said = pages(pdf)
    contents = re.split(r"\.{3,}", said[0])
    assert len(contents) == len(listed) + 1
    for heading, rest in zip(listed, contents[1:], strict=True):
        number = re.match(r"\d{1,2}", rest)
        assert number, heading
        assert squeezed(heading.full) in said[int(number[0]) - 1], heading


def test_every_page_has_the_notice_its_number_and_the_right_side_up(pdf: Path) -> None:
    reader = PdfReader(pdf)
    for place, (page, text) in enumerate(zip(reader.pages, pages(pdf), strict=True), start=1):
        assert "虚构数据，仅供演示" in text
        assert f"第{place}页共{len(reader.pages)}页" in text
        assert {round(float(page.mediabox.width)), round(float(page.mediabox.height))} == {595, 842}
    assert {page.mediabox.width > page.mediabox.height for page in reader.pages} == {False, True}


def test_every_cell_of_every_table_is_printed(pdf: Path, results: Results) -> None:
    text = "".join(pages(pdf))
    for block in report_blocks(results, "zh"):
        if isinstance(block, Table):
            assert squeezed(f"表{block.number}{block.caption}") in text
            for row in block.rows:
                assert all(squeezed(cell.text) in text for cell in row), row


def test_header_rows_repeat(tmp_path: Path, results: Results) -> None:
    findings = results.findings.loc[results.findings.index.repeat(20)].reset_index(drop=True)
    said = pages(write(tmp_path, dataclasses.replace(results, findings=findings)))
    first = next(n for n, text in enumerate(said[1:], start=1) if "各条款、各对象、各期核查结果" in text)
    rows = [text for text in said[first:] if "HN-07" in text and "规划缺口人口（人）" in text]
    assert len(rows) >= 2


def test_fonts_are_inside(pdf: Path) -> None:
    fonts = {}
    for page in PdfReader(pdf).pages:
        for font in page["/Resources"]["/Font"].values():
            told = font.get_object()
            inner = told["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            fonts[told["/BaseFont"]] = [key for key in inner if key.startswith("/FontFile")]
    assert all(fonts.values())
    assert {re.search(r"Noto\w+SC", name)[0] for name in fonts} == {"NotoSansSC", "NotoSerifSC"}


@pytest.mark.parametrize("name", [SCRIPT_NAME, FORMULA_NAME, LONG_NAME, '#panic("x") $a$ *b* _c_ @d <e> \\ [f] "g'])
def test_names_are_data(tmp_path: Path, results: Results, name: str) -> None:
    sites = results.sites.astype({"name": object})
    sites.loc[sites.index[5], "name"] = name
    assert squeezed(clean(name)) in "".join(pages(write(tmp_path, dataclasses.replace(results, sites=sites))))


def test_equal_runs_give_equal_files(pdf: Path, tmp_path: Path, results: Results) -> None:
    assert write(tmp_path, results).read_bytes() == pdf.read_bytes()


def test_long_words_may_break_and_others_stay() -> None:
    assert shown("a" * 20) == "a" * 8 + "\u200b" + "a" * 8 + "\u200b" + "a" * 4
    assert shown("Density 社区 1,234.5") == "Density 社区 1,234.5"
    assert shown("lead. ") == "lead. "


def test_a_report_without_blocks_is_a_page(tmp_path: Path, results: Results) -> None:
    head = {"language": "en", "title": "t", "subtitle": "s", "contents": "c", "notice": ""}
    write_pdf(tmp_path / "x.pdf", head, (), {}, moment_of(results.run))
    assert len(PdfReader(tmp_path / "x.pdf").pages) == 1
