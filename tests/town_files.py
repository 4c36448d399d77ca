"""A town of six by six cells, written file by file, small enough that a whole plan of it takes seconds.

Streets run through the middles of all cells, both ways. The border between the two districts runs down the middle.
::

    #  old centre, 700 persons a cell      lat 30.515  +-------+-------+
    o  town, 60 persons a cell                         | o o o | o o o |
    .  nobody                                          | o # # | o o o |
    H  home of 20 beds  C  centre                      | o # H | C o o |
    1–9 idle premises                                  | o o o | o o o |
                                                       | o o o | o o o |
                                                       | . o o | o o . |
                                           lat 30.50   +-------+-------+
                                                    lon 120.70      120.715
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rasterio.transform import Affine
from shapely import LineString, box
from small_inputs import write_layer, write_raster

if TYPE_CHECKING:
    from pathlib import Path

SIDE, STEP, WEST, NORTH = 6, 0.0025, 120.70, 30.515
PERSONS = [
    [60, 60, 60, 60, 60, 60],
    [60, 700, 700, 60, 60, 60],
    [60, 700, 700, 60, 60, 60],
    [60, 60, 60, 60, 60, 60],
    [60, 60, 60, 60, 60, 60],
    [0, 60, 60, 60, 60, 0],
]
TOTAL = sum(sum(row) for row in PERSONS)
FACILITIES = """\
id,name,kind,operator,lon,lat,beds_general,beds_nursing,beds_dementia,floor_area_m2
F1,老街养老院,institution,public,{2.2},{2.1},15,5,0,1500
F2,镇养老服务中心,town_centre,public,{2.1},{3.3},0,0,0,900
"""
IDLE = """\
id,name,tenure,operator,kinds,lon,lat,floor_area_m2
S1,旧小学,idle_state_owned,public,institution;day_care,{1.1},{1.2},4500
S2,旧粮站,idle_state_owned,public,institution;town_centre,{4.1},{1.1},1800
S3,旧供销社,leased,non_state,institution;town_centre;day_care,{1.2},{4.2},1800
S4,旧影院,bought,non_state,institution;day_care,{4.2},{4.1},2500
S5,新苑配套,new_housing,public,town_centre;day_care,{3.1},{1.3},900
S6,旧镇政府,idle_state_owned,public,county_hub;town_centre,{3.2},{2.2},2500
S7,旧车站,idle_state_owned,public,institution,{2.3},{4.4},1300
S8,旧仓库,leased,non_state,day_care,{0.2},{0.3},250
S9,旧茶厂,leased,non_state,institution;day_care,{0.1},{2.4},1300
"""
STUDY = """\
study: town
title: {zh: 小镇, en: A small town}
notice: {zh: 手绘小镇, en: drawn town}
language: zh
districts: {file: districts.geojson, id: id, name: name, name_en: name_en, unit: unit}
roads: {file: roads.geojson}
population: {files: pop.tif, ages: [60], year: 2025}
facilities:
  file: facilities.csv
  operator: operator
  beds_general: beds_general
  beds_nursing: beds_nursing
  beds_dementia: beds_dementia
candidates:
  - {file: idle.csv, operator: operator}
  - {generate: grid, spacing_m: 800, kinds: [day_care], tenure: leased}
phases: [2023, 2025]
policies: [haining-2021, puyang-demo-zone-2023]
rules:
  PY-01: {share: 0.9, of: reachable}
  PY-04: {use: false}     # ten demonstration stations are too many for six by six cells
  PY-02: {use: false}     # the town has none of the projects, premises and kitchens that these name
  PY-03: {use: false}
  PY-09: {use: false}
  PY-10: {use: false}
  HN-19: {use: false}
  HN-22: {use: false}     # nor as many older people as the county's baseline
  HN-05: {share: 0.9, of: reachable}
  HN-06: {share: 0.8, of: reachable}
solver: {gap: 0.001, time_limit_s: 60}
scenarios:
  slow_walkers: {walk.speed_m_per_s: 0.7}
"""


SERVING = """\
demand:
  needs: {home: 0.9, community: 0.07, institution: 0.03, places_per_person: 0.2, source: {zh: 示例, en: example}}
serving:
  beds: {room: beds, kinds: [institution], care: institution, drive_minutes: 5, choice: preference}
  day: {room: day_places, kinds: [town_centre, day_care], care: community, metres: 600, choice: nearest}
"""
"""Added to the study where it is to be said who goes where."""


def place(column: float, row: float) -> tuple[float, float]:
    """Longitude and latitude of the middle of a cell, counted from the north-western one; fractions lie between."""
    return round(WEST + (column + 0.5) * STEP, 6), round(NORTH - (row + 0.5) * STEP, 6)


def _placed(table: str) -> str:
    """Turn ``{column.tenths},{row.tenths}`` into degrees: ``{2.1}`` is a tenth of a cell beyond column 2."""
    lines = []
    for line in table.splitlines():
        cells = line.split(",")
        where = [index for index, cell in enumerate(cells) if cell.startswith("{")]
        if where:
            column, row = (float(cells[index].strip("{}")) for index in where)
            cells[where[0]], cells[where[1]] = (str(value) for value in place(column, row))
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def streets() -> list[LineString]:
    """Every piece of street between two neighbouring cells."""
    pairs = [((c, r), (c + 1, r)) for c in range(SIDE - 1) for r in range(SIDE)]
    pairs += [((c, r), (c, r + 1)) for c in range(SIDE) for r in range(SIDE - 1)]
    return [LineString([place(*one), place(*other)]) for one, other in pairs]


def write_town(folder: Path) -> Path:
    """Write every file of the town; return the study's path."""
    east, south, middle = WEST + SIDE * STEP, NORTH - SIDE * STEP, WEST + SIDE / 2 * STEP
    halves = [box(WEST, south, middle, NORTH), box(middle, south, east, NORTH)]
    names = {"id": ["W", "E"], "name": ["西街道", "东镇"], "name_en": ["West", "East"], "unit": ["一", "二"]}
    write_layer(folder / "districts.geojson", halves, **names)
    write_layer(folder / "roads.geojson", streets(), highway=["residential"] * len(streets()))
    write_raster(folder / "pop.tif", PERSONS, transform=Affine(STEP, 0, WEST, 0, -STEP, NORTH))
    (folder / "facilities.csv").write_text(_placed(FACILITIES), encoding="utf-8")
    (folder / "idle.csv").write_text(_placed(IDLE), encoding="utf-8")
    path = folder / "study.yaml"
    path.write_text(STUDY, encoding="utf-8")
    return path
