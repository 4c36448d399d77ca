"""The keys of a study file that say what a plan asks of besides people and premises: communities, declared numbers."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from siting.model.facts import Fact
from siting.sources.fields import Keys, Name, PlacesTable

Year = Annotated[int, Field(ge=1950, le=2200)]


class CommunitiesFile(PlacesTable):
    """Villages and urban communities, one row for each, at the seat of its committee: .csv, .xlsx, or points."""

    id: Name | None = Field(None, description="Column with unique ids; `id` if there is one, else they are numbered.")
    name: Name | None = Field(None, description="Column with names; `name` if there is one, else the ids.")
    name_en: Name | None = Field(None, description="Column with English names; the names unless given.")
    kind: Name | None = Field(
        None, description="Column with what a row is, such as 村 or 社区; `kind` if there is one."
    )
    attributes: dict[Name, Name | None] = Field(
        default_factory=dict,
        description="Facts that clauses ask for, by name → column, {dementia_friendly: 友好}; usual headers are found, "
        "null leaves one out.",
    )


class FactFile(Keys):
    """A declared number, one for all years or one for each of some, and where it is taken from."""

    value: float | None = Field(None, description="The number of every year.")
    by_year: dict[Year, float] = Field(
        default_factory=dict, description="Year → the number from then on, until the next year named."
    )
    source: str = Field("", description="Where it is taken from; printed with the clauses that it decides.")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.value is None) == (not self.by_year):
            message = "give either `value` or `by_year`"
            raise ValueError(message)
        return self

    def fact(self) -> Fact:
        """Return the domain type."""
        return Fact(self.value, dict(self.by_year), self.source)


def told(value: object) -> object:
    """Let a bare number stand for the number of every year."""
    return {"value": value} if isinstance(value, int | float) and not isinstance(value, bool) else value
