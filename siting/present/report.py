"""The report: one list of blocks made from a run, written as Word, as PDF and as a web page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.present.blocks import numbered
from siting.present.chapters import (
    appendix,
    clauses,
    costs,
    demand,
    drawn,
    guidance,
    layout,
    meaning,
    proof,
    quality,
    reasons,
    serving,
    situation,
    sources,
    summary,
    targets,
)
from siting.present.figures import write_figures
from siting.present.pdf import write_pdf
from siting.present.repack import moment_of, repack
from siting.present.teller import Teller
from siting.present.web import page
from siting.present.word import WordFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from siting.model.text import Language
    from siting.present.blocks import Block
    from siting.present.results import Results


CHAPTERS: tuple[Callable[[Teller], list[Block]], ...] = (
    summary.chapter,
    situation.present,
    demand.chapter,
    situation.gaps,
    targets.chapter,
    clauses.chapter,
    layout.chapter,
    serving.chapter,
    guidance.chapter,
    costs.chapter,
    reasons.chapter,
    drawn.chapter,
    appendix.chapters,
    meaning.chapter,
    sources.chapter,
    quality.chapter,
    proof.chapters,
)
"""The report, in the shape of a layout plan; headings and tables are numbered afterwards, so a chapter may be put in
anywhere."""


def report_blocks(results: Results, language: Language) -> tuple[Block, ...]:
    """Return the content of the report: its `CHAPTERS`, numbered.

    Without a plan the chapters stay and say that there is none.
    """
    teller = Teller(results, language)
    return numbered((block for chapter in CHAPTERS for block in chapter(teller)), language)


def write_report(
    results: Results, folder: Path, language: Language, figures: Mapping[str, Path] | None = None
) -> dict[str, Path]:
    """Write ``report.docx``, ``report.html`` and ``report.pdf``.

    Parameters
    ----------
    results : Results
    folder : Path
        Existing folder.
    language : "zh" or "en"
    figures : Mapping[str, Path] or None
        What `siting.present.figures.write_figures` returned for the same run and language; None draws them into
        ``folder/figures``.

    Returns
    -------
    dict[str, Path]
        The files, by ``docx``, ``html`` and ``pdf``.
    """
    if figures is None:
        place = folder / "figures"
        place.mkdir(exist_ok=True)
        figures = write_figures(results, place, language)
    teller = Teller(results, language)
    blocks = report_blocks(results, language)
    files = {name: folder / f"report.{name}" for name in ("docx", "html", "pdf")}
    files["html"].write_text(page(teller.title, teller.notice, language, blocks, figures), encoding="utf-8")
    write_pdf(files["pdf"], _head(teller), blocks, figures, moment_of(teller.run))
    _write_word(teller, blocks, figures, files["docx"])
    return files


def _head(teller: Teller) -> dict[str, str]:
    """Return what stands before the first chapter."""
    two = teller.two
    subtitle = two("布局方案与附表附图", "Layout plan with tables and figures")
    if not teller.has_plan:
        subtitle = two("现状核查报告", "Audit of the present situation")
    return {
        "language": teller.language,
        "title": teller.title,
        "subtitle": subtitle,
        "contents": two("目　录", "Contents"),
        "notice": teller.notice,
    }


def _write_word(teller: Teller, blocks: tuple[Block, ...], figures: Mapping[str, Path], path: Path) -> None:
    head = _head(teller)
    word = WordFile(teller.title, teller.notice, teller.language, figures)
    word.opening(head["title"], head["subtitle"])
    word.contents(head["contents"], blocks)
    for block in blocks:
        word.add(block)
    word.save(path)
    repack(path, moment_of(teller.run))
