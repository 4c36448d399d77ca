"""Every mistake in a study, a pack or a catalogue is told with its file and line, what it is and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from small_studies import FILES, write

from siting.config import load_config
from siting.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Case:
    """One spoiled text.

    `where` is file, line and key; `what` and `mend` stand in the message.
    """

    name: str
    file: str
    old: str
    new: str
    where: str
    what: str
    mend: str

    def spoiled(self) -> dict[str, str]:
        text = FILES[f"{self.file}.yaml"]
        assert self.old in text, self.name
        return {self.file: text.replace(self.old, self.new, 1)}


def study(name: str, old: str, new: str, *message: str) -> Case:
    return Case(name, "study", old, new, *message)


def pack(name: str, old: str, new: str, *message: str) -> Case:
    return Case(name, "pack", old, new, *message)


def catalogue(name: str, old: str, new: str, *message: str) -> Case:
    return Case(name, "catalogue", old, new, *message)


WALK = "walk: {speed_m_per_s: 0.9}"
PHASES = "phases: [2025]"
CASES = (
    # how people walk
    study(
        "speed of an age nobody has",
        WALK,
        "walk:\n  speed_by_age: {60: 0.9, 85: 0.7}",
        "study.yaml:6 walk.speed_by_age.85",
        "no age class of the population begins at 85",
        "use lower bounds of its classes: 60",
    ),
    study(
        "slopes without heights",
        WALK,
        "walk: {slope: tobler}",
        "study.yaml:5 walk.slope",
        "is tobler, but the study has no heights",
        "add elevation",
    ),
    study(
        "faster on steps",
        WALK,
        "walk: {steps_speed_factor: 1.5}",
        "study.yaml:5 walk.steps_speed_factor",
        "1.5",
        "",
    ),
    # goals, budgets and curves
    study(
        "two goals in one",
        PHASES,
        f"{PHASES}\ngoal: {{minimise: cost, maximise: covered}}",
        "study.yaml:7 goal",
        "either minimises or maximises",
        "",
    ),
    study(
        "a goal of a clause that is not there",
        PHASES,
        f"{PHASES}\ngoal:\n  - {{minimise: cost, worsening: 0.05}}\n  - {{maximise: covered, of: T-09}}",
        "study.yaml:9 goal.1.of",
        "no coverage clause 'T-09' is in use",
        "T-01",
    ),
    study(
        "a goal twice",
        PHASES,
        f"{PHASES}\ngoal: [{{minimise: cost}}, {{minimise: cost}}]",
        "study.yaml:7 goal.1",
        "cost is a goal already",
        "leave one of the two out",
    ),
    study(
        "a distance of money",
        PHASES,
        f"{PHASES}\ngoal: {{minimise: cost, up_to_m: 900}}",
        "study.yaml:7 goal",
        "belong to distances",
        "",
    ),
    study("an unknown goal", PHASES, f"{PHASES}\ngoal: {{minimise: pain}}", "study.yaml:7 goal.minimise", "'pain'", ""),
    study(
        "money after the last phase",
        PHASES,
        f"{PHASES}\nbudget:\n  by_year:\n    2025: 10\n    2031: 10",
        "study.yaml:10 budget.by_year.2031",
        "2031 lies after the last phase, 2025",
        "plan that far",
    ),
    study("a budget of nothing", PHASES, f"{PHASES}\nbudget: {{}}", "study.yaml:7 budget", "gives no amount", ""),
    study(
        "money below nought",
        PHASES,
        f"{PHASES}\nbudget: {{by_year: {{2025: -1}}}}",
        "study.yaml:7 budget",
        "below nought",
        "",
    ),
    study(
        "running costs that end too soon",
        PHASES,
        f"{PHASES}\nmoney: {{until: 2020}}",
        "study.yaml:7 money.until",
        "2020 lies before the last phase",
        "2025 or later",
    ),
    study(
        "a price of what binds",
        PHASES,
        f"{PHASES}\nrules:\n  T-01: {{price: 5}}",
        "study.yaml:8 rules.T-01.price",
        "T-01 binds",
        "force: should",
    ),
    study(
        "a price of nought",
        PHASES,
        f"{PHASES}\nrules:\n  T-01: {{price: 0, force: should}}",
        "study.yaml:8 rules.T-01.price",
        "must be above nought",
        "yuan for a unit short",
    ),
    study(
        "a curve of no coverage clause",
        PHASES,
        f"{PHASES}\ncurve: {{of: T-02}}",
        "study.yaml:7 curve.of",
        "no coverage clause 'T-02'",
        "T-01",
    ),
    # the study's text
    study("not YAML", "[2025]", "[2025", "study.yaml:7", "is not well-formed YAML", "check indentation, colons"),
    study("key twice", PHASES, f"{PHASES}\n{PHASES}", "study.yaml:7", "'phases' is written twice", "keep one"),
    study("not UTF-8", "study: small", "\udcff", "study.yaml:1", "byte 0xff is not UTF-8", "save the file as UTF-8"),
    study("a list", FILES["study.yaml"], "- a\n", "study.yaml:1", "holds a list at its top level", "`key: value`"),
    study("empty", FILES["study.yaml"], "", "study.yaml:1", "holds nothing at its top level", "`key: value`"),
    # the study's keys
    study("unknown key", "walk:", "wlak:", "study.yaml:5 wlak", "unknown key 'wlak'", "did you mean 'walk'?"),
    study(
        "unknown nested key",
        WALK,
        "walk: {speed_m_per_sec: 0.9}",
        "study.yaml:5 walk.speed_m_per_sec",
        "unknown key 'speed_m_per_sec'",
        "did you mean 'speed_m_per_s'?",
    ),
    study(
        "key of nothing", "study: small", "study: small\nzzz: 1", "study.yaml:2 zzz", "unknown key 'zzz'", "use one of"
    ),
    study("key missing", f"{PHASES}\n", "", "study.yaml:1 phases", "the key 'phases' is missing", "write `phases: …`"),
    study(
        "nested key missing", "{file: r.osm}", "{}", "study.yaml:3 roads.file", "'file' is missing", "write `file: …`"
    ),
    study("word for a number", "0.9", "fast", "study.yaml:5 walk.speed_m_per_s", "not 'fast'", "correct the value of"),
    study("negative speed", "0.9", "-0.9", "study.yaml:5 walk.speed_m_per_s", "greater than 0, not -0.9", "correct"),
    study("speed of a bus", "0.9", "9", "study.yaml:5 walk.speed_m_per_s", "less than or equal to 3, not 9", "correct"),
    study("no number", "0.9", ".nan", "study.yaml:5 walk.speed_m_per_s", "not nan", "correct the value"),
    study(
        "table for a word", "study: small", "study: {a: 1}", "study.yaml:1 study", "valid string", "correct the value"
    ),
    study(
        "number for a list", PHASES, "phases: 2025", "study.yaml:6 phases", "not 2025", "correct the value of 'phases'"
    ),
    study("list for a table", WALK, "walk: [0.9]", "study.yaml:5 walk", "not [0.9]", "correct the value of 'walk'"),
    study("odd name", "study: small", "study: a/b", "study.yaml:1 study", "should match pattern", "correct the value"),
    study("phases descend", "[2025]", "[2025, 2023]", "study.yaml", "phases must ascend", "correct the value"),
    study("phases repeat", "[2025]", "[2025, 2025]", "study.yaml", "without repeats, not [2025, 2025]", "correct"),
    study(
        "half a year", "[2025]", "[2025.5]", "study.yaml:6 phases.0", "valid integer", "correct the value of 'phases.0'"
    ),
    study(
        "no such century",
        "[2025]",
        "[202]",
        "study.yaml:6 phases.0",
        "greater than or equal to 1950, not 202",
        "correct",
    ),
    study("no phases", "[2025]", "[]", "study.yaml:6 phases", "at least 1 item", "correct the value of 'phases'"),
    study(
        "unknown language", "study: small", "study: small\nlanguage: fr", "study.yaml:2 language", "not 'fr'", "correct"
    ),
    study(
        "unknown goal",
        "study: small",
        "study: small\ngoal: {minimise: time}",
        "study.yaml:2 goal.minimise",
        "not 'time'",
        "correct the value of 'minimise'",
    ),
    study(
        "gap of more than all",
        "study: small",
        "study: small\nsolver: {gap: 1.5}",
        "study.yaml:2 solver.gap",
        "less than 1, not 1.5",
        "correct the value of 'gap'",
    ),
    study(
        "density in a county",
        "study: small",
        "study: small\ndensity: {radius_m: 50000}",
        "study.yaml:2 density.radius_m",
        "less than or equal to 5000",
        "correct the value of 'radius_m'",
    ),
    # what the study names
    study(
        "unknown policy",
        "[pack.yaml]",
        "[haining-2020]",
        "study.yaml:7 policies",
        "there is no policy pack 'haining-2020'",
        "did you mean 'haining-2021'?",
    ),
    study(
        "policy file missing",
        "[pack.yaml]",
        "[pack.yaml, other.yaml]",
        "study.yaml:7 policies",
        "there is no policy pack 'other.yaml'",
        "use one of: dongguan-2020, haining-2021",
    ),
    study("no policy", "[pack.yaml]", "[]", "study.yaml:7 policies", "at least 1 item", "correct the value"),
    study(
        "policy twice",
        "[pack.yaml]",
        "[pack.yaml, ./pack.yaml]",
        "pack.yaml:6 clauses.0.id",
        "clause 'T-01' stands in",
        "use one of the packs",
    ),
    study(
        "catalogue missing",
        "catalogue: catalogue.yaml",
        "catalogue: no.yaml",
        "no.yaml",
        "there is no such file",
        "check the path",
    ),
    study(
        "candidates of an unknown kind",
        "kinds: [home]",
        "kinds: [hme]",
        "study.yaml:10 candidates.0.kinds",
        "the catalogue has no kind 'hme'",
        "did you mean 'home'?",
    ),
    study(
        "candidates of an unknown tenure",
        "tenure: idle",
        "tenure: rented",
        "study.yaml:10 candidates.0.tenure",
        "the catalogue has no tenure 'rented'",
        "use one of: idle",
    ),
    study(
        "tenure left out, and the default is not in the catalogue",
        ", tenure: idle",
        "",
        "study.yaml:10 candidates.0.tenure",
        "the catalogue has no tenure 'new_build'",
        "use one of: idle",
    ),
    study("no spacing", "400", "0", "study.yaml:10 candidates.0.spacing_m", "greater than 0, not 0", "correct"),
    # changes to clauses
    study(
        "unknown clause",
        "study: small",
        "study: small\nrules: {T-1: {share: 0.5}}",
        "study.yaml:2 rules.T-1",
        "no policy in use has a clause 'T-1'",
        "did you mean 'T-0",
    ),
    study(
        "unknown parameter of a clause",
        "study: small",
        "study: small\nrules:\n  T-01: {shar: 0.5}",
        "study.yaml:3 rules.T-01.shar",
        "unknown key 'shar'",
        "did you mean 'share'?",
    ),
    study(
        "parameter that cannot be",
        "study: small",
        "study: small\nrules:\n  T-01: {share: 1.5}",
        "study.yaml:3 rules.T-01.share",
        "less than or equal to 1, not 1.5",
        "correct the value of 'share'",
    ),
    study(
        "parameters that exclude each other",
        "study: small",
        "study: small\nrules:\n  T-01: {metres: 500}",
        "study.yaml:3 rules.T-01",
        "give either minutes or metres",
        "correct the value of 'T-01'",
    ),
    study(
        "clause of an unknown kind of facility",
        "study: small",
        "study: small\nrules:\n  T-01: {kinds: [hospital]}",
        "study.yaml:3 rules.T-01",
        "T-01: the catalogue has no kind 'hospital'",
        "use one of: home",
    ),
    study(
        "age that splits a class",
        "study: small",
        "study: small\nrules: {T-02: {age: 65}}",
        "study.yaml:2 rules.T-02",
        "T-02: age 65 is no lower bound of an age class",
        "use one of: 60",
    ),
    study(
        "force that is none",
        "study: small",
        "study: small\nrules: {T-01: {force: may}}",
        "study.yaml:2 rules.T-01.force",
        "'must' or 'should', not 'may'",
        "correct the value of 'force'",
    ),
    study(
        "deadline that is no day",
        "study: small",
        "study: small\nrules: {T-01: {deadline: soon}}",
        "study.yaml:2 rules.T-01.deadline",
        "not 'soon'",
        "correct the value of 'deadline'",
    ),
    study(
        "use that is neither",
        "study: small",
        "study: small\nrules: {T-01: {use: 'no'}}",
        "study.yaml:2 rules.T-01.use",
        "use must be true or false, not 'no'",
        "write `use: false`",
    ),
    # the pack
    pack("pack not YAML", "number: made 1", "number: [", "pack.yaml:5", "is not well-formed YAML", "check indentation"),
    pack("pack without a number", "number: made 1\n", "", "pack.yaml:1 number", "'number' is missing", "`number: …`"),
    pack("pack of no day", "2022-02-21", "soon", "pack.yaml:4 issued", "not 'soon'", "correct the value of 'issued'"),
    pack(
        "pack without clauses",
        FILES["pack.yaml"].split("clauses:")[1],
        " []",
        "pack.yaml:5 clauses",
        "at least 1",
        "correct",
    ),
    pack(
        "clause without a section",
        '    section: "1"\n',
        "",
        "pack.yaml:6 clauses.0.section",
        "the key 'section' is missing",
        "write `section: …`",
    ),
    pack(
        "text in one language",
        "title: {zh: 一, en: one}",
        "title: {zh: 一}",
        "pack.yaml:7 clauses.0.title.en",
        "the key 'en' is missing",
        "write `en: …`",
    ),
    pack(
        "clause ids repeat",
        "id: T-02",
        "id: T-01",
        "pack.yaml:12 clauses.1.id",
        "clause 'T-01' stands in",
        "use one of the packs",
    ),
    pack(
        "unknown kind of rule",
        "kind: coverage",
        "kind: covrage",
        "pack.yaml:10 clauses.0.kind",
        "there is no kind of rule 'covrage'",
        "did you mean 'coverage'?",
    ),
    pack(
        "parameter of the pack missing",
        ", beds: 300",
        "",
        "pack.yaml:17 clauses.1.parameters.beds",
        "the key 'beds' is missing",
        "write `beds: …`",
    ),
    pack(
        "parameter without end",
        "minutes: 15",
        "minutes: .inf",
        "pack.yaml:11 clauses.0.parameters.minutes",
        "finite number",
        "correct the value of 'minutes'",
    ),
    pack(
        "class of beds that does not exist",
        "beds: 300",
        "beds: 300, classes: [iron]",
        "pack.yaml:17 clauses.1.parameters.classes",
        "unknown class of beds ['iron']",
        "correct the value of 'classes'",
    ),
    pack(
        "kind of facility that the catalogue lacks",
        "kinds: [home], beds",
        "kinds: [hospital], beds",
        "pack.yaml:12 clauses.1",
        "T-02: the catalogue has no kind 'hospital'",
        "use one of: home",
    ),
    # services
    *(
        study(
            f"service: {name}",
            "scenarios:",
            "serving:\n  beds: {room: beds, kinds: [home], " + given + "}\nscenarios:",
            "study.yaml:12 serving.beds",
            what,
            mend,
        )
        for name, given, what, mend in (
            ("of nobody", "minutes: 9", "give either care (by demand.needs), or share", "correct"),
            ("care at home", "care: home, minutes: 9", "takes no room anywhere; write community or", "correct"),
            ("a share from nowhere", "share: 0.1, minutes: 9", "a share needs its source", "correct"),
            ("two limits", "care: institution, minutes: 9, metres: 9", "exactly one of minutes, metres and", "correct"),
            (
                "needs not stated",
                "care: institution, minutes: 9",
                "does not say who needs which care",
                "add demand.needs",
            ),
            (
                "an unknown group",
                "share: 0.1, of: rich, source: {zh: 示例, en: example}, minutes: 9",
                "there is no group 'rich'",
                "leave it out",
            ),
            ("an unknown choice", "care: institution, minutes: 9, choice: random", "not 'random'", "correct"),
        )
    ),
    study(
        "service: an unknown kind",
        "scenarios:",
        "serving:\n  beds: {room: beds, kinds: [inn], share: 0.1, source: {zh: 例, en: one}, metres: 9}\nscenarios:",
        "study.yaml:12 serving.beds.kinds",
        "the catalogue has no kind 'inn'",
        "use one of: home",
    ),
    # the catalogue
    catalogue(
        "negative cost",
        "fit_out_cost: 1000",
        "fit_out_cost: -1",
        "catalogue.yaml:9 kinds.home.modules.0.fit_out_cost",
        "greater than or equal to 0, not -1",
        "correct the value of 'fit_out_cost'",
    ),
    catalogue(
        "more beds at least than at most",
        "beds_min: 10, beds_max: 50",
        "beds_min: 50, beds_max: 10",
        "catalogue.yaml:9 kinds.home.modules.0",
        "beds_max (10) is less than beds_min (50)",
        "correct the value of 'modules.0'",
    ),
    catalogue(
        "beds without a price",
        "    bed_cost: {general: 10, nursing: 20}\n",
        "",
        "catalogue.yaml:5 kinds.home",
        "there are beds to add but no price of a bed; write `bed_cost: {general: …}`",
        "correct the value of 'home'",
    ),
    catalogue(
        "price of a class that does not exist",
        "nursing: 20",
        "iron: 20",
        "catalogue.yaml:10 kinds.home.bed_cost.iron",
        "'general', 'nursing' or 'dementia', not 'iron'",
        "correct the value of 'iron'",
    ),
    catalogue(
        "size twice",
        "fit_out_cost: 1000}",
        "fit_out_cost: 1000}\n      - {id: S, beds_min: 5, beds_max: 9, floor_area_m2: 9, fit_out_cost: 1}",
        "catalogue.yaml:5 kinds.home",
        "modules repeat the id S; give each size its own",
        "correct the value of 'home'",
    ),
    catalogue(
        "conversion to general",
        "nursing: 20}",
        "nursing: 20}\n    convert_bed_cost: {general: 1}",
        "catalogue.yaml:5 kinds.home",
        "leave `general` out",
        "correct the value of 'home'",
    ),
    catalogue("unknown tier", "tier: town", "tier: city", "catalogue.yaml:7 kinds.home.tier", "not 'city'", "correct"),
    catalogue(
        "no floor", "500", "0", "catalogue.yaml:9 kinds.home.modules.0.floor_area_m2", "greater than 0", "correct"
    ),
    catalogue(
        "no tenures",
        "  idle: {title: {zh: 闲置, en: idle}, cost_factor: 1, cost_per_m2: 0}\n",
        "",
        "catalogue.yaml:2 tenures",
        "valid dictionary",
        "correct the value of 'tenures'",
    ),
    catalogue("no basis", "basis: {zh: 示例, en: example}\n", "", "catalogue.yaml:1 basis", "is missing", "`basis: …`"),
)


def told(path: Path, **arguments: object) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config(path, **arguments)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_told_with_place_and_remedy(case: Case, tmp_path: Path) -> None:
    path = write(tmp_path)
    for stem, text in case.spoiled().items():
        (tmp_path / f"{stem}.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    messages = [message for message in told(path) if case.what in message]
    assert messages, told(path)
    message = messages[0]
    where, _, mend = message.partition(" → ")
    assert f"{tmp_path}/{case.where}" in where
    assert case.mend in mend


def test_there_are_enough_mistakes_and_each_has_its_name() -> None:
    assert len(CASES) >= 30
    assert len({case.name for case in CASES}) == len(CASES)


def test_the_unspoiled_study_is_sound(tmp_path: Path) -> None:
    config = load_config(write(tmp_path))
    assert [rule.clause.id for rule in config.rules] == ["T-01", "T-02"]
    assert [path.name for path in config.files] == ["study.yaml", "pack.yaml", "catalogue.yaml"]
    assert config.base == tmp_path


@pytest.mark.parametrize("case", [case for case in CASES if case.file == "study"], ids=lambda case: case.name)
def test_one_mistake_of_a_study_is_one_problem(case: Case, tmp_path: Path) -> None:
    path = write(tmp_path)
    for stem, text in case.spoiled().items():
        (tmp_path / f"{stem}.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert len(told(path)) == (2 if case.name == "policy twice" else 1)


def test_a_missing_study_is_told(tmp_path: Path) -> None:
    assert told(tmp_path / "none.yaml") == [
        f"{tmp_path}/none.yaml: there is no such file → check the path and its spelling"
    ]


def test_problems_of_every_file_come_together(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        study=FILES["study.yaml"].replace("0.9", "-1").replace("[2025]", "[]"),
        pack=FILES["pack.yaml"].replace("issued: 2022-02-21\n", "").replace("kind: bed_ratio", "kind: 5"),
        catalogue=FILES["catalogue.yaml"].replace("1000", "-1").replace("tier: town", "tier: city"),
    )
    where = [message.removeprefix(f"{tmp_path}/").split(": ")[0] for message in told(path)]
    assert where == [
        "catalogue.yaml:7 kinds.home.tier",
        "catalogue.yaml:9 kinds.home.modules.0.fit_out_cost",
        "pack.yaml:1 issued",
        "pack.yaml:15 clauses.1.kind",
        "study.yaml:5 walk.speed_m_per_s",
        "study.yaml:6 phases",
    ]


def test_what_files_say_of_each_other_comes_together_too(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        study=FILES["study.yaml"]
        .replace("kinds: [home]", "kinds: [hme]")
        .replace("study: small", "study: small\nrules: {T-01: {share: 2}, T-09: {share: 1}}"),
        pack=FILES["pack.yaml"].replace("kind: bed_ratio", "kind: beds"),
    )
    messages = told(path)
    assert len(messages) == 4
    for part in ("no kind 'hme'", "rules.T-01.share", "clause 'T-09'", "no kind of rule 'beds'"):
        assert sum(part in message for message in messages) == 1


def test_a_pack_that_could_not_be_read_is_not_blamed_for_its_clauses(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        study=FILES["study.yaml"]
        .replace("[pack.yaml]", "[pack.yaml, gone.yaml]")
        .replace("study: small", "study: small\nrules: {G-01: {share: 0.5}}"),
    )
    (message,) = told(path)
    assert "there is no policy pack 'gone.yaml'" in message


def test_a_mistake_of_the_pack_is_the_packs_though_the_study_changes_the_clause(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        study=FILES["study.yaml"].replace("study: small", "study: small\nrules: {T-01: {share: 0.5}}"),
        pack=FILES["pack.yaml"].replace("minutes: 15", "minutes: 0"),
    )
    (message,) = told(path)
    assert message.startswith(f"{tmp_path}/pack.yaml:11 clauses.0.parameters.minutes: ")


def test_a_spoiled_study_does_not_hide_its_changes_to_clauses(tmp_path: Path) -> None:
    text = FILES["study.yaml"].replace(WALK, "walk: {speed_m_per_s: -1}", 1) + "\nrules: {ZZ-99: {share: 0.5}}\n"
    assert "\nrules:" not in FILES["study.yaml"]
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, study=text))
    told = [f"{problem.where} {problem.what}" for problem in caught.value.problems]
    assert any("walk.speed_m_per_s" in line for line in told)
    assert any("no policy in use has a clause 'ZZ-99'" in line for line in told)
