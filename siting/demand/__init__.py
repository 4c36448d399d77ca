"""Population cells to demand points: shares and census totals by district, phases, density."""

from __future__ import annotations

from siting.demand.points import DensityOptions, estimate, locate, moving_density, reconcile
from siting.demand.raking import rake
from siting.demand.years import share_out, to_totals

__all__ = ["DensityOptions", "estimate", "locate", "moving_density", "rake", "reconcile", "share_out", "to_totals"]
