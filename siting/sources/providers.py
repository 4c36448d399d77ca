"""Where `siting fetch` asks unless it is told otherwise: `configs/online.yaml`."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from siting.sources.documents import read_yaml
from siting.sources.shipped import shipped


class _Provider(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Osm(_Provider):
    """OpenStreetMap by Overpass, places by Nominatim."""

    overpass: str
    geocoder: str
    licence: str
    tile_km: float = Field(gt=0)
    margin_m: float = Field(ge=0)
    server_s: int = Field(gt=0)
    keep_days: float = Field(gt=0)
    roads: str
    facilities: tuple[str, ...]


class WorldPop(_Provider):
    """Persons by age and sex."""

    address: str
    licence: str
    years: tuple[int, int]
    ages: tuple[int, ...]
    sexes: tuple[str, ...]


class Providers(_Provider):
    """All of them."""

    osm: Osm
    worldpop: WorldPop


@cache
def providers() -> Providers:
    """Read the shipped addresses, once."""
    return Providers.model_validate(read_yaml(shipped("configs/online.yaml")).data)
