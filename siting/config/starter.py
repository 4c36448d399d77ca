"""A commented study to start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.config.files import PolicyFile
from siting.config.problems import suggest
from siting.errors import ConfigError, Problem
from siting.sources.documents import read_yaml
from siting.sources.shipped import shipped

if TYPE_CHECKING:
    from pathlib import Path

_STUDY = """\
# A study for siting. Fill in the files, then: siting check {name} && siting plan {name}
study: my-city
title: {{zh: "养老服务设施布局规划", en: "Layout plan of eldercare facilities"}}
language: zh
# crs: EPSG:32650                    # projected, in metres; default: the UTM zone of the districts

districts: {{file: districts.geojson, id: id, name: name}}      # polygons; add unit: COLUMN for planning units
roads: {{file: roads.osm.pbf}}         # or .graphml .parquet .gpkg .geojson; add crs: where the file carries none
population:                          # persons per cell, one raster for each age class and sex
  files: "pop_{{age}}_{{sex}}.tif"
  ages: [60, 65, 70, 75, 80]
  sexes: [f, m]
  year: 2020
  # cut_cells: centre                # if the raster was cut to the districts; cells on borders are else shared by area
facilities: {{file: facilities.csv, lon: lon, lat: lat, crs: "EPSG:4326", kind: kind, beds: beds}}
candidates:
  - {{file: idle.csv, tenure: idle_state_owned, kinds: [day_care]}}        # premises that stand empty
  - {{generate: grid, spacing_m: 400, limit: 1000, kinds: [institution], tenure: new_build}}

walk: {{speed_m_per_s: 0.9, max_connector_m: 500}}               # 15 minutes are 810 m
density: {{radius_m: 500}}                                       # the moving circle
phases: [2025]
policies: [{policy}]

# What this study reads otherwise than the plan says; every change is printed in the report.
rules:
{rules}
# Who finds room where: needs, and the facilities that answer them.
# demand:
#   needs: {{home: 0.9, community: 0.07, institution: 0.03, source: 9073}}
# serving:
#   beds: {{room: beds, kinds: [institution], care: institution, drive_minutes: 20}}
#   day_places: {{room: day_places, kinds: [day_care], care: community, minutes: 15}}

goal: {{minimise: cost}}
solver: {{gap: 0.005, time_limit_s: 300}}
scenarios:
  slow_walkers: {{walk.speed_m_per_s: 0.7}}
"""


def write_starter(folder: Path, policy: str) -> Path:
    """Write a commented study into a folder.

    Returns
    -------
    Path
        The study file.

    Raises
    ------
    ConfigError
        When there is no such policy pack, or a study stands there already.
    """
    pack = shipped("configs/policies") / f"{policy}.yaml"
    if not pack.exists():
        known = (path.stem for path in shipped("configs/policies").glob("*.yaml"))
        raise ConfigError([Problem(f"--policy {policy}", "there is no such policy pack", suggest(policy, known))])
    path = folder / "study.yaml"
    if path.exists():
        raise ConfigError([Problem(str(path), "stands there already", "name another folder, or move the file away")])
    clauses = PolicyFile.model_validate(read_yaml(pack).data).clauses
    lines = [f"  # {clause.id}: {{}}     # {clause.title.zh} · {clause.title.en}" for clause in clauses]
    told = "\n".join(["  {}", *lines])
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(_STUDY.format(name=path.name, policy=policy, rules=told), encoding="utf-8")
    return path
