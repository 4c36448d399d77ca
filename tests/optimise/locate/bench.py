"""Reads the published instances that are kept outside the project, in the formats their sources describe."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.arrays import FloatArray


def optima(folder: Path) -> list[dict[str, str]]:
    """The published values of a family."""
    with folder.joinpath("optima.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def pmed(path: Path) -> tuple[FloatArray, int]:
    """Return all shortest paths of an OR-Library graph, and p; a repeated edge takes the last cost."""
    words = path.read_text(encoding="ascii").split()
    n, m, p = (int(word) for word in words[:3])
    lines = np.array(words[3 : 3 + 3 * m], dtype=np.int64).reshape(m, 3)
    edges = {(min(i, j) - 1, max(i, j) - 1): cost for i, j, cost in lines.tolist()}
    row, column = np.array(list(edges)).T
    graph = sparse.csr_array((np.array(list(edges.values()), dtype=np.float64), (row, column)), shape=(n, n))
    return dijkstra(graph, directed=False), p


def warehouses(path: Path) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return costs of serving all of a demand, fixed costs, demands and capacities."""
    words = [float(word) for word in path.read_text(encoding="ascii").split()]
    m, n = int(words[0]), int(words[1])
    sites = np.array(words[2 : 2 + 2 * m]).reshape(m, 2)
    customers = np.array(words[2 + 2 * m :]).reshape(n, m + 1)
    return customers[:, 1:], sites[:, 1], customers[:, 0], sites[:, 0]


def clusters(path: Path) -> tuple[FloatArray, FloatArray, int, float]:
    """Return floored distances, demands, p and the capacity of a capacitated p-median."""
    words = path.read_text(encoding="ascii").split()
    n, p, capacity = (int(word) for word in words[2:5])
    points = np.array(words[5 : 5 + 4 * n], dtype=np.float64).reshape(n, 4)
    return np.floor(distances(points[:, 1:3])), points[:, 3], p, float(capacity)


def covering(path: Path) -> tuple[sparse.csr_array, FloatArray]:
    """Return who covers whom, and what each column costs."""
    words = [int(word) for word in path.read_text(encoding="ascii").split()]
    rows, columns = words[:2]
    cost, at, pairs = np.array(words[2 : 2 + columns], dtype=np.float64), 2 + columns, []
    for row in range(rows):
        pairs += [(row, column - 1) for column in words[at + 1 : at + 1 + words[at]]]
        at += 1 + words[at]
    row_of, column_of = np.array(pairs).T
    return sparse.csr_array((np.ones(len(pairs)), (row_of, column_of)), shape=(rows, columns)), cost


def tsplib(path: Path) -> FloatArray:
    """Return real Euclidean distances between the points of a TSPLIB file."""
    text = path.read_text(encoding="ascii").partition("NODE_COORD_SECTION")[2].partition("EOF")[0]
    return distances(np.array(text.split(), dtype=np.float64).reshape(-1, 3)[:, 1:])


def distances(points: FloatArray) -> FloatArray:
    """Return Euclidean distances between all points."""
    return np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))


def san_francisco(folder: Path) -> tuple[pd.DataFrame, pd.Series]:
    """Return network metres by tract and store, and persons by tract; the two files are in different orders."""
    name = "SF_network_distance_candidateStore_16_censusTract_205_new.csv"
    long = pd.read_csv(folder / name, dtype={"DestinationName": str})
    metres = long.pivot_table(index="DestinationName", columns="name", values="distance")
    people = pd.read_csv(folder / "SF_demand_205_centroid_uniform_weight.csv", dtype={"NAME": str})
    return metres, people.set_index("NAME")["POP2000"]
