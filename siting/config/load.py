"""Reading a study: every problem of every file at once, each with its line."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from siting.config.aims import budget_of, misplaced
from siting.config.expand import patches
from siting.config.files import CatalogueFile, PolicyFile
from siting.config.packs import Override, Pack, premises_of, rules_of
from siting.config.problems import explain, suggest
from siting.config.services import unserved
from siting.config.study import StudyFile
from siting.config.what_if import EVERY
from siting.errors import ConfigError, Problem
from siting.rules.budget import budgets
from siting.sources.documents import Document, read_yaml
from siting.sources.made_options import Committees, Generated
from siting.sources.shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from siting.model.catalogue import Catalogue
    from siting.model.serving import Service
    from siting.rules import Rule

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, eq=False)
class Config:
    """A study, checked.

    Attributes
    ----------
    options : StudyFile
    rules : tuple[Rule, ...]
        Every clause in use, in the order of the packs.
    catalogue : Catalogue
    overrides : tuple[Override, ...]
        What the study changed in the packs.
    files : tuple[Path, ...]
        The study, its packs and its catalogue.
    data_root : Path or None
    meanings : Mapping[str, Mapping[str, object]]
        Readings that the study and its packs declare: dotted keys of the study and what they become. A pack's are
        named after it, ``dongguan-2020.quarter_hour``.
    neighbours : tuple[Config, ...]
        Studies whose streets and facilities may be used across the border (`siting.borders`); no study names them
        itself, a batch does.
    """

    options: StudyFile
    rules: tuple[Rule, ...]
    catalogue: Catalogue
    overrides: tuple[Override, ...]
    files: tuple[Path, ...]
    data_root: Path | None
    meanings: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    neighbours: tuple[Config, ...] = ()

    @property
    def base(self) -> Path:
        """Folder of the study file."""
        return self.files[0].parent

    @property
    def services(self) -> tuple[Service, ...]:
        """Return what persons in need take up at facilities, in the order of the study."""
        walk = self.options.walk.speed_m_per_s
        return tuple(service.service(name, walk) for name, service in self.options.serving.items())


def load_config(
    path: str | Path,
    *,
    data_root: str | Path | None = None,
    scenario: str | None = None,
    changes: Sequence[str] = (),
    patch: Mapping[str, object] | None = None,
) -> Config:
    """Read and check a study file with its policy packs and its catalogue.

    Parameters
    ----------
    path : str or Path
        The study file (YAML).
    data_root : str or Path, optional
        Folder that relative paths of inputs are taken from; the study file's folder unless given.
    scenario : str, optional
        Name of one of the study's scenarios, of its sweeps' or its draws, applied as a patch; ``base`` changes nothing.
    changes : sequence of str
        ``key=value`` with dotted keys, applied last: ``walk.speed_m_per_s=0.7``.
    patch : mapping, optional
        Dotted keys and values, applied after those.

    Raises
    ------
    ConfigError
        Listing every problem of every file.
    """
    document = _patched(read_yaml(Path(path)), scenario, changes)
    if patch:
        document = Document(document.path, _all_changed(document.data, patch), document.lines)
    problems: list[Problem] = []
    study = _validated(StudyFile, document, problems)
    catalogue_path = _catalogue_path(document)
    catalogue_file = _read(CatalogueFile, catalogue_path, problems)
    packs = _packs(document, problems)
    catalogue = None if catalogue_file is None else catalogue_file.catalogue()
    premises = premises_of(packs, problems)
    rules, overrides = rules_of(packs, study, document, catalogue, problems)
    if study is not None and catalogue is not None:
        problems += _unknown_kinds(study, document, catalogue) + _unknown_prices(study, document, catalogue)
        problems += _unfit_walking(study, document)
        problems += [*misplaced(study, rules, document), *unserved(study, document, catalogue)]
    if problems or study is None or catalogue is None:
        raise ConfigError(problems)
    return Config(
        options=study,
        rules=(*rules, *budgets(budget_of(study))),
        catalogue=study.what_if.priced(replace(catalogue, premises=premises)),
        overrides=overrides,
        files=(document.path, *(pack.document.path for pack in packs), catalogue_path),
        data_root=None if data_root is None else Path(data_root),
        meanings=_meanings(study, packs),
    )


def _meanings(study: StudyFile, packs: Sequence[Pack]) -> dict[str, dict[str, object]]:
    """Gather the readings of the study, and those of its packs, whose keys begin at a clause."""
    found: dict[str, dict[str, object]] = dict(study.meanings)
    for pack in packs:
        for name, changes in pack.file.meanings.items():
            found[f"{pack.file.policy}.{name}"] = {
                key if key == "title" else f"rules.{key}": value for key, value in changes.items()
            }
    return found


def _validated(model: type[M], document: Document, problems: list[Problem]) -> M | None:
    """Validate a document, or add what is wrong with it."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        problems += explain(error.errors(include_url=False), document, model)
        return None


