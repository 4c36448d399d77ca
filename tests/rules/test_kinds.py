"""Parameters that each kind refuses, what it counts, and the numbers in its sentences."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydantic import ValidationError
from towns import problem, rule, sites

from siting.model.problem import Reach
from siting.model.rows import Beds, Covered, Open
from siting.model.text import Text
from siting.rules import KINDS, audit

if TYPE_CHECKING:
    from siting.rules import Rule

HERE = Text("此地", "Here")
HOME = ["institution"]
TOWN = problem(
    [[30, 60], [70, 140]],
    [0, 1],
    [(0, 0, 500.0), (1, 1, 500.0)],
    sites(
        [
            (True, "institution", (), "", 0, (1, 2, 3)),
            (True, "institution", (), "", 1, (4, 0, 0)),
            (True, "institution", (), "", -1, (9, 9, 9)),
        ],
        operator=("public", "non_state", "public"),
    ),
    phases=(2020, 2025),
    density=np.array([[999.0, 1000.0], [3000.0, 3001.0]]),
)


@pytest.mark.parametrize(
    ("kind", "parameters", "message"),
    [
        ("coverage", {"kinds": HOME}, "give either minutes or metres"),
        ("coverage", {"kinds": HOME, "minutes": 15, "metres": 800}, "give either minutes or metres"),
        ("coverage", {"kinds": HOME, "metres": 0}, "greater than 0"),
        ("coverage", {"kinds": HOME, "metres": float("inf")}, "finite number"),
        ("coverage", {"kinds": HOME, "minutes": -15}, "greater than 0"),
        ("coverage", {"kinds": HOME, "metres": 5, "share": 1.01}, "less than or equal to 1"),
        ("coverage", {"kinds": HOME, "metres": 5, "share": 0}, "greater than 0"),
        ("coverage", {"kinds": HOME, "metres": 5, "of": "some"}, "'all' or 'reachable'"),
        ("coverage", {"kinds": HOME, "metres": 5, "density_from": 3, "density_to": 2}, "density_from exceeds"),
        ("coverage", {"kinds": [], "metres": 5}, "say which facilities count"),
        ("bed_ratio", {"kinds": HOME, "beds": 0}, "greater than 0"),
        ("bed_ratio", {"kinds": HOME, "beds": 1, "persons": 0}, "greater than 0"),
        ("bed_ratio", {"kinds": HOME, "beds": 1, "classes": ["iron"]}, "unknown class of beds"),
        ("bed_ratio", {"kinds": HOME, "beds": 1, "per": "street"}, "'area', 'unit', 'district', 'site'"),
        ("bed_share", {"kinds": HOME, "classes": ["nursing"], "share": 65}, "less than or equal to 1"),
        ("bed_share", {"kinds": HOME, "classes": [], "share": 0.65}, "at least 1 item"),
        ("bed_share", {"kinds": HOME, "classes": ["nursing"], "share": 0.65, "operator": "state"}, "'non_state'"),
        ("presence", {"require": []}, "at least 1 item"),
        ("presence", {"require": [{"kinds": HOME, "at_least": 0}]}, "greater than or equal to 1"),
        ("presence", {"require": [{"kinds": HOME, "atleast": 1}]}, "Extra inputs"),
    ],
)
def test_parameters_that_cannot_be_are_refused(kind: str, parameters: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        KINDS[kind].Given.model_validate(parameters)


def test_minutes_become_metres_by_the_walking_speed() -> None:
    clause = rule("coverage", kinds=HOME, minutes=15)
    assert clause.reach(0.9) == Reach(frozenset(HOME), 810.0, 0.9)
    assert clause.reach(1.1).metres == pytest.approx(990.0)
    assert rule("coverage", kinds=HOME, metres=500).reach(0.9).metres == 500.0


@pytest.mark.parametrize(
    ("edges", "concerned"),
    [
        ({}, [[True, True], [True, True]]),
        ({"density_above": 3000}, [[False, False], [False, True]]),
        ({"density_from": 1000, "density_to": 3000}, [[False, True], [True, False]]),
        ({"density_from": 1000}, [[False, True], [True, True]]),
        ({"density_to": 1000}, [[True, True], [False, False]]),
    ],
)
def test_density_classes_hold_phase_by_phase(edges: dict[str, float], concerned: list[list[bool]]) -> None:
    clause = rule("coverage", kinds=HOME, metres=500, **edges)
    assert [[bool(clause.coverage(TOWN, phase).concerned[zone]) for phase in (0, 1)] for zone in (0, 1)] == concerned


def test_coverage_rows_count_the_persons_of_the_phase() -> None:
    clause = rule("coverage", kinds=HOME, metres=500, share=0.9, per="district")
    for phase, persons in enumerate(([30.0, 70.0], [60.0, 140.0])):
        rows = clause.rows(TOWN, phase)
        (block,) = rows.numerator
        assert block == Covered(Reach(frozenset(HOME), 500.0))
        assert rows.numerator[block].toarray().tolist() == [[persons[0], 0.0], [0.0, persons[1]]]
        assert rows.rhs.tolist() == pytest.approx([0.9 * persons[0], 0.9 * persons[1]])
        assert rows.persons.tolist() == persons


def test_coverage_of_an_age_group_counts_that_group() -> None:
    zones = replace(TOWN.zones, ages=(60, 80), persons=np.array([[[30, 60], [3, 6]], [[70, 140], [7, 14]]]))
    town = replace(TOWN, zones=zones)
    assert rule("coverage", kinds=HOME, metres=500, age=80).rows(town, 1).persons.tolist() == [20.0]
    assert rule("coverage", kinds=HOME, metres=500, age=60).rows(town, 1).persons.tolist() == [220.0]
    assert rule("bed_ratio", kinds=HOME, beds=1, age=80, per="area").rows(town, 0).persons.tolist() == [10.0]


def test_bed_rows_name_the_columns_of_their_classes() -> None:
    """Columns of the block are option · 3 + class; homes outside every district belong to nobody."""
    rows = rule("bed_ratio", kinds=HOME, beds=300, classes=["dementia"], per="district").rows(TOWN, 0)
    matrix = rows.numerator[Beds()].toarray()
    assert [np.flatnonzero(row).tolist() for row in matrix] == [[2, 5, 8], [11, 14, 17]]
    assert rows.rhs.tolist() == pytest.approx([300 * 0.003, 300 * 0.007])


def test_a_ratio_may_be_written_for_any_number_of_persons() -> None:
    """4 beds per 100 are 400 per 10,000."""
    assert rule("bed_ratio", kinds=HOME, beds=4, persons=100).rows(TOWN, 0).required.tolist() == [400.0, 400.0]


def test_share_rows_clear_the_fraction() -> None:
    """n ≥ 0.7 (g + n + d) for the public home of three options, class by class."""
    clause = rule("bed_share", kinds=HOME, classes=["nursing"], share=0.7, operator="public")
    rows = clause.rows(TOWN, 0)
    assert rows.terms[Beds()].toarray()[0, :9] == pytest.approx([-0.7, 0.3, -0.7] * 3)
    assert not rows.terms[Beds()].toarray()[0, 9:].any()
    assert rows.rhs.tolist() == [0.0]


def test_presence_rows_count_options_in_force() -> None:
    clause = rule(
        "presence", require=[{"kinds": HOME, "at_least": 2, "per": "area"}, {"kinds": ["day_care"], "per": "district"}]
    )
    rows = clause.rows(TOWN, 0)
    assert [(s.kind, s.id, s.part) for s in rows.subject] == [
        ("area", "", "institution"),
        ("district", "D0", "day_care"),
        ("district", "D1", "day_care"),
    ]
    assert [np.flatnonzero(row).tolist() for row in rows.numerator[Open()].toarray()] == [[0, 1, 2, 3, 4, 5], [], []]
    assert rows.required.tolist() == [2.0, 1.0, 1.0]
    assert [s.id for s in clause.rows(TOWN, 0, per="district").subject] == ["D0", "D1"]
    assert clause.divides()
    assert not rule("presence", require=[{"kinds": HOME, "per": "unit"}]).divides()


SENTENCES = [
    (
        rule("coverage", kinds=["day_care"], minutes=15, share=0.95),
        (
            "Here: 0.0% of the 200 older persons concerned have such a facility within 15 minutes' walk "
            "(required ≥ 95%); 190 persons short."
        ),
        "此地:条款涉及老年人200名,其中0.0%步行15分钟内有所要求的设施(要求≥95%),尚缺190人。",
    ),
    (
        rule("coverage", kinds=HOME, metres=500),
        (
            "Here: 100.0% of the 200 older persons concerned have such a facility within a walk of 500 m "
            "(required ≥ 100%)."
        ),
        "此地:条款涉及老年人200名,其中100.0%步行500米内有所要求的设施(要求≥100%)。",
    ),
    (
        rule("bed_ratio", kinds=HOME, beds=600, per="area"),
        "Here: 500.0 beds per 10,000 of 200 older persons (required ≥ 600); 2 beds short.",
        "此地:老年人200名,每万名老年人有床位500.0张(要求≥600张),尚缺2张。",
    ),
    (
        rule("bed_share", kinds=HOME, classes=["nursing", "dementia"], share=0.65),
        "Here: nursing and dementia-care beds are 50.0% of 10 beds (required ≥ 65%); 2 short of them.",
        "此地:床位10张,其中护理型和认知障碍照护床位占50.0%(要求≥65%),按现有总量尚缺2张。",
    ),
    (
        rule("bed_share", kinds=HOME, classes=["nursing"], share=0.5, operator="public"),
        "Here: nursing beds are 33.3% of 6 beds of public institutions (required ≥ 50%); 1 short of them.",
        "此地:公办机构床位6张,其中护理型床位占33.3%(要求≥50%),按现有总量尚缺1张。",
    ),
    (
        rule("bed_share", kinds=HOME, classes=["general"], share=0.5, operator="non_state"),
        "Here: general beds are 100.0% of 4 beds of non-state institutions (required ≥ 50%).",
        "此地:民办机构床位4张,其中普通型床位占100.0%(要求≥50%)。",
    ),
    (
        rule("presence", require=[{"kinds": HOME, "at_least": 3, "per": "area"}]),
        "Here: 2 facilities (required ≥ 3); 1 short.",
        "此地:有2处(要求≥3处),尚缺1处。",
    ),
]


@pytest.mark.parametrize(("clause", "en", "zh"), SENTENCES)
def test_sentences_carry_the_numbers_of_the_finding(clause: Rule, en: str, zh: str) -> None:
    """Phase 2025: 60 + 140 persons; beds inside the districts 1 + 2 + 3 (public) and 4 general (non-state)."""
    found = audit([clause], TOWN, TOWN.existing_state()).findings[-1]
    sentence = clause.sentence(found, HERE)
    assert sentence.en == en
    assert sentence.zh == zh


def test_the_base_promises_nothing() -> None:
    clause = rule("bed_ratio", kinds=HOME, beds=1)
    assert clause.coverage(TOWN, 0) is None
    assert clause.reach(0.9) is None
    assert clause.kinds() == frozenset(HOME)
