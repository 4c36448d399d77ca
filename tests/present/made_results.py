"""A small complete run, made by hand: what a run folder would say of four towns on a river.

::

        120.62°E                                120.695°E
    30.56°N +--+------------------+-----------------+
            |  | 北岸街道 N1      | 东山镇 N2   no  |     unit 北部 (north): N1, N2
      out-  |  |    ● old town    |           road  |     unit 南部 (south): S1, S2
      side  |  +~~~~~~~~ river ~~~+~~~~~~~~~~~~~~~~~+
            |  | 南湖镇 S1        | 新城街道 S2     |     columns 0 and 1 lie outside every district
            |  | island: other    |     ● new town  |
    30.485° +--+------------------+-----------------+     30 × 30 cells of 0.0025° (about 240 m × 277 m)

Distances are as the crow flies, standing in for the network; every figure is then added up from the cells, so that
findings, ledger, districts and sites agree with each other as those of a real run do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from made_facts import COVERAGE, CRS, DISTRICTS, EDGES, GROWTH, NORTH, PHASES, SIDE, SITES, STEP, WEST, facts_of_run
from pyproj import Transformer

from siting.present.results import (
    COVERED,
    NO_ROAD,
    NOT_CONCERNED,
    OTHER_COMPONENT,
    UNCOVERED,
    Results,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def make_results() -> Results:
    """Build the run, with its plan."""
    cells = _cells()
    sites = _sites(cells)
    ledger = _ledger(cells, sites)
    findings = _findings(cells, sites)
    districts = _districts(cells, sites, findings)
    for rule in COVERAGE:
        cells[f"before_{rule}"] = _codes(cells, sites, rule, None)
        cells[f"after_{rule}"] = _codes(cells, sites, rule, PHASES[-1])
        cells[f"{PHASES[0]}_{rule}"] = _codes(cells, sites, rule, PHASES[0])
    for phase in PHASES:
        sites[f"beds_{phase}"] = _beds(sites, phase, "beds")
    sites["persons_nearest"] = _nearest(cells, sites)[1]
    return Results(
        run=facts_of_run(cells, sites, ledger),
        findings=findings,
        ledger=ledger,
        districts=districts,
        sites=sites,
        isochrones=_isochrones(sites),
        catchments=_catchments(cells, sites),
        roads=_roads(),
        water=_water(),
        cells=cells.drop(columns=["x", "y"]),
        by_district=_by_district(cells, sites, findings),
        spots=_spots(cells),
        links=_links(sites),
    )


def audit_only(results: Results, *, infeasible: bool = False) -> Results:
    """Take the plan out of a run: what an audit of the present situation leaves, or a proof that no plan exists."""
    run = dict(results.run)
    run["certificate"] = None
    run["totals"] = {
        **run["totals"],
        **dict.fromkeys(("beds_after", "cost"), None),
        "cost_by_phase": [],
        "by_phase": [],
        **dict.fromkeys(("sites_new", "sites_expanded", "sites_converted", "sites_closed"), 0),
    }
    if infeasible:
        keys = ("objective", "bound", "gap")
        run["certificate"] = {**results.run["certificate"], "status": "infeasible", **dict.fromkeys(keys)}
        run["conflicts"] = [
            {"clause": "PY-01", "subject": "N2", "subject_name": "东山<镇>", "phase": 2025, "required": 0.99,
             "best": 0.8, "with_others": 0.75, "unit": "share", "group": 0, "needed": True},
            {"clause": "HN-07", "subject": "", "subject_name": "全域", "phase": 2025, "required": 0.65,
             "best": 0.61, "with_others": None, "unit": "share", "group": 0, "needed": True},
        ]  # fmt: skip
        run["relaxations"] = [
            {"clause": "PY-01", "subject": "N2", "subject_name": "东山<镇>", "phase": 2025, "required": 0.99,
             "to": 0.75, "unit": "share", "share": 0.242424},
        ]  # fmt: skip
    findings = results.findings.assign(after=np.nan, status="", persons_short=np.nan)
    districts = results.districts.assign(
        cost=np.nan,
        **{name: np.nan for name in results.districts if name.endswith("_after")},
        **{name: "" for name in results.districts if name.endswith("_status")},
    )  # fmt: skip
    sites = results.sites[results.sites["existing"]].copy()
    sites = sites.assign(action="keep", year=0, cost=0.0)
    for name in ("general", "nursing", "dementia", "beds"):
        sites[f"{name}_after"] = sites[f"{name}_before"]
    return Results(
        run=run,
        findings=findings,
        ledger=results.ledger[results.ledger["moment"] == "before"].reset_index(drop=True),
        districts=districts,
        sites=sites.reset_index(drop=True),
        isochrones=results.isochrones[results.isochrones["moment"] == "before"].reset_index(drop=True),
        catchments=results.catchments.iloc[:0],
        roads=results.roads,
        water=results.water,
        cells=results.cells.drop(columns=[name for name in results.cells if name.startswith(("after_", "20"))]),
        by_district=results.by_district.assign(
            after=np.nan, status="", **{name: np.nan for name in results.by_district if name.endswith("_after")}
        ),
        spots=results.spots[results.spots["stage"] == "before"].reset_index(drop=True),
        links=results.links,
    )


def _plane(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    projected: tuple[np.ndarray, np.ndarray] = Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(
        lon, lat
    )
    return projected


def _lonlat(column: ArrayLike, row: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude of a cell's centre."""
    return WEST + (np.asarray(column) + 0.5) * STEP, NORTH - (np.asarray(row) + 0.5) * STEP


