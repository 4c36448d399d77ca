"""What is written about the software is what it does: schemas, clauses, commands, examples, formulas."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from ruamel.yaml import YAML
from towns import problem, rule, sites

import siting
from siting.cli import main
from siting.config import load_config
from siting.config.files import CatalogueFile, PolicyFile
from siting.optimise import GoalOptions
from siting.optimise.build import Asked, build
from siting.optimise.goals import aim_of
from siting.optimise.question import Kept, Question
from siting.sources import read_yaml
from siting.sources.columns import columns
from siting.sources.profiles import profiles

if TYPE_CHECKING:
    from collections.abc import Iterable

    from siting.optimise.program import Program

HOUSE = Path(__file__).parents[2]
README = HOUSE / "README.md"


def text(*parts: str) -> str:
    return HOUSE.joinpath(*parts).read_text(encoding="utf-8")


def fenced(paper: str, language: str) -> list[str]:
    """Return the blocks of code in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", paper, flags=re.MULTILINE | re.DOTALL)


def test_the_schemas_are_those_that_siting_writes(tmp_path: Path) -> None:
    assert main(["schema", "-o", str(tmp_path)]) == 0
    written = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    kept = {path.name: path.read_text(encoding="utf-8") for path in (HOUSE / "configs" / "schema").iterdir()}
    assert written == kept, "run: siting schema -o configs/schema"
    assert all(json.loads(schema)["type"] == "object" for schema in kept.values())


def test_the_list_of_clauses_is_what_siting_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--format", "md"]) == 0
    assert capsys.readouterr().out == text("docs", "rules.md"), "run: siting rules --format md > docs/rules.md"


def configs(folder: str) -> list[Path]:
    return sorted((HOUSE / "configs" / folder).glob("*.yaml"))


@pytest.mark.parametrize("path", configs("studies"), ids=lambda path: path.stem)
def test_every_study_loads(path: Path) -> None:
    config = load_config(path)
    assert config.options.study == path.stem
    assert config.rules


@pytest.mark.parametrize("path", configs("policies"), ids=lambda path: path.stem)
def test_every_pack_loads(path: Path) -> None:
    assert PolicyFile.model_validate(read_yaml(path).data).policy == path.stem


def test_catalogue_columns_and_profiles_load() -> None:
    assert CatalogueFile.model_validate(read_yaml(HOUSE / "configs" / "catalogue.yaml").data).kinds
    assert profiles().keys
    assert columns().attributes
    names = {path.name for path in (HOUSE / "configs").glob("*.yaml")}
    assert names == {"catalogue.yaml", "columns.yaml", "online.yaml", "osm_facilities.yaml", "profiles.yaml"}


@pytest.mark.parametrize("path", [*configs("studies"), *configs("policies"), HOUSE / "configs" / "catalogue.yaml"])
def test_editors_find_the_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    match = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert match
    assert (path.parent / match[1]).is_file()


def test_the_two_commands_are_those_that_are_tested() -> None:
    commands = fenced(text("README.md"), "bash")[0].splitlines()
    assert commands == [
        "pip install -c constraints.txt . && siting demo",
        'pip install -c constraints.txt -e ".[test]" && pytest',
    ]
    assert text(".ci", "run").splitlines()[-1] == commands[1]


def test_every_command_of_the_readme_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    told = [line for block in fenced(text("README.md"), "bash") for line in block.splitlines()]
    commands = {match[1] for line in told if (match := re.match(r"(?:.*&& )?siting (\w+)", line))}
    assert any("--plan " in line for line in told)
    assert any("--repair " in line for line in told)
    assert {"demo", "new", "check", "plan"} <= commands
    for command in commands:
        with pytest.raises(SystemExit, match="0"):
            main([command, "--help"])
        assert capsys.readouterr().out.startswith(f"usage: siting {command}")
    for line in told:
        words = re.match(r"siting (\w+(?: (?:osm|worldpop))?) ", line.partition("#")[0])
        if words:
            with pytest.raises(SystemExit, match="0"):
                main([*words[1].split(), "--help"])
            usage = capsys.readouterr().out
            assert [flag for flag in re.findall(r" (--[a-z-]+)", line.partition("#")[0]) if flag not in usage] == [], (
                line
            )


def test_the_study_in_the_readme_loads(tmp_path: Path) -> None:
    blocks = fenced(text("README.md"), "yaml")
    assert blocks
    for number, block in enumerate(blocks):
        path = tmp_path / f"study-{number}.yaml"
        path.write_text(block, encoding="utf-8")
        config = load_config(path)
        assert {rule.clause.id for rule in config.rules} >= {"HN-01", "HN-05"}
        assert config.overrides
        asked, poor = config.options, load_config(path, scenario="with_90_million")
        assert [goal.name for goal in asked.goals] == ["cost"]
        assert [goal.name for goal in poor.options.goals] == ["covered", "cost"]
        assert {rule.clause.kind for rule in poor.rules} - {rule.clause.kind for rule in config.rules} == {"budget"}
        assert asked.money.discount_rate > 0
        assert asked.reasons is not None
        assert asked.curve is not None
        assert asked.curve.of in {rule.clause.id for rule in config.rules}


def test_the_readme_is_short_and_what_it_points_to_exists() -> None:
    paper = text("README.md")
    assert len(paper.splitlines()) <= 150
    for target in re.findall(r"\]\(([^)#]+)\)", paper):
        assert (HOUSE / target).exists(), target
    assert (HOUSE / "docs" / "img" / "map.png").stat().st_size <= 400_000


