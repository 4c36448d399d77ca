"""Plans under scenarios as they could have come out, small enough to work every table out on paper.

Persons short of binding clauses, plans down and scenarios across (costs at the study's own prices, in yuan)::

    plan     cost    base   slow   fast   dear   tight    worst   regret
    base      100       0    400      0     10      50      400      100
    slow      130     150    300      0    150      50      300      150
    fast       80     200    500      0      0      50      500      200
    dear      110     100    300      0    160      50      300      160
    best                0    300      0      0      50

`slow` and `dear` leave 300 persons at worst; the second worst, 150 against 160, decides. `tight` has no plan of its
own, `broken` could not be read. PY-01 and HN-05 bind and cover, HN-03 binds and counts beds, HN-13 does not bind.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from siting.scenarios.compare import Compared

if TYPE_CHECKING:
    from pathlib import Path

STUDY = {
    "name": "paper",
    "title": {"zh": "纸上镇养老设施规划", "en": "Paper town"},
    "notice": {"zh": "手算样例", "en": "worked by hand"},
    "language": "zh",
}
SCENARIOS: dict[str, tuple[str, dict[str, Any]]] = {
    "base": ("", {}),
    "slow": ("speed", {"walk.speed_m_per_s": 0.7}),
    "fast": ("speed", {"walk.speed_m_per_s": 1.1}),
    "dear": ("", {"what_if.costs": {"institution": 1.2}}),
    "tight": ("", {"rules.HN-03.beds": 9000}),
    "broken": ("", {"rules.PY-01.share": 7}),
}
COST = {"base": 100.0, "slow": 130.0, "fast": 80.0, "dear": 110.0}
SHORT = {
    "base": {"base": 0, "slow": 400, "fast": 0, "dear": 10, "tight": 50},
    "slow": {"base": 150, "slow": 300, "fast": 0, "dear": 150, "tight": 50},
    "fast": {"base": 200, "slow": 500, "fast": 0, "dear": 0, "tight": 50},
    "dear": {"base": 100, "slow": 300, "fast": 0, "dear": 160, "tight": 50},
}
COVERED = {"base": (900, 2700), "slow": (950, 2850), "fast": (700, 2100), "dear": (900, 2700)}
"""Persons that plans cover under PY-01, of 1,000, and under HN-05, of 3,000, in every scenario."""
SHARE = {"base": 0.9, "slow": 0.6, "fast": 0.96, "dear": 0.9, "tight": 0.9}
"""Share that the nominal plan covers under PY-01, by scenario; 0.9 is required."""
TOUCHES = {
    "base": {"S1": "open", "S2": "open", "S3": "expand"},
    "slow": {"S1": "open", "S2": "open", "S3": "close", "S4": "open"},
    "fast": {"S1": "open", "S3": "expand"},
    "dear": {"S1": "open", "S2": "open", "S3": "expand"},
}
"""What plans do to which site; S3 is touched by all, but not by all alike. S9 is kept by all."""
NAMED: dict[str, Any] = {
    "clauses": [{"id": "PY-01", "title": {"zh": "十五分钟可达", "en": "within 15 minutes"}}],
    "kinds": {
        "institution": {"title": {"zh": "养老机构", "en": "residential institution"}},
        "day_care": {"title": {"zh": "日间照料站", "en": "day-care station"}},
    },
    "parameters": [{"key": "walk.speed_m_per_s", "meaning": {"zh": "步行速度", "en": "walking speed"}}],
}
"""What a run says of its clauses, kinds and parameters."""
NAMES = {"S1": "旧小学", "S2": "旧粮站", "S3": "=北街养老院", "S4": "旧影院", "S9": "镇敬老院"}


def by_hand(folder: Path) -> Compared:
    """Write what is read from folders, and return the rest."""
    scenarios: dict[str, dict[str, Any]] = {}
    for name, (group, changes) in SCENARIOS.items():
        scenarios[name] = {"group": group, "changes": changes}
        if name != "broken":
            place = folder / "scenarios" / name
            place.mkdir(parents=True)
            _write(place, TOUCHES.get(name, {}))
            scenarios[name] |= {"run": _run(name), "folder": place}
    audits = {name: [_audit(plan, name) for plan in COST] for name in SHARE}
    groups = {"speed": ["slow", "fast"]}
    return Compared(STUDY, scenarios, {"broken": "study.yaml rules.PY-01.share: 7 is more than 1"}, audits, groups)


def drawn(folder: Path) -> Compared:
    """Five draws of speed and persons; the nominal plan's shares follow the speed in all but the order of two."""
    speeds = [0.7, 0.8, 0.9, 1.0, 1.1]
    shares = [0.6, 0.8, 0.7, 0.9, 0.95]
    found = by_hand(folder)
    names = [f"draw-{number:02d}" for number in range(1, 6)]
    scenarios = {"base": found.scenarios["base"]}
    audits = {"base": [_audit("base", "base")]}
    for number, name in enumerate(names):
        run = _run("base") | {"totals": _run("base")["totals"] | {"persons": {"2025": 10_000.0 - number}}}
        changes = {"walk.speed_m_per_s": speeds[number], "what_if.draw": {"seed": f"1/{number}"}}
        scenarios[name] = {"group": "draw", "changes": changes, "run": run, "folder": scenarios["base"]["folder"]}
        audits[name] = [_audit("base", "base") | {"clauses": [_clause("PY-01", measured=shares[number])]}]
    return Compared(STUDY, scenarios, {}, audits, {"draw": names})