def _cells() -> pd.DataFrame:
    row, column = (axis.ravel() for axis in np.mgrid[0:SIDE, 0:SIDE])
    persons = 3.0 + 260.0 * np.exp(-((row - 6) ** 2 + (column - 9) ** 2) / 14)
    persons += 190.0 * np.exp(-((row - 22) ** 2 + (column - 22) ** 2) / 22)
    district = np.full(len(row), -1)
    for number, (*_, (left, right, top, bottom)) in enumerate(DISTRICTS):
        district[(column >= left) & (column < right) & (row >= top) & (row < bottom)] = number
    x, y = _plane(*_lonlat(column, row))
    near = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :]) <= 500.0
    density = near @ persons / (np.pi * 0.5**2)
    return pd.DataFrame(
        {
            "row": row, "column": column, "district": district, "persons": persons, "density_per_km2": density,
            "density_class": np.searchsorted(EDGES, density, side="left"), "x": x, "y": y,
        }
    )  # fmt: skip


def _sites(cells: pd.DataFrame) -> gpd.GeoDataFrame:
    records = []
    for site, name, column, row, kind, action, year, operator, tenure, before, after, cost in SITES:
        district = int(cells.loc[(cells["row"] == row) & (cells["column"] == column), "district"].iloc[0])
        lon, lat = _lonlat(column, row)
        record = {
            "site": site, "name": name, "existing": site.startswith("F"), "kind": kind, "action": action, "year": year,
            "kind_before": kind if site.startswith("F") else "",
            "operator": operator, "tenure": tenure, "module": "m1" if action == "open" else "",
            "district": DISTRICTS[district][0], "district_name": DISTRICTS[district][1], "unit": DISTRICTS[district][3],
        }  # fmt: skip
        for moment, beds in (("before", before), ("after", after)):
            record |= {f"{name}_{moment}": n for name, n in zip(("general", "nursing", "dementia"), beds, strict=True)}
            record[f"beds_{moment}"] = sum(beds)
        clauses = {"institution": "HN-05;HN-06;HN-07;HN-03", "day_care": "PY-01", "town_centre": "PY-01;HN-01"}
        record |= {
            "cost": cost, "floor_area_m2": 300.0, "persons_nearest": 0.0, "clauses": clauses[kind],
            "lon": float(lon), "lat": float(lat),
            "origin": f"facilities.csv:{len(records) + 2}" if site.startswith("F") else "grid 400 m",
        }  # fmt: skip
        records.append(record)
    table = pd.DataFrame(records)
    x, y = _plane(table["lon"].to_numpy(), table["lat"].to_numpy())
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(x, y), crs=CRS)


