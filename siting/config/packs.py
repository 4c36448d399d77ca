"""From policy packs to rules: clauses become objects, the study's changes are applied and remembered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from siting.config.files import ClauseFile
from siting.config.problems import explain, place, suggest
from siting.errors import Problem
from siting.model.premises import HandedOverFrom, Handover, Premises
from siting.model.rows import Clause
from siting.model.text import Citation
from siting.rules import KINDS

if TYPE_CHECKING:
    from siting.config.files import PolicyFile
    from siting.config.study import StudyFile
    from siting.model.catalogue import Catalogue
    from siting.rules import Rule
    from siting.sources.documents import Document

_OF_THE_CLAUSE = ("use", "force", "deadline", "price")
_CHECKED_AGAINST_OTHERS = {"kinds", "require", "age"}
"""Parameters that must fit the catalogue and the population."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A policy pack and the document it was read from."""

    file: PolicyFile
    document: Document


@dataclass(frozen=True, slots=True)
class Override:
    """One value of a clause that the study changed; printed in every report.

    Attributes
    ----------
    clause, parameter : str
    pack, study : object
        What the pack says (None where it says nothing) and what the study says.
    """

    clause: str
    parameter: str
    pack: object
    study: object


def rules_of(
    packs: list[Pack], study: StudyFile | None, document: Document, catalogue: Catalogue | None, problems: list[Problem]
) -> tuple[tuple[Rule, ...], tuple[Override, ...]]:
    """Make the rules of all packs, with the study's changes; add what is wrong to `problems`.

    Without a valid study or catalogue the rules are made all the same, so that their own problems are told too.
    """
    changes = _changes(document)
    rules: list[Rule] = []
    overrides: list[Override] = []
    homes: dict[str, Document] = {}
    for pack in packs:
        for number, clause in enumerate(pack.file.clauses):
            if clause.id in homes:
                where = place(pack.document, ("clauses", number, "id"))
                first = homes[clause.id].path
                problems.append(
                    Problem(where, f"clause {clause.id!r} stands in {first} already", "use one of the packs")
                )
                continue
            homes[clause.id] = pack.document
            change = changes.get(clause.id, {})
            overrides += _overrides(clause, change)
            rule = _rule(pack, number, change, document, problems)
            if rule is not None and _used(clause.id, change, document, problems):
                ours = bool(_CHECKED_AGAINST_OTHERS & change.keys())
                where = place(document, ("rules", clause.id)) if ours else place(pack.document, ("clauses", number))
                if study is not None and catalogue is not None:
                    problems += _misfits(rule, study, catalogue, where)
                rules.append(rule)
    named = document.data.get("policies")
    every_pack_was_read = isinstance(named, list) and len(packs) == len(named)
    for name in changes:
        if name not in homes and every_pack_was_read:
            where = place(document, ("rules", name))
            problems.append(Problem(where, f"no policy in use has a clause {name!r}", suggest(name, homes)))
    return tuple(rules), tuple(overrides)


def premises_of(packs: list[Pack], problems: list[Problem]) -> Premises:
    """Gather what the packs say of premises; two packs that say it differently are a problem."""
    said: dict[str, Any] = {}
    for pack in packs:
        for name in ("handover", "by_built"):
            told = getattr(pack.file.premises, name)
            if told is None:
                continue
            before = said.setdefault(name, told)
            if before != told:
                where = place(pack.document, ("premises", name))
                what = f"{told.clause} says of premises what {before.clause} of another pack says too"
                problems.append(Problem(where, what, "use one of the packs, or a copy without it"))
    handover, by_built = said.get("handover"), said.get("by_built")
    return Premises(
        handover and Handover(handover.clause, handover.paraphrase.text(), handover.share_of_floor, handover.least_m2),
        by_built and HandedOverFrom(by_built.clause, by_built.paraphrase.text(), by_built.day),
    )


def _changes(document: Document) -> dict[str, dict[str, Any]]:
    """Return the study's changes to clauses, as far as they have the form of changes."""
    told = document.data.get("rules")
    pairs = told.items() if isinstance(told, dict) else ()
    return {name: change for name, change in pairs if isinstance(name, str) and isinstance(change, dict)}


