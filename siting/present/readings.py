"""What a clause's verdict is under each reading: one word for all its subjects, and whether it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siting.present.decisions import rounded
from siting.present.parameters import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siting.model.findings import Audit, Finding
    from siting.model.plan import Study

_WORST_FIRST = ("short", "not_yet_due", "grandfathered", "no_data", "met", "not_applicable")


def readings(study: Study) -> list[dict[str, Any]]:
    """List every reading with the verdict on each clause under it, last phase; empty where none was compared."""
    asked = study.before
    return [
        {
            "name": reading.name,
            "title": {"zh": reading.title.zh, "en": reading.title.en},
            "changes": [{"key": key, "value": plain(value)} for key, value in reading.changes.items()],
            "clauses": list(_compared(asked, reading.audit, study.problem.phases[-1])),
        }
        for reading in study.readings
    ]


def _compared(asked: Audit, other: Audit, year: int) -> Iterator[dict[str, Any]]:
    """Yield the verdict on every clause of the study as it is asked, and under a reading."""
    for clause in asked.clauses:
        before, after = (_verdict(audit, clause.id, year) for audit in (asked, other))
        yield {"clause": clause.id, "asked": before, "read": after, "changes": before["verdict"] != after["verdict"]}


def _verdict(audit: Audit, clause: str, year: int) -> dict[str, Any]:
    """Give one verdict on a clause, the worst over its subjects; measured and required are of the worst subject."""
    found = [finding for finding in audit.findings if finding.clause == clause and finding.phase == year]
    if not found:
        return {"verdict": "not_applicable", "measured": None, "required": None, "short": 0, "subjects": 0}
    worst = min(found, key=lambda finding: (_WORST_FIRST.index(finding.status), _margin(finding)))
    return {
        "verdict": worst.status,
        "measured": _number(worst.measured),
        "required": _number(worst.required),
        "short": sum(finding.status == "short" for finding in found),
        "subjects": len(found),
    }


def _margin(finding: Finding) -> float:
    """Order by how much is missing; what is not measured comes last."""
    return finding.margin if finding.margin == finding.margin else float("inf")


def _number(value: float) -> float | None:
    """Return a number as JSON can hold it."""
    return rounded(value) if value == value else None  # noqa: PLR0124 - not a number
