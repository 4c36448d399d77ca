"""Options: what existing facilities and candidates can become, and at what cost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.model.sites import ACROSS, BED_CLASSES, Action, Options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from siting.model.arrays import FloatArray, IntArray
    from siting.model.catalogue import Catalogue, Conversion, Kind, Module, Tenure
    from siting.model.sites import Sites

CLASSES = len(BED_CLASSES)
_GENERAL = BED_CLASSES.index("general")


@dataclass(frozen=True, slots=True)
class _Option:
    """What a site can become; beds and costs by class."""

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
    first_year: int = 0
    services: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    meals_per_day: float = 0.0
    day_places: float = 0.0
    running_cost: float = 0.0
    running_per_bed: FloatArray = field(default_factory=lambda: np.zeros(CLASSES))


def options(sites: Sites, catalogue: Catalogue, first_year: int) -> Options:
    """List what every site can become, by the catalogue.

    An existing facility can be kept, expanded, given other classes of beds, turned into what the catalogue says, or
    closed; a candidate can be opened as each kind it allows, in each size that fits its premises (any size where the
    floor area is not stated). A committed project is opened from its year on, also before `first_year`; one whose beds
    are settled comes in the smallest size that holds them.

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
    known: dict[tuple[object, ...], list[_Option]] = {}
    lists = []
    for site in range(len(sites)):
        facts = _facts(sites, site)
        if facts not in known:
            known[facts] = list(_rows(sites, site, catalogue, first_year))
        lists.append(known[facts])
    of_site = np.repeat(np.arange(len(sites)), [len(row) for row in lists])
    rows = [row for each in lists for row in each]
    return Options(
        site=of_site,
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
        first_year=np.array([row.first_year for row in rows], dtype=np.int64),
        tenure=tuple(sites.tenure[site] for site in of_site.tolist()),
        services=tuple(row.services for row in rows),
        tags=tuple(row.tags for row in rows),
        meals_per_day=np.array([row.meals_per_day for row in rows], dtype=np.float64),
        day_places=np.array([row.day_places for row in rows], dtype=np.float64),
        running_cost=np.array([row.running_cost for row in rows], dtype=np.float64),
        running_cost_per_bed=_stack([row.running_per_bed for row in rows]),
    )


def _facts(sites: Sites, site: int) -> tuple[object, ...]:
    """Return all that a site's options depend on: thousands of candidates of a grid have it in common."""
    return (
        bool(sites.existing[site]),
        sites.kind[site],
        sites.kinds_allowed[site],
        sites.tenure[site],
        sites.operator[site],
        sites.tags[site],
        sites.beds[site].tobytes(),
        sites.floor_area_m2[site].tobytes(),  # not stated is not a number, which equals nothing
        int(sites.opens[site]),
        int(sites.beds_planned[site]),
        *((type(told[site]), told[site]) for told in sites.attributes.values()),  # yes and 1.0 are equal, and two facts
    )


def _stack(rows: list[FloatArray] | list[IntArray]) -> NDArray[Any]:
    """Stack rows by class; an empty table keeps its width."""
    return np.array(rows).reshape(len(rows), CLASSES)


def _rows(sites: Sites, site: int, catalogue: Catalogue, first_year: int) -> Iterator[_Option]:
    """List the options of one site."""
    if sites.existing[site]:
        for row in _existing(sites, site, catalogue):
            yield row if row.action is Action.KEEP else replace(row, first_year=first_year)
        return
    for name in sites.kinds_allowed[site]:
        kind = catalogue.kinds[name]
        for module in kind.sizes(float(sites.floor_area_m2[site]), int(sites.beds_planned[site])):
            row = _opened(sites, site, kind, module, catalogue)
            yield replace(row, first_year=int(sites.opens[site]) or first_year)


def _opened(sites: Sites, site: int, kind: Kind, module: Module, catalogue: Catalogue) -> _Option:
    """Open a candidate as a kind in a size."""
    tenure = catalogue.tenures[sites.tenure[site]]
    nothing = np.zeros(CLASSES, dtype=np.int64)
    settled = int(sites.beds_planned[site])
    most = settled or module.beds_max
    offered = np.array([most if _offered(kind, module, name) else 0 for name in BED_CLASSES], dtype=np.int64)
    return _Option(
        kind=kind.id,
        action=Action.OPEN,
        module=module.id,
        operator=sites.operator[site],
        fixed_cost=_fixed_cost(sites, site, module, tenure),
        cost_per_bed=_by_class(kind.bed_cost),
        base=nothing,
        least=nothing,
        most=offered,
        total=(settled, settled) if settled else (module.beds_min, module.beds_max),
        floor_area_m2=module.floor_area_m2,
        services=kind.services | module.services,
        tags=kind.tags | module.tags | _own_tags(sites, site),
        meals_per_day=module.meals_per_day,
        day_places=module.day_places,
        running_cost=module.running_cost,
        running_per_bed=_by_class(kind.bed_running_cost),
    )


def _fixed_cost(sites: Sites, site: int, module: Module, tenure: Tenure) -> float:
    """Return what it costs to open a candidate in a size, beds aside, in yuan.

    ``fit-out × the tenure's factor + the module's floor × the price per m²``. The price is the premises' own where
    their table states one, else the tenure's; a cost that the table states takes the place of all of it, whatever opens
    there and in whatever size.
    """
    own, price = (sites.attribute(name)[site] for name in ("own_cost", "own_price_per_m2"))
    if isinstance(own, float):
        return own
    per_m2 = price if isinstance(price, float) else tenure.cost_per_m2
    return module.fit_out_cost * tenure.cost_factor + module.floor_area_m2 * per_m2


