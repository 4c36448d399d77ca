"""The facts of the hand-made run that no figure is added up from: places, facilities, clauses, inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

CRS = "EPSG:32651"
WEST, NORTH, STEP, SIDE = 120.62, 30.56, 0.0025, 30
PHASES = (2024, 2025)
GROWTH = {2024: 0.96, 2025: 1.0}
EDGES = (1000.0, 3000.0)
LONG_NAME = "长" * 199 + "末"
SCRIPT_NAME = '<script>window.pwned = 1</script><img src=x onerror="window.pwned=2">'
QUOTED_NAME = "静安\"老年'公寓\n二楼 & </div></script><b>粗</b>"
FORMULA_NAME = '=cmd()|"/c calc"!A1'
NASTY_NAMES = (SCRIPT_NAME, QUOTED_NAME, FORMULA_NAME, LONG_NAME)

DISTRICTS = (
    ("N1", "北岸街道", "Beian Street", "北部", (2, 16, 0, 15)),
    ("N2", "东山<镇>", "Dongshan Town", "北部", (16, 30, 0, 15)),
    ("S1", "南湖镇", "Nanhu Town", "南部", (2, 16, 15, 30)),
    ("S2", "新城街道", "Xincheng Street", "南部", (16, 30, 15, 30)),
)
"""id, name, name_en, unit, (first column, end column, first row, end row)."""

SITES: tuple[tuple[Any, ...], ...] = (
    # site, name, column, row, kind, action, year, operator, tenure, beds before (g, n, d), beds after, cost
    ("F1", "银杏护理院", 8, 6, "institution", "keep", 0, "public", "", (40, 60, 0), (40, 60, 0), 0.0),
    ("F2", SCRIPT_NAME, 22, 9, "institution", "expand", 2024, "non_state", "", (50, 0, 0), (50, 90, 0), 7.2e6),
    ("F3", QUOTED_NAME, 11, 21, "institution", "convert", 2025, "non_state", "", (60, 20, 0), (10, 58, 12), 1.1e6),
    ("F4", FORMULA_NAME, 5, 12, "day_care", "close", 2025, "public", "", (0, 0, 0), (0, 0, 0), 0.0),
    ("F5", "东山镇养老服务中心", 20, 5, "town_centre", "keep", 0, "public", "", (10, 20, 0), (10, 20, 0), 0.0),
    ("C1", LONG_NAME, 9, 4, "day_care", "open", 2024, "public", "idle_state_owned", (0, 0, 0), (0, 0, 0), 3.5e5),
    ("C2", "格网 400 m 第 217 号", 22, 22, "day_care", "open", 2025, "public", "leased", (0, 0, 0), (0, 0, 0), 6e5),
    (
        "C3",
        "新城综合养老服务中心",
        21,
        23,
        "institution",
        "open",
        2025,
        "public",
        "new",
        (0, 0, 0),
        (20, 250, 30),
        4.6e7,
    ),
    ("C4", "北岸街道养老服务中心", 9, 8, "town_centre", "open", 2024, "public", "new", (0, 0, 0), (5, 20, 0), 4.1e6),
    ("C5", "南湖镇养老服务中心", 9, 22, "town_centre", "open", 2025, "public", "leased", (0, 0, 0), (5, 15, 0), 3.0e6),
    ("C6", "新城街道养老服务中心", 23, 20, "town_centre", "open", 2025, "public", "new", (0, 0, 0), (5, 20, 0), 4.0e6),
)

COVERAGE = {
    # rule: kinds, metres, minutes, density class, required share, subjects
    "PY-01": (("day_care", "town_centre"), 810.0, 15.0, None, 0.60, "district"),
    "HN-05": (("institution",), 500.0, None, 2, 0.50, "area"),
    "HN-06": (("institution",), 1000.0, None, 1, 0.50, "area"),
}


def _text(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def facts_of_run(cells: pd.DataFrame, sites: gpd.GeoDataFrame, ledger: pd.DataFrame) -> dict[str, Any]:
    inside = cells.loc[cells["district"] >= 0, "persons"].sum()
    last = ledger[(ledger["phase"] == PHASES[-1]) & (ledger["moment"] == "after")]
    by_phase = [float(sites.loc[sites["year"] == phase, "cost"].sum()) for phase in PHASES]
    action = sites["action"]
    return {
        "study": {
            "name": "handmade", "title": _text("四镇养老服务设施布局规划", "Eldercare layout plan of four towns"),
            "notice": _text("虚构数据，仅供演示", "made, not real"), "language": "zh", "crs": CRS,
        },
        "phases": list(PHASES),
        "clauses": _clauses(),
        "overrides": [{"clause": "PY-01", "parameter": "share", "pack": 1.0, "study": 0.6}],
        "parameters": [
            {"key": key, "value": value, "unit": unit, "meaning": _text(zh, en)}
            for key, value, unit, zh, en in (
                ("walk.speed_m_per_s", 0.9, "m/s", "老年人步行速度", "walking speed of elderly people"),
                ("density.radius_m", 500, "m", "密度统计半径", "radius of the density"),
            )
        ],
        "density_edges": list(EDGES),
        "kinds": {
            "institution": {"title": _text("养老机构", "eldercare institution"), "tier": "county"},
            "town_centre": {"title": _text("镇（街道）养老服务中心", "town eldercare centre"), "tier": "town"},
            "day_care": {"title": _text("社区居家养老服务站", "community home-care station"), "tier": "community"},
        },
        "tenures": {
            "idle_state_owned": _text("闲置国有用房", "idle state-owned premises"),
            "leased": _text("租赁", "leased"), "new": _text("新建", "new build"),
        },
        "cost_basis": _text("示例造价，非报价", "example costs, no quotations"),
        "totals": {
            "persons": {str(phase): float(inside * GROWTH[phase]) for phase in PHASES},
            "reachable": {line["rule"]: float(line["reachable"]) for _, line in last.iterrows()},
            "beds_before": int(sites["beds_before"].sum()), "beds_after": int(sites["beds_after"].sum()),
            "cost": sum(by_phase), "cost_by_phase": by_phase, "by_phase": _by_phase(sites, inside),
            "sites_new": int((action == "open").sum()), "sites_expanded": int((action == "expand").sum()),
            "sites_converted": int((action == "convert").sum()), "sites_closed": int((action == "close").sum()),
        },
        "certificate": {
            "status": "gap", "objective": sum(by_phase), "bound": sum(by_phase) * 0.995, "gap": 0.005,
            "solver": "HiGHS", "version": "1.11", "seed": 1, "how": "branch-and-bound",
        },
        "conflicts": [],
        "inputs": [
            {"role": role, "path": path, "sha256": digit * 64, "size_bytes": 9, "crs": "EPSG:4326", "licence": own}
            for role, path, digit, own in (
                ("roads", "demo/roads.osm.pbf", "0", "Apache-2.0"),
                ("population", "demo/pop_60_f.tif", "1", ""),
            )
        ],
        "versions": {"siting": "0.1.0", "python": "3.11"},
        "warnings": [{"source": "facilities.csv:4", "zh": "床位数为 0", "en": "no beds stated"}],
        "configuration": {"study": "handmade"},
        "grid": {
            "crs": "EPSG:4326", "west": WEST, "north": NORTH, "cell_width": STEP, "cell_height": STEP,
            "width": SIDE, "height": SIDE,
        },
        "timings": {"total": 1.0, "finished": "2025-01-01T00:00:00"},
    }  # fmt: skip


def _by_phase(sites: gpd.GeoDataFrame, inside: float) -> list[dict[str, Any]]:
    lines = []
    for phase in PHASES:
        done = sites[(sites["year"] > 0) & (sites["year"] <= phase)]
        closed = (done["action"] == "close").sum()
        counts = {"new": "open", "expanded": "expand", "converted": "convert", "closed": "close"}
        lines.append(
            {
                "phase": phase, "persons": float(inside * GROWTH[phase]), "beds": int(sites[f"beds_{phase}"].sum()),
                "facilities": int(sites["existing"].sum() + (done["action"] == "open").sum() - closed),
                "cost": float(done["cost"].sum()),
                **{f"sites_{word}": int((done["action"] == action).sum()) for word, action in counts.items()},
            }
        )  # fmt: skip
    return lines


def _clauses() -> list[dict[str, Any]]:
    haining = _text("海宁市养老服务设施布局专项规划", "Haining layout plan of eldercare facilities")
    puyang = _text("濮阳市推进基本养老服务体系建设实施方案", "Puyang action plan for basic eldercare")
    share = "share"
    titles = {
        "PY-01": (puyang, "1(2)", share, "district", "15分钟居家养老服务圈", "15-minute home-care circle", 2023),
        "HN-05": (haining, "3(2)2", share, "area", "高密度区500米有机构", "institution within 500 m", None),
        "HN-06": (haining, "3(2)2", share, "area", "中密度区1000米有机构", "institution within 1,000 m", None),
        "HN-03": (haining, "3(2)2", "beds/10k", "unit", "每万老年人口300张床位", "300 beds per 10,000 elderly", None),
        "HN-07": (haining, "3(3)1", share, "area", "护理型床位占比65%", "65 % nursing beds", 2025),
        "HN-01": (haining, "3(1)1", "sites", "district", "每镇一处养老服务中心", "a centre in every town", None),
    }  # fmt: skip
    clauses = []
    for rule, (document, section, unit, subjects, zh, en, deadline) in titles.items():
        reach = COVERAGE.get(rule)
        clauses.append(
            {
                "id": rule, "title": _text(zh, en), "paraphrase": _text(f"{zh}。", f"{en}."), "document": document,
                "number": "〔2021〕1号", "section": section, "issued": "2021-12-01",
                "force": "should" if rule == "HN-01" else "must",
                "kind": "coverage" if reach else "share", "deadline_year": deadline, "unit": unit, "subjects": subjects,
                "coverage": {"kinds": list(reach[0]), "metres": reach[1], "minutes": reach[2]} if reach else None,
            }
        )  # fmt: skip
    return clauses
