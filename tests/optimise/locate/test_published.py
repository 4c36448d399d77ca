"""Published optima, proven: OR-Library, TSPLIB, and the San Francisco stores of spopt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from bench import clusters, covering, optima, pmed, san_francisco, tsplib, warehouses

from siting.errors import DataError
from siting.optimise import locate

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def bench(shared: Path) -> Path:
    """The folder of published instances, beside the real data."""
    folder = shared.parent / "bench"
    if not folder.is_dir():
        pytest.skip(f"no published instances in {folder}")
    return folder


def proven(location: locate.Location, value: float, within: float = 1e-6) -> None:
    assert location.certificate.status == "optimal"
    assert location.objective == pytest.approx(value, rel=within)
    assert location.certificate.bound == pytest.approx(value, rel=max(within, 1e-6))


def test_p_medians_of_or_library(bench: Path) -> None:
    for row in optima(bench / "pmed"):
        cost, p = pmed(bench / "pmed" / f"{row['instance']}.txt")
        found = locate.p_median(cost, 1.0, p)
        proven(found, float(row["pmedian_opt"]))
        assert len(found.open) == p == int(row["p"])


def test_p_centers_of_or_library(bench: Path) -> None:
    for row in optima(bench / "pmed"):
        cost, p = pmed(bench / "pmed" / f"{row['instance']}.txt")
        proven(locate.p_center(cost, p), float(row["pcenter_opt"]))


def test_p_centers_of_tsplib(bench: Path) -> None:
    cost = tsplib(bench / "pcenter" / "pr226.tsp")
    for row in optima(bench / "pcenter"):
        found = locate.p_center(cost, int(row["p"]))
        assert found.certificate.status == "optimal"
        assert round(found.objective) == int(row["opt_rounded"])


def test_set_covers_of_or_library(bench: Path) -> None:
    for row in optima(bench / "scp"):
        proven(locate.set_cover(*covering(bench / "scp" / f"{row['instance']}.txt")), float(row["opt"]))


def test_warehouses_of_or_library(bench: Path) -> None:
    for row in optima(bench / "cflp"):
        found = locate.fixed_charge(*warehouses(bench / "cflp" / f"{row['instance']}.txt"))
        proven(found, float(row["capacitated_opt"]), 1e-8)
    for row in optima(bench / "uflp"):
        cost, fixed, demand, _ = warehouses(bench / "uflp" / f"{row['instance']}.txt")
        proven(locate.fixed_charge(cost, fixed, demand), float(row["uncapacitated_opt"]), 1e-8)
        proven(
            locate.fixed_charge(cost / demand[:, None], fixed, demand, per_unit=True), float(row["uncapacitated_opt"])
        )


def test_capacitated_p_medians_of_or_library(bench: Path) -> None:
    for row in optima(bench / "pmedcap"):
        cost, demand, p, capacity = clusters(bench / "pmedcap" / f"{row['instance']}.txt")
        found = locate.p_median(cost, 1.0, p, capacity, single_source=True, demand=demand)
        proven(found, float(row["opt"]))
        assert found.shares.nnz == len(demand)
        by_weight = locate.p_median(cost / demand[:, None], demand, p, capacity, single_source=True)
        proven(by_weight, float(row["opt"]))


def test_stores_of_san_francisco(bench: Path) -> None:
    metres, people = san_francisco(bench / "spopt_sf")
    assert len(locate.lscp(metres, 5000).open) == 8
    assert len(locate.lscp(metres, 8000).open) == 3
    proven(locate.mclp(metres, people, 5000, 4), 875_247)
    proven(locate.p_median(metres, people, 4), 2_848_268_129.7145, 1e-12)
    proven(locate.k_nearest_p_median(metres, people, 4, 2), 2_848_268_129.7145, 1e-12)
    proven(locate.p_center(metres, 4), 7403.0638, 1e-8)


def test_the_trap_of_san_francisco(bench: Path) -> None:
    """The demand file is not in the matrix's order; joined by position it gives 870,187 and no error."""
    metres, people = san_francisco(bench / "spopt_sf")
    by_position = locate.mclp(metres.to_numpy(), people.to_numpy(), 5000, 4)
    by_name = locate.mclp(metres, people, 5000, 4)
    assert by_position.objective == pytest.approx(870_187)
    assert by_name.objective == pytest.approx(875_247)
    shuffled = people.sample(frac=1.0, random_state=1)
    again = locate.mclp(metres, shuffled, 5000, 4)
    assert again.objective == by_name.objective
    assert again.open_ids == by_name.open_ids
    with pytest.raises(DataError, match="has no ids, but the matrix has"):
        locate.mclp(metres, people.to_numpy(), 5000, 4)
    with pytest.raises(DataError, match="lacks demand ids"):
        locate.mclp(metres, people.reset_index(drop=True), 5000, 4)
    assert all(isinstance(name, str) for name in by_name.open_ids)
    served = np.array([name is not None for name in by_name.assignment_ids])
    assert people.loc[metres.index[served]].sum() == by_name.objective
