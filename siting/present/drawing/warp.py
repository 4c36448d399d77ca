"""Cells of a grid as an image on the study plane.

A geographic grid is neither straight nor evenly spaced on the plane, so every pixel of the image looks up the cell
that its own centre lies in. Pixel centres are taken back to the grid exactly on a coarse lattice, and by bilinear
interpolation in between: over a city of 150 km with `_LATTICE` nodes a side that is off by less than two metres (a test
measures it), and a cell's edge is drawn within half a pixel of where it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from pyproj import Transformer
from scipy.ndimage import map_coordinates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

_LATTICE = 65
"""Nodes along a side on which the projection is exact."""

Extent: TypeAlias = tuple[float, float, float, float]
"""West, east, south, north; metres on the study plane, in the order matplotlib wants."""


@dataclass(frozen=True, slots=True, eq=False)
class Warp:
    """For each pixel of an image, the flat number of the grid cell under it.

    Attributes
    ----------
    cell : int64[height, width]
        ``row · grid width + column``; ``grid width · grid height`` off the grid.
    cells : int
        Cells of the grid.
    columns : int
        Width of the grid.
    """

    cell: NDArray[np.int64]
    cells: int
    columns: int

    def spread(self, row: NDArray[Any], column: NDArray[Any], code: NDArray[Any]) -> NDArray[np.uint8]:
        """Return the code of each pixel's cell; 0 where there is none (uint8[height, width])."""
        field = np.zeros(self.cells + 1, dtype=np.uint8)
        field[np.asarray(row, dtype=np.int64) * self.columns + np.asarray(column, dtype=np.int64)] = code
        spread: NDArray[np.uint8] = field[self.cell]
        return spread


def make(grid: Mapping[str, Any], crs: str, extent: Extent, pixels: tuple[int, int]) -> Warp:
    """Prepare the look-up of an image of ``(width, height)`` pixels over an extent."""
    width, height = pixels
    west, east, south, north = extent
    x = west + (np.arange(width) + 0.5) * (east - west) / width
    y = north - (np.arange(height) + 0.5) * (north - south) / height
    column, row = fractional(grid, crs, x, y)
    inside = (column >= 0) & (column < grid["width"]) & (row >= 0) & (row < grid["height"])
    cells = int(grid["width"]) * int(grid["height"])
    flat = row.astype(np.int64) * int(grid["width"]) + column.astype(np.int64)
    return Warp(np.where(inside, flat, cells), cells, int(grid["width"]))


def on_plane(grid: Mapping[str, Any], crs: str, box: tuple[float, float, float, float]) -> Extent:
    """Return the extent on the study plane of a box of columns and rows (west, east, north, south)."""
    column, row = np.meshgrid(np.linspace(box[0], box[1], 9), np.linspace(box[2], box[3], 9))
    lon = grid["west"] + column * grid["cell_width"]
    lat = grid["north"] - row * grid["cell_height"]
    x, y = Transformer.from_crs(grid["crs"], crs, always_xy=True).transform(lon, lat)
    return float(np.min(x)), float(np.max(x)), float(np.min(y)), float(np.max(y))


def fractional(grid: Mapping[str, Any], crs: str, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return the grid's column and row, with fractions, at each (x[j], y[i]): float64[len(y), len(x)] each."""
    nodes = min(_LATTICE, len(x)), min(_LATTICE, len(y))
    along, down = np.linspace(x[0], x[-1], max(nodes[0], 2)), np.linspace(y[0], y[-1], max(nodes[1], 2))
    at_x, at_y = np.meshgrid(along, down)
    lon, lat = Transformer.from_crs(crs, grid["crs"], always_xy=True).transform(at_x, at_y)
    column = (np.asarray(lon) - grid["west"]) / grid["cell_width"]
    row = (grid["north"] - np.asarray(lat)) / grid["cell_height"]
    place_x = np.linspace(0, len(along) - 1, len(x))
    place_y = np.linspace(0, len(down) - 1, len(y))
    where = np.meshgrid(place_y, place_x, indexing="ij")
    between = [np.asarray(map_coordinates(part, where, order=1), dtype=np.float64) for part in (column, row)]
    return between[0], between[1]
