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
from towns import SAME, catalogue, problem, rule, sites

from siting.model.catalogue import Conversion, Module
from siting.model.groups import Group
from siting.model.premises import Handover, Premises
from siting.optimise.build import build
from siting.optimise.layout import Asked
from siting.optimise.question import grandfathered
from siting.rules import KINDS

if TYPE_CHECKING:
    from siting.model.catalogue import Catalogue
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


CLINIC = (True, "clinic", (), "", 0, (0, 0, 0))


def offered() -> Catalogue:
    """The catalogue of towns; homes may close or become stations, stations cook; kitchens, and clinics that stay."""
    known = catalogue()
    home = replace(
        known.kinds["institution"],
        modules=(Module("M", 2, 4, 200, 70.0),),
        close_cost=7.0,
        convert_to=(Conversion("day_care", "station", 5.0),),
    )
    station = replace(known.kinds["day_care"], meals_per_day=30.0, modules=(
        Module("station", 0, 0, 20, 10.0, meals_per_day=30.0),
    ))  # fmt: skip
    kitchen = replace(station, id="kitchen", modules=(Module("kitchen", 0, 0, 20, 90.0, meals_per_day=200.0),))
    clinic = replace(station, id="clinic", modules=(), meals_per_day=0.0)
    kinds = {"institution": home, "day_care": station, "kitchen": kitchen, "clinic": clinic}
    return replace(known, kinds=kinds)


def hierarchy() -> tuple[Problem, list[Rule]]:
    """A home in each district, a station (or a plot of one) under it, and one within 400 m of the only community."""
    places = sites([STATION, PLOT, (*PLOT[:2], ("institution",), *PLOT[3:]), MIXED])
    town = problem(np.array([100, 50]), [0, 1], [(2, 1, 400.0), (2, 3, 401.0)], places, communities=[0])
    levels = [
        {"kinds": ["institution"], "per": "district", "at_least": 1},
        {"kinds": ["day_care"], "per": "community", "walk_metres": 400, "at_least": 1},
    ]
    return town, [rule("hierarchy", levels=levels)]


def pairing() -> tuple[Problem, list[Rule]]:
    """A station that no clinic is near, one plot that has one, one that has not; half of them are to be paired."""
    ways = {"walk": [(1, 3, 500.0), (2, 3, 500.1)]}
    town = problem(np.array([100]), [0], [], sites([STATION, PLOT, PLOT, CLINIC]), offered=offered(), between=ways)
    given = {"partners": {"kinds": ["clinic"]}, "metres": 500, "of": "share", "by": {2025: 0.5}}
    return town, [rule("pairing", kinds=["day_care"], **given)]


def meals() -> tuple[Problem, list[Rule]]:
    """A station of thirty meals, a plot for another, and one for a kitchen of two hundred; 40 for every hundred."""
    places = sites([STATION, PLOT, (*PLOT[:2], ("kitchen",), *PLOT[3:])])
    town = problem(np.array([300]), [0], [], places, offered=offered())
    return town, [
        rule("meals", kinds=["day_care", "kitchen"], per_100=40),
        rule("meals", "T-02", kinds=["day_care"], share=0.2, of={"kinds": ["day_care", "kitchen"]}),
    ]


def budget() -> tuple[Problem, list[Rule]]:
    """A home that may grow, close or become a station, and a plot, out of 60 and then 90 yuan."""
    town = problem(
        np.array([[100, 100]]), [0], [], sites([HOME, PLOT]), phases=(2023, 2025), offered=offered(),
        facts={"grant": 40, "funds": {2021: 20, 2024: 50}},
    )  # fmt: skip
    return town, [rule("budget", funds=["grant", "funds"])]


def having() -> tuple[Problem, list[Rule]]:
    """Two stations, one of which says that it has passed the review; the plot is not asked."""
    places = replace(sites([STATION, STATION, PLOT]), attributes={"fire_safety": (True, None, None)})
    town = problem(np.array([100]), [0], [], places)
    return town, [rule("having", kinds=["day_care"], having={"attributes": {"fire_safety": True}}, share=0.5)]


