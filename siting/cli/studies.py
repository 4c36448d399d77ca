"""Commands that read a study."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siting.cli.caching import cache_of
from siting.cli.deposits import deposit, target
from siting.cli.talk import (
    DONE,
    INTERRUPTED,
    Progress,
    compared,
    exit_code,
    print_proof,
    print_summary,
    proposed,
    say,
)
from siting.errors import ConfigError, Problem

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from siting.config import Config

DEMO = ("demo.yaml", "demo-five-years.yaml", "demo-drawn.csv")
"""Studies of the made county, of which the first is run, and a plan drawn by hand."""
LAYERS = (".geojson", ".json", ".gpkg")
"""What isochrones are written as."""


def config_of(options: argparse.Namespace, patch: Mapping[str, object] | None = None) -> Config:
    """Read the study that a command names, with its changes."""
    from siting.config import load_config  # noqa: PLC0415 - heavy

    changes = list(getattr(options, "changes", []))
    for key, name in (("gap", "gap"), ("time_limit", "time_limit_s")):
        value = getattr(options, key, None)
        changes += [] if value is None else [f"solver.{name}={value}"]
    return load_config(
        options.study,
        data_root=options.data_root,
        scenario=getattr(options, "scenario", None),
        changes=changes,
        patch=patch,
    )


def demo(options: argparse.Namespace) -> int:
    """Copy the demo county beside its studies and run the first."""
    from siting.sources.shipped import shipped  # noqa: PLC0415 - heavy

    home: Path = options.output
    shutil.copytree(shipped("data/demo"), home / "data" / "demo", dirs_exist_ok=True)
    studies = home / "configs" / "studies"
    studies.mkdir(parents=True, exist_ok=True)
    for name in DEMO:
        shutil.copyfile(shipped(f"configs/studies/{name}"), studies / name)
    options.study, options.data_root = studies / DEMO[0], None
    options.output = home / "run"
    return plan(options)


def new(options: argparse.Namespace) -> int:
    """Write a study to start from."""
    from siting.config.starter import write_starter  # noqa: PLC0415 - heavy

    path = write_starter(options.folder, options.policy)
    print(path)
    return DONE


def audit(options: argparse.Namespace) -> int:
    """Measure the present situation."""
    return _run(options, plan=False)


def plan(options: argparse.Namespace) -> int:
    """Plan, and say what came of it."""
    return _run(options, plan=True)


def _meanings(options: argparse.Namespace, config: Config) -> dict[str, Any]:
    """Read the study under every reading that it declares, where that is asked for."""
    if not getattr(options, "meanings", False):
        return {}
    from siting import meanings  # noqa: PLC0415 - heavy

    return meanings.configured(config, lambda patch: config_of(options, patch))


def _run(options: argparse.Namespace, *, plan: bool) -> int:
    """Run a study and write its folder."""
    config, cache = config_of(options), cache_of(options)
    place = target(options, config.options.study)
    from siting.optimise import interruptible, stopped  # noqa: PLC0415 - heavy
    from siting.pipeline import run  # noqa: PLC0415
    from siting.present.collect import collect  # noqa: PLC0415
    from siting.present.folder import write_folder  # noqa: PLC0415

    progress = Progress(options)
    chosen = _meanings(options, config)
    drawn = getattr(options, "repair" if plan else "drawn", None)
    with interruptible():
        study = run(config, progress, plan=plan, cache=cache, drawn=drawn)
        broken_off = stopped()
    if chosen and not broken_off:
        from siting import meanings  # noqa: PLC0415 - heavy

        study = replace(study, readings=meanings.read(chosen, progress, cache))
    results = collect(study)
    language = options.lang or config.options.language
    folder = options.output or Path("maps") / config.options.study
    write_folder(results, folder, language, lambda part: progress("write", part))
    progress.end()
    if place is not None:
        deposit(results, place)
    if options.json:
        summary = {key: results.run[key] for key in ("study", "totals", "certificate", "conflicts", "warnings")}
        print(json.dumps(summary | {"folder": str(folder)}, ensure_ascii=False, indent=1))
    elif not options.quiet:
        print_summary(results, language, folder)
        for line in compared(results, language):
            print(line)
    elif exit_code(results, strict=False) != DONE:
        print_proof(results, language)
    if broken_off:
        say("interrupted: the best plan found so far was written, with its gap")
        return INTERRUPTED
    return exit_code(results, strict=options.strict)


def isochrone(options: argparse.Namespace) -> int:
    """Draw isochrones around one place, or around every facility."""
    minutes, lonlat = tuple(_minutes(options.minutes)), _lonlat(options)
    from shapely import make_valid  # noqa: PLC0415 - heavy

    from siting.access import areal  # noqa: PLC0415
    from siting.areas import Asked  # noqa: PLC0415
    from siting.config import load_config  # noqa: PLC0415
    from siting.pipeline import isochrone as draw  # noqa: PLC0415

    if options.output.suffix.lower() not in LAYERS:
        what = f"{options.output.suffix or 'a file without suffix'} is not a layer that is written"
        raise ConfigError(
            [Problem(f"-o {options.output}", what, f"name a file that ends in one of {', '.join(LAYERS)}")]
        )
    config = load_config(options.study, data_root=options.data_root)
    asked = Asked(minutes, lonlat, options.mode, merged=options.merged, rings=options.rings)
    layer = draw(config, asked, cache=cache_of(options))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    if options.output.suffix.lower() == ".gpkg":
        layer.to_file(options.output, layer="isochrones", driver="GPKG")
    else:
        layer = layer.to_crs(4326)
        # Straight sides bend a little between systems, and where they almost touch they may cross.
        shapes = make_valid(layer.geometry.to_numpy(), method="structure", keep_collapsed=False)
        layer.geometry = [areal(shape) for shape in shapes]
        options.output.write_text(layer.to_json(drop_id=True), encoding="utf-8")
    print(options.output)
    return DONE


def circles(options: argparse.Namespace) -> int:
    """Propose care circles, and write them beside the districts."""
    counts = [int(count) for count in options.counts.split(",") if count.strip().isdecimal()]
    if not counts:
        what = "is no list of numbers of circles"
        raise ConfigError([Problem(f"--counts {options.counts}", what, "write --counts 2,3")])
    from siting.circles import propose  # noqa: PLC0415 - heavy
    from siting.config import load_config  # noqa: PLC0415

    made = propose(load_config(options.study, data_root=options.data_root), counts, cache=cache_of(options))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(made.layer.to_json(to_wgs84=True, drop_id=True), encoding="utf-8")
    for line in proposed(made, options.lang or "zh"):
        print(line)
    print(options.output)
    return DONE


def _lonlat(options: argparse.Namespace) -> tuple[float, float] | None:
    """Read the place; None for all facilities."""
    place = (options.lon, options.lat)
    if options.facilities and place == (None, None):
        return None
    if options.facilities or None in place:
        what = "names a place and --facilities" if options.facilities else "names no whole place"
        raise ConfigError([Problem("siting isochrone", what, "write --lon X --lat Y, or --facilities")])
    return place


def _minutes(words: str) -> list[float]:
    """Read ``5,10,15``."""
    try:
        minutes = [float(word) for word in words.split(",")]
    except ValueError:
        minutes = []
    if not minutes or min(minutes) <= 0:
        problem = Problem(f"--minutes {words}", "is no list of minutes above nought", "write --minutes 5,10,15")
        raise ConfigError([problem])
    return minutes
