"""What was decided, and why: certificate, goals, shortfalls and conflicts as ``run.json`` holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from siting.model.text import Text
from siting.present.texts import TEXTS

if TYPE_CHECKING:
    from siting.model.plan import Conflict, Relaxation, Shortfall, Study
    from siting.model.rows import Subject


def certificate(study: Study) -> dict[str, Any] | None:
    """Describe what is proven; how long it took stands under timings."""
    if study.plan is None:
        return None
    proof = study.plan.certificate
    return {
        "status": proof.status,
        "objective": proof.objective,
        "bound": proof.bound,
        "gap": proof.gap,
        "solver": proof.solver,
        "version": proof.version,
        "seed": proof.seed,
        "how": proof.how,
        "unit": proof.unit,
        "sense": proof.sense,
    }


def goals(study: Study) -> list[dict[str, Any]]:
    """List the goals in their order, how far each was reached and what is proven."""
    return [
        {
            "goal": item.goal,
            "clauses": list(item.clauses),
            "limit": item.limit,
            **{key: getattr(item.certificate, key) for key in ("status", "objective", "bound", "gap", "unit", "sense")},
        }
        for item in (study.plan.goals if study.plan else ())
    ]


def shortfalls(study: Study) -> list[dict[str, Any]]:
    """List what indicative clauses with a price are short of."""
    return [
        {
            **_place(study, item),
            **{key: rounded(getattr(item, key)) for key in ("short", "price", "cost")},
        }
        for item in (study.plan.shortfalls if study.plan else ())
    ]


def conflicts(study: Study) -> list[dict[str, Any]]:
    """List clauses and places that clash; a best level that could not be computed in time is null."""
    return [
        {
            **_place(study, item),
            "phase": item.phase,
            "required": rounded(item.required),
            "best": None if np.isnan(item.best) else rounded(item.best),
            "unit": item.unit,
            "group": item.group,
            "needed": item.needed,
            "with_others": None if item.with_others is None else rounded(item.with_others),
        }
        for item in (study.plan.conflicts if study.plan else ())
    ]


def relaxations(study: Study) -> list[dict[str, Any]]:
    """List what a smallest relaxation gives way on."""
    return [
        {
            **_place(study, item),
            "phase": item.phase,
            "required": rounded(item.required),
            "to": rounded(item.to),
            "unit": item.unit,
            "share": rounded(item.share),
        }
        for item in (study.plan.relaxations if study.plan else ())
    ]


def drawn(study: Study) -> dict[str, Any] | None:
    """Describe a hand-drawn plan: what it costs and misses, how it compares, and what a repair changes."""
    mine = study.drawn
    if mine is None:
        return None
    optimum = None if mine.optimum is None or mine.optimum.state is None else mine.optimum
    mended = None if mine.repair is None or mine.repair.state is None else mine.repair
    enforced = {clause.id for clause in mine.audit.clauses if clause.enforced}
    return {
        "file": mine.file,
        "cost": rounded(mine.cost),
        "cost_by_phase": [rounded(cost) for cost in mine.cost_by_phase],
        "short": [
            {
                "clause": finding.clause,
                "subject": finding.subject.id,
                **_named(study, finding.subject),
                "phase": finding.phase,
                "measured": rounded(finding.measured),
                "required": rounded(finding.required),
                "unit": finding.unit,
                "enforced": finding.clause in enforced,
            }
            for finding in mine.audit.short()
        ],
        "optimum": None
        if optimum is None
        else {"cost": rounded(sum(optimum.cost_by_phase)), "bound": optimum.certificate.bound},
        "repair": None
        if mended is None or mine.fewest is None
        else {
            "cost": rounded(sum(mended.cost_by_phase)),
            "changes": mine.fewest.objective,
            "at_least": mine.fewest.bound,
            "status": mine.fewest.status,
        },
        "changes": [
            {key: getattr(change, key) for key in change.__slots__} | {"name": site_name(study, change.site)}
            for change in mine.changes
        ],
    }


def _place(study: Study, item: Shortfall | Conflict | Relaxation) -> dict[str, str]:
    """Name the clause and the place that a row is about."""
    return {
        "clause": item.clause,
        "subject": item.subject.id,
        **_named(study, item.subject),
    }


def _named(study: Study, subject: Subject) -> dict[str, str]:
    """Name a subject in both languages."""
    name = subject_text(study, subject)
    return {"subject_name": name.zh, "subject_name_en": name.en}


def site_name(study: Study, site: str) -> str:
    """Return the name of a site; its id where it has none."""
    sites = study.problem.sites
    return sites.name[sites.id.index(site)] or site


def _place_name(study: Study, subject: Subject) -> Text:
    """Name a place in both languages."""
    problem = study.problem
    match subject.kind:
        case "area":
            return Text("全域", "Whole area")
        case "district" | "community":
            places = problem.districts if subject.kind == "district" else problem.communities
            index = places.id.index(subject.id)
            return Text(places.name[index], places.name_en[index])
        case "site":
            name = problem.sites.name[problem.sites.id.index(subject.id)]
            return Text(name, name)
        case _:
            return Text(subject.id, subject.id)


def subject_text(study: Study, subject: Subject) -> Text:
    """Name a subject in both languages, with the kinds it is about where a clause counts several."""
    name = _place_name(study, subject)
    if not subject.part:
        return name
    known = {name: kind.title for name, kind in study.config.catalogue.kinds.items()}
    known |= {group.id: group.title for group in study.problem.zones.groups}
    titles = [
        known[part] if part in known else TEXTS.get(f"tag.{part}", Text(part, part)) for part in subject.part.split("+")
    ]
    zh, en = "、".join(title.zh for title in titles), ", ".join(title.en for title in titles)
    if subject.kind == "site" and set(subject.part.split("+")) <= set(study.config.catalogue.kinds):
        zh, en = f"上级{zh}", f"above it: {en}"  # a link: the part is what the facility is linked to
    return Text(f"{name.zh}·{zh}", f"{name.en} ({en})")


def rounded(value: float) -> float:
    """Round away what floating point adds, far below what anybody signs."""
    return round(value, 6)
