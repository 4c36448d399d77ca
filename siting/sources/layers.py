"""Vector layers (.geojson, .gpkg, .shp, .parquet) as tables with geometry and a known coordinate system."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from siting.errors import DataError, Problem
from siting.sources import crs as systems

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pyproj
    from numpy.typing import NDArray
    from shapely import Geometry

    from siting.sources.crs import Plane
    from siting.sources.manifest import Intake

SUFFIXES = (".geojson", ".json", ".gpkg", ".shp", ".parquet")


@dataclass(frozen=True, slots=True)
class LayerSource:
    """A layer as the study names it.

    Attributes
    ----------
    key : str
        Key of the study, e.g. ``districts``.
    file : str
        Path as written.
    layer, crs : str or None
        As the study says.
    licence : str
    """

    key: str
    file: str
    layer: str | None = None
    crs: str | None = None
    licence: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A layer as read.

    Attributes
    ----------
    source : LayerSource
    frame : GeoDataFrame
        One row per record, in file order.
    crs : pyproj.CRS
        Declared by the study, else carried by the file.
    """

    source: LayerSource
    frame: gpd.GeoDataFrame
    crs: pyproj.CRS

    def at(self, record: int) -> str:
        """Name a record, counted from 1 in file order."""
        return f"{self.source.file} record {record + 1}"

    def texts(self, column: str) -> list[str]:
        """Return a column as text; whole numbers without a decimal point, missing values empty."""
        return [text_of(value) for value in self.frame[column].tolist()]

    def onto(self, plane: Plane) -> NDArray[np.object_]:
        """Return the geometries on the study's plane.

        Raises
        ------
        DataError
            When a coordinate cannot be brought there.
        """
        return brought(self.frame.geometry.to_numpy(), self.crs, plane, self.source.file, self.source.key)


def brought(drawn: Sequence[Geometry], crs: pyproj.CRS, plane: Plane, file: str, key: str) -> NDArray[np.object_]:
    """Return geometries on a plane.

    Raises
    ------
    DataError
        When a coordinate cannot be brought there.
    """
    shapes: NDArray[np.object_] = shapely.force_2d(np.asarray(drawn, dtype=np.object_))
    drawn_x, drawn_y = shapely.get_coordinates(shapes).T
    x, y = plane.project(drawn_x, drawn_y, crs)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        what = f"coordinates cannot be brought from {systems.name_of(crs)} to {plane.name}"
        raise DataError([Problem(file, what, f"check `{key}.crs` and the file's extent")])
    moved: NDArray[np.object_] = shapely.set_coordinates(shapes.copy(), np.column_stack([x, y]))
    return moved


def text_of(value: object) -> str:
    """Return a cell of a table as text; whole floats lose their point, missing values become empty."""
    if value is None or value != value:  # noqa: PLR0124 - NaN and NaT are not equal to themselves
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def read_layer(source: LayerSource, intake: Intake) -> Layer:
    """Read a vector layer and settle its coordinate system.

    Raises
    ------
    DataError
        When the file is missing, of a kind we do not read, broken, empty, lacks the layer, has no known coordinate
        system, or coordinates that contradict it.
    """
    path = intake.find(source.file, f"{source.key}.file")
    with intake.listening(source.file):
        frame = _frame(path, source)
    if not len(frame):
        raise DataError([Problem(source.file, "the layer has no records", f"name another file in `{source.key}`")])
    crs = systems.settle(frame.crs, source.crs, source.file, source.key, intake)
    bounds = frame.total_bounds
    if np.isfinite(bounds).all():
        systems.check_fit(tuple(bounds), crs, source.file, source.key)
    intake.record(source.key, source.file, systems.name_of(crs), source.licence)
    return Layer(source, frame, crs)


def _frame(path: Path, source: LayerSource) -> gpd.GeoDataFrame:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        what = f"{suffix or 'a file without suffix'} is not a layer that can be read"
        raise DataError([Problem(source.file, what, f"convert it to one of {', '.join(SUFFIXES)}")])
    try:
        if suffix == ".parquet":
            return gpd.read_parquet(path)
        frame = _decoded(path, _layer(path, source))
    except DataError:
        raise
    except Exception as error:  # a broken file can fail anywhere in the libraries that parse it
        reason = str(error).split(";")[0].replace(str(path), source.file).splitlines()[0].rstrip(".")
        what = f"cannot be read as a {suffix} layer ({reason})"
        raise DataError([Problem(source.file, what, "write the file again, with geometry")]) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise DataError([Problem(source.file, "the layer has no geometry", f"name another `{source.key}.layer`")])
    return frame


def _decoded(path: Path, layer: str) -> gpd.GeoDataFrame:
    """Read a layer; a shapefile that does not say its encoding is UTF-8, else GB18030."""
    if path.suffix.lower() != ".shp" or path.with_suffix(".cpg").exists():
        return gpd.read_file(path, layer=layer, engine="pyogrio")
    try:
        return gpd.read_file(path, layer=layer, engine="pyogrio", encoding="utf-8")
    except UnicodeDecodeError:
        return gpd.read_file(path, layer=layer, engine="pyogrio", encoding="gb18030")


def _layer(path: Path, source: LayerSource) -> str:
    names = [str(name) for name, _ in pyogrio.list_layers(path)]
    if source.layer is None and len(names) == 1:
        return names[0]
    if source.layer in names:
        return str(source.layer)
    what = f"has no layer {source.layer!r}" if source.layer else f"holds {len(names)} layers"
    mend = f"write `{source.key}: {{layer: …}}` with one of {', '.join(names)}"
    raise DataError([Problem(source.file, what, mend)])


def column_problem(where: str, key: str, column: str, columns: Iterable[str]) -> Problem:
    """Describe a column that a table does not have, with those it has and the closest ones."""
    have = [str(name) for name in columns]
    folded = {name.lower(): name for name in have}
    wanted = column.lower()
    alike = [name for name in folded if name and (wanted in name or name in wanted)]
    close = [folded[name] for name in [*difflib.get_close_matches(wanted, folded, n=1, cutoff=0.7), *alike]]
    what = f"has no column {column!r}; its columns are {', '.join(have) or '(none)'}"
    return Problem(where, what, f"write `{key}: {close[0] if close else '<column>'}`")
