"""A comparison of scenarios as one object: the tables that its files are printed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

NOMINAL = "base"
"""Name of the study as it stands, and of its plan."""
TABLES = {
    "scenarios": "compare",
    "worth": "compare_plans",
    "robust": "compare_robust",
    "sites": "compare_sites",
    "frontier": "compare_frontier",
    "sensitivity": "compare_sensitivity",
    "clauses": "compare_clauses",
}
"""Tables of a comparison and the CSV files that they are written to."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Scenarios side by side. Persons, yuan and shares of the last phase; a plan is called by its scenario.

    Attributes
    ----------
    study : Mapping
    scenarios : DataFrame
        One row each: scenario, group, changes, status (``failed`` where there is no result), cost, bound, gap, persons,
        beds_after, sites_new, sites_expanded, sites_converted, sites_closed, clauses_short (binding clauses that the
        scenario's own plan misses), persons_short, sites_in_common (with the plan of the study as it stands) and
        share_in_common (of the sites that either of the two touches), reason.
    worth : DataFrame
        Every plan under every scenario: plan, scenario, cost, clauses_short, persons_short, regret (persons short
        beyond what the best plan leaves there), lost (sites of the plan that cannot be had there).
    robust : DataFrame
        One row a plan: plan, cost (at prices of the study as it stands), price_of_robustness (cost beyond that of the
        nominal plan, as a share), worst_scenario, worst_persons_short, worst_clauses_short, mean_persons_short,
        worst_regret, always_met (scenarios in which no binding clause is short), best_in_worst, least_regret.
    sites : DataFrame
        One row a site that some plan touches: site, name, district_name, lon, lat, existing, plans, share, actions,
        kinds, no_regret (every plan touches it, and all do the same to it: none closes what others expand).
    frontier : DataFrame
        One row a plan, measured on the study as it stands: plan, cost, coverage (persons covered ÷ persons concerned,
        over all binding coverage clauses), efficient, and ``<clause>`` for each such clause.
    sensitivity : DataFrame
        parameter, clause (or ``cost`` of the scenarios' own plans), low_scenario, low, high_scenario, high, required,
        move: of the nominal plan; for draws the rank correlation instead of low and high.
    clauses : DataFrame
        clause, scenario, measured, required, short, persons_short of the nominal plan.
    plans : Mapping[str, DataFrame]
        What each plan touches, as in ``plan.csv``.
    places : Mapping
        Districts as GeoJSON (EPSG:4326).
    names : Mapping[str, Mapping]
        What ``clause.<id>``, ``kind.<id>`` and ``key.<key of the study>`` are called, by language.
    """

    study: Mapping[str, Any]
    scenarios: pd.DataFrame
    worth: pd.DataFrame
    robust: pd.DataFrame
    sites: pd.DataFrame
    frontier: pd.DataFrame
    sensitivity: pd.DataFrame
    clauses: pd.DataFrame
    plans: Mapping[str, pd.DataFrame]
    places: Mapping[str, Any]
    names: Mapping[str, Mapping[str, str]]

    @property
    def summary(self) -> dict[str, Any]:
        """The answer in a few words, as plain data."""
        robust = self.robust.set_index("plan")
        best = robust.index[robust["best_in_worst"]].tolist()
        return {
            "study": self.study["name"],
            "scenarios": len(self.scenarios),
            "failed": self.scenarios.loc[self.scenarios["status"] == "failed", "scenario"].tolist(),
            "plans": len(robust),
            "best_in_worst": best[0] if best else None,
            "least_regret": next(iter(robust.index[robust["least_regret"]]), None),
            "price_of_robustness": None if not best else _plain(robust.loc[best[0], "price_of_robustness"]),
            "worst_persons_short": None if not best else _plain(robust.loc[best[0], "worst_persons_short"]),
            "nominal_worst_persons_short": _plain(robust["worst_persons_short"].get(NOMINAL)),
            "no_regret": self.sites.loc[self.sites["no_regret"], "site"].tolist(),
        }


def _plain(value: Any) -> float | None:  # noqa: ANN401 - a number of numpy, or none
    return None if value is None or pd.isna(value) else float(value)
