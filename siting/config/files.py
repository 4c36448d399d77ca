"""Policy packs and catalogues: YAML files as pydantic models."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from siting.model.catalogue import Catalogue, Conversion, Kind, Module, Tenure
from siting.model.catalogue import Role as Trade
from siting.model.rows import Role
from siting.model.sites import BED_CLASSES
from siting.model.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator


class Strict(BaseModel):
    """Nothing unknown, nothing infinite, nothing changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Words = Annotated[str, Field(min_length=1)]
Money = Annotated[float, Field(ge=0)]
BedClass = Literal["general", "nursing", "dementia"]
assert set(BED_CLASSES) == set(get_args(BedClass))  # noqa: S101 - the schema must name the classes there are


class TextFile(Strict):
    """The same words in Chinese and English."""

    zh: Words
    en: Words

    def text(self) -> Text:
        """Return the domain type."""
        return Text(self.zh, self.en)


class ClauseFile(Strict):
    """One clause of a policy pack."""

    id: Words
    title: TextFile
    section: Words
    paraphrase: TextFile
    kind: Words
    role: Role = Field("opt", description="opt: enforced by a plan; audit: measured only; input: taken in and checked")
    force: Literal["must", "should"] = "must"
    deadline: dt.date | None = Field(None, description="binds from the first phase that ends on or after it")
    parameters: dict[str, Any] = Field(default_factory=dict)


class OutFile(Strict):
    """A clause outside siting, named so that nobody thinks it was forgotten."""

    id: Words
    section: Words
    paraphrase: TextFile
    reason: TextFile


class HandoverFile(Strict):
    """How much floor new housing hands over to eldercare."""

    clause: Words
    section: Words
    paraphrase: TextFile
    share_of_floor: float = Field(gt=0, lt=1, description="of the project's floor area")
    least_m2: Money = Field(description="floor handed over by the smallest project, m²")


class ByBuiltFile(Strict):
    """Since when residential areas hand premises over instead of being retrofitted."""

    clause: Words
    section: Words
    paraphrase: TextFile
    day: dt.date = Field(description="areas built on this day or later hand premises over")


class PremisesFile(Strict):
    """What a plan says of the premises that housing owes: facts about candidates, not clauses to be met."""

    handover: HandoverFile | None = None
    by_built: ByBuiltFile | None = None


class PolicyFile(Strict):
    """A published plan, clause by clause."""

    policy: Words
    document: TextFile
    number: Words
    issued: dt.date
    clauses: tuple[ClauseFile, ...] = Field(min_length=1)
    meanings: dict[Words, dict[Words, Any]] = Field(
        default_factory=dict,
        description="other readings of what the text leaves open, by name: {quarter_hour: {DG-01b.drive_minutes: 15}}; "
        "a `title` ({zh: …, en: …}) is what reports call one",
    )
    out: tuple[OutFile, ...] = Field((), description="clauses of the plan that are no matter of siting, and why")
    premises: PremisesFile = Field(PremisesFile(), description="what the plan says of premises that housing owes")


class TenureFile(Strict):
    """How premises are had."""

    title: TextFile
    cost_factor: Money
    cost_per_m2: Money


class ModuleFile(Strict):
    """A size in which a kind is built."""

    id: Words
    beds_min: int = Field(ge=0)
    beds_max: int = Field(ge=0)
    floor_area_m2: float = Field(gt=0)
    fit_out_cost: Money
    services: tuple[Words, ...] = Field((), description="services this size gives besides those of its kind")
    tags: tuple[Words, ...] = Field((), description="what this size is known for, such as `smart`")
    meals_per_day: float | None = Field(None, ge=0, description="meals it cooks; as its kind unless given")
    day_places: int | None = Field(None, ge=0, description="persons in day care at a time; as its kind unless given")
    running_cost: Money | None = Field(None, description="yuan a year, beds not included; as its kind unless given")
    opened: bool = Field(default=True, description="false: only what stands can be converted to it, nothing opens so")
    bed_classes: tuple[BedClass, ...] = Field(
        (), description="only these classes of beds; all of its kind unless given"
    )

    @model_validator(mode="after")
    def _range_holds_something(self) -> Self:
        """Refuse a size that no number of beds fits."""
        if self.beds_max < self.beds_min:
            message = f"beds_max ({self.beds_max}) is less than beds_min ({self.beds_min}); exchange or mend them"
            raise ValueError(message)
        return self


class ConversionFile(Strict):
    """What a facility that stands can be turned into."""

    kind: Words
    module: Words = Field(description="size of the new kind; of the same kind it is an upgrade")
    cost: Money


class RoleFile(Strict):
    """A trade that facilities employ."""

    title: TextFile
    yearly_cost: Money
    years: float = Field(5, gt=0, description="years of pay that a plan counts")


