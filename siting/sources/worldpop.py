"""Rasters of persons by age and sex from WorldPop, for a country and a year."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import rasterio
from rasterio.errors import RasterioError

from siting.errors import DataError, Problem
from siting.sources.inventory import Entry
from siting.sources.manifest import sha256_of
from siting.sources.online import Asked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from siting.sources.inventory import Inventory
    from siting.sources.online import Client
    from siting.sources.providers import WorldPop

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def unfit(country: str, year: int, ages: Sequence[int], sexes: Sequence[str], provider: WorldPop) -> list[Problem]:
    """List what is asked for that WorldPop does not have."""
    problems = []
    if not re.fullmatch(r"[A-Za-z]{3}", country):
        problems.append(Problem(f"--country {country}", "is no ISO 3166 code of three letters", "write CHN, FIN, …"))
    first, last = provider.years
    if not first <= year <= last:
        problems.append(Problem(f"--year {year}", "is not among the years", f"write one from {first} to {last}"))
    for name, said, known in (("ages", ages, provider.ages), ("sexes", sexes, provider.sexes)):
        other = [value for value in said if value not in known]
        if other or not said:
            what = f"{', '.join(map(str, other)) or 'nothing'} is not among them"
            listed = ",".join(map(str, said))
            problems.append(Problem(f"--{name} {listed}", what, f"write some of {','.join(map(str, known))}"))
    return problems


def fetch_worldpop(
    where: tuple[str, int, int, str],
    folder: Path,
    provider: WorldPop,
    client: Client,
    inventory: Inventory,
    *,
    fresh: bool,
) -> Entry:
    """Fetch one raster.

    Parameters
    ----------
    where : tuple
        Country, year, age and sex.
    folder : Path
    provider : WorldPop
    client : Client
    inventory : Inventory
    fresh : bool
        Ask again although the file is there, and take what comes although it is not what the inventory says.

    Raises
    ------
    DataError
        When it cannot be had, or is not the file that the inventory says: then it is not put in its place.
    """
    country, year, age, sex = where
    words = {"country": country.lower(), "COUNTRY": country.upper(), "year": year, "age": age, "sex": sex}
    address = provider.address.format(**words)
    target = folder / address.rsplit("/", 1)[-1]
    standing = None if fresh else inventory.standing(target)
    if standing is not None:
        client.tell(f"{target.name}: there already, and as the inventory says")
        return standing
    before = inventory.entry(target)
    arriving = target.with_name(f"{target.name}.new")
    client.tell(f"{target.name}: {address}")
    client.download(Asked(address), arriving, wrong=_no_raster)
    found = sha256_of(arriving)
    if before is not None and before.sha256 != found and not fresh:
        what = f"the file there has sha256 {found}, but {inventory.path} says {before.sha256}"
        mend = f"the provider has changed it, or it was damaged: compare {arriving.name}; --fresh takes it"
        raise DataError([Problem(address, what, mend)])
    entry = Entry(
        path=inventory.name_of(target),
        address=address,
        sha256=found,
        size_bytes=arriving.stat().st_size,
        licence=provider.licence,
        crs=_crs(arriving, address),
        retrieved=dt.datetime.now(dt.UTC).date().isoformat(),
    )
    arriving.replace(target)
    inventory.write(entry)
    return entry


def _no_raster(part: Path) -> str:
    """Say whether what came is no GeoTIFF: a page that says sorry, for one."""
    with part.open("rb") as stream:
        return "" if stream.read(4) in _TIFF else "what came is no GeoTIFF"


def _crs(file: Path, address: str) -> str:
    """Return the raster's own coordinate system."""
    try:
        with rasterio.open(file) as raster:
            return "" if raster.crs is None else str(raster.crs.to_string())
    except RasterioError as error:
        file.unlink()
        what = f"what came cannot be read as a raster ({str(error).rsplit(':', 1)[-1].strip()})"
        raise DataError(
            [Problem(address, what, "fetch it again; if it stays so, the provider's file is broken")]
        ) from error
