"""Cells of the study's grid as images that fit a Web-Mercator map: small indexed PNGs in data URIs.

Leaflet stretches an image linearly between two corners in Web Mercator, while the rows of a geographic grid are spaced
by latitude, and a projected grid is turned and bent. Every pixel therefore looks up the cell that its centre lies in
(nearest), on a canvas fine enough that no cell is lost; a cell's edge is off by half a pixel at most.
"""

from __future__ import annotations

import base64
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pyproj import CRS, Transformer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Rgba = tuple[int, int, int, int]

_RADIUS_M = 6378137.0
_LEAST_PX = 1200
"""Small grids are drawn finer, so that half a pixel does not show."""
_MOST_PX = 4096
_MERCATOR = "EPSG:3857"
_EDGE_POINTS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Where each pixel of the images looks up its cell.

    Attributes
    ----------
    bounds : list
        ``[[south, west], [north, east]]`` in degrees.
    rows, columns : int64, broadcasting to [height, width]
        Cell of each pixel; −1 outside the grid.
    grid_shape : tuple[int, int]
    pixel_m : float
        Side of a pixel in Web-Mercator metres at the equator's scale.
    """

    bounds: list[list[float]]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    grid_shape: tuple[int, int]
    pixel_m: float

    def image(self, row: NDArray[np.int64], column: NDArray[np.int64], code: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Spread the codes of some cells over the image; 0 where there is no cell (uint8[height, width])."""
        height, width = self.grid_shape
        field = np.zeros((height + 1, width + 1), dtype=np.uint8)  # the last row and column serve index −1
        field[row, column] = code
        spread: NDArray[np.uint8] = field[self.rows, self.columns]
        return spread


def frame_of(grid: Mapping[str, Any]) -> Frame:
    """Lay a Web-Mercator canvas over a grid as ``run.json`` describes it."""
    west, south, east, north = _mercator_bounds(grid)
    cell = min((east - west) / grid["width"], (north - south) / grid["height"])
    least = max(east - west, north - south)
    pixel = min(max(cell / np.ceil(_LEAST_PX * cell / least), least / _MOST_PX), cell)
    width, height = int(np.ceil((east - west) / pixel)), int(np.ceil((north - south) / pixel))
    x = west + (np.arange(width) + 0.5) * (east - west) / width
    y = north - (np.arange(height) + 0.5) * (north - south) / height
    rows, columns = _cells_at(grid, x, y)
    to_degrees = Transformer.from_crs(_MERCATOR, "EPSG:4326", always_xy=True).transform
    (lon_west, lon_east), (lat_south, lat_north) = to_degrees([west, east], [south, north])
    bounds = [[lat_south, lon_west], [lat_north, lon_east]]
    return Frame(bounds, rows, columns, (grid["height"], grid["width"]), float(pixel))


def _mercator_bounds(grid: Mapping[str, Any]) -> tuple[float, float, float, float]:
    """West, south, east, north of the grid's outline in Web-Mercator metres."""
    along = np.linspace(0.0, 1.0, _EDGE_POINTS)
    across, down = grid["width"] * grid["cell_width"], grid["height"] * grid["cell_height"]
    u = np.concatenate((along, along, np.zeros_like(along), np.ones_like(along)))
    v = np.concatenate((np.zeros_like(along), np.ones_like(along), along, along))
    to_mercator = Transformer.from_crs(grid["crs"], _MERCATOR, always_xy=True).transform
    x, y = to_mercator(grid["west"] + u * across, grid["north"] - v * down)
    return float(np.min(x)), float(np.min(y)), float(np.max(x)), float(np.max(y))


def _cells_at(
    grid: Mapping[str, Any], x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of the cells at Web-Mercator x[width] and y[height]."""
    if CRS.from_user_input(grid["crs"]).is_geographic:  # rows depend on y alone, columns on x alone
        lon = np.degrees(x / _RADIUS_M)[None, :]
        lat = np.degrees(np.arctan(np.sinh(y / _RADIUS_M)))[:, None]
    else:
        to_grid = Transformer.from_crs(_MERCATOR, grid["crs"], always_xy=True).transform
        lon, lat = to_grid(*np.meshgrid(x, y))
    column = np.floor((lon - grid["west"]) / grid["cell_width"]).astype(np.int64)
    row = np.floor((grid["north"] - lat) / grid["cell_height"]).astype(np.int64)
    column[(column < 0) | (column >= grid["width"])] = -1
    row[(row < 0) | (row >= grid["height"])] = -1
    return row, column


def data_uri(image: NDArray[np.uint8], palette: Sequence[Rgba]) -> str:
    """Write an image of codes as an indexed PNG in a data URI.

    Parameters
    ----------
    image : uint8[height, width]
    palette : sequence of (red, green, blue, alpha)
        One colour per code.
    """
    head, tail = png_parts(image)
    return "data:image/png;base64," + base64.b64encode(head + palette_part(palette) + tail).decode("ascii")


def png_parts(image: NDArray[np.uint8]) -> tuple[bytes, bytes]:
    """Return an indexed PNG of an image of codes, without its palette: what goes before it and what comes after.

    With another `palette_part` between the two the same image is coloured anew, at a few hundred bytes a time.
    """
    height, width = image.shape
    raw = np.zeros((height, width + 1), dtype=np.uint8)  # each line starts with its filter: 0, none
    raw[:, 1:] = image
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    head = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header)
    return head, _chunk(b"IDAT", zlib.compress(raw.tobytes(), 6)) + _chunk(b"IEND", b"")


def palette_part(palette: Sequence[Rgba]) -> bytes:
    """Return the part of a PNG that holds its colours and how much they hide: one colour per code, 256 at most."""
    colours = np.asarray(palette, dtype=np.uint8)
    return _chunk(b"PLTE", colours[:, :3].tobytes()) + _chunk(b"tRNS", colours[:, 3].tobytes())


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def ramp(colours: Sequence[str], opacity: float) -> list[Rgba]:
    """Return colours as written in CSS with one opacity; code 0 is clear."""
    return [(0, 0, 0, 0), *(rgba(colour, opacity) for colour in colours)]


def rgba(colour: str, opacity: float) -> Rgba:
    """Return a colour as written in CSS, with its opacity."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue, round(255 * opacity)
