"""The smallest study that is whole, its pack and its catalogue, as text to be spoiled; and the shipped clauses."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from siting.config import Config, load_config
from siting.sources import shipped

STUDY = """\
study: small
districts: {file: d.gpkg}
roads: {file: r.osm}
population: {files: p.tif, ages: [60]}
walk: {speed_m_per_s: 0.9}
phases: [2025]
policies: [pack.yaml]
catalogue: catalogue.yaml
candidates:
  - {generate: grid, spacing_m: 400, kinds: [home], tenure: idle}
scenarios:
  slow: {walk.speed_m_per_s: 0.7, rules.T-01.share: 0.5}
"""
PACK = """\
policy: made
document: {zh: 规划, en: plan}
number: made 1
issued: 2022-02-21
clauses:
  - id: T-01
    title: {zh: 一, en: one}
    section: "1"
    paraphrase: {zh: 一, en: one}
    kind: coverage
    parameters: {kinds: [home], minutes: 15, share: 0.9}
  - id: T-02
    title: {zh: 二, en: two}
    section: "2"
    paraphrase: {zh: 二, en: two}
    kind: bed_ratio
    parameters: {kinds: [home], beds: 300}
"""
CATALOGUE = """\
basis: {zh: 示例, en: example}
tenures:
  idle: {title: {zh: 闲置, en: idle}, cost_factor: 1, cost_per_m2: 0}
kinds:
  home:
    title: {zh: 机构, en: home}
    tier: town
    modules:
      - {id: S, beds_min: 10, beds_max: 50, floor_area_m2: 500, fit_out_cost: 1000}
    bed_cost: {general: 10, nursing: 20}
"""
FILES = {"study.yaml": STUDY, "pack.yaml": PACK, "catalogue.yaml": CATALOGUE}


def write(folder: Path, **changed: str) -> Path:
    """Write the study into a folder, some of its files (by stem) replaced; return the study's path."""
    for name, text in FILES.items():
        (folder / name).write_text(changed.get(Path(name).stem, text), encoding="utf-8")
    return folder / "study.yaml"


@cache
def shipped_config() -> Config:
    """Every shipped pack, unchanged, with the shipped catalogue."""
    packs = sorted(path.stem for path in shipped("configs/policies").glob("*.yaml"))
    text = STUDY.replace("[pack.yaml]", str(packs)).replace("catalogue: catalogue.yaml\n", "")
    text = text.replace("kinds: [home], tenure: idle", "kinds: [institution], tenure: leased")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "study.yaml"
        path.write_text(text, encoding="utf-8")
        return load_config(path)
