"""Policy packs and catalogues: YAML files as pydantic models."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from siting.model.catalogue import Catalogue, Kind, Module, Tenure
from siting.model.sites import BED_CLASSES
from siting.model.text import Text


class Strict(BaseModel):
    """Nothing unknown, nothing changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Words = Annotated[str, Field(min_length=1)]
Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]
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


class PolicyFile(Strict):
    """A published plan, clause by clause."""

    policy: Words
    document: TextFile
    number: Words
    issued: dt.date
    clauses: tuple[ClauseFile, ...] = Field(min_length=1)


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


class KindFile(Strict):
    """A kind of facility."""

    title: TextFile
    tier: Literal["county", "town", "community"]
    modules: tuple[ModuleFile, ...] = Field(min_length=1)
    bed_cost: dict[BedClass, Money] = Field(default_factory=dict)
    expand_beds_max: int = Field(0, ge=0)
    expand_fixed_cost: Money = 0.0
    convert_bed_cost: dict[BedClass, Money] = Field(default_factory=dict)


class CatalogueFile(Strict):
    """Kinds of facility, tenures, and where the costs come from."""

    basis: TextFile
    tenures: dict[Words, TenureFile]
    kinds: dict[Words, KindFile]

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
