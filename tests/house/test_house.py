"""The house keeps its own rules: imports, style, types, sizes, lightness, and no address of anybody's registry."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
MODULE_LINES, FUNCTION_LINES = 400, 60
LONGER_THAN_AGREED = "make it smaller: a module does one thing, a function fits on a screen"
REGISTRY = re.compile(r"pypi\.org|pythonhosted\.org|anaconda\.org|npmjs\.com|--(?:extra-)?index-url")
NOT_IMPORTED = {
    "pyarrow": "pandas and geopandas read and write parquet with it",
    "pylopdf-fonts-zh-cn": "a font file, found by its path",
}
"""Needed when siting runs, though no line of it says `import`."""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=False)  # noqa: S603 - ours


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
        ("lint-imports", "--no-cache"),
    ],
    ids=" ".join,
)
def test_the_house_is_in_order(command: tuple[str, ...]) -> None:
    program, *rest = command
    beside = Path(sys.executable).with_name(program)
    told = run(str(beside), *rest)
    assert told.returncode == 0, told.stdout + told.stderr


def sources() -> list[Path]:
    return sorted((HOUSE / "siting").rglob("*.py"))


def test_no_module_is_longer_than_agreed() -> None:
    long = {str(path): lines for path in sources() if (lines := len(path.read_text().splitlines())) > MODULE_LINES}
    assert not long, LONGER_THAN_AGREED


def test_no_function_is_longer_than_agreed() -> None:
    long = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                words = ast.get_docstring(node)
                lines = (node.end_lineno or 0) - node.lineno + 1 - (len(words.splitlines()) + 1 if words else 0)
                if lines > FUNCTION_LINES:
                    long[f"{path}:{node.lineno} {node.name}"] = lines
    assert not long, LONGER_THAN_AGREED


def test_every_test_asserts_something() -> None:
    idle = []
    for path in sorted((HOUSE / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        helpers = {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("test") and claims(node, set())
        }
        idle += [
            f"{path}:{node.lineno} {node.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test") and not claims(node, helpers)
        ]
    assert not idle


def claims(node: ast.FunctionDef, helpers: set[str]) -> bool:
    """Say whether a function asserts, names the errors it bears, or calls a helper that does."""
    for part in ast.walk(node):
        if isinstance(part, ast.Assert):
            return True
        if isinstance(part, ast.Call):
            name = part.func.attr if isinstance(part.func, ast.Attribute) else getattr(part.func, "id", "")
            if name in helpers or name in {"raises", "warns", "fail", "suppress"} or name.startswith("assert"):
                return True
    return False


HELP = """
import sys
before = set(sys.modules)
from siting.cli import main
try:
    main([{argument!r}])
except SystemExit as leaving:
    assert not leaving.code
import json
print(json.dumps(sorted(set(sys.modules) - before)))
"""


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_answers_without_anything_heavy(argument: str) -> None:
    told = run(sys.executable, "-c", HELP.format(argument=argument))
    assert told.returncode == 0, told.stderr
    modules = json.loads(told.stdout.splitlines()[-1])
    assert "siting.cli" in modules
    foreign = {name for name in modules if name.partition(".")[0] not in sys.stdlib_module_names | {"siting"}}
    assert not foreign
    ours = {name for name in modules if name.startswith("siting") and not name.startswith("siting.cli")}
    assert ours <= {"siting", "siting.errors"}


def test_importing_siting_is_light() -> None:
    told = run(
        sys.executable, "-c", "import sys, siting; print(sorted({'numpy', 'pandas', 'numba'} & set(sys.modules)))"
    )
    assert told.stdout.strip() == "[]"


def kept_files() -> list[Path]:
    """Return the project's own files: what lies in its folders and is not hidden, built or cached."""
    inside = [path for path in HOUSE.iterdir() if not path.name.startswith(".") and path.is_dir()]
    inside.append(HOUSE / ".ci")
    files = [path for path in HOUSE.iterdir() if path.is_file()]
    for folder in inside:
        files += [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return sorted(path for path in files if path.suffix not in {".png", ".tif", ".pbf", ".gpkg", ".parquet", ".pyc"})


def test_no_file_names_a_registry_of_packages() -> None:
    found = [str(path) for path in kept_files() if REGISTRY.search(path.read_text(encoding="utf-8", errors="replace"))]
    assert not found


def imported() -> set[str]:
    """Return the packages outside the standard library that a line of siting imports, wherever in a file."""
    names = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
    top = {name.partition(".")[0] for name in names}
    return top - sys.stdlib_module_names - {"siting"}


def same_spelling(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def declared() -> set[str]:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["postgis"]]
    return {same_spelling(line.partition(">")[0].partition("<")[0].strip()) for line in lines}


def test_what_is_imported_is_what_is_declared() -> None:
    homes = metadata.packages_distributions()
    needed = {same_spelling(homes[name][0]) for name in imported()}
    assert needed | NOT_IMPORTED.keys() == declared()


def test_every_dependency_is_pinned_and_has_its_reason() -> None:
    pinned = {
        same_spelling(line.partition("==")[0]) for line in (HOUSE / "constraints.txt").read_text().splitlines() if line
    }
    assert declared() <= pinned
    paper = (HOUSE / "docs" / "adr" / "002-dependencies.md").read_text(encoding="utf-8")
    assert declared() <= {same_spelling(name) for name in re.findall(r"^\| `([^`]+)` \|", paper, flags=re.MULTILINE)}


def test_what_the_wheel_ships_is_here() -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    for source, target in wheel["force-include"].items():
        assert (HOUSE / source).exists()
        assert target == f"siting/_shipped/{source}"
    asked = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "shipped":
                asked |= {part.value for part in node.args if isinstance(part, ast.Constant)}
    assert "configs/catalogue.yaml" in asked
    for wanted in asked:
        assert (HOUSE / wanted).exists(), wanted
        assert any(wanted == source or wanted.startswith(f"{source}/") for source in wheel["force-include"]), wanted
