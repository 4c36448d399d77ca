"""Reading a study: every problem of every file at once, each with its line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from siting.config.files import CatalogueFile, PolicyFile
from siting.config.packs import Override, Pack, rules_of
from siting.config.problems import explain, suggest
from siting.config.study import StudyFile
from siting.errors import ConfigError, Problem
from siting.sources.documents import Document, read_yaml
from siting.sources.shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siting.model.catalogue import Catalogue
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
    """

    options: StudyFile
    rules: tuple[Rule, ...]
    catalogue: Catalogue
    overrides: tuple[Override, ...]
    files: tuple[Path, ...]
    data_root: Path | None

    @property
    def base(self) -> Path:
        """Folder of the study file."""
        return self.files[0].parent


def load_config(
    path: str | Path,
    *,
    data_root: str | Path | None = None,
    scenario: str | None = None,
    changes: Sequence[str] = (),
) -> Config:
    """Read and check a study file with its policy packs and its catalogue.

    Parameters
    ----------
    path : str or Path
        The study file (YAML).
    data_root : str or Path, optional
        Folder that relative paths of inputs are taken from; the study file's folder unless given.
    scenario : str, optional
        Name of one of the study's scenarios, applied as a patch.
    changes : sequence of str
        ``key=value`` with dotted keys, applied last: ``walk.speed_m_per_s=0.7``.

    Raises
    ------
    ConfigError
        Listing every problem of every file.
    """
    document = _patched(read_yaml(Path(path)), scenario, changes)
    problems: list[Problem] = []
    study = _validated(StudyFile, document, problems)
    if study is None:
        raise ConfigError(problems)
    catalogue_path = (
        shipped("configs/catalogue.yaml") if study.catalogue is None else _beside(document, study.catalogue)
    )
    catalogue_file = _read(CatalogueFile, catalogue_path, problems)
    packs = _packs(study, document, problems)
    if catalogue_file is None or len(packs) < len(study.policies):
        raise ConfigError(problems)
    catalogue = catalogue_file.catalogue()
    rules, overrides = rules_of(packs, study, document, catalogue, problems)
    problems += _unknown_kinds(study, document, catalogue)
    if problems:
        raise ConfigError(problems)
    return Config(
        options=study,
        rules=rules,
        catalogue=catalogue,
        overrides=overrides,
        files=(document.path, *(pack.document.path for pack in packs), catalogue_path),
        data_root=None if data_root is None else Path(data_root),
    )


def _validated(model: type[M], document: Document, problems: list[Problem]) -> M | None:
    """Validate a document, or add what is wrong with it."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        problems += explain(error, document, model)
        return None


def _read(model: type[M], path: Path, problems: list[Problem]) -> M | None:
    """Read and validate a file, or add what is wrong with it."""
    try:
        return _validated(model, read_yaml(path), problems)
    except ConfigError as error:
        problems += error.problems
        return None


def _packs(study: StudyFile, document: Document, problems: list[Problem]) -> list[Pack]:
    """Read the policy packs that the study names."""
    packs = []
    for number, name in enumerate(study.policies):
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
        if not hasattr(candidate, "generate"):
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


def _patched(document: Document, scenario: str | None, changes: Sequence[str]) -> Document:
    """Apply a scenario and then single changes to a study's data."""
    data = dict(document.data)
    if scenario is not None:
        known = data.get("scenarios") or {}
        if scenario not in known:
            raise ConfigError(
                [Problem(f"{document.path} scenarios", f"there is no scenario {scenario!r}", suggest(scenario, known))]
            )
        data = _apply(data, known[scenario])
    return Document(document.path, _apply(data, _parsed(changes)), document.lines)


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


def _apply(data: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data with dotted keys replaced; tables on the way are copied, never shared."""
    patched = dict(data)
    for dotted, value in patch.items():
        head, _, rest = str(dotted).partition(".")
        if rest:
            inner = patched.get(head)
            patched[head] = _apply(inner if isinstance(inner, dict) else {}, {rest: value})
        else:
            patched[head] = value
    return patched


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON schemas of study, policy pack and catalogue, by name."""
    return {
        "study": StudyFile.model_json_schema(),
        "policy": PolicyFile.model_json_schema(),
        "catalogue": CatalogueFile.model_json_schema(),
    }
