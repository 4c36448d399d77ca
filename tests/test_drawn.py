"""Hand-drawn plans: read, matched to sites, turned into states; every line that cannot be is told with what could."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from towns import catalogue, problem, sites

from siting.drawn import changed, state_of
from siting.errors import DataError
from siting.model.drawn import DrawnLine

if TYPE_CHECKING:
    from siting.model.problem import Problem

HOME = (True, "institution", (), "", 0, (4, 0, 0))
PLOT = (False, "", ("institution", "day_care"), "idle", 0, (0, 0, 0))


def town(phases: tuple[int, ...] = (2023, 2025)) -> Problem:
    home = replace(catalogue().kinds["institution"], close_cost=5.0)
    offered = replace(catalogue(), kinds={**catalogue().kinds, "institution": home})
    return problem(
        np.full((1, len(phases)), 100), [0], [(0, 1, 10.0)], sites([HOME, PLOT]), phases=phases, offered=offered
    )


def line(site: str, **said: object) -> DrawnLine:
    blank = {
        "x_m": np.nan, "y_m": np.nan, "kind": "", "action": "", "module": "", "tenure": "", "operator": "",
        "beds": None, "total": None, "year": 0, "name": "", "where": "mine.csv:2",
    }  # fmt: skip
    return DrawnLine(site=site, **(blank | said))


def done(made: Problem, *lines: DrawnLine) -> list[list[tuple[str, str, str, list[int]]]]:
    state, o = state_of(made, lines), made.options
    return [
        [
            (made.sites.id[o.site[i]], o.kind[i], str(o.action[i]), state.beds[phase, i].tolist())
            for i in np.flatnonzero(state.open[phase])
        ]
        for phase in range(len(made.phases))
    ]


def test_what_no_line_names_stays_as_it_is() -> None:
    assert done(town((2025,))) == [[("S0", "institution", "keep", [4, 0, 0])]]


def test_beds_say_what_is_done_to_a_facility() -> None:
    made = town((2025,))
    assert done(made, line("S0", total=4))[0][0] == ("S0", "institution", "keep", [4, 0, 0])
    assert done(made, line("S0", total=6))[0][0] == ("S0", "institution", "expand", [6, 0, 0])
    assert done(made, line("S0", beds=(2, 2, 0)))[0][0] == ("S0", "institution", "convert", [2, 2, 0])
    assert done(made, line("S0", action="close"))[0][0] == ("S0", "institution", "close", [0, 0, 0])


def test_a_line_is_in_force_from_its_year_on() -> None:
    made = town()
    station = line("S1", kind="day_care", year=2024)
    assert [len(phase) for phase in done(made, station)] == [1, 2]
    grown = (
        line("S1", kind="institution", module="M", total=3, year=2023),
        line("S1", kind="institution", module="M", total=4, year=2025),
    )
    assert [phase[1][3] for phase in done(made, *grown)] == [[3, 0, 0], [4, 0, 0]]


def test_the_size_is_the_cheapest_that_holds_the_beds_unless_it_is_named() -> None:
    made = town((2025,))
    sizes = {option: made.options.module[option] for option in range(len(made.options))}
    small, named = (state_of(made, [line("S1", kind="institution", total=2, module=size)]) for size in ("", "M"))
    assert [sizes[int(i)] for i in np.flatnonzero(small.open[0])][1:] == ["S"]
    assert [sizes[int(i)] for i in np.flatnonzero(named.open[0])][1:] == ["M"]


def test_every_line_that_cannot_be_is_told_with_what_could() -> None:
    wrong = [
        line("S9", where="mine.csv:2"),
        line("S1", kind="institution", total=50, where="mine.csv:3"),
        line("S1", kind="institution", where="mine.csv:4"),
        line("S0", kind="day_care", where="mine.csv:5"),
        line("S1", kind="day_care", year=2030, where="mine.csv:6"),
    ]
    with pytest.raises(DataError) as told:
        state_of(town(), wrong)
    problems = told.value.problems
    assert [one.where for one in problems] == [f"mine.csv:{number}" for number in (2, 3, 4, 5, 6)] or {
        one.where for one in problems
    } == {f"mine.csv:{number}" for number in (2, 3, 4, 5, 6)}
    by_line = {one.where: f"{one.what} {one.mend}" for one in problems}
    assert "there is no site 'S9'" in by_line["mine.csv:2"]
    assert "with 50 beds" in by_line["mine.csv:3"]
    assert "open institution M (2–4 beds)" in by_line["mine.csv:3"]
    assert "S1 cannot be institution" in by_line["mine.csv:4"]
    assert "expand institution (5–6 beds)" in by_line["mine.csv:5"]
    assert "2030 lies after the last phase, 2025" in by_line["mine.csv:6"]


def test_what_is_built_cannot_be_taken_back() -> None:
    lines = [line("S1", kind="day_care", year=2023), line("S1", kind="institution", total=2, year=2025)]
    with pytest.raises(DataError, match="is something else in 2025"):
        state_of(town(), lines)


def test_changes_are_listed_site_by_site() -> None:
    made = town((2025,))
    drawn, mended = state_of(made, [line("S0", total=6)]), state_of(made, [line("S1", kind="day_care")])
    assert [
        (one.site, one.drawn, one.repaired, one.beds_drawn, one.beds_repaired) for one in changed(made, drawn, mended)
    ] == [
        ("S0", "institution expand", "institution keep", 6, 4),
        ("S1", "", "day_care open station", 0, 0),
    ]
