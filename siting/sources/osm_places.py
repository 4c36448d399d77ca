"""Facilities from the tags of an OpenStreetMap file, by the table `configs/osm_facilities.yaml`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import osmium
import shapely

from siting.errors import DataError, Problem
from siting.sources import crs as systems
from siting.sources.desk import number_in
from siting.sources.documents import read_yaml
from siting.sources.shipped import shipped
from siting.sources.tables import Table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from siting.model.catalogue import Catalogue
    from siting.sources.manifest import Intake
    from siting.sources.options import OsmFacilities

COLUMNS = ("id", "name", "name_en", "kind", "operator", "beds", "status")
ANY = "*"


@dataclass(frozen=True, slots=True)
class _Object:
    """A facility as mapped: its tags, its kind, and its point or outline in degrees."""

    ref: str
    tags: Mapping[str, str]
    kind: str
    shape: shapely.Geometry


def read_osm_places(options: OsmFacilities, catalogue: Catalogue, intake: Intake) -> Table:
    """Read the facilities for older people of an `.osm.pbf` or `.osm` file: nodes, closed ways and multipolygons.

    An outline stands at a point within it. A node inside an outline of its kind, of the same name or where one of them
    has none, is the same facility; its tags fill in those of the outline. Beds count for kinds that have them; where no
    tag holds their number, the study's `missing_beds` does, or the run stops.

    Raises
    ------
    DataError
        When the file is missing or broken, holds no such object, or one of them lacks its beds.
    """
    path = intake.find(options.osm, "facilities.osm")
    try:
        found, broken = _scan(path)
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        what = f"is not a whole OpenStreetMap file ({str(error).splitlines()[0]})"
        raise DataError([Problem(options.osm, what, "export or download the file again")]) from error
    intake.record("facilities", options.osm, "EPSG:4326", options.licence)
    if not found:
        what = "has no facility for older people by configs/osm_facilities.yaml"
        raise DataError([Problem(options.osm, what, "take a file that has them, or list them in a table")])
    whole, joined = _without_twins(found)
    _tell(options, broken, joined, intake)
    rows = tuple(_row(one, options, catalogue) for one in whole)
    _check_beds(options, whole, rows, catalogue, intake)
    points = shapely.get_coordinates([shapely.point_on_surface(one.shape) for one in whole])
    where = tuple(f"{options.osm} {one.ref}" for one in whole)
    return Table(options.osm, COLUMNS, rows, where, np.asarray(points, dtype=np.float64), systems.LONLAT)


def _scan(path: Path) -> tuple[list[_Object], list[str]]:
    """Return the facilities, and the ways and relations that are facilities but have no outline."""
    wanted = osmium.filter.KeyFilter(*_table()["keys"])
    draw = osmium.geom.WKBFactory()
    found: list[_Object] = []
    awaited: set[str] = set()
    for item in osmium.FileProcessor(str(path)).with_areas(wanted).with_filter(wanted):
        tags = {tag.k: tag.v for tag in item.tags}
        kind = kind_of(tags)
        if kind is None:
            continue
        if isinstance(item, osmium.osm.Node):
            found.append(_Object(f"node/{item.id}", tags, kind, shapely.Point(item.lon, item.lat)))
        elif isinstance(item, osmium.osm.Area):
            ref = f"{'way' if item.from_way() else 'relation'}/{item.orig_id()}"
            found.append(_Object(ref, tags, kind, shapely.from_wkb(draw.create_multipolygon(item))))
        else:
            awaited.add(f"{'way' if isinstance(item, osmium.osm.Way) else 'relation'}/{item.id}")
    broken = awaited - {one.ref for one in found}
    return sorted(found, key=lambda one: (one.ref.split("/")[0], int(one.ref.split("/")[1]))), sorted(broken)


def kind_of(tags: Mapping[str, str]) -> str | None:
    """Return the kind of facility that tags mean; None for none."""
    table = _table()
    said = {value for key in table["seniors"]["keys"] for value in _values(tags.get(key, ""))}
    seniors = bool(said & set(table["seniors"]["values"]))
    told = any(key in tags for key in table["seniors"]["keys"] if key.endswith(":for"))
    name = "".join(tags.get(key, "") for key in table["names"])
    for entry in table["kinds"]:
        if not (seniors or (entry["seniors"] == "allowed" and not told)):
            continue
        fits = all(_values(tags.get(key, "")) & set(values) for key, values in entry["tags"].items())
        if fits and any(word in name for word in entry.get("name", [""])):
            kind: str = entry["kind"]
            return kind
    return None


def _values(text: str) -> set[str]:
    return {value.strip() for value in text.split(";") if value.strip()}


def _without_twins(found: list[_Object]) -> tuple[list[_Object], list[str]]:
    """Join nodes with the outlines that they lie in, and name those that were joined."""
    outlines = {number: one for number, one in enumerate(found) if not _is_point(one)}
    gone: dict[int, str] = {}
    for number, node in enumerate(found):
        for home, outline in outlines.items():
            if number != home and _is_point(node) and _same(node, outline):
                outlines[home] = replace(outline, tags={**node.tags, **outline.tags})
                gone[number] = f"{node.ref} = {outline.ref}"
                break
    whole = [outlines.get(number, one) for number, one in enumerate(found) if number not in gone]
    return whole, list(gone.values())


def _is_point(one: _Object) -> bool:
    return one.ref.startswith("node/")


def _same(node: _Object, outline: _Object) -> bool:
    names = [_first(one.tags, "names") for one in (node, outline)]
    alike = names[0] == names[1] or not all(names)
    return node.kind == outline.kind and alike and bool(shapely.covers(outline.shape, node.shape))


def _row(one: _Object, options: OsmFacilities, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the cells of a facility, by `COLUMNS`."""
    table, tags = _table(), one.tags
    closed = any(tags.get(key) in values for key, values in table["closed"].items())
    beds = next((tags[key] for key in table["beds"] if _counts(tags.get(key))), "")
    if not beds and options.missing_beds is not None:
        beds = str(options.missing_beds)
    name, name_en = _first(tags, "names"), _first(tags, "names_en")
    bedded = _has_beds(one.kind, options, catalogue)
    return (
        one.ref,
        name,
        name_en,
        one.kind,
        _operator(tags) or options.operator,
        beds if bedded else "",
        _status(closed),
    )


