"""What many plans under many scenarios say together: tables, computed here and nowhere else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from siting.present.compared import NOMINAL as BASE
from siting.present.compared import Comparison
from siting.present.results import as_read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from siting.scenarios.compare import Compared

_FEWEST_DRAWS = 5
"""Fewer draws say nothing of a correlation."""
_WORDS = {"site": str, "name": str, "district": str, "district_name": str, "kind": str, "action": str, "module": str}


def comparison(found: Compared) -> Comparison:
    """Compute every table of a comparison."""
    plans = {name: _plan(told["folder"]) for name, told in found.scenarios.items() if "folder" in told}
    worth = _worth(found)
    made = [name for name in plans if name in set(worth["plan"])]
    own = worth[worth["plan"] == worth["scenario"]].set_index("plan")
    clauses = _clauses(found)
    frontier = _frontier(found)
    return Comparison(
        study=found.study,
        scenarios=_scenarios(found, {name: plans[name] for name in made}, own),
        worth=worth,
        robust=_robust(worth),
        sites=_sites({name: plans[name] for name in made}),
        frontier=frontier,
        sensitivity=_sensitivity(found, clauses, own),
        clauses=clauses,
        plans=plans,
        places=_places(found),
        names=_names(found.scenarios[BASE]["run"]),
    )


def _plan(folder: Path) -> pd.DataFrame:
    """Read what a plan touches."""
    table = as_read(pd.read_csv(folder / "plan.csv", encoding="utf-8-sig", dtype=_WORDS))
    return table[table["action"] != "keep"].fillna(dict.fromkeys(_WORDS, "")).reset_index(drop=True)


def _worth(found: Compared) -> pd.DataFrame:
    """Set every plan under every scenario, with what it leaves undone there."""
    rows = []
    for scenario, plans in found.audits.items():
        for told in plans:
            must = [clause for clause in told["clauses"] if clause["must"]]
            rows.append(
                {
                    "plan": told["plan"],
                    "scenario": scenario,
                    "cost": told["cost"],
                    "clauses_short": sum(clause["short"] > 0 for clause in must),
                    "persons_short": round(sum(clause["persons_short"] for clause in must), 6),
                    "lost": len(told["lost"]),
                }
            )
    columns = ["plan", "scenario", "cost", "clauses_short", "persons_short", "lost"]
    table = pd.DataFrame(rows, columns=columns)
    best = table.groupby("scenario")["persons_short"].transform("min")
    table["regret"] = (table["persons_short"] - best).round(6)
    return table


def _scenarios(found: Compared, plans: Mapping[str, pd.DataFrame], own: pd.DataFrame) -> pd.DataFrame:
    """Give every scenario a row."""
    nominal = set(plans[BASE]["site"]) if BASE in plans else set()
    rows = []
    for name, told in found.scenarios.items():
        row: dict[str, Any] = {
            "scenario": name,
            "group": told["group"],
            "changes": _words(told["changes"]),
            "reason": "",
        }
        if "run" not in told:
            rows.append(row | {"status": "failed", "reason": found.failures.get(name, "")})
            continue
        run, touched = told["run"], set(plans[name]["site"]) if name in plans else None
        totals, proof = run["totals"], run["certificate"]
        row |= {"status": proof["status"], "bound": proof["bound"], "gap": proof["gap"], "cost": totals["cost"]}
        row |= {"persons": totals["persons"][str(run["phases"][-1])], "beds_after": totals["beds_after"]}
        if touched is not None:
            either = nominal | touched
            row |= {key: totals[key] for key in ("sites_new", "sites_expanded", "sites_converted", "sites_closed")}
            row |= {"clauses_short": own["clauses_short"].get(name), "persons_short": own["persons_short"].get(name)}
            row |= {"sites_in_common": len(nominal & touched)}
            row |= {"share_in_common": len(nominal & touched) / len(either) if either else 1.0}
        rows.append(row)
    columns = [
        "scenario", "group", "changes", "status", "cost", "bound", "gap", "persons", "beds_after", "sites_new",
        "sites_expanded", "sites_converted", "sites_closed", "clauses_short", "persons_short", "sites_in_common",
        "share_in_common", "reason",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _words(changes: Mapping[str, Any]) -> str:
    """Write changes as ``key=value`` in one line."""
    shown = (f"{key}={_short(value)}" for key, value in changes.items())
    return "; ".join(shown)


def _short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict) and "seed" in value:
        return f"#{value['seed']}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_short(one)}" for key, one in value.items()) + "}"
    return str(value)


def _robust(worth: pd.DataFrame) -> pd.DataFrame:
    """Judge every plan by all scenarios together.

    The best in the worst case leaves the fewest persons short where it leaves most; of equal ones that which leaves
    fewer where it leaves second most, and so on; then the cheaper one. The least regret likewise, of persons short
    beyond what the best plan of each scenario leaves (min-max and min-max regret: Kouvelis & Yu, Robust Discrete
    Optimization and Its Applications, 1997; ties as in leximin order: Sen, Collective Choice and Social Welfare, 1970).
    """
    columns = [
        "plan", "cost", "price_of_robustness", "worst_scenario", "worst_persons_short", "worst_clauses_short",
        "mean_persons_short", "worst_regret", "always_met", "best_in_worst", "least_regret",
    ]  # fmt: skip
    if worth.empty:
        return pd.DataFrame(columns=columns)
    at_home = worth[worth["scenario"] == BASE].set_index("plan")["cost"]
    rows = []
    for plan, table in worth.groupby("plan", sort=False):
        worst = table.sort_values(["persons_short", "clauses_short"], ascending=False, kind="stable").iloc[0]
        rows.append(
            {
                "plan": plan,
                "cost": at_home[plan],
                "worst_scenario": worst["scenario"],
                "worst_persons_short": worst["persons_short"],
                "worst_clauses_short": int(table["clauses_short"].max()),
                "mean_persons_short": round(float(table["persons_short"].mean()), 6),
                "worst_regret": table["regret"].max(),
                "always_met": int((table["clauses_short"] == 0).sum()),
            }
        )
    robust = pd.DataFrame(rows)
    nominal = float(at_home.get(BASE, np.nan))
    robust["price_of_robustness"] = robust["cost"] / nominal - 1 if nominal > 0 else np.nan
    for mark, criterion in (("best_in_worst", "persons_short"), ("least_regret", "regret")):
        falling = {plan: sorted(table[criterion], reverse=True) for plan, table in worth.groupby("plan", sort=False)}
        best = min(rows, key=lambda row: (falling[row["plan"]], row["cost"]))["plan"]
        robust[mark] = robust["plan"] == best
    return robust[columns]


def _sites(plans: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Count how often each site is touched, and name those to which every plan does the same."""
    columns = [
        "site", "name", "district_name", "lon", "lat", "existing", "plans", "share", "actions", "kinds", "no_regret",
    ]  # fmt: skip
    touched = [table.assign(plan=name) for name, table in plans.items() if len(table)]
    if not touched:
        return pd.DataFrame(columns=columns)
    every = pd.concat(touched, ignore_index=True)
    rows = []
    for site, table in every.groupby("site", sort=False):
        first, count, alike = table.iloc[0], table["plan"].nunique(), len(set(table["action"])) == 1
        row = {name: first[name] for name in ("name", "district_name", "lon", "lat", "existing")}
        row |= {"site": site, "plans": count, "share": count / len(plans), "no_regret": alike and count == len(plans)}
        row |= {"actions": ";".join(sorted(set(table["action"]))), "kinds": ";".join(sorted(set(table["kind"])))}
        rows.append(row)
    return pd.DataFrame(rows, columns=columns).sort_values(
        ["plans", "site"], ascending=[False, True], ignore_index=True
    )