def _open(sites: gpd.GeoDataFrame, phase: int | None) -> np.ndarray:
    """Which rows are working facilities in a phase (None: today)."""
    if phase is None:
        return sites["existing"].to_numpy()
    begun = sites["year"].to_numpy() <= phase
    action = sites["action"].to_numpy()
    return np.where(sites["existing"], ~((action == "close") & begun), begun)


def _codes(cells: pd.DataFrame, sites: gpd.GeoDataFrame, rule: str, phase: int | None) -> np.ndarray:
    kinds, metres, _, density_class, *_ = COVERAGE[rule]
    used = sites[_open(sites, phase) & sites["kind"].isin(kinds)]
    away = np.hypot(
        cells["x"].to_numpy()[:, None] - used.geometry.x.to_numpy(),
        cells["y"].to_numpy()[:, None] - used.geometry.y.to_numpy(),
    )
    codes = np.where((away <= metres).any(axis=1), COVERED, UNCOVERED)
    row, column = cells["row"], cells["column"]
    codes[row.between(26, 28) & column.between(2, 4)] = OTHER_COMPONENT
    codes[(row < 4) & (column > 25)] = NO_ROAD
    concerned = cells["district"].to_numpy() >= 0
    if density_class is not None:
        concerned &= cells["density_class"].to_numpy() == density_class
    codes[~concerned] = NOT_CONCERNED
    return codes


def _ledger(cells: pd.DataFrame, sites: gpd.GeoDataFrame) -> pd.DataFrame:
    lines = []
    for rule in COVERAGE:
        for phase in PHASES:
            persons = cells["persons"].to_numpy() * GROWTH[phase]
            outside = persons[cells["district"] < 0].sum()
            for moment, used in (("before", None), ("after", phase)):
                codes = _codes(cells, sites, rule, used)
                sums = {code: persons[codes == code].sum() for code in range(5)}
                lines.append(
                    {
                        "rule": rule, "phase": phase, "moment": moment, "covered": sums[COVERED],
                        "uncovered": sums[UNCOVERED], "other_component": sums[OTHER_COMPONENT],
                        "no_road": sums[NO_ROAD], "demand": sum(sums[code] for code in range(1, 5)),
                        "not_concerned": sums[NOT_CONCERNED] - outside, "outside_districts": outside,
                        "raster_total": persons.sum(), "reachable": sums[COVERED] + sums[UNCOVERED],
                    }
                )  # fmt: skip
    return pd.DataFrame(lines)


def _findings(cells: pd.DataFrame, sites: gpd.GeoDataFrame) -> pd.DataFrame:
    lines: list[dict[str, Any]] = []
    for phase in PHASES:
        for rule, (*_, required, subjects) in COVERAGE.items():
            lines += [
                _coverage_line(cells, sites, rule, phase, subject, required) for subject in _subjects(subjects, cells)
            ]
        for unit in _subjects("unit", cells):
            inside = [d[0] for d in DISTRICTS if d[3] == unit[1]]
            lines.append(_beds_line(sites, phase, unit, inside, GROWTH[phase] * cells["persons"][unit[3]].sum()))
        area = _subjects("area", cells)[0]
        lines.append(_nursing_line(sites, phase, area, GROWTH[phase] * cells["persons"][area[3]].sum()))
        for district in _subjects("district", cells):
            persons = GROWTH[phase] * cells["persons"][district[3]].sum()
            lines.append(_presence_line(sites, phase, district, persons))
    table = pd.DataFrame(lines)
    return table.sort_values(["rule", "phase"], kind="stable", ignore_index=True)


def _subjects(kind: str, cells: pd.DataFrame) -> list[tuple[str, str, str, np.ndarray]]:
    """Kind, id, name and which cells belong."""
    district = cells["district"].to_numpy()
    if kind == "area":
        return [("area", "", "全域", district >= 0)]
    if kind == "district":
        return [("district", d[0], d[1], district == number) for number, d in enumerate(DISTRICTS)]
    return [
        ("unit", unit, unit, np.isin(district, [n for n, d in enumerate(DISTRICTS) if d[3] == unit]))
        for unit in ("北部", "南部")
    ]


