"""How a clause stands over its subjects, in a few words: counts of verdicts, never new measurements."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from siting.present import amounts
from siting.present.blocks import Cell
from siting.present.plain import clean, number
from siting.present.teller import STATUS_TONES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.present.teller import Teller

Moment: TypeAlias = Literal["before", "after"]


def status_of(finding: Any, moment: Moment) -> str:  # noqa: ANN401 - a named tuple of pandas
    """Return the verdict on a finding before or after the plan; empty where there is none."""
    return clean(finding.status_before if moment == "before" else finding.status)


def value_of(finding: Any, moment: Moment) -> float:  # noqa: ANN401 - a named tuple of pandas
    """Return what was measured before or after the plan."""
    return number(finding.before if moment == "before" else finding.after)


def tally(findings: Sequence[Any], moment: Moment) -> Counter[str]:
    """Count the verdicts."""
    return Counter(status_of(finding, moment) for finding in findings)


def standing(teller: Teller, findings: Sequence[Any], moment: Moment) -> str:
    """Say how a clause stands: the value where it has one subject, else how many of them meet it."""
    if not findings:
        return amounts.BLANK
    if len(findings) == 1:
        return teller.amount(value_of(findings[0], moment), findings[0].unit, findings[0].required)
    counts = tally(findings, moment)
    concerned = len(findings) - counts["not_applicable"]
    return teller.two(f"{counts['met']}/{concerned} 达标", f"{counts['met']} of {concerned} met")


def conclusion(teller: Teller, findings: Sequence[Any], moment: Moment) -> Cell:
    """Say the verdict on a clause over all its subjects, worst first."""
    counts = tally(findings, moment)
    for status in ("short", "not_yet_due", "grandfathered", "no_data"):
        if counts[status]:
            text = teller.word("status", status)
            if len(findings) > 1:
                text = teller.two(f"{counts[status]}处{text}", f"{counts[status]} {text}")
            return Cell(text, STATUS_TONES.get(status, ""))
    return teller.status("met" if counts["met"] else "not_applicable" if findings else "")


def asked(teller: Teller, findings: Sequence[Any]) -> str:
    """Say what a clause requires; the range where it differs between subjects."""
    if not findings:
        return amounts.BLANK
    ordered = sorted(findings, key=lambda finding: number(finding.required))
    least, most = teller.required(ordered[0]), teller.required(ordered[-1])
    if least == most:
        return least
    return teller.two(f"{least} 至 {most}（分对象）", f"{least} to {most} (by subject)")


def clauses_with(teller: Teller, status: str, moment: Moment) -> list[str]:
    """Return the ids of clauses that have a subject with this verdict in the last phase."""
    return [rule for rule in teller.clauses if tally(teller.of_rule(rule), moment)[status]]
