"""The planning model: least-cost options and beds under which every binding clause holds."""

from siting.optimise.options import (
    CurveOptions,
    GoalOptions,
    Goals,
    MoneyOptions,
    ReasonsOptions,
    SolverOptions,
)
from siting.optimise.plan import solve

__all__ = [
    "CurveOptions",
    "GoalOptions",
    "Goals",
    "MoneyOptions",
    "ReasonsOptions",
    "SolverOptions",
    "solve",
]
