"""The command ``siting fetch``: data from public servers, where there is a network, with their pedigree."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siting import __version__
from siting.errors import ConfigError, Problem

if TYPE_CHECKING:
    import argparse

    from siting.sources.inventory import Entry, Inventory
    from siting.sources.online import Client


def describe(commands: Any, data_root: Path | None) -> None:  # noqa: ANN401 - argparse's own type is private
    """Add the command and its two providers."""
    words = "fetch OpenStreetMap or WorldPop data where there is a network"
    fetch = commands.add_parser("fetch", help=words, description=words)
    providers = fetch.add_subparsers(title="providers", metavar="PROVIDER", required=True)

    osm = providers.add_parser("osm", help="roads and facilities of OpenStreetMap")
    osm.set_defaults(command=_osm)
    area = osm.add_mutually_exclusive_group(required=True)
    area.add_argument("--place", metavar="NAME", help="a place with a boundary, e.g. '海宁市, 浙江省'")
    area.add_argument("--polygon", type=Path, metavar="FILE", help="a layer with the boundary")
    osm.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help=".osm.pbf, .osm or .graphml")
    osm.add_argument("--margin-m", type=float, metavar="M", help="how far beyond the boundary")
    osm.add_argument("--tile-km", type=float, metavar="KM", help="side of the tiles that are asked for one by one")
    osm.add_argument("--geocoder", metavar="URL", help="another Nominatim")
    osm.add_argument("--cache", type=Path, metavar="DIR", help="where finished tiles are kept")

    worldpop = providers.add_parser("worldpop", help="persons by age and sex, ~100 m")
    worldpop.set_defaults(command=_worldpop)
    worldpop.add_argument("--country", required=True, metavar="ISO", help="three letters, e.g. CHN")
    worldpop.add_argument("--year", type=int, required=True)
    worldpop.add_argument("--ages", default="60,65,70,75,80", help="lower bounds of the classes (60,65,70,75,80)")
    worldpop.add_argument("--sexes", default="f,m")
    worldpop.add_argument("-o", "--output", type=Path, metavar="DIR", help="folder; the inventory's unless given")
    for sub in (osm, worldpop):
        sub.set_defaults(kept="what had come whole is kept")
        sub.add_argument("--address", metavar="URL", help="another server than configs/online.yaml names")
        sub.add_argument("--inventory", type=Path, metavar="FILE", help="data/manifest.yaml unless given")
        sub.add_argument("--data-root", type=Path, default=data_root, metavar="DIR", help="home of manifest.yaml")
        sub.add_argument("--fresh", action="store_true", help="ask again for what is there, and take what comes")
        sub.add_argument("--timeout", type=float, default=60.0, metavar="S", help="longest silence of a server (60)")
        sub.add_argument("--tries", type=int, default=6, help="attempts that bring nothing new before giving up (6)")
        sub.add_argument("-q", "--quiet", action="store_true", help="no progress")


def _client(options: argparse.Namespace) -> Client:
    """Make the client that the command asks for."""
    from siting.sources.online import Client, Patience  # noqa: PLC0415 - heavy

    def tell(line: str) -> None:
        if not options.quiet:
            print(line, file=sys.stderr, flush=True)

    problems = [
        Problem(f"--{name} {value}", "is not above nought", "write a larger number")
        for name in ("timeout", "tries", "tile_km")
        if (value := getattr(options, name, None)) is not None and value <= 0
    ]
    if getattr(options, "margin_m", None) is not None and options.margin_m < 0:
        problems.append(Problem(f"--margin-m {options.margin_m:g}", "is negative", "write 0 or more"))
    if problems:
        raise ConfigError(problems)
    return Client(f"siting/{__version__}", Patience(timeout_s=options.timeout, tries=options.tries), tell)


def _inventory(options: argparse.Namespace) -> Inventory:
    """Open the inventory that files are written to."""
    from siting.sources.inventory import Inventory  # noqa: PLC0415 - heavy

    home = options.data_root or Path("data")
    return Inventory(options.inventory or home / "manifest.yaml")


def _osm(options: argparse.Namespace) -> int:
    """Fetch roads and facilities."""
    from siting.sources import overpass  # noqa: PLC0415 - heavy
    from siting.sources.providers import providers  # noqa: PLC0415

    client, inventory, target = _client(options), _inventory(options), options.output
    if not target.name.endswith(overpass.SUFFIXES):
        what, mend = f"is none of {', '.join(overpass.SUFFIXES)}", "give the file one of these suffixes"
        raise ConfigError([Problem(f"--output {target}", what, mend)])
    told = {"overpass": options.address, "tile_km": options.tile_km, "margin_m": options.margin_m}
    told |= {"geocoder": options.geocoder}
    osm = providers().osm.model_copy(update={name: value for name, value in told.items() if value is not None})
    standing = None if options.fresh else inventory.standing(target)
    if standing is not None:
        client.tell(f"{target}: there already, and as the inventory says; --fresh fetches it again")
    else:
        cache = options.cache or inventory.path.parent / ".fetched"
        if options.fresh:
            overpass.forget(cache)
        area = (
            overpass.polygon(options.polygon)
            if options.polygon
            else overpass.place(options.place, osm.geocoder, client, cache)
        )
        target.parent.mkdir(parents=True, exist_ok=True)
        standing = overpass.fetch_osm(overpass.widened(area, osm.margin_m), target, osm, client, cache, inventory)
    _said(inventory, [standing], _study_lines(target))
    return 0


def _study_lines(target: Path) -> str:
    """Return what to write in a study that uses the file; a network of OSMnx has no facilities."""
    roads = f"roads: {{file: {target}, licence: ODbL-1.0}}"
    return roads if target.suffix == ".graphml" else f"{roads}\nfacilities: {{osm: {target}, licence: ODbL-1.0}}"


def _worldpop(options: argparse.Namespace) -> int:
    """Fetch rasters of persons."""
    from siting.sources import worldpop  # noqa: PLC0415 - heavy
    from siting.sources.providers import providers  # noqa: PLC0415

    client, inventory = _client(options), _inventory(options)
    told = {} if options.address is None else {"address": options.address}
    provider = providers().worldpop.model_copy(update=told)
    ages, sexes = _whole_numbers(options.ages), tuple(word.strip() for word in options.sexes.split(","))
    problems = worldpop.unfit(options.country, options.year, ages, sexes, provider)
    if problems:
        raise ConfigError(problems)
    folder = options.output or inventory.path.parent
    entries = [
        worldpop.fetch_worldpop(
            (options.country, options.year, age, sex), folder, provider, client, inventory, fresh=options.fresh
        )
        for age in ages
        for sex in sexes
    ]
    pattern = folder / provider.address.rsplit("/", 1)[-1].format(
        country=options.country.lower(), COUNTRY=options.country.upper(), year=options.year, age="{age}", sex="{sex}"
    )
    listed = f"ages: [{', '.join(map(str, ages))}], sexes: [{', '.join(sexes)}], year: {options.year}"
    _said(inventory, entries, f'population: {{files: "{pattern}", {listed}, licence: CC-BY-4.0}}')
    return 0


def _whole_numbers(words: str) -> tuple[int, ...]:
    """Read ``60,65,70``."""
    try:
        return tuple(int(word) for word in words.split(","))
    except ValueError as error:
        raise ConfigError([Problem(f"--ages {words}", "is no list of whole numbers", "write 60,65,70")]) from error


def _said(inventory: Inventory, entries: list[Entry], line: str) -> None:
    """Print what is there now, and the line for the study."""
    for entry in entries:
        print(f"{entry.path}  {entry.size_bytes:,} bytes  sha256 {entry.sha256[:12]}…  {entry.licence}")
    print(f"{inventory.path}\n\n# for the study:\n{line}")
