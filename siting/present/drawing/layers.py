"""The layers of the maps: ground, roads, cells, facilities, districts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from siting.present.drawing import palette
from siting.present.drawing.fonts import drawable, font
from siting.present.plain import shown_width

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from siting.present.drawing.sheet import Sheet

_LABEL_LENGTH = 10
_POINTS_PER_INCH = 72
_ROOM = 0.75
"""Side of the square of a district's area that its name needs, in widths of the name."""
_MOST_VECTOR_POINTS = 40_000
_CELL_OPACITY = 205
"""Of 255: the ground shows through a little, so that large areas do not shout."""


def ground(axes: Axes, districts: gpd.GeoDataFrame, water: gpd.GeoDataFrame, *, under: bool = True) -> None:
    """Draw the districts' ground and the water."""
    if under:
        polygons(axes, districts, palette.DISTRICT_FILL, zorder=1)
    polygons(axes, water, palette.WATER, zorder=3)


def polygons(axes: Axes, table: gpd.GeoDataFrame, colour: str, zorder: float, alpha: float = 1.0) -> None:
    """Fill polygons, holes left open."""
    for geometry in table.geometry:
        path = _path(geometry)
        if path is not None:
            # As an artist, not as a patch: matplotlib would work out the limits of every path, which are set already.
            style = {"lw": 0, "alpha": alpha, "zorder": zorder, "rasterized": _many(geometry)}
            axes.add_artist(PathPatch(path, facecolor=colour, edgecolor="none", **style))


def _path(geometry: Any) -> Path | None:  # noqa: ANN401 - any shapely geometry
    """Return a polygon with its holes as one path; None for what has no area."""
    rings = [
        ring
        for part in shapely.get_parts(geometry)
        if part is not None and part.geom_type == "Polygon" and not part.is_empty
        for ring in (part.exterior, *part.interiors)
    ]
    if not rings:
        return None
    return Path.make_compound_path(*(Path(shapely.get_coordinates(ring), closed=True) for ring in rings))


def district_lines(axes: Axes, districts: gpd.GeoDataFrame) -> None:
    """Draw the districts' boundaries."""
    lines = [shapely.get_coordinates(ring) for ring in _rings(districts)]
    axes.add_collection(LineCollection(lines, colors=palette.DISTRICT_EDGE, linewidths=0.55, linestyles=(0, (5, 2)),
                                       zorder=12), autolim=False)  # fmt: skip


def _rings(table: gpd.GeoDataFrame) -> list[Any]:
    return [
        ring
        for part in shapely.get_parts(np.asarray(table.geometry.array))
        if part is not None and part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors)
    ]


def roads(axes: Axes, table: gpd.GeoDataFrame, *, faint: bool = False) -> None:
    """Draw the roads by level, minor ones first; fainter over cells."""
    levels = table["level"].to_numpy()
    for level in sorted(palette.ROADS, reverse=True):
        parts = np.asarray(table.geometry.array)[levels == level]
        if not len(parts):
            continue
        colour, width = palette.ROADS[level]
        style: dict[str, Any] = {"linewidth": width * (0.7 if faint else 1.0), "alpha": 0.55 if faint else 1.0}
        zorder = 4 + (3 - level) * 0.1
        path = _lines(parts)
        style["rasterized"] = _many(parts)
        axes.add_artist(PathPatch(path, fill=False, edgecolor=colour, capstyle="butt", zorder=zorder, **style))


def _many(geometries: Any) -> bool:  # noqa: ANN401 - one geometry or an array of them
    """Whether a vector file had better hold a picture of 300 dpi: a city's streets are half a million points."""
    return bool(np.sum(shapely.get_num_coordinates(geometries)) > _MOST_VECTOR_POINTS)


def _lines(geometries: NDArray[Any]) -> Path:
    """Return every line, multi-lines taken apart, as one path: a town has too many to draw each by itself."""
    parts = shapely.get_parts(geometries)
    coordinates, owner = shapely.get_coordinates(parts, return_index=True)
    codes = np.full(len(coordinates), Path.LINETO, dtype=Path.code_type)
    codes[np.flatnonzero(np.diff(owner, prepend=-1))] = Path.MOVETO
    return Path(coordinates, codes)


def labels(sheet: Sheet, axes: Axes, districts: gpd.GeoDataFrame, names: Sequence[str], size: float = 6.0) -> None:
    """Write names at a point within the visible part of each district that has room for its name."""
    west, east, south, north = sheet.extent
    metres_per_point = (east - west) / (sheet.pixels[0] / sheet.figure.dpi * _POINTS_PER_INCH)
    view = shapely.box(west, south, east, north)
    for geometry, name in zip(districts.geometry, names, strict=True):
        seen = geometry.intersection(view)
        lines = [drawable(line, _label_length(line)) for line in name.split("\n")]
        needed = max(shown_width(line) for line in lines) / 2 * size * metres_per_point
        if seen.is_empty or seen.area < (_ROOM * needed) ** 2:
            continue
        point = shapely.point_on_surface(seen)
        axes.text(point.x, point.y, "\n".join(lines), fontproperties=font(size), ha="center", va="center",
                  color=palette.INK, zorder=25, linespacing=1.25,
                  path_effects=[withStroke(linewidth=1.4, foreground="white", alpha=0.85)])  # fmt: skip


def _label_length(line: str) -> int:
    return _LABEL_LENGTH if shown_width(line) > len(line) else 2 * _LABEL_LENGTH


def image(sheet: Sheet, axes: Axes, codes: NDArray[np.uint8], colours: Mapping[int, str]) -> None:
    """Draw an image of codes; 0 is left clear."""
    table = np.zeros((256, 4), dtype=np.uint8)
    for code, colour in colours.items():
        table[code] = [*(round(part * 255) for part in to_rgb(colour)), _CELL_OPACITY]
    axes.imshow(table[codes], extent=sheet.extent, origin="upper", interpolation="nearest", zorder=2, aspect="auto")


def points(axes: Axes, sites: gpd.GeoDataFrame, style: Mapping[str, Any]) -> PathCollection | None:
    """Draw facilities with one style."""
    if sites.empty:
        return None
    return axes.scatter(sites.geometry.x, sites.geometry.y, **style)


def patch(colour: str, *, cells: bool = False) -> Patch:
    """Return a legend entry for an area; of cells, in the tint they have on the map."""
    tint = (*to_rgb(colour), _CELL_OPACITY / 255) if cells else to_rgb(colour)
    return Patch(facecolor=tint, edgecolor="#9a9a9a", linewidth=0.3)


def mark(marker: str, fill: str, edge: str = palette.INK, size: float = 5.0, width: float = 0.5) -> Line2D:
    """Return a legend entry for a symbol."""
    return Line2D([], [], linestyle="none", marker=marker, markersize=size, markerfacecolor=fill, markeredgecolor=edge,
                  markeredgewidth=width)  # fmt: skip


def stroke(colour: str, width: float, dashes: Any = "-") -> Line2D:  # noqa: ANN401 - what matplotlib takes
    """Return a legend entry for a line."""
    return Line2D([], [], color=colour, linewidth=width, linestyle=dashes)
