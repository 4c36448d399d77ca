"""The compiled outline is the union of one polygon swept along every segment, to the last bit that matters."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siting.access.kernel_swept import CHORDS
from siting.access.outline import outlined

if TYPE_CHECKING:
    from shapely import Geometry

FAR = np.array([523_456.7, 3_456_789.1])
"""Coordinates are as large as those of a UTM zone."""
CORNERS = np.column_stack(
    [np.cos(np.arange(CHORDS) * 2 * np.pi / CHORDS), np.sin(np.arange(CHORDS) * 2 * np.pi / CHORDS)]
)

Spot = tuple[float, float]
Line = list[Spot]


def outline(lines: list[Line], width: float) -> Geometry | None:
    xy = np.concatenate([np.array(line, dtype=float) for line in lines]) + FAR
    start = np.concatenate([[0], np.cumsum([len(line) for line in lines])])
    drawn: Geometry | None = outlined((xy, start), np.array([0, len(lines)]), width)[0]
    return drawn


def swept(lines: list[Line], width: float) -> Geometry:
    """The same by shapely: hulls of the ball at both ends of every segment."""
    pieces = [pair for line in lines for pair in itertools.pairwise(line)]
    ends = np.array(pieces, dtype=float) + FAR
    corners = (ends[:, :, None, :] + width * CORNERS).reshape(len(pieces), -1, 2)
    return shapely.union_all(shapely.convex_hull(shapely.multipoints(corners)))


def same(lines: list[Line], width: float) -> None:
    drawn = outline(lines, width)
    assert drawn is not None
    assert drawn.is_valid
    assert drawn.symmetric_difference(swept(lines, width)).area < 1e-4


@pytest.mark.parametrize(
    ("lines", "holes", "parts"),
    [
        ([[(0, 0), (100, 0)]], 0, 1),
        ([[(0, 0), (100, 0), (200, 0)]], 0, 1),
        ([[(0, 0), (100, 0)], [(100, 0), (0, 0)]], 0, 1),
        ([[(0, 0), (100, 0), (100, 3), (0, 7)]], 0, 1),
        ([[(0, 0), (100, 0)], [(50, -80), (50, 80)]], 0, 1),
        ([[(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]], 1, 1),
        ([[(0, 0), (100, 0)], [(0, 100), (100, 100)]], 0, 2),
        ([[(0, 0), (200, 0), (200, 200), (0, 200), (0, 0)], [(90, 100), (110, 101)]], 1, 2),
        ([[(0, 0), (1e-3, 0)], [(0, 0), (7, 5), (7.2, 5.1), (30, 31)]], 0, 1),
    ],
)
def test_hand_drawn_lines(lines: list[Line], holes: int, parts: int) -> None:
    same(lines, 20.0)
    drawn = outline(lines, 20.0)
    assert drawn is not None
    shapes = shapely.get_parts(drawn)
    assert len(shapes) == parts
    assert sum(len(shape.interiors) for shape in shapes) == holes


@pytest.mark.parametrize(
    "lines",
    [
        [[(0, 0), (100, 0)], [(50, 0), (150, 0)]],
        [[(0, 0), (100, 0)], [(0, 40), (100, 40)]],
        [[(0, 0), (100, 0)], [(140, 0), (200, 0)]],
    ],
    ids=["one upon the other", "sides that lie together", "balls that touch in a point"],
)
def test_what_rounding_would_decide_is_left_to_geos(lines: list[Line]) -> None:
    assert outline(lines, 20.0) is None


def test_a_dot_paints_nothing() -> None:
    drawn = outline([[(5, 5), (5, 5)]], 20.0)
    assert drawn is not None
    assert drawn.is_empty


MILLIMETRES = st.integers(0, 400_000).map(lambda millimetres: millimetres / 1000)
SPOTS = st.tuples(MILLIMETRES, MILLIMETRES)


@given(st.lists(st.lists(SPOTS, min_size=2, max_size=5), min_size=1, max_size=8), st.floats(2, 80))
def test_crooked_lines(lines: list[Line], width: float) -> None:
    drawn = outline(lines, width)
    pieces = [line for line in lines if any(spot != line[0] for spot in line)]
    if drawn is not None and pieces:
        assert drawn.is_valid
        assert drawn.symmetric_difference(swept(pieces, width)).area < 1e-3


def test_a_shaken_town_is_not_left_to_geos() -> None:
    rng = np.random.default_rng(5)
    for _ in range(30):
        places = rng.uniform(0, 800, (40, 2))
        chosen = rng.permutation(40)
        lines = [[tuple(places[i]), tuple(places[j])] for i, j in itertools.pairwise(chosen)]
        same(lines, 25.0)


@given(st.lists(st.tuples(SPOTS, SPOTS), min_size=2, max_size=8, unique=True), st.floats(2, 80))
def test_more_lines_never_paint_less(
    pieces: list[tuple[tuple[float, float], tuple[float, float]]], width: float
) -> None:
    few, many = (outline([list(pair) for pair in some], width) for some in (pieces[:-1], pieces))
    if few is not None and many is not None:
        assert few.difference(many).area < 1e-6
