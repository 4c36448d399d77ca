"""A robust plan of the demo county is better in its worst case than the nominal one, by audits of the test's own.

Plans are read from the tables of the comparison, carried out on each scenario's problem here, and measured by the audit
that every run uses; nothing that the comparison has added up is believed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from siting.config import load_config
from siting.groundwork import prepare
from siting.model.problem import State
from siting.rules import audit
from siting.scenarios.compare import Asked, compared
from siting.scenarios.crew import Hands
from siting.scenarios.reading import comparison
from siting.sources import shipped

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from siting.model.problem import Problem
    from siting.present.compared import Comparison
    from siting.scenarios.compare import Compared

SCENARIOS = ("slow_walkers", "share-0.92")
CLOSE = ("solver.gap=0.03",)
"""Near enough to the bound for plans that differ, in a tenth of the time."""


@pytest.fixture(scope="module")
def study() -> Path:
    return shipped("configs/studies/demo.yaml")


@pytest.fixture(scope="module")
def found(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Compared:
    home = tmp_path_factory.mktemp("robust")
    asked = Asked(study, home / "out", scenarios=SCENARIOS, changes=CLOSE, cache=home / "cache")
    return compared(asked, Hands(workers=1), lambda *_: None)


@pytest.fixture(scope="module")
def read(found: Compared) -> Comparison:
    return comparison(found)


@pytest.fixture(scope="module")
def short(study: Path, found: Compared) -> pd.DataFrame:
    """Persons short of binding clauses in the last phase: plans down, scenarios across."""
    table = pd.DataFrame(index=["base", *SCENARIOS], columns=["base", *SCENARIOS], dtype=float)
    for scenario in table.columns:
        config = load_config(study, scenario=scenario)
        problem = prepare(config).problem
        binding = {rule.clause.id for rule in config.rules if rule.clause.force == "must" and rule.clause.enforced}
        for plan in table.index:
            state = carried_out(problem, found.scenarios[plan])
            told = audit(config.rules, problem, state, problem.existing_state()).findings
            last = [one for one in told if one.clause in binding and one.phase == problem.phases[-1]]
            table.loc[plan, scenario] = sum(one.persons_short for one in last if one.status == "short")
    return table


def carried_out(problem: Problem, told: Mapping[str, Any]) -> State:
    """Put the end of a plan, as ``plan.csv`` and ``run.json`` tell it, into every phase of a problem."""
    words = dict.fromkeys(("site", "action", "kind", "module"), str)
    plan = pd.read_csv(told["folder"] / "plan.csv", encoding="utf-8-sig", dtype=words, keep_default_na=False)
    options = problem.options
    number = {
        (problem.sites.id[site], str(action), kind, module): option
        for option, (site, action, kind, module) in enumerate(
            zip(options.site.tolist(), options.action, options.kind, options.module, strict=True)
        )
    }
    chosen = [number[row.site, row.action, row.kind, row.module] for row in plan.itertuples()]
    is_open, beds = np.zeros(len(options), np.bool_), np.zeros(options.beds_max.shape, np.int64)
    is_open[chosen] = True
    beds[chosen] = plan[["general_after", "nursing_after", "dementia_after"]].to_numpy()
    phases = len(problem.phases)
    hired = {one["role"]: (one["persons"],) * phases for one in told["run"]["totals"]["hired"]}
    return State(np.tile(is_open, (phases, 1)), np.tile(beds, (phases, 1, 1)), hired)


def test_the_comparison_says_of_every_pair_what_an_audit_says(read: Comparison, short: pd.DataFrame) -> None:
    told = read.worth.pivot_table(index="plan", columns="scenario", values="persons_short")
    np.testing.assert_allclose(told.loc[short.index, short.columns], short, atol=1e-5)


def test_each_plan_meets_what_its_own_scenario_asks(short: pd.DataFrame) -> None:
    assert np.diag(short).tolist() == [0.0, 0.0, 0.0]


def test_the_robust_plan_is_better_in_its_worst_case(read: Comparison, short: pd.DataFrame) -> None:
    robust = read.summary["best_in_worst"]
    assert robust != "base"
    worst = short.max(axis="columns")
    assert worst[robust] == worst.min()
    assert worst[robust] < worst["base"]
    table = read.robust.set_index("plan")
    assert table.loc[robust, "price_of_robustness"] > 0, "what holds in more scenarios costs more"
    assert table.loc[robust, "worst_persons_short"] == pytest.approx(worst[robust])