def _read(model: type[M], path: Path, problems: list[Problem]) -> M | None:
    """Read and validate a file, or add what is wrong with it."""
    try:
        return _validated(model, read_yaml(path), problems)
    except ConfigError as error:
        problems += error.problems
        return None


def _catalogue_path(document: Document) -> Path:
    """Find the catalogue: a file beside the study, else the shipped one."""
    name = document.data.get("catalogue")
    return _beside(document, name) if isinstance(name, str) else shipped("configs/catalogue.yaml")


def _packs(document: Document, problems: list[Problem]) -> list[Pack]:
    """Read the policy packs that the study names, even where the rest of the study is wrong."""
    packs = []
    named = document.data.get("policies")
    for number, name in enumerate(named if isinstance(named, list) else ()):
        if not isinstance(name, str):
            continue  # the study's own validation says so
        path = _pack_path(document, name)
        if path is None:
            known = sorted(item.stem for item in shipped("configs/policies").glob("*.yaml"))
            where = f"{document.path}:{document.line(('policies', number))} policies"
            problems.append(Problem(where, f"there is no policy pack {name!r}", suggest(name, known)))
            continue
        try:
            pack_document = read_yaml(path)
        except ConfigError as error:
            problems += error.problems
            continue
        pack = _validated(PolicyFile, pack_document, problems)
        if pack is not None:
            packs.append(Pack(pack, pack_document))
    return packs


def _pack_path(document: Document, name: str) -> Path | None:
    """Find a pack: a file beside the study, else a shipped one."""
    beside = _beside(document, name)
    if name.endswith((".yaml", ".yml")):
        return beside if beside.exists() else None
    path = shipped("configs/policies") / f"{name}.yaml"
    return path if path.exists() else None


def _beside(document: Document, name: str) -> Path:
    """Resolve a path that the study wrote."""
    return document.path.parent / name


def _unknown_kinds(study: StudyFile, document: Document, catalogue: Catalogue) -> list[Problem]:
    """Name kinds and tenures of generated candidates that the catalogue does not have."""
    problems = []
    for number, candidate in enumerate(study.candidates):
        if not isinstance(candidate, Generated | Committees):
            continue
        for key, names, known in (
            ("kinds", candidate.kinds, catalogue.kinds),
            ("tenure", (candidate.tenure,), catalogue.tenures),
        ):
            where = f"{document.path}:{document.line(('candidates', number, key))} candidates.{number}.{key}"
            problems += [
                Problem(where, f"the catalogue has no {key.rstrip('s')} {name!r}", suggest(name, known))
                for name in names or ()
                if name not in known
            ]
    return problems


def _unknown_prices(study: StudyFile, document: Document, catalogue: Catalogue) -> list[Problem]:
    """Name kinds and tenures of what-ifs that the catalogue does not have."""
    told: list[tuple[tuple[str, str], dict[str, float], Iterable[str]]] = [
        (("what_if", "costs"), study.what_if.costs, catalogue.kinds)
    ]
    if study.uncertainty is not None:
        told.append((("uncertainty", "fails"), study.uncertainty.fails, catalogue.tenures))
    return [
        Problem(
            f"{document.path}:{document.line((*key, name))} {'.'.join(key)}.{name}",
            f"the catalogue has no {name!r}",
            suggest(name, [EVERY, *known]),
        )
        for key, named, known in told
        for name in named
        if name != EVERY and name not in known
    ]


