"""What the keys of a study are made of: names, files, coordinate systems, tables whose rows lie somewhere."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from siting.model.attributes import CONTEXTS


class Options(BaseModel):
    """Keys that are all known, and never changed once read."""

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


class PlacesTable(Options):
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