def _offered(kind: Kind, module: Module, bed_class: str) -> bool:
    """Say whether beds of a class can be had in a size of a kind."""
    return bed_class in kind.bed_cost and module.offers(bed_class)


def _existing(sites: Sites, site: int, catalogue: Catalogue) -> Iterator[_Option]:
    """Keep, expand, convert or close a facility that stands."""
    kind = catalogue.kinds[sites.kind[site]]
    keep = _kept(sites, site, kind)
    beds, total = keep.base, keep.total[0]
    if ACROSS in sites.tags[site]:
        yield replace(keep, running_cost=0.0, running_per_bed=np.zeros(CLASSES))  # its own county pays for it
        return
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
    if kind.convert_bed_cost and beds[_GENERAL] > 0:
        yield _refitted(keep, kind)
    for to in kind.convert_to:
        yield from _turned(sites, site, keep, catalogue.kinds[to.kind], to)
    if kind.close_cost is not None:
        yield _closed(keep, kind.close_cost)


def _refitted(keep: _Option, kind: Kind) -> _Option:
    """Give some of a facility's general beds to other classes.

    At least one of them goes: with all of them there the facility would be kept, for nothing, under another name.
    """
    general = int(keep.base[_GENERAL])
    gained = np.array([general if name in kind.convert_bed_cost else 0 for name in BED_CLASSES], dtype=np.int64)
    least, most = keep.base.copy(), keep.base + gained
    least[_GENERAL], most[_GENERAL] = 0, general - 1
    return replace(keep, action=Action.CONVERT, cost_per_bed=_by_class(kind.convert_bed_cost), least=least, most=most)


def _kept(sites: Sites, site: int, kind: Kind) -> _Option:
    """Keep a facility as it stands."""
    beds = sites.beds[site]
    total = int(beds.sum())
    return _Option(
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
        services=kind.services | _own_services(sites, site),
        tags=kind.tags | _own_tags(sites, site),
        meals_per_day=_stated(sites, site, "meals_per_day", kind.meals_per_day),
        day_places=_stated(sites, site, "day_places", kind.day_places),
        running_cost=kind.running_cost,
        running_per_bed=_by_class(kind.bed_running_cost),
    )


def _stated(sites: Sites, site: int, name: str, of_kind: float) -> float:
    """Return the number that a facility's own record states, else that of its kind."""
    stated = sites.attribute(name)[site]
    return stated if isinstance(stated, float) else of_kind


def _own_services(sites: Sites, site: int) -> frozenset[str]:
    """Return the services that a facility's own record states."""
    stated = sites.attribute("services")[site]
    return frozenset(stated) if isinstance(stated, tuple) else frozenset()


def _own_tags(sites: Sites, site: int) -> frozenset[str]:
    """Return a site's tags; a fact that is stated to be so (``smart: yes``) is one too."""
    return frozenset(sites.tags[site]) | {name for name, told in sites.attributes.items() if told[site] is True}


def _turned(sites: Sites, site: int, keep: _Option, kind: Kind, to: Conversion) -> Iterator[_Option]:
    """Turn a facility into another kind or size, where its premises and its beds fit.

    Where the new kind has beds those there today stay and more can be added; where it has none they go.
    """
    module = next(module for module in kind.modules if module.id == to.module)
    stay = keep.base if kind.bed_cost else np.zeros(CLASSES, dtype=np.int64)
    total = int(stay.sum())
    if keep.floor_area_m2 < module.floor_area_m2 or total > module.beds_max:
        return
    offered = np.array([_offered(kind, module, name) for name in BED_CLASSES])
    yield replace(
        keep,
        kind=kind.id,
        action=Action.CONVERT,
        module=module.id,
        fixed_cost=to.cost,
        cost_per_bed=_by_class(kind.bed_cost),
        base=stay,
        least=stay,
        most=stay + np.where(offered, module.beds_max - total, 0),
        total=(max(total, module.beds_min), module.beds_max),
        services=kind.services | module.services | _own_services(sites, site),
        tags=kind.tags | module.tags | _own_tags(sites, site),
        meals_per_day=module.meals_per_day,
        day_places=module.day_places,
        running_cost=module.running_cost,
        running_per_bed=_by_class(kind.bed_running_cost),
    )


def _closed(keep: _Option, cost: float) -> _Option:
    """Close a facility: its beds go, and nothing is given there any more."""
    nothing = np.zeros(CLASSES, dtype=np.int64)
    return replace(
        keep,
        action=Action.CLOSE,
        fixed_cost=cost,
        base=nothing,
        least=nothing,
        most=nothing,
        total=(0, 0),
        services=frozenset(),
        tags=frozenset(),
        meals_per_day=0.0,
        day_places=0.0,
        running_cost=0.0,
        running_per_bed=np.zeros(CLASSES),
    )


def _by_class(cost: Mapping[str, float]) -> FloatArray:
    """Return costs in the order of `BED_CLASSES`, nought for classes not named."""
    return np.array([cost.get(name, 0.0) for name in BED_CLASSES], dtype=np.float64)