def _line(
    rule: str, phase: int, subject: tuple[Any, ...], measured: tuple[float, float], asked: tuple[float, str, float]
) -> dict[str, Any]:
    """One finding; `asked` is what is required, in which unit, and the persons it is about."""
    (before, after), (required, unit, persons) = measured, asked

    def status(value: float) -> str:
        if np.isnan(value):
            return "not_applicable"
        short = "not_yet_due" if rule == "HN-07" and phase < 2025 else "short"
        return "met" if value >= required - 1e-9 else short

    def short(value: float) -> float:
        if np.isnan(value) or value >= required:
            return 0.0
        return (required - value) * persons if unit == "share" and rule in COVERAGE else persons

    sentence = (
        f"{subject[2]}：现状 {before:.3g}，规划后 {after:.3g}，要求 ≥ {required:g}（{unit}）",
        f"{subject[2]}: {before:.3g} today, {after:.3g} after the plan, required ≥ {required:g} ({unit})",
    )
    return {
        "rule": rule, "subject_kind": subject[0], "subject": subject[1], "subject_name": subject[2], "phase": phase,
        "before": before, "after": after, "required": required, "unit": unit, "sense": ">=",
        "status_before": status(before), "status": status(after), "persons": persons,
        "persons_short_before": short(before), "persons_short": short(after),
        "sentence_zh": sentence[0], "sentence_en": sentence[1],
    }  # fmt: skip


def _coverage_line(
    cells: pd.DataFrame, sites: gpd.GeoDataFrame, rule: str, phase: int, subject: tuple[Any, ...], required: float
) -> dict[str, Any]:
    persons = cells["persons"].to_numpy() * GROWTH[phase]
    shares, demand = [], 0.0
    for used in (None, phase):
        codes = np.where(subject[3], _codes(cells, sites, rule, used), NOT_CONCERNED)
        demand = persons[codes != NOT_CONCERNED].sum()
        shares.append(persons[codes == COVERED].sum() / demand if demand else np.nan)
    return _line(rule, phase, subject, (shares[0], shares[1]), (required, "share", demand))


def _beds(sites: gpd.GeoDataFrame, phase: int | None, column: str) -> pd.Series:
    """Beds of each row in a phase: those after the plan once its year has come."""
    changed = (sites["year"] <= phase) & (sites["action"] != "keep") if phase is not None else False
    beds = sites[f"{column}_before"].where(~pd.Series(changed, index=sites.index), sites[f"{column}_after"])
    return beds.where(_open(sites, phase), 0)


def _beds_line(
    sites: gpd.GeoDataFrame, phase: int, unit: tuple[Any, ...], inside: list[str], persons: float
) -> dict[str, Any]:
    here = sites["district"].isin(inside)
    measured = tuple(_beds(sites, used, "beds")[here].sum() / persons * 1e4 for used in (None, phase))
    return _line("HN-03", phase, unit, (measured[0], measured[1]), (300.0, "beds/10k", persons))


def _nursing_line(sites: gpd.GeoDataFrame, phase: int, area: tuple[Any, ...], persons: float) -> dict[str, Any]:
    here = sites["kind"] == "institution"
    measured = []
    for used in (None, phase):
        nursing = (_beds(sites, used, "nursing") + _beds(sites, used, "dementia"))[here].sum()
        measured.append(nursing / _beds(sites, used, "beds")[here].sum())
    return _line("HN-07", phase, area, (measured[0], measured[1]), (0.65, "share", persons))


def _presence_line(sites: gpd.GeoDataFrame, phase: int, district: tuple[Any, ...], persons: float) -> dict[str, Any]:
    here = (sites["district"] == district[1]) & (sites["kind"] == "town_centre")
    measured = tuple(float((here & _open(sites, used)).sum()) for used in (None, phase))
    return _line("HN-01", phase, district, (measured[0], measured[1]), (1.0, "sites", persons))


