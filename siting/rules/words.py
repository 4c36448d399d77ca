"""How findings are put into numbers for sentences: a level that misses its requirement never looks like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.model.sites import BED_CLASSES
from siting.model.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from siting.model.findings import Finding

_FINEST = 9
_SAME = 1e-9
_CLASSES = {
    "general": Text("普通型", "general"),
    "nursing": Text("护理型", "nursing"),
    "dementia": Text("认知障碍照护", "dementia-care"),
}


def share(finding: Finding) -> str:
    """Write a measured share as per cent, to a tenth or as finely as tells it from what is required."""
    return f"{_apart(finding.measured * 100, finding.required * 100)}%"


def asked_share(finding: Finding) -> str:
    """Write a required share as per cent: with the decimals that it has, or as finely as what was measured."""
    asked = finding.required * 100
    few = round(asked, 2)
    return f"{few:g}%" if abs(asked - few) < _SAME else f"{_apart(asked, finding.measured * 100)}%"


def level(finding: Finding) -> str:
    """Write a measured level to a tenth, or as finely as tells it from what is required."""
    return _apart(finding.measured, finding.required)


def _apart(value: float, other: float) -> str:
    """Write a number so that another one, if it differs, would not be written alike."""
    decimals = 1
    differs = abs(value - other) > _SAME * max(1.0, abs(other))
    while (written := f"{value:,.{decimals}f}") == f"{other:,.{decimals}f}" and differs and decimals < _FINEST:
        decimals += 1
    return written


def beds_of(classes: Iterable[str]) -> Text:
    """Name beds by their classes: ``护理型和认知障碍照护床位``; just beds where all classes count."""
    named = [_CLASSES[name] for name in BED_CLASSES if name in set(classes)]
    if len(named) == len(BED_CLASSES):
        return Text("床位", "beds")
    return Text(f"{'和'.join(one.zh for one in named)}床位", f"{' and '.join(one.en for one in named)} beds")
