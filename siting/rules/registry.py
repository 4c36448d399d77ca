"""Kinds of rules by the name that policy packs use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.rules.kinds.bed_ratio import BedRatioRule
from siting.rules.kinds.bed_share import BedShareRule
from siting.rules.kinds.communities import CommunitiesRule
from siting.rules.kinds.counts import CountsRule
from siting.rules.kinds.coverage import CoverageRule
from siting.rules.kinds.each_has import EachHasRule
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
}
