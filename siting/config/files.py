"""Policy packs and catalogues: YAML files as pydantic models."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from siting.model.catalogue import Catalogue, Kind, Module, Tenure
from siting.model.sites import BED_CLASSES
from siting.model.text import Text


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
    force: Literal["must", "should"] = "must"
    deadline: dt.date | None = Field(None, description="binds from the first phase that ends on or after it")
    parameters: dict[str, Any] = Field(default_factory=dict)


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

    @model_validator(mode="after")
    def _range_holds_something(self) -> Self:
        """Refuse a size that no number of beds fits."""
        if self.beds_max < self.beds_min:
            message = f"beds_max ({self.beds_max}) is less than beds_min ({self.beds_min}); exchange or mend them"
            raise ValueError(message)
        return self


class KindFile(Strict):
    """A kind of facility."""

    title: TextFile
    tier: Literal["county", "town", "community"]
    modules: tuple[ModuleFile, ...] = Field(min_length=1)
    bed_cost: dict[BedClass, Money] = Field(default_factory=dict)
    expand_beds_max: int = Field(0, ge=0)
    expand_fixed_cost: Money = 0.0
    convert_bed_cost: dict[BedClass, Money] = Field(default_factory=dict)

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

    def catalogue(self) -> Catalogue:
        """Return the domain type."""
        return Catalogue(
            kinds={
                name: Kind(
                    id=name,
                    title=kind.title.text(),
                    tier=kind.tier,
                    modules=tuple(Module(**module.model_dump()) for module in kind.modules),
                    bed_cost={str(name): cost for name, cost in kind.bed_cost.items()},
                    expand_beds_max=kind.expand_beds_max,
                    expand_fixed_cost=kind.expand_fixed_cost,
                    convert_bed_cost={str(name): cost for name, cost in kind.convert_bed_cost.items()},
                )
                for name, kind in self.kinds.items()
            },
            tenures={
                name: Tenure(name, tenure.title.text(), tenure.cost_factor, tenure.cost_per_m2)
                for name, tenure in self.tenures.items()
            },
            basis=self.basis.text(),
        )
