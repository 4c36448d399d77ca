"""Population cells to demand points: shares and census totals by district, phases, density."""

from __future__ import annotations

from siting.demand.density import DensityOptions, Edge, moving_density, sensitivity
from siting.demand.points import estimate, locate, reconcile
from siting.demand.raking import rake
from siting.demand.years import share_out, to_totals

__all__ = [
    "DensityOptions",
    "Edge",
    "estimate",
    "locate",
    "moving_density",
    "rake",
    "reconcile",
    "sensitivity",
    "share_out",
    "to_totals",
]
