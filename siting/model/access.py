"""Network distances from homes to facilities, sparse, with named states where there is none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.model.arrays import BoolArray, FloatArray, IntArray, frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

INCLUSIVE_M = 1e-6
"""A micrometre: limits are inclusive, and 810.0000000001 m from rounding is still 810 m."""


DRIVE_M_PER_S = 30 / 3.6
"""Driving times are kept as metres at 30 km/h: minutes are metres ÷ 500, and connectors are driven at that speed."""


class RoadState(IntEnum):
    """Whether a point has a road, and whether that road leads anywhere."""

    ON_ROAD = 0
    NO_ROAD = 1
    """No road within the longest connector allowed."""
    OTHER_COMPONENT = 2
    """On a piece of network from which no site (for a zone) or no zone (for a site) can be reached at any distance."""


@dataclass(frozen=True, slots=True, eq=False)
class Snap:
    """Positions of points on edges.

    Attributes
    ----------
    edge : int64[point]
        Index of the edge, −1 where `state` is ``NO_ROAD``.
    offset_m : float64[point]
        Metres along the edge from its node u, measured in the edge's own `length_m`.
    connector_m : float64[point]
        Straight metres from the point to that position; for ``NO_ROAD`` the distance to the nearest road found
        (NaN when the graph has no edge at all).
    x_m, y_m : float64[point]
        The position on the edge (the point itself where ``NO_ROAD``).
    state : uint8[point]
        `RoadState` values.
    """

    edge: IntArray
    offset_m: FloatArray
    connector_m: FloatArray
    x_m: FloatArray
    y_m: FloatArray
    state: NDArray[np.uint8]

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they belong together."""
        count = len(np.asarray(self.edge))
        for name, dtype in (
            ("edge", np.int64),
            ("offset_m", np.float64),
            ("connector_m", np.float64),
            ("x_m", np.float64),
            ("y_m", np.float64),
            ("state", np.uint8),
        ):
            object.__setattr__(self, name, frozen(getattr(self, name), dtype, (count,)))

    def __len__(self) -> int:
        return len(self.edge)


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """Network metres from zones to sites, truncated at a cutoff; an absent pair is farther than the cutoff.

    Attributes
    ----------
    metres : csr_array float64 (zones × sites)
        Connector + along edges + connector. A stored 0.0 is a distance of nought, not an absent pair.
    cutoff_m : float
        No stored value exceeds it (by more than `INCLUSIVE_M`).
    zones, sites : Snap
        Where each zone and site meets the network, and their states.
    """

    metres: csr_array[Any, tuple[int, int]]
    cutoff_m: float
    zones: Snap
    sites: Snap

    def __post_init__(self) -> None:
        """Check the shape, and that nothing infinite or beyond the cutoff was stored."""
        if self.metres.shape != (len(self.zones), len(self.sites)):
            message = f"access is {self.metres.shape}, zones × sites are {(len(self.zones), len(self.sites))}"
            raise ValueError(message)
        data = self.metres.data
        if data.size and not (
            np.isfinite(data).all() and data.min() >= 0 and data.max() <= self.cutoff_m + INCLUSIVE_M
        ):
            message = "stored distances must be finite, not negative and within the cutoff"
            raise ValueError(message)
        for array in (data, self.metres.indices, self.metres.indptr):
            array.setflags(write=False)


def shorter(
    metres: csr_array[Any, tuple[int, int]], limit_m: float, columns: BoolArray | None = None
) -> csr_array[Any, tuple[int, int]]:
    """Return the ways within a limit (inclusive): csr float64 metres, nothing else stored.

    Parameters
    ----------
    metres : csr (zones × sites)
    limit_m : float
    columns : bool[site], optional
        Only these sites.
    """
    near = metres.data <= limit_m + INCLUSIVE_M
    if columns is not None:
        near &= columns[metres.indices]
    indptr = np.concatenate([[0], np.cumsum(near)])[metres.indptr]
    return type(metres)((metres.data[near], metres.indices[near], indptr), shape=metres.shape)


def within(
    metres: csr_array[Any, tuple[int, int]], limit_m: float, columns: BoolArray | None = None
) -> csr_array[Any, tuple[int, int]]:
    """Return which pairs are within a limit: csr float64 of ones where `shorter` has metres."""
    near = shorter(metres, limit_m, columns)
    near.data[:] = 1.0
    return near


def nearest_of(metres: csr_array[Any, tuple[int, int]], limit_m: float, columns: BoolArray) -> IntArray:
    """Return each zone's nearest site among `columns` within a limit (inclusive), −1 where there is none.

    Parameters
    ----------
    metres : csr (zones × sites)
    limit_m : float
    columns : bool[site]

    Returns
    -------
    int64[zone]
        Ties go to the lowest index.
    """
    near = columns[metres.indices] & (metres.data <= limit_m + INCLUSIVE_M)
    row = np.repeat(np.arange(metres.shape[0]), np.diff(metres.indptr))[near]
    order = np.lexsort((metres.indices[near], metres.data[near], row))
    zone, first = np.unique(row[order], return_index=True)
    found = np.full(metres.shape[0], -1, dtype=np.int64)
    found[zone] = metres.indices[near][order][first]
    return found
