"""Scenarios: two workers beside one, and what a shared cache saves; ratios of runs made one after the other.

::

    python benchmarks/scenarios.py                 24 scenarios of the demo county
    python benchmarks/scenarios.py --scenarios 6   fewer of them
    python benchmarks/scenarios.py --gap 0.02      plans that need not be as close to the bound
    python benchmarks/scenarios.py --workers 2     by two workers only
    python benchmarks/scenarios.py --cache DIR     with a cache from before, and no whole run
    python benchmarks/scenarios.py --study FILE [--data-root DIR]

First one whole run of the study with an empty cache, folder and all (`siting plan`); then scenarios that differ in
thresholds only, by one worker process with that cache, and by two. Seconds are those of the clock, so that the machine
should have nothing else to do; processor seconds, which bear others better, and memory stand beside them
(`processes.py`).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from processes import timed
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
    parser.add_argument("--gap", type=float, help="the study's own unless given")
    parser.add_argument("--cache", type=Path, metavar="DIR")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], metavar="N")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        cache = options.cache or home / "cache"
        root = options.data_root or options.study.parent
        changes = () if options.gap is None else (f"solver.gap={options.gap}",)
        run = ["plan", str(options.study), "--data-root", str(root), "-o", str(home / "run"), "--cache", str(cache)]
        run += [word for change in changes for word in ("--set", change)]
        one = None if options.cache else timed("one run, empty cache", lambda: siting([*run, "-q"]))[0]
        study = with_thresholds(options.study, home, options.scenarios)
        seconds, chains = {}, {}
        for workers in options.workers:
            asked = Asked(study, home / f"out{workers}", root, ("thresholds",), changes, cache)
            words = f"{options.scenarios} scenarios, {workers} worker{'s' * (workers > 1)}"
            seconds[workers], chains[workers] = timed(
                words, lambda asked=asked, n=workers: compared(asked, Hands(n), quiet)
            )
            print(f"  ended: {ends(asked.out)}")
            if one:
                print(f"  {workers} ÷ one run {seconds[workers] / one:6.2f}   (two workers: wanted ≤ 6)")
        if {1, 2} <= seconds.keys():
            on_clock, alone = seconds[2] / seconds[1], chains[2] / chains[1]
            print(f"two workers ÷ one {on_clock:6.2f}, with a processor each {alone:6.2f}   (wanted ≤ 0.60)")


def ends(out: Path) -> str:
    """Say how the searches ended, and how many seconds they took in all."""
    told = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(out.glob("scenarios/*/run.json"))]
    status = [run["certificate"]["status"] for run in told]
    counts = ", ".join(f"{status.count(name)} {name}" for name in dict.fromkeys(status))
    return f"{counts}; searches {sum(run['timings']['solve_s'] for run in told):.0f} s together"


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


def quiet(*_: object) -> None:
    """Tell nobody."""


if __name__ == "__main__":
    main()
