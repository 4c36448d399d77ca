"""The run folder as one object: the tables and layers that maps, figures and reports print from.

Whatever is printed about a run is read from here, whether the run has just ended or its folder is opened a year
later, so that any two places that show the same figure show it from the same object.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

NOT_CONCERNED, COVERED, UNCOVERED, OTHER_COMPONENT, NO_ROAD = range(5)
"""Codes of a cell under a coverage clause, in the columns ``before_<rule>`` and ``after_<rule>`` of `Results.cells`."""

FILES = ("run.json", "findings.csv", "ledger.csv", "districts.csv", "plan.csv", "plan.gpkg", "cells.parquet")
"""What `Results.write` writes and `Results.read` needs."""

_WORDS = (
    "rule", "subject_kind", "subject", "subject_name", "unit", "sense", "status_before", "status", "sentence_zh",
    "sentence_en",
)  # fmt: skip
"""Columns of findings that hold text even where it looks like a number, or where there is none."""

LAYERS = ("sites", "districts", "isochrones", "catchments", "roads", "water")


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
          force, kind, deadline_year, unit, subjects: area|unit|district|site, coverage: null or {kinds, metres,
          minutes|null}}
        - ``overrides``: list of {clause, parameter, pack, study}
        - ``parameters``: list of {key, value, unit, meaning {zh, en}}: choices of meaning, all printed
        - ``density_edges``: ascending class edges in persons/km² taken from the clauses (may be empty)
        - ``kinds``: {id: {title {zh, en}, tier}}; ``tenures``: {id: title {zh, en}}; ``cost_basis`` {zh, en}
        - ``totals``: {persons {phase: float}, reachable {rule: float}, beds_before, beds_after, cost, cost_by_phase
          [..], sites_new, sites_expanded, sites_converted, sites_closed}
        - ``raking``: list of {district: id or null for all, group, before, control, after, factor}: persons by the
          cells, by the census, and once raked
        - ``density_sensitivity``: list of {what: radius|threshold, by, persons_up, persons_down, persons}: who changes
          density class when radius or thresholds are multiplied by ``by``; last phase
        - ``certificate``: null, or {status, objective, bound, gap, solver, version, seed, how} (seconds under
          timings)
        - ``conflicts``: list of {clause, subject, subject_name, phase, required, best, unit, group, needed}: members of
          a group cannot hold together; ``needed``: proven that the others of the group can without this one
        - ``inputs``: list of {role, path, sha256, size_bytes, crs, licence}; ``versions``; ``warnings``: list of
          {source, zh, en}; ``configuration``: the resolved study
        - ``grid``: {crs, west, north, cell_width, cell_height, width, height} of `cells`
        - ``timings``: seconds by stage and the moment of the run: the only part that differs between equal runs
    findings : DataFrame
        rule, subject_kind, subject, subject_name, phase, before, after, required, unit, sense, status_before, status,
        persons, persons_short_before, persons_short, sentence_zh, sentence_en. ``after`` and ``status`` are empty
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
        general_after, nursing_after, dementia_after, beds_after, cost, floor_area_m2, persons_nearest (elderly
        persons whose nearest open facility of its kind this is, within the reach of the clauses; last phase), clauses
        (ids joined by ";"), lon, lat, origin. Before a plan exists every row is keep.
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
    cells : DataFrame
        row, column, district (index, −1 outside), persons, density_per_km2, density_class (number of the class by
        ``density_edges``), before_<rule>, after_<rule> (codes above) for each coverage clause; last phase.
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

    def write(self, folder: Path) -> None:
        """Write run.json, the CSV tables, plan.gpkg and cells.parquet into an existing folder."""
        folder.joinpath("run.json").write_text(
            json.dumps(self.run, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8"
        )
        for name, table in (
            ("findings", self.findings),
            ("ledger", self.ledger),
            ("districts", self.districts.drop(columns="geometry")),
            ("plan", self.sites.drop(columns="geometry")),
            *([] if self.snaps is None else [("snaps", self.snaps)]),
        ):
            table.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8-sig", lineterminator="\n")
        for layer in LAYERS:
            getattr(self, layer).to_file(folder / "plan.gpkg", layer=layer, driver="GPKG")
        self.cells.to_parquet(folder / "cells.parquet", index=False)

    @classmethod
    def read(cls, folder: Path) -> Results:
        """Read back what `write` wrote."""
        import geopandas as gpd  # noqa: PLC0415 - heavy, and only needed here
        import pandas as pd  # noqa: PLC0415

        layers = {layer: gpd.read_file(folder / "plan.gpkg", layer=layer) for layer in LAYERS}
        words = dict.fromkeys(_WORDS, str)
        snaps = folder / "snaps.csv"
        findings = pd.read_csv(folder / "findings.csv", encoding="utf-8-sig", dtype=words)
        return cls(
            run=json.loads(folder.joinpath("run.json").read_text(encoding="utf-8")),
            findings=findings.fillna(dict.fromkeys(_WORDS, "")),
            ledger=pd.read_csv(folder / "ledger.csv", encoding="utf-8-sig"),
            cells=pd.read_parquet(folder / "cells.parquet"),
            snaps=pd.read_csv(snaps, encoding="utf-8-sig", dtype={"id": str}) if snaps.exists() else None,
            **layers,
        )
