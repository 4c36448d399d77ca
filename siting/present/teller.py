"""A run told in one language: the look-ups that every chapter, table and figure needs, and no figure of their own."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from siting.present import amounts
from siting.present.blocks import Cell
from siting.present.plain import clean, number
from siting.present.texts import TEXTS, either, unit_text
from siting.present.views import centre_box

if TYPE_CHECKING:
    import pandas as pd

    from siting.model.text import Language
    from siting.present.blocks import Tone
    from siting.present.results import Results
    from siting.present.views import Box

Record: TypeAlias = Mapping[str, Any]

TIERS = ("county", "town", "community")

STATUS_TONES: Mapping[str, Tone] = {"met": "good", "short": "bad", "grandfathered": "strong"}


class Teller:
    """Reads a `Results` aloud in one language.

    Parameters
    ----------
    results : Results
    language : "zh" or "en"
    """

    def __init__(self, results: Results, language: Language) -> None:
        self.results = results
        self.language = language
        self.run: Record = results.run
        self.totals: Record = results.run["totals"]
        self.phases: tuple[int, ...] = tuple(int(phase) for phase in results.run["phases"])
        self.last = self.phases[-1]
        self.certificate: Record | None = results.run["certificate"]
        self.conflicts: Sequence[Record] = results.run["conflicts"]

    def two(self, zh: str, en: str) -> str:
        """Return the words of this language."""
        return zh if self.language == "zh" else en

    def of(self, text: Mapping[str, str] | None) -> str:
        """Return this language's part of a text of the run, cleaned; the other one where it has none."""
        return clean(either(text, self.language))

    def term(self, key: str) -> str:
        """Return an entry of the project's vocabulary."""
        return TEXTS[key].within(self.language)

    def word(self, group: str, code: object) -> str:
        """Return the word for a code of a table (``status``, ``action``…); the code as it is where there is none."""
        key = f"{group}.{clean(code)}"
        return TEXTS[key].within(self.language) if key in TEXTS else clean(code)

    def joined(self, parts: Sequence[str]) -> str:
        """Join members of a list within a sentence."""
        return self.two("、", ", ").join(parts)

    def ended(self, sentence: str) -> str:
        """Return a sentence with its full stop."""
        return sentence if sentence.endswith(("。", ".", "！", "!", "？", "?")) else sentence + self.two("。", ".")

    @functools.cached_property
    def has_plan(self) -> bool:
        """Whether the run ended with a plan: its findings carry a verdict after it."""
        return any(clean(status) for status in self.results.findings["status"])

    @functools.cached_property
    def infeasible(self) -> bool:
        """Whether it is proven that no plan meets every binding clause."""
        return self.certificate is not None and self.certificate["status"] == "infeasible"

    @functools.cached_property
    def centre(self) -> Box | None:
        """Part of the grid that deserves pictures of its own; None where there is none."""
        return centre_box(self.results.cells)

    @functools.cached_property
    def title(self) -> str:
        """Title of the study."""
        return self.of(self.run["study"]["title"]) or clean(self.run["study"]["name"])

    @functools.cached_property
    def notice(self) -> str:
        """What has to stand on every page and figure; empty when nothing has to."""
        return self.of(self.run["study"]["notice"])

    @functools.cached_property
    def clauses(self) -> dict[str, Record]:
        """Clauses by id, in the order of the run."""
        return {clause["id"]: clause for clause in self.run["clauses"]}

    @functools.cached_property
    def kinds(self) -> list[str]:
        """Ids of the kinds of facility, upper tiers first, then by id: run.json keeps no order of its own."""
        order = {tier: place for place, tier in enumerate(TIERS)}
        kinds = self.run["kinds"]
        return sorted(kinds, key=lambda kind: (order.get(kinds[kind]["tier"], len(order)), kind))

    @functools.cached_property
    def counted(self) -> pd.DataFrame:
        """Sites that count among the facilities: hospitals and others whom these are paired with do not."""
        partners = [kind for kind, told in self.run["kinds"].items() if told.get("partner")]
        counted: pd.DataFrame = self.results.sites[~self.results.sites["kind"].isin(partners)]
        return counted

    @functools.cached_property
    def coverage_rules(self) -> list[str]:
        """Ids of the clauses about reach."""
        return [identity for identity, clause in self.clauses.items() if clause["coverage"]]

    @functools.cached_property
    def overridden(self) -> frozenset[str]:
        """Ids of clauses that the study sets otherwise than their document."""
        return frozenset(entry["clause"] for entry in self.run["overrides"])

    def clause_title(self, rule: str) -> str:
        """Return a clause's title; its id where the run has none."""
        return self.of(self.clauses[rule]["title"]) if rule in self.clauses else clean(rule)

    def clause_named(self, rule: str) -> str:
        """Return a clause's id with its title in brackets."""
        title = self.clause_title(rule)
        return self.two(f"{clean(rule)}（{title}）", f"{clean(rule)} ({title})")

    def kind(self, identity: object) -> str:
        """Return the title of a kind of facility."""
        known = self.run["kinds"].get(identity)
        return self.of(known["title"]) if known else clean(identity)

    def tenure(self, identity: object) -> str:
        """Return the title of a tenure; the dash where there is none."""
        return self.of(self.run["tenures"].get(identity)) or clean(identity) or amounts.BLANK

    def subject(self, finding: Any) -> str:  # noqa: ANN401 - a named tuple of pandas
        """Return the name of a finding's (or a conflict's) subject."""
        name = clean(finding.subject_name)
        if self.language == "en":
            if finding.subject_kind == "area":
                return self.term("area")
            name = self.district_names.get(clean(finding.subject), name) if finding.subject_kind == "district" else name
        return name or clean(finding.subject) or self.term(finding.subject_kind)

    def place(self, entry: Record) -> str:
        """Return the name of the subject of a conflict, a relaxation or a shortfall."""
        name, identity = clean(entry["subject_name"]), clean(entry["subject"])
        if self.language == "zh":
            return name
        known = self.district_names.get(identity, name) if identity else self.term("area")
        return clean(entry.get("subject_name_en", "")) or known  # folders of earlier versions name it in Chinese only

    def amount(self, value: object, unit: str, apart_from: float = math.nan) -> str:
        """Write a measured value with its unit's word."""
        written = amounts.measured(number(value), unit, apart_from)
        word = clean(unit_text(unit, self.language))
        return written if written == amounts.BLANK or not word else f"{written} {word}"

    def required(self, finding: Any) -> str:  # noqa: ANN401 - a named tuple of pandas
        """Write what a finding asks for, with its sense."""
        if math.isnan(number(finding.required)):
            return amounts.BLANK
        return f"{self.sign(finding)} {self.amount(finding.required, finding.unit)}"

    def sign(self, finding: Any) -> str:  # noqa: ANN401 - a row of a table, named or not
        """Write on which side of its requirement a finding has to be."""
        if finding.sense == ">=" and self.clauses.get(finding.rule, {}).get("strict"):
            return ">"
        return {">=": "≥", "<=": "≤"}[finding.sense]

    def status(self, code: object) -> Cell:
        """Return a verdict as a table cell."""
        text = clean(code)
        return Cell(self.word("status", text) if text else amounts.BLANK, STATUS_TONES.get(text, ""))

    def rows(self, table: pd.DataFrame) -> list[Any]:
        """Return the rows of a table as named tuples, for columns that are Python names."""
        return list(table.itertuples(index=False))

    @functools.cached_property
    def district_names(self) -> dict[str, str]:
        """Names of the districts in the language, by id; the other language's where it has none."""
        names = {}
        for district in self.results.districts.drop(columns="geometry").to_dict("records"):
            own = clean(district.get("name_en")) if self.language == "en" else ""
            names[clean(district["id"])] = own or clean(district["name"]) or clean(district["id"])
        return names

    @functools.cached_property
    def findings_at_end(self) -> list[Any]:
        """Findings of the last phase, in the order of the clauses."""
        findings = self.results.findings
        order = {rule: place for place, rule in enumerate(self.clauses)}
        last = self.rows(findings[findings["phase"] == self.last])
        return sorted(last, key=lambda finding: order.get(finding.rule, len(order)))

    def of_rule(self, rule: str) -> list[Any]:
        """Return a clause's findings in the last phase."""
        return [finding for finding in self.findings_at_end if finding.rule == rule]

    def ledger_line(self, rule: str, moment: str) -> Any | None:  # noqa: ANN401 - a named tuple of pandas
        """Return a clause's ledger in the last phase; None where there is none."""
        ledger = self.results.ledger
        wanted = (ledger["rule"] == rule) & (ledger["phase"] == self.last) & (ledger["moment"] == moment)
        lines = self.rows(ledger[wanted])
        return lines[0] if lines else None

    @functools.cached_property
    def parameters(self) -> dict[str, Record]:
        """Choices of meaning by key."""
        return {entry["key"]: entry for entry in self.run["parameters"]}

    def parameter(self, key: str) -> str:
        """Return a choice of meaning as it is printed, with its unit; empty where the run does not state it."""
        entry = self.parameters.get(key)
        return f"{plain_value(entry['value'])} {clean(entry['unit'])}".strip() if entry else ""

    def by_phase(self, table: Mapping[Any, Any], phase: int) -> float:
        """Return an entry of a table by phase, whose keys JSON has turned into text."""
        return number(cast("Any", table.get(str(phase), table.get(phase))))


def plain_value(value: object) -> str:
    """Write a value of the configuration."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:,.10g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(plain_value(member) for member in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{clean(key)}: {plain_value(member)}" for key, member in value.items())
    return clean(value)
