"""Kinds of rules by the name that policy packs use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.rules.kinds.baseline import BaselineRule
from siting.rules.kinds.bed_ratio import BedRatioRule
from siting.rules.kinds.bed_share import BedShareRule
from siting.rules.kinds.budget import BudgetRule
from siting.rules.kinds.circles import CirclesRule
from siting.rules.kinds.committed import CommittedRule
from siting.rules.kinds.communities import CommunitiesRule
from siting.rules.kinds.consolidation import ConsolidationRule
from siting.rules.kinds.counts import CountsRule
from siting.rules.kinds.coverage import CoverageRule
from siting.rules.kinds.each_has import EachHasRule
from siting.rules.kinds.groups import GroupsRule
from siting.rules.kinds.handover import HandoverRule
from siting.rules.kinds.having import HavingRule
from siting.rules.kinds.hierarchy import HierarchyRule
from siting.rules.kinds.meals import MealsRule
from siting.rules.kinds.occupancy import OccupancyRule
from siting.rules.kinds.pairing import PairingRule
from siting.rules.kinds.premises import PremisesRule
from siting.rules.kinds.presence import PresenceRule
from siting.rules.kinds.size_floor import SizeFloorRule
from siting.rules.kinds.staffing import StaffingRule
from siting.rules.kinds.stated import StatedRule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.rules.base import Rule

KINDS: Mapping[str, type[Rule]] = {
    "coverage": CoverageRule,
    "bed_ratio": BedRatioRule,
    "bed_share": BedShareRule,
    "presence": PresenceRule,
    "communities": CommunitiesRule,
    "counts": CountsRule,
    "size_floor": SizeFloorRule,
    "each_has": EachHasRule,
    "staffing": StaffingRule,
    "stated": StatedRule,
    "hierarchy": HierarchyRule,
    "pairing": PairingRule,
    "meals": MealsRule,
    "budget": BudgetRule,
    "having": HavingRule,
    "occupancy": OccupancyRule,
    "consolidation": ConsolidationRule,
    "committed": CommittedRule,
    "premises": PremisesRule,
    "handover": HandoverRule,
    "baseline": BaselineRule,
    "circles": CirclesRule,
    "groups": GroupsRule,
}
