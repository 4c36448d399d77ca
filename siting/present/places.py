"""Layers of a run folder: sites, districts, service areas, catchments, roads, water and cells of a finished study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from siting.model.access import RoadState, nearest_of
from siting.model.sites import BED_CLASSES, Action
from siting.present.phases import beds_by_year, standing_by_year

if TYPE_CHECKING:
    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.places import Districts, Zones
    from siting.model.plan import Study
    from siting.model.problem import State

_LEVELS = {1: ("motorway", "trunk", "primary"), 2: ("secondary", "tertiary")}
_MINOR = 3


def final_state(study: Study) -> State:
    """Return the plan's state, or today's where there is no plan."""
    if study.plan is not None and study.plan.state is not None:
        return study.plan.state
    return study.problem.existing_state()


def site_table(study: Study) -> gpd.GeoDataFrame:
    """List existing facilities and those that the plan opens, as `Results.sites` says."""
    problem, state = study.problem, final_state(study)
    sites, options = problem.sites, problem.options
    chosen = np.flatnonzero(state.open[-1])
    site = options.site[chosen]
    action = [options.action[o] for o in chosen]
    before = np.where(sites.existing[site][:, None], sites.beds[site], 0)
    after = state.beds[-1][chosen]
    cost = options.fixed_cost[chosen] + ((after - options.base_beds[chosen]) * options.cost_per_bed[chosen]).sum(axis=1)
    to_lonlat = Transformer.from_crs(study.raw.crs, "EPSG:4326", always_xy=True)
    lon, lat = to_lonlat.transform(sites.x_m[site], sites.y_m[site])
    names, units = _with_outside(problem.districts.name), _with_outside(problem.districts.unit)
    table = pd.DataFrame(
        {
            "site": [sites.id[s] for s in site],
            "name": [sites.name[s] for s in site],
            "existing": sites.existing[site],
            "kind": [options.kind[o] for o in chosen],
            "kind_before": [sites.kind[s] for s in site],
            "action": [str(item) for item in action],
            "year": [
                0 if item is Action.KEEP else _first_year(study, state, int(o))
                for item, o in zip(action, chosen, strict=True)
            ],
            "operator": [options.operator[o] for o in chosen],
            "tenure": [sites.tenure[s] for s in site],
            "module": [options.module[o] for o in chosen],
            "district": [_with_outside(problem.districts.id)[d] for d in sites.district[site]],
            "district_name": [names[d] for d in sites.district[site]],
            "unit": [units[d] for d in sites.district[site]],
            **{f"{name}_before": before[:, c] for c, name in enumerate(BED_CLASSES)},
            "beds_before": before.sum(axis=1),
            **{f"{name}_after": after[:, c] for c, name in enumerate(BED_CLASSES)},
            "beds_after": after.sum(axis=1),
            **beds_by_year(study, state, site),
            "cost": np.where([item is Action.KEEP for item in action], 0.0, cost),
            "floor_area_m2": options.floor_area_m2[chosen],
            "persons_nearest": _persons_nearest(study, state, chosen),
            "clauses": [_clauses_of(study, options.kind[o], options.operator[o]) for o in chosen],
            "lon": np.round(lon, 6),
            "lat": np.round(lat, 6),
            "origin": [sites.origin[s] for s in site],
        }
    )
    points = shapely.points(sites.x_m[site], sites.y_m[site])
    return gpd.GeoDataFrame(table, geometry=points, crs=study.raw.crs)


def _with_outside(column: tuple[str, ...]) -> tuple[str, ...]:
    """Let index −1 (outside every district) find an empty word."""
    return (*column, "")


def _first_year(study: Study, state: State, option: int) -> int:
    """Return the first phase in which an option is in force."""
    return study.problem.phases[int(np.argmax(state.open[:, option]))]


def _clauses_of(study: Study, kind: str, operator: str) -> str:
    """Return the ids of the clauses that speak of a kind of facility, run so."""
    return ";".join(
        rule.clause.id
        for rule in study.config.rules
        if kind in rule.kinds() and getattr(rule.parameters, "operator", None) in (None, operator)
    )


def _nearest_by_kind(study: Study, state: State) -> dict[str, IntArray]:
    """Return for each kind that covers people every zone's nearest open facility within reach: int64[zone], −1 none."""
    problem = study.problem
    speed = problem.walk_speed_m_per_s
    told = (rule.reach(speed) for rule in study.config.rules)
    reaches = [reach for reach in told if reach is not None and reach.mode == "walk"]
    kinds = sorted({kind for reach in reaches for kind in reach.kinds})
    found = {}
    for kind in kinds:
        widest = max((reach for reach in reaches if kind in reach.kinds), key=lambda reach: reach.metres)
        working = np.zeros(len(problem.sites), dtype=np.bool_)
        working[problem.options.site[state.open[-1] & problem.options.of_kinds(frozenset({kind}))]] = True
        found[kind] = nearest_of(problem.metres(widest), widest.metres, working)
    return found


