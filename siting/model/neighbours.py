"""Which districts have a border in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray
    from siting.model.places import Districts

_GAP = 1e-3
_BORDER = 1e-2
"""Parts of the smallest district's side: what may lie between neighbours as drawn, and the shortest border."""


def neighbours(districts: Districts) -> BoolArray:
    """Return which districts share a border, each with itself: bool[district, district].

    Districts that meet in a point are no neighbours. Boundaries that were not drawn on the same line still meet where
    they lie within a thousandth of the smallest district's side of each other.
    """
    shapes = np.array(districts.geometry, dtype=object)
    if not len(shapes):
        return np.zeros((0, 0), dtype=np.bool_)
    side = float(np.sqrt(shapely.area(shapes).min()))
    grown = shapely.buffer(shapes, side * _GAP)
    found = np.eye(len(shapes), dtype=np.bool_)
    one, other = shapely.STRtree(grown).query(grown, predicate="intersects")
    shared = shapely.length(shapely.intersection(grown[one], grown[other])) > side * _BORDER
    found[one[shared], other[shared]] = True
    return found
