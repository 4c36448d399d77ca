"""Who goes where in the small town: persons are kept, rooms are the plan's, and the papers say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from town_files import SERVING, TOTAL, write_town

from siting import load_config, run
from siting.present.collect import collect
from siting.present.report import report_blocks
from siting.present.results import Results

if TYPE_CHECKING:
    import pandas as pd

    from siting.model.plan import Study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    path = write_town(tmp_path_factory.mktemp("town"))
    path.write_text(path.read_text(encoding="utf-8") + SERVING, encoding="utf-8")
    return run(load_config(path), draw=False)


@pytest.fixture(scope="module")
def results(study: Study) -> Results:
    return collect(study)


def whole(results: Results, service: str, moment: str, choice: str) -> pd.Series:
    told = results.serving
    assert told is not None
    here = told[(told["service"] == service) & (told["moment"] == moment) & (told["choice"] == choice)]
    (line,) = here[(here["district"] == "") & (here["phase"] == 2025)].to_dict("records")
    return line


def test_today_twenty_beds_serve_twenty_of_those_in_need(results: Results) -> None:
    """Three in a hundred need a bed; everybody can be driven to the one home of 20 beds in five minutes."""
    for choice in ("nearest", "preference", "optimal"):
        line = whole(results, "beds", "before", choice)
        assert line["need"] == pytest.approx(0.03 * TOTAL, abs=0.01)
        assert line["within_reach"] == pytest.approx(line["need"])
        assert line["served"] == pytest.approx(20)
        assert line["waiting"] == pytest.approx(0.03 * TOTAL - 20, abs=0.01)


def test_the_centre_takes_five_for_each_place(results: Results) -> None:
    """Thirty day places, and each person comes one day in five: room for 150, more than live within 600 m in need."""
    line = whole(results, "day", "before", "nearest")
    there = results.occupancy
    assert there is not None
    (centre,) = there[(there["service"] == "day") & (there["phase"] == 2025) & (there["moment"] == "before")].to_dict(
        "records"
    )
    assert centre["room"] == 30
    assert line["served"] == pytest.approx(min(150, centre["catchment"]))
    assert centre["occupancy_nearest"] == pytest.approx(line["served"] * 0.2 / 30)
    assert centre["exclusive"] == pytest.approx(centre["catchment"])  # there is no other


def test_the_plan_has_room_for_at_least_as_many(results: Results) -> None:
    for service in ("beds", "day"):
        before, after = (whole(results, service, moment, "optimal") for moment in ("before", "after"))
        assert after["served"] >= before["served"] - 1e-6


def test_rooms_are_the_beds_of_the_plan(study: Study, results: Results) -> None:
    there = results.occupancy
    assert there is not None
    end = there[(there["service"] == "beds") & (there["phase"] == 2025) & (there["moment"] == "after")]
    assert study.plan is not None
    assert study.plan.state is not None
    homes = study.problem.options.of_kinds(frozenset({"institution"}))
    assert end["room"].sum() == study.plan.state.beds[-1][homes].sum()


def test_the_folder_gives_back_what_was_written(results: Results, tmp_path: object) -> None:
    results.write(tmp_path)
    again = Results.read(tmp_path)
    for name in ("serving", "occupancy"):
        wrote, read = getattr(results, name), getattr(again, name)
        assert list(read.columns) == list(wrote.columns)
        for column in wrote.columns:
            if wrote[column].dtype.kind == "f":
                np.testing.assert_allclose(read[column], wrote[column], equal_nan=True)
            else:
                assert list(read[column]) == list(wrote[column])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_report_says_who_is_served_and_who_waits(results: Results, language: str) -> None:
    blocks = report_blocks(results, language)
    said = {"zh": "供需匹配与轮候", "en": "Needs and room"}[language]
    assert any(getattr(block, "text", "") == said for block in blocks)
    captions = [getattr(block, "caption", "") for block in blocks]
    assert sum(("轮候" in caption or "waiting" in caption) for caption in captions) >= 2
