"""What kinds of facility there are, how big they come and what they cost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from siting.model.premises import NOT_SAID, Premises
from siting.model.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    services, tags : frozenset[str]
        What this size gives, and is known for, besides its kind.
    meals_per_day : float
    day_places : int
        Persons who can be looked after for the day.
    running_cost : float
        Yuan a year, beds not included.
    bed_classes : frozenset[str]
        The only classes of beds that can be had in it; empty: all that the kind has.
    opened : bool
        False for a size that only facilities of today can be converted to.
    """

    id: str
    beds_min: int
    beds_max: int
    floor_area_m2: float
    fit_out_cost: float
    services: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    meals_per_day: float = 0.0
    day_places: int = 0
    running_cost: float = 0.0
    bed_classes: frozenset[str] = frozenset()
    opened: bool = True

    def offers(self, bed_class: str) -> bool:
        """Say whether beds of a class can be had in this size."""
        return not self.bed_classes or bed_class in self.bed_classes


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a facility that stands can be turned into.

    Beds stay as they are where the new kind has beds, and can grow to its module's most; they go where it has none.

    Attributes
    ----------
    kind, module : str
        Of the catalogue; the facility's own kind in another size is an upgrade.
    cost : float
        Yuan, beds that are added not included.
    """

    kind: str
    module: str
    cost: float


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
    close_cost : float or None
        Yuan to close a facility of this kind; None: closing is not offered.
    convert_to : tuple[Conversion, ...]
        Other kinds, or other sizes, that a facility of this kind can be turned into.
    parent : str
        Kind one level up in the network; empty for the top.
    services, tags : frozenset[str]
        What every facility of this kind gives (keys of `Catalogue.services`), and is known for.
    meals_per_day : float
        Meals that a facility of this kind cooks in a day, unless its module says.
    day_places : int
        Persons whom a facility of this kind can look after for the day, unless its module says.
    partner : bool
        Whom facilities are paired with, such as a hospital: on the map, but not counted among the plan's facilities.
    running_cost : float
        Yuan a year of a facility of this kind, beds not included, unless its module says.
    bed_running_cost : Mapping[str, float]
        Yuan a year for a bed, by class; a class left out costs nothing to run.
    """

    id: str
    title: Text
    tier: str
    modules: tuple[Module, ...]
    bed_cost: Mapping[str, float]
    expand_beds_max: int
    expand_fixed_cost: float
    convert_bed_cost: Mapping[str, float]
    close_cost: float | None = None
    convert_to: tuple[Conversion, ...] = ()
    parent: str = ""
    services: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    meals_per_day: float = 0.0
    day_places: int = 0
    partner: bool = False
    running_cost: float = 0.0
    bed_running_cost: Mapping[str, float] = field(default_factory=dict)

    def unpriced(self) -> Kind:
        """Return the same with every price 0; what is not offered stays so."""
        return replace(
            self,
            modules=tuple(replace(module, fit_out_cost=0.0, running_cost=0.0) for module in self.modules),
            bed_cost=dict.fromkeys(self.bed_cost, 0.0),
            expand_fixed_cost=0.0,
            convert_bed_cost=dict.fromkeys(self.convert_bed_cost, 0.0),
            close_cost=None if self.close_cost is None else 0.0,
            convert_to=tuple(replace(to, cost=0.0) for to in self.convert_to),
            running_cost=0.0,
            bed_running_cost=dict.fromkeys(self.bed_running_cost, 0.0),
        )

    def sizes(self, floor_area_m2: float, beds: int = 0) -> tuple[Module, ...]:
        """Return the sizes that new facilities can take in premises.

        Parameters
        ----------
        floor_area_m2 : float
            NaN, where it is not stated, takes any.
        beds : int
            Where they are settled only the smallest size that holds so many is left; 0 where they are not.
        """
        fit = tuple(one for one in self.modules if one.opened and not floor_area_m2 < one.floor_area_m2)
        if not beds:
            return fit
        return tuple(module for module in fit if module.beds_min <= beds <= module.beds_max)[:1]


@dataclass(frozen=True, slots=True)
class Role:
    """A trade that facilities employ, and what one more person costs.

    Attributes
    ----------
    id : str
    title : Text
    yearly_cost : float
        Yuan per person and year.
    years : float
        Years of pay that a plan counts: the cost of hiring is ``yearly_cost · years``.
    """

    id: str
    title: Text
    yearly_cost: float
    years: float

    @property
    def cost(self) -> float:
        """Yuan for one more person over the plan period."""
        return self.yearly_cost * self.years


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
    """Kinds, tenures, services and trades by id, with the statement of where the costs come from.

    Attributes
    ----------
    kinds : Mapping[str, Kind]
    tenures : Mapping[str, Tenure]
    basis : Text
        Printed in every report, so that example costs are never taken for quotations.
    services : Mapping[str, Text]
        Titles of the services that kinds, modules and facilities may give.
    roles : Mapping[str, Role]
    premises : Premises
        What the study's plans say of premises that housing owes.
    """

    kinds: Mapping[str, Kind]
    tenures: Mapping[str, Tenure]
    basis: Text
    services: Mapping[str, Text] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    premises: Premises = NOT_SAID

    @property
    def partners(self) -> frozenset[str]:
        """Kinds that facilities are paired with, and that do not count among them."""
        return frozenset(name for name, kind in self.kinds.items() if kind.partner)

    def unpriced(self) -> Catalogue:
        """Return the same with every price 0: what readers of tables look at, so that prices cannot touch inputs."""
        return replace(
            self,
            kinds={name: kind.unpriced() for name, kind in self.kinds.items()},
            tenures={name: replace(tenure, cost_factor=0.0, cost_per_m2=0.0) for name, tenure in self.tenures.items()},
            roles={name: replace(role, yearly_cost=0.0) for name, role in self.roles.items()},
        )


NO_CATALOGUE = Catalogue({}, {}, Text("", ""))
"""Nothing to choose from."""
