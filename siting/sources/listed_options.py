"""The keys of a study that name facilities and candidates."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from siting.sources.option_types import Context, File, Licence, Name, Options, PlacesTable


class AttributeColumn(Options):
    """A fact of the planner's own."""

    column: Name = Field(description="Column that states it.")
    type: Literal["yes_no", "whole", "number", "share", "grade", "period", "text", "list"] = Field(
        description="What its cells hold; see configs/columns.yaml."
    )


Word = Literal["kind", "operator", "status", "tenure"]


class ListedTable(PlacesTable):
    """A table of sites."""

    id: Name | None = Field(None, description="Column with unique ids; `id` if there is one, else they are numbered.")
    name: Name | None = Field(None, description="Column with names; `name` if there is one, else the ids.")
    name_en: Name | None = Field(None, description="Column with English names, used where a name is empty.")
    operator: Name = Field("public", description="Column, or `public` or `non_state` for all.")
    floor_area_m2: Name | None = Field(None, description="Column with the floor area; `floor_area_m2` if there is one.")
    words: dict[Word, dict[Name, Name | None]] = Field(
        default_factory=dict,
        description="What words mean here, by column: {kind: {老年之家: institution}}; null leaves such rows out.",
    )
    attributes: dict[Name, Name | AttributeColumn | None] = Field(
        default_factory=dict,
        description="Facts that clauses ask for, by name → column; those of configs/columns.yaml are found by their "
        "headers, null leaves one out, {column, type} states one of your own.",
    )

    @model_validator(mode="after")
    def _leaves_out_by_kind_or_status(self) -> Self:
        bad = [
            f"{key}: {word}"
            for key in ("operator", "tenure")
            for word, to in self.words.get(key, {}).items()
            if to is None
        ]
        if bad:
            message = f"only words of kind and status leave rows out, not {', '.join(bad)}; write what it means"
            raise ValueError(message)
        return self


class FacilitiesFile(ListedTable):
    """Facilities that stand today: .csv, .xlsx, or a layer of points."""

    kind: Name = Field("kind", description="Column, or one kind of the catalogue for all.")
    status: Name | None = Field(
        None,
        description="Column that says which facilities work, are closed or not built yet; those do not count.",
    )
    beds: Name | None = Field(None, description="Column with all beds; general are what the other columns leave.")
    beds_general: Name | None = Field(None, description="Column with general beds (instead of `beds`).")
    beds_nursing: Name | None = Field(None, description="Column with nursing beds.")
    beds_dementia: Name | None = Field(None, description="Column with dementia beds.")

    @model_validator(mode="after")
    def _one_way_to_count(self) -> Self:
        if self.beds and self.beds_general:
            message = "both `beds` (the total) and `beds_general` are named; keep one"
            raise ValueError(message)
        return self


class OsmFacilities(Options):
    """Facilities that stand today, found by their tags in an OpenStreetMap file."""

    osm: File
    operator: Literal["public", "non_state"] = Field("public", description="Of facilities whose tags do not say.")
    missing_beds: Annotated[int, Field(ge=0)] | None = Field(
        None, description="Beds to count where tags do not say how many; unless given, such facilities stop the run."
    )
    words: dict[Literal["kind"], dict[Name, Name | None]] = Field(
        default_factory=dict,
        description="What kinds of configs/osm_facilities.yaml are here: {kind: {canteen: null}}.",
    )
    licence: Licence = "ODbL"

    def as_table(self) -> FacilitiesFile:
        """Return the options of the table that the file is read into; OpenStreetMap is in WGS 84 beyond doubt."""
        words: dict[Word, dict[Name, Name | None]] = {"kind": self.words.get("kind", {})}
        return FacilitiesFile(file=self.osm, crs_checked=True, words=words, licence=self.licence)


class CandidatesFile(ListedTable):
    """Places where a facility could be opened: .csv, .xlsx, or a layer of points."""

    tenure: Name | dict[Context, Name] = Field(
        "tenure", description="Column, one tenure of the catalogue for all, or one for each context."
    )
    context: Context | Literal["by_built"] | None = Field(
        None, description="Surroundings of all rows, or told by the day built and the day that a policy pack gives."
    )
    tags: tuple[Name, ...] = Field((), description="Tags of all rows, besides those of their own.")
    opens: Name | None = Field(
        None, description="Column with the year from which a committed project is open; empty for others."
    )
    beds: Name | None = Field(None, description="Column with all beds of committed projects.")
    kinds: Name | tuple[Name, ...] | None = Field(
        None,
        description="Column with kinds separated by ;, or a list of kinds for all; "
        "`kinds` if there is such a column, else every kind that the catalogue can open.",
    )


class Generated(Options):
    """Candidates made where people live: at the centres of persons of a grid's squares, or on the streets they use."""

    generate: Literal["grid", "network"] = Field(
        description="grid: one in each populated square, at its centre of persons. network: on the streets that people "
        "join, most persons first, none nearer to another than the spacing."
    )
    spacing_m: float = Field(gt=0, description="Side of the squares, or least distance between two candidates, metres.")
    limit: int | None = Field(None, ge=1, description="Most candidates to make, those of most persons first.")
    per_district: int = Field(
        10, ge=0, description="Candidates that every district gets at least, on a road or, where it has none, off it."
    )
    kinds: tuple[Name, ...] = Field(min_length=1, description="Kinds that may be opened there.")
    tenure: Name = Field("new_build", description="How premises are had.")