def _elderly(study: Study, phase: int = -1) -> FloatArray:
    """Return all elderly persons of each zone: float64[zone]."""
    return np.asarray(study.problem.zones.persons[:, :, phase].sum(axis=1), dtype=np.float64)


def _persons_nearest(study: Study, state: State, chosen: IntArray) -> FloatArray:
    """Return persons whose nearest facility of its kind each chosen option is, within reach: float64[chosen]."""
    problem, persons = study.problem, _elderly(study)
    result = np.zeros(len(chosen))
    kind_of = np.array([problem.options.kind[o] for o in chosen])
    for kind, nearest in _nearest_by_kind(study, state).items():
        served = np.bincount(nearest[nearest >= 0], persons[nearest >= 0], minlength=len(problem.sites))
        here = kind_of == kind
        result[here] = served[problem.options.site[chosen[here]]]
    return np.round(result, 1)


def catchments(study: Study, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Draw the cells whose nearest open facility of a kind is the same, within reach."""
    state, problem = final_state(study), study.problem
    cell = _cell_of(problem.zones)
    first = np.unique(cell, return_index=True)[1]
    first = first[problem.zones.is_cell[first]]  # seats of communities have no square to draw
    persons = np.bincount(cell, _elderly(study))
    shown = set(sites["site"])
    rows, shapes = [], []
    for kind, nearest in _nearest_by_kind(study, state).items():
        zone = first[nearest[first] >= 0]  # the parts of a cut cell lie at one centre: any of them tells
        if not len(zone):
            continue  # nobody lives within reach of any facility of this kind
        order = zone[np.argsort(nearest[zone], kind="stable")]
        squares = _squares(study, order)
        site, begins = np.unique(nearest[order], return_index=True)
        for number, (begin, end) in enumerate(zip(begins, [*begins[1:], len(order)], strict=True)):
            identity = problem.sites.id[site[number]]
            if identity in shown:
                rows.append((identity, kind, round(float(persons[cell[order[begin:end]]].sum()), 1)))
                shapes.append(shapely.coverage_union_all(squares[begin:end]))
    table = pd.DataFrame(rows, columns=["site", "kind", "persons"])
    return gpd.GeoDataFrame(table, geometry=shapes, crs=study.raw.crs)


def _cell_of(zones: Zones) -> IntArray:
    """Return the number of the cell that each zone is, parts of one cell alike: int64[zone].

    Seats of communities, which are no cells, have numbers of their own after those of cells.
    """
    seat = zones.grid.width * zones.grid.height + zones.community
    cell = np.where(zones.is_cell, zones.row * zones.grid.width + zones.column, seat)
    number: IntArray = np.unique(cell, return_inverse=True)[1]
    return number


def _squares(study: Study, zone: IntArray) -> Any:  # noqa: ANN401 - array of polygons
    """Return the cells of zones as polygons on the study's plane that share their corners exactly."""
    zones = study.problem.zones
    to_plane = Transformer.from_crs(zones.grid.crs, study.raw.crs, always_xy=True)
    corners = to_plane.transform(*zones.grid.corners(zones.row[zone], zones.column[zone]))
    return shapely.polygons(np.stack(corners, axis=-1))


def isochrones(study: Study) -> gpd.GeoDataFrame:
    """Gather service areas."""
    table = pd.DataFrame(
        [
            (area.clause, area.moment, area.metres, np.nan if area.minutes is None else area.minutes)
            for area in study.service_areas
        ],
        columns=["rule", "moment", "metres", "minutes"],
    )
    return gpd.GeoDataFrame(table, geometry=[area.geometry for area in study.service_areas], crs=study.raw.crs)


def roads(study: Study) -> gpd.GeoDataFrame:
    """Return the roads as lines with their class and level."""
    graph = study.raw.roads
    levels = np.array([_level(name) for name in graph.road_classes], dtype=np.int64)
    table = pd.DataFrame(
        {
            "road_class": [graph.road_classes[code] for code in graph.road_class],
            "level": levels[graph.road_class] if len(levels) else [],
        }
    )
    index = np.repeat(np.arange(graph.edge_count), np.diff(graph.course_start))
    lines = shapely.linestrings(graph.course_xy_m, indices=index)
    return gpd.GeoDataFrame(table, geometry=lines, crs=study.raw.crs)


def _level(road_class: str) -> int:
    """Return 1 for main, 2 for middle, 3 for minor roads."""
    for level, classes in _LEVELS.items():
        if road_class.removesuffix("_link") in classes:
            return level
    return _MINOR


def water(study: Study) -> gpd.GeoDataFrame:
    """Return water polygons."""
    return gpd.GeoDataFrame(geometry=list(study.raw.water), crs=study.raw.crs)


def districts(study: Study, sites: gpd.GeoDataFrame, measured: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the districts with their people, facilities, beds, cost and every clause's measure in the last phase.

    Parameters
    ----------
    study : Study
    sites : GeoDataFrame
        As `site_table` gives it.
    measured : DataFrame
        As `siting.present.phases.by_district` gives it.
    """
    places, zones = study.problem.districts, study.problem.zones
    inside = zones.district >= 0
    table: dict[str, Any] = {
        "id": places.id,
        "name": places.name,
        "name_en": places.name_en,
        "unit": places.unit,
        "area_km2": np.round(shapely.area(np.array(places.geometry, dtype=object)) / 1e6, 4),
    }
    for number, year in enumerate(study.problem.phases):
        people = np.bincount(zones.district[inside], _elderly(study, number)[inside], minlength=len(places))
        table[f"persons_{year}"] = np.round(people, 3)
    grouped = sites.groupby("district")
    own = sites[~sites["kind"].isin(study.problem.catalogue.partners)]
    for name, column in (
        ("facilities_before", own.groupby("district")["existing"].sum()),
        ("facilities_after", own[own["action"] != str(Action.CLOSE)].groupby("district").size()),
        ("beds_before", grouped["beds_before"].sum()),
        ("beds_after", grouped["beds_after"].sum()),
        ("cost", grouped["cost"].sum()),
    ):
        table[name] = column.reindex(list(places.id), fill_value=0).to_numpy()
    lines = measured[measured["phase"] == study.problem.phases[-1]]
    for rule in study.config.rules:
        table |= _clause_columns(places, lines, rule.clause.id)
    return gpd.GeoDataFrame(pd.DataFrame(table), geometry=list(places.geometry), crs=study.raw.crs)


def _clause_columns(places: Districts, lines: pd.DataFrame, clause: str) -> dict[str, Any]:
    """Return a clause's measure for each district in the last phase: of the district, or of its planning unit."""
    here = lines[lines["rule"] == clause].set_index("district").reindex(list(places.id))
    columns: dict[str, Any] = {f"{clause}_{name}": here[name].to_numpy() for name in ("before", "after", "required")}
    status = here["status"].where(here["status"] != "", here["status_before"])
    return columns | {f"{clause}_status": ["" if pd.isna(word) else word for word in status]}


def cells(study: Study) -> pd.DataFrame:
    """Return every populated cell with its density class and its standing under each coverage clause, last phase.

    A cell that a boundary cuts is one row again: all its persons, and what is said of its largest part in a district.
    """
    zones, last = study.problem.zones, len(study.problem.phases) - 1
    cell = _cell_of(zones)
    shown = np.lexsort((zones.district < 0, cell))  # parts inside first; they come with the largest first
    shown = np.sort(shown[np.unique(cell[shown], return_index=True)[1]])
    shown = shown[zones.is_cell[shown]]
    density = zones.density_per_km2[:, last]
    table: dict[str, Any] = {
        "row": zones.row,
        "column": zones.column,
        "district": zones.district,
        "persons": np.bincount(cell, _elderly(study))[cell],
        "density_per_km2": density,
        "density_class": density_class(density, study.config.rules),
    }
    for moment, audit in (("before", study.before), ("after", study.after)):
        for (clause, phase), codes in audit.standing.items() if audit is not None else ():
            if phase == last:
                table[f"{moment}_{clause}"] = codes
    return pd.DataFrame(table | standing_by_year(study)).iloc[shown].reset_index(drop=True)


def snaps(study: Study) -> pd.DataFrame:
    """List the longest ways to the street: those that end on one, then the places that have none."""
    problem, zones = study.problem, len(study.problem.zones)
    people, sites, cell = _elderly(study), problem.sites, problem.zones
    number = np.array(study.worst_snaps, dtype=np.int64)
    x = np.concatenate([problem.zones.x_m, sites.x_m])[number]
    y = np.concatenate([problem.zones.y_m, sites.y_m])[number]
    lon, lat = Transformer.from_crs(study.raw.crs, "EPSG:4326", always_xy=True).transform(x, y)
    where = problem.access.zones, problem.access.sites
    state = np.concatenate([snap.state for snap in where])[number]
    return pd.DataFrame(
        {
            "what": ["cell" if i < zones else "site" for i in number],
            "id": [f"{cell.row[i]}/{cell.column[i]}" if i < zones else sites.id[i - zones] for i in number],
            "lon": np.round(lon, 6),
            "lat": np.round(lat, 6),
            "connector_m": np.round(np.concatenate([snap.connector_m for snap in where])[number], 1),
            "state": [RoadState(code).name.lower() for code in state],
            "persons": [round(float(people[i]), 3) if i < zones else 0.0 for i in number],
        }
    )


def density_edges(rules: Any) -> list[float]:  # noqa: ANN401 - rules of several kinds
    """Return the density class edges that clauses name, ascending."""
    return sorted({edge for rule in rules for edge in getattr(rule.parameters, "edges", ())})


def density_class(density: FloatArray, rules: Any) -> IntArray:  # noqa: ANN401
    """Return each cell's class: an edge belongs to the upper class where a clause says *from*, else to the lower."""
    lower_bounds = {getattr(rule.parameters, "density_from", None) for rule in rules}
    result = np.zeros(len(density), dtype=np.int64)
    for edge in density_edges(rules):
        passed: BoolArray = density >= edge if edge in lower_bounds else density > edge
        result += passed
    return result
