"""The clauses of policy packs as a table: what `siting rules` prints and docs/rules.md holds."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from siting.config.files import PolicyFile
from siting.config.problems import suggest
from siting.errors import ConfigError, Problem
from siting.rules import KINDS
from siting.sources.documents import read_yaml
from siting.sources.shipped import shipped

if TYPE_CHECKING:
    from siting.config.files import ClauseFile

COLUMNS = (
    "policy",
    "clause",
    "section",
    "kind",
    "role",
    "force",
    "deadline",
    "title_zh",
    "title_en",
    "paraphrase_zh",
    "paraphrase_en",
    "parameters",
)


def clauses_as(form: str, policy: str | None = None) -> str:
    """List the clauses of one shipped pack or of all.

    Parameters
    ----------
    form : "md", "csv" or "json"
    policy : str, optional

    Raises
    ------
    ConfigError
        When there is no such pack.
    """
    packs = [
        PolicyFile.model_validate(read_yaml(path).data) for path in sorted(shipped("configs/policies").glob("*.yaml"))
    ]
    known = [pack.policy for pack in packs]
    if policy is not None and policy not in known:
        raise ConfigError([Problem(f"--policy {policy}", "there is no such policy pack", suggest(policy, known))])
    chosen = [pack for pack in packs if policy in (None, pack.policy)]
    rows = [_row(pack, clause) for pack in chosen for clause in pack.clauses]
    if form == "json":
        return json.dumps(rows, ensure_ascii=False, indent=1)
    if form == "csv":
        out = io.StringIO()
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue().rstrip("\n")
    return "\n".join(line for pack in chosen for line in _markdown(pack))


def _row(pack: PolicyFile, clause: ClauseFile) -> dict[str, str]:
    """Describe a clause in flat words."""
    return {
        "policy": pack.policy,
        "clause": clause.id,
        "section": clause.section,
        "kind": clause.kind,
        "role": clause.role,
        "force": clause.force,
        "deadline": "" if clause.deadline is None else clause.deadline.isoformat(),
        "title_zh": clause.title.zh,
        "title_en": clause.title.en,
        "paraphrase_zh": clause.paraphrase.zh,
        "paraphrase_en": clause.paraphrase.en,
        "parameters": json.dumps(clause.parameters, ensure_ascii=False, sort_keys=True),
    }


def _markdown(pack: PolicyFile) -> list[str]:
    """Write a pack as a section with a table."""
    lines = [
        f"## {pack.policy}",
        "",
        f"{pack.document.zh} · {pack.document.en} ({pack.number})",
        "",
        "| clause | section | kind | role | measures | force | by | asks for | in our words |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for clause in pack.clauses:
        unit = KINDS[clause.kind].unit
        deadline = "" if clause.deadline is None else clause.deadline.isoformat()
        words = f"{clause.paraphrase.zh} {clause.paraphrase.en}".replace("|", "\\|")
        name, asks = f"{clause.id} {clause.title.zh} {clause.title.en}", f"`{_asks(clause.parameters)}`"
        cells = (name, clause.section, clause.kind, clause.role, unit, clause.force, deadline, asks, words)
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, "", *_facts(pack), *_outside(pack)]


def _asks(value: object) -> str:
    """Write parameters as short as YAML does: ``{kinds: [institution], share: 0.65}``."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_asks(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_asks(item) for item in value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _outside(pack: PolicyFile) -> list[str]:
    """Write the clauses that are no matter of siting, each with the reason."""
    if not pack.out:
        return []
    lines = ["Outside siting, and why:", ""]
    for item in pack.out:
        words, why = item.paraphrase, item.reason
        lines.append(f"* {item.id} ({item.section}): {words.zh} {words.en} {why.zh} {why.en}")
    return [*lines, ""]


def _facts(pack: PolicyFile) -> list[str]:
    """Write what a pack says of premises, as a list."""
    said = [item for item in (pack.premises.handover, pack.premises.by_built) if item is not None]
    if not said:
        return []
    lines = ["Premises that housing owes (input of candidates, not a clause to be met):", ""]
    for item in said:
        values = ", ".join(f"{key} {value}" for key, value in item if key not in {"clause", "section", "paraphrase"})
        lines.append(f"* {item.clause} ({item.section}): {values}. {item.paraphrase.zh} {item.paraphrase.en}")
    return [*lines, ""]
