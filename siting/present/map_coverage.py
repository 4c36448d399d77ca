"""How the cells are covered, at every stage of the plan, in one image per clause that the page colours anew.

A stage is today, or a phase of the plan. Most cells go through few histories: an image whose codes number the
histories costs hardly more than one of a single stage, and each stage is a palette of a few hundred bytes.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.present.drawing import palette
from siting.present.map_images import Frame, frame_of, palette_part, png_parts, rgba
from siting.present.results import COVERED, NO_ROAD, NOT_CONCERNED, OTHER_COMPONENT, UNCOVERED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from siting.present.results import Results

COVERAGE_OPACITY = {COVERED: 0.62, UNCOVERED: 0.78, OTHER_COMPONENT: 0.85, NO_ROAD: 0.62}
"""On the map the ground shows through the colours of `palette.CODES`."""
SHADES = (0.38, 0.66, 1.0)
"""Share of a coverage colour's opacity for few, more and most elderly persons in a cell: hot spots stand out."""
_MOST_HISTORIES = 255
"""A palette has 256 colours, and the first is clear."""
_CODES = 5


def coverages(results: Results) -> list[dict[str, Any]]:
    """Draw each coverage clause at every stage.

    Returns
    -------
    list of dict
        ``rule``; ``bounds`` ``[[south, west], [north, east]]``; ``head`` and ``tail``: a PNG without its palette;
        ``palettes``: by stage (``before``, a year, ``after``) what goes between them. All base64. A clause whose cells
        have too many histories for one palette has several entries, each with some of the stages.
    """
    cells = results.cells
    if cells.empty:
        return []
    frame = frame_of(results.run["grid"])
    shade = np.searchsorted(shade_breaks(cells), cells["persons"].to_numpy(), side="right")
    years = [str(year) for year in results.run["phases"][:-1]]
    drawn = []
    for clause in results.run["clauses"]:
        names = [(stage, f"{stage}_{clause['id']}") for stage in ("before", *years, "after")]
        codes = {stage: cells[name].to_numpy(np.int64) for stage, name in names if name in cells}
        drawn += [{"rule": clause["id"], **_drawn(frame, cells, part)} for part in _parts(codes, shade)]
    return drawn


class _Part:
    """Stages that share an image: the history of every cell, and of every history its code at each stage."""

    def __init__(self, stages: Sequence[str], codes: Sequence[NDArray[np.int64]], shade: NDArray[np.int64]) -> None:
        number = shade.copy()
        for code in codes:
            number = number * _CODES + code
        number[np.all([code == NOT_CONCERNED for code in codes], axis=0)] = -1
        seen, cells, self.history = np.unique(number, return_index=True, return_inverse=True)
        self.blank = bool(seen[0] == -1)
        self.of_stage = {
            stage: list(zip(code[cells].tolist(), shade[cells].tolist(), strict=True))
            for stage, code in zip(stages, codes, strict=True)
        }
        self.count = len(seen)

    @property
    def fits(self) -> bool:
        """Whether a palette holds all histories."""
        return self.count - self.blank <= _MOST_HISTORIES


def _parts(codes: dict[str, NDArray[np.int64]], shade: NDArray[np.int64]) -> Iterator[_Part]:
    """Put as many stages together as one palette can tell apart."""
    taken: list[str] = []
    part: _Part | None = None
    for stage, own in codes.items():
        wider = _Part([*taken, stage], [codes[name] for name in (*taken, stage)], shade)
        if part is not None and not wider.fits:
            yield part
            taken, wider = [], _Part([stage], [own], shade)
        taken, part = [*taken, stage], wider
    if part is not None:
        yield part


def _drawn(frame: Frame, cells: pd.DataFrame, part: _Part) -> dict[str, Any]:
    """Draw the histories, and list the colours of each stage."""
    number = part.history + (0 if part.blank else 1)
    row, column = (cells[name].to_numpy(np.int64) for name in ("row", "column"))
    head, tail = png_parts(frame.image(row, column, number.astype(np.uint8)))
    clear = [] if part.blank else [(0, 0, 0, 0)]
    palettes = {
        stage: palette_part([*clear, *(_colour(code, shade) for code, shade in colours)])
        for stage, colours in part.of_stage.items()
    }
    return {
        "bounds": frame.bounds,
        "head": _text(head),
        "tail": _text(tail),
        "palettes": {stage: _text(written) for stage, written in palettes.items()},
    }


def _colour(code: int, shade: int) -> tuple[int, int, int, int]:
    if code == NOT_CONCERNED:
        return 0, 0, 0, 0
    return rgba(palette.CODES[code], COVERAGE_OPACITY[code] * SHADES[shade])


def _text(written: bytes) -> str:
    return base64.b64encode(written).decode("ascii")


def shade_breaks(cells: pd.DataFrame) -> list[float]:
    """Return the persons per cell at which the next shade begins: each shade holds about a third of all persons."""
    persons = np.sort(cells["persons"].to_numpy())
    held = np.cumsum(persons)
    if not len(held) or held[-1] <= 0:
        return [0.0] * (len(SHADES) - 1)
    wanted = held[-1] * np.arange(1, len(SHADES)) / len(SHADES)
    return [float(value) for value in persons[np.searchsorted(held, wanted)]]
