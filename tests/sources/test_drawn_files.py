"""Hand-drawn plans as files: by site, by place, a run folder's own plan; what is wrong is told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from town_files import place, write_town

from siting import load_config, run
from siting.errors import DataError
from siting.groundwork import prepare
from siting.present.collect import collect

if TYPE_CHECKING:
    from pathlib import Path

    from siting.config import Config
    from siting.model.plan import Study


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return load_config(write_town(tmp_path_factory.mktemp("town")))


def write(folder: Path, *lines: str) -> Path:
    path = folder / "mine.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def judged(config: Config, path: Path) -> Study:
    return run(config, plan=False, draw=False, drawn=path)


def done(study: Study) -> list[set[tuple[str, str, str, int]]]:
    """What a plan does in each phase, beside keeping: site, kind, action, beds."""
    problem, state = study.problem, study.plan.state
    o = problem.options
    return [
        {
            (problem.sites.id[o.site[i]], o.kind[i], str(o.action[i]), int(state.beds[phase, i].sum()))
            for i in np.flatnonzero(state.open[phase])
            if o.action[i] != "keep"
        }
        for phase in range(len(problem.phases))
    ]


def missed(study: Study) -> set[str]:
    """Binding clauses that are short."""
    binding = {rule.clause.id for rule in study.config.rules if rule.clause.enforced and rule.clause.force == "must"}
    return {finding.clause for finding in study.after.short()} & binding


def test_sites_and_places_are_found(config: Config, tmp_path: Path) -> None:
    """A facility by its id, a premise by where it lies, and a new place."""
    (x, y), (far_x, far_y) = place(1.1, 1.2), place(0.5, 0.4)
    path = write(
        tmp_path,
        "site,lon,lat,kind,beds,module,tenure,operator,year,name",
        "F1,,,institution,30,,,,2023,",
        f",{x},{y},day_care,,station,,,2023,",
        f",{far_x},{far_y},day_care,,station,leased,public,2025,新站",
    )
    study = judged(config, path)
    early = {("F1", "institution", "expand", 30), ("S1", "day_care", "open", 0)}
    assert done(study) == [early, early | {("P001", "day_care", "open", 0)}]
    new = study.problem.sites.id.index("P001")
    assert (study.problem.sites.name[new], study.problem.sites.tenure[new]) == ("新站", "leased")
    told = collect(study).run["drawn"]
    assert told["file"] == "mine.csv"
    assert told["cost"] == pytest.approx(study.problem.cost(study.plan.state)[-1])
    assert sum(told["cost_by_phase"]) == pytest.approx(told["cost"])
    assert {line["clause"] for line in told["short"]} >= {"HN-01", "HN-03", "PY-01"}
    assert told["repair"] is None


def test_words_of_plans_are_understood(config: Config, tmp_path: Path) -> None:
    path = write(
        tmp_path, "设施点,类型,规划措施,护理型床位数,普通床位数,认知障碍床位数,实施年份", "F1,养老机构,改造,12,8,0,2025"
    )
    assert done(judged(config, path)) == [set(), {("F1", "institution", "convert", 20)}]


def test_the_plan_of_a_run_folder_is_a_drawing(config: Config, tmp_path: Path) -> None:
    study = run(config, draw=False)
    collect(study).write(tmp_path)
    again = judged(config, tmp_path / "plan.csv")
    assert done(again)[-1] == done(study)[-1]
    assert not missed(again)
    assert again.problem.capital(again.plan.state)[-1] == pytest.approx(study.problem.capital(study.plan.state)[-1])


def test_every_cell_that_cannot_be_read_is_told(config: Config, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "site,lon,lat,kind,beds,action,year",
        "S1,,,castle,,,2023",
        "S2,,,institution,thirty,,2023",
        "S3,,,day_care,,explode,2023",
        "S5,,,day_care,,,soon",
        ",,,day_care,,,2023",
    )
    with pytest.raises(DataError) as told:
        prepare(config, drawn=path)
    text = "\n".join(f"{one.where} {one.what} {one.mend}" for one in told.value.problems)
    for number, word in ((2, "castle"), (3, "thirty"), (4, "explode"), (5, "soon"), (6, "lon")):
        assert any(f"mine.csv:{number}" in line and word in line for line in text.splitlines()), (number, text)


def test_a_line_without_site_or_place_is_told(config: Config, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="names neither a site nor a place"):
        prepare(config, drawn=write(tmp_path, "site,kind,year", ",day_care,2023", "S1,day_care,2023"))


def test_every_line_that_no_site_can_be_is_told_before_anything_is_planned(config: Config, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "site,kind,beds,module,year",
        "S99,day_care,,,2023",
        "S7,town_centre,,,2023",
        "S1,institution,5000,,2023",
        "S8,day_care,,palace,2023",
        "S5,day_care,,,2031",
    )
    stages: list[str] = []
    with pytest.raises(DataError) as told:
        run(config, lambda stage, _: stages.append(stage), draw=False, drawn=path)
    by_line = {one.where: f"{one.what}; {one.mend}" for one in told.value.problems}
    assert sorted(by_line) == [f"mine.csv:{number}" for number in range(2, 7)]
    for number, words in ((2, "S99"), (3, "town_centre"), (4, "5000"), (5, "palace"), (6, "2031")):
        assert words in by_line[f"mine.csv:{number}"]
    assert "audit" in stages
    assert "plan" not in stages


def test_a_new_place_says_what_is_opened_and_how_it_is_had(config: Config, tmp_path: Path) -> None:
    x, y = place(0.5, 0.4)
    path = write(tmp_path, "lon,lat,kind,tenure,year", f"{x},{y},,leased,2023", f"{x},{y},day_care,,2023")
    with pytest.raises(DataError) as told:
        prepare(config, drawn=path)
    assert {one.where for one in told.value.problems} == {"mine.csv:2", "mine.csv:3"}


def test_a_mended_plan_has_prices_of_the_one_searched_for_and_no_reasons_of_its_sites(tmp_path: Path) -> None:
    asked = write_town(tmp_path)
    asked.write_text(asked.read_text(encoding="utf-8") + "reasons: {time_limit_s: 20}\n", encoding="utf-8")
    study = run(load_config(asked), draw=False, drawn=write(tmp_path, "site,kind,year", "S8,day_care,2023"))
    assert study.reasons is not None
    assert study.reasons.sites == ()
    assert study.drawn is not None
    assert study.drawn.optimum is not None
    best = sum(study.drawn.optimum.cost_by_phase)
    assert all(0 <= price.at_least <= price.at_most <= best + 1e-6 for price in study.reasons.clauses)
    assert all(other.cost <= best * 1.01 + 1e-6 for other in study.reasons.alternatives)
    assert [one.severity for one in study.warnings if "no reasons" in one.en] == ["note"]
    results = collect(study)
    assert results.run["drawn"]["repair"]["changes"] >= results.run["drawn"]["repair"]["at_least"] > 0
    assert not missed(study)
