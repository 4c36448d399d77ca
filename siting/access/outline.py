"""Bands as polygons: the rings that the compiled outline draws, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from siting.access.threads import in_chunks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siting.model.arrays import FloatArray, IntArray


def outlined(courses: tuple[FloatArray, IntArray], first: IntArray, width_m: float) -> NDArray[Any]:
    """Draw everything within `width_m` of lines, row by row, on all threads.

    Parameters
    ----------
    courses : (float64[vertex, 2], int64[line + 1])
        The lines' vertices end to end, and where each line begins.
    first : int64[row + 1]
        The first line of each row; no row is empty.
    width_m : float

    Returns
    -------
    Polygon | MultiPolygon | None [row]
        None where lines lie upon each other so that the outline is not decided by rounding: GEOS must draw that row.
    """
    from siting.access import kernel_outline  # noqa: PLC0415 - numba is imported when first needed

    xy, start = courses

    def draw(which: IntArray) -> NDArray[Any]:
        out = np.full(len(which), None, dtype=object)
        for place, row in enumerate(which.tolist()):
            begin, end = first[row], first[row + 1]
            mine = xy[start[begin] : start[end]], start[begin : end + 1] - start[begin]
            drawn, ring_xy, ring_start, area_m2 = kernel_outline.outline(*mine, width_m)
            if drawn:
                out[place] = _polygon(ring_xy, ring_start, area_m2)
        return out

    parts = [part for _, part in in_chunks(draw, np.arange(len(first) - 1))]
    return np.concatenate(parts)


def _polygon(xy: FloatArray, start: IntArray, area_m2: FloatArray) -> Any:  # noqa: ANN401 - a Polygon or a MultiPolygon
    """Put rings together: shells have areas above nought, and each hole belongs to the smallest shell around it."""
    if not len(area_m2):
        return shapely.Polygon()
    rings = np.asarray(shapely.linearrings(xy, indices=np.repeat(np.arange(len(area_m2)), np.diff(start))))
    shells, holes = np.flatnonzero(area_m2 > 0), np.flatnonzero(area_m2 <= 0)
    if len(shells) == 1:
        return shapely.polygons(rings[shells[0]], holes=rings[holes])
    whole = np.asarray(shapely.polygons(rings[shells]))
    hole, shell = shapely.STRtree(whole).query(shapely.points(xy[start[holes]]), predicate="within")
    smallest = np.lexsort((area_m2[shells[shell]], hole))
    hole, shell = hole[smallest], shell[smallest]
    _, owner = np.unique(hole, return_index=True)
    around = [shapely.polygons(rings[shells[i]], holes=rings[holes[shell[owner] == i]]) for i in range(len(shells))]
    return shapely.multipolygons(around)
