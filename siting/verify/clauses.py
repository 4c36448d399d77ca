"""The measures and verdicts of findings.csv, counted again from plan.csv, districts.csv and ledger.csv."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from siting.model.text import Text
from siting.verify.sums import standing
from siting.verify.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from siting.verify.tables import Tables

_PER = 10_000.0
_TOLERANCE = 1e-9
"""A value counts as reached when it is short by no more than this share: sums of floats differ in their last bits."""
_UNDERSTOOD = {
    "coverage": {"kinds", "metres", "minutes", "of", "share", "density_above", "density_from", "density_to"},
    "bed_ratio": {"beds", "kinds", "classes", "per"},
    "bed_share": {"classes", "kinds", "operator", "share", "each_new"},
    "presence": {"require"},
}
"""Parameters of the kinds of clause that are recounted here; a clause with others is named, not guessed at."""


def measures(tables: Tables) -> Tally:
    """Recount what was measured before and after the plan, where the tables hold all that it takes."""
    tally = Tally(Text("条款指标复算", "measures of the clauses"))
    kinds, rules = {clause["id"]: clause["kind"] for clause in tables.run["clauses"]}, tables.rules
    for finding in tables.findings.to_dict("records"):
        kind, rule = kinds.get(finding["rule"], ""), rules.get(finding["rule"], {"unknown": True})
        where = f"findings.csv {finding['rule']} {finding['subject'] or 'area'} {finding['phase']}"
        for moment in ("before", "after") if tables.has_plan else ("before",):
            known = kind in _UNDERSTOOD and set(rule) <= _UNDERSTOOD[kind]
            value = _COUNTED[kind](tables, finding, rule, moment) if known else None
            if value is None:
                tally.aside.append(f"{where} {moment}")
            else:
                tally.same(f"{where} {moment}", finding[moment], value)
    return tally


def _coverage(tables: Tables, finding: Any, _: Mapping[str, Any], moment: str) -> float | None:  # noqa: ANN401
    if finding["subject_kind"] != "area":
        return None
    ledger = tables.ledger
    line = ledger[(ledger["rule"] == finding["rule"]) & (ledger["phase"] == finding["phase"])]
    line = line[line["moment"] == moment]
    demand = float(line["demand"].sum())
    return float(line["covered"].sum()) / demand if demand else math.nan


def _there(tables: Tables, finding: Any, moment: str) -> pd.DataFrame | None:  # noqa: ANN401 - a row
    """Return the facilities that a finding counts, before or at the end of its phase; None where nobody says."""
    plan = tables.plan
    now = moment == "before"
    rows = plan[plan["existing"] == 1] if now else standing(plan, int(finding["phase"]))
    turned = (rows["existing"] == 1) & (now | ~(rows["year"] <= int(finding["phase"])))
    rows = rows.assign(kind=rows["kind"].where(~turned, rows["kind_before"]))  # a facility may become another kind
    subject = finding["subject"].partition("+")[0]
    if finding["subject_kind"] == "area":
        return rows
    return rows[rows[finding["subject_kind"]] == subject] if finding["subject_kind"] in ("unit", "district") else None


def _of_classes(rows: pd.DataFrame, classes: Any, moment: str, tables: Tables, year: int) -> float | None:  # noqa: ANN401
    """Add up beds; a plan's beds by class are known of the last phase alone."""
    if moment == "after" and year != tables.phases[-1]:
        return float(rows[f"beds_{year}"].sum()) if not classes else None
    names = [f"{name}_{moment}" for name in classes] if classes else [f"beds_{moment}"]
    return float(rows[names].to_numpy().sum())


def _persons(tables: Tables, finding: Any) -> float:  # noqa: ANN401 - a row
    districts, column = tables.districts, f"persons_{finding['phase']}"
    if finding["subject_kind"] == "area":
        return float(tables.run["totals"]["persons"][str(finding["phase"])])
    key = "unit" if finding["subject_kind"] == "unit" else "id"
    return float(districts.loc[districts[key] == finding["subject"], column].sum())


def _bed_ratio(tables: Tables, finding: Any, rule: Mapping[str, Any], moment: str) -> float | None:  # noqa: ANN401
    rows, persons = _there(tables, finding, moment), _persons(tables, finding)
    if rows is None or not persons:
        return None
    own = rows[rows["kind"].isin(rule["kinds"])]
    count = _of_classes(own, rule.get("classes"), moment, tables, int(finding["phase"]))
    return None if count is None else _PER * count / persons


def _bed_share(tables: Tables, finding: Any, rule: Mapping[str, Any], moment: str) -> float | None:  # noqa: ANN401
    rows = _there(tables, finding, moment)
    if rows is None:
        return None
    own = rows[rows["kind"].isin(rule["kinds"])]
    own = own[own["operator"] == rule["operator"]] if rule.get("operator") else own
    year = int(finding["phase"])
    part, whole = (_of_classes(own, classes, moment, tables, year) for classes in (rule["classes"], None))
    if part is None or whole is None:
        return None
    return part / whole if whole else math.nan


def _presence(tables: Tables, finding: Any, rule: Mapping[str, Any], moment: str) -> float | None:  # noqa: ANN401
    """Count facilities; a clause that asks for several kinds names the kind in its subject."""
    asked = rule["require"]
    known = ("area", "unit", "district")
    if any(set(one) - {"kinds", "per", "at_least"} or one.get("per", "district") not in known for one in asked):
        return None
    place, _, kind = finding["subject"].partition("+")
    named = kind or (place if finding["subject_kind"] == "area" else "")
    wanted = [one["kinds"] for one in asked if not named or named in one["kinds"]]
    rows = _there(tables, finding, moment)
    if len(wanted) != 1 or rows is None:
        return None
    return float(rows["kind"].isin(wanted[0]).sum())


_COUNTED: Mapping[str, Callable[[Tables, Any, Mapping[str, Any], str], float | None]] = {
    "coverage": _coverage,
    "bed_ratio": _bed_ratio,
    "bed_share": _bed_share,
    "presence": _presence,
}


def verdicts(tables: Tables) -> Tally:
    """Hold every verdict against its measure and requirement, and the shortfall of coverage against the ledger."""
    tally = Tally(Text("达标结论", "verdicts"))
    for finding in tables.findings.to_dict("records"):
        where = f"findings.csv {finding['rule']} {finding['subject'] or 'area'} {finding['phase']}"
        for value, status in (("before", "status_before"), ("after", "status")):
            if finding[status] in ("met", "short"):
                reached = _reaches(finding[value], finding["required"], finding["sense"])
                tally.equal(f"{where} {status}", finding[status], "met" if reached else "short")
        if "margin" in finding and not math.isnan(finding["margin"]):
            sign = 1.0 if finding["sense"] == ">=" else -1.0
            value = finding["after"] if tables.has_plan else finding["before"]
            tally.same(f"{where} margin", finding["margin"], sign * (value - finding["required"]))
    return tally


def _reaches(value: float, required: float, sense: str) -> bool:
    slack = _TOLERANCE * max(1.0, abs(required))
    return value >= required - slack if sense == ">=" else value <= required + slack
