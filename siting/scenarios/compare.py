"""Planning every scenario of a study, auditing every plan under every scenario, and keeping what is finished."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siting import groundwork
from siting.cache import code_version, digest
from siting.config import BASE, groups, patches
from siting.config.problems import suggest
from siting.errors import ConfigError, Problem, ProblemsError
from siting.scenarios import orders
from siting.scenarios.crew import Hands, crew_of
from siting.scenarios.keeping import Shelf
from siting.scenarios.orders import STATE, Failure, Order
from siting.sources.documents import read_yaml
from siting.sources.manifest import sha256_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from siting.config import Config
    from siting.scenarios.crew import Crew

PLANS, AUDITS = "scenarios", "audits"
"""Folders of finished work below the folder of a comparison."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be compared.

    Attributes
    ----------
    study : Path
    out : Path
        Folder of the comparison.
    data_root : Path or None
    scenarios : tuple[str, ...]
        Names of scenarios, sweeps, or ``draw``; all unless given. The study as it stands is always among them.
    changes : tuple[str, ...]
        ``key=value`` applied to every scenario.
    cache : Path or None
    """

    study: Path
    out: Path
    data_root: Path | None = None
    scenarios: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    cache: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """What came of it, as plain data.

    Attributes
    ----------
    study : Mapping
        ``name``, ``title``, ``notice``, ``language`` as in ``run.json``.
    scenarios : Mapping[str, Mapping]
        By name, the study as it stands first: ``group``, ``changes`` and, unless it failed, ``run`` and ``folder``.
    failures : Mapping[str, str]
        Why a scenario has no result, by name.
    audits : Mapping[str, list]
        By scenario, what each plan is worth there.
    groups : Mapping[str, list[str]]
    """

    study: Mapping[str, Any]
    scenarios: Mapping[str, Mapping[str, Any]]
    failures: Mapping[str, str]
    audits: Mapping[str, list[Mapping[str, Any]]]
    groups: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class _Job:
    """A scenario that can be worked on: its order and the key of everything it depends on."""

    order: Order
    key: str


def compared(asked: Asked, hands: Hands, tell: Callable[[str, str, int, int], None]) -> Compared:
    """Plan all scenarios, audit all plans under all of them, and return what came of it.

    Finished work is kept below ``asked.out`` as it finishes and not done again by a later call, however this one ends.

    Parameters
    ----------
    asked : Asked
    hands : Hands
    tell : callable
        Called with the kind of work, the piece that was finished, pieces done, and pieces in all.

    Raises
    ------
    ConfigError, DataError
        When the study as it stands cannot be run; a scenario that cannot be is among the failures instead.
    """
    told = _chosen(asked)
    shelf, audits = Shelf(asked.out / PLANS), Shelf(asked.out / AUDITS)
    jobs, failures, files = _jobs(asked, told)
    todo = {name: job for name, job in jobs.items() if not shelf.finished(name, job.key)}
    with crew_of(hands, len(todo) or len(jobs)) as crew:
        home = _homes(asked, crew, files)
        work = {name: (orders.plan, _at(job.order, home)) for name, job in todo.items()}
        done = len(jobs) - len(todo)
        for name, found in crew.results(work):
            done += 1
            if isinstance(found, Failure):
                failures[name] = found.reason
            else:
                shelf.put(name, jobs[name].key, found)
            tell("scenarios", f"{name}{' failed' if name in failures else ''}", done, len(jobs))
        failures |= _cross(crew, {n: j for n, j in jobs.items() if n not in failures}, (shelf, audits), home, tell)
    if BASE in failures:
        raise ConfigError([Problem(f"{asked.study} {BASE}", failures[BASE], "mend the study itself first")])
    finished = [name for name in told if name not in failures]
    shelf.keep_only(set(finished))
    audits.keep_only(set(finished))
    return _gathered(asked, told, shelf, audits, failures)


def _cross(
    crew: Crew,
    jobs: Mapping[str, _Job],
    shelves: tuple[Shelf, Shelf],
    home: tuple[str, list[str]],
    tell: Callable[[str, str, int, int], None],
) -> dict[str, str]:
    """Audit every plan under every scenario, one scenario a task; return what failed."""
    shelf, audits = shelves
    plans = {name: shelf.read(name, STATE) for name in jobs}
    plans = {name: content for name, content in plans.items() if json.loads(content) is not None}
    of_plans = digest(sorted((name, content.decode()) for name, content in plans.items()))
    keys = {name: digest((job.key, of_plans)) for name, job in jobs.items()}
    todo = [name for name in jobs if not audits.finished(name, keys[name])]
    done, failures = len(jobs) - len(todo), {}
    for name, found in crew.results({name: (orders.audit, _at(jobs[name].order, home), plans) for name in todo}):
        done += 1
        if isinstance(found, Failure):
            failures[name] = found.reason
        else:
            audits.put(name, keys[name], found)
        tell("audits", f"{name}{' failed' if name in failures else ''}", done, len(jobs))
    return failures


def _chosen(asked: Asked) -> dict[str, Mapping[str, Any]]:
    """Return the scenarios that are asked for, by name; the study as it stands first.

    Raises
    ------
    ConfigError
        When there is no such scenario, or a name cannot be that of a folder.
    """
    document = read_yaml(asked.study)
    known, together = patches(document.data), groups(document.data)
    names: list[str] = []
    problems = []
    for wanted in asked.scenarios or tuple(known):
        if wanted in together:
            names += together[wanted]
        elif wanted in known:
            names.append(wanted)
        else:
            mend = suggest(wanted, [*known, *together])
            problems.append(Problem(f"--scenarios {wanted}", "there is no such scenario or sweep", mend))
    declared = document.data.get("scenarios")
    if isinstance(declared, dict) and BASE in declared:
        where = f"{document.path}:{document.line(('scenarios', BASE))} scenarios.{BASE}"
        problems.append(Problem(where, "is the name of the study as it stands", "give it another name"))
    for name in names:
        if not name.replace(".", "").replace("-", "").replace("+", "").replace("_", "").isalnum() or name[0] == ".":
            where = f"{document.path}:{document.line(('scenarios', name))} scenarios.{name}"
            problems.append(Problem(where, "cannot be the name of a folder", "use letters, digits, - and _"))
    if problems:
        raise ConfigError(problems)
    return {name: known[name] for name in dict.fromkeys([BASE, *names])}


def _jobs(asked: Asked, told: Iterable[str]) -> tuple[dict[str, _Job], dict[str, str], dict[Path, str]]:
    """Read every scenario's study and inputs; return those that can be run, why others cannot, and all files by sha256.

    Raises
    ------
    ConfigError, DataError
        Of the study as it stands.
    """
    jobs: dict[str, _Job] = {}
    failures: dict[str, str] = {}
    files: dict[Path, str] = {}
    read: dict[str, tuple[Any, ...]] = {}
    root = None if asked.data_root is None else str(asked.data_root.resolve())
    kept = None if asked.cache is None else str(asked.cache.resolve())
    for name in told:
        order = Order(str(asked.study.resolve()), root, name, asked.changes, kept)
        try:
            config = order.config()
            inputs = digest(groundwork.asked_of(config))
            if inputs not in read:
                read[inputs] = groundwork.read(config, groundwork.Clock(groundwork.silent), order.stages()).provenance
        except ProblemsError as error:
            if name == BASE:
                raise
            failures[name] = "\n".join(str(problem) for problem in error.problems)
            continue
        files |= _files(config, read[inputs])
        jobs[name] = _Job(order, key_of(config, read[inputs]))
    return jobs, failures, files


def key_of(config: Config, provenance: Sequence[Any]) -> str:
    """Return the digest of everything that a scenario's results depend on."""
    rules = tuple((rule.clause, rule.parameters) for rule in config.rules)
    return digest((code_version(whole=True), config.options, rules, config.catalogue, tuple(provenance)))


