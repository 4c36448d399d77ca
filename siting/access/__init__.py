"""Exact distances along streets: where points meet the network, how far it is, and what lies within reach."""

from siting.access.bands import areal
from siting.access.distance import NO_SITE, Nearest, measure, measure_snapped, nearest, reach
from siting.access.drive import drive_minutes, measure_driving, with_driving
from siting.access.effort import measure_effort, tobler, with_effort
from siting.access.graph import Network, components, network
from siting.access.isochrone import EVERY_FACILITY, Isochrones, Reached, isochrones, reached
from siting.access.margin import edge_warnings, margin
from siting.access.options import WalkOptions
from siting.access.simplify import merge_degree_two
from siting.access.snap import (
    ISLAND_LENGTH_M,
    Barred,
    Resnapped,
    Snapping,
    joined,
    snap,
    snap_with_report,
    worst_snaps,
)
from siting.model.access import DRIVE_M_PER_S, INCLUSIVE_M, Access, RoadState, Snap
from siting.model.roads import Feature, Mode, Obstacles, RoadGraph

__all__ = [
    "DRIVE_M_PER_S",
    "EVERY_FACILITY",
    "INCLUSIVE_M",
    "ISLAND_LENGTH_M",
    "NO_SITE",
    "Access",
    "Barred",
    "Feature",
    "Isochrones",
    "Mode",
    "Nearest",
    "Network",
    "Obstacles",
    "Reached",
    "Resnapped",
    "RoadGraph",
    "RoadState",
    "Snap",
    "Snapping",
    "WalkOptions",
    "areal",
    "components",
    "drive_minutes",
    "edge_warnings",
    "isochrones",
    "joined",
    "margin",
    "measure",
    "measure_driving",
    "measure_effort",
    "measure_snapped",
    "merge_degree_two",
    "nearest",
    "network",
    "reach",
    "reached",
    "snap",
    "snap_with_report",
    "tobler",
    "with_driving",
    "with_effort",
    "worst_snaps",
]
