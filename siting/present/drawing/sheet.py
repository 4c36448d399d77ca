"""A sheet of paper: title, one or two map panels with scale bar and north arrow, keys beneath, and the notice."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from siting.present.drawing import palette, png
from siting.present.drawing.fonts import drawable, font
from siting.present.plain import shown_width

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend

    from siting.present.drawing.warp import Extent

DPI = 300
WIDTH_CM = 16.0
"""The text width of an A4 page, so that figures are printed at their own size."""
_MARGIN_CM, _GAP_CM = 0.15, 0.25
_TITLE_CM, _SUBTITLE_CM, _FOOT_CM = 0.85, 0.5, 0.5
_CM_PER_INCH = 2.54
_LEAST_ASPECT, _MOST_ASPECT = 0.6, {1: 0.78, 2: 1.0}
_LABEL_LENGTH = 34
_TITLE_ROOM = 74
"""Half-width characters that a line of the title holds at full size."""


@dataclass(frozen=True, slots=True)
class Key:
    """A group of the legend."""

    title: str
    entries: Sequence[tuple[Any, str]]
    columns: int = 1


@dataclass(slots=True)
class Sheet:
    """A figure with its map panels, ready to be drawn on.

    Attributes
    ----------
    figure : Figure
    panels : list[Axes]
        Map panels in metres of the study plane, equal aspect.
    extent : Extent
        What every panel shows.
    pixels : tuple[int, int]
        Size of a panel in pixels.
    """

    figure: Figure
    extent: Extent
    pixels: tuple[int, int]
    panels: list[Axes] = field(default_factory=list)

    def save(self, path: Path) -> None:
        """Write the sheet as PNG."""
        canvas: Any = FigureCanvasAgg(self.figure)
        canvas.draw()
        png.write(path, np.asarray(canvas.buffer_rgba())[..., :3].copy(), DPI)

    def save_svg(self, path: Path) -> None:
        """Write the sheet as SVG: letters as outlines, so that no font is asked for; equal sheets give equal files."""
        canvas: Any = FigureCanvasSVG(self.figure)
        with rc_context({"svg.fonttype": "path", "svg.hashsalt": "siting"}):
            canvas.print_svg(str(path), metadata=dict.fromkeys(("Date", "Creator")))


def open_sheet(titles: tuple[str, ...], keys: Sequence[Key], extent: Extent, foot: tuple[str, str]) -> Sheet:
    """Lay out a sheet.

    Parameters
    ----------
    titles : tuple[str, ...]
        Title of the sheet, then of each panel; no panel titles make one panel.
    keys : sequence of Key
    extent : Extent
        What must be seen; the panels show a little more, to fill their frames.
    foot : tuple[str, str]
        Words at the lower left (sources, coordinate system) and the notice.
    """
    figure = Figure(figsize=(WIDTH_CM / _CM_PER_INCH, 1.0), dpi=DPI, facecolor=palette.PAPER)
    FigureCanvasAgg(figure)
    count = max(1, len(titles) - 1)
    panel_w = (WIDTH_CM - 2 * _MARGIN_CM - (count - 1) * _GAP_CM) / count
    aspect = (extent[3] - extent[2]) / (extent[1] - extent[0])
    panel_h = panel_w * min(max(aspect, _LEAST_ASPECT), _MOST_ASPECT[count])
    legends = [_legend(figure, key) for key in keys]
    places, strip = _flow(figure, legends)
    subtitle = _SUBTITLE_CM if count > 1 else 0.0
    height = _MARGIN_CM + _FOOT_CM + strip + panel_h + subtitle + _TITLE_CM
    figure.set_size_inches(WIDTH_CM / _CM_PER_INCH, height / _CM_PER_INCH)
    for legend, (left, top) in zip(legends, places, strict=True):
        from_below = _MARGIN_CM + _FOOT_CM + strip - top
        legend.set_bbox_to_anchor((left / WIDTH_CM, from_below / height), transform=figure.transFigure)
    shown = _filled(extent, panel_h / panel_w)
    sheet = Sheet(figure, shown, (round(panel_w / _CM_PER_INCH * DPI), round(panel_h / _CM_PER_INCH * DPI)))
    below = _MARGIN_CM + _FOOT_CM + strip
    for place in range(count):
        left = _MARGIN_CM + place * (panel_w + _GAP_CM)
        box = (left / WIDTH_CM, below / height, panel_w / WIDTH_CM, panel_h / height)
        sheet.panels.append(_panel(figure, box, shown))
        if count > 1:
            y = (below + panel_h + subtitle / 2) / height
            figure.text(box[0] + box[2] / 2, y, drawable(titles[place + 1]), fontproperties=font(8.5), ha="center",
                        va="center", color=palette.INK)  # fmt: skip
    _words(figure, titles[0], foot, height)
    return sheet


def _words(figure: Figure, title: str, foot: tuple[str, str], height: float) -> None:
    y = 1 - _TITLE_CM / 2 / height
    size = min(11.0, 11.0 * _TITLE_ROOM / max(shown_width(title), 1))
    figure.text(0.5, y, drawable(title, 120), fontproperties=font(size), ha="center", va="center", color=palette.INK)
    low, edge = (_MARGIN_CM + _FOOT_CM / 2) / height, _MARGIN_CM / WIDTH_CM
    figure.text(edge, low, drawable(foot[0], 120), fontproperties=font(6), va="center", color="#6b6f73")
    if foot[1]:
        figure.text(1 - edge, low, drawable(foot[1], 60), fontproperties=font(8), ha="right", va="center",
                    color=palette.NOTICE)  # fmt: skip


def _legend(figure: Figure, key: Key) -> Legend:
    handles: list[Artist] = [handle for handle, _ in key.entries]
    labels = [drawable(label, _LABEL_LENGTH) for _, label in key.entries]
    return figure.legend(
        handles, labels, title=drawable(key.title, _LABEL_LENGTH), loc="upper left", ncols=key.columns, frameon=False,
        prop=font(7), title_fontproperties=font(7.5), alignment="left", borderaxespad=0.0, borderpad=0.2,
        handlelength=1.6, handletextpad=0.5, labelspacing=0.45, columnspacing=1.2,
    )  # fmt: skip


def _flow(figure: Figure, legends: Sequence[Legend]) -> tuple[list[tuple[float, float]], float]:
    """Place the keys in as many lines as they need: their lefts and tops, and the strip's height, in cm."""
    canvas = figure.canvas
    renderer = canvas.get_renderer()  # type: ignore[attr-defined]
    places: list[tuple[float, float]] = []
    left, top, tallest = _MARGIN_CM, _GAP_CM, 0.0
    for legend in legends:
        box = legend.get_window_extent(renderer)
        wide, tall = box.width / DPI * _CM_PER_INCH, box.height / DPI * _CM_PER_INCH
        if places and left + wide > WIDTH_CM - _MARGIN_CM:
            left, top, tallest = _MARGIN_CM, top + tallest + _GAP_CM, 0.0
        places.append((left, top))
        left, tallest = left + wide + 2 * _GAP_CM, max(tallest, tall)
    return places, top + tallest


