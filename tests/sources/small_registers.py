"""Reads single tables as a run over the small town would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from small_inputs import FACILITIES, IDLE, catalogue

from siting.sources.crs import LONLAT, Plane
from siting.sources.listed import Register
from siting.sources.manifest import Intake
from siting.sources.options import CandidatesFile, FacilitiesFile
from siting.sources.positions import Surroundings

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.sites import Sites

PLANE = Plane(32651)
LONLAT_BOX = (120.70, 30.50, 120.74, 30.52)


def register(folder: Path) -> Register:
    west, north = PLANE.project(np.array([120.70, 120.74]), np.array([30.50, 30.52]), LONLAT)
    box = (float(west[0]), float(north[0]), float(west[1]), float(north[1]))
    return Register(Surroundings(PLANE, LONLAT_BOX, box), catalogue(), Intake(folder))


def facilities(folder: Path, content: str | bytes = FACILITIES, name: str = "f.csv", **options: object) -> Sites:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return register(folder).facilities(
        [FacilitiesFile.model_validate({"file": name, "operator": "operator", **options})]
    )


def candidates(folder: Path, content: str = IDLE, **options: object) -> Sites:
    (folder / "i.csv").write_text(content, encoding="utf-8")
    return register(folder).candidates([CandidatesFile.model_validate({"file": "i.csv", **options})])
