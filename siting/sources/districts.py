"""Districts and water: polygon layers, brought to the study's plane and mended where that is safe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from siting.errors import DataError, Problem
from siting.model.places import Districts
from siting.sources import crs as systems
from siting.sources.columns import columns, plain
from siting.sources.layers import Layer, LayerSource, column_problem, read_layer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siting.sources.crs import Bounds, Plane
    from siting.sources.manifest import Intake
    from siting.sources.options import DistrictsFile, WaterFile

SLIVER_M2 = 10_000.0
"""Neighbours that overlap by less than a hectare were drawn at different scales, no more."""

POLYGONS = ("Polygon", "MultiPolygon")


def read_district_layer(options: DistrictsFile, intake: Intake) -> Layer:
    """Read the layer of the districts, before the plane is chosen.

    Raises
    ------
    DataError
        See `read_layer`; also missing columns, empty or repeated ids, empty names, and records that are no polygons.
    """
    layer = read_layer(LayerSource("districts", options.file, options.layer, options.crs, options.licence), intake)
    named = {key: getattr(options, key) for key in ("id", "name", "name_en", "unit", "circle", "urban")}
    missing = [
        column_problem(options.file, f"districts.{key}", column, layer.frame.columns.drop(layer.frame.geometry.name))
        for key, column in named.items()
        if column is not None and column not in layer.frame.columns
    ]
    problems = missing or [*_columns(layer, options), *_shapes(layer)]
    if problems:
        raise DataError(problems)
    return layer


def lonlat_extent(layer: Layer) -> Bounds:
    """Return the box of the layer in WGS 84 longitudes and latitudes."""
    bounds = systems.lonlat_bounds(tuple(layer.frame.total_bounds), layer.crs)
    if not np.isfinite(bounds).all():
        what = f"coordinates lie where {systems.name_of(layer.crs)} has no meaning"
        raise DataError([Problem(layer.source.file, what, "check `districts.crs`, and the file's extent")])
    return bounds


def on_plane(layer: Layer, options: DistrictsFile, plane: Plane, intake: Intake) -> Districts:
    """Make the districts: repaired where a ring crosses itself (with a warning), overlaps pointed out."""
    geometry = _repaired(layer, layer.onto(plane), intake)
    _overlaps(layer, geometry, layer.texts(options.name), intake)
    identity, name = layer.texts(options.id), layer.texts(options.name)
    name_en = layer.texts(options.name_en) if options.name_en else name
    return Districts(
        id=tuple(identity),
        name=tuple(name),
        name_en=tuple(english or own for english, own in zip(name_en, name, strict=True)),
        geometry=tuple(geometry),
        unit=tuple(layer.texts(options.unit) if options.unit else identity),
        circle=tuple(layer.texts(options.circle)) if options.circle else (),
        urban=tuple(_yes_or_no(word) for word in layer.texts(options.urban)) if options.urban else (),
    )


def read_water(options: WaterFile, plane: Plane, intake: Intake) -> tuple[shapely.Geometry, ...]:
    """Read water polygons; records that are none are left out with a warning."""
    layer = read_layer(LayerSource("water", options.file, options.layer, options.crs, options.licence), intake)
    areas = np.isin(layer.frame.geometry.geom_type.to_numpy(), POLYGONS)
    if not areas.all():
        count = int((~areas).sum())
        intake.warn(
            options.file,
            f"{count} 条非面状水体被略去。",
            f"{count} records that are no polygons were left out.",
            ("需要时改画为面", "draw them as areas if they matter"),
        )
    return tuple(shapely.make_valid(layer.onto(plane)[areas]))


def _columns(layer: Layer, options: DistrictsFile) -> list[Problem]:
    problems = []
    seen: dict[str, int] = {}
    named = [("id", options.id), ("name", options.name)]
    named += [("unit", options.unit)] if options.unit else []
    for key, column in named:
        for record, value in enumerate(layer.texts(column)):
            if not value:
                problems.append(Problem(layer.at(record), f"the {key} (column {column!r}) is empty", "fill it in"))
            elif key == "id" and seen.setdefault(value, record) != record:
                what = f"the id {value!r} stands in record {seen[value] + 1} too"
                problems.append(Problem(layer.at(record), what, "give each district its own id"))
    for record, word in enumerate(layer.texts(options.urban) if options.urban else ()):
        if word and _yes_or_no(word) is None:
            what = f"urban (column {options.urban!r}) is {word!r}"
            problems.append(Problem(layer.at(record), what, "write yes or no (是 or 否), or leave it empty"))
    return problems


def _yes_or_no(word: str) -> bool | None:
    """Return what a word says; None where it says neither."""
    return {"yes": True, "no": False, None: None}[columns().words["yes_no"].get(plain(word))]


def _shapes(layer: Layer) -> list[Problem]:
    problems = []
    geometry = layer.frame.geometry
    for record, (kind, empty) in enumerate(zip(geometry.geom_type, geometry.is_empty, strict=True)):
        if not isinstance(kind, str) or empty:
            problems.append(Problem(layer.at(record), "the district has no outline", "draw its polygon, or delete it"))
        elif kind not in POLYGONS:
            what = f"the district is a {kind}, not a polygon"
            problems.append(Problem(layer.at(record), what, "use the layer of areas, or draw the polygon"))
    return problems


def _repaired(layer: Layer, geometry: NDArray[np.object_], intake: Intake) -> NDArray[np.object_]:
    broken = np.flatnonzero(~shapely.is_valid(geometry))
    problems = []
    for record in broken.tolist():
        reason = shapely.is_valid_reason(geometry[record])
        before = shapely.area(geometry[record])
        parts = shapely.get_parts(shapely.make_valid(geometry[record]))
        areas = [part for whole in parts for part in shapely.get_parts(whole) if part.geom_type == "Polygon"]
        geometry[record] = shapely.union_all(areas)
        after = shapely.area(geometry[record])
        if not after:
            problems.append(Problem(layer.at(record), f"the outline encloses nothing ({reason})", "draw it again"))
        intake.warn(
            layer.at(record),
            f"边界自相交，已修复；面积由 {before / 1e6:.4f} 变为 {after / 1e6:.4f} 平方公里。",
            f"the outline was invalid ({reason}) and was repaired; its area went from {before / 1e6:.4f} "
            f"to {after / 1e6:.4f} km².",
            ("核对面积，必要时重新绘制", "check the area, and draw the outline again if it is wrong"),
        )
    if problems:
        raise DataError(problems)
    return geometry


def _overlaps(layer: Layer, geometry: NDArray[np.object_], names: list[str], intake: Intake) -> None:
    """Warn once of all overlaps above a sliver, naming the largest: persons there go to the first district listed."""
    one, other = shapely.STRtree(geometry).query(geometry, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared = shapely.area(shapely.intersection(geometry[one], geometry[other]))
    large = np.flatnonzero(shared > SLIVER_M2)
    if not len(large):
        return
    worst = large[shared[large].argmax()]
    first, second, area = names[one[worst]], names[other[worst]], shared[worst] / 1e6
    intake.warn(
        layer.source.file,
        f"{len(large)} 对行政区重叠，共 {shared[large].sum() / 1e6:.3f} 平方公里；"
        f"最大为{first}与{second}（{area:.3f}）。",
        f"{len(large)} pairs of districts overlap, {shared[large].sum() / 1e6:.3f} km² in all; the largest is "
        f"{first} and {second} ({area:.3f} km²).",
        ("消除重叠；重叠处人口计入先列出者", "remove the overlap; persons in it count for the district listed first"),
    )
