"""What is drawn on the map: images of the cells, shapes of everything else, and the colours of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.present.drawing import palette
from siting.present.map_codec import encode, encode_rings, line_parts
from siting.present.map_images import Frame, data_uri, frame_of, ramp

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from siting.present.results import Results

_DENSITY_OPACITY = 0.72
ELDERLY_COLOURS = ("#fbe7c6", "#f8c58c", "#ee9a6a", "#d96c5b", "#b5435d", "#832a63", "#4b1c59")
_ELDERLY_OPACITY = 0.8
_ELDERLY_TOP = 99.9
"""Percentile of cells that the highest level begins below, so that a single full cell does not flatten the rest."""

_ROAD_TOLERANCE_M = 4.0
_LEVELS = (1, 2, 3)
_OUTLINE_TOLERANCE_M = 6.0
_CIRCLE_TOLERANCE_M = 8.0
_WATER_BUDGET, _DISTRICT_BUDGET, _CIRCLE_BUDGET, _CATCHMENT_BUDGET = 600_000, 800_000, 1_800_000, 1_800_000
"""Bytes of text, so that any city's page stays below 15 MB."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of the cells.

    Attributes
    ----------
    key : str
        ``density`` or ``elderly``.
    uri : str
        Data URI.
    bounds : list
        ``[[south, west], [north, east]]``.
    """

    key: str
    uri: str
    bounds: list[list[float]]


def pictures(results: Results) -> list[Picture]:
    """Draw the cells' density classes and elderly persons; how they are covered is drawn by `map_coverage`."""
    cells = results.cells
    if cells.empty:
        return []
    frame = frame_of(results.run["grid"])
    images = []
    if results.run["density_edges"]:
        classes = np.where(cells["persons"] > 0, cells["density_class"].to_numpy() + 1, 0)
        count = len(results.run["density_edges"]) + 1
        images.append(
            _picture("density", frame, cells, classes, ramp(palette.density_colours(count), _DENSITY_OPACITY))
        )
    level = np.searchsorted(elderly_breaks(cells), cells["persons"].to_numpy(), side="right")
    images.append(_picture("elderly", frame, cells, level, ramp(ELDERLY_COLOURS, _ELDERLY_OPACITY)))
    return images


def elderly_breaks(cells: pd.DataFrame) -> list[float]:
    """Return the lower ends of the levels of elderly persons per cell: steps of 1, 2, 5, 10…, ascending.

    As many as there are colours; empty cells lie below the first.
    """
    persons = cells["persons"].to_numpy()
    persons = persons[persons > 0]
    top = float(np.percentile(persons, _ELDERLY_TOP)) if len(persons) else 1.0
    steps = [digit * 10.0**power for power in range(-4, 7) for digit in (1, 2, 5)]
    below = [step for step in steps if step < top] or steps[:1]
    chosen = below[-len(ELDERLY_COLOURS) :]
    chosen[0] = min(chosen[0], float(persons.min()) if len(persons) else chosen[0])
    return chosen


def shapes(results: Results) -> dict[str, Any]:
    """Encode roads by level, water, districts, circles and catchments; with the metres they are simplified to."""
    roads = {level: results.roads[results.roads["level"] == level] for level in _LEVELS}
    water, water_m = encode_rings(results.water, _OUTLINE_TOLERANCE_M, _WATER_BUDGET)
    outlines, outline_m = encode_rings(results.districts, _OUTLINE_TOLERANCE_M, _DISTRICT_BUDGET)
    circles, circle_m = encode_rings(results.isochrones, _CIRCLE_TOLERANCE_M, _CIRCLE_BUDGET)
    catchments, catchment_m = encode_rings(results.catchments, _OUTLINE_TOLERANCE_M, _CATCHMENT_BUDGET)
    inside = results.districts.geometry.representative_point().to_crs("EPSG:4326")
    return {
        "roads": [encode(line_parts(roads[level], _ROAD_TOLERANCE_M)) for level in _LEVELS],
        "water": water,
        "districts": outlines,
        "labels": [[round(point.y, 5), round(point.x, 5)] for point in inside],
        "circles": circles,
        "catchments": dict(zip((str(site) for site in results.catchments["site"]), catchments, strict=True)),
        "simplified_m": max(_ROAD_TOLERANCE_M, water_m, outline_m, circle_m, catchment_m),
    }


def bounds_of(results: Results) -> list[list[float]]:
    """Return ``[[south, west], [north, east]]`` of the districts."""
    west, south, east, north = results.districts.to_crs("EPSG:4326").total_bounds
    return [[float(south), float(west)], [float(north), float(east)]]


def _picture(key: str, frame: Frame, cells: pd.DataFrame, code: Any, palette: Sequence[Any]) -> Picture:  # noqa: ANN401
    image = frame.image(
        cells["row"].to_numpy(np.int64), cells["column"].to_numpy(np.int64), np.asarray(code).astype(np.uint8)
    )
    return Picture(key, data_uri(image, palette), frame.bounds)