def _write(place: Path, touches: dict[str, str]) -> None:
    """Write a plan and the outlines of two districts as a scenario's folder has them."""
    rows = [
        {
            "site": site,
            "name": f"'{name}" if name.startswith("=") else name,
            "existing": site in {"S3", "S9"},
            "kind": "institution" if site == "S3" else "day_care",
            "action": touches.get(site, "keep"),
            "module": "",
            "district": "W",
            "district_name": "西街道",
            "beds_after": 20,
            "cost": 25.0,
            "lon": 120.70 + 0.001 * int(site[1:]),
            "lat": 30.51,
        }
        for site, name in NAMES.items()
        if site in touches or site == "S9"
    ]
    pd.DataFrame(rows).to_csv(place / "plan.csv", index=False, encoding="utf-8-sig")
    corners = [[[120.70 + x, 30.50 + y] for x, y in ((0, 0), (0.01, 0), (0.01, 0.015), (0, 0.015), (0, 0))]]
    feature = {
        "type": "Feature",
        "properties": {"id": "W", "name": "西街道", "name_en": "West"},
        "geometry": {"type": "Polygon", "coordinates": corners},
    }
    told = {"type": "FeatureCollection", "features": [feature]}
    place.joinpath("districts.geojson").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def _run(name: str) -> dict[str, Any]:
    """What a scenario's ``run.json`` holds that is read here; prices differ in `dear` only."""
    cost = {"dear": 126.0}.get(name, COST.get(name))
    totals: dict[str, Any] = {"persons": {"2023": 9_000.0, "2025": 10_000.0}, "cost": cost, "beds_after": 60}
    actions = list(TOUCHES.get(name, {}).values())
    for key, action in (("new", "open"), ("expanded", "expand"), ("converted", "convert"), ("closed", "close")):
        totals[f"sites_{key}"] = actions.count(action)
    proof = {"status": "gap", "bound": 0.99 * cost, "gap": 0.01} if cost is not None else None
    proof = proof or {"status": "infeasible", "bound": None, "gap": None}
    return {"study": STUDY, "phases": [2023, 2025], "totals": totals, "certificate": proof} | NAMED


def _audit(plan: str, scenario: str) -> dict[str, Any]:
    """What a plan is worth in a scenario: two thirds of its shortfall under PY-01, the rest under HN-03."""
    short, covered = SHORT[plan][scenario], COVERED[plan]
    return {
        "plan": plan,
        "cost": COST[plan] + (26.0 if scenario == "dear" and plan == "dear" else 0.0),
        "lost": ["S2"] if (plan, scenario) == ("base", "tight") else [],
        "clauses": [
            _clause("PY-01", measured=SHARE[scenario], short=short * 2 / 3, covered=covered[0], demand=1000.0),
            _clause("HN-05", measured=0.9, covered=covered[1], demand=3000.0),
            _clause("HN-03", measured=60.0, required=50.0, short=short / 3),
            _clause("HN-13", must=False, measured=0.5, short=9999.0, covered=1, demand=3000.0),
            _clause("HN-22", measured=None, required=None),
        ],
    }


def _clause(name: str, **told: Any) -> dict[str, Any]:  # noqa: ANN401 - numbers, or none
    """One clause of an audit."""
    short = told.get("short", 0.0)
    usual = {"must": True, "subjects": 1, "measured": 0.9, "required": 0.9, "covered": None, "demand": None}
    return {"clause": name} | usual | told | {"short": int(short > 0), "persons_short": short}
