"""What kinds of facility there are, how big they come and what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siting.model.premises import NOT_SAID, Premises

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.model.text import Text


@dataclass(frozen=True, slots=True)
class Module:
    """A size in which a kind of facility is built.

    Attributes
    ----------
    id : str
    beds_min, beds_max : int
        Total beds a facility of this size may have (both 0 for kinds without beds).
    floor_area_m2 : float
        Least floor area the premises need.
    fit_out_cost : float
        Yuan, before the tenure's factor.
    """

    id: str
    beds_min: int
    beds_max: int
    floor_area_m2: float
    fit_out_cost: float


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of facility.

    Attributes
    ----------
    id : str
    title : Text
    tier : str
        ``county``, ``town`` or ``community``.
    modules : tuple[Module, ...]
        Sizes for new facilities, smallest first.
    bed_cost : Mapping[str, float]
        Yuan per bed by class; empty for kinds without beds. A class left out is not offered.
    expand_beds_max : int
        Most beds that an existing facility of this kind can add (0: it cannot expand).
    expand_fixed_cost : float
        Yuan.
    convert_bed_cost : Mapping[str, float]
        Yuan per general bed turned into a bed of the class; empty: not offered.
    """

    id: str
    title: Text
    tier: str
    modules: tuple[Module, ...]
    bed_cost: Mapping[str, float]
    expand_beds_max: int
    expand_fixed_cost: float
    convert_bed_cost: Mapping[str, float]

    def sizes(self, floor_area_m2: float, beds: int = 0) -> tuple[Module, ...]:
        """Return the sizes that premises can take.

        Parameters
        ----------
        floor_area_m2 : float
            NaN, where it is not stated, takes any.
        beds : int
            Where they are settled only the smallest size that holds so many is left; 0 where they are not.
        """
        fit = tuple(module for module in self.modules if not floor_area_m2 < module.floor_area_m2)
        if not beds:
            return fit
        return tuple(module for module in fit if module.beds_min <= beds <= module.beds_max)[:1]


@dataclass(frozen=True, slots=True)
class Tenure:
    """How premises are had, and what that does to the fit-out cost.

    Attributes
    ----------
    id : str
    title : Text
    cost_factor : float
        Multiplies a module's fit-out cost.
    cost_per_m2 : float
        Yuan per square metre of the module's floor area: price, lease or building cost.
    """

    id: str
    title: Text
    cost_factor: float
    cost_per_m2: float


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Kinds and tenures by id, with the statement of where the costs come from.

    Attributes
    ----------
    kinds : Mapping[str, Kind]
    tenures : Mapping[str, Tenure]
    basis : Text
        Printed in every report, so that example costs are never taken for quotations.
    premises : Premises
        What the study's plans say of premises that housing owes.
    """

    kinds: Mapping[str, Kind]
    tenures: Mapping[str, Tenure]
    basis: Text
    premises: Premises = NOT_SAID
