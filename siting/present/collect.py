"""From a finished study to the tables and layers of its run folder."""

from __future__ import annotations

import datetime as dt
import platform
from dataclasses import asdict, replace
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from siting.present import inputs, serving
from siting.present.decisions import (
    certificate,
    conflicts,
    drawn,
    goals,
    relaxations,
    rounded,
    shortfalls,
    subject_text,
)
from siting.present.links import links
from siting.present.parameters import parameters, plain
from siting.present.phases import by_district, totals_by_year
from siting.present.places import (
    catchments,
    cells,
    density_edges,
    districts,
    final_state,
    isochrones,
    roads,
    site_table,
    snaps,
    water,
)
from siting.present.plain import full_width
from siting.present.readings import readings
from siting.present.results import Results, write_texts
from siting.present.spots import hot_spots
from siting.present.why import alternatives, clause_prices, cost_curve, site_reasons

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siting.model.findings import Audit, Finding
    from siting.model.plan import Study
    from siting.model.problem import Reach, State
    from siting.model.rows import Subject
    from siting.model.text import Text

_OUTLINE_DEGREES = 2e-4
"""How much of a district's course may be lost on the small maps of a comparison: some 20 m."""
_PACKAGES = ("siting", "numpy", "scipy", "shapely", "pyproj", "rasterio", "geopandas", "numba", "pulp", "highspy")


def collect(study: Study) -> Results:
    """Gather everything a run has to say; whatever is printed later is read from here.

    Parameters
    ----------
    study : Study
    """
    sites = site_table(study)
    findings = _findings(study)
    measured = by_district(study)
    return Results(
        run=_run(study, sites),
        findings=findings,
        ledger=_ledger(study),
        districts=districts(study, sites, measured),
        by_district=measured,
        reasons=site_reasons(study),
        prices=clause_prices(study),
        alternatives=alternatives(study),
        curve=cost_curve(study),
        serving=serving.by_district(study),
        occupancy=serving.by_facility(study),
        sites=sites,
        isochrones=isochrones(study),
        catchments=catchments(study, sites),
        roads=roads(study),
        water=water(study),
        cells=cells(study),
        snaps=snaps(study),
        spots=hot_spots(study, study.plan.state if study.plan is not None else None),
        links=links(sites, {name: kind.parent for name, kind in study.config.catalogue.kinds.items() if kind.parent}),
    )


def write_scenario(study: Study, folder: Path) -> None:
    """Write what scenarios are compared by into an existing folder: ``run.json`` and the tables, nothing for the eye.

    Parameters
    ----------
    study : Study
    folder : Path
    """
    sites = site_table(study)
    places = districts(study, sites, by_district(study))
    tables = {
        "findings": _findings(study),
        "ledger": _ledger(study),
        "districts": places.drop(columns="geometry"),
        "plan": sites.drop(columns="geometry"),
    }
    write_texts(_run(study, sites), tables, folder)
    outlines = places[["id", "name", "name_en", "geometry"]].to_crs("EPSG:4326")
    outlines = outlines.set_geometry(shapely.set_precision(outlines.geometry.simplify(_OUTLINE_DEGREES), 1e-5))
    folder.joinpath("districts.geojson").write_text(outlines.to_json(drop_id=True), encoding="utf-8")


def _findings(study: Study) -> pd.DataFrame:
    """Set the findings before and after side by side."""
    by_id = {rule.clause.id: rule for rule in study.config.rules}
    rows = []
    for now, then in _side_by_side(study):
        finding = then or now
        name = subject_text(study, finding.subject)
        rule = by_id[finding.clause]
        said = finding.note or rule.sentence(finding, name)
        today = said if now is None or now is finding else now.note or rule.sentence(now, name)
        rows.append(
            {
                "rule": finding.clause,
                "subject_kind": finding.subject.kind,
                "subject": "+".join(part for part in (finding.subject.id, finding.subject.part) if part),
                "subject_name": name.zh,
                "phase": finding.phase,
                "before": np.nan if now is None else rounded(now.measured),
                "after": np.nan if then is None else rounded(then.measured),
                "required": rounded(finding.required),
                "margin": _margin(finding),
                "unit": finding.unit,
                "sense": finding.sense,
                "status_before": "not_applicable" if now is None else now.status,
                "status": "" if then is None else then.status,
                "persons": rounded(finding.persons),
                "persons_short_before": 0.0 if now is None else rounded(now.persons_short),
                "persons_short": np.nan if then is None else rounded(then.persons_short),
                "sentence_zh": full_width(said.zh),
                "sentence_en": said.en,
                "sentence_before_zh": full_width(today.zh),
                "sentence_before_en": today.en,
            }
        )
    return pd.DataFrame(rows)


