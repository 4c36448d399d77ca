"""The town cut into two counties along its middle, or into three, each with its own streets and facilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import town_files
from shapely import box
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


def write_thirds(folder: Path) -> tuple[Path, ...]:
    """Write studies ``west``, ``middle`` and ``east`` of two columns each.

    The town's facilities stand in the middle one; the others have a day-care station each, in the corners farthest from
    it.
    """
    studies = []
    for number, name in enumerate(("west", "middle", "east")):
        home = folder / name
        home.mkdir(parents=True)
        path = write_town(home)
        edges = [town_files.WEST + 2 * town_files.STEP * (number + side) for side in (0, 1)]
        south = town_files.NORTH - town_files.SIDE * town_files.STEP
        told = {"id": [name], "name": [f"{'西中东'[number]}县"], "name_en": [name], "unit": ["一"]}
        write_layer(home / "districts.geojson", [box(edges[0], south, edges[1], town_files.NORTH)], **told)
        streets = [one for one in town_files.streets() if edges[0] < min(x for x, _ in one.coords) < edges[1]]
        write_layer(home / "roads.geojson", streets, highway=["residential"] * len(streets))
        for file in ("facilities.csv", "idle.csv"):
            table = pd.read_csv(home / file, dtype=str, keep_default_na=False)
            table = table[table["lon"].astype(float).between(*edges)]
            if table.empty:
                lon, lat = place(5 * number / 2, 5)
                row = f"{name[0].upper()}1,边远日间照料站,day_care,public,{lon},{lat},0,0,0,300"
                table.loc[0] = row.split(",")
            table.to_csv(home / file, index=False)
        path.write_text(path.read_text(encoding="utf-8").replace("study: town", f"study: {name}"), encoding="utf-8")
        studies.append(path)
    return tuple(studies)


def _on_side(street: object, number: int) -> bool:
    """Whether a street is in a county's file: the west's end at the first junction of the east."""
    columns = [(x - town_files.WEST) / town_files.STEP - 0.5 for x, _ in street.coords]  # type: ignore[attr-defined]
    return min(columns) >= MIDDLE - 0.01 if number else max(columns) <= MIDDLE + 0.01 and min(columns) < MIDDLE - 0.5
