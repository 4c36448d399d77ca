"""Sums: persons of the ledger and the cells, beds and facilities of the plan, money; and tables that say one thing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from siting.model.text import Text
from siting.verify.tally import Tally

if TYPE_CHECKING:
    import pandas as pd

    from siting.verify.tables import Tables

PARTS = {1: "covered", 2: "uncovered", 3: "other_component", 4: "no_road"}
"""Where a cell's persons stand under a clause, by its code in cells.parquet; 0 is not concerned."""
_PERSONS = 0.5
"""Persons of cells are written with a tenth; over thousands of cells that adds up to less than half a person."""
_CENT = 0.01
_SITE_COLUMNS = ("beds_before", "beds_after", "cost", "year", "floor_area_m2", "persons_nearest")


def layers(tables: Tables) -> Tally:
    """Compare plan.csv and districts.csv with the layers of plan.gpkg that a GIS shows."""
    import geopandas as gpd  # noqa: PLC0415 - heavy, and only needed here

    tally = Tally(Text("表与图层一致", "tables and layers"))
    for name, layer, key in (("plan", "sites", "site"), ("districts", "districts", "id")):
        shown = gpd.read_file(tables.folder / "plan.gpkg", layer=layer).set_index(key)
        table: pd.DataFrame = getattr(tables, name)
        tally.equal(f"{name}.csv {key}", sorted(_plain(table[key])), sorted(str(one) for one in shown.index))
        columns = _SITE_COLUMNS if name == "plan" else ("beds_before", "beds_after", "cost", "area_km2")
        for row in table.to_dict("records"):
            identity = _unquoted(row[key])
            if identity in shown.index:
                for column in columns:
                    tally.same(
                        f"{name}.csv {identity} {column}", float(row[column]), float(shown.loc[identity, column])
                    )
    return tally


def _plain(column: Any) -> list[str]:  # noqa: ANN401 - a column
    return [_unquoted(value) for value in column]


def _unquoted(value: str) -> str:
    """Return a text without the apostrophe that keeps spreadsheets from computing it."""
    return value[1:] if value[:1] == "'" and value.lstrip("'")[:1] in ("=", "+", "-", "@", "\t", "\n") else value


def persons(tables: Tables) -> Tally:
    """Add up the ledger, and count it again from the cells and from the districts."""
    tally = Tally(Text("人口账", "ledger of persons"))
    for line in tables.ledger.to_dict("records"):
        where = f"ledger.csv {line['rule']} {line['phase']:.0f} {line['moment']}"
        tally.same(f"{where} demand", line["demand"], sum(line[part] for part in PARTS.values()), _CENT)
        total = line["demand"] + line["not_concerned"] + line["outside_districts"]
        tally.same(f"{where} raster_total", line["raster_total"], total, _CENT)
        if int(line["phase"]) == tables.phases[-1]:
            _recount(tally, tables, line, where)
    for year, count in tables.run["totals"]["persons"].items():
        added = float(tables.districts[f"persons_{year}"].sum())
        tally.same(f"run.json totals.persons.{year}", float(count), added, _PERSONS)
    _districts(tally, tables)
    return tally


def _recount(tally: Tally, tables: Tables, line: Any, where: str) -> None:  # noqa: ANN401 - a row
    """Count a ledger line of the last phase from the cells."""
    column = f"{line['moment']}_{line['rule']}"
    inside = tables.cells[tables.cells["district"] >= 0]
    if _weighted(tables, line["rule"]) or column not in inside:
        tally.aside.append(f"{where}: persons by cell")
        return
    tally.same(f"{where} raster_total", line["raster_total"], float(tables.cells["persons"].sum()), _PERSONS)
    if tables.run["configuration"].get("population", {}).get("cut_cells") == "area":
        # A cell that a boundary cuts is one row of the cells: its parts cannot be told apart any more.
        tally.aside.append(f"{where}: persons by cell")
        return
    by_code = inside.groupby(column)["persons"].sum()
    for code, part in PARTS.items():
        tally.same(f"{where} {part}", line[part], float(by_code.get(code, 0.0)), _PERSONS)


def _weighted(tables: Tables, rule: str) -> bool:
    """Whether a clause counts a group of persons, which the cells do not tell apart."""
    return bool(set(tables.rules.get(rule, {})) & {"group", "groups", "ages"})


def _districts(tally: Tally, tables: Tables) -> None:
    if tables.by_district is None:
        return
    for (rule, phase), rows in tables.by_district.groupby(["rule", "phase"]):
        for moment in ("before", "after") if tables.has_plan else ("before",):
            lines = tables.ledger[(tables.ledger["rule"] == rule) & (tables.ledger["phase"] == phase)]
            lines = lines[lines["moment"] == moment]
            for line in lines.to_dict("records"):
                for part in (*PARTS.values(), "demand"):
                    added = float(rows[f"{part}_{moment}"].sum())
                    tally.same(f"by_district.csv {rule} {phase} {moment} {part}", added, line[part], _PERSONS)


