"""The keys of a study file that say what is known of its people besides the cells they live in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, Tag, model_validator

from siting.sources.fields import Age, File, Keys, Licence, Name, Said, Share, Sheet

Growth = Annotated[float, Field(gt=-0.5, lt=0.5)]

EXACT = 1e-6
"""What shares written as decimals may miss of one."""


def as_list(value: object) -> object:
    """Let a single table of keys stand for a list of one."""
    return [] if value is None else [value] if isinstance(value, Mapping | BaseModel) else value


class DistrictTable(Keys):
    """Numbers by district: .csv or .xlsx with the districts' ids; the id * is for all together."""

    file: File
    sheet: Sheet = None
    id: Name = Field("id", description="Column with the districts' ids, as the districts' own.")
    licence: Licence = ""


class ControlsTable(DistrictTable):
    """Persons by district and age group, as the census has them."""

    columns: dict[Annotated[str, Field(pattern=r"^\d{1,3}(\+|-\d{1,3})$")], Name] | None = Field(
        None, description="Columns by age group, {60+: …, 80+: …}; those named so in the table unless given."
    )
    year: int | None = Field(None, description="Year of the numbers; the first year of the population unless given.")


class SharesTable(DistrictTable):
    """Shares of all persons by district and age class."""

    columns: dict[Age, Name] = Field(
        min_length=1, description="Columns with shares (0 to 1) by the lower bound of their age class, {60: …, 80: …}."
    )


class GrowthTable(DistrictTable):
    """Yearly growth of the older population by district."""

    column: Name = Field("growth", description="Column with the yearly growth: 0.03 is 3 % more each year.")


class SurvivalTable(Keys):
    """Shares that survive five years, by age class and perhaps sex: .csv or .xlsx."""

    file: File
    sheet: Sheet = None
    age: Name = Field("age", description="Column with the lower bounds of the age classes.")
    columns: dict[Name, Name] | None = Field(
        None,
        description="Columns by sex, as the population names sexes, {f: women, m: men}; else one named `survival`.",
    )
    licence: Licence = ""


def _kind_of_table(value: object) -> str:
    """Tell a table in a file from numbers in the study."""
    table = "file" in value if isinstance(value, Mapping) else isinstance(value, Keys)
    return "<table>" if table else "<keyed>" if isinstance(value, Mapping) else "<number>"


Alive = Annotated[
    Annotated[dict[Name, Share], Tag("<keyed>")] | Annotated[Share, Tag("<number>")], Discriminator(_kind_of_table)
]
Survival = Annotated[
    Annotated[SurvivalTable, Tag("<table>")] | Annotated[dict[Age, Alive], Tag("<keyed>")],
    Discriminator(_kind_of_table),
]


class Cohorts(Keys):
    """Beyond the years of the data, every class ages by five years at a time."""

    survival: Survival = Field(
        description="Share of each class that is alive five years on, by lower bound of the class, {60: 0.95, …}, or "
        "with sexes {60: {f: 0.96, m: 0.93}, …}, or a table."
    )
    migration: Annotated[
        Annotated[GrowthTable, Tag("<table>")] | Annotated[Growth, Tag("<number>")], Discriminator(_kind_of_table)
    ] = Field(0.0, description="Persons moving in less those moving out each year, as a fraction; or by district.")
    from_age: Age = Field(60, description="Youngest class that is demand; younger ones only grow into it.")
    source: Said = Field(description="Where the survival comes from.")

    @property
    def by_sex(self) -> bool:
        """Whether women and men survive at their own shares."""
        if isinstance(self.survival, SurvivalTable):
            return self.survival.columns is not None
        return any(isinstance(share, dict) for share in self.survival.values())


class GroupTable(DistrictTable):
    """Shares of a group by district."""

    column: Name = Field("share", description="Column with the share, 0 to 1.")


