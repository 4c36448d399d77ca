"""The keys of a study file that say where candidates may not stand, and where they stand better."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from siting.sources.fields import AsOf, Crs, File, Keys, Layer, Licence, Name, Said, Share


class Limits(Keys):
    """Values on which nothing is opened; the limit itself is still allowed."""

    above: float | None = Field(None, description="Nothing where the value is more: 25 for slopes above 25.")
    below: float | None = Field(None, description="Nothing where the value is less.")
    values: Annotated[
        tuple[float, ...],
        BeforeValidator(
            lambda value: [value] if isinstance(value, int | float) else value,
            json_schema_input_type=float | list[float],
        ),
    ] = Field((), description="Nothing where the value is one of these, for classes.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.above is None and self.below is None and not self.values:
            message = "an empty limit forbids nothing; write above, below or values"
            raise ValueError(message)
        return self


class GroundFile(Keys):
    """Ground that candidates keep off (water, red lines, slopes, flood), or that suits them more or less."""

    title: Said = Field(description="What it is, e.g. {zh: 生态保护红线, en: ecological red line}.")
    file: File
    layer: Layer = None
    crs: Crs = None
    column: Name | None = Field(
        None,
        description="Column with the polygons' number that excludes and best speak of.",
    )
    excludes: Literal["inside"] | Limits | None = Field(
        None,
        description="Where nothing is opened: inside its polygons, or by their number or the cells'. Inside, unless "
        "`excludes` or `best` is given.",
    )
    within_m: float = Field(0.0, ge=0, description="Polygons keep candidates off as far around them too, metres.")
    parcel_share: Share = Field(
        0.05, description="Largest share of a parcel's area that may lie in its polygons; more, and the parcel is out."
    )
    best: float | None = Field(
        None,
        gt=0,
        description="The number of the ground that suits best: generated candidates are ranked by persons × number ÷ "
        "best, at most 1.",
    )
    of: tuple[Literal["listed", "generated"], ...] = Field(
        ("listed", "generated"), min_length=1, description="Which candidates it is asked for."
    )
    licence: Licence = ""
    as_of: AsOf = ""

    @model_validator(mode="after")
    def _numbers_are_known(self) -> Self:
        if self.column is not None and self.limits == "inside" and self.best is None:
            message = f"column {self.column!r} is named, but neither excludes nor best says what its numbers mean"
            raise ValueError(message)
        return self

    @property
    def limits(self) -> Literal["inside"] | Limits | None:
        """What is excluded, with what stands for nothing said."""
        return "inside" if self.excludes is None and self.best is None else self.excludes