def _status(closed: bool) -> str:  # noqa: FBT001 - it is what it says
    return "closed" if closed else "operating"


def _has_beds(kind: str, options: OsmFacilities, catalogue: Catalogue) -> bool:
    """Say whether facilities of a kind have beds in the study's catalogue."""
    own = catalogue.kinds.get(options.words.get("kind", {}).get(kind) or kind)
    return own is not None and bool(own.bed_cost)


def _operator(tags: Mapping[str, str]) -> str:
    said = _values(tags.get("operator:type", "")) or _values(tags.get("ownership", ""))
    return next((who for who, values in _table()["operator"].items() if said & set(values)), "")


def _counts(text: str | None) -> bool:
    number = number_in(text or "")
    return number is not None and number >= 0 and number.is_integer()


def _first(tags: Mapping[str, str], keys: str) -> str:
    return next((tags[key] for key in _table()[keys] if tags.get(key)), "")


def _check_beds(
    options: OsmFacilities,
    whole: list[_Object],
    rows: tuple[tuple[str, ...], ...],
    catalogue: Catalogue,
    intake: Intake,
) -> None:
    """Stop the run where beds are not stated; where the study says what to count with, name how often it did."""
    bare = [
        one
        for one, row in zip(whole, rows, strict=True)
        if _has_beds(one.kind, options, catalogue)
        and row[-1] != "closed"
        and not any(_counts(one.tags.get(key)) for key in _table()["beds"])
    ]
    if bare and options.missing_beds is None:
        shown = ", ".join(f"{one.ref} {_first(one.tags, 'names')}".strip() for one in bare[:5])
        what = f"{len(bare)} facilities with beds do not state how many ({shown}{' …' if len(bare) > 5 else ''})"  # noqa: PLR2004 - as many as are shown
        mend = "write `facilities: {missing_beds: 0}`, or what to count with, or list them in a table"
        raise DataError([Problem(options.osm, what, mend)])
    if bare:
        zh = f"{len(bare)} 处有床位的设施未标床位数，每处按 {options.missing_beds} 张计。"
        en = f"{len(bare)} facilities with beds do not state how many and count with {options.missing_beds} each."
        intake.warn(options.osm, zh, en, ("用表格列出其床位", "list them with their beds in a table"))


def _tell(options: OsmFacilities, broken: list[str], joined: list[str], intake: Intake) -> None:
    if broken:
        zh, en = (
            f"{len(broken)} 处设施的轮廓不闭合，未计入",
            f"{len(broken)} facilities have no closed outline and are left out",
        )
        mend = (
            "补全其轮廓，或用表格列出",
            "close their outlines, or list them in a table",
        )
        intake.warn(options.osm, f"{zh}：{'、'.join(broken[:10])}。", f"{en}: {', '.join(broken[:10])}.", mend)
    if joined:
        zh, en = (
            f"{len(joined)} 个点与其所在轮廓为同一设施，合并",
            f"{len(joined)} nodes are the facility whose outline they lie in",
        )
        intake.warn(options.osm, f"{zh}：{'、'.join(joined[:10])}。", f"{en}: {', '.join(joined[:10])}.")


@cache
def _table() -> dict[str, Any]:
    """Read the shipped table, once."""
    return read_yaml(shipped("configs/osm_facilities.yaml")).data
