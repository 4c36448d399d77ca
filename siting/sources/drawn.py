"""Plans drawn by hand: a table of sites (or places), kinds, beds and years; ``plan.csv`` of a run folder is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from siting.errors import DataError, Problem
from siting.model.drawn import DrawnLine
from siting.model.sites import Action
from siting.sources import crs as systems
from siting.sources.columns import plain
from siting.sources.desk import Desk
from siting.sources.manifest import Intake
from siting.sources.options import CandidatesFile
from siting.sources.positions import Surroundings, positions
from siting.sources.tables import read_table
from siting.sources.words import Vocabulary, kind_words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from siting.model.arrays import FloatArray
    from siting.model.catalogue import Catalogue
    from siting.model.raw import Raw

_SITE = ("site", "site id", "选址", "选址编号", "设施点")
_YEAR = ("year", "phase", "年份", "实施年份", "规划期", "建成年份")
_ACTION = ("action", "措施", "规划措施", "建设方式")
_MODULE = ("module", "size", "规模", "规模类型")
_ACTIONS = {
    Action.KEEP: ("keep", "kept", "保留", "现状保留"),
    Action.OPEN: ("open", "new", "新建", "新增"),
    Action.EXPAND: ("expand", "expanded", "扩建"),
    Action.CONVERT: ("convert", "converted", "改造", "改建", "转型"),
    Action.CLOSE: ("close", "closed", "撤并", "关闭", "撤销"),
}
_BED_COLUMNS = (
    ("general_after", "nursing_after", "dementia_after"),
    ("beds_general", "beds_nursing", "beds_dementia"),
)
"""As run folders name them, and as tables of facilities do."""


def read_drawn(path: Path, raw: Raw, catalogue: Catalogue) -> tuple[DrawnLine, ...]:
    """Read a hand-drawn plan.

    Parameters
    ----------
    path : Path
        .csv, .xlsx or a layer of points. A line names a ``site``, or a place (``lon``, ``lat``); then ``kind``,
        ``beds`` (or by class), ``year``, and where it is not plain ``action``, ``module`` and ``tenure``.
    raw : Raw
        The study's inputs, for its plane and its districts.
    catalogue : Catalogue

    Raises
    ------
    DataError
        With every problem of the table.
    """
    intake = Intake(path.parent, None)
    desk = Desk(read_table(CandidatesFile(file=path.name), "plan", intake), "plan")
    site = _column(desk, _SITE) or desk.column("id", None) or [""] * len(desk.table)
    x_m, y_m = _places(desk, site, raw, intake)
    kind = _kinds(desk, catalogue)
    action = _actions(desk)
    module = _column(desk, _MODULE) or [""] * len(desk.table)
    beds, total = _beds(desk)
    year = np.nan_to_num(desk.numbers("year", _column(desk, _YEAR), whole=True)).astype(np.int64)
    tenure = _words(desk, "tenure", catalogue.tenures)
    operator = _words(desk, "operator", ("public", "non_state"))
    name = desk.column("name", None) or site
    if desk.problems:
        raise DataError(desk.told())
    return tuple(
        DrawnLine(
            site=site[i],
            x_m=float(x_m[i]),
            y_m=float(y_m[i]),
            kind=kind[i],
            action=action[i],
            module=module[i],
            tenure=tenure[i],
            operator=operator[i],
            beds=None if np.isnan(beds[i]).any() else (int(beds[i, 0]), int(beds[i, 1]), int(beds[i, 2])),
            total=None if np.isnan(total[i]) else int(total[i]),
            year=int(year[i]),
            name=name[i],
            where=desk.table.where[i],
        )
        for i in range(len(desk.table))
    )


def _column(desk: Desk, headers: Iterable[str]) -> list[str] | None:
    """Return the first column that bears one of some headers."""
    wanted = {plain(header) for header in headers}
    found = next((column for column in desk.table.columns if plain(column) in wanted), None)
    return None if found is None else desk.table.column(found)


def _places(desk: Desk, site: list[str], raw: Raw, intake: Intake) -> tuple[FloatArray, FloatArray]:
    """Return the places of lines that name no site: float64[line] twice, NaN for the others."""
    x_m, y_m = np.full(len(site), np.nan), np.full(len(site), np.nan)
    nameless = [row for row, one in enumerate(site) if not one]
    if nameless and not (desk.candidates("lon") and desk.candidates("lat")) and desk.table.xy is None:
        mend = "write the id of a facility or candidate, or its longitude and latitude (columns lon and lat)"
        desk.problems += [Problem(desk.table.where[row], "names neither a site nor a place", mend) for row in nameless]
    elif nameless:
        plane = systems.plane(raw.crs, None)
        box = tuple(shapely.total_bounds(np.array(raw.districts.geometry, dtype=object)).tolist())
        around = Surroundings(plane, plane.lonlat_bounds(box), box)
        x_m[nameless], y_m[nameless] = positions(
            desk.only(nameless), CandidatesFile(file=desk.table.file), around, intake
        )
    return x_m, y_m


def _kinds(desk: Desk, catalogue: Catalogue) -> list[str]:
    column = desk.find("kind")
    if column is None:
        return [""] * len(desk.table)
    return desk.meanings("kind", column, kind_words("plan", catalogue, catalogue.kinds, {}), "")


def _words(desk: Desk, key: str, valid: Iterable[str]) -> list[str]:
    column = desk.find(key)
    if column is None:
        return [""] * len(desk.table)
    return desk.meanings(key, column, Vocabulary(key, "plan", tuple(valid), {}), "")


def _actions(desk: Desk) -> list[str]:
    """Return what each line does, as far as it says so."""
    known = {plain(word): str(action) for action, words in _ACTIONS.items() for word in words}
    told = _column(desk, _ACTION) or [""] * len(desk.table)
    for word, where in zip(told, desk.table.where, strict=True):
        if word and plain(word) not in known:
            mend = f"write one of {', '.join(_ACTIONS)}, or leave it empty"
            desk.problems.append(Problem(where, f"there is no action {word!r}", mend))
    return [known.get(plain(word), "") for word in told]


def _beds(desk: Desk) -> tuple[FloatArray, FloatArray]:
    """Return beds by class and in all, NaN where not said: float64[line, class], float64[line]."""
    by_class = np.full((len(desk.table), 3), np.nan)
    for names in _BED_COLUMNS:
        columns = [
            name if name in desk.table.columns else desk.find(name) if "beds" in name else None for name in names
        ]
        if any(columns):
            read = [
                desk.numbers(name, desk.table.column(column), whole=True, unit="beds") if column else None
                for name, column in zip(names, columns, strict=True)
            ]
            stated = np.column_stack([np.full(len(desk.table), np.nan) if one is None else one for one in read])
            said = ~np.isnan(stated).all(axis=1)
            by_class[said] = np.nan_to_num(stated[said])
            break
    column = "beds_after" if "beds_after" in desk.table.columns else desk.find("beds")
    total = desk.numbers("beds", desk.table.column(column) if column else None, whole=True, unit="beds")
    return by_class, total
