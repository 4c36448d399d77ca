"""What a census says of districts, and how far population cells had to be stretched to agree with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siting.model.arrays import BoolArray, FloatArray, IntArray, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.errors import SitingWarning
    from siting.model.groups import Group, Need
    from siting.model.text import Text

EVERY = -1
"""District index of a control that counts all districts together."""


@dataclass(frozen=True, slots=True, eq=False)
class Controls:
    """Published numbers of persons by district and age group.

    Attributes
    ----------
    district : int64[control]
        Index into `Districts`, or `EVERY`.
    group : tuple[str, ...]
        Age group as written: ``60+``, ``60-69``.
    member : bool[control, age]
        Age classes of the cells that the group takes in.
    persons : float64[control]
    where : tuple[str, ...]
        File and row.
    """

    district: IntArray
    group: tuple[str, ...]
    member: BoolArray
    persons: FloatArray
    where: tuple[str, ...]

    def __post_init__(self) -> None:
        """Freeze the arrays and check that they belong together."""
        count, ages = len(self.group), np.asarray(self.member).shape[1]
        object.__setattr__(self, "district", frozen(self.district, np.int64, (count,)))
        object.__setattr__(self, "member", frozen(self.member, np.bool_, (count, ages)))
        object.__setattr__(self, "persons", frozen(self.persons, np.float64, (count,)))

    def __len__(self) -> int:
        return len(self.group)


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Shares of all persons by age class.

    Attributes
    ----------
    ages : tuple[int, ...]
        Lower bounds of the classes, ascending.
    share : float64[district, age]
    """

    ages: tuple[int, ...]
    share: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Cohorts:
    """How classes of five years age beyond the years of the cells.

    Attributes
    ----------
    survival : float64[class]
        Share of each class of the cells that is alive five years on.
    migration : float64[district]
        Persons moving in less those moving out each year, as a fraction.
    from_age : int
        Lower bound of the youngest class that is demand.
    source : Text
    """

    survival: FloatArray
    migration: FloatArray
    from_age: int
    source: Text


@dataclass(frozen=True, slots=True, eq=False)
class Census:
    """What a study knows of its people besides the cells.

    Attributes
    ----------
    shares : Shares or None
        Turns cells of all persons into age classes.
    controls : Controls or None
    controls_year : int or None
        Year that the controls describe; the first of the cells' unless stated.
    totals : Mapping[int, float]
        Persons in all districts together by year.
    growth : float64[district] or None
        More persons each year, beyond the years of the cells, as a fraction.
    cohorts : Cohorts or None
        Ageing beyond the years of the cells, instead of growth.
    groups : tuple[Group, ...]
    needs : tuple[Need, ...]
        As the study lists them; `need_in` finds the one in force.
    """

    shares: Shares | None
    controls: Controls | None
    controls_year: int | None
    totals: Mapping[int, float]
    growth: FloatArray | None = None
    cohorts: Cohorts | None = None
    groups: tuple[Group, ...] = ()
    needs: tuple[Need, ...] = ()


NO_CENSUS = Census(None, None, None, {})


@dataclass(frozen=True, slots=True)
class DensityShift:
    """Who changes density class when one choice is moved.

    Attributes
    ----------
    what : str
        ``radius`` or ``threshold``.
    by : float
        What it is multiplied by.
    persons_up, persons_down : float
        Into a denser and into a less dense class.
    persons : float
        In all districts.
    """

    what: str
    by: float
    persons_up: float
    persons_down: float
    persons: float


EXTREME = 0.5, 2.0
"""A factor outside says that cells and census do not describe the same people."""


@dataclass(frozen=True, slots=True)
class RakingLine:
    """One control, before and after raking.

    Attributes
    ----------
    district : int
        Index, or `EVERY`.
    group : str
    before, control, after : float
        Persons by the cells, by the census, and by the cells once raked.
    """

    district: int
    group: str
    before: float
    control: float
    after: float

    @property
    def factor(self) -> float:
        """By how much the cells were multiplied over the whole group."""
        return self.after / self.before if self.before > 0 else 1.0

    @property
    def extreme(self) -> bool:
        """Whether the factor says that cells and census do not describe the same people."""
        return not EXTREME[0] <= self.factor <= EXTREME[1]


@dataclass(frozen=True, slots=True, eq=False)
class Raking:
    """How cells were brought to agree with controls.

    Attributes
    ----------
    factor : float64[district, age]
    lines : tuple[RakingLine, ...]
        One per control, in their order.
    warnings : tuple[SitingWarning, ...]
    """

    factor: FloatArray
    lines: tuple[RakingLine, ...]
    warnings: tuple[SitingWarning, ...]
