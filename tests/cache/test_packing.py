"""Values of the domain come back as they went, and equal values have equal digests."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.sparse import csr_array
from small_studies import shipped_config

from siting.cache import DamagedError, digest, pack, unpack
from siting.model.access import Access, RoadState, Snap
from siting.model.roads import RoadGraph
from siting.model.sites import Action
from siting.model.text import Text


def there_and_back(value: object) -> Any:  # noqa: ANN401 - whatever went
    tree, held = pack(value)
    return unpack(json.loads(json.dumps(tree)), held)


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(NESTED)
def test_plain_values_come_back(value: object) -> None:
    back = there_and_back(value)
    assert back == value
    assert type(back) is type(value)
    assert digest(back) == digest(value)


@given(arrays.arrays(st.sampled_from([np.float64, np.int32, np.bool_, np.uint8]), arrays.array_shapes(min_side=0)))
def test_arrays_come_back_with_type_and_shape(value: np.ndarray) -> None:
    back = there_and_back({"a": [value]})["a"][0]
    assert back.dtype == value.dtype
    np.testing.assert_array_equal(back, value)
    assert digest(value) == digest(back)
    assert digest(value) != digest(value.astype(np.complex128))


def test_numbers_that_are_no_numbers_come_back() -> None:
    value = (float("nan"), float("inf"), -0.0, np.float64(0.1), 10**30)
    back = there_and_back(value)
    assert np.isnan(back[0])
    assert back[1:] == value[1:]
    assert str(back[2]) == "-0.0"
    assert type(back[3]) is np.float64


def test_geometries_sparse_rows_and_domain_types_come_back() -> None:
    ring = shapely.box(0, 0, 2, 1).difference(shapely.box(0.5, 0.25, 1, 0.75))
    snap = Snap(np.array([0, -1]), np.zeros(2), np.ones(2), np.zeros(2), np.zeros(2), np.array([0, RoadState.NO_ROAD]))
    ways = csr_array((np.array([0.0, 5.0]), np.array([0, 1]), np.array([0, 1, 2])), shape=(2, 2))
    told = {"access": Access(ways, 9.0, snap, snap), "ring": (ring, shapely.Point(1, 2)), "action": Action.OPEN}
    told |= {"words": Text("中", "en"), "of": np.array([ring, None], dtype=object), "set": frozenset({"b", "a"})}
    back = there_and_back(told)
    assert back["ring"] == told["ring"]
    assert back["of"][0].equals_exact(ring)
    assert back["of"][1] is None
    assert back["action"] is Action.OPEN
    assert back["words"] == told["words"]
    assert back["set"] == {"a", "b"}
    assert back["access"].metres.nnz == 2, "a stored way of nought is no absent one"
    assert not back["access"].metres.data.flags.writeable
    assert digest(back) == digest(told)


def test_a_graph_comes_back_array_by_array() -> None:
    graph = RoadGraph.from_edges([0, 3, 3], [0, 0, 4], [0, 1], [1, 2])
    back = there_and_back(graph)
    for field in fields(graph):
        one, other = getattr(graph, field.name), getattr(back, field.name)
        assert digest(one) == digest(other), field.name
    assert digest(back) == digest(graph)
    assert digest(replace(graph, length_m=graph.length_m + 1e-9)) != digest(graph)


def test_options_can_be_digested_and_tell_their_values_apart() -> None:
    options = shipped_config().options
    other = options.model_copy(update={"density": options.density.model_copy(update={"radius_m": 501.0})})
    assert digest(options) == digest(options.model_copy())
    assert digest(options) != digest(other)
    assert digest(Path("a")) != digest("a")


@pytest.mark.parametrize("value", [object(), {"a": {1: lambda: 0}}, [open]])
def test_what_is_no_value_of_the_domain_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no value of the domain"):
        digest(value)


@pytest.mark.parametrize(
    "tree",
    [
        ["array", 7],
        ["data", "os:system", [["command", "true"]]],
        ["data", "siting.model.text:Text", [["zh", "x"]]],
        ["data", "siting.model.text:Nothing", []],
        ["data", "siting.model.access:RoadState", [["value", 0]]],
        ["enum", "siting.model.text:Text", 1],
        ["enum", "siting.model.access:RoadState", 99],
        ["shape", 0, 3],
        ["pickle", "x"],
        ["date", "yesterday"],
        ["csr", [["array", 0]], [1, 1]],
    ],
    ids=str,
)
def test_a_tree_that_makes_no_value_is_damaged(tree: object) -> None:
    with pytest.raises(DamagedError):
        unpack(tree, [np.zeros(3, dtype=np.uint8)])


def test_dates_and_moments_stay_apart() -> None:
    day, moment = dt.date(2025, 1, 2), dt.datetime(2025, 1, 2, 3, 4, tzinfo=dt.UTC)
    assert there_and_back((day, moment)) == (day, moment)
    assert digest(day) != digest(moment)
