"""Sites and options: existing facilities, listed and generated candidates, and what each can become."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.model.sites import BED_CLASSES, Action, Options, Sites

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.catalogue import Catalogue, Kind, Module
    from siting.model.places import Zones

CLASSES = len(BED_CLASSES)


def join(tables: Sequence[Sites]) -> Sites:
    """Put tables of sites under each other: one table, so that index j means one thing everywhere."""
    return Sites(
        id=tuple(item for table in tables for item in table.id),
        name=tuple(item for table in tables for item in table.name),
        x_m=np.concatenate([table.x_m for table in tables]),
        y_m=np.concatenate([table.y_m for table in tables]),
        existing=np.concatenate([table.existing for table in tables]),
        kind=tuple(item for table in tables for item in table.kind),
        kinds_allowed=tuple(item for table in tables for item in table.kinds_allowed),
        tenure=tuple(item for table in tables for item in table.tenure),
        operator=tuple(item for table in tables for item in table.operator),
        district=np.concatenate([table.district for table in tables]),
        beds=np.concatenate([table.beds for table in tables]),
        floor_area_m2=np.concatenate([table.floor_area_m2 for table in tables]),
        origin=tuple(item for table in tables for item in table.origin),
    )


def placed(sites: Sites, district: IntArray) -> Sites:
    """Return the sites with the district each lies in."""
    return replace(sites, district=district)


def select(sites: Sites, index: IntArray) -> Sites:
    """Return some of the sites, in the order of `index`."""
    return Sites(
        **{
            name: column[index] if isinstance(column, np.ndarray) else tuple(column[i] for i in index)
            for name, column in ((name, getattr(sites, name)) for name in Sites.__slots__)
        }
    )


def on_grid(zones: Zones, spacing_m: float, kinds: tuple[str, ...], tenure: str) -> tuple[Sites, FloatArray]:
    """Generate candidates where people live: one for each populated square of a lattice.

    A candidate stands at the person-weighted centre of its square in the last phase. Only zones inside the districts
    count.

    Parameters
    ----------
    zones : Zones
    spacing_m : float
        Side of the squares.
    kinds, tenure
        What may be opened there, and how the premises are had.

    Returns
    -------
    Sites
        In order of rows and columns of the lattice; operator ``public``, districts not yet assigned.
    float64[site]
        Persons in the square.
    """
    persons = zones.persons[:, :, -1].sum(axis=1)
    used = np.flatnonzero((zones.district >= 0) & (persons > 0))
    square = np.column_stack([np.floor(zones.y_m[used] / spacing_m), np.floor(zones.x_m[used] / spacing_m)])
    squares, member = np.unique(square.astype(np.int64), axis=0, return_inverse=True)
    count = len(squares)
    weight = np.bincount(member, persons[used], minlength=count).astype(np.float64)
    names = tuple(f"G{north}-{east}" for north, east in squares.tolist())
    return Sites(
        id=names,
        name=names,
        x_m=np.bincount(member, persons[used] * zones.x_m[used], minlength=count) / weight,
        y_m=np.bincount(member, persons[used] * zones.y_m[used], minlength=count) / weight,
        existing=np.zeros(count, dtype=np.bool_),
        kind=("",) * count,
        kinds_allowed=(kinds,) * count,
        tenure=(tenure,) * count,
        operator=("public",) * count,
        district=np.full(count, -1),
        beds=np.zeros((count, CLASSES), dtype=np.int64),
        floor_area_m2=np.full(count, np.nan),
        origin=(f"grid {spacing_m:g} m",) * count,
    ), weight


def worth_keeping(
    district: IntArray, weight: FloatArray, on_road: BoolArray, limit: int | None, per_district: int
) -> IntArray:
    """Choose among generated candidates: the most populated on a road, and a few in every district.

    Parameters
    ----------
    district : int64[site]
    weight : float64[site]
        Persons in the square.
    on_road : bool[site]
    limit : int or None
        Most candidates on a road, heaviest first.
    per_district : int
        A district left with fewer gets its heaviest squares besides, first those on a road: homes and centres are also
        due where the road file ends, though nobody there can be said to be within reach of them.

    Returns
    -------
    int64[chosen]
        Ascending.
    """
    heaviest = np.argsort(-weight, kind="stable")
    chosen = np.zeros(len(weight), dtype=np.bool_)
    chosen[heaviest[on_road[heaviest]][:limit]] = True
    for place in np.unique(district[district >= 0]):
        here = heaviest[(district[heaviest] == place) & ~chosen[heaviest]]
        lacking = per_district - int((chosen & (district == place)).sum())
        here = np.concatenate([here[on_road[here]], here[~on_road[here]]])
        chosen[here[: max(lacking, 0)]] = True
    return np.flatnonzero(chosen)


@dataclass(frozen=True, slots=True)
class _Option:
    """One row of the table of options; beds and costs by class."""

    site: int
    kind: str
    action: Action
    module: str
    operator: str
    fixed_cost: float
    cost_per_bed: FloatArray
    base: IntArray
    least: IntArray
    most: IntArray
    total: tuple[int, int]
    floor_area_m2: float


def options(sites: Sites, catalogue: Catalogue, first_year: int) -> Options:
    """List what every site can become, by the catalogue.

    An existing facility can be kept, expanded or converted; a candidate can be opened as each kind it allows, in each
    size that fits its premises (any size where the floor area is not stated).

    Parameters
    ----------
    sites : Sites
    catalogue : Catalogue
    first_year : int
        The first year in which anything new can be in force.

    Returns
    -------
    Options
        In order of sites; an existing facility's first option is to be kept.
    """
    rows = [row for site in range(len(sites)) for row in _rows(sites, site, catalogue)]
    return Options(
        site=np.array([row.site for row in rows], dtype=np.int64),
        kind=tuple(row.kind for row in rows),
        action=tuple(row.action for row in rows),
        module=tuple(row.module for row in rows),
        operator=tuple(row.operator for row in rows),
        fixed_cost=np.array([row.fixed_cost for row in rows], dtype=np.float64),
        cost_per_bed=_stack([row.cost_per_bed for row in rows]),
        base_beds=_stack([row.base for row in rows]),
        beds_min=_stack([row.least for row in rows]),
        beds_max=_stack([row.most for row in rows]),
        total_min=np.array([row.total[0] for row in rows], dtype=np.int64),
        total_max=np.array([row.total[1] for row in rows], dtype=np.int64),
        floor_area_m2=np.array([row.floor_area_m2 for row in rows], dtype=np.float64),
        first_year=np.array([0 if row.action is Action.KEEP else first_year for row in rows], dtype=np.int64),
    )


def _stack(rows: list[FloatArray] | list[IntArray]) -> NDArray[Any]:
    """Stack rows by class; an empty table keeps its width."""
    return np.array(rows).reshape(len(rows), CLASSES)


def _rows(sites: Sites, site: int, catalogue: Catalogue) -> Iterator[_Option]:
    """List the options of one site."""
    if sites.existing[site]:
        yield from _existing(sites, site, catalogue.kinds[sites.kind[site]])
        return
    tenure = catalogue.tenures[sites.tenure[site]]
    for name in sites.kinds_allowed[site]:
        kind = catalogue.kinds[name]
        for module in kind.modules:
            if sites.floor_area_m2[site] < module.floor_area_m2:
                continue
            cost = module.fit_out_cost * tenure.cost_factor + module.floor_area_m2 * tenure.cost_per_m2
            yield _opened(sites, site, kind, module, cost)


def _opened(sites: Sites, site: int, kind: Kind, module: Module, cost: float) -> _Option:
    """Open a candidate as a kind in a size."""
    nothing = np.zeros(CLASSES, dtype=np.int64)
    offered = np.array([module.beds_max if name in kind.bed_cost else 0 for name in BED_CLASSES], dtype=np.int64)
    return _Option(
        site=site,
        kind=kind.id,
        action=Action.OPEN,
        module=module.id,
        operator=sites.operator[site],
        fixed_cost=cost,
        cost_per_bed=_by_class(kind.bed_cost),
        base=nothing,
        least=nothing,
        most=offered,
        total=(module.beds_min, module.beds_max),
        floor_area_m2=module.floor_area_m2,
    )


def _existing(sites: Sites, site: int, kind: Kind) -> Iterator[_Option]:
    """Keep, expand or convert a facility that stands."""
    beds = sites.beds[site]
    total = int(beds.sum())
    keep = _Option(
        site=site,
        kind=kind.id,
        action=Action.KEEP,
        module="",
        operator=sites.operator[site],
        fixed_cost=0.0,
        cost_per_bed=np.zeros(CLASSES),
        base=beds,
        least=beds,
        most=beds,
        total=(total, total),
        floor_area_m2=float(sites.floor_area_m2[site]),
    )
    yield keep
    if kind.expand_beds_max > 0:
        offered = np.array([name in kind.bed_cost for name in BED_CLASSES])
        yield replace(
            keep,
            action=Action.EXPAND,
            fixed_cost=kind.expand_fixed_cost,
            cost_per_bed=_by_class(kind.bed_cost),
            most=beds + np.where(offered, kind.expand_beds_max, 0),
            total=(total + 1, total + kind.expand_beds_max),
        )
    general = int(beds[BED_CLASSES.index("general")])
    if kind.convert_bed_cost and general > 0:
        gains = np.array([general if name in kind.convert_bed_cost else 0 for name in BED_CLASSES], dtype=np.int64)
        loses = np.array([general if name == "general" else 0 for name in BED_CLASSES], dtype=np.int64)
        yield replace(
            keep,
            action=Action.CONVERT,
            cost_per_bed=_by_class(kind.convert_bed_cost),
            least=beds - loses,
            most=beds + gains,
        )


def _by_class(cost: Mapping[str, float]) -> FloatArray:
    """Return costs in the order of `BED_CLASSES`, nought for classes not named."""
    return np.array([cost.get(name, 0.0) for name in BED_CLASSES], dtype=np.float64)
