"""`python -m siting.sources.made DIR [--seed N]` writes the made demo county into a folder."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from siting.sources.made.county import make_county
from siting.sources.made.spec import CountySpec
from siting.sources.made.write import write_county


def main() -> None:
    """Read the command line and write the county."""
    parser = argparse.ArgumentParser(
        prog="python -m siting.sources.made", description="Write a made (fictional) county."
    )
    parser.add_argument("folder", type=Path, help="folder to write into")
    parser.add_argument("--seed", type=int, default=CountySpec().seed, help="another seed makes another county")
    options = parser.parse_args()
    write_county(make_county(replace(CountySpec(), seed=options.seed)), options.folder)


if __name__ == "__main__":
    main()
