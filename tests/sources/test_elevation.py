"""Heights: a hill drawn as a raster, and what cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine
from small_inputs import NODES, WAYS, write_osm, write_raster

from siting.errors import DataError
from siting.sources.crs import Plane
from siting.sources.elevation import STEEPEST, with_slopes
from siting.sources.manifest import Intake
from siting.sources.options import ElevationFile, RoadsFile
from siting.sources.roads import read_roads

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.roads import RoadGraph

STEP = 0.005
HERE = Affine(STEP, 0, 120.70, 0, -STEP, 30.52)


def hill(per_degree: float = 5_000.0) -> np.ndarray:
    """Rise to the east, so many metres a degree: cell centres from 120.7025 on."""
    return np.tile(per_degree * STEP * np.arange(8), (4, 1))


def read(folder: Path, heights: np.ndarray, **changes: object) -> tuple[RoadGraph, Intake]:
    write_osm(folder / "r.osm.pbf", NODES, WAYS)
    write_raster(folder / "dem.tif", heights, transform=HERE, **changes)
    intake = Intake(folder)
    graph = read_roads(RoadsFile(file="r.osm.pbf"), Plane(32651), intake)
    return with_slopes(graph, ElevationFile(file="dem.tif"), Plane(32651), intake), intake


def test_slopes_are_rise_over_length(tmp_path: Path) -> None:
    """Streets 1–2 and 2–3 climb 75 m each on 1,440 m; 2–4 runs along the hillside."""
    graph, intake = read(tmp_path, hill())
    assert graph.slope == pytest.approx([75 / 1440, 75 / 1440, 0], abs=2e-4)
    assert [item.role for item in intake.provenance] == ["roads", "elevation"]
    assert not intake.warnings


def test_what_has_no_height_is_level_and_told(tmp_path: Path) -> None:
    heights = hill()
    heights[:, :3] = -99999.0
    graph, intake = read(tmp_path, heights)
    assert graph.slope[0] == 0
    assert graph.slope[1] > 0.05
    assert "1 road edges have no height" in intake.warnings[0].en


def test_cliffs_are_errors_of_the_heights(tmp_path: Path) -> None:
    graph, _ = read(tmp_path, hill(1e6))
    assert graph.slope.max() == STEEPEST


def test_unusable_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "dem.tif").write_text("no raster", encoding="utf-8")
    write_osm(tmp_path / "r.osm.pbf", NODES, WAYS)
    graph = read_roads(RoadsFile(file="r.osm.pbf"), Plane(32651), Intake(tmp_path))
    with pytest.raises(DataError, match="cannot be read as a raster"):
        with_slopes(graph, ElevationFile(file="dem.tif"), Plane(32651), Intake(tmp_path))
    with pytest.raises(DataError, match="no such file"):
        with_slopes(graph, ElevationFile(file="none.tif"), Plane(32651), Intake(tmp_path))
    profile = {"driver": "GTiff", "width": 2, "height": 2, "count": 2, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(tmp_path / "dem.tif", "w", transform=HERE, **profile) as raster:
        raster.write(np.zeros((2, 2, 2), dtype=np.float32))
    with pytest.raises(DataError, match="2 bands"):
        with_slopes(graph, ElevationFile(file="dem.tif"), Plane(32651), Intake(tmp_path))
