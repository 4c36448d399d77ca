"""Runs that go into a database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from siting.cli.talk import DONE, say
from siting.errors import ConfigError, Problem

if TYPE_CHECKING:
    import argparse

    from siting.present.results import Results
    from siting.sources.deposit import Deposit

TABLES = ("plan", "findings", "ledger", "districts")


def add_target(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """Add the arguments that say where a run goes."""
    words = "also write plan, findings, ledger and districts to postgresql://user@host/database (PGPASSWORD)"
    parser.add_argument("--postgis", required=required, metavar="ADDRESS", help=words)
    parser.add_argument("--schema", metavar="NAME", help="schema of the tables; the study's name unless given")
    parser.add_argument("--replace", action="store_true", help="let an earlier run in the schema give way")


def target(options: argparse.Namespace, study: str) -> Deposit | None:
    """Return where a run goes, once it is known that it can go there; None when nobody asked."""
    address, schema, replace = (getattr(options, name, None) for name in ("postgis", "schema", "replace"))
    if address is None:
        if schema is not None or replace:
            raise ConfigError([Problem("--schema, --replace", "no database is named", "write --postgis ADDRESS too")])
        return None
    from siting.sources.database import Database  # noqa: PLC0415 - heavy
    from siting.sources.deposit import Deposit  # noqa: PLC0415

    place = Deposit(Database.at(address), schema or study, bool(replace))
    place.check(TABLES)
    return place


def deposit(results: Results, place: Deposit) -> None:
    """Write a run into its schema."""
    tables = (results.sites, results.findings, results.ledger, results.districts)
    study, run = results.run["study"], results.run
    about = {
        "study": study["name"],
        "title_zh": study["title"]["zh"],
        "title_en": study["title"]["en"],
        "ended": run["timings"]["ended"],
        "version": run["versions"]["siting"],
        "run": json.dumps(run, ensure_ascii=False),
    }
    place.write(dict(zip(TABLES, tables, strict=True)), about)
    say(f"  {place.shown}: {', '.join((*TABLES, 'run'))}")


def publish(options: argparse.Namespace) -> int:
    """Write a finished run into a database, from its folder alone."""
    from siting.present.folder import read_folder  # noqa: PLC0415 - heavy

    results = read_folder(options.run)
    place = target(options, results.run["study"]["name"])
    if place is not None:
        deposit(results, place)
    return DONE
