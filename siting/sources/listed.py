"""Facilities and candidates as Sites: every cell checked, every problem of a table told at once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from siting.errors import DataError, Problem
from siting.model.places import OUTSIDE
from siting.model.sites import BED_CLASSES, Sites
from siting.sources.attributes import read_attributes
from siting.sources.desk import Desk
from siting.sources.drift import Placed
from siting.sources.options import OsmFacilities
from siting.sources.osm_places import read_osm_places
from siting.sources.parcels import outlines_of, with_plots
from siting.sources.positions import Surroundings, positions
from siting.sources.premises import columns_of, commitments, floor_of, tenure_by_context, with_surroundings
from siting.sources.standing import Standing
from siting.sources.tables import read_table
from siting.sources.twins import twins
from siting.sources.words import LEFT_OUT, UnknownWordError, Vocabulary, kind_words, plain_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from shapely import Geometry

    from siting.model.arrays import BoolArray, FloatArray, IntArray
    from siting.model.catalogue import Catalogue
    from siting.sources.manifest import Intake
    from siting.sources.options import CandidatesFile, FacilitiesFile, ListedTable, Word

Options = TypeVar("Options")

OPERATORS = ("public", "non_state")
_BETWEEN = re.compile("[;；、]")


@dataclass(slots=True)
class Register:
    """Reads the tables of one run; ids are unique over all of them.

    Attributes
    ----------
    around : Surroundings
        The plane, and the districts' extent that points are checked against.
    catalogue : Catalogue
    intake : Intake
    placed : list[Placed]
        Grows with every table whose coordinate system is open to doubt.
    standing : Standing
        Remembers the facilities that do not count today.
    parcels : dict[str, Polygon | MultiPolygon]
        Outlines of the candidates that are parcels of land, by id, on the plane.
    """

    around: Surroundings
    catalogue: Catalogue
    intake: Intake
    placed: list[Placed] = field(default_factory=list)
    parcels: dict[str, Geometry] = field(default_factory=dict)
    standing: Standing = field(init=False)
    _taken: dict[str, str] = field(default_factory=dict)
    _numbered: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Nobody is left out yet."""
        self.standing = Standing(self.intake)

    def facilities(self, tables: Sequence[FacilitiesFile | OsmFacilities]) -> Sites:
        """Read the facilities that stand today; districts are assigned by a later stage.

        Raises
        ------
        DataError
            With every problem of every table; at most 20 of each, and the number of the others.
        """
        return self._apart(_together(tables, self._facilities))

    def candidates(self, tables: Sequence[CandidatesFile]) -> Sites:
        """Read the places where a facility could be opened; districts are assigned by a later stage.

        Raises
        ------
        DataError
            As `facilities`.
        """
        return self._apart(_together(tables, self._candidates))

    def _apart(self, table: Sites) -> Sites:
        """Refuse sites that are listed twice."""
        problems = twins(table, self.intake)
        if problems:
            raise DataError(problems)
        return table

    def _facilities(self, said: FacilitiesFile | OsmFacilities) -> Sites:
        if isinstance(said, OsmFacilities):
            options, table = said.as_table(), read_osm_places(said, self.catalogue, self.intake)
        else:
            options, table = said, read_table(said, "facilities", self.intake)
        desk = self.standing.working(Desk(table, "facilities"), options)
        own = options.words.get("kind", {})
        column, kind = desk.choice("kind", options, kind_words(desk.key, self.catalogue, self.catalogue.kinds, own))
        desk, kind = self.standing.kept(desk, options, column, kind)
        operator = self._chosen(desk, options, "operator", OPERATORS)
        identity, name = self._names(desk, options, "F")
        beds = self._beds(desk, options, kind)
        area = desk.numbers("floor area", desk.column("floor_area_m2", options.floor_area_m2), unit="area")
        attributes = read_attributes(desk, options)
        count = len(desk.table)
        x_m, y_m = self._places(desk, options)
        return Sites(
            id=tuple(identity),
            name=tuple(name),
            x_m=x_m,
            y_m=y_m,
            existing=np.ones(count, dtype=np.bool_),
            kind=tuple(kind),
            kinds_allowed=((),) * count,
            tenure=("",) * count,
            operator=tuple(operator),
            district=np.full(count, OUTSIDE),
            beds=beds,
            floor_area_m2=area,
            origin=desk.table.where,
            **columns_of(attributes, count),
        )

    def _candidates(self, options: CandidatesFile) -> Sites:
        desk = Desk(read_table(options, "candidates", self.intake), "candidates")
        identity, name = self._names(desk, options, "C")
        kinds = self._kinds(desk, options)
        operator = self._chosen(desk, options, "operator", OPERATORS)
        attributes = with_surroundings(desk, options, read_attributes(desk, options), self.catalogue)
        tenure = tenure_by_context(desk, options, attributes, self.catalogue)
        tenure = tenure or self._chosen(desk, options, "tenure", self.catalogue.tenures)
        outlines = outlines_of(desk, self.around.plane)
        area = floor_of(desk, options, with_plots(attributes, outlines), self.catalogue, self.intake)
        opens, beds = commitments(desk, options, kinds, area, self.catalogue)
        count = len(desk.table)
        x_m, y_m = self._places(desk, options)
        self.parcels |= {name: outline for name, outline in zip(identity, outlines, strict=True) if outline is not None}
        return Sites(
            id=tuple(identity),
            name=tuple(name),
            x_m=x_m,
            y_m=y_m,
            existing=np.zeros(count, dtype=np.bool_),
            kind=("",) * count,
            kinds_allowed=tuple(kinds),
            tenure=tuple(tenure),
            operator=tuple(operator),
            district=np.full(count, OUTSIDE),
            beds=np.zeros((count, len(BED_CLASSES)), dtype=np.int64),
            floor_area_m2=area,
            origin=desk.table.where,
            **columns_of(attributes, count),
            opens=opens,
            beds_planned=beds,
        )

    def _chosen(self, desk: Desk, options: ListedTable, key: Word, valid: Iterable[str]) -> list[str]:
        """Return what the words of a column mean that leaves no row out."""
        words = Vocabulary(key, desk.key, tuple(valid), plain_words(options.words.get(key, {})))
        return desk.choice(key, options, words)[1]

    def _places(self, desk: Desk, options: FacilitiesFile | CandidatesFile) -> tuple[FloatArray, FloatArray]:
        """Return the rows' places; every problem that the desk has noted by then stops the table."""
        x_m, y_m = positions(desk, options, self.around, self.intake)
        if desk.problems:
            raise DataError(desk.told())
        if not options.crs_checked:
            self.placed.append(Placed(desk.key, options.file, desk.table.crs, x_m, y_m))
        return x_m, y_m

    def _names(self, desk: Desk, options: FacilitiesFile | CandidatesFile, prefix: str) -> tuple[list[str], list[str]]:
        """Return ids and names; rows without an id column are numbered over all tables of their role."""
        column = desk.column("id", options.id)
        identity = [self._next(prefix) for _ in desk.table.where] if column is None else column
        for value, where in zip(identity, desk.table.where, strict=True):
            if not value:
                desk.problems.append(Problem(where, "the id is empty", "give the row an id of its own"))
            elif value in self._taken:
                what = f"the id {value!r} stands in {self._taken[value]} too"
                desk.problems.append(Problem(where, what, "give each site its own id, over all tables"))
            else:
                self._taken[value] = where
        name = desk.column("name", options.name) or identity
        name_en = desk.column("name_en", options.name_en) or identity
        return identity, [own or other or key for own, other, key in zip(name, name_en, identity, strict=True)]

    def _next(self, prefix: str) -> str:
        self._numbered[prefix] = number = self._numbered.get(prefix, 0) + 1
        return f"{prefix}{number:03d}"

    def _beds(self, desk: Desk, options: FacilitiesFile, kind: list[str]) -> IntArray:
        """Return int64[row, class]; general beds are what the other classes leave of the total."""
        read = {name: desk.column(name, column) for name, column in _bed_columns(options, desk).items()}
        bedded = np.array(
            [bool(self.catalogue.kinds[one].bed_cost) if one in self.catalogue.kinds else True for one in kind]
        )
        main = next((name for name in ("beds", "beds_general") if name in read), "")
        if not main and bedded.any():
            zh, en = (
                "未指明床位列，现有床位按 0 计。",
                "no column of beds is named: facilities count as having none today.",
            )
            mend = "指明床位列：`facilities: {beds: …}`", "name the column: `facilities: {beds: …}`"
            self.intake.warn(desk.table.file, zh, en, mend)
        counts = {
            name: np.nan_to_num(desk.numbers(name, values, whole=True, unit="beds")) for name, values in read.items()
        }
        for index, text in enumerate(read.get(main) or ()):
            if bedded[index] and not text and kind[index] in self.catalogue.kinds:
                what = f"the number of beds ({main}) of a {kind[index]!r} is empty"
                desk.problems.append(Problem(desk.table.where[index], what, "write it; 0 if there are none"))
        return _by_class(counts, bedded, desk)

    def _kinds(self, desk: Desk, options: CandidatesFile) -> list[tuple[str, ...]]:
        openable = tuple(key for key, kind in self.catalogue.kinds.items() if kind.modules)
        words = kind_words(desk.key, self.catalogue, openable, options.words.get("kind", {}))
        column = options.kinds if isinstance(options.kinds, str) else None
        if options.kinds is None:
            column = desk.find("kinds")
        if column is not None and column in desk.table.columns:
            return [
                self._opened(desk, _split(cell), where, words)
                for cell, where in zip(desk.table.column(column), desk.table.where, strict=True)
            ]
        said = _split(column) if column is not None else options.kinds or openable
        return [self._opened(desk, said, desk.table.head, words)] * len(desk.table)

    def _opened(self, desk: Desk, said: Iterable[str], where: str, words: Vocabulary) -> tuple[str, ...]:
        """Return the kinds that words mean; those that leave themselves out are passed over."""
        found: dict[str, None] = {}
        mend = f"write one or more of {', '.join(words.valid)}, separated by ;"
        for word in said:
            try:
                found[words.value(word)] = None
            except UnknownWordError as error:
                what = f"no kind can be opened under the name {word!r}: it {error.what}"
                desk.problems.append(Problem(where, what, mend))
                found[word] = None
        found.pop(LEFT_OUT, None)
        if not found:
            desk.problems.append(Problem(where, "kinds is empty", mend))
        return tuple(found)