def test_the_readme_tells_the_exit_codes() -> None:
    from siting import cli  # noqa: PLC0415 - read beside what is written

    rows = dict(re.findall(r"^\| (\d+) \| (.+) \|$", text("README.md"), flags=re.MULTILINE))
    codes = (cli.DONE, cli.SHORT, cli.BAD_INPUT, cli.INFEASIBLE, cli.STOPPED, cli.INTERRUPTED, cli.UNHEARD)
    assert set(rows) == {str(code) for code in codes}


def test_versions_agree() -> None:
    told = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    assert told == siting.__version__
    assert f"## [{told}]" in text("CHANGELOG.md")


def test_decisions_are_numbered_without_gaps_and_have_three_parts() -> None:
    papers = sorted((HOUSE / "docs" / "adr").glob("*.md"))
    assert [int(path.name[:3]) for path in papers] == list(range(1, len(papers) + 1))
    for path in papers:
        heads = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert heads == ["Context", "Decision", "Consequences"], path.name


def whole_program() -> Program:
    """Build a program in which everything occurs: growth, conversion, sizes, two phases, all kinds of rules."""
    home = (True, "institution", (), "", 0, (2, 0, 0))
    plot = (False, "", ("institution", "day_care"), "bought", 1, (0, 0, 0))
    station = (False, "", ("day_care",), "idle", 0, (0, 0, 0))
    town = problem(
        np.array([[100, 100], [50, 60]]),
        [0, 1],
        [(0, 1, 10.0), (0, 2, 10.0), (1, 1, 400.0)],
        sites([home, plot, station]),
        phases=(2023, 2025),
    )
    fewer = town.options.beds_max - np.array([1, 0, 0])  # one class grows less than all together
    town = replace(town, options=replace(town.options, beds_max=np.maximum(fewer, town.options.beds_min)))
    rules = [
        rule("coverage", "T-01", kinds=["day_care", "institution"], metres=500, share=0.8),
        rule("bed_ratio", "T-02", kinds=["institution"], beds=300),
        rule("bed_share", "T-03", kinds=["institution"], classes=["nursing"], share=0.65),
        rule("presence", "T-04", require=[{"kinds": ["day_care"]}]),
    ]
    asked = [Asked(item.clause.id, phase, item.rows(town, phase)) for phase in (0, 1) for item in rules]
    return build(town, asked, [0, 1])[0]


def goal_programs() -> list[Program]:
    """Build programs of every goal, with a priced clause and a goal that is kept."""
    plot = (False, "", ("institution", "day_care"), "bought", 0, (0, 0, 0))
    town = problem(
        np.array([[100, 100], [50, 60]]), [0, 1], [(0, 0, 10.0), (0, 1, 40.0), (1, 0, 30.0), (1, 1, 20.0)],
        sites([plot, plot]), phases=(2023, 2025),
    )  # fmt: skip
    clause = rule("coverage", "T-01", force="should", kinds=["day_care"], metres=500, share=0.8)
    priced = [replace(clause, clause=replace(clause.clause, price=2.0))]
    goals = [GoalOptions.model_validate(told) for told in (
        {"minimise": "cost"}, {"minimise": "present_value"}, {"maximise": "covered"}, {"maximise": "worst_share"},
        {"minimise": "mean_distance"},
    )]  # fmt: skip
    aims = [aim_of(goal, priced, town) for goal in goals]
    return [Question(town, (), aim, (Kept(aims[0], 30.0),)).posed([0, 1])[0] for aim in aims]


def prefixes_of(names: Iterable[str]) -> set[str]:
    """Cut names off where their numbers, clauses or districts begin."""
    found = {match[1] for name in names if (match := re.match(r"([a-z_]+?_)(?=\d|T_|D\d)", name))}
    assert all(name == "worst_share" or any(name.startswith(prefix) for prefix in found) for name in names)
    return found


def test_every_column_and_row_of_a_program_is_explained() -> None:
    program, paper = whole_program(), text("docs", "formulation.md")
    prefixes = prefixes_of((*program.names, *program.row_names))
    assert {
        "open_", "extra_", "near_", "cover_", "site_", "most_", "least_", "class_", "stays_", "beds_stay_", "one_of_",
        "covered_", "clause_",
    } == prefixes  # fmt: skip
    explained = set(re.findall(r"^\| `([a-z_]+?_)(?=p_|ID_)", paper, flags=re.MULTILINE))
    assert prefixes <= explained


def test_every_column_and_row_of_the_goals_is_explained() -> None:
    paper = text("docs", "formulation.md")
    found = prefixes_of({name for program in goal_programs() for name in (*program.names, *program.row_names)})
    assert {"lack_", "lacking_", "serve_", "from_", "once_", "no_worse_", "kept_"} <= found
    assert [prefix for prefix in sorted(found) if f"`{prefix}" not in paper] == []


def test_every_name_in_the_golden_programs_is_explained() -> None:
    paper = text("docs", "formulation.md")
    golden = sorted(HOUSE.joinpath("tests", "optimise", "golden").rglob("*.lp"))
    names = {
        name for path in golden for name in re.findall(r"\b[a-z]+(?:_[a-z]+)*_(?=\d|[A-Z])", path.read_text("utf-8"))
    }
    assert len(golden) >= 5
    assert {"open_", "clause_"} <= names
    assert [name for name in sorted(names) if f"`{name}" not in paper] == []


def test_examples_in_the_papers_are_yaml() -> None:
    papers = [README, HOUSE / "CONTRIBUTING.md", *sorted((HOUSE / "docs").rglob("*.md"))]
    blocks = [block for path in papers for block in fenced(path.read_text(encoding="utf-8"), "yaml")]
    assert all(isinstance(YAML(typ="safe", pure=True).load(block), dict) for block in blocks)
