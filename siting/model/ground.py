"""Ground that candidates keep off, and ground that suits them more or less."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from siting.model.arrays import FloatArray, frozen
from siting.model.text import Text

if TYPE_CHECKING:
    from shapely import Geometry

    from siting.model.arrays import BoolArray

Group = Literal["generated", "listed", "committed", "existing"]
GROUPS: tuple[Group, ...] = ("generated", "listed", "committed", "existing")
"""Whom ground is looked at for; what is committed or stands is told of and never dropped."""


@dataclass(frozen=True, slots=True, eq=False)
class Areas:
    """Polygons on the study's plane, each with a number.

    Attributes
    ----------
    geometry : tuple[Polygon | MultiPolygon, ...]
    value : float64[polygon]
        NaN where none is stated.
    """

    geometry: tuple[Geometry, ...]
    value: FloatArray

    def __post_init__(self) -> None:
        """Freeze the values and check that they belong together."""
        object.__setattr__(self, "value", frozen(self.value, np.float64, (len(self.geometry),)))


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Cells of a raster.

    Attributes
    ----------
    crs : str
        As pyproj reads it.
    to_cell : tuple[float, ...]
        Column = a·x + b·y + c and row = d·x + e·y + f of coordinates in `crs`; a cell begins at whole numbers.
    values : array [row, column]
        In the file's own type, so that a limit written 0.4 is compared as the cells hold 0.4.
    known : bool[row, column]
        False where the file has no data.
    """

    crs: str
    to_cell: tuple[float, float, float, float, float, float]
    values: Any
    known: BoolArray


@dataclass(frozen=True, slots=True)
class Limits:
    """Which values nothing may be built on.

    Attributes
    ----------
    above, below : float or None
        Values beyond; the limit itself may be built on.
    values : tuple[float, ...]
        Classes.
    """

    above: float | None = None
    below: float | None = None
    values: tuple[float, ...] = ()

    def forbid(self, value: Any) -> BoolArray:  # noqa: ANN401 - an array of the file's own type
        """Return which values are beyond the limits; NaN never is."""
        own = value.dtype.type if value.dtype.kind == "f" else np.float64
        found = np.isin(value, np.array(self.values, dtype=own))
        if self.above is not None:
            found |= value > own(self.above)
        if self.below is not None:
            found |= value < own(self.below)
        return np.asarray(found)

    @property
    def said(self) -> Text:
        """The limits in words."""
        parts = [f"> {self.above:g}"] if self.above is not None else []
        parts += [f"< {self.below:g}"] if self.below is not None else []
        listed = ", ".join(f"{value:g}" for value in self.values)
        parts += [f"= {listed}"] if listed else []
        return Text("或".join(parts), " or ".join(parts))


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """One layer of ground.

    Attributes
    ----------
    title : Text
    file, licence : str
    shape : Areas or Surface
    excludes : Limits, ``"inside"`` or None
        ``"inside"``: whatever lies in its polygons.
    within_m : float
        Polygons forbid as far around them too, inclusive.
    parcel_share : float
        Of a parcel that may lie in its polygons.
    best : float or None
        The value that suits best; None where the layer does not rank.
    of : tuple[Group, ...]
        Whom it is asked for: ``listed``, ``generated`` or both.
    """

    title: Text
    file: str
    licence: str
    shape: Areas | Surface
    excludes: Limits | Literal["inside"] | None
    within_m: float = 0.0
    parcel_share: float = 0.0
    best: float | None = None
    of: tuple[str, ...] = ("listed", "generated")

    @property
    def condition(self) -> Text:
        """What it forbids, in words; empty when it only ranks."""
        if self.excludes is None:
            return Text("", "")
        said = Text("范围内", "inside") if self.excludes == "inside" else self.excludes.said
        if not self.within_m:
            return said
        return Text(f"{said.zh}，外扩 {self.within_m:g} m", f"{said.en}, and {self.within_m:g} m around")


@dataclass(frozen=True, slots=True)
class Tally:
    """How one group of sites fared on one layer of ground.

    Attributes
    ----------
    ground : int
        Number of the layer, in the order of the study.
    group : Group
    checked, on, silent : int
        Sites looked at, those on ground that it forbids, and those where it says nothing.
    named : tuple[str, ...]
        Ids of those on such ground; generated ones have none worth naming.
    """

    ground: int
    group: Group
    checked: int
    on: int
    silent: int
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Screening:
    """What became of a study's candidates on its ground.

    Attributes
    ----------
    tallies : tuple[Tally, ...]
        By layer, then by group; groups without sites are left out.
    dropped : tuple[tuple[Group, int], ...]
        Candidates dropped in all, by group: one on several layers counts once.
    """

    tallies: tuple[Tally, ...] = ()
    dropped: tuple[tuple[Group, int], ...] = ()


NOTHING_KEPT_OFF = Screening()
"""A study that names no ground."""
