from __future__ import annotations

import pytest

from siting.model.roads import Mode
from siting.sources.profiles import EVERY_MODE, profiles

W, C, D = int(Mode.WALK), int(Mode.CYCLE), int(Mode.DRIVE)


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ({"highway": "residential"}, W | C | D, W | C | D),
        ({"highway": "residential", "oneway": "yes"}, W | C | D, W),
        ({"highway": "residential", "oneway": "-1"}, W, W | C | D),
        ({"highway": "residential", "oneway": "no"}, W | C | D, W | C | D),
        ({"highway": "residential", "oneway": "yes", "oneway:bicycle": "no"}, W | C | D, W | C),
        ({"highway": "residential", "oneway:foot": "yes"}, W | C | D, C | D),
        ({"highway": "residential", "junction": "roundabout"}, W | C | D, W),
        ({"highway": "motorway"}, D, 0),
        ({"highway": "motorway", "access": "yes"}, D, 0),
        ({"highway": "motorway", "foot": "yes"}, W | D, W),
        ({"highway": "motorway_link"}, D, D),
        ({"highway": "footway"}, W, W),
        ({"highway": "footway", "bicycle": "yes"}, W | C, W | C),
        ({"highway": "footway", "bicycle": "dismount"}, W, W),
        ({"highway": "steps"}, W, W),
        ({"highway": "steps", "conveying": "forward"}, 0, 0),
        ({"highway": "cycleway"}, W | C, W | C),
        ({"highway": "cycleway", "foot": "no"}, C, C),
        ({"highway": "service", "access": "private"}, 0, 0),
        ({"highway": "service", "access": "private", "foot": "permissive"}, W, W),
        ({"highway": "service", "access": "no", "motor_vehicle": "yes"}, D, D),
        ({"highway": "primary", "foot": "use_sidepath"}, C | D, C | D),
        ({"highway": "tertiary", "motor_vehicle": "no"}, W | C, W | C),
        ({"highway": "tertiary", "vehicle": "no"}, W, W),
        ({"highway": "tertiary", "vehicle": "no", "bicycle": "yes"}, W | C, W | C),
        ({"highway": "construction"}, 0, 0),
        ({"highway": "proposed"}, 0, 0),
        ({"highway": "pedestrian", "area": "yes"}, 0, 0),
        ({"highway": "service", "route": "ferry"}, 0, 0),
        ({"route": "ferry"}, 0, 0),
        ({"highway": "bus_stop"}, 0, 0),
    ],
)
def test_who_may_use_a_way(tags: dict[str, str], forward: int, backward: int) -> None:
    assert profiles().way(tags) == (forward, backward)


@pytest.mark.parametrize(
    ("tags", "passing"),
    [
        ({"barrier": "gate"}, W | C | D),
        ({"barrier": "gate", "access": "private"}, 0),
        ({"barrier": "gate", "access": "private", "foot": "yes"}, W),
        ({"barrier": "gate", "access": "no", "bicycle": "yes"}, C),
        ({"barrier": "bollard"}, W | C),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, W | C | D),
        ({"barrier": "wall"}, 0),
        ({"barrier": "stile"}, W),
        ({"barrier": "entrance"}, W | C | D),
    ],
)
def test_who_passes_a_barrier(tags: dict[str, str], passing: int) -> None:
    assert profiles().barrier(tags) == passing


@pytest.mark.parametrize(
    ("road_class", "modes"),
    [("motorway", D), ("residential", EVERY_MODE), ("footway", W), ("construction", 0), ("国道", EVERY_MODE)],
)
def test_a_line_of_which_only_the_class_is_known(road_class: str, modes: int) -> None:
    assert profiles().line(road_class) == modes


@pytest.mark.parametrize(
    ("road_class", "maxspeed", "expected"),
    [
        ("primary", None, 50.0),
        ("primary_link", None, 50.0),
        ("primary", "60", 60.0),
        ("primary", "60;40", 40.0),
        ("primary", "40 km/h", 40.0),
        ("residential", "20 mph", 32.18688),
        ("primary", "CN:urban", 50.0),
        ("primary", "signals", 50.0),
        ("primary", "none", 50.0),
        ("primary", "0", 50.0),
        ("unheard_of", None, 20.0),
    ],
)
def test_how_fast_cars_go(road_class: str, maxspeed: str | None, expected: float) -> None:
    assert profiles().drive_speed(road_class, maxspeed) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("tags", "bits"),
    [
        ({"highway": "footway"}, 0),
        ({"highway": "footway", "footway": "crossing"}, 1),
        ({"highway": "crossing"}, 1),
        ({"highway": "primary", "bridge": "viaduct"}, 2),
        ({"highway": "footway", "footway": "crossing", "bridge": "yes"}, 3),
        ({"highway": "primary", "bridge": "no"}, 0),
    ],
)
def test_what_else_a_way_is(tags: dict[str, str], bits: int) -> None:
    assert profiles().feature(tags) == bits
