"""What a run tells of its inputs: ground that keeps candidates off, and how the cells met the census."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from siting.model.plan import Study
    from siting.model.text import Text


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


def _both(text: Text) -> dict[str, str]:
    """Return a text as plain data."""
    return {"zh": text.zh, "en": text.en}
