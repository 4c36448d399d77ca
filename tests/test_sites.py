"""The table of sites, generated candidates, and what every site can become at what cost; worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from towns import SAME, catalogue, made_communities, problem, sites

from siting.making import of_committees, on_grid, on_network, worth_keeping
from siting.model.access import RoadState, Snap
from siting.model.catalogue import Catalogue, Conversion, Kind, Module, Tenure
from siting.model.sites import Action, Sites
from siting.sites import options

if TYPE_CHECKING:
    from siting.model.places import Zones
    from siting.model.sites import Options

HOME = (True, "institution", (), "", 0, (4, 1, 2))
STATION = (True, "day_care", (), "", 0, (0, 0, 0))
PLOT = (False, "", ("institution", "day_care"), "bought", 0, (0, 0, 0))
NAN = float("nan")


def facts(made: Options, option: int) -> dict[str, object]:
    return {
        "site": int(made.site[option]),
        "what": f"{made.action[option]} {made.kind[option]} {made.module[option]}".strip(),
        "fixed": float(made.fixed_cost[option]),
        "per bed": made.cost_per_bed[option].tolist(),
        "base": made.base_beds[option].tolist(),
        "least": made.beds_min[option].tolist(),
        "most": made.beds_max[option].tolist(),
        "all": (int(made.total_min[option]), int(made.total_max[option])),
        "from": int(made.first_year[option]),
    }


# what a site can become


def test_what_a_standing_home_can_become() -> None:
    """4 general, 1 nursing, 2 dementia beds.

    Expanding adds one or two general (6 yuan) or nursing (9) beds for 20 yuan; converting turns one to four
    general beds into nursing beds at 4 yuan and keeps the total of seven; dementia beds are neither sold nor converted.
    """
    made = options(sites([HOME]), catalogue(), 2025)
    assert [facts(made, option) for option in range(len(made))] == [
        {
            "site": 0,
            "what": "keep institution",
            "fixed": 0.0,
            "per bed": [0.0, 0.0, 0.0],
            "base": [4, 1, 2],
            "least": [4, 1, 2],
            "most": [4, 1, 2],
            "all": (7, 7),
            "from": 0,
        },
        {
            "site": 0,
            "what": "expand institution",
            "fixed": 20.0,
            "per bed": [6.0, 9.0, 0.0],
            "base": [4, 1, 2],
            "least": [4, 1, 2],
            "most": [6, 3, 2],
            "all": (8, 9),
            "from": 2025,
        },
        {
            "site": 0,
            "what": "convert institution",
            "fixed": 0.0,
            "per bed": [0.0, 4.0, 0.0],
            "base": [4, 1, 2],
            "least": [0, 1, 2],
            "most": [3, 5, 2],
            "all": (7, 7),
            "from": 2025,
        },
    ]


def test_what_bought_premises_can_become() -> None:
    """At 0.1 yuan per m²: 50 + 100 · 0.1 = 60, 70 + 200 · 0.1 = 90, 10 + 20 · 0.1 = 12."""
    made = options(sites([PLOT]), catalogue(), 2023)
    assert [facts(made, option) for option in range(len(made))] == [
        {
            "site": 0,
            "what": what,
            "fixed": fixed,
            "per bed": per_bed,
            "base": [0, 0, 0],
            "least": [0, 0, 0],
            "most": most,
            "all": total,
            "from": 2023,
        }
        for what, fixed, per_bed, most, total in (
            ("open institution S", 60.0, [6.0, 9.0, 0.0], [2, 2, 0], (1, 2)),
            ("open institution M", 90.0, [6.0, 9.0, 0.0], [4, 4, 0], (2, 4)),
            ("open day_care station", 12.0, [0.0, 0.0, 0.0], [0, 0, 0], (0, 0)),
        )
    ]


def test_the_tenure_sets_the_cost_of_premises() -> None:
    """A factor of 0.8 on the fit-out and 3 yuan per m²: 50 · 0.8 + 100 · 3 = 340."""
    kind = replace(catalogue().kinds["institution"], modules=(Module("S", 1, 2, 100, 50.0),))
    offered = Catalogue({"institution": kind}, {"idle": Tenure("idle", SAME, 0.8, 3.0)}, SAME)
    made = options(sites([(False, "", ("institution",), "idle", 0, (0, 0, 0))]), offered, 2025)
    assert made.fixed_cost.tolist() == [340.0]


@pytest.mark.parametrize(
    ("floor_m2", "sizes"),
    [
        (19.9, []),
        (20.0, ["station"]),
        (99.0, ["station"]),
        (100.0, ["S", "station"]),
        (200.0, ["S", "M", "station"]),
        (NAN, ["S", "M", "station"]),
    ],
)
def test_a_size_needs_its_floor_area(floor_m2: float, sizes: list[str]) -> None:
    """Exactly the module's area is enough; premises whose area is not stated take every size."""
    made = options(sites_with_floor(floor_m2), catalogue(), 2025)
    assert list(made.module) == sizes


