"""Hot spots: where most of those live whom a coverage clause leaves out, with how many they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer
from scipy.signal import oaconvolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siting.model.arrays import FloatArray
    from siting.model.places import Zones
    from siting.model.plan import Study
    from siting.model.problem import State

_MOST = 10
"""Spots listed for each clause and stage."""
_LEAST_PERSONS = 0.5
"""Below half a person there is nobody to show."""

COLUMNS = ("rule", "stage", "rank", "persons", "radius_m", "district", "lon", "lat")


def hot_spots(study: Study, planned: State | None) -> gpd.GeoDataFrame:
    """List hot spots of each coverage clause, today and by the end of each phase.

    A spot is the cell around which most persons left out live whose cells' centres lie within the clause's distance as
    the crow flies; its persons are then taken out before the next one is looked for, so that nobody counts twice.

    Parameters
    ----------
    study : Study
    planned : State or None
        The plan's state; None where there is none.

    Returns
    -------
    GeoDataFrame
        Points on the study plane with `COLUMNS`; see `siting.present.results.Results.spots`.
    """
    zones = study.problem.zones
    field = Field(zones, study.raw.crs)
    names = (*study.problem.districts.id, "")
    rows, places = [], []
    to_lonlat = Transformer.from_crs(study.raw.crs, "EPSG:4326", always_xy=True)
    for rule, stage, left_out in _stages(study, planned):
        radius = _radius(study, rule)
        for rank, (zone, persons) in enumerate(field.spots(left_out, radius), start=1):
            lon, lat = to_lonlat.transform(zones.x_m[zone], zones.y_m[zone])
            where = names[zones.district[zone]]
            rows.append((rule.clause.id, stage, rank, round(persons, 1), radius, where, round(lon, 6), round(lat, 6)))
            places.append(shapely.Point(zones.x_m[zone], zones.y_m[zone]))
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=list(COLUMNS)), geometry=places, crs=study.raw.crs)


def _radius(study: Study, rule: Any) -> float:  # noqa: ANN401 - a rule, whose package is a sibling
    """Return the clause's distance at the study's walking speed, metres."""
    reach = rule.reach(study.problem.walk_speed_m_per_s)
    return 0.0 if reach is None else float(reach.metres)


def _stages(study: Study, planned: State | None) -> Iterator[tuple[Any, str, FloatArray]]:
    """Yield every coverage clause with each stage and the persons of each zone whom it leaves out then."""
    problem = study.problem
    last = len(problem.phases) - 1
    stages = [("before", last, problem.existing_state())]
    if planned is not None:
        stages += [(str(year), number, planned) for number, year in enumerate(problem.phases[:-1])]
        stages.append(("after", last, planned))
    for rule in study.config.rules:
        for name, phase, state in stages:
            view = rule.coverage(problem, phase)
            if view is not None and all(reach.mode == "walk" for reach in view.reaches):
                left_out = np.zeros(len(problem.zones))
                for reach, persons in view.groups:
                    covered = problem.covers(reach) @ state.open[phase].astype(np.float64) > 0
                    left_out += np.where(view.concerned & ~covered, persons, 0.0)
                yield rule, name, left_out


class Field:
    """The study's grid, on which persons around every cell are added up."""

    def __init__(self, zones: Zones, crs: str) -> None:
        self.zones = zones
        grid = zones.grid
        self.shape = (int(grid.height), int(grid.width))
        self.zone_at = np.full(self.shape, -1, dtype=np.int64)
        # A cell that a boundary cuts has parts, the largest first: the first one inside a district speaks for it.
        cells = np.flatnonzero(zones.is_cell)
        within = zones.district[cells] >= 0
        order = cells[np.argsort(within, kind="stable")]
        order = np.concatenate([part[::-1] for part in np.split(order, [int((~within).sum())])])
        self.zone_at[zones.row[order], zones.column[order]] = order
        middle_x = grid.west + grid.cell_width * (grid.width // 2 + np.array([0.0, 1.0, 0.0]))
        middle_y = grid.north - grid.cell_height * (grid.height // 2 + np.array([0.0, 0.0, 1.0]))
        x, y = Transformer.from_crs(grid.crs, crs, always_xy=True).transform(middle_x, middle_y)
        self.cell_m = float(np.hypot(y[2] - y[0], x[2] - x[0])), float(np.hypot(x[1] - x[0], y[1] - y[0]))

    def disc(self, radius_m: float) -> FloatArray:
        """Return ones where a cell's centre lies within the radius of the middle one: float64[2r + 1, 2c + 1]."""
        rows, columns = (int(radius_m / side) for side in self.cell_m)
        down, across = np.mgrid[-rows : rows + 1, -columns : columns + 1]
        within: FloatArray = np.hypot(down * self.cell_m[0], across * self.cell_m[1]) <= radius_m
        return within.astype(np.float64)

    def spots(self, left_out: FloatArray, radius_m: float) -> Iterator[tuple[int, float]]:
        """Yield zones with most persons left out around them, the worst first, and how many these are."""
        disc = self.disc(radius_m)
        half = disc.shape[0] // 2, disc.shape[1] // 2
        persons = np.zeros(self.shape)
        cells = self.zones.is_cell
        np.add.at(persons, (self.zones.row[cells], self.zones.column[cells]), left_out[cells])
        around = np.where(self.zone_at >= 0, _added(persons, disc), 0.0)
        for _ in range(_MOST):
            row, column = np.unravel_index(int(np.argmax(around)), self.shape)
            window = _window(row, half[0], self.shape[0]), _window(column, half[1], self.shape[1])
            cut = disc[_part(row, half[0], self.shape[0]), _part(column, half[1], self.shape[1])]
            found = float((persons[window] * cut).sum())
            if found < _LEAST_PERSONS:
                return
            yield int(self.zone_at[row, column]), found
            persons[window] *= 1 - cut
            wide = _window(row, 2 * half[0], self.shape[0]), _window(column, 2 * half[1], self.shape[1])
            wider = _window(row, 3 * half[0], self.shape[0]), _window(column, 3 * half[1], self.shape[1])
            inner = tuple(slice(a.start - b.start, a.stop - b.start) for a, b in zip(wide, wider, strict=True))
            again = _added(persons[wider], disc)[inner]
            around[wide] = np.where(self.zone_at[wide] >= 0, again, 0.0)


def _added(persons: FloatArray, disc: FloatArray) -> FloatArray:
    """Add up the persons within the disc around every cell; rounding of the transform taken off."""
    found: FloatArray = np.round(oaconvolve(persons, disc, mode="same"), 6)
    return found


def _window(middle: Any, half: int, size: int) -> slice:  # noqa: ANN401 - an integer of numpy
    """Return the indices within `half` of the middle that exist."""
    return slice(max(0, int(middle) - half), min(size, int(middle) + half + 1))


def _part(middle: Any, half: int, size: int) -> slice:  # noqa: ANN401 - an integer of numpy
    """Return the part of a disc that lies over `_window`."""
    whole = _window(middle, half, size)
    return slice(whole.start - int(middle) + half, whole.stop - int(middle) + half)
