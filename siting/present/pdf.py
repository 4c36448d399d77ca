"""Blocks as a PDF: set by Typst, which comes as a wheel, with the fonts of a package, so that it works anywhere."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typst

from siting.present.blocks import Heading, Note, Paragraph, Picture, Table, Turn
from siting.present.plain import clean

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from siting.present.blocks import Block

_LONG_WORD = re.compile(r"[!-~]{18,}")
"""Words that no column holds: checksums, paths, names without a blank. They may break after every eighth character."""
_MAY_BREAK = "\u200b"


def write_pdf(
    path: Path, head: Mapping[str, str], blocks: Sequence[Block], figures: Mapping[str, Path], moment: dt.datetime
) -> None:
    """Write the report's blocks as pages, with a table of contents that knows them.

    Parameters
    ----------
    path : Path
    head : Mapping[str, str]
        ``language`` (zh or en), ``title``, ``subtitle``, ``contents`` (the heading of the table of contents), and
        ``notice``, which stands on every page where there is one.
    blocks : sequence of Block
    figures : Mapping[str, Path]
        Images by name.
    moment : datetime
        When the run was made: the document's date, so that equal runs give equal files.
    """
    day = {"year": moment.year, "month": moment.month, "day": moment.day}
    said = {
        **{name: clean(words) for name, words in head.items()},
        "day": day,
        "parts": _parts(blocks, head["language"]),
    }
    fonts = Path(str(resources.files("pylopdf_fonts_zh_cn")))
    with tempfile.TemporaryDirectory() as root:
        # Typst reads what lies in this folder, and nothing else: neither the network nor the system's fonts.
        main = Path(root) / "report.typ"
        main.write_bytes(resources.files("siting.present").joinpath("assets/report/report.typ").read_bytes())
        for name in {block.name for block in blocks if isinstance(block, Picture)}:
            shutil.copyfile(figures[name], Path(root) / f"{name}.png")
        pages = typst.compile(
            str(main),
            root=root,
            font_paths=[str(fonts)],
            ignore_system_fonts=True,
            sys_inputs={"report": json.dumps(said, ensure_ascii=False)},
            format="pdf",
            timestamp=moment,
        )
    path.write_bytes(pages)


def _parts(blocks: Sequence[Block], language: str) -> list[dict[str, Any]]:
    """Split the blocks where the paper turns; parts without a block are left out."""
    parts: list[dict[str, Any]] = [{"wide": False, "blocks": []}]
    for block in blocks:
        if isinstance(block, Turn):
            parts.append({"wide": block.wide, "blocks": []})
        else:
            parts[-1]["blocks"].append(_said(block, language))
    return [part for part in parts if part["blocks"]]


def _said(block: Heading | Paragraph | Note | Picture | Table, language: str) -> dict[str, Any]:
    """Return a block as the data that the template reads."""
    if isinstance(block, Heading):
        return {"what": "heading", "level": block.level, "text": shown(block.full)}
    if isinstance(block, Paragraph):
        return {"what": "paragraph", "text": shown(block.text), "lead": shown(block.lead), "bullet": block.bullet}
    if isinstance(block, Note):
        return {"what": "note", "text": shown(block.text), "warning": block.warning}
    if isinstance(block, Picture):
        label = f"图{block.number}　" if language == "zh" else f"Figure {block.number}. "
        return {"what": "picture", "file": f"/{block.name}.png", "caption": label + shown(block.caption)}
    label = f"表{block.number}　" if language == "zh" else f"Table {block.number}. "
    columns = [{"title": shown(part.title), "width": part.width, "align": part.align} for part in block.columns]
    rows = [[{"text": shown(cell.text), "tone": cell.tone} for cell in cells] for cells in block.rows]
    return {
        "what": "table",
        "caption": label + shown(block.caption),
        "total": block.total,
        "columns": columns,
        "rows": rows,
    }


def shown(text: str) -> str:
    """Return text whose long words may break; nothing else of it changes but what `clean` takes away.

    The space at the end of a lead stays, which parts it from what follows.
    """
    kept = clean(text) + (" " if text.endswith(" ") else "")
    return _LONG_WORD.sub(lambda word: _MAY_BREAK.join(_eights(word[0])), kept)


def _eights(word: str) -> list[str]:
    return [word[start : start + 8] for start in range(0, len(word), 8)]
