from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyproj
import pytest
from rasterio.transform import Affine
from small_inputs import PERSONS, write_population, write_raster

from siting.model.places import Grid
from siting.sources import rasters
from siting.sources.crs import LONLAT, Plane
from siting.sources.manifest import Intake
from siting.sources.options import PopulationFiles
from siting.sources.rasters import read_population

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.places import Cells

PLANE = Plane(32651)


def read(folder: Path, intake: Intake | None = None, **options: object) -> Cells:
    return read_population(PopulationFiles.model_validate(options), PLANE, intake or Intake(folder))


def test_persons_by_cell_and_class(tmp_path: Path) -> None:
    write_population(tmp_path)
    cells = read(tmp_path, files="pop_{age}_{sex}.tif", ages=[60, 80], year=2020)
    assert (cells.ages, cells.years) == ((60, 80), (2020,))
    assert cells.grid == Grid("EPSG:4326", 120.70, 30.52, 0.01, 0.01, 4, 2)
    assert list(zip(cells.row.tolist(), cells.column.tolist(), strict=True)) == [
        (0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 3)
    ]  # fmt: skip
    assert cells.persons[:, :, 0].tolist() == [[2, 0], [2, 0], [6, 0], [4, 1], [6, 1], [8.5, 1]]
    assert cells.persons.sum() == sum(np.sum(values) for values in PERSONS.values())


def test_centres_lie_on_the_plane(tmp_path: Path) -> None:
    write_population(tmp_path)
    cells = read(tmp_path, files="pop_{age}_{sex}.tif", ages=[60, 80])
    x, y = PLANE.project(120.70 + (cells.column + 0.5) * 0.01, 30.52 - (cells.row + 0.5) * 0.01, LONLAT)
    np.testing.assert_allclose(cells.x_m, x, atol=1e-6)
    np.testing.assert_allclose(cells.y_m, y, atol=1e-6)


def test_classes_and_years_come_in_ascending_order(tmp_path: Path) -> None:
    for year in (2025, 2020):
        for age in (80, 60):
            write_raster(tmp_path / f"p_{year}_{age}.tif", [[year + age]])
    cells = read(tmp_path, files="p_{year}_{age}.tif", ages=[80, 60], years=[2025, 2020])
    assert (cells.ages, cells.years) == ((60, 80), (2020, 2025))
    assert cells.persons[0].tolist() == [[2080, 2085], [2100, 2105]]


def test_a_cell_counts_if_anybody_ever_lives_there(tmp_path: Path) -> None:
    write_raster(tmp_path / "p_2020.tif", [[0, 5, 0]])
    write_raster(tmp_path / "p_2025.tif", [[1, 0, 0]])
    cells = read(tmp_path, files="p_{year}.tif", years=[2020, 2025])
    assert cells.column.tolist() == [0, 1]
    assert cells.persons[:, 0].tolist() == [[0, 1], [5, 0]]


def test_a_single_total_raster(tmp_path: Path) -> None:
    write_raster(tmp_path / "total.tif", [[1, 2], [-99999, np.nan]])
    cells = read(tmp_path, files="total.tif")
    assert (cells.ages, cells.years) == ((0,), (0,))
    assert cells.persons.ravel().tolist() == [1, 2]


@pytest.mark.parametrize("nodata", [-200.0, 0.0, -3.3999999521443642e38, np.nan, 255.0])
def test_nodata_is_what_the_file_declares(tmp_path: Path, nodata: float) -> None:
    write_raster(tmp_path / "p.tif", [[nodata, 3, nodata, 4]], nodata=nodata)
    assert read(tmp_path, files="p.tif").persons.sum() == 7


@pytest.mark.parametrize("nodata", [-1.0, -3.3999999521443642e38, 99.0])
def test_nodata_can_be_declared_in_the_study(tmp_path: Path, nodata: float) -> None:
    write_raster(tmp_path / "p.tif", [[nodata, 3, nodata, 4]], nodata=None)
    assert read(tmp_path, files="p.tif", nodata=nodata).persons.sum() == 7
    assert read(tmp_path, files="p.tif", nodata=[nodata, 4]).persons.sum() == 3


