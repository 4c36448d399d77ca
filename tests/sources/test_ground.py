"""Layers of ground as files: what is read of them, and what is wrong with those that cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from rasterio.transform import Affine
from shapely import LineString, box
from small_inputs import STEP, catalogue, write_layer, write_raster, write_study

from siting.errors import DataError
from siting.model.ground import Areas, Limits, Surface
from siting.sources import SourceOptions, check, load

if TYPE_CHECKING:
    from pathlib import Path

    from siting.sources import Checked

LAKE = box(120.705, 30.505, 120.715, 30.515)


def read(folder: Path, **ground: Any) -> Checked:  # noqa: ANN401 - keys of a study
    study = {**write_study(folder), "ground": {"title": "湖", **ground}}
    return check(SourceOptions.model_validate(study), root=None, base=folder, catalogue=catalogue())


def refused(folder: Path, **ground: Any) -> str:  # noqa: ANN401
    found = read(folder, **ground)
    assert found.raw is None
    assert all(problem.where and problem.what and problem.mend for problem in found.problems)
    return "\n".join(map(str, found.problems))


def test_polygons_come_onto_the_plane_with_their_licence(tmp_path: Path) -> None:
    write_layer(tmp_path / "lake.gpkg", [LAKE, LineString([(120.7, 30.5), (120.71, 30.5)])])
    raw = read(tmp_path, file="lake.gpkg", licence="ODbL").raw
    assert raw is not None
    (layer,) = raw.ground
    assert isinstance(layer.shape, Areas)
    assert (layer.excludes, layer.title.zh, len(layer.shape.geometry)) == ("inside", "湖", 1)
    assert layer.shape.geometry[0].area == pytest.approx(959 * 1109, rel=0.01)
    assert [(entry.licence, entry.crs) for entry in raw.provenance if entry.role == "ground"] == [("ODbL", "EPSG:4326")]
    assert any("1 records that are no polygons were left out" in warning.en for warning in raw.warnings)


def test_numbers_of_polygons_are_read(tmp_path: Path) -> None:
    write_layer(tmp_path / "slope.gpkg", [LAKE, LAKE], grade=["25", None])
    raw = read(tmp_path, file="slope.gpkg", column="grade", excludes={"above": 20}).raw
    assert raw is not None
    assert isinstance(raw.ground[0].shape, Areas)
    np.testing.assert_array_equal(raw.ground[0].shape.value, [25, np.nan])
    assert raw.ground[0].excludes == Limits(above=20)


def test_only_the_part_of_a_raster_about_the_districts_is_kept(tmp_path: Path) -> None:
    """A degree each way, of which 20 km about the districts are wanted; nodata and NaN say nothing."""
    rows = np.arange(200 * 200, dtype=float).reshape(200, 200)
    rows[100, 100], rows[100, 101] = np.nan, -99999
    write_raster(tmp_path / "slope.tif", rows, transform=Affine(STEP, 0, 119.72, 0, -STEP, 31.51))
    raw = read(tmp_path, file="slope.tif", excludes={"above": 5}).raw
    assert raw is not None
    surface = raw.ground[0].shape
    assert isinstance(surface, Surface)
    assert 38 <= surface.values.shape[0] <= 42  # 0.02° and twice 0.18°
    assert 45 <= surface.values.shape[1] <= 50  # 0.04° and twice 0.21°
    a, b, c, d, e, f = surface.to_cell
    lon, lat = 119.72 + 100.5 * STEP, 31.51 - 99.5 * STEP
    assert surface.values[int(d * lon + e * lat + f), int(a * lon + b * lat + c)] == rows[99, 100]
    assert (~surface.known).sum() == 2


def test_a_layer_of_another_county_keeps_nobody_off_and_is_told(tmp_path: Path) -> None:
    write_layer(tmp_path / "lake.gpkg", [box(121.7, 30.5, 121.8, 30.6)])
    found = read(tmp_path, file="lake.gpkg")
    assert found.raw is not None
    assert any("does not reach the districts" in warning.en for warning in found.warnings)


@pytest.mark.parametrize(
    ("ground", "says"),
    [
        pytest.param({"file": "no.gpkg"}, "no.gpkg: there is no such file", id="missing"),
        pytest.param({"file": "no.tif", "excludes": {"above": 1}}, "no.tif: there is no such file", id="no raster"),
        pytest.param({"file": "lake.gpkg", "column": "depth", "best": 1}, "has no column 'depth'", id="column"),
        pytest.param({"file": "lake.gpkg", "best": 1}, "`ground: {column: …}` with one of state, deep", id="no column"),
        pytest.param(
            {"file": "lake.gpkg", "column": "state", "best": 1},
            "lake.gpkg record 1: state 'wet' is not a number → write digits only",
            id="words for numbers",
        ),
        pytest.param({"file": "slope.tif"}, "a raster has no inside → write `excludes: {above: …}`", id="inside"),
        pytest.param({"file": "two.tif", "best": 1}, "two.tif: has 2 bands", id="bands"),
        pytest.param({"file": "far.tif", "best": 1}, "far.tif: the raster does not reach the districts", id="far"),
        pytest.param({"file": "bare.tif", "best": 1}, "carries no coordinate system → write `ground: {crs", id="crs"),
        pytest.param({"file": "text.tif", "best": 1}, "text.tif: cannot be read as a raster", id="no tif"),
        pytest.param({"file": "metres.tif", "best": 1}, "they look like metres", id="metres in degrees"),
    ],
)
def test_ground_that_cannot_be_used_is_told_with_place_and_mend(
    tmp_path: Path, ground: dict[str, Any], says: str
) -> None:
    write_layer(tmp_path / "lake.gpkg", [LAKE], state=["wet"], deep=[3.0])
    write_raster(tmp_path / "slope.tif", np.ones((2, 4)))
    write_raster(tmp_path / "two.tif", np.ones((2, 4)), count=2)
    write_raster(tmp_path / "far.tif", np.ones((2, 4)), transform=Affine(STEP, 0, 114.0, 0, -STEP, 30.5))
    write_raster(tmp_path / "bare.tif", np.ones((2, 4)), crs=None)
    write_raster(tmp_path / "metres.tif", np.ones((2, 4)), transform=Affine(100, 0, 280000, 0, -100, 3378000))
    (tmp_path / "text.tif").write_bytes(b"II*\0")
    assert says in refused(tmp_path, **ground)


def test_every_layer_is_looked_at_before_the_run_stops(tmp_path: Path) -> None:
    study = {**write_study(tmp_path), "ground": [{"title": "a", "file": "a.gpkg"}, {"title": "b", "file": "b.gpkg"}]}
    with pytest.raises(DataError, match=r"(?s)a\.gpkg.*b\.gpkg"):
        load(SourceOptions.model_validate(study), root=None, base=tmp_path, catalogue=catalogue())


@pytest.mark.parametrize(
    ("ground", "says"),
    [
        ({"excludes": {}}, "an empty limit forbids nothing"),
        ({"column": "deep"}, "neither excludes nor best says what its numbers mean"),
        ({"best": 0}, "greater than 0"),
    ],
)
def test_keys_that_say_nothing_are_refused(ground: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        SourceOptions.model_validate(
            {"districts": {"file": "d"}, "roads": {"file": "r"}, "population": {"files": "p"},
             "ground": [{"title": "湖", "file": "lake.gpkg", **ground}]}
        )  # fmt: skip
