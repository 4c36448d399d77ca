"""Scenarios, sweeps, grids and draws: their names, what they change, and what is told of slips in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import small_studies
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from siting.config import groups, load_config, patches
from siting.config.what_if import Distribution, Factor, WhatIf
from siting.errors import ConfigError
from siting.sources.documents import YAML

if TYPE_CHECKING:
    from pathlib import Path

MORE = """\
sweeps:
  speed: {walk.speed_m_per_s: [0.7, 0.8, 1.1]}
  grid: {rules.T-01.share: [0.5, 0.6], phases: [[2025], [2025, 2030]]}
uncertainty:
  draws: 12
  seed: 3
  values: {walk.speed_m_per_s: {triangular: [0.7, 0.9, 1.1]}}
  persons: {normal: [1.0, 0.05]}
  costs: {uniform: [0.8, 1.5]}
  fails: {idle: 0.25}
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return small_studies.write(tmp_path, study=small_studies.STUDY + MORE)


def test_every_scenario_has_a_name_in_a_fixed_order() -> None:
    data = YAML(typ="safe", pure=True).load(small_studies.STUDY + MORE)
    names = list(patches(data))
    assert names[:2] == ["base", "slow"]
    assert names[2:5] == ["speed-0.7", "speed-0.8", "speed-1.1"]
    assert names[5:9] == ["grid-0.5-n1", "grid-0.5-n2", "grid-0.6-n1", "grid-0.6-n2"]
    assert names[9:] == [f"draw-{number:02d}" for number in range(1, 13)]
    assert patches(data)["grid-0.6-n2"] == {"rules.T-01.share": 0.6, "phases": [2025, 2030]}
    assert groups(data) == {"speed": names[2:5], "grid": names[5:9], "draw": names[9:]}


def test_a_scenario_of_a_sweep_loads_like_a_named_one(study: Path) -> None:
    assert load_config(study, scenario="speed-0.7").options.walk.speed_m_per_s == 0.7
    assert load_config(study, scenario="grid-0.6-n2").options.phases == (2025, 2030)
    assert load_config(study, scenario="base").options.walk.speed_m_per_s == 0.9


def test_draws_are_the_same_every_time_and_begin_alike(study: Path) -> None:
    speeds = [load_config(study, scenario=f"draw-{n:02d}").options.walk.speed_m_per_s for n in range(1, 13)]
    again = [load_config(study, scenario=f"draw-{n:02d}").options.walk.speed_m_per_s for n in range(1, 13)]
    assert speeds == again
    assert len(set(speeds)) == 12
    assert all(0.7 <= speed <= 1.1 for speed in speeds)
    study.write_text(study.read_text(encoding="utf-8").replace("draws: 12", "draws: 20"), encoding="utf-8")
    assert load_config(study, scenario="draw-12").options.walk.speed_m_per_s == speeds[-1]
    study.write_text(study.read_text(encoding="utf-8").replace("seed: 3", "seed: 4"), encoding="utf-8")
    assert load_config(study, scenario="draw-12").options.walk.speed_m_per_s != speeds[-1]


def test_drawn_prices_are_in_the_catalogue(study: Path) -> None:
    usual = load_config(study).catalogue.kinds["home"]
    drawn = load_config(study, scenario="draw-01").catalogue.kinds["home"]
    times = drawn.modules[0].fit_out_cost / usual.modules[0].fit_out_cost
    assert 0.8 <= times <= 1.5
    assert drawn.bed_cost["nursing"] == pytest.approx(usual.bed_cost["nursing"] * times)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"uniform": [2, 4]}, stats.uniform(2, 2)),
        ({"triangular": [1, 2, 5]}, stats.triang(0.25, 1, 4)),
        ({"normal": [10, 2]}, stats.truncnorm(-3, 3, 10, 2)),
    ],
)
def test_distributions_are_those_of_the_textbook(told: dict[str, list[float]], expected: Any) -> None:  # noqa: ANN401 - of scipy
    spread = Distribution.model_validate(told)
    for share in (0.0, 0.01, 0.3, 0.5, 0.77, 0.999):
        assert spread.at(share) == pytest.approx(expected.ppf(share), abs=1e-9)


@given(st.floats(0, 1, exclude_max=True))
def test_a_choice_is_one_of_its_values(share: float) -> None:
    assert Distribution(choice=("a", "b", "c")).at(share) == "abc"[int(share * 3)]


def test_districts_are_drawn_by_themselves() -> None:
    supposed = WhatIf.model_validate({"persons": {7: 2.0}, "draw": {"seed": "1", "persons": {"uniform": [0.9, 1.1]}}})
    both = supposed.persons_by(["7", "8"])
    alone = supposed.persons_by(["8", "9"])
    assert both is not None
    assert alone is not None
    assert both[1] == alone[0], "neither the order nor the others matter"
    assert 1.8 <= both[0] <= 2.2
    many = supposed.persons_by([str(number) for number in range(1000, 6000)])
    assert many is not None
    assert np.mean(many) == pytest.approx(1.0, abs=0.004)
    assert stats.kstest(many, stats.uniform(0.9, 0.2).cdf).pvalue > 0.001
    assert WhatIf().persons_by(["7"]) is None


def test_candidates_fall_through_as_often_as_said() -> None:
    supposed = WhatIf.model_validate({"unavailable": ["x3"], "draw": {"seed": "9", "fails": {"leased": 0.3, "*": 0}}})
    ids = [f"x{number}" for number in range(4000)]
    lost = supposed.lost(ids, ["leased", "bought"] * 2000)
    assert lost[3]
    assert lost[1::2].sum() == 1
    assert lost[::2].mean() == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize(
    ("slip", "words"),
    [
        ("sweeps: {speed: {walk.speed_m_per_s: []}}", "speed"),
        ("uncertainty: {draws: 0}", "draws"),
        ("uncertainty: {draws: 2, values: {walk.speed_m_per_s: {normal: [1, 1], uniform: [0, 1]}}}", "exactly one"),
        ("uncertainty: {draws: 2, persons: {uniform: [2, 1]}}", "out of order"),
        ("uncertainty: {draws: 2, costs: {normal: [1, 0.4]}}", "keep it above 0"),
        ("uncertainty: {draws: 2, fails: {lent: 0.1}}", "'lent'"),
        ("uncertainty: {draws: 2, fails: 2}", "fails"),
        ("what_if: {costs: {hose: 2}}", "'hose'"),
        ("what_if: {persons: -1}", "persons"),
        ("what_if: {unavailabel: [x]}", "did you mean 'unavailable'"),
    ],
)
def test_slips_are_told_with_their_line(tmp_path: Path, slip: str, words: str) -> None:
    path = small_studies.write(tmp_path, study=small_studies.STUDY + slip + "\n")
    with pytest.raises(ConfigError) as told:
        load_config(path)
    line = small_studies.STUDY.count("\n") + 1
    assert any(words in str(problem) and f":{line} " in problem.where for problem in told.value.problems), told.value


def test_a_change_that_breaks_the_study_is_told_under_its_scenario(tmp_path: Path) -> None:
    path = small_studies.write(tmp_path, study=small_studies.STUDY + "sweeps: {speed: {walk.speed_m_per_s: [9]}}\n")
    load_config(path)
    with pytest.raises(ConfigError, match="speed_m_per_s"):
        load_config(path, scenario="speed-9")
    with pytest.raises(ConfigError, match="did you mean 'speed-9'"):
        load_config(path, scenario="speed-8")
    assert isinstance(Factor(uniform=(1, 2)).at(0.5), float)