def _margin(finding: Finding) -> float:
    """Return by how much a requirement is passed, from the figures as they are printed."""
    apart = rounded(finding.measured) - rounded(finding.required)
    return rounded(apart if finding.sense == ">=" else -apart)


def _side_by_side(study: Study) -> Iterator[tuple[Any, Any]]:
    """Pair the findings before and after; a facility that the plan opens has none before.

    Where there is no plan the second is None. A clause that concerned nothing today and concerns some sites after the
    plan, or the other way round, is not said to concern nothing besides.
    """
    before = {_key(finding): finding for finding in study.before.findings}
    if study.after is None:
        yield from ((finding, None) for finding in before.values())
        return
    after = {_key(finding): finding for finding in study.after.findings}
    sites = {(key[0], key[2]) for key in (*before, *after) if key[1].kind == "site"}
    order = {rule.clause.id: at for at, rule in enumerate(study.config.rules)}
    for key in sorted(dict.fromkeys((*before, *after)), key=lambda key: (key[2], order[key[0]])):
        now, then = before.get(key), after.get(key)
        told = [finding for finding in (now, then) if finding is not None]
        nothing = key[1].kind == "area" and told[0].status == "not_applicable"
        if len(told) == 1 and nothing and (key[0], key[2]) in sites:
            continue
        gone = replace(told[0], measured=np.nan, status="not_applicable", persons_short=0.0)
        yield now, gone if then is None else then


def _key(finding: Finding) -> tuple[str, Subject, int]:
    """Tell findings of one audit apart."""
    return finding.clause, finding.subject, finding.phase


def _ledger(study: Study) -> pd.DataFrame:
    """List where every person stands, before and after."""
    parts = ("covered", "uncovered", "other_component", "no_road", "demand", "not_concerned", "outside_districts")
    audits: list[tuple[str, Audit | None]] = [("before", study.before), ("after", study.after)]
    return pd.DataFrame(
        [
            {
                "rule": line.clause,
                "phase": line.phase,
                "moment": moment,
                **{part: rounded(getattr(line, part)) for part in (*parts, "raster_total", "reachable")},
            }
            for moment, audit in audits
            for line in (audit.ledger if audit else ())
        ]
    )


def _run(study: Study, sites: pd.DataFrame) -> dict[str, Any]:
    """Describe the run: what was asked, what was read, what is proven."""
    options, catalogue, grid = study.config.options, study.config.catalogue, study.problem.zones.grid
    title = options.title
    return {
        "study": {
            "name": options.study,
            "title": {"zh": options.study, "en": options.study} if title is None else title.model_dump(),
            "notice": None if options.notice is None else options.notice.model_dump(),
            "language": options.language,
            "crs": study.raw.crs,
        },
        "phases": list(study.problem.phases),
        "clauses": [_clause(study, rule) for rule in study.config.rules],
        "overrides": [
            {"clause": o.clause, "parameter": o.parameter, "pack": plain(o.pack), "study": plain(o.study)}
            for o in study.config.overrides
        ],
        "parameters": parameters(study),
        "readings": readings(study),
        "density_edges": density_edges(study.config.rules),
        "kinds": {
            name: {"title": _both(kind.title), "tier": kind.tier, "partner": kind.partner}
            for name, kind in catalogue.kinds.items()
        },
        "tenures": {name: _both(tenure.title) for name, tenure in catalogue.tenures.items()},
        "cost_basis": _both(catalogue.basis),
        "totals": _totals(study, sites),
        "raking": inputs.raking(study),
        "density_sensitivity": [asdict(shift) for shift in study.density_shifts],
        "ground": inputs.ground(study),
        "demand": inputs.demand(study),
        "quality": inputs.quality(study),
        "certificate": certificate(study),
        "goals": goals(study),
        "released": list(study.plan.released) if study.plan else [],
        "shortfalls": shortfalls(study),
        "conflicts": conflicts(study),
        "relaxations": relaxations(study),
        "drawn": drawn(study),
        "serving": serving.told(study),
        "inputs": inputs.read(study),
        "versions": {name: metadata.version(name) for name in _PACKAGES} | {"python": platform.python_version()},
        "warnings": inputs.warnings(study),
        "configuration": options.model_dump(mode="json"),
        "grid": {name: getattr(grid, name) for name in grid.__slots__},
        "timings": {
            "ended": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "stages_s": {name: round(seconds, 3) for name, seconds in study.timings_s.items()},
            "solve_s": None if study.plan is None else round(study.plan.certificate.seconds, 3),
        },
    }


