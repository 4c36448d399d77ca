"""Sites (existing and candidate in one table) and options: what each site can become."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.model.arrays import BoolArray, FloatArray, IntArray, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siting.model.attributes import Value

BED_CLASSES: tuple[str, ...] = ("general", "nursing", "dementia")
"""Classes of beds, in the order of every beds array's last axis."""
_CLASSES = len(BED_CLASSES)


def _none() -> Any:  # noqa: ANN401 - an array that is filled in below
    return np.zeros(0)


ACROSS = "across_border"
"""Tag of facilities of neighbouring counties: they serve, but nothing else is done with them or counted of them."""


class Action(StrEnum):
    """What an option does to its site."""

    KEEP = "keep"
    OPEN = "open"
    EXPAND = "expand"
    CONVERT = "convert"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, eq=False)
class Sites:
    """Places that hold a facility or could hold one.

    Attributes
    ----------
    id, name : tuple[str, ...]
        Ids are unique over existing and candidate sites.
    x_m, y_m : float64[site]
        On the study's plane.
    existing : bool[site]
    kind : tuple[str, ...]
        Catalogue kind of an existing facility; empty for a candidate.
    kinds_allowed : tuple[tuple[str, ...], ...]
        Kinds a candidate may be opened as; empty for an existing facility.
    tenure : tuple[str, ...]
        How premises are had (catalogue `tenures`); empty for an existing facility.
    operator : tuple[str, ...]
        ``public`` or ``non_state``.
    district : int64[site]
        Index into `Districts`, or `OUTSIDE`.
    beds : int64[site, class]
        Beds today, by `BED_CLASSES`; zero for candidates.
    floor_area_m2 : float64[site]
        NaN where not stated.
    origin : tuple[str, ...]
        Where the site was read or how it was generated, e.g. ``facilities.csv:12`` or ``grid 400 m``.
    context : tuple[str, ...]
        What sort of place it is: ``new_residential``, ``old_built_up``, ``village_turned``…; empty where not stated.
        Left out, no site has one.
    tags : tuple[tuple[str, ...], ...]
        What a site is known for: ``smart``, ``demonstration``… Left out, no site has any.
    attributes : Mapping[str, tuple[Value, ...]]
        Facts that clauses ask for by name (`configs/columns.yaml` lists them), one value for each site.
    opens : int64[site]
        The year from which a committed project is open whatever is planned; 0 (as unless given) for every other site.
    beds_planned : int64[site]
        All beds of a committed project; 0 where its size is left to the plan.
    """

    id: tuple[str, ...]
    name: tuple[str, ...]
    x_m: FloatArray
    y_m: FloatArray
    existing: BoolArray
    kind: tuple[str, ...]
    kinds_allowed: tuple[tuple[str, ...], ...]
    tenure: tuple[str, ...]
    operator: tuple[str, ...]
    district: IntArray
    beds: IntArray
    floor_area_m2: FloatArray
    origin: tuple[str, ...]
    context: tuple[str, ...] = ()
    tags: tuple[tuple[str, ...], ...] = ()
    attributes: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    opens: IntArray = field(default_factory=_none)
    beds_planned: IntArray = field(default_factory=_none)

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they belong together; columns left out become blank ones."""
        count = len(self.id)
        for name in ("opens", "beds_planned"):
            if not len(getattr(self, name)):
                object.__setattr__(self, name, np.zeros(count))
        for name, blank in (("context", ""), ("tags", ())):
            if not getattr(self, name):
                object.__setattr__(self, name, (blank,) * count)
        for name, dtype, shape in (
            ("x_m", np.float64, (count,)),
            ("y_m", np.float64, (count,)),
            ("existing", np.bool_, (count,)),
            ("district", np.int64, (count,)),
            ("beds", np.int64, (count, len(BED_CLASSES))),
            ("floor_area_m2", np.float64, (count,)),
            ("opens", np.int64, (count,)),
            ("beds_planned", np.int64, (count,)),
        ):
            object.__setattr__(self, name, frozen(getattr(self, name), dtype, shape))
        names = ("name", "kind", "kinds_allowed", "tenure", "operator", "origin", "context", "tags")
        columns = (*(getattr(self, name) for name in names), *self.attributes.values())
        if any(len(column) != count for column in columns):
            message = "columns of sites differ in length"
            raise ValueError(message)
        if len(set(self.id)) != count:
            message = "site ids repeat"
            raise ValueError(message)
        if (self.beds < 0).any():
            message = "beds must not be negative"
            raise ValueError(message)

    def __len__(self) -> int:
        return len(self.id)

    @property
    def across(self) -> BoolArray:
        """Which sites are neighbours' facilities, which serve here and count there: bool[site]."""
        return np.array([ACROSS in tags for tags in self.tags], dtype=np.bool_)

    def committed(self, year: int) -> BoolArray:
        """Return which sites are projects that are open in a year whatever is planned: bool[site]."""
        return np.asarray((self.opens > 0) & (self.opens <= year))

    @classmethod
    def joined(cls, tables: Sequence[Sites]) -> Sites:
        """Put tables under each other, so that index j means one thing everywhere; no table at all gives no site.

        A fact that one table does not state is missing for its sites.
        """
        none: Any = np.zeros(0)
        no_beds: Any = np.zeros((0, _CLASSES))
        parts = (cls((), (), none, none, none, (), (), (), (), none, no_beds, none, ()), *tables)
        stated = dict.fromkeys(name for part in parts for name in part.attributes)
        columns = {name: _stacked([getattr(part, name) for part in parts]) for name in _COLUMNS}
        return cls(**columns, attributes={name: _stacked([part.attribute(name) for part in parts]) for name in stated})

    def taken(self, index: IntArray) -> Sites:
        """Return some of the sites, in the order of `index`."""
        columns = {name: _at(getattr(self, name), index) for name in _COLUMNS}
        return Sites(**columns, attributes={name: _at(values, index) for name, values in self.attributes.items()})

    def attribute(self, name: str) -> tuple[Value, ...]:
        """Return a fact of every site; None where it is missing, which it is everywhere when no table states it."""
        return self.attributes.get(name, (None,) * len(self))


