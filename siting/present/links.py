"""Links between tiers: every facility with the nearest one of its parent kind, as the crow flies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import KDTree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.model.arrays import FloatArray

COLUMNS = ("child", "parent", "kind", "parent_kind", "straight_m")


def links(sites: gpd.GeoDataFrame, parents: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Join each working facility to the nearest working one of its parent kind, in its own unit where there is one.

    Parameters
    ----------
    sites : GeoDataFrame
        As `siting.present.results.Results.sites` says; facilities that are closed have no links.
    parents : Mapping[str, str]
        Parent kind by kind, from the catalogue; kinds without one have no links.

    Returns
    -------
    GeoDataFrame
        Lines on the study plane with `COLUMNS`: ids of both facilities, their kinds, and metres as the crow flies.
    """
    working = sites[sites["action"] != "close"]
    rows: list[tuple[object, ...]] = []
    lines: list[object] = []
    for kind, parent in parents.items():
        above = working[working["kind"] == parent]
        if above.empty:
            continue
        for unit, children in working[working["kind"] == kind].groupby("unit"):
            near = above[above["unit"] == unit]
            near = above if near.empty else near
            metres, place = (np.atleast_1d(part) for part in KDTree(_points(near)).query(_points(children)))
            found = near.iloc[place]
            rows += [
                (child, own, kind, parent, round(float(away), 1))
                for child, own, away in zip(children["site"], found["site"], metres, strict=True)
            ]
            ends = np.stack([_points(children), _points(found)], axis=1)
            lines += [shapely.LineString(pair) for pair in ends]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=list(COLUMNS)), geometry=lines, crs=sites.crs)


def _points(table: gpd.GeoDataFrame) -> FloatArray:
    return np.column_stack([table.geometry.x, table.geometry.y])
