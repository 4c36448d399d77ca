"""A made province planned as a batch: seconds, memory of workers, and how cost grows with the size of a county.

::

    python -m siting.sources.made.province DIR --counties 13
    python benchmarks/province.py DIR                       13 counties by two workers of 2 GB
    python benchmarks/province.py DIR --counties 5 --gap 0.02 --workers 1

The province is made beforehand, so that making it is not measured. Counties come in the order of its numbers, which is
no order of size. The machine should have nothing else to do.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
from processes import timed

from siting.present.province import write_province
from siting.scenarios.batch import Batch, planned, studies_of
from siting.scenarios.crew import Hands


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--counties", type=int, default=13, metavar="N")
    parser.add_argument("--workers", type=int, default=2, metavar="N")
    parser.add_argument("--memory", default="2GB", metavar="SIZE")
    parser.add_argument("--set", action="append", default=[], dest="changes", metavar="KEY=VALUE")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where the province's table and map are written")
    options = parser.parse_args()
    studies = studies_of([options.folder])[: options.counties]
    with tempfile.TemporaryDirectory() as name:
        out = options.keep or Path(name) / "out"
        batch = Batch(studies, out, changes=tuple(options.changes), cache=Path(name) / "cache")

        def work() -> None:
            found = planned(batch, Hands(options.workers, memory=options.memory), lambda *_: None)
            write_province(found.counties, found.failures, out, "zh")
            for county, reason in found.failures.items():
                print(f"{county} failed: {reason}")

        words = f"{len(studies)} counties, {options.workers} worker{'s' * (options.workers > 1)} of {options.memory}"
        seconds, _ = timed(words, work)
        runs = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(out.glob("counties/*/run.json"))]
    _curve(runs, seconds)


def _curve(runs: list[dict], seconds: float) -> None:  # type: ignore[type-arg]
    """Print counties by size, with the seconds of their stages, and how these grow."""
    rows = sorted((run["totals"]["persons"][str(run["phases"][-1])], run) for run in runs)  # type: ignore[type-var]
    print("   persons  seconds   read demand access  audit   plan  status")
    took = []
    for persons, run in rows:
        stages = run["timings"]["stages_s"]
        took.append(sum(stages.values()))
        shown = "".join(f"{stages.get(name, 0.0):7.1f}" for name in ("read", "demand", "access", "audit", "plan"))
        print(f"{persons:10,.0f} {took[-1]:8.1f}{shown}  {run['certificate']['status']}")
    size = np.array([persons for persons, _ in rows])
    slope, _ = np.polyfit(np.log(size), np.log(took), 1)
    together = f"stages {sum(took):.0f} s together, {seconds:.0f} s on the clock"
    print(f"{together}; they grow with persons to the power of {slope:.2f}")
    print(f"122 counties like these: {seconds / len(runs) * 122 / 60:.0f} minutes (wanted ≤ 90)")


if __name__ == "__main__":
    main()
