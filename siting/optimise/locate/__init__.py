"""The textbook models on a cost matrix: covering, medians, centers and fixed charge, each with its proof.

`cost` has demand in rows and sites in columns, dense or scipy sparse (an absent pair is out of reach), with names as a
DataFrame. Results carry `open`, `assignment`, `objective` and a `Certificate`; a stopped search is never optimal.
"""

from siting.optimise.locate.centers import p_center, p_dispersion
from siting.optimise.locate.covers import lscp, mclp, partial_cover, set_cover
from siting.optimise.locate.knearest import k_nearest_p_median
from siting.optimise.locate.medians import fixed_charge, p_median
from siting.optimise.locate.result import Impossible, Location

__all__ = [
    "Impossible",
    "Location",
    "fixed_charge",
    "k_nearest_p_median",
    "lscp",
    "mclp",
    "p_center",
    "p_dispersion",
    "p_median",
    "partial_cover",
    "set_cover",
]