def _files(config: Config, provenance: Sequence[Any]) -> dict[Path, str]:
    """Return the files that a study consists of, with their sha256; tables of databases are none."""
    home = config.data_root or config.base
    inputs = {home / entry.path: entry.sha256 for entry in provenance if (home / entry.path).is_file()}
    return inputs | {path: sha256_of(path) for path in config.files}


def _homes(asked: Asked, crew: Crew, files: Mapping[Path, str]) -> tuple[str, list[str]]:
    """See to it that workers have the inputs: where they do not see them they are sent; returns where they are then."""
    if crew.shared:
        return "", []
    from siting.scenarios.luggage import packed, seen  # noqa: PLC0415 - heavy

    if crew.every(seen, {str(path.resolve()): sha256 for path, sha256 in files.items()}):
        return "", []
    homes = [asked.study, *([] if asked.data_root is None else [asked.data_root])]
    luggage, places = packed(files, homes)
    crew.send(luggage)
    return luggage.digest, places


def _at(order: Order, home: tuple[str, list[str]]) -> Order:
    """Return the order as a worker can follow it."""
    digest_of, places = home
    if not digest_of:
        return order
    study, *root = places
    return Order(study, root[0] if root else None, order.scenario, order.changes, order.cache, digest_of)


def _gathered(
    asked: Asked, told: Mapping[str, Mapping[str, Any]], shelf: Shelf, audits: Shelf, failures: Mapping[str, str]
) -> Compared:
    """Read back what is on the shelves."""
    together = groups(read_yaml(asked.study).data)
    home = {name: group for group, names in together.items() for name in names}
    scenarios: dict[str, dict[str, Any]] = {}
    found: dict[str, list[Mapping[str, Any]]] = {}
    for name, changes in told.items():
        scenarios[name] = {"group": home.get(name, ""), "changes": changes}
        if name in failures:
            continue
        scenarios[name] |= {"run": json.loads(shelf.read(name, "run.json")), "folder": shelf.folder / name}
        found[name] = json.loads(audits.read(name, "audits.json"))
    chosen = {group: [name for name in names if name in told] for group, names in together.items()}
    return Compared(scenarios[BASE]["run"]["study"], scenarios, dict(failures), found, chosen)