def _districts(cells: pd.DataFrame, sites: gpd.GeoDataFrame, findings: pd.DataFrame) -> gpd.GeoDataFrame:
    records = []
    last = findings[findings["phase"] == PHASES[-1]]
    for number, (identity, name, name_en, unit, (left, right, top, bottom)) in enumerate(DISTRICTS):
        here = sites["district"] == identity
        record: dict[str, Any] = {"id": identity, "name": name, "name_en": name_en, "unit": unit}
        persons = cells.loc[cells["district"] == number, "persons"].sum()
        record |= {f"persons_{phase}": persons * GROWTH[phase] for phase in PHASES}
        for moment, phase in (("before", None), ("after", PHASES[-1])):
            record[f"facilities_{moment}"] = int((here & _open(sites, phase)).sum())
            record[f"beds_{moment}"] = int(_beds(sites, phase, "beds")[here].sum())
        record["cost"] = float(sites.loc[here, "cost"].sum())
        for rule, lines in last.groupby("rule"):
            wanted = {"district": identity, "unit": unit}.get(lines["subject_kind"].iloc[0])
            line = lines[lines["subject"] == wanted] if wanted else lines.iloc[:0]
            for name_out, name_in in (("before", "before"), ("after", "after"), ("required", "required")):
                record[f"{rule}_{name_out}"] = line[name_in].iloc[0] if len(line) else np.nan
            record[f"{rule}_status"] = line["status"].iloc[0] if len(line) else ""
        bounds = (WEST + left * STEP, NORTH - bottom * STEP, WEST + right * STEP, NORTH - top * STEP)
        record["geometry"] = shapely.segmentize(shapely.box(*bounds), STEP * 5)
        records.append(record)
    table = gpd.GeoDataFrame(records, crs="EPSG:4326").to_crs(CRS)
    table.insert(4, "area_km2", table.geometry.area / 1e6)
    return table


