"""What the sources hand over: everything a run reads, in the study's plane, before any estimate is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siting.model.census import NO_CENSUS, Census

if TYPE_CHECKING:
    from shapely import Geometry

    from siting.errors import SitingWarning
    from siting.model.places import Cells, Districts
    from siting.model.roads import RoadGraph
    from siting.model.sites import Sites
    from siting.model.text import Provenance


@dataclass(frozen=True, slots=True, eq=False)
class Raw:
    """The inputs of a run.

    Attributes
    ----------
    crs : str
        The study's plane, e.g. ``EPSG:32650``.
    roads : RoadGraph
    cells : Cells
    districts : Districts
    facilities, candidates : Sites
        As listed in files; districts not yet assigned.
    water : tuple[Geometry, ...]
        Polygons for the base map; empty when the study names none.
    provenance : tuple[Provenance, ...]
        One entry per file read.
    warnings : tuple[SitingWarning, ...]
    census : Census
        Shares, controls and totals by district; `NO_CENSUS` when the study names none.
    """

    crs: str
    roads: RoadGraph
    cells: Cells
    districts: Districts
    facilities: Sites
    candidates: Sites
    water: tuple[Geometry, ...]
    provenance: tuple[Provenance, ...]
    warnings: tuple[SitingWarning, ...]
    census: Census = NO_CENSUS