def standing(plan: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the rows of plan.csv that work at the end of a year; NaN as year means today."""
    begun = plan["year"] <= year
    return plan[((plan["existing"] == 1) | begun) & ~((plan["action"] == "close") & begun)]


def _counted(tables: Tables, plan: pd.DataFrame) -> pd.DataFrame:
    """Leave out whom facilities are only paired with: hospitals are none of the plan's facilities."""
    partners = [kind for kind, told in tables.run["kinds"].items() if told.get("partner")]
    return plan[~plan["kind"].isin(partners)]


def beds(tables: Tables) -> Tally:
    """Add up beds, facilities and what is done, by phase and by district."""
    tally = Tally(Text("床位与设施", "beds and facilities"))
    plan, totals = tables.plan, tables.run["totals"]
    for moment in ("before", "after") if tables.has_plan else ("before",):
        added = plan[[f"{name}_{moment}" for name in ("general", "nursing", "dementia")]].sum(axis=1)
        for site, whole, parts in zip(plan["site"], plan[f"beds_{moment}"], added, strict=True):
            tally.same(f"plan.csv {site} beds_{moment}", float(whole), float(parts))
        tally.same(f"run.json totals.beds_{moment}", totals[f"beds_{moment}"], float(plan[f"beds_{moment}"].sum()))
    for entry in totals.get("by_phase", []):
        there = standing(plan, entry["phase"])
        where = f"run.json totals.by_phase {entry['phase']}"
        tally.same(f"{where} facilities", entry["facilities"], len(_counted(tables, there)))
        tally.same(f"{where} beds", entry["beds"], float(there[f"beds_{entry['phase']}"].sum()))
        for name, action in (("new", "open"), ("expanded", "expand"), ("converted", "convert"), ("closed", "close")):
            done = int(((plan["action"] == action) & (plan["year"] <= entry["phase"])).sum())
            tally.same(f"{where} sites_{name}", entry[f"sites_{name}"], done)
    _by_district(tally, tables)
    return tally


def _by_district(tally: Tally, tables: Tables) -> None:
    plan, last = tables.plan, tables.phases[-1]
    for row in tables.districts.to_dict("records"):
        own = plan[plan["district"] == row["id"]]
        where = f"districts.csv {row['id']}"
        tally.same(
            f"{where} facilities_before", row["facilities_before"], int((_counted(tables, own)["existing"] == 1).sum())
        )
        tally.same(f"{where} beds_before", row["beds_before"], float(own["beds_before"].sum()))
        if tables.has_plan:
            tally.same(f"{where} facilities_after", row["facilities_after"], len(_counted(tables, standing(own, last))))
            tally.same(f"{where} beds_after", row["beds_after"], float(own["beds_after"].sum()))
            tally.same(f"{where} cost", row["cost"], float(own["cost"].sum()), _CENT)


def money(tables: Tables) -> Tally:
    """Add up the costs, and hold them against the certificate."""
    tally = Tally(Text("投资与证明", "costs and certificate"))
    totals, proof = tables.run["totals"], tables.run["certificate"]
    if not tables.has_plan:
        return tally
    paid = float(sum(one["cost"] for one in totals.get("hired", [])))
    tally.same("run.json totals.payroll", totals.get("payroll") or 0.0, paid, _CENT)
    tally.same("run.json totals.cost", totals["cost"], float(tables.plan["cost"].sum()) + paid, _CENT)
    tally.same("run.json totals.cost_by_phase", float(sum(totals["cost_by_phase"])), totals["cost"], _CENT)
    spent = 0.0
    for entry, cost in zip(totals.get("by_phase", []), totals["cost_by_phase"], strict=False):
        spent += cost
        tally.same(f"run.json totals.by_phase {entry['phase']} cost", entry["cost"], spent, _CENT)
    kept = tables.plan[tables.plan["action"] == "keep"]
    tally.same("plan.csv cost of what is kept", float(kept["cost"].sum()), 0.0, _CENT)
    if proof and proof["gap"] is not None:
        if _counts_cost(proof, tables):
            tally.same("run.json certificate.objective", proof["objective"], totals["cost"], _CENT)
        objective = proof["objective"]
        gap = abs(objective - proof["bound"]) / abs(objective) if objective else 0.0
        tally.same("run.json certificate.gap", proof["gap"], gap)
    return tally


def _counts_cost(proof: Any, tables: Tables) -> bool:  # noqa: ANN401 - a part of run.json
    """Whether what the certificate speaks of is the capital cost of the plan, undiscounted."""
    goal = tables.run["configuration"].get("goal") or {}
    return (
        proof.get("unit", "yuan") == "yuan"
        and goal.get("minimise", "cost") == "cost"
        and not math.isnan(float(proof["objective"]))
    )
