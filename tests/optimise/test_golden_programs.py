"""One tiny town per kind of rule: its whole program, row by row, as reviewed text.

To write the texts anew after a change that is meant: ``SITING_GOLDEN=write pytest tests/optimise`` and read the diff.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from lp_text import to_text
from made_rules import Budget, LargeHaveUnit, MoreThan, NoneSmall, StaffFollowsBeds
from towns import catalogue, problem, rule, sites

from siting.model.catalogue import Module
from siting.optimise.build import build
from siting.optimise.layout import Asked
from siting.optimise.question import grandfathered
from siting.rules import KINDS

if TYPE_CHECKING:
    from siting.model.problem import Problem
    from siting.rules import Rule

FOLDER = Path(__file__).parent / "golden"
STATION = (True, "day_care", (), "", 0, (0, 0, 0))
HOME = (True, "institution", (), "", 0, (2, 0, 0))
PLOT = (False, "", ("day_care",), "idle", 0, (0, 0, 0))
MIXED = (False, "", ("institution", "day_care"), "bought", 1, (0, 0, 0))


def coverage() -> tuple[Problem, list[Rule]]:
    """A station that stays (zone 0 for certain), two plots that cover zones 1 and 2 alike and zone 3 apart."""
    town = problem(
        np.array([100, 10, 20, 40, 5]),
        [0, 0, 0, 0, 0],
        [(0, 0, 500.0), (0, 1, 10.0), (1, 1, 100.0), (2, 1, 500.0), (3, 1, 500.001), (3, 2, 300.0)],
        sites([STATION, PLOT, PLOT]),
    )
    return town, [rule("coverage", kinds=["day_care"], metres=500, share=0.8)]


def bed_ratio() -> tuple[Problem, list[Rule]]:
    """A home of two general beds that can grow or convert, in one district; a plot in the other."""
    town = problem(np.array([100, 50]), [0, 1], [], sites([HOME, MIXED]))
    return town, [rule("bed_ratio", kinds=["institution"], beds=300, classes=["nursing"], per="district")]


def bed_share() -> tuple[Problem, list[Rule]]:
    """The same home alone, over two phases; the clause is asked in the second."""
    town = problem(np.array([[100, 100]]), [0], [], sites([HOME]), phases=(2023, 2025))
    return town, [rule("bed_share", deadline=2025, kinds=["institution"], classes=["nursing"], share=0.65)]


def presence() -> tuple[Problem, list[Rule]]:
    """A home or a station in the whole area twice, a station in each district."""
    town = problem(np.array([100, 50]), [0, 1], [], sites([PLOT, MIXED]))
    counts = [{"kinds": ["institution", "day_care"], "at_least": 2, "per": "area"}, {"kinds": ["day_care"]}]
    return town, [rule("presence", require=counts)]


def communities() -> tuple[Problem, list[Rule]]:
    """Three seats: one for certain, one near a plot, one that a plot of each district could serve."""
    town = problem(
        np.array([100]),
        [0],
        [(1, 0, 500.0), (2, 1, 500.0), (3, 1, 300.0), (3, 2, 400.0), (0, 1, 100.0)],
        sites([STATION, PLOT, PLOT]),
        communities=[0, 0, 0],
    )
    return town, [rule("communities", kinds=["day_care"], metres=500, share=0.9)]


def counts() -> tuple[Problem, list[Rule]]:
    """Two steps of stations in 2023 and 2025, and four new beds by 2025, of which a home of two may grow by two."""
    town = problem(np.array([[100, 100]]), [0], [], sites([HOME, PLOT, MIXED]), phases=(2023, 2025))
    steps = [
        {"kinds": ["day_care"], "by": {2023: 1, 2025: 2}},
        {"kinds": ["institution"], "by": {2025: 4}, "of": "new_beds", "since": 2021},
    ]
    return town, [rule("counts", deadline=2023, require=steps)]


def size_floor() -> tuple[Problem, list[Rule]]:
    """A home of 120 m² that stands, and a plot that takes homes of 100 and of 200 m²; 150 m² are asked for."""
    places = sites([HOME, (*PLOT[:2], ("institution",), *PLOT[3:])], floor_area_m2=[120.0, np.nan])
    return problem(np.array([100]), [0], [], places), [rule("size_floor", kinds=["institution"], least_m2=150)]


def each_has() -> tuple[Problem, list[Rule]]:
    """A home of two that may grow to four: from three beds on it needs two nursing beds."""
    unit = {"bed_class": "nursing", "beds": 2}
    return problem(np.array([100]), [0], [], sites([HOME])), [
        rule("each_has", kinds=["institution"], beds=3, unit=unit)
    ]


def staffing() -> tuple[Problem, list[Rule]]:
    """One social worker for every three beds, one for every station; one is there today."""
    places = replace(sites([HOME, PLOT]), attributes={"social_workers": (1.0, None)})
    needs = [{"kinds": ["institution"], "beds": 3}, {"kinds": ["day_care"]}]
    return problem(np.array([100]), [0], [], places), [
        rule("staffing", role="social_worker", today="social_workers", one_for=needs)
    ]


def stated() -> tuple[Problem, list[Rule]]:
    """A number that no plan decides: seven are declared, nine are asked for."""
    town = problem(np.array([100]), [0], [], sites([PLOT]), facts={"users": 7})
    return town, [rule("stated", number="users", at_least=9)]


TOWNS = {
    "coverage": coverage,
    "bed_ratio": bed_ratio,
    "bed_share": bed_share,
    "presence": presence,
    "communities": communities,
    "counts": counts,
    "size_floor": size_floor,
    "each_has": each_has,
    "staffing": staffing,
    "stated": stated,
}


def blocks() -> tuple[Problem, list[Rule]]:
    """A home that can grow or close, and a plot: large ones have a unit, money is short, staff follow beds."""
    home = replace(catalogue().kinds["institution"], modules=(Module("M", 2, 4, 200, 70.0),), close_cost=7.0)
    offered = replace(catalogue(), kinds={**catalogue().kinds, "institution": home})
    homes = {"kinds": ["institution"]}
    rules = [
        LargeHaveUnit.of("L", beds=4, bed_class="nursing", unit_beds=2, per="site", **homes),
        Budget.of("U", most=90, **homes),
        StaffFollowsBeds.of("W", per_beds=3, today=1, **homes),
        MoreThan.of("N", share=0.5, **homes),
        NoneSmall.of("Z", beds=3, **homes),
    ]
    places = sites([HOME, (*PLOT[:2], ("institution",), *PLOT[3:])], operator=("public", "non_state"))
    return problem(np.array([100]), [0], [], places, offered=offered), rules


@pytest.mark.parametrize("kind", sorted(TOWNS))
def test_the_program_of_a_kind_is_the_reviewed_one(kind: str) -> None:
    town, rules = TOWNS[kind]()
    asked = [
        grandfathered(Asked(item.clause.id, phase, item.rows(town, phase).only_due()), town)
        for phase, year in enumerate(town.phases)
        for item in rules
        if (item.clause.deadline_year or 0) <= year
    ]
    program, _ = build(town, asked, range(len(town.phases)))
    reviewed(to_text(program), FOLDER / f"{kind}.lp")
    assert {item.clause.kind for item in rules} == {kind}


def test_the_program_of_every_block_is_the_reviewed_one() -> None:
    town, rules = blocks()
    program, _ = build(town, [Asked(item.clause.id, 0, item.rows(town, 0)) for item in rules], [0])
    reviewed(to_text(program), FOLDER / "blocks" / "blocks.lp")


def reviewed(text: str, path: Path) -> None:
    """Compare with the file, or write it when asked to."""
    if os.environ.get("SITING_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_no_kind_lacks_its_program() -> None:
    assert set(TOWNS) == set(KINDS) == {path.stem for path in FOLDER.glob("*.lp")}
