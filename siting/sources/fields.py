"""What keys of a study file are made of: shared by the option classes of the sources."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from siting.model.text import Text


class Keys(BaseModel):
    """A table of keys: frozen, and nothing unknown in it."""

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
AsOf = Annotated[
    str,
    BeforeValidator(str, json_schema_input_type=str | int),
    Field(description="Day, month or year that the file describes; printed in the report."),
]
Share = Annotated[float, Field(ge=0, le=1)]
Age = Annotated[int, Field(ge=0, le=120)]


class Bilingual(Keys):
    """The same words in Chinese and English."""

    zh: Name = Field(description="In Chinese.")
    en: Name = Field(description="In English.")

    def text(self) -> Text:
        """Return the domain type."""
        return Text(self.zh, self.en)


Said = Annotated[
    Bilingual,
    BeforeValidator(
        lambda said: {"zh": str(said), "en": str(said)} if isinstance(said, str | int) else said,
        json_schema_input_type=Bilingual | str | int,
    ),
]
"""Words in both languages, or one text for both."""


class PlacesTable(Keys):
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
    as_of: AsOf = ""