def sites_with_floor(floor_m2: float) -> object:
    return sites([PLOT], floor_area_m2=[floor_m2])


def test_a_station_can_only_stay() -> None:
    made = options(sites([STATION]), catalogue(), 2025)
    assert list(made.action) == [Action.KEEP]
    assert made.of_kinds(frozenset({"day_care"})).tolist() == [True]


def test_a_home_without_general_beds_has_nothing_to_convert() -> None:
    made = options(sites([(*HOME[:5], (0, 3, 0))]), catalogue(), 2025)
    assert list(made.action) == [Action.KEEP, Action.EXPAND]


def test_only_kinds_allowed_are_offered_and_operators_are_kept() -> None:
    table = sites(
        [(False, "", ("day_care",), "idle", 0, (0, 0, 0)), HOME, PLOT], operator=("non_state", "public", "non_state")
    )
    made = options(table, catalogue(), 2025)
    assert made.site.tolist() == [0, 1, 1, 1, 2, 2, 2]
    assert made.operator == ("non_state", *["public"] * 3, *["non_state"] * 3)
    assert made.kind[0] == "day_care"


def test_no_sites_have_no_options() -> None:
    made = options(sites([]), catalogue(), 2025)
    assert len(made) == 0
    assert made.beds_max.shape == (0, 3)


def test_a_size_is_filled_by_the_classes_on_offer() -> None:
    kind = Kind("k", SAME, "town", (Module("S", 30, 99, 1, 0.0),), {"nursing": 1.0}, 5, 0.0, {})
    made = options(sites([(False, "", ("k",), "idle", 0, (0, 0, 0))]), replace(catalogue(), kinds={"k": kind}), 2025)
    assert made.beds_max.tolist() == [[0, 99, 0]]
    assert (made.total_min.tolist(), made.total_max.tolist()) == ([30], [99])


# closing, and turning into something else


def offering(**changed: object) -> Catalogue:
    """The catalogue of towns, its institution changed."""
    known = catalogue()
    return replace(known, kinds={**known.kinds, "institution": replace(known.kinds["institution"], **changed)})


def last(made: object, sort: Action) -> dict[str, object]:
    """The facts of the only option of a sort."""
    (option,) = [o for o in range(len(made)) if made.action[o] is sort]
    return facts(made, option)


def test_a_kind_that_may_close_is_closed_at_its_price() -> None:
    made = options(sites([HOME]), offering(close_cost=7.0), 2025)
    assert last(made, Action.CLOSE) == {
        "site": 0,
        "what": "close institution",
        "fixed": 7.0,
        "per bed": [0.0, 0.0, 0.0],
        "base": [0, 0, 0],
        "least": [0, 0, 0],
        "most": [0, 0, 0],
        "all": (0, 0),
        "from": 2025,
    }
    assert made.is_open.tolist() == [True, True, True, False]
    assert not made.services[-1]
    assert not made.tags[-1]


def test_a_home_turned_into_a_station_loses_its_beds() -> None:
    to_station = (Conversion("day_care", "station", 3.0),)
    made = options(sites([HOME]), offering(convert_to=to_station, convert_bed_cost={}), 2025)
    assert last(made, Action.CONVERT) == {
        "site": 0,
        "what": "convert day_care station",
        "fixed": 3.0,
        "per bed": [0.0, 0.0, 0.0],
        "base": [0, 0, 0],
        "least": [0, 0, 0],
        "most": [0, 0, 0],
        "all": (0, 0),
        "from": 2025,
    }


