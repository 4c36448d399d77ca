"""Which figures a run has, under which names and titles: known before any is drawn, so that reports can cite them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from siting.present.plain import number

if TYPE_CHECKING:
    from siting.present.teller import Teller


def slug(rule: str) -> str:
    """Return a clause's id as part of a file name: letters, digits, hyphen and underscore only."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", rule)


def district_rules(teller: Teller) -> list[str]:
    """Return the clauses that say something of districts, in the order of the run."""
    districts = teller.results.districts
    return [
        rule
        for rule in teller.clauses
        if f"{rule}_before" in districts and any(value == value for value in map(number, districts[f"{rule}_before"]))  # noqa: PLR0124 - not NaN
    ]


def by_name(teller: Teller) -> dict[str, tuple[str, str]]:
    """Return what each figure shows: name of the figure to (kind of drawing, clause or empty)."""
    shown = {"present": ("present", ""), "density": ("density", "")}
    shown |= {f"coverage_{slug(rule)}": ("coverage", rule) for rule in teller.coverage_rules}
    if teller.has_plan:
        shown["layout"] = ("layout", "")
    return shown | {f"district_{slug(rule)}": ("district", rule) for rule in district_rules(teller)}


def titles(teller: Teller) -> dict[str, str]:
    """Return the title of each figure, by name, in the order in which the report shows them."""
    two = teller.two
    moments = two("现状与规划后", "today and after the plan") if teller.has_plan else two("现状", "today")
    fixed = {
        "present": two("养老服务设施现状", "Eldercare facilities today"),
        "density": two("老年人口密度分区", "Density of elderly persons"),
        "layout": two("养老服务设施分期布局", "Layout of eldercare facilities by phase"),
    }
    result = {}
    for name, (drawing, rule) in by_name(teller).items():
        if drawing in fixed:
            result[name] = fixed[drawing]
            continue
        what = two("服务覆盖", "coverage") if drawing == "coverage" else two("分镇（街道）达标", "by district")
        title = f"{rule} {teller.clause_title(rule)}"
        result[name] = two(f"{title}：{what}（{moments}）", f"{title}: {what} ({moments})")
    return result
