"""Counts people, facilities and beds by the subjects of a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.model.rows import Subject, Subjects, select
from siting.model.sites import BED_CLASSES

if TYPE_CHECKING:
    from siting.model.arrays import FloatArray, IntArray
    from siting.model.problem import Csr, Problem
    from siting.rules.parameters import Among, Per
    from siting.rules.where import Where


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts people, facilities and beds by the subjects of a row.

    Attributes
    ----------
    problem : Problem
    places : Subjects
    """

    problem: Problem
    places: Subjects

    @classmethod
    def over(cls, problem: Problem, per: Per, among: Among | None = None) -> Tally:
        """Count by the subjects of a kind; `among` leaves out districts that are not urban, or not rural."""
        return cls(problem, Subjects.of(problem, per, among))

    @classmethod
    def at_sites(cls, problem: Problem, where: Where) -> Tally:
        """Count site by site, where a facility of a selection stands or could stand."""
        chosen = np.unique(problem.options.site[problem.selected(where)])
        chosen = chosen[problem.sites.district[chosen] >= 0]
        number = np.full(len(problem.sites), -1)
        number[chosen] = np.arange(len(chosen))
        subjects = tuple(Subject("site", problem.sites.id[site]) for site in chosen)
        return cls(problem, Subjects(subjects, np.full(len(problem.zones), -1), number))

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Whom the rows are about."""
        return self.places.subjects

    def __len__(self) -> int:
        return len(self.places.subjects)

    def persons(self, phase: int, age: int | None = None) -> FloatArray:
        """Return elderly persons of each subject: float64[subject].

        Those of a site are its residents of today, where the tables state them; those of a community are not known.
        """
        zones = self.problem.zones
        if self.subjects and self.subjects[0].kind == "site":
            told = self.problem.sites.attribute("residents")
            index = {name: number for number, name in enumerate(self.problem.sites.id)}
            here = [told[index[subject.id]] for subject in self.subjects]
            return np.array([one if isinstance(one, float) else 0.0 for one in here])
        subject = self.places.of_zone
        residents = zones.persons_from(zones.ages[0] if age is None else age, phase)
        inside = subject >= 0
        return np.bincount(subject[inside], residents[inside], minlength=len(self)).astype(np.float64)

    def stated(self, column: str) -> float | None:
        """Return a column of today's facilities added up over all subjects; None where nobody states it."""
        inside = (self.places.of_site >= 0) & self.problem.sites.existing
        told = self.problem.sites.attribute(column)
        numbers = [value for value, here in zip(told, inside, strict=True) if here and isinstance(value, float)]
        return sum(numbers) if numbers else None

    def facilities(self, where: Where) -> tuple[IntArray, IntArray]:
        """Return the options that count, and their subjects: two int64[chosen]."""
        subject = self.places.of_site[self.problem.options.site]
        chosen = np.flatnonzero(self.problem.selected(where) & (subject >= 0))
        return chosen, subject[chosen]

    def options(
        self, facilities: tuple[IntArray, IntArray], weight: FloatArray | float = 1.0
    ) -> Csr[Any, tuple[int, int]]:
        """Return the incidence of facilities, each with a weight: csr (subjects × `Open`, `Sized` or `Has`)."""
        chosen, subject = facilities
        values = np.broadcast_to(np.asarray(weight, dtype=np.float64), chosen.shape).copy()
        return select(chosen, values, subject, (len(self), len(self.problem.options)))

    def beds(
        self, facilities: tuple[IntArray, IntArray], classes: tuple[str, ...] = BED_CLASSES
    ) -> Csr[Any, tuple[int, int]]:
        """Return the incidence of the facilities' beds of `classes`: csr (subjects × the block `Beds`)."""
        chosen, subject = facilities
        index = np.array([BED_CLASSES.index(name) for name in classes])
        columns = (chosen[:, None] * len(BED_CLASSES) + index[None, :]).ravel()
        shape = (len(self), len(self.problem.options) * len(BED_CLASSES))
        return select(columns, np.ones(len(columns)), np.repeat(subject, len(index)), shape)