@pytest.mark.parametrize(
    ("beds", "most", "total"),
    [((1, 0, 0), [4, 3, 0], (2, 4)), ((2, 1, 1), [2, 1, 1], (4, 4)), ((1, 0, 1), [3, 2, 1], (2, 4))],
)
def test_a_home_turned_into_a_larger_one_keeps_its_beds(
    beds: tuple[int, ...], most: list[int], total: tuple[int, int]
) -> None:
    """Size M holds two to four beds; those added are paid for by class, dementia beds are not on offer."""
    upgrade = offering(convert_to=(Conversion("institution", "M", 30.0),), convert_bed_cost={})
    found = last(options(sites([(*HOME[:5], beds)]), upgrade, 2025), Action.CONVERT)
    assert (found["base"], found["least"], found["most"], found["all"]) == (list(beds), list(beds), most, total)
    assert (found["what"], found["fixed"], found["per bed"]) == ("convert institution M", 30.0, [6.0, 9.0, 0.0])


def test_nothing_is_turned_into_what_does_not_fit() -> None:
    """Five beds are too many for size M, and 150 m² too little."""
    upgrade = offering(convert_to=(Conversion("institution", "M", 30.0),), convert_bed_cost={})
    for table in (
        sites([(*HOME[:5], (5, 0, 0))]),
        sites([(*HOME[:5], (1, 0, 0))], floor_area_m2=[150.0]),
    ):
        assert list(options(table, upgrade, 2025).action) == [Action.KEEP, Action.EXPAND]


FACTS = {"services": (("clinic",), None), "demonstration": (True, None), "memory_unit": (False, None)}


def test_services_and_tags_are_those_of_kind_size_and_site() -> None:
    module = replace(catalogue().kinds["institution"].modules[0], services=frozenset({"bath"}), tags=frozenset({"new"}))
    offered = offering(services=frozenset({"meals"}), tags=frozenset({"home"}), modules=(module,), meals_per_day=40.0)
    table = replace(sites([HOME, PLOT]), tags=((), ("smart",)), attributes=FACTS)
    made = options(table, offered, 2025)
    keep, opened = made.action.index(Action.KEEP), made.action.index(Action.OPEN)
    assert made.services[keep] == {"meals", "clinic"}
    assert made.services[opened] == {"meals", "bath"}
    assert made.tags[keep] == {"home", "demonstration"}
    assert made.tags[opened] == {"home", "new", "smart"}
    assert made.meals_per_day[[keep, opened]].tolist() == [40.0, 0.0]
    assert made.tenure[opened] == "bought"


# the table


def test_tables_are_put_under_each_other_and_picked_from() -> None:
    one = sites([HOME, PLOT])
    two = replace(sites([STATION]), id=("T0",), name=("T",))
    both = Sites.joined([one, two])
    assert both.id == ("S0", "S1", "T0")
    assert both.existing.tolist() == [True, False, True]
    assert both.beds.tolist() == [[4, 1, 2], [0, 0, 0], [0, 0, 0]]
    picked = both.taken(np.array([2, 0]))
    assert picked.id == ("T0", "S0")
    assert picked.kind == ("day_care", "institution")
    assert picked.beds.tolist() == [[0, 0, 0], [4, 1, 2]]
    assert len(both.taken(np.array([], dtype=int))) == 0
    assert both.district.tolist() == [0, 0, 0]


def test_columns_left_out_are_blank_and_attributes_are_joined_by_name() -> None:
    one = replace(sites([HOME]), attributes={"built": (1999.0,), "rating": (3.0,)}, context=("urban",))
    two = replace(sites([STATION]), id=("T0",), attributes={"built": (None,), "safe": ("passed",)})
    both = Sites.joined([one, two])
    assert both.attributes == {"built": (1999.0, None), "rating": (3.0, None), "safe": (None, "passed")}
    assert both.attribute("nowhere") == (None, None)
    assert both.context == ("urban", "")
    assert both.tags == ((), ())
    assert both.taken(np.array([1])).attributes == {"built": (None,), "rating": (None,), "safe": ("passed",)}
    with pytest.raises(ValueError, match="differ in length"):
        replace(one, attributes={"built": ()})


def test_ids_of_two_tables_must_differ() -> None:
    with pytest.raises(ValueError, match="site ids repeat"):
        Sites.joined([sites([HOME]), sites([PLOT])])


# generated candidates


