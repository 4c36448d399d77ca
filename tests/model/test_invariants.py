"""Types of the domain refuse what cannot be, and cannot be changed afterwards."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from scipy import sparse
from towns import problem, sites, snap

from siting.errors import ConfigError, DataError, SitingError
from siting.errors import Problem as Flaw
from siting.model.access import Access, nearest_of, within
from siting.model.arrays import frozen
from siting.model.findings import LedgerLine
from siting.model.places import Cells, Grid
from siting.model.problem import Reach, State
from siting.model.text import Text

HOME = (True, "institution", (), "", 0, (1, 2, 3))
IDLE = (False, "", ("institution", "day_care"), "idle", 0, (0, 0, 0))
TOWN = problem([30, 20], [0, 1], [(0, 0, 500.0), (1, 0, 500.001), (0, 1, 0.0)], sites([HOME, IDLE]))
REACH = Reach(frozenset({"institution"}), 500.0)


def test_frozen_copies_checks_and_locks() -> None:
    given = np.array([1, 2])
    made = frozen(given, np.float64, (2,))
    given[0] = 9
    assert made.tolist() == [1.0, 2.0]
    assert frozen([[1], [2]], np.int64, (None, 1)).shape == (2, 1)
    with pytest.raises(ValueError, match="read-only"):
        made[0] = 3.0
    for shape in ((3,), (2, 1)):
        with pytest.raises(ValueError, match="expected shape"):
            frozen(given, np.float64, shape)


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_zones_refuse_persons_that_cannot_be(value: float) -> None:
    with pytest.raises(ValueError, match="finite and not negative"):
        replace(TOWN.zones, persons=np.full((2, 1, 1), value))


def test_an_age_class_is_never_split() -> None:
    zones = replace(TOWN.zones, ages=(60, 70, 80), persons=np.arange(6.0).reshape(2, 3, 1))
    assert zones.persons_from(60, 0).tolist() == [3.0, 12.0]
    assert zones.persons_from(80, 0).tolist() == [2.0, 5.0]
    with pytest.raises(ValueError, match="age 65 is not the lower bound"):
        zones.persons_from(65, 0)


def test_cells_belong_together() -> None:
    grid = Grid("EPSG:4326", 0.0, 0.0, 1.0, 1.0, 1, 1)
    with pytest.raises(ValueError, match="expected shape"):
        Cells(grid, [0], [0], [0.0], [0.0], (2020, 2025), (60,), np.zeros((1, 1, 1)))


def test_districts_refuse_repeats_and_ragged_columns() -> None:
    with pytest.raises(ValueError, match="ids repeat"):
        replace(TOWN.districts, id=("D0", "D0"))
    with pytest.raises(ValueError, match="differ in length"):
        replace(TOWN.districts, unit=("D0",))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": ("S0", "S0")}, "site ids repeat"),
        ({"name": ("S0",)}, "differ in length"),
        ({"beds": [[-1, 0, 0], [0, 0, 0]]}, "beds must not be negative"),
        ({"x_m": [0.0]}, "expected shape"),
    ],
)
def test_sites_refuse(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(TOWN.sites, **change)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"beds_min": lambda o: o.beds_max + 1}, id="least of a class above its most"),
        pytest.param({"total_min": lambda o: o.total_max + 1}, id="least of all above the most"),
        pytest.param(
            {"total_min": lambda o: o.beds_max.sum(axis=1) + 1, "total_max": lambda _: np.full(6, 99)}, id="a"
        ),
        pytest.param(
            {"total_min": lambda _: np.full(6, -9), "total_max": lambda o: o.beds_min.sum(axis=1) - 1}, id="b"
        ),
    ],
)
def test_options_refuse_an_empty_range_of_beds(change: dict[str, object]) -> None:
    options = TOWN.options
    assert len(options) == 6
    with pytest.raises(ValueError, match="bed range is empty"):
        replace(options, **{name: make(options) for name, make in change.items()})


def test_states_refuse_beds_where_nothing_is_open() -> None:
    today = TOWN.existing_state()
    assert today.open.tolist() == [[True, False, False, False, False, False]]
    assert today.beds[0, 0].tolist() == [1, 2, 3]
    for beds in (today.beds - 1, today.beds + 1):
        with pytest.raises(ValueError, match="an option not in force has none"):
            State(today.open, beds)


def test_a_problem_refuses_tables_that_do_not_belong_together() -> None:
    with pytest.raises(ValueError, match="phases must ascend"):
        replace(TOWN, phases=(2026,))
    other = problem([30], [0], [], sites([HOME, IDLE]))
    with pytest.raises(ValueError, match="does not belong to these zones"):
        replace(TOWN, access=other.access)


@pytest.mark.parametrize("metres", [-0.1, np.inf, np.nan, 500.1])
def test_access_refuses_distances_that_cannot_be(metres: float) -> None:
    table = sparse.csr_array((np.array([metres]), ([0], [0])), shape=(1, 1))
    with pytest.raises(ValueError, match="within the cutoff"):
        Access(table, 500.0, snap(1), snap(1))
    with pytest.raises(ValueError, match="zones × sites are"):
        Access(table, 500.0, snap(2), snap(1))


def test_a_limit_is_inclusive_to_a_micrometre() -> None:
    table = sparse.csr_array(np.array([[809.999, 810.0, 810.0000001, 810.001]]))
    assert within(table, 810.0).toarray().tolist() == [[1.0, 1.0, 1.0, 0.0]]
    assert within(table, 810.0, np.array([True, False, False, True])).toarray().tolist() == [[1.0, 0.0, 0.0, 0.0]]


def test_a_distance_of_nought_is_within_every_limit() -> None:
    near = within(TOWN.access.metres, 1.0)
    assert near.toarray().tolist() == [[0.0, 1.0], [0.0, 0.0]]


def test_the_nearest_site_and_ties() -> None:
    table = sparse.csr_array(np.array([[5.0, 3.0, 3.0], [9.0, 0.0, 0.0]]))
    every = np.ones(3, dtype=bool)
    assert nearest_of(table, 4.0, every).tolist() == [1, -1]
    assert nearest_of(table, 9.0, np.array([True, False, True])).tolist() == [2, 0]


def test_who_is_covered_by_what() -> None:
    """Site 0 is a home and can stay one; site 1 can become a home in two sizes. Only zone 0 is within 500 m."""
    kinds = [(kind, str(action)) for kind, action in zip(TOWN.options.kind, TOWN.options.action, strict=True)]
    assert kinds == [
        ("institution", "keep"),
        ("institution", "expand"),
        ("institution", "convert"),
        ("institution", "open"),
        ("institution", "open"),
        ("day_care", "open"),
    ]
    assert TOWN.covers(REACH).toarray().tolist() == [[1, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 0]]
    assert TOWN.reachable(REACH, 0).tolist() == [True, False]


def test_nothing_is_reachable_before_its_first_year() -> None:
    town = problem([[30, 30]], [0], [(0, 0, 1.0)], sites([IDLE]), phases=(2023, 2025), first_year=2025)
    assert [town.reachable(REACH, phase).tolist() for phase in range(2)] == [[False], [True]]


def test_reach_labels_are_letters_digits_and_underscores() -> None:
    assert Reach(frozenset({"b", "a"}), 810.5).label == "a_b_810p5"
    assert Reach(frozenset({"a"}), 1e9).label == "a_1e09"


def test_demand_is_what_the_ledger_adds_up_to() -> None:
    assert LedgerLine("C", (REACH,), 2025, 1, 2, 4, 8, 16, 32, 63, 3).demand == 15


def test_types_are_frozen_and_texts_have_two_languages() -> None:
    text = Text("中", "en")
    assert (text.within("zh"), text.within("en")) == ("中", "en")
    with pytest.raises(FrozenInstanceError):
        text.zh = "别"  # type: ignore[misc]


def test_errors_list_problems_once_and_in_order() -> None:
    one, two = Flaw("a.yaml:1", "is wrong", "mend it"), Flaw("b.yaml:1", "is wrong too", "mend it")
    error = ConfigError([two, one, two])
    assert error.problems == (one, two)
    assert str(error) == "a.yaml:1: is wrong → mend it\nb.yaml:1: is wrong too → mend it"
    assert isinstance(DataError.one("c", "d", "e"), DataError)
    assert issubclass(DataError, SitingError)
