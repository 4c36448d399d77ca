"""Planning many counties: each by its own study, neighbours' facilities across the border at hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Transformer

from siting import groundwork, ways
from siting.cache import digest
from siting.config import load_config
from siting.config.problems import suggest
from siting.errors import ConfigError, Problem, ProblemsError
from siting.scenarios import orders
from siting.scenarios.compare import key_of
from siting.scenarios.crew import Hands, crew_of
from siting.scenarios.keeping import Shelf
from siting.scenarios.orders import Failure, Order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from siting.scenarios.crew import Task
    from siting.scenarios.orders import Files

COUNTIES = "counties"
"""Folder of finished work below the folder of a batch."""
_METRES_A_DEGREE = 111_000.0


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be planned.

    Attributes
    ----------
    studies : tuple[Path, ...]
    out : Path
    data_root : Path or None
    changes : tuple[str, ...]
        ``key=value`` applied to every study.
    cache : Path or None
    across : bool
        Whether neighbours may use each other's facilities across the border.
    """

    studies: tuple[Path, ...]
    out: Path
    data_root: Path | None = None
    changes: tuple[str, ...] = ()
    cache: Path | None = None
    across: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Province:
    """What came of a batch, as plain data.

    Attributes
    ----------
    counties : Mapping[str, Mapping]
        By the study's name, in the order of studies: ``run`` and ``folder``, and ``neighbours``.
    failures : Mapping[str, str]
        Why a county has no result, by the study's name (or file, where it has none).
    """

    counties: Mapping[str, Mapping[str, Any]]
    failures: Mapping[str, str]


def studies_of(places: Iterable[Path]) -> tuple[Path, ...]:
    """Return the study files of a batch: files as they are, and every study below folders, in the order of paths.

    Raises
    ------
    ConfigError
        When there is none, or a place is not there.
    """
    found: list[Path] = []
    problems = []
    for place in places:
        if place.is_dir():
            told = [path for path in sorted(place.rglob("*.yaml")) if path.name == "study.yaml" or _is_study(path)]
            if not told:
                what = "no study lies in it or below"
                problems.append(Problem(str(place), what, "name folders with study.yaml, or study files"))
            found += told
        elif place.is_file():
            found.append(place)
        else:
            problems.append(Problem(str(place), "there is no such file or folder", "check the path and its spelling"))
    if problems:
        raise ConfigError(problems)
    return tuple(dict.fromkeys(found))


def _is_study(path: Path) -> bool:
    """Say whether a YAML file begins like a study: with a line that names it."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        return any(line.startswith("study:") for line, _ in zip(lines, range(40), strict=False))


def planned(batch: Batch, hands: Hands, tell: Callable[[str, str, int, int], None]) -> Province:
    """Survey all counties, find their neighbours, plan them, and return what came of it; finished work is kept.

    Raises
    ------
    ConfigError
        When two studies have one name.
    """
    jobs, failures = _orders(batch)
    shelf = Shelf(batch.out / COUNTIES)
    with crew_of(hands, len(jobs)) as crew:
        if not crew.shared and not crew.every(_sees, [order.study for order in jobs.values()]):
            what = "do not all see the studies under their paths"
            mend = "put studies and inputs on storage that every worker mounts at the same place"
            raise ConfigError([Problem(f"--scheduler {hands.scheduler}: its workers", what, mend)])
        seen: dict[str, dict[str, Any]] = {}
        asked: dict[str, Task] = {name: (survey, order) for name, order in jobs.items()}
        for done, (name, found) in enumerate(crew.results(asked), start=1):
            if isinstance(found, Failure):
                failures[name] = found.reason
            else:
                seen[name] = json.loads(found["survey.json"])
            tell("surveys", name, done, len(jobs))
        seen = {name: seen[name] for name in jobs if name in seen}
        beside = _neighbours(seen) if batch.across else {name: [] for name in seen}
        keys = {n: digest((seen[n]["key"], [(b, seen[b]["key"]) for b in beside[n]])) for n in seen}
        todo = [name for name in seen if not shelf.finished(name, keys[name])]
        work: dict[str, Task] = {n: (orders.plan, jobs[n], tuple(jobs[b] for b in beside[n])) for n in todo}
        for done, (name, found) in enumerate(crew.results(work), start=len(seen) - len(todo) + 1):
            if isinstance(found, Failure):
                failures[name] = found.reason
            else:
                shelf.put(name, keys[name], found)
            tell("counties", f"{name}{' failed' if name in failures else ''}", done, len(seen))
    return _gathered(shelf, beside, failures)


def _gathered(shelf: Shelf, beside: Mapping[str, list[str]], failures: Mapping[str, str]) -> Province:
    """Read back what is on the shelf."""
    finished = [name for name in beside if name not in failures]
    shelf.keep_only(set(finished))
    counties = {
        name: {
            "run": json.loads(shelf.read(name, "run.json")),
            "folder": shelf.folder / name,
            "neighbours": beside[name],
        }
        for name in finished
    }
    return Province(counties, failures)


def _orders(batch: Batch) -> tuple[dict[str, Order], dict[str, str]]:
    """Read every study; return orders by name, and why some cannot be given."""
    jobs: dict[str, Order] = {}
    failures: dict[str, str] = {}
    root = None if batch.data_root is None else str(batch.data_root.resolve())
    kept = None if batch.cache is None else str(batch.cache.resolve())
    problems = []
    for study in batch.studies:
        try:
            name = load_config(study, data_root=batch.data_root, changes=batch.changes).options.study
        except ProblemsError as error:
            failures[str(study)] = "\n".join(str(problem) for problem in error.problems)
            continue
        if name in jobs:
            mend = f"give one of the two another name; {suggest(name, [jobs[name].study])}"
            problems.append(Problem(f"{study} study", f"{name!r} is the name of another study too", mend))
        jobs[name] = Order(str(study.resolve()), root, "base", batch.changes, kept)
    if problems:
        raise ConfigError(problems)
    return jobs, failures


def _sees(studies: list[str]) -> bool:
    return all(Path(study).is_file() for study in studies)


def survey(order: Order) -> Files:
    """Read a county's inputs; returns where it lies, how far anybody walks, and the key of all it depends on."""
    config = order.config()
    raw = groundwork.read(config, groundwork.Clock(groundwork.silent), order.stages(), merged=False)
    turn = Transformer.from_crs(raw.crs, "EPSG:4326", always_xy=True)
    corners = shapely.get_coordinates(shapely.union_all(list(raw.districts.geometry)))
    lon, lat = turn.transform(*corners.T)
    told = {
        "key": key_of(config, raw.provenance),
        "box": [float(np.min(lon)), float(np.min(lat)), float(np.max(lon)), float(np.max(lat))],
        "reach_m": ways.longest_reach(config),
    }
    return {"survey.json": (json.dumps(told, indent=1) + "\n").encode()}


def _neighbours(seen: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return for each county those whose boxes lie within its longest reach."""
    names = list(seen)
    boxes = np.array([seen[name]["box"] for name in names]).reshape(-1, 4)
    found = {}
    for at, name in enumerate(names):
        west, south, east, north = boxes[at]
        up = seen[name]["reach_m"] / _METRES_A_DEGREE
        side = up / max(float(np.cos(np.radians(max(abs(south), abs(north))))), 0.1)
        meets = (boxes[:, 0] <= east + side) & (boxes[:, 2] >= west - side)
        meets &= (boxes[:, 1] <= north + up) & (boxes[:, 3] >= south - up)
        found[name] = [names[other] for other in np.flatnonzero(meets) if other != at]
    return found
