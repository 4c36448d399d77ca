"""The keys of a study file that name its inputs; they also generate the JSON schema."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from siting.sources.declared_options import CommunitiesFile, FactFile, told
from siting.sources.demand_options import DemandInputs, as_list
from siting.sources.fields import Age, AsOf, Checked, Crs, File, Keys, Layer, Licence, Name, PlacesTable
from siting.sources.ground_options import GroundFile
from siting.sources.made_options import Committees, Context, Generated

AGE, SEX, YEAR = "{age}", "{sex}", "{year}"
FIVE = 5
"""Years between two cohorts."""


Kind = Annotated[
    Literal["counts", "density_per_km2"],
    Field(description="What a cell holds: persons in it, or persons per km² (multiplied by the cell's area)."),
]
CutCells = Annotated[
    Literal["area", "centre"],
    Field(
        description="How cells that a boundary of districts cuts are counted: shared by covered area, or whole where "
        "their centre lies. Write centre where the raster was cut to the districts: its edge cells count nobody beyond."
    ),
]
Numbers = Annotated[
    tuple[float, ...],
    BeforeValidator(
        lambda value: [value] if isinstance(value, int | float) else value, json_schema_input_type=float | list[float]
    ),
]


class DistrictsFile(Keys):
    """The districts that the plan is made for: polygons with an id and a name."""

    file: File
    layer: Layer = None
    id: Name = Field("id", description="Column with unique ids.")
    name: Name = Field("name", description="Column with names.")
    name_en: Name | None = Field(None, description="Column with English names; the names unless given.")
    unit: Name | None = Field(None, description="Column with the planning unit; each district is its own unless given.")
    circle: Name | None = Field(None, description="Column with the care circle; empty for districts of none.")
    urban: Name | None = Field(None, description="Column that says yes for streets of the town, else no.")
    crs: Crs = None
    crs_checked: Checked = False
    licence: Licence = ""
    as_of: AsOf = ""


class RoadsFile(Keys):
    """The road network: .osm.pbf, .osm, an OSMnx .graphml, or a line layer."""

    file: File
    layer: Layer = None
    crs: Crs = None
    licence: Licence = ""
    as_of: AsOf = ""


class PopulationFiles(Keys):
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


class AttributeColumn(Keys):
    """A fact of the planner's own."""

    column: Name = Field(description="Column that states it.")
    type: Literal["yes_no", "whole", "number", "money", "share", "grade", "period", "text", "list"] = Field(
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


class OsmFacilities(Keys):
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
    as_of: AsOf = ""

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


class WaterFile(Keys):
    """Water polygons, for the base map and as what no straight way crosses."""

    file: File
    layer: Layer = None
    crs: Crs = None
    licence: Licence = ""
    as_of: AsOf = ""


class ElevationFile(Keys):
    """Heights in metres, for the slopes of streets: a raster of one band."""

    file: File
    crs: Crs = None
    licence: Licence = ""
    as_of: AsOf = ""


def _generated(value: object) -> str:
    if isinstance(value, Mapping):
        made = value.get("generate")
        return "<listed>" if made is None else "<committees>" if made == "committees" else "<generated>"
    known: dict[type, str] = {Generated: "<generated>", Committees: "<committees>"}
    return next((tag for kind, tag in known.items() if isinstance(value, kind)), "<listed>")


Candidate = Annotated[
    Annotated[CandidatesFile, Tag("<listed>")]
    | Annotated[Generated, Tag("<generated>")]
    | Annotated[Committees, Tag("<committees>")],
    Discriminator(_generated),
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


class SourceOptions(Keys):
    """The inputs of a study."""

    crs: str | None = Field(None, description="The study's plane: a projected system in metres; default the UTM zone.")
    districts: DistrictsFile = Field(description="The districts that the plan is made for.")
    roads: RoadsFile = Field(description="The road network.")
    population: Population = Field(description="Where people live.")
    facilities: Annotated[
        tuple[Facilities, ...],
        BeforeValidator(as_list, json_schema_input_type=Facilities | list[Facilities] | None),
    ] = Field((), description="Facilities that stand today: tables, OpenStreetMap files, or a list of them.")
    candidates: Annotated[
        tuple[Candidate, ...],
        BeforeValidator(as_list, json_schema_input_type=Candidate | list[Candidate] | None),
    ] = Field((), description="Places where a facility could be opened: tables and generated ones.")
    ground: Annotated[
        tuple[GroundFile, ...],
        BeforeValidator(as_list, json_schema_input_type=GroundFile | list[GroundFile] | None),
    ] = Field((), description="Ground that candidates keep off, or that suits them more or less.")
    water: WaterFile | None = Field(
        None, description="Water polygons, for the base map and as what no straight way to the street crosses."
    )
    elevation: ElevationFile | None = Field(None, description="Heights, where slopes cost time (walk.slope).")
    communities: Annotated[
        tuple[CommunitiesFile, ...],
        BeforeValidator(as_list, json_schema_input_type=CommunitiesFile | list[CommunitiesFile] | None),
    ] = Field((), description="Villages and urban communities, at the seats of their committees.")
    facts: dict[Name, Annotated[FactFile, BeforeValidator(told, json_schema_input_type=FactFile | float)]] = Field(
        default_factory=dict,
        description="Numbers that no map holds, by the names that clauses ask for, {users: {value: 25000, source: …}}.",
    )
    demand: DemandInputs = Field(DemandInputs(), description="What is known of the people besides their cells.")

    @property
    def classes(self) -> tuple[tuple[int, str], ...]:
        """Classes of the cells once shares are applied, ascending: lower bound, and sex ("" with sexes together)."""
        share = self.demand.elderly_share
        known = self.population.ages if share is None else share if isinstance(share, dict) else share.columns
        return tuple((age, sex) for age in sorted(known) for sex in self.sexes_apart or ("",))

    @property
    def sexes_apart(self) -> tuple[str, ...]:
        """The sexes that the cells keep apart: those of the population where survival differs by sex."""
        cohorts = self.demand.cohorts
        if cohorts is None or not cohorts.by_sex or self.demand.elderly_share is not None:
            return ()
        rasters = isinstance(self.population, PopulationFiles) and SEX in self.population.files
        return tuple(sorted(self.population.sexes)) if rasters else ()  # type: ignore[union-attr]

    @property
    def ages(self) -> tuple[int, ...]:
        """Lower bounds of the age classes that demand has, ascending."""
        cohorts = self.demand.cohorts
        return tuple(dict.fromkeys(age for age, _ in self.classes if cohorts is None or age >= cohorts.from_age))

    @model_validator(mode="after")
    def _committees_are_known(self) -> Self:
        if not self.communities and any(isinstance(source, Committees) for source in self.candidates):
            message = "candidates in committees' premises need the table of `communities`; name it"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _shares_split_everyone(self) -> Self:
        if self.demand.elderly_share is not None and len(self.population.ages) > 1:
            message = "demand.elderly_share splits all persons, but population has age classes of its own; keep one"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _cohorts_fit(self) -> Self:
        cohorts, ages = self.demand.cohorts, sorted({age for age, _ in self.classes})
        if cohorts is None:
            return self
        if cohorts.from_age not in ages or any(b - a != FIVE for a, b in itertools.pairwise(ages)):
            message = (
                f"demand.cohorts moves people up by five years, but the age classes begin at {ages}; give every five "
                f"years a class, with {cohorts.from_age} among them, or set demand.cohorts.from_age"
            )
            raise ValueError(message)
        if cohorts.by_sex and not self.sexes_apart:
            message = "demand.cohorts.survival is by sex, but the population is not; give one number for each age"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _groups_fit(self) -> Self:
        for name, group in self.demand.groups.items():
            if group.age is not None and group.age not in self.ages:
                message = f"demand.groups.{name}: no age class begins at {group.age}; write one of {list(self.ages)}"
                raise ValueError(message)
        return self

    def listed_candidates(self) -> tuple[CandidatesFile, ...]:
        """Return the candidates that stand in files; generated ones are made by a later stage."""
        return tuple(source for source in self.candidates if isinstance(source, CandidatesFile))


def schema() -> dict[str, Any]:
    """Return the JSON schema of the keys that name a study's inputs."""
    return SourceOptions.model_json_schema()
