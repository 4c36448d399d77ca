"""Colours and symbols of maps and figures: told apart by colour-blind readers, and by shape in black and white."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.present.results import COVERED, NO_ROAD, NOT_CONCERNED, OTHER_COMPONENT, UNCOVERED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

INK = "#2b2f33"
PAPER = "#ffffff"
OUTSIDE = "#f4f4f1"
DISTRICT_FILL = "#fbfaf6"
DISTRICT_EDGE = "#8a7f72"
WATER = "#bcd7e8"
NOTICE = "#b3261e"
CIRCLES: Sequence[str] = ("#a9cde6", "#6aa9d3", "#2f78b3")
"""Walking circles, from the outermost inward."""

ROADS: Mapping[int, tuple[str, float]] = {1: ("#8f8b84", 0.75), 2: ("#aeaaa2", 0.42), 3: ("#c9c6bf", 0.2)}
"""Colour and width in points by level."""

CODES: Mapping[int, str] = {
    COVERED: "#2f9e83",
    UNCOVERED: "#d55e00",
    OTHER_COMPONENT: "#b0489b",
    NO_ROAD: "#4d5358",
    NOT_CONCERNED: "#e4e2db",
}
"""After Okabe and Ito: told apart with any colour vision; lightness differs as well."""
CODE_KEYS: Mapping[int, str] = {
    COVERED: "code.covered",
    UNCOVERED: "code.uncovered",
    OTHER_COMPONENT: "code.other_component",
    NO_ROAD: "code.no_road",
    NOT_CONCERNED: "code.not_concerned",
}

DENSITY: Sequence[str] = ("#f7e7c4", "#f3c77d", "#e8963e", "#cf5f2e", "#a63c24", "#5c1526")
"""From the lowest class to the highest; fewer classes take the ends and what lies between."""

KINDS: Sequence[str] = (
    "#0b5394", "#c2185b", "#2e7d32", "#6a3d9a", "#b8860b", "#00838f", "#8d4b2d", "#37474f", "#ad1457", "#33691e",
)  # fmt: skip
"""Colours of the kinds of facility, in the order of the catalogue."""
MARKERS: Mapping[str, str] = {
    "star": "*", "square": "s", "triangle": "^", "circle": "o", "diamond": "D", "hexagon": "h", "pentagon": "p",
    "plus": "P", "down": "v", "slim": "d", "left": "<",
}  # fmt: skip
"""Shapes that kinds are told apart by, on the map and in figures alike, and the marker that draws each."""
_SHAPES: Mapping[str, str] = {
    "county_hub": "star",
    "institution": "square",
    "town_centre": "triangle",
    "day_care": "circle",
    "hospital": "plus",
}
_SPARE = ("diamond", "hexagon", "pentagon", "down", "slim", "left")

PHASES: Sequence[str] = ("#c62828", "#1565c0", "#f9a825", "#6a1b9a", "#2e7d32", "#00838f")
KEPT = "#ffffff"

DEGREES: Sequence[tuple[float, str]] = ((1.0, "#2f9e83"), (0.9, "#f6e3a1"), (0.5, "#f0a05a"), (0.0, "#c8442e"))
"""Least measured ÷ required of a class, and its colour."""
NO_VALUE = "#e9e7e1"


def density_colours(classes: int) -> list[str]:
    """Return so many colours, spread over the scale."""
    if classes <= 1:
        return [DENSITY[-2]] * classes
    return [DENSITY[round(place * (len(DENSITY) - 1) / (classes - 1))] for place in range(classes)]


def shapes(kinds: Sequence[str]) -> dict[str, str]:
    """Return the shape of each kind: its own where it has one, else those left over, in turn.

    In whatever order the kinds come, so that the map and the figures agree.
    """
    spare = [*_SPARE, *_SHAPES.values()]
    others = sorted(kind for kind in kinds if kind not in _SHAPES)
    return {kind: _SHAPES[kind] if kind in _SHAPES else spare[others.index(kind) % len(spare)] for kind in kinds}


def kind_style(kinds: Sequence[str], kind: str) -> tuple[str, str]:
    """Return colour and marker of a kind."""
    if kind not in kinds:
        return INK, "X"
    return KINDS[kinds.index(kind) % len(KINDS)], MARKERS[shapes(kinds)[kind]]
