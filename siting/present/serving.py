"""Tables of who goes where: by district and by facility, under every supposition of how people choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from siting.model.serving import CHOICES
from siting.present.decisions import rounded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siting.model.arrays import FloatArray
    from siting.model.plan import Study
    from siting.model.problem import Reach
    from siting.model.serving import Assignment, Serving


def told(study: Study) -> list[dict[str, Any]]:
    """Describe the services of a study, as ``run.json`` holds them."""
    return [
        {
            "id": service.id,
            "title": {"zh": service.title.zh, "en": service.title.en},
            "care": service.care,
            "group": service.group,
            "share": None if service.care else service.share,
            "source": {"zh": service.source.zh, "en": service.source.en},
            "room": service.room,
            "bed_classes": list(service.bed_classes),
            "per_person": {
                str(year): service.per_person(study.problem.zones, phase)
                for phase, year in enumerate(study.problem.phases)
            },
            **_how_far(service.reach),
            "kinds": sorted(service.reach.kinds),
            "choice": service.choice,
            "choices": service.choices,
        }
        for service in study.config.services
    ]


def _how_far(reach: Reach) -> dict[str, Any]:
    """Say how far anybody goes: in minutes where the limit is one of time."""
    minutes = reach.minutes
    return {
        "mode": reach.mode,
        "minutes": None if minutes is None else rounded(minutes),
        "metres": rounded(reach.metres) if reach.mode == "walk" else None,
    }


def by_district(study: Study) -> pd.DataFrame | None:
    """List need and service in every district and in all, as `Results.serving` says; None where nobody asked."""
    if not study.serving:
        return None
    return pd.DataFrame(
        [
            line
            for serving in study.serving
            for choice in CHOICES
            for line in _in_districts(study, serving, serving.assignments[choice])
        ]
    )


def _in_districts(study: Study, serving: Serving, found: Assignment) -> Iterator[dict[str, Any]]:
    """Yield a line for all districts together, and one for each."""
    places = study.problem.districts.id
    district = study.problem.zones.district
    within = np.where(serving.nearest >= 0, serving.need, 0.0)
    parts = {
        "need": serving.need,
        "within_reach": within,
        "served": found.served,
        "waiting": found.waiting,
        "out_of_reach": serving.need - within,
        "metres": found.metres,
    }
    for place, name in ((None, ""), *enumerate(places)):
        here = district >= 0 if place is None else district == place
        sums = {part: float(persons[here].sum()) for part, persons in parts.items()}
        metres = sums.pop("metres")
        yield {
            "service": serving.service.id,
            "phase": study.problem.phases[serving.phase],
            "moment": serving.moment,
            "choice": found.choice,
            "district": name,
            **{part: rounded(persons) for part, persons in sums.items()},
            "mean_m": rounded(metres / sums["served"]) if sums["served"] > 0 else np.nan,
        }


def by_facility(study: Study) -> pd.DataFrame | None:
    """List who comes to every facility with room, as `Results.occupancy` says; None where nobody asked."""
    if not study.serving:
        return None
    columns = ["service", "phase", "moment", "site", "name", "district", "room", "catchment", "exclusive"]
    columns += [f"{part}_{choice}" for choice in CHOICES for part in ("served", "waiting", "occupancy")]
    lines = [line for serving in study.serving for line in _at_facilities(study, serving)]
    return pd.DataFrame(lines, columns=columns)


def _at_facilities(study: Study, serving: Serving) -> Iterator[dict[str, Any]]:
    """Yield a line for each facility with room."""
    sites, places = study.problem.sites, (*study.problem.districts.id, "")
    taken = {choice: found.taken for choice, found in serving.assignments.items()}
    waiting = {choice: serving.at_nearest(found.waiting) for choice, found in serving.assignments.items()}
    for site in np.flatnonzero(serving.room > 0).tolist():
        yield {
            "service": serving.service.id,
            "phase": study.problem.phases[serving.phase],
            "moment": serving.moment,
            "site": sites.id[site],
            "name": sites.name[site] or sites.id[site],
            "district": places[sites.district[site]],
            "room": rounded(serving.room[site]),
            "catchment": rounded(serving.total[site]),
            "exclusive": rounded(serving.exclusive[site]),
            **{f"served_{choice}": rounded(taken[choice][site]) for choice in CHOICES},
            **{f"waiting_{choice}": rounded(waiting[choice][site]) for choice in CHOICES},
            **{f"occupancy_{choice}": _full(serving, taken[choice], site) for choice in CHOICES},
        }


def _full(serving: Serving, taken: FloatArray, site: int) -> float:
    """Return what part of a facility's room is taken."""
    return rounded(float(taken[site]) * serving.per_person / float(serving.room[site]))
