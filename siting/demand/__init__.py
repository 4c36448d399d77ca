"""Population cells to demand points: districts, shares and census totals by district, phases, density."""

from __future__ import annotations

from siting.demand.density import DensityOptions, Edge, moving_density, sensitivity
from siting.demand.placing import cut_raster, locate, place
from siting.demand.points import estimate, reconcile
from siting.demand.raking import rake
from siting.demand.years import multiplied, share_out, to_totals

__all__ = [
    "DensityOptions",
    "Edge",
    "cut_raster",
    "estimate",
    "locate",
    "moving_density",
    "multiplied",
    "place",
    "rake",
    "reconcile",
    "sensitivity",
    "share_out",
    "to_totals",
]