def _both(text: Text) -> dict[str, str]:
    """Return a text as plain data."""
    return {"zh": text.zh, "en": text.en}


def _clause(study: Study, rule: Any) -> dict[str, Any]:  # noqa: ANN401 - rules of several kinds
    """Describe a clause with its citation."""
    clause, citation = rule.clause, rule.clause.citation
    reach = rule.reach(study.problem.walk_speed_m_per_s)
    kinds = [f.subject.kind for f in study.before.findings if f.clause == clause.id]
    return {
        "id": clause.id,
        "title": _both(clause.title),
        "paraphrase": _both(citation.paraphrase),
        "document": _both(citation.document),
        "number": citation.number,
        "section": citation.section,
        "issued": "" if citation.issued is None else citation.issued.isoformat(),
        "role": clause.role,
        "force": clause.force,
        "kind": clause.kind,
        "deadline_year": clause.deadline_year,
        "unit": rule.unit,
        "strict": rule.strict,
        "subjects": kinds[-1] if kinds else "area",
        "coverage": _walked(study, rule, reach),
    }


def _walked(study: Study, rule: Any, reach: Reach | None) -> dict[str, Any] | None:  # noqa: ANN401
    """Describe within what walk of what persons are to live; None for clauses that ask for something else."""
    covers = rule.missing(study.problem) is None and rule.coverage(study.problem, 0) is not None
    if reach is None or reach.mode != "walk" or not covers:
        return None
    return {
        "kinds": sorted(reach.kinds),
        "metres": reach.metres,
        "minutes": getattr(rule.parameters, "minutes", None),
    }


def _hired(study: Study, state: State) -> list[dict[str, Any]]:
    """List the staff that a plan hires by its end, and their pay over the plan period."""
    roles = study.config.catalogue.roles
    return [
        {
            "role": role,
            "title": _both(roles[role].title),
            "persons": persons[-1],
            "cost": rounded(persons[-1] * roles[role].cost),
        }
        for role, persons in sorted(state.hired.items())
        if persons[-1]
    ]


def _money(study: Study) -> dict[str, Any]:
    """Return how amounts of different years are set against each other (see `Money`)."""
    money, phases = study.problem.money, study.problem.phases
    return {
        "discount_rate": money.discount_rate,
        "base_year": phases[0] if money.base_year is None else money.base_year,
        "until": max(phases[-1], money.until or phases[-1]),
    }


def _totals(study: Study, sites: pd.DataFrame) -> dict[str, Any]:
    """Add up what a plan's first page says."""
    planned = study.plan is not None and study.plan.state is not None
    final, places = final_state(study), study.problem.sites
    own = places.existing & ~places.across
    mine = ~sites["site"].isin([places.id[guest] for guest in np.flatnonzero(places.across)])
    inside = study.problem.zones.district >= 0
    count = {
        name: int((sites["action"] == name).sum()) if planned else 0 for name in ("open", "expand", "convert", "close")
    }
    last = study.problem.phases[-1]
    return {
        "persons": {
            str(year): rounded(float(study.problem.zones.persons[inside, :, number].sum()))
            for number, year in enumerate(study.problem.phases)
        },
        "reachable": {line.clause: rounded(line.reachable) for line in study.before.ledger if line.phase == last},
        "beds_before": int(places.beds[own].sum()),
        "beds_after": int(sites.loc[mine, "beds_after"].sum()) if planned else None,
        "cost": rounded(float(sum(study.plan.cost_by_phase))) if planned and study.plan else None,
        "cost_by_phase": [rounded(cost) for cost in study.plan.cost_by_phase] if study.plan else [],
        "payroll": rounded(float(study.problem.payroll(final)[-1])) if planned else None,
        "hired": _hired(study, final) if planned else [],
        "running_before": rounded(float(study.problem.running(study.problem.existing_state())[-1])),
        "running_by_phase": [rounded(cost) for cost in study.problem.running(final)] if planned else [],
        "present_value": rounded(study.problem.present_value(final)) if planned else None,
        "money": _money(study),
        "by_phase": totals_by_year(study, sites, final),
        "sites_new": count["open"],
        "sites_expanded": count["expand"],
        "sites_converted": count["convert"],
        "sites_closed": count["close"],
    }