_COLUMNS = tuple(name for name in Sites.__slots__ if name != "attributes")


def _at(column: Any, index: IntArray) -> Any:  # noqa: ANN401 - an array or a tuple, and the same back
    """Return some of a column's values."""
    return column[index] if isinstance(column, np.ndarray) else tuple(column[i] for i in index)


def _stacked(parts: Sequence[Any]) -> Any:  # noqa: ANN401 - an array or a tuple, and the same back
    """Put a column's parts end to end."""
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    return tuple(value for part in parts for value in part)


@dataclass(frozen=True, slots=True, eq=False)
class Options:
    """What sites can become; a site holds one option at most, an existing facility exactly one.

    The capital cost of an option with beds `b` is ``fixed_cost + Σ_c cost_per_bed[c] · (b[c] − base_beds[c])``:
    only beds beyond those that stand today are paid for.

    Attributes
    ----------
    site : int64[option]
        Index into `Sites`.
    kind, action, module : tuple
        Catalogue kind, `Action`, and the size module's id (empty where the kind has none).
    operator : tuple[str, ...]
        Who runs it: ``public`` or ``non_state``.
    fixed_cost : float64[option]
        Yuan.
    cost_per_bed : float64[option, class]
        Yuan per bed added.
    base_beds, beds_min, beds_max : int64[option, class]
    total_min, total_max : int64[option]
        Bounds on the sum over classes.
    floor_area_m2 : float64[option]
        NaN where not stated.
    first_year : int64[option]
        The first year in which the option may be in force.
    tenure : tuple[str, ...]
        How the premises are had; empty where the site says nothing. Left out, empty.
    services, tags : tuple[frozenset[str], ...]
        What the option gives and is known for: of its kind, its module and its site. Left out, nothing.
    meals_per_day : float64[option]
        Meals it can cook in a day. Left out, none.
    day_places : float64[option]
        Persons whom it can look after for the day, at a time. Left out, none.
    running_cost : float64[option]
        Yuan a year while it is in force, beds not included. Left out, none.
    running_cost_per_bed : float64[option, class]
        Yuan a year for every bed, those of today included. Left out, none.
    is_open : bool[option]
        Whether the option leaves a working facility: follows from `action`, for every action but closing does.
    """

    site: IntArray
    kind: tuple[str, ...]
    action: tuple[Action, ...]
    module: tuple[str, ...]
    operator: tuple[str, ...]
    fixed_cost: FloatArray
    cost_per_bed: FloatArray
    base_beds: IntArray
    beds_min: IntArray
    beds_max: IntArray
    total_min: IntArray
    total_max: IntArray
    floor_area_m2: FloatArray
    first_year: IntArray
    tenure: tuple[str, ...] = ()
    services: tuple[frozenset[str], ...] = ()
    tags: tuple[frozenset[str], ...] = ()
    meals_per_day: FloatArray = field(default_factory=_none)
    day_places: FloatArray = field(default_factory=_none)
    running_cost: FloatArray = field(default_factory=_none)
    running_cost_per_bed: FloatArray = field(default_factory=_none)
    is_open: BoolArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Freeze the arrays and check bounds and belonging; columns left out become blank ones."""
        count, classes = len(np.asarray(self.site)), len(BED_CLASSES)
        blanks: tuple[tuple[str, Any], ...] = (
            ("tenure", ""),
            ("services", frozenset()),
            ("tags", frozenset()),
            ("meals_per_day", 0.0),
            ("day_places", 0.0),
            ("running_cost", 0.0),
        )
        for name, blank in blanks:
            if not len(getattr(self, name)):
                object.__setattr__(self, name, (blank,) * count)
        if not len(self.running_cost_per_bed):
            object.__setattr__(self, "running_cost_per_bed", np.zeros((count, classes)))
        for name, dtype, shape in (
            ("site", np.int64, (count,)),
            ("fixed_cost", np.float64, (count,)),
            ("cost_per_bed", np.float64, (count, classes)),
            ("base_beds", np.int64, (count, classes)),
            ("beds_min", np.int64, (count, classes)),
            ("beds_max", np.int64, (count, classes)),
            ("total_min", np.int64, (count,)),
            ("total_max", np.int64, (count,)),
            ("floor_area_m2", np.float64, (count,)),
            ("first_year", np.int64, (count,)),
            ("meals_per_day", np.float64, (count,)),
            ("day_places", np.float64, (count,)),
            ("running_cost", np.float64, (count,)),
            ("running_cost_per_bed", np.float64, (count, classes)),
        ):
            object.__setattr__(self, name, frozen(getattr(self, name), dtype, shape))
        works = [action is not Action.CLOSE for action in self.action]
        object.__setattr__(self, "is_open", frozen(works, np.bool_, (count,)))
        columns = (self.kind, self.action, self.module, self.operator, self.tenure, self.services, self.tags)
        if any(len(column) != count for column in columns):
            message = "columns of options differ in length"
            raise ValueError(message)
        empty = (self.beds_min > self.beds_max).any() or (self.total_min > self.total_max).any()
        within = (self.beds_min.sum(axis=1) <= self.total_max) & (self.total_min <= self.beds_max.sum(axis=1))
        if empty or not within.all():
            message = "an option's bed range is empty"
            raise ValueError(message)

    def __len__(self) -> int:
        return len(self.kind)

    def of_kinds(self, kinds: frozenset[str]) -> BoolArray:
        """Return which options leave a working facility of one of `kinds` (bool[option])."""
        return self.is_open & np.array([kind in kinds for kind in self.kind], dtype=np.bool_)