def _filled(extent: Extent, aspect: float) -> Extent:
    """Widen an extent by a margin, and until its height ÷ width is `aspect`."""
    west, east, south, north = extent
    width, height = (east - west) * 1.06, (north - south) * 1.06
    width, height = max(width, height / aspect), max(height, width * aspect)
    x, y = (west + east) / 2, (south + north) / 2
    return x - width / 2, x + width / 2, y - height / 2, y + height / 2


def _panel(figure: Figure, box: tuple[float, float, float, float], extent: Extent) -> Axes:
    axes = figure.add_axes(box, facecolor=palette.OUTSIDE)
    axes.set_xlim(extent[0], extent[1])
    axes.set_ylim(extent[2], extent[3])
    axes.set_autoscale_on(False)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(palette.INK)
        spine.set_linewidth(0.7)
    _north_arrow(axes)
    _scale_bar(axes, extent)
    return axes


def _north_arrow(axes: Axes) -> None:
    """Draw the arrow in the upper right corner, along the grid's north."""
    box = axes.get_window_extent()
    tall = 1.0 / _CM_PER_INCH * DPI / box.height
    wide = 0.22 / _CM_PER_INCH * DPI / box.width
    x, y = 1 - 2.2 * wide, 1 - 1.75 * tall
    for side, colour in ((-1, palette.INK), (1, palette.PAPER)):
        corners = [(x, y + tall), (x + side * wide, y), (x, y + 0.28 * tall)]
        axes.add_patch(Polygon(corners, transform=axes.transAxes, facecolor=colour, edgecolor=palette.INK, lw=0.5,
                               zorder=30))  # fmt: skip
    axes.text(x, y + 1.08 * tall, drawable("N"), transform=axes.transAxes, fontproperties=font(8), ha="center",
              va="bottom", color=palette.INK, zorder=30)  # fmt: skip


def nice_length(most: float) -> float:
    """Return the longest of 1, 2 or 5 times a power of ten that is no longer than `most`."""
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= most * (1 + 1e-9))


def _scale_bar(axes: Axes, extent: Extent) -> None:
    """Draw a bar of four fields, in the lower left corner, on a white ground."""
    width, height = extent[1] - extent[0], extent[3] - extent[2]
    length = nice_length(width / 3.2)
    x, y, thick = extent[0] + 0.05 * width, extent[2] + 0.045 * height, 0.011 * height
    axes.add_patch(Rectangle((x - 0.02 * width, y - 0.018 * height), length + 0.09 * width, 0.075 * height,
                             facecolor=palette.PAPER, alpha=0.82, edgecolor="none", zorder=29))  # fmt: skip
    for part in range(4):
        colour = palette.INK if part % 2 == 0 else palette.PAPER
        axes.add_patch(Rectangle((x + part * length / 4, y), length / 4, thick, facecolor=colour,
                                 edgecolor=palette.INK, lw=0.5, zorder=30))  # fmt: skip
    kilometres = length >= 1000  # noqa: PLR2004 - metres in a kilometre
    unit = "km" if kilometres else "m"
    for fraction in (0.0, 0.5, 1.0):
        value = fraction * length / (1000 if kilometres else 1)
        label = f"{value:g} {unit}" if fraction == 1.0 else f"{value:g}"
        axes.text(x + fraction * length, y + 1.7 * thick, drawable(label), fontproperties=font(6.5), ha="center",
                  va="bottom", color=palette.INK, zorder=30)  # fmt: skip
