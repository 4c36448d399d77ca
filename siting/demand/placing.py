"""Cells in their districts: by their centre, or shared among districts by the area that each covers.

Cells stay cells: nothing is resampled, and what lies outside every district is kept under its own name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Transformer

from siting.errors import SitingWarning
from siting.model.places import OUTSIDE, Placed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siting.model.arrays import FloatArray, IntArray
    from siting.model.places import Cells, Districts

SLIVER = 1e-6
"""A smaller part of a cell is the noise of coordinates, not a part."""

FEW_BEYOND = 0.25
"""Fewer persons than this share of those cut off, in cells that are centred outside, live beyond a raster's edge."""

_SAMPLE, _SLACK = 500, 1.05
"""Cells whose size is looked at, and how much larger than these any other may be."""


def place(cells: Cells, districts: Districts, shared_on: str | None = None) -> Placed:
    """Put cells into districts.

    Parameters
    ----------
    cells : Cells
    districts : Districts
    shared_on : str, optional
        The study's plane, to share cells that boundaries cut by area: such a cell becomes one for each district and
        one for what lies outside, all at its centre and with persons in proportion to the area, the largest part
        first. Districts that overlap there share a cell by what each covers. None counts every cell where its centre
        lies; persons at points (`Cells.squares` is False) go by their point either way.

    Returns
    -------
    Placed
        With the cells' own sum of persons.
    """
    district = locate(cells.x_m, cells.y_m, districts)
    if shared_on is None or not cells.squares or not len(cells.row):
        return Placed(cells, district)
    near = _near_boundaries(cells, districts, shared_on)
    part, where, share = _parts(_squares(cells, near, shared_on), districts)
    whole = np.delete(np.arange(len(cells.row)), near)
    cell = np.concatenate([whole, near[part]])
    district = np.concatenate([district[whole], where])
    share = np.concatenate([np.ones(len(whole)), share])
    order = np.lexsort((district, -share, cell))
    cell = cell[order]
    taken = {name: getattr(cells, name)[cell] for name in ("row", "column", "x_m", "y_m")}
    persons = cells.persons[cell] * share[order][:, None, None]
    return Placed(replace(cells, **taken, persons=persons), district[order])


def cut_raster(placed: Placed, districts: Districts) -> tuple[SitingWarning, ...]:
    """Suspect a raster that was cut to the districts: parts of its cells lie outside, but hardly a whole one does.

    Such a raster counts nobody beyond, so that sharing its edge cells by area takes persons from the districts.
    """
    persons, cells = placed.cells.persons[:, :, -1].sum(axis=1), placed.cells
    parts = float(persons[~placed.inside].sum())
    whole = float(persons[locate(cells.x_m, cells.y_m, districts) == OUTSIDE].sum())
    if parts < 1 or whole >= FEW_BEYOND * parts:
        return ()
    return (
        SitingWarning(
            "population",
            f"按面积分摊后,边界格网有{parts:,.0f}人划到区划之外,而区划之外几乎没有完整的有人格网:"
            "栅格可能已按区划裁剪。",
            f"Sharing cells on the boundary by area puts {parts:,.0f} persons outside the districts, yet hardly a "
            "whole populated cell lies there: was the raster cut to the districts?",
            ("若是,写 `population: {cut_cells: centre}`", "if so, write `population: {cut_cells: centre}`"),
        ),
    )


def locate(x_m: FloatArray, y_m: FloatArray, districts: Districts) -> IntArray:
    """Return the district that holds each point, or `OUTSIDE`; on a common border the first one listed.

    Parameters
    ----------
    x_m, y_m : float64[point]
    districts : Districts

    Returns
    -------
    int64[point]
    """
    found = np.full(len(x_m), OUTSIDE, dtype=np.int64)
    for index, geometry in enumerate(districts.geometry):
        west, south, east, north = geometry.bounds
        near = np.flatnonzero((found == OUTSIDE) & (x_m >= west) & (x_m <= east) & (y_m >= south) & (y_m <= north))
        shapely.prepare(geometry)
        found[near[shapely.intersects_xy(geometry, x_m[near], y_m[near])]] = index
    return found


def _squares(cells: Cells, index: IntArray, crs: str) -> NDArray[Any]:
    """Return cells as polygons on the plane: object[cell]."""
    to_plane = Transformer.from_crs(cells.grid.crs, crs, always_xy=True)
    corners = to_plane.transform(*cells.grid.corners(cells.row[index], cells.column[index]))
    return np.asarray(shapely.polygons(np.stack(corners, axis=-1)))


def _near_boundaries(cells: Cells, districts: Districts, crs: str) -> IntArray:
    """Return the cells that a boundary may cut: those whose centre lies within half a diagonal of one."""
    sample = np.linspace(0, len(cells.row) - 1, min(_SAMPLE, len(cells.row))).astype(np.int64)
    corners = shapely.get_coordinates(_squares(cells, sample, crs)).reshape(len(sample), 5, 2)
    centres = np.column_stack([cells.x_m[sample], cells.y_m[sample]])[:, None, :]
    radius = _SLACK * float(np.hypot(*(corners - centres).T).max())
    rings = shapely.get_rings(shapely.get_parts(np.array(districts.geometry, dtype=object)))
    ends, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    sides = shapely.linestrings(np.stack([ends[:-1][same], ends[1:][same]], axis=1))
    tree = shapely.STRtree(np.asarray(shapely.points(cells.x_m, cells.y_m)))
    found: IntArray = np.unique(tree.query(sides, predicate="dwithin", distance=radius)[1])
    return found


def _parts(squares: NDArray[Any], districts: Districts) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the parts of squares: number of the square, district or `OUTSIDE`, and share of its area."""
    shapes = np.array(districts.geometry, dtype=object)
    district, square = shapely.STRtree(squares).query(shapes, predicate="intersects")
    share = shapely.area(shapely.intersection(shapes[district], squares[square])) / shapely.area(squares)[square]
    covered = np.bincount(square, share, minlength=len(squares))
    square = np.concatenate([square, np.arange(len(squares))])
    district = np.concatenate([district, np.full(len(squares), OUTSIDE)])
    share = np.concatenate([share, np.maximum(1 - covered, 0.0)])
    kept = share > SLIVER
    square, district, share = square[kept], district[kept], share[kept]
    return square, district, share / np.bincount(square, share, minlength=len(squares))[square]