class KindFile(Strict):
    """A kind of facility."""

    title: TextFile
    tier: Literal["county", "town", "community"]
    modules: tuple[ModuleFile, ...] = Field((), description="sizes it can be built in; none: it is never built")
    parent: Words | None = Field(None, description="kind one level up in the network")
    services: tuple[Words, ...] = Field((), description="what every facility of the kind gives")
    tags: tuple[Words, ...] = Field((), description="what every facility of the kind is known for")
    meals_per_day: float = Field(0, ge=0, description="meals that a facility cooks in a day")
    day_places: int = Field(0, ge=0, description="persons whom a facility can look after for the day, at a time")
    partner: bool = Field(
        default=False,
        description="whom facilities are paired with, such as a hospital; not counted among the plan's facilities",
    )
    close_cost: Money | None = Field(None, description="yuan to close one; closing is not offered unless given")
    convert_to: tuple[ConversionFile, ...] = Field((), description="what one that stands can be turned into")
    bed_cost: dict[BedClass, Money] = Field(default_factory=dict)
    expand_beds_max: int = Field(0, ge=0)
    expand_fixed_cost: Money = 0.0
    convert_bed_cost: dict[BedClass, Money] = Field(default_factory=dict)
    running_cost: Money = Field(0.0, description="yuan a year of a facility, beds not included")
    bed_running_cost: dict[BedClass, Money] = Field(default_factory=dict, description="yuan a year for a bed, by class")

    @model_validator(mode="after")
    def _beds_can_be_had(self) -> Self:
        """Refuse beds without a price, which no plan could fill, and conversions to nothing new."""
        sizes = [module.id for module in self.modules]
        repeated = sorted({size for size in sizes if sizes.count(size) > 1})
        if repeated:
            message = f"modules repeat the id {', '.join(repeated)}; give each size its own"
            raise ValueError(message)
        if not self.bed_cost and (self.expand_beds_max or any(module.beds_max for module in self.modules)):
            message = (
                "there are beds to add but no price of a bed; write `bed_cost: {general: …}`, or set the beds to 0"
            )
            raise ValueError(message)
        if "general" in self.convert_bed_cost:
            message = "convert_bed_cost turns general beds into another class; leave `general` out"
            raise ValueError(message)
        return self


class CatalogueFile(Strict):
    """Kinds of facility, tenures, and where the costs come from."""

    basis: TextFile
    tenures: dict[Words, TenureFile] = Field(min_length=1)
    kinds: dict[Words, KindFile] = Field(min_length=1)

    services: dict[Words, TextFile] = Field(default_factory=dict, description="titles of services")
    roles: dict[Words, RoleFile] = Field(default_factory=dict, description="trades that facilities employ")

    @model_validator(mode="after")
    def _names_stand_for_something(self) -> Self:
        """Refuse services, parents and conversions that the catalogue does not have."""
        unknown = [wrong for name, kind in self.kinds.items() for wrong in self._unknown(name, kind)]
        if unknown:
            message = "; ".join(unknown)
            raise ValueError(message)
        return self

    def _unknown(self, name: str, kind: KindFile) -> Iterator[str]:
        """Say which names of a kind stand for nothing."""
        services = {*kind.services, *(service for module in kind.modules for service in module.services)}
        for service in sorted(services - self.services.keys()):
            yield f"kinds.{name}: there is no service {service!r}; title it under `services`, or leave it out"
        if kind.parent is not None and kind.parent not in self.kinds:
            yield f"kinds.{name}: there is no parent kind {kind.parent!r}; use one of {', '.join(self.kinds)}"
        for target in kind.convert_to:
            sizes = [module.id for module in self.kinds[target.kind].modules] if target.kind in self.kinds else []
            if target.module not in sizes:
                yield f"kinds.{name}.convert_to: there is no {target.kind!r} of size {target.module!r}; mend the names"

    def catalogue(self) -> Catalogue:
        """Return the domain type."""
        return Catalogue(
            kinds={name: _kind(name, kind) for name, kind in self.kinds.items()},
            tenures={
                name: Tenure(name, tenure.title.text(), tenure.cost_factor, tenure.cost_per_m2)
                for name, tenure in self.tenures.items()
            },
            basis=self.basis.text(),
            services={name: title.text() for name, title in self.services.items()},
            roles={
                name: Trade(name, role.title.text(), role.yearly_cost, role.years) for name, role in self.roles.items()
            },
        )


def _kind(name: str, kind: KindFile) -> Kind:
    """Return a kind as the domain knows it."""
    return Kind(
        id=name,
        title=kind.title.text(),
        tier=kind.tier,
        modules=tuple(_module(module, kind) for module in kind.modules),
        bed_cost={str(name): cost for name, cost in kind.bed_cost.items()},
        expand_beds_max=kind.expand_beds_max,
        expand_fixed_cost=kind.expand_fixed_cost,
        convert_bed_cost={str(name): cost for name, cost in kind.convert_bed_cost.items()},
        close_cost=kind.close_cost,
        convert_to=tuple(Conversion(to.kind, to.module, to.cost) for to in kind.convert_to),
        parent=kind.parent or "",
        services=frozenset(kind.services),
        tags=frozenset(kind.tags),
        meals_per_day=kind.meals_per_day,
        day_places=kind.day_places,
        partner=kind.partner,
        running_cost=kind.running_cost,
        bed_running_cost={str(name): cost for name, cost in kind.bed_running_cost.items()},
    )


def _module(module: ModuleFile, kind: KindFile) -> Module:
    """Return a size as the domain knows it."""
    return Module(
        id=module.id,
        beds_min=module.beds_min,
        beds_max=module.beds_max,
        floor_area_m2=module.floor_area_m2,
        fit_out_cost=module.fit_out_cost,
        services=frozenset(module.services),
        tags=frozenset(module.tags),
        meals_per_day=kind.meals_per_day if module.meals_per_day is None else module.meals_per_day,
        day_places=kind.day_places if module.day_places is None else module.day_places,
        running_cost=kind.running_cost if module.running_cost is None else module.running_cost,
        bed_classes=frozenset(module.bed_classes),
        opened=module.opened,
    )