def _frontier(found: Compared) -> pd.DataFrame:
    """Set cost against coverage for all plans, on the study as it stands."""
    rows = []
    for told in found.audits[BASE]:
        lines = [one for one in told["clauses"] if one["must"] and one["covered"] is not None]
        demand = sum(one["demand"] for one in lines)
        coverage = sum(one["covered"] for one in lines) / demand if demand > 0 else np.nan
        shares = {one["clause"]: one["covered"] / one["demand"] if one["demand"] > 0 else np.nan for one in lines}
        rows.append({"plan": told["plan"], "cost": told["cost"], "coverage": coverage, "efficient": False} | shares)
    table = pd.DataFrame(rows, columns=None if rows else ["plan", "cost", "coverage", "efficient"])
    cost, coverage = (table[name].to_numpy(dtype=np.float64) for name in ("cost", "coverage"))
    no_worse = (cost[None, :] <= cost[:, None]) & (coverage[None, :] >= coverage[:, None])
    better = (cost[None, :] < cost[:, None]) | (coverage[None, :] > coverage[:, None])
    table["efficient"] = np.logical_not((no_worse & better).any(axis=1))
    return table


def _clauses(found: Compared) -> pd.DataFrame:
    """List how the nominal plan does on every clause under every scenario; today's state where there is none."""
    names = ("clause", "measured", "required", "short", "persons_short")
    rows = [
        {"scenario": scenario} | {name: clause[name] for name in names}
        for scenario, plans in found.audits.items()
        for told in plans
        if told["plan"] == BASE
        for clause in told["clauses"]
    ]
    return pd.DataFrame(rows, columns=["scenario", *names])


