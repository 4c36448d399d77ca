"""Reasons, prices, alternatives and the curve of a town that is really planned: its tables and its chapters."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from office import figure, step
from town_files import write_town

from siting import load_config, run
from siting.present.blocks import Note, Paragraph, Table
from siting.present.chapters import costs, drawn, reasons
from siting.present.collect import collect
from siting.present.results import Results
from siting.present.teller import Teller

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.plan import Study
    from siting.model.text import Language

ASKED = """\
reasons: {alternatives: 2, within: 0.2, time_limit_s: 60}
curve: {of: PY-01, points: 3, time_limit_s: 30}
money: {discount_rate: 0.05, until: 2035}
"""
WAN = 10_000


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    path = write_town(tmp_path_factory.mktemp("asked"))
    path.write_text(path.read_text(encoding="utf-8") + ASKED, encoding="utf-8")
    return run(load_config(path), draw=False)


@pytest.fixture(scope="module")
def folder(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("run")
    collect(study).write(written)
    return written


@pytest.fixture(scope="module")
def town(folder: Path) -> Results:
    """The run as its folder tells it."""
    return Results.read(folder)


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", encoding="utf-8-sig", keep_default_na=False)


def test_every_site_that_the_plan_changes_has_its_reason(folder: Path, study: Study) -> None:
    told, plan = table(folder, "reasons"), table(folder, "plan")
    assert sorted(told["site"]) == sorted(plan.loc[plan["action"] != "keep", "site"])
    names = dict(zip(study.problem.sites.id, study.problem.sites.name, strict=True))
    coverage = {line.clause for line in study.before.ledger}
    for one in told.itertuples():
        assert one.name == (names[one.site] or one.site)
        lost = dict(part.split("=") for part in one.persons_lost.split(";") if part)
        assert set(lost) <= coverage
        assert all(float(persons) >= 0 for persons in lost.values())
        instead = [site for site in one.instead.split(";") if site]
        assert [name for name in one.instead_names.split(";") if name] == [names[site] or site for site in instead]
        assert (one.without == "found") == (one.price != "")
    assert {"found", "impossible"} >= set(told["without"])
    assert (told["instead"] != "").any()
    assert (told["clauses"] != "").any()


def test_prices_stand_between_their_bounds(folder: Path, study: Study) -> None:
    told = table(folder, "prices")
    assert len(told) >= 3
    assert set(told["clause"]) <= {rule.clause.id for rule in study.config.rules}
    assert (told["at_least"] >= 0).all()
    assert (told["at_least"] <= told["at_most"]).all()
    assert (told["saved"] <= told["at_most"] + 1e-6).all()
    assert told["at_most"].max() > 0


def test_alternatives_are_within_their_price_and_really_others(folder: Path, study: Study) -> None:
    told, cost = table(folder, "alternatives"), sum(study.plan.cost_by_phase)
    assert set(told["number"]) <= {1, 2}
    assert (told["cost"] <= 1.2 * cost + 1e-6).all()
    assert set(told["change"]) == {"dropped", "added"}
    planned = set(table(folder, "plan").query("action != 'keep'")["site"])
    assert set(told.loc[told["change"] == "dropped", "site"]) <= planned
    for _, lines in told.groupby("number"):  # a site on both sides is put to other use
        dropped, added = (set(lines.loc[lines["change"] == change, "site"]) for change in ("dropped", "added"))
        assert (dropped & planned) - added or (added - planned)
        assert added & planned <= dropped
    assert (told["name"] != "").all()


def test_the_curve_rises_and_is_bounded(folder: Path) -> None:
    told = table(folder, "curve")
    assert told["clause"].tolist() == ["PY-01"] * 3
    assert told["persons"].is_monotonic_increasing
    assert told["cost"].is_monotonic_increasing
    assert (told["bound"] <= told["cost"] + 1e-6).all()
    assert (told["persons"] >= told["asked"] - 1e-3).all()
    assert told["share"].iloc[-1] == pytest.approx(1.0)


def printed(town: Results, language: Language) -> tuple[dict[str, Table], str]:
    """Tables by caption of the chapters on reasons and costs, and all their words."""
    blocks = [*reasons.chapter(Teller(town, language)), *costs.chapter(Teller(town, language))]
    tables = {block.caption: block for block in blocks if isinstance(block, Table)}
    words = [cell.text for one in tables.values() for cell in itertools.chain.from_iterable(one.rows)]
    words += [column.title for one in tables.values() for column in one.columns] + list(tables)
    return tables, "\n".join([*words, *(block.text for block in blocks if isinstance(block, (Note, Paragraph)))])


@pytest.mark.parametrize(
    ("language", "captions"),
    [
        (
            "zh",
            (
                "每处设施的作用与替代",
                "去掉单项条款可节省的投资",
                "与本方案差别最大的备选方案",
                "投资与覆盖的权衡曲线",
                "年运营费用",
            ),
        ),
        (
            "en",
            (
                "What every site is for, and what would replace it",
                "What the plan would save without a clause",
                "Alternatives that differ most from the plan",
                "Cost against coverage, point by point",
                "Running costs",
            ),
        ),
    ],
)
def test_the_chapters_print_the_tables_in_words(
    town: Results, study: Study, language: Language, captions: tuple[str, ...]
) -> None:
    tables, words = printed(town, language)
    why, prices, others, curve, running = (tables[caption] for caption in captions)
    assert len(why.rows) == len(town.reasons)
    for row, one in zip(why.rows, town.reasons.itertuples(), strict=True):
        assert row[0].text == one.name
        if one.without == "found":
            assert abs(figure(row[5].text) * WAN - one.price) <= step(row[5].text) * WAN
    ranked = town.prices.sort_values(["at_most", "clause"], ascending=[False, True])
    assert [row[0].text for row in prices.rows] == ranked["clause"].tolist()
    assert len(others.rows) == town.alternatives["number"].nunique()
    assert [figure(row[2].text) * WAN for row in curve.rows] == pytest.approx(town.curve["cost"].tolist(), abs=100)
    yearly = [town.run["totals"]["running_before"], *town.run["totals"]["running_by_phase"]]
    assert [figure(row[1].text) * WAN for row in running.rows] == pytest.approx(yearly, abs=100)
    named = {site for site, name in zip(study.problem.sites.id, study.problem.sites.name, strict=True) if name != site}
    shown = {
        part for cell in itertools.chain(*why.rows, *others.rows) for part in cell.text.replace("、", ", ").split(", ")
    }
    assert not shown & named
    for site in study.problem.sites.id:
        words = words.replace(site, "")  # generated candidates bear no name but their id
    other = "irreplaceable" if language == "zh" else "不可替代"
    for wrong in ("nan", "None", "idle_state", "day_care", "town_centre", "convert\n", "impossible", other):
        assert wrong not in words, wrong


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_present_value_is_told_with_what_it_rests_on(town: Results, study: Study, language: Language) -> None:
    """5 % a year from 2023 on: capital when it is spent, running costs of 2023–24 by the first phase, then to 2035."""
    _, words = printed(town, language)
    plan, problem = study.plan, study.problem
    worth = {year: 1.05 ** (2023 - year) for year in range(2023, 2036)}
    spent, yearly = problem.capital(plan.state), problem.running(plan.state)
    capital = spent[0] * worth[2023] + (spent[1] - spent[0]) * worth[2025]
    runs = yearly[0] * (worth[2023] + worth[2024]) + yearly[1] * sum(worth[year] for year in range(2025, 2036))
    assert town.run["totals"]["present_value"] == pytest.approx(capital + runs)
    assert f"{(capital + runs) / WAN:,.2f}" in words
    assert all(told in words for told in ("5.00%", "2023", "2035"))


def test_a_drawn_plan_is_told_by_the_names_of_its_sites(tmp_path: Path) -> None:
    """The home grows by ten beds, and a station opens; what is lacking and the fewest changes are printed."""
    path = write_town(tmp_path)
    mine = tmp_path / "mine.csv"
    mine.write_text("site,kind,beds,year\nF1,institution,30,2023\nS8,day_care,,2025\n", encoding="utf-8")
    softer = load_config(path, changes=["rules.HN-04.force=should"])
    results = collect(run(softer, draw=False, drawn=mine))
    told = results.run["drawn"]
    clauses = {clause["id"]: clause for clause in results.run["clauses"]}
    kept = [clauses[lack["clause"]] for lack in told["short"]]
    held = sum((clause["force"], clause["role"]) == ("must", "opt") for clause in kept)
    assert 0 < held < len(kept)
    for language, captions in (
        ("zh", ("手工方案的缺口", "最少改动清单")),
        ("en", ("What the hand-drawn plan is short of", "The fewest changes")),
    ):
        blocks = drawn.chapter(Teller(results, language))
        tables = {block.caption: block for block in blocks if isinstance(block, Table)}
        short, changes = (tables[caption].rows for caption in captions)
        assert len(short) == held
        (compared,) = [block.text for block in blocks if isinstance(block, Paragraph)]
        assert {"zh": f"必须满足的条款{held}项", "en": f"{held} times of clauses that a plan must meet"}[
            language
        ] in compared
        (others,) = [block.text for block in blocks if isinstance(block, Note)]
        assert "HN-04" in others
        assert len(kept) - held == sum(map(int, re.findall(r"[)）] ?(\d+)", others)))
        assert [row[0].text for row in changes] == [change["name"] for change in told["changes"]]
        assert {"旧小学", "旧粮站"} <= {row[0].text for row in changes}
        texts = [cell.text for row in (*short, *changes) for cell in row]
        texts += [block.text for block in blocks if isinstance(block, Paragraph)]
        assert [text for text in texts if "None" in text or "nan" in text or text in {"F1", "S1", "S2"}] == []


def test_no_present_value_is_told_where_nothing_is_discounted(town: Results) -> None:
    plain = {"discount_rate": 0.0, "base_year": 2023, "until": 2025}
    town = Results(**{name: getattr(town, name) for name in Results.__slots__}
                   | {"run": {**town.run, "totals": {**town.run["totals"], "money": plain}}})  # fmt: skip
    _, words = printed(town, "en")
    assert "discounted" not in words
    assert "Running costs" in words
