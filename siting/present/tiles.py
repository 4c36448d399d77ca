"""Online tiles under the map, for studies that ask for them: the page then asks the named hosts, and nobody else."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

if TYPE_CHECKING:
    from collections.abc import Mapping

_ADDRESS = r"^https://[A-Za-z0-9.{}-]+(:\d+)?/[^\s'\"<>;]*$"


class TileOptions(BaseModel):
    """A service of map tiles in Web Mercator whose coordinates are not shifted (天地图; not Amap, not Baidu)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, StringConstraints(pattern=_ADDRESS)] = Field(
        description="address with {x}, {y}, {z}, and {s} for the subdomain and {key} for the key where there are any: "
        "https://t{s}.tianditu.gov.cn/vec_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=vec&STYLE=default"
        "&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={key}"
    )
    attribution: Annotated[str, StringConstraints(min_length=1)] = Field(
        description="what the service wants to be named as; printed on the map"
    )
    subdomains: Annotated[str, StringConstraints(pattern="^[a-z0-9]*$")] = Field(
        "", description="letters or digits that {s} takes in turn"
    )
    key_from: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*$")] | None = Field(
        None, description="environment variable that holds the key; the key is in the page, never in run.json"
    )
    max_zoom: int = Field(18, ge=1, le=22, description="deepest zoom that the service has")


def tiles_of(run: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what the page needs to know of the tiles; None where the study asks for none.

    Returns
    -------
    dict or None
        ``url`` with the key put in, ``hosts``, ``subdomains``, ``max_zoom``, ``attribution``; or ``missing``: the
        environment variable that holds no key, so that the page can say why there are no tiles.
    """
    asked = (run.get("configuration") or {}).get("tiles")
    if not asked:
        return None
    options = TileOptions.model_validate(asked)
    key = os.environ.get(options.key_from, "") if options.key_from else ""
    if options.key_from and not re.fullmatch(r"[\w.-]+", key):
        return {"missing": options.key_from}
    return {
        "url": options.url.replace("{key}", key),
        "hosts": _hosts(options),
        "subdomains": options.subdomains,
        "max_zoom": options.max_zoom,
        "attribution": options.attribution,
    }


def _hosts(options: TileOptions) -> list[str]:
    """Return the origins that the tiles come from, one for each subdomain."""
    origin = "/".join(options.url.split("/")[:3])
    return [origin.replace("{s}", one) for one in options.subdomains] if "{s}" in origin else [origin]
