"""Exact distances along streets: where points meet the network, how far it is, and what lies within reach."""

from siting.access.distance import NO_SITE, Nearest, measure, measure_snapped, nearest, reach
from siting.access.graph import Network, components, network
from siting.access.isochrone import EVERY_FACILITY, Isochrones, Reached, isochrones, reached
from siting.access.options import WalkOptions
from siting.access.simplify import merge_degree_two
from siting.access.snap import ISLAND_LENGTH_M, Resnapped, Snapping, snap, snap_with_report, worst_snaps
from siting.model.access import INCLUSIVE_M, Access, RoadState, Snap
from siting.model.roads import Mode, RoadGraph

__all__ = [
    "EVERY_FACILITY",
    "INCLUSIVE_M",
    "ISLAND_LENGTH_M",
    "NO_SITE",
    "Access",
    "Isochrones",
    "Mode",
    "Nearest",
    "Network",
    "Reached",
    "Resnapped",
    "RoadGraph",
    "RoadState",
    "Snap",
    "Snapping",
    "WalkOptions",
    "components",
    "isochrones",
    "measure",
    "measure_snapped",
    "merge_degree_two",
    "nearest",
    "network",
    "reach",
    "reached",
    "snap",
    "snap_with_report",
    "worst_snaps",
]
