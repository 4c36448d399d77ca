"""Scenarios: two workers beside one, and what a shared cache saves; ratios of runs made one after the other.

::

    python benchmarks/scenarios.py                 24 scenarios of the demo county
    python benchmarks/scenarios.py --scenarios 6   fewer of them
    python benchmarks/scenarios.py --study FILE [--data-root DIR]

First one whole run of the study with an empty cache, folder and all (`siting plan`); then scenarios that differ in
thresholds only, by one worker process with that cache, and by two. Seconds are those of the clock, so that the machine
should have nothing else to do; processor seconds of this process and its children stand beside them.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from ruamel.yaml import YAML

from siting.cli import main as siting
from siting.scenarios.compare import Asked, compared
from siting.scenarios.crew import Hands
from siting.sources import read_yaml, shipped


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", type=Path, default=shipped("configs/studies/demo.yaml"))
    parser.add_argument("--data-root", type=Path)
    parser.add_argument("--scenarios", type=int, default=24, metavar="N")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        cache = home / "cache"
        root = options.data_root or options.study.parent
        run = [
            "plan",
            str(options.study),
            "--data-root",
            str(root),
            "-o",
            str(home / "run"),
            "--cache",
            str(cache),
            "-q",
        ]
        one = timed("one run, empty cache", lambda: siting(run))
        again = timed("the same run again", lambda: siting([*run, "--set", "rules.PY-01.share=0.89"]))
        study = with_thresholds(options.study, home, options.scenarios)
        seconds = {}
        for workers in (1, 2):
            asked = Asked(study, home / f"out{workers}", root, ("thresholds",), cache=cache)
            words = f"{options.scenarios} scenarios, {workers} worker{'s' * (workers > 1)}"
            seconds[workers] = timed(words, lambda asked=asked, n=workers: compared(asked, Hands(n), quiet))
        print(f"one threshold changed, whole run again ÷ first run   {again / one:6.2f}   (wanted ≤ 0.40)")
        print(f"two workers ÷ one                                    {seconds[2] / seconds[1]:6.2f}   (wanted ≤ 0.60)")
        print(f"scenarios by two workers ÷ one run                   {seconds[2] / one:6.2f}   (wanted ≤ 6)")


def with_thresholds(study: Path, home: Path, count: int) -> Path:
    """Write the study with a sweep of one threshold as its only scenarios; its inputs stay where they are."""
    told = read_yaml(study).data
    for key in ("scenarios", "uncertainty"):
        told.pop(key, None)
    others = max(count - 1, 1)
    told["sweeps"] = {"thresholds": {"rules.PY-01.share": [round(0.9 - 0.1 * n / others, 4) for n in range(count - 1)]}}
    changed = home / study.name
    with changed.open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump(told, stream)
    return changed


def timed(what: str, work: object) -> float:
    """Do some work and print how long it took."""
    began, used = time.perf_counter(), _processor()
    work()  # type: ignore[operator]
    seconds = time.perf_counter() - began
    print(f"{what:52} {seconds:8.1f} s   {_processor() - used:8.1f} s of processors", flush=True)
    return seconds


def _processor() -> float:
    told = os.times()
    return told.user + told.system + told.children_user + told.children_system


def quiet(*_: object) -> None:
    """Tell nobody."""


if __name__ == "__main__":
    main()