class Group(Keys):
    """Persons who deserve attention of their own: an age group, or a share of one. Groups may overlap."""

    title: Said = Field(description="How the group is called.")
    age: Age | None = Field(None, description="Persons of this age and over; all unless given.")
    share: Annotated[
        Annotated[GroupTable, Tag("<table>")]
        | Annotated[dict[Age, Share], Tag("<keyed>")]
        | Annotated[Share, Tag("<number>")],
        Discriminator(_kind_of_table),
    ] = Field(
        1.0, description="Their share of these persons; by lower bounds of ages, each up to the next; or by district."
    )
    weight: float = Field(1.0, ge=1, le=100, description="How much a person of the group counts in weighted figures.")
    source: Said | None = Field(
        None, description="Where the share comes from; needed unless the group is all of an age."
    )

    @model_validator(mode="after")
    def _share_has_a_source(self) -> Self:
        if self.share != 1.0 and self.source is None:
            message = "a share needs a `source`: write where it was published, or that it is assumed"
            raise ValueError(message)
        return self


class Needs(Keys):
    """How older persons are cared for: at home, in the community, in institutions."""

    home: Share = Field(description="Share cared for at home, those who need no care among them.")
    community: Share = Field(description="Share in community care: day care, meals, short stays.")
    institution: Share = Field(description="Share living in institutions.")
    from_year: int | None = Field(None, description="From this phase on, until the next entry; always unless given.")
    of: Name | None = Field(None, description="The group that is cared for so; all older persons unless given.")
    beds_per_person: float = Field(1.0, gt=0, le=10, description="Beds for each person in institutions.")
    places_per_person: float = Field(1.0, gt=0, le=10, description="Day places for each person in community care.")
    source: Said = Field(description="The document that says so.")

    @model_validator(mode="after")
    def _shares_are_everyone(self) -> Self:
        total = self.home + self.community + self.institution
        if abs(total - 1) > EXACT:
            message = f"home, community and institution add up to {total:g}, not to 1"
            raise ValueError(message)
        return self


class DemandInputs(Keys):
    """What is known of the people besides the cells they live in."""

    elderly_share: dict[Age, Share] | SharesTable | None = Field(
        None, description="Shares of all persons by age class, {60: 0.16, 80: 0.03}, or a table of them by district."
    )
    controls: ControlsTable | None = Field(None, description="Census numbers by district that the cells are raked to.")
    growth: Growth | GrowthTable | None = Field(
        None, description="Yearly growth beyond the years of the data: 0.03, or a table of it by district."
    )
    totals: dict[int, Annotated[float, Field(gt=0)]] = Field(
        default_factory=dict,
        description="Published older persons of all districts by year: {2020: 196500, 2025: 239000}.",
    )

    cohorts: Cohorts | None = Field(None, description="Ageing of five-year classes beyond the years of the data.")
    groups: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Group] = Field(
        default_factory=dict, description="Groups of older persons by a short name, {disabled: {…}, living_alone: {…}}."
    )
    needs: Annotated[tuple[Needs, ...], BeforeValidator(as_list, json_schema_input_type=Needs | list[Needs] | None)] = (
        Field((), description="Who needs which care, such as 9073: one entry, or several with `from_year`.")
    )

    @model_validator(mode="after")
    def _needs_fit(self) -> Self:
        if self.cohorts is not None and self.growth is not None:
            message = "both `cohorts` and `growth` carry people beyond the data; keep one"
            raise ValueError(message)
        years = [entry.from_year for entry in self.needs]
        if len(set(years)) < len(years):
            message = f"needs: {years[0] if None not in years else 'no year'} occurs twice; give each entry a from_year"
            raise ValueError(message)
        for entry in self.needs:
            if entry.of is not None and entry.of not in self.groups:
                message = (
                    f"needs are of group {entry.of!r}, but there is no such group; write one of {list(self.groups)}"
                )
                raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _shares_fit(self) -> Self:
        if isinstance(self.elderly_share, dict) and sum(self.elderly_share.values()) > 1:
            total = sum(self.elderly_share.values())
            message = f"shares add up to {total:g}; give each class its own, not those above it as well"
            raise ValueError(message)
        return self
