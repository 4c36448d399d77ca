"""Where people live: the raster's grid, demand points (zones) and the districts that plans are made for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from siting.model.arrays import BoolArray, FloatArray, IntArray, frozen

if TYPE_CHECKING:
    from shapely import MultiPolygon, Polygon

    from siting.model.groups import Care, Group, Need

OUTSIDE = -1
"""District index of a demand point that lies outside every district."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The lattice that population cells came from; row 0 is the top row.

    Attributes
    ----------
    crs : str
        E.g. ``EPSG:4326``.
    west, north : float
        Outer corner of the top-left cell, in units of `crs`.
    cell_width, cell_height : float
        Both positive, in units of `crs`.
    width, height : int
        Columns and rows.
    """

    crs: str
    west: float
    north: float
    cell_width: float
    cell_height: float
    width: int
    height: int

    def corners(self, row: IntArray, column: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return the corners of cells in units of `crs`, round from the top left: x and y, float64[cell, 4]."""
        x = self.west + (column[:, None] + np.array([0, 1, 1, 0])) * self.cell_width
        y = self.north - (row[:, None] + np.array([0, 0, 1, 1])) * self.cell_height
        return x, y


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Populated raster cells as read, before they are placed in districts and phases.

    Attributes
    ----------
    grid : Grid
    row, column : int64[cell]
    x_m, y_m : float64[cell]
        Cell centres on the study's plane.
    years : tuple[int, ...]
        Years that the counts describe, ascending.
    ages : tuple[int, ...]
        Lower bounds of the classes, ascending; the last age is open-ended. Where the sexes are kept apart an age occurs
        once for each of them.
    persons : float64[cell, class, year]
    squares : bool
        Whether persons are spread over the whole square; False for rows of a table, which lie at their point.
    """

    grid: Grid
    row: IntArray
    column: IntArray
    x_m: FloatArray
    y_m: FloatArray
    years: tuple[int, ...]
    ages: tuple[int, ...]
    persons: FloatArray
    squares: bool = True

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they belong together."""
        count = len(np.asarray(self.row))
        for name in ("row", "column"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.int64, (count,)))
        for name in ("x_m", "y_m"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.float64, (count,)))
        object.__setattr__(self, "persons", frozen(self.persons, np.float64, (count, len(self.ages), len(self.years))))


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Cells in their districts; a cell that a boundary cuts occurs once for each part of it, at the same centre.

    Attributes
    ----------
    cells : Cells
    district : int64[cell]
        Index into `Districts`, or `OUTSIDE`.
    """

    cells: Cells
    district: IntArray

    def __post_init__(self) -> None:
        """Freeze the districts and check that there is one for each cell."""
        object.__setattr__(self, "district", frozen(self.district, np.int64, (len(self.cells.row),)))

    @property
    def inside(self) -> BoolArray:
        """Which cells lie in a district: bool[cell]."""
        return np.asarray(self.district != OUTSIDE)


@dataclass(frozen=True, slots=True, eq=False)
class Zones:
    """Demand points: populated raster cells with elderly persons by age class and phase, and seats of communities.

    A cell that a boundary cuts is a demand point for each part of it, at the same centre (see `Placed`).

    Attributes
    ----------
    grid : Grid
    row, column : int64[zone]
        The cell each zone is; −1 for seats of committees.
    x_m, y_m : float64[zone]
        Cell centres on the study's plane.
    ages : tuple[int, ...]
        Lower bounds of the age classes, e.g. ``(60, 65, 70, 75, 80)``; the last is open-ended.
    phases : tuple[int, ...]
        Years of the plan, ascending.
    persons : float64[zone, age, phase]
    district : int64[zone]
        Index into `Districts`, or `OUTSIDE`.
    density_per_km2 : float64[zone, phase]
        Elderly persons within the moving circle divided by its area.
    community : int64[zone]
        −1 for populated cells. A zone that is the seat of a community's committee has the community's number in
        `Communities`; nobody lives in it, so that it changes no total, but it can be covered. Left out, −1.
    groups : tuple[Group, ...]
        They overlap, and are no part of `persons`.
    needs : tuple[Need, ...]
        Who needs which care, phase by phase; empty where the study does not say.
    """

    grid: Grid
    row: IntArray
    column: IntArray
    x_m: FloatArray
    y_m: FloatArray
    ages: tuple[int, ...]
    phases: tuple[int, ...]
    persons: FloatArray
    district: IntArray
    density_per_km2: FloatArray
    groups: tuple[Group, ...] = ()
    needs: tuple[Need, ...] = ()
    community: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    _sums: dict[tuple[int, int], FloatArray] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they belong together."""
        count, ages, phases = len(np.asarray(self.x_m)), len(self.ages), len(self.phases)
        if not len(self.community):
            object.__setattr__(self, "community", np.full(count, -1))
        for name, dtype, shape in (
            ("row", np.int64, (count,)),
            ("column", np.int64, (count,)),
            ("x_m", np.float64, (count,)),
            ("y_m", np.float64, (count,)),
            ("persons", np.float64, (count, ages, phases)),
            ("district", np.int64, (count,)),
            ("density_per_km2", np.float64, (count, phases)),
            ("community", np.int64, (count,)),
        ):
            object.__setattr__(self, name, frozen(getattr(self, name), dtype, shape))
        if self.persons[self.community >= 0].any():
            message = "nobody lives in the seat of a committee"
            raise ValueError(message)
        if not (np.isfinite(self.persons).all() and (self.persons >= 0).all()):
            message = "persons must be finite and not negative"
            raise ValueError(message)
        if any(group.share.shape[1] != ages for group in self.groups) or len(self.needs) not in (0, phases):
            message = "groups must share the age classes, and needs the phases"
            raise ValueError(message)

    def __len__(self) -> int:
        return len(self.x_m)

    @property
    def is_cell(self) -> BoolArray:
        """Which zones are populated cells, not seats of committees: bool[zone]."""
        return np.asarray(self.community < 0)

    def with_seats(self, communities: Communities) -> Zones:
        """Return the zones with the seats of communities after them."""
        count = len(communities)
        nowhere = np.full(count, -1)
        return replace(
            self,
            row=np.concatenate([self.row, nowhere]),
            column=np.concatenate([self.column, nowhere]),
            x_m=np.concatenate([self.x_m, communities.x_m]),
            y_m=np.concatenate([self.y_m, communities.y_m]),
            persons=np.concatenate([self.persons, np.zeros((count, *self.persons.shape[1:]))]),
            district=np.concatenate([self.district, communities.district]),
            density_per_km2=np.concatenate([self.density_per_km2, np.zeros((count, len(self.phases)))]),
            community=np.concatenate([self.community, np.arange(count)]),
        )

    def persons_from(self, age: int, phase: int) -> FloatArray:
        """Return persons of `age` and over per zone, in phase number `phase` (an index); not to be written to.

        Raises
        ------
        ValueError
            When `age` is not the lower bound of an age class: a class is never split by guessing.
        """
        if age not in self.ages:
            message = f"age {age} is not the lower bound of an age class {self.ages}"
            raise ValueError(message)
        if (age, phase) not in self._sums:
            total: FloatArray = self.persons[:, self.ages.index(age) :, phase].sum(axis=1)
            total.setflags(write=False)
            self._sums[age, phase] = total
        return self._sums[age, phase]

    def persons_of(self, group: str, phase: int) -> FloatArray:
        """Return the persons of a group per zone, in phase number `phase`; all of them for "".

        Groups overlap: sums over several count persons more than once.

        Raises
        ------
        KeyError
            When there is no such group.
        """
        everybody = self.persons[:, :, phase]
        if not group:
            return np.asarray(everybody.sum(axis=1))
        share = {one.id: one.share for one in self.groups}[group]
        return np.asarray((everybody * share[self.district]).sum(axis=1))

    def weighted(self, phase: int) -> FloatArray:
        """Return persons per zone with the weights of their groups: ``persons + Σ (weight − 1) · persons of a group``.

        A person of several groups counts the extra weight of each; without groups everybody counts once.
        """
        extra = [(group.weight - 1) * self.persons_of(group.id, phase) for group in self.groups if group.weight > 1]
        return np.asarray(np.sum([self.persons_of("", phase), *extra], axis=0))

    def in_need(self, care: Care, phase: int) -> FloatArray:
        """Return the persons per zone who need a kind of care, in phase number `phase`.

        Raises
        ------
        IndexError
            When the study does not say who needs which care.
        """
        need = self.needs[phase]
        return self.persons_of(need.of, phase) * need.share(care)


