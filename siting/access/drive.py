"""Driving as it costs time: for meals on wheels and for pairing facilities."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siting.access.distance import measure
from siting.model.access import DRIVE_M_PER_S
from siting.model.roads import Mode, RoadGraph

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from siting.model.access import Access


def with_driving(graph: RoadGraph) -> RoadGraph:
    """Return the graph with each edge's `length_m` in equivalent metres: seconds of driving × `DRIVE_M_PER_S`.

    An edge whose `drive_km_per_h` is unknown is driven at 30 km/h. Speeds are limits or design speeds, without
    congestion or signals: the times are the best that can be had.
    """
    speed = np.where(np.isfinite(graph.drive_km_per_h), graph.drive_km_per_h / 3.6, DRIVE_M_PER_S)
    return replace(graph, length_m=graph.length_m / speed * DRIVE_M_PER_S)


def drive_minutes(equivalent_m: ArrayLike) -> np.ndarray:
    """Return minutes of driving from the equivalent metres of `measure_driving`."""
    return np.asarray(equivalent_m, dtype=np.float64) / DRIVE_M_PER_S / 60


def measure_driving(
    graph: RoadGraph,
    zones_xy: ArrayLike,
    sites_xy: ArrayLike,
    *,
    minutes: float,
    max_connector_m: float,
    from_sites: bool = False,
) -> Access:
    """Measure driving times from zones to sites, one-way streets respected.

    Parameters
    ----------
    graph : RoadGraph
    zones_xy, sites_xy : float[point, 2]
    minutes : float
        Longest drive, inclusive.
    max_connector_m, from_sites
        See `siting.access.measure`.

    Returns
    -------
    Access
        In equivalent metres (`drive_minutes` turns them into minutes).
    """
    return measure(
        with_driving(graph),
        zones_xy,
        sites_xy,
        cutoff_m=minutes * 60 * DRIVE_M_PER_S,
        max_connector_m=max_connector_m,
        mode=Mode.DRIVE,
        from_sites=from_sites,
    )