def zones(*rows: tuple[float, float, int, list[float]]) -> Zones:
    """Rows of x, y, district and persons by phase."""
    x, y, district, persons = zip(*rows, strict=True)
    town = problem(np.array(persons), list(district), [], sites([]), phases=tuple(range(2023, 2023 + len(persons[0]))))
    return replace(town.zones, x_m=np.array(x), y_m=np.array(y))


def test_one_candidate_per_populated_square_at_its_centre_of_persons() -> None:
    """Squares of 400 m: three zones in the first, of which one is empty; one to the east; one outside, left out."""
    made, weight = on_grid(
        zones(
            (100.0, 100.0, 0, [9.0, 30.0]),
            (300.0, 200.0, 0, [9.0, 10.0]),
            (399.0, 399.0, 0, [9.0, 0.0]),
            (400.0, 0.0, 0, [9.0, 5.0]),
            (-1.0, -1.0, 1, [9.0, 2.0]),
            (900.0, 900.0, -1, [9.0, 99.0]),
        ),
        400.0,
        ("day_care",),
        "idle",
    )
    assert list(zip(made.x_m.tolist(), made.y_m.tolist(), weight.tolist(), strict=True)) == [
        (-1.0, -1.0, 2.0),
        (150.0, 125.0, 40.0),
        (400.0, 0.0, 5.0),
    ]
    assert len(set(made.id)) == 3
    assert made.kinds_allowed == (("day_care",),) * 3
    assert made.tenure == ("idle",) * 3
    assert made.origin == ("grid 400 m",) * 3
    assert not made.existing.any()
    assert np.isnan(made.floor_area_m2).all()


def test_nobody_anywhere_is_no_candidate() -> None:
    made, weight = on_grid(zones((0.0, 0.0, 0, [0.0])), 400.0, ("day_care",), "idle")
    assert (len(made), len(weight)) == (0, 0)


DISTRICT = np.array([0, 0, 0, 1, 1, -1])
WEIGHT = np.array([50.0, 40.0, 30.0, 5.0, 9.0, 60.0])
ON_ROAD = np.array([True, True, True, True, False, True])


@pytest.mark.parametrize(
    ("limit", "per_district", "kept"),
    [
        pytest.param(None, 0, [0, 1, 2, 3, 5], id="everything on a road"),
        pytest.param(3, 0, [0, 1, 5], id="the three heaviest on a road"),
        pytest.param(3, 1, [0, 1, 3, 5], id="each district one, first those on a road though lighter"),
        pytest.param(3, 2, [0, 1, 3, 4, 5], id="and then those off it"),
        pytest.param(1, 3, [0, 1, 2, 3, 4, 5], id="what a district lacks, as far as it has any"),
        pytest.param(0, 1, [0, 3], id="none but what districts are due"),
    ],
)
def test_which_candidates_are_worth_keeping(limit: int | None, per_district: int, kept: list[int]) -> None:
    assert worth_keeping(DISTRICT, WEIGHT, ON_ROAD, limit, per_district).tolist() == kept


def test_equal_weights_are_kept_in_order() -> None:
    assert worth_keeping(np.zeros(4, int), np.ones(4), np.ones(4, dtype=bool), 2, 0).tolist() == [0, 1]


def joined_at(*feet: tuple[float, float] | None) -> Snap:
    """Where zones join the street; None has no road and stays where it is, at the origin."""
    x, y = (np.array([0.0 if foot is None else foot[axis] for foot in feet]) for axis in (0, 1))
    state = [RoadState.NO_ROAD if foot is None else RoadState.ON_ROAD for foot in feet]
    nothing = np.zeros(len(feet))
    return Snap(nothing, nothing, nothing, x, y, np.array(state))


def test_candidates_of_the_network_stand_where_people_join_it() -> None:
    """Spacing 200: squares of 100. Two cells join in one square, whose spot is the one nearest to their centre (120).

    The spot at 250 is 130 away from 120, where more live, and is passed over; its 30 go to the nearest one kept.
    """
    people = [(0.0, 900.0, 0, [50.0]), (0.0, 900.0, 0, [10.0]), (0.0, 900.0, 0, [30.0]), (0.0, 900.0, 1, [5.0])]
    feet = joined_at((120.0, 10.0), (180.0, 10.0), (250.0, 10.0), (450.0, 10.0))
    made, weight = on_network(zones(*people), feet, 200.0, ("day_care",), "idle")
    assert list(zip(made.x_m.tolist(), made.y_m.tolist(), weight.tolist(), strict=True)) == [
        (120.0, 10.0, 90.0),
        (450.0, 10.0, 5.0),
    ]
    assert made.origin == ("network 200 m",) * 2
    assert len(set(made.id)) == 2


