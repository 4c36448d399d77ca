"""Commands that write papers: of a finished run, or of what ships with the software."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from siting.cli.talk import DONE, SHORT, verified

if TYPE_CHECKING:
    import argparse

    from siting.model.text import Language


def draw_map(options: argparse.Namespace) -> int:
    """Draw the map from a run folder alone."""
    from siting.present.folder import rewrite_map  # noqa: PLC0415 - heavy

    print(rewrite_map(options.run, options.lang))
    return DONE


def report(options: argparse.Namespace) -> int:
    """Write report, tables and figures from a run folder alone."""
    from siting.present.folder import rewrite_report  # noqa: PLC0415 - heavy

    for path in rewrite_report(options.run, options.lang):
        print(path)
    return DONE


def check(options: argparse.Namespace) -> int:
    """Derive the figures of a run again by independent code; 1 where one differs."""
    from siting.verify import verify  # noqa: PLC0415 - heavy

    tallies = verify(options.run, options.data_root)
    language: Language = options.lang or "zh"
    if options.json:
        told = [
            {
                "subject": {"zh": tally.name.zh, "en": tally.name.en},
                "compared": tally.compared,
                "differences": [dataclasses.asdict(difference) for difference in tally.differences],
                "not_compared": tally.aside,
            }
            for tally in tallies
        ]
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for line in verified(tallies, language):
            print(line)
    return SHORT if any(tally.differences for tally in tallies) else DONE


def rules(options: argparse.Namespace) -> int:
    """List clauses."""
    from siting.config.listing import clauses_as  # noqa: PLC0415 - heavy

    print(clauses_as(options.format, options.policy))
    return DONE


def schema(options: argparse.Namespace) -> int:
    """Write the schemas."""
    from siting.config import schemas  # noqa: PLC0415 - heavy

    for name, schema in schemas().items():
        text = json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        if options.output is None:
            print(text, end="")
        else:
            options.output.mkdir(parents=True, exist_ok=True)
            (options.output / f"{name}.json").write_text(text, encoding="utf-8")
    return DONE