def _by_district(cells: pd.DataFrame, sites: gpd.GeoDataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Findings on districts and on their units; the persons of coverage clauses counted cell by cell."""
    names = ("covered", "uncovered", "other_component", "no_road")
    keep = ["rule", "phase", "before", "after", "required", "unit", "sense", "status_before", "status"]
    lines = []
    for number, (identity, _, _, unit, _) in enumerate(DISTRICTS):
        here = findings[findings["subject"].isin([identity, unit])]
        for line in here[keep].to_dict("records"):
            record = {**line, "district": identity}
            for moment, phase in (("before", None), ("after", line["phase"])):
                if line["rule"] not in COVERAGE:
                    continue
                codes = np.where(cells["district"] == number, _codes(cells, sites, line["rule"], phase), NOT_CONCERNED)
                persons = cells["persons"].to_numpy() * GROWTH[line["phase"]]
                sums = {name: persons[codes == code].sum() for code, name in enumerate(names, start=1)}
                everybody = persons[cells["district"] == number].sum()
                sums |= {"demand": sum(sums.values()), "reachable": sums["covered"] + sums["uncovered"]}
                sums["not_concerned"] = everybody - sums["demand"]
                record |= {f"{name}_{moment}": value for name, value in sums.items()}
            lines.append(record)
    return pd.DataFrame(lines)


def _spots(cells: pd.DataFrame) -> gpd.GeoDataFrame:
    """The two fullest cells that each clause leaves out, at every stage."""
    records = []
    for rule, (_, metres, *_) in COVERAGE.items():
        for stage, column in (("before", "before"), (str(PHASES[0]), str(PHASES[0])), ("after", "after")):
            left = cells[cells[f"{column}_{rule}"] >= UNCOVERED].nlargest(2, "persons")
            for rank, cell in enumerate(left.itertuples(), start=1):
                lon, lat = _lonlat(cell.column, cell.row)
                records.append(
                    {"rule": rule, "stage": stage, "rank": rank, "persons": cell.persons, "radius_m": metres,
                     "district": DISTRICTS[cell.district][0], "lon": float(lon), "lat": float(lat)}
                )  # fmt: skip
    table = pd.DataFrame(records)
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(*_plane(table["lon"], table["lat"])), crs=CRS)


def _links(sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Every station with the first centre of its district, where there is one."""
    records, shapes = [], []
    centres = sites[sites["kind"] == "town_centre"].drop_duplicates("district").set_index("district")
    for place, child in sites[(sites["kind"] == "day_care") & (sites["action"] != "close")].iterrows():
        if child["district"] in centres.index:
            parent = centres.loc[child["district"]]
            shape = shapely.LineString([sites.geometry.iloc[place], parent.geometry])
            records.append((child["site"], parent["site"], "day_care", "town_centre", shape.length))
            shapes.append(shape)
    columns = ["child", "parent", "kind", "parent_kind", "straight_m"]
    return gpd.GeoDataFrame(pd.DataFrame(records, columns=columns), geometry=shapes, crs=CRS)


def _isochrones(sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    records = []
    for rule, (kinds, metres, minutes, *_) in COVERAGE.items():
        for moment, phase in (("before", None), ("after", PHASES[-1])):
            used = sites[_open(sites, phase) & sites["kind"].isin(kinds)]
            rings = ((metres / 3, 5.0), (metres / 1.5, 10.0), (metres, 15.0)) if minutes else ((metres, np.nan),)
            for reach, minute in rings:
                shape = shapely.union_all(used.geometry.buffer(reach).to_numpy())
                records.append({"rule": rule, "moment": moment, "metres": reach, "minutes": minute, "geometry": shape})
    return gpd.GeoDataFrame(records, crs=CRS)


def _nearest(cells: pd.DataFrame, sites: gpd.GeoDataFrame) -> tuple[list[tuple[str, np.ndarray]], np.ndarray]:
    """For each kind its cells' nearest open site (−1: none within reach), and the persons of each site."""
    persons = np.zeros(len(sites))
    chosen = []
    for kind in dict.fromkeys(sites["kind"]):
        rows = np.flatnonzero(_open(sites, PHASES[-1]) & (sites["kind"] == kind))
        away = np.hypot(
            cells["x"].to_numpy()[:, None] - sites.geometry.x.to_numpy()[rows],
            cells["y"].to_numpy()[:, None] - sites.geometry.y.to_numpy()[rows],
        )
        reach = max(metres for kinds, metres, *_ in COVERAGE.values() if kind in kinds)
        nearest = np.where((away.min(axis=1) <= reach) & (cells["district"] >= 0), rows[away.argmin(axis=1)], -1)
        np.add.at(persons, nearest[nearest >= 0], cells["persons"].to_numpy()[nearest >= 0])
        chosen.append((kind, nearest))
    return chosen, persons


def _catchments(cells: pd.DataFrame, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    chosen, persons = _nearest(cells, sites)
    records = []
    for kind, nearest in chosen:
        for row in np.unique(nearest[nearest >= 0]):
            own = cells[nearest == row]
            west, north = WEST + own["column"] * STEP, NORTH - own["row"] * STEP
            boxes = shapely.box(west, north - STEP, west + STEP, north)
            shape = shapely.union_all(np.asarray(boxes), grid_size=1e-7)
            records.append({"site": sites["site"].iloc[row], "kind": kind, "persons": persons[row], "geometry": shape})
    return gpd.GeoDataFrame(records, crs="EPSG:4326").to_crs(CRS)


def _roads() -> gpd.GeoDataFrame:
    """Two main roads, a few middle ones, and minor ones in between: slightly bent, as roads are."""
    records = []
    for number in range(1, SIDE, 2):
        level = 1 if number in (9, 21) else 2 if number % 6 == 3 else 3
        name = ("primary", "secondary", "residential")[level - 1]
        along = np.linspace(0, SIDE, 40)
        bend = number + 0.6 * np.sin(along / 4 + number)
        for column, row in ((along, bend), (bend, along)):
            line = shapely.LineString(np.column_stack((WEST + column * STEP, NORTH - row * STEP)))
            records.append({"road_class": name, "level": level, "geometry": line})
    return gpd.GeoDataFrame(records, crs="EPSG:4326").to_crs(CRS)


def _water() -> gpd.GeoDataFrame:
    along = np.linspace(0, SIDE, 60)
    middle = 15 + 0.9 * np.sin(along / 3)
    river = shapely.LineString(np.column_stack((WEST + along * STEP, NORTH - middle * STEP)))
    pond = shapely.Point(*_lonlat(13, 26)).buffer(STEP * 1.8)
    table = gpd.GeoDataFrame(geometry=[river.buffer(STEP * 0.45), pond], crs="EPSG:4326")
    return table.to_crs(CRS)
