"""The run folder as one object: the tables and layers that maps, figures and reports print from.

Whatever is printed about a run is read from here, whether the run has just ended or its folder is opened a year
later, so that any two places that show the same figure show it from the same object.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

NOT_CONCERNED, COVERED, UNCOVERED, OTHER_COMPONENT, NO_ROAD = range(5)
"""Codes of a cell under a coverage clause, in the columns ``before_<rule>`` and ``after_<rule>`` of `Results.cells`."""

FILES = ("run.json", "findings.csv", "ledger.csv", "districts.csv", "plan.csv", "plan.gpkg", "cells.parquet")
"""What `Results.write` writes and `Results.read` needs."""

_WORDS = (
    "rule", "subject_kind", "subject", "subject_name", "unit", "sense", "status_before", "status", "sentence_zh",
    "sentence_en", "sentence_before_zh", "sentence_before_en",
)  # fmt: skip
"""Columns of findings that hold text even where it looks like a number, or where there is none."""

_FORMULA = re.compile(r"'*[=+\-@\t\n]")
"""How a cell begins that spreadsheets compute instead of showing it; apostrophes before it are ours or the name's."""

LAYERS = ("sites", "districts", "isochrones", "catchments", "roads", "water")
LATER_LAYERS = ("spots", "links")
LATER_TABLES = ("snaps", "by_district", "reasons", "prices", "alternatives", "curve", "serving", "occupancy")
"""What folders of earlier versions lack."""
_TEXTS_OF = {
    "snaps": {"id": str},
    "by_district": {"district": str, "status": str, "status_before": str},
    "reasons": dict.fromkeys(("site", "name", "persons_lost", "clauses", "instead", "instead_names"), str),
    "prices": {"clause": str},
    "alternatives": {"site": str, "name": str},
    "curve": {"clause": str},
    "serving": dict.fromkeys(("service", "moment", "choice", "district"), str),
    "occupancy": dict.fromkeys(("service", "moment", "site", "name", "district"), str),
}


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """Everything a finished run has to say.

    Attributes
    ----------
    run : Mapping
        Contents of ``run.json``:

        - ``study``: ``name``, ``title`` {zh, en}, ``notice`` {zh, en} or null (such as "made, not real": printed on
          every map and report), ``language``, ``crs``; ``phases``: years
        - ``clauses``: list of {id, title {zh, en}, paraphrase {zh, en}, document {zh, en}, number, section, issued,
          force, kind, deadline_year, unit, strict: the requirement itself is too little, subjects:
          area|unit|district|site, coverage: null or {kinds, metres,
          minutes|null}}
        - ``overrides``: list of {clause, parameter, pack, study}
        - ``parameters``: list of {key, value, unit, meaning {zh, en}}: choices of meaning, all printed
        - ``readings``: list of {name, changes: list of {key, value}, clauses: list of {clause, asked, read, changes}};
          asked and read: {verdict, measured, required, short, subjects}: the present situation under other readings,
          last phase (empty unless asked for)
        - ``density_edges``: ascending class edges in persons/km² taken from the clauses (may be empty)
        - ``kinds``: {id: {title {zh, en}, tier}}; ``tenures``: {id: title {zh, en}}; ``cost_basis`` {zh, en}
        - ``totals``: {persons {phase: float}, reachable {rule: float}, beds_before, beds_after, cost, cost_by_phase
          [..], by_phase, sites_new, sites_expanded, sites_converted, sites_closed}; by_phase: list of {phase, persons,
          beds, facilities, cost, sites_new, sites_expanded, sites_converted, sites_closed}, each up to and with its
          phase (empty without a plan); running_before and running_by_phase [..] in yuan a year, present_value,
          money {discount_rate, base_year, until} that it is by;
          payroll: part of cost that is pay of those hired, hired: list of {role, title {zh, en}, persons, cost}
        - ``raking``: list of {district: id or null for all, group, before, control, after, factor,
          extreme}: persons by the cells, by the census, and once raked
        - ``density_sensitivity``: list of {what: radius|threshold, by, persons_up, persons_down, persons}: who changes
          density class when radius or thresholds are multiplied by ``by``; last phase
        - ``demand``: {groups: list of {id, title, age, weight, source, persons: by phase}, weighted: persons by phase
          with the groups' weights, needs: list of {phase, of: group or "", source, shares, persons: by care, beds,
          places}}
        - ``quality``: of persons (last phase), facilities and candidates: {count, bands: list of {from_m, to_m, count}
          by the connector's length, no_road, other_component, median_m}
        - ``ground``: {layers: list of {title, file, licence, condition: what it forbids, ranks, groups: list of
          {group: generated|listed|committed|existing, checked, on, silent, named}}, dropped: {generated, listed}}:
          candidates on ground that a layer forbids, where it says nothing, and how many are left out in all
        - ``certificate``: null, or {status, objective, bound, gap, solver, version, seed, how, unit, sense} of the
          first goal (seconds under timings)
        - ``goals``: list of {goal, clauses, limit, status, objective, bound, gap, unit, sense} in the order in which
          they were pursued; ``released``: clauses that do not bind because the first goal is about them;
          ``shortfalls``: list of {clause, subject, subject_name, subject_name_en, short, price, cost} of indicative
          clauses with a price
        - ``conflicts``: list of {clause, subject, subject_name, subject_name_en, phase, required, best, with_others,
          unit, group, needed}: members of a group cannot hold together; ``needed``: proven that the others of the
          group can without this one; ``with_others``: the best while all other clauses hold, null where they cannot
        - ``serving``: list of {id, title, care: null or community|institution, group, share, source, room:
          beds|day_places|meals, bed_classes, per_person: by phase, mode, minutes, metres, kinds, choice, choices}:
          services whose persons are sent to facilities (empty unless the study declares them)
        - ``drawn``: null, or the hand-drawn plan: {file, cost, cost_by_phase, short: list of {clause, subject,
          subject_name, subject_name_en, phase, measured, required, unit, enforced}, optimum: null or {cost, bound},
          repair: null or {cost, changes, at_least, status}, changes: list of {site, name, drawn, repaired,
          beds_drawn, beds_repaired, year_drawn, year_repaired}}
        - ``relaxations``: list of {clause, subject, subject_name, subject_name_en, phase, required, to, unit, share}:
          what a smallest relaxation gives way on
        - ``inputs``: list of {role, path, sha256, size_bytes, crs, licence, as_of, retrieved}; ``versions``;
          ``warnings``: list of {source, zh, en, severity: warning|note, mend}; ``configuration``: the resolved study
        - ``grid``: {crs, west, north, cell_width, cell_height, width, height} of `cells`
        - ``timings``: seconds by stage and the moment of the run: the only part that differs between equal runs
    findings : DataFrame
        rule, subject_kind, subject, subject_name, phase, before, after, required, margin (by how much the requirement
        is passed, after the plan where there is one; negative: missed), unit, sense, status_before, status, persons,
        persons_short_before, persons_short, sentence_zh, sentence_en (after the plan where there is one),
        sentence_before_zh, sentence_before_en (today). ``after`` and ``status`` are empty
        strings or NaN when the run is an audit of the present situation or no plan exists.
    ledger : DataFrame
        rule, phase, moment (before|after), covered, uncovered, other_component, no_road, demand, not_concerned,
        outside_districts, raster_total, reachable. Persons.
    districts : GeoDataFrame (study plane)
        id, name, name_en, unit, area_km2, persons_<phase>, facilities_before, facilities_after, beds_before,
        beds_after, cost, and for each clause <rule>_before, <rule>_after, <rule>_required, <rule>_status (last phase;
        NaN or "" where it says nothing of the district).
    sites : GeoDataFrame (study plane, points)
        Existing facilities and those the plan opens: site, name, existing, kind, action
        (keep|open|expand|convert|close), year (first phase in which the action is in force; 0 for keep), operator,
        tenure, module, district, district_name, unit, general_before, nursing_before, dementia_before, beds_before,
        general_after, nursing_after, dementia_after, beds_after, beds_<year> for each phase, cost, floor_area_m2,
        persons_nearest (elderly persons whose nearest open facility of its kind this is, within the reach of the
        clauses; last phase), clauses (ids joined by ";"), lon, lat, origin. Before a plan exists every row is keep.
    isochrones : GeoDataFrame (study plane, polygons for the eye)
        rule, moment, metres, minutes (NaN for clauses in metres).
    catchments : GeoDataFrame (study plane, polygons made of cells)
        site, kind, persons: cells whose nearest open facility of that kind, within reach, is the site (after the
        plan).
    roads : GeoDataFrame (study plane, lines)
        road_class, level (1 main, 2 middle, 3 minor).
    water : GeoDataFrame (study plane, polygons)
    snaps : DataFrame or None
        The longest ways to the street (``snaps.csv``): what (cell|site), id (site id, or row and column of the cell),
        lon, lat, connector_m, state (on_road|no_road|other_component), persons (last phase; 0 for a site). None in
        folders of earlier versions.
    by_district : DataFrame or None
        Every clause, phase and district (``by_district.csv``): rule, phase, district, before, after, required, unit,
        sense, status_before, status, and for coverage clauses the district's own ledger before and after,
        ``<part>_<moment>`` for the parts covered, uncovered, other_component, no_road, demand, not_concerned,
        reachable. Where a clause speaks of planning units, a district shows its unit's measure. None in folders of
        earlier versions.
    reasons : DataFrame or None
        What every chosen site is for (``reasons.csv``), where the study asks: site, name, kind, action, beds_lost,
        persons_lost (``PY-01=123.0;…``), clauses (that would be short, ``PY-01@subject;…``), without
        (found|impossible|unknown), price (yuan; NaN unless found), at_least (yuan, proven, where no such plan was
        found; else NaN), instead (sites joined by ";"), instead_names (their names, in the same order). Last phase.
    prices : DataFrame or None
        What every clause costs: clause, saved, at_least, at_most (yuan).
    alternatives : DataFrame or None
        Plans of nearly the same cost, one line for each site that differs: number, cost, site, name, kind, action,
        beds (in the alternative; 0 where dropped), change (dropped|added).
    curve : DataFrame or None
        Least cost against coverage: clause, asked, persons, share, cost, bound, gap, status.
    serving : DataFrame or None
        Persons in need of each service (``serving.csv``), where the study declares any: service, phase, moment, choice
        (nearest|preference|optimal), district ("" for all together), need, within_reach (of a facility with room:
        coverage on paper), served (in fact), waiting, out_of_reach, mean_m (their way on average; by vehicle metres at
        30 km/h). ``served + waiting + out_of_reach = need``.
    occupancy : DataFrame or None
        Facilities with room (``occupancy.csv``): service, phase, moment, site, name, district, room, catchment (persons
        in need within reach), exclusive (those of them within reach of no other), and for each choice
        ``served_<choice>``, ``waiting_<choice>`` (at their nearest), ``occupancy_<choice>`` (part of the room taken).
    spots : GeoDataFrame or None
        Hot spots (study plane, points): rule, stage (before, a year, after), rank, persons left out within radius_m
        of it as the crow flies, district (id), lon, lat. None in folders of earlier versions.
    links : GeoDataFrame or None
        Links between tiers (study plane, lines): child, parent (site ids), kind, parent_kind, straight_m; last phase.
        None in folders of earlier versions.
    cells : DataFrame
        row, column, district (index, −1 outside), persons, density_per_km2, density_class (number of the class by
        ``density_edges``), before_<rule>, after_<rule> (codes above) for each coverage clause; last phase. For the
        phases before it, <year>_<rule>: the codes once that phase's part of the plan is in force.
    """

    run: Mapping[str, Any]
    findings: pd.DataFrame
    ledger: pd.DataFrame
    districts: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    isochrones: gpd.GeoDataFrame
    catchments: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    cells: pd.DataFrame
    snaps: pd.DataFrame | None = None
    by_district: pd.DataFrame | None = None
    reasons: pd.DataFrame | None = None
    prices: pd.DataFrame | None = None
    alternatives: pd.DataFrame | None = None
    curve: pd.DataFrame | None = None
    serving: pd.DataFrame | None = None
    occupancy: pd.DataFrame | None = None
    spots: gpd.GeoDataFrame | None = None
    links: gpd.GeoDataFrame | None = None

    def write(self, folder: Path) -> None:
        """Write run.json, the CSV tables, plan.gpkg and cells.parquet into an existing folder."""
        tables = {
            "findings": self.findings,
            "ledger": self.ledger,
            "districts": self.districts.drop(columns="geometry"),
            "plan": self.sites.drop(columns="geometry"),
            **{name: table for name in LATER_TABLES if (table := getattr(self, name)) is not None},
        }
        write_texts(self.run, tables, folder)
        for layer in (*LAYERS, *LATER_LAYERS):
            if getattr(self, layer) is not None:
                getattr(self, layer).to_file(folder / "plan.gpkg", layer=layer, driver="GPKG")
        self.cells.to_parquet(folder / "cells.parquet", index=False)

    @classmethod
    def read(cls, folder: Path) -> Results:
        """Read back what `write` wrote."""
        import geopandas as gpd  # noqa: PLC0415 - heavy, and only needed here
        import pandas as pd  # noqa: PLC0415

        there = set(gpd.list_layers(folder / "plan.gpkg")["name"])
        named = [*LAYERS, *(layer for layer in LATER_LAYERS if layer in there)]
        layers = {layer: gpd.read_file(folder / "plan.gpkg", layer=layer) for layer in named}
        if "kind_before" not in layers["sites"]:  # earlier versions told the kind after the plan only
            layers["sites"]["kind_before"] = layers["sites"]["kind"]
        words = dict.fromkeys(_WORDS, str)
        findings = as_read(pd.read_csv(folder / "findings.csv", encoding="utf-8-sig", dtype=words))
        tables = {
            name: as_read(pd.read_csv(folder / f"{name}.csv", encoding="utf-8-sig", dtype=_TEXTS_OF[name]))
            for name in LATER_TABLES
            if folder.joinpath(f"{name}.csv").exists()
        }
        if "serving" in tables:
            tables["serving"] = tables["serving"].fillna({"district": ""})  # all districts together
        return cls(
            run=json.loads(folder.joinpath("run.json").read_text(encoding="utf-8")),
            findings=findings.fillna(dict.fromkeys(_WORDS, "")),
            ledger=pd.read_csv(folder / "ledger.csv", encoding="utf-8-sig"),
            cells=pd.read_parquet(folder / "cells.parquet"),
            **tables,
            **layers,
        )


def write_texts(run: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write ``run.json`` and CSV tables by name into an existing folder."""
    told = json.dumps(run, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    folder.joinpath("run.json").write_text(told, encoding="utf-8")
    for name, table in tables.items():
        harmless(table).to_csv(folder / f"{name}.csv", index=False, encoding="utf-8-sig", lineterminator="\n")


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table for CSV: text that a spreadsheet would take for a formula begins with an apostrophe.

    Carriage returns become line feeds: a lone one would end the line, since nothing puts it into quotes.
    """

    def shown(text: str) -> str:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        return f"'{text}" if _FORMULA.match(text) else text

    return _texts(table, shown)


def as_read(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as it was before `harmless`."""
    return _texts(table, lambda text: text[1:] if text.startswith("'") and _FORMULA.match(text) else text)


def _texts(table: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    """Change every text of a table; names of columns, numbers and what is empty stay."""
    import pandas as pd  # noqa: PLC0415 - heavy, and only needed here

    changed = table.copy()
    for name, column in table.items():
        if column.dtype.kind not in "biuf":
            values = [change(value) if isinstance(value, str) else value for value in column]
            changed[name] = pd.Series(values, index=column.index, dtype=column.dtype)
    return changed
