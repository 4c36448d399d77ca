"""Kinds of rules by the name that policy packs use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.rules.kinds.bed_ratio import BedRatioRule
from siting.rules.kinds.bed_share import BedShareRule
from siting.rules.kinds.coverage import CoverageRule
from siting.rules.kinds.presence import PresenceRule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.rules.base import Rule

KINDS: Mapping[str, type[Rule]] = {
    "coverage": CoverageRule,
    "bed_ratio": BedRatioRule,
    "bed_share": BedShareRule,
    "presence": PresenceRule,
}
