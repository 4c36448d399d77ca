"""The town cut into two counties along its middle, each with its own streets and facilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import town_files
from small_inputs import write_layer
from town_files import place, write_town

if TYPE_CHECKING:
    from pathlib import Path

MIDDLE = 3
GUEST = "E1,东镇养老服务中心,town_centre,public,{lon},{lat},0,0,0,900\n"


def write_halves(folder: Path) -> tuple[Path, Path]:
    """Write studies ``west`` and ``east``; the centre E1 stands in the east, 28 m beyond the border."""
    studies = []
    for number, name in enumerate(("west", "east")):
        home = folder / name
        home.mkdir(parents=True)
        path = write_town(home)
        places = gpd.read_file(home / "districts.geojson").iloc[[number]]
        write_layer(home / "districts.geojson", list(places.geometry), **places.drop(columns="geometry"))
        streets = [one for one in town_files.streets() if _on_side(one, number)]
        write_layer(home / "roads.geojson", streets, highway=["residential"] * len(streets))
        if number:
            head = (home / "facilities.csv").read_text(encoding="utf-8").splitlines()[0]
            lon, lat = place(2.6, 0)
            row = GUEST.format(lon=lon, lat=lat)
            (home / "facilities.csv").write_text(f"{head}\n{row}", encoding="utf-8")
        idle = (home / "idle.csv").read_text(encoding="utf-8").splitlines()
        middle = town_files.WEST + MIDDLE * town_files.STEP
        kept = [line for line in idle[1:] if (float(line.split(",")[-3]) > middle) == bool(number)]
        (home / "idle.csv").write_text("\n".join([idle[0], *kept]) + "\n", encoding="utf-8")
        text = path.read_text(encoding="utf-8").replace("study: town", f"study: {name}")
        path.write_text(text, encoding="utf-8")
        studies.append(path)
    return studies[0], studies[1]


def _on_side(street: object, number: int) -> bool:
    """Whether a street is in a county's file: the west's end at the first junction of the east."""
    columns = [(x - town_files.WEST) / town_files.STEP - 0.5 for x, _ in street.coords]  # type: ignore[attr-defined]
    return min(columns) >= MIDDLE - 0.01 if number else max(columns) <= MIDDLE + 0.01 and min(columns) < MIDDLE - 0.5
