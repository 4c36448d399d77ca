"""Cutting land into blocks: each cut becomes a street that ends on the street it was cut from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.ops import polygonize, split

from siting.sources.made import steady
from siting.sources.made.shapes import FloatArray, parts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapely.geometry.base import BaseGeometry

_SLENDER = 0.16
_SLIVER_M2 = 600.0


@dataclass(frozen=True, slots=True)
class Pattern:
    """How land is cut.

    Attributes
    ----------
    block_m2
        Size of a finished block.
    tilt
        How far a cut leans from square to the block's long side, in radians (standard deviation).
    bend
        Swing of a cut as a share of its length.
    uneven
        How far from the middle a cut may lie, as a share of the block's length.
    """

    block_m2: float
    tilt: float
    bend: float
    uneven: float


@dataclass(frozen=True, slots=True)
class Cut:
    """One cut: its line, the size of the land it cut, and whether both sides stayed whole."""

    line: LineString
    parent_m2: float
    last: bool


def _knife(land: Polygon, pattern: Pattern, rng: np.random.Generator) -> LineString:
    """Bent line across the land, about square to its long side."""
    corners = shapely.get_coordinates(shapely.oriented_envelope(land))[:3]
    sides = np.diff(corners, axis=0)
    long_side = sides[int(np.argmax(np.hypot(sides[:, 0], sides[:, 1])))]
    middle = (corners[0] + corners[2]) / 2.0 + long_side * rng.uniform(-pattern.uneven, pattern.uneven)
    turn = steady.heading(long_side) + np.pi / 2.0 + pattern.tilt * rng.normal()
    along, across = steady.turned(turn), steady.turned(turn + np.pi / 2.0)
    reach = np.hypot(*sides.T).sum()
    width = float(np.hypot(*sides.T).min())
    t = np.linspace(-1.0, 1.0, max(5, int(2.0 * reach / 45.0)))[:, None]
    swing = pattern.bend * width * steady.sin(t * reach / width * rng.uniform(1.2, 3.2) + rng.uniform(0.0, 6.28))
    return LineString(middle + t * reach * along + swing * across)


def _halve(piece: Polygon, pattern: Pattern, rng: np.random.Generator) -> tuple[LineString, list[Polygon]]:
    """Knife and the parts it leaves; no parts when every try misses or cuts off a sliver."""
    for _ in range(8):
        knife = _knife(piece, pattern, rng)
        halves = parts(split(piece, knife), Polygon)
        if len(halves) > 1 and max(half.area for half in halves) < (1.0 - _SLENDER) * piece.area:
            return knife, halves
    return LineString(), []


def _growth(piece: Polygon, core: tuple[FloatArray, float]) -> float:
    """How much larger than in the core a block may be: 0.6 in the middle, past 2 at the edge."""
    away = float(np.hypot(*(np.array(piece.centroid.coords[0]) - core[0]))) / core[1]
    return 0.6 + 1.5 * min(away, 1.3) ** 2


def subdivide(
    land: Polygon, pattern: Pattern, rng: np.random.Generator, core: tuple[FloatArray, float] | None = None
) -> tuple[list[Cut], list[Polygon]]:
    """Cut land into blocks; the cuts in the order made, and the blocks.

    With a `core` (middle, radius in metres) the blocks are smaller there and grow outwards.
    """
    cuts: list[Cut] = []
    blocks: list[Polygon] = []
    todo = [land]
    while todo:
        piece = todo.pop()
        size = pattern.block_m2 * (1.0 if core is None else _growth(piece, core))
        if piece.area < size * rng.uniform(1.1, 2.3):
            blocks.append(piece)
            continue
        knife, halves = _halve(piece, pattern, rng)
        if not halves:
            blocks.append(piece)
            continue
        last = all(half.area < size * 1.1 for half in halves)
        cuts += [Cut(line, piece.area, last) for line in parts(knife.intersection(piece), LineString)]
        todo += halves
    return cuts, blocks


def enclosed(land: BaseGeometry, roads: Iterable[LineString]) -> list[Polygon]:
    """Pieces that roads cut land into, slivers left out."""
    rings = [LineString(part.exterior) for part in parts(land, Polygon)]
    noded = shapely.union_all([*rings, *roads])
    shapely.prepare(land)
    return [
        piece
        for piece in polygonize(noded)
        if piece.area > _SLIVER_M2 and shapely.contains(land, piece.representative_point())
    ]
