"""Reads every input of a study onto one plane; the problems of all of them are told at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np
import shapely

from siting.errors import DataError, Problem
from siting.model.places import NO_COMMUNITIES
from siting.model.raw import Raw
from siting.model.sites import Sites
from siting.sources import crs as systems
from siting.sources.census import read_census
from siting.sources.communities import read_communities
from siting.sources.demand_tables import read_census_tables
from siting.sources.districts import lonlat_extent, on_plane, read_district_layer, read_water
from siting.sources.drift import Nearest, boundary_points, drift_problem, drift_warning, drifted
from siting.sources.elevation import with_slopes
from siting.sources.ground import read_ground
from siting.sources.listed import Register
from siting.sources.manifest import Intake
from siting.sources.options import PopulationTable
from siting.sources.positions import Surroundings
from siting.sources.rasters import read_population
from siting.sources.roads import on_shores, read_roads

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from siting.errors import SitingWarning
    from siting.model.arrays import FloatArray
    from siting.model.catalogue import Catalogue
    from siting.model.places import Cells, Districts
    from siting.model.roads import RoadGraph
    from siting.sources.crs import Bounds, Plane
    from siting.sources.drift import Placed
    from siting.sources.layers import Layer
    from siting.sources.options import SourceOptions

Result = TypeVar("Result")

Progress: TypeAlias = "Callable[[str, int, int], None]"
"""Called with the step that begins, the steps done, and the steps in all."""
STEPS = 11
SOMEWHERE = systems.Plane(3857)
"""Stands in for the plane when none can be chosen, so that the other inputs are still checked."""


def silent(step: str, done: int, total: int) -> None:
    """Tell nobody how far the reading is."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check` found.

    Attributes
    ----------
    raw : Raw or None
        The inputs, when there is no problem.
    problems : tuple[Problem, ...]
    warnings : tuple[SitingWarning, ...]
    """

    raw: Raw | None
    problems: tuple[Problem, ...]
    warnings: tuple[SitingWarning, ...]


@dataclass(slots=True)
class _Gathering:
    """Runs readers one after the other and keeps the problems of those that fail."""

    progress: Progress
    problems: list[Problem] = field(default_factory=list)
    done: int = 0

    def attempt(self, step: str, read: Callable[[], Result]) -> Result | None:
        self.progress(step, self.done, STEPS)
        self.done += 1
        try:
            return read()
        except DataError as error:
            self.problems += error.problems
            return None


def load(
    options: SourceOptions, *, root: Path | None, base: Path, catalogue: Catalogue, progress: Progress = silent
) -> Raw:
    """Read every input of a study.

    Parameters
    ----------
    options : SourceOptions
    root : Path or None
        The data root; relative paths are taken from it when it is given.
    base : Path
        Folder of the study file, from which they are taken otherwise.
    catalogue : Catalogue
        Kinds and tenures that the tables may name.
    progress : callable
        Called with the step that begins, steps done, and steps in all.

    Raises
    ------
    DataError
        With all problems of all inputs.
    """
    checked = check(options, root=root, base=base, catalogue=catalogue, progress=progress)
    if checked.raw is None:
        raise DataError(checked.problems, checked.warnings)
    return checked.raw


def check(
    options: SourceOptions, *, root: Path | None, base: Path, catalogue: Catalogue, progress: Progress = silent
) -> Checked:
    """Read every input of a study as `load` does, but return the problems instead of raising them."""
    intake, gathering = Intake(base, root), _Gathering(progress)
    layer = gathering.attempt("districts", lambda: read_district_layer(options.districts, intake))
    plane = gathering.attempt("crs", lambda: _plane(options, layer)) or SOMEWHERE
    districts = (
        None
        if layer is None
        else gathering.attempt("districts", lambda: on_plane(layer, options.districts, plane, intake))
    )
    around = _surroundings(plane, districts)
    register = Register(around, catalogue, intake)
    roads = gathering.attempt("roads", lambda: _roads(options, plane, intake))
    cells = gathering.attempt("population", lambda: _people(options, around, intake))
    facilities = gathering.attempt("facilities", lambda: register.facilities(options.facilities))
    candidates = gathering.attempt("candidates", lambda: register.candidates(options.listed_candidates()))
    communities = gathering.attempt(
        "communities", lambda: read_communities(options.communities, around, intake, register.placed)
    )
    ground = gathering.attempt("ground", lambda: read_ground(options.ground, around, intake))
    water = gathering.attempt("water", lambda: read_water(options.water, plane, intake) if options.water else ())
    census = None
    if districts is not None:
        census = gathering.attempt(
            "census", lambda: read_census_tables(options.demand, districts, options.classes, options.ages, intake)
        )
    gathering.problems += _apart(options, around, roads, cells)
    if layer is not None and districts is not None and not options.districts.crs_checked:
        register.placed.append(boundary_points(districts, "districts", options.districts.file, layer.crs))
    if roads is not None and not gathering.problems:
        gathering.problems += _drifts(register.placed, roads, plane, intake)
    if gathering.problems or roads is None or cells is None or districts is None or census is None:
        return Checked(None, tuple(gathering.problems), tuple(intake.warnings))
    raw = Raw(
        crs=plane.name,
        roads=on_shores(roads, water or ()),
        cells=cells,
        districts=districts,
        facilities=facilities if facilities is not None else Sites.joined(()),
        candidates=candidates if candidates is not None else Sites.joined(()),
        water=water or (),
        provenance=tuple(intake.provenance),
        warnings=tuple(intake.warnings),
        census=census,
        left_out=tuple(register.standing.left_out),
        ground=ground or (),
        parcels=register.parcels,
        communities=communities if communities is not None else NO_COMMUNITIES,
    )
    return Checked(raw, (), raw.warnings)


def _roads(options: SourceOptions, plane: Plane, intake: Intake) -> RoadGraph:
    """Read the roads, with their slopes where the study names heights."""
    roads = read_roads(options.roads, plane, intake)
    return with_slopes(roads, options.elevation, plane, intake) if options.elevation else roads


def _plane(options: SourceOptions, layer: Layer | None) -> Plane | None:
    """Choose the plane by the districts; without them a declared one is still checked for itself."""
    if layer is not None:
        return systems.plane(options.crs, lonlat_extent(layer))
    return systems.plane(options.crs, None) if options.crs else None


def _surroundings(plane: Plane, districts: Districts | None) -> Surroundings:
    if districts is None:
        return Surroundings(plane)
    box: Bounds = tuple(shapely.total_bounds(np.array(districts.geometry, dtype=object)).tolist())
    return Surroundings(plane, plane.lonlat_bounds(box), box)


def _people(options: SourceOptions, around: Surroundings, intake: Intake) -> Cells:
    if isinstance(options.population, PopulationTable):
        return read_census(options.population, around, intake)
    return read_population(options.population, around.plane, intake, apart=bool(options.sexes_apart))


def _drifts(doubtful: list[Placed], roads: RoadGraph, plane: Plane, intake: Intake) -> list[Problem]:
    """Find tables and boundaries that fit the roads in another system than the declared one."""
    nearest = Nearest(roads)
    problems = []
    for one in doubtful:
        drift = drifted(one, nearest, plane)
        if drift is not None and drift.sure:
            problems.append(drift_problem(one, drift))
        elif drift is not None:
            intake.warnings.append(drift_warning(one, drift))
    return problems


def _apart(options: SourceOptions, around: Surroundings, roads: RoadGraph | None, cells: Cells | None) -> list[Problem]:
    """Find inputs that do not lie where the districts lie, or not where each other lie."""
    if around.box_m is None:
        return []
    inputs: list[tuple[str, str, Bounds]] = [("districts", options.districts.file, around.box_m)]
    if roads is not None:
        inputs.append(("roads", options.roads.file, _box(*roads.course_xy_m.T)))
    if cells is not None:
        inputs.append(("population", options.population.files, _box(cells.x_m, cells.y_m)))
    return [
        _apart_problem(one, other, around.plane)
        for index, other in enumerate(inputs)
        for one in inputs[index + 1 :]
        if not _meet(one[2], other[2])
    ]


def _box(x_m: FloatArray, y_m: FloatArray) -> Bounds:
    return float(x_m.min()), float(y_m.min()), float(x_m.max()), float(y_m.max())


def _meet(one: Bounds, other: Bounds) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _apart_problem(one: tuple[str, str, Bounds], other: tuple[str, str, Bounds], plane: Plane) -> Problem:
    key, file, box = one
    what = (
        f"{key} ({_degrees(box, plane)}) and {other[0]} of {other[1]} ({_degrees(other[2], plane)}) lie apart: "
        "they share no place"
    )
    mend = f"check that both files are of one area, and `{key}.crs` and `{other[0]}.crs`: a wrong zone or swapped axes?"
    return Problem(file, what, mend)


def _degrees(box: Bounds, plane: Plane) -> str:
    west, south, east, north = plane.lonlat_bounds(box)
    return f"lon {west:.3f} … {east:.3f}, lat {south:.3f} … {north:.3f}"
