"""What the command line says: progress, the summary of a run, and exit codes."""

from __future__ import annotations

import os
import select
import sys
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from siting.circles import Proposal
    from siting.model.text import Language
    from siting.present.results import Results
    from siting.verify import Tally

_PIPE_WIDTH = 120
DONE, SHORT, BAD_INPUT, INFEASIBLE, STOPPED, INTERRUPTED, UNHEARD = 0, 1, 2, 3, 4, 130, 141


def say(text: str) -> None:
    """Tell the person at the terminal, beside whatever goes to standard output."""
    print(text, file=sys.stderr)


def unheard() -> bool:
    """Return whether standard output or error has lost its reader; what is still said there then goes nowhere."""
    lost = [stream for stream in (sys.stdout, sys.stderr) if _lost(stream)]
    for stream in lost:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    return bool(lost)


def _lost(stream: TextIO) -> bool:
    """Ask the system: whether an earlier write is tried again says nothing, Python may have dropped it."""
    if not hasattr(select, "poll"):
        return False  # Windows reports a lost reader in another way
    poll = select.poll()
    poll.register(stream.fileno(), 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))


class Progress:
    """One line that changes on a terminal, plain lines in a pipe."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._began = time.monotonic()
        self._quiet = options.quiet
        self._live = sys.stderr.isatty() and not options.verbose

    def __call__(self, stage: str, detail: str = "") -> None:
        """Tell what is being done."""
        if self._quiet:
            return
        line = f"{time.monotonic() - self._began:6.1f} s  {stage}{': ' + detail if detail else ''}"
        print(f"\r\033[K{line}" if self._live else line, end="" if self._live else "\n", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line."""
        if self._live and not self._quiet:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def verified(tallies: Sequence[Tally], language: Language) -> Iterator[str]:
    """Yield what `siting verify` compared and every difference that it found."""
    zh = language == "zh"
    for tally in tallies:
        aside = len(tally.aside)
        counts = f"核对 {tally.compared:,},不符 {len(tally.differences):,},无从核对 {aside:,}"
        if not zh:
            counts = f"compared {tally.compared:,}, different {len(tally.differences):,}, not to be compared {aside:,}"
        yield f"{tally.name.within(language)}: {counts}"
        for difference in tally.differences:
            words = f"所载 {difference.written},复算 {difference.found}"
            if not zh:
                words = f"written {difference.written}, found {difference.found}"
            yield f"  ≠ {difference.where}: {words}"


def compared(results: Results, language: Language) -> Iterator[str]:
    """Yield which verdicts depend on the reading; nothing where no reading was compared."""
    zh, found = language == "zh", results.run.get("readings") or []
    for reading in found:
        changed = [one for one in reading["clauses"] if one["changes"]]
        words = ", ".join(f"{one['clause']} {one['asked']['verdict']} → {one['read']['verdict']}" for one in changed)
        what = ", ".join(f"{change['key']} = {change['value']}" for change in reading["changes"])
        same = "结论均不变" if zh else "no verdict changes"
        yield f"{'口径' if zh else 'reading'} {reading['title'][language]} ({what}): {words or same}"


def proposed(made: Proposal, language: Language) -> Iterator[str]:
    """Yield how alike the circles of each number are, and what is proven of it."""
    zh = language == "zh"
    for one, persons in zip(made.partitions, made.persons, strict=True):
        proof = one.certificate
        if one.circle is None:
            none = {"infeasible": ("不存在", "do not exist"), "stopped": ("限时内未找到", "were not found in time")}
            yield f"{one.count}{'个照护圈' if zh else ' circles'}: {none[proof.status][0 if zh else 1]}"
            continue
        sums = " / ".join(f"{number:,.0f}" for number in persons)
        most, bound = proof.objective or 0.0, proof.bound or 0.0
        if zh:
            told = "已证明最均衡" if proof.status == "optimal" else f"下界{bound:,.0f}人"
            yield f"{one.count}个照护圈: 老年人{sums},与平均数最多相差{most:,.0f}人({told})"
        else:
            told = "proven to be the least" if proof.status == "optimal" else f"at least {bound:,.0f} whatever is drawn"
            yield f"{one.count} circles: {sums} older persons, at most {most:,.0f} from the mean ({told})"


def exit_code(results: Results, *, strict: bool) -> int:
    """Turn a run into the code that scripts read."""
    status = (results.run["certificate"] or {}).get("status")
    if status == "infeasible":
        return INFEASIBLE
    if status == "stopped":
        return STOPPED
    must = {clause["id"] for clause in results.run["clauses"] if clause["force"] == "must"}
    column = "status_before" if status is None else "status"
    short = results.findings[(results.findings[column] == "short") & results.findings["rule"].isin(must)]
    return SHORT if strict and len(short) else DONE


def print_summary(results: Results, language: Language, folder: Path) -> None:
    """Print clauses before and after, cost, bound and gap, and where the files are."""
    from rich.console import Console  # noqa: PLC0415 - heavy
    from rich.table import Table  # noqa: PLC0415

    from siting.present.summary import summary  # noqa: PLC0415

    told = summary(results, language)
    table = Table(title=told.title, title_justify="left", show_edge=False, pad_edge=False)
    for number, name in enumerate(told.header):
        table.add_column(name, justify="left" if number == 0 else "right", no_wrap=number > 0)
    for row in told.rows:
        table.add_row(*row)
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH, markup=False, highlight=False)
    with console.capture() as said:  # the console would turn a reader that is gone into an exit code of its own
        console.print(table)
        for line in told.lines:
            console.print(line, soft_wrap=True)
        for name in ("map.html", "report.docx", "report.html", "report.pdf", "tables.xlsx"):
            console.print(f"  {folder / name}", soft_wrap=True)
    print(said.get(), end="")


def print_proof(results: Results, language: Language) -> None:
    """Print why there is no plan, and nothing else."""
    from siting.present.summary import summary  # noqa: PLC0415 - heavy

    for line in summary(results, language).lines:
        print(line)
