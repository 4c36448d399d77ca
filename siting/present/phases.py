"""The years between today and the plan's end: what is in force, where everybody stands, how each district measures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from siting.model.sites import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from siting.model.arrays import IntArray
    from siting.model.findings import Audit, Finding, LedgerLine, Status
    from siting.model.plan import Study
    from siting.model.problem import State

PARTS = ("covered", "uncovered", "other_component", "no_road", "demand", "not_concerned", "reachable")
"""Columns of persons of a district under a coverage clause; see `siting.model.findings.LedgerLine`."""

_WORST: Sequence[Status] = ("short", "grandfathered", "not_yet_due", "met", "not_applicable")
_Place: TypeAlias = tuple[str, int, str]
"""Clause, year, and district or unit."""
_DECIMALS = 6


def beds_by_year(study: Study, state: State, site: IntArray) -> dict[str, IntArray]:
    """Return the beds of sites in each phase: ``beds_<year>``, int64[site]."""
    problem = study.problem
    columns = {}
    for number, year in enumerate(problem.phases):
        beds = np.bincount(problem.options.site, state.beds[number].sum(axis=1), minlength=len(problem.sites))
        columns[f"beds_{year}"] = beds[site].astype(np.int64)
    return columns


def standing_by_year(study: Study) -> dict[str, Any]:
    """Return where every cell stands in the phases before the last: columns ``<year>_<rule>`` of `Results.cells`."""
    last = len(study.problem.phases) - 1
    standing = study.after.standing if study.after is not None else {}
    return {
        f"{study.problem.phases[phase]}_{clause}": codes for (clause, phase), codes in standing.items() if phase < last
    }


def totals_by_year(study: Study, sites: pd.DataFrame, state: State) -> list[dict[str, Any]]:
    """Add up what is done and in force by the end of each phase; no entries without a plan.

    Parameters
    ----------
    study : Study
    sites : DataFrame
        As `Results.sites` says.
    state : State
        The plan's.
    """
    if study.plan is None or study.plan.state is None:
        return []
    cost = np.cumsum(study.plan.cost_by_phase)
    options, problem = study.problem.options, study.problem
    ours = ~problem.sites.across[options.site]
    own = ours & options.is_open & ~np.isin(options.kind, sorted(problem.catalogue.partners))
    inside = problem.zones.district >= 0
    lines = []
    for number, year in enumerate(problem.phases):
        done = sites[(sites["year"] > 0) & (sites["year"] <= year)]["action"]
        lines.append(
            {
                "phase": int(year),
                "persons": round(float(problem.zones.persons[inside, :, number].sum()), _DECIMALS),
                "beds": int(state.beds[number][ours].sum()),
                "facilities": int((state.open[number] & own).sum()),
                "cost": round(float(cost[number]), _DECIMALS),
                **{f"sites_{word}": int((done == action).sum()) for action, word in _WORDS.items()},
            }
        )
    return lines


_WORDS = {Action.OPEN: "new", Action.EXPAND: "expanded", Action.CONVERT: "converted", Action.CLOSE: "closed"}


def by_district(study: Study) -> pd.DataFrame:
    """Set side by side, for every clause, phase and district: the measure, the verdict and the persons.

    Where a clause speaks of planning units, a district shows its unit's figures, as on the map.
    """
    before, after = _Looked(study.before), _Looked(study.after)
    columns = ["rule", "phase", "district", "before", "after", "required", "unit", "sense", "status_before", "status"]
    columns += [f"{part}_{moment}" for moment in ("before", "after") for part in PARTS]
    return pd.DataFrame(_rows(study, before, after), columns=columns)


def _rows(study: Study, before: _Looked, after: _Looked) -> Iterator[list[Any]]:
    places = study.problem.districts
    for rule in study.config.rules:
        for year in study.problem.phases:
            for identity, unit in zip(places.id, places.unit, strict=True):
                found = before.finding(rule.clause.id, year, (identity, unit))
                if found is None:
                    continue
                then = after.finding(rule.clause.id, year, (identity, unit))
                asked = then or found
                yield [
                    rule.clause.id, int(year), identity,
                    _number(found.measured), np.nan if then is None else _number(then.measured),
                    _number(asked.required), found.unit, found.sense,
                    str(found.status), "" if then is None else str(then.status),
                    *before.persons(rule.clause.id, year, identity), *after.persons(rule.clause.id, year, identity),
                ]  # fmt: skip


class _Looked:
    """An audit, looked up by clause, year and district."""

    def __init__(self, audit: Audit | None) -> None:
        verdicts = audit.findings if audit is not None else ()
        self._units = _worst(finding for finding in verdicts if finding.subject.kind == "unit")
        self._districts = _worst(audit.by_district if audit is not None else ())
        lines = audit.ledger_by_district if audit is not None else ()
        self._ledger: dict[_Place, LedgerLine] = {(line.clause, line.phase, line.district): line for line in lines}

    def finding(self, clause: str, year: int, place: tuple[str, str]) -> Finding | None:
        """Return what is found of a district, or of its unit where the clause speaks of units."""
        district, unit = place
        return self._units.get((clause, year, unit)) or self._districts.get((clause, year, district))

    def persons(self, clause: str, year: int, district: str) -> list[float]:
        """Return the persons of a district under a coverage clause, in the order of `PARTS`."""
        line = self._ledger.get((clause, year, district))
        return [np.nan if line is None else _number(getattr(line, part)) for part in PARTS]


def _worst(findings: Iterable[Finding]) -> dict[_Place, Finding]:
    """Look findings up by clause, year and place; of several parts of a clause the worst one counts."""
    found: dict[_Place, Finding] = {}
    for finding in sorted(findings, key=lambda one: _WORST.index(one.status)):
        found.setdefault((finding.clause, finding.phase, finding.subject.id), finding)
    return found


def _number(value: float) -> float:
    return round(value, _DECIMALS)