def _used(clause: str, change: dict[str, Any], document: Document, problems: list[Problem]) -> bool:
    """Say whether the study uses the clause."""
    use = change.get("use", True)
    if not isinstance(use, bool):
        where = place(document, ("rules", clause, "use"))
        problems.append(Problem(where, f"use must be true or false, not {use!r}", "write `use: false` to leave it out"))
    return use is not False


def _overrides(clause: ClauseFile, change: dict[str, Any]) -> list[Override]:
    """List what a study changes in a clause."""
    of_clause = {"use": True, "force": clause.force, "deadline": clause.deadline}
    return [
        Override(clause.id, key, of_clause.get(key, clause.parameters.get(key)), value)
        for key, value in change.items()
        if of_clause.get(key, clause.parameters.get(key)) != value
    ]


def _rule(pack: Pack, number: int, change: dict[str, Any], study: Document, problems: list[Problem]) -> Rule | None:
    """Make one clause's rule, with errors pointing at the pack or at the study's change."""
    clause = pack.file.clauses[number]
    kind = KINDS.get(clause.kind)
    if kind is None:
        where = place(pack.document, ("clauses", number, "kind"))
        problems.append(Problem(where, f"there is no kind of rule {clause.kind!r}", suggest(clause.kind, KINDS)))
        return None
    merged = clause.model_dump() | {key: change[key] for key in ("force", "deadline") if key in change}
    parameters = {key: value for key, value in change.items() if key not in _OF_THE_CLAUSE}
    try:
        told = ClauseFile.model_validate(merged)
    except ValidationError as error:
        problems += explain(error.errors(include_url=False), study, ClauseFile, ("rules", clause.id))
        return None
    try:
        given = kind.Given.model_validate(clause.parameters | parameters)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        ours = [item for item in errors if parameters and (not item["loc"] or item["loc"][0] in parameters)]
        theirs = [item for item in errors if item not in ours]
        problems += explain(ours, study, kind.Given, ("rules", clause.id))
        problems += explain(theirs, pack.document, kind.Given, ("clauses", number, "parameters"))
        return None
    return kind(_clause(pack.file, told, _price(clause.id, change, study, problems)), given)


def _price(clause: str, change: dict[str, Any], study: Document, problems: list[Problem]) -> float | None:
    """Return what a unit short of an indicative clause costs, yuan; a clause that binds has no price."""
    price = change.get("price")
    if price is None:
        return None
    where = place(study, ("rules", clause, "price"))
    if isinstance(price, bool) or not isinstance(price, int | float) or not 0 < price < float("inf"):
        problems.append(Problem(where, f"the price must be above nought, not {price!r}", "write yuan for a unit short"))
        return None
    return float(price)


def _clause(pack: PolicyFile, told: ClauseFile, price: float | None) -> Clause:
    """Return the clause as the domain knows it."""
    citation = Citation(
        document=pack.document.text(),
        number=pack.number,
        section=told.section,
        paraphrase=told.paraphrase.text(),
        issued=pack.issued,
    )
    return Clause(
        id=told.id,
        title=told.title.text(),
        citation=citation,
        force=told.force,
        kind=told.kind,
        deadline_year=None if told.deadline is None else told.deadline.year,
        price=price,
        role=told.role,
    )


def _misfits(rule: Rule, study: StudyFile, catalogue: Catalogue, where: str) -> list[Problem]:
    """Name kinds that the catalogue does not have, and ages that no class of the population begins with."""
    problems = [
        Problem(where, f"{rule.clause.id}: the catalogue has no kind {kind!r}", suggest(kind, catalogue.kinds))
        for kind in sorted(rule.kinds())
        if kind not in catalogue.kinds
    ]
    age = getattr(rule.parameters, "age", None)
    if age is not None and age not in study.ages:
        ages = ", ".join(str(known) for known in study.ages)
        problems.append(
            Problem(where, f"{rule.clause.id}: age {age} is no lower bound of an age class", f"use one of: {ages}")
        )
    return problems
