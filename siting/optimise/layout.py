"""What a program is asked, and which of its columns stand for what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from siting.model.sites import BED_CLASSES

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray, IntArray
    from siting.model.rows import Block, Rows

CLASSES = len(BED_CLASSES)


@dataclass(frozen=True, slots=True)
class Asked:
    """The rows of one clause in one phase in which it binds.

    `rhs` replaces the rows' own right-hand side where what stands today is grandfathered.
    """

    clause: str
    phase: int
    rows: Rows
    rhs: FloatArray | None = None


@dataclass(slots=True)
class Layout:
    """Where options and beds are among the columns.

    Attributes
    ----------
    open : int64[phase, option]
        −1 where the option is not available in the phase.
    extra : int64[phase, option, class]
        −1 where the number of beds is fixed.
    least : int64[option, class]
        Beds that come with an option whatever is decided.
    near : dict[(phase, facilities that are meant, site), column]
    derived : dict[(phase, block), int64[option]]
        Columns of `Sized` and `Has`; −1 where the value is nought whatever is decided.
    hire : dict[(phase, role), column]
    """

    open: IntArray
    extra: IntArray
    least: IntArray
    near: dict[tuple[int, str, int], int] = field(default_factory=dict)
    derived: dict[tuple[int, Block], IntArray] = field(default_factory=dict)
    hire: dict[tuple[int, str], int] = field(default_factory=dict)
