"""What a run tells of its inputs: people and their needs, ground, how the cells met the census, and their quality."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.model.access import RoadState
from siting.model.groups import CARES

if TYPE_CHECKING:
    from siting.model.access import Snap
    from siting.model.arrays import FloatArray, IntArray
    from siting.model.plan import Study
    from siting.model.text import Text

CONNECTORS_M = (50.0, 100.0, 200.0, 300.0, 500.0)
"""Where the classes of connectors end, inclusive; the last has no end."""


def raking(study: Study) -> list[dict[str, Any]]:
    """List every census number with the cells' own, and the factor between them."""
    lines = study.raking.lines if study.raking is not None else ()
    return [
        {
            "district": None if line.district < 0 else study.raw.districts.id[line.district],
            "group": line.group,
            "before": round(line.before, 6),
            "control": line.control,
            "after": round(line.after, 6),
            "factor": round(line.factor, 6),
            "extreme": line.extreme,
        }
        for line in lines
    ]


def ground(study: Study) -> dict[str, Any]:
    """List every layer of ground with those it kept off, and how many candidates are left out in all."""
    return {
        "layers": [
            {
                "title": _both(layer.title),
                "file": layer.file,
                "licence": layer.licence,
                "condition": _both(layer.condition),
                "ranks": layer.best is not None,
                "groups": [
                    {name: value for name, value in asdict(one).items() if name != "ground"}
                    for one in study.screening.tallies
                    if one.ground == number
                ],
            }
            for number, layer in enumerate(study.raw.ground)
        ],
        "dropped": dict(study.screening.dropped),
    }


def warnings(study: Study) -> list[dict[str, Any]]:
    """List everything that was seen and did not stop the run, what can be mended first."""
    ordered = sorted(study.warnings, key=lambda told: told.severity != "warning")
    return [
        {
            "source": told.source,
            "zh": told.zh,
            "en": told.en,
            "severity": told.severity,
            "mend": {"zh": told.mend[0], "en": told.mend[1]},
        }
        for told in ordered
    ]


def demand(study: Study) -> dict[str, Any]:
    """Add up groups and needs in all districts by phase: published shares laid over the cells' persons."""
    zones = study.problem.zones
    inside, phases = zones.district >= 0, dict(enumerate(study.problem.phases))

    def held(persons: FloatArray) -> float:
        return round(float(persons[inside].sum()), 6)

    return {
        "groups": [
            {
                "id": group.id,
                "title": _both(group.title),
                "age": group.age,
                "weight": group.weight,
                "source": _both(group.source),
                "persons": {str(year): held(zones.persons_of(group.id, number)) for number, year in phases.items()},
            }
            for group in zones.groups
        ],
        "weighted": {str(year): held(zones.weighted(number)) for number, year in phases.items()},
        "needs": [
            {
                "phase": year,
                "of": need.of,
                "source": _both(need.source),
                "shares": {care: need.share(care) for care in CARES},
                "persons": {care: held(zones.in_need(care, number)) for care in CARES},
                "beds": round(held(zones.in_need("institution", number)) * need.beds_per_person, 6),
                "places": round(held(zones.in_need("community", number)) * need.places_per_person, 6),
            }
            for number, (year, need) in enumerate(zip(study.problem.phases, zones.needs, strict=False))
        ],
    }


def quality(study: Study) -> dict[str, Any]:
    """Measure how well people and sites join the streets, in the last phase."""
    zones, sites, access = study.problem.zones, study.problem.sites, study.problem.access
    cells = np.flatnonzero(zones.is_cell & (zones.district >= 0))
    persons = zones.persons[cells, :, -1].sum(axis=1)
    return {
        "persons": _joining(access.zones, cells, persons),
        "facilities": _joining(access.sites, np.flatnonzero(sites.existing), None),
        "candidates": _joining(access.sites, np.flatnonzero(~sites.existing), None),
    }


def _joining(snap: Snap, index: IntArray, weight: FloatArray | None) -> dict[str, Any]:
    """Count points (or their persons) by the length of their connector, and those without a road."""
    weight = np.ones(len(index)) if weight is None else weight
    connector, state = snap.connector_m[index], snap.state[index]
    on = state != RoadState.NO_ROAD
    held = np.bincount(np.searchsorted(CONNECTORS_M, connector[on]), weight[on], minlength=len(CONNECTORS_M) + 1)
    return {
        "count": round(float(weight.sum()), 6),
        "bands": [
            {"from_m": low, "to_m": high, "count": round(count, 6)}
            for low, high, count in zip((0.0, *CONNECTORS_M), (*CONNECTORS_M, None), held.tolist(), strict=True)
        ],
        "no_road": round(float(weight[~on].sum()), 6),
        "other_component": round(float(weight[state == RoadState.OTHER_COMPONENT].sum()), 6),
        "median_m": _middle(connector[on], weight[on]),
    }


def _middle(values: FloatArray, weight: FloatArray) -> float | None:
    """Return the weighted median: the least value up to which half of the weight lies; None of nothing."""
    if not weight.sum() > 0:
        return None
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order]) >= weight.sum() / 2
    return round(float(values[order][np.argmax(reached)]), 3)


def read(study: Study) -> list[dict[str, Any]]:
    """List the files that were read, with how old they are where somebody says."""
    return [
        {
            "role": item.role,
            "path": item.path,
            "sha256": item.sha256,
            "size_bytes": item.size_bytes,
            "crs": item.crs,
            "licence": item.licence,
            "as_of": study.dates[item.path].as_of if item.path in study.dates else "",
            "retrieved": study.dates[item.path].retrieved if item.path in study.dates else "",
        }
        for item in study.raw.provenance
    ]


def _both(text: Text) -> dict[str, str]:
    """Return a text as plain data."""
    return {"zh": text.zh, "en": text.en}