@dataclass(frozen=True, slots=True, eq=False)
class Communities:
    """Villages and urban communities by the seats of their committees.

    Attributes
    ----------
    id, name, name_en : tuple[str, ...]
        Ids are unique.
    kind : tuple[str, ...]
        What the table calls it, such as ``村`` or ``社区``; empty where it does not say.
    x_m, y_m : float64[community]
        The seat, on the study's plane.
    district : int64[community]
        Index into `Districts`, or `OUTSIDE`.
    tags : tuple[frozenset[str], ...]
        Facts that the table states to be so, such as ``dementia_friendly``.
    """

    id: tuple[str, ...]
    name: tuple[str, ...]
    name_en: tuple[str, ...]
    kind: tuple[str, ...]
    x_m: FloatArray
    y_m: FloatArray
    district: IntArray
    tags: tuple[frozenset[str], ...]

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they belong together."""
        count = len(self.id)
        for name, dtype in (("x_m", np.float64), ("y_m", np.float64), ("district", np.int64)):
            object.__setattr__(self, name, frozen(getattr(self, name), dtype, (count,)))
        if any(len(column) != count for column in (self.name, self.name_en, self.kind, self.tags)):
            message = "columns of communities differ in length"
            raise ValueError(message)
        if len(set(self.id)) != count:
            message = "community ids repeat"
            raise ValueError(message)

    def __len__(self) -> int:
        return len(self.id)


NO_COMMUNITIES = Communities((), (), (), (), np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.int64), ())
"""A study that names no table of communities."""


@dataclass(frozen=True, slots=True, eq=False)
class Districts:
    """The administrative districts (streets, towns) of the plan, and the planning units they form.

    Attributes
    ----------
    id, name, name_en : tuple[str, ...]
        `name_en` repeats `name` where the file has none.
    geometry : tuple[Polygon | MultiPolygon, ...]
        On the study's plane.
    unit : tuple[str, ...]
        Planning unit of each district; the district's own id unless the study names a column.
    circle : tuple[str, ...]
        Care circle of each district; empty for those of none. Left out, none has one.
    urban : tuple[bool | None, ...]
        Whether a district is a street of the town, not a rural township; None where not stated. Left out, None.
    """

    id: tuple[str, ...]
    name: tuple[str, ...]
    name_en: tuple[str, ...]
    geometry: tuple[Polygon | MultiPolygon, ...]
    unit: tuple[str, ...]
    circle: tuple[str, ...] = ()
    urban: tuple[bool | None, ...] = ()

    def __post_init__(self) -> None:
        """Check that the columns belong together and that ids are unique; columns left out become blank ones."""
        object.__setattr__(self, "circle", self.circle or ("",) * len(self.id))
        object.__setattr__(self, "urban", self.urban or (None,) * len(self.id))
        columns = (self.name, self.name_en, self.geometry, self.unit, self.circle, self.urban)
        if any(len(column) != len(self.id) for column in columns):
            message = "columns of districts differ in length"
            raise ValueError(message)
        if len(set(self.id)) != len(self.id):
            message = "district ids repeat"
            raise ValueError(message)

    def __len__(self) -> int:
        return len(self.id)

    @property
    def units(self) -> tuple[str, ...]:
        """Distinct planning units, in order of first appearance."""
        return tuple(dict.fromkeys(self.unit))

    def unit_index(self) -> IntArray:
        """Index into `units` of each district: int64[district]."""
        return _numbers(self.unit, self.units)

    @property
    def circles(self) -> tuple[str, ...]:
        """Distinct care circles, in order of first appearance."""
        return tuple(circle for circle in dict.fromkeys(self.circle) if circle)

    def circle_index(self) -> IntArray:
        """Index into `circles` of each district, −1 for those of none: int64[district]."""
        return _numbers(self.circle, self.circles)


def _numbers(column: tuple[str, ...], known: tuple[str, ...]) -> IntArray:
    """Return the number of each value among the known ones, −1 for others."""
    order = {value: index for index, value in enumerate(known)}
    return np.array([order.get(value, -1) for value in column], dtype=np.int64)
