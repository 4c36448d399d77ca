"""The keys of a study file that name its inputs; they also generate the JSON schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from siting.model.attributes import CONTEXTS

AGE, SEX, YEAR = "{age}", "{sex}", "{year}"


class _Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


Name = Annotated[str, Field(min_length=1)]
File = Annotated[str, Field(min_length=1, description="Path, relative to the data root, else to the study file.")]
Layer = Annotated[str | None, Field(description="Layer of the file, where it holds several.")]
Sheet = Annotated[str | None, Field(description="Sheet of the workbook; the first unless named.")]
Crs = Annotated[
    str | None,
    Field(
        description="Coordinate system of the file, e.g. EPSG:4490, GCJ-02, BD-09; needed where it does not carry one."
    ),
]
Checked = Annotated[
    bool,
    Field(description="True keeps the coordinate system although the roads or the districts speak against it."),
]
Licence = Annotated[str, Field(description="Licence of the file, printed with the provenance.")]


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
Context = Literal["new_residential", "old_built_up", "village_turned"]
assert set(CONTEXTS) == set(get_args(Context))  # noqa: S101 - the schema must name the contexts there are
Growth = Annotated[float, Field(gt=-0.5, lt=0.5)]
Share = Annotated[float, Field(ge=0, le=1)]
Age = Annotated[int, Field(ge=0, le=120)]


class DistrictsFile(_Options):
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


class RoadsFile(_Options):
    """The road network: .osm.pbf, .osm, an OSMnx .graphml, or a line layer."""

    file: File
    layer: Layer = None
    crs: Crs = None
    licence: Licence = ""


class PopulationFiles(_Options):
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


class PlacesTable(_Options):
    """A table whose rows lie somewhere: .csv, .xlsx, or a layer."""

    file: File
    layer: Layer = None
    sheet: Sheet = None
    lon: Name = Field("lon", description="Column with the longitude (or x); a layer's points need none.")
    lat: Name = Field("lat", description="Column with the latitude (or y); a layer's points need none.")
    crs: str = Field(
        "EPSG:4326",
        description="Coordinate system of the two columns, e.g. EPSG:4326, GCJ-02 (Amap), BD-09 (Baidu); "
        "a layer carries its own.",
    )
    crs_checked: Checked = False
    licence: Licence = ""


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


class AttributeColumn(_Options):
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


class OsmFacilities(_Options):
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


class Generated(_Options):
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


class DistrictTable(_Options):
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


class DemandInputs(_Options):
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


class WaterFile(_Options):
    """Water polygons for the base map."""

    file: File
    layer: Layer = None
    crs: Crs = None
    licence: Licence = ""


class ElevationFile(_Options):
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


class SourceOptions(_Options):
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