def test_densities_become_persons_by_each_cells_own_area(tmp_path: Path) -> None:
    """Cells in degrees shrink northwards, those of an equal-area projection do not; the globe's whole is known."""
    values = [[1.0], [1.0]]
    write_raster(tmp_path / "p.tif", values, transform=Affine(1, 0, 120, 0, -30, 60))
    persons = read(tmp_path, files="p.tif", kind="density_per_km2").persons.ravel()
    geod = pyproj.Geod(ellps="WGS84")
    for index, (south, north) in enumerate(((30, 60), (0, 30))):
        steps = np.linspace(0, 1, 20_001)
        lon, lat = np.concatenate([120 + steps, 121 - steps]), np.repeat([float(south), float(north)], 20_001)
        assert persons[index] == pytest.approx(abs(geod.polygon_area_perimeter(lon, lat)[0]) / 1e6, rel=1e-6)
    mollweide = Affine(250, 0, 5_799_961, 0, -250, 4_947_771)
    write_raster(tmp_path / "m.tif", [[16, 32]], crs="ESRI:54009", transform=mollweide)
    cells = read(tmp_path, files="m.tif", kind="density_per_km2")
    assert cells.persons.ravel() == pytest.approx([1, 2], rel=1e-3)  # it takes the earth for a sphere


def test_counts_taken_for_densities_are_named(tmp_path: Path) -> None:
    write_raster(tmp_path / "p.tif", [[0.1, 0.2]])
    intake = Intake(tmp_path)
    read(tmp_path, intake, files="p.tif", kind="density_per_km2")
    assert "counts, not densities?" in intake.warnings[0].en


def test_a_projected_grid_stays_a_grid(tmp_path: Path) -> None:
    transform = Affine(250, 0, 5_799_961, 0, -250, 4_947_771)
    write_raster(tmp_path / "p.tif", [[1, 2, 3]], crs="ESRI:54009", transform=transform)
    cells = read_population(PopulationFiles(files="p.tif"), Plane(32642), Intake(tmp_path))
    assert cells.grid == Grid("ESRI:54009", 5_799_961, 4_947_771, 250, 250, 3, 1)
    assert 500_000 < cells.x_m.min() < 550_000


def test_a_raster_larger_than_a_strip_loses_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(3).integers(0, 9, (50, 40))
    write_raster(tmp_path / "p.tif", values, transform=Affine(0.001, 0, 120.7, 0, -0.001, 30.5))
    whole = read(tmp_path, files="p.tif")
    monkeypatch.setattr(rasters, "STRIP_BYTES", 8 * 40 * 7)
    strips = read(tmp_path, files="p.tif")
    assert strips.persons.sum() == values.sum()
    np.testing.assert_array_equal(strips.row, whole.row)
    np.testing.assert_array_equal(strips.persons, whole.persons)


def test_a_declared_system_serves_a_raster_without_one(tmp_path: Path) -> None:
    write_raster(tmp_path / "p.tif", [[1]], crs=None)
    assert read(tmp_path, files="p.tif", crs="EPSG:4326").grid.crs == "EPSG:4326"


@pytest.mark.parametrize(
    ("values", "tags"),
    [([[1.5]], {"units": "persons per km2, density"}), ([[5_000_000]], {})],
)
def test_densities_are_suspected(tmp_path: Path, values: list[list[float]], tags: dict[str, str]) -> None:
    write_raster(tmp_path / "p.tif", values, tags=tags)
    intake = Intake(tmp_path)
    read(tmp_path, intake, files="p.tif")
    assert "density" in intake.warnings[0].en
    assert "密度" in intake.warnings[0].zh


def test_honest_counts_are_not_suspected(tmp_path: Path) -> None:
    write_population(tmp_path)
    intake = Intake(tmp_path)
    read(tmp_path, intake, files="pop_{age}_{sex}.tif", ages=[60, 80])
    assert intake.warnings == []
    assert [entry.path for entry in intake.provenance] == [f"pop_{name}.tif" for name in PERSONS]
