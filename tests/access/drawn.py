"""Towns drawn in letters: what stands in the picture is what is tested."""

from __future__ import annotations

import numpy as np

from siting.access import RoadGraph

STEP_M = 25.0
"""One character is 25 m wide, one line 25 m high."""

TOWN = """
    a-------b-------c       k---l
    |       |       |
    |       |       |
    d-------e-------f---------------g

    ~~~~~~~~|~~~~~~~~~~~~~~~~~~~~~~~~

    h-------i-------j
"""
"""A town on a river (~) with one bridge, e–i; a cul-de-sac to g; and k–l, an island of 100 m that nothing leads to."""


def town(picture: str = TOWN) -> tuple[RoadGraph, dict[str, int]]:
    """Read a picture: letters are nodes, runs of ``-`` and ``|`` between two letters (over blanks, ~ and |) edges.

    Returns the graph and each letter's node; x grows to the right and y upwards, in metres.
    """
    lines = [line for line in picture.splitlines() if line.strip()]
    blank = picture.splitlines()
    rows = [line.ljust(max(map(len, blank))) for line in blank[blank.index(lines[0]) : blank.index(lines[-1]) + 1]]
    height = len(rows)
    places = {
        letter: (column, row) for row, line in enumerate(rows) for column, letter in enumerate(line) if letter.isalpha()
    }
    letters = sorted(places)
    number = {letter: index for index, letter in enumerate(letters)}
    columns = ["".join(row[column] for row in rows) for column in range(len(rows[0]))]
    edges = [pair for line in rows for pair in _runs(line, "-")]
    edges += [pair for line in columns for pair in _runs(line, "|")]
    x = np.array([places[letter][0] * STEP_M for letter in letters])
    y = np.array([(height - 1 - places[letter][1]) * STEP_M for letter in letters])
    u, v = ([number[pair[end]] for pair in sorted(edges)] for end in (0, 1))
    return RoadGraph.from_edges(x, y, u, v), number


def _runs(line: str, stroke: str) -> list[tuple[str, str]]:
    """Return pairs of letters that a run holding `stroke` connects along one line."""
    pairs, last, between = [], "", ""
    for character in line:
        if character.isalpha():
            if last and stroke in between:
                pairs.append((last, character))
            last, between = character, ""
        else:
            between += character
    return pairs
