"""Candidates that are parcels of land: their outlines, and the floor that may be built on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from siting.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyproj
    from shapely import Geometry

    from siting.model.attributes import Value
    from siting.sources.crs import Plane
    from siting.sources.desk import Desk


LEAST_M2 = 1.0
"""Less than a square metre is a line that was drawn as an area."""


def outlines_of(desk: Desk, plane: Plane) -> tuple[Geometry | None, ...]:
    """Return the outlines of a table's rows on the plane, mended where a ring crosses itself; None for points.

    One that encloses nothing, or cannot be brought to the plane, is a problem of the desk.
    """
    table, found = desk.table, []
    for outline, where in zip(table.outline or (None,) * len(table), table.where, strict=True):
        shape = None if outline is None else _moved(outline, plane, table.crs)
        if outline is not None and (shape is None or shapely.area(shape) < LEAST_M2):
            desk.problems.append(Problem(where, "the parcel encloses nothing", "draw its polygon again"))
        found.append(shape)
    return tuple(found)


def _moved(outline: Geometry, plane: Plane, crs: pyproj.CRS) -> Geometry | None:
    """Return an outline on the plane; None where that is impossible."""
    moved = shapely.transform(outline, lambda xy: np.column_stack(plane.project(xy[:, 0], xy[:, 1], crs)))
    if not np.isfinite(shapely.get_coordinates(moved)).all():
        return None
    parts = shapely.get_parts(shapely.make_valid(moved))
    return shapely.union_all([part for part in parts if part.geom_type in {"Polygon", "MultiPolygon"}])


def with_plots(
    facts: Mapping[str, tuple[Value, ...]], outlines: Sequence[Geometry | None]
) -> dict[str, tuple[Value, ...]]:
    """Return a table's facts with the area of every plot, m²: as stated, else that of its outline."""
    stated = facts.get("plot_area_m2", (None,) * len(outlines))
    drawn = [None if outline is None else float(shapely.area(outline)) for outline in outlines]
    return {**facts, "plot_area_m2": tuple(a if a is not None else b for a, b in zip(stated, drawn, strict=True))}
