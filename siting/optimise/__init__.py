"""The planning model: least-cost options and beds under which every binding clause holds."""

from siting.optimise.options import GoalOptions, SolverOptions
from siting.optimise.plan import solve

__all__ = ["GoalOptions", "SolverOptions", "solve"]
