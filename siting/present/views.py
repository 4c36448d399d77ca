"""Whether a run deserves a closer look at its centre: a city's core is a small part of the area that belongs to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

Box: TypeAlias = tuple[float, float, float, float]
"""West, east, north, south: columns and rows of the grid."""

_TAIL = 0.02
"""Share of the dense cells' persons that may lie beyond each side."""
_MARGIN = 0.06
_MOST_SHARE = 0.25
"""A centre larger than this share of the whole needs no picture of its own."""
_LEAST_CELLS = 400


def centre_box(cells: pd.DataFrame) -> Box | None:
    """Return the box that holds the dense cells inside the districts; None where it would show little more.

    Dense is what lies above the lowest density class, or above the density at which the median person lives where all
    cells are of one class.
    """
    inside = cells[(cells["district"] >= 0) & (cells["persons"] > 0)]
    if len(inside) < _LEAST_CELLS:
        return None
    dense = inside[inside["density_class"] > 0]
    if dense.empty:
        persons = inside["persons"].to_numpy()
        dense = inside[inside["density_per_km2"] >= _quantile(inside["density_per_km2"].to_numpy(), persons, 0.5)]
    persons = dense["persons"].to_numpy()
    column, row = dense["column"].to_numpy(), dense["row"].to_numpy()
    west, east = (_quantile(column, persons, q) for q in (_TAIL, 1 - _TAIL))
    north, south = (_quantile(row, persons, q) for q in (_TAIL, 1 - _TAIL))
    wide, tall = east - west + 1, south - north + 1
    whole = (np.ptp(inside["column"]) + 1) * (np.ptp(inside["row"]) + 1)
    if wide * tall > _MOST_SHARE * whole:
        return None
    side, height = _MARGIN * wide, _MARGIN * tall
    return west - side, east + 1 + side, north - height, south + 1 + height


def _quantile(values: NDArray[np.generic], weights: NDArray[np.generic], share: float) -> float:
    order = np.argsort(values, kind="stable")
    total = np.cumsum(np.asarray(weights, dtype=np.float64)[order])
    place = min(int(np.searchsorted(total, share * total[-1])), len(order) - 1)
    return float(np.asarray(values, dtype=np.float64)[order][place])
