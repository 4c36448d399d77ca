"""A made province: counties of many sizes and densities in a grid, each with its study; nothing in it is real."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from siting.sources.made.county import County, make_county
from siting.sources.made.spec import CountySpec
from siting.sources.made.write import write_county
from siting.sources.shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNTIES = 122
"""As many as the larger provinces of China have."""
_ACROSS = 11
"""Counties in a row."""
_BETWEEN_M = 150.0
"""Between neighbours' frames, so that they touch nowhere though the earth is round; less than people walk."""
_WEST, _SOUTH = 122.4, 27.0
_DEGREE_M = 110_900.0
"""Metres of a degree of latitude between 27° and 30° N, to a part in a thousand."""
_DRAWS = 12
_STUDY = "demo"


def county_specs(count: int = COUNTIES, seed: int = 20) -> tuple[CountySpec, ...]:
    """Return the counties of a province, the same ones first however many are asked for.

    Older persons are spread as ``exp(N(ln 130 000, 0.5²))`` between 60,000 and 400,000; land, towns, communities, homes
    and beds grow with the square root or in step with them; densities vary by a third about the demo county's. Counties
    lie side by side in rows: everyone has neighbours to the east and west.
    """
    usual = CountySpec()
    specs = []
    for number in range(-(-count // _ACROSS) * _ACROSS):
        rng = np.random.default_rng((seed, 7919, number))
        persons = float(np.clip(np.exp(rng.normal(np.log(130_000), 0.5)), 60_000, 400_000))
        size, dense = persons / usual.persons_2025, float(rng.uniform(0.75, 1.35))
        side = size**0.5 / dense**0.25
        towns = int(np.clip(round(usual.towns * size**0.5), 8, 16))
        specs.append(
            replace(
                usual,
                seed=seed * 1000 + number,
                name=f"虚构县{number + 1:03d}",
                name_en=f"Made County {number + 1:03d}",
                width_m=round(usual.width_m * side, -2),
                height_m=round(usual.height_m * side, -2),
                towns=towns,
                communities=max(towns * 5, round(usual.communities * size**0.75)),
                units=usual.units,
                persons_2020=round(persons * 0.82),
                persons_2025=round(persons),
                densities_per_km2=_denser(usual.densities_per_km2, dense),
                institutions=max(4, round(usual.institutions * size)),
                beds=max(400, 10 * round(usual.beds * size / 10)),
                dementia_beds=max(20, round(usual.dementia_beds * size)),
                centres=max(towns - 3, 3),
                towns_without_centre=2,
            )
        )
    rows = [specs[first : first + _ACROSS] for first in range(0, len(specs), _ACROSS)]
    return tuple(one for row in _side_by_side(rows) for one in row)[:count]


def _side_by_side(rows: list[list[CountySpec]]) -> Iterator[list[CountySpec]]:
    """Give every county of every row its place: rows from south to north, as high as their highest county."""
    south_m = 0.0
    for row in rows:
        high_m = max(spec.height_m for spec in row)
        lat = _SOUTH + (south_m + high_m / 2) / _DEGREE_M
        west_m, placed = 0.0, []
        for spec in row:
            lon = _WEST + (west_m + spec.width_m / 2) / (_DEGREE_M * float(np.cos(np.radians(lat))))
            placed.append(replace(spec, lon=round(lon, 5), lat=round(lat, 5)))
            west_m += spec.width_m + _BETWEEN_M
        yield placed
        south_m += high_m + _BETWEEN_M


def _made(spec: CountySpec) -> County:
    """Make a county; a draw that leaves some town without houses is drawn again from the next seed.

    Raises
    ------
    ValueError
        When none of several draws makes a county.
    """
    for again in range(_DRAWS):
        try:
            return make_county(replace(spec, seed=spec.seed + again * 1_000_000))
        except ValueError:
            if again == _DRAWS - 1:
                raise
    message = "no draw was made"
    raise ValueError(message)


def _denser(usual: tuple[float, float, float, float], times: float) -> tuple[float, float, float, float]:
    old, ring, new, towns = (round(one * times, 1) for one in usual)
    return old, ring, new, towns


def write_province(folder: Path, specs: tuple[CountySpec, ...]) -> list[Path]:
    """Write counties, each into a folder of its own with its study; those that are there already are left alone.

    Returns
    -------
    list[Path]
        The studies.
    """
    template = shipped(f"configs/studies/{_STUDY}.yaml").read_text(encoding="utf-8")
    studies = []
    for number, spec in enumerate(specs, start=1):
        home = folder / f"county-{number:03d}"
        study = home / "study.yaml"
        studies.append(study)
        if study.exists():
            continue
        write_county(_made(spec), home / "data")
        text = template.replace(f"study: {_STUDY}\n", f"study: county-{number:03d}\n").replace(
            "../../data/demo/", "data/"
        )
        text = text.replace("示范县", spec.name).replace("demo county", spec.name_en)
        text = text.replace("crs: EPSG:32651\n", f"crs: EPSG:{spec.epsg}\n").partition("\n# What may come otherwise")[0]
        study.write_text(text.partition("\n")[2] + "\n", encoding="utf-8")
    return studies


def main() -> None:
    """Read the command line and write the province."""
    parser = argparse.ArgumentParser(
        prog="python -m siting.sources.made.province", description="Write a made (fictional) province."
    )
    parser.add_argument("folder", type=Path, help="folder to write into")
    parser.add_argument("--counties", type=int, default=COUNTIES, help=f"how many of them ({COUNTIES})")
    parser.add_argument("--seed", type=int, default=CountySpec().seed, help="another seed makes another province")
    options = parser.parse_args()
    for study in write_province(options.folder, county_specs(options.counties, options.seed)):
        print(study)  # noqa: T201 - a command


if __name__ == "__main__":
    main()