def occupancy() -> tuple[Problem, list[Rule]]:
    """A home of two that is full and has a list, one that is full and has none, one half full."""
    facts = {"residents": (2.0, 2.0, 1.0), "waiting_list": (True, None, None)}
    town = problem(np.array([100]), [0], [], replace(sites([HOME, HOME, HOME]), attributes=facts))
    having = {"attributes": {"waiting_list": True}}
    return town, [rule("occupancy", kinds=["institution"], reaches=0.9, having=having)]


def consolidation() -> tuple[Problem, list[Rule]]:
    """A small home, an unsafe one, and a plot for the regional one of four beds that takes what is lost."""
    places = sites([HOME, (*HOME[:5], (3, 0, 0)), (*PLOT[:2], ("institution",), *PLOT[3:])])
    places = replace(places, attributes={"fire_safety": (None, False, None)})
    town = problem(np.array([100]), [0], [], places, offered=offered())
    given = {"least_beds": 3, "unsafe": {"attributes": {"fire_safety": False}}}
    return town, [
        rule("consolidation", kinds=["institution"], regional={"kinds": ["institution"], "actions": ["open"]}, **given)
    ]


def committed() -> tuple[Problem, list[Rule]]:
    """The project S1 is the one meant; S0, which stands, bears another name."""
    places = replace(sites([STATION, PLOT]), opens=np.array([0, 2025]))
    return problem(np.array([100]), [0], [], places), [rule("committed", kinds=["day_care"], names=["S1"])]


def premises() -> tuple[Problem, list[Rule]]:
    """Two candidates could be stations; a number that no plan decides."""
    town = problem(np.array([100]), [0], [], sites([STATION, PLOT, MIXED]))
    return town, [rule("premises", classes=[{"name": "stations", "kinds": ["day_care"], "at_least": 3}])]


def handover() -> tuple[Problem, list[Rule]]:
    """One of two housing projects hands over enough; a number that no plan decides."""
    places = replace(sites([PLOT, PLOT], floor_area_m2=[120.0, 119.0]), context=("new_residential",) * 2)
    places = replace(places, attributes={"project_floor_area_m2": (60_000.0, 60_000.0)})
    due = replace(catalogue(), premises=Premises(Handover("T-01", SAME, 0.002, 100.0)))
    return problem(np.array([100]), [0], [], places, offered=due), [rule("handover", share=1.0)]


def baseline() -> tuple[Problem, list[Rule]]:
    """A hundred persons where the plan says 125; a number that no plan decides."""
    town = problem(np.array([100]), [0], [], sites([STATION]))
    return town, [rule("baseline", checks=[{"name": "p", "of": "persons", "year": 2025, "value": 125}], tolerance=0.1)]


def circles() -> tuple[Problem, list[Rule]]:
    """Two circles of 100 and 50 persons; numbers that no plan decides."""
    town = problem(np.array([100, 50]), [0, 1], [], sites([STATION]), circles=["one", "two"])
    return town, [rule("circles", from_count=2, to_count=3, balance=0.8)]


def groups() -> tuple[Problem, list[Rule]]:
    """A quarter of zone 0 and half of zone 1 belong to the group, and count three times in the weighted row."""
    town = problem(np.array([100, 40]), [0, 1], [(0, 0, 60.0), (1, 1, 60.0)], sites([PLOT, PLOT]))
    share = np.array([[0.25], [0.5], [0.0]])
    zones = replace(town.zones, groups=(Group("disabled", SAME, 60, share, 3.0, SAME),))
    return replace(town, zones=zones), [rule("groups", kinds=["day_care"], groups=["disabled"], minutes=1, share=0.9)]


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
    "hierarchy": hierarchy,
    "pairing": pairing,
    "meals": meals,
    "budget": budget,
    "having": having,
    "occupancy": occupancy,
    "consolidation": consolidation,
    "committed": committed,
    "premises": premises,
    "handover": handover,
    "baseline": baseline,
    "circles": circles,
    "groups": groups,
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
