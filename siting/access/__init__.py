"""Exact distances along streets: where points meet the network, how far it is, and what lies within reach."""

from siting.access.distance import NO_SITE, Nearest, measure, measure_snapped, nearest, reach
from siting.access.graph import Network, components, network
from siting.access.options import WalkOptions
from siting.access.snap import ISLAND_LENGTH_M, Resnapped, Snapping, snap, snap_with_report, worst_snaps
from siting.model.access import INCLUSIVE_M, Access, RoadState, Snap
from siting.model.roads import Mode, RoadGraph

__all__ = [
    "INCLUSIVE_M",
    "ISLAND_LENGTH_M",
    "NO_SITE",
    "Access",
    "Mode",
    "Nearest",
    "Network",
    "Resnapped",
    "RoadGraph",
    "RoadState",
    "Snap",
    "Snapping",
    "WalkOptions",
    "components",
    "measure",
    "measure_snapped",
    "nearest",
    "network",
    "reach",
    "snap",
    "snap_with_report",
    "worst_snaps",
]
