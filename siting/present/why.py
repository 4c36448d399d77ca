"""Tables of reasons: what sites are for, what clauses cost, what would do nearly as well, what coverage costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.present.decisions import rounded, site_name

if TYPE_CHECKING:
    from siting.model.plan import Study
    from siting.model.reasons import Alternative


def site_reasons(study: Study) -> pd.DataFrame | None:
    """List what every chosen site is for, as `Results.reasons` says; None where nobody asked."""
    if study.reasons is None or not study.reasons.sites:
        return None
    options = study.problem.options
    return pd.DataFrame(
        [
            {
                "site": one.site,
                "name": site_name(study, one.site),
                "kind": options.kind[one.option],
                "action": str(options.action[one.option]),
                "beds_lost": one.beds_lost,
                "persons_lost": ";".join(f"{rule}={rounded(lost):.1f}" for rule, lost in one.persons_lost.items()),
                "clauses": ";".join(f"{rule}@{subject.id}" for rule, subject in one.needed_by),
                "without": one.without,
                "price": np.nan if one.price is None else rounded(one.price),
                "at_least": np.nan if one.price is not None or one.at_least is None else rounded(one.at_least),
                "instead": ";".join(one.instead),
                "instead_names": ";".join(site_name(study, site).replace(";", "；") for site in one.instead),
            }
            for one in study.reasons.sites
        ]
    )


def clause_prices(study: Study) -> pd.DataFrame | None:
    """List what every clause costs; None where nobody asked."""
    if study.reasons is None or not study.reasons.clauses:
        return None
    return pd.DataFrame(
        [
            {"clause": one.clause} | {key: rounded(getattr(one, key)) for key in ("saved", "at_least", "at_most")}
            for one in study.reasons.clauses
        ]
    )


def alternatives(study: Study) -> pd.DataFrame | None:
    """List the sites that plans of nearly the same cost do without, and those that they have instead."""
    if study.reasons is None or not study.reasons.alternatives:
        return None
    rows = [
        line
        for number, one in enumerate(study.reasons.alternatives, start=1)
        for change, names in (("dropped", one.dropped), ("added", one.added))
        for line in _lines(study, number, one, (change, names))
    ]
    return pd.DataFrame(rows)


def _lines(
    study: Study, number: int, one: Alternative, changed: tuple[str, tuple[str, ...]]
) -> list[dict[str, object]]:
    """Return a line for each site that an alternative drops or adds."""
    options, sites = study.problem.options, study.problem.sites
    asked = study.plan if study.drawn is None else study.drawn.optimum  # a repaired plan is not the one asked about
    plan = None if asked is None else asked.state
    change, names = changed
    state = one.state if change == "added" or plan is None else plan
    held = {sites.id[options.site[option]]: option for option in np.flatnonzero(state.open[-1])}
    return [
        {
            "number": number,
            "cost": rounded(one.cost),
            "site": name,
            "name": site_name(study, name),
            "kind": options.kind[held[name]],
            "action": str(options.action[held[name]]),
            "beds": int(one.state.beds[-1, held[name]].sum()),
            "change": change,
        }
        for name in names
    ]


def cost_curve(study: Study) -> pd.DataFrame | None:
    """List the least cost of each level of coverage with its proof; None where nobody asked."""
    if study.curve is None:
        return None
    return pd.DataFrame(
        [
            {
                "clause": study.curve.clause,
                "asked": rounded(point.asked),
                "persons": rounded(point.persons),
                "share": rounded(point.share),
                "cost": point.certificate.objective,
                "bound": point.certificate.bound,
                "gap": point.certificate.gap,
                "status": point.certificate.status,
            }
            for point in study.curve.points
        ]
    )
