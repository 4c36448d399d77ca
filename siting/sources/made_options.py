"""The keys of a study file that make candidates which no table lists."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from siting.model.attributes import CONTEXTS
from siting.sources.fields import Keys, Name

Context = Literal["new_residential", "old_built_up", "village_turned"]
assert set(CONTEXTS) == set(get_args(Context))  # noqa: S101 - the schema must name the contexts there are


class Generated(Keys):
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


class Committees(Keys):
    """Candidates in the premises of village and community committees: one for each row of `communities`."""

    generate: Literal["committees"] = Field(description="One at the seat of each committee.")
    tag: Name | None = Field(
        None, description="Only communities that bear this tag or fact, e.g. village_turned; all unless given."
    )
    kinds: tuple[Name, ...] = Field(min_length=1, description="Kinds that may be opened there.")
    tenure: Name = Field(description="How premises are had.")
    floor_area_m2: float | None = Field(None, gt=0, description="Floor area of each, where it is known.")
    context: Context | None = Field(None, description="Surroundings of all of them.")