def _split(cell: str) -> list[str]:
    return [one.strip() for one in _BETWEEN.split(cell) if one.strip()]


def _bed_columns(options: FacilitiesFile, desk: Desk) -> dict[str, str]:
    """Return the columns of beds by key: those the study names, else those whose headers say so."""
    keys = ("beds", "beds_general", "beds_nursing", "beds_dementia")
    named = {key: column for key in keys if (column := getattr(options, key)) is not None}
    if named:
        return named
    usual = {key: column for key in keys if (column := desk.find(key)) is not None}
    if "beds_general" in usual:
        usual.pop("beds", None)
    return usual


def _by_class(counts: dict[str, FloatArray], bedded: BoolArray, desk: Desk) -> IntArray:
    rows = len(desk.table)
    nothing = np.zeros(rows)
    nursing, dementia = counts.get("beds_nursing", nothing), counts.get("beds_dementia", nothing)
    total = counts.get("beds", nothing)
    general = total - nursing - dementia if "beds" in counts else counts.get("beds_general", nothing)
    for index in np.flatnonzero(general < 0).tolist():
        what = f"nursing and dementia beds ({nursing[index] + dementia[index]:g}) exceed all beds ({total[index]:g})"
        desk.problems.append(Problem(desk.table.where[index], what, "mend the total or its parts"))
    beds = np.column_stack([general, nursing, dementia]).astype(np.int64)
    for index in np.flatnonzero(~bedded & (beds.sum(axis=1) > 0)).tolist():
        what = f"{beds[index].sum()} beds on a facility whose kind has none"
        desk.problems.append(Problem(desk.table.where[index], what, "mend the kind, or leave the beds empty"))
    return beds


def _together(tables: Sequence[Options], read: Callable[[Options], Sites]) -> Sites:
    """Read each table and join the sites; the problems of all tables are raised together."""
    parts: list[Sites] = []
    problems: list[Problem] = []
    for options in tables:
        try:
            parts.append(read(options))
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    return Sites.joined(parts)