def test_exactly_the_spacing_is_far_enough_and_homes_without_a_road_are_not_forgotten() -> None:
    people = [(0.0, 0.0, 0, [9.0]), (0.0, 0.0, 0, [8.0]), (0.0, 0.0, 0, [1.0]), (0.0, 0.0, -1, [99.0])]
    made, weight = on_network(
        zones(*people), joined_at((500.0, 0.0), (700.0, 0.0), None, (0.0, 0.0)), 200.0, ("a",), "b"
    )
    assert (made.x_m.tolist(), weight.tolist()) == ([0.0, 500.0, 700.0], [1.0, 9.0, 8.0])


def test_nobody_on_the_network_is_no_candidate() -> None:
    made, weight = on_network(zones((0.0, 0.0, 0, [0.0])), joined_at((0.0, 0.0)), 400.0, ("day_care",), "idle")
    assert (len(made), len(weight)) == (0, 0)


@given(st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_candidates_of_the_network_are_apart_and_near_to_everybody(count: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    feet = chance.uniform(0, 1_000, (count, 2))
    town = zones(*((0.0, 0.0, 0, [float(persons)]) for persons in chance.integers(1, 50, count)))
    made, weight = on_network(town, joined_at(*map(tuple, feet)), 150.0, ("a",), "b")
    spots = np.column_stack([made.x_m, made.y_m])
    gaps = np.hypot(*(spots[:, None] - spots).transpose(2, 0, 1)) + np.where(np.eye(len(spots)), np.inf, 0)
    assert gaps.min() >= 150.0
    assert all((spot == feet).all(axis=1).any() for spot in spots)
    assert weight.sum() == pytest.approx(town.persons.sum())
    away = np.hypot(*(feet[:, None] - spots).transpose(2, 0, 1)).min(axis=1)
    assert away.max() < 150.0 + 75.0 * 2**0.5  # a square's spot may be passed over for one just within the spacing


def test_committees_offer_their_premises() -> None:
    seats = made_communities([0, 1, 1], [1])
    every = of_committees(seats, None, ("day_care",), "idle", (180.0, "village_turned"))
    assert every.name == seats.name
    assert every.x_m.tolist() == seats.x_m.tolist()
    assert every.floor_area_m2.tolist() == [180.0] * 3
    assert every.context == ("village_turned",) * 3
    some = of_committees(seats, "dementia_friendly", ("day_care",), "idle", (None, None))
    assert some.id == (f"V-{seats.id[1]}-day_care",)
    assert some.tags == (("dementia_friendly",),)
    assert len(of_committees(seats, "nowhere", ("day_care",), "idle", (None, None))) == 0


def test_premises_with_a_cost_of_their_own() -> None:
    """Bought: fit-out 50 or 70, floor 100 or 200 m² at 0.1 yuan; then at a price of 2; then for 33, whatever opens."""
    table = sites([(False, "", ("institution",), "bought", 0, (0, 0, 0))] * 3)
    table = replace(table, attributes={"own_price_per_m2": (None, 2.0, 2.0), "own_cost": (None, None, 33.0)})
    made = options(table, catalogue(), 2025)
    assert made.fixed_cost.tolist() == [60.0, 90.0, 250.0, 470.0, 33.0, 33.0]
    assert (made.cost_per_bed[:, 0] == 6.0).all()


def test_sites_have_options_of_their_own_wherever_a_fact_differs_if_only_in_its_kind() -> None:
    """Yes is equal to 1.0 for Python; only the one is a tag."""
    told = replace(sites([PLOT, PLOT, PLOT, HOME, HOME]), attributes={"smart": (True, 1.0, True, 1.0, True)})
    made = options(told, catalogue(), 2025)
    for site, is_tag in enumerate((True, False, True, False, True)):
        here = np.flatnonzero(made.site == site)
        assert len(here)
        assert all(("smart" in made.tags[option]) is is_tag for option in here if made.is_open[option]), site
