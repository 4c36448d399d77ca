"""The short table that a run prints on a terminal: clauses before and after, cost, bound and gap."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.present.amounts import BLANK, finest, measured, wan, whole
from siting.present.chapters import goals
from siting.present.teller import Teller

if TYPE_CHECKING:
    import pandas as pd

    from siting.model.text import Language
    from siting.present.results import Results


@dataclass(frozen=True, slots=True)
class Summary:
    """What a planner reads first.

    Attributes
    ----------
    title : str
        With the study's notice, if it has one.
    header : tuple[str, ...]
    rows : tuple[tuple[str, ...], ...]
        One per clause, last phase.
    lines : tuple[str, ...]
        Cost and proof, or why there is no plan.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[str, ...]


def summary(results: Results, language: Language) -> Summary:
    """Put the findings of the last phase and the certificate into a few lines."""
    teller = Teller(results, language)
    last = results.run["phases"][-1]
    findings = results.findings[results.findings["phase"] == last]
    rows = tuple(
        _row(teller, clause["id"], findings[findings["rule"] == clause["id"]]) for clause in results.run["clauses"]
    )
    header = (
        teller.two("条款", "clause"),
        teller.two("要求", "required"),
        teller.two("现状", "before"),
        teller.two("规划后", "after"),
        teller.two("未达标单元", "subjects short"),
        teller.two("涉及老年人", "persons concerned"),
    )
    title = " · ".join(part for part in (teller.title, teller.notice, str(last)) if part)
    return Summary(title, header, rows, _proof(teller))


def _row(teller: Teller, rule: str, findings: pd.DataFrame) -> tuple[str, ...]:
    """Sum a clause up by its worst subjects: today's worst, and the plan's, which need not be the same."""
    today = _worst(findings, "before")
    worst = _worst(findings, "after") if teller.has_plan else today
    short_before = int((findings["status_before"] == "short").sum())
    short = int((findings["status"] == "short").sum()) if teller.has_plan else short_before
    shown = measured(float(today["before"]), today["unit"], float(today["required"]))
    if _asked(teller, today) != _asked(teller, worst):  # another place, of which another level is asked
        shown = f"{shown} ({_asked(teller, today)})"
    return (
        f"{rule} {teller.clause_title(rule)}",
        _asked(teller, worst),
        shown,
        measured(float(worst["after"]), worst["unit"], float(worst["required"])),
        f"{short_before} → {short} / {len(findings)}" if teller.has_plan else f"{short_before} / {len(findings)}",
        whole(float(worst["persons"])),
    )


def _asked(teller: Teller, finding: Any) -> str:  # noqa: ANN401 - a row of pandas
    """Write what is asked of a subject."""
    required = float(finding["required"])
    return BLANK if math.isnan(required) else f"{teller.sign(finding)} {measured(required, finding['unit'])}"


def _worst(findings: pd.DataFrame, column: str) -> Any:  # noqa: ANN401 - a row of pandas
    """Return the finding that is farthest from what is asked of it; requirements may differ from place to place."""
    margin = (findings[column] - findings["required"]) * findings["sense"].map({">=": 1.0, "<=": -1.0})
    size = findings["required"].abs().clip(lower=1e-9)
    return findings.iloc[int(np.argmin((margin / size).fillna(np.inf).to_numpy()))]


def _proof(teller: Teller) -> tuple[str, ...]:
    """Say what the plan costs and what is proven, or what clashes."""
    proof = teller.run["certificate"]
    if proof is None:
        return (teller.two("仅评估现状,未编制方案。", "Present situation only; no plan was asked for."),)
    if proof["status"] == "infeasible":
        head = teller.two(
            "已证明:不存在同时满足全部条款的方案。相互冲突的条款与地点:",
            "Proven: no plan meets every clause. What clashes, and where:",
        )
        return (head, *(_conflict(teller, entry) for entry in teller.run["conflicts"]))
    if proof["objective"] is None:
        return (teller.two("在限定时间内未找到方案,未作任何证明。", "Stopped without a plan; nothing is proven."),)
    if goals.told(teller):
        return tuple(goals.sentence(teller, goal) for goal in goals.told(teller))
    status = (
        teller.two("已证最优", "proven optimal")
        if proof["status"] == "optimal"
        else teller.two("有界方案", "plan with a proven bound")
    )
    cost, bound, gap = wan(proof["objective"]), wan(proof["bound"]), finest(proof["gap"])
    return (
        teller.two(
            f"投资 {cost} 万元;下界 {bound} 万元;差距 {gap}({status})。",
            f"Cost {cost} ×10,000 yuan; bound {bound} ×10,000 yuan; gap {gap} ({status}).",
        ),
    )


def _conflict(teller: Teller, entry: dict[str, object]) -> str:
    """Name one member of a clash, with the best it could reach."""
    unit = str(entry["unit"])
    required = measured(float(str(entry["required"])), unit)
    best = "?" if entry["best"] is None else measured(float(str(entry["best"])), unit, float(str(entry["required"])))
    name, place = teller.clause_named(str(entry["clause"])), teller.place(entry)
    return teller.two(
        f"  {name},{place},{entry['phase']}年:要求 {required},最多可达 {best}",
        f"  {name}, {place}, {entry['phase']}: required {required}, best reachable {best}",
    )
