"""What parameters of clauses are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

from siting.model.sites import BED_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterator

Per = Literal["area", "unit", "district", "site", "community", "circle"]
"""Over what a clause is measured: the whole planning area, each planning unit, each district (street, town), each site
with a facility, each community (seat of its committee), each care circle."""
Among = Literal["urban", "rural"]
"""Only streets of the town, or only rural townships, as the study's districts say."""


class Parameters(BaseModel):
    """Parameters of a clause: frozen, nothing unknown, nothing infinite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def parts(self) -> Iterator[Parameters]:
        """Yield these parameters and all that are nested in them."""
        yield self
        for name in type(self).model_fields:
            value = getattr(self, name)
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, Parameters):
                    yield from item.parts()


def _known_classes(classes: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse classes of beds that do not exist."""
    unknown = [name for name in classes if name not in BED_CLASSES]
    if unknown:
        message = f"unknown class of beds {unknown}; one of {list(BED_CLASSES)}"
        raise ValueError(message)
    return classes


BedClasses = Annotated[tuple[str, ...], AfterValidator(_known_classes)]
"""Names out of `BED_CLASSES`."""