def _unfit_walking(study: StudyFile, document: Document) -> list[Problem]:
    """Name speeds of ages that the population does not tell apart, and slopes without heights."""
    ages = study.ages
    problems = [
        Problem(
            f"{document.path}:{document.line(('walk', 'speed_by_age', age))} walk.speed_by_age.{age}",
            f"no age class of the population begins at {age}",
            f"use lower bounds of its classes: {', '.join(map(str, ages))}",
        )
        for age in study.walk.speed_by_age
        if age not in ages
    ]
    if study.walk.slope != "none" and study.elevation is None:
        where = f"{document.path}:{document.line(('walk', 'slope'))} walk.slope"
        what = f"is {study.walk.slope}, but the study has no heights"
        problems.append(Problem(where, what, "add elevation: {file: heights.tif}, or write slope: none"))
    return problems


def _patched(document: Document, scenario: str | None, changes: Sequence[str]) -> Document:
    """Apply a scenario and then single changes to a study's data; a scenario's values keep their lines."""
    data, lines = document.data, dict(document.lines)
    if scenario is not None:
        for dotted, value in _scenario(document, scenario).items():
            data = _changed(data, str(dotted), value)
            lines[tuple(str(dotted).split("."))] = document.line(("scenarios", scenario, dotted))
    for dotted, value in _parsed(changes).items():
        data = _changed(data, dotted, value)
    return Document(document.path, data, lines)


def _all_changed(data: Mapping[str, Any], patch: Mapping[str, object]) -> dict[str, Any]:
    """Return the data with several dotted keys replaced."""
    changed = dict(data)
    for dotted, value in patch.items():
        changed = _changed(changed, str(dotted), value)
    return changed


def _scenario(document: Document, name: str) -> Mapping[str, Any]:
    """Return what a scenario changes, be it named, of a sweep or drawn."""
    known = patches(document.data)
    if name in known:
        return known[name]
    told = document.data.get("scenarios")
    if isinstance(told, dict) and name in told:
        where = f"{document.path}:{document.line(('scenarios', name))} scenarios.{name}"
        mend = "write dotted keys and their values, e.g. {walk.speed_m_per_s: 0.7}"
        raise ConfigError([Problem(where, "the scenario is no table of changes", mend)])
    where = f"{document.path}:{document.line(('scenarios',))} scenarios"
    raise ConfigError([Problem(where, f"there is no scenario {name!r}", suggest(name, known))])


def _parsed(changes: Sequence[str]) -> dict[str, Any]:
    """Read ``key=value`` with values written as in YAML."""
    patch = {}
    problems = []
    for change in changes:
        key, equals, value = change.partition("=")
        try:
            patch[key.strip()] = YAML(typ="safe", pure=True).load(value)
        except YAMLError:
            equals = ""
        if not equals or not key.strip():
            mend = "write --set key=value, e.g. --set walk.speed_m_per_s=0.7"
            problems.append(Problem(f"--set {change}", "is no change of a key", mend))
    if problems:
        raise ConfigError(problems)
    return patch


def _changed(data: Mapping[str, Any], dotted: str, value: object) -> dict[str, Any]:
    """Return the data with one dotted key replaced; tables and lists on the way are copied, never shared."""

    def inside(old: object, keys: list[str]) -> object:
        if not keys:
            return value
        head, *rest = keys
        if isinstance(old, list):
            if not (head.isdecimal() and int(head) < len(old)):
                mend = f"name one of its {len(old)} items by number, from 0, or give the whole list"
                raise ConfigError([Problem(f"change of {dotted}", f"the list has no item {head!r}", mend)])
            return [inside(item, rest) if index == int(head) else item for index, item in enumerate(old)]
        table = dict(old) if isinstance(old, dict) else {}
        return {**table, head: inside(table.get(head), rest)}

    changed = inside(dict(data), dotted.split("."))
    return changed if isinstance(changed, dict) else {}


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON schemas of study, policy pack and catalogue, by name."""
    return {
        "study": StudyFile.model_json_schema(),
        "policy": PolicyFile.model_json_schema(),
        "catalogue": CatalogueFile.model_json_schema(),
    }
