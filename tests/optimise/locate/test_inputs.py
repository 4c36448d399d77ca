"""Names decide: how weights are joined to a matrix, what is refused, and that everything wrong is told at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from siting.errors import DataError
from siting.model.pairs import PairTable
from siting.optimise import SolverOptions, locate

COST = pd.DataFrame([[0.0, 5.0], [5.0, 0.0], [1.0, 4.0]], index=["A", "B", "C"], columns=["x", "y"])


def refused(*words: str) -> pytest.RaisesExc[DataError]:
    """An error that says all of these."""
    return pytest.raises(DataError, check=lambda error: [word for word in words if word not in str(error)] == [])


def test_labels_are_joined_by_name_in_any_order() -> None:
    weights = pd.Series({"C": 1.0, "A": 7.0, "B": 100.0})
    assert locate.p_median(COST, weights, 1).open_ids == ("y",)
    assert locate.p_median(COST, weights.to_dict(), 1).open_ids == ("y",)
    assert locate.p_median(COST, weights[["B", "C", "A"]], 1).objective == 7 * 5 + 4
    table = PairTable(sparse.csr_array(COST.to_numpy() + 1.0), ("A", "B", "C"), ("x", "y"))
    assert locate.p_median(table, weights, 1).assignment_ids == ("y", "y", "y")


def test_a_bare_vector_beside_a_labelled_matrix_is_refused() -> None:
    with refused("weights: has no ids, but the matrix has"):
        locate.p_median(COST, np.ones(3), 1)
    assert locate.p_median(COST, 1.0, 1).objective == 6


def test_labels_beside_a_bare_matrix_are_refused_unless_they_are_its_numbers() -> None:
    with refused("weights: has ids, but the matrix has none"):
        locate.p_median(COST.to_numpy(), pd.Series({"A": 1.0, "B": 1.0, "C": 1.0}), 1)
    numbered = pd.Series([1.0, 100.0, 1.0])
    assert locate.p_median(COST.to_numpy(), numbered, 1).open.tolist() == [1]


def test_missing_and_unknown_ids_are_named_together() -> None:
    with refused("lacks demand ids of the matrix: C", "does not know: D", "fixed", "lacks site ids of the matrix: y"):
        locate.fixed_charge(COST, {"x": 1.0}, {"A": 1.0, "B": 1.0, "D": 1.0})
    with refused("names the same demand twice: A"):
        locate.p_median(COST, pd.Series([1.0, 2.0, 3.0, 4.0], index=["A", "A", "B", "C"]), 1)


def test_lengths_must_agree() -> None:
    with refused("weights: has 2 values for 3 demand points (rows)"):
        locate.p_median(COST.to_numpy(), [1.0, 2.0], 1)
    with refused("capacity: has 3 values for 2 sites (columns)"):
        locate.p_median(COST.to_numpy(), 1.0, 1, [9.0, 9.0, 9.0])


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        ([[1.0, -2.0]], "holds 1 values below nought"),
        ([[1.0, np.nan]], "holds values that are no numbers"),
        ([1.0, 2.0], "has 1 dimensions"),
        ([["a"]], "is no matrix of numbers"),
        (np.zeros((0, 3)), "is empty: 0 × 3"),
        (sparse.coo_array(([1.0, 2.0], ([0, 0], [1, 1])), shape=(1, 2)), "names a pair twice"),
        (pd.DataFrame([[1.0], [2.0]], index=["A", "A"]), "names the same demand twice: A"),
    ],
    ids=str,
)
def test_matrices_that_cannot_be_are_refused(cost: object, words: str) -> None:
    with refused("cost", words):
        locate.p_center(cost, 1)


def test_numbers_that_cannot_be_are_refused_all_at_once() -> None:
    with refused("p: is 3, with 2 sites", "radius: is -1", "weights: is no number ≥ 0 at B", "predefined", "z"):
        locate.mclp(COST, {"A": 1.0, "B": -1.0, "C": np.nan}, -1.0, 3, predefined=["z"])
    with refused("predefined: keeps 2 sites open, but only 1 are wanted"):
        locate.p_center(COST, 1, predefined=["x", "y"])
    with refused("predefined: names sites that the matrix does not have: 0"):
        locate.p_center(COST, 1, predefined=[0])
    with refused("share: is 1.5"):
        locate.partial_cover(COST, 1.0, 1.0, 1.5)
    with refused("p: is 1, with 3 sites"):
        locate.p_dispersion(np.ones((3, 3)), 1)
    with refused("gaps: is 1 × 2"):
        locate.p_dispersion([[1.0, 2.0]], 2)


def test_missing_values_of_a_frame_and_infinity_are_out_of_reach() -> None:
    pivot = pd.DataFrame([[1.0, np.nan], [np.inf, 2.0]])
    found = locate.p_median(pivot, 1.0, 1)
    assert found.certificate.status == "infeasible"
    assert found.why is not None
    assert found.why.smallest == {"p": 2}
    assert locate.p_median(pivot, 1.0, 2).objective == 3


def test_a_stored_nought_is_a_cost_and_an_absent_pair_is_not() -> None:
    thin = sparse.csr_array((np.array([0.0, 3.0]), (np.array([0, 1]), np.array([0, 0]))), shape=(2, 2))
    found = locate.p_median(thin, 1.0, 1)
    assert found.open.tolist() == [0]
    assert found.objective == 3


def test_capacities_that_cannot_hold_say_what_would() -> None:
    cost, demand = np.ones((3, 3)), [4.0, 4.0, 4.0]
    found = locate.p_median(cost, demand, 1, [5.0, 8.0, 4.0])
    assert found.why is not None
    assert found.why.smallest == {"p": 2}
    assert locate.p_median(cost, demand, 2, [5.0, 8.0, 4.0]).certificate.status == "optimal"
    assert locate.p_median(cost, demand, 3, [3.0, 3.0, 3.0]).why is not None
    split = locate.p_median(cost, [6.0, 1.0, 1.0], 3, [4.0, 4.0, 4.0])
    assert split.certificate.status == "optimal"
    assert split.shares.nnz > 3
    whole = locate.p_median(cost, [6.0, 1.0, 1.0], 3, [4.0, 4.0, 4.0], single_source=True)
    assert whole.why is not None
    assert whole.why.demand == (0,)
    assert whole.why.smallest == {"capacity": 6}


def test_a_gap_that_is_allowed_is_told() -> None:
    rng = np.random.default_rng(3)
    points = rng.random((80, 2))
    cost = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    best = locate.p_median(cost, 1.0, 6)
    loose = locate.p_median(cost, 1.0, 6, options=SolverOptions(gap=0.2))
    assert best.objective is not None
    assert loose.objective is not None
    assert loose.certificate.bound is not None
    assert loose.certificate.bound <= best.objective * (1 + 1e-9) <= loose.objective * (1 + 2e-9)
    assert loose.certificate.gap is not None
    assert loose.certificate.gap <= 0.2 + 1e-9
    assert (loose.certificate.status == "optimal") == (loose.certificate.gap <= 1e-6)
