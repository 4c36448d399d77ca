"""Figures for the plan's appendix: SVG, and 300 dpi PNG, at the width of an A4 page's text, in the plan's style.

Every map is drawn on the study plane. Cells of a geographic grid are resampled to the picture's pixels (see
`siting.present.drawing.warp` for how exact that is); everything else is drawn where it is.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.present import pictures
from siting.present.drawing import layers, palette, warp
from siting.present.drawing.sheet import Key, Sheet, open_sheet
from siting.present.plain import clean, number
from siting.present.teller import Teller

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from siting.model.text import Language
    from siting.present.results import Results

SHOWN_EDGES = (100.0, 500.0, 1000.0, 3000.0)
"""Density classes drawn where no clause names any; persons per km²."""

_DASHES: Any = (0, (5, 2))


def write_figures(results: Results, folder: Path, language: Language) -> dict[str, Path]:
    """Draw every figure of a run, as PNG of 300 dpi for the report and as SVG for whoever draws on.

    Parameters
    ----------
    results : Results
    folder : Path
        Existing folder; files are called ``<name>.png`` and ``<name>.svg``.
    language : "zh" or "en"

    Returns
    -------
    dict[str, Path]
        The PNG files by name, in the order in which the report shows them.
    """
    atlas = _Atlas(Teller(results, language))
    written = {}
    for name, shown in pictures.by_name(atlas.teller).items():
        sheet = atlas.draw(name, shown)
        written[name] = folder / f"{name}.png"
        sheet.save(written[name])
        sheet.save_svg(written[name].with_suffix(".svg"))
    return written


class _Atlas:
    """Draws the figures of one run; the look-ups from pixels to cells are made once for each panel size."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.results = teller.results
        self.titles = pictures.titles(teller)
        self.kinds = teller.kinds
        west, south, east, north = self.results.districts.total_bounds
        self.whole: warp.Extent = (float(west), float(east), float(south), float(north))
        self.extent = self.whole
        self.warps: dict[tuple[warp.Extent, tuple[int, int]], warp.Warp] = {}

    def draw(self, name: str, shown: pictures.Shown) -> Sheet:
        """Draw one figure."""
        self.extent = self._centre() if shown.centre else self.whole
        drawings: dict[str, Callable[[str, str], Sheet]] = {
            "present": self._present,
            "density": self._density,
            "coverage": self._coverage,
            "circles": self._circles,
            "layout": self._layout,
            "district": self._by_district,
        }
        return drawings[shown.drawing](self.titles[name], shown.rule)

    def _centre(self) -> warp.Extent:
        """Return the box of the centre on the study plane."""
        box = self.teller.centre
        if box is None:
            return self.whole
        return warp.on_plane(self.teller.run["grid"], self.teller.run["study"]["crs"], box)

    def _open(self, titles: tuple[str, ...], keys: Sequence[Key], *, under: bool = True) -> Sheet:
        teller = self.teller
        crs = clean(teller.run["study"]["crs"])
        words = teller.two(
            f"{teller.title}　坐标系 {crs}，图上方向为网格北", f"{teller.title}   CRS {crs}; north is grid north"
        )
        sheet = open_sheet(titles, keys, self.extent, (words, teller.notice))
        for axes in sheet.panels:
            layers.ground(axes, self.results.districts, self.results.water, under=under)
        return sheet

    def _image(self, sheet: Sheet, axes: Axes, codes: NDArray[Any], colours: dict[int, str]) -> None:
        """Draw cells inside the districts; `codes` start at 0 and so do the colours."""
        key = (sheet.extent, sheet.pixels)
        if key not in self.warps:
            grid, crs = self.teller.run["grid"], self.teller.run["study"]["crs"]
            self.warps[key] = warp.make(grid, crs, sheet.extent, sheet.pixels)
        cells = self.results.cells
        inside = cells["district"].to_numpy() >= 0
        row, column = cells["row"].to_numpy()[inside], cells["column"].to_numpy()[inside]
        shown = self.warps[key].spread(row, column, np.asarray(codes, dtype=np.uint8)[inside] + 1)
        layers.image(sheet, axes, shown, {code + 1: colour for code, colour in colours.items()})

    def _names(self) -> list[str]:
        return [self.teller.district_names[clean(identity)] for identity in self.results.districts["id"]]

    def _lines(self, axes: Axes, *, faint: bool) -> None:
        layers.roads(axes, self.results.roads, faint=faint)
        layers.district_lines(axes, self.results.districts)

    def _ground_key(self) -> Key:
        two = self.teller.two
        entries: list[tuple[Any, str]] = [
            (layers.stroke(colour, width * 1.4), word)
            for (colour, width), word in zip(
                palette.ROADS.values(),
                (two("主要道路", "main road"), two("次要道路", "middle road"), two("其他道路", "minor road")),
                strict=True,
            )
        ]
        entries.append((layers.stroke(palette.DISTRICT_EDGE, 0.8, _DASHES), two("镇（街道）界", "district boundary")))
        if len(self.results.water):
            entries.append((layers.patch(palette.WATER), self.teller.term("water")))
        return Key(two("底图", "Base map"), entries, 2)

    def _kind_key(self, kinds: Sequence[str], title: str) -> Key:
        styles = [palette.kind_style(self.kinds, kind) for kind in kinds]
        return Key(
            title,
            [
                (layers.mark(marker, colour), self.teller.kind(kind))
                for (colour, marker), kind in zip(styles, kinds, strict=True)
            ],
        )

    def _used(self, kinds: Sequence[str]) -> list[str]:
        """Kinds of the catalogue first, in its order, then any the sites have besides."""
        present = set(kinds)
        return [kind for kind in self.kinds if kind in present] + sorted(present - set(self.kinds))

    def _facilities(self, axes: Axes, moment: str, kinds: Sequence[str], area: float) -> None:
        """Draw facilities that work today or after the plan, by kind."""
        sites = self.results.sites
        works = sites["existing"].astype(bool) if moment == "before" else sites["action"] != "close"
        of_kind = sites["kind_before" if moment == "before" else "kind"]  # the plan may make another kind of one
        for kind in self._used(kinds):
            colour, marker = palette.kind_style(self.kinds, kind)
            here = sites[works & (of_kind == kind)]
            layers.points(
                axes,
                here,
                {
                    "s": _area(len(sites), area),
                    "marker": marker,
                    "c": colour,
                    "edgecolors": "white",
                    "linewidths": 0.35,
                    "zorder": 20,
                },
            )

    def _present(self, title: str, _: str) -> Sheet:
        sites = self.results.sites
        kinds = self._used(list(sites.loc[sites["existing"].astype(bool), "kind_before"]))
        key = self._kind_key(kinds, self.teller.two("现有设施", "Facilities today"))
        sheet = self._open((title,), [key, self._ground_key()])
        axes = sheet.panels[0]
        self._lines(axes, faint=False)
        self._facilities(axes, "before", kinds, 42)
        layers.labels(sheet, axes, self.results.districts, self._names(), 7)
        return sheet

    def _density(self, title: str, _: str) -> Sheet:
        edges = [float(edge) for edge in self.teller.run["density_edges"]]
        cells = self.results.cells
        codes = cells["density_class"].to_numpy()
        if not edges:
            edges = list(SHOWN_EDGES)
            codes = np.searchsorted(edges, cells["density_per_km2"].to_numpy(), side="left")
        colours = dict(enumerate(palette.density_colours(len(edges) + 1)))
        words = density_words(edges)
        unit = self.teller.two("老年人口密度（人/平方公里）", "Elderly persons per km²")
        key = Key(
            unit, [(layers.patch(colours[code], cells=True), words[code]) for code in sorted(colours, reverse=True)], 2
        )
        sheet = self._open((title,), [key, self._ground_key()])
        axes = sheet.panels[0]
        self._image(sheet, axes, codes, colours)
        self._lines(axes, faint=True)
        layers.labels(sheet, axes, self.results.districts, self._names(), 7)
        return sheet

    def _moments(self) -> list[str]:
        return ["before", "after"] if self.teller.has_plan else ["before"]

    def _coverage(self, title: str, rule: str) -> Sheet:
        teller = self.teller
        moments = [moment for moment in self._moments() if f"{moment}_{rule}" in self.results.cells]
        kinds = list(teller.clauses[rule]["coverage"]["kinds"])
        colours = dict(palette.CODES)
        key = Key(
            teller.term("coverage"),
            [(layers.patch(colours[c], cells=True), teller.term(k)) for c, k in palette.CODE_KEYS.items()],
            2,
        )
        names = [teller.term(moment) for moment in moments] if len(moments) > 1 else []
        keys = [key, self._kind_key(self._used(kinds), teller.term("facilities")), self._ground_key()]
        sheet = self._open((title, *names), keys)
        for axes, moment in zip(sheet.panels, moments, strict=True):
            self._image(sheet, axes, self.results.cells[f"{moment}_{rule}"].to_numpy(), colours)
            self._lines(axes, faint=True)
            self._facilities(axes, moment, kinds, 20 if len(moments) > 1 else 30)
        return sheet

    def _circles(self, title: str, rule: str) -> Sheet:
        """Draw how far one walks from the facilities of a clause, today and after the plan."""
        teller, moments = self.teller, self._moments()
        areas = self.results.isochrones[self.results.isochrones["rule"] == rule]
        areas = areas.sort_values("metres", ascending=False)
        reaches = list(areas.drop_duplicates("metres")[["metres", "minutes"]].itertuples(index=False, name=None))
        colours = {metres: palette.CIRCLES[place % len(palette.CIRCLES)] for place, (metres, _) in enumerate(reaches)}
        key = Key(teller.term("isochrones"), [(layers.patch(colours[m]), self._reach(m, t)) for m, t in reaches])
        kinds = list(teller.clauses[rule]["coverage"]["kinds"])
        keys = [key, self._kind_key(self._used(kinds), teller.term("facilities")), self._ground_key()]
        names = [teller.term(moment) for moment in moments] if len(moments) > 1 else []
        sheet = self._open((title, *names), keys)
        for axes, moment in zip(sheet.panels, moments, strict=True):
            own = areas[areas["moment"] == moment]
            for place, metres in enumerate(own["metres"]):
                layers.polygons(axes, own.iloc[[place]], colours[metres], zorder=2 + place * 0.01)
            self._lines(axes, faint=True)
            self._facilities(axes, moment, kinds, 20 if len(moments) > 1 else 30)
        return sheet

    def _reach(self, metres: float, minutes: float) -> str:
        """Write how far a circle reaches."""
        two = self.teller.two
        if math.isnan(minutes):
            return two(f"{metres:,.0f}米", f"{metres:,.0f} m")
        return two(f"{minutes:g}分钟（{metres:,.0f}米）", f"{minutes:g} min ({metres:,.0f} m)")

    def _layout(self, title: str, _: str) -> Sheet:
        teller, sites = self.teller, self.results.sites
        kinds = self._used(list(sites["kind"]))
        shapes = Key(
            teller.term("kind"),
            [(layers.mark(palette.kind_style(self.kinds, kind)[1], "#9aa0a6"), teller.kind(kind)) for kind in kinds],
        )
        years = [
            (layers.patch(palette.PHASES[place % len(palette.PHASES)]), str(year))
            for place, year in enumerate(teller.phases)
        ]
        sheet = self._open((title,), [shapes, Key(teller.term("year"), years), self._action_key(), self._ground_key()])
        axes = sheet.panels[0]
        self._lines(axes, faint=False)
        size = _area(len(sites), 52)
        for kind in kinds:
            self._changes(axes, kind, size)
        layers.labels(sheet, axes, self.results.districts, self._names(), 7)
        return sheet

    def _action_key(self) -> Key:
        word = self.teller.word
        return Key(
            self.teller.term("action"),
            [
                (layers.mark("o", palette.KEPT, size=4), word("action", "keep")),
                (layers.mark("o", "#9aa0a6"), word("action", "open")),
                (layers.mark("o", "#9aa0a6", width=1.6), word("action", "expand")),
                (layers.mark("o", "#9aa0a6", edge="#00a7c4", width=1.6), word("action", "convert")),
                (layers.mark("x", "#9aa0a6", width=1.2), word("action", "close")),
            ],
            2,
        )

    def _changes(self, axes: Axes, kind: str, size: float) -> None:
        """Draw a kind's facilities: filled by year, ringed by action, crossed out when closed."""
        sites = self.results.sites
        marker = palette.kind_style(self.kinds, kind)[1]
        rings = {
            "keep": (palette.INK, 0.4),
            "open": (palette.INK, 0.4),
            "expand": (palette.INK, 1.5),
            "convert": ("#00a7c4", 1.5),
            "close": (palette.INK, 0.4),
        }
        for action, (edge, width) in rings.items():
            here = sites[(sites["kind"] == kind) & (sites["action"] == action)]
            fills = [self._fill(int(year)) if action != "keep" else palette.KEPT for year in here["year"]]
            kept = action == "keep"
            layers.points(
                axes,
                here,
                {
                    "s": size * (0.55 if kept else 1),
                    "marker": marker,
                    "c": fills,
                    "edgecolors": edge,
                    "linewidths": width,
                    "zorder": 19 if kept else 21,
                },
            )
            if action == "close":
                layers.points(
                    axes, here, {"s": size * 1.6, "marker": "x", "c": palette.INK, "linewidths": 1.2, "zorder": 22}
                )

    def _fill(self, year: int) -> str:
        phases = self.teller.phases
        return palette.PHASES[phases.index(year) % len(palette.PHASES)] if year in phases else palette.KEPT

    def _by_district(self, title: str, rule: str) -> Sheet:
        teller = self.teller
        moments = [moment for moment in self._moments() if f"{rule}_{moment}" in self.results.districts]
        sample = next(finding for finding in teller.findings_at_end if finding.rule == rule)
        entries = [
            (layers.patch(colour), word) for (_, colour), word in zip(palette.DEGREES, self._degrees(), strict=True)
        ]
        entries.append((layers.patch(palette.NO_VALUE), teller.term("status.not_applicable")))
        key = Key(teller.two("达到要求的程度（指标值÷要求）", "Degree (measured ÷ required)"), entries, 3)
        names = [teller.term(moment) for moment in moments] if len(moments) > 1 else []
        sheet = self._open((title, *names), [key, self._ground_key()], under=False)
        districts = self.results.districts
        required = [number(value) for value in districts[f"{rule}_required"]]
        for axes, moment in zip(sheet.panels, moments, strict=True):
            values = [number(value) for value in districts[f"{rule}_{moment}"]]
            for place, (value, asked) in enumerate(zip(values, required, strict=True)):
                layers.polygons(axes, districts.iloc[[place]], degree_colour(value, asked, sample.sense), zorder=1)
            layers.roads(axes, self.results.roads, faint=True)
            layers.district_lines(axes, districts)
            words = [teller.amount(value, sample.unit, asked) for value, asked in zip(values, required, strict=True)]
            texts = [f"{name}\n{word}" for name, word in zip(self._names(), words, strict=True)]
            layers.labels(sheet, axes, districts, texts, 5.5 if len(moments) > 1 else 7)
        return sheet

    def _degrees(self) -> tuple[str, ...]:
        return (self.teller.term("status.met"), "90%–100%", "50%–90%", "＜50%")


def _area(count: int, area: float) -> float:
    """Make symbols smaller where there are very many."""
    return area * (1.0 if count <= 150 else 0.6 if count <= 600 else 0.35)  # noqa: PLR2004 - steps tried on paper


def density_words(edges: Sequence[float]) -> list[str]:
    """Return the words of density classes: both ends of a middle class belong to it."""
    inner = [f"{low:,.0f}–{high:,.0f}" for low, high in itertools.pairwise(edges)]
    return [f"＜{edges[0]:,.0f}", *inner, f"＞{edges[-1]:,.0f}"]


def degree_colour(value: float, required: float, sense: str) -> str:
    """Return the colour of a district: how far its value goes towards the requirement."""
    if np.isnan(value) or np.isnan(required):
        return palette.NO_VALUE
    reached, asked = (value, required) if sense == ">=" else (required, value)
    degree = 1.0 if reached >= asked else reached / asked
    return next(colour for least, colour in palette.DEGREES if degree >= least)
