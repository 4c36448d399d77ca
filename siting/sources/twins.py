"""Rows that may be one facility written down twice, and facilities that share a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from siting.errors import Problem
from siting.sources.columns import plain

if TYPE_CHECKING:
    from siting.model.arrays import IntArray
    from siting.model.sites import Sites
    from siting.sources.manifest import Intake

SAME_PLACE_M = 1.0
"""Coordinates of five decimals move a point by less."""
SHOWN = 5


def twins(sites: Sites, intake: Intake) -> list[Problem]:
    """Find rows of one name, kind and place, which would count twice; name those that only share a place.

    Two facilities in one place are usual (a home and a day-care centre in one building), so they are told, not refused.
    A row without a name of its own is never taken for another's twin.
    """
    pairs = KDTree(np.column_stack([sites.x_m, sites.y_m])).query_pairs(SAME_PLACE_M, output_type="ndarray")
    if not len(pairs):
        return []
    problems, twice = [], set()
    for one, other in sorted(pairs.tolist()):
        if _same(sites, one, other) and other not in twice:
            twice.add(other)
            what = f"{sites.name[other]!r} stands in {sites.origin[one]} too, in one place and of one kind"
            problems.append(Problem(sites.origin[other], what, "keep one of the rows, or name two facilities apart"))
    _tell_shared(sites, pairs, intake)
    return problems


def _same(sites: Sites, one: int, other: int) -> bool:
    """Say whether two sites bear one name of their own, and are or may become the same."""
    named = plain(sites.name[one]) == plain(sites.name[other]) and sites.name[one] != sites.id[one]
    return named and sites.kind[one] == sites.kind[other] and sites.kinds_allowed[one] == sites.kinds_allowed[other]


def _tell_shared(sites: Sites, pairs: IntArray, intake: Intake) -> None:
    """Name the places that several sites share."""
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(sites), len(sites)))
    _, place = connected_components(graph, directed=False)
    shared = [np.flatnonzero(place == at) for at in np.flatnonzero(np.bincount(place) > 1)]
    named = ["、".join(sites.name[site] for site in here) for here in shared[:SHOWN]]
    shown = "；".join(named) + ("…" if len(shared) > SHOWN else "")
    zh = f"{len(shared)} 处地点各有多个设施或候选点，均保留：{shown}。"
    en = f"{len(shared)} places hold several facilities or candidates, all of which are kept: {shown}."
    intake.warn("facilities" if sites.existing[0] else "candidates", zh, en)
