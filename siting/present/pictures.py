"""Which figures a run has, under which names and titles: known before any is drawn, so that reports can cite them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from siting.present.plain import number

if TYPE_CHECKING:
    from siting.present.teller import Teller


CENTRE = "_centre"
"""Ends the names of figures that look closer at the centre."""


_ABOUT = {
    "coverage": ("服务覆盖", "coverage"),
    "circles": ("步行服务圈", "walking circles"),
    "district": ("分镇（街道）达标", "by district"),
}


class Shown(NamedTuple):
    """What a figure shows: the kind of drawing, the clause it is about, and whether it looks closer at the centre."""

    drawing: str
    rule: str = ""
    centre: bool = False


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


def by_name(teller: Teller) -> dict[str, Shown]:
    """Return what each figure shows, in the order in which the report prints them."""
    whole = {"density": Shown("density"), "present": Shown("present")}
    whole |= {f"coverage_{slug(rule)}": Shown("coverage", rule) for rule in teller.coverage_rules}
    circled = set(teller.results.isochrones["rule"])
    whole |= {f"circles_{slug(rule)}": Shown("circles", rule) for rule in teller.coverage_rules if rule in circled}
    if teller.has_plan:
        whole["layout"] = Shown("layout")
    whole |= {f"district_{slug(rule)}": Shown("district", rule) for rule in district_rules(teller)}
    if teller.centre is None:
        return whole
    result = {}
    for name, shown in whole.items():
        result[name] = shown
        result[f"{name}{CENTRE}"] = shown._replace(centre=True)
    return result


def titles(teller: Teller) -> dict[str, str]:
    """Return the title of each figure, by name."""
    two = teller.two
    moments = two("现状与规划后", "today and after the plan") if teller.has_plan else two("现状", "today")
    fixed = {
        "present": two("养老服务设施现状", "Eldercare facilities today"),
        "density": two("老年人口密度分区", "Density of elderly persons"),
        "layout": two("养老服务设施分期布局", "Layout of eldercare facilities by phase"),
    }
    result = {}
    for name, shown in by_name(teller).items():
        title = fixed.get(shown.drawing, "")
        if not title:
            what = two(*_ABOUT[shown.drawing])
            clause = f"{shown.rule} {teller.clause_title(shown.rule)}"
            title = two(f"{clause}：{what}（{moments}）", f"{clause}: {what} ({moments})")
        result[name] = title + (two("——中心区", ", centre") if shown.centre else "")
    return result
