"""The planning model: least-cost options and beds under which every binding clause holds."""

from siting.optimise.assignment import assign
from siting.optimise.curve import curve
from siting.optimise.districting import Partition, partition
from siting.optimise.memory import remembering
from siting.optimise.options import (
    CurveOptions,
    GoalOptions,
    Goals,
    MoneyOptions,
    ReasonsOptions,
    SolverOptions,
)
from siting.optimise.plan import explain, solve
from siting.optimise.repair import Changes, repair, staffed
from siting.optimise.stopping import interruptible, stopped

__all__ = [
    "Changes",
    "CurveOptions",
    "GoalOptions",
    "Goals",
    "MoneyOptions",
    "Partition",
    "ReasonsOptions",
    "SolverOptions",
    "assign",
    "curve",
    "explain",
    "interruptible",
    "partition",
    "remembering",
    "repair",
    "solve",
    "staffed",
    "stopped",
]
