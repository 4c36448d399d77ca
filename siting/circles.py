"""Care circles proposed: urban districts put together into a few contiguous circles alike in older persons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siting import errors, groundwork
from siting.cache import NO_CACHE
from siting.groundwork import Clock, silent
from siting.model.neighbours import neighbours
from siting.optimise import Partition, partition

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geopandas import GeoDataFrame

    from siting.cache import Cache
    from siting.config import Config
    from siting.model.arrays import BoolArray, FloatArray
    from siting.model.places import Districts, Zones


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """Circles for every number asked for.

    Attributes
    ----------
    layer : GeoDataFrame (study plane, polygons)
        id, name, name_en, unit, urban, persons (of the last phase), circle: of the number whose circles are most alike
        (of two alike the smaller), and circle_of_<count> for each number; empty for districts of no circle.
    partitions : tuple[Partition, ...]
    persons : tuple[tuple[float, ...], ...]
        By partition, the persons of each circle; empty where there is none.
    """

    layer: GeoDataFrame
    partitions: tuple[Partition, ...]
    persons: tuple[tuple[float, ...], ...]


def propose(
    config: Config, counts: Sequence[int], progress: Callable[[str, str], None] = silent, cache: Cache = NO_CACHE
) -> Proposal:
    """Read a study's people and districts, and draw circles among its urban districts, or all where none is stated.

    Raises
    ------
    DataError
        When an input cannot be used, a number exceeds the districts, or no such circles exist.
    """
    raw = groundwork.read(config, Clock(progress), cache)
    zones, _, _ = groundwork.peopled(config, raw, cache)
    districts, everybody = raw.districts, _persons(zones, len(raw.districts))
    chosen = _eligible(districts)
    members = np.flatnonzero(chosen)
    if not all(1 <= count <= len(members) for count in counts):
        what = f"{len(members)} districts cannot form {', '.join(map(str, counts))} circles"
        mend = "ask for fewer with --counts, or say which districts are urban (districts: {urban: COLUMN})"
        raise errors.DataError([errors.Problem(config.options.districts.file, what, mend)])
    beside = neighbours(districts)[np.ix_(members, members)]
    solver = config.options.solver
    made = tuple(partition(everybody[members], beside, count, solver) for count in counts)
    if all(one.circle is None for one in made):
        what = f"no {' or '.join(map(str, counts))} contiguous circles exist among {len(members)} districts"
        mend = "districts that no other touches need circles of their own: ask for more with --counts"
        raise errors.DataError([errors.Problem(config.options.districts.file, what, mend)])
    sums = tuple(
        () if one.circle is None else tuple(np.bincount(one.circle, everybody[members], one.count).tolist())
        for one in made
    )
    return Proposal(_layer(districts, raw.crs, everybody, chosen, made), made, sums)


def _persons(zones: Zones, count: int) -> FloatArray:
    """Return the older persons of each district in the last phase: float64[district]."""
    inside, living = zones.district >= 0, zones.persons_from(zones.ages[0], -1)
    return np.bincount(zones.district[inside], living[inside], minlength=count).astype(np.float64)


def _eligible(districts: Districts) -> BoolArray:
    """Return the districts that circles are made of: bool[district]."""
    urban = np.array([stated is True for stated in districts.urban], dtype=np.bool_)
    return urban if urban.any() else np.ones(len(districts), dtype=np.bool_)


def _layer(
    districts: Districts, crs: str, persons: FloatArray, chosen: BoolArray, made: Sequence[Partition]
) -> GeoDataFrame:
    """Write the circles of every number beside the districts."""
    import geopandas as gpd  # noqa: PLC0415 - heavy

    table = {
        "id": districts.id,
        "name": districts.name,
        "name_en": districts.name_en,
        "unit": districts.unit,
        "urban": ["" if urban is None else "yes" if urban else "no" for urban in districts.urban],
        "persons": np.round(persons, 1),
    }
    named = {}
    for one in made:
        names = np.full(len(districts), "", dtype=object)
        if one.circle is not None:
            names[chosen] = [f"{one.count}-{number + 1}" for number in one.circle]
            named[one.count] = names
        table[f"circle_of_{one.count}"] = names
    alike = {one.count: (one.certificate.objective or 0.0) * one.count for one in made if one.circle is not None}
    best = min(alike, key=lambda count: (alike[count], count))
    return gpd.GeoDataFrame(table | {"circle": named[best]}, geometry=list(districts.geometry), crs=crs)