def _sensitivity(found: Compared, clauses: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """Say which parameter moves which clause, and the cost of a plan of one's own."""
    costs = pd.DataFrame({"scenario": own.index, "clause": "cost", "measured": own["cost"], "required": np.nan})
    measured = pd.concat([clauses[["scenario", "clause", "measured", "required"]], costs], ignore_index=True)
    measured = measured.astype({"measured": float, "required": float}).dropna(subset=["measured"])
    rows = []
    for parameter, members in _parameters(found).items():
        for clause, table in measured[measured["scenario"].isin([BASE, *members])].groupby("clause", sort=False):
            order = table.sort_values("measured", kind="stable")
            low, high = order.iloc[0], order.iloc[-1]
            scale = abs(float(table["required"].iloc[0])) if clause != "cost" else abs(float(low["measured"]))
            row = {"parameter": parameter, "clause": clause, "required": table["required"].iloc[0]}
            row |= {"low_scenario": low["scenario"], "low": low["measured"]}
            row |= {"high_scenario": high["scenario"], "high": high["measured"]}
            rows.append(row | {"move": (high["measured"] - low["measured"]) / scale if scale > 0 else np.nan})
    rows += _correlations(found, measured)
    columns = ["parameter", "clause", "required", "low_scenario", "low", "high_scenario", "high", "move", "correlation"]
    table = pd.DataFrame(rows, columns=columns)
    return table[(table["move"] > 0) | table["correlation"].notna()].reset_index(drop=True)


def _parameters(found: Compared) -> dict[str, list[str]]:
    """Return the scenarios that differ from the study as it stands in one thing, by that thing."""
    drawn = set(found.groups.get("draw", ()))
    members: dict[str, list[str]] = {}
    for name, told in found.scenarios.items():
        if name != BASE and name not in drawn and len(told["changes"]) == 1 and "run" in told:
            members.setdefault(next(iter(told["changes"])), []).append(name)
    return members


def _correlations(found: Compared, measured: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rank correlations over draws: of every number drawn, and of persons as they came out, with each clause."""
    draws = [name for name in found.groups.get("draw", ()) if "run" in found.scenarios.get(name, {})]
    if len(draws) < _FEWEST_DRAWS:
        return []
    values: dict[str, dict[str, float]] = {"persons": {}}
    for name in draws:
        run = found.scenarios[name]["run"]
        values["persons"][name] = run["totals"]["persons"][str(run["phases"][-1])]
        for key, value in found.scenarios[name]["changes"].items():
            if isinstance(value, int | float):
                values.setdefault(key, {})[name] = float(value)
    rows = []
    for parameter, drawn in values.items():
        for clause, table in measured[measured["scenario"].isin(drawn)].groupby("clause", sort=False):
            at = [drawn[name] for name in table["scenario"]]
            if len(at) >= _FEWEST_DRAWS and len(set(at)) > 1 and len(set(table["measured"])) > 1:
                found_rank = float(spearmanr(at, table["measured"]).statistic)
                rows.append({"parameter": parameter, "clause": clause, "correlation": found_rank})
    return rows


def _names(run: Mapping[str, Any]) -> dict[str, Mapping[str, str]]:
    """Return what clauses, kinds of facilities and keys of the study are called, from the study as it stands."""
    told = {f"clause.{clause['id']}": clause["title"] for clause in run["clauses"]}
    told |= {f"kind.{name}": kind["title"] for name, kind in run["kinds"].items()}
    return told | {f"key.{one['key']}": one["meaning"] for one in run["parameters"] if "." in one["key"]}


def _places(found: Compared) -> Mapping[str, Any]:
    """Return the districts as GeoJSON, from the study as it stands."""
    told: Mapping[str, Any] = json.loads(found.scenarios[BASE]["folder"].joinpath("districts.geojson").read_bytes())
    return told
