"""What the sources hand over: everything a run reads, in the study's plane, before any estimate is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from siting.model.census import NO_CENSUS, Census
from siting.model.places import NO_COMMUNITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely import Geometry

    from siting.errors import SitingWarning
    from siting.model.ground import Ground
    from siting.model.places import Cells, Communities, Districts
    from siting.model.roads import RoadGraph
    from siting.model.sites import Sites
    from siting.model.text import Provenance


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A facility of a table that does not count today.

    Attributes
    ----------
    origin : str
        ``facilities.csv:12``.
    id, name, kind : str
        As the table writes them; empty where it does not.
    why : str
        ``closed``, ``under_construction``, or ``left_out``: by a word that the study leaves out.
    word : str
        The word that decided, as the table writes it.
    """

    origin: str
    id: str
    name: str
    kind: str
    why: str
    word: str


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
    left_out : tuple[LeftOut, ...]
        Facilities that tables list but that do not count today.
    communities : Communities
        Districts not yet assigned.
    ground : tuple[Ground, ...]
        Where candidates may not stand, and where they stand better, in the order of the study.
    parcels : Mapping[str, Polygon | MultiPolygon]
        Outlines of candidates that are parcels of land, by site id, on the plane.
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
    left_out: tuple[LeftOut, ...] = ()
    communities: Communities = NO_COMMUNITIES
    ground: tuple[Ground, ...] = ()
    parcels: Mapping[str, Geometry] = field(default_factory=dict)
