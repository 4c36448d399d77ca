"""The keys of a study file that name its inputs; they also generate the JSON schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, Tag, model_validator

from siting.sources.listed_options import CandidatesFile, FacilitiesFile, Generated, OsmFacilities
from siting.sources.option_types import (
    Age,
    Checked,
    Crs,
    CutCells,
    File,
    Growth,
    Kind,
    Layer,
    Licence,
    Name,
    Numbers,
    Options,
    PlacesTable,
    Share,
    Sheet,
)

AGE, SEX, YEAR = "{age}", "{sex}", "{year}"


class DistrictsFile(Options):
    """The districts that the plan is made for: polygons with an id and a name."""

    file: File
    layer: Layer = None
    id: Name = Field("id", description="Column with unique ids.")
    name: Name = Field("name", description="Column with names.")
    name_en: Name | None = Field(None, description="Column with English names; the names unless given.")
    unit: Name | None = Field(None, description="Column with the planning unit; each district is its own unless given.")
    crs: Crs = None
    crs_checked: Checked = False
    licence: Licence = ""


class RoadsFile(Options):
    """The road network: .osm.pbf, .osm, an OSMnx .graphml, or a line layer."""

    file: File
    layer: Layer = None
    crs: Crs = None
    licence: Licence = ""


class PopulationFiles(Options):
    """Rasters of persons per cell, one file for each age class, sex and year."""

    files: Name = Field(
        description="Path pattern: {age} and {sex} stand for the class, {year} for the year; each may be left out."
    )
    ages: tuple[Age, ...] = Field(
        (0,), min_length=1, description="Lower bounds of the age classes; [0] for a raster of all persons."
    )
    sexes: tuple[Name, ...] = Field(("f", "m"), min_length=1, description="What {sex} stands for.")
    years: tuple[int, ...] | None = Field(None, description="Years of the data; needed when the pattern has {year}.")
    year: int | None = Field(None, description="Year of the data when the pattern has no {year}.")
    nodata: Numbers = Field((), description="Values that mean no data, besides what the files declare themselves.")
    crs: Crs = None
    kind: Kind = "counts"
    cut_cells: CutCells = "area"
    licence: Licence = ""

    @model_validator(mode="after")
    def _pattern_fits(self) -> Self:
        for key, values in (("ages", self.ages), ("sexes", self.sexes), ("years", self.years or ())):
            if len(set(values)) != len(values):
                message = f"{key} repeat: {list(values)}; write each once"
                raise ValueError(message)
        if AGE not in self.files and len(self.ages) > 1:
            message = f"{len(self.ages)} ages but the pattern has no {AGE}; write {AGE} where the file names carry it"
            raise ValueError(message)
        if YEAR in self.files and not self.years:
            message = f"the pattern has {YEAR} but no years are given; write `years: [2020, …]`"
            raise ValueError(message)
        if YEAR not in self.files and self.years is not None:
            message = f"years are given but the pattern has no {YEAR}; write `year: {self.years[0]}` for a single year"
            raise ValueError(message)
        return self


class PopulationTable(PlacesTable):
    """Persons by age in a census grid or by community: a layer of polygons or points, .csv or .xlsx."""

    columns: dict[Age, Name | tuple[Name, ...]] = Field(
        min_length=1,
        description="Columns with persons by the lower bound of their age class, {60: IKA60_69, …}; several are added.",
    )
    suppressed: Numbers = Field(
        (), description="Values that stand for a number kept secret; these are treated as missing, and counted."
    )
    year: int | None = Field(None, description="Year of the data.")
    kind: Kind = "counts"
    cut_cells: CutCells = "area"

    @property
    def ages(self) -> tuple[int, ...]:
        """Lower bounds of the age classes, ascending."""
        return tuple(sorted(self.columns))

    @property
    def files(self) -> str:
        """Its path, by the name that rasters have for theirs."""
        return self.file


class DistrictTable(Options):
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


class DemandInputs(Options):
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

    @model_validator(mode="after")
    def _shares_fit(self) -> Self:
        if isinstance(self.elderly_share, dict) and sum(self.elderly_share.values()) > 1:
            total = sum(self.elderly_share.values())
            message = f"shares add up to {total:g}; give each class its own, not those above it as well"
            raise ValueError(message)
        return self


class WaterFile(Options):
    """Water polygons for the base map."""

    file: File
    layer: Layer = None
    crs: Crs = None
    licence: Licence = ""


class ElevationFile(Options):
    """Heights in metres, for the slopes of streets: a raster of one band."""

    file: File
    crs: Crs = None
    licence: Licence = ""


def _as_list(value: object) -> object:
    return [] if value is None else [value] if isinstance(value, Mapping | BaseModel) else value


def _generated(value: object) -> str:
    made = "generate" in value if isinstance(value, Mapping) else isinstance(value, Generated)
    return "<generated>" if made else "<listed>"


Candidate = Annotated[
    Annotated[CandidatesFile, Tag("<listed>")] | Annotated[Generated, Tag("<generated>")], Discriminator(_generated)
]


def _mapped(value: object) -> str:
    osm = "osm" in value if isinstance(value, Mapping) else isinstance(value, OsmFacilities)
    return "<osm>" if osm else "<table>"


Facilities = Annotated[
    Annotated[FacilitiesFile, Tag("<table>")] | Annotated[OsmFacilities, Tag("<osm>")], Discriminator(_mapped)
]


def _tabled(value: object) -> str:
    table = "file" in value if isinstance(value, Mapping) else isinstance(value, PopulationTable)
    return "<table>" if table else "<rasters>"


Population = Annotated[
    Annotated[PopulationFiles, Tag("<rasters>")] | Annotated[PopulationTable, Tag("<table>")], Discriminator(_tabled)
]


class SourceOptions(Options):
    """The inputs of a study."""

    crs: str | None = Field(None, description="The study's plane: a projected system in metres; default the UTM zone.")
    districts: DistrictsFile = Field(description="The districts that the plan is made for.")
    roads: RoadsFile = Field(description="The road network.")
    population: Population = Field(description="Where people live.")
    facilities: Annotated[
        tuple[Facilities, ...],
        BeforeValidator(_as_list, json_schema_input_type=Facilities | list[Facilities] | None),
    ] = Field((), description="Facilities that stand today: tables, OpenStreetMap files, or a list of them.")
    candidates: Annotated[
        tuple[Candidate, ...],
        BeforeValidator(_as_list, json_schema_input_type=Candidate | list[Candidate] | None),
    ] = Field((), description="Places where a facility could be opened: tables and generated ones.")
    water: WaterFile | None = Field(None, description="Water polygons for the base map.")
    elevation: ElevationFile | None = Field(None, description="Heights, where slopes cost time (walk.slope).")
    demand: DemandInputs = Field(DemandInputs(), description="What is known of the people besides their cells.")

    @property
    def ages(self) -> tuple[int, ...]:
        """Lower bounds of the age classes that demand has, ascending."""
        share = self.demand.elderly_share
        if share is None:
            return tuple(sorted(self.population.ages))
        return tuple(sorted(share if isinstance(share, dict) else share.columns))

    @model_validator(mode="after")
    def _shares_split_everyone(self) -> Self:
        if self.demand.elderly_share is not None and len(self.population.ages) > 1:
            message = "demand.elderly_share splits all persons, but population has age classes of its own; keep one"
            raise ValueError(message)
        return self

    def listed_candidates(self) -> tuple[CandidatesFile, ...]:
        """Return the candidates that stand in files; generated ones are made by a later stage."""
        return tuple(source for source in self.candidates if isinstance(source, CandidatesFile))


def schema() -> dict[str, Any]:
    """Return the JSON schema of the keys that name a study's inputs."""
    return SourceOptions.model_json_schema()
