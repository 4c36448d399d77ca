"""Which candidates may stand where they are, on polygons and on a raster, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from shapely import box
from towns import SAME, sites

from siting.model.ground import Areas, Ground, Limits, Surface
from siting.screening import screened

if TYPE_CHECKING:
    from siting.model.sites import Sites

PLANE = "EPSG:32650"


def at(*places: tuple[float, float]) -> Sites:
    """Candidates S0, S1… at places, metres."""
    table = sites([(False, "", ("day_care",), "idle", 0, (0, 0, 0))] * len(places))
    x, y = (np.array([place[axis] for place in places], dtype=np.float64) for axis in (0, 1))
    return replace(table, x_m=x, y_m=y)


def layer(shape: Areas | Surface, **changes: Any) -> Ground:  # noqa: ANN401 - fields of Ground
    return Ground(**{"title": SAME, "file": "g", "licence": "", "shape": shape, "excludes": "inside", **changes})


def lake(*values: float) -> Areas:
    """Squares of 100 m side by side from the origin on, each with a value."""
    return Areas(tuple(box(100 * n, 0, 100 * n + 100, 100) for n in range(len(values))), np.array(values))


def cells(rows: Any, dtype: type = np.float32) -> Surface:  # noqa: ANN401 - an array of rows
    """A raster of cells of 100 m, its lower left corner at the origin; −1 is no data."""
    values = np.array(rows, dtype=dtype)
    return Surface(PLANE, (0.01, 0.0, 0.0, 0.0, -0.01, float(len(values))), values, values != -1)


def free(table: Sites, *ground: Ground, group: Any = "listed", **keys: Any) -> list[bool]:  # noqa: ANN401
    return screened(table, ground, PLANE, group, **keys)[0].tolist()


def test_what_lies_in_a_polygon_or_on_its_edge_is_out() -> None:
    assert free(at((50, 50), (100, 50), (100.001, 50)), layer(lake(np.nan))) == [False, False, True]


def test_so_is_what_lies_near_enough_to_it() -> None:
    assert free(at((130, 50), (130.001, 50)), layer(lake(np.nan), within_m=30)) == [False, True]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        pytest.param(Limits(above=25), [True, True, False], id="the limit itself may be built on"),
        pytest.param(Limits(below=25), [False, True, True], id="below"),
        pytest.param(Limits(values=(10, 30)), [False, True, False], id="classes"),
        pytest.param(Limits(above=25, below=20), [False, True, False], id="either"),
    ],
)
def test_values_of_polygons_and_of_cells_decide_alike(limits: Limits, expected: list[bool]) -> None:
    places = at((50, 50), (150, 50), (250, 50))
    assert free(places, layer(lake(10, 25, 30), excludes=limits)) == expected
    assert free(places, layer(cells([[10, 25, 30]]), excludes=limits)) == expected


def test_a_decimal_limit_is_compared_as_the_cells_hold_it() -> None:
    """0.4 in single precision is more than 0.4 in double, and would be above it."""
    assert free(at((50, 50)), layer(cells([[0.4]]), excludes=Limits(above=0.4))) == [True]


def test_rows_of_a_raster_run_from_north_to_south_and_cells_begin_at_their_west_and_south() -> None:
    ground = layer(cells([[0, 1], [2, 3]]), excludes=Limits(values=(2,)))
    assert free(at((50, 50), (50, 150), (150, 50), (99.9, 0.1)), ground) == [False, True, True, False]


def test_where_a_layer_says_nothing_nothing_is_forbidden_and_it_is_counted() -> None:
    places = at((50, 50), (150, 50), (950, 50), (50, -1))
    for ground in (
        layer(cells([[30, -1]]), excludes=Limits(above=25)),
        layer(lake(30, np.nan), excludes=Limits(above=25)),
    ):
        allowed, _, (tally,) = screened(places, [ground], PLANE, "listed")
        assert allowed.tolist() == [False, True, True, True]
        assert (tally.checked, tally.on, tally.silent, tally.named) == (4, 1, 3, ("S0",))


def test_layers_forbid_together_and_are_counted_apart() -> None:
    allowed, _, tallies = screened(
        at((50, 50), (150, 50), (250, 50)), [layer(lake(0, 0)), layer(cells([[30, 0, 0]]), excludes=Limits(above=25))],
        PLANE, "listed",
    )  # fmt: skip
    assert allowed.tolist() == [False, False, True]
    assert [(one.ground, one.on) for one in tallies] == [(0, 2), (1, 1)]


def test_a_layer_is_asked_for_whom_it_is_meant() -> None:
    ground = layer(lake(0), of=("generated",))
    assert free(at((50, 50)), ground) == [True]
    assert free(at((50, 50)), ground, group="generated") == [False]
    assert free(at((50, 50)), ground, group="existing") == [False]


def test_suitability_is_a_share_of_the_best_and_layers_multiply() -> None:
    better = layer(cells([[4, 8, 2, -1]]), excludes=None, best=4)
    worse = layer(lake(1, 0.5, 0), excludes=None, best=1)
    allowed, suits, tallies = screened(
        at((50, 50), (150, 50), (250, 50), (350, 50)), [better, worse], PLANE, "generated"
    )
    assert allowed.all()
    assert suits.tolist() == [1.0, 0.5, 0.0, 1.0]
    assert [one.silent for one in tallies] == [1, 1]


def test_a_parcel_is_judged_by_its_share() -> None:
    """A plot of 100 m beside the lake reaches 6 m, 5 m, or not at all into it; its middle lies outside each time."""
    places = at((144, 50), (145, 50), (150, 50))
    plots = {f"S{n}": box(x - 50, 0, x + 50, 100) for n, x in enumerate((144, 145, 150))}
    assert free(places, layer(lake(0), parcel_share=0.05), parcels=plots) == [False, True, True]
    assert free(places, layer(lake(0), parcel_share=0.05, within_m=10), parcels=plots) == [False, False, False]
    assert free(places, layer(lake(0), parcel_share=0.0)) == [True, True, True]


def test_nothing_to_lay_and_nothing_to_lay_it_on() -> None:
    assert free(at(), layer(lake(0))) == []
    assert free(at((50, 50))) == [True]
    empty = Areas((), np.zeros(0))
    assert free(at((50, 50)), layer(empty), parcels={"S0": box(0, 0, 100, 100)}) == [True]


def test_limits_are_said_in_words() -> None:
    assert layer(lake(0), within_m=30).condition.en == "inside, and 30 m around"
    assert Limits(above=25, values=(7, 9)).said.en == "> 25 or = 7, 9"
    assert layer(lake(0), excludes=None, best=1).condition.en == ""
